package stix

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestObservables(t *testing.T) {
	const ip, host, uuid = "ipv4-addr--11111111-1111-5111-8111-111111111111", "domain-name--22222222-2222-5222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
	tests := []struct {
		name, raw string
		want      []string
	}{
		{"none", `{"type":"note","id":"note--` + uuid + `"}`, nil},
		{"references", `{"type":"observed-data","id":"observed-data--` + uuid + `","object_refs":["` + host + `","` + ip + `","` + ip + `"]}`, []string{host, ip}},
		{"its own id is none", `{"type":"ipv4-addr","id":"` + ip + `","resolves_to_refs":["` + host + `"]}`, []string{host}},
		{"other types are none", `{"type":"note","id":"note--` + uuid + `","object_refs":["malware--` + uuid + `"]}`, nil},
		{"inside a text it is no reference", `{"type":"note","id":"note--` + uuid + `","content":"see ` + ip + ` there"}`, nil},
		{"escapes hide nothing", `{"type":"note","id":"note--` + uuid + `","object_refs":["` + strings.Replace(ip, "--", `\u002d-`, 1) + `"]}`, []string{ip}},
		{"hyphens close by", `{"type":"note","id":"note--` + uuid + `","content":"-----","x_a":"--` + uuid + `","object_refs":["` + ip + `"]}`, []string{ip}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := Parse([]byte(tt.raw))
			if err != nil {
				t.Fatal(err)
			}
			if got := o.Observables(); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestObservablesBothWays: looking at quotation marks finds all that reading every string finds.
func TestObservablesBothWays(t *testing.T) {
	parts := []string{`"ipv4-addr--11111111-1111-5111-8111-111111111111"`, `"url--11111111-1111-5111-8111-111111111112"`, `"a--b"`, `"--"`, `"\""`, `"x-y--11111111-1111-5111-8111-111111111112"`, `"\\"`}
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.SampledFrom(parts)).Draw(t, "strings")
		raw := []byte("[" + strings.Join(list, ",") + "]")
		collect := func(each func([]byte, func([]byte))) (ids []string) {
			each(raw, func(s []byte) {
				if isObservableID(s) {
					ids = append(ids, string(s))
				}
			})
			return ids
		}
		if quick, all := collect(eachQuoted), collect(eachString); !slices.Equal(quick, all) {
			t.Fatalf("%s: %v, want %v", raw, quick, all)
		}
	})
}
