package stix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// top is what is known of the object that stands by itself: it may turn out to be a bundle.
type top struct {
	at       int64 // its offset
	members  int
	bundle   bool // its type is "bundle"
	other    bool // its type is another
	listed   bool // its list of objects was read
	unlisted bool // it has an "objects" that is no list
	tooDeep  bool
}

// value reads what stands by itself.
func (r *Reader) value() (Object, error) {
	c, err := r.src.space()
	if err == nil && c == 0xEF {
		c, err = r.byteOrderMark()
	}
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errEnd
		}
		return Object{}, err
	}
	r.at = r.src.offset()
	switch {
	case c == '{':
		r.began = true
		r.top, r.envelope.begun = top{at: r.at}, false
		r.src.keep()
		r.src.pos++
		r.context = inTop
		return Object{}, errAgain
	case c == '[':
		r.began = true
		r.src.pos++
		r.enter(inList)
		return Object{}, errAgain
	case c == '"', isScalar(c):
		return r.noObject(c)
	}
	return r.garbage(c)
}

func isScalar(c byte) bool { return strings.IndexByte("-0123456789tfn", c) >= 0 }

// byteOrderMark skips one. It may also stand where files were put one after another.
func (r *Reader) byteOrderMark() (byte, error) {
	for _, want := range []byte("\xEF\xBB\xBF") {
		c, err := r.src.peek()
		if err != nil {
			return 0, err
		}
		if c != want {
			return 0xEF, nil // half a mark is garbage
		}
		r.src.pos++
	}
	return r.src.space()
}

// noObject skips a value that is none.
func (r *Reader) noObject(c byte) (Object, error) {
	r.at = r.src.offset()
	r.src.drop()
	s := scanner{lines: r.context == betweenValues}
	var err error
	if isScalar(c) {
		err = r.scalar()
	} else {
		err = r.span(&s)
	}
	if err == errBroken {
		return r.broken(&s)
	}
	if err != nil {
		return Object{}, err
	}
	if isScalar(c) && !jsontext.Value(r.word).IsValid() {
		return r.garbage(c)
	}
	r.began = true
	oe := r.fault(fmt.Errorf("%w: %s stands in its place", ErrNotObject, kindName(jsontext.Value(r.word[:1]).Kind())))
	r.index++
	r.filled, r.comma = true, false
	return Object{}, oe
}

// scalar reads a number or one of the three names into r.word.
func (r *Reader) scalar() error {
	r.word = r.word[:0]
	for {
		for r.src.pos < r.src.end {
			c := r.src.buf[r.src.pos]
			if strings.IndexByte(" \t\r\n,:[]{}\"", c) >= 0 {
				return nil
			}
			if len(r.word) < maxWord {
				r.word = append(r.word, c)
			}
			if r.envelope.on {
				r.envelope.add(c)
			}
			r.src.pos++
		}
		if err := r.src.more(); errors.Is(err, io.EOF) {
			return nil // whether it may end here is for what is around it to say
		} else if err != nil {
			return err
		}
	}
}

// garbage skips what is no JSON: in a list up to where the next element may begin, otherwise the line.
func (r *Reader) garbage(c byte) (Object, error) {
	if !r.began {
		hint := ""
		if c >= 0xFE {
			hint = ", is it UTF-16? Only UTF-8 is read"
		}
		return Object{}, fmt.Errorf("%w: it begins with %q%s", ErrSyntax, []byte{c}, hint)
	}
	oe := r.fault(fmt.Errorf("%w: unexpected %q", ErrSyntax, []byte{c}))
	if strings.IndexByte(",:]}", c) >= 0 {
		r.src.pos++
		return Object{}, oe
	}
	r.index++
	ends := "\n"
	if r.context != betweenValues {
		ends = ",]}"
	}
	for {
		next, err := r.src.peek()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Object{}, err
		}
		if strings.IndexByte(ends, next) >= 0 {
			break
		}
		r.src.pos++
	}
	r.filled, r.comma = true, false
	return Object{}, oe
}

// enter begins a list.
func (r *Reader) enter(c context) {
	r.context, r.filled, r.comma = c, false, false
}

// element reads the next of a list.
func (r *Reader) element() (Object, error) {
	c, err := r.src.space()
	if err != nil {
		return Object{}, err
	}
	r.at = r.src.offset()
	switch {
	case c == ']':
		return r.leave()
	case c == ',':
		r.src.pos++
		if !r.filled || r.comma {
			return Object{}, r.fault(fmt.Errorf("%w: a comma too many", ErrSyntax))
		}
		r.comma = true
		return Object{}, errAgain
	case c == '}' || c == ':':
		return Object{}, fmt.Errorf("%w: unexpected %q in a list of objects", ErrSyntax, []byte{c})
	case r.filled && !r.comma:
		r.comma = true
		return Object{}, r.fault(fmt.Errorf("%w: a comma is missing before it", ErrSyntax))
	case c == '{':
		return r.object()
	case c == '[' || c == '"' || isScalar(c):
		return r.noObject(c)
	}
	return r.garbage(c)
}

func (r *Reader) leave() (Object, error) {
	r.src.pos++
	extra := r.comma
	if r.context == inBundle {
		r.context = inTop
		if !r.filled {
			r.envelope.emptyList()
		}
	} else {
		r.context = betweenValues
	}
	if extra {
		return Object{}, r.fault(fmt.Errorf("%w: a comma too many at the end of the list", ErrSyntax))
	}
	return Object{}, errAgain
}

// object reads one of a list.
func (r *Reader) object() (Object, error) {
	r.src.keep()
	s := scanner{}
	if err := r.span(&s); err == errBroken {
		return r.broken(&s)
	} else if err != nil {
		return Object{}, err
	}
	r.filled, r.comma = true, false
	return r.deliver(&s)
}

// members reads the object that stands by itself, member by member until it is clear whether it is a bundle.
func (r *Reader) members() (Object, error) {
	for {
		c, err := r.src.space()
		if err != nil {
			return Object{}, err
		}
		if c == '}' {
			r.src.pos++
			return r.close()
		}
		if c == ',' && r.top.members > 0 {
			r.src.pos++
			if c, err = r.src.space(); err != nil {
				return Object{}, err
			}
		} else if r.top.members > 0 {
			return r.plain('"')
		}
		if c != '"' {
			return r.plain(',')
		}
		if o, err := r.memberOf(); err != nil || o.Raw != nil {
			return o, err
		}
	}
}

// memberOf reads one member. It returns no error to go on with the next, an object when it has read all of it.
func (r *Reader) memberOf() (Object, error) {
	start, collected := r.src.offset(), len(r.envelope.buf)
	if r.envelope.on = r.envelope.begun; r.envelope.on {
		r.envelope.comma()
	}
	s := r.inner()
	if err := r.span(&s); err != nil {
		return r.stopped(&s, err)
	}
	isType, isObjects := wordIs(r.word, "type"), wordIs(r.word, "objects")
	c, err := r.src.space()
	if err != nil {
		return Object{}, err
	}
	if c != ':' {
		return r.plain('"')
	}
	r.src.pos++
	if r.envelope.on {
		r.envelope.add(':')
	}
	if c, err = r.src.space(); err != nil {
		return Object{}, err
	}
	r.top.members++
	if isObjects && (c == '[' || r.top.listed) {
		r.envelope.cut(collected)
	}
	if isObjects && c == '[' && !r.top.other && !r.top.listed {
		r.top.listed = true
		r.bundled(start)
		r.src.drop()
		r.src.pos++
		r.enter(inBundle)
		return Object{}, errAgain
	}
	if strings.IndexByte(",:]}", c) >= 0 {
		return r.plain(':')
	}
	if s, err := r.skip(c); err != nil {
		return r.stopped(&s, err)
	}
	switch {
	case isObjects && r.top.listed:
		r.at = r.src.offset()
		return Object{}, r.fault(fmt.Errorf("%w: the bundle has objects twice, the second list is not read", ErrSyntax))
	case isObjects:
		r.top.unlisted = true
	case isType && !r.top.bundle && !r.top.other:
		return r.typed()
	}
	return Object{}, nil
}

// inner is a scanner for a name or value of the object that stands by itself.
func (r *Reader) inner() scanner {
	return scanner{base: 1, depth: 1, lines: !r.top.bundle && !r.top.listed}
}

// skip reads over a value, whose beginning r.word remembers.
func (r *Reader) skip(c byte) (scanner, error) {
	s := r.inner()
	if c != '{' && c != '[' && c != '"' {
		return s, r.scalar()
	}
	err := r.span(&s)
	r.top.tooDeep = r.top.tooDeep || s.tooDeep
	return s, err
}

// typed is called when the type was read.
func (r *Reader) typed() (Object, error) {
	if wordIs(r.word, "bundle") {
		r.top.bundle = true
		r.bundled(r.src.offset())
		r.src.drop()
		return Object{}, nil
	}
	r.top.other = true
	if r.top.listed {
		return Object{}, nil
	}
	return r.plain('"')
}

// plain reads on to the end of what is no bundle, as its brackets say.
func (r *Reader) plain(last byte) (Object, error) {
	if r.top.bundle || r.top.listed {
		return Object{}, fmt.Errorf("%w: malformed bundle", ErrSyntax)
	}
	s := scanner{depth: 1, last: last, lines: true, newline: r.src.before() == '\n', tooDeep: r.top.tooDeep}
	if err := r.span(&s); err != nil {
		return r.stopped(&s, err)
	}
	r.context = betweenValues
	return r.deliver(&s)
}

// close ends what stands by itself.
func (r *Reader) close() (Object, error) {
	r.context = betweenValues
	if !r.top.other {
		r.closed()
	}
	switch {
	case r.top.listed && r.top.other:
		r.at = r.src.offset()
		return Object{}, r.fault(fmt.Errorf("%w: these objects stand in something that is no bundle", ErrNotObject))
	case r.top.listed:
		return Object{}, errAgain
	case r.top.bundle && r.top.unlisted:
		return Object{}, r.fault(fmt.Errorf("%w: the objects of the bundle are no list", ErrNotObject))
	case r.top.bundle:
		return Object{}, errAgain // an empty one
	}
	return r.deliver(&scanner{tooDeep: r.top.tooDeep})
}

func (r *Reader) stopped(s *scanner, err error) (Object, error) {
	if err == errBroken {
		return r.broken(s)
	}
	return Object{}, err
}

// broken goes on after a value whose end cannot be found: at the next line that must be a value of its own.
func (r *Reader) broken(s *scanner) (Object, error) {
	if !s.lines {
		return Object{}, fmt.Errorf("%w: brackets do not match", ErrSyntax)
	}
	r.context = betweenValues
	oe := r.fault(fmt.Errorf("%w: brackets do not match at byte %d", ErrSyntax, r.src.offset()))
	if raw := r.src.kept(); raw != nil {
		oe.Type, oe.ID = findID(raw)
	} else {
		oe.Type, oe.ID = r.src.overType, r.src.overID
	}
	r.index++
	if s.resume {
		oe.Err = fmt.Errorf("%w: it is cut short before byte %d", ErrSyntax, r.src.offset())
		return Object{}, oe
	}
	for last := byte(0); ; r.src.pos++ {
		c, err := r.src.peek()
		switch {
		case errors.Is(err, io.EOF):
			return Object{}, oe.Err
		case err != nil:
			return Object{}, err
		case c == '{' && last == '\n':
			return Object{}, oe
		}
		last = c
	}
}

// wordIs reports whether a quoted word means want.
func wordIs(word []byte, want string) bool {
	if len(word) >= maxWord || len(word) < 2 || word[0] != '"' {
		return false
	}
	if bytes.IndexByte(word, '\\') < 0 {
		return string(word[1:len(word)-1]) == want
	}
	text, err := jsontext.AppendUnquote(nil, word)
	return err == nil && string(text) == want
}
