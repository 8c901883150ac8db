package exchange

import (
	"fmt"
	"strings"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
)

// listed bounds the lists in a Status, countLimit what is counted one by one.
const (
	listed     = 20
	countLimit = 10_000
)

// Status is how the exchange with one partner stands.
type Status struct {
	Queued    map[string]int // by precedence letter, where not 0
	Holding   store.Holding
	Missing   []string    // some ids that are under way and not receipted
	StillHeld []StillHeld // versions that the partner has though nothing of that object may go any more: the first ones
	Stale     int         // how many of them there are, counted up to countLimit
	Received  int         // versions that came from the partner
	Numbers   uint64      // envelopes that came
	Gaps      []Gap       // numbers missing while later ones came
	Refused   int         // items from the partner that this node did not take
	Last      []Refusal   // of those, the last ones
	Link      Link
}

// Refusal is an item that was not taken: unreadable, not as signed, or the code of what STIX does not allow about it.
type Refusal struct {
	ID   string `json:"id"`
	Code string `json:"code"`
}

// StillHeld is a version that was released and would not be today.
type StillHeld struct {
	ID       string `json:"id"`
	Modified int64  `json:"modified"` // ns since 1970
	Sure     bool   `json:"sure"`     // false: it was withdrawn before a receipt came
}

// StatusOf sums up the exchange with a partner.
func StatusOf(tx store.Tx, p *partner.Partner, counts store.Counts) (s Status, err error) {
	party := p.Card.Party
	wrap := func(err error) (Status, error) { return s, fmt.Errorf("status of %s: %w", p.Card.Name, err) }
	depths, err := tx.Streams().Depths(party)
	if err != nil {
		return wrap(err)
	}
	s.Queued = map[string]int{}
	for _, precedence := range store.Precedences {
		if depths[precedence] > 0 {
			s.Queued[precedence.Letter()] = depths[precedence]
		}
	}
	if s.Holding, err = tx.Streams().Holding(party); err != nil {
		return wrap(err)
	}
	missing, err := tx.Streams().Missing(party, listed)
	if err != nil {
		return wrap(err)
	}
	for _, h := range missing {
		s.Missing = append(s.Missing, h.ID)
	}
	if err := s.stale(tx, p); err != nil {
		return wrap(err)
	}
	if err := s.inbound(tx, party); err != nil {
		return wrap(err)
	}
	s.Received = counts.Received[party]
	if s.Link, err = LinkTo(tx, party); err != nil {
		return wrap(err)
	}
	return s, nil
}

// stale finds what the partner holds that would not go today. Marking-definitions are left out: they say nothing without what they mark.
func (s *Status) stale(tx store.Tx, p *partner.Partner) error {
	desk, err := release.NewDesk(tx, release.To(p).Rehearse())
	if err != nil {
		return err
	}
	permitted := desk.Permitted()
	for after := ""; s.Stale < countLimit; {
		page, err := tx.Streams().StillHeld(p.Card.Party, permitted, after, feedPage)
		if err != nil || len(page) == 0 {
			return err
		}
		page, after = whole(page)
		for _, h := range page {
			if strings.HasPrefix(h.ID, "marking-definition--") {
				continue
			}
			if s.Stale++; s.Stale <= listed {
				s.StillHeld = append(s.StillHeld, StillHeld{h.ID, h.Modified, h.State == store.Receipted})
			}
		}
	}
	return nil
}

// whole leaves the last id of a full page to the next, which begins behind the id that is returned: it may have more versions.
func whole(page []store.Handover) (rest []store.Handover, after string) {
	last := page[len(page)-1].ID
	if len(page) < feedPage || page[0].ID == last {
		return page, last
	}
	n := len(page)
	for page[n-1].ID == last {
		n--
	}
	return page[:n], page[n-1].ID
}

// inbound looks at the latest incarnation that something came from.
func (s *Status) inbound(tx store.Tx, party store.Party) error {
	streams, err := streamsFrom(tx, party)
	if err != nil {
		return err
	}
	var latest *inbound
	for _, in := range streams {
		if latest == nil || in.Heard > latest.Heard {
			latest = in
		}
	}
	for _, in := range streams {
		s.Refused += in.Refused
		for _, x := range in.Last {
			s.Last = append(s.Last, Refusal{x.ID, x.Code})
		}
		s.Last = newest(s.Last, maxLast)
		if in.Incarnation != latest.Incarnation {
			continue
		}
		s.Numbers += in.Settled.High
		next := in.Settled.High + 1
		for _, r := range in.Settled.Beyond {
			s.Gaps = append(s.Gaps, Gap{in.Precedence.Letter(), envelope.Range{From: next, To: r.From - 1}})
			s.Numbers += r.To - r.From + 1
			next = r.To + 1
		}
	}
	return nil
}

// Gap is a hole in what arrived: numbers that are missing while later ones are here.
type Gap struct {
	Precedence string
	envelope.Range
}

// LinkTo returns what is known of the way to a partner.
func LinkTo(tx store.Tx, party store.Party) (Link, error) {
	var l Link
	_, err := getRecord(tx, kindLink, string(party), &l)
	return l, err
}
