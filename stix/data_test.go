package stix_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

const realData = "../../shared/data/stix"

// realFiles calls f for every file of the real data; without them the test is skipped.
func realFiles(t testing.TB, f func(name string, content []byte)) {
	t.Helper()
	if _, err := os.Stat(realData); err != nil {
		t.Skipf("no real data: %v", err)
	}
	err := filepath.WalkDir(realData, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == ".txt" || filepath.Ext(path) == ".md" {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			name, _ := filepath.Rel(realData, path)
			f(name, content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readAll returns the objects and faults of a stream, and the error that ended it.
func readAll(r *stix.Reader) (objects []stix.Object, faults []*stix.ObjectError, final error) {
	for {
		o, err := r.Next()
		var oe *stix.ObjectError
		switch {
		case err == nil:
			objects = append(objects, o)
		case errors.As(err, &oe):
			faults = append(faults, oe)
		default:
			return objects, faults, err
		}
	}
}

// TestRealData counts what is in the real data, and finds every object's bytes in its file.
func TestRealData(t *testing.T) {
	var files, count, bad int
	var size int64
	kinds := map[error]int{}
	realFiles(t, func(name string, content []byte) {
		files++
		size += int64(len(content))
		objects, faults, final := readAll(stix.NewReader(bytes.NewReader(content)))
		if final != io.EOF {
			t.Errorf("%s: ended with %v", name, final)
		}
		count += len(objects)
		rest := content
		for _, o := range objects {
			at := bytes.Index(rest, o.Raw)
			if at < 0 {
				t.Errorf("%s: the bytes of %s are not there in order", name, o.ID)
				break
			}
			rest = rest[at+len(o.Raw):]
			if !stix.ValidID(o.ID) || stix.TypeOf(o.ID) != o.Type {
				t.Errorf("%s: id %s, type %s", name, o.ID, o.Type)
			}
			if _, err := o.Digest(); err != nil {
				t.Errorf("%s: digest: %v", name, err)
			}
			if o.Version() == 0 && o.Known() && !o.IsSCO() {
				t.Logf("%s: %s has no version", name, o.ID)
			}
		}
		for _, f := range faults {
			bad++
			for _, k := range []error{stix.ErrNotObject, stix.ErrID, stix.ErrProperty, stix.ErrSyntax} {
				if errors.Is(f, k) {
					kinds[k]++
				}
			}
			t.Logf("%s: %v", name, f)
			if strings.HasPrefix(name, "attack") || strings.HasPrefix(name, "unit42") {
				t.Errorf("%s: %v", name, f)
			}
		}
	})
	t.Logf("%d files, %d bytes: %d objects, %d faults %v", files, size, count, bad, kinds)
	if count < 30_000 {
		t.Errorf("only %d objects", count)
	}
}

// TestRealRoundTrip: objects that are read, written into a bundle and read again have the same bytes; so has one that was edited, and edited
// back.
func TestRealRoundTrip(t *testing.T) {
	realFiles(t, func(name string, content []byte) {
		objects, _, _ := readAll(stix.NewReader(bytes.NewReader(content)))
		var bundle bytes.Buffer
		w := stix.NewBundleWriter(&bundle, "bundle--"+uuid)
		for i := range objects {
			if err := w.Write(objects[i].Raw); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, faults, final := readAll(stix.NewReader(&bundle))
		if len(again) != len(objects) || len(faults) > 0 || final != io.EOF {
			t.Fatalf("%s: %d of %d objects, %v, %v", name, len(again), len(objects), faults, final)
		}
		for i := range again {
			if !bytes.Equal(again[i].Raw, objects[i].Raw) {
				t.Errorf("%s: %s was changed", name, again[i].ID)
			}
			if i%10 > 0 {
				continue // all would take too long
			}
			there, err := again[i].Apply(stix.Set("/x_round_trip", i))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			back, err := there.Apply(stix.Remove("/x_round_trip"))
			if err != nil || bytes.Equal(there.Raw, objects[i].Raw) || !bytes.Equal(back.Raw, objects[i].Raw) {
				t.Errorf("%s: %s is another after an edit and its opposite: %v", name, back.ID, err)
			}
		}
	})
}
