package stix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// parser reads headers one after another and keeps its memory. Not for concurrent use.
type parser struct {
	dec   *jsontext.Decoder
	buf   bytes.Buffer
	names map[string]string // strings that come again and again: producers, markings, labels
	lists int
}

const (
	keptNames = 512 // strings kept, and
	keptLen   = 128 // the length of each
)

func newParser() *parser {
	p := &parser{names: map[string]string{}}
	p.dec = jsontext.NewDecoder(&p.buf)
	return p
}

// release lets go of the bytes of the last object.
func (p *parser) release() {
	p.buf = bytes.Buffer{}
	p.dec.Reset(&p.buf)
}

// parse takes over raw.
func (p *parser) parse(raw []byte) (Object, *ObjectError) {
	p.buf = *bytes.NewBuffer(raw)
	p.dec.Reset(&p.buf)
	p.lists = 0
	o := Object{Raw: raw}
	err := p.members(&o.Header)
	if err == nil {
		err = o.Header.check()
	}
	if err != nil {
		oe := &ObjectError{Err: err}
		oe.Type, oe.ID = findID(raw)
		return Object{}, oe
	}
	return o, nil
}

func (p *parser) members(h *Header) error {
	if _, err := p.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	for p.dec.PeekKind() == '"' {
		name, err := p.dec.ReadValue()
		if err != nil {
			return syntaxError(err)
		}
		if err := p.member(h, property(name)); err != nil {
			return err
		}
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows the object at byte %d", ErrSyntax, p.dec.InputOffset())
	}
	return nil
}

// property is the quoted name without its quotes, if it is one that needs no unquoting, which is nearly always so.
func property(name []byte) string {
	if bytes.IndexByte(name, '\\') >= 0 {
		b, err := jsontext.AppendUnquote(nil, name)
		if err != nil {
			return ""
		}
		name = append(append([]byte{'"'}, b...), '"')
	}
	// The constants keep the common case free of allocations.
	switch string(name) {
	case `"type"`:
		return "type"
	case `"id"`:
		return "id"
	case `"spec_version"`:
		return "spec_version"
	case `"created_by_ref"`:
		return "created_by_ref"
	case `"created"`:
		return "created"
	case `"modified"`:
		return "modified"
	case `"revoked"`:
		return "revoked"
	case `"lang"`:
		return "lang"
	case `"labels"`:
		return "labels"
	case `"object_marking_refs"`:
		return "object_marking_refs"
	case `"granular_markings"`:
		return "granular_markings"
	case `"marking_ref"`:
		return "marking_ref"
	case `"selectors"`:
		return "selectors"
	}
	return ""
}

func (p *parser) member(h *Header, name string) (err error) {
	switch name {
	case "type":
		h.Type, err = p.text(name)
	case "id":
		h.ID, err = p.unique(name)
	case "spec_version":
		h.SpecVersion, err = p.text(name)
		if err == nil && len(h.SpecVersion) > maxSpecVersion {
			err = fmt.Errorf("%w: %s has more than %d bytes", ErrProperty, name, maxSpecVersion)
		}
	case "created_by_ref":
		h.CreatedByRef, err = p.ref(name)
	case "created":
		h.Created, err = p.time(name)
	case "modified":
		h.Modified, err = p.time(name)
	case "revoked":
		h.Revoked, err = p.bool(name)
	case "lang":
		h.Lang, err = p.text(name)
	case "labels":
		h.Labels, err = p.list(name, (*parser).text)
	case "object_marking_refs":
		h.ObjectMarkingRefs, err = p.list(name, (*parser).ref)
	case "granular_markings":
		h.GranularMarkings, err = p.granular(name)
	default:
		if err = p.dec.SkipValue(); err != nil {
			err = syntaxError(err)
		}
	}
	return err
}

// value reads the next value, which must be of a kind.
func (p *parser) value(name string, want jsontext.Kind) (jsontext.Value, error) {
	v, err := p.dec.ReadValue()
	if err != nil {
		return nil, syntaxError(err)
	}
	if k := v.Kind(); k != want {
		return nil, wrongKind(name, k, want)
	}
	return v, nil
}

func wrongKind(name string, got, want jsontext.Kind) error {
	return fmt.Errorf("%w: %s is %s, it must be %s", ErrProperty, name, kindName(got), kindName(want))
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "true or false"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	}
	return "no value"
}

// unquoted is the text of a string, in the parser's input where that is possible.
func unquoted(v jsontext.Value) ([]byte, error) {
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1], nil
	}
	return jsontext.AppendUnquote(nil, v)
}

func (p *parser) bytes(name string) ([]byte, error) {
	v, err := p.value(name, '"')
	if err != nil {
		return nil, err
	}
	return unquoted(v)
}

func (p *parser) unique(name string) (string, error) {
	b, err := p.bytes(name)
	return string(b), err
}

func (p *parser) text(name string) (string, error) {
	b, err := p.bytes(name)
	if err != nil {
		return "", err
	}
	return p.intern(b), nil
}

// ref is an id of at most 288 bytes, any longer one is invalid.
func (p *parser) ref(name string) (string, error) {
	s, err := p.text(name)
	switch {
	case err != nil:
		return "", err
	case s == "":
		return "", fmt.Errorf("%w: %s is empty, it must be <type>--<UUID>", ErrProperty, name)
	case !ValidID(s):
		return "", fmt.Errorf("%w: %s is %s, it must be <type>--<UUID>", ErrProperty, name, printable(s))
	}
	return s, nil
}

func (p *parser) intern(b []byte) string {
	if t, ok := spec.Standard.LookupBytes(b); ok {
		return t.Name
	}
	if s, ok := p.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) <= keptLen {
		if len(p.names) >= keptNames {
			clear(p.names)
		}
		p.names[s] = s
	}
	return s
}

func (p *parser) time(name string) (Timestamp, error) {
	b, err := p.bytes(name)
	if err != nil {
		return Timestamp{}, err
	}
	t, err := parseTimestamp(b)
	if err != nil {
		return Timestamp{}, fmt.Errorf("%w: %s: %w", ErrProperty, name, err)
	}
	return t, nil
}

func (p *parser) bool(name string) (bool, error) {
	v, err := p.dec.ReadValue()
	if err != nil {
		return false, syntaxError(err)
	}
	switch k := v.Kind(); k {
	case 't', 'f':
		return k == 't', nil
	default:
		return false, wrongKind(name, k, 't')
	}
}

// open reads the bracket that begins a list or an object.
func (p *parser) open(name string, want jsontext.Kind) error {
	if k := p.dec.PeekKind(); k != want && k != jsontext.KindInvalid {
		return wrongKind(name, k, want)
	}
	_, err := p.dec.ReadToken()
	return syntaxError(err)
}

// more reports whether the list or object goes on with kind; it reads the closing bracket. Anything else is an error.
func (p *parser) more(name string, kind, end jsontext.Kind) (bool, error) {
	switch k := p.dec.PeekKind(); k {
	case kind:
		if p.lists++; p.lists > MaxList && end == ']' {
			return false, fmt.Errorf("%w: %s has more than %d elements", ErrTooLarge, name, MaxList)
		}
		return true, nil
	case end, jsontext.KindInvalid:
		_, err := p.dec.ReadToken()
		return false, syntaxError(err)
	default:
		return false, fmt.Errorf("%w: %s holds %s, where only %s may stand", ErrProperty, name, kindName(k), kindName(kind))
	}
}

func (p *parser) list(name string, element func(*parser, string) (string, error)) ([]string, error) {
	if err := p.open(name, '['); err != nil {
		return nil, err
	}
	var list []string
	for {
		ok, err := p.more(name, '"', ']')
		if !ok {
			return list, err
		}
		s, err := element(p, name)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
}

func (p *parser) granular(name string) ([]GranularMarking, error) {
	if err := p.open(name, '['); err != nil {
		return nil, err
	}
	var list []GranularMarking
	for {
		ok, err := p.more(name, '{', ']')
		if !ok {
			return list, err
		}
		g, err := p.granularMarking()
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
}

func (p *parser) granularMarking() (g GranularMarking, err error) {
	if _, err := p.dec.ReadToken(); err != nil {
		return g, syntaxError(err)
	}
	for {
		ok, err := p.more("granular_markings", '"', '}')
		if err != nil {
			return g, err
		}
		if !ok {
			break
		}
		name, err := p.dec.ReadValue()
		if err != nil {
			return g, syntaxError(err)
		}
		switch property(name) {
		case "marking_ref":
			g.MarkingRef, err = p.ref("granular_markings.marking_ref")
		case "lang":
			g.Lang, err = p.text("granular_markings.lang")
		case "selectors":
			g.Selectors, err = p.list("granular_markings.selectors", (*parser).text)
		default:
			err = syntaxError(p.dec.SkipValue())
		}
		if err != nil {
			return g, err
		}
	}
	// A marking that says nothing, or of nothing, would be passed over in silence.
	if len(g.Selectors) == 0 {
		return g, fmt.Errorf("%w: granular_markings holds one without selectors", ErrProperty)
	}
	if g.MarkingRef == "" && g.Lang == "" {
		return g, fmt.Errorf("%w: granular_markings holds one without marking_ref or lang", ErrProperty)
	}
	return g, nil
}

// check holds type and id together and counts the markings.
func (h *Header) check() error {
	switch {
	case h.Type == "" && h.ID == "":
		return fmt.Errorf("%w: it has neither type nor id", ErrNotObject)
	case h.Type == "":
		return fmt.Errorf("%w: it has no type", ErrNotObject)
	case h.ID == "":
		return fmt.Errorf("%w: it has no id (type %s)", ErrNotObject, printable(h.Type))
	case h.Type == "bundle":
		return fmt.Errorf("%w: a bundle within a list of objects", ErrNotObject)
	case !validType(h.Type):
		return fmt.Errorf("%w: type %s: want 3 to 250 of a-z, 0-9 and single hyphens", ErrProperty, printable(h.Type))
	}
	typ, ok := idType(h.ID)
	if !ok {
		return fmt.Errorf("%w: want %s--<UUID>", ErrID, h.Type)
	}
	if typ != h.Type {
		return fmt.Errorf("%w: the object's type is %s", ErrID, h.Type)
	}
	return h.checkMarkings()
}

func (h *Header) checkMarkings() error {
	if len(h.ObjectMarkingRefs)+len(h.GranularMarkings) <= MaxMarkings {
		return nil
	}
	refs := make(map[string]struct{}, MaxMarkings)
	for _, r := range h.ObjectMarkingRefs {
		refs[r] = struct{}{}
	}
	for _, g := range h.GranularMarkings {
		if g.MarkingRef != "" {
			refs[g.MarkingRef] = struct{}{}
		}
	}
	if len(refs) > MaxMarkings {
		return fmt.Errorf("%w: object_marking_refs and granular_markings.marking_ref name %d markings, at most %d may be", ErrProperty, len(refs), MaxMarkings)
	}
	return nil
}

// syntaxError puts a jsontext error into words, with the place.
func syntaxError(err error) error {
	if err == nil {
		return nil
	}
	var se *jsontext.SyntacticError
	if !errors.As(err, &se) {
		return fmt.Errorf("%w: %s", ErrSyntax, err.Error())
	}
	why := "malformed"
	switch {
	case errors.Is(se.Err, jsontext.ErrDuplicateName):
		why = "a name occurs twice"
	case errors.Is(se.Err, io.ErrUnexpectedEOF):
		why = "the end is missing"
	case se.Err != nil:
		why = se.Err.Error()
	}
	where := ""
	if se.JSONPointer != "" {
		where = " in " + printable(string(se.JSONPointer))
	}
	return fmt.Errorf("%w: %s at byte %s%s", ErrSyntax, why, strconv.FormatInt(se.ByteOffset, 10), where)
}

// findID reads type and id from bytes that may be malformed or cut short, to name the object in an error.
func findID(raw []byte) (typ, id string) {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if tok, err := d.ReadToken(); err != nil || tok.Kind() != '{' {
		return "", ""
	}
	for d.PeekKind() == '"' && (typ == "" || id == "") {
		name, err := d.ReadValue()
		if err != nil {
			break
		}
		prop := property(name)
		v, err := d.ReadValue()
		if err != nil {
			break
		}
		if v.Kind() != '"' || len(v) > maxType+uuidLen+10 {
			continue
		}
		text, err := unquoted(v)
		if err != nil {
			continue
		}
		switch prop {
		case "type":
			typ = string(text)
		case "id":
			id = string(text)
		}
	}
	return typ, id
}
