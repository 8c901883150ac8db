package generate

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// parse reads JSON into the tree, and fails for what is no JSON or names a member twice.
func parse(t *testing.T, b []byte) *object {
	t.Helper()
	d := jsontext.NewDecoder(bytes.NewReader(b))
	v, err := read(d)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	o, ok := v.(*object)
	if rest, err := d.ReadToken(); !ok || err == nil {
		t.Fatalf("want one object, and then not %v\n%s", rest, b)
	}
	return o
}

func read(d *jsontext.Decoder) (any, error) {
	switch d.PeekKind() {
	case '{':
		if _, err := d.ReadToken(); err != nil {
			return nil, err
		}
		o := &object{}
		for d.PeekKind() == '"' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			text := name.String()
			v, err := read(d)
			if err != nil {
				return nil, err
			}
			o.add(text, v)
		}
		_, err := d.ReadToken()
		return o, err
	case '[':
		if _, err := d.ReadToken(); err != nil {
			return nil, err
		}
		l := list{}
		for d.PeekKind() != ']' && d.PeekKind() != 0 {
			v, err := read(d)
			if err != nil {
				return nil, err
			}
			l = append(l, v)
		}
		_, err := d.ReadToken()
		return l, err
	case '"':
		tok, err := d.ReadToken()
		return tok.String(), err
	}
	v, err := d.ReadValue()
	return raw(v), err
}

// judge is a naive judge of structs: kinds, what is required, rules of presence and order.
func judge(tb *spec.Table, s *spec.Struct, o *object, known func(string) bool) []string {
	var faults []string
	for i := range s.Properties {
		p := &s.Properties[i]
		v := o.get(p.Name)
		if v == nil {
			if p.Required {
				faults = append(faults, p.Name+" is missing")
			}
			continue
		}
		if p.Deprecated {
			faults = append(faults, p.Name+" is deprecated")
		}
		for _, f := range judgeValue(tb, p, v) {
			faults = append(faults, p.Name+"."+f)
		}
	}
	for _, m := range o.members {
		if s.Property(m.name) == nil && !known(m.name) {
			faults = append(faults, m.name+" is no property")
		}
	}
	p := &place{o: o, site: &site{s: s}}
	for _, r := range p.violated() {
		faults = append(faults, fmt.Sprint(ruleCode[r.Op], r.Props))
	}
	return faults
}

func judgeValue(tb *spec.Table, p *spec.Property, v any) []string {
	if p.List {
		l, ok := v.(list)
		if !ok || len(l) == 0 {
			return []string{"no list, or empty"}
		}
		one := *p
		one.List = false
		var faults []string
		for _, item := range l {
			faults = append(faults, judgeValue(tb, &one, item)...)
		}
		return faults
	}
	_, isString := v.(string)
	o, isObject := v.(*object)
	ok := true
	switch p.Kind {
	case spec.Any:
	case spec.Boolean, spec.Integer, spec.Float:
		_, ok = v.(raw)
	case spec.Nested:
		if isObject {
			return judge(tb, p.Struct, o, func(string) bool { return false })
		}
		ok = false
	case spec.Extensions:
		for _, m := range o.members {
			e, inner := tb.Extension(m.name), m.value.(*object)
			if e == nil || e.Types != nil && !slices.Contains(e.Types, word(inner.get("extension_type"))) {
				return []string{m.name + " is no extension, or of the wrong type"}
			}
			if e.Members != nil {
				if faults := judge(tb, e.Members, inner, func(name string) bool { return name == "extension_type" }); faults != nil {
					return faults
				}
			}
		}
	case spec.Hashes, spec.Dictionary, spec.Objects, spec.Contained:
		ok = isObject && len(o.members) > 0
	default:
		ok = isString
	}
	switch {
	case !ok:
		return []string{"wrong kind"}
	case p.Fixed != "" && word(v) != p.Fixed, p.Vocab != nil && !slices.Contains(p.Vocab.Values, word(v)):
		return []string{"not one of its values"}
	case p.Kind == spec.Identifier && p.Refs != nil && len(p.Refs.Types) > 0 && len(p.Refs.Classes) == 0:
		typ, _, _ := strings.Cut(word(v), "--")
		if !slices.Contains(p.Refs.Types, typ) {
			return []string{"refers to " + typ}
		}
	}
	return nil
}

func TestObjectsAreValid(t *testing.T) {
	tb := spec.Standard
	for _, s := range tb.Objects() {
		t.Run(s.Name, func(t *testing.T) {
			g := New(1, tb)
			seen := map[string]int{}
			for i := range 500 {
				g.Options.Fill = float64(i%11) / 10
				b := g.Object(s)
				o := parse(t, b)
				if faults := judge(tb, s, o, func(string) bool { return false }); faults != nil {
					t.Fatalf("%v\n%s", faults, b)
				}
				if got := word(o.get("type")); got != s.Name {
					t.Fatalf("type is %q", got)
				}
				for _, m := range o.members {
					seen[m.name]++
				}
				checkSelectors(t, o)
			}
			for _, p := range s.Properties {
				possible := !p.Deprecated && (p.Kind != spec.Extensions || len(g.carried(s)) > 0)
				if possible && seen[p.Name] == 0 {
					t.Errorf("%s is never there", p.Name)
				}
			}
		})
	}
}

// checkSelectors fails if a granular marking selects nothing.
func checkSelectors(t *testing.T, o *object) {
	t.Helper()
	markings, _ := o.get("granular_markings").(list)
	for _, m := range markings {
		for _, s := range m.(*object).get("selectors").(list) {
			if !selects(o, s.(string)) {
				t.Fatalf("%s selects nothing", s)
			}
		}
	}
}

func selects(v any, selector string) bool {
	for step := range strings.SplitSeq(selector, ".") {
		var n int
		if l, ok := v.(list); ok {
			if _, err := fmt.Sscanf(step, "[%d]", &n); err != nil || n >= len(l) {
				return false
			}
			v = l[n]
		} else if o, ok := v.(*object); ok {
			v = o.get(step)
		} else {
			return false
		}
	}
	return v != nil
}

func TestSameSeedSameObjects(t *testing.T) {
	a, b, c := New(7, spec.Standard), New(7, spec.Standard), New(8, spec.Standard)
	differ := false
	for range 200 {
		x, y, z := a.Any(), b.Any(), c.Any()
		if !bytes.Equal(x, y) {
			t.Fatalf("two objects of one seed:\n%s\n%s", x, y)
		}
		differ = differ || !bytes.Equal(x, z)
	}
	if !differ {
		t.Error("another seed gives the same objects")
	}
}

func TestOptions(t *testing.T) {
	g := New(3, spec.Standard)
	g.Options.Custom, g.Options.Deprecated, g.Options.Plain, g.Options.Fill = true, true, true, 0.9
	custom, deprecated := false, false
	for range 2000 {
		b := g.Any()
		o := parse(t, b)
		if !bytes.Equal(g.render(o, true), b) {
			t.Fatalf("not plain: %s", b)
		}
		s, _ := spec.Standard.Lookup(word(o.get("type")))
		for _, m := range o.members {
			p := s.Property(m.name)
			custom = custom || p == nil && strings.HasPrefix(m.name, "x_")
			deprecated = deprecated || p != nil && p.Deprecated
		}
	}
	if !custom || !deprecated {
		t.Errorf("custom %v, deprecated %v", custom, deprecated)
	}
}

// TestEveryCheckHasACounterpart fails when the table uses a check that this package does not know.
func TestEveryCheckHasACounterpart(t *testing.T) {
	g := New(1, spec.Standard)
	for _, s := range g.sites() {
		for _, r := range s.s.Rules {
			if _, ok := counterparts[r.Check]; r.Op == spec.Call && !ok {
				t.Errorf("%s: check %d", s.name, r.Check)
			}
		}
		for _, p := range s.s.Properties {
			if _, ok := syntaxes[p.Format]; !ok && p.Kind == spec.String && p.Format != spec.NoFormat {
				t.Errorf("%s.%s: format %d", s.name, p.Name, p.Format)
			}
		}
	}
}

func BenchmarkObject(b *testing.B) {
	g := New(1, spec.Standard)
	var n int
	for b.Loop() {
		n += len(g.Any())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
	b.ReportMetric(float64(n)/float64(b.N), "B/object")
}

// TestIDs holds ids against some that another implementation computed.
func TestIDs(t *testing.T) {
	g := New(1, spec.Standard)
	for _, tt := range []struct {
		typ, content, want string
	}{
		{"domain-name", `{"defanged":true,"value":"example.com"}`, "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"},
		{
			"file", `{"size":3,"name":"a.txt","hashes":{"SHA-256":"00","MD5":"d41d8cd98f00b204e9800998ecf8427e"}}`,
			"file--bc634452-d224-5dfb-b05e-ca8ec77c3ab2",
		},
	} {
		s, _ := spec.Standard.Lookup(tt.typ)
		o := parse(t, []byte(tt.content))
		if g.assignID(s, o); word(o.get("id")) != tt.want {
			t.Errorf("%s: %s, want %s", tt.typ, o.get("id"), tt.want)
		}
	}
	for _, s := range spec.Standard.Objects() {
		o := parse(t, g.Object(s))
		version := byte('4')
		if slices.ContainsFunc(o.members, func(m member) bool { p := s.Property(m.name); return p != nil && p.Contributing }) {
			version = '5'
		}
		if id := word(o.get("id")); id[len(id)-22] != version || !strings.HasPrefix(id, s.Name+"--") {
			t.Errorf("%s: %s is not of version %c", s.Name, id, version)
		}
	}
}
