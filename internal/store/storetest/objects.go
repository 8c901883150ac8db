package storetest

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

func bare(v store.Variant) store.Variant {
	v.Raw, v.Findings = nil, nil
	return v
}

func testInsertAndVariants(t *testing.T, open Open) {
	b := newBed(t, open)
	full := store.Variant{
		ID: "indicator--b", Type: "indicator", SpecVersion: "2.1", Modified: math.MinInt64, Creator: "identity--c", Digest: hash(1), Sum: hash(2),
		Origin: "identity--o", Serial: math.MaxUint64, TLP: 255, Precedence: store.Flash, Standing: store.Quarantined, Current: true, Validated: true,
		Revoked: true, Broken: true, Class: math.MaxInt64, Markings: []string{"marking--1", "marking--2"}, Names: []string{"ipv4-addr--1", "url--2"}, Evidence: math.MaxInt64, Leaf: 1 << 40,
		Arrived: math.MinInt64, Raw: bytes.Repeat([]byte{0, 255}, 100_000),
	}
	empty := store.Variant{ID: ""}
	odd := store.Variant{ID: "a\x00b\xff'日本", Type: "\x00", SpecVersion: "'", Creator: "日本", Markings: []string{"", ":", "3:x", "\xff"}, Origin: "\x00"}
	v := b.insert(full, empty, odd, variant("indicator--b", 2))
	for i, got := range v {
		b.equal("seq", got.Seq, v[0].Seq+int64(i))
	}
	b.both(func(tx store.Tx) {
		got := ok[[]store.Variant](b)(tx.Objects().Variants([]string{"indicator--b", odd.ID, "missing", "", "indicator--b"}))
		b.equal("variants", got, []store.Variant{bare(v[1]), bare(v[2]), bare(v[0]), bare(v[3])})
		got = ok[[]store.Variant](b)(tx.Objects().Current([]string{"indicator--b"}))
		b.equal("current", got, []store.Variant{v[0]})
	})
	b.update(func(tx store.Tx) {
		more := []store.Variant{variant("indicator--b", 3)}
		b.no(tx.Objects().Insert(more))
		b.equal("seen in the same transaction", len(ok[[]store.Variant](b)(tx.Objects().Variants([]string{"indicator--b"}))), 3)
		if more[0].Seq <= v[3].Seq {
			t.Errorf("seq %d after %d", more[0].Seq, v[3].Seq)
		}
	})
}

func testInsertConflict(t *testing.T, open Open) {
	b := newBed(t, open)
	b.insert(variant("a", 1), variant("a", 1, origin("p")))
	b.update(func(tx store.Tx) {
		o := tx.Objects()
		b.kind(o.Insert([]store.Variant{variant("b", 1), variant("a", 1)}), fault.Conflict)
		b.kind(o.Insert([]store.Variant{variant("c", 1), variant("c", 1)}), fault.Conflict)
		// A refused batch leaves nothing, and the transaction goes on.
		b.no(o.Insert([]store.Variant{
			variant("a", 2), variant("a", 1, origin("q")), variant("a", 1, func(v *store.Variant) { v.Digest = hash("x") }),
		}))
	})
	b.view(func(tx store.Tx) {
		got := ok[[]store.Variant](b)(tx.Objects().Variants([]string{"a", "b", "c"}))
		b.equal("ids", ids(got), []string{"a", "a", "a", "a", "a"})
	})
}

func testManyAtOnce(t *testing.T, open Open) {
	b := newBed(t, open)
	const n = 1111 // more than any engine puts in one statement
	var all []store.Variant
	var want []string
	for i := range n {
		id := fmt.Sprintf("indicator--%04d", (i*7)%n)
		all = append(all, variant(id, 1, current, origin(store.Party(fmt.Sprint("p", i%3)))))
		want = append(want, id)
	}
	b.insert(all...)
	slices.Sort(want)
	b.both(func(tx store.Tx) {
		b.equal("variants", ids(ok[[]store.Variant](b)(tx.Objects().Variants(want))), want)
		b.equal("current", ids(ok[[]store.Variant](b)(tx.Objects().Current(want))), want)
		b.equal("scan", ids(ok[[]store.Variant](b)(tx.Objects().ScanCurrent("", nil, nil, n+1))), want)
		b.equal("scan of a class", ids(ok[[]store.Variant](b)(tx.Objects().ScanCurrent("", nil, []int64{1}, n+1))), want)
		var paged []string
		for after := ""; ; {
			page := ids(ok[[]store.Variant](b)(tx.Objects().ScanCurrent(after, []string{"indicator"}, []int64{1, 2}, 100)))
			if len(page) == 0 {
				break
			}
			paged = append(paged, page...)
			after = page[len(page)-1]
		}
		b.equal("pages", paged, want)
	})
	b.update(func(tx store.Tx) {
		for i := range all {
			all[i].Class = 2
		}
		b.no(tx.Objects().Update(all))
		b.no(tx.Streams().Enqueue("p", store.Routine, want))
		b.no(tx.Streams().Dequeue("p", want[:n-1]))
		b.equal("queue", ok[[]string](b)(tx.Streams().Queued("p", store.Routine, n)), want[n-1:])
		b.equal("enqueued", ok[int](b)(tx.Streams().EnqueueCurrent("p", []int64{1, 2})), n)
		for i := range n {
			b.no(tx.Feed().Append(int64(i), store.KindObject, fmt.Sprint(i)))
		}
	})
	b.view(func(tx store.Tx) {
		b.equal("scan of the new class", len(ok[[]store.Variant](b)(tx.Objects().ScanCurrent("", nil, []int64{2}, n+1))), n)
		feed := ok[[]store.Entry](b)(tx.Feed().After(0, n+1))
		b.equal("feed", len(feed), n)
		for i, e := range feed {
			if e.Key != fmt.Sprint(i) {
				t.Fatalf("feed entry %d is %q", i, e.Key)
			}
		}
	})
}

func testNaming(t *testing.T, open Open) {
	b := newBed(t, open)
	names := func(n ...string) func(*store.Variant) { return func(v *store.Variant) { v.Names = n } }
	v := b.insert(variant("b", 1, names("url--1", "url--2")), variant("b", 2, names("url--1")), variant("a", 1, names("url--1")), variant("c", 1))
	b.both(func(tx store.Tx) {
		o := tx.Objects()
		b.equal("naming 1", ok[[]string](b)(o.Naming("url--1", "", 9)), []string{"a", "b"})
		b.equal("naming 2", ok[[]string](b)(o.Naming("url--2", "", 9)), []string{"b"})
		b.equal("naming none", ok[[]string](b)(o.Naming("url--3", "", 9)), []string(nil))
		b.equal("after", ok[[]string](b)(o.Naming("url--1", "a", 9)), []string{"b"})
		b.equal("limit", ok[[]string](b)(o.Naming("url--1", "", 1)), []string{"a"})
	})
	b.update(func(tx store.Tx) {
		changed := v[2]
		changed.Names, changed.Raw = nil, []byte("longer than it was")
		b.no(tx.Objects().Update([]store.Variant{changed}))
		got := ok[[]store.Variant](b)(tx.Objects().Variants([]string{"a"}))[0]
		b.equal("names are never changed", got.Names, v[2].Names)
		b.equal("size", got.Size, len(changed.Raw))
	})
}

func testUpdate(t *testing.T, open Open) {
	b := newBed(t, open)
	v := b.insert(variant("a", 1, current), variant("b", 1, marked("marking--1")))
	changed := store.Variant{
		Seq: v[0].Seq, ID: "ignored", Type: "ignored", Modified: 99, Creator: "ignored", Digest: hash("ignored"), Origin: "ignored",
		SpecVersion: "2.0", Sum: hash("new"), Serial: 5, TLP: 1, Precedence: store.Flash, Standing: store.Claim, Revoked: true, Broken: true, Class: 9,
		Markings: []string{"marking--2"}, Evidence: 4, Leaf: 3, Arrived: 2,
	}
	want := changed
	want.ID, want.Type, want.Modified, want.Creator, want.Digest, want.Origin = "a", v[0].Type, 1, v[0].Creator, v[0].Digest, ""
	want.Size = v[0].Size
	b.update(func(tx store.Tx) {
		b.no(tx.Objects().Update([]store.Variant{changed}))
		b.equal("in the transaction", ok[[]store.Variant](b)(tx.Objects().Variants([]string{"a", "b"})), []store.Variant{want, bare(v[1])})
	})
	b.both(func(tx store.Tx) {
		b.equal("after", ok[[]store.Variant](b)(tx.Objects().Variants([]string{"a", "b"})), []store.Variant{want, bare(v[1])})
		b.equal("marked 2", ok[[]string](b)(tx.Objects().Marked("marking--2", "", 9)), []string{"a"})
		b.equal("contested", ok[[]string](b)(tx.Objects().Contested("", 9)), []string{"a"})
		b.equal("current", len(ok[[]store.Variant](b)(tx.Objects().Current([]string{"a"}))), 0)
	})
	b.update(func(tx store.Tx) {
		again := want
		again.Current, again.Standing = true, store.Open
		b.no(tx.Objects().Update([]store.Variant{again}))
		b.equal("bytes kept", ok[[]store.Variant](b)(tx.Objects().Current([]string{"a"}))[0].Raw, v[0].Raw)
		again.Raw = []byte("new bytes")
		again.Size = len(again.Raw)
		b.no(tx.Objects().Update([]store.Variant{want, again})) // the last of one Seq holds
		b.equal("bytes changed", ok[[]store.Variant](b)(tx.Objects().Current([]string{"a"})), []store.Variant{again})
		again.Raw = []byte{}
		b.no(tx.Objects().Update([]store.Variant{again}))
		b.equal("bytes emptied", len(ok[[]store.Variant](b)(tx.Objects().Current([]string{"a"}))[0].Raw), 0)
		b.kind(tx.Objects().Update([]store.Variant{v[1], {Seq: 1000}}), fault.NotFound)
	})
	b.view(func(tx store.Tx) {
		b.equal("counts", ok[store.Counts](b)(tx.Objects().Counts()), store.Counts{Objects: 1, Variants: 2, Received: map[store.Party]int{}})
	})
}

func testCurrent(t *testing.T, open Open) {
	b := newBed(t, open)
	v := b.insert(variant("b", 1), variant("b", 2, current), variant("a", 1, current), variant("c", 1))
	b.both(func(tx store.Tx) {
		b.equal("current", ok[[]store.Variant](b)(tx.Objects().Current([]string{"c", "b", "a", "b", "x"})), []store.Variant{v[2], v[1]})
		b.equal("none", ok[[]store.Variant](b)(tx.Objects().Current(nil)), []store.Variant(nil))
	})
}

func testScanCurrent(t *testing.T, open Open) {
	b := newBed(t, open)
	var all []store.Variant
	for i := range 30 { // ids out of step with Seq, three classes, two types, some not current
		id := fmt.Sprintf("%02d", (i*11)%30)
		all = append(all, variant(id, 1, class(int64(i%3)), typed([]string{"indicator", "malware"}[i%2]), func(v *store.Variant) { v.Current = i%5 != 0 }))
	}
	all = append(all, variant("07", 9, class(2)), variant("08", 9, class(0)))
	b.insert(all...)
	want := func(after string, types []string, classes []int64, limit int) []string {
		var list []string
		for _, v := range all {
			if v.Current && v.ID > after && (len(types) == 0 || slices.Contains(types, v.Type)) && (classes == nil || slices.Contains(classes, v.Class)) {
				list = append(list, v.ID)
			}
		}
		slices.Sort(list)
		return list[:max(0, min(limit, len(list)))]
	}
	b.both(func(tx store.Tx) {
		for _, after := range []string{"", "07", "29", "x"} {
			for _, types := range [][]string{nil, {}, {"indicator"}, {"malware", "indicator"}, {"x"}} {
				for _, classes := range [][]int64{nil, {}, {1}, {2, 0, 2}, {77}} {
					for _, limit := range []int{-1, 0, 1, 5, 100} {
						got := ids(ok[[]store.Variant](b)(tx.Objects().ScanCurrent(after, types, classes, limit)))
						b.equal(fmt.Sprint("scan ", after, types, classes, limit), got, want(after, types, classes, limit))
					}
				}
			}
		}
		v := ok[[]store.Variant](b)(tx.Objects().ScanCurrent("", nil, []int64{1}, 1))[0]
		i := slices.IndexFunc(all, func(w store.Variant) bool { return w.Seq == v.Seq })
		b.equal("variant", v, all[i])
	})
}

// testManyFamilies searches for more combinations of facts than an engine may want to look through one by one: dense, thin, and in a cluster
// behind all others.
func testManyFamilies(t *testing.T, open Open) {
	b := newBed(t, open)
	var all []store.Variant
	add := func(id, typ, creator, marking string, class int64, change ...func(*store.Variant)) {
		all = append(all, variant(id, int64(len(all)+1), append(change, typed(typ), marked(marking), func(v *store.Variant) { v.Creator, v.Class = creator, class })...))
	}
	for i := range 4000 { // ids out of step with Seq
		k := (i * 1777) % 4000
		id := fmt.Sprintf("m%04d", k)
		switch {
		case k%10 == 0: // 400 thin ones, each of its own class
			add(id, "thin", "identity--thin", "thin", int64(10_000+k), current)
		case k < 800: // dense, several variants an id
			add(id, "dense", "identity--dense", "dense", int64(1000+k))
			add(id, "dense", "identity--dense", "dense", int64(3000+k), current, origin("p"))
		default:
			add(id, "other", "identity--other", "other", 1, current)
		}
	}
	for i := range 300 { // the last id has many variants
		id := fmt.Sprintf("z%04d", i%298)
		add(id, "cluster", "identity--cluster", "cluster", int64(20_000+i), func(v *store.Variant) { v.Current = i < 298 && i%2 == 0 })
	}
	for i := range 200 {
		add("z0297", "cluster", "identity--cluster", "cluster", int64(30_000+i), func(v *store.Variant) { v.Current = i == 199 })
	}
	for piece := range slices.Chunk(all, 500) {
		b.insert(piece...)
	}
	slices.SortStableFunc(all, func(a, b store.Variant) int { return strings.Compare(a.ID, b.ID) })
	want := func(after string, limit int, fits func(*store.Variant) bool) (list []string) {
		for i := range all {
			v := &all[i]
			if n := len(list); n < limit && v.ID > after && fits(v) && (n == 0 || list[n-1] != v.ID) {
				list = append(list, v.ID)
			}
		}
		return list
	}
	var thin, many []int64 // classes
	for i := range all {
		if all[i].Type == "thin" {
			thin = append(thin, all[i].Class)
		}
		if all[i].Type != "other" {
			many = append(many, all[i].Class)
		}
	}
	in := func(classes []int64) map[int64]bool {
		m := map[int64]bool{}
		for _, c := range classes {
			m[c] = true
		}
		return m
	}
	afters, limits := []string{"", "m0100", "m0798", "m2345", "m3398", "m3990", "z0150", "z0297"}, []int{1, 7, 200}
	for _, what := range []string{"thin", "dense", "cluster", "other", "absent"} {
		b.both(func(tx store.Tx) {
			o := tx.Objects()
			for _, after := range afters {
				for _, limit := range limits {
					at := fmt.Sprint(" of ", what, " after ", after, ", ", limit)
					b.equal("marked"+at, ok[[]string](b)(o.Marked(what, after, limit)),
						want(after, limit, func(v *store.Variant) bool { return v.Type == what }))
					b.equal("created"+at, ok[[]string](b)(o.Created("identity--"+what, after, limit)),
						want(after, limit, func(v *store.Variant) bool { return v.Type == what }))
					b.equal("scan"+at, ids(ok[[]store.Variant](b)(o.ScanCurrent(after, []string{what, what, "absent"}, nil, limit))),
						want(after, limit, func(v *store.Variant) bool { return v.Type == what && v.Current }))
				}
			}
		})
	}
	for name, classes := range map[string][]int64{"thin": thin, "many": many, "few": many[:5], "none": {}} {
		is := in(classes)
		b.view(func(tx store.Tx) {
			for _, after := range afters {
				for _, types := range [][]string{nil, {"thin"}, {"dense", "cluster"}} {
					b.equal(fmt.Sprint("scan of classes ", name, types, after),
						ids(ok[[]store.Variant](b)(tx.Objects().ScanCurrent(after, types, classes, 60))),
						want(after, 60, func(v *store.Variant) bool {
							return v.Current && is[v.Class] && (len(types) == 0 || slices.Contains(types, v.Type))
						}))
				}
			}
		})
	}
	b.view(func(tx store.Tx) {
		b.equal("classes", ok[[]int64](b)(tx.Objects().MarkedClasses("thin")), slices.Sorted(slices.Values(thin)))
	})
}

func testMarked(t *testing.T, open Open) {
	b := newBed(t, open)
	v := b.insert(
		variant("c", 1, current, marked("m1", "m2"), class(3)), variant("a", 1, current, marked("m1"), class(2)), variant("b", 1, current, marked("m2"), class(2)),
		variant("a", 2, marked("m1"), class(8)), variant("d", 1, marked("m1"), class(9)), variant("e", 1, current, class(5)),
		variant("f", 1, current, marked("m1"), class(2)),
	)
	b.both(func(tx store.Tx) {
		o := tx.Objects()
		b.equal("m1", ok[[]string](b)(o.Marked("m1", "", 9)), []string{"a", "c", "d", "f"})
		b.equal("m1 after a", ok[[]string](b)(o.Marked("m1", "a", 2)), []string{"c", "d"})
		b.equal("m2", ok[[]string](b)(o.Marked("m2", "", 9)), []string{"b", "c"})
		b.equal("m", ok[[]string](b)(o.Marked("m", "", 9)), []string(nil))
		b.equal("limit 0", ok[[]string](b)(o.Marked("m1", "", 0)), []string(nil))
		b.equal("classes of m1", ok[[]int64](b)(o.MarkedClasses("m1")), []int64{2, 3})
		b.equal("classes of m2", ok[[]int64](b)(o.MarkedClasses("m2")), []int64{2, 3})
		b.equal("classes of m", ok[[]int64](b)(o.MarkedClasses("m")), []int64(nil))
	})
	b.update(func(tx store.Tx) {
		c := v[0]
		c.Markings, c.Class = []string{"m2"}, 4
		b.no(tx.Objects().Update([]store.Variant{c}))
		b.equal("at once", ok[[]int64](b)(tx.Objects().MarkedClasses("m2")), []int64{2, 4})
	})
	b.view(func(tx store.Tx) {
		b.equal("m1", ok[[]string](b)(tx.Objects().Marked("m1", "", 9)), []string{"a", "d", "f"})
		b.equal("classes of m1", ok[[]int64](b)(tx.Objects().MarkedClasses("m1")), []int64{2})
	})
}

func testCreated(t *testing.T, open Open) {
	b := newBed(t, open)
	by := func(c string) func(*store.Variant) { return func(v *store.Variant) { v.Creator = c } }
	b.insert(variant("c", 1, by("x")), variant("a", 1, by("x"), class(4)), variant("a", 2, by("x")), variant("b", 1, by("y")), variant("d", 1, by("")))
	b.both(func(tx store.Tx) {
		b.equal("x", ok[[]string](b)(tx.Objects().Created("x", "", 9)), []string{"a", "c"})
		b.equal("x after a", ok[[]string](b)(tx.Objects().Created("x", "a", 9)), []string{"c"})
		b.equal("x, one", ok[[]string](b)(tx.Objects().Created("x", "", 1)), []string{"a"})
		b.equal("nobody", ok[[]string](b)(tx.Objects().Created("", "", 9)), []string{"d"})
		b.equal("z", ok[[]string](b)(tx.Objects().Created("z", "", 9)), []string(nil))
	})
}

func testHeldUntil(t *testing.T, open Open) {
	b := newBed(t, open)
	v := b.insert(variant("c", 10, standing(store.Held)), variant("b", 20, standing(store.Held)), variant("b", 15, standing(store.Held)),
		variant("a", 30, standing(store.Held)), variant("d", 1, standing(store.Claim)))
	b.both(func(tx store.Tx) {
		b.equal("until 9", ok[[]string](b)(tx.Objects().HeldUntil(9, 9)), []string(nil))
		b.equal("until 10", ok[[]string](b)(tx.Objects().HeldUntil(10, 9)), []string{"c"})
		b.equal("until 20", ok[[]string](b)(tx.Objects().HeldUntil(20, 9)), []string{"b", "c"})
		b.equal("until 99", ok[[]string](b)(tx.Objects().HeldUntil(99, 2)), []string{"a", "b"})
	})
	b.update(func(tx store.Tx) {
		v[0].Standing = store.Authoritative
		b.no(tx.Objects().Update(v[:1]))
		b.equal("released", ok[[]string](b)(tx.Objects().HeldUntil(20, 9)), []string{"b"})
	})
}

func testQuarantined(t *testing.T, open Open) {
	b := newBed(t, open)
	v := b.insert(variant("c", 1, standing(store.Quarantined)), variant("a", 1, standing(store.Quarantined)), variant("a", 2, standing(store.Quarantined)),
		variant("b", 1, standing(store.Held)), variant("d", 1, standing(store.Claim)), variant("e", 1), variant("a", 3, current))
	b.both(func(tx store.Tx) {
		b.equal("all", ok[[]string](b)(tx.Objects().Quarantined("", 9)), []string{"a", "c"})
		b.equal("after", ok[[]string](b)(tx.Objects().Quarantined("a", 9)), []string{"c"})
		b.equal("limit", ok[[]string](b)(tx.Objects().Quarantined("", 1)), []string{"a"})
		b.equal("none", ok[[]string](b)(tx.Objects().Quarantined("", 0)), []string(nil))
		b.equal("contested", ok[[]string](b)(tx.Objects().Contested("", 9)), []string{"b", "d"})
	})
	b.update(func(tx store.Tx) {
		v[0].Standing, v[1].Standing = store.Open, store.Claim
		b.no(tx.Objects().Update(v[:2]))
		b.equal("lifted", ok[[]string](b)(tx.Objects().Quarantined("", 9)), []string{"a"})
	})
	b.view(func(tx store.Tx) { b.equal("after", ok[[]string](b)(tx.Objects().Quarantined("", 9)), []string{"a"}) })
}

func testFindings(t *testing.T, open Open) {
	b := newBed(t, open)
	found := func(text string) func(*store.Variant) {
		return func(v *store.Variant) { v.Broken, v.Findings = true, []byte(text) }
	}
	v := b.insert(variant("a", 1, current, found("one")), variant("a", 2, found("two")), variant("b", 1), variant("c", 1, func(v *store.Variant) { v.Findings = []byte{} }))
	seqs := []int64{v[3].Seq, v[1].Seq, v[0].Seq, v[2].Seq, v[1].Seq, 1000}
	b.both(func(tx store.Tx) {
		b.equal("findings", ok[map[int64][]byte](b)(tx.Objects().Findings(seqs)), map[int64][]byte{v[0].Seq: []byte("one"), v[1].Seq: []byte("two")})
		b.equal("none", len(ok[map[int64][]byte](b)(tx.Objects().Findings(nil))), 0)
		b.equal("variants", ok[[]store.Variant](b)(tx.Objects().Variants([]string{"a"})), []store.Variant{bare(v[0]), bare(v[1])})
		b.equal("current has none", ok[[]store.Variant](b)(tx.Objects().Current([]string{"a"}))[0].Findings, []byte(nil))
		b.equal("scan has none", ok[[]store.Variant](b)(tx.Objects().ScanCurrent("", nil, nil, 9))[0].Findings, []byte(nil))
	})
	b.update(func(tx store.Tx) {
		kept, dropped, changed := bare(v[0]), v[1], v[2]
		kept.Findings, kept.Broken = []byte("not taken, since the bytes stay"), false
		dropped.Findings = nil
		changed.Findings, changed.Broken = []byte("three"), true
		b.no(tx.Objects().Update([]store.Variant{kept, dropped, changed}))
		b.equal("at once", ok[map[int64][]byte](b)(tx.Objects().Findings(seqs)), map[int64][]byte{v[0].Seq: []byte("one"), v[2].Seq: []byte("three")})
		changed.Findings = []byte("four")
		b.no(tx.Objects().Update([]store.Variant{changed}))
	})
	b.view(func(tx store.Tx) {
		got := ok[map[int64][]byte](b)(tx.Objects().Findings(seqs))
		b.equal("after", got, map[int64][]byte{v[0].Seq: []byte("one"), v[2].Seq: []byte("four")})
		got[v[0].Seq][0] = 'X'
		b.equal("broken", ok[[]store.Variant](b)(tx.Objects().Variants([]string{"a"}))[0].Broken, false)
		b.equal("not aliased", string(ok[map[int64][]byte](b)(tx.Objects().Findings(seqs))[v[0].Seq]), "one")
	})
}

func testBytes(t *testing.T, open Open) {
	b := newBed(t, open)
	v := b.insert(variant("a", 1, current), variant("a", 2), variant("b", 1))
	seqs := []int64{v[2].Seq, v[1].Seq, v[1].Seq, 1000}
	b.both(func(tx store.Tx) {
		b.equal("bytes", ok[map[int64][]byte](b)(tx.Objects().Bytes(seqs)), map[int64][]byte{v[1].Seq: v[1].Raw, v[2].Seq: v[2].Raw})
		b.equal("none", len(ok[map[int64][]byte](b)(tx.Objects().Bytes(nil))), 0)
	})
	b.update(func(tx store.Tx) {
		changed := v[1]
		changed.Raw = []byte("respelt")
		b.no(tx.Objects().Update([]store.Variant{changed}))
		b.equal("at once", ok[map[int64][]byte](b)(tx.Objects().Bytes(seqs[:2])), map[int64][]byte{v[1].Seq: changed.Raw, v[2].Seq: v[2].Raw})
	})
	b.view(func(tx store.Tx) {
		ok[map[int64][]byte](b)(tx.Objects().Bytes(seqs))[v[2].Seq][0] = 'X'
		b.equal("not aliased", ok[map[int64][]byte](b)(tx.Objects().Bytes(seqs))[v[2].Seq], v[2].Raw)
	})
}

func testContested(t *testing.T, open Open) {
	b := newBed(t, open)
	other := func(v *store.Variant) { v.Digest = hash("other") }
	b.insert(variant("plain", 1), variant("plain", 2), variant("plain", 2, origin("p")))
	b.insert(variant("claim", 1, standing(store.Claim)), variant("held", 1, standing(store.Held)), variant("clash", 5), variant("free", 0))
	b.insert(variant("broken", 1, standing(store.Quarantined)))
	b.update(func(tx store.Tx) {
		b.no(tx.Objects().Insert([]store.Variant{variant("clash", 5, other), variant("free", 0, other)}))
		b.no(tx.Objects().Insert([]store.Variant{variant("batch", 5), variant("batch", 5, other), variant("batch", 5, other, origin("p"))}))
	})
	b.both(func(tx store.Tx) {
		b.equal("contested", ok[[]string](b)(tx.Objects().Contested("", 9)), []string{"batch", "claim", "clash", "held"})
		b.equal("after", ok[[]string](b)(tx.Objects().Contested("batch", 2)), []string{"claim", "clash"})
		b.equal("none", ok[[]string](b)(tx.Objects().Contested("", 0)), []string(nil))
	})
	// The third variant has the digest of the first; the second is what contests.
	b.insert(variant("third", 7), variant("third", 8), variant("third", 7, origin("p")), variant("third", 8, origin("p"), other))
	b.view(func(tx store.Tx) {
		b.equal("third", ok[[]string](b)(tx.Objects().Contested("held", 9)), []string{"third"})
	})
}

func testCounts(t *testing.T, open Open) {
	b := newBed(t, open)
	v := b.insert(variant("a", 1, current), variant("b", 1, origin("p")), variant("b", 2, current, origin("p")), variant("c", 1, standing(store.Claim), origin("q")),
		variant("d", 1, standing(store.Held)), variant("e", 1, standing(store.Quarantined)), variant("e", 2, standing(store.Quarantined)))
	want := store.Counts{Objects: 2, Variants: 7, Claims: 1, Held: 1, Quarantined: 2, Received: map[store.Party]int{"p": 2, "q": 1}}
	b.both(func(tx store.Tx) { b.equal("counts", ok[store.Counts](b)(tx.Objects().Counts()), want) })
	b.update(func(tx store.Tx) {
		v[0].Current, v[3].Standing, v[3].Current, v[6].Standing = false, store.Open, true, store.Open
		b.no(tx.Objects().Update([]store.Variant{v[0], v[3], v[6]}))
		want.Claims, want.Quarantined = 0, 1
		b.equal("at once", ok[store.Counts](b)(tx.Objects().Counts()), want)
	})
	b.view(func(tx store.Tx) { b.equal("after", ok[store.Counts](b)(tx.Objects().Counts()), want) })
}

func testIntern(t *testing.T, open Open) {
	b := newBed(t, open)
	var one, two int64
	b.update(func(tx store.Tx) {
		one, two = ok[int64](b)(tx.Objects().Intern("one")), ok[int64](b)(tx.Objects().Intern("two"))
		b.equal("again", ok[int64](b)(tx.Objects().Intern("one")), one)
	})
	b.update(func(tx store.Tx) {
		b.equal("later", ok[int64](b)(tx.Objects().Intern("two")), two)
		long := ok[int64](b)(tx.Objects().Intern(strings.Repeat("x", 100_000)))
		empty := ok[int64](b)(tx.Objects().Intern(""))
		if one == two || one <= 0 || long <= 0 || empty <= 0 || long == empty {
			t.Errorf("classes %d, %d, %d and %d", one, two, long, empty)
		}
		classes := ok[map[int64]string](b)(tx.Objects().Classes())
		b.equal("classes", len(classes), 4)
		b.equal("two", classes[two], "two")
	})
}

// testAliasing alters what was handed in and what was handed out.
func testAliasing(t *testing.T, open Open) {
	b := newBed(t, open)
	spoil := func(p []byte) {
		for i := range p {
			p[i] = 'X'
		}
	}
	n := store.Number{Partner: "p", Number: 1}
	in := []store.Variant{variant("a", 1, current, marked("m1"))}
	record := store.Record{Kind: "k", Key: "r", Value: []byte("value"), Terms: []string{"t"}}
	sent := store.Sent{Number: n, Sealed: []byte("sealed")}
	evidence := store.Evidence{Number: n, Signature: []byte("s"), Salt: []byte("t"), Leaves: []byte("l")}
	leaf := store.Leaf{Data: []byte("d"), Detail: []byte("e")}
	b.update(func(tx store.Tx) {
		b.no(tx.Objects().Insert(in))
		b.no(tx.Records().Put(record))
		b.no(tx.Streams().AddSent(sent, nil))
		evidence.Seq = ok[int64](b)(tx.Streams().AddEvidence(evidence))
		b.no(tx.Log().Append("t", leaf, 0, nil))
	})
	want := variant("a", 1, current, marked("m1"))
	want.Seq, want.Size = in[0].Seq, in[0].Size
	spoil(in[0].Raw)
	in[0].Markings[0] = "spoilt"
	for _, p := range [][]byte{record.Value, sent.Sealed, evidence.Signature, evidence.Salt, evidence.Leaves, leaf.Data, leaf.Detail} {
		spoil(p)
	}
	record.Terms[0] = "spoilt"
	for range 2 {
		b.view(func(tx store.Tx) {
			v := ok[[]store.Variant](b)(tx.Objects().Current([]string{"a"}))[0]
			b.equal("variant", v, want)
			spoil(v.Raw)
			v.Markings[0] = "spoilt"
			r, _, err := tx.Records().Get("k", "r")
			b.no(err)
			b.equal("record", r, store.Record{Kind: "k", Key: "r", Value: []byte("value"), Terms: []string{"t"}})
			spoil(r.Value)
			r.Terms[0] = "spoilt"
			s, _, err := tx.Streams().Sent(n)
			b.no(err)
			b.equal("sealed", string(s.Sealed), "sealed")
			spoil(s.Sealed)
			e, _, err := tx.Streams().Evidence(n)
			b.no(err)
			b.equal("evidence", e, store.Evidence{Seq: 1, Number: n, Signature: []byte("s"), Salt: []byte("t"), Leaves: []byte("l")})
			spoil(e.Leaves)
			l := ok[[]store.Leaf](b)(tx.Log().Leaves("t", 0, 1))[0]
			b.equal("leaf", l, store.Leaf{Data: []byte("d"), Detail: []byte("e")})
			spoil(l.Data)
		})
	}
}
