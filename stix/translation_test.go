package stix_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// TestTranslation follows section 7.1.
func TestTranslation(t *testing.T) {
	target := `{"type":"campaign","spec_version":"2.1","id":"campaign--12a111f0-b824-4baf-a224-83b80237a094",` +
		`"created":"2026-02-08T21:31:22.007Z","modified":"2026-02-08T21:31:22.007Z","name":"Bank Attack","confidence":3,` +
		`"aliases":["one","two"],"external_references":[{"source_name":"veris","description":"text"}]}`
	cases := []struct{ name, contents, want string }{
		{"right", `{"ja":{"name":"銀行への攻撃","aliases":["一",""]}}`, ""},
		{"nested", `{"ja":{"external_references":[{"description":"文"}]}}`, ""},
		{"nothing in a list of objects", `{"ja":{"external_references":[""]}}`, ""},
		{"not there", `{"ja":{"nickname":"x"}}`, "should /contents/ja/nickname"},
		{"other shape", `{"ja":{"name":["x"]}}`, "/contents/ja/name"},
		{"too short a list", `{"ja":{"aliases":["x"]}}`, "/contents/ja/aliases"},
		{"too long a list", `{"ja":{"aliases":["x","y","z"]}}`, "/contents/ja/aliases"},
		{"no text", `{"ja":{"confidence":3}}`, "should /contents/ja/confidence"},
		{"nested and not there", `{"ja":{"external_references":[{"url":"x"}]}}`, "should /contents/ja/external_references/0/url"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := translate(t, target, `"object_ref":"campaign--12a111f0-b824-4baf-a224-83b80237a094","contents":`+c.contents)
			if got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	got := translate(t, target, `"object_ref":"campaign--22a111f0-b824-4baf-a224-83b80237a094","contents":{"ja":{"name":"x"}}`)
	if got != "/object_ref" {
		t.Errorf("another object: %q", got)
	}
	got = translate(t, target, `"object_ref":"campaign--12a111f0-b824-4baf-a224-83b80237a094",`+
		`"object_modified":"2025-02-08T21:31:22.007Z","contents":{"ja":{"name":"x"}}`)
	if got != "/object_modified" {
		t.Errorf("another version: %q", got)
	}
}

func translate(t *testing.T, target, rest string) string {
	t.Helper()
	content, err := stix.Parse(fmt.Appendf(nil, `{"type":"language-content","spec_version":"2.1","id":"language-content--%s",`+
		`"created":"2026-02-08T21:31:22.007Z","modified":"2026-02-08T21:31:22.007Z",%s}`, "b86bd89f-98bb-4fa9-8cb2-9ad421da981d", rest))
	if err != nil {
		t.Fatal(err)
	}
	object, err := stix.Parse([]byte(target))
	if err != nil {
		t.Fatal(err)
	}
	var pointers []string
	for _, f := range stix.ValidateTranslation(&content, &object) {
		if f.Code != "translation" || f.Want == "" {
			t.Errorf("%+v", f)
		}
		if f.Level != stix.Must {
			f.Pointer = f.Level.String() + " " + f.Pointer
		}
		pointers = append(pointers, f.Pointer)
	}
	return strings.Join(pointers, " ")
}
