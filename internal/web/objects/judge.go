package objects

import (
	"cmp"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
)

// judgement is what validation found in a version.
type judgement struct {
	Findings []finding
	Lift     *ingest.Lift // a person's decision that it takes part all the same
}

type finding struct{ Level, Code, Place, Says string }

// judge reads what validation found when the version came.
func (s *subject) judge(tx store.Tx) error {
	stored, err := tx.Objects().Findings([]int64{s.Seq})
	if err != nil {
		return err
	}
	findings, err := ingest.Decode(stored[s.Seq])
	if err != nil {
		return err
	}
	s.Findings = &judgement{}
	for _, f := range findings {
		s.Findings.Findings = append(s.Findings.Findings, finding{
			locale.Text(s.lang, "level."+f.Level.String()), string(f.Code), s.show(cmp.Or(f.Pointer, "/")), s.show(locale.Finding(s.lang, f)),
		})
	}
	if !s.Broken {
		return nil
	}
	lift, ok, err := ingest.LiftOf(tx, s.Digest)
	if ok {
		s.Findings.Lift = &lift
	}
	return err
}
