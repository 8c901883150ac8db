package search

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/wagasa/wagasa/internal/store"
)

const (
	smallest   = 16 << 10 // segments of fewer bytes are of one size
	fanout     = 6        // so many segments of one size make one of the next
	mostMerged = 24       // at once
	largest    = 64 << 20 // segments of more bytes are not merged any more, unless most of one is dead
	putBytes   = 1 << 20  // that one transaction of a merge writes
	sweepParts = 64       // that one transaction deletes
)

// plan chooses what to merge next; nothing if there are few segments of every size.
func plan(segments []segmentInfo) []segmentInfo {
	sizes := map[int][]segmentInfo{}
	for _, s := range segments {
		live := s.Bytes / max(s.Docs, 1) * (s.Docs - s.Dead)
		if s.Dead > s.Docs/2 && s.Docs > docsOfPart {
			return []segmentInfo{s}
		}
		if live <= largest {
			size := (bits.Len(uint(live/smallest)) + 1) / 2 // powers of four
			sizes[size] = append(sizes[size], s)
		}
	}
	for size := range 16 {
		if s := sizes[size]; len(s) >= fanout {
			return s[:min(len(s), mostMerged)]
		}
	}
	return nil
}

// views reads each record in a transaction of its own: segments do not change, and no merge should keep the store from tidying up.
type views struct {
	ctx   context.Context
	store store.Store
}

func (v views) Get(kind, key string) (r store.Record, ok bool, err error) {
	err = v.store.View(v.ctx, func(tx store.Tx) (err error) {
		r, ok, err = tx.Records().Get(kind, key)
		return err
	})
	return r, ok, err
}

// merging makes one segment of several.
type merging struct {
	ctx      context.Context
	store    store.Store
	manifest manifest // that this merge has announced itself in
	sources  []*source
	records  []store.Record // to be written
	bytes    int
}

// source is one of the segments.
type source struct {
	dead   deadSet
	docs   *docReader
	terms  *termReader
	more   bool
	number []int32 // by old number of a document the new one, -1 for a dead one
	places bool
	it     iterator
}

// merge makes one segment of several: it announces the number of the new one, writes it bit by bit and puts it in their place. It gives up
// when somebody else changes the index meanwhile.
func (x *Index) merge(ctx context.Context, m manifest, segments []segmentInfo) error {
	g := merging{ctx: ctx, store: x.store, manifest: m.clone()}
	err := g.announce()
	if err == nil {
		err = g.open(segments)
	}
	w := writer{segment: g.manifest.Pending, put: g.put}
	if err == nil {
		err = g.documents(&w)
	}
	if err == nil {
		err = g.terms(&w)
	}
	var info segmentInfo
	if err == nil {
		info, err = w.end()
	}
	if err == nil {
		err = x.store.Update(ctx, func(tx store.Tx) error { return g.finish(tx, info, segments) })
	}
	if errors.Is(err, errCorrupt) { // perhaps it is only that they are gone
		err = errors.Join(x.store.View(ctx, g.manifest.unchanged), err)
		if errors.Is(err, errOvertaken) {
			return errOvertaken
		}
	}
	if err != nil && !errors.Is(err, errOvertaken) {
		err = fmt.Errorf("search: merge: %w", err)
	}
	return err
}

// announce takes a number. What another merge wrote that was not finished is garbage now.
func (g *merging) announce() error {
	return g.store.Update(g.ctx, func(tx store.Tx) error {
		m := &g.manifest
		if err := m.unchanged(tx); err != nil {
			return err
		}
		if m.Pending != 0 {
			m.Garbage = append(m.Garbage, m.Pending)
		}
		m.Pending = m.Next
		m.Next++
		return m.save(tx)
	})
}

func (g *merging) open(segments []segmentInfo) error {
	r := views{g.ctx, g.store}
	for _, info := range segments {
		s, err := openSegment(r, info.Number)
		if err != nil {
			return err
		}
		dead, err := loadDead(r, info)
		if err != nil {
			return err
		}
		g.sources = append(g.sources, &source{dead: dead, docs: s.documents(r, 0), terms: s.terms(r, ""), number: make([]int32, s.docs)})
	}
	return nil
}

// put collects parts and writes them, some at a time.
func (g *merging) put(r store.Record) error {
	g.records = append(g.records, r)
	if g.bytes += len(r.Value); g.bytes < putBytes {
		return nil
	}
	return g.store.Update(g.ctx, func(tx store.Tx) error {
		if err := g.manifest.unchanged(tx); err != nil {
			return err
		}
		return g.write(tx)
	})
}

func (g *merging) write(tx store.Tx) error {
	for _, r := range g.records {
		if err := tx.Records().Put(r); err != nil {
			return err
		}
	}
	g.records, g.bytes = nil, 0
	return nil
}

// finish puts the new segment in the place of the old ones.
func (g *merging) finish(tx store.Tx, info segmentInfo, old []segmentInfo) error {
	m := &g.manifest
	if err := m.unchanged(tx); err != nil {
		return err
	}
	if err := g.write(tx); err != nil {
		return err
	}
	for _, s := range old {
		m.Garbage = append(m.Garbage, s.Number)
	}
	m.Segments = slices.DeleteFunc(m.Segments, func(s segmentInfo) bool { return slices.Contains(m.Garbage, s.Number) })
	m.Segments = append(m.Segments, info)
	m.Pending = 0
	return m.save(tx)
}

// documents writes those that are not dead, in the order of their ids, and remembers where they went.
func (g *merging) documents(w *writer) error {
	for _, s := range g.sources {
		if err := s.nextDoc(); err != nil {
			return err
		}
	}
	last := ""
	for {
		var least *source
		for _, s := range g.sources {
			if s.more && (least == nil || bytes.Compare(s.docs.id, least.docs.id) < 0) {
				least = s
			}
		}
		if least == nil {
			return nil
		}
		id := string(least.docs.id)
		if id <= last {
			return fmt.Errorf("%w: %s is there twice", errCorrupt, id)
		}
		last = id
		least.number[least.docs.n] = int32(w.docs)
		if err := w.doc(id, least.docs.time, least.docs.tokens); err != nil {
			return err
		}
		if err := least.nextDoc(); err != nil {
			return err
		}
	}
}

// nextDoc goes to the next document that is not dead.
func (s *source) nextDoc() (err error) {
	for {
		if s.more, err = s.docs.read(); err != nil || !s.more || !s.dead.has(s.docs.n) {
			return err
		}
		s.number[s.docs.n] = -1
	}
}

// terms writes all terms with what is left of their postings.
func (g *merging) terms(w *writer) (err error) {
	for _, s := range g.sources {
		if s.more, err = s.terms.read(); err != nil {
			return err
		}
	}
	p := newPosting()
	var having []*source
	for {
		having = having[:0]
		for _, s := range g.sources {
			if !s.more {
				continue
			}
			c := -1
			if len(having) > 0 {
				c = bytes.Compare(s.terms.term, having[0].terms.term)
			}
			if c < 0 {
				having = having[:0]
			}
			if c <= 0 {
				having = append(having, s)
			}
		}
		if len(having) == 0 {
			return nil
		}
		term := string(having[0].terms.term)
		p.reset()
		if err := combine(p, having, term[:1] != facetMark); err != nil {
			return err
		}
		if p.n > 0 {
			if err := w.postings(term, &p.postings); err != nil {
				return err
			}
		}
		for _, s := range having {
			if s.more, err = s.terms.read(); err != nil {
				return err
			}
		}
	}
}

// combine collects the postings of one term under their new numbers.
func combine(p *posting, sources []*source, places bool) error {
	left := slices.Clone(sources)
	for _, s := range left {
		s.it, s.places = s.terms.iterate(len(s.number)), places
	}
	left = slices.DeleteFunc(left, func(s *source) bool { return !s.next() })
	for len(left) > 0 {
		least := 0
		for i, s := range left {
			if s.number[s.it.doc] < left[least].number[left[least].it.doc] {
				least = i
			}
		}
		s := left[least]
		var b []byte
		if places {
			b = s.it.skipPlaces()
		}
		p.addAll(int64(s.number[s.it.doc]), s.it.times, s.it.titled, b)
		if !s.next() {
			left = slices.Delete(left, least, least+1)
		}
	}
	p.flush()
	for _, s := range sources {
		if err := s.it.err(); err != nil {
			return err
		}
	}
	return nil
}

// next goes to the next posting of a document that is not dead.
func (s *source) next() bool {
	for s.it.next() {
		if s.number[s.it.doc] >= 0 {
			return true
		}
		if s.places {
			s.it.skipPlaces()
		}
	}
	return false
}

// sweep deletes some of the records of a segment that is not needed any more.
func (x *Index) sweep(ctx context.Context, m manifest) error {
	return x.store.Update(ctx, func(tx store.Tx) error {
		if err := m.unchanged(tx); err != nil {
			return err
		}
		prefix := fmt.Sprintf("%08x", m.Garbage[0])
		n, err := drop(tx, kindSegment, prefix)
		if err != nil || n > 0 {
			return err
		}
		m.Garbage = m.Garbage[1:]
		return m.save(tx)
	})
}

// wipe deletes some of the index that is to be made anew, and begins it once all is deleted.
func (x *Index) wipe(ctx context.Context) error {
	x.forget(nil)
	return x.store.Update(ctx, func(tx store.Tx) error {
		m, ok, err := loadManifest(tx)
		if err != nil || ok && !m.Wiping {
			return err
		}
		n, err := drop(tx, kindSegment, "")
		if err == nil && n == 0 {
			n, err = drop(tx, kindTranslation, "")
		}
		if err != nil {
			return err
		}
		next := manifest{Format: format, Generation: m.Generation, Next: max(m.Next, m.Generation+1), Wiping: n > 0}
		if n == 0 {
			if err := tx.Feed().SetCursor(consumer, 0); err != nil {
				return err
			}
		}
		return next.save(tx)
	})
}

// drop deletes some records whose key is longer than a prefix and begins with it, and tells how many.
func drop(tx store.Tx, kind, prefix string) (n int, err error) {
	found, err := tx.Records().List(kind, prefix, sweepParts)
	if err != nil {
		return 0, err
	}
	for _, r := range found {
		if r.Key[:min(len(prefix), len(r.Key))] != prefix {
			break
		}
		if err := tx.Records().Delete(kind, r.Key); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
