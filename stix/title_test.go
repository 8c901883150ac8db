package stix_test

import (
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

func TestTitle(t *testing.T) {
	for raw, want := range map[string]string{
		`{"type":"tool","name":"umbrella"}`:                                              "umbrella",
		`{"type":"file","size":5,"name":"a\u0062c"}`:                                     "abc",
		`{"type":"grouping","content":"x","abstract":"y"}`:                               "y",
		`{"type":"autonomous-system","number":64496}`:                                    "64496",
		`{"type":"marking-definition","definition":{"statement":"for the eyes of JPN"}}`: "for the eyes of JPN",
		`{"type":"tool","name":["x"]}`:                                                   "",
		`{"type":"tool","name":""}`:                                                      "",
		`{"type":"tool"}`:                                                                "",
		`{"name":"` + strings.Repeat("傘", 1000) + `"}`:                                   strings.Repeat("傘", 33) + "…",
		`no JSON`: "",
		``:        "",
	} {
		if got := stix.Title([]byte(raw)); got != want {
			t.Errorf("%.80s: got %q, want %q", raw, got, want)
		}
	}
}
