package memory

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

type streams tx

func (s *streams) tx() *tx { return (*tx)(s) }

func (s *streams) Enqueue(partner store.Party, precedence store.Precedence, ids []string) error {
	if err := s.tx().write(); err != nil {
		return err
	}
	for _, id := range ids {
		k := queuedKey{partner, id}
		old, ok := s.data.queued.get(k)
		if ok && old.precedence >= precedence {
			continue
		}
		if ok {
			s.data.queue.del(s.undo, old)
		}
		place := placeKey{partner, precedence, 1}
		if last, ok := s.data.queue.last(placeKey{partner, precedence, math.MaxInt64}); ok &&
			last.partner == partner && last.precedence == precedence {
			place.place = last.place + 1
		}
		s.data.queue.set(s.undo, place, id)
		s.data.queued.set(s.undo, k, place)
	}
	return nil
}

func (s *streams) EnqueueCurrent(partner store.Party, classes []int64) (int, error) {
	if err := s.tx().write(); err != nil {
		return 0, err
	}
	n := 0
	for seq := range s.data.bySeq.all() {
		v := s.data.variants.rows[variantKey{s.data.bySeq.rows[seq], seq}]
		if !v.Current || !slices.Contains(classes, v.Class) {
			continue
		}
		if s.given(partner, &v) {
			continue
		}
		if err := s.Enqueue(partner, v.Precedence, []string{v.ID}); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// given tells whether a number in flight or receipted carried the version in the same bytes.
func (s *streams) given(partner store.Party, v *store.Variant) bool {
	first := handoverKey{partner: partner, id: v.ID, modified: v.Modified, digest: v.Digest}
	for k := range s.data.handovers.from(first) {
		if !k.sameVersion(first) {
			break
		}
		if h := s.handover(k); h.Sum == v.Sum && (h.State == store.InFlight || h.State == store.Receipted) {
			return true
		}
	}
	return false
}

func (s *streams) Queued(partner store.Party, precedence store.Precedence, limit int) ([]string, error) {
	if err := s.tx().read(); err != nil {
		return nil, err
	}
	var found []string
	for k := range s.data.queue.from(placeKey{partner, precedence, math.MinInt64}) {
		if k.partner != partner || k.precedence != precedence || len(found) >= limit {
			break
		}
		found = append(found, s.data.queue.rows[k])
	}
	return found, nil
}

func (s *streams) Dequeue(partner store.Party, ids []string) error {
	if err := s.tx().write(); err != nil {
		return err
	}
	for _, id := range ids {
		k := queuedKey{partner, id}
		if place, ok := s.data.queued.get(k); ok {
			s.data.queue.del(s.undo, place)
			s.data.queued.del(s.undo, k)
		}
	}
	return nil
}

func (s *streams) Depths(partner store.Party) (depths [4]int, err error) {
	if err := s.tx().read(); err != nil {
		return depths, err
	}
	for p := range depths {
		depths[p] = s.data.queue.rank(placeKey{partner, store.Precedence(p), math.MaxInt64}) -
			s.data.queue.rank(placeKey{partner, store.Precedence(p), math.MinInt64})
	}
	return depths, nil
}

func (s *streams) AddSent(sent store.Sent, items []store.Handover) error {
	if err := s.tx().write(); err != nil {
		return err
	}
	if _, ok := s.data.sent.get(sent.Number); ok {
		return fault.New(fault.Conflict, "%s number %d to %s: already given", sent.Precedence, sent.Number.Number, sent.Partner)
	}
	ids := make(map[string]bool, len(items))
	for _, h := range items {
		if ids[h.ID] {
			return fault.New(fault.Conflict, "%s number %d to %s: carries %s twice", sent.Precedence, sent.Number.Number, sent.Partner, h.ID)
		}
		ids[h.ID] = true
	}
	sent.Sealed = clone(sent.Sealed)
	if sent.State != store.InFlight {
		sent.Sealed = nil
	}
	s.data.sent.set(s.undo, sent.Number, sent)
	for _, h := range items {
		k := handoverKey{sent.Partner, h.ID, h.Modified, h.Digest, sent.Number}
		h.Number, h.State, h.Left = sent.Number, 0, false
		s.data.handovers.set(s.undo, k, h)
		s.data.carried.set(s.undo, carriedKey{sent.Number, h.ID}, k)
	}
	return nil
}

func (s *streams) Unsettled(partner store.Party) ([]store.Sent, error) {
	if err := s.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Sent
	for n := range s.data.sent.from(store.Number{Partner: partner}) {
		if n.Partner != partner {
			break
		}
		if sent := s.data.sent.rows[n]; sent.State == store.InFlight || sent.State == store.Void {
			sent.Sealed = nil
			found = append(found, sent)
		}
	}
	return found, nil
}

func (s *streams) Sent(n store.Number) (store.Sent, bool, error) {
	if err := s.tx().read(); err != nil {
		return store.Sent{}, false, err
	}
	sent, ok := s.data.sent.get(n)
	sent.Sealed = clone(sent.Sealed)
	return sent, ok, nil
}

func (s *streams) SetSent(n store.Number, state store.State, left bool) error {
	if err := s.tx().write(); err != nil {
		return err
	}
	sent, ok := s.data.sent.get(n)
	if !ok {
		return fault.New(fault.NotFound, "%s number %d to %s: never given", n.Precedence, n.Number, n.Partner)
	}
	sent.State, sent.Left = state, left
	if state != store.InFlight {
		sent.Sealed = nil
	}
	s.data.sent.set(s.undo, n, sent)
	return nil
}

// handover returns a stored handover with the state of its number.
func (s *streams) handover(k handoverKey) store.Handover {
	h := s.data.handovers.rows[k]
	sent := s.data.sent.rows[h.Number]
	h.State, h.Left = sent.State, sent.Left
	return h
}

// mayHold tells whether the partner has, or may have, the version from the number.
func mayHold(h store.Handover) bool {
	return h.State == store.Receipted && h.Exception == "" || h.State == store.Void && h.Left
}

// carriedBy returns the keys of the handovers of one number, ordered by id.
func (s *streams) carriedBy(n store.Number) []handoverKey {
	var found []handoverKey
	for k := range s.data.carried.from(carriedKey{number: n}) {
		if k.number != n {
			break
		}
		found = append(found, s.data.carried.rows[k])
	}
	return found
}

func (s *streams) Carried(n store.Number) ([]store.Handover, error) {
	if err := s.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Handover
	for _, k := range s.carriedBy(n) {
		found = append(found, s.handover(k))
	}
	return found, nil
}

func (s *streams) Handovers(partner store.Party, ids []string) ([]store.Handover, error) {
	if err := s.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Handover
	for _, id := range distinct(ids) {
		for k := range s.data.handovers.from(handoverKey{partner: partner, id: id, modified: math.MinInt64}) {
			if k.partner != partner || k.id != id {
				break
			}
			found = append(found, s.handover(k))
		}
	}
	return found, nil
}

func (s *streams) SetException(n store.Number, id string, exception string) error {
	if err := s.tx().write(); err != nil {
		return err
	}
	if k, ok := s.data.carried.get(carriedKey{n, id}); ok {
		h := s.data.handovers.rows[k]
		h.Exception = exception
		s.data.handovers.set(s.undo, k, h)
	}
	return nil
}

func (s *streams) DropHandovers(n store.Number) error {
	if err := s.tx().write(); err != nil {
		return err
	}
	for _, k := range s.carriedBy(n) {
		s.data.handovers.del(s.undo, k)
		s.data.carried.del(s.undo, carriedKey{n, k.id})
	}
	return nil
}

// to yields the keys of all handovers to a partner of ids that are not less than first.
func (s *streams) to(partner store.Party, first string) iter.Seq[handoverKey] {
	return func(yield func(handoverKey) bool) {
		for k := range s.data.handovers.from(handoverKey{partner: partner, id: first, modified: math.MinInt64}) {
			if k.partner != partner || !yield(k) {
				return
			}
		}
	}
}

func (s *streams) Holding(partner store.Party) (h store.Holding, err error) {
	if err := s.tx().read(); err != nil {
		return h, err
	}
	for k := range s.to(partner, "") {
		switch v := s.handover(k); {
		case v.State == store.Receipted && v.Exception == "":
			h.Held++
		case v.State == store.Receipted:
			h.Excepted++
		case v.State == store.InFlight:
			h.InFlight++
		case v.State == store.Void && v.Left:
			h.Void++
		}
	}
	h.Released = h.Held + h.Excepted + h.InFlight + h.Void
	return h, nil
}

func (s *streams) Missing(partner store.Party, limit int) ([]store.Handover, error) {
	if err := s.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Handover
	for k := range s.to(partner, "") {
		if n := len(found); n >= limit && (n == 0 || found[n-1].ID != k.id) {
			break
		}
		if h := s.handover(k); h.State == store.InFlight {
			found = append(found, h)
		}
	}
	slices.SortFunc(found, func(a, b store.Handover) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), compareNumber(a.Number, b.Number))
	})
	return found[:min(len(found), max(limit, 0))], nil
}

func (s *streams) StillHeld(partner store.Party, permitted []int64, after string, limit int) ([]store.Handover, error) {
	if err := s.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Handover
	var last handoverKey
	for k := range s.to(partner, after+"\x00") {
		n := len(found)
		same := n > 0 && k.sameVersion(last)
		if n >= limit && !same {
			break
		}
		h := s.handover(k)
		if !mayHold(h) {
			continue
		}
		if same { // the lesser number came first
			if found[n-1].State == store.Void && h.State == store.Receipted {
				found[n-1] = h
			}
			continue
		}
		if !slices.ContainsFunc((*objects)(s).of(k.id), func(v store.Variant) bool {
			return v.Current && slices.Contains(permitted, v.Class)
		}) {
			found, last = append(found, h), k
		}
	}
	return found, nil
}

func (s *streams) AddEvidence(e store.Evidence) (int64, error) {
	if err := s.tx().write(); err != nil {
		return 0, err
	}
	if _, ok := s.data.evidence.get(e.Number); ok {
		return 0, fault.New(fault.Conflict, "evidence of %s number %d from %s: already stored", e.Precedence, e.Number.Number, e.Partner)
	}
	e.Seq = int64(len(s.data.evidence.rows)) + 1
	e.Signature, e.Salt, e.Leaves = clone(e.Signature), clone(e.Salt), clone(e.Leaves)
	s.data.evidence.set(s.undo, e.Number, e)
	return e.Seq, nil
}

func (s *streams) Evidence(n store.Number) (store.Evidence, bool, error) {
	if err := s.tx().read(); err != nil {
		return store.Evidence{}, false, err
	}
	e, ok := s.data.evidence.get(n)
	e.Signature, e.Salt, e.Leaves = clone(e.Signature), clone(e.Salt), clone(e.Leaves)
	return e, ok, nil
}
