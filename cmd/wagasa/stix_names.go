package main

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
)

const (
	keptNames   = 16 << 20 // bytes of titles and ids that are kept for references
	costOfAName = 200      // bytes, with the title, beside the id
)

// eachMember calls f before each value of the object that comes next; f reads or skips it.
func eachMember(d *jsontext.Decoder, f func(name string) error) error {
	if d.PeekKind() != '{' {
		return errors.New("it is no object")
	}
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() == '"' {
		var token jsontext.Token
		if token, err = d.ReadToken(); err == nil {
			err = f(token.String())
		}
	}
	if err == nil {
		_, err = d.ReadToken()
	}
	return err
}

// typeOf is the type of an object that may stand anywhere, "" if it has none.
func typeOf(raw []byte) (typ string) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	_ = eachMember(d, func(name string) error {
		if name != "type" || d.PeekKind() != '"' {
			return d.SkipValue()
		}
		token, err := d.ReadToken()
		typ = token.String()
		return err
	})
	return typ
}

// cutText is the beginning of a text, of at most so many bytes.
func cutText(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// quoted is a title between quotes that it cannot leave. A backslash stays single: paths have many.
func quoted(title string) string { return `"` + strings.ReplaceAll(safe(title), `"`, `\u0022`) + `"` }

// names are the titles of objects that others refer to. They are bounded: beyond that references are shown without.
type names struct {
	known  map[string]name
	bytes  int
	lookup func(id string) string // elsewhere; nil: nowhere
}

type name struct {
	title   string
	version int64
}

// add remembers the title of the newest version of an object.
func (n *names) add(o *stix.Object) {
	if o.ID == "" {
		return
	}
	if has, ok := n.known[o.ID]; !ok || has.version <= o.Version() {
		n.keep(o.ID, name{stix.Title(o.Raw), o.Version()})
	}
}

func (n *names) keep(id string, what name) {
	if _, ok := n.known[id]; !ok {
		if n.bytes+len(id)+costOfAName > keptNames {
			return
		}
		n.bytes += len(id) + costOfAName
	}
	if n.known == nil {
		n.known = map[string]name{}
	}
	n.known[id] = what
}

// of is the title of an object, "" if there is none.
func (n *names) of(id string) string {
	has, ok := n.known[id]
	if !ok && n.lookup != nil {
		has.title = n.lookup(id)
		n.keep(id, has)
	}
	return has.title
}
