package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// everything writes something through every method, so that roll-back and reopening can be seen everywhere.
func everything(b *bed, tx store.Tx) {
	b.Helper()
	n := store.Number{Partner: "p", Incarnation: 1 << 63, Precedence: store.Flash, Number: 1}
	v := variant("indicator--1", 1, current, origin("q"), marked("marking--m"))
	b.no(tx.Objects().Insert([]store.Variant{v, variant("indicator--2", 1, standing(store.Claim))}))
	ok[int64](b)(tx.Objects().Intern("facts"))
	b.no(tx.Feed().Append(1, store.KindObject, store.ObjectKey(v.ID, 1)))
	b.no(tx.Feed().SetCursor("consumer", 7))
	b.no(tx.Streams().Enqueue("p", store.Routine, []string{"a", "b"}))
	ok[int](b)(tx.Streams().EnqueueCurrent("p", []int64{1}))
	b.no(tx.Streams().AddSent(store.Sent{Number: n, Sealed: []byte("sealed"), Items: 1}, []store.Handover{{ID: v.ID, Modified: 1, Digest: v.Digest, Sum: v.Sum}}))
	ok[int64](b)(tx.Streams().AddEvidence(store.Evidence{Number: n, Signature: []byte("s"), Leaves: []byte("l")}))
	b.no(tx.Log().Append("tree", store.Leaf{Data: []byte("d"), Detail: []byte("e")}, 0, []store.Hash{{1}}))
	b.no(tx.Records().Put(store.Record{Kind: "k", Key: "r", Value: []byte("v"), Terms: []string{"t", "u"}}))
}

// seen is all that a store shows of what everything wrote.
func seen(b *bed, tx store.Tx) map[string]any {
	b.Helper()
	n := store.Number{Partner: "p", Incarnation: 1 << 63, Precedence: store.Flash, Number: 1}
	sent, sentOK, err := tx.Streams().Sent(n)
	b.no(err)
	evidence, evidenceOK, err := tx.Streams().Evidence(n)
	b.no(err)
	record, recordOK, err := tx.Records().Get("k", "r")
	b.no(err)
	return map[string]any{
		"variants":  len(ok[[]store.Variant](b)(tx.Objects().Variants([]string{"indicator--1", "indicator--2"}))),
		"current":   len(ok[[]store.Variant](b)(tx.Objects().Current([]string{"indicator--1", "indicator--2"}))),
		"scan":      len(ok[[]store.Variant](b)(tx.Objects().ScanCurrent("", nil, nil, 10))),
		"marked":    len(ok[[]string](b)(tx.Objects().Marked("marking--m", "", 10))),
		"classes":   len(ok[[]int64](b)(tx.Objects().MarkedClasses("marking--m"))),
		"created":   len(ok[[]string](b)(tx.Objects().Created("identity--c", "", 10))),
		"contested": len(ok[[]string](b)(tx.Objects().Contested("", 10))),
		"counts":    ok[store.Counts](b)(tx.Objects().Counts()),
		"interned":  ok[map[int64]string](b)(tx.Objects().Classes()),
		"feed":      len(ok[[]store.Entry](b)(tx.Feed().After(0, 10))),
		"head":      ok[int64](b)(tx.Feed().Head()),
		"cursor":    ok[int64](b)(tx.Feed().Cursor("consumer")),
		"depths":    ok[[4]int](b)(tx.Streams().Depths("p")),
		"queued":    ok[[]string](b)(tx.Streams().Queued("p", store.Routine, 10)),
		"unsettled": len(ok[[]store.Sent](b)(tx.Streams().Unsettled("p"))),
		"sent":      string(sent.Sealed), "sentOK": sentOK,
		"carried":   len(ok[[]store.Handover](b)(tx.Streams().Carried(n))),
		"handovers": len(ok[[]store.Handover](b)(tx.Streams().Handovers("p", []string{"indicator--1"}))),
		"holding":   ok[store.Holding](b)(tx.Streams().Holding("p")),
		"missing":   len(ok[[]store.Handover](b)(tx.Streams().Missing("p", 10))),
		"evidence":  string(evidence.Leaves), "evidenceOK": evidenceOK,
		"size":   ok[int64](b)(tx.Log().Size("tree")),
		"leaves": len(ok[[]store.Leaf](b)(tx.Log().Leaves("tree", 0, 10))),
		"trees":  ok[[]string](b)(tx.Log().Trees()),
		"record": string(record.Value), "recordOK": recordOK,
		"list": len(ok[[]store.Record](b)(tx.Records().List("k", "", 10))),
		"find": len(ok[[]store.Record](b)(tx.Records().Find("k", "u", "", 10))),
	}
}

func testEmpty(t *testing.T, open Open) {
	b := newBed(t, open)
	b.both(func(tx store.Tx) {
		got := seen(b, tx)
		b.equal("counts", got["counts"], store.Counts{Received: map[store.Party]int{}})
		b.equal("head", got["head"], int64(0))
		b.equal("record", got["recordOK"], false)
		b.equal("sent", got["sentOK"], false)
		b.equal("evidence", got["evidenceOK"], false)
		b.equal("size", got["size"], int64(0))
		b.equal("trees", got["trees"], []string(nil))
		b.equal("no ids", ok[[]store.Variant](b)(tx.Objects().Variants(nil)), []store.Variant(nil))
		b.equal("no hashes", ok[[]store.Hash](b)(tx.Log().Hashes("tree", nil)), []store.Hash(nil))
	})
	b.update(func(tx store.Tx) {
		b.no(tx.Objects().Insert(nil))
		b.no(tx.Objects().Update(nil))
		b.no(tx.Streams().Enqueue("p", store.Routine, nil))
		b.no(tx.Streams().Dequeue("p", []string{"unknown"}))
		b.no(tx.Records().Delete("k", "unknown"))
		b.no(tx.Streams().SetException(store.Number{Partner: "p"}, "unknown", "held"))
		b.no(tx.Streams().DropHandovers(store.Number{Partner: "p"}))
		b.kind(tx.Objects().Update([]store.Variant{{Seq: 99}}), fault.NotFound)
	})
}

func testRollBack(t *testing.T, open Open) {
	b := newBed(t, open)
	var before map[string]any
	b.view(func(tx store.Tx) { before = seen(b, tx) })
	for range 2 {
		err := b.s.Update(context.Background(), func(tx store.Tx) error {
			everything(b, tx)
			return errStop
		})
		if !errors.Is(err, errStop) {
			t.Fatalf("got %v, want the error of the function", err)
		}
		b.both(func(tx store.Tx) { b.equal("after a roll-back", seen(b, tx), before) })
	}
	// Numbers of a transaction that rolled back mean nothing: an engine that kept them in a cache would now mix classes, parties or markings up.
	b.update(func(tx store.Tx) {
		other := ok[int64](b)(tx.Objects().Intern("other facts"))
		b.no(tx.Objects().Insert([]store.Variant{variant("indicator--9", 1, current, class(other), origin("z"), marked("marking--z"))}))
		b.no(tx.Streams().Enqueue("y", store.Routine, []string{"c"}))
		again := ok[int64](b)(tx.Objects().Intern("facts"))
		if again == other {
			t.Errorf("two classes have the number %d", other)
		}
	})
	b.both(func(tx store.Tx) {
		v := ok[[]store.Variant](b)(tx.Objects().Variants([]string{"indicator--9"}))[0]
		b.equal("origin", v.Origin, store.Party("z"))
		b.equal("markings", v.Markings, []string{"marking--z"})
		b.equal("marked", ok[[]string](b)(tx.Objects().Marked("marking--m", "", 9)), []string(nil))
		b.equal("queue of p", ok[[]string](b)(tx.Streams().Queued("p", store.Routine, 9)), []string(nil))
		b.equal("class", ok[map[int64]string](b)(tx.Objects().Classes())[v.Class], "other facts")
	})
	b.update(func(tx store.Tx) {
		w := variant("indicator--1", 1)
		b.no(tx.Objects().Insert([]store.Variant{w}))
	})
}

func testPanic(t *testing.T, open Open) {
	b := newBed(t, open)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = b.s.Update(context.Background(), func(tx store.Tx) error {
			everything(b, tx)
			panic("stop")
		})
	}()
	b.update(func(tx store.Tx) {
		b.equal("variants", ok[store.Counts](b)(tx.Objects().Counts()).Variants, 0)
	})
}

func testViewIsReadOnly(t *testing.T, open Open) {
	b := newBed(t, open)
	b.insert(variant("indicator--1", 1))
	n := store.Number{Partner: "p", Number: 1}
	b.view(func(tx store.Tx) {
		o, s, r := tx.Objects(), tx.Streams(), tx.Records()
		_, intern := o.Intern("facts")
		_, enqueue := s.EnqueueCurrent("p", []int64{1})
		_, evidence := s.AddEvidence(store.Evidence{Number: n})
		for i, err := range []error{
			o.Insert([]store.Variant{variant("indicator--2", 1)}), o.Update([]store.Variant{{Seq: 1}}), intern,
			tx.Feed().Append(1, store.KindObject, "k"), tx.Feed().SetCursor("c", 1),
			s.Enqueue("p", 0, []string{"a"}), enqueue, s.Dequeue("p", []string{"a"}), s.AddSent(store.Sent{Number: n}, nil),
			s.SetSent(n, store.Void, true), s.SetException(n, "a", "held"), s.DropHandovers(n), evidence,
			tx.Log().Append("t", store.Leaf{}, 0, nil), r.Put(store.Record{Kind: "k"}), r.Delete("k", "r"),
		} {
			if err == nil {
				t.Errorf("writing method %d succeeded in a View", i)
			}
		}
	})
	b.view(func(tx store.Tx) { b.equal("variants", ok[store.Counts](b)(tx.Objects().Counts()).Variants, 1) })
}

func testViewIsSnapshot(t *testing.T, open Open) {
	b := newBed(t, open)
	done := make(chan error, 1)
	b.view(func(tx store.Tx) {
		before := seen(b, tx)
		go func() {
			done <- b.s.Update(context.Background(), func(tx store.Tx) error { everything(b, tx); return nil })
		}()
		select { // an engine may let the writer pass or make it wait for us
		case err := <-done:
			done <- err
		case <-time.After(50 * time.Millisecond):
		}
		b.equal("the snapshot after a commit", seen(b, tx), before)
	})
	b.no(<-done)
	b.view(func(tx store.Tx) { b.equal("variants", seen(b, tx)["variants"], 2) })
}

func testContext(t *testing.T, open Open) {
	b := newBed(t, open)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	never := func(store.Tx) error { t.Error("the function ran"); return nil }
	check := func(err error, want error) {
		t.Helper()
		b.kind(err, fault.Unavailable)
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	check(b.s.Update(ended, never), context.Canceled)
	check(b.s.View(ended, never), context.Canceled)

	ctx, cancel := context.WithCancel(context.Background())
	err := b.s.Update(ctx, func(tx store.Tx) error {
		everything(b, tx)
		cancel()
		return nil
	})
	check(err, context.Canceled)
	ctx, cancel = context.WithCancel(context.Background())
	check(b.s.View(ctx, func(tx store.Tx) error {
		cancel()
		_, err := tx.Objects().Variants([]string{"a"})
		return err
	}), context.Canceled)
	b.view(func(tx store.Tx) { b.equal("variants", seen(b, tx)["variants"], 0) })

	// Waiting for another writer ends with ctx.
	running, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- b.s.Update(context.Background(), func(store.Tx) error { close(running); <-release; return nil })
	}()
	<-running
	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	check(b.s.Update(ctx, never), context.DeadlineExceeded)
	close(release)
	b.no(<-done)
}

func testOver(t *testing.T, open Open) {
	b := newBed(t, open)
	var kept store.Tx
	b.update(func(tx store.Tx) { kept = tx })
	if _, err := kept.Objects().Variants([]string{"a"}); err == nil {
		t.Error("a transaction that is over answered")
	}
	if err := kept.Feed().Append(1, store.KindObject, "k"); err == nil {
		t.Error("a transaction that is over took a feed entry")
	}
}

func testVersion(t *testing.T, open Open) {
	b := newBed(t, open)
	ctx := context.Background()
	last := ok[int64](t)(b.s.Version(ctx))
	b.equal("without a commit", ok[int64](t)(b.s.Version(ctx)), last)
	for i := range 3 {
		b.update(func(tx store.Tx) { b.no(tx.Feed().Append(1, store.KindPolicy, fmt.Sprint(i))) })
		next := ok[int64](t)(b.s.Version(ctx))
		if next == last {
			t.Errorf("version %d did not change with a commit", next)
		}
		last = next
	}
}

func testReopen(t *testing.T, open Open) {
	b := newBed(t, open)
	var before map[string]any
	b.update(func(tx store.Tx) { everything(b, tx) })
	b.view(func(tx store.Tx) { before = seen(b, tx) })
	b.s = b.reopen()
	b.both(func(tx store.Tx) { b.equal("after reopening", seen(b, tx), before) })
	b.update(func(tx store.Tx) {
		b.equal("class", ok[int64](b)(tx.Objects().Intern("facts")), int64(1))
		v := []store.Variant{variant("indicator--3", 1)}
		b.no(tx.Objects().Insert(v))
		b.equal("seq", v[0].Seq, int64(3))
	})
}

func testClosed(t *testing.T, open Open) {
	b := newBed(t, open)
	b.no(b.s.Close())
	nothing := func(store.Tx) error { return nil }
	_, err := b.s.Version(context.Background())
	b.kind(err, fault.Unavailable)
	b.kind(b.s.Update(context.Background(), nothing), fault.Unavailable)
	b.kind(b.s.View(context.Background(), nothing), fault.Unavailable)
	b.no(b.s.Close())
}

// testConcurrent has many writers and one reader that follows the feed: it must see every entry once, in order.
func testConcurrent(t *testing.T, open Open) {
	b := newBed(t, open)
	const writers, rounds = 4, 25
	ctx := context.Background()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range rounds {
				err := b.s.Update(ctx, func(tx store.Tx) error {
					if err := tx.Objects().Insert([]store.Variant{variant(fmt.Sprintf("indicator--%d-%d", w, i), 1)}); err != nil {
						return err
					}
					for range 2 {
						if err := tx.Feed().Append(1, store.KindObject, fmt.Sprintf("%d %d", w, i)); err != nil {
							return err
						}
					}
					if i%5 == 4 {
						return nil
					}
					return tx.Records().Put(store.Record{Kind: "w", Key: fmt.Sprint(w), Value: []byte(fmt.Sprint(i))})
				})
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	var (
		position int64
		got      []string
	)
	for deadline := time.Now().Add(time.Minute); len(got) < 2*writers*rounds && time.Now().Before(deadline); {
		b.view(func(tx store.Tx) {
			for _, e := range ok[[]store.Entry](b)(tx.Feed().After(position, 7)) {
				if e.Position <= position {
					t.Errorf("position %d after %d", e.Position, position)
				}
				position = e.Position
				got = append(got, e.Key)
			}
		})
	}
	wg.Wait()
	slices.Sort(got)
	var want []string
	for w := range writers {
		for i := range rounds {
			want = append(want, fmt.Sprintf("%d %d", w, i), fmt.Sprintf("%d %d", w, i))
		}
	}
	slices.Sort(want)
	b.equal("feed", got, want)
}
