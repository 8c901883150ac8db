package exchange

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// consumer is the name of the exchange's cursor in the feed.
const consumer = "exchange"

// feedPage is how many feed entries one transaction takes.
const feedPage = 1000

// Poll looks at what the feed brought: queues what partners may have, and withdraws what they no longer may. It takes one page, so that
// nobody waits long behind an import; more says that there may be another.
func (e *Engine) Poll(ctx context.Context, now time.Time) (out []Transmission, more bool, err error) {
	var entries []store.Entry
	err = e.store.View(ctx, func(tx store.Tx) (err error) {
		entries, err = tx.Feed().After(e.cursor, feedPage)
		return err
	})
	if err != nil || len(entries) == 0 {
		return nil, false, err
	}
	last := entries[len(entries)-1].Position
	var events []Event
	err = e.update(ctx, func(tx store.Tx) error {
		c := consuming{engine: e, now: now, tx: tx}
		if err := c.consume(entries); err != nil {
			return err
		}
		events = c.events
		return tx.Feed().SetCursor(consumer, last)
	})
	if err != nil {
		return nil, true, fmt.Errorf("exchange: feed after %d: %w", e.cursor, err)
	}
	e.cursor = last
	out, err = e.steps(ctx, now, events)
	return out, len(entries) == feedPage, err
}

// consuming is one page of the feed on its way into the queues.
type consuming struct {
	engine *Engine
	now    time.Time
	tx     store.Tx
	events []Event
}

func (c *consuming) consume(entries []store.Entry) error {
	var ids []string
	changed := map[store.Party]bool{}
	seen := map[string]bool{}
	for _, entry := range entries {
		switch entry.Kind {
		case store.KindObject, store.KindRemoval:
			id, _, err := store.SplitObjectKey(entry.Key)
			if err != nil {
				return err
			}
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		case store.KindPartner, store.KindPolicy:
			changed[store.Party(entry.Key)] = true
		}
	}
	receivers, err := c.receivers(changed)
	if err != nil || len(receivers) == 0 {
		return err
	}
	if ids, err = c.withDependents(ids); err != nil {
		return err
	}
	for page := range slices.Chunk(ids, feedPage) {
		if err := c.page(receivers, page); err != nil {
			return err
		}
	}
	for _, r := range receivers {
		depths, err := c.tx.Streams().Depths(r.partner.Card.Party)
		if err != nil {
			return err
		}
		c.events = append(c.events, Queued{r.partner.Card.Party, depths})
	}
	return nil
}

// receiver is a partner to whom objects may flow, and what is decided for it.
type receiver struct {
	partner *partner.Partner
	desk    *release.Desk
}

// receivers returns those that objects may flow to, and brings up to date those of which something changed.
func (c *consuming) receivers(changed map[store.Party]bool) (list []receiver, err error) {
	partners, err := partner.List(c.tx)
	if err != nil {
		return nil, err
	}
	for _, p := range partners {
		if changed[p.Card.Party] {
			c.events = append(c.events, changedOf(p))
		}
		if !p.Open() {
			continue
		}
		desk, err := release.NewDesk(c.tx, release.To(p))
		if err == nil && changed[p.Card.Party] {
			err = c.everything(p, desk)
		}
		if err != nil {
			return nil, fmt.Errorf("partner %s: %w", p.Card.Name, err)
		}
		list = append(list, receiver{p, desk})
	}
	return list, nil
}

// page decides about some ids for every receiver.
func (c *consuming) page(receivers []receiver, ids []string) error {
	variants, err := c.tx.Objects().Variants(ids)
	if err != nil {
		return err
	}
	current := make(map[string]*store.Variant, len(ids))
	for i := range variants {
		if variants[i].Current {
			current[variants[i].ID] = &variants[i]
		}
	}
	for _, r := range receivers {
		if err := c.objects(r.partner, r.desk, ids, current); err != nil {
			return fmt.Errorf("partner %s: %w", r.partner.Card.Name, err)
		}
	}
	return nil
}

// withDependents adds what names the observables among ids, directly or through others: whether it may go rests on them. What refers
// to a marking-definition is in the feed itself, since its class changes.
func (c *consuming) withDependents(ids []string) ([]string, error) {
	seen := map[string]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	for i := 0; i < len(ids); i++ { // ids grows
		if o := (stix.Header{Type: stix.TypeOf(ids[i])}); !o.IsSCO() {
			continue
		}
		for after := ""; ; {
			page, err := c.tx.Objects().Naming(ids[i], after, feedPage)
			if err != nil {
				return nil, err
			}
			if len(page) == 0 {
				break
			}
			for _, id := range page {
				if !seen[id] {
					seen[id] = true
					ids = append(ids, id)
				}
			}
			after = page[len(page)-1]
		}
	}
	return ids, nil
}

// everything queues all that the partner may have and lacks, and withdraws what is under way and no longer allowed.
func (c *consuming) everything(p *partner.Partner, desk *release.Desk) error {
	if _, err := c.tx.Streams().EnqueueCurrent(p.Card.Party, desk.Permitted()); err != nil {
		return err
	}
	return c.recheck(p, nil)
}

// objects withdraws what is under way of ids and would not go like that today, and queues those that the partner may have.
func (c *consuming) objects(p *partner.Partner, desk *release.Desk, ids []string, current map[string]*store.Variant) error {
	if err := c.recheck(p, ids); err != nil {
		return err
	}
	var queue [len(store.Precedences)][]string
	for _, id := range ids {
		v := current[id]
		if v == nil {
			continue
		}
		d, _, err := desk.Decide(v)
		if err != nil {
			return err
		}
		if d.Permit && v.Type == "marking-definition" { // it travels with what it marks, unless an earlier content has
			earlier, err := c.tx.Streams().Handovers(p.Card.Party, []string{id})
			if err != nil {
				return err
			}
			d.Permit = len(earlier) > 0
		}
		if d.Permit {
			queue[v.Precedence] = append(queue[v.Precedence], id)
		}
	}
	for _, precedence := range store.Precedences {
		if err := c.tx.Streams().Enqueue(p.Card.Party, precedence, queue[precedence]); err != nil {
			return err
		}
	}
	return nil
}

// recheck decides again about what is under way: the numbers that carry one of ids, or with nil all.
func (c *consuming) recheck(p *partner.Partner, ids []string) error {
	unsettled, err := c.tx.Streams().Unsettled(p.Card.Party)
	if err != nil || len(unsettled) == 0 {
		return err
	}
	carrying := map[store.Number]bool{}
	if ids != nil {
		handovers, err := c.tx.Streams().Handovers(p.Card.Party, ids)
		if err != nil {
			return err
		}
		for _, h := range handovers {
			carrying[h.Number] = true
		}
	}
	for _, s := range unsettled {
		if s.State != store.InFlight || ids != nil && !carrying[s.Number] {
			continue
		}
		void, err := c.engine.decideAgain(c.tx, c.now, p, s)
		if err != nil {
			return err
		}
		if void {
			c.events = append(c.events, Withdrawn{Party: s.Partner, Slot: Slot{s.Precedence, s.Number.Number}})
		}
	}
	return nil
}

// Behind tells how many feed entries the exchange has not looked at yet, counted up to limit.
func Behind(tx store.Tx, limit int) (int, error) {
	cursor, err := tx.Feed().Cursor(consumer)
	if err != nil {
		return 0, err
	}
	entries, err := tx.Feed().After(cursor, limit)
	return len(entries), err
}
