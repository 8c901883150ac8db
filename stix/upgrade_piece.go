package stix

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// piece is one member of an object or one element of a list, as it is written: joined pieces are the bytes that were split.
type piece struct {
	lead, name, colon, value, trail []byte // white space; the name with its quotes; the colon with white space; the value; white space
	was                             string // the name that it had, if it was renamed
	done                            bool   // references in it are ids already
}

// is reports whether the member has this name.
func (p *piece) is(name string) bool {
	if bytes.IndexByte(p.name, '\\') < 0 {
		return len(p.name) == len(name)+2 && string(p.name[1:len(p.name)-1]) == name
	}
	return p.key() == name
}

// key is the name of the member.
func (p *piece) key() string {
	s, _ := text(p.name)
	return s
}

// origin is the name that the member had.
func (p *piece) origin() string {
	if p.was != "" {
		return p.was
	}
	return p.key()
}

func (p *piece) rename(to string) {
	if p.was == "" {
		p.was = p.key()
	}
	p.name = quoted(to)
}

// maxPieces is how many members or elements split takes apart.
const maxPieces = 100_000

// split takes apart an object or a list that is valid JSON. It reports false for any other value and for one of too many pieces, and
// notices most that is not valid.
func split(raw []byte) ([]piece, bool) {
	if len(raw) < 2 || raw[0] != '{' && raw[0] != '[' {
		return nil, false
	}
	object, end := raw[0] == '{', raw[0]+2
	list := make([]piece, 0, 8)
	for c := (cursor.Cursor{Raw: raw, At: 1}); ; c.At++ {
		p := piece{lead: blank(&c)}
		if len(list) == 0 && c.Peek() == end {
			return nil, c.At == len(raw)-1
		}
		if object {
			p.name = c.Value().Of(raw)
			from := c.At
			c.Take(':')
			blank(&c)
			p.colon = raw[from:c.At]
		}
		p.value = c.Value().Of(raw)
		p.trail = blank(&c)
		list = append(list, p)
		switch k := c.Peek(); {
		case c.Broken || object && p.name[0] != '"':
			return nil, false
		case k == end:
			return list, c.At == len(raw)-1
		case k != ',' || len(list) == maxPieces:
			return nil, false
		}
	}
}

// blank is the white space that comes next.
func blank(c *cursor.Cursor) []byte {
	from := c.At
	c.Peek()
	return c.Raw[from:c.At:c.At]
}

// crowded reports whether split refused a value because it has too many pieces, as it does nothing else that is valid JSON.
func crowded(v []byte, ok bool) bool { return !ok && len(v) > 0 && (v[0] == '{' || v[0] == '[') }

func errCrowded(where string) error {
	return fmt.Errorf("%w: %s has more than %d members or elements", ErrTooMany, where, maxPieces)
}

// joined writes pieces, of which there is at least one: an object if they have names, a list otherwise.
func joined(list []piece, size int) []byte {
	if size == 0 {
		for i := range list {
			p := &list[i]
			size += len(p.lead) + len(p.name) + len(p.colon) + len(p.value) + len(p.trail) + 1
		}
		size++
	}
	b := append(make([]byte, 0, size), '[')
	if list[0].name != nil {
		b[0] = '{'
	}
	for i := range list {
		p := &list[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, p.lead...)
		b = append(b, p.name...)
		b = append(b, p.colon...)
		b = append(b, p.value...)
		b = append(b, p.trail...)
	}
	return append(b, b[0]+2)
}

// find is the place of a member, -1 if there is none.
func find(list []piece, name string) int {
	for i := range list {
		if list[i].is(name) {
			return i
		}
	}
	return -1
}

// insert puts a member after the one at i, written as those around it.
func insert(list []piece, i int, name string, value []byte) []piece {
	p := piece{lead: list[i].lead, colon: list[i].colon, value: value, name: quoted(name)}
	if i+1 < len(list) {
		p.lead = list[i+1].lead
	} else {
		p.trail, list[i].trail = list[i].trail, nil
	}
	return slices.Insert(list, i+1, p)
}

// drop takes out the piece at i.
func drop(list []piece, i int) []piece {
	if i > 0 && i == len(list)-1 {
		list[i-1].trail = list[i].trail
	}
	return slices.Delete(list, i, i+1)
}

// freeName is base, or base with a number after it if a member has that name.
func freeName(list []piece, base string) string {
	if find(list, base) < 0 {
		return base
	}
	names := make(map[string]struct{}, len(list))
	for i := range list {
		names[list[i].key()] = struct{}{}
	}
	for n := 2; ; n++ {
		name := base + "_" + strconv.Itoa(n)
		if _, ok := names[name]; !ok {
			return name
		}
	}
}

func quoted(s string) []byte {
	b, _ := jsontext.AppendQuote(make([]byte, 0, len(s)+2), s)
	return b
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// escaped is a name as part of a JSON pointer.
func escaped(name string) string { return pointerEscapes.Replace(name) }
