package ingest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// What is quarantined changes nothing but one thing: a newer version of ours that was to go to fewer, or to revoke, keeps the current one of
// ours from going out (release.Overdue), and a newer content of a marking-definition of ours keeps back what it marks. Versions that
// partners gave do neither: nobody holds back what another has.

// setAside classifies what is quarantined of ours by itself, as far as the object is at hand: it is when it is set aside.
func (w *work) setAside(g *group) error {
	for i, o := range g.objects {
		v := &g.variants[i]
		if v.Standing != store.Quarantined || v.Origin != store.Self {
			continue
		}
		class, err := w.tx.Objects().Intern(release.Apart(&o.Header, stix.TLP(v.TLP)).String())
		if err != nil {
			return fmt.Errorf("%s: class: %w", v.ID, err)
		}
		v.Class = class
	}
	return nil
}

// aside are the variants that keep the current one of ours from going out, if they are stricter.
func aside(variants []store.Variant, current *store.Variant) (newer []*store.Variant) {
	if current == nil || current.Origin != store.Self {
		return nil
	}
	for i := range variants {
		if v := &variants[i]; v.Standing == store.Quarantined && v.Origin == store.Self && byVersion(v, current) > 0 {
			newer = append(newer, v)
		}
	}
	return newer
}

func currentOf(variants []store.Variant) *store.Variant {
	if i := slices.IndexFunc(variants, func(v store.Variant) bool { return v.Current }); i >= 0 {
		return &variants[i]
	}
	return nil
}

// mark is what counts of a variant that is set aside; its markings never change.
type mark struct {
	digest store.Hash
	class  int64
}

// overdue tells apart what is set aside before and after a change.
func overdue(variants []store.Variant) (marks []mark) {
	for _, v := range aside(variants, currentOf(variants)) {
		marks = append(marks, mark{v.Digest, v.Class})
	}
	return marks
}

// overdue narrows the facts of the current variant by what is set aside among the variants of its id.
func (w *work) overdue(v *store.Variant, facts release.Facts, variants []store.Variant) (release.Facts, error) {
	if facts.Marking { // it goes where what it marks goes
		return facts, nil
	}
	var newer []release.Version
	for _, n := range aside(variants, v) {
		f, err := w.factsOf(n.Class)
		if err != nil {
			return facts, fmt.Errorf("%s: class: %w", v.ID, err)
		}
		newer = append(newer, release.Version{Facts: f, Markings: n.Markings, Revoked: n.Revoked})
	}
	return release.Overdue(release.Version{Facts: facts, Markings: v.Markings, Revoked: v.Revoked}, newer), nil
}

// factsOf reads a class. One that is not interned has no TLP, which is the strictest there is.
func (w *work) factsOf(class int64) (release.Facts, error) {
	if f, ok := w.facts[class]; ok {
		return f, nil
	}
	classes, err := w.tx.Objects().Classes()
	if err != nil {
		return release.Facts{}, err
	}
	if w.facts == nil {
		w.facts = map[int64]release.Facts{}
	}
	text, ok := classes[class]
	if !ok {
		return release.Facts{}, nil
	}
	w.facts[class], err = release.ParseFacts(text)
	return w.facts[class], err
}

// overdueDefinitions marks the definitions of ours of which a newer content is quarantined.
func (w *work) overdueDefinitions(found map[string]release.Definition) error {
	var ids []string // whose variants are to be read
	look := func(id string, variants []store.Variant) error {
		d := found[id]
		for _, v := range aside(variants, currentOf(variants)) {
			raw := v.Raw // of one that came in this transaction
			if raw == nil {
				stored, err := w.tx.Objects().Bytes([]int64{v.Seq})
				if err != nil {
					return fmt.Errorf("%s: %w", id, err)
				}
				raw = stored[v.Seq]
			}
			d.Overdue = d.Overdue || release.Define(id, raw, store.Self).Restricts(d)
		}
		found[id] = d
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		switch g := w.groups[id]; {
		case g != nil:
			if err := look(id, g.variants); err != nil {
				return err
			}
		case found[id].Origin == store.Self:
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	stored, err := w.tx.Objects().Variants(ids)
	if err != nil {
		return fmt.Errorf("marking-definitions: %w", err)
	}
	for _, id := range ids {
		if err := look(id, of(id, stored)); err != nil {
			return err
		}
	}
	return nil
}

// protects says whether an observable of ours is quarantined and none of ours current: what names it stays here (release.Desk).
func protects(variants []store.Variant) bool {
	if len(variants) == 0 {
		return false
	}
	if o := (stix.Header{Type: variants[0].Type}); !o.IsSCO() {
		return false
	}
	ours := func(v store.Variant) bool { return v.Standing == store.Quarantined && v.Origin == store.Self }
	c := currentOf(variants)
	return slices.ContainsFunc(variants, ours) && (c == nil || c.Origin != store.Self)
}
