package stix_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
)

const someUUID = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"

// versioned is an object of STIX 2.1 with the common properties and these members after them.
func versioned(typ, members string) []byte {
	return fmt.Appendf(nil, `{"type":%q,"spec_version":"2.1","id":"%s--%s","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",%s}`,
		typ, typ, someUUID, members)
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	var was, is runtime.MemStats
	runtime.ReadMemStats(&was)
	f()
	runtime.ReadMemStats(&is)
	return is.TotalAlloc - was.TotalAlloc
}

// TestLongNames: a name as long as its object is not repeated in each finding or change.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	content := versioned("language-content", `"object_ref":"campaign--`+someUUID+`","contents":{"ja":{"x":"y"},"`+long+`":{`+
		strings.Join(members(200, `"x%d":null`), ",")+`}}`)
	t.Run("findings", func(t *testing.T) {
		var found []stix.Finding
		got := allocated(func() { found = stix.NewValidator().ValidateBytes(content) })
		if len(found) != stix.MaxFindings || got > 100<<20 {
			t.Errorf("%d findings took %d MB", len(found), got>>20)
		}
		for _, f := range found {
			if len(f.Pointer) > 2000 || !jsontext.Pointer(f.Pointer).IsValid() {
				t.Fatalf("the pointer has %d bytes", len(f.Pointer))
			}
		}
	})
	t.Run("a name", func(t *testing.T) {
		name := strings.Repeat("a", 5000)
		found := stix.NewValidator().ValidateBytes(versioned("language-content", `"object_ref":"campaign--`+someUUID+`","contents":{"ja":{"`+name+`":null}}`))
		if len(found) == 0 {
			t.Error("nothing found")
		}
		for _, f := range found {
			if f.Pointer != "/contents/ja" {
				t.Errorf("found at %.60s", f.Pointer)
			}
		}
	})
	t.Run("translation", func(t *testing.T) {
		c, err1 := stix.Parse(versioned("language-content", `"object_ref":"campaign--`+someUUID+`","contents":{"`+long+`":{`+
			strings.Join(members(20_000, `"x%d":"x"`), ",")+`}}`))
		o, err2 := stix.Parse(versioned("campaign", `"name":"n"`))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		var found []stix.Finding
		got := allocated(func() { found = stix.ValidateTranslation(&c, &o) })
		if len(found) != stix.MaxFindings || found[0].Pointer != "/contents" || got > 50<<20 {
			t.Errorf("%d findings, the first at %.100s, took %d MB", len(found), found[0].Pointer, got>>20)
		}
	})
	t.Run("upgrade", func(t *testing.T) {
		const observed = `{"type":"observed-data","id":"observed-data--` + someUUID + `","created":"2026-01-01T00:00:00.000Z",` +
			`"modified":"2026-01-01T00:00:00.000Z","first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","number_observed":1,"objects":`
		refs := strings.Repeat(`,"none"`, 1000)
		for name, objects := range map[string]string{
			"key":  `{"` + long + `":{"type":"process","pid":1,"opened_connection_refs":["none"` + refs + `]}}`,
			"name": `{"0":{"type":"process","pid":1,"x":{"` + long + `":{"opened_connection_refs":["none"` + refs + `],"hashes":{"SHA256":"x"}}}}}`,
		} {
			o, err := stix.Parse([]byte(observed + objects + "}"))
			if err != nil {
				t.Fatal(err)
			}
			var up stix.Upgraded
			if got := allocated(func() { up, err = stix.Upgrade(&o) }); err != nil || got > 200<<20 {
				t.Errorf("%s: took %d MB, %v", name, got>>20, err)
			}
			for _, c := range up.Changes {
				if name == "name" && len(c.Pointer) > 2000 {
					t.Fatalf("%s: the pointer has %d bytes", name, len(c.Pointer))
				}
			}
			if name == "key" && len(up.Extracted) > 0 {
				t.Error("what has a long key was extracted")
			}
		}
	})
}

// members are n members of an object, each with its number.
func members(n int, form string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(form, i)
	}
	return list
}

// TestLinearTranslation: what is translated into many languages is read once.
func TestLinearTranslation(t *testing.T) {
	const languages = 20_000
	c, err1 := stix.Parse(versioned("language-content", `"object_ref":"campaign--`+someUUID+`","contents":{`+
		strings.Join(members(languages, `"a%d":{"aliases":[]}`), ",")+`}`))
	o, err2 := stix.Parse(versioned("campaign", `"name":"n","aliases":[`+strings.Join(members(100_000, `"a%d"`), ",")+`]`))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if got := allocated(func() { stix.ValidateTranslation(&c, &o) }); got > 100<<20 {
		t.Errorf("took %d MB", got>>20)
	}
}

// TestValidatorMemory: a Validator keeps nothing of a large object.
func TestValidatorMemory(t *testing.T) {
	v := stix.NewValidator()
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	v.ValidateBytes(versioned("campaign", `"name":"n",`+strings.Join(members(500_000, `"x%d":1`), ",")))
	if after := held(); after > before+4<<20 {
		t.Errorf("it keeps %d MB", (after-before)>>20)
	}
	runtime.KeepAlive(v)
}

// TestPointers: of names that have characters with a meaning in pointers.
func TestPointers(t *testing.T) {
	for _, f := range stix.NewValidator().ValidateBytes(versioned("campaign", `"name":"n","a~b":1,"c/d":1`)) {
		if f.Pointer != "/a~0b" && f.Pointer != "/c~1d" {
			t.Errorf("%s", f.Pointer)
		}
	}
}

// TestWords: what findings quote is short and printable, whatever it is.
func TestWords(t *testing.T) {
	const esc = `\u001b[31m\u202e`
	long := esc + strings.Repeat("x", 1000)
	unprintable := func(r rune) bool { return r < ' ' || r > '~' && r != '…' }
	for _, object := range []string{
		`{"type":"` + long + `","spec_version":"2.1","id":"tool--` + someUUID + `"}`,
		`{"type":"tool","spec_version":"` + long + `","id":"tool--` + long + `"}`,
		`{"type":"tool","` + esc + `":{"` + long + `":1,"` + long + `":1}}`,
		`{"type":"tool","` + long + `":}`,
		string(versioned("campaign", `"name":"n","`+long+`":1,"lang":"`+long+`","extensions":{"`+long+`":1},"granular_markings":[{"lang":"ja","selectors":["`+long+`"]}]`)),
		string(versioned("indicator", `"pattern_type":"`+long+`","indicator_types":["`+long+`"],"external_references":[{"source_name":"cve","external_id":"`+long+`","url":"`+long+`"}]`)),
	} {
		found := stix.NewValidator().ValidateBytes([]byte(object))
		if len(found) == 0 {
			t.Errorf("nothing found in %.60s", object)
		}
		for _, f := range found {
			if text := f.Message(); strings.ContainsFunc(f.Value+f.Want+text, unprintable) || len(text) > 1000 {
				t.Errorf("%q", f)
			}
		}
	}
}

// TestOlderPointers: findings of what a STIX 2.0 object contained point to where that stood.
func TestOlderPointers(t *testing.T) {
	found := stix.NewValidator().ValidateBytes([]byte(`{"type":"observed-data","id":"observed-data--` + someUUID + `","created":"2017-01-01T00:00:00.000Z",` +
		`"modified":"2017-01-01T00:00:00.000Z","first_observed":"2017-01-01T00:00:00Z","last_observed":"2017-01-01T00:00:00Z","number_observed":1,` +
		`"objects":{"0":{"type":"mutex","name":"a"},"1":{"type":"ipv4-addr","value":"x"}}}`))
	if len(found) != 1 || found[0].Code != "ipv4" || found[0].Pointer != "/objects/1/value" || found[0].Level != stix.Must {
		t.Errorf("found %+v", found)
	}
}

// TestLastFinding: what is not told has the level of the gravest.
func TestLastFinding(t *testing.T) {
	for last, want := range map[string]stix.Level{`"y_z":1`: stix.Should, `"Y":1`: stix.Must} {
		found := stix.NewValidator().ValidateBytes(versioned("campaign", `"name":"n",`+strings.Join(members(150, `"x_%d":1`), ",")+","+last))
		if len(found) != stix.MaxFindings || found[99].Level != want || found[99].Code != "limit" || found[98].Level != stix.Should {
			t.Errorf("%s: %d findings, the last is %+v", last, len(found), found[len(found)-1])
		}
	}
}

// TestRegistryJudges: what extensions add is judged as the standard's own is.
func TestRegistryJudges(t *testing.T) {
	top := []stix.Property{{ID: 32, Name: "x_rank", Kind: stix.KindInteger, Required: true}, {ID: 33, Name: "x_place", Kind: stix.KindString, Format: stix.FormatSelector}}
	top = append(top, stix.Property{ID: 34, Name: "x_ref", Kind: stix.KindIdentifier, Refs: &stix.Refs{Classes: []stix.Class{stix.ClassDomain}, Except: []string{"malware"}}})
	names := []string{`"x_rank"`, `"x_place"`, `"x_ref"`}
	for i := range 80 {
		top = append(top, stix.Property{ID: uint16(40 + i), Name: fmt.Sprintf("x_p%d", i), Kind: stix.KindInteger, Required: i == 79})
		names = append(names, fmt.Sprintf(`"x_p%d"`, i))
	}
	d := definition(t, 1, `"extension_types":["toplevel-property-extension"],"extension_properties":[`+strings.Join(names, ",")+`]`)
	own := definition(t, 2, `"extension_types":["new-sdo","new-sco"]`)
	r, err := stix.NewRegistry(nil, stix.Extension{Definition: d, Top: top}, stix.Extension{Definition: own, Types: []*stix.Struct{
		{ID: 900, Name: "x-radar", Class: stix.ClassDomain, Relationships: []stix.Relation{{Type: "detects", Targets: []string{"malware"}}}},
		{ID: 901, Name: "x-plate", Class: stix.ClassObservable, Properties: []stix.Property{{ID: 32, Name: "number", Kind: stix.KindString, Contributing: true}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ext := `"extensions":{"` + d.ID + `":{"extension_type":"toplevel-property-extension"}}`
	mac := `{"type":"mac-addr","spec_version":"2.1","id":"mac-addr--8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f",`
	related := func(kind string) string {
		return string(versioned("relationship", `"relationship_type":"`+kind+`","source_ref":"x-radar--`+someUUID+`","target_ref":"malware--`+someUUID+`"`))
	}
	plate := `{"type":"x-plate","spec_version":"2.1","id":"x-plate--8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f","number":"1",` +
		`"extensions":{"` + own.ID + `":{"extension_type":"new-sco"}}}`
	for _, c := range []struct{ name, object, want string }{
		{"both there", string(versioned("campaign", `"name":"n","x_rank":1,"x_p79":2,`+ext)), ""},
		{"one missing", string(versioned("campaign", `"name":"n","x_rank":1,`+ext)), "required "},
		{"both missing", string(versioned("campaign", `"name":"n",`+ext)), "required  required "},
		{"wrong kind", string(versioned("campaign", `"name":"n","x_rank":"1","x_p79":2,`+ext)), "kind /x_rank"},
		{"selector", string(versioned("campaign", `"name":"n","x_rank":1,"x_p79":2,"x_place":"labels.[0]",`+ext)), ""},
		{"bad selector", string(versioned("campaign", `"name":"n","x_rank":1,"x_p79":2,"x_place":"[","granular_markings":[{"lang":"ja","selectors":["name"]}],`+ext)), "selector /x_place"},
		{"reference", string(versioned("campaign", `"name":"n","x_rank":1,"x_p79":2,"x_ref":"tool--`+someUUID+`",`+ext)), ""},
		{"reference to what is excepted", string(versioned("campaign", `"name":"n","x_rank":1,"x_p79":2,"x_ref":"malware--`+someUUID+`",`+ext)), "reference /x_ref"},
		{"relationship", related("detects"), ""},
		{"no such relationship", related("eats"), "relationship /relationship_type"},
		{"id of a new observable", plate, "deterministic-id /id"},
		{"id", mac + `"x_rank":1,"x_p79":1,` + ext + `,"value":"00:00:5e:00:53:01"}`, "deterministic-id /id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range stix.NewValidator(stix.With(r)).ValidateBytes([]byte(c.object)) {
				got = append(got, string(f.Code)+" "+f.Pointer)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
