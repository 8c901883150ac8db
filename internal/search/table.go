package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/store"
)

// The bounds of what is kept in memory of the segments.
const (
	mostCounted = 6000      // values of one facet in one segment; the rarest beyond are found, but not counted
	mostOpened  = 128 << 20 // bytes, of all segments
)

// table is a segment with what every search goes through: by document its time, its length and the values of its facets. It is immutable.
type table struct {
	*segment
	times  []int64
	tokens []int32
	values []string // terms of facets
	facet  []uint8  // by value: its facet, as an index into Facets
	first  []uint32 // by document: where its values begin in has; one more than there are documents
	has    []uint16 // indexes into values
}

// opened is a table in memory, with what is dead in it.
type opened struct {
	*table
	count int // of the dead
	dead  deadSet
	used  int64
}

func (t *table) size() int {
	return 200 + 12*len(t.times) + 100*len(t.values) + 4*len(t.first) + 2*len(t.has)
}

// open returns a segment, from memory if it is there.
func (x *Index) open(tx store.Tx, info segmentInfo) (*table, deadSet, error) {
	x.mu.Lock()
	x.clock++
	o := x.opened[info.Number]
	if o != nil {
		o.used = x.clock
	}
	x.mu.Unlock()
	if o != nil && o.count == info.Dead && o.docs == info.Docs {
		return o.table, o.dead, nil
	}
	var t *table
	if o != nil && o.docs == info.Docs {
		t = o.table
	} else {
		s, err := openSegment(tx.Records(), info.Number)
		if err != nil {
			return nil, nil, err
		}
		if t, err = s.table(tx.Records()); err != nil {
			return nil, nil, err
		}
	}
	dead, err := loadDead(tx.Records(), info)
	if err != nil {
		return nil, nil, err
	}
	x.keep(&opened{table: t, count: info.Dead, dead: dead})
	return t, dead, nil
}

// warm reads what changed into memory once the index has followed, if somebody searches, so that no search has to wait for it.
func (x *Index) warm(ctx context.Context) error {
	x.mu.Lock()
	searched := len(x.opened) > 0
	x.mu.Unlock()
	if !searched {
		return nil
	}
	return x.store.View(ctx, func(tx store.Tx) error {
		m, ok, err := loadManifest(tx)
		if err != nil || !ok || m.Wiping {
			return err
		}
		for _, info := range m.Segments {
			if _, _, err := x.open(tx, info); err != nil {
				return err
			}
		}
		x.forget(&m)
		return nil
	})
}

// keep remembers a table and forgets those that were not used for the longest time.
func (x *Index) keep(o *opened) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.clock++
	o.used = x.clock
	x.opened[o.number] = o
	total := 0
	var all []*opened
	for _, o := range x.opened {
		total += o.size()
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b *opened) int { return cmp.Compare(a.used, b.used) })
	for len(all) > 1 && total > mostOpened {
		total -= all[0].size()
		delete(x.opened, all[0].number)
		all = all[1:]
	}
}

// forget drops what is in memory of segments that a manifest does not have, or with nil everything.
func (x *Index) forget(m *manifest) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for number := range x.opened {
		if m == nil || !slices.ContainsFunc(m.Segments, func(s segmentInfo) bool { return s.Number == number }) {
			delete(x.opened, number)
		}
	}
}

// table reads what a search goes through.
func (s *segment) table(r reader) (*table, error) {
	t := &table{segment: s, times: make([]int64, s.docs), tokens: make([]int32, s.docs)}
	for e := s.documents(r, 0); ; {
		more, err := e.read()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		t.times[e.n], t.tokens[e.n] = e.time, int32(e.tokens)
	}
	if err := t.choose(r); err != nil {
		return nil, err
	}
	return t, t.fill(r)
}

// choose finds the values that are counted, in the order of their terms.
func (t *table) choose(r reader) error {
	type value struct {
		term string
		n    int
	}
	for i, f := range Facets {
		var all []value
		bound := func(most int) {
			if len(all) > most {
				slices.SortFunc(all, func(a, b value) int { return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.term, b.term)) })
				all = all[:mostCounted]
			}
		}
		err := t.prefixed(r, facetTerm(f, ""), func(e *termReader) error {
			all = append(all, value{string(e.term), e.n})
			bound(4 * mostCounted)
			return nil
		})
		if err != nil {
			return err
		}
		bound(mostCounted)
		for _, v := range all {
			t.values = append(t.values, v.term)
			t.facet = append(t.facet, uint8(i))
		}
	}
	return nil
}

// fill turns postings of facets into values of documents.
func (t *table) fill(r reader) error {
	number := make(map[string]uint16, len(t.values))
	for i, term := range t.values {
		number[term] = uint16(i)
	}
	t.first = make([]uint32, t.docs+1)
	each := func(f func(doc int64, value uint16)) error {
		return t.prefixed(r, facetMark, func(e *termReader) error {
			n, ok := number[string(e.term)]
			if !ok {
				return nil
			}
			it := e.iterate(t.docs)
			for it.next() {
				f(it.doc, n)
			}
			return it.err()
		})
	}
	if err := each(func(doc int64, _ uint16) { t.first[doc+1]++ }); err != nil {
		return err
	}
	for i := range t.docs {
		t.first[i+1] += t.first[i]
	}
	t.has = make([]uint16, t.first[t.docs])
	at := slices.Clone(t.first)
	return each(func(doc int64, value uint16) {
		t.has[at[doc]] = value
		at[doc]++
	})
}
