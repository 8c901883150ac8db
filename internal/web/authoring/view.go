package authoring

import (
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// What the templates ask of a draft.

// Found says whether a text was read.
func (d *draft) Found() bool { return d.names != nil }

// Lines is how many the text has.
func (d *draft) Lines() int { return d.found.Lines() }

// Candidates is how many there are.
func (d *draft) Candidates() int { return len(d.found.Candidates) }

// More says that there are more than were read.
func (d *draft) More() bool { return d.found.More }

// Selected is how many are taken.
func (d *draft) Selected() (n int) {
	for i := range d.found.Candidates {
		if d.takes(i) {
			n++
		}
	}
	return n
}

// Changed is how many candidates are listed that the author has not seen listed: the text was changed since.
func (d *draft) Changed() (n int) {
	if d.seen == nil {
		return 0
	}
	for i, listed := range d.listed {
		if listed && !d.seen[d.names[i]] {
			n++
		}
	}
	return n
}

// Listed names what the page lists, for the form to bring back.
func (d *draft) Listed() string {
	var b strings.Builder
	for i, listed := range d.listed {
		if listed {
			b.WriteString(d.names[i])
		}
	}
	return b.String()
}

// HasPorts says whether a port stands with any candidate.
func (d *draft) HasPorts() bool {
	return slices.ContainsFunc(d.found.Candidates, func(c author.Candidate) bool { return len(c.Ports) > 0 })
}

// TLPs are those that one may choose.
func (c choices) TLPs() []stix.TLP {
	return []stix.TLP{stix.TLPClear, stix.TLPGreen, stix.TLPAmber, stix.TLPAmberStrict, stix.TLPRed}
}

// Precedences are those that one may choose, the slowest first.
func (c choices) Precedences() []store.Precedence {
	return []store.Precedence{store.Routine, store.Priority, store.Immediate, store.Flash}
}

// Zone is that in which dates are entered.
func (d *draft) Zone() string { return zoneOf(d.lang) }
