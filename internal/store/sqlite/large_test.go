package sqlite

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/storetest"
)

// BenchmarkLarge fills a store with as many objects as WAGASA_OBJECTS says and prints how long things take then. Run it with -benchtime 1x.
func BenchmarkLarge(b *testing.B) {
	objects, _ := strconv.Atoi(os.Getenv("WAGASA_OBJECTS"))
	if objects == 0 {
		b.Skip("WAGASA_OBJECTS is not set")
	}
	path := filepath.Join(b.TempDir(), "store")
	s := open(b, path, Config{})
	r := rand.New(rand.NewPCG(1, 2))
	var known []store.Variant
	insert := func(batch int) {
		list := storetest.Random(r, batch)
		ids := make([]string, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		if err := s.Update(ctx, func(tx store.Tx) error {
			if _, err := tx.Objects().Variants(ids); err != nil {
				return err
			}
			for i := range list {
				if err := tx.Feed().Append(1, store.KindObject, store.ObjectKey(list[i].ID, 1)); err != nil {
					return err
				}
			}
			return tx.Objects().Insert(list)
		}); err != nil {
			b.Fatal(err)
		}
		if len(known) < 20_000 {
			known = append(known, list...)
		}
	}
	timed := func(what string, n int, f func()) {
		start, used := time.Now(), processor()
		f()
		d, used := time.Since(start), processor()-used
		fmt.Fprintf(os.Stderr, "%-55s %9v, processor %9v, %9.0f/s, memory %s\n",
			what, d.Round(time.Millisecond), used.Round(time.Millisecond), float64(n)/d.Seconds(), resident())
	}
	do := func(run func(func(store.Tx) error) error, f func(tx store.Tx) error) {
		if err := run(f); err != nil {
			b.Fatal(err)
		}
	}
	update := func(f func(store.Tx) error) error { return s.Update(ctx, f) }
	view := func(f func(store.Tx) error) error { return s.View(ctx, f) }

	timed("import in batches of 2000", objects, func() {
		for n := 0; n < objects; n += 2000 {
			insert(2000)
		}
	})
	timed("50 batches of 500 more", 25_000, func() {
		for range 50 {
			insert(500)
		}
	})
	known = known[:20_000]
	for _, v := range []struct {
		what    string
		classes []int64
	}{{"all", nil}, {"one class of 20", []int64{7}}, {"ten classes", []int64{0, 2, 4, 6, 8, 10, 12, 14, 16, 18}}, {"an absent class", []int64{99}}} {
		timed("100 pages of 100 current, "+v.what, 10_000, func() {
			for i := range 100 {
				do(view, func(tx store.Tx) error {
					_, err := tx.Objects().ScanCurrent(known[i].ID, nil, v.classes, 100)
					return err
				})
			}
		})
	}
	timed("100 times 100 current by id", 10_000, func() {
		for i := range 100 {
			ids := make([]string, 100)
			for k := range ids {
				ids[k] = known[i*100+k].ID
			}
			do(view, func(tx store.Tx) error { _, err := tx.Objects().Current(ids); return err })
		}
	})
	timed("10 updates of 500 that change Current", 5000, func() {
		for i := range 10 {
			list := known[i*500 : i*500+500]
			for k := range list {
				list[k].Current, list[k].Raw = false, nil
			}
			do(update, func(tx store.Tx) error { return tx.Objects().Update(list) })
		}
	})
	timed("counts", 1, func() {
		do(view, func(tx store.Tx) error { _, err := tx.Objects().Counts(); return err })
	})
	timed("created, held, contested: a page each", 3, func() {
		do(view, func(tx store.Tx) error {
			o := tx.Objects()
			if _, err := o.Created(known[0].Creator, known[0].ID, 500); err != nil {
				return err
			}
			if _, err := o.HeldUntil(1<<62, 500); err != nil {
				return err
			}
			_, err := o.Contested("", 500)
			return err
		})
	})
	const p = store.Party("p")
	every := make([]int64, 20)
	for i := range every {
		every[i] = int64(i)
	}
	timed("enqueue all current", objects, func() {
		do(update, func(tx store.Tx) error { _, err := tx.Streams().EnqueueCurrent(p, every); return err })
	})
	given := 0
	timed("release 2000 envelopes of 50", 100_000, func() {
		for i := range 2000 {
			do(update, func(tx store.Tx) error {
				ids, err := tx.Streams().Queued(p, store.Priority, 50)
				if err != nil {
					return err
				}
				list, err := tx.Objects().Current(ids)
				if err != nil {
					return err
				}
				items := make([]store.Handover, len(list))
				for i, v := range list {
					items[i] = store.Handover{ID: v.ID, Modified: v.Modified, Digest: v.Digest, Sum: v.Sum}
				}
				given += len(items)
				n := store.Number{Partner: p, Incarnation: 1, Number: uint64(i)}
				if err := tx.Streams().AddSent(store.Sent{Number: n, Sealed: make([]byte, 10_000)}, items); err != nil {
					return err
				}
				return tx.Streams().Dequeue(p, ids)
			})
		}
	})
	timed("missing, all in flight", 1, func() {
		do(view, func(tx store.Tx) error { _, err := tx.Streams().Missing(p, 100); return err })
	})
	timed("receipt of 2000", 2000, func() {
		do(update, func(tx store.Tx) error {
			for i := range 2000 {
				if err := tx.Streams().SetSent(store.Number{Partner: p, Incarnation: 1, Number: uint64(i)}, store.Receipted, true); err != nil {
					return err
				}
			}
			return nil
		})
	})
	timed("depths, holding, unsettled, missing", 4, func() {
		do(view, func(tx store.Tx) error {
			if _, err := tx.Streams().Depths(p); err != nil {
				return err
			}
			if h, err := tx.Streams().Holding(p); err != nil || h.Held != given {
				b.Errorf("holding %+v of %d, %v", h, given, err)
			}
			if _, err := tx.Streams().Unsettled(p); err != nil {
				return err
			}
			_, err := tx.Streams().Missing(p, 100)
			return err
		})
	})
	timed("still held, none", 100_000, func() {
		do(view, func(tx store.Tx) error { _, err := tx.Streams().StillHeld(p, every, "", 100); return err })
	})
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "file %d MiB\n", info.Size()>>20)
}

// processor is the time that this process has computed.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// resident is what the kernel says about this process's memory.
func resident() string {
	runtime.GC()
	status, _ := os.ReadFile("/proc/self/status")
	var now, most string
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			now = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			most = strings.TrimSpace(rest)
		}
	}
	return now + ", at most " + most
}
