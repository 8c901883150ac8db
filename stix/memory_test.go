package stix_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// endless is a reader of n times the same letter.
type endless struct {
	n    int
	unit byte
}

func (e *endless) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	p = p[:min(len(p), e.n)]
	for i := range p {
		p[i] = e.unit
	}
	e.n -= len(p)
	return len(p), nil
}

// TestMemory: 300 MB where one object is expected cost no more than the limit, wherever they stand.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 2 GB")
	}
	const size = 300 << 20
	id := `"type":"tool","id":"` + tool + `"`
	for name, c := range map[string]struct {
		before, after string
		unit          byte
		id            string
	}{
		"string in a bundle":  {`{"type":"bundle","objects":[` + ob(1) + `,{` + id + `,"x":"`, `"},` + ob(2) + "]}", 'x', tool},
		"string before type":  {ob(1) + `{"x":"`, `",` + id + "}" + ob(2), 'x', ""},
		"string of a line":    {ob(1) + "\n{" + id + `,"x":"`, "\"}\n" + ob(2), '\\', tool},
		"string in bundle's":  {ob(1) + `{"type":"bundle","x":"`, `","objects":[1,` + ob(2) + "]}", 'x', ""},
		"string, then bundle": {ob(1) + `{"x":"`, `","objects":[1,` + ob(2) + "]}", 'x', ""},
		"string in a list":    {"[" + ob(1) + `,"`, `",` + ob(2) + "]", 'x', ""},
		"number":              {"[" + ob(1) + ",1", "," + ob(2) + "]", '1', ""},
		"white space":         {"[" + ob(1) + ",{" + id, `,"x":[}]},` + "\n" + ob(2), ' ', tool},
		"garbage":             {ob(1) + "\nfoo", "\n" + ob(2), 'x', ""},
	} {
		r := stix.NewReader(io.MultiReader(strings.NewReader(c.before), &endless{size, c.unit}, strings.NewReader(c.after)))
		var was, is runtime.MemStats
		runtime.ReadMemStats(&was)
		objects, faults, final := readAll(r)
		runtime.ReadMemStats(&is)
		if name == "white space" { // its brackets do not match either
			if len(objects) != 1 || !errors.Is(final, stix.ErrSyntax) {
				t.Errorf("%s: %d objects, %v, %v", name, len(objects), faults, final)
			}
		} else if len(objects) != 2 || len(faults) != 1 || final != io.EOF || faults[0].ID != c.id {
			t.Errorf("%s: %d objects, %v, %v", name, len(objects), faults, final)
		}
		if all := is.TotalAlloc - was.TotalAlloc; all > 40<<20 {
			t.Errorf("%s: allocated %d MB in all", name, all>>20)
		}
	}
}

// TestMemoryOfDepth: neither does depth cost memory.
func TestMemoryOfDepth(t *testing.T) {
	const size = 50 << 20
	r := stix.NewReader(io.MultiReader(strings.NewReader("["+ob(1)+`,{"x":`), &endless{size, '['}, &endless{size, ']'}, strings.NewReader("},"+ob(2)+"]")))
	objects, faults, final := readAll(r)
	if len(objects) != 2 || len(faults) != 1 || !errors.Is(faults[0], stix.ErrTooLarge) || final != io.EOF {
		t.Errorf("%d objects, %v, %v", len(objects), faults, final)
	}
}
