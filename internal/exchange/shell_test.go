package exchange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
)

// pipe is a channel between shells in one process; it can be cut.
type pipe struct {
	shells   map[store.Party]*Shell
	cut      atomic.Bool
	attempts atomic.Int64
}

func (p *pipe) Send(ctx context.Context, to Address, frame []byte) error {
	p.attempts.Add(1)
	if p.cut.Load() {
		return errors.New("the link is cut")
	}
	return p.shells[to.Party].Receive(ctx, frame)
}

// shellPair runs two paired nodes on one pipe, inside the caller's bubble, until the test ends.
func shellPair(t *testing.T) (link *pipe, nodes [2]*simNode, stop func()) {
	ids, err := identities()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	link = &pipe{shells: map[store.Party]*Shell{}}
	var running sync.WaitGroup
	for i := range nodes {
		n := &simNode{
			t: t, index: i, identity: ids[i], peer: ids[1-i], store: memory.New(),
			ingest: &ingest.Ingest{Self: ids[i].Card.Party}, owned: map[string]bool{}, last: map[string]string{}, recent: map[string]int{}, allowed: map[string]bool{},
		}
		nodes[i] = n
		var epoch uint64
		n.update(func(tx store.Tx) (err error) {
			if _, err = partner.Add(tx, n.identity.Card, n.peer.Card.Text(), time.Now()); err != nil {
				return err
			}
			url, ceiling := "https://peer.example", stix.TLPGreen
			if _, err = partner.Set(tx, n.peer.Card.Party, partner.Settings{URL: &url, MaxTLP: &ceiling}, time.Now()); err != nil {
				return err
			}
			if _, err = partner.Confirm(tx, n.peer.Card.Party, n.peer.Card.Digest(), time.Now()); err != nil {
				return err
			}
			epoch, err = TakeLease(tx, "test")
			return err
		})
		log := slog.New(slog.DiscardHandler)
		n.engine = NewEngine(DefaultConfig(), n.store, n.identity, n.ingest, epoch, log)
		shell := NewShell(n.engine, n.store, link, log)
		link.shells[n.identity.Card.Party] = shell
	}
	for _, shell := range link.shells {
		running.Go(func() {
			if err := shell.Run(ctx, func() {}); err != nil {
				t.Error(err)
			}
		})
	}
	return link, nodes, func() {
		cancel()
		running.Wait()
	}
}

// give imports a malware of TLP:GREEN at a node.
func (n *simNode) give(i int, precedence store.Precedence) string {
	id := fmt.Sprintf("malware--30000000-0000-4000-8000-%012d", i)
	raw := fmt.Sprintf(`{"type":"malware","spec_version":"2.1","id":%q,"created":"1999-01-01T00:00:00.000Z","modified":"1999-01-01T00:00:00.000Z","is_family":false}`, id) // a bubble begins in 2000
	a := prepared(n.t, raw)
	a.TLP, a.Precedence = stix.TLPGreen, precedence
	n.update(func(tx store.Tx) error {
		_, err := n.ingest.Take(tx, time.Now(), []ingest.Arrival{a})
		return err
	})
	return id
}

func (n *simNode) has(id string) (arrived time.Time) {
	err := n.store.View(context.Background(), func(tx store.Tx) error {
		v, err := tx.Objects().Current([]string{id})
		if len(v) > 0 {
			arrived = time.Unix(0, v[0].Arrived)
		}
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return arrived
}

// TestShellAcrossACut: while the link is cut the shell tries ever more rarely; when it is back everything goes, FLASH first, and the
// shell comes to rest. Time is the bubble's.
func TestShellAcrossACut(t *testing.T) {
	simulate(t, 1) // makes the compressor, whose channels may not belong to a bubble
	synctest.Test(t, func(t *testing.T) {
		link, nodes, stop := shellPair(t)
		defer stop()
		first := nodes[0].give(0, store.Routine)
		time.Sleep(5 * time.Second)
		if nodes[1].has(first).IsZero() {
			t.Fatal("nothing came over a link that is up")
		}
		link.cut.Store(true)
		var routine []string
		for i := range 20 {
			routine = append(routine, nodes[0].give(1+i, store.Routine))
		}
		flash := nodes[0].give(100, store.Flash)
		before := link.attempts.Load()
		time.Sleep(2 * time.Minute)
		if tries := link.attempts.Load() - before; tries < 5 || tries > 40 {
			t.Errorf("%d attempts in two minutes", tries)
		}
		link.cut.Store(false)
		time.Sleep(15 * time.Second) // the longest pause between two attempts is ten
		for _, id := range append(routine, flash) {
			if nodes[1].has(id).IsZero() {
				t.Errorf("%s did not come", id)
			}
		}
		before = link.attempts.Load()
		time.Sleep(2 * time.Minute)
		if tries := link.attempts.Load() - before; tries > 0 {
			t.Errorf("%d transmissions at rest", tries)
		}
	})
}

// TestShellEndsWhenTakenOver: a second process that takes the lease ends the first one's shell, with an error that says so.
func TestShellEndsWhenTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids, err := identities()
		if err != nil {
			t.Fatal(err)
		}
		s := memory.New()
		var epoch uint64
		lease := func(holder string) {
			err := s.Update(t.Context(), func(tx store.Tx) (err error) {
				epoch, err = TakeLease(tx, holder)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		lease("first")
		log := slog.New(slog.DiscardHandler)
		shell := NewShell(NewEngine(DefaultConfig(), s, ids[0], &ingest.Ingest{Self: ids[0].Card.Party}, epoch, log), s, &pipe{}, log)
		ended := make(chan error)
		go func() { ended <- shell.Run(t.Context(), func() {}) }()
		time.Sleep(time.Second)
		lease("second")
		n := &simNode{t: t, identity: ids[0], store: s, ingest: &ingest.Ingest{Self: ids[0].Card.Party}}
		n.give(1, store.Routine) // something to do
		if err := <-ended; !errors.Is(err, errTakenOver) {
			t.Errorf("the shell ended with %v", err)
		}
	})
}

// TestGiverIsWitnessed: a node that only gives shows its ledger head with what it gives.
func TestGiverIsWitnessed(t *testing.T) {
	simulate(t, 1) // makes the compressor, whose channels may not belong to a bubble
	synctest.Test(t, func(t *testing.T) {
		_, nodes, stop := shellPair(t)
		defer stop()
		for i := range 5 {
			nodes[0].give(i, store.Routine)
			time.Sleep(5 * time.Second)
		}
		err := nodes[1].store.View(t.Context(), func(tx store.Tx) error {
			proven, ok, err := ledger.Witnessed(tx, nodes[0].identity.Card.Party)
			if !ok || proven < 3 {
				t.Errorf("the receiver has proven %d entries of the giver's ledger", proven)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
