package storetest

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

func testFeed(t *testing.T, open Open) {
	b := newBed(t, open)
	b.update(func(tx store.Tx) {
		b.no(tx.Feed().Append(3, store.KindObject, store.ObjectKey("a", -1)))
		b.no(tx.Feed().Append(2, "other kind", ""))
		b.equal("not seen yet", ok[[]store.Entry](b)(tx.Feed().After(0, 9)), []store.Entry(nil))
		b.equal("head", ok[int64](b)(tx.Feed().Head()), int64(0))
	})
	var first []store.Entry
	b.both(func(tx store.Tx) {
		first = ok[[]store.Entry](b)(tx.Feed().After(0, 9))
		if len(first) != 2 || first[0].Position <= 0 || first[1].Position <= first[0].Position {
			t.Fatalf("feed %+v", first)
		}
		b.equal("entries", first, []store.Entry{
			{Position: first[0].Position, Time: 3, Kind: store.KindObject, Key: "a -1"}, {Position: first[1].Position, Time: 2, Kind: "other kind"},
		})
		b.equal("head", ok[int64](b)(tx.Feed().Head()), first[1].Position)
		b.equal("one", ok[[]store.Entry](b)(tx.Feed().After(0, 1)), first[:1])
		b.equal("second", ok[[]store.Entry](b)(tx.Feed().After(first[0].Position, 9)), first[1:])
		b.equal("end", ok[[]store.Entry](b)(tx.Feed().After(first[1].Position, 9)), []store.Entry(nil))
		b.equal("far", ok[[]store.Entry](b)(tx.Feed().After(math.MaxInt64, 9)), []store.Entry(nil))
		b.equal("limit 0", ok[[]store.Entry](b)(tx.Feed().After(0, 0)), []store.Entry(nil))
	})
	b.update(func(tx store.Tx) {
		b.no(tx.Feed().SetCursor("one", 5))
		b.no(tx.Feed().SetCursor("two", 6))
		b.no(tx.Feed().SetCursor("one", 4))
		b.equal("one", ok[int64](b)(tx.Feed().Cursor("one")), int64(4))
		b.no(tx.Feed().Append(1, store.KindPartner, "p"))
	})
	b.both(func(tx store.Tx) {
		b.equal("one", ok[int64](b)(tx.Feed().Cursor("one")), int64(4))
		b.equal("two", ok[int64](b)(tx.Feed().Cursor("two")), int64(6))
		b.equal("three", ok[int64](b)(tx.Feed().Cursor("three")), int64(0))
		b.equal("feed", len(ok[[]store.Entry](b)(tx.Feed().After(first[1].Position, 9))), 1)
	})
}

func testLog(t *testing.T, open Open) {
	b := newBed(t, open)
	leaf := func(i int64) store.Leaf {
		return store.Leaf{Index: i, Data: fmt.Appendf(nil, "data %d", i), Detail: fmt.Appendf(nil, "detail %d", i)}
	}
	b.update(func(tx store.Tx) {
		l := tx.Log()
		b.no(l.Append("t", leaf(0), 0, []store.Hash{{0}}))
		b.no(l.Append("t", leaf(1), 1, []store.Hash{{1}, {2}}))
		b.no(l.Append("s", leaf(0), 0, []store.Hash{{9}}))
		b.kind(l.Append("t", leaf(1), 3, nil), fault.Conflict)
		b.kind(l.Append("t", leaf(3), 3, nil), fault.Conflict)
		b.kind(l.Append("t", leaf(2), 2, []store.Hash{{7}}), fault.Conflict)
		b.kind(l.Append("new", leaf(1), 0, nil), fault.Conflict)
		b.equal("size", ok[int64](b)(l.Size("t")), int64(2))
	})
	b.update(func(tx store.Tx) { b.no(tx.Log().Append("t", leaf(2), 3, []store.Hash{{3}})) })
	b.both(func(tx store.Tx) {
		l := tx.Log()
		b.equal("trees", ok[[]string](b)(l.Trees()), []string{"s", "t"})
		b.equal("size of t", ok[int64](b)(l.Size("t")), int64(3))
		b.equal("size of x", ok[int64](b)(l.Size("x")), int64(0))
		b.equal("leaves", ok[[]store.Leaf](b)(l.Leaves("t", 1, 9)), []store.Leaf{leaf(1), leaf(2)})
		b.equal("one leaf", ok[[]store.Leaf](b)(l.Leaves("t", 0, 1)), []store.Leaf{leaf(0)})
		b.equal("behind", ok[[]store.Leaf](b)(l.Leaves("t", 3, 9)), []store.Leaf(nil))
		b.equal("of x", ok[[]store.Leaf](b)(l.Leaves("x", 0, 9)), []store.Leaf(nil))
		b.equal("hashes", ok[[]store.Hash](b)(l.Hashes("t", []int64{3, 0, 3, 2})), []store.Hash{{3}, {0}, {3}, {2}})
		_, err := l.Hashes("t", []int64{0, 4})
		b.kind(err, fault.NotFound)
		_, err = l.Hashes("x", []int64{0})
		b.kind(err, fault.NotFound)
	})
}

func testRecords(t *testing.T, open Open) {
	b := newBed(t, open)
	put := func(kind, key, value string, terms ...string) {
		t.Helper()
		b.update(func(tx store.Tx) {
			b.no(tx.Records().Put(store.Record{Kind: kind, Key: key, Value: []byte(value), Terms: terms}))
		})
	}
	put("k", "c", "3", "red", "blue")
	put("k", "a", "1", "red", "red")
	put("k", "b", "2", "", "a\x00b", "4:odd")
	put("k2", "a", "other", "red")
	put("k", "", "empty")
	keys := func(records []store.Record, err error) (keys []string) {
		t.Helper()
		b.no(err)
		for _, r := range records {
			keys = append(keys, r.Key+"="+string(r.Value))
		}
		return keys
	}
	b.both(func(tx store.Tx) {
		r := tx.Records()
		b.equal("list", keys(r.List("k", "", 9)), []string{"a=1", "b=2", "c=3"}) // greater than ""
		b.equal("list after a", keys(r.List("k", "a", 1)), []string{"b=2"})
		b.equal("list x", keys(r.List("x", "", 9)), []string(nil))
		b.equal("limit 0", keys(r.List("k", "", 0)), []string(nil))
		b.equal("red", keys(r.Find("k", "red", "", 9)), []string{"a=1", "c=3"})
		b.equal("red after a", keys(r.Find("k", "red", "a", 9)), []string{"c=3"})
		b.equal("one red", keys(r.Find("k", "red", "", 1)), []string{"a=1"})
		b.equal("red of k2", keys(r.Find("k2", "red", "", 9)), []string{"a=other"})
		b.equal("odd", keys(r.Find("k", "a\x00b", "", 9)), []string{"b=2"})
		b.equal("the empty term", keys(r.Find("k", "", "", 9)), []string{"b=2"})
		b.equal("re", keys(r.Find("k", "re", "", 9)), []string(nil))
		got, found, err := r.Get("k", "a")
		b.no(err)
		b.equal("found", found, true)
		b.equal("a", got, store.Record{Kind: "k", Key: "a", Value: []byte("1"), Terms: []string{"red", "red"}})
		_, found, err = r.Get("k", "x")
		b.no(err)
		b.equal("found", found, false)
	})
	put("k", "c", "33", "green")
	put("k", "a", "11", "red", "red")
	b.both(func(tx store.Tx) {
		r := tx.Records()
		b.equal("red", keys(r.Find("k", "red", "", 9)), []string{"a=11"})
		b.equal("blue", keys(r.Find("k", "blue", "", 9)), []string(nil))
		b.equal("green", keys(r.Find("k", "green", "", 9)), []string{"c=33"})
	})
	b.update(func(tx store.Tx) {
		r := tx.Records()
		b.no(r.Delete("k", "c"))
		b.equal("gone", keys(r.Find("k", "green", "", 9)), []string(nil))
		b.no(r.Put(store.Record{Kind: "k", Key: "d"}))
		b.no(r.Put(store.Record{Kind: "k", Key: "e", Value: bytes.Repeat([]byte("v"), 300_000)}))
	})
	b.both(func(tx store.Tx) {
		b.equal("keys", len(keys(tx.Records().List("k", "a", 9))), 3)
		got, found, err := tx.Records().Get("k", "d")
		b.no(err)
		b.equal("found", found, true)
		b.equal("nothing in it", got, store.Record{Kind: "k", Key: "d"})
	})
}
