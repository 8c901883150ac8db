package envelope

import (
	"fmt"
	"testing"
)

func BenchmarkSeal(b *testing.B) {
	for _, n := range []int{0, 1, 256} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			items, h := indicators(b, n), numbered()
			content := 0
			for _, i := range items {
				content += len(i.Variant().Raw)
			}
			if n == 0 {
				h = control()
			}
			var s Sealed
			b.SetBytes(int64(content))
			for b.Loop() {
				s = sealed(b, h, Control{}, items)
			}
			plain, err := decrypt(kem, s.Bytes)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(s.Bytes)), "sealed-B")
			b.ReportMetric(float64(len(s.Bytes)-len(plain)), "seal-B")
			b.ReportMetric(float64(len(s.Bytes))/float64(max(n, 1)), "B/item")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{0, 1, 256} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			items, h := indicators(b, n), numbered()
			if n == 0 {
				h = control()
			}
			s := sealed(b, h, Control{}, items).Bytes
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				if _, err := open(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
