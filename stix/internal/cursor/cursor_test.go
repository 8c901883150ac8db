package cursor_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// member is one of an object, or an element of a list, which has no name.
type member struct{ name, value string }

// parsed is what the parser finds.
func parsed(t *testing.T, raw []byte) (list []member) {
	t.Helper()
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	tok, err := d.ReadToken()
	if err != nil {
		t.Fatal(err)
	}
	object := tok.Kind() == '{'
	for k := d.PeekKind(); k != '}' && k != ']'; k = d.PeekKind() {
		var m member
		if object {
			if tok, err = d.ReadToken(); err != nil {
				t.Fatal(err)
			}
			m.name = tok.String()
		}
		v, err := d.ReadValue()
		if err != nil {
			t.Fatal(err)
		}
		m.value = string(v)
		list = append(list, m)
	}
	return list
}

// walked is what the range functions find.
func walked(raw []byte) (list []member) {
	for name, v := range cursor.Members(raw) {
		list = append(list, member{string(name), string(v)})
	}
	for v := range cursor.Elements(raw) {
		list = append(list, member{value: string(v)})
	}
	return list
}

// malformed is what a walk over members and elements, each passed over, finds broken.
var malformed = []string{
	``, `"a`, `{`, `{"a":1,}`, `{,"a":1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":}`, `{"a":`, `{"a`, `{a:1}`, `{"a":1]`, `{"a":"b\\\"`, `["\"]`, `[1,]`, `[,1]`, `[1 2]`, `[1 22]`,
	`[:]`, `[1`, `[[1]`, `]`, `{"a":[}`,
}

func TestMalformed(t *testing.T) {
	for _, s := range malformed {
		c := cursor.Cursor{Raw: []byte(s)}
		switch c.Peek() {
		case '{':
			c.At++
			for first := true; ; first = false {
				if _, _, more := c.Member(first); !more {
					break
				}
				c.Skip()
			}
		case '[':
			c.At++
			for first := true; c.Element(first); first = false {
				c.Skip()
			}
		default:
			c.Skip()
		}
		if !c.Broken {
			t.Errorf("%q is not broken", s)
		}
	}
}

// FuzzCursor: of a valid object or list it finds what the parser finds, all the way down. On any other bytes it ends, within them.
func FuzzCursor(f *testing.F) {
	for _, s := range malformed {
		f.Add([]byte(s))
	}
	for _, s := range []string{
		"\x00", `{}`, ` [ ] `, `{"a":1,"b":[true,false,null,-1.5e+3],"c":{"d":"}]\"\\"}}`, "\t{ \"\\u0061\\n\" :\r\n\"\\\\\\\"\" , \"\":[ [ ] ,{ } ] }\n", `[[[["]"]]],0]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		if jsontext.Value(raw).IsValid() {
			compare(t, raw)
		} else {
			hostile(t, raw)
		}
		if string(raw) != before {
			t.Error("the bytes were changed")
		}
	})
}

func compare(t *testing.T, raw []byte) {
	t.Helper()
	c := cursor.Cursor{Raw: raw}
	if v := c.Value(); c.Broken || c.Peek() != 0 || c.At != len(raw) || string(v.Of(raw)) != strings.Trim(string(raw), " \t\r\n") {
		t.Fatalf("%q is the value of %q", v.Of(raw), raw)
	}
	got := walked(raw)
	if k := jsontext.Value(raw).Kind(); k != '{' && k != '[' {
		if got != nil {
			t.Errorf("%q has %q", raw, got)
		}
		return
	}
	want := parsed(t, raw)
	if len(got) != len(want) {
		t.Fatalf("%q has %q, want %q", raw, got, want)
	}
	for i, m := range want {
		if got[i] != m {
			t.Fatalf("%q has %q, want %q", raw, got[i], m)
		}
		found(t, raw, m)
		compare(t, []byte(m.value))
	}
}

// found looks for a member by its name.
func found(t *testing.T, raw []byte, want member) {
	t.Helper()
	c := cursor.Cursor{Raw: raw}
	var buf []byte
	if c.Peek() != '{' {
		return
	}
	if !c.Find(want.name, &buf) || string(c.Value().Of(raw)) != want.value {
		t.Errorf("%q is not found in %q", want.name, raw)
	}
	if c.Leave(); c.Broken || c.Peek() != 0 {
		t.Errorf("%q goes on at %d", raw, c.At)
	}
}

// hostile takes all that can be taken from bytes that are no JSON.
func hostile(t *testing.T, raw []byte) {
	t.Helper()
	walked(raw)
	var buf []byte
	for _, walk := range []func(c *cursor.Cursor) bool{
		func(c *cursor.Cursor) bool { c.Skip(); return !c.Broken },
		func(c *cursor.Cursor) bool { c.Leave(); return !c.Broken },
		func(c *cursor.Cursor) bool { return c.Find("none", &buf) },
		func(c *cursor.Cursor) bool { c.Value(); return c.Element(false) },
		func(c *cursor.Cursor) bool { _, _, more := c.Member(false); c.Literal(); return more },
		func(c *cursor.Cursor) bool {
			content, escaped := c.Text()
			cursor.Decode(content, escaped, &buf)
			return !c.Broken
		},
	} {
		c := cursor.Cursor{Raw: raw[:len(raw):len(raw)]}
		for steps, at := 0, 0; walk(&c); steps++ {
			if c.At < at || c.At > len(raw) || steps > len(raw) {
				t.Fatalf("step %d from %d to %d of %d", steps, at, c.At, len(raw))
			}
			at = c.At
		}
		if c.At > len(raw) {
			t.Fatalf("at %d of %d", c.At, len(raw))
		}
	}
}

// TestNoMemory: a walk allocates nothing, but for names with escapes.
func TestNoMemory(t *testing.T) {
	raw := []byte(`{"a":[1,{"b":"c\"d"}],"e":{"f":null},"g":"\u0068"}`)
	n := 0
	if got := testing.AllocsPerRun(100, func() {
		for name, v := range cursor.Members(raw) {
			n += len(name) + len(v)
		}
		c := cursor.Cursor{Raw: raw}
		c.Skip()
	}); got > 0 {
		t.Errorf("%v allocations", got)
	}
}

// TestLinear: a walk that turned back in such bytes, again and again, would not end before the tests' time is over.
func TestLinear(t *testing.T) {
	const n = 1 << 20
	for name, s := range map[string]string{
		"escaped quotes": `["` + strings.Repeat(`\"`, n), "backslashes": `["` + strings.Repeat(`\\`, n) + `"]`, "open lists": strings.Repeat(`[`, n),
		"open objects": strings.Repeat(`{"a":`, n), "strings": `[` + strings.Repeat(`"\"",`, n), "quotes": strings.Repeat(`"`, n), "space": "[" + strings.Repeat(" ", n),
		"one literal": "[" + strings.Repeat("1", n),
	} {
		t.Run(name, func(t *testing.T) { hostile(t, []byte(s)) })
	}
}
