package tour_test

import (
	"context"
	"testing"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/tour"
)

func TestTour(t *testing.T) {
	s := memory.New()
	in := func(f func(tx store.Tx) error) {
		t.Helper()
		if err := s.Update(context.Background(), f); err != nil {
			t.Fatal(err)
		}
	}
	in(func(tx store.Tx) error {
		if _, ok, err := tour.Told(tx); ok || err != nil {
			t.Errorf("a node by itself is part of a demo: %v", err)
		}
		w, err := tour.Asked(tx)
		if w != (tour.Wish{}) {
			t.Errorf("%+v", w)
		}
		return err
	})
	want := tour.State{Partner: "identity--00000000-0000-4000-8000-000000000001", Name: "Example", Pages: "http://localhost:1", Cut: true}
	in(func(tx store.Tx) error { return tour.Tell(tx, want) })
	in(func(tx store.Tx) error { return tour.Ask(tx, true) })
	in(func(tx store.Tx) error { return tour.Ask(tx, false) })
	in(func(tx store.Tx) error {
		if got, ok, err := tour.Told(tx); got != want || !ok || err != nil {
			t.Errorf("%+v %t %v", got, ok, err)
		}
		w, err := tour.Asked(tx)
		if w != (tour.Wish{Cut: false, Number: 2}) {
			t.Errorf("%+v", w)
		}
		return err
	})
}
