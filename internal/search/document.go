package search

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// document is one object as the index has it.
type document struct {
	id     string
	time   int64 // ns since 1970: modified, or of what has no version when it arrived
	titled int   // so many fields tell what the object is called; they come first
	fields []field
	facets []string // terms of facets, sorted
}

// The bounds of what one object adds to the counts, and of the translations that are looked at.
const (
	mostValues       = 64  // of one facet
	longestValue     = 128 // bytes
	mostTranslations = 32  // of one object; those with the lowest ids
)

// timeOf is what objects are sorted by.
func timeOf(v *store.Variant) int64 { return cmp.Or(v.Modified, v.Arrived) }

// documents makes documents of current variants with their bytes.
type documents struct {
	*folder
	classes map[int64]string
	levels  map[int64]stix.TLP // of the classes that were asked for
}

func newDocuments(tx store.Tx) (*documents, error) {
	classes, err := tx.Objects().Classes()
	return &documents{newFolder(), classes, map[int64]stix.TLP{}}, err
}

// tlp is the level that holds for an object of a class.
func (d *documents) tlp(class int64) (stix.TLP, error) {
	level, ok := d.levels[class]
	if !ok {
		facts, err := release.ParseFacts(d.classes[class])
		if err != nil {
			return 0, fmt.Errorf("class %d: %w", class, err)
		}
		level = facts.TLP
		d.levels[class] = level
	}
	return level, nil
}

// part is what is known of one current object before it is put together with its translations.
type part struct {
	variant store.Variant // without its bytes
	content
}

// translates says whether it is a language-content.
func (p *part) translates() bool { return stix.TypeOf(p.variant.ID) == translation }

// document puts an object together with the language-contents that translate it, ordered by id. Of a language-content whose object is
// here its translations are that object's text.
func (d *documents) document(p *part, translations []*part, targetHere bool) (doc document, err error) {
	v := &p.variant
	doc = document{id: v.ID, time: timeOf(v), fields: p.fields}
	if p.title != "" {
		doc.titled = 1
	}
	if p.translates() && !targetHere {
		doc.fields = append(slices.Clip(doc.fields), p.contents...)
	}
	langs := []string{p.lang}
	if p.translates() {
		langs = append(langs, p.langs...)
	}
	if len(translations) > 0 {
		doc.fields = slices.Clone(doc.fields)
	}
	bytes := 0
	for _, f := range doc.fields {
		bytes += len(f.text)
	}
	for _, t := range translations {
		langs = append(langs, t.langs...)
		for _, f := range t.contents {
			f.text, f.source = cut(f.text, mostText-bytes), t.variant.ID
			if bytes += len(f.text); f.text == "" {
				continue
			}
			if p.title != "" && f.name == p.title {
				doc.fields = slices.Insert(doc.fields, doc.titled, f)
				doc.titled++
			} else {
				doc.fields = append(doc.fields, f)
			}
		}
	}
	doc.facets, err = d.facets(p, langs)
	return doc, err
}

// The letters that terms of facets begin with, behind facetMark.
const facetMark = "\x01"

// Facet is a way to sort objects apart.
type Facet string

// The facets.
const (
	FacetType     Facet = "type"
	FacetOrigin   Facet = "origin" // "own", or the party that it came from
	FacetTLP      Facet = "tlp"    // as of stix.TLP.String, "none" where none holds
	FacetLabel    Facet = "label"
	FacetCreator  Facet = "creator"
	FacetRevoked  Facet = "revoked"  // "yes" or "no"
	FacetLanguage Facet = "lang"     // that it is written in or translated to
	FacetSector   Facet = "sector"   // sectors of an identity
	FacetPhase    Facet = "phase"    // phase_name of a kill chain
	FacetMonth    Facet = "modified" // such as "2026-04", UTC
)

// Facets lists all facets.
var Facets = [...]Facet{FacetType, FacetOrigin, FacetTLP, FacetLabel, FacetCreator, FacetRevoked, FacetLanguage, FacetSector, FacetPhase, FacetMonth}

// own is the value of FacetOrigin of what this node imported.
const own = "own"

// facetTerm is the term of a folded value.
func facetTerm(f Facet, folded string) string { return facetMark + string(f) + ":" + folded }

// asWritten parts a folded value in a term from how it is written, if that is something else.
const asWritten = "\x00"

// splitTerm undoes facetTerm.
func splitTerm(term string) (f Facet, folded, written string) {
	facet, value, _ := strings.Cut(term[len(facetMark):], ":")
	folded, written, ok := strings.Cut(value, asWritten)
	if !ok {
		written = folded
	}
	return Facet(facet), folded, written
}

func (d *documents) facets(p *part, langs []string) ([]string, error) {
	v := &p.variant
	tlp, err := d.tlp(v.Class)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.ID, err)
	}
	origin, revoked := own, "no"
	if v.Origin != store.Self {
		origin = string(v.Origin)
	}
	if v.Revoked {
		revoked = "yes"
	}
	month := time.Unix(0, timeOf(v)).UTC().Format("2006-01")
	var all []string
	add := func(f Facet, values ...string) {
		var seen []string
		for _, written := range values[:min(len(values), mostValues)] {
			value := d.value(written)
			if value == "" || slices.Contains(seen, value) {
				continue
			}
			seen = append(seen, value)
			term := facetTerm(f, value)
			if written = strings.ReplaceAll(cut(written, longestValue), asWritten, ""); written != value {
				term += asWritten + written
			}
			all = append(all, term)
		}
	}
	add(FacetType, v.Type)
	add(FacetOrigin, origin)
	add(FacetTLP, tlp.String())
	add(FacetLabel, p.labels...)
	add(FacetCreator, v.Creator)
	add(FacetRevoked, revoked)
	add(FacetLanguage, langs...)
	add(FacetSector, p.sectors...)
	add(FacetPhase, p.phases...)
	add(FacetMonth, month)
	slices.Sort(all)
	return all, nil
}

// value is a facet's value as it is counted and asked for: folded, so that two spellings are one, and bounded.
func (f *folder) value(s string) string {
	return strings.ReplaceAll(cut(f.foldAll(cut(s, longestValue)), longestValue), asWritten, "")
}
