package author

import (
	"context"
	"errors"
	"fmt"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
)

// Reach is what a partner would get of a draft, and why not the rest.
type Reach struct {
	Party  store.Party
	Name   string
	Nation string
	Open   bool // both sides have confirmed: what would go goes at once
	Get    int  // objects
	Keep   int
	Why    []Why
}

// Gets says whether the partner would get anything.
func (r *Reach) Gets() bool { return r.Get > 0 }

// Why is a reason and the objects that it is about.
type Why struct {
	Permit bool
	Reason locale.Reason
	Count  int
	IDs    []string // the first of them
}

// maxWhyIDs is how many objects a reason names.
const maxWhyIDs = 100

// errRehearsed ends a transaction that must not be committed.
var errRehearsed = errors.New("rehearsed")

// Reach says for each confirmed partner what it would get of a draft if it were submitted now, and why not the rest. It decides nothing: the draft
// is taken in, package release is asked as for a preview, and all of it is taken back. Meanwhile others who write wait. Partners come by name.
func (a *Author) Reach(ctx context.Context, d *Draft) (list []Reach, err error) {
	err = a.Store.Update(ctx, func(tx store.Tx) error {
		if err := a.take(tx, d); err != nil {
			return err
		}
		if list, err = reaches(tx, d); err != nil {
			return err
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		return list, nil
	}
	return nil, err
}

func reaches(tx store.Tx, d *Draft) (list []Reach, err error) {
	all, err := partner.List(tx)
	if err != nil {
		return nil, fmt.Errorf("who would get %s: %w", d.Main, err)
	}
	for _, p := range all {
		if p.State != partner.Confirmed {
			continue
		}
		r, err := reach(tx, d, p)
		if err != nil {
			return nil, fmt.Errorf("whether %s would get %s: %w", p.Party(), d.Main, err)
		}
		list = append(list, r)
	}
	return list, nil
}

func reach(tx store.Tx, d *Draft, p *partner.Partner) (Reach, error) {
	r := Reach{Party: p.Party(), Name: p.Card.Name, Nation: p.Card.Nation, Open: p.Open()}
	desk, err := release.NewDesk(tx, release.To(p).Rehearse())
	if err != nil {
		return r, err
	}
	ours := map[string]bool{}
	var ids []string
	for i := range d.Objects {
		ours[d.Objects[i].ID] = true
		ids = append(ids, d.Objects[i].ID)
	}
	items, refusals, err := desk.Items(ids)
	if err != nil {
		return r, err
	}
	for _, item := range items {
		if v := item.Variant(); ours[v.ID] { // marking-definitions go along
			r.Get++
			r.because(true, item.Reason(), v.ID)
		}
	}
	for _, refusal := range refusals {
		if ours[refusal.ID] {
			r.Keep++
			r.because(false, refusal.Reason, refusal.ID)
		}
	}
	return r, nil
}

// because adds an object to its reason.
func (r *Reach) because(permit bool, reason locale.Reason, id string) {
	for i := range r.Why {
		if w := &r.Why[i]; w.Permit == permit && same(w.Reason, reason) {
			if w.Count++; len(w.IDs) < maxWhyIDs {
				w.IDs = append(w.IDs, id)
			}
			return
		}
	}
	r.Why = append(r.Why, Why{permit, reason, 1, []string{id}})
}

func same(a, b locale.Reason) bool {
	if a.Code != b.Code || len(a.Args) != len(b.Args) {
		return false
	}
	for i := range a.Args {
		if a.Args[i] != b.Args[i] {
			return false
		}
	}
	return true
}
