package author

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// floor is what precision and recall of a kind must reach that has more than enough values to say so.
const (
	floor  = 0.95
	enough = 20
)

// tally counts values of a kind.
type tally struct {
	hit, missed, wrong            int // of what is in the texts
	chosen, overlooked, unwelcome int // of what is wanted, by what is suggested
}

func ratio(part, rest int) float64 {
	if part+rest == 0 {
		return 1
	}
	return float64(part) / float64(part+rest)
}

type truth map[string]bool // by kind and digest; the value is whether it is wanted

func readTruth(t *testing.T) map[string]truth {
	t.Helper()
	f, err := os.Open("testdata/truth.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]truth{}
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		w := strings.Fields(s.Text())
		if len(w) != 4 {
			t.Fatalf("%q", s.Text())
		}
		if all[w[0]] == nil {
			all[w[0]] = truth{}
		}
		all[w[0]][w[1]+" "+w[3]] = w[2] == "wanted"
	}
	return all
}

func label(c *Candidate) string {
	sum := sha256.Sum256([]byte(string(c.Kind) + "\n" + c.Value))
	return string(c.Kind) + " " + hex.EncodeToString(sum[:])
}

// TestRealReports measures precision and recall on published reports, against what a person found in them.
func TestRealReports(t *testing.T) {
	reports := readTruth(t)
	for _, part := range []struct{ name, prefix string }{
		{"ten reports that were read while the extractor was written, and eleven lists of hashes", ""},
		{"seven that were not", "later/"},
	} {
		tallies := map[Kind]*tally{}
		for _, k := range Kinds {
			tallies[k] = &tally{}
		}
		for _, name := range slices.Sorted(maps.Keys(reports)) {
			if later := strings.HasPrefix(name, "later/"); later == (part.prefix != "") {
				measure(t, strings.TrimPrefix(name, "later/"), reports[name], tallies)
			}
		}
		t.Log(part.name)
		for _, k := range Kinds {
			tallies[k].report(t, k)
		}
	}
}

// measure compares what is found in a file with what is in it.
func measure(t *testing.T, name string, want truth, tallies map[Kind]*tally) {
	t.Helper()
	folder := "ioc/eset"
	if strings.HasSuffix(name, ".adoc") {
		folder = "reports/eset"
	}
	text, err := os.ReadFile(filepath.Join("../../../shared/data", folder, name))
	if err != nil {
		t.Skipf("the reports are not there: %v", err)
	}
	e, err := Extract(string(text), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, name, &e, want, tallies)
}

func (n *tally) report(t *testing.T, k Kind) {
	t.Helper()
	if n.hit+n.missed+n.wrong == 0 {
		return
	}
	t.Logf("%-9s %5d in the texts: precision %.3f, recall %.3f; %4d wanted: precision %.3f, recall %.3f", k, n.hit+n.missed,
		ratio(n.hit, n.wrong), ratio(n.hit, n.missed), n.chosen+n.overlooked, ratio(n.chosen, n.unwelcome), ratio(n.chosen, n.overlooked))
	if n.hit+n.missed > enough && min(ratio(n.hit, n.wrong), ratio(n.hit, n.missed)) < floor {
		t.Errorf("%s: below %.2f", k, floor)
	}
}

func compare(t *testing.T, name string, e *Extraction, want truth, tallies map[Kind]*tally) {
	found := map[string]bool{}
	for i := range e.Candidates {
		c := &e.Candidates[i]
		n, l := tallies[c.Kind], label(c)
		found[l] = true
		wanted, in := want[l]
		switch {
		case in:
			n.hit++
		default:
			n.wrong++
			t.Logf("%s: not in it: %s %q, line %d", name, c.Kind, c.Value, c.Places[0].Line)
		}
		switch {
		case c.Selected && wanted:
			n.chosen++
		case c.Selected:
			n.unwelcome++
			if in && testing.Verbose() {
				t.Logf("%s: selected and not wanted: %s %q", name, c.Kind, c.Value)
			}
		case wanted:
			n.overlooked++
			if testing.Verbose() {
				t.Logf("%s: wanted and not selected: %s %q: %s", name, c.Kind, c.Value, c.Why.Code)
			}
		}
	}
	for l, wanted := range want {
		if found[l] {
			continue
		}
		kind, digest, _ := strings.Cut(l, " ")
		n := tallies[Kind(kind)]
		n.missed++
		if wanted {
			n.overlooked++
		}
		t.Logf("%s: missed: %s %s", name, kind, digest)
	}
}
