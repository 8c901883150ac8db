package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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
	out   io.Writer
	lang  locale.Lang
	typ   string
	lines int
	dash  int // how many elements the next line begins
	err   error
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
	v.line(0, "", safe(cmp.Or(o.Type, "?")+" "+cmp.Or(o.ID, "?")))
	first := map[string]bool{"created": true, "modified": true, "created_by_ref": true, "revoked": true}
	v.top(o.Raw, func(name string) bool { return first[name] })
	for _, m := range markingsOf(o) {
		v.line(1, locale.Text(v.lang, "show.marking"), cmp.Or(m.TLP, reference(m.ID)))
	}
	v.top(o.Raw, func(name string) bool {
		return !first[name] && name != "type" && name != "id" && name != "object_marking_refs"
	})
	if v.lines > shownLines {
		v.lines = 0
		v.line(1, "", locale.Text(v.lang, "show.more-lines", shownLines))
	}
}

// top writes the members of the object itself that are wanted.
func (v *view) top(raw []byte, wanted func(name string) bool) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadToken(); err == nil {
		v.members(d, 1, func(name string, _ int) bool { return wanted(name) })
	}
}

// few is for objects within an object.
func few(_ string, n int) bool { return n < shownElements }

// members writes the wanted members of the object that has begun, and returns how many it has.
func (v *view) members(d *jsontext.Decoder, depth int, wanted func(name string, n int) bool) (n int) {
	for ; d.PeekKind() == '"'; n++ {
		token, err := d.ReadToken()
		if err != nil {
			return n
		}
		if name := token.String(); wanted(name, n) {
			v.value(d, depth, label(v.lang, v.typ, name))
		} else if d.SkipValue() != nil {
			return n
		}
	}
	return n
}

func (v *view) more(depth, n int) {
	if n > shownElements {
		v.line(depth, "", locale.Text(v.lang, "show.more", n-shownElements))
	}
}

// value writes the value that comes next under a label; an element of a list has none.
func (v *view) value(d *jsontext.Decoder, depth int, label string) {
	kind := d.PeekKind()
	if kind != '{' && kind != '[' {
		v.line(depth, label, scalar(d))
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
			v.more(depth, v.members(d, depth, few))
		} else {
			v.more(depth, v.list(d, depth))
		}
	}
	_, _ = d.ReadToken()
}

// list writes the first elements of the list that has begun, each after a dash, and returns how many it has.
func (v *view) list(d *jsontext.Decoder, depth int) (n int) {
	for k := d.PeekKind(); k != ']' && k != jsontext.KindInvalid; k = d.PeekKind() {
		if n++; n <= shownElements {
			v.dash++
			v.value(d, depth+1, "")
		} else if d.SkipValue() != nil {
			break
		}
	}
	return n
}

// scalar is a text, number or name as shown.
func scalar(d *jsontext.Decoder) string {
	token, err := d.ReadToken()
	if err != nil {
		return "?"
	}
	text := token.String()
	if token.Kind() != '"' {
		return safe(text)
	}
	if stix.ValidID(text) {
		return reference(text)
	}
	if text == "" {
		return `""`
	}
	cut := ""
	if len(text) > shownText {
		n := shownText
		for !utf8.RuneStart(text[n]) {
			n--
		}
		text, cut = text[:n], fmt.Sprintf("… (%d bytes)", len(text))
	}
	return safe(text) + cut
}

// reference is an id with the type it refers to.
func reference(id string) string {
	if tlp := stix.TLPOf(id).Label(); tlp != "" {
		return tlp + " (" + id + ")"
	}
	return "→ " + stix.TypeOf(id) + " " + id
}

func (v *view) findings(findings []stix.Finding) {
	v.lines = 0
	if len(findings) == 0 {
		v.line(1, locale.Text(v.lang, "show.findings"), locale.Text(v.lang, "show.none"))
		return
	}
	v.line(1, locale.Text(v.lang, "show.findings"), "")
	for _, f := range findings {
		v.line(2, "", fmt.Sprintf("%s %s %s: %s", f.Level, f.Code, safe(cmp.Or(f.Pointer, "/")), safe(findingText(f, v.lang))))
	}
}
