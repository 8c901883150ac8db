package typed_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
	"github.com/wagasa/wagasa/stix/vocab"
)

const (
	someIdentity = "identity--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a02"
	someMarking  = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
)

var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

func indicator() *typed.IndicatorBuilder {
	return typed.NewIndicator().
		Clock(func() time.Time { return noon }).
		Name("Beacon").
		Pattern("[domain-name:value = 'c2.example']").
		PatternType(vocab.PatternTypeSTIX).
		ValidFrom(stix.TimestampOf(noon))
}

func TestBuildFillsIn(t *testing.T) {
	o, err := indicator().Build()
	if err != nil {
		t.Fatal(err)
	}
	if o.Type != "indicator" || o.SpecVersion != "2.1" || !stix.ValidID(o.ID) || o.ID[len("indicator--")+14] != '4' {
		t.Errorf("type %s, spec_version %s, id %s", o.Type, o.SpecVersion, o.ID)
	}
	if o.Created.String() != "2026-04-01T12:00:00.000Z" || o.Modified != o.Created {
		t.Errorf("created %s, modified %s", o.Created, o.Modified)
	}
	b := indicator()
	one, err1 := b.Build()
	two, err2 := b.Build()
	if err := errors.Join(err1, err2); err != nil || one.ID == two.ID {
		t.Errorf("Build twice gave %s and %s, %v", one.ID, two.ID, err)
	}
}

func TestCreatedAndModified(t *testing.T) {
	early, err := stix.ParseTimestamp("2026-01-01T00:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	late, err := stix.ParseTimestamp("2026-02-01T00:00:00.12345Z")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		b                 *typed.IndicatorBuilder
		created, modified string
	}{
		"created":  {indicator().Created(early), "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"},
		"modified": {indicator().Modified(late), "2026-02-01T00:00:00.12345Z", "2026-02-01T00:00:00.12345Z"},
		"both":     {indicator().Created(early).Modified(late), "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.12345Z"},
		"removed":  {indicator().Created(early).Created(stix.Timestamp{}), "2026-04-01T12:00:00.000Z", "2026-04-01T12:00:00.000Z"},
	} {
		o, err := tc.b.Build()
		if err != nil || o.Created.String() != tc.created || o.Modified.String() != tc.modified {
			t.Errorf("%s: created %s, modified %s, %v", name, o.Created, o.Modified, err)
		}
	}
	if _, err := indicator().Created(late).Modified(early).Build(); !invalid(err, "not-before") {
		t.Errorf("modified before created: %v", err)
	}
}

// invalid reports whether err has a finding of this code.
func invalid(err error, code stix.Code) bool {
	var e *typed.InvalidError
	if !errors.As(err, &e) {
		return false
	}
	for _, f := range e.Findings {
		if f.Code == code && f.Level == stix.Must {
			return true
		}
	}
	return false
}

func TestDeterministicID(t *testing.T) {
	one, err1 := typed.NewDomainName().Value("a.example").Build()
	two, err2 := typed.NewDomainName().Value("a.example").Build()
	if err := errors.Join(err1, err2); err != nil || one.ID != two.ID {
		t.Errorf("%s, %s, %v", one.ID, two.ID, err)
	}
	if want, err := stix.DeterministicID(one.Raw); err != nil || one.ID != want {
		t.Errorf("the id is %s, want %s, %v", one.ID, want, err)
	}
	p, err := typed.NewProcess().PID(4).Build()
	if err != nil || p.ID[len("process--")+14] != '4' {
		t.Errorf("the id of a process is %s, %v", p.ID, err)
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		build func() (stix.Object, error)
		code  stix.Code
	}{
		"nothing":       {typed.NewIndicator().Build, "required"},
		"id":            {indicator().ID("indicator--1").Build, "identifier"},
		"id's type":     {indicator().ID("malware--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a02").Build, "identifier-type"},
		"reference":     {indicator().CreatedByRef(someMarking).Build, "reference"},
		"range":         {indicator().Confidence(101).Build, "range"},
		"order":         {indicator().ValidUntil(stix.TimestampOf(noon)).Build, "after"},
		"enumeration":   {typed.NewOpinion().Opinion("maybe").ObjectRefs(someIdentity).Build, "enum"},
		"part":          {indicator().ExternalReferences(typed.NewExternalReference().SourceName("a")).Build, "at-least-one"},
		"selector":      {indicator().GranularMarkings(typed.NewGranularMarking().MarkingRef(someMarking).Selectors("description")).Build, "selector-unresolved"},
		"extension":     {typed.NewFile().Name("a").ArchiveExt(typed.NewArchiveExt().Comment("a")).Build, "required"},
		"no extension":  {typed.NewFile().Name("a").Extension("archive-ext", 1).Build, "kind"},
		"custom name":   {indicator().Custom("X Score", 1).Build, "property-name"},
		"pattern":       {indicator().Pattern("[domain-name:value = ").Build, "pattern"},
		"hash":          {typed.NewFile().Hashes(map[vocab.HashAlgorithm]string{"MD5": "0"}).Build, "hash-value"},
		"relationship":  {typed.NewRelationship().RelationshipType("uses").SourceRef(someIdentity).Build, "required"},
		"observed refs": {typed.NewObservedData().FirstObserved(stix.TimestampOf(noon)).LastObserved(stix.TimestampOf(noon)).NumberObserved(0).ObjectRefs(someIdentity).Build, "range"},
	} {
		o, err := tc.build()
		if !invalid(err, tc.code) || o.Raw != nil {
			t.Errorf("%s: %v, want %s", name, err, tc.code)
		}
	}
}

// TestSettersRefuse: what JSON cannot say is an error of Build.
func TestSettersRefuse(t *testing.T) {
	for name, b := range map[string]*typed.IndicatorBuilder{
		"UTF-8":         indicator().Description("a\xff"),
		"key":           indicator().Extension("a", map[string]string{"a\xff": "a"}),
		"own property":  indicator().Custom("pattern", "a"),
		"common":        indicator().Custom("labels", "a"),
		"a channel":     indicator().Custom("x_a", make(chan int)),
		"infinity":      indicator().Custom("x_a", math.Inf(1)),
		"no part":       indicator().KillChainPhases(nil),
		"part's fault":  indicator().KillChainPhases(typed.NewKillChainPhase().PhaseName("\xff")),
		"an empty name": indicator().Custom("", 1),
	} {
		_, err := b.Build()
		var e *typed.InvalidError
		if err == nil || errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := typed.NewLocation().Latitude(math.NaN()).Build(); err == nil || !strings.Contains(err.Error(), "location.latitude") {
		t.Errorf("NaN: %v", err)
	}
}

func TestFindings(t *testing.T) {
	b := indicator().IndicatorTypes("rumour").Custom("x_score", 3)
	o, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, f := range b.Findings() {
		codes = append(codes, string(f.Code))
	}
	if got := strings.Join(codes, " "); got != "vocabulary custom-property" {
		t.Errorf("the findings are %s", got)
	}
	if !strings.HasSuffix(string(o.Raw), `,"x_score":3}`) {
		t.Errorf("the object is %s", o.Raw)
	}
	if _, err := indicator().Build(); err != nil {
		t.Fatal(err)
	}
}

func TestSettersReplace(t *testing.T) {
	o, err := indicator().Labels("a", "b").Labels("c").Name("a").Name("b").Custom("x_a", 1).Custom("x_a", 2).Description("d").
		IndicatorTypes("benign").IndicatorTypes().Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"labels":["c"]`, `"name":"b"`, `"x_a":2}`, `"description":"d"`} {
		if strings.Count(string(o.Raw), want) != 1 {
			t.Errorf("%s is not in %s", want, o.Raw)
		}
	}
	if strings.Contains(string(o.Raw), "indicator_types") || strings.Contains(string(o.Raw), `"x_a":1`) {
		t.Errorf("not removed: %s", o.Raw)
	}
}

func TestViewErrors(t *testing.T) {
	for name, o := range map[string]stix.Object{
		"another type": {Raw: []byte(`{}`), Header: stix.Header{Type: "malware", SpecVersion: "2.1"}},
		"STIX 2.0":     {Raw: []byte(`{}`), Header: stix.Header{Type: "indicator", SpecVersion: "2.0"}},
		"no version":   {Raw: []byte(`{}`), Header: stix.Header{Type: "indicator"}},
		"no object":    {Raw: []byte(`[]`), Header: stix.Header{Type: "indicator", SpecVersion: "2.1"}},
		"no end":       {Raw: []byte(`{"a":1`), Header: stix.Header{Type: "indicator", SpecVersion: "2.1"}},
		"no bytes":     {Header: stix.Header{Type: "indicator", SpecVersion: "2.1"}},
	} {
		if _, err := typed.IndicatorOf(&o); !errors.Is(err, typed.ErrType) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bare := stix.Object{Raw: []byte(`{"value":"a.example"}`), Header: stix.Header{Type: "domain-name"}}
	if d, err := typed.DomainNameOf(&bare); err != nil || d.Value() != "a.example" {
		t.Errorf("a cyber-observable without spec_version: %v", err)
	}
}

// TestNotation: names and strings with escapes, white space, and numbers in other notations read the same.
func TestNotation(t *testing.T) {
	o := stix.Object{
		Raw:    []byte(" {\n \"n\\u0061me\" :\t\"a\\u0062\\\\\\\"\" , \"labels\" : [ \"a\" , 1, \"b\" ], \"confidence\": 5.0e1 , \"revoked\":true } "),
		Header: stix.Header{Type: "malware", SpecVersion: "2.1"},
	}
	m, err := typed.MalwareOf(&o)
	if err != nil {
		t.Fatal(err)
	}
	if m.Name() != `ab\"` || len(m.Labels()) != 2 || m.Confidence() != 50 || !m.Revoked() {
		t.Errorf("%q %q %d %t", m.Name(), m.Labels(), m.Confidence(), m.Revoked())
	}
}

// TestTwice: Parse refuses a name that occurs twice; in other bytes the first counts, for every accessor.
func TestTwice(t *testing.T) {
	o := stix.Object{Raw: []byte(`{"name":"a","name":"b"}`), Header: stix.Header{Type: "malware", SpecVersion: "2.1"}}
	if m, err := typed.MalwareOf(&o); err != nil || m.Name() != "a" || string(m.Property("name")) != `"a"` {
		t.Errorf("%s, %s, %v", m.Name(), m.Property("name"), err)
	}
}

// TestBuildKinds builds valid objects of every class, with extensions of every sort.
func TestBuildKinds(t *testing.T) {
	event := typed.NewEvent().Status("occurred").Name("Power cut")
	for name, tc := range map[string]struct {
		build func() (stix.Object, error)
		want  string
	}{
		"relationship": {
			typed.NewRelationship().RelationshipType("uses").SourceRef("malware--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a02").TargetRef("tool--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a02").Build,
			`"relationship_type":"uses"`,
		},
		"observable": {
			typed.NewFile().Hashes(map[vocab.HashAlgorithm]string{vocab.HashAlgorithmMD5: "d41d8cd98f00b204e9800998ecf8427e"}).Size(0).Build,
			`"hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"},"size":0`,
		},
		"marking": {
			typed.NewMarkingDefinition().DefinitionType("statement").Definition(map[string]any{"statement": "© Example"}).Build,
			`"definition_type":"statement","definition":{"statement":"© Example"}}`,
		},
		"language": {
			typed.NewLanguageContent().ObjectRef(someIdentity).Contents(map[string]map[string]any{"ja": {"name": "例"}}).Build,
			`"contents":{"ja":{"name":"例"}}`,
		},
		"new type": {
			event.Build,
			`"extensions":{"extension-definition--4ca6de00-5b0d-45ef-a1dc-ea7279ea910e":{"extension_type":"new-sdo"}}`,
		},
		"property extension": {
			typed.NewIdentity().Name("A").IdentityContact(typed.NewIdentityContact().FirstName("B")).Build,
			`"extensions":{"extension-definition--66e2492a-bbd3-4be6-88f5-cc91a017a498":{"extension_type":"property-extension","first_name":"B"}}`,
		},
		"marked": {
			indicator().ObjectMarkingRefs(someMarking).GranularMarkings(typed.NewGranularMarking().Lang("ja").Selectors("name")).
				ExternalReferences(typed.NewExternalReference().SourceName("cve").ExternalID("CVE-2026-0001")).Build,
			`"granular_markings":[{"lang":"ja","selectors":["name"]}]`,
		},
	} {
		o, err := tc.build()
		if err != nil || !strings.Contains(string(o.Raw), tc.want) {
			t.Errorf("%s: %s, %v", name, o.Raw, err)
		}
	}
	one, err1 := event.Build()
	two, err2 := indicator().Build()
	bundle, err := typed.NewBundle().Objects(one, two).Build()
	if err := errors.Join(err, err1, err2); err != nil {
		t.Fatal(err)
	}
	if v, err := typed.BundleOf(&bundle); err != nil || v.SpecVersion() != "" {
		t.Errorf("spec_version %q, %v", v.SpecVersion(), err)
	} else {
		n := 0
		for range v.Objects() {
			n++
		}
		if n != 2 {
			t.Errorf("the bundle has %d objects", n)
		}
	}
}
