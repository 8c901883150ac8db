package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/store"
)

// reader is as much of store.Records as reading a segment takes.
type reader interface {
	Get(kind, key string) (r store.Record, ok bool, err error)
}

// segment reads a segment of the index. Its head is immutable; what else it has is asked of the reader at hand.
type segment struct {
	number                int64
	docs                  int
	firstDocs, firstTerms []string
}

func openSegment(r reader, number int64) (*segment, error) {
	head, ok, err := r.Get(kindSegment, partKey(number, 'h', 0))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: segment %d has no head", errCorrupt, number)
	}
	d := decoder{b: head.Value}
	s := &segment{number: number}
	s.docs = int(d.uint())
	s.firstDocs = d.keys()
	s.firstTerms = d.keys()
	if d.err != nil || (s.docs+docsOfPart-1)/docsOfPart != len(s.firstDocs) {
		return nil, fmt.Errorf("%w: head of segment %d", errCorrupt, number)
	}
	return s, nil
}

func (s *segment) part(r reader, letter byte, n int) (decoder, error) {
	key := partKey(s.number, letter, n)
	part, ok, err := r.Get(kindSegment, key)
	if err == nil && !ok {
		err = fmt.Errorf("%w: %s is missing", errCorrupt, key)
	}
	return decoder{b: part.Value}, err
}

// partOf is the index of the part that holds a key, if one does; -1 if it comes before all.
func partOf(first []string, key string) int {
	i, ok := slices.BinarySearch(first, key)
	if ok {
		return i
	}
	return i - 1
}

// docReader goes through the documents of a segment.
type docReader struct {
	s    *segment
	r    reader
	d    decoder
	next int // index of the next one

	n      int // of the document
	id     []byte
	time   int64
	tokens int
}

// documents begins before the first document of a part.
func (s *segment) documents(r reader, part int) *docReader {
	return &docReader{s: s, r: r, next: part * docsOfPart}
}

// read goes to the next document; false at the end.
func (e *docReader) read() (bool, error) {
	if e.next >= e.s.docs {
		return false, nil
	}
	if e.next%docsOfPart == 0 || e.d.b == nil {
		var err error
		if e.d, err = e.s.part(e.r, 'd', e.next/docsOfPart); err != nil {
			return false, err
		}
		e.id, e.time = e.id[:0], 0
	}
	e.id = e.d.key(e.id)
	e.time += e.d.int()
	e.tokens = int(e.d.uint())
	if e.d.err != nil {
		return false, fmt.Errorf("%w: documents of segment %d", e.d.err, e.s.number)
	}
	e.n = e.next
	e.next++
	return true, nil
}

// find returns the index of an id among the documents, or where it would stand.
func (s *segment) find(r reader, id string) (n int, ok bool, err error) {
	part := partOf(s.firstDocs, id)
	if part < 0 {
		return 0, false, nil
	}
	end := min((part+1)*docsOfPart, s.docs)
	for e := s.documents(r, part); e.next < end; {
		if _, err := e.read(); err != nil {
			return 0, false, err
		}
		if c := strings.Compare(string(e.id), id); c >= 0 {
			return e.n, c == 0, nil
		}
	}
	return end, false, nil
}

// findAll calls f with the index of each of the ids, which ascend, that is among the documents.
func (s *segment) findAll(r reader, ids []string, f func(n int)) error {
	for len(ids) > 0 {
		part := partOf(s.firstDocs, ids[0])
		if part < 0 {
			ids = ids[1:]
			continue
		}
		here := len(ids)
		if part+1 < len(s.firstDocs) {
			here, _ = slices.BinarySearch(ids, s.firstDocs[part+1])
		}
		wanted := ids[:here]
		ids = ids[here:]
		end := min((part+1)*docsOfPart, s.docs)
		for e := s.documents(r, part); e.next < end && len(wanted) > 0; {
			if _, err := e.read(); err != nil {
				return err
			}
			for len(wanted) > 0 && wanted[0] < string(e.id) {
				wanted = wanted[1:]
			}
			if len(wanted) > 0 && wanted[0] == string(e.id) {
				f(e.n)
			}
		}
	}
	return nil
}

// idsOf returns the ids of documents by their index; n ascends.
func (s *segment) idsOf(r reader, n []uint32) ([]string, error) {
	ids := make([]string, 0, len(n))
	for len(n) > 0 {
		part := int(n[0]) / docsOfPart
		for e := s.documents(r, part); len(n) > 0 && int(n[0])/docsOfPart == part; {
			more, err := e.read()
			if err == nil && !more {
				err = fmt.Errorf("%w: segment %d has no document %d", errCorrupt, s.number, n[0])
			}
			if err != nil {
				return nil, err
			}
			if int(n[0]) == e.n {
				ids = append(ids, string(e.id))
				n = n[1:]
			}
		}
	}
	return ids, nil
}

// termReader goes through the terms of a segment with their postings. What it gives is good until it goes on.
type termReader struct {
	s    *segment
	r    reader
	d    decoder
	next int // index of the next part

	term []byte
	postings
}

// terms begins before the first term of the part that a term would be in.
func (s *segment) terms(r reader, from string) *termReader {
	return &termReader{s: s, r: r, next: max(partOf(s.firstTerms, from), 0)}
}

// read goes to the next term; false at the end.
func (e *termReader) read() (bool, error) {
	if len(e.d.b) == 0 {
		if e.next >= len(e.s.firstTerms) {
			return false, nil
		}
		var err error
		if e.d, err = e.s.part(e.r, 't', e.next); err != nil {
			return false, err
		}
		e.term = e.term[:0]
		e.next++
	}
	e.term = e.d.key(e.term)
	e.n = int(e.d.uint())
	docs, places := e.d.count(), e.d.count()
	e.docs = e.d.bytes(docs)
	e.places = e.d.bytes(places)
	if e.d.err != nil {
		return false, fmt.Errorf("%w: terms of segment %d", e.d.err, e.s.number)
	}
	return true, nil
}

// lookup returns the postings of a term; none if the segment has none.
func (s *segment) lookup(r reader, term string) (p postings, err error) {
	part := partOf(s.firstTerms, term)
	if part < 0 {
		return p, nil
	}
	for e := s.terms(r, term); ; {
		more, err := e.read()
		if err != nil || !more || string(e.term) > term {
			return p, err
		}
		if string(e.term) == term {
			return e.postings, nil
		}
	}
}

// prefixed calls f for each term that begins with prefix.
func (s *segment) prefixed(r reader, prefix string, f func(e *termReader) error) error {
	for e := s.terms(r, prefix); ; {
		more, err := e.read()
		if err != nil || !more {
			return err
		}
		if len(e.term) >= len(prefix) && string(e.term[:len(prefix)]) == prefix {
			err = f(e)
		} else if string(e.term) > prefix {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
