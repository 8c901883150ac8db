package reference_test

import (
	"path/filepath"
	"testing"

	"github.com/wagasa/wagasa/internal/reference"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/sqlite"
)

// BenchmarkFollow is how fast the index follows objects of which each names two, and all of them one; and how long it takes to say who names that.
func BenchmarkFollow(b *testing.B) {
	const objects = 5000
	for range b.N {
		b.StopTimer()
		s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "store"), sqlite.Config{})
		if err != nil {
			b.Fatal(err)
		}
		n := newNode(b, s)
		for i := range objects {
			n.take(id("note", i), 0, store.Self, false, id("tool", 1), id("tool", 2+i))
		}
		b.StartTimer()
		n.follow()
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(objects*b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkGroups is how long it takes to say who names an object that 2,000 name.
func BenchmarkGroups(b *testing.B) {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "store"), sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	n := newNode(b, s)
	for i := range 2000 {
		n.take(id("note", i), 0, store.Self, false, id("tool", 1))
	}
	n.follow()
	for b.Loop() {
		n.must(s.View(b.Context(), func(tx store.Tx) error {
			_, _, err := reference.Groups(tx, id("tool", 1))
			return err
		}))
	}
}
