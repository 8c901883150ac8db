package stix

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/cursor"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// check judges what no predicate fits.
func (v *Validator) check(s *spec.Struct, r *spec.Rule, seen []cursor.Span) {
	at := func(name string) cursor.Span {
		if i := s.Find([]byte(name)); i >= 0 {
			return seen[i]
		}
		return cursor.Span{}
	}
	switch r.Check {
	case spec.CheckMarking:
		v.checkMarking(at)
	case spec.CheckExtensionProperties:
		v.checkExtensionProperties(at)
	case spec.CheckPattern:
		v.checkPattern(at)
	case spec.CheckRelationship:
		v.checkRelationship(at)
	case spec.CheckDeterministicID:
		v.checkDeterministicID(s, at, seen)
	case spec.CheckObservedRefs:
		v.checkObservedRefs(at("object_refs"))
	case spec.CheckExternalID:
		v.checkExternalID(at)
	case spec.CheckSocketOptions:
		v.checkSocketOptions(at("options"))
	}
}

// reportAt reports at a property of the struct that is open.
func (v *Validator) reportAt(name string, code Code, value []byte, want string) {
	v.path = append(v.path, step{name: []byte(name)})
	v.report(code, value, want)
	v.path = v.path[:len(v.path)-1]
}

// say reports in own words, which need no quotes.
func (v *Validator) say(code Code, words string) {
	v.add(Finding{Code: code, Level: spec.LevelOf(code), Value: words})
}

// sentence is printable for words, which have spaces.
func sentence(s string) string {
	if len(s) <= 300 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return s
	}
	return printable(s)
}

func (v *Validator) checkPattern(at func(string) cursor.Span) {
	pattern := at("pattern")
	if v.patterns == nil || v.content(pattern) == nil {
		return
	}
	text := string(v.content(pattern))
	kind, version := string(v.content(at("pattern_type"))), string(v.content(at("pattern_version")))
	for _, f := range v.patterns.CheckPattern(kind, version, text) {
		v.path = append(v.path, step{name: []byte("pattern")})
		v.add(Finding{Code: spec.CodePattern, Level: f.Level, Value: fmt.Sprintf("at byte %d: %s", f.Offset, sentence(f.Text))})
		v.path = v.path[:len(v.path)-1]
	}
}

// checkRelationship looks for the relationship in the table of its source.
func (v *Validator) checkRelationship(at func(string) cursor.Span) {
	var one, two [maxType]byte
	source := append(one[:0], refType(v.content(at("source_ref")))...)
	target := append(two[:0], refType(v.content(at("target_ref")))...)
	kind := v.content(at("relationship_type"))
	switch string(kind) {
	case "", "related-to":
		return
	case "derived-from", "duplicate-of":
		if bytes.Equal(source, target) {
			return
		}
	}
	s, ok1 := v.table.LookupBytes(source)
	_, ok2 := v.table.LookupBytes(target)
	if !ok1 || !ok2 || !hyphenChars.all(kind) || s.Definition != "" && s.Relationships == nil {
		return // the standard knows no relationship of or to other types
	}
	for i := range s.Relationships {
		r := &s.Relationships[i]
		if r.Type != string(kind) {
			continue
		}
		for _, t := range r.Targets {
			if t == string(target) {
				return
			}
		}
	}
	words := append(append(append([]byte(nil), source...), ' '), kind...)
	v.reportAt("relationship_type", spec.CodeRelationship, append(append(words, ' '), target...), "")
}

// refType is the type within an identifier, nil if it is none.
func refType(id []byte) []byte {
	if n := len(id) - uuidLen - 2; n > 0 && n <= maxType {
		return id[:n]
	}
	return nil
}

// checkDeterministicID compares the id of a cyber-observable with the one that follows from it (section 2.9).
func (v *Validator) checkDeterministicID(s *spec.Struct, at func(string) cursor.Span, seen []cursor.Span) {
	id := v.content(at("id"))
	if len(id) < uuidLen || !contributes(s) {
		return
	}
	from := false
	for i := range s.Properties {
		from = from || s.Properties[i].Contributing && !seen[i].Absent()
	}
	version := id[len(id)-uuidLen+14]
	switch {
	case !from && version != '4':
		v.reportAt("id", spec.CodeUUIDVersion, []byte{version}, "4")
	case from && version != '5':
		v.reportAt("id", spec.CodeUUIDVersion, []byte{version}, "5")
	case from:
		want, err := v.ids.uuid(v.c.Raw[v.object.from:v.c.At], s)
		same := string(refType(id)) == s.Name && bytes.Equal(want, id[len(id)-uuidLen:])
		if err == nil && want != nil && !same {
			v.reportAt("id", spec.CodeDeterministicID, id, s.Name+"--"+string(want))
		}
	}
}

func (v *Validator) checkObservedRefs(refs cursor.Span) {
	if refs.Absent() || v.c.Raw[refs.From] != '[' {
		return
	}
	c := cursor.Cursor{Raw: v.c.Raw[:refs.To], At: refs.From + 1}
	n := 0
	for ; c.Element(n == 0); n++ {
		if c.Peek() != '"' {
			c.Skip()
			continue
		}
		content, escaped := c.Text()
		typ := refType(cursor.Decode(content, escaped, &v.buf))
		if s, ok := v.table.LookupBytes(typ); typ != nil && (!ok || s.Class == spec.Observable) {
			return
		}
	}
	if n > 0 {
		v.reportAt("object_refs", spec.CodeObservedRefs, nil, "")
	}
}

func (v *Validator) checkExtensionProperties(at func(string) cursor.Span) {
	if at("extension_properties").Absent() {
		return
	}
	types := at("extension_types")
	for e := range elements(types.Of(v.c.Raw)) {
		if s, _ := text(e); extensionType([]byte(s)) == topLevelExtension {
			return
		}
	}
	v.reportAt("extension_properties", spec.CodeExtensionProperties, nil, "")
}

// checkExternalID judges the ids of CVE and CAPEC.
func (v *Validator) checkExternalID(at func(string) cursor.Span) {
	id, want := []byte(nil), ""
	switch string(v.content(at("source_name"))) {
	case "cve":
		if id, want = v.content(at("external_id")), "CVE id such as CVE-2016-1234"; isCVE(id) {
			return
		}
	case "capec":
		id, want = v.content(at("external_id")), "CAPEC id such as CAPEC-163"
		if n, ok := bytes.CutPrefix(id, []byte("CAPEC-")); ok && len(n) > 0 && digitChars.all(n) {
			return
		}
	default:
		return
	}
	v.report(spec.CodeExternalID, id, want)
}

// isCVE checks the syntax of CVE ids: a year and four digits or more.
func isCVE(id []byte) bool {
	rest, ok := bytes.CutPrefix(id, []byte("CVE-"))
	year, n, ok2 := bytes.Cut(rest, []byte("-"))
	return ok && ok2 && len(year) == 4 && len(n) >= 4 && len(n) <= 19 && digitChars.all(year) && digitChars.all(n)
}

var socketPrefixes = []string{"SO_", "ICMP_", "ICMP6_", "IP_", "IPV6_", "MCAST_", "TCP_", "IRLMP_"}

func (v *Validator) checkSocketOptions(options cursor.Span) {
	if options.Absent() || v.c.Raw[options.From] != '{' {
		return
	}
	c := cursor.Cursor{Raw: v.c.Raw[:options.To], At: options.From + 1}
	for first := true; ; first = false {
		name, escaped, more := c.Member(first)
		if !more {
			return
		}
		key := cursor.Decode(name, escaped, &v.buf)
		known := false
		for _, p := range socketPrefixes {
			known = known || bytes.HasPrefix(key, []byte(p))
		}
		if !known {
			v.path = append(v.path, step{name: []byte("options")}, step{name: name, escaped: escaped})
			v.report(spec.CodeSocketOption, key, "")
			v.path = v.path[:len(v.path)-2]
		}
		c.Skip()
	}
}

// checkMarking judges the content of a marking-definition (section 7.2.1).
func (v *Validator) checkMarking(at func(string) cursor.Span) {
	v.checkOwnMarkings(at)
	kind, definition := string(v.content(at("definition_type"))), at("definition")
	hasKind := !at("definition_type").Absent()
	switch {
	case !at("extensions").Absent() && (!hasKind || definition.Absent()):
		// An extension says what the marking is (section 7.2.1).
	case hasKind && definition.Absent():
		v.say(spec.CodeMarking, "there is no definition")
	case !hasKind && !definition.Absent():
		v.say(spec.CodeMarking, "there is no definition_type")
	case !hasKind:
		v.say(spec.CodeMarking, "there is neither")
	case kind == "statement" || kind == "tlp":
		if _, ok := only(definition.Of(v.c.Raw), kind); !ok {
			v.reportAt("definition", spec.CodeMarking, []byte("want one string, "+kind), "")
			return
		}
	}
	v.checkTLP(at, kind)
}

// checkOwnMarkings holds a marking-definition to not marking itself (section 3.2).
func (v *Validator) checkOwnMarkings(at func(string) cursor.Span) {
	id := string(v.content(at("id")))
	for ref := range elements(at("object_marking_refs").Of(v.c.Raw)) {
		if s, ok := text(ref); ok && s == id {
			v.reportAt("object_marking_refs", spec.CodeReference, []byte(id), "another marking-definition")
			break
		}
	}
	for m := range elements(at("granular_markings").Of(v.c.Raw)) {
		for name, ref := range each(m) {
			if s, ok := text(ref); ok && name == "marking_ref" && s == id {
				v.reportAt("granular_markings", spec.CodeReference, []byte(id), "another marking-definition")
				return
			}
		}
	}
}

// The TLP markings as they were published: created, and by level the name that is also in definition or extension.
const (
	tlp1Created = "2017-01-20T00:00:00.000Z"
	tlp2Created = "2022-10-01T00:00:00.000Z"
)

func (v *Validator) checkTLP(at func(string) cursor.Span, kind string) {
	raw := v.c.Raw[v.object.from:v.c.At]
	id := string(v.content(at("id")))
	level := TLPOf(id)
	second := level.MarkingID() == id
	extended := false
	for name := range cursor.Members(at("extensions").Of(v.c.Raw)) {
		extended = extended || string(name) == tlpExtension
	}
	if level == TLPNone {
		if kind == "tlp" || extended {
			v.report(spec.CodeTLP, nil, "one of the predefined ids")
		}
		return
	}
	label := level.Label()
	if !second && level == TLPClear {
		label = "TLP:WHITE"
	}
	if name := v.content(at("name")); name != nil && string(name) != label {
		v.reportAt("name", spec.CodeTLP, nil, label)
	}
	created := tlp1Created
	if second {
		created = tlp2Created
	}
	if got := v.content(at("created")); isTimestamp(got) && compareTimes(got, []byte(created)) != 0 {
		v.reportAt("created", spec.CodeTLP, nil, created)
	}
	m, err := ParseMarking(raw)
	wrongForm := second && !extended || !second && kind != "tlp"
	if err != nil || m.TLP != level || m.Unknown || wrongForm {
		v.report(spec.CodeTLP, nil, level.Label())
	}
}
