package author

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

var start = time.Date(2026, 4, 2, 9, 0, 0, 0, time.UTC)

// cards are made once; nothing about them is secret.
var cards = sync.OnceValues(func() (list []partner.Card, err error) {
	for i, p := range []partner.Params{{Name: "Paper Umbrella", Nation: "JPN"}, {Name: "Harbour Desk", Nation: "USA"}, {Name: "Lantern Desk", Nation: "EST"}, {Name: "Quiet Desk", Nation: "FIN"}} {
		dir, err := os.MkdirTemp("", "wagasa")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		p.Now, p.Rand = start, rand.NewChaCha8([32]byte{byte(i + 1)})
		identity, _, err := partner.Create(dir, p)
		if err != nil {
			return nil, err
		}
		list = append(list, identity.Card)
	}
	return list, nil
})

// world is a node with partners: one up to GREEN, one up to AMBER that has not confirmed us, and one whom nobody has confirmed.
type world struct {
	testing.TB
	*Author
	now      time.Time
	usa, est store.Party
}

func onEngines(t *testing.T, f func(w *world)) {
	t.Run("memory", func(t *testing.T) { f(newWorld(t, memory.New())) })
	t.Run("sqlite", func(t *testing.T) {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "wagasa.db"), sqlite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		f(newWorld(t, s))
	})
}

func inMemory(t testing.TB) *world { return newWorld(t, memory.New()) }

func newWorld(t testing.TB, s store.Store) *world {
	t.Helper()
	list, err := cards()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, now: start, usa: list[1].Party, est: list[2].Party}
	in := &ingest.Ingest{Self: list[0].Party, Validation: []stix.ValidatorOption{stix.Patterns(pattern.NewChecker(nil))}}
	w.Author = &Author{Store: s, Ingest: in, Now: func() time.Time { return w.now }}
	w.must(s.Update(context.Background(), func(tx store.Tx) error {
		var errs []error
		for i, c := range list[1:] {
			_, err := partner.Add(tx, list[0], c.Text(), start)
			errs = append(errs, err)
			if i < 2 {
				_, err = partner.Confirm(tx, c.Party, c.Digest(), start)
				errs = append(errs, err)
			}
		}
		errs = append(errs, partner.Heard(tx, w.usa, start))
		green, amber := stix.TLPGreen, stix.TLPAmber
		_, err := partner.Set(tx, w.usa, partner.Settings{MaxTLP: &green}, start)
		errs = append(errs, err)
		_, err = partner.Set(tx, w.est, partner.Settings{MaxTLP: &amber}, start)
		return errors.Join(append(errs, err)...)
	}))
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) view(f func(store.Tx) error) {
	w.Helper()
	w.must(w.Store.View(context.Background(), f))
}

// put takes objects in, as own or as a partner's.
func (w *world) put(from store.Party, objects ...string) {
	w.Helper()
	var arrivals []ingest.Arrival
	for _, raw := range objects {
		o, err := stix.Parse([]byte(raw))
		w.must(err)
		a, err := ingest.Prepare(o, w.Ingest.Validator())
		w.must(err)
		if a.Broken() {
			w.Fatalf("%s: %v", o.ID, a.Findings)
		}
		a.Origin, a.TLP = from, stix.TLPGreen
		if from != store.Self {
			a.Serial = 1
		}
		arrivals = append(arrivals, a)
	}
	w.must(w.Store.Update(context.Background(), func(tx store.Tx) error {
		_, err := w.Ingest.Take(tx, w.now, arrivals)
		return err
	}))
}

// current is the current version of an object.
func (w *world) current(id string) (o stix.Object, v store.Variant) {
	w.Helper()
	w.view(func(tx store.Tx) error {
		found, err := tx.Objects().Current([]string{id})
		if err != nil || len(found) != 1 {
			w.Fatalf("%s: %d current versions, %v", id, len(found), err)
		}
		v = found[0]
		o, err = stix.Parse(v.Raw)
		return err
	})
	return o, v
}

// submit submits a draft and fails the test if that does not succeed.
func (w *world) submit(d *Draft, err error) Submission {
	w.Helper()
	w.must(err)
	s, err := w.Submit(context.Background(), d)
	w.must(err)
	return s
}

// refused holds that something was refused for a reason, and in which kind.
func (w *world) refused(err error, code string, args ...string) {
	w.Helper()
	r, ok := ReasonOf(err)
	if !ok || r.Code != code || len(args) > 0 && !slices.Equal(r.Args, args) {
		w.Errorf("%v (%v), want %s %q", err, r, code, args)
	}
}

// preview is what the exchange would give a partner now, by id: the reason, and whether it goes.
func (w *world) preview(party store.Party) map[string]Why {
	w.Helper()
	all := map[string]Why{}
	w.view(func(tx store.Tx) error {
		p, err := partner.Get(tx, party)
		if err != nil {
			return err
		}
		return release.Preview(tx, release.To(p).Rehearse(),
			func(i release.Item) error {
				all[i.Variant().ID] = Why{Permit: true, Reason: i.Reason()}
				return nil
			},
			func(r release.Refusal) error {
				all[r.ID] = Why{Reason: r.Reason}
				return nil
			})
	})
	return all
}

// The cast of the store.
const (
	bear    = `{"type":"intrusion-set","spec_version":"2.1","id":"intrusion-set--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Example Bear","aliases":["APT-X1","紙熊"]}`
	loader  = `{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"LanternLoader","is_family":true}`
	phish   = `{"type":"attack-pattern","spec_version":"2.1","id":"attack-pattern--00000000-0000-4000-8000-000000000003","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Phishing","external_references":[{"source_name":"mitre-attack","external_id":"T1566.001"}]}`
	hole    = `{"type":"vulnerability","spec_version":"2.1","id":"vulnerability--00000000-0000-4000-8000-000000000004","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"CVE-2026-11111","external_references":[{"source_name":"cve","external_id":"CVE-2026-11111"}]}`
	course  = `{"type":"course-of-action","spec_version":"2.1","id":"course-of-action--00000000-0000-4000-8000-000000000005","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Patch it"}`
	vendors = `{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000006","created_by_ref":"identity--00000000-0000-4000-8000-0000000000ee","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"VendorWare","is_family":true}`
	vendor  = `{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-0000000000ee","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Example Vendor","identity_class":"organization"}`

	bearID, loaderID, phishID = "intrusion-set--00000000-0000-4000-8000-000000000001", "malware--00000000-0000-4000-8000-000000000002", "attack-pattern--00000000-0000-4000-8000-000000000003"
	holeID, courseID          = "vulnerability--00000000-0000-4000-8000-000000000004", "course-of-action--00000000-0000-4000-8000-000000000005"
	vendorsID                 = "malware--00000000-0000-4000-8000-000000000006"
)

func (w *world) known() (k *Known) {
	w.Helper()
	w.view(func(tx store.Tx) (err error) {
		k, err = LoadKnown(tx)
		return err
	})
	return k
}

// choices that are complete.
func choices() Choices {
	return Choices{Key: NewKey(), Title: "標的型攻撃メールについて", TLP: stix.TLPGreen, Precedence: store.Priority, Confidence: 80, Days: 30, Labels: []string{"campaign-2026"}, Lang: "ja"}
}
