package search

import (
	"cmp"
	"container/heap"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

// rank is by what hits are ordered: the greater one first, of equal ones the lower id.
type rank struct{ score, time int64 }

func (a rank) compare(b rank) int {
	return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.time, b.time))
}

// candidate is a document that may be among the hits of a page.
type candidate struct {
	rank
	segment int // index into the manifest's
	doc     uint32
	id      string // once it is read
}

// best is a heap of the best candidates of one segment, the worst of them first.
type best []candidate

func (b best) Len() int      { return len(b) }
func (b best) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b best) Less(i, j int) bool {
	return cmp.Or(b[i].compare(b[j].rank), cmp.Compare(b[j].doc, b[i].doc)) < 0
}
func (b *best) Push(c any) { *b = append(*b, c.(candidate)) }
func (b *best) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

// bitset is a set of documents.
type bitset []uint64

func (b bitset) has(n uint32) bool { return b[n/64]&(1<<(n%64)) != 0 }
func (b bitset) add(n uint32)      { b[n/64] |= 1 << (n % 64) }

// filter is one facet with the terms that are allowed.
type filter struct {
	facet uint8
	terms []string
}

// collector goes through the segments and keeps what the page needs.
type collector struct {
	sort         Sort
	clauses      []clause
	filters      []filter
	not          []string // terms
	since, until int64    // until is exclusive
	window       bool     // since or until restrict
	after        *place   // where the page begins
	keep         int      // candidates

	candidates []candidate
	total      int
	counts     map[string]int // by term
}

// place is a place among the hits.
type place struct {
	rank
	id string
}

func newCollector(tx store.Tx, q *Query, clauses []clause) (*collector, error) {
	c := &collector{sort: q.Sort, clauses: clauses, counts: map[string]int{}, since: math.MinInt64, until: math.MaxInt64}
	f, err := filterTerms(tx, &q.Filters)
	if err != nil {
		return nil, err
	}
	if q.Revoked != nil {
		f[facetIndex(FacetRevoked)] = []string{facetTerm(FacetRevoked, map[bool]string{true: "yes", false: "no"}[*q.Revoked])}
	}
	not, err := filterTerms(tx, &q.Not)
	if err != nil {
		return nil, err
	}
	for i := range Facets {
		if len(f[i]) > 0 {
			c.filters = append(c.filters, filter{uint8(i), f[i]})
		}
		c.not = append(c.not, not[i]...)
	}
	c.since, c.until, c.window = nanos(q.Since, math.MinInt64), nanos(q.Until, math.MaxInt64), !q.Since.IsZero() || !q.Until.IsZero()
	return c, nil
}

// nanos is a time in ns since 1970; what is beyond the range is far away.
func nanos(t time.Time, zero int64) int64 {
	switch {
	case t.IsZero():
		return zero
	case t.Year() < 1700:
		return math.MinInt64
	case t.Year() > 2200:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func facetIndex(f Facet) int { return slices.Index(Facets[:], f) }

// filterTerms turns filters into terms, by facet.
func filterTerms(tx store.Tx, f *Filters) (terms [len(Facets)][]string, err error) {
	fold := newFolder()
	for i, facet := range Facets {
		if facet == FacetTLP {
			for _, t := range f.TLP {
				terms[i] = append(terms[i], facetTerm(facet, t.String()))
			}
		}
		list := f.list(facet)
		if list == nil {
			continue
		}
		for _, v := range *list {
			if facet == FacetOrigin && !strings.EqualFold(v, own) {
				p, err := partner.Resolve(tx, v)
				if err != nil {
					return terms, because("search.origin", v)
				}
				v = string(p.Party())
			}
			terms[i] = append(terms[i], facetTerm(facet, fold.value(v)))
		}
	}
	return terms, nil
}

// MostTotal is up to how many hits are counted.
const MostTotal = 1_000_000

// segment goes through one segment.
func (c *collector) segment(r reader, index int, t *table, dead deadSet) error {
	allowed := make([]bitset, len(c.filters))
	for i, f := range c.filters {
		set, err := t.set(r, f.terms)
		if err != nil {
			return err
		}
		allowed[i] = set
	}
	var denied bitset
	if len(c.not) > 0 {
		set, err := t.set(r, c.not)
		if err != nil {
			return err
		}
		denied = set
	}
	m := matcher{t, r}
	docs, scores, err := m.match(c.clauses)
	if err != nil {
		return err
	}
	counts := make([]int32, len(t.values))
	top := make(best, 0, c.keep)
	bound := -1 // the first document behind the page before among those of its last rank
	month := facetIndex(FacetMonth)
	for i, doc := range docs {
		if dead.has(int(doc)) || denied != nil && denied.has(doc) {
			continue
		}
		fails, failed := 0, 0
		for i, set := range allowed {
			if !set.has(doc) {
				fails, failed = fails+1, int(c.filters[i].facet)
			}
		}
		if at := t.times[doc]; c.window && (at < c.since || at >= c.until) {
			fails, failed = fails+1, month
		}
		if fails > 1 {
			continue
		}
		if c.total < MostTotal {
			for _, v := range t.has[t.first[doc]:t.first[doc+1]] {
				if fails == 0 || int(t.facet[v]) == failed {
					counts[v]++
				}
			}
		}
		if fails > 0 {
			continue
		}
		c.total = min(c.total+1, MostTotal)
		cand := candidate{rank: rank{time: t.times[doc]}, segment: index, doc: doc}
		if c.sort == Relevance {
			cand.score = scores[i]
		}
		if len(top) == c.keep && cand.compare(top[0].rank) <= 0 { // of equal ones the lower id, which came before
			continue
		}
		if c.after != nil {
			switch order := cand.compare(c.after.rank); {
			case order > 0:
				continue
			case order == 0:
				if bound < 0 {
					if bound, err = t.behind(r, c.after.id); err != nil {
						return err
					}
				}
				if int(doc) < bound {
					continue
				}
			}
		}
		if len(top) < c.keep {
			heap.Push(&top, cand)
		} else {
			top[0] = cand
			heap.Fix(&top, 0)
		}
	}
	c.candidates = append(c.candidates, top...)
	for v, n := range counts {
		if n > 0 {
			c.counts[t.values[v]] += int(n)
		}
	}
	return nil
}

// behind is the index of the first document whose id is greater.
func (s *segment) behind(r reader, id string) (int, error) {
	n, ok, err := s.find(r, id)
	if ok {
		n++
	}
	return n, err
}

// set finds the documents that have one of the terms of facets, however it is written.
func (t *table) set(r reader, terms []string) (bitset, error) {
	set := make(bitset, (t.docs+63)/64)
	for _, term := range terms {
		err := t.prefixed(r, term, func(e *termReader) error {
			if rest := e.term[len(term):]; len(rest) > 0 && rest[0] != asWritten[0] {
				return errEnough
			}
			it := e.iterate(t.docs)
			for it.next() {
				set.add(uint32(it.doc))
			}
			return it.err()
		})
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
	}
	return set, nil
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

// page returns the candidates that the page consists of, in order, one more if there is another page. tables are those of the segments.
func (c *collector) page(r reader, tables []*table) ([]candidate, error) {
	all := c.candidates
	slices.SortFunc(all, func(a, b candidate) int { return b.compare(a.rank) })
	n := min(len(all), c.keep)
	for n < len(all) && all[n].rank == all[n-1].rank { // ids decide
		n++
	}
	all = all[:n]
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.segment, b.segment), cmp.Compare(a.doc, b.doc)) })
	for from := 0; from < len(all); {
		var docs []uint32
		to := from
		for ; to < len(all) && all[to].segment == all[from].segment; to++ {
			docs = append(docs, all[to].doc)
		}
		ids, err := tables[all[from].segment].idsOf(r, docs)
		if err != nil {
			return nil, err
		}
		for i, id := range ids {
			all[from+i].id = id
		}
		from = to
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(b.compare(a.rank), strings.Compare(a.id, b.id)) })
	return all[:min(len(all), c.keep)], nil
}
