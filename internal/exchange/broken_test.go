package exchange

import (
	"context"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// TestWhatIsBrokenIsReceiptedAndTheStreamGoesOn: a partner that does not judge what it sends is told what was not taken as sent.
func TestWhatIsBrokenIsReceiptedAndTheStreamGoesOn(t *testing.T) {
	for _, tt := range []struct {
		must     ingest.Policy
		kind     string
		variants int
		refused  int
	}{{ingest.Quarantine, exceptionQuarantined, 1, 0}, {ingest.Reject, exceptionRefused, 0, 1}} {
		t.Run(tt.kind, func(t *testing.T) {
			s := newStage(t)
			s.b.ingest.Must = tt.must
			broken := strings.Replace(malware(1, ""), `,"is_family":false`, "", 1)
			id := prepared(t, broken).Object.ID
			s.imports(s.a, stix.TLPGreen, broken, malware(2, ""))
			s.talk(s.poll(s.a), 1)
			s.imports(s.a, stix.TLPGreen, malware(3, ""))
			s.talk(s.poll(s.a), 1)
			err := s.a.store.View(context.Background(), func(tx store.Tx) error {
				holding, err := tx.Streams().Holding(s.b.identity.Card.Party)
				if want := (store.Holding{Released: 3, Held: 2, Excepted: 1}); holding != want {
					t.Errorf("the sender knows %+v, want %+v", holding, want)
				}
				if err != nil {
					return err
				}
				handovers, err := tx.Streams().Handovers(s.b.identity.Card.Party, []string{id})
				if len(handovers) != 1 || handovers[0].Exception != tt.kind {
					t.Errorf("%+v", handovers)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			err = s.b.store.View(context.Background(), func(tx store.Tx) error {
				party := s.a.identity.Card.Party
				variants, err := tx.Objects().Variants([]string{id})
				if err != nil || len(variants) != tt.variants {
					t.Errorf("%+v, %v", variants, err)
				}
				for _, v := range variants {
					if v.Standing != store.Quarantined || v.Current || v.Evidence == 0 {
						t.Errorf("%+v", v)
					}
				}
				size, err := ledger.Size(tx, ledger.PartnerTree(party))
				if err != nil || size < 2 { // both envelopes, with all of their items
					t.Errorf("%d entries, %v", size, err)
				}
				p, err := partner.Get(tx, party)
				if err != nil {
					return err
				}
				status, err := StatusOf(tx, p, store.Counts{})
				if status.Refused != tt.refused || len(status.Last) != tt.refused {
					t.Errorf("%d refused, %+v", status.Refused, status.Last)
				}
				for _, r := range status.Last {
					if r != (Refusal{id, "required"}) {
						t.Errorf("%+v", r)
					}
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestWhatIsUnderWayIsWithdrawnWhenABrokenObjectWasToKeepItHere: a stricter version of it, or an observable that it names.
func TestWhatIsUnderWayIsWithdrawnWhenABrokenObjectWasToKeepItHere(t *testing.T) {
	const address = "ipv4-addr--5853f6a4-638f-5b4e-9b0f-ded361ae3812"
	observed := `{"type":"observed-data","spec_version":"2.1","id":"observed-data--00000000-0000-4000-8000-000000000007","created":"2026-01-01T00:00:00.000Z",` +
		`"modified":"2026-01-01T00:00:00.000Z","first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","number_observed":1,"object_refs":["` + address + `"]}`
	for name, tt := range map[string]struct{ good, bad string }{
		"narrowed": {malware(1, ""), strings.NewReplacer(`,"is_family":false`, "", `"modified":"2026`, `"modified":"2027`).Replace(malware(1, ""))},
		"named":    {observed, `{"type":"ipv4-addr","spec_version":"2.1","id":"` + address + `","value":7}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.imports(s.a, stix.TLPGreen, tt.good)
			if out := s.poll(s.a); len(out) == 0 {
				t.Fatal("nothing leaves")
			}
			o, err := stix.Parse([]byte(tt.bad))
			if err != nil {
				t.Fatal(err)
			}
			a, err := ingest.Prepare(o, stix.NewValidator())
			if err != nil || !a.Broken() {
				t.Fatalf("%v, %+v", err, a.Findings)
			}
			a.TLP = stix.TLPRed
			s.a.update(func(tx store.Tx) error {
				_, err := s.a.ingest.Take(tx, s.now, []ingest.Arrival{a})
				return err
			})
			s.poll(s.a)
			s.a.update(func(tx store.Tx) error {
				unsettled, err := tx.Streams().Unsettled(s.b.identity.Card.Party)
				for _, sent := range unsettled {
					if sent.State != store.Void {
						t.Errorf("%+v is under way", sent)
					}
				}
				if len(unsettled) == 0 {
					t.Error("nothing was under way")
				}
				return err
			})
		})
	}
}
