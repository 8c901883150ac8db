package pattern_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

// group is a group of a file in testdata/conformance: observations, and patterns that match them or do not.
type group struct {
	place, section string
	given          []given
	cases          []groupCase
}

type groupCase struct {
	place, text string
	want        bool
}

// given is one observed-data object as a line of a group tells it.
type given struct {
	head     string // what stands before the objects
	from, to string // timestamps, "" if there are none
	number   string // a number in JSON, "" if none is told
	objects  []thing
}

// thing is an object of an observation, or one that is at hand beside them.
type thing struct {
	key    string
	beside bool
	raw    string
	value  map[string]any
}

var sectionForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+)* \S`)

// readGroups reads a file of cases; name is for the messages.
func readGroups(name, text string) ([]group, error) {
	var list []group
	part := ""
	for i, line := range strings.Split(text, "\n") {
		line, place := strings.TrimSpace(line), fmt.Sprintf("%s:%d", name, i+1)
		if line == "" || line[0] == '#' {
			continue
		}
		if about, ok := strings.CutPrefix(line, "section "); ok {
			if !sectionForm.MatchString(about) {
				return nil, fmt.Errorf("%s: want the number of a section and what the group is about", place)
			}
			list, part = append(list, group{place: place, section: about}), ""
			continue
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("%s: there is no section before it", place)
		}
		g := &list[len(list)-1]
		switch {
		case line == "given" || line == "true" || line == "false":
			part = line
		case part == "given":
			o, err := readGiven(line)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", place, err)
			}
			g.given = append(g.given, o)
		case part != "":
			g.cases = append(g.cases, groupCase{place, line, part == "true"})
		default:
			return nil, fmt.Errorf("%s: it stands under neither given, true nor false", place)
		}
	}
	return list, nil
}

var headForm = regexp.MustCompile(`^@(\?|(-?[0-9.]+?)(?:\.\.(-?[0-9.]+))?)(?: +x(\S+))?(?: +|$)`)

func readGiven(line string) (given, error) {
	head := headForm.FindStringSubmatch(line)
	if head == nil {
		return given{}, fmt.Errorf("want @ and seconds, not %s", line)
	}
	g := given{head: strings.TrimSpace(head[0]), number: head[4]}
	if head[1] != "?" {
		from, to := head[2], head[3]
		if to == "" {
			to = from
		}
		var err1, err2 error
		g.from, err1 = instantAt(from)
		g.to, err2 = instantAt(to)
		if err1 != nil || err2 != nil {
			return g, fmt.Errorf("no seconds: %s", head[1])
		}
	}
	for rest := line[len(head[0]):]; rest != ""; {
		o := thing{key: strconv.Itoa(len(g.objects))}
		if rest[0] != '{' {
			key, after, ok := strings.Cut(rest, ":")
			if !ok {
				return g, fmt.Errorf("want an object, not %s", rest)
			}
			o.key, o.beside = strings.CutPrefix(key, "-")
			rest = strings.TrimSpace(after)
		}
		d := json.NewDecoder(strings.NewReader(rest))
		d.UseNumber()
		if err := d.Decode(&o.value); err != nil {
			return g, fmt.Errorf("%w in %s", err, rest)
		}
		o.raw = rest[:d.InputOffset()]
		g.objects = append(g.objects, o)
		rest = strings.TrimSpace(rest[len(o.raw):])
	}
	return g, nil
}

// String is the line.
func (g given) String() string {
	line := g.head
	for i, t := range g.objects {
		key := t.key + ":"
		switch {
		case t.beside:
			key = "-" + key
		case t.key == strconv.Itoa(i):
			key = ""
		}
		line += " " + key + string(encode(t.value))
	}
	return line
}

// instantAt is the timestamp so many seconds after the start of 2026, with all digits.
func instantAt(s string) (string, error) {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return "", fmt.Errorf("no number: %s", s)
	}
	whole := new(big.Int).Div(r.Num(), r.Denom()) // rounds down, so what is left is not below zero
	left := new(big.Rat).Sub(r, new(big.Rat).SetInt(whole))
	_, digits, _ := strings.Cut(s, ".")
	fraction := strings.TrimPrefix(left.FloatString(len(digits)), "0")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return time.Unix(start.Unix()+whole.Int64(), 0).UTC().Format("2006-01-02T15:04:05") + fraction + "Z", nil
}

// conformance are the groups of all files in testdata/conformance.
func conformance(t testing.TB) []group {
	t.Helper()
	files, err := filepath.Glob("testdata/conformance/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []group
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list, err := readGroups(filepath.Base(file), string(text))
		if err != nil {
			t.Error(err)
		}
		all = append(all, list...)
	}
	return all
}

// TestConformance runs the cases of testdata/conformance through the reference, and through the matcher in the forms of STIX 2.0 and 2.1.
func TestConformance(t *testing.T) {
	count := 0
	for _, g := range conformance(t) {
		count += len(g.cases)
		if len(g.cases) == 0 {
			t.Errorf("%s: the group has no cases", g.place)
		}
		list := forReference(g.given)
		forms, err := scenes(g.given)
		if err != nil {
			t.Errorf("%s: %v", g.place, err)
		}
		for _, c := range g.cases {
			conforms(t, c, list, forms)
		}
	}
	if count < 500 {
		t.Errorf("there are %d cases, which is less than 500", count)
	}
	t.Logf("%d cases", count)
}

func conforms(t *testing.T, c groupCase, list []seen, forms map[string][]pattern.Observed) {
	p, err := pattern.Parse(c.text)
	if err != nil {
		t.Errorf("%s: %v\n\t%s", c.place, err, c.text)
		return
	}
	if beyondReference(p) {
		list = nil
	} else if got := reference(p, list); got != c.want {
		t.Errorf("%s: the reference says %t\n\t%s", c.place, got, c.text)
	}
	m, err := pattern.Compile(p, pattern.Backtracking(time.Second))
	if err != nil {
		t.Errorf("%s: %v\n\t%s", c.place, err, c.text)
		return
	}
	for version, observed := range forms {
		if version == "2.1" && namesKey(p) {
			continue
		}
		if fault := judge(p, m.Match(observed), list, c.want); fault != "" {
			t.Errorf("%s: in STIX %s %s\n\t%s", c.place, version, fault, c.text)
		}
	}
}

// beyondReference reports whether a pattern asks for too many observations, or has regular expressions that RE2 does not take.
func beyondReference(p *pattern.Pattern) bool {
	beyond := brackets(p.Expr) > 12
	pattern.Walk(p, func(n pattern.Node) bool {
		if t, ok := n.(*pattern.Test); ok && t.Op == pattern.Matches {
			_, err := regexp.Compile(t.Value.Text)
			beyond = beyond || err != nil
		}
		return true
	})
	return beyond
}

// namesKey reports whether a pattern compares a reference itself with what is no id: a case that is one of STIX 2.0 only.
func namesKey(p *pattern.Pattern) bool {
	found := false
	pattern.Walk(p, func(n pattern.Node) bool {
		if t, ok := n.(*pattern.Test); ok && endsInRef(&t.Path) {
			for _, c := range append([]pattern.Constant{t.Value}, t.Set...) {
				found = found || c.Kind == pattern.String && !stix.ValidID(c.Text)
			}
		}
		return true
	})
	return found
}

// endsInRef reports whether a path leads to references.
func endsInRef(p *pattern.Path) bool {
	last := len(p.Steps) - 1
	for p.Steps[last].Kind != pattern.Key {
		last--
	}
	return p.Steps[last].IsRef()
}

// judge says what is wrong with a result, "" if nothing is. Without a list for the reference it does not look at the observations.
func judge(p *pattern.Pattern, r pattern.Result, list []seen, want bool) string {
	switch {
	case r.Verdict == pattern.Undecided:
		return "it is undecided: " + r.Reason
	case (r.Verdict == pattern.Matched) != want:
		return fmt.Sprintf("the matcher says %t", !want)
	case !want && len(r.Observations) > 0:
		return fmt.Sprintf("nothing matches, and yet there are observations: %v", r.Observations)
	case !want, list == nil:
		return ""
	}
	used := map[int]bool{}
	var some []seen
	for _, i := range r.Observations {
		if i < 0 || i >= len(list) {
			return fmt.Sprintf("there is no observation %d", i)
		}
		if !used[i] {
			used[i] = true
			some = append(some, list[i])
		}
	}
	if !reference(p, some) {
		return fmt.Sprintf("its observations %v do not match by themselves", r.Observations)
	}
	return ""
}
