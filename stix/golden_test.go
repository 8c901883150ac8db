package stix_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// TestGolden holds every must finding in the real data, and every object that cannot be read, against testdata/findings.golden, where each has
// been looked at: docs/real-data.md says what is wrong with them. The other findings are counted by source and code.
func TestGolden(t *testing.T) {
	var lines []string
	should := map[string]int{}
	v := stix.NewValidator()
	realFiles(t, func(name string, content []byte) {
		objects, faults, _ := readAll(stix.NewReader(bytes.NewReader(content)))
		for _, f := range faults {
			lines = append(lines, fmt.Sprintf("%s object %d refused: %s", filepath.ToSlash(name), f.Index, sentinel(f)))
		}
		for i := range objects {
			o := &objects[i]
			for _, f := range v.Validate(o) {
				if f.Level == stix.Must {
					lines = append(lines, fmt.Sprintf("%s %s %s %s", filepath.ToSlash(name), o.ID, f.Code, f.Pointer))
				} else {
					group, _, _ := strings.Cut(filepath.ToSlash(name), "/")
					should[fmt.Sprintf("%s %s %s", group, f.Level, f.Code)]++
				}
			}
		}
	})
	sort.Strings(lines)
	var b bytes.Buffer
	for _, l := range lines {
		fmt.Fprintln(&b, l)
	}
	counts := make([]string, 0, len(should))
	for k, n := range should {
		counts = append(counts, fmt.Sprintf("%s %d", k, n))
	}
	sort.Strings(counts)
	for _, c := range counts {
		fmt.Fprintln(&b, "# "+c)
	}
	const golden = "testdata/findings.golden"
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, want, b.Bytes())
}

// sentinel is the error that a fault wraps.
func sentinel(f *stix.ObjectError) error {
	for _, e := range []error{stix.ErrSyntax, stix.ErrNotObject, stix.ErrTooLarge, stix.ErrTooDeep, stix.ErrID, stix.ErrProperty} {
		if errors.Is(f, e) {
			return e
		}
	}
	return f.Err
}

// diff reports lines that one has and the other has not.
func diff(t *testing.T, want, got []byte) {
	t.Helper()
	count := map[string]int{}
	for s := bufio.NewScanner(bytes.NewReader(want)); s.Scan(); {
		count[s.Text()]++
	}
	for s := bufio.NewScanner(bytes.NewReader(got)); s.Scan(); {
		count[s.Text()]--
	}
	for line, n := range count {
		switch {
		case n > 0:
			t.Errorf("is no longer found: %s", line)
		case n < 0:
			t.Errorf("is found now: %s", line)
		}
	}
}
