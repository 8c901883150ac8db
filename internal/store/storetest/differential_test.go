package storetest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
)

// TestMain keeps rapid from writing files into the tree; it prints the seed of a failure anyway. -rapid.nofailfile=false makes it write them.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// TestSameAnswers runs random transactions on all engines side by side. Every call must give the same answer on each.
func TestSameAnswers(t *testing.T) {
	dir := t.TempDir()
	if shm, err := os.MkdirTemp("/dev/shm", "wagasa"); err == nil { // nothing here is about durability, and syncing takes most of the time
		t.Cleanup(func() { os.RemoveAll(shm) })
		dir = shm
	}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		ctx := context.Background()
		s, err := sqlite.Open(ctx, path, sqlite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { s.Close() }()
		m := memory.New()
		if rapid.IntRange(0, 3).Draw(t, "many families") == 0 {
			for _, s := range []store.Store{m, s} {
				if err := s.Update(ctx, func(tx store.Tx) error { return tx.Objects().Insert(manyFamilies()) }); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range rapid.IntRange(1, 12).Draw(t, "transactions") {
			var ops []op
			for range rapid.IntRange(1, 12).Draw(t, "operations") {
				ops = append(ops, drawOp(t))
			}
			var stop error
			if rapid.IntRange(0, 4).Draw(t, "roll back") == 0 {
				stop = errors.New("stop")
			}
			view := rapid.IntRange(0, 4).Draw(t, "view") == 0
			var answers [2][]any
			for i, s := range []store.Store{m, s} {
				run := s.Update
				if view {
					run = s.View
				}
				err := run(ctx, func(tx store.Tx) error {
					for _, op := range ops {
						answers[i] = append(answers[i], answer(op.run(tx)))
					}
					return stop
				})
				if !errors.Is(err, stop) {
					t.Fatalf("engine %d: %v", i, err)
				}
			}
			for i, op := range ops {
				if !reflect.DeepEqual(answers[0][i], answers[1][i]) {
					t.Fatalf("%s:\nmemory %+v\nsqlite %+v", op.name, answers[0][i], answers[1][i])
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "reopen") == 0 {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = sqlite.Open(ctx, path, sqlite.Config{}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// manyFamilies makes variants that have hardly any facts in common, so that an engine may search another way than through few. Their ids
// lie between and behind the others.
func manyFamilies() []store.Variant {
	var list []store.Variant
	for i := range 300 {
		list = append(list, store.Variant{
			ID: []string{"a--1", "b--1", "c", "~"}[i%4] + fmt.Sprint(i/4), Type: []string{"x", "y"}[i%2], Creator: []string{"", "c"}[i/2%2],
			SpecVersion: fmt.Sprint(i), Class: int64(i % 4), Markings: someMarkings[i%3 : i%3+1], Current: i%5 != 0,
		})
	}
	return list
}

// answer makes answers comparable: an error is its kind, and there is no difference between nil and empty.
func answer(v any, err error) any {
	if err != nil {
		return fault.Of(err)
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.Len() == 0 {
		return nil
	}
	return v
}

// op is one call with its arguments, to be made on every engine.
type op struct {
	name string
	run  func(store.Tx) (any, error)
}

var (
	someIDs      = []string{"", "a--1", "a--2", "b--1", "b--2", "b--2\x00", "c--日本", "~"}
	someParties  = []store.Party{store.Self, "p", "q"}
	someMarkings = []string{"m", "n", "o"}
)

func one[T any](t *rapid.T, list []T) T { return list[rapid.IntRange(0, len(list)-1).Draw(t, "one")] }

func some[T any](t *rapid.T, list []T) []T {
	return rapid.SliceOfN(rapid.SampledFrom(list), 0, 6).Draw(t, "some")
}

func drawHash(t *rapid.T) store.Hash { return store.Hash{byte(rapid.IntRange(0, 2).Draw(t, "hash"))} }

func drawNumber(t *rapid.T) store.Number {
	return store.Number{
		Partner: one(t, someParties), Incarnation: one(t, []uint64{1, 1 << 63}), Precedence: one(t, store.Precedences[:2]),
		Number: uint64(rapid.IntRange(1, 3).Draw(t, "number")),
	}
}

// drawFacts fills in what Update may change, other than Current.
func drawFacts(t *rapid.T, v *store.Variant) {
	v.SpecVersion = one(t, []string{"", "2.1"})
	v.Sum = drawHash(t)
	v.Serial = rapid.Uint64().Draw(t, "serial")
	v.TLP = rapid.Uint8().Draw(t, "tlp")
	v.Precedence = one(t, store.Precedences[:])
	v.Standing = one(t, []store.Standing{store.Open, store.Authoritative, store.Claim, store.Held, store.Quarantined})
	v.Validated, v.Revoked, v.Broken = rapid.Bool().Draw(t, "validated"), rapid.Bool().Draw(t, "revoked"), rapid.Bool().Draw(t, "broken")
	v.Findings = one(t, [][]byte{nil, {}, []byte("f"), []byte("g")})
	v.Class = int64(rapid.IntRange(0, 3).Draw(t, "class"))
	v.Markings = slices.Compact(slices.Sorted(slices.Values(some(t, someMarkings))))
	if len(v.Markings) == 0 {
		v.Markings = nil
	}
	v.Evidence, v.Leaf, v.Arrived = rapid.Int64().Draw(t, "evidence"), int(rapid.Int32().Draw(t, "leaf")), rapid.Int64().Draw(t, "arrived")
	if rapid.Bool().Draw(t, "with bytes") {
		v.Raw = []byte(rapid.StringN(1, 5, -1).Draw(t, "raw"))
	}
}

func drawOp(t *rapid.T) op {
	limit := rapid.IntRange(-1, 8).Draw(t, "limit")
	after := one(t, someIDs)
	classes := rapid.SliceOfN(rapid.Int64Range(0, 4), 0, 4).Draw(t, "classes")
	partner, n := one(t, someParties), drawNumber(t)
	ids := some(t, someIDs)
	named := func(name string, run func(store.Tx) (any, error), args ...any) op {
		return op{fmt.Sprintf("%s%+v", name, args), run}
	}
	done := func(err error) (any, error) { return nil, err }
	switch rapid.IntRange(0, 44).Draw(t, "operation") {
	case 0, 1, 2, 3, 4:
		list := make([]store.Variant, rapid.IntRange(0, 5).Draw(t, "variants"))
		for i := range list {
			v := &list[i]
			v.ID, v.Type, v.Creator, v.Origin = one(t, someIDs), one(t, []string{"x", "y"}), one(t, []string{"", "c"}), one(t, someParties)
			v.Modified, v.Digest = int64(rapid.IntRange(-1, 2).Draw(t, "modified")), drawHash(t)
			drawFacts(t, v)
			if v.Names = slices.Compact(slices.Sorted(slices.Values(some(t, someMarkings)))); len(v.Names) == 0 {
				v.Names = nil
			}
		}
		return named("Insert", func(tx store.Tx) (any, error) {
			list := slices.Clone(list)
			err := tx.Objects().Insert(list)
			return list, err
		}, list)
	case 5, 6, 7, 8: // as ingest does: one of an id's variants becomes current
		which := rapid.IntRange(-1, 4).Draw(t, "which")
		change := rapid.Bool().Draw(t, "change")
		var facts store.Variant
		drawFacts(t, &facts)
		return named("Update", func(tx store.Tx) (any, error) {
			list, err := tx.Objects().Variants([]string{after})
			for i := range list {
				v := &list[i]
				if change {
					w := facts
					w.Seq, w.ID = v.Seq, v.ID
					*v = w
				}
				v.Current = i == which
			}
			if err == nil {
				err = tx.Objects().Update(list)
			}
			return list, err
		}, after, which, facts)
	case 9:
		return named("Variants", func(tx store.Tx) (any, error) { return tx.Objects().Variants(ids) }, ids)
	case 10:
		return named("Current", func(tx store.Tx) (any, error) { return tx.Objects().Current(ids) }, ids)
	case 11, 12:
		types := some(t, []string{"x", "y", "z"})
		if rapid.Bool().Draw(t, "all classes") {
			classes = nil
		}
		return named("ScanCurrent", func(tx store.Tx) (any, error) { return tx.Objects().ScanCurrent(after, types, classes, limit) }, after, types, classes, limit)
	case 13:
		m := one(t, someMarkings)
		return named("Marked", func(tx store.Tx) (any, error) { return tx.Objects().Marked(m, after, limit) }, m, after, limit)
	case 14:
		m := one(t, someMarkings)
		return named("MarkedClasses", func(tx store.Tx) (any, error) { return tx.Objects().MarkedClasses(m) }, m)
	case 42:
		n := one(t, someMarkings)
		return named("Naming", func(tx store.Tx) (any, error) { return tx.Objects().Naming(n, after, limit) }, n, after, limit)
	case 15:
		c := one(t, []string{"", "c"})
		return named("Created", func(tx store.Tx) (any, error) { return tx.Objects().Created(c, after, limit) }, c, after, limit)
	case 16:
		return named("HeldUntil", func(tx store.Tx) (any, error) { return tx.Objects().HeldUntil(int64(limit)-2, limit) }, limit)
	case 17:
		return named("Contested", func(tx store.Tx) (any, error) { return tx.Objects().Contested(after, limit) }, after, limit)
	case 43:
		return named("Quarantined", func(tx store.Tx) (any, error) { return tx.Objects().Quarantined(after, limit) }, after, limit)
	case 44:
		seqs := rapid.SliceOfN(rapid.Int64Range(0, 20), 0, 6).Draw(t, "seqs")
		return named("Findings", func(tx store.Tx) (any, error) { return tx.Objects().Findings(seqs) }, seqs)
	case 18:
		return named("Counts", func(tx store.Tx) (any, error) { return tx.Objects().Counts() })
	case 19:
		facts := one(t, []string{"", "f", "g", "h"})
		return named("Intern", func(tx store.Tx) (any, error) { return tx.Objects().Intern(facts) }, facts)
	case 20:
		return named("Classes", func(tx store.Tx) (any, error) { return tx.Objects().Classes() })
	case 21:
		return named("Append", func(tx store.Tx) (any, error) { return done(tx.Feed().Append(int64(limit), store.KindObject, after)) }, limit, after)
	case 22:
		return named("After", func(tx store.Tx) (any, error) { return tx.Feed().After(int64(limit)-2, limit) }, limit)
	case 23:
		return named("Cursor", func(tx store.Tx) (any, error) {
			if err := tx.Feed().SetCursor(after, int64(limit)); err != nil {
				return nil, err
			}
			head, err := tx.Feed().Head()
			if err != nil {
				return nil, err
			}
			at, err := tx.Feed().Cursor(string(partner))
			return []int64{head, at}, err
		}, after, limit, partner)
	case 24, 25:
		return named("Enqueue", func(tx store.Tx) (any, error) { return done(tx.Streams().Enqueue(partner, n.Precedence, ids)) }, partner, n.Precedence, ids)
	case 26, 27:
		return named("EnqueueCurrent", func(tx store.Tx) (any, error) { return tx.Streams().EnqueueCurrent(partner, classes) }, partner, classes)
	case 28:
		return named("Queued", func(tx store.Tx) (any, error) {
			depths, err := tx.Streams().Depths(partner)
			if err != nil {
				return nil, err
			}
			var all []any
			for _, p := range store.Precedences {
				list, err := tx.Streams().Queued(partner, p, limit)
				if err != nil {
					return nil, err
				}
				all = append(all, answer(list, nil))
			}
			return append(all, depths), nil
		}, partner, limit)
	case 29:
		return named("Dequeue", func(tx store.Tx) (any, error) { return done(tx.Streams().Dequeue(partner, ids)) }, partner, ids)
	case 30, 31, 32:
		sent := store.Sent{Number: n, State: store.State(rapid.IntRange(0, 3).Draw(t, "state")), Left: rapid.Bool().Draw(t, "left"), Sealed: []byte("s"), Time: int64(limit), Items: 7}
		items := make([]store.Handover, rapid.IntRange(0, 5).Draw(t, "items"))
		for i := range items {
			items[i] = store.Handover{
				// Few versions, so that several numbers carry the same.
				ID: one(t, someIDs), Modified: int64(rapid.IntRange(0, 1).Draw(t, "modified")), Digest: store.Hash{byte(rapid.IntRange(0, 1).Draw(t, "digest"))},
				Sum: drawHash(t), Serial: rapid.Uint64().Draw(t, "serial"), TLP: 3, Exception: one(t, []string{"", "", "held"}),
			}
		}
		if rapid.IntRange(0, 9).Draw(t, "twice") > 0 { // else an id may come twice, which is a conflict
			slices.SortFunc(items, func(a, b store.Handover) int { return strings.Compare(a.ID, b.ID) })
			items = slices.CompactFunc(items, func(a, b store.Handover) bool { return a.ID == b.ID })
		}
		return named("AddSent", func(tx store.Tx) (any, error) { return done(tx.Streams().AddSent(sent, items)) }, sent, items)
	case 33:
		state, left := store.State(rapid.IntRange(0, 3).Draw(t, "state")), rapid.Bool().Draw(t, "left")
		return named("SetSent", func(tx store.Tx) (any, error) { return done(tx.Streams().SetSent(n, state, left)) }, n, state, left)
	case 34:
		return named("Sent", func(tx store.Tx) (any, error) {
			sent, found, err := tx.Streams().Sent(n)
			if err != nil {
				return nil, err
			}
			all, err := tx.Streams().Unsettled(partner)
			return []any{sent, found, answer(all, nil)}, err
		}, n, partner)
	case 35:
		return named("Carried", func(tx store.Tx) (any, error) { return tx.Streams().Carried(n) }, n)
	case 36:
		return named("Handovers", func(tx store.Tx) (any, error) { return tx.Streams().Handovers(partner, ids) }, partner, ids)
	case 37:
		exception := one(t, []string{"", "claim"})
		if rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
			return named("DropHandovers", func(tx store.Tx) (any, error) { return done(tx.Streams().DropHandovers(n)) }, n)
		}
		return named("SetException", func(tx store.Tx) (any, error) { return done(tx.Streams().SetException(n, after, exception)) }, n, after, exception)
	case 38:
		return named("Holding", func(tx store.Tx) (any, error) { return tx.Streams().Holding(partner) }, partner)
	case 39:
		return named("Missing", func(tx store.Tx) (any, error) { return tx.Streams().Missing(partner, limit) }, partner, limit)
	case 40:
		return named("StillHeld", func(tx store.Tx) (any, error) { return tx.Streams().StillHeld(partner, classes, after, limit) }, partner, classes, after, limit)
	default:
		return drawOther(t, named, after, limit)
	}
}

// drawOther draws an operation on records, logs or evidence.
func drawOther(t *rapid.T, named func(string, func(store.Tx) (any, error), ...any) op, after string, limit int) op {
	kind, term := one(t, []string{"k", "l"}), one(t, someMarkings)
	n := drawNumber(t)
	switch rapid.IntRange(0, 9).Draw(t, "other") {
	case 0, 1, 2:
		r := store.Record{Kind: kind, Key: after, Value: []byte(term), Terms: some(t, someMarkings)}
		return named("Put", func(tx store.Tx) (any, error) { return nil, tx.Records().Put(r) }, r)
	case 3:
		return named("Get", func(tx store.Tx) (any, error) {
			r, found, err := tx.Records().Get(kind, after)
			return []any{r, found}, err
		}, kind, after)
	case 4:
		return named("Delete", func(tx store.Tx) (any, error) { return nil, tx.Records().Delete(kind, after) }, kind, after)
	case 5:
		return named("List", func(tx store.Tx) (any, error) { return tx.Records().List(kind, after, limit) }, kind, after, limit)
	case 6:
		return named("Find", func(tx store.Tx) (any, error) { return tx.Records().Find(kind, term, after, limit) }, kind, term, after, limit)
	case 7:
		return named("Append to a log", func(tx store.Tx) (any, error) {
			size, err := tx.Log().Size(kind)
			if err != nil {
				return nil, err
			}
			if limit == 3 {
				size++
			}
			return size, tx.Log().Append(kind, store.Leaf{Index: size, Data: []byte(term)}, size, []store.Hash{{byte(size)}})
		}, kind, limit)
	case 8:
		return named("Read a log", func(tx store.Tx) (any, error) {
			leaves, err := tx.Log().Leaves(kind, int64(limit-2), limit)
			if err != nil {
				return nil, err
			}
			trees, err := tx.Log().Trees()
			if err != nil {
				return nil, err
			}
			hashes, err := tx.Log().Hashes(kind, []int64{0, int64(max(limit, 0))})
			return []any{answer(leaves, nil), answer(trees, nil), answer(hashes, err)}, nil
		}, kind, limit)
	default:
		return named("Evidence", func(tx store.Tx) (any, error) {
			seq, err := tx.Streams().AddEvidence(store.Evidence{Number: n, Salt: []byte(term)})
			e, found, err2 := tx.Streams().Evidence(n)
			return []any{seq, answer(nil, err), e, found}, err2
		}, n, term)
	}
}
