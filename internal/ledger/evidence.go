package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/wagasa/wagasa/internal/store"
)

// Evidence is two checkpoints, both signed by the partner, that cannot both be true of one ledger.
type Evidence struct {
	What     string            `json:"what"`
	Held     string            `json:"held"` // the checkpoint that we held
	HeldKey  ed25519.PublicKey `json:"held_key"`
	Shown    string            `json:"shown"` // the one that contradicts it
	ShownKey ed25519.PublicKey `json:"shown_key"`
	Proof    *Proof            `json:"proof,omitempty"` // the one that should have led from Held to Shown
}

const (
	kindEvidence = "ledger-evidence"
	maxEvidence  = 64 // of one partner; the first ones tell enough
)

// keepEvidence keeps e once, up to maxEvidence a partner.
func keepEvidence(tx store.Tx, partner store.Party, e Evidence) error {
	sum := sha256.Sum256([]byte(e.Shown))
	r := store.Record{Kind: kindEvidence, Key: string(partner) + " " + hex.EncodeToString(sum[:]), Terms: []string{string(partner)}}
	if _, ok, err := tx.Records().Get(r.Kind, r.Key); err != nil || ok {
		return err
	}
	kept, err := tx.Records().Find(kindEvidence, string(partner), "", maxEvidence)
	if err != nil || len(kept) >= maxEvidence {
		return err
	}
	return keepJSON(tx, r, e)
}

// Against returns the evidence that we hold against a partner's ledger.
func Against(tx store.Tx, partner store.Party) ([]Evidence, error) {
	records, err := tx.Records().Find(kindEvidence, string(partner), "", maxEvidence)
	if err != nil {
		return nil, fmt.Errorf("evidence against %s: %w", partner, err)
	}
	all := make([]Evidence, len(records))
	for i, r := range records {
		if err := json.Unmarshal(r.Value, &all[i]); err != nil {
			return nil, fmt.Errorf("evidence %s: %w", r.Key, err)
		}
	}
	return all, nil
}
