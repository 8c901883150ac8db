package authoring_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// TestHowFarItHasCome: the page of what was submitted follows it until it is receipted.
func TestHowFarItHasCome(t *testing.T) {
	w := newWorld(t)
	usa := w.partner("Example DoD", "USA", stix.TLPAmber)
	w.put(store.Self, w.indicator())
	p := w.person("分析官")
	form := p.edit(indicatorID)
	form.Set("name", "Followed")
	_, at := p.submit("/author/edit", form, "save")
	road := func() string {
		t.Helper()
		r := request(at, nil)
		r.Method = "GET"
		r.Header.Set("HX-Request", "true")
		a := p.do(r)
		if strings.Contains(a.body, "<html") {
			t.Fatal("the whole page comes where a part is asked for")
		}
		return words(p.page(a).root)
	}
	if got := road(); !strings.Contains(got, "1件は送信待ち。") {
		t.Error(got)
	}
	old, now := w.versionOf(indicatorID, 0), w.one(indicatorID)
	number := store.Number{Partner: usa, Incarnation: 1, Precedence: store.Routine, Number: 1}
	carry := func(n uint64, v store.Variant, state store.State) {
		t.Helper()
		number.Number = n
		w.must(w.store.Update(t.Context(), func(tx store.Tx) error {
			sent := store.Sent{Number: number, State: state, Left: true, Sealed: []byte("x"), Time: 1, Items: 1}
			return tx.Streams().AddSent(sent, []store.Handover{{Number: number, ID: v.ID, Modified: v.Modified, Digest: v.Digest, Sum: v.Sum}})
		}))
	}
	carry(1, old, store.Receipted) // of the version before, which is another matter
	if got := road(); !strings.Contains(got, "1件は送信待ち。") {
		t.Error(got)
	}
	carry(2, now, store.InFlight)
	if got := road(); !strings.Contains(got, "1件は送信中。") || strings.Contains(got, "送信待ち") {
		t.Error(got)
	}
	carry(3, now, store.Receipted)
	if got := road(); !strings.Contains(got, "1件は受領確認済み。") || strings.Contains(got, "送信中") {
		t.Error(got)
	}
	for _, id := range []string{"", "report--99999999-9999-4999-8999-999999999999", "<script>"} {
		if a := p.get("/author/done?object=" + id); a.status != http.StatusNotFound {
			t.Errorf("%q: status %d", id, a.status)
		}
	}
}

// versionOf is the version of an object at a place among all.
func (w *world) versionOf(id string, at int) (v store.Variant) {
	w.Helper()
	w.must(w.store.View(w.Context(), func(tx store.Tx) error {
		found, err := tx.Objects().Variants([]string{id})
		if err == nil {
			v = found[at]
		}
		return err
	}))
	return v
}
