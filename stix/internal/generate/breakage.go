package generate

import (
	"math"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// breakage is a way to spoil one value of a property. It gets the valid value, which it may change, and returns nil if it can do
// nothing with it.
type breakage struct {
	name string
	code spec.Code
	make func(g *Generator, old any) any
	// inside: an entry of the value is spoiled rather than the value.
	inside bool
}

// constant is a breakage that puts v instead.
func constant(name string, code spec.Code, v any) breakage {
	return breakage{name: name, code: code, make: func(*Generator, any) any { return clone(v) }}
}

// several are constants of one code.
func several(name string, code spec.Code, values []string) []breakage {
	var list []breakage
	for _, v := range values {
		list = append(list, constant(name+"/"+brief(v), code, v))
	}
	return list
}

// brief is a value for a mutation's name.
func brief(s string) string {
	if len(s) > 40 {
		return s[:20] + "…"
	}
	if s == "" {
		return "empty"
	}
	return s
}

// wrongKinds are values of every JSON type, by the letter of their type.
var wrongKinds = []struct {
	letter byte
	name   string
	value  any
}{
	{'n', "null", raw("null")},
	{'t', "boolean", raw("true")},
	{'0', "integer", raw("7")},
	{'.', "fraction", raw("1.5")},
	{'"', "string", "text"},
	{'[', "list", list{"text"}},
	{'{', "object", &object{members: []member{{"name", "text"}}}},
}

// accepted are the letters of the JSON types that a single value of a property may have.
func accepted(p *spec.Property) string {
	switch p.Kind {
	case spec.Any:
		if p.Format == spec.IntegerOrString {
			return `0"`
		}
		return `t0."[{`
	case spec.Contained:
		return `nt0."[{`
	case spec.Boolean:
		return "t"
	case spec.Integer:
		return "0"
	case spec.Float:
		return "0."
	case spec.String, spec.Timestamp, spec.Identifier, spec.Hex, spec.Binary:
		return `"`
	}
	return "{"
}

func kinds(accepted string) []breakage {
	var list []breakage
	for _, k := range wrongKinds {
		if strings.IndexByte(accepted, k.letter) < 0 {
			list = append(list, constant("kind/"+k.name, spec.CodeKind, k.value))
		}
	}
	return list
}

// breakages are all for a property. Those of a single value are applied to a new first item of a list, so that what is valid stays.
func (g *Generator) breakages(p *spec.Property) []breakage {
	if !p.List {
		return g.singleBreakages(p)
	}
	all := append(kinds("["), constant("empty", spec.CodeEmpty, list{}))
	for _, b := range g.singleBreakages(p) {
		all = append(all, breakage{name: "[]" + b.name, code: b.code, inside: true, make: func(g *Generator, old any) any {
			l, ok := old.(list)
			if !ok || len(l) == 0 {
				return nil
			}
			bad := b.make(g, clone(l[0]))
			if bad == nil {
				return nil
			}
			return append(list{bad}, l...)
		}})
	}
	return all
}

// singleBreakages are the breakages of a single value.
func (g *Generator) singleBreakages(p *spec.Property) []breakage {
	all := kinds(accepted(p))
	switch p.Kind {
	case spec.Boolean:
		if p.Fixed != "" {
			all = append(all, constant("fixed", spec.CodeFixed, raw(map[bool]string{true: "false", false: "true"}[p.Fixed == "true"])))
		}
	case spec.Integer, spec.Float:
		all = append(all, ranges(p)...)
	case spec.String:
		all = append(all, stringBreakages(p)...)
	case spec.Timestamp:
		all = append(all, timestamps(p)...)
	case spec.Identifier:
		all = append(all, g.identifiers(p)...)
	case spec.Hex:
		all = append(all, several("hex", spec.CodeHex, []string{"abc", "zz", "0x12", "a b0", ""})...)
	case spec.Binary:
		all = append(all, several("binary", spec.CodeBinary, []string{"a", "YQ", "Y!==", "YWJj-_==", "=YWJ"})...)
	case spec.Hashes:
		all = append(all, hashBreakages()...)
	case spec.Dictionary:
		all = append(all, constant("empty", spec.CodeEmpty, &object{}))
		all = append(all, g.entries(p)...)
	case spec.Extensions:
		all = append(all, constant("empty", spec.CodeEmpty, &object{}))
	case spec.Objects:
		all = append(all, g.containedBreakages()...)
	}
	return all
}

func ranges(p *spec.Property) []breakage {
	var all []breakage
	if p.Kind == spec.Integer {
		all = append(all,
			constant("range/too great", spec.CodeRange, raw("9007199254740992")),
			constant("range/too small", spec.CodeRange, raw("-9007199254740992")))
	}
	if p.Range == nil {
		return all
	}
	step := 1.0
	if p.Kind == spec.Float {
		step = 0.25
	}
	if r := p.Range; r.Min > -maxInteger {
		all = append(all, constant("range/below", spec.CodeRange, number(r.Min-step)))
	}
	if r := p.Range; r.Max < maxInteger {
		all = append(all, constant("range/above", spec.CodeRange, number(r.Max+step)))
	}
	return all
}

func stringBreakages(p *spec.Property) []breakage {
	switch {
	case p.ID == idSpecVersion && p.Fixed != "":
		return []breakage{
			constant("spec-version", spec.CodeSpecVersion, "2.2"),
			constant("fixed", spec.CodeFixed, "latest"),
		}
	case p.Fixed != "":
		return []breakage{constant("fixed", spec.CodeFixed, p.Fixed+"-other")}
	case p.Vocab != nil && p.Vocab.Closed:
		return several("enum", spec.CodeEnum, []string{"no-such-value", strings.ToUpper(p.Vocab.Values[0]) + "X", ""})
	case p.Vocab != nil:
		return several("vocabulary", spec.CodeVocabulary, []string{"no-such-value", p.Vocab.Values[0] + " ", ""})
	}
	s := syntaxes[p.Format]
	all := several(string(s.code), s.code, s.bad)
	if p.Format == spec.Selector {
		all = append(all, several("unresolved", spec.CodeUnresolved,
			[]string{"no_such_property", "id.inner", "type.[0]", "granular_markings.[99]", "granular_markings.[0].selectors.[99]"})...)
	}
	return all
}

func timestamps(p *spec.Property) []breakage {
	all := several("timestamp", spec.CodeTimestamp, []string{
		"", "yesterday", "2020-01-01", "2020-01-01 00:00:00.000Z", "2020-01-01T00:00:00.000", "2020-01-01T00:00:00.000z",
		"2020-01-01t00:00:00.000Z", "2020-01-01T00:00:00.000+00:00", "2020-02-30T00:00:00.000Z", "2021-02-29T00:00:00.000Z",
		"2020-13-01T00:00:00.000Z", "2020-00-01T00:00:00.000Z", "2020-01-01T24:00:00.000Z", "2020-01-01T00:60:00.000Z",
		"2020-01-01T00:00:61.000Z", "2020-01-01T00:00:00.Z", "2020-01-01T00:00:00,000Z", "2020-1-1T0:0:0.000Z", "20200101T000000.000Z",
		"2020-01-01T00:00:00.00xZ", " 2020-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z ",
	})
	if p.Millis {
		for _, digits := range []int{0, 1, 2} {
			all = append(all, breakage{name: "milliseconds/" + string(rune('0'+digits)), code: spec.CodeMillis, make: func(_ *Generator, old any) any {
				t, ok := instant(old)
				if !ok {
					return nil
				}
				return stamp(t, digits)
			}})
		}
	}
	if p.Format == spec.WholeSeconds {
		all = append(all, constant("whole-seconds", spec.CodeWholeSeconds, "2020-01-01T00:00:00.500Z"))
	}
	return all
}

func hashBreakages() []breakage {
	one := func(name string, code spec.Code, key string, v any) breakage {
		return breakage{name: name, code: code, inside: true, make: func(*Generator, any) any { return &object{members: []member{{key, v}}} }}
	}
	all := []breakage{
		constant("empty", spec.CodeEmpty, &object{}),
		one("hash-key/blank", spec.CodeHashKey, "no hash", "00"),
		one("hash-key/short", spec.CodeHashKey, "ab", "00"),
		one("hash-key/long", spec.CodeHashKey, long, "00"),
		one("hash-key/script", spec.CodeHashKey, "ハッシュ", "00"),
		one("hash-algorithm", spec.CodeHashAlgorithm, "NO-SUCH-HASH", "00"),
		one("hash-algorithm/old", spec.CodeHashAlgorithm, "SHA256", strings.Repeat("0", 64)),
		one("value/null", spec.CodeKind, "MD5", raw("null")),
		one("value/number", spec.CodeKind, "SHA-256", raw("5")),
		one("value/list", spec.CodeKind, "SHA-1", list{"00"}),
	}
	for _, algorithm := range spec.HashAlgorithm.Values {
		all = append(all, one("hash-value/"+algorithm, spec.CodeHashValue, algorithm, "no hash"))
		if n := hashLength[algorithm]; n > 0 {
			all = append(all, one("hash-value/"+algorithm+"/short", spec.CodeHashValue, algorithm, strings.Repeat("a", n-1)))
		}
	}
	return all
}

// entries are the breakages of the keys and values of a dictionary.
func (g *Generator) entries(p *spec.Property) []breakage {
	s := syntaxes[keyFormat(p)]
	var all []breakage
	for _, key := range s.bad {
		all = append(all, breakage{name: "key/" + string(s.code) + "/" + brief(key), code: s.code, inside: true, make: func(_ *Generator, old any) any {
			o, ok := old.(*object)
			if !ok || len(o.members) == 0 {
				return nil
			}
			o.add(key, clone(o.members[0].value))
			return o
		}})
	}
	value := p.Value
	if value == nil {
		value = &spec.Property{Kind: spec.Any}
	}
	for _, b := range g.breakages(value) {
		all = append(all, breakage{name: "value/" + b.name, code: b.code, inside: true, make: func(g *Generator, old any) any {
			o, ok := old.(*object)
			if !ok || len(o.members) == 0 {
				return nil
			}
			if bad := b.make(g, o.members[0].value); bad != nil {
				o.members[0].value = bad
				return o
			}
			return nil
		}})
	}
	return all
}

func (g *Generator) containedBreakages() []breakage {
	with := func(name string, code spec.Code, key string, v func(g *Generator) any) breakage {
		return breakage{name: name, code: code, inside: true, make: func(g *Generator, old any) any {
			o, ok := old.(*object)
			if !ok {
				return nil
			}
			o.add(key, v(g))
			return o
		}}
	}
	all := []breakage{
		constant("empty", spec.CodeEmpty, &object{}),
		with("value/string", spec.CodeKind, "99", func(*Generator) any { return "text" }),
		with("value/null", spec.CodeKind, "99", func(*Generator) any { return raw("null") }),
	}
	for _, s := range g.standalone() {
		if s.Class != spec.Observable {
			return append(all, with("value/"+s.Name, spec.CodeReference, "99", func(g *Generator) any { return g.build(s, nil, 2) }))
		}
	}
	return all
}

func number(f float64) raw {
	if f == math.Trunc(f) {
		return raw(formatInt(f))
	}
	return raw(formatFloat(f))
}
