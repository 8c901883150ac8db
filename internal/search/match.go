package search

import (
	"cmp"
	"slices"
)

// found is a document that has what a clause asks for.
type found struct {
	doc    uint32
	times  uint32
	titled bool
}

// occurrences are the places of a slot, by document.
type occurrences struct {
	found []found
	end   []uint32 // by document: the end of its places in at
	at    []uint32
}

// matcher evaluates clauses on one segment.
type matcher struct {
	t *table
	r reader
}

// match returns what has all that is asked for and nothing that must not be there, ascending by document, with its score. Without clauses
// that ask for something it starts from all documents.
func (m *matcher) match(clauses []clause) (docs []uint32, scores []int64, err error) {
	exact, none, err := m.lookup(clauses)
	if err != nil || none {
		return nil, nil, err
	}
	order := make([]int, len(clauses))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.cost(clauses, exact, a), m.cost(clauses, exact, b)) })
	all := true
	for _, i := range order {
		if clauses[i].not && all { // nothing was asked for
			docs, scores, all = m.everything(), make([]int64, m.t.docs), false
		}
		within := docs
		if all {
			within = nil
		}
		hits, err := m.clause(&clauses[i], exact[i], within, !all)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case clauses[i].not:
			docs, scores = without(docs, scores, hits)
		case all:
			docs, scores = make([]uint32, len(hits)), make([]int64, len(hits))
			for n, h := range hits {
				docs[n], scores[n] = h.doc, m.score(h)
			}
			all = false
		default:
			docs, scores = m.both(docs, scores, hits)
		}
		if len(docs) == 0 {
			return nil, nil, nil
		}
	}
	if all {
		docs, scores = m.everything(), make([]int64, m.t.docs)
	}
	return docs, scores, nil
}

func (m *matcher) everything() []uint32 {
	docs := make([]uint32, m.t.docs)
	for i := range docs {
		docs[i] = uint32(i)
	}
	return docs
}

// lookup finds the postings of all slots that are whole terms; none says that one that is asked for has none.
func (m *matcher) lookup(clauses []clause) (exact [][]postings, none bool, err error) {
	exact = make([][]postings, len(clauses))
	for i, c := range clauses {
		exact[i] = make([]postings, len(c.slots))
		for j, s := range c.slots {
			if s.begins {
				continue
			}
			p, err := m.t.lookup(m.r, s.term)
			if err != nil {
				return nil, false, err
			}
			if exact[i][j] = p; p.n == 0 && !c.not {
				return nil, true, nil
			}
		}
	}
	return exact, false, nil
}

// cost guesses how much work a clause is: whole terms by their postings, beginnings late, exclusions last.
func (m *matcher) cost(clauses []clause, exact [][]postings, i int) int {
	least := 1 << 40
	for j, s := range clauses[i].slots {
		if !s.begins {
			least = min(least, exact[i][j].n)
		}
	}
	if clauses[i].not {
		least += 1 << 50
	}
	return least
}

// clause finds the documents that have a clause; if bounded, among those of within.
func (m *matcher) clause(c *clause, exact []postings, within []uint32, bounded bool) ([]found, error) {
	if len(c.slots) == 1 {
		return m.single(&c.slots[0], &exact[0], within, bounded)
	}
	order := make([]int, len(c.slots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(slotCost(&c.slots[a], &exact[a]), slotCost(&c.slots[b], &exact[b]))
	})
	lists := make([]occurrences, len(c.slots))
	for _, i := range order {
		list, err := m.places(&c.slots[i], &exact[i], within, bounded)
		if err != nil || len(list.found) == 0 {
			return nil, err
		}
		lists[i] = list
		within, bounded = docsOf(list.found), true
	}
	return phrase(c.slots, lists, order[0], within), nil
}

func slotCost(s *slot, p *postings) int {
	if s.begins {
		return 1 << 40
	}
	return p.n
}

func docsOf(list []found) []uint32 {
	docs := make([]uint32, len(list))
	for i, f := range list {
		docs[i] = f.doc
	}
	return docs
}

// single finds the documents that have one slot.
func (m *matcher) single(s *slot, exact *postings, within []uint32, bounded bool) (list []found, err error) {
	if !s.begins {
		it := exact.iterate(m.t.docs)
		for it.next() {
			if rest, ok := skipTo(&within, bounded, it.doc); ok {
				list = append(list, found{uint32(it.doc), uint32(it.times), it.titled})
			} else if bounded && len(rest) == 0 {
				break
			}
		}
		return list, it.err()
	}
	sums, n := make([]found, m.t.docs), 0
	err = m.t.prefixed(m.r, s.term, func(e *termReader) error {
		within := within
		it := e.iterate(m.t.docs)
		for it.next() {
			if _, ok := skipTo(&within, bounded, it.doc); ok {
				sum := &sums[it.doc]
				if sum.times == 0 {
					n++
				}
				*sum = found{uint32(it.doc), sum.times + uint32(it.times), sum.titled || it.titled}
			}
		}
		return it.err()
	})
	list = make([]found, 0, n)
	for _, f := range sums {
		if f.times > 0 {
			list = append(list, f)
		}
	}
	return list, err
}

// skipTo drops what comes before doc and says whether doc is there.
func skipTo(within *[]uint32, bounded bool, doc int64) (rest []uint32, ok bool) {
	if !bounded {
		return nil, true
	}
	w := *within
	for len(w) > 0 && int64(w[0]) < doc {
		if len(w) > 64 && int64(w[63]) < doc {
			w = w[64:]
			continue
		}
		w = w[1:]
	}
	*within = w
	return w, len(w) > 0 && int64(w[0]) == doc
}

// places finds the documents that have one slot, and where.
func (m *matcher) places(s *slot, exact *postings, within []uint32, bounded bool) (list occurrences, err error) {
	collect := func(p *postings, within []uint32, list *occurrences) error {
		it := p.iterate(m.t.docs)
		for it.next() {
			rest, ok := skipTo(&within, bounded, it.doc)
			if !ok {
				if bounded && len(rest) == 0 {
					break
				}
				it.skipPlaces()
				continue
			}
			list.at = it.readPlaces(list.at)
			list.found = append(list.found, found{uint32(it.doc), uint32(it.times), it.titled})
			list.end = append(list.end, uint32(len(list.at)))
		}
		return it.err()
	}
	if !s.begins {
		err := collect(exact, within, &list)
		return list, err
	}
	var many occurrences
	err = m.t.prefixed(m.r, s.term, func(e *termReader) error { return collect(&e.postings, within, &many) })
	if err != nil {
		return list, err
	}
	return many.sorted(), nil
}

// sorted brings together the places that several terms have in one document.
func (o *occurrences) sorted() (list occurrences) {
	order := make([]int, len(o.found))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(o.found[a].doc, o.found[b].doc) })
	for _, i := range order {
		from := uint32(0)
		if i > 0 {
			from = o.end[i-1]
		}
		n := len(list.found)
		if n > 0 && list.found[n-1].doc == o.found[i].doc {
			n--
			list.found[n].times += o.found[i].times
			list.found[n].titled = list.found[n].titled || o.found[i].titled
		} else {
			list.found = append(list.found, o.found[i])
			list.end = append(list.end, 0)
		}
		list.at = append(list.at, o.at[from:o.end[i]]...)
		list.end[n] = uint32(len(list.at))
	}
	from := uint32(0)
	for _, end := range list.end {
		slices.Sort(list.at[from:end])
		from = end
	}
	return list
}

// phrase finds where the slots stand at their places behind each other, among documents that all lists have.
func phrase(slots []slot, lists []occurrences, rarest int, docs []uint32) (hits []found) {
	next := make([]int, len(lists))
	at := make([][]uint32, len(lists))
	for _, doc := range docs {
		titled := true
		for i := range lists {
			l := &lists[i]
			for l.found[next[i]].doc < doc {
				next[i]++
			}
			from := uint32(0)
			if next[i] > 0 {
				from = l.end[next[i]-1]
			}
			at[i] = l.at[from:l.end[next[i]]]
			titled = titled && l.found[next[i]].titled
		}
		times := uint32(0)
		for _, p := range at[rarest] {
			if p < slots[rarest].at {
				continue
			}
			start, all := p-slots[rarest].at, true
			for i := range lists {
				if i == rarest {
					continue
				}
				if _, ok := slices.BinarySearch(at[i], start+slots[i].at); !ok {
					all = false
					break
				}
			}
			if all {
				times++
			}
		}
		if times > 0 {
			hits = append(hits, found{doc, times, titled})
		}
	}
	return hits
}

// both keeps the documents that hits has, too, and adds up.
func (m *matcher) both(docs []uint32, scores []int64, hits []found) ([]uint32, []int64) {
	n := 0
	for i, doc := range docs {
		for len(hits) > 0 && hits[0].doc < doc {
			hits = hits[1:]
		}
		if len(hits) > 0 && hits[0].doc == doc {
			docs[n], scores[n] = doc, scores[i]+m.score(hits[0])
			n++
		}
	}
	return docs[:n], scores[:n]
}

func without(docs []uint32, scores []int64, hits []found) ([]uint32, []int64) {
	n := 0
	for i, doc := range docs {
		for len(hits) > 0 && hits[0].doc < doc {
			hits = hits[1:]
		}
		if len(hits) == 0 || hits[0].doc != doc {
			docs[n], scores[n] = doc, scores[i]
			n++
		}
	}
	return docs[:n], scores[:n]
}

// score says how much a document is about a clause. It depends on nothing but the two, so that a place among the hits stays what it
// is while objects come and go: how rare a word is elsewhere does not count.
func (m *matcher) score(f found) int64 { return score(f, int64(m.t.tokens[f.doc])) }

func score(f found, tokens int64) int64 {
	times := min(int64(f.times), 1000)
	s := 1000 * times / (times + 1 + tokens/100)
	if f.titled {
		s += 1500
	}
	return s
}
