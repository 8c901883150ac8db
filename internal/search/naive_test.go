package search

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// unit is a word or an ideograph, as somebody would find it who knows nothing of terms and positions.
type unit struct {
	text  string
	ideo  bool
	glued bool // an ideograph that follows another one without anything between
}

func casefold(s string) string { return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s))) }

func units(text string) (all []unit) {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, casefold(text))
	var last rune
	for _, r := range text {
		ideo := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー'
		wordy := !ideo && (unicode.IsLetter(r) || unicode.IsNumber(r))
		n := len(all)
		switch {
		case ideo:
			all = append(all, unit{string(r), true, n > 0 && all[n-1].ideo && string(last) == all[n-1].text})
		case wordy && last != 0 && n > 0 && !all[n-1].ideo && strings.HasSuffix(all[n-1].text, string(last)):
			all[n-1].text += string(r)
		case wordy:
			all = append(all, unit{text: string(r)})
		}
		if last = r; !ideo && !wordy {
			last = 0
		}
	}
	return all
}

// asked is a word or phrase of a query.
type asked struct {
	not    bool
	begins bool
	units  []unit
}

// at says whether it stands at a place of a text.
func (a *asked) at(text []unit, i int) bool {
	if i+len(a.units) > len(text) {
		return false
	}
	for j, want := range a.units {
		got := text[i+j]
		if j > 0 && want.glued && !got.glued {
			return false
		}
		if got.text != want.text && !(a.begins && j == len(a.units)-1 && !want.ideo && strings.HasPrefix(got.text, want.text)) || got.ideo != want.ideo {
			return false
		}
	}
	return true
}

func (a *asked) count(text []unit) (n int) {
	for i := range text {
		if a.at(text, i) {
			n++
		}
	}
	return n
}

// naive is an object as a scan of the whole store sees it.
type naive struct {
	id, typ string
	time    int64
	titles  [][]unit
	texts   [][]unit // titles first
	facets  map[Facet][]string
}

// scan reads all current objects.
func (h *house) scan() (all []naive) {
	h.t.Helper()
	type read struct {
		v store.Variant
		c content
	}
	current := map[string]read{}
	tlp := map[int64]stix.TLP{}
	err := h.store.View(context.Background(), func(tx store.Tx) error {
		classes, err := tx.Objects().Classes()
		if err != nil {
			return err
		}
		for class, text := range classes {
			f, err := release.ParseFacts(text)
			if err != nil {
				return err
			}
			tlp[class] = f.TLP
		}
		found, err := tx.Objects().ScanCurrent("", nil, nil, 100_000)
		for _, v := range found {
			current[v.ID] = read{v, contentOf(v.ID, v.Raw)}
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, id := range slices.Sorted(maps.Keys(current)) {
		o := current[id]
		n := naive{id: id, typ: o.v.Type, time: cmp.Or(o.v.Modified, o.v.Arrived)}
		fields := slices.Clone(o.c.fields)
		langs := []string{o.c.lang}
		_, here := current[o.c.object]
		if o.v.Type == "language-content" {
			langs = append(langs, o.c.langs...)
			if !here {
				fields = append(fields, o.c.contents...)
			}
		}
		for _, lc := range slices.Sorted(maps.Keys(current)) {
			if l := current[lc]; l.v.Type == "language-content" && l.c.object == id && len(l.c.contents) > 0 {
				fields = append(fields, l.c.contents...)
				langs = append(langs, l.c.langs...)
			}
		}
		for i, f := range fields {
			u := units(f.text)
			if n.texts = append(n.texts, u); o.c.title != "" && (i == 0 || f.name == o.c.title && i >= len(o.c.fields)) {
				n.titles = append(n.titles, u)
			}
		}
		origin, revoked := "own", "no"
		if o.v.Origin != store.Self {
			origin = string(o.v.Origin)
		}
		if o.v.Revoked {
			revoked = "yes"
		}
		n.facets = map[Facet][]string{
			FacetType: {o.v.Type}, FacetOrigin: {origin}, FacetTLP: {tlp[o.v.Class].String()}, FacetLabel: o.c.labels, FacetCreator: {o.v.Creator},
			FacetRevoked: {revoked}, FacetLanguage: langs, FacetSector: o.c.sectors, FacetPhase: o.c.phases,
			FacetMonth: {time.Unix(0, n.time).UTC().Format("2006-01")},
		}
		for f, values := range n.facets {
			var folded []string
			for _, v := range values {
				if v != "" {
					folded = append(folded, casefold(v))
				}
			}
			n.facets[f] = slices.Compact(slices.Sorted(slices.Values(folded)))
		}
		all = append(all, n)
	}
	return all
}

// score is what an object scores for a query; ok is false if it is not found by its words.
func (n *naive) score(words []asked) (sum int64, ok bool) {
	tokens := 0
	for _, text := range n.texts {
		tokens += len(text)
	}
	for _, a := range words {
		times := 0
		for _, text := range n.texts {
			times += a.count(text)
		}
		if a.not != (times == 0) {
			return 0, false
		}
		if !a.not {
			sum += score(found{times: uint32(times), titled: a.titled(n.titles)}, int64(tokens))
		}
	}
	return sum, true
}

// titled says whether each part of a phrase is in a title: a pair of ideographs is one.
func (a *asked) titled(titles [][]unit) bool {
	for i := 0; i < len(a.units); i++ {
		part := asked{begins: a.begins && i == len(a.units)-1, units: a.units[i : i+1]}
		if i+1 < len(a.units) && a.units[i+1].glued {
			part = asked{units: a.units[i : i+2]}
		} else if a.units[i].glued {
			continue
		}
		if !slices.ContainsFunc(titles, func(t []unit) bool { return part.count(t) > 0 }) {
			return false
		}
	}
	return true
}

// outcome is what a search has to find.
type outcome struct {
	ids    []string
	counts map[Facet]map[string]int
}

// naively searches by looking at everything.
func naively(all []naive, q Query) outcome {
	var words []asked
	atoms, err := lex(q.Text, false)
	if err != nil {
		panic(err)
	}
	for _, a := range atoms {
		if u := units(a.text); len(u) > 0 {
			words = append(words, asked{a.not, a.begins, u})
		}
	}
	type hit struct {
		*naive
		score int64
	}
	var hits []hit
	out := outcome{counts: map[Facet]map[string]int{}}
	for i := range all {
		n := &all[i]
		sum, ok := n.score(words)
		if !ok || n.denied(&q.Not) {
			continue
		}
		failed := n.fails(&q)
		if len(failed) > 1 {
			continue
		}
		for f, values := range n.facets {
			for _, v := range values {
				if len(failed) == 0 || failed[0] == f {
					if out.counts[f] == nil {
						out.counts[f] = map[string]int{}
					}
					out.counts[f][v]++
				}
			}
		}
		if len(failed) == 0 {
			hits = append(hits, hit{n, sum})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		byScore := 0
		if q.Sort == Relevance {
			byScore = cmp.Compare(b.score, a.score)
		}
		return cmp.Or(byScore, cmp.Compare(b.time, a.time), strings.Compare(a.id, b.id))
	})
	for _, h := range hits {
		out.ids = append(out.ids, h.id)
	}
	return out
}

func each(f *Filters) map[Facet][]string {
	var tlps []string
	for _, t := range f.TLP {
		tlps = append(tlps, t.String())
	}
	return map[Facet][]string{
		FacetType: f.Types, FacetOrigin: f.Origins, FacetTLP: tlps, FacetLabel: f.Labels, FacetCreator: f.Creators, FacetLanguage: f.Languages,
		FacetSector: f.Sectors, FacetPhase: f.Phases,
	}
}

func (n *naive) has(f Facet, values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return slices.Contains(n.facets[f], casefold(v)) })
}

func (n *naive) denied(not *Filters) bool {
	for f, values := range each(not) {
		if n.has(f, values) {
			return true
		}
	}
	return false
}

// fails lists the facets that an object fails by.
func (n *naive) fails(q *Query) (failed []Facet) {
	for f, values := range each(&q.Filters) {
		if len(values) > 0 && !n.has(f, values) {
			failed = append(failed, f)
		}
	}
	if q.Revoked != nil && n.has(FacetRevoked, []string{"yes"}) != *q.Revoked {
		failed = append(failed, FacetRevoked)
	}
	if !q.Since.IsZero() && n.time < q.Since.UnixNano() || !q.Until.IsZero() && n.time >= q.Until.UnixNano() {
		failed = append(failed, FacetMonth)
	}
	return failed
}

func runes(s string) int { return utf8.RuneCountInString(s) }
