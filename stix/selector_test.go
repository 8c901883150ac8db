package stix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestSelectorSyntax(t *testing.T) {
	long := strings.Repeat("a", 250)
	for sel, want := range map[string]bool{
		"name": true, "id": true, "a": true, "x_1": true, "0": true, long: true,
		"labels.[0]": true, "labels.[007]": true, "a.[1].[2].b": true, "hashes.SHA-256": true, "hashes." + long: true,
		"extensions.extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d.tlp_2_0": true,
		"labels.[" + strings.Repeat("9", 400) + "]":                                     true,
		"": false, ".": false, "name.": false, ".name": false, "a..b": false, "Name": false, "na-me": false, "[0]": false, "[0].a": false,
		"labels[0]": false, "labels.[]": false, "labels.[-1]": false, "labels.[0": false, "labels.[0]x": false, "labels.[x]": false, "labels.0]": false,
		"labels.[0].": false, "na me": false, "näme": false, "a.ä": false, "a\x00": false, long + "a": false, "hashes." + long + "a": false, "*": false, "a.*": false,
	} {
		var s selectorSet
		s.reset()
		if validSelector(sel) != want || s.add([]byte(sel)) != want {
			t.Errorf("%q: want %v", sel, want)
		}
	}
}

func TestSelectorResolve(t *testing.T) {
	raw := `{"type":"file", "hashes" : {"MD5":"x","[0]":1,"0]":2}, "labels":["a",["b",{"c":null}],{}],"n\u0061me":"\"}]{[","empty":[],
		"name_enc": null,"extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"a":{"b":[{"c":1}]}}},"last":-1.5e3}`
	for sel, want := range map[string]bool{
		"type": true, "hashes": true, "hashes.MD5": true, "hashes.[0]": false, "hashes.0": false, "hashes.md5": false, "MD5": false,
		"labels.[0]": true, "labels.[1].[0]": true, "labels.[1].[1].c": true, "labels.[01].[1]": true, "labels.[1].[1].c.d": false, "labels.[2]": true, "labels.[3]": false,
		"labels.a": false, "labels.[" + strings.Repeat("9", 30) + "]": false, "empty.[0]": false, "name": true, "name_enc": true, "name.x": false, "last": true,
		"extensions.extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d.a.b.[0].c": true, "type.[0]": false, "nothing": false, "a" + strings.Repeat(".a", MaxDepth): false,
	} {
		var s selectorSet
		for range 2 { // memory serves again
			s.reset()
			s.add([]byte("!"))
			s.add([]byte(sel))
			s.add([]byte("type"))
			s.resolve([]byte(raw))
			if s.found(0) || s.found(1) != want || !s.found(2) || string(s.text(1)) != sel {
				t.Errorf("%s: found %v, want %v", sel, s.found(1), want)
			}
		}
	}
}

// TestSelectorNesting: the deepest place there is.
func TestSelectorNesting(t *testing.T) {
	raw := []byte(strings.Repeat(`{"a":`, MaxDepth) + "1" + strings.Repeat("}", MaxDepth))
	var s selectorSet
	s.reset()
	s.add([]byte("a" + strings.Repeat(".a", MaxDepth-1)))
	s.resolve(raw)
	if !s.found(0) || framed(raw) != nil {
		t.Error("the deepest place was not found")
	}
}

// Selectors are resolved alike by a reading that makes no claim to speed.
var naiveSyntax = regexp.MustCompile(`^[a-z0-9_]{1,250}(\.([A-Za-z0-9_-]{1,250}|\[[0-9]+\]))*$`)

func naiveResolve(raw []byte, sel string) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || !naiveSyntax.MatchString(sel) {
		return false
	}
	for step := range strings.SplitSeq(sel, ".") {
		switch in := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = in[step]; !ok || step[0] == '[' {
				return false
			}
		case []any:
			i, ok := new(big.Int).SetString(strings.Trim(step, "[]"), 10)
			if !ok || step[0] != '[' || i.Cmp(big.NewInt(int64(len(in)))) >= 0 {
				return false
			}
			v = in[i.Int64()]
		default:
			return false
		}
	}
	return true
}

// FuzzSelector: any bytes and selectors are read to the end; valid objects as by the naive reading; places relate as their steps do.
func FuzzSelector(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":[]}],"c":{"D-d":"\u0061"}}`), "a\na.[0]\na.[1].b\nc.D-d\na.[00].b\n.\n")
	f.Add([]byte(`{"a":{"b":{"a":1}},"b":null}`), "a.b.a\nb\na.b\nb.a")
	f.Add([]byte(`{"a":[1,:]}`), "a.[2]")
	f.Add([]byte(`{"a":[[]]],"b"}`), "a.[0].[0]\nb")
	f.Add([]byte(`{"\u0061":1,"[0]":1,"0]":2}`), "a\n0]\na.0]")
	var s selectorSet
	f.Fuzz(func(t *testing.T, raw []byte, list string) {
		sels := strings.Split(list, "\n")
		s.reset()
		for _, sel := range sels {
			if s.add([]byte(sel)) != naiveSyntax.MatchString(sel) {
				t.Errorf("syntax of %q", sel)
			}
		}
		s.resolve(raw)
		for i, sel := range sels[:min(len(sels), 20)] {
			got := s.found(i)
			if framed(raw) == nil && jsontext.Value(raw).IsValid() && got != naiveResolve(raw, sel) {
				t.Errorf("%q in %s: %v", sel, raw, got)
			}
			if string(s.text(i)) != sel {
				t.Errorf("%q became %q", sel, s.text(i))
			}
			back := map[relation]relation{apart: apart, same: same, above: below, below: above}
			if how := relate(sels[0], sel); relate(sel, sels[0]) != back[how] {
				t.Errorf("%q and %q", sel, sels[0])
			}
			if naiveSyntax.MatchString(sel) && (relate(sel, sel+".x") != above || relate(sel, sel+"x") == above) {
				t.Errorf("%q and what is within it", sel)
			}
		}
	})
}

// BenchmarkSelectors: many selectors into a long list cost as much as the bytes of both.
func BenchmarkSelectors(b *testing.B) {
	for _, n := range []int{0, 1, 100, 10_000, 100_000} {
		raw := []byte(`{"type":"x","list":[` + strings.TrimSuffix(strings.Repeat(`{"value":"198.51.100.1"},`, 100_000), ",") + `],"end":1}`)
		var sels [][]byte
		for i := range n {
			sels = append(sels, fmt.Appendf(nil, "list.[%d].value", 99_999-i))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			var s selectorSet
			for b.Loop() {
				s.reset()
				for _, sel := range sels {
					s.add(sel)
				}
				s.resolve(raw)
				for i := range sels {
					if !s.found(i) {
						b.Fatalf("%s was not found", sels[i])
					}
				}
			}
		})
	}
}
