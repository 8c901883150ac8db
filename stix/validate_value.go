package stix

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/cursor"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// kindWord names what a property's value must be.
func kindWord(p *spec.Property) string {
	switch p.Kind {
	case spec.Boolean:
		return "true or false"
	case spec.Integer:
		return "an integer"
	case spec.Float:
		return "a number"
	case spec.String:
		return "a string"
	case spec.Timestamp:
		return "a timestamp"
	case spec.Identifier:
		return "an identifier"
	case spec.Hex:
		return "hexadecimal digits"
	case spec.Binary:
		return "base64"
	case spec.Any:
		return "a value"
	}
	return "an object"
}

// jsonKind is the first byte that a value of a kind begins with; '0' stands for all of numbers, 't' for both of booleans.
func jsonKind(k spec.Kind) byte {
	switch k {
	case spec.Boolean:
		return 't'
	case spec.Integer, spec.Float:
		return '0'
	case spec.String, spec.Timestamp, spec.Identifier, spec.Hex, spec.Binary:
		return '"'
	case spec.Any:
		return 0
	}
	return '{'
}

// kindOf folds the first byte of a value to those of jsonKind.
func kindOf(first byte) byte {
	switch first {
	case 'f':
		return 't'
	case '-', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	}
	return first
}

// scalar judges one value: of the property, or of an element of its list.
func (v *Validator) scalar(s *spec.Struct, p *spec.Property) {
	first := kindOf(v.c.Peek())
	if p.Kind == spec.Contained {
		v.c.Skip()
		return
	}
	if want := jsonKind(p.Kind); first != want && (want != 0 || first == 'n') {
		v.wrongKind(kindWord(p))
		return
	}
	switch p.Kind {
	case spec.Any:
		v.any(p, first)
	case spec.Boolean:
		v.boolean(p)
	case spec.Integer, spec.Float:
		v.number(p)
	case spec.Nested:
		v.members(p.Struct)
	case spec.Hashes:
		v.dictionary(s, p, v.hash)
	case spec.Dictionary:
		v.dictionary(s, p, v.entry)
	case spec.Extensions:
		v.dictionary(s, p, v.extension)
	case spec.Objects:
		v.dictionary(s, p, v.containedObject)
	default:
		content, escaped := v.c.Text()
		if !v.c.Broken {
			v.str(s, p, content, escaped)
		}
	}
}

func (v *Validator) any(p *spec.Property, first byte) {
	if p.Format == spec.IntegerOrString && first != '"' {
		ahead := v.c
		if first != '0' || !isWhole(ahead.Literal()) {
			v.wrongKind("an integer or a string")
			return
		}
	}
	v.c.Skip()
}

func isWhole(word []byte) bool {
	if _, ok := smallInteger(word); ok {
		return true
	}
	f, err := strconv.ParseFloat(string(word), 64)
	return err == nil && f == math.Trunc(f)
}

func (v *Validator) boolean(p *spec.Property) {
	word := v.c.Literal()
	if p.Fixed != "" && string(word) != p.Fixed {
		v.report(spec.CodeFixed, word, p.Fixed)
	}
	if p.Name == "defanged" && string(word) == "true" {
		v.object.defanged = true
	}
}

const maxInteger = 1<<53 - 1

func (v *Validator) number(p *spec.Property) {
	word := v.c.Literal()
	// Most numbers are short integers.
	n, ok := smallInteger(word)
	if !ok {
		f, err := strconv.ParseFloat(string(word), 64)
		if n = f; p.Kind == spec.Integer && (err != nil || f != math.Trunc(f)) {
			v.add(Finding{Code: spec.CodeKind, Level: Must, Value: v.word(word), Want: kindWord(p)})
			return
		}
		if err != nil {
			v.report(spec.CodeRange, word, "what an IEEE 754 double can hold")
			return
		}
	}
	if p.Kind == spec.Integer && math.Abs(n) > maxInteger {
		v.report(spec.CodeRange, word, "-(2^53)+1 to 2^53-1")
		return
	}
	if r := p.Range; r != nil && (n < r.Min || n > r.Max) {
		v.report(spec.CodeRange, word, rangeWord(r))
	}
}

func rangeWord(r *spec.Range) string {
	low, high := strconv.FormatFloat(r.Min, 'f', -1, 64), strconv.FormatFloat(r.Max, 'f', -1, 64)
	switch {
	case math.IsInf(r.Max, 1):
		return low + " or more"
	case math.IsInf(r.Min, -1):
		return high + " or less"
	}
	return low + " to " + high
}

func smallInteger(word []byte) (float64, bool) {
	n, neg := 0, false
	if len(word) > 0 && word[0] == '-' {
		word, neg = word[1:], true
	}
	if len(word) == 0 || len(word) > 15 {
		return 0, false
	}
	for _, c := range word {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if neg {
		n = -n
	}
	return float64(n), true
}

// str judges a string.
func (v *Validator) str(s *spec.Struct, p *spec.Property, content []byte, escaped bool) {
	if p.Kind == spec.String && p.Format == spec.NoFormat && p.Vocab == nil && p.Fixed == "" {
		return
	}
	b := cursor.Decode(content, escaped, &v.buf)
	switch p.Kind {
	case spec.Timestamp:
		if !isTimestamp(b) {
			v.report(spec.CodeTimestamp, b, "")
		} else if p.Millis && len(timeDigits(b)) < 3 {
			v.report(spec.CodeMillis, b, "")
		} else if p.Format == spec.WholeSeconds && len(timeFraction(b)) > 0 {
			v.report(spec.CodeWholeSeconds, b, "")
		}
	case spec.Identifier:
		v.identifier(s, p, b)
	case spec.Hex:
		if !isHex(b) {
			v.report(spec.CodeHex, b, "")
		}
	case spec.Binary:
		if !isBase64(b) {
			v.report(spec.CodeBinary, b, "")
		}
	default:
		v.word1(p, b)
	}
}

func timeDigits(b []byte) []byte {
	if len(b) < 22 {
		return nil
	}
	return b[20 : len(b)-1]
}

// word1 judges a String against what its property allows.
func (v *Validator) word1(p *spec.Property, b []byte) {
	switch {
	case p.Fixed != "":
		if string(b) != p.Fixed && !(v.older && p.Name == "spec_version" && string(b) == "2.0") {
			v.report(spec.CodeFixed, b, p.Fixed)
		}
	case p.Vocab != nil:
		if p.Vocab.Has(b) {
			return
		}
		if p.Vocab.Closed {
			v.report(spec.CodeEnum, b, p.Vocab.Name)
		} else {
			v.report(spec.CodeVocabulary, b, p.Vocab.Name)
		}
	case p.Format == spec.Selector:
		v.selector(b)
	default:
		if f := &formats[p.Format]; !f.ok(b) {
			v.report(f.code, b, "")
		}
	}
}

// selector judges the syntax of a selector, and keeps that of a granular marking until all of the object is known.
func (v *Validator) selector(b []byte) {
	var buf []byte
	marks := len(v.path) == 4 && string(cursor.Decode(v.path[0].name, v.path[0].escaped, &buf)) == "granular_markings"
	switch {
	case v.object.contained: // the object around it is what selectors are resolved in
	case marks:
		marking, at := v.path[1], v.path[3]
		if !v.sels.add(b) {
			v.report(spec.CodeSelector, b, "")
			at = noStep
		}
		v.selAt = append(v.selAt, marking, at)
	case !validSelector(b): // of an extension
		v.report(spec.CodeSelector, b, "")
	}
}

// identifier judges an id or a reference.
func (v *Validator) identifier(s *spec.Struct, p *spec.Property, b []byte) {
	if v.object.contained && p.ID > 31 && isDictionaryKey(b) && !bytes.Contains(b, []byte("--")) {
		return // the key of another object beside it: section 2.9 leaves the container of STIX 2.0 out
	}
	n := len(b) - uuidLen
	if n < 5 || n > maxType+2 || string(b[n-2:n]) != "--" || !validType(string(b[:n-2])) || !rfcUUID(b[n:]) {
		v.report(spec.CodeID, b, "")
		return
	}
	if p.Name == "id" && s == v.object.kind {
		v.ownID(s, b[:n-2], b[n:])
		return
	}
	if p.Refs != nil && !v.allowed(p.Refs, b[:n-2]) {
		v.report(spec.CodeReference, b[:n-2], v.refsWord(p.Refs))
	}
}

// rfcUUID checks digits, and the variant and version of RFC 9562.
func rfcUUID(b []byte) bool {
	if !validUUID(b) || b[14] < '1' || b[14] > '8' {
		return false
	}
	switch b[19] {
	case '8', '9', 'a', 'b', 'A', 'B':
		return true
	}
	return false
}

func (v *Validator) ownID(s *spec.Struct, typ, uuid []byte) {
	if !bytes.Equal(typ, v.object.typ) {
		v.report(spec.CodeIDType, append(append(append(v.buf[:0:0], typ...), "--"...), uuid...), v.word(v.object.typ))
		return
	}
	switch {
	case s.Class == spec.Custom:
	case s.Class == spec.Observable && contributes(s):
		// CheckDeterministicID says more.
	case uuid[14] != '4':
		v.report(spec.CodeUUIDVersion, uuid[14:15], "4")
	}
}

func contributes(s *spec.Struct) bool {
	for i := range s.Properties {
		if s.Properties[i].Contributing {
			return true
		}
	}
	return false
}

// allowed reports whether a reference may go to a type.
func (v *Validator) allowed(r *spec.Refs, typ []byte) bool {
	for _, t := range r.Types {
		if t == string(typ) {
			return true
		}
	}
	if len(r.Classes) == 0 {
		return false
	}
	s, ok := v.table.LookupBytes(typ)
	if !ok {
		return true
	}
	for _, t := range r.Except {
		if t == string(typ) {
			return false
		}
	}
	for _, c := range r.Classes {
		if s.Class == c {
			return true
		}
	}
	return false
}

var classWords = map[spec.Class]string{
	spec.Domain: "an SDO", spec.Relationship: "an SRO", spec.Observable: "an SCO", spec.Meta: "a meta object", spec.Container: "a bundle",
}

func (v *Validator) refsWord(r *spec.Refs) string {
	words := append([]string(nil), r.Types...)
	for _, c := range r.Classes {
		words = append(words, classWords[c])
	}
	return strings.Join(words, ", ")
}

// dictionary judges keys and values; each is called with the key, the cursor before its value.
func (v *Validator) dictionary(s *spec.Struct, p *spec.Property, each func(*spec.Struct, *spec.Property, []byte)) {
	v.c.At++
	n := 0
	for ; ; n++ {
		name, escaped, more := v.c.Member(n == 0)
		if !more {
			break
		}
		v.path = append(v.path, step{name: name, escaped: escaped})
		each(s, p, cursor.Decode(name, escaped, &v.buf))
		v.path = v.path[:len(v.path)-1]
		if v.c.Broken {
			return
		}
	}
	if n == 0 && !v.c.Broken {
		v.report(spec.CodeEmpty, nil, "")
	}
}

var anyValue = &spec.Property{Kind: spec.Any}

// entry judges one entry of a Dictionary.
func (v *Validator) entry(s *spec.Struct, p *spec.Property, key []byte) {
	f := p.Keys
	if f == spec.NoFormat {
		f = spec.DictionaryKey
	}
	if !formats[f].ok(key) {
		v.report(formats[f].code, key, "")
	}
	value := p.Value
	if value == nil {
		value = anyValue
	}
	v.property(s, value)
}

// hash judges one entry of Hashes.
func (v *Validator) hash(_ *spec.Struct, _ *spec.Property, key []byte) {
	form, known := hashForms[string(key)]
	switch {
	case len(key) < 3 || !isDictionaryKey(key):
		v.report(spec.CodeHashKey, key, "")
	case !known:
		v.report(spec.CodeHashAlgorithm, key, spec.HashAlgorithm.Name)
	}
	if v.c.Peek() != '"' {
		v.wrongKind("a string")
		return
	}
	content, escaped := v.c.Text()
	if b := cursor.Decode(content, escaped, &v.buf); known && !form.ok(b) {
		v.report(spec.CodeHashValue, b, form.name)
	}
}

// containedObject judges an object within the objects of observed-data. It stands by itself, as one of a bundle does.
func (v *Validator) containedObject(_ *spec.Struct, _ *spec.Property, key []byte) {
	if !isDictionaryKey(key) {
		v.report(spec.CodeKey, key, "")
	}
	if v.c.Peek() != '{' {
		v.wrongKind("an object")
		return
	}
	inner := v.c
	typ := v.textOf(&inner, "type")
	if inner.Broken {
		v.c.Broken = true
		return
	}
	if s, ok := v.table.LookupBytes(typ); ok && s.Class != spec.Observable {
		v.report(spec.CodeReference, typ, classWords[spec.Observable])
		v.c.Skip()
		return
	}
	outer := v.object
	v.object.extensions = nil
	v.topObject(bytes.Clone(typ), true)
	outer.defanged = outer.defanged || v.object.defanged
	v.object = outer
}
