package exchange

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/frame"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// seal makes the next envelope of a stream: what release decides now about what is queued. Number, sealed bytes and ledger
// entry are one transaction.
func (e *Engine) seal(ctx context.Context, now time.Time, a Seal) ([]Event, error) {
	var sealed []byte
	var number store.Number
	err := e.update(ctx, func(tx store.Tx) error {
		sealed = nil
		p, err := partner.Get(tx, a.Party)
		if err != nil || !p.Open() {
			return err
		}
		items, err := e.pick(tx, p, a.Precedence)
		if err != nil || len(items) == 0 {
			return err
		}
		sealed, number, err = e.number(tx, now, p, a.Precedence, items)
		return err
	})
	if err != nil {
		return nil, err
	}
	if sealed == nil {
		return []Event{Emptied(a)}, nil
	}
	e.fresh[number] = sealed
	return []Event{Sealed{a.Party, Slot{a.Precedence, number.Number}}}, nil
}

// pick takes the next items off a partner's queue. What release denies, and what the partner holds, leaves the queue without a number.
func (e *Engine) pick(tx store.Tx, p *partner.Partner, precedence store.Precedence) ([]release.Item, error) {
	desk, err := release.NewDesk(tx, release.To(p))
	if err != nil {
		return nil, err
	}
	for {
		ids, err := tx.Streams().Queued(p.Card.Party, precedence, e.config.Items)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		if ids, err = e.portion(tx, ids); err != nil {
			return nil, err
		}
		items, _, err := desk.Items(ids)
		if err != nil {
			return nil, err
		}
		if items, err = lacking(tx, p.Card.Party, items); err != nil {
			return nil, err
		}
		items, rest := e.cut(items)
		if err := tx.Streams().Dequeue(p.Card.Party, without(ids, rest)); err != nil {
			return nil, err
		}
		if len(items) > 0 {
			return items, nil
		}
	}
}

// portion is the beginning of ids whose objects are not much more than one envelope takes.
func (e *Engine) portion(tx store.Tx, ids []string) ([]string, error) {
	variants, err := tx.Objects().Variants(ids)
	if err != nil {
		return nil, err
	}
	size := map[string]int{}
	for i := range variants {
		if variants[i].Current {
			size[variants[i].ID] = variants[i].Size
		}
	}
	total := 0
	for i, id := range ids {
		if total += size[id]; i > 0 && total > e.config.Bytes {
			return ids[:i], nil
		}
	}
	return ids, nil
}

// lacking leaves out what the partner has, or has under way, in the same bytes and at least as strictly.
func lacking(tx store.Tx, party store.Party, items []release.Item) ([]release.Item, error) {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.Variant().ID
	}
	handovers, err := tx.Streams().Handovers(party, ids)
	if err != nil {
		return nil, err
	}
	type content struct {
		id     string
		digest store.Hash
		sum    store.Hash
	}
	has := map[content]uint8{}
	for _, h := range handovers {
		if h.State == store.InFlight || h.State == store.Receipted {
			c := content{h.ID, h.Digest, h.Sum}
			has[c] = max(has[c], h.TLP)
		}
	}
	var lacks []release.Item
	for _, item := range items {
		v := item.Variant()
		if tlp, ok := has[content{v.ID, v.Digest, v.Sum}]; !ok || tlp < uint8(item.TLP()) {
			lacks = append(lacks, item)
		}
	}
	return lacks, nil
}

// cut ends an envelope once it is large enough; rest are the ids that wait for the next. Definitions that were cut off from what they
// mark count as held by then, so every cut gets further.
func (e *Engine) cut(items []release.Item) (taken []release.Item, rest map[string]bool) {
	total := 0
	for i, item := range items {
		if total += len(item.Variant().Raw); i > 0 && total > e.config.Bytes || i == envelope.MaxItems {
			rest = map[string]bool{}
			for _, r := range items[i:] {
				rest[r.Variant().ID] = true
			}
			return items[:i], rest
		}
	}
	return items, nil
}

func without(ids []string, rest map[string]bool) []string {
	var out []string
	for _, id := range ids {
		if !rest[id] {
			out = append(out, id)
		}
	}
	return out
}

// number seals items under the next number of a stream and logs them.
func (e *Engine) number(tx store.Tx, now time.Time, p *partner.Partner, precedence store.Precedence, items []release.Item) ([]byte, store.Number, error) {
	party := p.Card.Party
	out, err := e.outboundTo(tx, party)
	if err != nil {
		return nil, store.Number{}, err
	}
	n := store.Number{Partner: party, Incarnation: out.Incarnation, Precedence: precedence, Number: out.Next[precedence]}
	base, err := lowestUnsettled(tx, n)
	if err != nil {
		return nil, n, err
	}
	header := e.header(now, party)
	header.Incarnation, header.Precedence, header.Number, header.Base = n.Incarnation, precedence, n.Number, base
	var control envelope.Control // the head also here: who only gives is witnessed too
	if err := e.witness(tx, now, party, &control); err != nil {
		return nil, n, err
	}
	sealed, err := envelope.Seal(e.identity.Sign, p.Card.KEM, header, control, items)
	if err != nil {
		return nil, n, err
	}
	out.Next[precedence]++
	if err := putRecord(tx, kindOutbound, string(party), out); err != nil {
		return nil, n, err
	}
	// It is sealed because the link has room, so it counts as gone from here on.
	sent := store.Sent{Number: n, State: store.InFlight, Left: true, Sealed: sealed.Bytes, Time: now.UnixNano(), Items: len(items)}
	handovers, lines := make([]store.Handover, len(items)), make([][]byte, len(items))
	for i, item := range items {
		v := item.Variant()
		handovers[i] = store.Handover{Number: n, ID: v.ID, Modified: v.Modified, Digest: v.Digest, Sum: v.Sum, Serial: v.Serial, TLP: uint8(item.TLP())}
		lines[i] = ledgerLine(v.ID, v.Modified, v.Digest, v.Serial, item.TLP())
	}
	if err := tx.Streams().AddSent(sent, handovers); err != nil {
		return nil, n, err
	}
	return sealed.Bytes, n, e.enter(tx, now, party, ledger.Released, subject(n), lines)
}

// lowestUnsettled is the lowest number of a stream that the partner may still owe a receipt for.
func lowestUnsettled(tx store.Tx, n store.Number) (uint64, error) {
	unsettled, err := tx.Streams().Unsettled(n.Partner)
	if err != nil {
		return 0, err
	}
	for _, s := range unsettled {
		if s.Incarnation == n.Incarnation && s.Precedence == n.Precedence {
			return s.Number.Number, nil // ordered by number
		}
	}
	return n.Number, nil
}

func (e *Engine) header(now time.Time, to store.Party) envelope.Header {
	return envelope.Header{Sender: e.identity.Card.Party, Recipient: to, Time: now}
}

// send fetches the bytes of a number. Before a repetition its items are decided again: if one is no longer allowed, the number is void.
func (e *Engine) send(ctx context.Context, now time.Time, a Send) (*Transmission, []Event, error) {
	var to Address
	var sealed []byte
	var number store.Number
	void := false
	run := e.store.View
	if a.Again {
		run = e.update
	}
	err := run(ctx, func(tx store.Tx) error {
		p, err := partner.Get(tx, a.Party)
		if err != nil {
			return err
		}
		to = addressOf(p)
		var out outbound
		if _, err := getRecord(tx, kindOutbound, string(a.Party), &out); err != nil {
			return err
		}
		number = store.Number{Partner: a.Party, Incarnation: out.Incarnation, Precedence: a.Slot.Precedence, Number: a.Slot.Number}
		if sealed = e.fresh[number]; sealed != nil {
			return nil
		}
		s, ok, err := tx.Streams().Sent(number)
		if err != nil {
			return err
		}
		sealed = s.Sealed
		if !ok || s.State != store.InFlight || !a.Again {
			return nil
		}
		void, err = e.decideAgain(tx, now, p, s)
		return err
	})
	delete(e.fresh, number)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%s: %w", subject(number), err)
	case void:
		return nil, []Event{Withdrawn{a.Party, a.Slot, true}}, nil
	case sealed == nil: // settled meanwhile
		return nil, []Event{Done{a.Party, a, true}, Settled{a.Party, []Slot{a.Slot}}}, nil
	}
	return &Transmission{to, frame.Wrap(sealed), a}, nil, nil
}

// decideAgain voids a number unless all that it carries is what would go today: the current bytes of each item, at no stricter TLP. What
// may go is queued anew.
func (e *Engine) decideAgain(tx store.Tx, now time.Time, p *partner.Partner, s store.Sent) (void bool, err error) {
	carried, err := tx.Streams().Carried(s.Number)
	if err != nil {
		return false, err
	}
	desk, err := release.NewDesk(tx, release.To(p))
	if err != nil {
		return false, err
	}
	ids := make([]string, len(carried))
	for i, h := range carried {
		ids[i] = h.ID
	}
	allowed, err := allowedOf(tx, desk, ids)
	if err != nil {
		return false, err
	}
	same := len(carried) == s.Items
	for _, h := range carried {
		same = same && allowed[h.ID].still(h)
	}
	if same {
		return false, nil
	}
	if err := e.void(tx, now, s); err != nil {
		return false, err
	}
	return true, tx.Streams().Enqueue(s.Partner, s.Precedence, slices.Sorted(maps.Keys(allowed)))
}

// allowance is a version that may go, and at which TLP.
type allowance struct {
	variant *store.Variant
	tlp     stix.TLP
}

// still says whether a handover is what would go today.
func (a allowance) still(h store.Handover) bool {
	return a.variant != nil && a.variant.Modified == h.Modified && a.variant.Digest == h.Digest && a.variant.Sum == h.Sum && uint8(a.tlp) <= h.TLP
}

// allowedOf returns what may go of ids, by id.
func allowedOf(tx store.Tx, desk *release.Desk, ids []string) (map[string]allowance, error) {
	variants, err := tx.Objects().Variants(ids)
	if err != nil {
		return nil, err
	}
	allowed := map[string]allowance{}
	for i := range variants {
		if !variants[i].Current {
			continue
		}
		d, tlp, err := desk.Decide(&variants[i])
		if err != nil {
			return nil, err
		}
		if d.Permit {
			allowed[variants[i].ID] = allowance{&variants[i], tlp}
		}
	}
	return allowed, nil
}

// void withdraws a number. If it left, what it carried counts as perhaps held until the partner says.
func (e *Engine) void(tx store.Tx, now time.Time, s store.Sent) error {
	delete(e.fresh, s.Number)
	if err := tx.Streams().SetSent(s.Number, store.Void, s.Left); err != nil {
		return err
	}
	if !s.Left {
		if err := tx.Streams().DropHandovers(s.Number); err != nil {
			return err
		}
	}
	return e.enter(tx, now, s.Partner, ledger.Voided, subject(s.Number), nil)
}

// sendControl makes an envelope of receipts, voids and our ledger head.
func (e *Engine) sendControl(ctx context.Context, now time.Time, a SendControl) (*Transmission, error) {
	var to Address
	var sealed envelope.Sealed
	err := e.update(ctx, func(tx store.Tx) error {
		p, err := partner.Get(tx, a.Party)
		if err != nil {
			return err
		}
		to = addressOf(p)
		control, err := e.control(tx, now, a.Party)
		if err != nil {
			return err
		}
		control.Ask = a.Ask
		sealed, err = envelope.Seal(e.identity.Sign, p.Card.KEM, e.header(now, a.Party), control, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	return &Transmission{to, frame.Wrap(sealed.Bytes), a}, nil
}

func (e *Engine) control(tx store.Tx, now time.Time, party store.Party) (envelope.Control, error) {
	var c envelope.Control
	in, err := keptStreams(tx, party)
	if err != nil {
		return c, err
	}
	c.Receipts = receiptsOf(in)
	out, err := e.outboundTo(tx, party)
	if err != nil {
		return c, err
	}
	unsettled, err := tx.Streams().Unsettled(party)
	if err != nil {
		return c, err
	}
	for _, s := range unsettled {
		if s.State == store.Void && s.Incarnation == out.Incarnation && len(c.Voids) < envelope.MaxItems {
			c.Voids = append(c.Voids, envelope.Void{Incarnation: s.Incarnation, Precedence: s.Precedence, Number: s.Number.Number})
		}
	}
	return c, e.witness(tx, now, party, &c)
}

// witness adds our ledger head, the proof that it continues the head the partner has, and how much of theirs we have proven.
func (e *Engine) witness(tx store.Tx, now time.Time, party store.Party, c *envelope.Control) error {
	tree := ledger.PartnerTree(party)
	size, err := ledger.Size(tx, tree)
	if err != nil {
		return err
	}
	if c.Checkpoint, err = ledger.Checkpoint(tx, tree, e.identity.Sign, e.identity.Card.Party, now); err != nil {
		return err
	}
	from, ok, err := ledger.Acknowledged(tx, party)
	if err != nil {
		return err
	}
	if ok && from <= size {
		proof, err := ledger.Prove(tx, tree, from, size)
		if err != nil {
			return err
		}
		c.Proof, c.ProofFrom = proof.Hashes, uint64(proof.From)
	}
	proven, _, err := ledger.Witnessed(tx, party)
	c.Proven = uint64(proven)
	return err
}

// receiptsOf puts streams into receipts, one an incarnation. Exceptions are told of the latest incarnation alone, which bounds
// what a partner can make us say.
func receiptsOf(streams []*inbound) (receipts []envelope.Receipt) {
	for _, in := range streams {
		if n := len(receipts); n == 0 || receipts[n-1].Incarnation != in.Incarnation {
			receipts = append(receipts, envelope.Receipt{Incarnation: in.Incarnation})
		}
		last := &receipts[len(receipts)-1]
		s := envelope.Stream{Precedence: in.Precedence, High: in.Settled.High, Ranges: in.Settled.Beyond, Voided: in.Voided, Conflicts: in.Conflicts}
		if len(receipts) == 1 {
			s.Exceptions = in.Exceptions
		}
		last.Streams = append(last.Streams, s)
	}
	return receipts
}

// enter appends to the partner's ledger tree.
func (e *Engine) enter(tx store.Tx, now time.Time, party store.Party, kind ledger.Kind, subject string, items [][]byte) error {
	return ledger.Append(tx, ledger.PartnerTree(party), ledger.Entry{Kind: kind, Time: now, Subject: subject, Items: items}, nil)
}
