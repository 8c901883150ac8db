package ingest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/stix"
)

// BenchmarkRipple imports many marking-definitions behind the objects that all of them mark: each object is classified anew once, however many of
// its definitions came.
func BenchmarkRipple(b *testing.B) {
	const definitions, bearers = stix.MaxMarkings, 250
	var texts []string
	refs := ""
	for i := range definitions {
		id := fmt.Sprintf("marking-definition--41000000-0000-4000-8000-%012d", i)
		refs += fmt.Sprintf(",%q", id)
		texts = append(texts, fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"s"}}`, id))
	}
	var marked []string
	for i := range bearers {
		marked = append(marked, fmt.Sprintf(`{"type":"malware","spec_version":"2.1","id":"malware--42000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","object_marking_refs":[%s]}`, i, refs[1:]))
	}
	for b.Loop() {
		b.StopTimer()
		s, err := sqlite.Open(b.Context(), b.TempDir()+"/store.db", sqlite.Config{})
		if err != nil {
			b.Fatal(err)
		}
		take(b, s, marked)
		b.StartTimer()
		take(b, s, texts)
		b.StopTimer()
		s.Close()
		b.StartTimer()
	}
}

func take(b *testing.B, s store.Store, texts []string) {
	var arrivals []ingest.Arrival
	for _, text := range texts {
		o, err := stix.Parse([]byte(text))
		if err != nil {
			b.Fatal(err)
		}
		a, err := ingest.Prepare(o, nil)
		if err != nil {
			b.Fatal(err)
		}
		a.TLP = stix.TLPGreen
		arrivals = append(arrivals, a)
	}
	in := ingest.Ingest{Self: "identity--00000000-0000-4000-8000-000000000000"}
	err := s.Update(b.Context(), func(tx store.Tx) error {
		_, err := in.Take(tx, time.Now(), arrivals)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
