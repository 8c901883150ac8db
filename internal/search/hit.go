package search

import (
	"fmt"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// The bounds of what is read to show one page.
const (
	shownBytes = 8 << 20 // of objects at a time
	largestRef = 1 << 20 // a referenced object of more bytes, and a translation, is not read for its title or text
)

// hits reads what a page shows of its candidates.
func hits(tx store.Tx, candidates []candidate, clauses []clause) ([]Hit, error) {
	ids := make([]string, len(candidates))
	for i, c := range candidates {
		ids[i] = c.id
	}
	variants, err := tx.Objects().Variants(ids)
	if err != nil {
		return nil, err
	}
	docs, err := newDocuments(tx)
	if err != nil {
		return nil, err
	}
	s := showing{tx: tx, documents: docs, highlighter: newHighlighter(clauses)}
	byID := make(map[string]*Hit, len(ids))
	var relations []relation
	for portion := range store.Portions(variants, shownBytes) {
		current, err := tx.Objects().Current(portion)
		if err != nil {
			return nil, err
		}
		for i := range current {
			h, err := s.hit(&current[i])
			if err != nil {
				return nil, err
			}
			byID[h.ID] = h
			if h.Type == "relationship" {
				relations = append(relations, relationOf(h, current[i].Raw))
			}
		}
	}
	if err := s.name(relations); err != nil {
		return nil, err
	}
	all := make([]Hit, 0, len(ids))
	for _, id := range ids {
		if h := byID[id]; h != nil {
			all = append(all, *h)
		}
	}
	return all, nil
}

// showing makes hits of current objects.
type showing struct {
	tx store.Tx
	*documents
	*highlighter
}

func (s *showing) hit(v *store.Variant) (*Hit, error) {
	tlp, err := s.tlp(v.Class)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.ID, err)
	}
	h := &Hit{
		ID: v.ID, Type: v.Type, Arrived: time.Unix(0, v.Arrived).UTC(), TLP: tlp, Origin: v.Origin, Creator: v.Creator, Revoked: v.Revoked,
	}
	if v.Modified != 0 {
		h.Modified = time.Unix(0, v.Modified).UTC()
	}
	h.Title = s.mark(stix.Title(v.Raw))
	p := &part{*v, contentOf(v.ID, v.Raw)}
	fields := p.fields
	if p.translates() {
		fields = append(fields, p.contents...)
	}
	tlps := map[string]stix.TLP{"": h.TLP}
	if positive(s.clauses) {
		more, err := s.translations(v.ID, tlps)
		if err != nil {
			return nil, err
		}
		fields = append(fields, more...)
	}
	h.Snippet = s.snippet(fields, p.title)
	h.Snippet.TLP = tlps[h.Snippet.Source]
	return h, nil
}

// translations are the texts of the language-contents of an object. Their TLP goes into tlps.
func (s *showing) translations(id string, tlps map[string]stix.TLP) (fields []field, err error) {
	found, err := s.tx.Records().Find(kindTranslation, id, "", mostTranslations)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	ids := make([]string, len(found))
	for i, r := range found {
		ids[i] = r.Key
	}
	current, err := s.current(ids)
	if err != nil {
		return nil, err
	}
	for i := range current {
		v := &current[i]
		c := contentOf(v.ID, v.Raw)
		if c.object != id {
			continue
		}
		if tlps[v.ID], err = s.tlp(v.Class); err != nil {
			return nil, fmt.Errorf("%s: %w", v.ID, err)
		}
		for _, f := range c.contents {
			f.source = v.ID
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// current reads current variants that are not too large.
func (s *showing) current(ids []string) ([]store.Variant, error) {
	variants, err := s.tx.Objects().Variants(ids)
	if err != nil {
		return nil, err
	}
	variants = slices.DeleteFunc(variants, func(v store.Variant) bool { return !v.Current || v.Size > largestRef })
	small := make([]string, len(variants))
	for i := range variants {
		small[i] = variants[i].ID
	}
	return s.tx.Objects().Current(small)
}

// relation is a hit that is told by the titles of what it relates.
type relation struct {
	hit              *Hit
	source, verb, to string
}

func relationOf(h *Hit, raw []byte) relation {
	r := relation{hit: h}
	refs := referencesOf(raw)
	r.source, r.verb, r.to = refs["source_ref"], refs["relationship_type"], refs["target_ref"]
	return r
}

// name gives relationships their titles.
func (s *showing) name(relations []relation) error {
	var ids []string
	for _, r := range relations {
		ids = append(ids, r.source, r.to)
	}
	slices.Sort(ids)
	titles := map[string]string{}
	for chunk := range slices.Chunk(slices.Compact(ids), 8) {
		current, err := s.current(chunk)
		if err != nil {
			return err
		}
		for i := range current {
			titles[current[i].ID] = stix.Title(current[i].Raw)
		}
	}
	for _, r := range relations {
		source, to := titles[r.source], titles[r.to]
		if source != "" && to != "" {
			r.hit.Title = s.mark(source + " " + r.verb + " " + to)
		}
	}
	return nil
}
