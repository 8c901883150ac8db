package stix

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

const pieceSize = 64 << 10

// source is a window on the input, unpacked if it is gzip. Bytes from mark on are kept when more are read, up to limit.
type source struct {
	in    counter
	r     io.Reader // nil until the first read
	buf   []byte
	pos   int // the next byte
	end   int
	base  int64 // offset of buf[0] in the stream
	gone  byte  // the byte before buf[0]
	mark  int   // -1: nothing is kept
	limit int
	total int64 // most bytes of the whole stream, 0 for no limit
	err   error // of the reader, final
	over  bool  // what was kept outgrew the limit and was dropped; so much was learnt of it before:
	// its type and id.
	overType, overID string
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (s *source) offset() int64 { return s.base + int64(s.pos) }

// keep begins to keep what is read from here on.
func (s *source) keep() {
	s.drop()
	s.mark = s.pos
}

// kept ends it. It is nil if that was too much or has been dropped.
func (s *source) kept() []byte {
	if s.mark >= 0 && s.pos-s.mark > s.limit {
		s.outgrow(s.pos)
	}
	if s.mark < 0 {
		return nil
	}
	b := s.buf[s.mark:s.pos]
	s.mark = -1
	return b
}

// before is the byte before the next one.
func (s *source) before() byte {
	if s.pos == 0 {
		return s.gone
	}
	return s.buf[s.pos-1]
}

// drop keeps nothing any longer.
func (s *source) drop() {
	s.mark, s.over = -1, false
	s.overType, s.overID = "", ""
}

func (s *source) outgrow(to int) {
	s.overType, s.overID = findID(s.buf[s.mark:min(to, s.mark+s.limit)])
	s.mark, s.over = -1, true
}

// more waits for at least one more byte.
func (s *source) more() error {
	if s.err != nil {
		return s.err
	}
	if s.r == nil {
		if s.err = s.open(); s.err != nil {
			return s.err
		}
	}
	s.makeRoom()
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		s.err = err
		if s.total > 0 && s.base+int64(s.end) > s.total {
			s.end = max(s.pos, int(s.total-s.base))
			s.err = fmt.Errorf("%w: the input is larger than %d bytes", ErrTooLarge, s.total)
		}
		if n > 0 {
			return nil
		}
		if s.err != nil {
			return s.err
		}
	}
	s.err = io.ErrNoProgress
	return s.err
}

// makeRoom drops what nobody needs, and enlarges the window when all of it is needed.
func (s *source) makeRoom() {
	if s.mark >= 0 && s.end-s.mark > s.limit {
		s.outgrow(s.end)
	}
	from := s.pos
	if s.mark >= 0 {
		from = s.mark
	}
	if from > 0 {
		s.gone = s.buf[from-1]
		copy(s.buf, s.buf[from:s.end])
		s.base += int64(from)
		s.pos -= from
		s.end -= from
		if s.mark >= 0 {
			s.mark = 0
		}
	}
	if len(s.buf)-s.end < pieceSize/2 {
		size := min(2*len(s.buf), s.limit+pieceSize) // what is kept never exceeds limit+piece
		b := make([]byte, max(pieceSize, size, s.end+pieceSize/2))
		copy(b, s.buf[:s.end])
		s.buf = b
	}
}

// open looks at the first bytes: gzip has a magic number that no JSON can begin with.
func (s *source) open() error {
	br := bufio.NewReaderSize(&s.in, pieceSize)
	s.r = br
	if first, err := br.Peek(1); err != nil || first[0] != 0x1f {
		return err
	}
	zr, err := gzip.NewReader(br)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("gzip: %w", err)
	}
	s.r = zr
	return nil
}

// peek returns the next byte without taking it.
func (s *source) peek() (byte, error) {
	if s.pos == s.end {
		if err := s.more(); err != nil {
			return 0, err
		}
	}
	return s.buf[s.pos], nil
}

// space skips white space and returns the byte after it without taking it.
func (s *source) space() (byte, error) {
	for {
		for s.pos < s.end {
			switch c := s.buf[s.pos]; c {
			case ' ', '\t', '\r', '\n':
				s.pos++
			default:
				return c, nil
			}
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}
