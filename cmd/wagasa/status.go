package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

type statusCommand struct {
	nodeDir
	JSON bool `name:"json" help:"The status as JSON."`
}

func (*statusCommand) Help() string {
	return `Counts what the node holds, also what is quarantined. Per partner: what waits, what is under way, what was receipted, what came, what the partner still holds though its
marking would not let it go today, and when it was last heard of. An observable that was narrowed is listed itself, not what names it.

Example:
  wagasa status --dir /srv/wagasa`
}

// statusReport is what status says.
type statusReport struct {
	Party       store.Party     `json:"party"`
	Name        string          `json:"name"`
	Nation      string          `json:"nation"`
	Serving     bool            `json:"serving"`
	Objects     int             `json:"objects"`
	Variants    int             `json:"variants"`
	Claims      int             `json:"claims"`
	Held        int             `json:"held"`
	Quarantined int             `json:"quarantined"`
	Behind      int             `json:"behind"` // changes that the exchange has not looked at, up to 10,000
	Partners    []partnerStatus `json:"partners"`
}

// partnerStatus is what it says of a partner.
type partnerStatus struct {
	partnerLine
	Queued      map[string]int       `json:"queued"` // by precedence letter
	InFlight    int                  `json:"in_flight"`
	Released    int                  `json:"released"`  // M
	Receipted   int                  `json:"receipted"` // N: held without exception
	Excepted    int                  `json:"excepted"`
	Withdrawn   int                  `json:"withdrawn"` // left, then withdrawn: unclear whether held
	Missing     []string             `json:"missing,omitempty"`
	StillHeld   []exchange.StillHeld `json:"still_held,omitempty"` // the first ones
	Stale       int                  `json:"still_held_count"`     // all, up to 10,000
	Received    int                  `json:"received"`
	Envelopes   uint64               `json:"envelopes"`
	Refused     int                  `json:"refused"`                // of what came: not taken here
	LastRefused []exchange.Refusal   `json:"last_refused,omitempty"` // of those, the last ones
	Gaps        []string             `json:"gaps,omitempty"`
	Up          bool                 `json:"up"`
	LastContact time.Time            `json:"last_contact,omitzero"`
	Error       string               `json:"error,omitempty"`
	Alarm       string               `json:"alarm,omitempty"`
}

const behindLimit = 10000

// Run shows.
func (c *statusCommand) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	card := n.Identity.Card
	r := statusReport{Party: card.Party, Name: card.Name, Nation: card.Nation, Partners: []partnerStatus{}}
	if r.Serving, err = n.Serving(); err != nil {
		return err
	}
	if err := n.Store.View(env, r.fill); err != nil {
		return err
	}
	if c.JSON {
		writeJSON(env.out, r)
		return nil
	}
	r.print(env)
	return nil
}

func (r *statusReport) fill(tx store.Tx) error {
	counts, err := tx.Objects().Counts()
	if err != nil {
		return err
	}
	r.Objects, r.Variants, r.Claims, r.Held, r.Quarantined = counts.Objects, counts.Variants, counts.Claims, counts.Held, counts.Quarantined
	if r.Behind, err = exchange.Behind(tx, behindLimit); err != nil {
		return err
	}
	partners, err := partner.List(tx)
	if err != nil {
		return err
	}
	for _, p := range partners {
		s, err := exchange.StatusOf(tx, p, counts)
		if err != nil {
			return err
		}
		r.Partners = append(r.Partners, statusOf(p, s))
	}
	return nil
}

func statusOf(p *partner.Partner, s exchange.Status) partnerStatus {
	out := partnerStatus{
		partnerLine: partnerLine{p.Party(), p.Card.Name, p.Card.Nation, stateOf(p), p.MaxTLP.String(), p.URL},
		Queued:      s.Queued, InFlight: s.Holding.InFlight, Released: s.Holding.Released, Receipted: s.Holding.Held,
		Excepted: s.Holding.Excepted, Withdrawn: s.Holding.Void, Missing: s.Missing, StillHeld: s.StillHeld, Stale: s.Stale,
		Received: s.Received, Envelopes: s.Numbers, Refused: s.Refused, LastRefused: s.Last,
		Up: s.Link.Up, LastContact: s.Link.Contact, Error: s.Link.Error, Alarm: s.Link.Alarm,
	}
	if s.Link.Up {
		out.Error = ""
	}
	for _, g := range s.Gaps {
		out.Gaps = append(out.Gaps, fmt.Sprintf("%s%d-%d", g.Precedence, g.From, g.To))
	}
	return out
}

func (r *statusReport) print(env *environment) {
	serving := "not serving"
	if r.Serving {
		serving = "serving"
	}
	fmt.Fprintf(env.out, "%s (%s), %s\n%d objects, %d variants, %d claims, %d held, %d quarantined\n",
		r.Name, r.Nation, serving, r.Objects, r.Variants, r.Claims, r.Held, r.Quarantined)
	if r.Behind > 0 {
		fmt.Fprintf(env.out, "%d changes not yet looked at by the exchange\n", r.Behind)
	}
	for _, p := range r.Partners {
		p.print(env)
	}
}

func (p *partnerStatus) print(env *environment) {
	fmt.Fprintf(env.out, "\n%s (%s): %s, up to %s\n", p.Name, p.Nation, p.State, strings.ToUpper(p.MaxTLP))
	fmt.Fprintf(env.out, "  holds %d of %d", p.Receipted, p.Released)
	if len(p.Missing) > 0 {
		fmt.Fprintf(env.out, ", missing %s", some(p.Missing, p.InFlight))
	}
	fmt.Fprintf(env.out, "\n  queued %d%s, in flight %d, receipted %d, received %d in %d envelopes\n",
		total(p.Queued), byLetter(p.Queued), p.InFlight, p.Receipted, p.Received, p.Envelopes)
	if p.Excepted > 0 {
		fmt.Fprintf(env.out, "  not taken as sent: %d\n", p.Excepted)
	}
	if p.Refused > 0 {
		var names []string
		for _, r := range p.LastRefused {
			names = append(names, fmt.Sprintf("%s (%s)", safe(r.ID), safe(r.Code)))
		}
		fmt.Fprintf(env.out, "  of what came, not taken here: %d, the last %s\n", p.Refused, strings.Join(names, ", "))
	}
	if p.Withdrawn > 0 {
		fmt.Fprintf(env.out, "  withdrawn after they left, unclear whether held: %d\n", p.Withdrawn)
	}
	for _, h := range p.StillHeld {
		note := ""
		if !h.Sure {
			note = ", perhaps: it was withdrawn before a receipt came"
		}
		version := ""
		if h.Modified != 0 {
			version = " of " + time.Unix(0, h.Modified).UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(env.out, "  still holds %s%s%s\n", h.ID, version, note)
	}
	if more := p.Stale - len(p.StillHeld); more > 0 {
		fmt.Fprintf(env.out, "  still holds %d more that would not go today\n", more)
	}
	if len(p.Gaps) > 0 {
		fmt.Fprintf(env.out, "  gaps: %s\n", strings.Join(p.Gaps, ", "))
	}
	contact := "never"
	if !p.LastContact.IsZero() {
		contact = p.LastContact.UTC().Format(time.RFC3339)
	}
	fmt.Fprintf(env.out, "  last contact %s", contact)
	if p.Error != "" {
		fmt.Fprintf(env.out, "; link down: %s", p.Error)
	}
	fmt.Fprintln(env.out)
	if p.Alarm != "" {
		fmt.Fprintf(env.out, "  ALARM: %s\n", p.Alarm)
	}
}

func total(queued map[string]int) (sum int) {
	for _, n := range queued {
		sum += n
	}
	return sum
}

func byLetter(queued map[string]int) string {
	var parts []string
	for _, p := range slices.Sorted(maps.Keys(queued)) {
		parts = append(parts, fmt.Sprintf("%s %d", p, queued[p]))
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// some names the first few of more.
func some(ids []string, of int) string {
	const few = 3
	text := strings.Join(ids[:min(few, len(ids))], ", ")
	if of > few {
		text += fmt.Sprintf(" and %d more", of-min(few, len(ids)))
	}
	return text
}
