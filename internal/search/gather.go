package search

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// bounds are the bounds of one batch. The laws have smaller ones.
type bounds struct {
	entries   int // of the feed
	documents int
	text      int // bytes
}

var usual = bounds{entries: 4000, documents: 2000, text: 4 << 20}

const (
	fetchIDs   = 100     // that are read together
	fetchBytes = 4 << 20 // of objects, at a time
)

// gathering finds out what a batch of feed entries means for the index. It reads what is current now, in one snapshot: what changed since the
// entries were written has entries of its own behind them, so that reading it twice does no harm.
type gathering struct {
	tx         store.Tx
	bounds     bounds
	documents  *documents
	translated bool // there are translations in the index

	parts    map[string]*part  // objects that were looked at; nil if it is not current
	links    map[string]string // language-contents that changed, and what they translate now; "" is nothing
	seen     map[string]bool   // ids of entries that were looked at
	affected map[string]bool   // ids whose documents have to be made anew
	weight   int               // bytes of text
}

func gather(tx store.Tx, b bounds) (*gathering, error) {
	d, err := newDocuments(tx)
	if err != nil {
		return nil, err
	}
	some, err := tx.Records().List(kindTranslation, "", 1)
	if err != nil {
		return nil, err
	}
	return &gathering{
		tx: tx, bounds: b, documents: d, translated: len(some) > 0,
		parts: map[string]*part{}, links: map[string]string{}, seen: map[string]bool{}, affected: map[string]bool{},
	}, nil
}

// take goes through entries until there is enough for a batch, and returns the position of the last one that it took.
func (g *gathering) take(entries []store.Entry) (last int64, err error) {
	for len(entries) > 0 {
		chunk := entries[:min(fetchIDs, len(entries))]
		ids := make([]string, len(chunk))
		for i, e := range chunk {
			if e.Kind != store.KindObject && e.Kind != store.KindRemoval {
				continue
			}
			if ids[i], _, err = store.SplitObjectKey(e.Key); err != nil {
				return 0, fmt.Errorf("search: %w", err)
			}
		}
		if err := g.fetch(ids); err != nil {
			return 0, err
		}
		for i, e := range chunk {
			if last = e.Position; ids[i] == "" {
				continue
			}
			if err := g.changed(ids[i]); err != nil {
				return 0, fmt.Errorf("search: %s: %w", ids[i], err)
			}
			if len(g.affected) >= g.bounds.documents || g.weight >= g.bounds.text {
				return last, nil
			}
		}
		entries = entries[len(chunk):]
	}
	return last, nil
}

// fetch reads objects that were not looked at yet.
func (g *gathering) fetch(ids []string) error {
	var missing []string
	for _, id := range ids {
		if _, ok := g.parts[id]; !ok && id != "" {
			missing = append(missing, id)
			g.parts[id] = nil
		}
	}
	if len(missing) == 0 {
		return nil
	}
	variants, err := g.tx.Objects().Variants(missing)
	if err != nil {
		return err
	}
	for portion := range store.Portions(variants, fetchBytes) {
		found, err := g.tx.Objects().Current(portion)
		if err != nil {
			return err
		}
		for i := range found {
			p := &part{found[i], contentOf(found[i].ID, found[i].Raw)}
			p.variant.Raw = nil
			g.parts[p.variant.ID] = p
		}
	}
	return nil
}

func (g *gathering) get(id string) (*part, error) {
	err := g.fetch([]string{id})
	return g.parts[id], err
}

// changed notes what an entry about an id affects: itself; if it translates something, that; and, as it may have come or gone, what
// translates it.
func (g *gathering) changed(id string) error {
	if g.seen[id] {
		return nil
	}
	g.seen[id] = true
	if stix.TypeOf(id) == translation {
		if err := g.relink(id); err != nil {
			return err
		}
	}
	if err := g.affect(id); err != nil {
		return err
	}
	translations, err := g.translationsOf(id)
	for _, t := range translations {
		err = errors.Join(err, g.affect(t))
	}
	return err
}

// relink notes what a language-content translates now; what it translated before is affected as well.
func (g *gathering) relink(id string) error {
	before, ok, err := g.tx.Records().Get(kindTranslation, id)
	if err != nil {
		return err
	}
	p := g.parts[id]
	g.links[id] = ""
	if p != nil && len(p.contents) > 0 && stix.ValidID(p.object) {
		g.links[id] = p.object
		err = g.affect(p.object)
	}
	if err == nil && ok {
		err = g.affect(string(before.Value))
	}
	return err
}

// affect notes that the document of an id is to be made anew, and what that takes.
func (g *gathering) affect(id string) error {
	if g.affected[id] {
		return nil
	}
	g.affected[id] = true
	translations, err := g.translationsOf(id)
	if err != nil {
		return err
	}
	if err := g.fetch(append(translations, id)); err != nil {
		return err
	}
	for _, id := range append(translations, id) {
		g.weight += 100
		if p := g.parts[id]; p != nil {
			g.weight += p.size()
		}
	}
	return nil
}

// size counts the bytes of text.
func (c *content) size() (n int) {
	for _, f := range c.fields {
		n += len(f.text)
	}
	for _, f := range c.contents {
		n += len(f.text)
	}
	return n
}

// translationsOf returns the ids of the language-contents that translate an object, as far as the entries up to here go.
func (g *gathering) translationsOf(id string) (ids []string, err error) {
	if g.translated {
		found, err := g.tx.Records().Find(kindTranslation, id, "", mostTranslations+len(g.links))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if _, changed := g.links[r.Key]; !changed {
				ids = append(ids, r.Key)
			}
		}
	}
	for lc, of := range g.links {
		if of == id {
			ids = append(ids, lc)
		}
	}
	slices.Sort(ids)
	return ids[:min(len(ids), mostTranslations)], nil
}

// make makes the documents of all that is affected; gone are the ids without one.
func (g *gathering) make() (docs []document, err error) {
	for _, id := range slices.Sorted(maps.Keys(g.affected)) {
		p, err := g.get(id)
		if err != nil {
			return nil, err
		}
		if p == nil {
			continue
		}
		ids, err := g.translationsOf(id)
		if err != nil {
			return nil, err
		}
		var translations []*part
		for _, lc := range ids {
			t, err := g.get(lc)
			if err != nil {
				return nil, err
			}
			if t != nil && t.object == id {
				translations = append(translations, t)
			}
		}
		here := false
		if p.translates() && p.object != "" {
			of, err := g.get(p.object)
			if err != nil {
				return nil, err
			}
			here = of != nil
		}
		doc, err := g.documents.document(p, translations, here)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}
