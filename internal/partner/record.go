package partner

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

const kindPartner = "partner"

// record is a Partner as kept.
type record struct {
	Card      string    `json:"card"`
	State     State     `json:"state"`
	Heard     bool      `json:"heard,omitempty"`
	MaxTLP    string    `json:"max_tlp"`
	URL       string    `json:"url,omitempty"`
	Added     time.Time `json:"added"`
	Confirmed time.Time `json:"confirmed,omitzero"`
}

// The terms by which a partner is found again: what only one partner may claim.
func signTerm(c Card) string                { return "sign:" + hex.EncodeToString(c.Sign) }
func tlsTerm(fingerprint store.Hash) string { return "tls:" + hex.EncodeToString(fingerprint[:]) }

// confirmedTerm finds the confirmed partners without reading their cards.
const confirmedTerm = "state:confirmed"

func kemTerm(c Card) string {
	sum := sha256.Sum256(c.KEM.Bytes())
	return "kem:" + hex.EncodeToString(sum[:])
}

func (c Card) terms() []string { return []string{signTerm(c), kemTerm(c), tlsTerm(c.TLS)} }

func put(tx store.Tx, p *Partner) error {
	value, err := json.Marshal(record{
		Card: string(p.Card.Text()), State: p.State, Heard: p.Heard,
		MaxTLP: p.MaxTLP.String(), URL: p.URL, Added: p.Added, Confirmed: p.Confirmed,
	})
	if err != nil {
		return fmt.Errorf("partner %s: %w", p.Party(), err)
	}
	terms := p.Card.terms()
	if p.State == Confirmed {
		terms = append(terms, confirmedTerm)
	}
	r := store.Record{Kind: kindPartner, Key: string(p.Party()), Value: value, Terms: terms}
	if err := tx.Records().Put(r); err != nil {
		return fmt.Errorf("partner %s: %w", p.Party(), err)
	}
	return nil
}

func fromRecord(r store.Record) (*Partner, error) {
	fail := func(err error) (*Partner, error) {
		return nil, fault.New(fault.Internal, "partner %s: stored record: %w", r.Key, err)
	}
	var kept record
	if err := json.Unmarshal(r.Value, &kept); err != nil {
		return fail(err)
	}
	card, err := ParseCard([]byte(kept.Card))
	if err != nil {
		return fail(err)
	}
	tlp, err := stix.ParseTLP(kept.MaxTLP)
	if err != nil {
		return fail(err)
	}
	if string(card.Party) != r.Key {
		return fail(fmt.Errorf("its card is of %s", card.Party))
	}
	return &Partner{
		Card: card, State: kept.State, Heard: kept.Heard,
		MaxTLP: tlp, URL: kept.URL, Added: kept.Added, Confirmed: kept.Confirmed,
	}, nil
}

// Get returns a partner by its party. None is fault.NotFound.
func Get(tx store.Tx, party store.Party) (*Partner, error) {
	p, ok, err := find(tx, party)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "no partner %s", party)
	}
	return p, err
}

func find(tx store.Tx, party store.Party) (p *Partner, ok bool, err error) {
	r, ok, err := tx.Records().Get(kindPartner, string(party))
	if err != nil {
		return nil, false, fmt.Errorf("partner %s: %w", party, err)
	}
	if !ok {
		return nil, false, nil
	}
	p, err = fromRecord(r)
	return p, err == nil, err
}
