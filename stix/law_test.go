package stix_test

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/stix"
)

// space is white space that JSON allows anywhere.
func space(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", " ", "\n", "\r\n\t", "\n    "}).Draw(t, "space")
}

// str is a string in one of its notations, full of what looks like structure.
func str(t *rapid.T) string {
	s := rapid.StringOf(rapid.SampledFrom([]rune("ab\"\\{}[]:,\n\t/攻😀\u2028"))).Draw(t, "string")
	b, _ := jsontext.AppendQuote(nil, s)
	if rapid.Bool().Draw(t, "escaped") {
		b = bytes.ReplaceAll(b, []byte("a"), []byte(`\u0061`))
		b = bytes.ReplaceAll(b, []byte("{"), []byte(`\u007b`))
	}
	return string(b)
}

func value(t *rapid.T, depth int) string {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return str(t)
	case 1:
		return strconv.FormatFloat(rapid.Float64().Draw(t, "number"), 'g', -1, 64)
	case 2:
		return rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "name")
	case 3:
		return rapid.SampledFrom([]string{"{}", "[]", "{ }", "[\n]"}).Draw(t, "empty")
	case 4:
		var parts []string
		for range rapid.IntRange(1, 3).Draw(t, "elements") {
			parts = append(parts, space(t)+value(t, depth-1)+space(t))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	var parts []string
	for i := range rapid.IntRange(1, 3).Draw(t, "members") {
		parts = append(parts, space(t)+`"`+strconv.Itoa(i)+`objects"`+space(t)+":"+value(t, depth-1)+space(t))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// object is a random one that a Reader takes in any shape.
func object(t *rapid.T) string {
	typ := rapid.SampledFrom([]string{"tool", "malware", "x-a", "file", "observed-data"}).Draw(t, "type")
	id := rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`).Draw(t, "uuid")
	members := []string{`"type":"` + typ + `"`, `"id" : "` + typ + "--" + id + `"`}
	for i := range rapid.IntRange(0, 3).Draw(t, "others") {
		members = append(members, `"x`+strconv.Itoa(i)+`":`+value(t, 3))
	}
	if rapid.Bool().Draw(t, "with objects") {
		members = append(members, `"objects":{"a":`+value(t, 2)+"}")
	}
	for i, m := range rapid.Permutation(members).Draw(t, "order") {
		members[i] = space(t) + m + space(t)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// wrap puts objects into one of the shapes.
func wrap(t *rapid.T, objects []string) string {
	switch rapid.IntRange(0, 3).Draw(t, "shape") {
	case 0:
		return "[" + space(t) + strings.Join(objects, space(t)+","+space(t)) + space(t) + "]"
	case 1:
		return strings.Join(objects, space(t))
	case 2:
		return strings.Join(objects, "\n") + "\n"
	}
	list := `"objects":` + space(t) + "[" + strings.Join(objects, space(t)+","+space(t)) + "]"
	members := []string{list}
	for _, m := range []string{`"type":"bundle"`, `"id":"bundle--` + uuid + `"`, `"spec_version" : "2.0"`, `"x":` + value(t, 3)} {
		if rapid.Bool().Draw(t, "member") {
			members = append(members, m)
		}
	}
	return "{" + space(t) + strings.Join(rapid.Permutation(members).Draw(t, "order"), space(t)+","+space(t)) + "}"
}

// TestLawShapes: whatever the shape and the pieces in which it comes, the same objects are read, byte for byte, and
// what [stix.BundleWriter] writes of them reads the same again.
func TestLawShapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []string
		stream := ""
		for range rapid.IntRange(0, 3).Draw(t, "streams") {
			objects := rapid.SliceOfN(rapid.Custom(object), 0, 5).Draw(t, "objects")
			stream += wrap(t, objects) + space(t)
			want = append(want, objects...)
		}
		if rapid.Bool().Draw(t, "mark") {
			stream = "\xEF\xBB\xBF" + stream
		}
		if rapid.Bool().Draw(t, "packed") {
			stream = pack(stream)
		}
		var src io.Reader = strings.NewReader(stream)
		if rapid.Bool().Draw(t, "bytes") {
			src = iotest.OneByteReader(src)
		}
		var bundle bytes.Buffer
		w := stix.NewBundleWriter(&bundle, "bundle--"+uuid)
		check(t, want, stix.NewReader(src), w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		check(t, want, stix.NewReader(&bundle), nil)
	})
}

func check(t *rapid.T, want []string, r *stix.Reader, w *stix.BundleWriter) {
	got, faults, final := readAll(r)
	if final != io.EOF || len(faults) > 0 || len(got) != len(want) {
		t.Fatalf("%d of %d objects, %v, %v", len(got), len(want), faults, final)
	}
	for i := range got {
		if string(got[i].Raw) != want[i] {
			t.Fatalf("object %d is %s, want %s", i, got[i].Raw, want[i])
		}
		if o, err := stix.Parse([]byte(want[i])); err != nil || o.ID != got[i].ID || o.Type != got[i].Type {
			t.Fatalf("Parse: %v", err)
		}
		if w != nil {
			if err := w.Write(got[i].Raw); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestLawDigest: order, white space and notation do not change a digest; a changed string does.
func TestLawDigest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := str(t)
		members := []string{`"a":` + text, `"b":` + value(t, 3), `"c":` + value(t, 3), `"攻":1`}
		digest := func(order []string) [32]byte {
			o := stix.Object{Raw: []byte("{" + strings.Join(order, space(t)+",") + space(t) + "}")}
			d, err := o.Digest()
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		want := digest(members)
		if order := rapid.Permutation(members).Draw(t, "order"); digest(order) != want {
			t.Fatalf("%s has another digest", order)
		}
		members[0] = `"a":"x` + text[1:]
		if digest(members) == want {
			t.Fatal("the digest does not depend on the content")
		}
	})
}

// naive reads a whole stream at once: a reference for the Reader. It knows nothing of faults, nor of scalars, which
// need no space between them here.
func naive(stream []byte) (raws []string, ok bool) {
	d := jsontext.NewDecoder(bytes.NewReader(stream))
	for {
		v, err := d.ReadValue()
		if errors.Is(err, io.EOF) {
			return raws, true
		}
		if err != nil || v.Kind() != '{' && v.Kind() != '[' {
			return nil, false
		}
		for _, e := range naiveObjects(v.Clone()) {
			if o, err := stix.Parse(e); err == nil {
				raws = append(raws, string(o.Raw))
			}
		}
	}
}

func naiveObjects(v jsontext.Value) (objects []jsontext.Value) {
	list := v
	if v.Kind() == '{' {
		list = nil
		d := jsontext.NewDecoder(bytes.NewReader(v))
		_, _ = d.ReadToken()
		for d.PeekKind() == '"' {
			name, _ := d.ReadToken()
			key := name.String()
			m, _ := d.ReadValue()
			if key == "type" && string(m) != `"bundle"` && list == nil {
				return []jsontext.Value{v}
			}
			if key == "objects" && m.Kind() == '[' {
				list = m.Clone()
			}
		}
	}
	if list.Kind() != '[' {
		return []jsontext.Value{v}
	}
	d := jsontext.NewDecoder(bytes.NewReader(list))
	_, _ = d.ReadToken()
	for d.PeekKind() != ']' {
		e, err := d.ReadValue()
		if err != nil {
			return nil
		}
		objects = append(objects, e.Clone())
	}
	return objects
}

// TestReference compares the Reader with the naive reading of all the real data.
func TestReference(t *testing.T) {
	realFiles(t, func(name string, content []byte) {
		want, ok := naive(content)
		if !ok {
			t.Errorf("%s cannot be read naively", name)
		}
		same(t, name, content, want)
	})
}

func same(t *testing.T, name string, stream []byte, want []string) {
	t.Helper()
	got, faults, _ := readAll(stix.NewReader(bytes.NewReader(stream)))
	if len(got) != len(want) {
		t.Errorf("%s: %d objects, naively %d: %v", name, len(got), len(want), faults)
		return
	}
	for i := range got {
		if string(got[i].Raw) != want[i] {
			t.Errorf("%s: object %d differs: %s", name, i, got[i].Raw)
		}
	}
}
