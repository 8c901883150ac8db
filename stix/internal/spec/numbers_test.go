package spec

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "append the numbers that testdata/numbers.txt does not have yet")

const numbersFile = "testdata/numbers.txt"

// numbers collects one line for each number of the table: "kind scope number name".
type numbers struct {
	lines   []string
	structs map[*Struct]bool
	vocabs  map[*Vocabulary]bool
}

func (n *numbers) add(kind, scope string, number int, name string) {
	n.lines = append(n.lines, fmt.Sprintf("%s %s %d %s", kind, scope, number, name))
}

func (n *numbers) addStruct(s *Struct) {
	if s == nil || n.structs[s] {
		return
	}
	n.structs[s] = true
	n.add("struct", "-", int(s.ID), s.Name)
	for i := range s.Properties {
		n.addProperty(s.Name, &s.Properties[i])
	}
}

func (n *numbers) addProperty(scope string, p *Property) {
	if p.ID > 0 && p.ID < 32 {
		scope = "common"
	}
	if p.Name != "" {
		n.add("property", scope, int(p.ID), p.Name)
	}
	n.addStruct(p.Struct)
	n.addVocabulary(p.Vocab)
	if p.Value != nil {
		n.addProperty(scope, p.Value)
	}
}

func (n *numbers) addVocabulary(v *Vocabulary) {
	if v == nil || n.vocabs[v] {
		return
	}
	n.vocabs[v] = true
	n.add("vocabulary", "-", int(v.ID), v.Name)
	for i, value := range v.Values {
		n.add("value", v.Name, i, value)
	}
}

// tableNumbers are the lines that are true today, sorted by family.
func tableNumbers() []string {
	n := &numbers{structs: map[*Struct]bool{}, vocabs: map[*Vocabulary]bool{}}
	for _, s := range Standard.Objects() {
		n.addStruct(s)
	}
	for _, v := range Vocabularies {
		n.addVocabulary(v)
	}
	for _, e := range Standard.Extensions() {
		n.addStruct(e.Members)
		for i := range e.Top {
			n.addProperty(e.ID, &e.Top[i])
		}
	}
	var list []string
	seen := map[string]bool{}
	for _, line := range n.lines {
		if !seen[line] {
			seen[line] = true
			list = append(list, line)
		}
	}
	return list
}

// clash returns why a list of lines gives one number two names, or one name two numbers; "" if it does not.
func clash(lines []string) string {
	seen := map[string]string{}
	for _, line := range lines {
		f := strings.SplitN(line, " ", 4)
		if len(f) != 4 {
			return fmt.Sprintf("%q is no line of numbers", line)
		}
		for _, key := range []string{f[0] + " " + f[1] + " #" + f[2], f[0] + " " + f[1] + " =" + f[3]} {
			if old, ok := seen[key]; ok {
				return fmt.Sprintf("%q and %q share a number or a name", old, line)
			}
			seen[key] = line
		}
	}
	return ""
}

// broken returns the written lines that hold no longer, and the lines that are not written yet.
func broken(written, now []string) (untrue, missing []string) {
	for _, line := range written {
		if !slices.Contains(now, line) {
			untrue = append(untrue, line)
		}
	}
	for _, line := range now {
		if !slices.Contains(written, line) {
			missing = append(missing, line)
		}
	}
	return untrue, missing
}

// TestNumbers holds that numbers once given stay: what is stored or sent may carry them.
func TestNumbers(t *testing.T) {
	raw, err := os.ReadFile(numbersFile)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	written := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if len(raw) == 0 {
		written = nil
	}
	now := tableNumbers()
	if s := clash(now); s != "" {
		t.Fatal(s)
	}
	untrue, missing := broken(written, now)
	for _, line := range untrue {
		t.Errorf("%s says %q, the table does not: a number is never changed or given away", numbersFile, line)
	}
	if s := clash(slices.Concat(written, missing)); s != "" {
		t.Errorf("with what was written before: %s", s)
	}
	if t.Failed() || len(missing) == 0 {
		return
	}
	if !*update {
		t.Fatalf("%d numbers are new, the first is %q: go test ./stix/internal/spec -run TestNumbers -update", len(missing), missing[0])
	}
	all := strings.Join(slices.Concat(written, missing), "\n") + "\n"
	if err := os.WriteFile(numbersFile, []byte(all), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestNumbersAreHeld holds that TestNumbers would see what it is for.
func TestNumbersAreHeld(t *testing.T) {
	written := []string{"struct - 1 a", "property a 32 name", "value v 0 x"}
	for name, tc := range map[string]struct {
		now              []string
		untrue, missing  int
		clashes, clashed bool
	}{
		"same":       {now: written},
		"more":       {now: append(slices.Clone(written), "value v 1 y"), missing: 1},
		"renumbered": {now: []string{"struct - 2 a", "property a 32 name", "value v 0 x"}, untrue: 1, missing: 1, clashed: true},
		"renamed":    {now: []string{"struct - 1 b", "property a 32 name", "value v 0 x"}, untrue: 1, missing: 1, clashed: true},
		"removed":    {now: written[:2], untrue: 1},
		"swapped":    {now: append(slices.Clone(written[:2]), "value v 0 y", "value v 1 x"), untrue: 1, missing: 2, clashed: true},
		"twice":      {now: append(slices.Clone(written), "property a 32 other"), missing: 1, clashes: true, clashed: true},
	} {
		untrue, missing := broken(written, tc.now)
		if len(untrue) != tc.untrue || len(missing) != tc.missing {
			t.Errorf("%s: %d untrue, %d missing", name, len(untrue), len(missing))
		}
		if got := clash(tc.now) != ""; got != tc.clashes {
			t.Errorf("%s: clash within the table is %v", name, got)
		}
		if got := clash(slices.Concat(written, missing)) != ""; got != tc.clashed {
			t.Errorf("%s: clash with the file is %v", name, got)
		}
	}
}
