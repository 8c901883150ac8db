package exchange

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

// Address is where and to whom a channel sends.
type Address struct {
	Party store.Party
	Name  string
	URL   string
	TLS   store.Hash // SHA-256 of the SPKI that the partner's card pins
	Open  bool       // both sides have confirmed: only then a failure is one
}

func addressOf(p *partner.Partner) Address {
	return Address{p.Card.Party, p.Card.Name, p.URL, p.Card.TLS, p.Open()}
}

// Channel carries frames. It may lose, delay, repeat, reorder and alter them.
type Channel interface {
	// Send hands a frame to the partner's side and returns nil when that side took it. It may be called by many goroutines, and ends
	// early, with an error, when ctx does.
	Send(ctx context.Context, to Address, frame []byte) error
}

// pollEvery is how often the shell looks whether the store changed.
const pollEvery = 10 * time.Millisecond

// waiting bounds the envelopes that wait for the engine; more are turned away to be repeated later.
const waiting = 16

// Shell runs an Engine: it owns the goroutine, the timers and the transmissions.
type Shell struct {
	engine  *Engine
	store   store.Store
	channel Channel
	log     *slog.Logger

	inbox chan delivery
	done  chan ended

	rest time.Time // the store failed: not looked at before
}

// restFor is how long the shell leaves a store alone that failed, so that a full disk is not filled with complaints.
const restFor = 5 * time.Second

type delivery struct {
	frame []byte
	reply chan error // buffered
}

type ended struct {
	transmission Transmission
	err          error
}

// NewShell makes a shell; Run runs it.
func NewShell(e *Engine, s store.Store, c Channel, log *slog.Logger) *Shell {
	return &Shell{engine: e, store: s, channel: c, log: log, inbox: make(chan delivery, waiting), done: make(chan ended)}
}

// Receive hands a frame in and waits until its content is durable or refused: the errors are Engine.Receive's. When too many wait it
// is fault.Unavailable at once.
func (s *Shell) Receive(ctx context.Context, frame []byte) error {
	d := delivery{frame, make(chan error, 1)}
	select {
	case s.inbox <- d:
	default:
		return fault.New(fault.Unavailable, "exchange: too many envelopes wait; try again later")
	}
	select {
	case err := <-d.reply:
		return err
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "exchange: %w", ctx.Err())
	}
}

// Run exchanges until ctx ends, or until another process takes the exchange over. It calls started once it knows what is unsettled.
// It ends every goroutine that it started.
func (s *Shell) Run(ctx context.Context, started func()) error {
	ctx, cancel := context.WithCancel(ctx)
	var transmissions sync.WaitGroup
	defer transmissions.Wait()
	defer cancel()

	launch := func(out []Transmission, err error) error {
		for _, t := range out {
			transmissions.Go(func() {
				e := ended{t, s.channel.Send(ctx, t.To, t.Frame)}
				select {
				case s.done <- e:
				case <-ctx.Done():
				}
			})
		}
		return s.judge(ctx, err)
	}
	out, err := s.engine.Start(ctx, time.Now())
	if err != nil { // what is unsettled is not known: nothing may go on
		return ignoreEnd(ctx, err)
	}
	if err := launch(out, nil); err != nil {
		return ignoreEnd(ctx, err)
	}
	started()
	return ignoreEnd(ctx, s.loop(ctx, launch))
}

func (s *Shell) loop(ctx context.Context, launch func([]Transmission, error) error) error {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	seen := int64(-1)
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case d := <-s.inbox:
			out, failure := s.engine.Receive(ctx, time.Now(), d.frame)
			if failure != nil {
				s.log.Warn("exchange: envelope not taken", "error", failure)
			}
			d.reply <- failure
			err = launch(out, lost(failure))
		case e := <-s.done:
			err = launch(s.engine.Done(ctx, time.Now(), e.transmission, e.err))
		case now := <-poll.C:
			err = s.look(ctx, now, &seen, launch)
		}
		if err != nil {
			return err
		}
	}
}

// look polls the store, and ticks the engine when it asked to be.
func (s *Shell) look(ctx context.Context, now time.Time, seen *int64, launch func([]Transmission, error) error) error {
	if now.Before(s.rest) {
		return nil
	}
	version, err := s.store.Version(ctx)
	if err == nil && version != *seen {
		var out []Transmission
		var more bool
		out, more, err = s.engine.Poll(ctx, now)
		switch {
		case err != nil:
			s.rest = now.Add(restFor)
		case !more:
			*seen = version
		}
		if err := launch(out, err); err != nil {
			return err
		}
	} else if err := s.judge(ctx, err); err != nil {
		return err
	}
	if wake := s.engine.Wake(); !wake.IsZero() && !now.Before(wake) {
		return launch(s.engine.Tick(ctx, now))
	}
	return nil
}

// judge logs an error that time may mend and passes on one that ends the run.
func (s *Shell) judge(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || lost(err) != nil:
		return err
	}
	s.log.Error("exchange: will be tried again", "error", err)
	return nil
}

// lost returns err if another process took the exchange over.
func lost(err error) error {
	if errors.Is(err, errTakenOver) {
		return err
	}
	return nil
}

func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
