package stix_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

func TestTypesDescribesAll(t *testing.T) {
	classes := map[string]int{}
	names := map[string]bool{}
	vocabularies := map[string]bool{}
	for v := range stix.Vocabularies() {
		if vocabularies[v.Name] || len(v.Values) == 0 || v.Section == "" {
			t.Errorf("the vocabulary %q is there twice, or not complete", v.Name)
		}
		vocabularies[v.Name] = true
	}
	parts := []string{}
	for typ := range stix.Types() {
		if names[typ.Name] || typ.Name == "" || typ.Section == "" {
			t.Errorf("the type %q is there twice, or not complete", typ.Name)
		}
		names[typ.Name] = true
		classes[typ.Class]++
		for _, p := range typ.Properties {
			for q := &p; q != nil; q = q.Values {
				if q.Kind == "" || q.Vocabulary != "" && !vocabularies[q.Vocabulary] {
					t.Errorf("%s.%s has the kind %q and the vocabulary %q", typ.Name, p.Name, q.Kind, q.Vocabulary)
				}
				if q.Part != "" {
					parts = append(parts, q.Part)
				}
			}
			if p.Common != (p.Section == "3.2") || p.Name == "" {
				t.Errorf("%s.%s is of section %s", typ.Name, p.Name, p.Section)
			}
		}
	}
	for _, name := range parts {
		if !names[name] {
			t.Errorf("the part %s is not described", name)
		}
	}
	// 19 SDOs and those of the incident extensions, 2 SROs, 18 cyber-observables.
	for class, n := range map[string]int{"domain": 22, "relationship": 2, "observable": 18, "meta": 3, "container": 1} {
		if classes[class] != n {
			t.Errorf("there are %d of class %s, want %d", classes[class], class, n)
		}
	}
	if classes["part"] < 10 || classes["extension"] < 12 {
		t.Errorf("there are %v", classes)
	}
}

func ExampleTypes() {
	for t := range stix.Types() {
		if t.Name != "indicator" {
			continue
		}
		for _, p := range t.Properties {
			if !p.Common {
				fmt.Println(p.Name, p.Kind, p.List, p.Required)
			}
		}
	}
	// Output:
	// name string false false
	// description string false false
	// indicator_types string true false
	// pattern string false true
	// pattern_type string false true
	// pattern_version string false false
	// valid_from timestamp false true
	// valid_until timestamp false false
	// kill_chain_phases nested true false
}

func TestTypesStops(t *testing.T) {
	for typ := range stix.Types() {
		if typ.Properties[0].Name = "changed"; typ.Name != "" {
			break
		}
	}
	for v := range stix.Vocabularies() {
		v.Values[0] = "changed"
		break
	}
	for typ := range stix.Types() {
		if slices.ContainsFunc(typ.Properties, func(p stix.PropertyInfo) bool { return p.Name == "changed" }) {
			t.Error("the caller changed the table")
		}
	}
	for v := range stix.Vocabularies() {
		if v.Values[0] == "changed" {
			t.Error("the caller changed a vocabulary")
		}
	}
}
