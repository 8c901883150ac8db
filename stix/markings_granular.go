package stix

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// grain is one place that is marked with one marking-definition, or said to be in one language.
type grain struct{ ref, lang, selector string }

// granularList is the granular_markings of an object, with the places of all in its bytes.
type granularList struct {
	*parts
	entries []granularEntry
}

type granularEntry struct {
	ref, lang string
	more      bool   // it has members that the standard does not know
	list      *parts // selectors
	selectors []string
}

// granularMarkings takes them apart; nil if there are none.
func granularMarkings(raw []byte) (*granularList, error) {
	_, list, err := topList(raw, "granular_markings")
	if err != nil || list == nil {
		return nil, err
	}
	return readGranular(raw, list)
}

func readGranular(raw []byte, list *parts) (*granularList, error) {
	g := &granularList{parts: list}
	for i, one := range list.parts {
		e, err := readEntry(raw, one.value)
		if err != nil {
			return nil, fmt.Errorf("granular_markings[%d]: %w", i, err)
		}
		g.entries = append(g.entries, e)
	}
	return g, nil
}

func readEntry(raw []byte, at cursor.Span) (e granularEntry, err error) {
	in, err := takeApart(raw, at)
	if err != nil {
		return e, err
	}
	for _, m := range in.parts {
		v := jsontext.Value(m.value.Of(raw))
		ok := true
		switch m.name {
		case "marking_ref":
			e.ref, ok = text(v)
		case "lang":
			e.lang, ok = text(v)
		case "selectors":
			if e.list, err = takeApart(raw, m.value); err == nil {
				e.selectors, err = e.list.texts(raw)
			}
		default:
			e.more = true
		}
		if !ok {
			err = wrongKind(m.name, v.Kind(), '"')
		}
		if err != nil {
			return e, err
		}
	}
	if e.list == nil {
		return e, fmt.Errorf("%w: it has no selectors", ErrProperty)
	}
	return e, nil
}

// editGranular drops selectors from granular_markings, then adds grains that are not there. What is dropped must not be
// added.
func editGranular(raw []byte, drop func(e *granularEntry, sel string) bool, add []grain) ([]byte, error) {
	top, list, err := topList(raw, "granular_markings")
	if err != nil {
		return nil, err
	}
	if list == nil {
		if add = distinct(add); len(add) == 0 {
			return raw, nil
		}
		return top.rewrite(nil, nil, [][]byte{listMember("granular_markings", entries(add))}).apply(raw), nil
	}
	g, err := readGranular(raw, list)
	if err != nil {
		return nil, err
	}
	within, fresh := g.distribute(distinct(add))
	var s splices
	gone := make([]bool, len(g.entries))
	left := len(g.entries)
	for i := range g.entries {
		e := &g.entries[i]
		dropped := make([]bool, len(e.selectors))
		n := 0
		for j, sel := range e.selectors {
			if dropped[j] = drop(e, sel); dropped[j] {
				n++
			}
		}
		switch {
		case n > 0 && e.ref != "" && e.lang != "":
			return nil, fmt.Errorf("%w: granular_markings[%d] has both marking_ref and lang", ErrProperty, i)
		case n > 0 && n == len(e.selectors):
			gone[i] = true
			left--
		case n > 0 || len(within[i]) > 0:
			s = e.list.rewrite(s, func(j int) bool { return dropped[j] }, within[i])
		}
	}
	if left+len(fresh) == 0 {
		return top.without("granular_markings").apply(raw), nil
	}
	s = list.rewrite(s, func(i int) bool { return gone[i] }, fresh)
	slices.SortStableFunc(s, func(a, b splice) int { return a.at.From - b.at.From })
	return s.apply(raw), nil
}

// distribute finds entries that grains can join, and writes entries for the others.
func (g *granularList) distribute(add []grain) (within map[int][][]byte, fresh [][]byte) {
	var alone []grain
	for _, a := range add {
		home, there := -1, false
		for i := range g.entries {
			e := &g.entries[i]
			if a.ref != "" && e.ref != a.ref || a.lang != "" && e.lang != a.lang {
				continue
			}
			there = there || slices.ContainsFunc(e.selectors, func(sel string) bool { return relate(sel, a.selector) == same })
			if home < 0 && e.ref == a.ref && e.lang == a.lang && !e.more {
				home = i
			}
		}
		switch {
		case there:
		case home >= 0:
			if within == nil {
				within = map[int][][]byte{}
			}
			within[home] = append(within[home], quoted(a.selector))
		default:
			alone = append(alone, a)
		}
	}
	return within, entries(alone)
}

// entries writes an element of granular_markings for each grain.
func entries(list []grain) (out [][]byte) {
	for _, a := range list {
		b := []byte(`{"marking_ref":`)
		what := a.ref
		if a.lang != "" {
			b, what = []byte(`{"lang":`), a.lang
		}
		b = append(append(b, quoted(what)...), `,"selectors":[`...)
		out = append(out, append(append(b, quoted(a.selector)...), `]}`...))
	}
	return out
}

func distinct(list []grain) (out []grain) {
	for _, a := range list {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}
