package search

import "encoding/binary"

// postings are the documents that have a term, as bytes: two lists, apart so that who does not need the places does not read them. In docs a document
// is its distance to the one before it, whether the term is in its title, and how often it is there; in places it is its positions in
// their order. Terms of facets have no places.
type postings struct {
	n            int
	docs, places []byte
}

const (
	flagOnce   = 1 // it is there once
	flagTitled = 2
	flagBits   = 2
)

// posting collects postings; documents and places come in ascending order.
type posting struct {
	postings
	last, doc int64 // documents: the last one written, the one that is under way
	times     uint64
	titled    bool
	place     uint64
}

func newPosting() *posting { return &posting{last: -1, doc: -1} }

// add notes a place in a document.
func (p *posting) add(doc int64, place int, titled bool) {
	if doc != p.doc {
		p.flush()
		p.doc, p.place = doc, 0
	}
	p.times++
	p.titled = p.titled || titled
	p.places = binary.AppendUvarint(p.places, uint64(place)-p.place)
	p.place = uint64(place)
}

// addDoc notes a document without places.
func (p *posting) addDoc(doc int64) {
	p.flush()
	p.doc, p.times = doc, 1
}

// addAll notes a document with places that are encoded already.
func (p *posting) addAll(doc int64, times uint64, titled bool, places []byte) {
	p.flush()
	p.doc, p.times, p.titled = doc, times, titled
	p.places = append(p.places, places...)
}

// flush writes the document that is under way.
func (p *posting) flush() {
	if p.times == 0 {
		return
	}
	v := uint64(p.doc-p.last-1) << flagBits
	if p.titled {
		v |= flagTitled
	}
	if p.times == 1 {
		p.docs = binary.AppendUvarint(p.docs, v|flagOnce)
	} else {
		p.docs = binary.AppendUvarint(p.docs, v)
		p.docs = binary.AppendUvarint(p.docs, p.times)
	}
	p.n++
	p.last, p.times, p.titled = p.doc, 0, false
}

func (p *posting) reset() {
	*p = posting{postings: postings{docs: p.docs[:0], places: p.places[:0]}, last: -1, doc: -1}
}

// iterator goes through postings.
type iterator struct {
	docs, places decoder
	left         int
	most         int64 // documents of the segment
	doc          int64
	times        uint64
	titled       bool
}

// iterate begins before the first document; docs is how many documents the segment has.
func (p *postings) iterate(docs int) iterator {
	return iterator{docs: decoder{b: p.docs}, places: decoder{b: p.places}, left: p.n, most: int64(docs), doc: -1}
}

// next goes to the next document; false at the end.
func (i *iterator) next() bool {
	if i.left == 0 || i.docs.err != nil {
		return false
	}
	i.left--
	v := i.docs.uint()
	i.doc += int64(v>>flagBits) + 1
	i.titled = v&flagTitled != 0
	i.times = 1
	if v&flagOnce == 0 {
		i.times = i.docs.uint()
	}
	if i.docs.err == nil && (i.doc < 0 || i.doc >= i.most) {
		i.docs.fail()
	}
	return i.docs.err == nil
}

// skipPlaces passes over the places of the document and returns their bytes. Each document's places are passed or read once.
func (i *iterator) skipPlaces() []byte {
	b := i.places.b
	for range min(i.times, mostTokens) {
		i.places.uint()
	}
	return b[:len(b)-len(i.places.b)]
}

// readPlaces appends the places of the document.
func (i *iterator) readPlaces(to []uint32) []uint32 {
	place := uint64(0)
	for range min(i.times, mostTokens) {
		place += i.places.uint()
		to = append(to, uint32(place))
	}
	return to
}

func (i *iterator) err() error {
	if i.docs.err != nil {
		return i.docs.err
	}
	return i.places.err
}
