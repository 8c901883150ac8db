// Package release decides what may leave the node, and is the only maker of [Item]s, which are all that an envelope, a preview or any
// later way out can take. Default deny.
//
// The decision is one function of the [Facts] of an object version and the [Receiver]: [Decide]. Facts are interned as classes by the
// store, so that a [Desk] decides once a class. A Desk belongs to one transaction; everything else here is safe for concurrent use.
package release

import (
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Receiver is the party that a decision is about.
type Receiver struct {
	Party   store.Party
	Name    string
	Nation  string // ISO 3166-1 alpha-3 / GENC trigraph
	Ceiling stix.TLP
	Paired  bool // both sides confirmed

	rehearsal bool // decide as if paired; its items cannot be sealed
}

// To makes the receiver for a partner as its pairing and settings are now.
func To(p *partner.Partner) Receiver {
	return Receiver{Party: p.Card.Party, Name: p.Card.Name, Nation: p.Card.Nation, Ceiling: p.MaxTLP, Paired: p.Open()}
}

// Rehearse makes a receiver that is decided for as if both sides had confirmed: for a preview.
func (r Receiver) Rehearse() Receiver {
	r.rehearsal = true
	return r
}

// Decision is yes or no, and why.
type Decision struct {
	Permit bool
	Reason locale.Reason
}

func deny(code string, args ...string) Decision {
	return Decision{Reason: locale.Because(code, args...)}
}

// Decide is the decision. For a marking-definition it says whether it could travel; a Desk looks at what it marks.
func Decide(f Facts, to Receiver) Decision {
	switch {
	case !to.Paired && !to.rehearsal:
		return deny("deny.paired", to.Name)
	case f.Origin == to.Party:
		return deny("deny.origin", to.Name)
	case f.Origin != store.Self:
		return deny("deny.received", string(f.Origin))
	case f.Obstacle != nil:
		return Decision{Reason: f.Obstacle.reason()}
	case f.Marking:
		return Decision{true, locale.Because("permit.travels", "")}
	case f.TLP == stix.TLPNone:
		return deny("deny.no-tlp")
	case f.TLP == stix.TLPRed:
		return deny("deny.red")
	case f.Limited && len(f.Nations) == 0:
		return deny("deny.no-nation")
	case f.Limited && !slices.Contains(f.Nations, to.Nation):
		return deny("deny.nationality", strings.Join(f.Nations, " "), to.Nation)
	case f.TLP > to.Ceiling:
		return deny("deny.ceiling", f.TLP.Label(), to.Ceiling.Label(), to.Name)
	}
	return Decision{true, locale.Because("permit.ceiling", f.TLP.Label(), to.Ceiling.Label(), to.Name)}
}

// Item is one object version that release let go to one receiver. Only this package can make one with anything in it.
type Item struct {
	variant store.Variant
	tlp     stix.TLP
	to      Receiver
	reason  locale.Reason
}

// To is the receiver that the item was released to, and whether it may be sealed: a rehearsal's may not.
func (i Item) To() (store.Party, bool) { return i.to.Party, i.to.Paired && !i.to.rehearsal }

// Variant is the object version with its original bytes. Do not modify what it refers to.
func (i Item) Variant() store.Variant { return i.variant }

// TLP is the effective TLP, by which the receiver has to judge it at least.
func (i Item) TLP() stix.TLP { return i.tlp }

// Reason is why it may go.
func (i Item) Reason() locale.Reason { return i.reason }

// Refusal is an object that stays, and why.
type Refusal struct {
	ID     string
	Type   string
	Reason locale.Reason
}
