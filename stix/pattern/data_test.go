package pattern_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

const realFolder = "../../../shared/data/stix"

// realPattern is the pattern of an indicator, and where it was first found.
type realPattern struct{ text, version, file string }

// realPatterns are the different patterns of all indicators in the real data, and how many indicators have them. Without the data the
// test is skipped.
func realPatterns(t testing.TB) ([]realPattern, int) {
	t.Helper()
	if _, err := os.Stat(realFolder); err != nil {
		t.Skipf("no real data: %v", err)
	}
	d, err := readReal()
	if err != nil {
		t.Fatal(err)
	}
	if len(d.list) < 5000 {
		t.Fatalf("only %d patterns are found in the real data", len(d.list))
	}
	return d.list, d.count
}

type realData struct {
	list  []realPattern
	count int
}

var readReal = sync.OnceValues(func() (*realData, error) {
	seen := map[string]realPattern{}
	count := 0
	err := filepath.WalkDir(realFolder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" && filepath.Ext(path) != ".jsonl" {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		name, _ := filepath.Rel(realFolder, path)
		r := stix.NewReader(f)
		for {
			o, err := r.Next()
			var bad *stix.ObjectError
			if errors.As(err, &bad) {
				continue
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if o.Type != "indicator" {
				continue
			}
			m := members(o.Raw)
			if kind := m["pattern_type"]; m["pattern"] == "" || kind != "" && kind != "stix" {
				continue
			}
			version := m["pattern_version"]
			if m["spec_version"] == "" {
				version = "2.0"
			}
			count++
			if _, ok := seen[m["pattern"]]; !ok {
				seen[m["pattern"]] = realPattern{m["pattern"], version, name}
			}
		}
	})
	var list []realPattern
	for _, text := range slices.Sorted(maps.Keys(seen)) {
		list = append(list, seen[text])
	}
	return &realData{list, count}, err
})

// members are the strings at the top of an object.
func members(raw []byte) map[string]string {
	m := map[string]string{}
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadToken(); err != nil {
		return m
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return m
		}
		key := name.String()
		v, err := d.ReadValue()
		if err != nil {
			return m
		}
		if s, err := jsontext.AppendUnquote(nil, v); err == nil {
			m[key] = string(s)
		}
	}
	return m
}

// TestRealPatterns: each parses, and what it is printed as parses to the same tree.
func TestRealPatterns(t *testing.T) {
	list, count := realPatterns(t)
	refused := map[string]string{}
	for _, real := range list {
		p, err := pattern.Parse(real.text)
		if err != nil {
			refused[real.text] = err.Error()
			t.Logf("%s: %v\n\t%s", real.file, err, real.text)
			continue
		}
		sameAgain(t, p)
	}
	for text := range refused {
		if _, ok := trueFaults[text]; !ok {
			t.Errorf("refused: %s\n\t%s", refused[text], text)
		}
	}
	for text := range trueFaults {
		if _, ok := refused[text]; !ok {
			t.Errorf("no longer refused, or no longer there: %s", text)
		}
	}
	t.Logf("%d indicators with %d different patterns, of which %d are no patterns", count, len(list), len(refused))
}

// trueFaults are the real patterns that are none, and why.
var trueFaults = map[string]string{}
