package stix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Reader reads objects one by one from a stream of any of these shapes, which it tells apart by itself:
//
//   - a bundle, with its members in any order; type or id may be missing
//   - a list of objects
//   - one object
//   - JSON Lines, or any of the above one after another
//
// each as it is or packed with gzip, with or without a byte order mark. It holds one object at a time and returns it as
// soon as its last byte has come. A Reader is for one goroutine.
//
// # What is a bundle
//
// An object with a list named "objects", unless another type than "bundle" is written before it. A STIX 2.0
// observed-data, whose "objects" is no list, is an ordinary object.
//
// # After a fault
//
// The extent of an object is found by its brackets and strings alone, so any other fault within it costs just this one
// object. Where the brackets do not match, an end cannot be known. For values that stand by themselves (JSON Lines),
// reading goes on at the next line that begins with an opening brace where none may stand; a line that was cut short
// may take the line after it along. Within a bundle or a list, and when there is no such line, the fault is final:
// everything before it has been delivered.
type Reader struct {
	src     source
	parser  *parser
	context context
	comma   bool // a comma was read last in the list
	filled  bool // an element was
	top     top
	began   bool // a JSON value has been read, so that later garbage is a fault and not the end
	index   int
	at      int64 // offset of the current object
	word    []byte
	err     error

	envelope envelope
	refused  func([]byte, *ObjectError)
}

type context uint8

const (
	betweenValues context = iota
	inList
	inBundle // in its objects
	inTop    // in the members of what stands by itself
)

// Option changes how a [Reader] reads.
type Option func(*Reader)

// MaxObject limits the bytes of one object; without it the limit is 8 MiB. A larger one is skipped, and costs no more
// memory than the limit.
func MaxObject(n int) Option {
	return func(r *Reader) {
		if n > 0 {
			r.src.limit = n
		}
	}
}

// MaxInput limits the bytes of the whole stream, unpacked; without it there is no limit. The error beyond it is final
// and wraps [ErrTooLarge].
func MaxInput(n int64) Option { return func(r *Reader) { r.src.total = n } }

// NewReader returns a Reader of r.
func NewReader(r io.Reader, opts ...Option) *Reader {
	rd := &Reader{parser: newParser()}
	rd.src = source{in: counter{r: r}, mark: -1, limit: 8 << 20}
	for _, o := range opts {
		o(rd)
	}
	return rd
}

// Bytes is the number of bytes taken from the underlying reader, still packed if they are packed.
func (r *Reader) Bytes() int64 { return r.src.in.n }

// Count is the number of objects so far, those that were refused included: the one that Next has just returned is the Count()-1st,
// counted from 0 as Index of an [ObjectError] is.
func (r *Reader) Count() int { return r.index }

// Next returns the next object. At the end it returns io.EOF. An [*ObjectError] concerns one object, and Next may be
// called again for those after it. Every other error is final and is returned again; it wraps io.ErrUnexpectedEOF if
// the input was cut short and [ErrSyntax] if it is no JSON.
func (r *Reader) Next() (Object, error) {
	for r.err == nil {
		o, err := r.step()
		var oe *ObjectError
		switch {
		case err == nil, errors.As(err, &oe):
			return o, err
		case err != errAgain:
			r.fail(err)
		}
	}
	return Object{}, r.err
}

var (
	errAgain  = errors.New("the step has read no object") // go on
	errEnd    = errors.New("the end, where it may be")
	errBroken = errors.New("the end of the value cannot be found")
)

func (r *Reader) step() (Object, error) {
	switch r.context {
	case inList, inBundle:
		return r.element()
	case inTop:
		return r.members()
	}
	return r.value()
}

// fail makes an error final and lets go of the memory.
func (r *Reader) fail(err error) {
	switch {
	case err == errEnd:
		r.err = io.EOF
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.err = fmt.Errorf("the input is cut short at byte %d: %w", r.src.base+int64(r.src.end), io.ErrUnexpectedEOF)
	default:
		r.err = fmt.Errorf("the input at byte %d: %w", r.src.offset(), err)
	}
	r.src = source{in: counter{n: r.src.in.n}}
	r.parser, r.word, r.envelope = nil, nil, envelope{}
}

// fault is an error of the current object.
func (r *Reader) fault(err error) *ObjectError {
	return &ObjectError{Index: r.index, Offset: r.at, Err: err}
}

// span reads on to the end of the value that s is in. The first bytes are remembered in r.word.
func (r *Reader) span(s *scanner) error {
	r.word = r.word[:0]
	for {
		piece := r.src.buf[r.src.pos:r.src.end]
		n, done := s.scan(piece)
		r.src.pos += n
		r.word = append(r.word, piece[:min(n, maxWord-len(r.word))]...)
		if r.envelope.on {
			r.envelope.add(piece[:n]...)
		}
		if done {
			return nil
		}
		if s.broken {
			return errBroken
		}
		if err := r.src.more(); err != nil {
			return err
		}
	}
}

// maxWord is more than "objects" and "bundle" take when every letter is escaped.
const maxWord = 64

// deliver ends the current object, whose brackets s has followed.
func (r *Reader) deliver(s *scanner) (Object, error) {
	raw := r.src.kept()
	switch {
	case raw == nil:
		oe := r.fault(fmt.Errorf("%w: more than %d bytes", ErrTooLarge, r.src.limit))
		oe.Type, oe.ID = r.src.overType, r.src.overID
		r.index++
		return Object{}, oe
	case s.tooDeep:
		oe := r.fault(depthError())
		oe.Type, oe.ID = findID(raw)
		r.index++
		return Object{}, oe
	}
	own := bytes.Clone(raw)
	o, oe := r.parser.parse(own)
	if oe != nil {
		oe.Index, oe.Offset = r.index, r.at
		r.index++
		if r.refused != nil {
			r.refused(own, oe)
		}
		return Object{}, oe
	}
	r.index++
	return o, nil
}
