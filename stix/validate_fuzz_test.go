package stix_test

import (
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/generate"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// FuzzValidate: any bytes are judged without a panic, the judgement does not depend on what was judged before nor on white space and
// escapes, it is bounded, and its pointers are well-formed.
func FuzzValidate(f *testing.F) {
	g := generate.New(5, spec.Standard)
	mutations := generate.Mutations(spec.Standard)
	for i, s := range spec.Standard.Objects() {
		f.Add(g.Object(s))
		f.Add(mutations[i*stride%len(mutations)].Break(g))
	}
	f.Add([]byte(`{"type":"observed-data","id":"observed-data--1","objects":{"0":{"type":"file","name":"a","defanged":true}}}`))
	used := stix.NewValidator(stix.Patterns(brackets{}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		given := slices.Clone(raw)
		got := slices.Clone(used.ValidateBytes(raw))
		if !slices.Equal(raw, given) {
			t.Fatal("the input was changed")
		}
		if len(got) > stix.MaxFindings {
			t.Fatalf("%d findings", len(got))
		}
		fresh := stix.NewValidator(stix.Patterns(brackets{})).ValidateBytes(raw)
		if !slices.Equal(got, fresh) {
			t.Fatalf("used: %v\nfresh: %v", got, fresh)
		}
		for _, f := range got {
			if f.Code == "" || f.Level < stix.Must || f.Level > stix.Policy || f.Message() == "" {
				t.Fatalf("%+v", f)
			}
			if !jsontext.Pointer(f.Pointer).IsValid() {
				t.Fatalf("%q is no pointer", f.Pointer)
			}
		}
		plain := jsontext.Value(slices.Clone(raw))
		if plain.Compact() != nil || len(plain) == 0 || plain[0] != '{' || raw[0] != '{' || raw[len(raw)-1] != '}' {
			return
		}
		sameRule := func(a, b stix.Finding) bool { // a value may name a byte
			return a.Code == b.Code && a.Level == b.Level && a.Pointer == b.Pointer
		}
		if again := used.ValidateBytes(plain); !slices.EqualFunc(got, again, sameRule) {
			t.Fatalf("as written: %v\ncompact: %v", got, again)
		}
	})
}
