package stix_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

func TestBundleWriter(t *testing.T) {
	var buf bytes.Buffer
	w := stix.NewBundleWriter(&buf, "bundle--"+uuid)
	a, b := `{"type":"tool", "id":"`+tool+`"}`, "{\n}"
	for _, raw := range []string{a, b} {
		if err := w.Write([]byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"", "[]", "{", "{}{}", "{]", `{"`} {
		var oe *stix.ObjectError
		if err := w.Write([]byte(bad)); !errors.As(err, &oe) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"bundle","id":"bundle--` + uuid + `","objects":[` + "\n" + a + ",\n" + b + "\n]}\n"
	if buf.String() != want {
		t.Errorf("got %s", buf.String())
	}
	if w.Close() == nil || w.Write([]byte(a)) == nil {
		t.Error("it can be written to after Close")
	}
}

func TestEmptyBundle(t *testing.T) {
	var buf bytes.Buffer
	if err := stix.NewBundleWriter(&buf, "bundle--"+uuid).Close(); err != nil {
		t.Fatal(err)
	}
	objects, faults, final := readAll(stix.NewReader(&buf))
	if len(objects)+len(faults) > 0 || final != io.EOF {
		t.Errorf("%v %v %v", objects, faults, final)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestBundleWriterErrors(t *testing.T) {
	w := stix.NewBundleWriter(failing{}, "bundle--"+uuid)
	raw := []byte(`{"x":"` + strings.Repeat("a", 10_000) + `"}`)
	if err := w.Write(raw); err == nil || w.Close() == nil {
		t.Error("a failing writer is not reported")
	}
	if err := stix.NewBundleWriter(&bytes.Buffer{}, tool).Write(raw); !errors.Is(err, stix.ErrID) {
		t.Error(err)
	}
	if err := stix.NewBundleWriter(&bytes.Buffer{}, `x"`).Close(); !errors.Is(err, stix.ErrID) {
		t.Error(err)
	}
}
