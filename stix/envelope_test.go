package stix_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wagasa/wagasa/stix"
)

// envelopesOf is what a reader says of the bundles of a stream, and how many objects it has counted.
func envelopesOf(in io.Reader) (string, int) {
	var b strings.Builder
	r := stix.NewReader(in, stix.Envelopes(func(o stix.Object, err error) {
		fmt.Fprintf(&b, "%s|%s|%s|%s", o.Raw, o.ID, o.Type, o.SpecVersion)
		var oe *stix.ObjectError
		if errors.As(err, &oe) {
			fmt.Fprintf(&b, "|%d %d %v", oe.Index, oe.Offset, err)
		}
		b.WriteString("\n")
	}))
	readAll(r)
	return b.String(), r.Count()
}

func TestEnvelopes(t *testing.T) {
	two := "[" + ob(1) + "," + ob(2) + "]"
	for name, c := range map[string]struct {
		in, want string
		n        int
	}{
		"usual":          {`{"type":"bundle","id":"bundle--1","objects":` + two + `}`, `{"type":"bundle","id":"bundle--1"}|bundle--1|bundle|`, 2},
		"objects first":  {`{"objects":` + two + `,"id":"b", "x" : [{"objects":[1]}],"type":"bundle"}`, `{"id":"b","x":[{"objects":[1]}],"type":"bundle"}|b|bundle|`, 2},
		"objects last":   {`{ "id" : "b" , "spec_version":"2.0" , "objects" : ` + two + ` } `, `{ "id" : "b" , "spec_version":"2.0"}|b|bundle|2.0`, 2},
		"objects alone":  {`{"objects":` + two + `}`, `{}||bundle|`, 2},
		"escaped":        {`{"t\u0079pe":"bundle","\u006fbjects":` + two + `,"a\"}":-1.5e3}`, `{"t\u0079pe":"bundle","a\"}":-1.5e3}||bundle|`, 2},
		"empty list":     {`{"type":"bundle","objects":[ ]}`, `{"type":"bundle","objects":[]}||bundle|`, 0},
		"empty, first":   {`{"objects":[],"type":"bundle"}`, `{"objects":[],"type":"bundle"}||bundle|`, 0},
		"only refused":   {`{"type":"bundle","objects":[1]}`, `{"type":"bundle"}||bundle|`, 1},
		"no objects":     {`{"type":"bundle","id":"b","x":true}`, `{"type":"bundle","id":"b","x":true}|b|bundle|`, 0},
		"no list":        {`{"type":"bundle","objects":{"a":1}}`, `{"type":"bundle","objects":{"a":1}}||bundle|`, 0},
		"twice":          {`{"type":"bundle","objects":` + two + `,"x":1,"objects":[2],"y":2}`, `{"type":"bundle","x":1,"y":2}||bundle|`, 2},
		"two":            {`{"type":"bundle","id":"a"}` + ob(1) + `{"objects":[` + ob(2) + `],"id":"b"}`, `{"type":"bundle","id":"a"}|a|bundle|` + "\n" + `{"id":"b"}|b|bundle|`, 2},
		"name twice":     {`{"type":"bundle","type":"bundle","objects":` + two + `}`, `{"type":"bundle","type":"bundle"}||bundle||2 0 object 3 (at byte 0): not valid JSON: a name occurs twice at byte 17 in /type`, 2},
		"no value":       {`{"type":"bundle","x":nul,"objects":` + two + `}`, `{"type":"bundle","x":nul}||bundle||2 0 object 3 (at byte 0): not valid JSON: invalid character '}' in literal null (expecting 'l') at byte 24 in /x`, 2},
		"deep":           {`{"type":"bundle","x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, `{"type":"bundle","x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}||bundle||0 0 object 1 (at byte 0): nested too deeply: more than 100 levels`, 0},
		"long value":     {`{"type":"bundle","x":"` + strings.Repeat("x", 1<<17) + `","objects":` + two + `}`, `||bundle||2 0 object 3 (at byte 0): too large: the bundle has more than 65536 bytes beside its objects`, 2},
		"long before":    {`{"x":"` + strings.Repeat("x", 1<<17) + `","objects":` + two + `}`, `||bundle||2 0 object 3 (at byte 0): too large: the bundle has more than 65536 bytes beside its objects`, 2},
		"cut short":      {`{"type":"bundle","objects":` + two, "", 2},
		"none":           {ob(1) + "\n" + two, "", 3},
		"another type":   {`{"objects":` + two + `,"type":"grouping"}`, "", 2},
		"then an object": {`{"objects":` + two + `,"type":"grouping"}` + ob(3), "", 3},
	} {
		want := c.want
		if want != "" {
			want += "\n"
		}
		got, n := envelopesOf(strings.NewReader(c.in))
		if got != want || n != c.n {
			t.Errorf("%s: %d objects, got\n%swant\n%s", name, n, got, want)
		}
		if bit, m := envelopesOf(iotest.OneByteReader(strings.NewReader(c.in))); bit != got || m != n {
			t.Errorf("%s: byte by byte it says\n%s", name, bit)
		}
	}
}

// TestEnvelopeBeyondTheLimit: what came before it was clear that it is a bundle may be more than the reader keeps of one object.
func TestEnvelopeBeyondTheLimit(t *testing.T) {
	for _, in := range []string{
		`{"x":"` + strings.Repeat("x", 1<<18) + `","objects":[` + ob(1) + `]}`,
		`{"x":"` + strings.Repeat("x", 1<<18) + `","type":"bundle","objects":[` + ob(1) + `]}`,
	} {
		var got error
		r := stix.NewReader(strings.NewReader(in), stix.MaxObject(2000), stix.Envelopes(func(_ stix.Object, err error) { got = err }))
		objects, faults, final := readAll(r)
		if !errors.Is(got, stix.ErrTooLarge) || len(objects) != 1 || len(faults) != 0 || final != io.EOF {
			t.Errorf("%v; %d objects, %v, %v", got, len(objects), faults, final)
		}
	}
}

// TestEnvelopeOwnsItsBytes: the reader goes on with its memory.
func TestEnvelopeOwnsItsBytes(t *testing.T) {
	var all []string
	var kept []stix.Object
	in := `{"type":"bundle","id":"a"}{"type":"bundle","id":"b"}`
	readAll(stix.NewReader(strings.NewReader(in), stix.Envelopes(func(o stix.Object, _ error) { kept = append(kept, o) })))
	for _, o := range kept {
		all = append(all, string(o.Raw))
	}
	if len(all) != 2 || all[0] != in[:26] || all[1] != in[26:] {
		t.Errorf("%q", all)
	}
}

// TestRefused: the bytes of what is refused for its content come before the error, and no others.
func TestRefused(t *testing.T) {
	bad := `{"type":"tool","id":"` + tool + `","created":"yesterday"}`
	large := `{"type":"tool","id":"` + tool + `","x":"` + strings.Repeat("x", 3000) + `"}`
	in := "[" + ob(1) + "," + bad + ",1," + large + `,{"a":}]`
	var got []string
	r := stix.NewReader(strings.NewReader(in), stix.MaxObject(2000), stix.Refused(func(raw []byte, err *stix.ObjectError) {
		got = append(got, fmt.Sprintf("%d %s", err.Index, raw))
	}))
	_, faults, _ := readAll(r)
	if want := []string{"1 " + bad, `4 {"a":}`}; fmt.Sprint(got) != fmt.Sprint(want) || len(faults) != 4 {
		t.Errorf("%q, %v", got, faults)
	}
}
