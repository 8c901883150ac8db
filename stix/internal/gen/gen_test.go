package main

import (
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

func TestGoName(t *testing.T) {
	for s, want := range map[string]string{
		"pattern": "Pattern", "created_by_ref": "CreatedByRef", "id": "ID", "x509-certificate": "X509Certificate", "ipv4-addr": "IPv4Addr",
		"c++": "CPlusPlus", "c#": "CSharp", "c": "C", "x86-64": "X86_64", "SHA3-256": "SHA3_256", "AES-256-GCM": "AES256GCM",
		"REG_DWORD_BIG_ENDIAN": "RegDWORDBigEndian", "amber+strict": "AmberPlusStrict", "ddos": "DDoS", "tlp-2.0": "TLP2",
	} {
		if got := goName(s); got != want {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
	for s, want := range map[string]string{"malware-type-ov": "MalwareType", "opinion-enum": "Opinion"} {
		if got := vocabName(s); got != want {
			t.Errorf("%s is %s, want %s", s, got, want)
		}
	}
}

// property is an extension that extends malware.
func property(id string, change func(e *spec.Extension)) *spec.Extension {
	e := &spec.Extension{ID: id, Name: "Example", Extends: []string{"malware"}, Types: []string{"toplevel-property-extension"}}
	change(e)
	return e
}

func TestGenerate(t *testing.T) {
	table, err := spec.Standard.With(property("extension-definition--a", func(e *spec.Extension) {
		e.Top = []spec.Property{{ID: 32, Name: "example_rank", Kind: spec.Integer}}
		e.Members = &spec.Struct{Name: "example-members", Class: spec.Part, Properties: []spec.Property{
			{ID: 32, Name: "extension_type", Kind: spec.String},
			{ID: 33, Name: "table", Kind: spec.Dictionary, Value: &spec.Property{Kind: spec.Dictionary, Value: &spec.Property{Kind: spec.Float, List: true}}},
		}}
		e.Objects = []*spec.Struct{{Name: "x-thing", Class: spec.Observable, Definition: e.ID, Properties: []spec.Property{{ID: 32, Name: "value", Kind: spec.Boolean}}}}
	}))
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate(table)
	if err != nil {
		t.Fatal(err)
	}
	for path, lines := range map[string][]string{
		"stix/typed/domain_gen.go":            {`func (v Malware) ExampleRank() int64 { return one(v.Property("example_rank"), integer) }`, `func (v Malware) ExampleMembers() (ExampleMembers, bool) {`},
		"stix/typed/domain_builder_gen.go":    {`putTop(&b.builder, "extension-definition--a", "example_rank", v, appendInteger)`},
		"stix/typed/extension_gen.go":         {`func (v ExampleMembers) Table() iter.Seq2[string, iter.Seq2[string, []float64]] {`, `func (v XThing) HasValue() bool { return has(v.get(15), boolean) }`},
		"stix/typed/extension_builder_gen.go": {`func (b *ExampleMembersBuilder) Table(v map[string]map[string][]float64) *ExampleMembersBuilder {`, `defAs:  "new-sco",`},
	} {
		for _, line := range lines {
			if !strings.Contains(string(files[path]), line) {
				t.Errorf("%s has no %s", path, line)
			}
		}
	}
	if strings.Contains(string(files["stix/typed/extension_gen.go"]), "func (v ExampleMembers) ExtensionType(") {
		t.Error("extension_type has an accessor")
	}
}

func TestGenerateRefuses(t *testing.T) {
	for name, change := range map[string]func(e *spec.Extension){
		"two methods":   func(e *spec.Extension) { e.Top = []spec.Property{{ID: 32, Name: "aliases", Kind: spec.Integer}} },
		"a builder's":   func(e *spec.Extension) { e.Top = []spec.Property{{ID: 32, Name: "build", Kind: spec.Integer}} },
		"two types":     func(e *spec.Extension) { e.Members = &spec.Struct{Name: "Malware"} },
		"any type":      func(e *spec.Extension) { e.Members, e.Extends = &spec.Struct{Name: "m"}, nil },
		"no such type":  func(e *spec.Extension) { e.Members, e.Extends = &spec.Struct{Name: "m"}, []string{"x-none"} },
		"the base type": func(e *spec.Extension) { e.Members = &spec.Struct{Name: "domain"} },
	} {
		table, err := spec.Standard.With(property("extension-definition--a", change))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := generate(table); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
