package ingest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wagasa/wagasa/stix"
)

func TestWhatIsKeptOfFindings(t *testing.T) {
	var many []stix.Finding
	for i := range 200 {
		level := stix.Should
		if i >= 150 {
			level = stix.Must
		}
		many = append(many, stix.Finding{Code: "enum", Level: level, Pointer: fmt.Sprint("/", i)})
	}
	kept := keep(many)
	if len(kept) != maxFindings+1 || kept[0].Pointer != "/150" || kept[50].Pointer != "/0" || kept[maxFindings] != (stix.Finding{Code: codeLimit, Level: stix.Policy, Value: "136"}) {
		t.Errorf("%+v", kept)
	}
	long := []stix.Finding{{Code: "enum", Level: stix.Should, Pointer: "/" + strings.Repeat("日", 1000), Value: strings.Repeat("x", 256), Want: strings.Repeat("y", 257)}}
	f := keep(long)[0]
	if len(f.Pointer) > maxFindingText || !utf8.ValidString(f.Pointer) || !strings.HasSuffix(f.Pointer, "日…") || f.Value != long[0].Value || !strings.HasSuffix(f.Want, "y…") {
		t.Errorf("%+v", f)
	}
	for _, odd := range []string{"", "\x00", "<", "\"", "日", "\u2028"} { // what JSON may write with more bytes
		text := strings.Repeat(odd, 256/max(1, len(odd)))
		many := slices.Repeat([]stix.Finding{{Code: "enum", Level: stix.Must, Pointer: long[0].Pointer + text, Value: text, Want: text}}, 60)
		if kept := keep(many); len(encode(kept)) > maxFindingBytes+1024 || kept[len(kept)-1].Code != codeLimit {
			t.Errorf("%q: %d bytes", odd, len(encode(kept)))
		}
	}
	if keep(nil) != nil || encode(nil) != nil {
		t.Error("nothing is something")
	}
	if !slices.ContainsFunc(stix.Codes(), func(c stix.CodeInfo) bool { return c.Code == codeLimit }) {
		t.Errorf("%s is no code", codeLimit)
	}
}

func TestFindingsAreStoredAndRead(t *testing.T) {
	findings := []stix.Finding{
		{Code: "required", Level: stix.Must, Want: "name"},
		{Code: "enum", Level: stix.Must, Pointer: "/a/0", Value: "\"x\"\x00日", Want: "y"},
		{Code: "deprecated", Level: stix.Should, Pointer: "/b"},
		{Code: "syntax", Level: stix.Policy},
	}
	got, err := Decode(encode(findings))
	if err != nil || !reflect.DeepEqual(got, findings) {
		t.Errorf("%+v, %v", got, err)
	}
	if want := `[[1,"required","","","name"],`; !strings.HasPrefix(string(encode(findings)), want) {
		t.Errorf("stored as %s, want %s…: what is stored has this form for ever", encode(findings), want)
	}
	for _, bad := range []string{"x", "{}", `[1]`, `[["must"]]`} {
		if _, err := Decode([]byte(bad)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
	if got, err := Decode(nil); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}
