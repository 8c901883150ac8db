package objects

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// facet is one way to narrow a search, with its values.
type facet struct {
	Name   string // a code of the texts
	Values []choice
	Rest   []choice // values that fewer objects have
	Chosen bool
}

// choice is a value of a facet: how many objects have it, and where the search with it, or without it, is.
type choice struct {
	Text    string
	Foreign bool     // Text is foreign
	TLP     stix.TLP // what is shown instead of Text, unless it is none
	N       int
	Chosen  bool
	Link    string
}

// facets in the order in which they are shown; those behind the first line are asked for less often.
var (
	firstFacets = []search.Facet{search.FacetType, search.FacetOrigin, search.FacetTLP, search.FacetMonth}
	lastFacets  = []search.Facet{search.FacetCreator, search.FacetLabel, search.FacetSector, search.FacetPhase, search.FacetLanguage, search.FacetRevoked}
)

// facetNames are the texts of what facets are called.
var facetNames = map[search.Facet]string{
	search.FacetType: "objects.type", search.FacetOrigin: "objects.origin", search.FacetTLP: "objects.tlp", search.FacetMonth: "objects.month",
	search.FacetCreator: "objects.creator", search.FacetLabel: "objects.label", search.FacetSector: "objects.sector", search.FacetPhase: "objects.phase",
	search.FacetLanguage: "objects.language", search.FacetRevoked: "objects.revoked",
}

const shownValues = 6 // of a facet, before the reader asks for the rest

// facets are the counts as filters.
func (f *found) facets(counts map[search.Facet][]search.Count) (first, last []facet) {
	of := func(names []search.Facet) (all []facet) {
		for _, name := range names {
			one := facet{Name: facetNames[name]}
			for _, c := range counts[name] {
				v := f.choice(name, c)
				one.Chosen = one.Chosen || v.Chosen
				if len(one.Values) < shownValues || v.Chosen {
					one.Values = append(one.Values, v)
				} else {
					one.Rest = append(one.Rest, v)
				}
			}
			if len(one.Values) > 1 || one.Chosen {
				all = append(all, one)
			}
		}
		return all
	}
	return of(firstFacets), of(lastFacets)
}

// choice is one value, with the search that choosing it, or choosing it no more, leads to.
func (f *found) choice(name search.Facet, c search.Count) choice {
	v := choice{Text: c.Value, N: c.N, Foreign: true}
	q := f.Query
	q.After = ""
	switch name {
	case search.FacetMonth:
		v.Chosen = chooseMonth(&q, c.Value)
	case search.FacetRevoked:
		yes := c.Value == "yes"
		v.Text, v.Foreign = locale.Text(f.lang, "show.no"), false
		if yes {
			v.Text = locale.Text(f.lang, "show.yes")
		}
		if v.Chosen = q.Revoked != nil && *q.Revoked == yes; v.Chosen {
			q.Revoked = nil
		} else {
			q.Revoked = &yes
		}
	case search.FacetTLP:
		t, err := stix.ParseTLP(c.Value)
		if err != nil {
			t = stix.TLPNone
			v.Text, v.Foreign = locale.Text(f.lang, "objects.no-tlp"), false
		} else {
			v.TLP = t
		}
		q.Filters.TLP, v.Chosen = toggled(q.Filters.TLP, t, func(a stix.TLP) bool { return a == t })
	default:
		list := values(&q.Filters, name)
		*list, v.Chosen = toggled(*list, c.Value, func(a string) bool { return f.same(name, a, c.Value) })
		v.Text = f.label(name, c.Value)
	}
	v.Link = link(q, "")
	return v
}

// toggled is a list with a value that it did not have, or without one that it had.
func toggled[T any](list []T, value T, same func(T) bool) (out []T, had bool) {
	if slices.ContainsFunc(list, same) {
		return slices.DeleteFunc(slices.Clone(list), same), true
	}
	return append(slices.Clone(list), value), false
}

// values are those of a facet that a search is narrowed by.
func values(f *search.Filters, name search.Facet) *[]string {
	return map[search.Facet]*[]string{
		search.FacetType: &f.Types, search.FacetOrigin: &f.Origins, search.FacetLabel: &f.Labels, search.FacetCreator: &f.Creators,
		search.FacetLanguage: &f.Languages, search.FacetSector: &f.Sectors, search.FacetPhase: &f.Phases,
	}[name]
}

// same says whether a value that was typed is one that was counted. A partner may be typed by its name.
func (f *found) same(name search.Facet, typed, counted string) bool {
	if strings.EqualFold(typed, counted) {
		return true
	}
	return name == search.FacetOrigin && strings.EqualFold(typed, f.partners[store.Party(counted)])
}

// label is what people call a value.
func (f *found) label(name search.Facet, value string) string {
	switch name {
	case search.FacetType:
		return f.lang.Type(value)
	case search.FacetOrigin:
		if value == "own" {
			return locale.Text(f.lang, "objects.own")
		}
		return f.origin(store.Party(value))
	case search.FacetCreator:
		return cmp.Or(f.name(value).Title, value)
	case search.FacetSector:
		return f.lang.Value("industry-sector-ov", value)
	}
	return value
}

// chooseMonth narrows a search to a month, such as 2026-04, or takes that back; chosen says that it was so narrowed.
func chooseMonth(q *search.Query, month string) (chosen bool) {
	from, err := time.Parse("2006-01", month)
	if err != nil {
		return false
	}
	until := from.AddDate(0, 1, 0)
	if q.Since.Equal(from) && q.Until.Equal(until) {
		q.Since, q.Until = time.Time{}, time.Time{}
		return true
	}
	q.Since, q.Until = from, until
	return false
}
