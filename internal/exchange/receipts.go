package exchange

import (
	"fmt"
	"time"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/store"
)

// receipt applies what the partner says it has of our numbers. A receipt for an earlier incarnation says nothing any more.
func (t *taking) receipt(tx store.Tx, r envelope.Receipt) error {
	out, err := t.engine.outboundTo(tx, t.from)
	if err != nil || r.Incarnation != out.Incarnation {
		return err
	}
	unsettled, err := tx.Streams().Unsettled(t.from)
	if err != nil {
		return err
	}
	for _, stream := range r.Streams {
		if len(stream.Conflicts) > 0 || beyond(stream) >= out.Next[stream.Precedence] {
			if t.now.Sub(time.Unix(0, out.Since)) < resetEvery {
				return nil // a partner that lies may not keep us busy
			}
			if err := t.contradicted(tx, r, out); err != nil {
				return err
			}
			return t.reset(tx, out)
		}
	}
	var settled []Slot
	for i := range r.Streams {
		more, err := t.settle(tx, &r.Streams[i], unsettled, out.Incarnation)
		if err != nil {
			return err
		}
		settled = append(settled, more...)
	}
	if len(settled) == 0 {
		return nil
	}
	t.events = append(t.events, Settled{t.from, settled})
	lines := make([][]byte, len(settled))
	for i, s := range settled {
		lines[i] = fmt.Appendf(nil, "%s%d of %016x", s.Precedence.Letter(), s.Number, out.Incarnation)
	}
	return t.engine.enter(tx, t.now, t.from, ledger.Receipted, "receipt from "+string(t.from), lines)
}

// resetEvery is how often a partner may make us begin a new incarnation.
const resetEvery = time.Minute

// beyond is the highest number that a stream of a receipt speaks of.
func beyond(s envelope.Stream) uint64 {
	high := s.High
	for _, r := range s.Ranges {
		high = max(high, r.To)
	}
	return high
}

// settle ends the numbers that a stream of a receipt covers.
func (t *taking) settle(tx store.Tx, stream *envelope.Stream, unsettled []store.Sent, incarnation uint64) (settled []Slot, err error) {
	covered := map[uint64]bool{}
	for _, s := range unsettled {
		n := s.Number.Number
		if s.Incarnation != incarnation || s.Precedence != stream.Precedence || n > stream.High && !inRanges(stream.Ranges, n) {
			continue
		}
		never := inRanges(stream.Voided, n)
		switch {
		case s.State == store.Void && never: // the partner never opened it
			if err := tx.Streams().SetSent(s.Number, store.Closed, s.Left); err != nil {
				return nil, err
			}
			err = tx.Streams().DropHandovers(s.Number)
		case never: // it speaks of a void that we did not send: not a receipt
			continue
		default: // also of a void that came too late: the partner has it
			err = tx.Streams().SetSent(s.Number, store.Receipted, true)
		}
		if err != nil {
			return nil, err
		}
		covered[n] = true
		settled = append(settled, Slot{s.Precedence, n})
	}
	for _, x := range stream.Exceptions {
		if !covered[x.Number] {
			continue
		}
		n := store.Number{Partner: t.from, Incarnation: incarnation, Precedence: stream.Precedence, Number: x.Number}
		if err := tx.Streams().SetException(n, x.ID, x.Kind); err != nil && fault.Of(err) != fault.NotFound {
			return nil, err
		}
	}
	return settled, nil
}

// contradicted takes back receipts for numbers that the partner says it has with other content: they were for that, not for ours.
func (t *taking) contradicted(tx store.Tx, r envelope.Receipt, out outbound) error {
	for _, stream := range r.Streams {
		for _, number := range stream.Conflicts {
			n := store.Number{Partner: t.from, Incarnation: out.Incarnation, Precedence: stream.Precedence, Number: number}
			s, ok, err := tx.Streams().Sent(n)
			if err != nil {
				return err
			}
			if ok && s.State == store.Receipted {
				if err := tx.Streams().SetSent(n, store.InFlight, s.Left); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// reset opens a new incarnation: the partner has numbers of this one that we do not know of, as after a restore from
// a backup. What was under way is queued anew; what left counts as perhaps held.
func (t *taking) reset(tx store.Tx, out outbound) error {
	unsettled, err := tx.Streams().Unsettled(t.from)
	if err != nil {
		return err
	}
	t.engine.log.Warn("exchange: the partner has numbers that this node did not give; a new incarnation begins", "partner", t.from)
	for _, s := range unsettled {
		if s.Incarnation != out.Incarnation || s.State != store.InFlight {
			continue
		}
		carried, err := tx.Streams().Carried(s.Number)
		if err != nil {
			return err
		}
		ids := make([]string, len(carried))
		for i, h := range carried {
			ids[i] = h.ID
		}
		if err := t.engine.void(tx, t.now, s); err != nil {
			return err
		}
		if err := tx.Streams().Enqueue(t.from, s.Precedence, ids); err != nil {
			return err
		}
	}
	if _, err := t.engine.freshOutbound(tx, t.now.UnixNano(), t.from); err != nil {
		return err
	}
	depths, err := tx.Streams().Depths(t.from)
	t.events = append(t.events, Reset{t.from}, Queued{t.from, depths})
	return err
}
