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
	titleLength = 100      // bytes
	keptNames   = 16 << 20 // bytes of titles and ids that are kept for references
	costOfAName = 100      // bytes, beside the title and the id
)

// titles say which property tells people what an object is: the one with the least number.
var titles = map[string]int{
	"name": 0, "value": 1, "path": 2, "key": 3, "subject": 4, "display_name": 5, "account_login": 6, "user_id": 7, "command_line": 8,
	"abstract": 9, "statement": 10, "relationship_type": 11, "number": 12, "content": 13,
}

// titleOf is what people call an object, cut short, or "". It is foreign text.
func titleOf(raw []byte) string {
	best, title := len(titles), ""
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	_ = eachMember(d, func(name string) error {
		if name == "definition" && d.PeekKind() == '{' { // of a marking-definition
			return eachMember(d, func(name string) error { return titled(d, name, &best, &title) })
		}
		return titled(d, name, &best, &title)
	})
	return title
}

// titled takes the value that comes next if it makes a better title.
func titled(d *jsontext.Decoder, name string, best *int, title *string) error {
	rank, ok := titles[name]
	if kind := d.PeekKind(); !ok || rank >= *best || kind != '"' && kind != '0' {
		return d.SkipValue()
	}
	token, err := d.ReadToken()
	if text := token.String(); err == nil && text != "" {
		*best, *title = rank, cutText(text, titleLength)
		if *title != text {
			*title += "…"
		}
	}
	return err
}

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
		n.keep(o.ID, name{titleOf(o.Raw), o.Version()})
	}
}

func (n *names) keep(id string, what name) {
	if _, ok := n.known[id]; !ok {
		if n.bytes+len(id)+titleLength+costOfAName > keptNames {
			return
		}
		n.bytes += len(id) + titleLength + costOfAName
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
