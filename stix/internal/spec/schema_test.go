package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The JSON schemas that OASIS publishes beside the standard. They are not normative.
const schemaDir = "../../../../shared/data/stix/json-schemas-2.1/schemas"

// explained are the places where a schema departs from the specification, which the table follows. A line that explains nothing fails.
var explained = map[string]string{
	"granular-marking: only the schema requires marking_ref": "7.2.3.1: lang may stand in its place",

	"extension-definition: only the schema has confidence":         "3.2: not of this type; the schema takes all of the common properties",
	"extension-definition: only the schema has lang":               "3.2: not of this type",
	"extension-definition: only the schema has extensions":         "3.2: not of this type",
	"extension-definition: only the table requires created_by_ref": "7.3.1: required",
	"language-content: only the schema has lang":                   "3.2: not of this type",
	"marking-definition.created: kind 5 here, string there":        "7.2.1: a timestamp; the schema fixes it for the TLP markings",

	"network-traffic.src_byte_count: only the table has a range": "6.12.1: a positive integer",
	"network-traffic.dst_byte_count: only the table has a range": "6.12.1: a positive integer",
	"network-traffic.src_packets: only the table has a range":    "6.12.1: a positive integer",
	"network-traffic.dst_packets: only the table has a range":    "6.12.1: a positive integer",

	"account-type-ov: only the schema has kavi":                       "10.1: a value of STIX 2.0",
	"account-type-ov: only the schema has windows local":              "10.1: the schema writes a space for the hyphen",
	"account-type-ov: only the schema has windows domain":             "10.1: the schema writes a space for the hyphen",
	"account-type-ov: only the table has windows-local":               "10.1: the schema writes a space for the hyphen",
	"account-type-ov: only the table has windows-domain":              "10.1: the schema writes a space for the hyphen",
	"industry-sector-ov: only the schema has engineering":             "10.11: a value of STIX 2.0",
	"infrastructure-type-ov: only the table has control-system":       "10.12",
	"infrastructure-type-ov: only the table has firewall":             "10.12",
	"infrastructure-type-ov: only the table has routers-switches":     "10.12",
	"infrastructure-type-ov: only the table has workstation":          "10.12",
	"region-ov: only the table has central-america":                   "10.21: the schema lacks a comma",
	"region-ov: only the table has northern-america":                  "10.21: the schema lacks a comma",
	"region-ov: only the schema has central-america northern-america": "10.21: the schema lacks a comma",
	"region-ov: only the table has europe":                            "10.21: the schema lacks a comma",
	"region-ov: only the table has eastern-europe":                    "10.21: the schema lacks a comma",
	"region-ov: only the schema has europe eastern-europe":            "10.21: the schema lacks a comma",
	"region-ov: only the table has south-eastern-asia":                "10.21",
	"report-type-ov: only the table has intrusion-set":                "10.22",
	"malware-av-result-ov: only the schema has the vocabulary":        "10.13: it is called malware-result-ov",
}

// schema is what this test reads of a JSON schema.
type schema struct {
	Ref         string             `json:"$ref"`
	Type        string             `json:"type"`
	Enum        []any              `json:"enum"`
	Properties  map[string]*schema `json:"properties"`
	Required    []string           `json:"required"`
	AllOf       []*schema          `json:"allOf"`
	OneOf       []*schema          `json:"oneOf"`
	AnyOf       []*schema          `json:"anyOf"`
	Items       *schema            `json:"items"`
	Minimum     *float64           `json:"minimum"`
	Maximum     *float64           `json:"maximum"`
	Definitions map[string]*schema `json:"definitions"`
}

// schemas reads the folder, and collects the differences.
type schemas struct {
	t     *testing.T
	files map[string]*schema
	diff  []string
}

func (s *schemas) file(name string) *schema {
	if got := s.files[name]; got != nil {
		return got
	}
	raw, err := os.ReadFile(filepath.Join(schemaDir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	got := &schema{}
	if err := json.Unmarshal(raw, got); err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	s.files[name] = got
	return got
}

// collect gathers the properties and the required list of a schema and of those that it builds on.
func (s *schemas) collect(from *schema, properties map[string]*schema, required map[string]bool) {
	if base := filepath.Base(from.Ref); base == "core.json" || base == "cyber-observable-core.json" {
		s.collect(s.file("common/"+base), properties, required)
	}
	for name, p := range from.Properties {
		// A type narrows id and type by patterns alone; what is more general is said in the core.
		if properties[name] == nil || name != "id" && name != "type" {
			properties[name] = p
		}
	}
	for _, name := range from.Required {
		required[name] = true
	}
	for _, part := range from.AllOf {
		s.collect(part, properties, required)
	}
	for _, choice := range [][]*schema{from.OneOf, from.AnyOf} {
		count := map[string]int{}
		for _, part := range choice {
			one := map[string]bool{}
			s.collect(part, properties, one)
			for name := range one {
				count[name]++
			}
		}
		for name, n := range count {
			// What every choice requires is required.
			if n == len(choice) {
				required[name] = true
			}
		}
	}
}

func (s *schemas) note(format string, args ...any) {
	s.diff = append(s.diff, fmt.Sprintf(format, args...))
}

func (s *schemas) compare(row *Struct, file string) {
	top := s.file(file)
	properties, required := map[string]*schema{}, map[string]bool{}
	s.collect(top, properties, required)
	for i := range row.Properties {
		p := &row.Properties[i]
		there := properties[p.Name]
		if there == nil {
			s.note("%s: only the table has %s", row.Name, p.Name)
			continue
		}
		delete(properties, p.Name)
		if p.Required != required[p.Name] {
			s.note("%s: only the %s requires %s", row.Name, map[bool]string{true: "table", false: "schema"}[p.Required], p.Name)
		}
		delete(required, p.Name)
		s.kind(row.Name+"."+p.Name, p, there)
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		s.note("%s: only the schema has %s", row.Name, name)
		delete(required, name)
	}
	for _, name := range slices.Sorted(maps.Keys(required)) {
		s.note("%s: only the schema requires %s", row.Name, name)
	}
	for _, name := range slices.Sorted(maps.Keys(top.Definitions)) {
		s.vocabulary(name, top.Definitions[name])
	}
}

var schemaKinds = map[string]Kind{
	"boolean": Boolean, "integer": Integer, "number": Float, "string": String, "timestamp.json": Timestamp, "identifier.json": Identifier,
	"hex.json": Hex, "binary.json": Binary, "hashes-type.json": Hashes, "dictionary.json": Dictionary, "url-regex.json": String,
	"kill-chain-phase.json": Nested, "external-reference.json": Nested, "granular-marking.json": Nested,
}

// kindOf is the kind that a property's schema speaks of, and its name; false if it does not say.
func kindOf(there *schema) (Kind, string, bool) {
	for _, part := range append([]*schema{there}, there.AllOf...) {
		for _, name := range []string{filepath.Base(part.Ref), part.Type} {
			if k, ok := schemaKinds[name]; ok {
				return k, strings.TrimSuffix(name, ".json"), true
			}
		}
	}
	return Any, "", false
}

func (s *schemas) kind(where string, p *Property, there *schema) {
	if (there.Type == "array") != p.List {
		s.note("%s: only the %s has a list", where, map[bool]string{true: "table", false: "schema"}[p.List])
	}
	if there.Items != nil {
		there = there.Items
	}
	// Many a reference is but a string to the schemas.
	reference := strings.HasSuffix(where, "_ref") || strings.HasSuffix(where, "_refs")
	if k, name, ok := kindOf(there); ok && k != p.Kind && !(reference && p.Kind == Identifier && k == String) {
		s.note("%s: kind %d here, %s there", where, p.Kind, name)
	}
	if there.Minimum != nil || there.Maximum != nil {
		if p.Range == nil || there.Minimum != nil && *there.Minimum != p.Range.Min || there.Maximum != nil && *there.Maximum != p.Range.Max {
			s.note("%s: the range differs", where)
		}
	} else if p.Range != nil {
		s.note("%s: only the table has a range", where)
	}
	if p.Vocab != nil && p.Vocab.Closed && len(there.Enum) > 0 && len(there.Enum) != len(p.Vocab.Values) {
		s.note("%s: the enumeration differs", where)
	}
}

func (s *schemas) vocabulary(name string, there *schema) {
	if len(there.Enum) == 0 || !strings.HasSuffix(name, "-ov") && !strings.HasSuffix(name, "-enum") {
		return
	}
	i := slices.IndexFunc(Vocabularies, func(v *Vocabulary) bool { return v.Name == name })
	if i < 0 {
		s.note("%s: only the schema has the vocabulary", name)
		return
	}
	for _, value := range Vocabularies[i].Values {
		if !slices.Contains(there.Enum, any(value)) {
			s.note("%s: only the table has %s", name, value)
		}
	}
	for _, value := range there.Enum {
		if !slices.Contains(Vocabularies[i].Values, fmt.Sprint(value)) {
			s.note("%s: only the schema has %v", name, value)
		}
	}
}

// schemaOf is the schema of a row, "" if there is none.
func schemaOf(row *Struct) string {
	switch row.Class {
	case Domain:
		return "sdos/" + row.Name + ".json"
	case Relationship:
		return "sros/" + row.Name + ".json"
	case Observable:
		return "observables/" + row.Name + ".json"
	}
	return "common/" + row.Name + ".json"
}

// TestSchemas holds that the table and the published schemas name the same properties, kinds, required lists and vocabularies, apart from
// what is explained.
func TestSchemas(t *testing.T) {
	if _, err := os.Stat(schemaDir); err != nil {
		t.Skip("the JSON schemas of STIX 2.1 are not here: ", err)
	}
	s := &schemas{t: t, files: map[string]*schema{}}
	for _, row := range slices.Concat(Standard.Objects(), []*Struct{ExternalReference, GranularMarking, KillChainPhase}) {
		if row.Definition == "" {
			s.compare(row, schemaOf(row))
		}
	}
	slices.Sort(s.diff)
	for _, line := range slices.Compact(s.diff) {
		if explained[line] == "" {
			t.Errorf("not explained: %s", line)
		}
	}
	for line := range explained {
		if !slices.Contains(s.diff, line) {
			t.Errorf("explained, but not so: %s", line)
		}
	}
}
