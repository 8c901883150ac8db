// Package partner holds who this node is, who its partners are, and how two nodes come to trust each other.
//
// An [Identity] is this node's keys and its [Card], made once by [Create]. Cards travel to partners by any road. [Add]
// keeps a partner's card; people then read six [Words] of it to each other, and [Partner.Check] with [Confirm] makes it
// trusted. When the partner's first accepted receipt arrives, [Heard] notes that it trusts us too; from then on objects
// may flow ([Partner.Open]).
//
// In flow cards, words and settings; out flow partners for release, exchange and channels, entries in the feed when
// one changed, and entries in the national ledger. The package holds no state: everything stands in the folder of the
// identity or in the caller's transaction. Identities and cards are not modified after they are made and may be shared.
package partner

import (
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// State of a partner, as far as our side goes.
type State string

// The states.
const (
	Added     State = "added"     // its card is here; nobody compared the words yet
	Confirmed State = "confirmed" // somebody compared the words
)

// Partner is another node, its card, and what this node decided about it.
type Partner struct {
	Card      Card
	State     State
	Heard     bool     // its first accepted receipt or message arrived: it confirmed us
	MaxTLP    stix.TLP // ceiling of our own objects: clear (the default) to amber+strict, never red
	URL       string   // where to reach it by https; empty when it is not to be
	Added     time.Time
	Confirmed time.Time // zero until then
}

// Party names the partner.
func (p *Partner) Party() store.Party { return p.Card.Party }

// Open says whether objects may flow: each side has confirmed the other.
func (p *Partner) Open() bool { return p.State == Confirmed && p.Heard }

// Check compares the words that somebody typed with those of the partner's card. Wrong words are fault.Denied. It takes
// about a third of a second on purpose: call it outside of any transaction, then [Confirm] with the digest of the same card.
func (p *Partner) Check(words string) error {
	if !p.Card.Words().Match(words) {
		return fault.New(fault.Denied, "partner %s: these are not the six words of its card; nothing was confirmed", p.Card.label())
	}
	return nil
}

// label names the owner of a card in texts.
func (c Card) label() string { return c.Name + " (" + c.Nation + ", " + string(c.Party) + ")" }
