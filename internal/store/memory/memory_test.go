package memory_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (store.Store, func() store.Store) {
		s := memory.New()
		return s, func() store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return s.Reopen()
		}
	})
}

func TestFailCommits(t *testing.T) {
	s, ctx := memory.New(), context.Background()
	s.FailCommits(2)
	put := func() error {
		return s.Update(ctx, func(tx store.Tx) error { return tx.Records().Put(store.Record{Kind: "k", Key: "r"}) })
	}
	found := func() (found bool) {
		if err := s.View(ctx, func(tx store.Tx) (err error) { _, found, err = tx.Records().Get("k", "r"); return err }); err != nil {
			t.Fatal(err)
		}
		return found
	}
	for range 2 {
		if err := put(); fault.Of(err) != fault.Unavailable || found() {
			t.Fatalf("got %v, found %v; want unavailable and nothing kept", err, found())
		}
	}
	if err := put(); err != nil || !found() {
		t.Fatalf("got %v, found %v", err, found())
	}
}

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(*testing.B) store.Store { return memory.New() })
}
