package pattern_test

import (
	"testing"

	"github.com/wagasa/wagasa/stix/pattern"
)

// benchmark runs f over the real patterns.
func benchmark(b *testing.B, f func(text string, p *pattern.Pattern)) {
	list, _ := realPatterns(b)
	trees := make([]*pattern.Pattern, len(list))
	for i, real := range list {
		p, err := pattern.Parse(real.text)
		if err != nil {
			b.Fatal(err)
		}
		trees[i] = p
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		f(list[i].text, trees[i])
		if i++; i == len(list) {
			i = 0
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "patterns/s")
}

func BenchmarkParse(b *testing.B) {
	benchmark(b, func(text string, _ *pattern.Pattern) {
		if _, err := pattern.Parse(text); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkPrint(b *testing.B) {
	var buf []byte
	benchmark(b, func(_ string, p *pattern.Pattern) { buf = pattern.Append(buf[:0], p) })
}

func BenchmarkCheck(b *testing.B) {
	var c pattern.Checker
	benchmark(b, func(_ string, p *pattern.Pattern) { c.Check(p, "2.0") })
}
