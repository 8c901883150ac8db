package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// findings writes docs/findings.md.
func findings(structs []*row) string {
	var b strings.Builder
	b.WriteString(`# Findings

What ` + "`stix.Validate`" + ` and ` + "`wagasa stix validate`" + ` report. Codes are stable. ` + "`must`" + `: STIX 2.1 says MUST or MUST NOT. ` + "`should`" + `: it says SHOULD, or
calls it deprecated. ` + "`policy`" + `: it allows this; the validator cannot or will not judge further. The level is the highest that the code has.
In the words, *value* is what was found and *want* what would be right. *Brings along* are codes that come with this one, where a rule of
the table says so.

Generated from the table by ` + "`make generate`" + `; do not edit.

| code | level | section | rule | brings along |
|---|---|---|---|---|
`)
	implied := impliedCodes(structs)
	for _, c := range spec.Codes {
		text := strings.NewReplacer("{value}", "*value*", "{want}", "*want*", "|", `\|`, "<", "&lt;").Replace(c.Text)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.Code, c.Level, c.Section, text, implied[c.Code])
	}
	return b.String()
}

// impliedCodes are, for each code of a rule, the codes that its breaking brings along, and in which types.
func impliedCodes(structs []*row) map[spec.Code]string {
	var order []spec.Code
	types := map[spec.Code]map[spec.Code][]string{}
	for _, s := range structs {
		for _, r := range s.Rules {
			for _, i := range r.Implied {
				code := ruleCode(r)
				if types[code] == nil {
					types[code] = map[spec.Code][]string{}
				}
				if !slices.Contains(types[code][i], s.Name) {
					types[code][i] = append(types[code][i], s.Name)
				}
				if !slices.Contains(order, i) {
					order = append(order, i)
				}
			}
		}
	}
	words := map[spec.Code]string{}
	for code, m := range types {
		var list []string
		for _, i := range order {
			if m[i] != nil {
				list = append(list, fmt.Sprintf("`%s` (%s)", i, strings.Join(m[i], ", ")))
			}
		}
		words[code] = strings.Join(list, ", ")
	}
	return words
}

// ruleCode is the code of the finding where a rule is broken.
func ruleCode(r spec.Rule) spec.Code {
	switch r.Op {
	case spec.AtLeastOne:
		return spec.CodeAtLeastOne
	case spec.ExactlyOne:
		return spec.CodeExactlyOne
	case spec.AtMostOne:
		return spec.CodeAtMostOne
	case spec.Requires:
		return spec.CodeRequires
	case spec.Forbids:
		return spec.CodeForbids
	case spec.NotBefore:
		return spec.CodeNotBefore
	case spec.After:
		return spec.CodeAfter
	}
	return ""
}
