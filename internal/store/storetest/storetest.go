// Package storetest is the one suite that every engine of package store passes: each method of the contract with its edges,
// the rules of transactions, and, in its own tests, random operations on all engines that must give the same answers.
//
// An engine's test calls [Run], its benchmark [Bench]. Each test opens a store of its own.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// Open makes an empty store for one test and closes it at the end. reopen closes it and opens what it left behind.
type Open func(t *testing.T) (s store.Store, reopen func() store.Store)

// Run runs the suite.
func Run(t *testing.T, open func(t *testing.T) (s store.Store, reopen func() store.Store)) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"Empty", testEmpty},
		{"RollBack", testRollBack},
		{"Panic", testPanic},
		{"ViewIsReadOnly", testViewIsReadOnly},
		{"ViewIsSnapshot", testViewIsSnapshot},
		{"Context", testContext},
		{"Over", testOver},
		{"Version", testVersion},
		{"Reopen", testReopen},
		{"Closed", testClosed},
		{"Concurrent", testConcurrent},

		{"InsertAndVariants", testInsertAndVariants},
		{"InsertConflict", testInsertConflict},
		{"ManyAtOnce", testManyAtOnce},
		{"Naming", testNaming},
		{"Update", testUpdate},
		{"Current", testCurrent},
		{"ScanCurrent", testScanCurrent},
		{"ManyFamilies", testManyFamilies},
		{"Marked", testMarked},
		{"Created", testCreated},
		{"HeldUntil", testHeldUntil},
		{"Quarantined", testQuarantined},
		{"Findings", testFindings},
		{"Bytes", testBytes},
		{"Contested", testContested},
		{"Counts", testCounts},
		{"Intern", testIntern},
		{"Aliasing", testAliasing},

		{"Feed", testFeed},
		{"Log", testLog},
		{"Records", testRecords},

		{"Enqueue", testEnqueue},
		{"EnqueueCurrent", testEnqueueCurrent},
		{"Sent", testSent},
		{"Handovers", testHandovers},
		{"Holding", testHolding},
		{"Missing", testMissing},
		{"StillHeld", testStillHeld},
		{"ManyNumbers", testManyNumbers},
		{"ManyNumbersStillHeld", testManyNumbersStillHeld},
		{"Evidence", testEvidence},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

// bed is a store under test with short ways to use it.
type bed struct {
	*testing.T
	s      store.Store
	reopen func() store.Store
}

func newBed(t *testing.T, open Open) *bed {
	t.Helper()
	s, reopen := open(t)
	return &bed{t, s, reopen}
}

// update runs f in a transaction that must succeed.
func (b *bed) update(f func(tx store.Tx)) {
	b.Helper()
	if err := b.s.Update(context.Background(), func(tx store.Tx) error { f(tx); return nil }); err != nil {
		b.Fatalf("Update: %v", err)
	}
}

// view runs f on a snapshot.
func (b *bed) view(f func(tx store.Tx)) {
	b.Helper()
	if err := b.s.View(context.Background(), func(tx store.Tx) error { f(tx); return nil }); err != nil {
		b.Fatalf("View: %v", err)
	}
}

// both runs f in a View and in an Update, where the same must be seen.
func (b *bed) both(f func(tx store.Tx)) {
	b.Helper()
	b.view(f)
	b.update(f)
}

// ok unwraps the result of a call that must succeed.
func ok[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%v", err)
		}
		return v
	}
}

func (b *bed) no(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bed) kind(err error, want fault.Kind) {
	b.Helper()
	if err == nil || fault.Of(err) != want {
		b.Errorf("got error %v (%v), want one that is %v", err, fault.Of(err), want)
	}
}

// equal compares; nil and empty are the same.
func (b *bed) equal(what string, got, want any) {
	b.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	if g.Kind() == reflect.Slice && g.Len() == 0 && w.Len() == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		b.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

var errStop = errors.New("stop")

// hash makes a hash that differs with its arguments.
func hash(args ...any) (h store.Hash) {
	copy(h[:], fmt.Sprint(args...))
	h[31] = byte(len(args)) | 0x80
	return h
}

// variant makes a plain variant; change alters it.
func variant(id string, modified int64, change ...func(*store.Variant)) store.Variant {
	v := store.Variant{
		ID: id, Type: "indicator", SpecVersion: "2.1", Modified: modified, Creator: "identity--c", Digest: hash(id, modified),
		Sum: hash("sum", id, modified), Serial: 1<<63 + 7, TLP: 3, Precedence: store.Priority, Standing: store.Authoritative, Validated: true,
		Class: 1, Arrived: 1_700_000_000_000_000_000, Raw: []byte(`{"id":"` + id + `"}`),
	}
	for _, c := range change {
		c(&v)
	}
	return v
}

func current(v *store.Variant) { v.Current = true }

func class(n int64) func(*store.Variant) { return func(v *store.Variant) { v.Class = n } }

func origin(p store.Party) func(*store.Variant) { return func(v *store.Variant) { v.Origin = p } }

func typed(t string) func(*store.Variant) { return func(v *store.Variant) { v.Type = t } }

func standing(s store.Standing) func(*store.Variant) {
	return func(v *store.Variant) { v.Standing = s }
}

func marked(m ...string) func(*store.Variant) { return func(v *store.Variant) { v.Markings = m } }

// insert inserts variants and returns them with their Seq.
func (b *bed) insert(variants ...store.Variant) []store.Variant {
	b.Helper()
	b.update(func(tx store.Tx) { b.no(tx.Objects().Insert(variants)) })
	return variants
}

func ids(variants []store.Variant) []string {
	var list []string
	for i := range variants {
		list = append(list, variants[i].ID)
	}
	return list
}
