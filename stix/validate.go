package stix

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/cursor"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// MaxFindings bounds the findings of one object; a last one of code "limit" then says that there are more.
const MaxFindings = 100

// PatternChecker judges the pattern of an indicator (STIX 2.1 section 9). It returns what is wrong with it, nothing if it is right
// or of a pattern type that it does not know. It must not keep its arguments.
type PatternChecker interface {
	CheckPattern(patternType, version, pattern string) []PatternFault
}

// PatternFault is one fault of a pattern.
type PatternFault struct {
	Level  Level
	Offset int    // bytes from the start of the pattern
	Text   string // what is wrong, in words
}

// Validator judges objects against STIX 2.1. It keeps its memory from one object to the next and belongs to one goroutine.
type Validator struct {
	patterns PatternChecker
	table    *spec.Table

	c        cursor.Cursor
	findings []Finding
	path     []step
	seen     []cursor.Span // a slot for each property of the structs that are open; empty where absent
	custom   []member      // of the open object: names that its type does not have
	older    bool          // it was STIX 2.0: what only 2.1 demands is a Should
	soft     bool          // so is the rule that is looked at
	extended *spec.Struct  // the members of the extension that is open, if it has an extension_type
	words    map[string]string
	buf      []byte // of unescaped text
	ids      idMaker
	typ      []byte // of the object around all
	sels     selectorSet
	selAt    []step // where each selector stands: granular marking, selector
	top      []bool // which properties of toplevel-property-extensions the open object has
	object   objectState
}

// objectState is what is known of the object being judged.
type objectState struct {
	kind       *spec.Struct
	typ        []byte
	from       int               // where it begins
	custom     int               // where its custom members begin
	extensions []*spec.Extension // that are known
	types      extensionTypes    // of its extensions
	defanged   bool
	contained  bool // in an observed-data
}

// member is a name and the place of its value.
type member struct {
	step
	cursor.Span
}

// step is one part of a JSON pointer: a name as written, or an index where name is nil.
type step struct {
	name    []byte
	escaped bool
	index   int
}

// noStep stands where there is no place to point to.
var noStep = step{index: -1}

// ValidatorOption changes what a [Validator] does.
type ValidatorOption func(*Validator)

// Patterns makes a validator hand the patterns of indicators to c.
func Patterns(c PatternChecker) ValidatorOption { return func(v *Validator) { v.patterns = c } }

// With makes a validator know the extensions of r too.
func With(r *Registry) ValidatorOption { return func(v *Validator) { v.table = r.table() } }

// NewValidator returns a Validator of STIX 2.1 and the extensions that this package knows.
func NewValidator(opts ...ValidatorOption) *Validator {
	v := &Validator{table: spec.Standard, words: map[string]string{}}
	for _, o := range opts {
		o(v)
	}
	return v
}

// Validate judges an object from [Parse] or a [Reader], in one pass over its bytes. An object of STIX 2.0 is judged as [Upgrade]
// makes it, and only for what STIX 2.0 demands too; the rest is Should. The findings are good until the next call; a valid
// object has none. Of an object of another spec_version nothing is judged.
func (v *Validator) Validate(o *Object) []Finding {
	v.findings = v.findings[:0]
	defer v.release(len(o.Raw))
	switch v.edition(o) {
	case "2.1":
		v.judge(o.Raw, o.Type)
	case "2.0":
		v.judge20(o)
	default:
		v.path = append(v.path[:0], step{name: []byte("spec_version")})
		v.report(spec.CodeSpecVersion, []byte(o.SpecVersion), "")
		v.path = v.path[:0]
	}
	return v.findings
}

// keptObject is the size of objects whose judging may leave its memory for the next.
const keptObject = 256 << 10

// release lets go of what a large object of this size took.
func (v *Validator) release(size int) {
	if size > keptObject {
		*v = Validator{patterns: v.patterns, table: v.table, findings: v.findings, words: v.words}
	}
}

// edition is the version of STIX that an object is written for (section 3.2): without spec_version it is 2.0, unless STIX 2.0
// has no such type.
func (v *Validator) edition(o *Object) string {
	if o.SpecVersion != "" {
		if o.SpecVersion != "2.0" && !isVersion(o.SpecVersion) {
			return "2.1"
		}
		return o.SpecVersion
	}
	if o.Type == "bundle" {
		return "2.1"
	}
	if t, ok := v.table.Lookup(o.Type); !ok || t.V20 {
		return "2.0"
	}
	return "2.1"
}

// isVersion is for what may be a version of STIX: digits, a point, digits.
func isVersion(s string) bool {
	return len(s) == 3 && s[1] == '.' && '0' <= s[0] && s[0] <= '9' && '0' <= s[2] && s[2] <= '9'
}

// ValidateBytes judges any bytes: what [Parse] refuses has at least one finding too. Of a bundle it judges all but the objects, which stand by
// themselves.
func (v *Validator) ValidateBytes(raw []byte) []Finding {
	o, err := Parse(raw)
	if err == nil {
		return v.Validate(&o)
	}
	v.findings, v.path = v.findings[:0], v.path[:0]
	defer v.release(len(raw))
	if f, ok := unreadable(raw, err); ok {
		v.add(f)
		return v.findings
	}
	// The rules say more precisely what Parse says of the first fault alone.
	h := looseHeader(raw)
	if v.edition(&h) == "2.0" {
		v.judgeOlder(raw, h.Type)
	} else {
		v.judge(raw, h.Type)
	}
	if h.Type != "bundle" && !slices.ContainsFunc(v.findings, func(f Finding) bool { return f.Level == Must }) {
		v.say(spec.CodeNotObject, reason(err))
	}
	return v.findings
}

// unreadable is the finding of bytes that are no JSON object, or not one that this package reads.
func unreadable(raw []byte, err error) (Finding, bool) {
	value := jsontext.Value(slices.Clone(raw))
	var se *jsontext.SyntacticError
	invalid := errors.As(value.Canonicalize(), &se)
	switch {
	case invalid && errors.Is(se.Err, jsontext.ErrDuplicateName):
		return Finding{Code: spec.CodeDuplicate, Level: Must, Value: printable(se.JSONPointer.LastToken())}, true
	case errors.Is(err, ErrTooDeep), errors.Is(err, ErrTooLarge):
		return Finding{Code: spec.CodeLimit, Level: Must, Value: reason(err)}, true
	case len(raw) == 0 || raw[0] != '{':
		return Finding{Code: spec.CodeNotObject, Level: Must, Value: reason(err)}, true
	case invalid || framed(raw) != nil:
		return Finding{Code: spec.CodeSyntax, Level: Must, Value: reason(err)}, true
	}
	return Finding{}, false
}

// reason is an error's text without what the finding's code says already.
func reason(err error) string {
	var oe *ObjectError
	if errors.As(err, &oe) {
		err = oe.Err
	}
	s := err.Error()
	for _, e := range []error{ErrSyntax, ErrNotObject} {
		s = strings.TrimPrefix(s, e.Error()+": ")
	}
	return s
}

// looseHeader reads type and spec_version of an object that may lack everything.
func looseHeader(raw []byte) (o Object) {
	for name, value := range each(raw) {
		switch name {
		case "type":
			o.Type, _ = text(value)
		case "spec_version":
			o.SpecVersion, _ = text(value)
		}
	}
	return o
}

var validators = sync.Pool{New: func() any { return NewValidator() }}

// Validate judges one object; see [Validator.Validate]. The findings belong to the caller.
func Validate(o *Object) []Finding {
	v := validators.Get().(*Validator)
	defer validators.Put(v)
	return slices.Clone(v.Validate(o))
}

// judge walks over one object of STIX 2.1.
func (v *Validator) judge(raw []byte, typ string) {
	v.c = cursor.Cursor{Raw: raw}
	v.path, v.seen, v.custom = v.path[:0], v.seen[:0], v.custom[:0]
	v.selAt = v.selAt[:0]
	v.sels.reset()
	v.object = objectState{extensions: v.object.extensions[:0]}
	before := len(v.findings)
	v.typ = append(v.typ[:0], typ...)
	v.topObject(v.typ, false)
	if v.c.Broken {
		v.path = v.path[:0]
		v.say(spec.CodeSyntax, "it ends where it should not")
		return
	}
	v.checkSelectors(raw)
	if v.object.defanged {
		kept := slices.DeleteFunc(v.findings[before:], func(f Finding) bool { return defangs(f.Code) })
		v.findings = v.findings[:before+len(kept)]
	}
}

// defangs tells the codes that say nothing about a value that was changed so that nobody clicks it (section 3.2).
func defangs(c Code) bool {
	switch c {
	case spec.CodeURI, spec.CodeIPv4, spec.CodeIPv6, spec.CodeDomainName, spec.CodeEmail, spec.CodeMAC, spec.CodeDeterministicID:
		return true
	}
	return false
}

// topObject judges an object of a type, at the top or contained in an observed-data.
func (v *Validator) topObject(typ []byte, contained bool) {
	v.c.Peek()
	v.object = objectState{
		typ: typ, from: v.c.At, custom: len(v.custom), contained: contained, defanged: v.object.defanged,
		extensions: v.object.extensions[:0],
	}
	kind, ok := v.table.LookupBytes(typ)
	if !ok {
		kind = spec.UnknownDomain
	}
	v.object.kind = kind
	v.members(kind)
	v.custom = v.custom[:v.object.custom]
}

// members judges the members of an object against a struct.
func (v *Validator) members(s *spec.Struct) {
	if v.c.Peek() != '{' {
		v.wrongKind("an object")
		return
	}
	v.c.At++
	base := len(v.seen)
	v.seen = append(v.seen, make([]cursor.Span, len(s.Properties))...)
	missing := s.Required()
	for first := true; ; first = false {
		name, escaped, more := v.c.Member(first)
		if !more {
			break
		}
		v.path = append(v.path, step{name: name, escaped: escaped})
		i := s.Find(cursor.Decode(name, escaped, &v.buf))
		v.c.Peek()
		from := v.c.At
		if i >= 0 {
			missing &^= 1 << i
			v.property(s, &s.Properties[i])
		} else {
			v.unknownMember(s)
		}
		v.path = v.path[:len(v.path)-1]
		if v.c.Broken {
			return
		}
		if i >= 0 {
			v.seen[base+i] = cursor.Span{From: from, To: v.c.At}
		}
	}
	if v.c.Broken {
		return
	}
	end := v.c.At
	if missing != 0 {
		v.missing(s, missing)
	}
	if s == v.object.kind {
		v.customMembers(v.seen[base : base+len(s.Properties)])
		v.c.At = end // rules look at all of the object
	}
	for i := range s.Rules {
		v.rule(s, &s.Rules[i], v.seen[base:base+len(s.Properties)])
	}
	v.seen = v.seen[:base]
}

func (v *Validator) missing(s *spec.Struct, mask uint64) {
	for i := range s.Properties {
		if p := &s.Properties[i]; mask&(1<<i) != 0 {
			v.soft = v.older && p.Since21 || v.object.contained && s == v.object.kind && p.Name == "id"
			v.report(spec.CodeRequired, nil, p.Name)
			v.soft = false
		}
	}
}

// property judges the value of a property of the table.
func (v *Validator) property(s *spec.Struct, p *spec.Property) {
	if p.Deprecated {
		v.report(spec.CodeDeprecated, []byte(p.Name), "")
	}
	if !p.List {
		v.scalar(s, p)
		return
	}
	if v.c.Peek() != '[' {
		v.wrongKind("a list of " + kindWord(p))
		return
	}
	v.c.At++
	n := 0
	for ; v.c.Element(n == 0); n++ {
		v.path = append(v.path, step{index: n})
		v.scalar(s, p)
		v.path = v.path[:len(v.path)-1]
		if v.c.Broken {
			return
		}
	}
	if n == 0 && !v.c.Broken {
		v.report(spec.CodeEmpty, nil, "")
	}
}

// unknownMember judges what stands under a name that the struct does not have.
func (v *Validator) unknownMember(s *spec.Struct) {
	place := v.c.Value()
	switch {
	case v.c.Broken:
		return
	case v.c.Raw[place.From] == 'n':
		v.c.At = place.From
		v.wrongKind("a value")
	case v.c.Raw[place.From] == '[':
		if inner := (cursor.Cursor{Raw: v.c.Raw, At: place.From + 1}); inner.Peek() == ']' {
			v.report(spec.CodeEmpty, nil, "")
		}
	}
	last := v.path[len(v.path)-1]
	name := cursor.Decode(last.name, last.escaped, &v.buf)
	switch {
	case s == v.object.kind:
		v.custom = append(v.custom, member{last, place}) // an extension may yet explain it
	case s == v.extended && string(name) == "extension_type":
		// judged before
	case isPropertyName(name):
		v.report(spec.CodeCustomProperty, name, "")
	default:
		v.report(spec.CodeName, name, "")
	}
}

// report adds a finding at the current place, with the level of its code.
func (v *Validator) report(code Code, value []byte, want string) {
	v.add(Finding{Code: code, Level: spec.LevelOf(code), Value: v.word(value), Want: want})
}

// wrongKind reports the value that stands next and passes over it.
func (v *Validator) wrongKind(want string) {
	got := kindName(jsontext.Value(v.c.Raw[v.c.At:]).Kind())
	v.c.Skip()
	v.add(Finding{Code: spec.CodeKind, Level: Must, Value: got, Want: want})
}

func (v *Validator) add(f Finding) {
	if v.soft && f.Level == Must {
		f.Level = Should
	}
	switch n := len(v.findings); {
	case n == MaxFindings:
		// What is not told still counts: the last finding has the level of the gravest of them.
		last := &v.findings[n-1]
		last.Level = min(last.Level, f.Level)
	case n == MaxFindings-1:
		v.findings = append(v.findings, Finding{Code: spec.CodeLimit, Level: f.Level, Value: "more than " + strconv.Itoa(MaxFindings-1) + " findings"})
	default:
		f.Pointer = v.pointer()
		v.findings = append(v.findings, f)
	}
}

// maxPointer bounds the pointers of findings and changes, in bytes: a name as long as its object must not be repeated for each of them.
const maxPointer = 1000

// pointer is the current place (RFC 6901), or what is nearest to it on the way up and has a pointer that is not too long.
func (v *Validator) pointer() string {
	var buf [256]byte
	b := buf[:0]
	var unescaped []byte
	for i := range v.path {
		s := &v.path[i]
		if s.name == nil {
			b = strconv.AppendInt(append(b, '/'), int64(s.index), 10)
			continue
		}
		if len(s.name) > 6*maxPointer {
			break
		}
		name := cursor.Decode(s.name, s.escaped, &unescaped)
		if len(b)+len(name) >= maxPointer {
			break
		}
		b = appendToken(append(b, '/'), name)
	}
	return v.intern(b)
}

// appendToken escapes one part of a JSON pointer.
func appendToken(b, name []byte) []byte {
	for _, c := range name {
		switch c {
		case '~':
			b = append(b, '~', '0')
		case '/':
			b = append(b, '~', '1')
		default:
			b = append(b, c)
		}
	}
	return b
}

const mostValue = 100 // bytes of a value that a finding quotes

// word makes a value short and printable.
func (v *Validator) word(b []byte) string {
	cut := ""
	if len(b) > mostValue {
		n := mostValue
		for n > 0 && !utf8.RuneStart(b[n]) {
			n--
		}
		b, cut = b[:n], "…"
	}
	if cut == "" && ascii(b) {
		return printable(v.intern(b))
	}
	return printable(string(b)) + cut
}

// intern keeps strings that come again and again, so that the usual findings cost no memory.
func (v *Validator) intern(b []byte) string {
	if s, ok := v.words[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) <= keptLen {
		if len(v.words) >= keptNames {
			clear(v.words)
		}
		v.words[s] = s
	}
	return s
}
