package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

type patternCommand struct {
	Check patternCheck `cmd:"" help:"Judge a STIX pattern: is it one, and can it match."`
	Match patternMatch `cmd:"" help:"Match a STIX pattern against observed-data in files."`
}

// patternText is the pattern that both commands take.
type patternText struct {
	STIX20  bool   `name:"stix20" help:"It is a pattern of STIX 2.0."`
	Pattern string `arg:"" name:"PATTERN" help:"The pattern, in quotes."`
}

func (p patternText) version() string {
	if p.STIX20 {
		return "2.0"
	}
	return "2.1"
}

func (p patternText) parse() (*pattern.Pattern, error) {
	if p.STIX20 {
		return pattern.Parse20(p.Pattern)
	}
	return pattern.Parse(p.Pattern)
}

type patternCheck struct {
	patternText
	JSON bool `name:"json" help:"One JSON object."`
}

func (*patternCheck) Help() string {
	return `Says "valid" or "invalid", and a line for each fault: its level, line, column and reason. Level must is what makes it invalid: it is no pattern, or
a constant has not the type of the property, or so. should is what nobody knows (types, properties, algorithms) or what can never hold; policy is what is
not judged further. Exit status: 0 valid, 1 invalid, 2 wrong usage.

Examples:
  wagasa pattern check "[file:name = 'x.exe'] REPEATS 3 TIMES WITHIN 60 SECONDS"
  wagasa pattern check --json "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"`
}

// checked is what pattern check --json prints.
type checked struct {
	Valid   bool           `json:"valid"`
	Pattern string         `json:"pattern,omitempty"` // in canonical form
	Faults  []checkedFault `json:"faults"`
}

type checkedFault struct {
	Level  string `json:"level"`
	Offset int    `json:"offset"` // bytes from the start
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in characters
	Text   string `json:"text"`
}

// Run judges.
func (c *patternCheck) Run(env *environment) error {
	result := checked{Valid: true, Faults: []checkedFault{}}
	for _, f := range pattern.NewChecker(nil).CheckPattern("stix", c.version(), c.Pattern) {
		line, column := placeIn(c.Pattern, f.Offset)
		result.Faults = append(result.Faults, checkedFault{f.Level.String(), f.Offset, line, column, f.Text})
		result.Valid = result.Valid && f.Level != stix.Must
	}
	if p, err := c.parse(); err == nil {
		result.Pattern = p.String()
	}
	if c.JSON {
		if err := printJSON(env.out, result); err != nil {
			return err
		}
	} else {
		c.print(env.out, &result)
	}
	if !result.Valid {
		return exit(1)
	}
	return nil
}

func (c *patternCheck) print(w io.Writer, r *checked) {
	if r.Valid {
		fmt.Fprintln(w, "valid")
	} else {
		fmt.Fprintln(w, "invalid")
	}
	for _, f := range r.Faults {
		fmt.Fprintf(w, "%s, line %d, column %d: %s\n", f.Level, f.Line, f.Column, safe(f.Text))
		text, mark := excerpt(c.Pattern, f.Offset)
		fmt.Fprintf(w, "  %s\n  %s\n", text, mark)
	}
}

// placeIn is the line and column of a place in a text, in characters, from 1.
func placeIn(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

const around = 40 // characters of a pattern before and behind a place

// excerpt is what stands around a place of a text, on one line, and a line with a mark below it.
func excerpt(text string, offset int) (shown, mark string) {
	offset = min(offset, len(text))
	before, behind := []rune(text[:offset]), []rune(text[offset:])
	if from := len(before) - around; from > 0 {
		before = append([]rune("…"), before[from:]...)
	}
	if len(behind) > around {
		behind = append(behind[:around:around], '…')
	}
	lead := safe(string(before))
	columns := 0
	for _, r := range lead {
		columns++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			columns++
		}
	}
	return lead + safe(string(behind)), strings.Repeat(" ", columns) + "^"
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
