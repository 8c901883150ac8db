package search

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/wagasa/wagasa/internal/store"
)

// kindSegment are the parts of segments. The key is the segment's number, then h (its head), d and a number (documents) or t and a
// number (terms), then, once documents of it are dead, x (which ones).
const kindSegment = "search-segment"

func partKey(segment int64, letter byte, n int) string {
	return fmt.Sprintf("%08x%c%06x", segment, letter, n)
}

const (
	docsOfPart  = 256
	bytesOfPart = 32 << 10
	ownPart     = 8 << 10 // postings of so many bytes have a part of their own
)

// writer makes the parts of one segment, in order: first all documents, then all terms. Each part goes to put once it is full.
type writer struct {
	segment int64
	put     func(r store.Record) error

	docs, tokens          int
	bytes                 int
	firstDocs, firstTerms []string

	buf  []byte
	n    int // documents in buf
	last string
	time int64
	term bool // terms have begun
}

// doc writes one document; ids ascend.
func (w *writer) doc(id string, time int64, tokens int) error {
	if w.n == docsOfPart {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if w.n == 0 {
		w.firstDocs = append(w.firstDocs, id)
	}
	w.buf = appendKey(w.buf, w.last, id)
	w.buf = binary.AppendVarint(w.buf, time-w.time)
	w.buf = binary.AppendUvarint(w.buf, uint64(tokens))
	w.last, w.time = id, time
	w.n++
	w.docs++
	w.tokens += tokens
	return nil
}

// postings writes one term; terms ascend.
func (w *writer) postings(term string, p *postings) error {
	size := len(p.docs) + len(p.places)
	if !w.term || len(w.buf) >= bytesOfPart || size >= ownPart {
		if err := w.flush(); err != nil {
			return err
		}
		w.term = true
	}
	if len(w.buf) == 0 {
		w.firstTerms = append(w.firstTerms, term)
	}
	w.buf = appendKey(w.buf, w.last, term)
	w.buf = binary.AppendUvarint(w.buf, uint64(p.n))
	w.buf = binary.AppendUvarint(w.buf, uint64(len(p.docs)))
	w.buf = binary.AppendUvarint(w.buf, uint64(len(p.places)))
	w.buf = append(w.buf, p.docs...)
	w.buf = append(w.buf, p.places...)
	w.last = term
	if size >= ownPart {
		return w.flush()
	}
	return nil
}

// flush ends a part.
func (w *writer) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	letter, n := byte('d'), len(w.firstDocs)
	if w.term {
		letter, n = 't', len(w.firstTerms)
	}
	w.bytes += len(w.buf)
	err := w.put(store.Record{Kind: kindSegment, Key: partKey(w.segment, letter, n-1), Value: w.buf})
	w.buf, w.n, w.last, w.time = nil, 0, "", 0
	return err
}

// end writes the head and tells what the segment is.
func (w *writer) end() (segmentInfo, error) {
	if err := w.flush(); err != nil {
		return segmentInfo{}, err
	}
	head := binary.AppendUvarint(nil, uint64(w.docs))
	head = appendKeys(head, w.firstDocs)
	head = appendKeys(head, w.firstTerms)
	w.bytes += len(head)
	err := w.put(store.Record{Kind: kindSegment, Key: partKey(w.segment, 'h', 0), Value: head})
	return segmentInfo{Number: w.segment, Docs: w.docs, Bytes: w.bytes}, err
}

// build makes a segment of documents, which it sorts; no id is there twice.
func build(segment int64, docs []document, put func(store.Record) error) (segmentInfo, error) {
	slices.SortFunc(docs, func(a, b document) int { return cmp.Compare(a.id, b.id) })
	w := writer{segment: segment, put: put}
	terms := map[string]*posting{}
	t := newTokenizer()
	for n := range docs {
		d := &docs[n]
		tokens := t.document(d, func(term []byte, place int, titled bool) {
			p := terms[string(term)]
			if p == nil {
				p = newPosting()
				terms[string(term)] = p
			}
			p.add(int64(n), place, titled)
		})
		for _, facet := range d.facets {
			p := terms[facet]
			if p == nil {
				p = newPosting()
				terms[facet] = p
			}
			p.addDoc(int64(n))
		}
		if err := w.doc(d.id, d.time, tokens); err != nil {
			return segmentInfo{}, err
		}
	}
	for _, term := range slices.Sorted(maps.Keys(terms)) {
		p := terms[term]
		p.flush()
		if err := w.postings(term, &p.postings); err != nil {
			return segmentInfo{}, err
		}
	}
	return w.end()
}

// document calls f for each term of a document and returns how many there are. Between two fields a position is left free, so that no
// phrase goes from one into the other.
func (t *tokenizer) document(d *document, f func(term []byte, place int, titled bool)) (tokens int) {
	place := 0
	for i := range d.fields {
		if place >= mostTokens {
			break
		}
		place = t.tokens(d.fields[i].text, place, func(term []byte, at, _, _ int) bool {
			f(term, at, i < d.titled)
			tokens++
			return at+1 < mostTokens
		}) + 1
	}
	return tokens
}
