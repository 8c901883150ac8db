package storetest

import (
	"fmt"
	"math"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

func testEnqueue(t *testing.T, open Open) {
	b := newBed(t, open)
	b.update(func(tx store.Tx) {
		s := tx.Streams()
		b.no(s.Enqueue("p", store.Priority, []string{"c", "a", "b", "a"}))
		b.no(s.Enqueue("q", store.Flash, []string{"a"}))
		b.no(s.Enqueue("p", store.Priority, []string{"b", "d", "c"})) // b and c keep their places
	})
	queue := func(tx store.Tx, p store.Party, precedence store.Precedence) []string {
		return ok[[]string](b)(tx.Streams().Queued(p, precedence, 99))
	}
	b.both(func(tx store.Tx) {
		b.equal("p", queue(tx, "p", store.Priority), []string{"c", "a", "b", "d"})
		b.equal("two of p", ok[[]string](b)(tx.Streams().Queued("p", store.Priority, 2)), []string{"c", "a"})
		b.equal("none of p", ok[[]string](b)(tx.Streams().Queued("p", store.Priority, 0)), []string(nil))
		b.equal("q", queue(tx, "q", store.Flash), []string{"a"})
		b.equal("nobody", queue(tx, "r", store.Flash), []string(nil))
	})
	b.update(func(tx store.Tx) {
		s := tx.Streams()
		b.no(s.Enqueue("p", store.Flash, []string{"x", "a"}))        // raises a
		b.no(s.Enqueue("p", store.Routine, []string{"b", "y", "a"})) // lowers nothing
		b.no(s.Enqueue("p", store.Flash, []string{"d", "x", "d"}))   // raises d, behind a
		b.no(s.Enqueue("p", store.Immediate, []string{"a", "z"}))    // a stays
		b.equal("depths", ok[[4]int](b)(s.Depths("p")), [4]int{1, 2, 1, 3})
	})
	b.both(func(tx store.Tx) {
		b.equal("flash", queue(tx, "p", store.Flash), []string{"x", "a", "d"})
		b.equal("immediate", queue(tx, "p", store.Immediate), []string{"z"})
		b.equal("priority", queue(tx, "p", store.Priority), []string{"c", "b"})
		b.equal("routine", queue(tx, "p", store.Routine), []string{"y"})
		b.equal("depths", ok[[4]int](b)(tx.Streams().Depths("p")), [4]int{1, 2, 1, 3})
		b.equal("depths of q", ok[[4]int](b)(tx.Streams().Depths("q")), [4]int{0, 0, 0, 1})
		b.equal("depths of r", ok[[4]int](b)(tx.Streams().Depths("r")), [4]int{})
	})
	b.update(func(tx store.Tx) {
		s := tx.Streams()
		b.no(s.Dequeue("p", []string{"a", "c", "unknown", "a"}))
		b.no(s.Enqueue("p", store.Flash, []string{"a"}))
	})
	b.both(func(tx store.Tx) {
		b.equal("flash", queue(tx, "p", store.Flash), []string{"x", "d", "a"})
		b.equal("depths", ok[[4]int](b)(tx.Streams().Depths("p")), [4]int{1, 1, 1, 3})
	})
}

func number(n uint64) store.Number {
	return store.Number{Partner: "p", Incarnation: 1, Precedence: store.Priority, Number: n}
}

func handover(id string, modified int64) store.Handover {
	return store.Handover{ID: id, Modified: modified, Digest: hash(id, modified), Sum: hash("sum", id, modified), Serial: 1<<63 + 1, TLP: 2}
}

// send gives a number to handovers and settles it.
func (b *bed) send(n store.Number, state store.State, left bool, items ...store.Handover) {
	b.Helper()
	b.update(func(tx store.Tx) {
		b.no(tx.Streams().AddSent(store.Sent{Number: n, Sealed: []byte("sealed"), Time: 5, Items: len(items)}, items))
		if state != store.InFlight || left {
			b.no(tx.Streams().SetSent(n, state, left))
		}
	})
}

func testEnqueueCurrent(t *testing.T, open Open) {
	b := newBed(t, open)
	at := func(p store.Precedence) func(*store.Variant) { return func(v *store.Variant) { v.Precedence = p } }
	b.insert(
		variant("z", 1, current, class(1), at(store.Routine)), variant("y", 1, current, class(2), at(store.Flash)), variant("x", 1, current, class(1), at(store.Flash)),
		variant("w", 1, class(1), at(store.Routine)), variant("v", 1, current, class(3), at(store.Routine)), variant("a", 1, current, class(2), at(store.Routine)),
	)
	b.update(func(tx store.Tx) {
		s := tx.Streams()
		b.equal("no class", ok[int](b)(s.EnqueueCurrent("p", nil)), 0)
		b.equal("unknown class", ok[int](b)(s.EnqueueCurrent("p", []int64{77})), 0)
		b.equal("all", ok[int](b)(s.EnqueueCurrent("p", []int64{2, 1, 2})), 4)
		b.equal("routine", ok[[]string](b)(s.Queued("p", store.Routine, 9)), []string{"z", "a"})
		b.equal("flash", ok[[]string](b)(s.Queued("p", store.Flash, 9)), []string{"y", "x"})
		b.equal("again", ok[int](b)(s.EnqueueCurrent("p", []int64{1})), 2) // counts what is already queued, too
		b.no(s.Dequeue("p", []string{"a", "x", "y", "z"}))
	})
	// What was handed over is left out, unless its number is void or closed or the bytes are others.
	b.send(number(1), store.InFlight, false, handover("z", 1))
	b.send(number(2), store.Receipted, true, handover("y", 1))
	b.send(number(3), store.Void, true, handover("x", 1))
	changed := handover("a", 1)
	changed.Sum = hash("others")
	b.send(number(4), store.Receipted, true, changed, handover("v", 2))
	b.update(func(tx store.Tx) {
		s := tx.Streams()
		b.equal("lacking", ok[int](b)(s.EnqueueCurrent("p", []int64{1, 2, 3})), 3)
		b.equal("routine", ok[[]string](b)(s.Queued("p", store.Routine, 9)), []string{"v", "a"})
		b.equal("flash", ok[[]string](b)(s.Queued("p", store.Flash, 9)), []string{"x"})
		b.equal("another partner", ok[int](b)(s.EnqueueCurrent("q", []int64{1, 2, 3})), 5)
		b.no(s.Dequeue("p", []string{"v", "a", "x"}))
		b.no(s.SetSent(number(3), store.Closed, true))
		b.no(s.SetException(number(2), "y", "held"))
		b.equal("closed", ok[int](b)(s.EnqueueCurrent("p", []int64{1, 2})), 2)
		b.equal("flash", ok[[]string](b)(s.Queued("p", store.Flash, 9)), []string{"x"})
		b.no(s.Dequeue("p", []string{"a", "x"}))
	})
	// Any one number that may still arrive, or has, is enough, be it given before or after those that do not count.
	b.send(number(5), store.Receipted, true, handover("x", 1), handover("a", 1))
	b.send(number(6), store.Closed, true, handover("x", 1), handover("y", 1), handover("z", 1))
	b.send(number(7), store.Void, true, handover("x", 1), handover("y", 1), handover("z", 1))
	b.update(func(tx store.Tx) {
		s := tx.Streams()
		b.equal("of many numbers", ok[int](b)(s.EnqueueCurrent("p", []int64{1, 2})), 0)
		b.no(s.DropHandovers(number(5)))
		b.equal("dropped", ok[int](b)(s.EnqueueCurrent("p", []int64{1, 2})), 2)
		b.equal("flash", ok[[]string](b)(s.Queued("p", store.Flash, 9)), []string{"x"})
		b.equal("routine", ok[[]string](b)(s.Queued("p", store.Routine, 9)), []string{"a"})
	})
}

func testSent(t *testing.T, open Open) {
	b := newBed(t, open)
	numbers := []store.Number{ // in order; incarnations are random, so above 1<<63 too
		{Partner: "p", Incarnation: 5, Precedence: store.Routine, Number: 1},
		{Partner: "p", Incarnation: 5, Precedence: store.Routine, Number: 2},
		{Partner: "p", Incarnation: 5, Precedence: store.Routine, Number: math.MaxUint64},
		{Partner: "p", Incarnation: 5, Precedence: store.Flash, Number: 1},
		{Partner: "p", Incarnation: math.MaxUint64, Precedence: store.Routine, Number: 1},
	}
	b.update(func(tx store.Tx) {
		for i := range numbers {
			n := numbers[(i*3)%len(numbers)]
			b.no(tx.Streams().AddSent(store.Sent{Number: n, Sealed: []byte("sealed"), Time: 7, Items: 3}, nil))
		}
		b.kind(tx.Streams().AddSent(store.Sent{Number: numbers[0]}, []store.Handover{handover("a", 1)}), fault.Conflict)
		b.no(tx.Streams().AddSent(store.Sent{Number: store.Number{Partner: "q", Number: 1}}, nil))
	})
	list := func(tx store.Tx) (list []store.Number) {
		for _, s := range ok[[]store.Sent](b)(tx.Streams().Unsettled("p")) {
			if s.Sealed != nil {
				b.Errorf("Unsettled gave the sealed bytes of %v", s.Number)
			}
			list = append(list, s.Number)
		}
		return list
	}
	b.both(func(tx store.Tx) {
		b.equal("unsettled", list(tx), numbers)
		s, found, err := tx.Streams().Sent(numbers[4])
		b.no(err)
		b.equal("found", found, true)
		b.equal("sent", s, store.Sent{Number: numbers[4], Sealed: []byte("sealed"), Time: 7, Items: 3})
		b.equal("refused items", ok[[]store.Handover](b)(tx.Streams().Carried(numbers[0])), []store.Handover(nil))
	})
	b.update(func(tx store.Tx) {
		s := tx.Streams()
		b.no(s.SetSent(numbers[0], store.InFlight, true))
		b.no(s.SetSent(numbers[1], store.Receipted, true))
		b.no(s.SetSent(numbers[2], store.Void, false))
		b.no(s.SetSent(numbers[3], store.Closed, true))
		b.kind(s.SetSent(store.Number{Partner: "p", Incarnation: 5, Number: 77}, store.Void, true), fault.NotFound)
		b.kind(s.SetSent(store.Number{Partner: "unknown"}, store.Void, true), fault.NotFound)
	})
	b.both(func(tx store.Tx) {
		b.equal("unsettled", list(tx), []store.Number{numbers[0], numbers[2], numbers[4]})
		for i, want := range []store.Sent{
			{State: store.InFlight, Left: true, Sealed: []byte("sealed")}, {State: store.Receipted, Left: true}, {State: store.Void}, {State: store.Closed, Left: true},
		} {
			want.Number, want.Time, want.Items = numbers[i], 7, 3
			s, _, err := tx.Streams().Sent(numbers[i])
			b.no(err)
			b.equal("sent", s, want)
		}
		_, found, err := tx.Streams().Sent(store.Number{Partner: "q", Number: 2})
		b.no(err)
		b.equal("found", found, false)
	})
}

// under is a handover as it is read.
func under(h store.Handover, n uint64, state store.State, left bool) store.Handover {
	h.Number, h.State, h.Left = number(n), state, left
	return h
}

func testHandovers(t *testing.T, open Open) {
	b := newBed(t, open)
	excepted := handover("b", 2)
	excepted.Exception, excepted.State, excepted.Left = "held", store.Closed, true // state and left are the number's
	excepted.Number = number(77)
	b.send(number(1), store.InFlight, false, handover("c", 1), handover("a", 1), excepted)
	b.send(number(2), store.Void, false, handover("b", 1))
	b.both(func(tx store.Tx) {
		got := ok[[]store.Handover](b)(tx.Streams().Carried(number(1)))
		b.equal("carried", got, []store.Handover{
			under(handover("a", 1), 1, 0, false), under(excepted, 1, 0, false), under(handover("c", 1), 1, 0, false),
		})
		got = ok[[]store.Handover](b)(tx.Streams().Handovers("p", []string{"c", "b", "x", "c"}))
		b.equal("handovers", got, []store.Handover{
			under(handover("b", 1), 2, store.Void, false), under(excepted, 1, 0, false), under(handover("c", 1), 1, 0, false),
		})
		b.equal("to another", ok[[]store.Handover](b)(tx.Streams().Handovers("q", []string{"c"})), []store.Handover(nil))
	})
	// An id twice in one number leaves nothing behind.
	b.update(func(tx store.Tx) {
		for _, second := range []store.Handover{handover("d", 1), handover("d", 2)} {
			b.kind(tx.Streams().AddSent(store.Sent{Number: number(3)}, []store.Handover{handover("d", 1), handover("e", 1), second}), fault.Conflict)
		}
		_, found, err := tx.Streams().Sent(number(3))
		b.no(err)
		b.equal("found", found, false)
		b.equal("refused items", ok[[]store.Handover](b)(tx.Streams().Handovers("p", []string{"d", "e"})), []store.Handover(nil))
	})
	// The same version under another number is another handover.
	again := handover("b", 2)
	again.TLP, again.Serial, again.Sum = 4, 99, hash("others")
	b.send(number(3), store.Receipted, true, again)
	b.update(func(tx store.Tx) {
		b.no(tx.Streams().SetException(number(3), "b", "claim"))
		b.no(tx.Streams().SetException(number(1), "c", "refused"))
		b.no(tx.Streams().SetException(number(1), "b", ""))
		b.no(tx.Streams().SetException(number(1), "x", "refused"))
		b.no(tx.Streams().SetException(number(9), "b", "refused"))
	})
	again.Exception = "claim"
	refused := handover("c", 1)
	refused.Exception = "refused"
	b.both(func(tx store.Tx) {
		b.equal("1", ok[[]store.Handover](b)(tx.Streams().Carried(number(1))),
			[]store.Handover{under(handover("a", 1), 1, 0, false), under(handover("b", 2), 1, 0, false), under(refused, 1, 0, false)})
		b.equal("3", ok[[]store.Handover](b)(tx.Streams().Carried(number(3))), []store.Handover{under(again, 3, store.Receipted, true)})
		b.equal("b", ok[[]store.Handover](b)(tx.Streams().Handovers("p", []string{"b"})), []store.Handover{
			under(handover("b", 1), 2, store.Void, false), under(handover("b", 2), 1, 0, false), under(again, 3, store.Receipted, true),
		})
	})
	b.update(func(tx store.Tx) { b.no(tx.Streams().DropHandovers(number(1))) })
	b.both(func(tx store.Tx) {
		b.equal("dropped", ok[[]store.Handover](b)(tx.Streams().Carried(number(1))), []store.Handover(nil))
		b.equal("3 stays", ok[[]store.Handover](b)(tx.Streams().Carried(number(3))), []store.Handover{under(again, 3, store.Receipted, true)})
		b.equal("left", len(ok[[]store.Handover](b)(tx.Streams().Handovers("p", []string{"a", "b", "c"}))), 2)
	})
}

func testHolding(t *testing.T, open Open) {
	b := newBed(t, open)
	holding := func() (h store.Holding) {
		b.view(func(tx store.Tx) { h = ok[store.Holding](b)(tx.Streams().Holding("p")) })
		return h
	}
	b.send(number(1), store.InFlight, false, handover("a", 1), handover("b", 1), handover("c", 1))
	b.equal("in flight", holding(), store.Holding{Released: 3, InFlight: 3})
	b.update(func(tx store.Tx) {
		b.no(tx.Streams().SetSent(number(1), store.Receipted, true))
		b.no(tx.Streams().SetException(number(1), "b", "held"))
		b.no(tx.Streams().SetException(number(1), "b", "claim"))
	})
	b.equal("receipted", holding(), store.Holding{Released: 3, Held: 2, Excepted: 1})
	b.send(number(2), store.Void, false, handover("d", 1), handover("e", 1))
	b.equal("void, never left", holding(), store.Holding{Released: 3, Held: 2, Excepted: 1})
	b.send(number(3), store.Void, true, handover("f", 1))
	b.equal("void, left", holding(), store.Holding{Released: 4, Held: 2, Excepted: 1, Void: 1})
	b.send(number(4), store.InFlight, true, handover("b", 1), handover("d", 1)) // b anew, d anew
	b.equal("anew", holding(), store.Holding{Released: 6, Held: 2, Excepted: 1, InFlight: 2, Void: 1})
	b.update(func(tx store.Tx) { b.no(tx.Streams().SetSent(number(3), store.Closed, true)) })
	b.equal("closed", holding(), store.Holding{Released: 5, Held: 2, Excepted: 1, InFlight: 2})
	b.update(func(tx store.Tx) {
		b.no(tx.Streams().SetSent(number(4), store.Receipted, true))
		b.no(tx.Streams().SetException(number(1), "a", "refused"))
		b.no(tx.Streams().SetException(number(1), "a", ""))
		b.equal("at once", ok[store.Holding](b)(tx.Streams().Holding("p")), store.Holding{Released: 5, Held: 4, Excepted: 1})
		b.no(tx.Streams().DropHandovers(number(1)))
		b.equal("dropped", ok[store.Holding](b)(tx.Streams().Holding("p")), store.Holding{Released: 2, Held: 2})
		b.equal("to another", ok[store.Holding](b)(tx.Streams().Holding("q")), store.Holding{})
	})
}

func testMissing(t *testing.T, open Open) {
	b := newBed(t, open)
	list := func(tx store.Tx, limit int) (list []string) {
		for _, h := range ok[[]store.Handover](b)(tx.Streams().Missing("p", limit)) {
			list = append(list, fmt.Sprint(h.ID, h.Modified, " ", h.Number.Number))
			b.equal("state", h.State, store.InFlight)
		}
		return list
	}
	b.send(number(1), store.InFlight, true, handover("c", 1), handover("a", 2))
	b.send(number(2), store.Receipted, true, handover("b", 1))
	b.send(number(3), store.InFlight, false, handover("a", 1))
	b.send(number(4), store.Void, true, handover("d", 1))
	b.both(func(tx store.Tx) {
		b.equal("missing", list(tx, 9), []string{"a2 1", "a1 3", "c1 1"})
		b.equal("two", list(tx, 2), []string{"a2 1", "a1 3"})
		b.equal("none", list(tx, 0), []string(nil))
		b.equal("of another", ok[[]store.Handover](b)(tx.Streams().Missing("q", 9)), []store.Handover(nil))
	})
	// Several numbers, given in another order than theirs, carry one id; it is they that give the order.
	early := number(9)
	early.Precedence = store.Routine
	b.send(early, store.InFlight, false, handover("c", 2))
	late := number(1)
	late.Incarnation = 1 << 63
	b.send(late, store.InFlight, false, handover("c", 0))
	b.send(number(8), store.Closed, false, handover("c", 1))
	b.both(func(tx store.Tx) {
		b.equal("of many numbers", list(tx, 9), []string{"a2 1", "a1 3", "c2 9", "c1 1", "c0 1"})
		b.equal("cut", list(tx, 4), []string{"a2 1", "a1 3", "c2 9", "c1 1"})
	})
	b.update(func(tx store.Tx) {
		b.no(tx.Streams().SetSent(early, store.Void, false))
		b.no(tx.Streams().SetSent(late, store.Receipted, true))
	})
	// Mostly missing, asked for a few: an engine may take another way.
	var many []store.Handover
	for i := range 500 {
		many = append(many, handover(fmt.Sprintf("m%03d", (i*7)%500), 1))
	}
	b.send(number(5), store.InFlight, true, many...)
	b.both(func(tx store.Tx) {
		b.equal("few of many", list(tx, 5), []string{"a2 1", "a1 3", "c1 1", "m0001 5", "m0011 5"})
	})
}

func testStillHeld(t *testing.T, open Open) {
	b := newBed(t, open)
	b.insert(variant("a", 1, current, class(1)), variant("b", 1, current, class(2)), variant("c", 1, class(1)), variant("c", 2, current, class(2)),
		variant("d", 1, class(1)), variant("e", 1, current, class(1)), variant("f", 1, current, class(1)), variant("g", 1, current, class(1)))
	b.send(number(1), store.Receipted, true, handover("a", 1), handover("b", 1), handover("c", 1), handover("d", 1), handover("x", 1))
	b.send(number(7), store.Receipted, true, handover("c", 2))
	b.send(number(2), store.Void, true, handover("e", 1))
	b.send(number(3), store.Void, false, handover("f", 1))
	b.send(number(4), store.InFlight, true, handover("g", 1))
	b.send(number(5), store.Receipted, true, handover("", 1)) // is not behind the empty id
	b.update(func(tx store.Tx) { b.no(tx.Streams().SetException(number(1), "a", "held")) })
	list := func(tx store.Tx, permitted []int64, after string, limit int) (list []string) {
		for _, h := range ok[[]store.Handover](b)(tx.Streams().StillHeld("p", permitted, after, limit)) {
			list = append(list, fmt.Sprint(h.ID, h.Modified))
		}
		return list
	}
	b.both(func(tx store.Tx) {
		b.equal("class 1", list(tx, []int64{1}, "", 99), []string{"b1", "c1", "c2", "d1", "x1"})
		b.equal("class 2", list(tx, []int64{2}, "", 99), []string{"d1", "e1", "x1"})
		b.equal("both", list(tx, []int64{2, 1}, "", 99), []string{"d1", "x1"})
		b.equal("none", list(tx, nil, "", 99), []string{"b1", "c1", "c2", "d1", "e1", "x1"})
		b.equal("after b, two", list(tx, nil, "b", 2), []string{"c1", "c2"})
		b.equal("after c", list(tx, nil, "c", 99), []string{"d1", "e1", "x1"})
		b.equal("limit 0", list(tx, nil, "", 0), []string(nil))
		b.equal("another", ok[[]store.Handover](b)(tx.Streams().StillHeld("q", nil, "", 9)), []store.Handover(nil))
	})
	b.update(func(tx store.Tx) { b.no(tx.Streams().SetSent(number(2), store.Closed, true)) })
	b.view(func(tx store.Tx) { b.equal("closed", list(tx, nil, "d", 99), []string{"x1"}) })
	// More than an engine looks at in one piece.
	var many []store.Handover
	for i := range 2500 {
		many = append(many, handover(fmt.Sprintf("m%04d", i), 1))
	}
	b.insert(variant("m2400", 1, current, class(5)), variant("m0000", 1, current, class(1)))
	b.send(number(6), store.Receipted, true, many...)
	b.view(func(tx store.Tx) {
		b.equal("many", len(list(tx, []int64{1}, "d", 9999)), 2500)
		b.equal("a page behind", list(tx, []int64{5}, "m2398", 2), []string{"m23991", "m24011"})
	})
}

// testManyNumbers sends versions under several numbers: what becomes of one number is nothing to the others.
func testManyNumbers(t *testing.T, open Open) {
	b := newBed(t, open)
	holds := func(what string, want store.Holding) {
		t.Helper()
		b.both(func(tx store.Tx) { b.equal(what, ok[store.Holding](b)(tx.Streams().Holding("p")), want) })
	}
	set := func(n uint64, state store.State, left bool) {
		t.Helper()
		b.update(func(tx store.Tx) { b.no(tx.Streams().SetSent(number(n), state, left)) })
	}
	drop := func(n uint64) {
		t.Helper()
		b.update(func(tx store.Tx) { b.no(tx.Streams().DropHandovers(number(n))) })
	}
	b.send(number(1), store.Receipted, true, handover("a", 1), handover("b", 1), handover("c", 1))
	b.send(number(2), store.InFlight, true, handover("a", 1), handover("b", 1), handover("d", 1))
	holds("sent again", store.Holding{Released: 6, Held: 3, InFlight: 3})
	b.update(func(tx store.Tx) { b.no(tx.Streams().SetException(number(2), "b", "claim")) })
	holds("excepted before the receipt", store.Holding{Released: 6, Held: 3, InFlight: 3})
	set(2, store.Receipted, true)
	holds("receipted", store.Holding{Released: 6, Held: 5, Excepted: 1})
	set(2, store.Void, true)
	holds("void", store.Holding{Released: 6, Held: 3, Void: 3})
	set(2, store.Void, false)
	holds("void, never left", store.Holding{Released: 3, Held: 3})
	set(2, store.Closed, true)
	holds("closed", store.Holding{Released: 3, Held: 3})
	drop(2)
	holds("dropped", store.Holding{Released: 3, Held: 3})
	set(2, store.Receipted, true)
	holds("receipted with nothing left", store.Holding{Released: 3, Held: 3})
	drop(2)
	drop(9)
	// A number that was dropped may carry nothing again, but another may carry the same.
	b.send(number(3), store.InFlight, true, handover("a", 1))
	b.send(number(4), store.InFlight, true, handover("a", 1))
	holds("thrice", store.Holding{Released: 5, Held: 3, InFlight: 2})
	drop(1)
	holds("the first dropped", store.Holding{Released: 2, InFlight: 2})
	b.both(func(tx store.Tx) {
		for n, want := range map[uint64][]store.Handover{
			1: nil, 2: nil, 3: {under(handover("a", 1), 3, 0, true)}, 4: {under(handover("a", 1), 4, 0, true)},
		} {
			b.equal(fmt.Sprint("carried by ", n), ok[[]store.Handover](b)(tx.Streams().Carried(number(n))), want)
		}
	})
	// The order among numbers is theirs, not that in which they were given.
	routine, late := number(9), number(1)
	routine.Precedence, late.Incarnation = store.Routine, math.MaxUint64
	b.send(late, store.Void, true, handover("a", 1))
	b.send(routine, store.Closed, true, handover("a", 1))
	first, last := handover("a", 1), handover("a", 1)
	first.Number, first.State, first.Left = routine, store.Closed, true
	last.Number, last.State, last.Left = late, store.Void, true
	b.both(func(tx store.Tx) {
		b.equal("by id", ok[[]store.Handover](b)(tx.Streams().Handovers("p", []string{"a"})), []store.Handover{
			first, under(handover("a", 1), 3, 0, true), under(handover("a", 1), 4, 0, true), last,
		})
	})
}

// testManyNumbersStillHeld gives one version to two numbers in all their states, and in both orders.
func testManyNumbersStillHeld(t *testing.T, open Open) {
	type status struct {
		state     store.State
		left      bool
		exception string
		rank      int // 2 is held, 1 may be held, 0 is not
	}
	all := []status{
		{store.Receipted, true, "", 2},
		{store.Void, true, "", 1},
		{store.Void, true, "held", 1},
		{store.Receipted, true, "claim", 0},
		{store.InFlight, true, "", 0},
		{store.Void, false, "", 0},
		{store.Closed, true, "", 0},
		{store.Closed, false, "", 0},
	}
	b := newBed(t, open)
	var want []string
	for i, one := range all {
		for k, two := range all {
			id := fmt.Sprintf("id %d%d", i, k)
			for n, s := range []status{one, two} {
				number := number(uint64(1000 - 2*(10*i+k) - n)) // the later given is the lesser
				b.send(number, s.state, s.left, handover(id, 1))
				b.update(func(tx store.Tx) { b.no(tx.Streams().SetException(number, id, s.exception)) })
			}
			switch {
			case two.rank > 0 && two.rank >= one.rank:
				want = append(want, fmt.Sprint(id, " ", 1000-2*(10*i+k)-1))
			case one.rank > 0:
				want = append(want, fmt.Sprint(id, " ", 1000-2*(10*i+k)))
			}
		}
	}
	list := func(tx store.Tx, after string, limit int) (list []string) {
		for _, h := range ok[[]store.Handover](b)(tx.Streams().StillHeld("p", nil, after, limit)) {
			list = append(list, fmt.Sprint(h.ID, " ", h.Number.Number))
		}
		return list
	}
	b.both(func(tx store.Tx) {
		b.equal("all", list(tx, "", 99), want)
		for limit := range len(want) {
			b.equal(fmt.Sprint("limit ", limit), list(tx, "", limit), want[:limit])
		}
		b.equal("after the first", list(tx, "id 00", 99), want[1:])
	})
	// More numbers than an engine looks at in one piece; the only receipt is the last.
	b = newBed(t, open)
	b.update(func(tx store.Tx) {
		for n := range uint64(1500) {
			sent := store.Sent{Number: number(n + 1), State: store.Void, Left: true}
			if n == 1499 {
				sent.State = store.Receipted
			}
			b.no(tx.Streams().AddSent(sent, []store.Handover{handover("a", 1)}))
		}
		b.no(tx.Streams().AddSent(store.Sent{Number: number(1501), State: store.Receipted}, []store.Handover{handover("a", 2), handover("b", 1)}))
	})
	b.both(func(tx store.Tx) {
		b.equal("many", list(tx, "", 99), []string{"a 1500", "a 1501", "b 1501"})
		b.equal("one of many", list(tx, "", 1), []string{"a 1500"})
	})
	b.update(func(tx store.Tx) {
		b.no(tx.Streams().SetSent(number(1500), store.Closed, true))
		b.equal("void ones", list(tx, "", 1), []string{"a 1"})
	})
}

func testEvidence(t *testing.T, open Open) {
	b := newBed(t, open)
	e := store.Evidence{
		Number:    store.Number{Partner: "p", Incarnation: math.MaxUint64, Precedence: store.Flash, Number: math.MaxUint64},
		Signature: []byte("signature"), Header: hash("header"), Salt: []byte("salt"), Leaves: make([]byte, 64_000),
	}
	other := store.Evidence{Number: store.Number{Partner: "q"}}
	b.update(func(tx store.Tx) {
		e.Seq = ok[int64](b)(tx.Streams().AddEvidence(e))
		other.Seq = ok[int64](b)(tx.Streams().AddEvidence(other))
		_, err := tx.Streams().AddEvidence(e)
		b.kind(err, fault.Conflict)
	})
	b.equal("seq", []int64{e.Seq, other.Seq}, []int64{1, 2})
	b.both(func(tx store.Tx) {
		for _, want := range []store.Evidence{e, other} {
			got, found, err := tx.Streams().Evidence(want.Number)
			b.no(err)
			b.equal("found", found, true)
			b.equal("evidence", got, want)
		}
		_, found, err := tx.Streams().Evidence(store.Number{Partner: "p", Number: 1})
		b.no(err)
		b.equal("found", found, false)
	})
}
