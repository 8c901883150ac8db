package stix_test

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // version 5 UUIDs are made of it
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/stix"
)

// canonical is the canonical form (RFC 8785), written apart from the library: of what encoding/json makes of a text.
func canonical(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case float64:
		b.WriteString(canonicalNumber(v))
	case string:
		canonicalString(b, v)
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			canonical(b, e)
		}
		b.WriteByte(']')
	case map[string]any:
		var names []string
		for name := range v {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int { return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b))) })
		b.WriteByte('{')
		for i, name := range names {
			if i > 0 {
				b.WriteByte(',')
			}
			canonicalString(b, name)
			b.WriteByte(':')
			canonical(b, v[name])
		}
		b.WriteByte('}')
	}
}

func canonicalString(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		if i := strings.IndexRune("\"\\\b\f\n\r\t", r); i >= 0 {
			b.WriteString(`\` + `"\bfnrt`[i:i+1])
		} else if r < ' ' {
			fmt.Fprintf(b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// canonicalNumber follows Number::toString of ECMAScript.
func canonicalNumber(f float64) string {
	if f == 0 {
		return "0"
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	return mantissa + "e" + exp[:1] + strings.TrimLeft(exp[1:], "0")
}

func canonicalOf(t interface{ Fatalf(string, ...any) }, text string) string {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var b strings.Builder
	canonical(&b, v)
	return b.String()
}

// The cases of RFC 8785: numbers of its appendix B, the sorting of section 3.2.3, the strings of section 3.2.2.2.
func TestCanonicalForm(t *testing.T) {
	cases := map[string]string{
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`: "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",
		`{"a":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}`:                       `{"a":"€$\u000f\nA'B\"\\\\\"/"}`,
		`{"a":"\u2028\u007f<>&"}`:                                "{\"a\":\"\u2028\u007f<>&\"}",
		`{"b":[56,{"d":true,"10":null,"1":[]}],"":{},"a":false}`: `{"":{},"a":false,"b":[56,{"1":[],"10":null,"d":true}]}`,
	}
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0", 0x8000000000000000: "0", 0x0000000000000001: "5e-324", 0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308", 0x4340000000000000: "9007199254740992", 0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000", 0x44b52d02c7e14af5: "9.999999999999997e+22", 0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23", 0x444b1ae4d6e2ef4e: "999999999999999700000", 0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21", 0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7", 0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332", 0x41b3de4355555557: "333333333.33333343", 0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		f := math.Float64frombits(bits)
		for _, text := range []string{strconv.FormatFloat(f, 'e', 25, 64), strconv.FormatFloat(f, 'E', -1, 64), strconv.FormatFloat(f, 'f', -1, 64)} {
			cases[`{"n": `+text+`}`] = `{"n":` + want + `}`
		}
	}
	for text, want := range cases {
		if got := canonicalOf(t, text); got != want {
			t.Errorf("the test's own form of %s is %q, want %q", text, got, want)
		}
		o := stix.Object{Raw: []byte(text)}
		if got, err := o.Digest(); err != nil || got != sha256.Sum256([]byte(want)) {
			t.Errorf("%s has not the digest of %s: %v", text, want, err)
		}
	}
}

// TestLawCanonical: a digest is that of the canonical form.
func TestLawCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := `{"a":` + value(t, 3) + space(t) + `,"` + rapid.SampledFrom([]string{"b", "€", "😀", "\ufb33", `\u0001`}).Draw(t, "name") + `":` + value(t, 2) + "}"
		o := stix.Object{Raw: []byte(text)}
		if got, err := o.Digest(); err != nil || got != sha256.Sum256([]byte(canonicalOf(t, text))) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

// contributions are the properties that make the id (STIX 2.1 sections 6.1 to 6.18), written down apart from the table. Only what can hold
// any text is here.
var contributions = map[string][]string{
	"artifact": {"payload_bin"}, "autonomous-system": {"number"}, "directory": {"path"}, "domain-name": {"value"},
	"email-addr": {"value"}, "email-message": {"from_ref", "subject", "body"}, "ipv4-addr": {"value"}, "ipv6-addr": {"value"},
	"mac-addr": {"value"}, "mutex": {"name"}, "software": {"name", "cpe", "vendor", "version"}, "url": {"value"},
	"user-account": {"account_type", "user_id", "account_login"}, "windows-registry-key": {"key", "values"},
	"x509-certificate": {"serial_number"}, "file": {"name", "extensions", "parent_directory_ref"},
	"network-traffic": {"start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"},
}

// TestLawDeterministicID: the id is the version 5 UUID of what contributes to it, however that is written and whatever else there is.
func TestLawDeterministicID(t *testing.T) {
	types := slices.SortedFunc(func(yield func(string) bool) {
		for typ := range contributions {
			if !yield(typ) {
				return
			}
		}
	}, cmp.Compare[string])
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(types).Draw(t, "type")
		var counts, all []string
		for _, name := range contributions[typ] {
			if len(counts) == 0 || rapid.Bool().Draw(t, "has") {
				counts = append(counts, `"`+name+`":`+value(t, 2))
			}
		}
		all = append(counts, `"type":"`+typ+`"`, `"defanged":true`, `"x_other":`+value(t, 2), `"id":"x"`)
		hash := ""
		if typ == "file" || typ == "artifact" || typ == "x509-certificate" {
			hashes := rapid.Permutation([]string{"MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "TLSH"}).Draw(t, "order")[:rapid.IntRange(1, 6).Draw(t, "hashes")]
			var list []string
			for _, h := range hashes {
				list = append(list, `"`+h+`":"`+h+`"`)
			}
			all = append(all, `"hashes":{`+strings.Join(list, ",")+"}")
			hash = slices.Min(hashes) // their names happen to sort in the order of preference
			counts = append(slices.Clone(counts), `"hashes":{"`+hash+`":"`+hash+`"}`)
		}
		text := "{" + strings.Join(rapid.Permutation(all).Draw(t, "members"), space(t)+",") + space(t) + "}"
		h := sha1.New() //nolint:gosec // as above
		h.Write([]byte("\x00\xab\xed\xb4\xaa\x42\x46\x6c\x9c\x01\xfe\xd2\x33\x15\xa9\xb7"))
		h.Write([]byte(canonicalOf(t, "{"+strings.Join(counts, ",")+"}")))
		u := h.Sum(nil)[:16]
		u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
		x := hex.EncodeToString(u)
		want := typ + "--" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
		for _, form := range []string{text, canonicalOf(t, text)} {
			if got, err := stix.DeterministicID([]byte(form)); got != want || err != nil {
				t.Fatalf("%s: %s, %v, want %s", form, got, err, want)
			}
		}
		if !jsontext.Value(text).IsValid() {
			t.Fatal("the test's object is none")
		}
	})
}
