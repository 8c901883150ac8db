package partner

import (
	"bytes"
	"fmt"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Add keeps the card in text as a new partner, not yet confirmed. The same card again changes nothing. Our own card, and one
// whose identity or any key another card claims already, are fault.Conflict.
func Add(tx store.Tx, self Card, text []byte, now time.Time) (*Partner, error) {
	card, err := ParseCard(text)
	if err != nil {
		return nil, err
	}
	if card.Party == self.Party || claimsOf(card, self) != "" {
		return nil, fault.New(fault.Conflict, "card of %s: this is our own card, or one that uses our keys; give the partner's", card.label())
	}
	known, ok, err := find(tx, card.Party)
	if err != nil {
		return nil, err
	}
	if ok && known.Card.Equal(card) {
		return known, nil
	}
	if ok {
		return nil, fault.New(fault.Conflict, "card of %s: another card of this identity is known, of %s: a partner changes its keys by a signed statement, not by a new card",
			card.label(), known.Card.label())
	}
	if err := unclaimed(tx, card); err != nil {
		return nil, err
	}
	p := &Partner{Card: card, State: Added, MaxTLP: stix.TLPClear, Added: now.UTC()}
	return p, p.decided(tx, now, store.KindPartner, "added")
}

// claimsOf names the key that two cards have in common.
func claimsOf(a, b Card) string {
	switch {
	case a.Sign.Equal(b.Sign):
		return "signing key"
	case a.KEM != nil && b.KEM != nil && bytes.Equal(a.KEM.Bytes(), b.KEM.Bytes()):
		return "KEM key"
	case a.TLS == b.TLS:
		return "TLS key"
	}
	return ""
}

// unclaimed refuses a card with a key of another partner.
func unclaimed(tx store.Tx, card Card) error {
	for _, term := range card.terms() {
		found, err := tx.Records().Find(kindPartner, term, "", 1)
		if err != nil {
			return fmt.Errorf("partner %s: %w", card.Party, err)
		}
		if len(found) == 0 {
			continue
		}
		other, err := fromRecord(found[0])
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "card of %s: its %s is already claimed by the card of %s", card.label(), claimsOf(card, other.Card), other.Card.label())
	}
	return nil
}

// decided keeps p and tells the feed and the national ledger.
func (p *Partner) decided(tx store.Tx, now time.Time, kind store.Kind, what string) error {
	if err := p.keep(tx, now, kind); err != nil {
		return err
	}
	digest := p.Card.Digest()
	return ledger.Append(tx, ledger.National, ledger.Entry{
		Kind: ledger.Partner, Time: now, Subject: string(p.Party()),
		Items: [][]byte{fmt.Appendf(nil, "%s card %x", what, digest[:])},
	}, nil)
}

// keep keeps p and tells the feed.
func (p *Partner) keep(tx store.Tx, now time.Time, kind store.Kind) error {
	if err := put(tx, p); err != nil {
		return err
	}
	if err := tx.Feed().Append(now.UnixNano(), kind, string(p.Party())); err != nil {
		return fmt.Errorf("partner %s: %w", p.Party(), err)
	}
	return nil
}

// Confirm makes a partner trusted after somebody compared the words of its card ([Partner.Check]). Digest is that of the card
// whose words were compared; if the partner has another by now it is fault.Conflict. Confirming again changes nothing.
func Confirm(tx store.Tx, party store.Party, digest store.Hash, now time.Time) (*Partner, error) {
	p, err := Get(tx, party)
	if err != nil {
		return nil, err
	}
	if p.Card.Digest() != digest {
		return nil, fault.New(fault.Conflict, "partner %s: its card is not the one whose words were compared", p.Card.label())
	}
	if p.State == Confirmed {
		return p, nil
	}
	p.State, p.Confirmed = Confirmed, now.UTC()
	return p, p.decided(tx, now, store.KindPartner, "confirmed")
}

// Heard notes that a partner's first accepted receipt or message arrived: it has confirmed us. Later ones change nothing.
func Heard(tx store.Tx, party store.Party, now time.Time) error {
	p, err := Get(tx, party)
	if err != nil || p.Heard {
		return err
	}
	p.Heard = true
	return p.keep(tx, now, store.KindPartner)
}
