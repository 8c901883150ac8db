package search

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Page is a part of what was found.
type Page struct {
	Hits   []Hit
	Next   string // After of the next page; "" if there is none
	Total  int    // hits on all pages
	More   bool   // there are more than Total, which is MostTotal then
	Facets map[Facet][]Count
}

// Count is how many hits have a value. Of a facet that is filtered by, the others of its values are counted as if it were not.
type Count struct {
	Value string
	N     int
}

// Hit is an object that was found.
type Hit struct {
	ID       string
	Type     string
	Title    Marked // "" if the object has nothing of that kind
	Snippet  Snippet
	Modified time.Time // zero for what has no version
	Arrived  time.Time
	TLP      stix.TLP
	Origin   store.Party
	Creator  string
	Revoked  bool
}

// Marked is a text with the places in it that were looked for: bytes from, to, ascending, apart from each other. It is foreign text.
type Marked struct {
	Text   string
	Places [][2]int
}

// Snippet is a part of an object's text.
type Snippet struct {
	Marked
	Field  string   // the property that it is from
	Source string   // the language-content that it is from, "" for the object itself
	TLP    stix.TLP // of what it is from
}

// mostCounts is how many values of a facet are told.
const mostCounts = 20

// Search finds a page of objects. Words are looked for as the index has them, which may be behind the store ([Index.Behind]);
// what is shown of a hit is the object's current version, and what has no current version any more is left out of its page.
//
// Next may be used any time and any number of times. Hits that come or change meanwhile move to where they belong, so that a page shows none of
// what an earlier one showed, unless it changed, and leaves out nothing that did not.
func (x *Index) Search(ctx context.Context, q Query) (page Page, err error) {
	clauses, err := compile(q.Text)
	if err != nil {
		return page, err
	}
	after, err := readCursor(q)
	if err != nil {
		return page, err
	}
	limit := min(cmp.Or(max(q.Limit, 0), DefaultLimit), MostLimit)
	for attempt := 0; ; attempt++ {
		page, err = x.search(ctx, q, clauses, after, limit)
		switch {
		case !errors.Is(err, errCorrupt):
			return page, err
		case attempt > 0: // what cannot be read is made anew, by Run or the next CatchUp
			return page, errors.Join(err, x.Rebuild(ctx))
		}
		x.forget(nil) // perhaps it is what is in memory
	}
}

func (x *Index) search(ctx context.Context, q Query, clauses []clause, after *place, limit int) (page Page, err error) {
	err = x.store.View(ctx, func(tx store.Tx) error {
		m, ok, err := loadManifest(tx)
		if err != nil {
			return err
		}
		if !ok || m.Wiping {
			m = manifest{}
		}
		c, err := newCollector(tx, &q, clauses)
		if err != nil {
			return err
		}
		c.after, c.keep = after, limit+1
		tables := make([]*table, len(m.Segments))
		for i, info := range m.Segments {
			if err := ctx.Err(); err != nil {
				return err
			}
			t, dead, err := x.open(tx, info)
			if err != nil {
				return err
			}
			tables[i] = t
			if err := c.segment(tx.Records(), i, t, dead); err != nil {
				return err
			}
		}
		x.forget(&m)
		found, err := c.page(tx.Records(), tables)
		if err != nil {
			return err
		}
		page.Total, page.More = c.total, c.total >= MostTotal
		page.Facets = c.facets()
		if len(found) > limit {
			found = found[:limit]
			last := found[limit-1]
			page.Next = writeCursor(q, place{last.rank, last.id})
		}
		page.Hits, err = hits(tx, found, clauses)
		return err
	})
	if _, ok := Why(err); err != nil && !ok {
		err = fmt.Errorf("search: %w", err)
	}
	return page, err
}

// facets are the counts: of each facet the most frequent values, and those that are filtered by. Of several ways to write a value the most
// frequent one stands for all.
func (c *collector) facets() map[Facet][]Count {
	type spelt struct{ sum, most Count }
	byFacet := map[Facet]map[string]*spelt{}
	note := func(term string, n int) {
		facet, folded, written := splitTerm(term)
		if byFacet[facet] == nil {
			byFacet[facet] = map[string]*spelt{}
		}
		s := byFacet[facet][folded]
		if s == nil {
			s = &spelt{most: Count{written, 0}}
			byFacet[facet][folded] = s
		}
		s.sum.N += n
		if n > s.most.N || n == s.most.N && written < s.most.Value {
			s.most = Count{written, n}
		}
	}
	for term, n := range c.counts {
		note(term, n)
	}
	wanted := map[string]bool{}
	for _, f := range c.filters {
		for _, term := range f.terms {
			wanted[term] = true
			if f, folded, _ := splitTerm(term); byFacet[f][folded] == nil {
				note(term, 0)
			}
		}
	}
	all := map[Facet][]Count{}
	for facet, values := range byFacet {
		folded := slices.SortedFunc(maps.Keys(values), func(a, b string) int {
			return cmp.Or(cmp.Compare(values[b].sum.N, values[a].sum.N), strings.Compare(a, b))
		})
		for i, v := range folded {
			if i < mostCounts || wanted[facetTerm(facet, v)] {
				all[facet] = append(all[facet], Count{values[v].most.Value, values[v].sum.N})
			}
		}
	}
	return all
}

const cursorVersion = 1

// digest tells searches apart, so that a cursor of one is not taken for one of another.
func (q Query) digest() uint64 {
	h := fnv.New64a()
	h.Write([]byte(q.String()))
	return h.Sum64()
}

// writeCursor names the place behind which the next page begins. It holds all that is needed, and nothing that is secret.
func writeCursor(q Query, at place) string {
	b := binary.BigEndian.AppendUint64([]byte{cursorVersion}, q.digest())
	b = binary.AppendVarint(b, at.score)
	b = binary.AppendVarint(b, at.time)
	return base64.RawURLEncoding.EncodeToString(append(b, at.id...))
}

func readCursor(q Query) (*place, error) {
	if q.After == "" {
		return nil, nil
	}
	bad := because("search.cursor")
	if len(q.After) > 1000 {
		return nil, bad
	}
	b, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil || len(b) < 9 || b[0] != cursorVersion || binary.BigEndian.Uint64(b[1:9]) != q.digest() {
		return nil, bad
	}
	d := decoder{b: b[9:]}
	at := place{rank{d.int(), d.int()}, ""}
	at.id = string(d.b)
	if d.err != nil || !stix.ValidID(at.id) {
		return nil, bad
	}
	return &at, nil
}
