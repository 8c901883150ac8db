package authoring

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// done is what became of what was submitted.
type done struct {
	ID    string // of the report, or of the single object
	Again bool   // it had been submitted before
	One   bool   // it was submitted by itself, whatever it refers to
	Of    []ofType
	All   int
	Left  int // that are not listed
	Roads []road
}

// made is one object.
type made struct {
	ID, Title string
}

// ofType is how many there are of a type.
type ofType struct {
	Type    string
	Count   int
	Objects []made
}

// road is how far the objects have come on the way to a partner.
type road struct {
	Party        store.Party
	Name, Nation string
	Open         bool
	Goes, Stays  int
	Held         int // receipted
	Way          int // in flight
	Why          []author.Why
}

// Waits is how many go and have not left yet.
func (r road) Waits() int { return max(0, r.Goes-r.Held-r.Way) }

// mostMade is how many objects the page lists.
const mostMade = 500

// donePath leads to what became of a submission.
func donePath(s author.Submission) string {
	q := url.Values{"object": {s.Main}}
	if s.Again {
		q.Set("again", "1")
	}
	return "/author/done?" + q.Encode()
}

// done shows what was made, and for whom it is on the way.
func (p *Pages) done(r *page.Request) error {
	d := &done{ID: r.FormValue("object"), Again: r.FormValue("again") != "", One: r.FormValue("one") != ""}
	if err := p.Store.View(r.Context(), d.fill); err != nil {
		return err
	}
	if r.Partial() {
		return r.Render("authoring/roads", d)
	}
	return r.Render("authoring/done", d)
}

// fill reads the object, and what of ours a report refers to.
func (d *done) fill(tx store.Tx) error {
	main, err := own(tx, []string{d.ID})
	if err != nil {
		return err
	}
	if len(main) == 0 {
		return fault.New(fault.NotFound, "%s: there is no such object of this node", d.ID)
	}
	ids := []string{d.ID}
	if main[0].Type == "report" && !d.One {
		ids = append(ids, refsOf(main[0].Raw)...)
	}
	objects, err := own(tx, ids)
	if err != nil {
		return err
	}
	at := madeAt(main[0].Raw) // what was there before has another time
	objects = slices.DeleteFunc(objects, func(v store.Variant) bool { return madeAt(v.Raw) != at })
	slices.SortStableFunc(objects, func(a, b store.Variant) int {
		return cmp.Or(cmp.Compare(rank(a.Type), rank(b.Type)), cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID)))
	})
	for i := range objects {
		d.list(&objects[i])
	}
	partners, err := partner.List(tx)
	if err != nil {
		return err
	}
	for _, other := range partners {
		if other.State != partner.Confirmed {
			continue
		}
		road, err := roadTo(tx, other, objects)
		if err != nil {
			return err
		}
		d.Roads = append(d.Roads, road)
	}
	slices.SortStableFunc(d.Roads, func(a, b road) int { return cmp.Compare(b.Goes, a.Goes) })
	return nil
}

// list lists an object under its type.
func (d *done) list(v *store.Variant) {
	i := slices.IndexFunc(d.Of, func(o ofType) bool { return o.Type == v.Type })
	if i < 0 {
		i = len(d.Of)
		d.Of = append(d.Of, ofType{Type: v.Type})
	}
	o := &d.Of[i]
	o.Count++
	if d.All++; d.All > mostMade {
		d.Left++
		return
	}
	o.Objects = append(o.Objects, made{v.ID, stix.Title(v.Raw)})
}

// rank puts the report first and what joins others last.
func rank(typ string) int {
	switch typ {
	case "report":
		return 0
	case "indicator":
		return 1
	case "relationship":
		return 3
	}
	return 2
}

// own are the current versions of those ids that this node wrote.
func own(tx store.Tx, ids []string) ([]store.Variant, error) {
	found, err := tx.Objects().Current(ids)
	return slices.DeleteFunc(found, func(v store.Variant) bool { return v.Origin != store.Self }), err
}

// roadTo asks what of the objects goes to a partner, and how far it has come.
func roadTo(tx store.Tx, other *partner.Partner, objects []store.Variant) (r road, err error) {
	r = road{Party: other.Party(), Name: other.Card.Name, Nation: other.Card.Nation, Open: other.Open()}
	desk, err := release.NewDesk(tx, release.To(other).Rehearse())
	if err != nil {
		return r, err
	}
	ours := map[string]store.Variant{}
	var ids []string
	for _, v := range objects {
		ours[v.ID] = v
		ids = append(ids, v.ID)
	}
	items, refusals, err := desk.Items(ids)
	if err != nil {
		return r, err
	}
	for _, i := range items {
		if _, ok := ours[i.Variant().ID]; ok {
			r.Goes++
		}
	}
	for _, f := range refusals {
		if _, ok := ours[f.ID]; ok {
			r.Stays++
			r.because(f.Reason)
		}
	}
	handovers, err := tx.Streams().Handovers(other.Party(), ids)
	if err != nil {
		return r, err
	}
	state := map[string]store.State{}
	for _, h := range handovers {
		v := ours[h.ID]
		if h.Modified != v.Modified || h.Digest != v.Digest || h.State != store.InFlight && h.State != store.Receipted {
			continue
		}
		if was, ok := state[h.ID]; !ok || was == store.InFlight {
			state[h.ID] = h.State
		}
	}
	for _, s := range state {
		if s == store.Receipted {
			r.Held++
		} else {
			r.Way++
		}
	}
	return r, nil
}

// because counts a refusal under its reason.
func (r *road) because(reason locale.Reason) {
	for i := range r.Why {
		if w := &r.Why[i]; w.Reason.Code == reason.Code && slices.Equal(w.Reason.Args, reason.Args) {
			w.Count++
			return
		}
	}
	r.Why = append(r.Why, author.Why{Reason: reason, Count: 1})
}

// madeAt is when an object was created, as written.
func madeAt(raw []byte) string {
	var said struct {
		Created string `json:"created"`
	}
	if json.Unmarshal(raw, &said) != nil {
		return ""
	}
	return said.Created
}

// refsOf are the object_refs of an object.
func refsOf(raw []byte) []string {
	var said struct {
		Refs []string `json:"object_refs"`
	}
	if json.Unmarshal(raw, &said) != nil {
		return nil
	}
	return said.Refs
}
