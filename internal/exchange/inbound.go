package exchange

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/frame"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// The kinds of exceptions in a receipt.
const (
	exceptionClaim       = "claim"
	exceptionHeld        = "held"
	exceptionQuarantined = "quarantined"
	exceptionRefused     = "refused"
)

// Receive takes in what a channel brought. When it returns without an error, the content is durable. What is wrong with the bytes
// is fault.Invalid, who is not entitled fault.Denied, and nothing is kept of either; fault.Unavailable is worth repeating.
func (e *Engine) Receive(ctx context.Context, now time.Time, f []byte) ([]Transmission, error) {
	sealed, err := frame.Unwrap(f)
	if err != nil {
		return nil, err
	}
	opened, err := envelope.Open(e.identity.KEM, e.identity.Card.Party, e.senders(ctx), sealed)
	if err != nil {
		return nil, err
	}
	t := taking{engine: e, now: now, from: opened.Sender, opened: opened}
	settled, err := e.settled(ctx, opened.Proof.Number)
	if err != nil {
		return nil, fmt.Errorf("envelope from %s: %w", opened.Sender, err)
	}
	if !settled { // a repetition costs no parsing
		t.prepare()
	}
	err = e.update(ctx, func(tx store.Tx) error {
		t.events = nil
		return t.take(tx)
	})
	if err != nil {
		return nil, fmt.Errorf("envelope from %s: %w", opened.Sender, err)
	}
	return e.steps(ctx, now, append(t.events, Arrived{opened.Sender, opened.Number > 0 || opened.Control.Ask, opened.Number == 0}))
}

// settled says whether a number arrived before, or never will.
func (e *Engine) settled(ctx context.Context, n store.Number) (settled bool, err error) {
	if n.Number == 0 {
		return false, nil
	}
	err = e.store.View(ctx, func(tx store.Tx) error {
		in, err := loadInbound(tx, n)
		settled = in.Settled.has(n.Number)
		return err
	})
	return settled, err
}

// senders lets confirmed partners in.
func (e *Engine) senders(ctx context.Context) envelope.Senders {
	return func(party store.Party) (key ed25519.PublicKey, err error) {
		err = e.store.View(ctx, func(tx store.Tx) error {
			p, err := partner.Get(tx, party)
			switch {
			case fault.Of(err) == fault.NotFound:
				return fault.New(fault.Denied, "envelope: its sender %s is no partner of this node", party)
			case err != nil:
				return err
			case p.State != partner.Confirmed:
				return fault.New(fault.Denied, "envelope: its sender %s (%s) is not confirmed here", p.Card.Name, party)
			}
			key = p.Card.Sign
			return nil
		})
		return key, err
	}
}

// taking is one envelope on its way into the store.
type taking struct {
	engine   *Engine
	now      time.Time
	from     store.Party
	opened   *envelope.Opened
	arrivals []ingest.Arrival
	refused  []envelope.Exception
	events   []Event
}

// prepare reads the items; what cannot be read, or is not what was signed, is refused by name and the rest goes on.
func (t *taking) prepare() {
	for i := range t.opened.Items {
		item := &t.opened.Items[i]
		a, code := arrivalOf(item, t.engine.validator)
		if code != "" {
			t.refused = append(t.refused, envelope.Exception{Number: t.opened.Number, ID: item.ID, Kind: exceptionRefused, Code: code})
			continue
		}
		a.Origin, a.Precedence, a.Leaf = t.from, t.opened.Precedence, i
		t.arrivals = append(t.arrivals, a)
	}
	if len(t.refused) > 0 {
		t.engine.log.Warn("exchange: items refused", "partner", t.from, "items", len(t.refused), "first", t.refused[0].ID, "code", t.refused[0].Code)
	}
}

// arrivalOf reads one item, or says by a code why not.
func arrivalOf(item *envelope.Content, v *stix.Validator) (ingest.Arrival, string) {
	o, err := stix.Parse(item.Raw)
	if err != nil {
		return ingest.Arrival{}, "unreadable"
	}
	a, err := ingest.Prepare(o, v)
	switch {
	case err != nil:
		return a, "unreadable"
	case o.ID != item.ID || o.Version() != item.Modified || a.Digest != item.Digest:
		return a, "not-as-signed"
	}
	a.TLP, a.Serial = item.TLP, item.Serial
	return a, ""
}

// take is the transaction.
func (t *taking) take(tx store.Tx) error {
	p, err := partner.Get(tx, t.from)
	if err != nil {
		return err
	}
	if !p.Heard {
		if err := partner.Heard(tx, t.from, t.now); err != nil {
			return err
		}
	}
	if t.opened.Number > 0 {
		if err := t.content(tx); err != nil {
			return err
		}
	}
	if err := t.control(tx, p); err != nil {
		return err
	}
	return editLink(tx, t.from, func(l *Link) { l.Contact = t.now })
}

// content takes the items of a numbered envelope, once.
func (t *taking) content(tx store.Tx) error {
	n := t.opened.Proof.Number
	in, err := loadInbound(tx, n)
	if err != nil {
		return err
	}
	in.Heard = t.now.UnixNano()
	in.Exceptions = slices.DeleteFunc(in.Exceptions, func(x envelope.Exception) bool { return x.Number < t.opened.Base })
	if _, stored, err := tx.Streams().Evidence(n); err != nil {
		return err
	} else if stored || in.Settled.has(n.Number) { // stored alone: of an incarnation that was forgotten
		if err := t.again(tx, in, n); err != nil {
			return err
		}
		if in.Settled.fits(n.Number) {
			in.Settled.add(n.Number)
		}
		return in.save(tx, t.from)
	}
	if !in.Settled.fits(n.Number) {
		return fault.New(fault.Invalid, "%s: too far beyond %d, the highest in sequence", subject(n), in.Settled.High)
	}
	evidence, err := tx.Streams().AddEvidence(t.opened.Proof)
	if err != nil {
		return err
	}
	for i := range t.arrivals {
		t.arrivals[i].Evidence = evidence
	}
	results, err := t.engine.ingest.Take(tx, t.now, t.arrivals)
	if err != nil {
		return err
	}
	in.Settled.add(n.Number)
	exceptions := t.exceptions(results)
	in.Exceptions = newest(append(in.Exceptions, exceptions...), maxExceptions)
	in.refuse(exceptions)
	lines := make([][]byte, len(t.opened.Items))
	for i, item := range t.opened.Items {
		lines[i] = ledgerLine(item.ID, item.Modified, item.Digest, item.Serial, item.TLP)
	}
	if err := t.engine.enter(tx, t.now, t.from, ledger.Received, subject(n), lines); err != nil {
		return err
	}
	return in.save(tx, t.from)
}

// refuse remembers, for people, what this node did not take; that the sender knows of it is no reason to forget it.
func (in *inbound) refuse(exceptions []envelope.Exception) {
	for _, x := range exceptions {
		if x.Kind == exceptionRefused {
			in.Refused++
			in.Last = newest(append(in.Last, x), maxLast)
		}
	}
}

// again looks at a number that is settled here already: the same once more, withdrawn, or another content under one number.
func (t *taking) again(tx store.Tx, in *inbound, n store.Number) error {
	before, ok, err := tx.Streams().Evidence(n)
	if err != nil || !ok || bytes.Equal(before.Signature, t.opened.Proof.Signature) || slices.Contains(in.Conflicts, n.Number) {
		return err
	}
	t.engine.log.Warn("exchange: a number came twice with different content: the partner may have been restored from a backup",
		"partner", t.from, "number", subject(n))
	if len(in.Conflicts) < maxRanges {
		in.Conflicts = append(in.Conflicts, n.Number)
	}
	return t.engine.enter(tx, t.now, t.from, ledger.Refused, subject(n), nil)
}

func (t *taking) exceptions(results []ingest.Result) []envelope.Exception {
	exceptions := slices.Clone(t.refused)
	for i, r := range results {
		a := &t.arrivals[i]
		x := envelope.Exception{Number: t.opened.Number, ID: a.Object.ID}
		switch r {
		case ingest.Claim:
			x.Kind, x.Code = exceptionClaim, exceptionClaim
		case ingest.Held:
			x.Kind, x.Code = exceptionHeld, exceptionHeld
		case ingest.Quarantined:
			x.Kind, x.Code = exceptionQuarantined, cmp.Or(string(a.Fault()), exceptionQuarantined)
		case ingest.Rejected:
			x.Kind, x.Code = exceptionRefused, cmp.Or(string(a.Fault()), exceptionRefused)
		case ingest.Refused:
			x.Kind, x.Code = exceptionRefused, exceptionRefused
		default:
			continue
		}
		exceptions = append(exceptions, x)
	}
	if n := len(exceptions) - len(t.refused); n > 0 {
		first := exceptions[len(t.refused)]
		t.engine.log.Info("exchange: not everything is taken as sent", "partner", t.from, "objects", n, "first", first.ID, "kind", first.Kind, "code", first.Code)
	}
	return exceptions
}

// control applies what the envelope says beside its items.
func (t *taking) control(tx store.Tx, p *partner.Partner) error {
	c := &t.opened.Control
	for _, r := range c.Receipts {
		if err := t.receipt(tx, r); err != nil {
			return err
		}
	}
	for _, v := range c.Voids {
		if v.Incarnation != c.Voids[0].Incarnation {
			continue // only a present incarnation has voids
		}
		if err := t.void(tx, v); err != nil {
			return err
		}
	}
	if len(c.Recalls) > 0 {
		t.engine.log.Warn("exchange: recalls came that this version does not carry out", "partner", t.from, "recalls", len(c.Recalls), "first", c.Recalls[0].ID)
	}
	return t.heads(tx, p)
}

// void closes a gap that will never be filled.
func (t *taking) void(tx store.Tx, v envelope.Void) error {
	n := store.Number{Partner: t.from, Incarnation: v.Incarnation, Precedence: v.Precedence, Number: v.Number}
	in, err := loadInbound(tx, n)
	if err != nil || in.Settled.has(v.Number) || !in.Settled.fits(v.Number) {
		return err
	}
	in.Settled.add(v.Number)
	in.Voided = newest(insertRange(in.Voided, v.Number), maxRanges)
	in.Heard = t.now.UnixNano()
	return in.save(tx, t.from)
}

// heads looks at the partner's ledger head, and at how much of ours it has proven.
func (t *taking) heads(tx store.Tx, p *partner.Partner) error {
	c := &t.opened.Control
	alarm := ""
	if c.Proven > 0 {
		if err := ledger.SetAcknowledged(tx, t.from, int64(min(c.Proven, 1<<62))); errors.Is(err, ledger.ErrAhead) {
			alarm = err.Error()
		} else if err != nil {
			return err
		}
	}
	if len(c.Checkpoint) == 0 {
		return t.alarm(tx, alarm)
	}
	proof := &ledger.Proof{From: int64(min(c.ProofFrom, 1<<62)), Hashes: c.Proof}
	result, err := ledger.Witness(tx, t.engine.identity.Card.Party, t.from, c.Checkpoint, p.Card.Sign, proof)
	if err != nil {
		return err
	}
	if result.Alarm != nil {
		alarm = result.Alarm.Error()
	}
	return t.alarm(tx, alarm)
}

// alarm records what is wrong with the heads; nothing, if it is empty.
func (t *taking) alarm(tx store.Tx, alarm string) error {
	if alarm == "" {
		return nil
	}
	t.engine.log.Warn("exchange: ledger heads do not fit", "partner", t.from, "alarm", alarm)
	return editLink(tx, t.from, func(l *Link) { l.Alarm = alarm })
}

// newest bounds a list that a partner makes us keep, and repeat in receipts.
func newest[T any](list []T, limit int) []T {
	return list[max(0, len(list)-limit):]
}

func subject(n store.Number) string {
	return fmt.Sprintf("%s%d of %016x with %s", n.Precedence.Letter(), n.Number, n.Incarnation, n.Partner)
}

// ledgerLine is how the ledger names an item.
func ledgerLine(id string, modified int64, digest store.Hash, serial uint64, tlp stix.TLP) []byte {
	return fmt.Appendf(nil, "%s %d %x %d %s", id, modified, digest, serial, tlp)
}
