package envelope

import (
	"golang.org/x/crypto/cryptobyte"

	"github.com/wagasa/wagasa/internal/store"
)

// Control is what an envelope says beside its items: receipts, voids, recalls and ledger heads. It carries no object content,
// and any number of repetitions changes nothing.
type Control struct {
	Ask        bool         // the sender wants to hear from us, be it an empty receipt
	Receipts   []Receipt    // at most 8
	Voids      []Void       // at most 4,096: numbers of the sender that will never come
	Recalls    []Recall     // at most 4,096
	Checkpoint []byte       // of the sender's ledger tree for the recipient: a signed note
	Proof      []store.Hash // consistency proof of that head
	ProofFrom  uint64       // size of the tree that the proof begins at
	Proven     uint64       // size of the recipient's tree for the sender that the sender has proven
}

// Receipt says what arrived of one incarnation of the recipient.
type Receipt struct {
	Incarnation uint64
	Streams     []Stream
}

// Stream is the state of one precedence.
type Stream struct {
	Precedence store.Precedence
	High       uint64      // every number up to it is settled here: arrived, or void
	Ranges     []Range     // settled beyond High, ascending
	Voided     []Range     // settled by a void, never opened here, ascending
	Exceptions []Exception // against items of numbers that arrived
	Conflicts  []uint64    // numbers that came twice with different content
}

// Range of numbers, both ends included.
type Range struct{ From, To uint64 }

// Exception says that an item arrived and was not taken as it is.
type Exception struct {
	Number uint64
	ID     string
	Kind   string // claim, held, quarantined, refused
	Code   string // of the reason
}

// Void withdraws a number.
type Void struct {
	Incarnation uint64
	Precedence  store.Precedence
	Number      uint64
}

// Recall withdraws copies of an object whose road begins at the sender: the wire form; versions up to Serial are meant.
type Recall struct {
	ID       string
	Modified int64 // 0 = every version
	Serial   uint64
	Code     string
}

const (
	maxReceipts = 8
	maxList     = 4096
	maxProof    = 128
	maxNote     = 4096
)

func (c *Control) encode() ([]byte, error) {
	b := cryptobyte.NewBuilder(nil)
	addBool(b, c.Ask)
	addList(b, c.Receipts, maxReceipts, addReceipt)
	addList(b, c.Voids, maxList, func(b *cryptobyte.Builder, v Void) {
		b.AddUint64(v.Incarnation)
		addPrecedence(b, v.Precedence)
		b.AddUint64(v.Number)
	})
	addList(b, c.Recalls, maxList, func(b *cryptobyte.Builder, r Recall) {
		addString(b, r.ID)
		b.AddUint64(uint64(r.Modified))
		b.AddUint64(r.Serial)
		addString(b, r.Code)
	})
	addText(b, string(c.Checkpoint), maxNote)
	addList(b, c.Proof, maxProof, func(b *cryptobyte.Builder, h store.Hash) { b.AddBytes(h[:]) })
	b.AddUint64(c.ProofFrom)
	b.AddUint64(c.Proven)
	return b.Bytes()
}

func (c *Control) decode(s cryptobyte.String) bool {
	var note cryptobyte.String
	ok := readBool(&s, &c.Ask) &&
		readList(&s, &c.Receipts, maxReceipts, readReceipt) &&
		readList(&s, &c.Voids, maxList, func(s *cryptobyte.String, v *Void) bool {
			return s.ReadUint64(&v.Incarnation) && readPrecedence(s, &v.Precedence) && s.ReadUint64(&v.Number)
		}) &&
		readList(&s, &c.Recalls, maxList, func(s *cryptobyte.String, r *Recall) bool {
			var modified uint64
			ok := readString(s, &r.ID) && s.ReadUint64(&modified) && s.ReadUint64(&r.Serial) && readString(s, &r.Code)
			r.Modified = int64(modified)
			return ok
		}) &&
		s.ReadUint16LengthPrefixed(&note) && len(note) <= maxNote &&
		readList(&s, &c.Proof, maxProof, func(s *cryptobyte.String, h *store.Hash) bool { return s.CopyBytes(h[:]) }) &&
		s.ReadUint64(&c.ProofFrom) && s.ReadUint64(&c.Proven) && s.Empty()
	c.Checkpoint = note
	return ok
}

func addReceipt(b *cryptobyte.Builder, r Receipt) {
	b.AddUint64(r.Incarnation)
	addList(b, r.Streams, len(store.Precedences), func(b *cryptobyte.Builder, s Stream) {
		addPrecedence(b, s.Precedence)
		b.AddUint64(s.High)
		if !ascending(s.Ranges) || !ascending(s.Voided) {
			b.SetError(invalid("ranges overlap or are out of order"))
		}
		addList(b, s.Ranges, maxList, addRange)
		addList(b, s.Voided, maxList, addRange)
		addList(b, s.Exceptions, maxList, func(b *cryptobyte.Builder, e Exception) {
			b.AddUint64(e.Number)
			addString(b, e.ID)
			addString(b, e.Kind)
			addString(b, e.Code)
		})
		addList(b, s.Conflicts, maxList, (*cryptobyte.Builder).AddUint64)
	})
}

func readReceipt(s *cryptobyte.String, r *Receipt) bool {
	return s.ReadUint64(&r.Incarnation) && readList(s, &r.Streams, len(store.Precedences), readStream)
}

func readStream(s *cryptobyte.String, t *Stream) bool {
	return readPrecedence(s, &t.Precedence) && s.ReadUint64(&t.High) &&
		readList(s, &t.Ranges, maxList, readRange) && ascending(t.Ranges) &&
		readList(s, &t.Voided, maxList, readRange) && ascending(t.Voided) &&
		readList(s, &t.Exceptions, maxList, func(s *cryptobyte.String, e *Exception) bool {
			return s.ReadUint64(&e.Number) && readString(s, &e.ID) && readString(s, &e.Kind) && readString(s, &e.Code)
		}) &&
		readList(s, &t.Conflicts, maxList, func(s *cryptobyte.String, n *uint64) bool { return s.ReadUint64(n) })
}

// ascending says whether each range lies behind the one before it.
func ascending(ranges []Range) bool {
	for i := 1; i < len(ranges); i++ {
		if ranges[i].From <= ranges[i-1].To {
			return false
		}
	}
	return true
}

func addRange(b *cryptobyte.Builder, r Range) {
	if r.From > r.To {
		b.SetError(invalid("the range %d to %d runs backwards", r.From, r.To))
	}
	b.AddUint64(r.From)
	b.AddUint64(r.To)
}

func readRange(s *cryptobyte.String, r *Range) bool {
	return s.ReadUint64(&r.From) && s.ReadUint64(&r.To) && r.From <= r.To
}

func addPrecedence(b *cryptobyte.Builder, p store.Precedence) {
	if p > store.Flash {
		b.SetError(invalid("there is no precedence %d", p))
	}
	b.AddUint8(uint8(p))
}

func readPrecedence(s *cryptobyte.String, p *store.Precedence) bool {
	ok := s.ReadUint8((*uint8)(p))
	return ok && *p <= store.Flash
}

// addList refuses what readList would: nothing is sealed that cannot be opened.
func addList[T any](b *cryptobyte.Builder, list []T, limit int, add func(*cryptobyte.Builder, T)) {
	if len(list) > limit {
		b.SetError(invalid("a list of %d is longer than %d", len(list), limit))
		return
	}
	b.AddUint16(uint16(len(list)))
	for _, v := range list {
		add(b, v)
	}
}

func readList[T any](s *cryptobyte.String, list *[]T, limit int, read func(*cryptobyte.String, *T) bool) bool {
	var n uint16
	if !s.ReadUint16(&n) || int(n) > limit {
		return false
	}
	for range n {
		var v T
		if !read(s, &v) {
			return false
		}
		*list = append(*list, v)
	}
	return true
}
