package ingest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// settle decides about every group, classifies the winners, writes what changed and tells the feed.
func (w *work) settle() error {
	for _, id := range w.order {
		rest, err := w.quarantine(w.groups[id].variants)
		if err != nil {
			return err
		}
		judge(rest, w.self, w.writers, w.now)
	}
	promoted, err := w.classify()
	if err != nil {
		return err
	}
	if err := w.write(); err != nil {
		return err
	}
	anew := map[string]bool{} // ids that are to be classified anew
	for _, id := range w.order {
		if err := w.follow(id, !slices.Contains(promoted, id), anew); err != nil {
			return err
		}
	}
	for _, id := range promoted {
		anew[id] = true
	}
	return w.reclassify(slices.Sorted(maps.Keys(anew)))
}

// follow tells the feed what changed about an id, unless it is classified anew, which tells; and it finds what has to be because of it.
func (w *work) follow(id string, classified bool, anew map[string]bool) error {
	g := w.groups[id]
	changed, overdue := g.changed(), !slices.Equal(overdue(g.variants), overdue(g.stored))
	if changed && classified || protects(g.variants) != protects(g.stored) {
		if err := w.tell(id, g.winner()); err != nil {
			return err
		}
	}
	switch {
	case len(g.variants) > 0 && g.variants[0].Type == "marking-definition":
		if changed || overdue {
			return w.marked(id, anew)
		}
	case overdue && !changed:
		anew[id] = true
	}
	return nil
}

// marked adds what refers to a marking-definition, so that each is classified anew once, however many of its definitions changed.
func (w *work) marked(definition string, bearers map[string]bool) error {
	err := pages(func(after string) ([]string, error) { return w.tx.Objects().Marked(definition, after, page) }, func(ids []string) error {
		for _, id := range ids {
			bearers[id] = true
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("what refers to %s: %w", definition, err)
	}
	return nil
}

// tell appends a feed entry about an id; v is its winner, or nil.
func (w *work) tell(id string, v *store.Variant) error {
	var modified int64
	if v != nil {
		modified = v.Modified
	}
	key := store.ObjectKey(id, modified)
	if w.told[key] {
		return nil
	}
	w.told[key] = true
	if err := w.tx.Feed().Append(w.now.UnixNano(), store.KindObject, key); err != nil {
		return fmt.Errorf("feed: %s: %w", id, err)
	}
	return nil
}

// classify interns the facts of the winners whose object is at hand; it returns the ids of new winners whose bytes are in the store.
func (w *work) classify() (promoted []string, err error) {
	fresh := map[string]*stix.Object{} // winning marking-definitions at hand
	var refs []string
	for _, id := range w.order {
		g := w.groups[id]
		if err := w.setAside(g); err != nil {
			return nil, err
		}
		i := g.winnerIndex()
		if i < 0 || (!g.changed() && g.variants[i].Class != 0) {
			continue
		}
		o := g.objects[i]
		if o == nil {
			g.variants[i].Class = 0
			promoted = append(promoted, id)
			continue
		}
		refs = append(refs, g.variants[i].Markings...)
		if o.Type == "marking-definition" {
			fresh[id] = o
		}
	}
	definitions, err := w.definitions(refs, fresh)
	if err != nil {
		return nil, err
	}
	for _, id := range w.order {
		g := w.groups[id]
		i := g.winnerIndex()
		if i < 0 || g.objects[i] == nil || (!g.changed() && g.variants[i].Class != 0) {
			continue
		}
		if err := w.intern(&g.variants[i], g.objects[i], g.variants, definitions); err != nil {
			return nil, err
		}
	}
	return promoted, nil
}

// intern classifies a winner among the variants of its id.
func (w *work) intern(v *store.Variant, o *stix.Object, variants []store.Variant, definitions release.Definitions) error {
	facts := release.Classify(&o.Header, v.Origin, stix.TLP(v.TLP), definitions)
	facts, err := w.overdue(v, facts, variants)
	if err != nil {
		return err
	}
	class, err := w.tx.Objects().Intern(facts.String())
	if err != nil {
		return fmt.Errorf("%s: class: %w", v.ID, err)
	}
	v.Class = class
	return nil
}

// definitions finds marking-definitions, those of this transaction before those in the store.
func (w *work) definitions(refs []string, fresh map[string]*stix.Object) (release.Definitions, error) {
	found := map[string]release.Definition{}
	slices.Sort(refs)
	refs = slices.Compact(refs)
	stored, err := w.tx.Objects().Current(refs)
	if err != nil {
		return nil, fmt.Errorf("marking-definitions: %w", err)
	}
	for i := range stored {
		found[stored[i].ID] = release.Define(stored[i].ID, stored[i].Raw, stored[i].Origin)
	}
	for _, id := range slices.Sorted(maps.Keys(fresh)) {
		found[id] = release.Define(id, fresh[id].Raw, w.groups[id].winner().Origin)
	}
	if err := w.overdueDefinitions(found); err != nil {
		return nil, err
	}
	return func(id string) (release.Definition, bool) {
		d, ok := found[id]
		return d, ok
	}, nil
}

// write stores changed variants, then fresh ones.
func (w *work) write() error {
	var changed, fresh []store.Variant
	for _, id := range w.order {
		g := w.groups[id]
		for i := range g.variants {
			switch {
			case i >= len(g.stored):
				fresh = append(fresh, g.variants[i])
			case !same(&g.variants[i], &g.stored[i]):
				v := g.variants[i]
				if !g.rewrite[i] {
					v.Raw = nil
				}
				changed = append(changed, v)
			}
		}
	}
	if err := w.tx.Objects().Update(changed); err != nil {
		return fmt.Errorf("ingest: %w", err)
	}
	if err := w.tx.Objects().Insert(fresh); err != nil {
		return fmt.Errorf("ingest: %w", err)
	}
	return nil
}

// reclassify finds the classes of the current variants of ids anew from their bytes, and tells the feed where one changed.
func (w *work) reclassify(ids []string) error {
	for chunk := range slices.Chunk(ids, page) {
		variants, err := w.tx.Objects().Variants(chunk)
		if err != nil {
			return fmt.Errorf("classify: %w", err)
		}
		for portion := range store.Portions(variants, pageBytes) {
			if err := w.reclassifyPortion(portion, variants); err != nil {
				return err
			}
		}
	}
	return nil
}

// of returns the variants of an id among many that are ordered by id.
func of(id string, variants []store.Variant) []store.Variant {
	from, _ := slices.BinarySearchFunc(variants, id, func(v store.Variant, id string) int { return strings.Compare(v.ID, id) })
	to := from
	for to < len(variants) && variants[to].ID == id {
		to++
	}
	return variants[from:to]
}

func (w *work) reclassifyPortion(ids []string, all []store.Variant) error {
	variants, err := w.tx.Objects().Current(ids)
	if err != nil {
		return fmt.Errorf("classify: %w", err)
	}
	// What was received has its class whatever its markings mean.
	variants = slices.DeleteFunc(variants, func(v store.Variant) bool { return v.Origin != store.Self && v.Class != 0 })
	var refs []string
	for i := range variants {
		refs = append(refs, variants[i].Markings...)
	}
	definitions, err := w.definitions(refs, nil)
	if err != nil {
		return err
	}
	var changed []store.Variant
	for i := range variants {
		v := variants[i]
		o, err := stix.Parse(v.Raw)
		if err != nil {
			return fmt.Errorf("classify %s: %w", v.ID, err)
		}
		if err := w.intern(&v, &o, of(v.ID, all), definitions); err != nil {
			return err
		}
		if v.Class != variants[i].Class {
			v.Raw = nil
			changed = append(changed, v)
			if err := w.tell(v.ID, &v); err != nil {
				return err
			}
		}
	}
	if err := w.tx.Objects().Update(changed); err != nil {
		return fmt.Errorf("classify: %w", err)
	}
	return nil
}

func (g *group) winnerIndex() int {
	return slices.IndexFunc(g.variants, func(v store.Variant) bool { return v.Current })
}

func (g *group) winner() *store.Variant {
	if i := g.winnerIndex(); i >= 0 {
		return &g.variants[i]
	}
	return nil
}

// changed says whether another variant wins than before, or the winner's facts, bytes or precedence changed.
func (g *group) changed() bool {
	now := g.winnerIndex()
	before := slices.IndexFunc(g.stored, func(v store.Variant) bool { return v.Current })
	if now != before {
		return true
	}
	return now >= 0 && !same(&g.variants[now], &g.stored[now])
}

// same compares what Update can change.
func same(a, b *store.Variant) bool {
	return a.Sum == b.Sum && a.Serial == b.Serial && a.TLP == b.TLP && a.Precedence == b.Precedence &&
		a.Standing == b.Standing && a.Current == b.Current && a.Class == b.Class && a.Broken == b.Broken
}
