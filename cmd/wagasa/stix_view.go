package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

const (
	shownElements = 20    // of a list or an object
	shownText     = 1000  // bytes of a text
	shownLines    = 2_000 // of an object
)

// view writes one object for people. All of it is foreign text: everything goes through safe, and is bounded.
type view struct {
	out    io.Writer
	labels labels
	named  func(id string) string // the title of the object of an id, "" if it is not known
	lines  int
	dash   int // how many elements the next line begins
	err    error
}

// text is a text of the command itself.
func (v *view) text(code string, args ...any) string {
	return locale.Text(v.labels.lang, code, args...)
}

// line writes a label and a value.
func (v *view) line(depth int, label, value string) {
	dash := v.dash
	v.dash = 0
	if v.lines++; v.lines > shownLines {
		return
	}
	text := strings.Repeat("  ", depth-dash) + strings.Repeat("- ", dash)
	if label != "" {
		text += safe(label) + ":"
	}
	if label != "" && value != "" {
		text += " "
	}
	if _, err := fmt.Fprintln(v.out, text+value); err != nil && v.err == nil {
		v.err = err
	}
}

// object writes what it is, whose and how marked, and then every other property in its order.
func (v *view) object(o *stix.Object) {
	heading := v.text("show.untyped")
	if o.Type != "" {
		heading = safe(v.labels.typ(o.Type))
	}
	if title := stix.Title(o.Raw); title != "" {
		heading += " " + quoted(title)
	}
	v.line(0, "", heading)
	if o.ID != "" {
		name, _ := v.labels.property(o.Type, "id")
		v.line(1, name, safe(o.ID))
	}
	first := map[string]bool{"created": true, "modified": true, "created_by_ref": true, "revoked": true}
	v.top(o, func(name string) bool { return first[name] })
	for _, m := range markingsOf(o) {
		v.line(1, v.text("show.marking"), cmp.Or(m.TLP, v.reference(m.ID)))
	}
	v.top(o, func(name string) bool {
		return !first[name] && name != "type" && name != "id" && name != "object_marking_refs"
	})
	if v.lines > shownLines {
		v.lines = 0
		v.line(1, "", v.text("show.more-lines", shownLines))
	}
}

// top writes the members of the object itself that are wanted.
func (v *view) top(o *stix.Object, wanted func(name string) bool) {
	d := jsontext.NewDecoder(bytes.NewReader(o.Raw))
	if _, err := d.ReadToken(); err == nil {
		v.members(d, 1, &stix.PropertyInfo{Part: o.Type}, func(name string, _ int) bool { return wanted(name) })
	}
}

// few is for objects within an object.
func few(_ string, n int) bool { return n < shownElements }

// members writes the wanted members of the object that has begun, and returns how many it has. What is known of the object is in of.
func (v *view) members(d *jsontext.Decoder, depth int, of *stix.PropertyInfo, wanted func(name string, n int) bool) (n int) {
	for ; d.PeekKind() == '"'; n++ {
		token, err := d.ReadToken()
		if err != nil {
			return n
		}
		if name := token.String(); wanted(name, n) {
			label, known := v.labels.member(of, name)
			if stix.ValidID(label) { // of an extension
				label = v.reference(label)
			}
			v.value(d, depth, label, known)
		} else if d.SkipValue() != nil {
			return n
		}
	}
	return n
}

func (v *view) more(depth, n int) {
	if n > shownElements {
		v.line(depth, "", v.text("show.more", n-shownElements))
	}
}

// value writes the value that comes next under a label; an element of a list has none. What is known of it, if anything, is in p.
func (v *view) value(d *jsontext.Decoder, depth int, label string, p *stix.PropertyInfo) {
	kind := d.PeekKind()
	if kind != '{' && kind != '[' {
		v.line(depth, label, v.scalar(d, p))
		return
	}
	if kind == '{' && p != nil && p.Kind == "contained" {
		v.contained(d, depth, label)
		return
	}
	_, _ = d.ReadToken() // it was found valid
	switch d.PeekKind() {
	case '}', ']':
		v.line(depth, label, map[jsontext.Kind]string{'{': "{}", '[': "[]"}[kind])
	default:
		if label != "" {
			v.line(depth, label, "")
			depth++
		}
		if kind == '{' {
			v.more(depth, v.members(d, depth, p, few))
		} else {
			v.more(depth, v.list(d, depth, p))
		}
	}
	_, _ = d.ReadToken()
}

// contained writes an object whose type is known by a member that may come last.
func (v *view) contained(d *jsontext.Decoder, depth int, label string) {
	raw, err := d.ReadValue()
	if err != nil {
		return
	}
	raw = bytes.Clone(raw)
	v.value(jsontext.NewDecoder(bytes.NewReader(raw)), depth, label, &stix.PropertyInfo{Part: typeOf(raw)})
}

// list writes the first elements of the list that has begun, each after a dash, and returns how many it has.
func (v *view) list(d *jsontext.Decoder, depth int, p *stix.PropertyInfo) (n int) {
	for k := d.PeekKind(); k != ']' && k != jsontext.KindInvalid; k = d.PeekKind() {
		if n++; n <= shownElements {
			v.dash++
			v.value(d, depth+1, "", p)
		} else if d.SkipValue() != nil {
			break
		}
	}
	return n
}

// scalar is a text, number or name as shown.
func (v *view) scalar(d *jsontext.Decoder, p *stix.PropertyInfo) string {
	token, err := d.ReadToken()
	if err != nil {
		return "?"
	}
	text := token.String()
	switch kind := token.Kind(); {
	case p != nil && p.Kind == "boolean" && kind == 't':
		return v.text("show.yes")
	case p != nil && p.Kind == "boolean" && kind == 'f':
		return v.text("show.no")
	case kind != '"':
		return safe(text)
	case stix.ValidID(text):
		return v.reference(text)
	case text == "":
		return `""`
	}
	if short := cutText(text, shownText); len(short) < len(text) {
		return safe(short) + v.text("show.cut", len(text))
	}
	return safe(v.labels.value(p, text))
}

// reference is an id with what it refers to.
func (v *view) reference(id string) string {
	if tlp := stix.TLPOf(id).Label(); tlp != "" {
		return tlp + " (" + id + ")"
	}
	text := "→ " + safe(v.labels.typ(stix.TypeOf(id)))
	if title := v.named(id); title != "" {
		return text + " " + quoted(title) + " (" + id + ")"
	}
	return text + " " + id
}

func (v *view) findings(findings []stix.Finding) {
	v.lines = 0
	if len(findings) == 0 {
		v.line(1, v.text("show.findings"), v.text("show.none"))
		return
	}
	v.line(1, v.text("show.findings"), "")
	for _, f := range findings {
		level := v.text("level." + f.Level.String())
		v.line(2, "", fmt.Sprintf("%s  %s  %s: %s", level, f.Code, safe(cmp.Or(f.Pointer, "/")), safe(locale.Finding(v.labels.lang, f))))
	}
}
