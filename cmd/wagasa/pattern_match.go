package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

type patternMatch struct {
	patternText
	JSON         bool          `name:"json" help:"One JSON object."`
	Backtracking bool          `help:"Let MATCHES use regular expressions that only backtracking can match, such as those with lookahead."`
	Timeout      time.Duration `default:"1s" help:"With --backtracking: how long a regular expression may take on one value."`
	Budget       int64         `default:"50000000" help:"Steps after which the answer is \"undecided: budget\"."`
	Files        []string      `arg:"" name:"FILE" help:"Bundles, arrays, single objects or JSON lines, gzip or not, with observed-data; - is standard input."`
}

func (*patternMatch) Help() string {
	return `Takes the observed-data of all files together, each in its newest version and without those that are revoked, and the cyber-observables
that they name. Prints "true" or "false", and then the ids of the observed-data of the first match, one a line. When a pattern matches is said in
docs/patterns.md. Exit status: 0 it matches, 1 it does not, 2 it is no pattern, a file could not be read to its end, the answer could not be found
within the budget ("undecided"), or it is false but objects that could not be read were passed over.

Examples:
  wagasa pattern match "[ipv4-addr:value ISSUBSET '198.51.100.0/24']" observed.json
  wagasa pattern match --json "([file:name = 'a'] FOLLOWEDBY [file:name = 'b']) WITHIN 60 SECONDS" monday.json tuesday.jsonl`
}

// keptObserved bounds the bytes of observed-data and cyber-observables that are kept; in memory they take a few times that, at worst thirty times.
const keptObserved = 256 << 20

// matching is what was read for a match.
type matching struct {
	env     *environment
	scene   *pattern.Scene
	list    []stix.Object
	at      map[string]int   // of the ids in list
	version map[string]int64 // of the newest of what is not observed-data
	bytes   int
	most    int
	refused int // objects that could not be read
}

// matched is what pattern match --json prints.
type matched struct {
	Match        string   `json:"match"` // true, false or undecided
	Reason       string   `json:"reason,omitempty"`
	Observations []string `json:"observations"` // ids of the first match
	Read         int      `json:"read"`         // how many observed-data there are
}

// Run matches.
func (c *patternMatch) Run(env *environment) error {
	matcher, err := c.compile()
	if err != nil {
		c.explain(env, err)
		return exit(2)
	}
	m := &matching{env: env, scene: pattern.NewScene(), at: map[string]int{}, version: map[string]int64{}, most: keptObserved}
	for _, file := range c.Files {
		if err := m.read(file); err != nil {
			if env.Err() != nil {
				return env.Err()
			}
			unreadable(env, file, err)
			return exit(2)
		}
	}
	seen, err := m.observed()
	if err != nil {
		return err
	}
	result := matcher.MatchContext(env, seen)
	if env.Err() != nil {
		return env.Err()
	}
	answer := matched{Match: result.Verdict.String(), Reason: result.Reason, Observations: []string{}, Read: len(seen)}
	for _, i := range result.Observations {
		answer.Observations = append(answer.Observations, seen[i].ID)
	}
	if err := c.print(env.out, &answer); err != nil {
		return err
	}
	switch result.Verdict {
	case pattern.Matched:
		return nil
	case pattern.NoMatch:
		if m.refused == 0 {
			return exit(1)
		}
	}
	return exit(2)
}

func (c *patternMatch) compile() (*pattern.Matcher, error) {
	p, err := c.parse()
	if err != nil {
		return nil, err
	}
	options := []pattern.Option{pattern.Budget(c.Budget)}
	if c.Backtracking {
		options = append(options, pattern.Backtracking(c.Timeout))
	}
	m, err := pattern.Compile(p, options...)
	return m, err
}

// explain says what is wrong with the pattern, and where.
func (c *patternMatch) explain(env *environment, err error) {
	text, offset := err.Error(), -1
	var syntax *pattern.SyntaxError
	var compiling *pattern.CompileError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &compiling):
		offset = compiling.Offset
		line, column := placeIn(c.Pattern, offset)
		text = fmt.Sprintf("line %d, column %d: %v: %s", line, column, compiling.Err, compiling.Text)
	}
	if errors.Is(err, pattern.ErrBacktracking) {
		text += "; --backtracking allows that"
	}
	fmt.Fprintf(env.err, "wagasa: the pattern: %s\n", safe(text))
	if offset >= 0 {
		shown, mark := excerpt(c.Pattern, offset)
		fmt.Fprintf(env.err, "  %s\n  %s\n", shown, mark)
	}
}

func (c *patternMatch) print(w io.Writer, a *matched) error {
	if c.JSON {
		return printJSON(w, a)
	}
	if a.Reason != "" {
		a.Match += ": " + a.Reason
	}
	fmt.Fprintln(w, a.Match)
	for _, id := range a.Observations {
		fmt.Fprintln(w, id)
	}
	return nil
}

// read keeps what a file has of observed-data and of what these may name.
func (m *matching) read(file string) error {
	f, err := openSTIX(m.env, file, func() error { return nil })
	if err != nil {
		return err
	}
	defer f.close()
	r := stix.NewReader(f.in)
	for {
		o, err := r.Next()
		var bad *stix.ObjectError
		switch {
		case err == nil:
			if err := m.keep(&o); err != nil {
				return err
			}
		case errors.As(err, &bad):
			m.refused++
			fmt.Fprintf(m.env.err, "%s: %s: passed over\n", source(file), safe(bad.Error()))
		case err != io.EOF:
			return err
		case r.Count() == 0:
			return errors.New("no STIX object in it")
		default:
			return nil
		}
	}
}

func (m *matching) keep(o *stix.Object) error {
	if o.Type != "observed-data" && o.Known() && !o.IsSCO() && o.Type != "relationship" && o.Type != "sighting" {
		return nil // nothing that observed-data may name
	}
	if m.bytes += len(o.Raw); m.bytes > m.most {
		return fmt.Errorf("%s: the files have more than %d bytes of observations", o.ID, m.most)
	}
	if o.Type != "observed-data" {
		if before, ok := m.version[o.ID]; !ok || before <= o.Version() {
			m.version[o.ID] = o.Version()
			m.scene.Add(o)
		}
		return nil
	}
	i, ok := m.at[o.ID]
	switch {
	case !ok:
		m.at[o.ID] = len(m.list)
		m.list = append(m.list, *o)
	case stix.CompareVersions(o, &m.list[i]) > 0:
		m.list[i] = *o
	}
	return nil
}

// observed are the observations, in the order in which they were first observed.
func (m *matching) observed() (seen []pattern.Observed, err error) {
	missing := 0
	for i := range m.list {
		o := &m.list[i]
		if o.Revoked {
			continue
		}
		one, err := m.scene.Observe(o)
		if err != nil {
			return nil, err
		}
		missing += m.scene.Missing(o)
		seen = append(seen, one)
	}
	if missing > 0 {
		fmt.Fprintf(m.env.err, "note: %s that observed-data names are not in the files\n", counted(missing, "object"))
	}
	slices.SortStableFunc(seen, func(a, b pattern.Observed) int { return a.First.Compare(b.First) })
	return seen, nil
}
