package search

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
)

// The bounds of the text that is taken of one object, translations included.
const (
	mostText   = 256 << 10 // bytes
	mostFields = 20_000
)

// mostDepth bounds how deep the names of properties are followed; a JSON text that nests deeper is read all the same.
const mostDepth = 16

// field is one string of an object that people read.
type field struct {
	name   string // the property at the top that it stands in
	text   string
	source string // the language-content that it comes from, "" for the object itself
}

// content is what a search wants of the bytes of one object.
type content struct {
	title   string  // the property that tells what the object is called, if it has one: it comes first
	fields  []field // as many as were taken
	labels  []string
	sectors []string
	phases  []string
	lang    string

	object   string   // language-content: what it translates
	contents []field  // language-content: the translations, named after the properties that they translate
	langs    []string // language-content: their languages
}

// titles say which property is what an object is called; the one with the least number. It agrees with stix.Title on the usual ones.
var titles = map[string]int{
	"name": 1, "value": 2, "path": 3, "key": 4, "subject": 5, "display_name": 6, "account_login": 7, "user_id": 8, "command_line": 9, "abstract": 10,
}

// silent are the properties whose values nobody reads as text. References, times and binary content are told apart by their form.
var silent = map[string]bool{
	"type": true, "spec_version": true, "id": true, "lang": true, "pattern_type": true, "pattern_version": true, "selectors": true,
	"extension_type": true, "definition_type": true, "x_mitre_version": true, "x_mitre_attack_spec_version": true,
}

// contentOf reads an object that was found to be STIX. What cannot be read is left out.
func contentOf(id string, raw []byte) content {
	r := reading{d: jsontext.NewDecoder(bytes.NewReader(raw)), translates: stix.TypeOf(id) == translation, best: len(titles) + 1, at: -1}
	r.value("", "", 0)
	c := r.content
	bound(c.fields)
	bound(c.contents)
	if r.at >= 0 {
		f := c.fields[r.at]
		c.title = f.name
		copy(c.fields[1:r.at+1], c.fields[:r.at])
		c.fields[0] = f
	}
	return c
}

// translation is the type of objects that translate others.
const translation = "language-content"

// reading goes through one object.
type reading struct {
	content
	d          *jsontext.Decoder
	translates bool
	best       int // number of the title
	at         int // index of the title, -1 if there is none
}

// value reads the value that comes next; top is the property at the top that it stands in, name the nearest.
func (r *reading) value(top, name string, depth int) bool {
	switch kind := r.d.PeekKind(); kind {
	case '{', '[':
		if depth >= mostDepth {
			return r.d.SkipValue() == nil
		}
		_, err := r.d.ReadToken()
		for err == nil && r.d.PeekKind() != '}' && r.d.PeekKind() != ']' && r.d.PeekKind() != jsontext.KindInvalid {
			inner := name
			if kind == '{' {
				var token jsontext.Token
				if token, err = r.d.ReadToken(); err != nil {
					return false
				}
				inner = token.String()
				switch {
				case depth == 0:
					top = inner
				case depth == 1 && r.translates && top == "contents":
					r.langs = append(r.langs, inner)
				}
			}
			if !r.value(top, inner, depth+1) {
				return false
			}
		}
		if err == nil {
			_, err = r.d.ReadToken()
		}
		return err == nil
	case '"':
		token, err := r.d.ReadToken()
		if err != nil {
			return false
		}
		r.text(top, name, token.String(), depth)
		return true
	case '0':
		token, err := r.d.ReadToken()
		if err == nil && depth == 1 && name == "number" { // of an autonomous system
			r.add(field{name: top, text: "AS" + token.String()}, depth)
			r.add(field{name: top, text: token.String()}, depth)
		}
		return err == nil
	default:
		return r.d.SkipValue() == nil
	}
}

// text takes one string.
func (r *reading) text(top, name, text string, depth int) {
	switch {
	case depth == 1 && name == "lang":
		r.lang = text
	case depth == 1 && name == "object_ref":
		r.object = text
	case top == "labels":
		r.labels = append(r.labels, text)
	case top == "sectors":
		r.sectors = append(r.sectors, text)
	case top == "kill_chain_phases" && name == "phase_name":
		r.phases = append(r.phases, text)
	}
	if depth == 1 && name == "id" {
		_, uuid, _ := strings.Cut(text, "--") // the type is no word of the object
		r.add(field{name: top, text: uuid}, depth)
		return
	}
	if silent[name] || unread(name, text) {
		return
	}
	if r.translates && top == "contents" {
		if text != "" && len(r.contents) < mostFields {
			r.contents = append(r.contents, field{name: name, text: text})
		}
		return
	}
	r.add(field{name: top, text: text}, depth)
}

// unread says whether a string is a reference, a time or binary content.
func unread(name, text string) bool {
	for _, suffix := range []string{"_ref", "_refs", "_bin", "_hex", "_enc"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	if len(text) >= 20 && len(text) <= 40 && text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[len(text)-1] == 'Z' {
		return name != "name" && name != "value" && name != "description"
	}
	return len(text) > 38 && len(text) < 300 && strings.Contains(text, "--") && stix.ValidID(text)
}

func (r *reading) add(f field, depth int) {
	n := titles[f.name]
	titled := depth == 1 && n > 0 && n < r.best
	if f.text == "" || len(r.fields) >= mostFields && !titled {
		return
	}
	if titled {
		r.best, r.at = n, len(r.fields)
	}
	r.fields = append(r.fields, f)
}

// bound cuts the longest of the texts, so that all are within mostText: a name or a value is not to go because a description is long.
func bound(fields []field) {
	total := 0
	for _, f := range fields {
		total += len(f.text)
	}
	if total <= mostText {
		return
	}
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(fields[a].text), len(fields[b].text)) })
	left := mostText
	for _, i := range order {
		fields[i].text = strings.Clone(cut(fields[i].text, left))
		left -= len(fields[i].text)
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
