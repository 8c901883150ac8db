package typed_test

import (
	"strconv"
	"testing"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
)

// BenchmarkView makes a view and calls three accessors.
func BenchmarkView(b *testing.B) {
	o, err := indicator().Description("An indicator with a text of the usual length, which has to be passed over.").Build()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(o.Raw)))
	b.ReportAllocs()
	for b.Loop() {
		v, err := typed.IndicatorOf(&o)
		if err != nil || v.Pattern() == "" || v.Name() == "" || v.ValidFrom().IsZero() {
			b.Fatal(err)
		}
	}
}

// BenchmarkBuild builds and judges an indicator, and a cyber-observable with its id.
func BenchmarkBuild(b *testing.B) {
	b.Run("indicator", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := indicator().Build(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("domain-name", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := typed.NewDomainName().Value("a.example").Build(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkViewByLength shows that the time of a view is in proportion to the bytes.
func BenchmarkViewByLength(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 20, 16 << 20} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			text := make([]byte, n)
			for i := range text {
				text[i] = `\"`[i%2]
			}
			raw := append(append([]byte(`{"x":"`), text...), `","pattern":"a"}`...)
			o := stix.Object{Raw: raw, Header: stix.Header{Type: "indicator", SpecVersion: "2.1"}}
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if v, err := typed.IndicatorOf(&o); err != nil || v.Pattern() != "a" {
					b.Fatal(err)
				}
			}
		})
	}
}
