// Package outline tells a STIX object in people's words: a tree of labels and values in one language. In flow an object's bytes, out flows a
// tree that is bounded whatever the object holds; the command writes it as lines, the pages as markup.
//
// Names, values and labels of what STIX does not name are foreign text: whoever shows them makes them harmless first. Everything here may be
// used by many goroutines.
package outline

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

// The bounds of a tree.
const (
	MostElements = 20   // of a list, or members of an object within the object
	MostText     = 1000 // bytes of a text
)

// Kind says what an item is.
type Kind uint8

// The kinds.
const (
	Text      Kind = iota // a text as people read it, or a number, true, false or null as written
	Word                  // a word of ours: yes or no
	Reference             // an id
	Object                // its members are Items
	List                  // its elements are Items
)

// Item is a member of an object, or an element of a list.
type Item struct {
	Name  string // as written; "" of an element
	Label string // in people's words; "" of an element
	Kind  Kind
	Text  string             // of what has no Items
	Bytes int                // of the whole text, where Text is only its beginning; else 0
	Items []Item             // of an Object or a List
	More  int                // elements that are left out
	Info  *stix.PropertyInfo // what STIX says of the value, nil if nothing
}

// Names says that the label is the id of an object, which has a name of its own: an extension's definition.
func (i *Item) Names() bool { return stix.ValidID(i.Label) }

// Members are the members of an object that are wanted, in their order. Beyond so many items in all, those within items counted, the rest is
// left out and more is true. typ is the object's type.
func (l Labels) Members(raw []byte, typ string, limit int, wanted func(name string) bool) (items []Item, more bool) {
	b := builder{l, limit}
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadToken(); err == nil {
		items, _ = b.members(d, &stix.PropertyInfo{Part: typ}, func(name string, _ int) bool { return wanted(name) })
	}
	return items, b.left < 0
}

// builder makes one tree.
type builder struct {
	Labels
	left int // how many items may still be made; below 0 some were left out
}

// few is for objects within an object.
func few(_ string, n int) bool { return n < MostElements }

// members reads the wanted members of the object that has begun, and returns how many it has. What is known of the object is in of.
func (b *builder) members(d *jsontext.Decoder, of *stix.PropertyInfo, wanted func(name string, n int) bool) (items []Item, n int) {
	for ; d.PeekKind() == '"'; n++ {
		token, err := d.ReadToken()
		if err != nil {
			return items, n
		}
		if name := token.String(); wanted(name, n) && b.take() {
			label, known := b.member(of, name)
			items = append(items, b.value(d, Item{Name: name, Label: label, Info: known}))
		} else if d.SkipValue() != nil {
			return items, n
		}
	}
	return items, n
}

// take takes one of the items that may still be made.
func (b *builder) take() bool {
	if b.left > 0 {
		b.left--
		return true
	}
	b.left = -1
	return false
}

// value completes an item by the value that comes next.
func (b *builder) value(d *jsontext.Decoder, i Item) Item {
	kind := d.PeekKind()
	if kind != '{' && kind != '[' {
		b.scalar(d, &i)
		return i
	}
	if kind == '{' && i.Info != nil && i.Info.Kind == "contained" {
		return b.contained(d, i)
	}
	_, _ = d.ReadToken() // it was found valid
	n := 0
	if kind == '{' {
		i.Kind = Object
		i.Items, n = b.members(d, i.Info, few)
	} else {
		i.Kind = List
		i.Items, n = b.list(d, i.Info)
	}
	i.More = max(0, n-MostElements)
	_, _ = d.ReadToken()
	return i
}

// contained reads an object whose type is known by a member that may come last.
func (b *builder) contained(d *jsontext.Decoder, i Item) Item {
	raw, err := d.ReadValue()
	if err != nil {
		return i
	}
	raw = bytes.Clone(raw)
	i.Info = &stix.PropertyInfo{Part: typeOf(raw)}
	return b.value(jsontext.NewDecoder(bytes.NewReader(raw)), i)
}

// list reads the first elements of the list that has begun, and returns how many it has.
func (b *builder) list(d *jsontext.Decoder, p *stix.PropertyInfo) (items []Item, n int) {
	for k := d.PeekKind(); k != ']' && k != jsontext.KindInvalid; k = d.PeekKind() {
		if n++; n <= MostElements && b.take() {
			items = append(items, b.value(d, Item{Info: p}))
		} else if d.SkipValue() != nil {
			break
		}
	}
	return items, n
}

// scalar completes an item by a text, number or name.
func (b *builder) scalar(d *jsontext.Decoder, i *Item) {
	token, err := d.ReadToken()
	if err != nil {
		i.Text = "?"
		return
	}
	text, p := token.String(), i.Info
	switch kind := token.Kind(); {
	case p != nil && p.Kind == "boolean" && kind == 't':
		i.Kind, i.Text = Word, locale.Text(b.Lang, "show.yes")
	case p != nil && p.Kind == "boolean" && kind == 'f':
		i.Kind, i.Text = Word, locale.Text(b.Lang, "show.no")
	case kind != '"':
		i.Text = text
	case stix.ValidID(text):
		i.Kind, i.Text = Reference, text
	case text == "":
		i.Text = `""`
	case len(text) > MostText:
		i.Text, i.Bytes = cut(text, MostText), len(text)
	default:
		i.Text = b.Labels.value(p, text)
	}
}

// cut is the beginning of a text, of at most so many bytes.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// typeOf is the type of an object that may stand anywhere, "" if it has none.
func typeOf(raw []byte) (typ string) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if d.PeekKind() != '{' {
		return ""
	}
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() == '"' {
		var token jsontext.Token
		if token, err = d.ReadToken(); err != nil {
			break
		}
		if token.String() != "type" || d.PeekKind() != '"' {
			err = d.SkipValue()
			continue
		}
		if token, err = d.ReadToken(); err == nil {
			typ = token.String()
		}
	}
	return typ
}
