package stix

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"
)

func TestObservables(t *testing.T) {
	const ip, host, uuid = "ipv4-addr--aaaaaaaa-1111-5111-8111-111111111111", "domain-name--22222222-2222-5222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
	note := `{"type":"note","id":"note--` + uuid + `",`
	upper := strings.Replace(ip, "aaaaaaaa", "AAAAAAAA", 1)
	escaped := ""
	for _, c := range ip {
		escaped += fmt.Sprintf(`\u%04X`, c)
	}
	tests := []struct {
		name, raw string
		want      []string
	}{
		{"none", `{"type":"note","id":"note--` + uuid + `"}`, nil},
		{"references", `{"type":"observed-data","id":"observed-data--` + uuid + `","object_refs":["` + host + `","` + ip + `","` + ip + `"]}`, []string{host, ip}},
		{"its own id is none", `{"type":"ipv4-addr","id":"` + ip + `","x_a":"` + upper + `","resolves_to_refs":["` + host + `"]}`, []string{host}},
		{"its own id in upper case is none", `{"type":"ipv4-addr","id":"` + upper + `","x_a":"` + ip + `"}`, nil},
		{"other types are none", note + `"object_refs":["malware--` + uuid + `"]}`, nil},
		{"upper case is folded", note + `"object_refs":["` + ip + `","` + upper + `","` + strings.ToUpper(ip) + `"]}`, []string{ip}},
		{"inside a text", note + `"content":"see ` + ip + ` there"}`, []string{ip}},
		{"inside a pattern", note + `"pattern":"[x:id = '` + ip + `' OR x:id='` + host + `']"}`, []string{host, ip}},
		{"blanks and newlines around", note + `"a":"` + ip + ` ","b":" ` + host + `\n"}`, []string{host, ip}},
		{"letters and digits around", note + `"content":"x-` + ip + `0abc` + host + `攻"}`, []string{host, ip}},
		{"names of members", note + `"x_a":{"` + ip + `":{"` + host + `":1}}}`, []string{host, ip}},
		{"an escaped hyphen", note + `"object_refs":["` + strings.Replace(ip, "--", `\u002d-`, 1) + `"]}`, []string{ip}},
		{"escaped all over", note + `"content":"\u653b` + escaped + `\u0000"}`, []string{ip}},
		{"an escaped backslash is no escape", note + `"content":"` + strings.Replace(ip, "--", `\\u002d-`, 1) + `\\"}`, nil},
		{"a form feed and no f", note + `"content":"\file--` + uuid + `\nurl--` + uuid + `"}`, []string{"url--" + uuid}},
		{"JSON in a text", note + `"content":"{\"id\":\"` + ip + `\"}"}`, []string{ip}},
		{"a text ends between", note + `"a":"ipv4-addr","b":"--` + uuid + `","c":"url--","d":"` + uuid + `"}`, nil},
		{"hyphens close by", note + `"content":"-----","x_a":"--` + uuid + `","object_refs":["` + ip + `"],"y":"url---` + uuid + `"}`, []string{ip}},
		{"cut short", note + `"content":"` + ip[:len(ip)-1] + `"}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := Parse([]byte(tt.raw))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := o.Observables(); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

// TestObservablesOfEveryType: all 18 are found, and none is in another's name.
func TestObservablesOfEveryType(t *testing.T) {
	if len(observableNames) != 18 {
		t.Fatal(observableNames)
	}
	for _, name := range observableNames {
		if len(name) > longestObservable {
			t.Errorf("%s is longer than %d", name, longestObservable)
		}
		id := name + "--11111111-1111-5111-8111-111111111111"
		o := Object{Raw: []byte(`{"x":"x` + id + `"}`)}
		if got, err := o.Observables(); err != nil || !slices.Equal(got, []string{id}) {
			t.Errorf("%s: %v, %v", id, got, err)
		}
	}
}

func TestTooManyObservables(t *testing.T) {
	text := func(n int) []byte {
		b := []byte(`{"type":"note","id":"note--33333333-3333-4333-8333-333333333333","content":"`)
		for i := range n {
			b = fmt.Appendf(b, "url--%08x-1111-5111-8111-111111111111 URL--%08X-1111-5111-8111-111111111111 ", i, i)
		}
		return append(b, `"}`...)
	}
	o, err := Parse(text(MaxNames))
	if err != nil {
		t.Fatal(err)
	}
	if ids, err := o.Observables(); err != nil || len(ids) != MaxNames || !slices.IsSorted(ids) {
		t.Errorf("%d ids, %v", len(ids), err)
	}
	if o, err = Parse(text(MaxNames + 1)); err != nil {
		t.Fatal(err)
	}
	ids, err := o.Observables()
	var oe *ObjectError
	if !errors.Is(err, ErrTooMany) || !errors.As(err, &oe) || oe.ID != o.ID || ids != nil {
		t.Errorf("%d ids, %v", len(ids), err)
	}
}

// TestObservablesOfAnything: bytes that are no JSON do no harm.
func TestObservablesOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{`\`, `\u`, `\u0`, `\u002d`, "--", "-", "url", `"`, "11111111-1111-5111-8111-111111111112", "11111111-1111-"})
		o := Object{Raw: []byte(strings.Join(rapid.SliceOf(part).Draw(t, "parts"), ""))}
		if _, err := o.Observables(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestObservablesBothWays: the quick way finds all that a naive reading of every string finds, and nothing else.
func TestObservablesBothWays(t *testing.T) {
	const id = "11111111-1111-5111-8111-11111111111"
	parts := []string{
		"ipv4-addr--" + id + "1", "url--" + id + "2", "--" + id + "F", "f", "file", "x-Process", "windows-registry-key", "WINDOWS-REGISTRY-KEY--" + id + "E",
		"--", "-", id, "ab--" + id + "1", "\"", "\\", "\n", "\f", "/", "u002d", "攻", "😀", "K", "\x00", " ", "ile--" + id + "3",
	}
	text := rapid.Custom(func(t *rapid.T) string {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 6).Draw(t, "parts"), "")
		quoted, _ := jsontext.AppendQuote(nil, s)
		rate := rapid.SampledFrom([]int{0, 0, 5, 50, 99}).Draw(t, "escaped")
		if rate == 0 {
			return string(quoted)
		}
		b := []byte{'"'}
		for _, c := range s {
			switch escape := rapid.IntRange(1, 100).Draw(t, "this") <= rate; {
			case c < 0x10000 && escape:
				b = fmt.Appendf(b, rapid.SampledFrom([]string{`\u%04x`, `\u%04X`}).Draw(t, "hex"), c)
			case c == '/' && rapid.Bool().Draw(t, "slash"):
				b = append(b, `\/`...)
			default:
				q, _ := jsontext.AppendQuote(nil, string(c))
				b = append(b, q[1:len(q)-1]...)
			}
		}
		return string(append(b, '"'))
	})
	rapid.Check(t, func(t *rapid.T) {
		raw := []byte("[" + strings.Join(rapid.SliceOf(text).Draw(t, "strings"), ",") + "]")
		if !jsontext.Value(raw).IsValid() {
			t.Fatalf("bad test: %s", raw)
		}
		o := Object{Raw: raw}
		quick, err := o.Observables()
		if all := naiveObservables(raw); err != nil || !slices.Equal(quick, all) {
			t.Fatalf("%s: %v, %v, want %v", raw, quick, err, all)
		}
	})
}

// naiveObservables tries every type at every byte of every string.
func naiveObservables(raw []byte) (ids []string) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		tok, err := d.ReadToken()
		if err != nil {
			slices.Sort(ids)
			return slices.Compact(ids)
		}
		if tok.Kind() != '"' {
			continue
		}
		s := tok.String()
		for i := range len(s) {
			for _, name := range observableNames {
				n := len(name) + 2 + uuidLen
				if len(s)-i < n || !strings.EqualFold(s[i:i+len(name)], name) {
					continue
				}
				if id := strings.ToLower(s[i : i+n]); ValidID(id) && TypeOf(id) == name {
					ids = append(ids, id)
				}
			}
		}
	}
}

func BenchmarkObservables(b *testing.B) {
	const id = "--33333333-3333-4333-8333-333333333333"
	head := `{"type":"note","id":"note` + id + `","content":"`
	many := ""
	for i := range 1000 {
		many += fmt.Sprintf("url--%08x-1111-5111-8111-111111111111 ", i)
	}
	for name, text := range map[string]string{
		"none":        strings.Repeat("What this is about. ", 5000),
		"newlines":    strings.Repeat("What this is about.\\n", 5000),
		"escapes":     strings.Repeat(`\u653b\u6483`, 10_000),
		"backslashes": strings.Repeat(`\\`, 50_000),
		"hyphens":     strings.Repeat("-", 100_000),
		"uuids":       strings.Repeat(id, 2500),
		"many":        many,
	} {
		o, err := Parse([]byte(head + text + `"}`))
		if err != nil {
			b.Fatal(name, err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(o.Raw)))
			for b.Loop() {
				if _, err := o.Observables(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
