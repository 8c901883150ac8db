package ledger

import (
	"fmt"
	"testing"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
)

func BenchmarkAppend(b *testing.B) {
	for _, items := range []int{0, 10, 1000} {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			s := memory.New()
			e := entry(0)
			e.Items = nil
			for i := range items {
				e.Items = append(e.Items, fmt.Appendf(nil, "indicator--%036d 2026-04-01T00:00:00Z %064d 1 green", i, i))
			}
			update(b, s, func(tx store.Tx) error {
				for b.Loop() {
					if err := Append(tx, National, e, nil); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	const size = 10_000
	s := memory.New()
	grow(b, s, National, size, nil)
	checkpoint(b, s, National, ourKey, us, start)
	for b.Loop() {
		if r := verify(b, s, nil); !r.OK() {
			b.Fatal(r)
		}
	}
	b.ReportMetric(size*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkCheckpoint(b *testing.B) {
	s := memory.New()
	grow(b, s, National, 1000, nil)
	size := 1000
	for b.Loop() {
		size++
		grow(b, s, National, size, nil)
		checkpoint(b, s, National, ourKey, us, start)
	}
}

func BenchmarkProve(b *testing.B) {
	s := memory.New()
	grow(b, s, National, 10_000, nil)
	for b.Loop() {
		view(b, s, func(tx store.Tx) error {
			_, err := Prove(tx, National, 7_777, 10_000)
			return err
		})
	}
}
