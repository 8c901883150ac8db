package account

import (
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
)

func TestAudit(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	auditor := w.invited(w.as(admin), "Auditor", Auditor)
	// Entries about other things lie in between.
	w.must(w.store.Update(w.ctx(), func(tx store.Tx) error {
		for range 3 * page {
			if err := ledger.Append(tx, ledger.National, ledger.Entry{Kind: ledger.Exported, Time: w.clock.now()}, nil); err != nil {
				return err
			}
		}
		return nil
	}))
	w.must(w.SignOut(w.ctx(), admin.cookie))
	var all []Event
	before, pages := int64(0), 0
	for {
		events, next, err := w.Audit(w.ctx(), w.as(auditor), before, 3)
		w.must(err)
		all = append(all, events...)
		if pages++; next == 0 {
			break
		}
		before = next
	}
	var got, want []What
	for _, e := range all {
		got = append(got, e.What)
	}
	w.must(w.store.View(w.ctx(), func(tx store.Tx) error {
		entries, err := ledger.Entries(tx, ledger.National, 0, 10_000)
		for _, entry := range slices.Backward(entries) {
			if e, ok, err := eventOf(entry); err != nil {
				return err
			} else if ok {
				want = append(want, e.What)
			}
		}
		return err
	}))
	if !slices.Equal(got, want) || pages < 3 || got[0] != SignedOut || len(got) < 8 {
		t.Errorf("%v in %d pages, want %v", got, pages, want)
	}
	for i := 1; i < len(all); i++ {
		if all[i].Index >= all[i-1].Index || all[i].Time.IsZero() {
			t.Errorf("%+v after %+v", all[i], all[i-1])
		}
	}
	_, _, err := w.Audit(w.ctx(), w.as(w.invited(Console("test"), "Analyst", Analyst)), 0, 3)
	w.refused(err, fault.Denied, "why-denied")
}

// What comes with a request does not make an entry long.
func TestEntriesAreShort(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.SignIn(w.ctx(), "x", "y", "z", strings.Repeat("傘", 10_000))
	w.refused(err, fault.Denied, "why-sign-in")
	w.must(w.store.Update(w.ctx(), func(tx store.Tx) error {
		return w.audit(tx, Event{What: Changed, Detail: strings.Repeat("傘", 10_000)})
	}))
	w.must(w.store.View(w.ctx(), func(tx store.Tx) error {
		leaves, err := tx.Log().Leaves(ledger.National, 0, 10)
		for _, leaf := range leaves {
			if len(leaf.Detail) > 1000 {
				t.Errorf("%d bytes", len(leaf.Detail))
			}
		}
		return err
	}))
}

// Everything that this package can say has its words, in both languages.
func TestEverythingHasWords(t *testing.T) {
	var reasons []locale.Reason
	for _, r := range append(Roles[:], Enrolling) {
		reasons = append(reasons, r.Label())
	}
	for _, k := range []Kind{KindPerson, KindService} {
		reasons = append(reasons, k.Label())
	}
	for _, m := range []Method{ByPasskey, ByPassword, ByIdentity, ByLink, ByToken} {
		reasons = append(reasons, m.Label())
	}
	for _, p := range []Purpose{First, Invitation, Recovery} {
		reasons = append(reasons, p.Label())
	}
	for _, what := range constants(t, "audit.go", "What") {
		reasons = append(reasons, Event{What: What(what)}.Label())
	}
	for _, key := range whys(t) {
		reasons = append(reasons, text(key, "1"))
	}
	if len(reasons) < 80 {
		t.Fatalf("only %d", len(reasons))
	}
	for _, r := range reasons {
		for _, lang := range locale.Langs {
			if words := r.In(lang); strings.Contains(words, r.Code) || strings.Contains(words, "{") {
				t.Errorf("%s in %s: %q", r.Code, lang, words)
			}
		}
	}
}
