package ledger

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// What a partner's checkpoints may reveal.
var (
	ErrRewritten = errors.New("the partner's ledger was rewritten")
	ErrWentBack  = errors.New("the partner's ledger went back")
	// ErrAhead says that the partner has witnessed more of our tree than there is: this node was restored from a backup.
	ErrAhead = errors.New("the partner has witnessed more of our ledger than we hold")
)

// WitnessResult says what a checkpoint of a partner's tree meant.
type WitnessResult struct {
	Head   Head  // of the checkpoint
	Proven int64 // size up to which the partner's tree is proven now
	Owed   bool  // a greater head is known, whose consistency is not proven yet
	Stale  bool  // the checkpoint is older than one that we hold: it was delayed
	Alarm  error // ErrRewritten or ErrWentBack, as fault.Conflict naming the partner; the evidence is kept
}

const kindWitness = "ledger-witness"

// seen is a checkpoint of a partner, with the key that it verified under.
type seen struct {
	Note string            `json:"note"`
	Key  ed25519.PublicKey `json:"key"`
	head Head
}

// witness is what we hold of one partner's tree for us. Latest is Proven, or a greater head that nobody proved yet.
type witness struct {
	Self   store.Party `json:"self"`
	Proven seen        `json:"proven"`
	Latest seen        `json:"latest"`
}

// Witness takes a checkpoint of the tree that partner keeps about us (self), with the partner's key and, if there is one, a
// proof. It keeps the greatest head that is proven to continue what was proven before; the first one needs no proof. A greater
// one without a proof from exactly the proven size is kept too, but its proof stays owed. Checkpoints may arrive in any
// order, repeatedly, or not at all.
//
// An alarm is part of the result, not an error: commit tx, or the evidence is lost. An error means that the checkpoint
// is none ([Open]) or the store failed. A head that is replaced before it was proven is never compared again.
func Witness(tx store.Tx, self, partner store.Party, checkpoint []byte, key ed25519.PublicKey, proof *Proof) (WitnessResult, error) {
	head, err := Open(checkpoint, key, partner, PartnerTree(self))
	if err != nil {
		return WitnessResult{}, err
	}
	if proof != nil && len(proof.Hashes) > maxProof {
		return WitnessResult{}, fault.New(fault.Invalid, "proof of %s: %d hashes are more than %d", head.Origin, len(proof.Hashes), maxProof)
	}
	shown := seen{string(checkpoint), key, head}
	w, ok, err := loadWitness(tx, partner)
	if err != nil {
		return WitnessResult{}, err
	}
	if !ok {
		w = witness{Self: self, Proven: shown, Latest: shown}
		return w.result(shown), keepWitness(tx, partner, w)
	}
	if held, alarm := w.judge(shown, proof); alarm != nil {
		r := w.result(shown)
		r.Alarm = fault.New(fault.Conflict, "%s: %w: size %d after %d", partner, alarm, head.Size, held.head.Size)
		return r, keepEvidence(tx, partner, Evidence{What: alarm.Error(), Held: held.Note, HeldKey: held.Key, Shown: shown.Note, ShownKey: key, Proof: proof})
	}
	before := w
	w.take(shown, proof)
	if w.Proven.Note == before.Proven.Note && w.Latest.Note == before.Latest.Note {
		return w.result(shown), nil
	}
	return w.result(shown), keepWitness(tx, partner, w)
}

func (w *witness) result(shown seen) WitnessResult {
	return WitnessResult{
		Head:   shown.head,
		Proven: w.Proven.head.Size,
		Owed:   w.Latest.head.Size > w.Proven.head.Size,
		Stale:  shown.head.Size < w.Latest.head.Size,
	}
}

// judge says what is wrong with a checkpoint, and which earlier one contradicts it.
func (w *witness) judge(shown seen, proof *Proof) (held seen, alarm error) {
	for _, held := range []seen{w.Latest, w.Proven} {
		if err := contradiction(held.head, shown.head); err != nil {
			return held, err
		}
	}
	if w.provable(shown, proof) && !proof.shows(w.Proven.head, shown.head) {
		return w.Proven, ErrRewritten
	}
	return seen{}, nil
}

// provable says whether there is a proof from where we stand: the partner may not yet know how far we have come.
func (w *witness) provable(shown seen, proof *Proof) bool {
	return proof != nil && proof.From == w.Proven.head.Size && shown.head.Size >= proof.From
}

// contradiction compares two heads of one tree. Size may never fall as time of issue goes on, however late either arrives.
func contradiction(a, b Head) error {
	if a.Size > b.Size {
		a, b = b, a
	}
	switch {
	case a.Size == b.Size && a.Root != b.Root:
		return ErrRewritten
	case a.Size < b.Size && !a.Issued.Before(b.Issued):
		return ErrWentBack
	}
	return nil
}

// take moves the heads forward. A later checkpoint of the same head replaces the earlier: it tells more about time.
func (w *witness) take(shown seen, proof *Proof) {
	later := func(held seen) bool {
		return shown.head.Size == held.head.Size && shown.head.Issued.After(held.head.Issued)
	}
	proven := w.Proven.head.Size == 0 || w.provable(shown, proof)
	if later(w.Proven) || proven && shown.head.Size > w.Proven.head.Size {
		w.Proven = shown
	}
	if later(w.Latest) || shown.head.Size > w.Latest.head.Size {
		w.Latest = shown
	}
}

// Restart makes a checkpoint the beginning of what we witness of a partner from now on, whatever we held: the partner has
// declared a restore and somebody has accepted it. What contradicted it stays as evidence.
func Restart(tx store.Tx, self, partner store.Party, checkpoint []byte, key ed25519.PublicKey) error {
	head, err := Open(checkpoint, key, partner, PartnerTree(self))
	if err != nil {
		return err
	}
	shown := seen{string(checkpoint), key, head}
	return keepWitness(tx, partner, witness{Self: self, Proven: shown, Latest: shown})
}

// Witnessed tells how far a partner's tree is proven to us, so that our receipts can say where the next proof should
// begin; ok is false when we hold no checkpoint of it.
func Witnessed(tx store.Tx, partner store.Party) (provenSize int64, ok bool, err error) {
	w, ok, err := loadWitness(tx, partner)
	return w.Proven.head.Size, ok, err
}

func keepWitness(tx store.Tx, partner store.Party, w witness) error {
	return keepJSON(tx, store.Record{Kind: kindWitness, Key: string(partner)}, w)
}

func loadWitness(tx store.Tx, partner store.Party) (w witness, ok bool, err error) {
	ok, err = loadJSON(tx, kindWitness, string(partner), &w)
	if err != nil || !ok {
		return witness{}, false, err
	}
	for _, s := range []*seen{&w.Proven, &w.Latest} {
		if s.head, err = headOf(s.Note); err != nil {
			return witness{}, false, fmt.Errorf("witnessed head of %s: %w", partner, err)
		}
	}
	return w, true, nil
}

const kindAcknowledged = "ledger-acknowledged"

type acknowledged struct {
	Size int64 `json:"size"`
}

// SetAcknowledged remembers how far our tree about a partner is proven to it, as its last receipt says. The last word
// counts, not the greatest: the partner may have been restored. A size that our tree never had is [ErrAhead], as fault.Conflict.
func SetAcknowledged(tx store.Tx, partner store.Party, size int64) error {
	now, err := tx.Log().Size(PartnerTree(partner))
	if err != nil {
		return fmt.Errorf("ledger %s: size: %w", PartnerTree(partner), err)
	}
	if size < 0 {
		return fault.New(fault.Invalid, "%s acknowledges a ledger of %d entries", partner, size)
	}
	if size > now {
		return fault.New(fault.Conflict, "%s: %w: %d entries, we have %d", partner, ErrAhead, size, now)
	}
	if last, ok, err := Acknowledged(tx, partner); err != nil || ok && last == size {
		return err
	}
	return keepJSON(tx, store.Record{Kind: kindAcknowledged, Key: string(partner)}, acknowledged{size})
}

// Acknowledged tells from which size on a proof for the partner should begin; ok is false when it has told none.
func Acknowledged(tx store.Tx, partner store.Party) (size int64, ok bool, err error) {
	var a acknowledged
	ok, err = loadJSON(tx, kindAcknowledged, string(partner), &a)
	return a.Size, ok, err
}
