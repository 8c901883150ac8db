package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/wagasa/wagasa/internal/store"
)

// Bench measures what bulk import and steady exchange live on.
func Bench(b *testing.B, open func(b *testing.B) store.Store) {
	b.Run("Import", func(b *testing.B) { benchImport(b, open(b), 500) })
	b.Run("ImportOne", func(b *testing.B) { benchImport(b, open(b), 1) })
	b.Run("Update", func(b *testing.B) { benchUpdate(b, open(b)) })
	b.Run("Current", func(b *testing.B) { benchCurrent(b, open(b)) })
	b.Run("Scan", func(b *testing.B) { benchScan(b, open(b)) })
	b.Run("Families", func(b *testing.B) { benchFamilies(b, open) })
	b.Run("Feed", func(b *testing.B) { benchFeed(b, open(b)) })
	b.Run("Records", func(b *testing.B) { benchRecords(b, open(b)) })
	b.Run("Send", func(b *testing.B) { benchSend(b, open(b)) })
	b.Run("Version", func(b *testing.B) {
		s := open(b)
		for b.Loop() {
			ok[int64](b)(s.Version(context.Background()))
		}
	})
}

var padding = bytes.Repeat([]byte("0123456789abcdef"), 88) // 1.4 KB

// Random makes n new variants as a feed of indicators would: random ids, a few classes and creators.
func Random(r *rand.Rand, n int) []store.Variant {
	list := make([]store.Variant, n)
	for i := range list {
		x, y := r.Uint64(), r.Uint64()
		k := r.IntN(20)
		id := fmt.Sprintf("indicator--%08x-%04x-4%03x-8%03x-%012x", x>>32, x>>16&0xffff, x&0xfff, y>>48&0xfff, y&0xffffffffffff)
		list[i] = store.Variant{
			ID: id, Type: "indicator", SpecVersion: "2.1", Modified: int64(x >> 1), Creator: fmt.Sprintf("identity--%036d", k%3),
			Digest: sha256.Sum256([]byte(id)), Sum: sha256.Sum256([]byte(id + "x")), Serial: x, TLP: 2, Precedence: store.Priority,
			Standing: store.Open, Current: true, Validated: true, Class: int64(k), Arrived: 1_700_000_000_000_000_000, Raw: padding,
		}
	}
	return list
}

// importBatch does what ingest does with new objects.
func importBatch(s store.Store, list []store.Variant) error {
	return s.Update(context.Background(), func(tx store.Tx) error {
		if _, err := tx.Objects().Variants(ids(list)); err != nil {
			return err
		}
		if err := tx.Objects().Insert(list); err != nil {
			return err
		}
		for i := range list {
			if err := tx.Feed().Append(1, store.KindObject, store.ObjectKey(list[i].ID, list[i].Modified)); err != nil {
				return err
			}
		}
		return nil
	})
}

func fill(b *testing.B, s store.Store, n int) []store.Variant {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var all []store.Variant
	for len(all) < n {
		list := Random(r, 1000)
		if err := importBatch(s, list); err != nil {
			b.Fatal(err)
		}
		all = append(all, list...)
	}
	return all
}

func report(b *testing.B, n int, unit string) {
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), unit+"/s")
}

func benchImport(b *testing.B, s store.Store, batch int) {
	r := rand.New(rand.NewPCG(3, 4))
	n := 0
	for b.Loop() {
		b.StopTimer()
		list := Random(r, batch)
		b.StartTimer()
		if err := importBatch(s, list); err != nil {
			b.Fatal(err)
		}
		n += batch
	}
	report(b, n, "variants")
}

func benchUpdate(b *testing.B, s store.Store) {
	all := fill(b, s, 10_000)
	r := rand.New(rand.NewPCG(5, 6))
	n := 0
	for b.Loop() {
		list := make([]store.Variant, 500)
		for i, k := range r.Perm(len(all))[:len(list)] {
			all[k].Current = !all[k].Current
			list[i] = bare(all[k])
		}
		if err := s.Update(context.Background(), func(tx store.Tx) error { return tx.Objects().Update(list) }); err != nil {
			b.Fatal(err)
		}
		n += len(list)
	}
	report(b, n, "variants")
}

func benchCurrent(b *testing.B, s store.Store) {
	all := ids(fill(b, s, 20_000))
	r := rand.New(rand.NewPCG(7, 8))
	for _, batch := range []int{1, 100} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			n := 0
			for b.Loop() {
				list := make([]string, batch)
				for i := range list {
					list[i] = all[r.IntN(len(all))]
				}
				err := s.View(context.Background(), func(tx store.Tx) error {
					_, err := tx.Objects().Current(list)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				n += batch
			}
			report(b, n, "gets")
		})
	}
}

func benchScan(b *testing.B, s store.Store) {
	fill(b, s, 20_000)
	for name, classes := range map[string][]int64{"All": nil, "OneClass": {3}, "TenClasses": {0, 2, 4, 6, 8, 10, 12, 14, 16, 18}} {
		b.Run(name, func(b *testing.B) {
			after, n := "", 0
			for b.Loop() {
				err := s.View(context.Background(), func(tx store.Tx) error {
					list, err := tx.Objects().ScanCurrent(after, nil, classes, 100)
					n += len(list)
					if after = ""; len(list) == 100 {
						after = list[99].ID
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			report(b, n, "gets")
		})
	}
}

// benchFamilies pages through one type, where the objects share few facts and where each has facts of its own, and through a
// few hundred objects with facts of their own that lie thin among the others.
func benchFamilies(b *testing.B, open func(b *testing.B) store.Store) {
	const objects = 10_000
	for _, shape := range []struct {
		name     string
		families int
		among    int // objects of another type for each one
	}{{"Twenty", 20, 0}, {"Thousand", 1000, 0}, {"OneEach", objects, 0}, {"Thin", 500, 19}} {
		b.Run(shape.name, func(b *testing.B) {
			s := open(b)
			r := rand.New(rand.NewPCG(9, 10))
			for n := range objects / 500 {
				list := Random(r, 500)
				for i := range list {
					v, k := &list[i], n*500+i
					v.Class = 1
					v.Creator = fmt.Sprintf("identity--%036d", k%shape.families)
					if k%(shape.among+1) != 0 {
						v.Type = "malware"
					} else if shape.among > 0 {
						v.Creator = fmt.Sprintf("identity--%036d", k)
					}
				}
				if err := importBatch(s, list); err != nil {
					b.Fatal(err)
				}
			}
			want, n, scans := objects/(shape.among+1), 0, 0
			for b.Loop() {
				found := 0
				for after := ""; ; {
					var page []store.Variant
					if err := s.View(context.Background(), func(tx store.Tx) (err error) {
						page, err = tx.Objects().ScanCurrent(after, []string{"indicator"}, nil, 100)
						return err
					}); err != nil {
						b.Fatal(err)
					}
					found += len(page)
					if len(page) < 100 {
						break
					}
					after = page[99].ID
				}
				if found != want {
					b.Fatalf("found %d, want %d", found, want)
				}
				n += found
				scans++
			}
			report(b, n, "gets")
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(scans), "ms/scan")
		})
	}
}

func benchFeed(b *testing.B, s store.Store) {
	fill(b, s, 20_000)
	var position int64
	n := 0
	for b.Loop() {
		err := s.View(context.Background(), func(tx store.Tx) error {
			list, err := tx.Feed().After(position, 500)
			n += len(list)
			if position = 0; len(list) == 500 {
				position = list[499].Position
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	report(b, n, "entries")
}

func benchRecords(b *testing.B, s store.Store) {
	n := 0
	for b.Loop() {
		err := s.Update(context.Background(), func(tx store.Tx) error {
			for i := range 100 {
				r := store.Record{Kind: "k", Key: fmt.Sprint(n + i), Value: padding[:200], Terms: []string{"one", fmt.Sprint(n % 7)}}
				if err := tx.Records().Put(r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		n += 100
	}
	report(b, n, "records")
}

// benchSend takes what is queued, numbers it in envelopes of 50 items and settles them.
func benchSend(b *testing.B, s store.Store) {
	all := fill(b, s, 10_000)
	n := 0
	for b.Loop() {
		number := store.Number{Partner: "p", Incarnation: 1 << 63, Precedence: store.Priority, Number: uint64(n)}
		piece := all[n%len(all) : n%len(all)+50]
		err := s.Update(context.Background(), func(tx store.Tx) error {
			if err := tx.Streams().Enqueue("p", store.Priority, ids(piece)); err != nil {
				return err
			}
			queued, err := tx.Streams().Queued("p", store.Priority, 50)
			if err != nil {
				return err
			}
			items := make([]store.Handover, len(piece))
			for i, v := range piece {
				items[i] = store.Handover{ID: v.ID, Modified: v.Modified, Digest: v.Digest, Sum: v.Sum}
			}
			if err := tx.Streams().AddSent(store.Sent{Number: number, Sealed: padding, Items: 50}, items); err != nil {
				return err
			}
			return tx.Streams().Dequeue("p", queued)
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Update(context.Background(), func(tx store.Tx) error {
			return tx.Streams().SetSent(number, store.Receipted, true)
		}); err != nil {
			b.Fatal(err)
		}
		n += 50
	}
	report(b, n, "items")
}
