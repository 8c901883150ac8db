package spec

import (
	"maps"
	"slices"
	"testing"
)

// TestFamilies counts the types against STIX 2.1 section 1.3 and STIX 2.0 part 2.
func TestFamilies(t *testing.T) {
	count := map[Class]int{}
	for _, s := range Standard.Objects() {
		if s.Definition == "" {
			count[s.Class]++
		}
		if got, ok := Standard.LookupBytes([]byte(s.Name)); !ok || got != s {
			t.Errorf("%s is not found", s.Name)
		}
	}
	want := map[Class]int{Domain: 19, Relationship: 2, Observable: 18, Meta: 3, Container: 1}
	if !maps.Equal(count, want) {
		t.Errorf("types by class: %v, want %v", count, want)
	}
	if _, ok := Standard.Lookup("x-thing"); ok {
		t.Error("a custom type is in the table")
	}
}

func TestV20(t *testing.T) {
	var got []string
	for _, s := range Standard.Objects() {
		// The bundle is of 2.0 too, but no object that anyone keeps.
		if s.V20 && s.Class != Container {
			got = append(got, s.Name)
		}
	}
	slices.Sort(got)
	want := []string{
		"attack-pattern", "campaign", "course-of-action", "identity", "indicator", "intrusion-set", "malware", "marking-definition",
		"observed-data", "relationship", "report", "sighting", "threat-actor", "tool", "vulnerability",
	}
	if !slices.Equal(got, want) {
		t.Errorf("types of STIX 2.0: %v, want %v", got, want)
	}
}

// TestOrder holds that the numbers follow the alphabet where they were given by it.
func TestOrder(t *testing.T) {
	for i, s := range domainObjects {
		if int(s.ID) != i+1 || s.Class != Domain || i > 0 && s.Name <= domainObjects[i-1].Name {
			t.Errorf("%s stands at %d with the number %d", s.Name, i+1, s.ID)
		}
	}
	if len(Vocabularies) != 32 {
		t.Errorf("%d vocabularies, section 10 has 32", len(Vocabularies))
	}
	for i, v := range Vocabularies {
		if int(v.ID) != i+1 || i > 0 && v.Name <= Vocabularies[i-1].Name {
			t.Errorf("%s stands at %d with the number %d", v.Name, i+1, v.ID)
		}
		for _, value := range v.Values {
			if !v.Has([]byte(value)) {
				t.Errorf("%s does not find %s", v.Name, value)
			}
		}
	}
	for _, s := range slices.Concat(domainObjects, relationshipObjects) {
		own := uint16(32)
		for _, p := range s.Properties {
			if p.ID < 32 {
				continue
			}
			if p.ID != own {
				t.Errorf("%s.%s has the number %d, want %d", s.Name, p.Name, p.ID, own)
			}
			own++
		}
	}
}

// TestTargets holds that what the rows speak of exists.
func TestTargets(t *testing.T) {
	known := func(where string, names []string) {
		for i, name := range names {
			if _, ok := Standard.Lookup(name); !ok {
				t.Errorf("%s: there is no type %s", where, name)
			}
			if slices.Contains(names[:i], name) {
				t.Errorf("%s: %s is there twice", where, name)
			}
		}
	}
	done := map[*Struct]bool{}
	var walk func(s *Struct)
	property := func(where string, p *Property) {
		for ; p != nil; p = p.Value {
			if p.Refs != nil {
				if len(p.Refs.Types)+len(p.Refs.Classes) == 0 || p.Kind != Identifier {
					t.Errorf("%s: refs of no use", where)
				}
				known(where, p.Refs.Types)
				known(where, p.Refs.Except)
			}
			if p.Struct != nil {
				walk(p.Struct)
			}
		}
	}
	walk = func(s *Struct) {
		if done[s] {
			return
		}
		done[s] = true
		for i := range s.Properties {
			property(s.Name+"."+s.Properties[i].Name, &s.Properties[i])
		}
		var names []string
		for _, r := range s.Relationships {
			known(s.Name+" "+r.Type, r.Targets)
			names = append(names, r.Type)
			if len(r.Targets) == 0 || slices.Contains([]string{"derived-from", "duplicate-of", "related-to"}, r.Type) {
				t.Errorf("%s %s: no targets, or common to all", s.Name, r.Type)
			}
		}
		if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("%s lists a relationship twice: %v", s.Name, names)
		}
	}
	for _, s := range Standard.Objects() {
		walk(s)
	}
	for _, e := range Standard.Extensions() {
		known(e.ID, e.Extends)
		if e.Members != nil {
			walk(e.Members)
		}
		for i := range e.Top {
			property(e.ID+"."+e.Top[i].Name, &e.Top[i])
		}
	}
}

// TestConsistsOf holds that infrastructure may consist of every cyber-observable.
func TestConsistsOf(t *testing.T) {
	want := []string{"infrastructure", "observed-data"}
	for _, s := range Standard.Objects() {
		if s.Class == Observable && s.Definition == "" {
			want = append(want, s.Name)
		}
	}
	slices.Sort(want)
	s, _ := Standard.Lookup("infrastructure")
	for _, r := range s.Relationships {
		if r.Type == "consists-of" && !slices.Equal(slices.Sorted(slices.Values(r.Targets)), want) {
			t.Errorf("infrastructure consists of %v, want %v", r.Targets, want)
		}
	}
}

// TestRules holds the constraints that are easy to get wrong by one instant or one version.
func TestRules(t *testing.T) {
	find := func(name string, op Op, p string) *Rule {
		s, ok := Standard.Lookup(name)
		if !ok {
			t.Fatalf("there is no type %s", name)
		}
		for i := range s.Rules {
			if r := &s.Rules[i]; r.Op == op && r.Props[0] == p {
				return r
			}
		}
		t.Errorf("%s: no rule %d of %s", name, op, p)
		return &Rule{}
	}
	for _, name := range []string{"campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "sighting"} {
		find(name, NotBefore, "last_seen")
	}
	for _, s := range slices.Concat(domainObjects, relationshipObjects) {
		if find(s.Name, NotBefore, "modified").Since21 {
			t.Errorf("%s: STIX 2.0 demands it too", s.Name)
		}
		if s.Property("last_seen") != nil {
			find(s.Name, NotBefore, "last_seen")
		}
	}
	find("observed-data", NotBefore, "last_observed")
	find("indicator", After, "valid_until")
	find("relationship", After, "stop_time")
	if r := find("malware", Requires, "is_family"); r.When == nil || r.When.Value != "true" || !r.Since21 {
		t.Errorf("name of malware: %+v", r)
	}
}

// TestTranslatedNames: a language-content may name what its object does not have. That is ignored, not refused.
func TestTranslatedNames(t *testing.T) {
	contents := languageContent.Property("contents")
	if contents.Keys != Language || contents.Value == nil || contents.Value.Kind != Dictionary || contents.Value.Keys != NoFormat {
		t.Errorf("contents is %+v", contents)
	}
}
