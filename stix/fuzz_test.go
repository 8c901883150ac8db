package stix_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
)

var seeds = []string{
	ob(1), "[" + ob(1) + ",1]", `{"type":"bundle","id":"bundle--` + uuid + `","objects":[` + ob(1) + "," + ob(2) + "]}",
	ob(1) + "\n{\"type\":\"tool\"\n" + ob(2), `{"objects":[],"type":"x"}`, "\xEF\xBB\xBF[]", pack(ob(1)),
	`{"type":"indicator","id":"indicator--` + uuid + `","spec_version":"2.1","created":"2026-01-01T00:00:00.000Z",` +
		`"modified":"2026-01-01T00:00:00.5Z","labels":["a"],"object_marking_refs":["` + markingID + `"],"granular_markings":` +
		`[{"lang":"ja","selectors":["name"]}],"pattern":"[url:value = 'http://a.example/\u0000']","revoked":false}`,
	`{"type":"network-traffic","id":"network-traffic--` + uuid + `","src_ref":"ipv4-addr--` + uuid + `","protocols":["tcp"]}`,
	`{"type":"file","hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"},"name":"攻撃.exe","size":-1.0e3}`,
	markingOf(stix.TLPRed.MarkingID(), `,"extensions":{"`+tlpExt+`":{"extension_type":"property-extension","tlp_2_0":"red"}}`),
	markingOf(markingID, `,"definition_type":"statement","definition":{"statement":"Copyright"}`),
	acsOf(acsHead + `,"control_set":{"classification":"S","permitted_nationalities":["JPN"],"entity":["GOV"]}`),
}

func seed(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
}

// FuzzReader: it ends, whatever comes; pieces make no difference; what it reads are objects of the stream; and where a
// naive reading of the whole works, it reads the same.
func FuzzReader(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, stream []byte) {
		limits := []stix.Option{stix.MaxInput(1 << 20), stix.MaxObject(300)}
		whole := outcome(stix.NewReader(bytes.NewReader(stream), limits...))
		bit := outcome(stix.NewReader(iotest.OneByteReader(bytes.NewReader(stream)), limits...))
		if whole != bit {
			t.Errorf("at once\n%s\nbyte by byte\n%s", whole, bit)
		}
		if bytes.HasPrefix(stream, []byte("\x1f")) {
			return
		}
		rest := stream
		objects, _, final := readAll(stix.NewReader(bytes.NewReader(stream)))
		for _, o := range objects {
			at := bytes.Index(rest, o.Raw)
			if at < 0 {
				t.Fatalf("%s is not in the stream", o.Raw)
			}
			rest = rest[at+len(o.Raw):]
		}
		if want, ok := naive(bytes.TrimPrefix(stream, []byte("\xEF\xBB\xBF"))); ok {
			same(t, "stream", stream, want)
			if final != io.EOF {
				t.Errorf("valid JSON ended with %v", final)
			}
		}
	})
}

// FuzzParse: what it accepts is valid, is kept, has a digest, and reads the same from a stream and in canonical form.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		id, idErr := stix.DeterministicID(raw)
		if (idErr == nil) != stix.ValidID(id) {
			t.Errorf("id %q, %v", id, idErr)
		}
		o, err := stix.Parse(raw)
		if string(raw) != before {
			t.Fatal("the input was changed")
		}
		if err != nil {
			var oe *stix.ObjectError
			if !errors.As(err, &oe) || strings.ContainsAny(err.Error(), "\x1b\r") {
				t.Fatalf("%q", err)
			}
			return
		}
		if string(o.Raw) != before || !jsontext.Value(raw).IsValid() || stix.TypeOf(o.ID) != o.Type {
			t.Fatalf("%+v", o)
		}
		streamed, err := stix.NewReader(bytes.NewReader([]byte("[" + before + "]"))).Next()
		if err != nil || !reflect.DeepEqual(streamed, o) {
			t.Fatalf("from a stream: %+v, %v", streamed, err)
		}
		canonical := jsontext.Value(bytes.Clone(raw))
		if err := canonical.Canonicalize(); err != nil {
			t.Fatal(err)
		}
		other, err := stix.Parse(canonical)
		if err != nil || !reflect.DeepEqual(other.Header, o.Header) {
			t.Fatalf("in canonical form: %+v, %v", other, err)
		}
		a, errA := o.Digest()
		b, errB := other.Digest()
		if a != b || errA != nil || errB != nil {
			t.Fatalf("digests differ: %v, %v", errA, errB)
		}
	})
}

// FuzzParseMarking: a marking has one meaning or none, and the same in every notation.
func FuzzParseMarking(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := stix.ParseMarking(raw)
		if err != nil {
			return
		}
		meanings := 0
		for _, is := range []bool{m.TLP != stix.TLPNone, m.Statement, m.ACS != nil, m.Unknown} {
			if is {
				meanings++
			}
		}
		if meanings != 1 || m.TLP != stix.TLPNone && m.TLP != stix.TLPOf(m.ID) {
			t.Fatalf("%+v", m)
		}
		canonical := jsontext.Value(bytes.Clone(raw))
		if err := canonical.Canonicalize(); err != nil {
			t.Fatal(err)
		}
		if other, err := stix.ParseMarking(canonical); err != nil || !reflect.DeepEqual(other, m) {
			t.Fatalf("%+v, in canonical form %+v, %v", m, other, err)
		}
	})
}
