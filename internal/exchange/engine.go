// Package exchange moves released object versions to partners and takes theirs in: numbered without gaps, receipted, logged, repeated until
// receipted, whatever the channel loses.
//
// [Machine] is the pure core: what to do when. [Engine] does it, each step one transaction: it queues what the feed brings, seals,
// takes envelopes in, applies receipts. [Shell] owns the goroutine, the timers and the channels. Feed entries and envelopes flow in,
// [Transmission]s flow out. An Engine belongs to one goroutine; a Shell's methods may be called by any.
package exchange

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Config of an Engine.
type Config struct {
	Timing Timing
	Items  int // at most so many objects an envelope
	Bytes  int // an envelope is closed once its objects are so large
}

// DefaultConfig is for wide links.
func DefaultConfig() Config {
	return Config{Timing: DefaultTiming(), Items: 256, Bytes: 1 << 20}
}

// Engine carries out what the Machine decides, on one store.
type Engine struct {
	config    Config
	store     store.Store
	identity  *partner.Identity
	ingest    *ingest.Ingest
	validator *stix.Validator
	machine   *Machine
	epoch     uint64
	log       *slog.Logger
	random    func() uint64 // for incarnations

	cursor int64                    // as the store has it; only this process moves it
	fresh  map[store.Number][]byte  // sealed a moment ago, not yet sent
	links  map[store.Party]linkNote // what was last recorded
}

type linkNote struct{ up, known bool }

// Transmission is bytes for a partner; tell the Engine by Done what became of it.
type Transmission struct {
	To     Address
	Frame  []byte
	action Action
}

// NewEngine makes an engine; epoch is what TakeLease returned.
func NewEngine(c Config, s store.Store, id *partner.Identity, in *ingest.Ingest, epoch uint64, log *slog.Logger) *Engine {
	return &Engine{
		config: c, store: s, identity: id, ingest: in, validator: in.Validator(), machine: NewMachine(c.Timing), epoch: epoch, log: log, random: randomUint64,
		fresh: map[store.Number][]byte{}, links: map[store.Party]linkNote{},
	}
}

func randomUint64() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.BigEndian.Uint64(b[:])
}

// Start loads what is unsettled from the store and looks at the feed.
func (e *Engine) Start(ctx context.Context, now time.Time) ([]Transmission, error) {
	var events []Event
	err := e.store.View(ctx, func(tx store.Tx) error {
		var err error
		if e.cursor, err = tx.Feed().Cursor(consumer); err != nil {
			return err
		}
		partners, err := partner.List(tx)
		if err != nil {
			return err
		}
		for _, p := range partners {
			more, err := e.load(tx, p)
			if err != nil {
				return fmt.Errorf("partner %s: %w", p.Card.Name, err)
			}
			events = append(events, more...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("exchange: start: %w", err)
	}
	out, err := e.steps(ctx, now, events)
	if err != nil {
		return out, err
	}
	polled, _, err := e.Poll(ctx, now)
	return append(out, polled...), err
}

// load tells what the machine has to know of a partner.
func (e *Engine) load(tx store.Tx, p *partner.Partner) ([]Event, error) {
	party := p.Card.Party
	var out outbound
	if _, err := getRecord(tx, kindOutbound, string(party), &out); err != nil {
		return nil, err
	}
	unsettled, err := tx.Streams().Unsettled(party)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, s := range unsettled {
		if s.Incarnation == out.Incarnation {
			events = append(events, Loaded{party, Slot{s.Precedence, s.Number.Number}, s.State == store.Void})
		}
	}
	depths, err := tx.Streams().Depths(party)
	if err != nil {
		return nil, err
	}
	return append(events, changedOf(p), Queued{party, depths}), nil
}

func changedOf(p *partner.Partner) PeerChanged {
	return PeerChanged{p.Card.Party, p.State == partner.Confirmed, p.Open(), p.URL != ""}
}

// steps hands events to the machine, one by one, and carries out what it wants.
func (e *Engine) steps(ctx context.Context, now time.Time, events []Event) (out []Transmission, err error) {
	for len(events) > 0 {
		actions := e.machine.Step(now, events[0])
		events = events[1:]
		for _, a := range actions {
			t, more := e.do(ctx, now, a)
			if t != nil {
				out = append(out, *t)
			}
			events = append(events, more...)
		}
		if err := ctx.Err(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// do carries out one action: a transmission, or events that answer it.
func (e *Engine) do(ctx context.Context, now time.Time, a Action) (*Transmission, []Event) {
	var t *Transmission
	var events []Event
	var party store.Party
	var err error
	switch a := a.(type) {
	case Seal:
		party = a.Party
		events, err = e.seal(ctx, now, a)
	case Send:
		party = a.Party
		t, events, err = e.send(ctx, now, a)
	case SendControl:
		party = a.Party
		t, err = e.sendControl(ctx, now, a)
	}
	if err != nil {
		e.log.Error("exchange: not done, will be tried again", "partner", party, "action", fmt.Sprintf("%T", a), "error", err)
		return nil, []Event{Stalled{party, a}}
	}
	return t, events
}

// Tick lets time pass.
func (e *Engine) Tick(ctx context.Context, now time.Time) ([]Transmission, error) {
	return e.steps(ctx, now, []Event{Tick{}})
}

// Wake is when Tick is due, the zero time if never.
func (e *Engine) Wake() time.Time { return e.machine.Wake() }

// Done tells what became of a transmission: failure is the channel's error, or nil.
func (e *Engine) Done(ctx context.Context, now time.Time, t Transmission, failure error) ([]Transmission, error) {
	if err := e.note(ctx, now, t.To, failure); err != nil {
		e.log.Warn("exchange: link state not recorded", "partner", t.To.Name, "error", err)
	}
	return e.steps(ctx, now, []Event{Done{t.To.Party, t.action, failure == nil}})
}

// note records that a link went up or down; more often it is not worth a write.
func (e *Engine) note(ctx context.Context, now time.Time, to Address, failure error) error {
	if n := e.links[to.Party]; n.known && n.up == (failure == nil) {
		return nil
	}
	e.links[to.Party] = linkNote{failure == nil, true}
	switch {
	case failure != nil && !to.Open:
		e.log.Info("exchange: the partner does not answer yet; it may not have confirmed this node", "partner", to.Name, "error", failure)
	case failure != nil:
		e.log.Warn("exchange: link is down", "partner", to.Name, "error", failure)
	default:
		e.log.Info("exchange: link is up", "partner", to.Name)
	}
	return e.update(ctx, func(tx store.Tx) error {
		return editLink(tx, to.Party, func(l *Link) {
			l.Up = failure == nil
			if failure != nil {
				l.Failed, l.Error = now, failure.Error()
			}
		})
	})
}

func editLink(tx store.Tx, party store.Party, edit func(*Link)) error {
	var l Link
	if _, err := getRecord(tx, kindLink, string(party), &l); err != nil {
		return err
	}
	edit(&l)
	return putRecord(tx, kindLink, string(party), l)
}

// update is an owned write: it fails once another process has taken the exchange over.
func (e *Engine) update(ctx context.Context, f func(store.Tx) error) error {
	return e.store.Update(ctx, func(tx store.Tx) error {
		if err := checkLease(tx, e.epoch); err != nil {
			return err
		}
		return f(tx)
	})
}
