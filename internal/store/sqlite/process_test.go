package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// child turns this process into the writer of another test, if it was started as such: it commits back to back, tells each
// commit on its standard output, and never ends.
func child() {
	path := os.Getenv("WAGASA_TEST_CHILD")
	if path == "" {
		return
	}
	s, err := Open(context.Background(), path, Config{})
	for i := 0; err == nil; i++ {
		if err = put(s, fmt.Sprintf("child %08d", i), make([]byte, 20_000)); err == nil {
			fmt.Println(i)
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// startChild returns a channel of the numbers of its commits and a function that kills it and returns the last of them.
func startChild(t *testing.T, path string) (commits *atomic.Int64, kill func() int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "WAGASA_TEST_CHILD="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	commits = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil {
				t.Errorf("the child says %q", lines.Text())
				return
			}
			commits.Store(n + 1)
		}
	}()
	var once sync.Once
	kill = func() int64 {
		once.Do(func() {
			_ = cmd.Process.Kill()
			<-done
			_ = cmd.Wait()
		})
		return commits.Load()
	}
	t.Cleanup(func() { kill() })
	return commits, kill
}

func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

// TestKill kills a writing process, several times over, and looks for all that it had acknowledged.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	for round := range 3 {
		commits, kill := startChild(t, path)
		await(t, "commits", func() bool { return commits.Load() >= 20 })
		last := kill()
		s := open(t, path, Config{})
		found := map[string]bool{}
		for _, key := range keys(t, s) {
			found[key] = true
		}
		for i := range last {
			if !found[fmt.Sprintf("child %08d", i)] {
				t.Fatalf("round %d: commit %d of %d is lost", round, i, last)
			}
		}
		if err := put(s, "parent", nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFairness writes now and then while another process commits back to back, and counts how often that one is let in before.
func TestFairness(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := open(t, path, Config{})
	commits, kill := startChild(t, path)
	await(t, "commits", func() bool { return commits.Load() >= 5 })
	const rounds = 30
	var (
		overtaken int64
		longest   time.Duration
	)
	for i := range rounds {
		before, start := commits.Load(), time.Now()
		err := s.Update(ctx, func(tx store.Tx) error {
			overtaken += commits.Load() - before
			longest = max(longest, time.Since(start))
			return tx.Records().Put(store.Record{Kind: "k", Key: fmt.Sprint("parent ", i)})
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	kill()
	t.Logf("let in before: %d times in %d rounds; longest wait %v", overtaken, rounds, longest)
	if overtaken > 4*rounds {
		t.Errorf("the busy writer was let in %d times before us in %d rounds", overtaken, rounds)
	}
}

// TestFairnessInProcess is the same with goroutines of one store and of another on the same file.
func TestFairnessInProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	busy, calm := open(t, path, Config{}), open(t, path, Config{})
	var (
		commits atomic.Int64
		wg      sync.WaitGroup
	)
	stop, cancel := context.WithCancel(ctx)
	defer wg.Wait()
	defer cancel()
	for i := range 2 {
		wg.Go(func() {
			for stop.Err() == nil {
				if err := put(busy, fmt.Sprint(i), make([]byte, 5000)); err != nil {
					t.Error(err)
					return
				}
				commits.Add(1)
			}
		})
	}
	await(t, "commits", func() bool { return commits.Load() >= 5 })
	const rounds = 30
	var overtaken int64
	for i := range rounds {
		for _, s := range []store.Store{busy, calm} {
			before := commits.Load()
			if err := s.Update(ctx, func(tx store.Tx) error {
				overtaken += commits.Load() - before
				return tx.Records().Put(store.Record{Kind: "k", Key: fmt.Sprint("calm ", i)})
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if overtaken > 8*rounds {
		t.Errorf("the busy writers were let in %d times before us in %d rounds", overtaken, 2*rounds)
	}
}

// TestWaitingEnds gives up waiting for the writer of another store when the context ends.
func TestWaitingEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	a, b, c := open(t, path, Config{}), open(t, path, Config{}), open(t, path, Config{})
	err := a.Update(ctx, func(store.Tx) error {
		var wg sync.WaitGroup
		defer wg.Wait()
		for _, s := range []*Store{b, c} { // one waits in the turnstile, one before it
			wg.Go(func() {
				short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
				err := s.Update(short, func(store.Tx) error { t.Error("two writers at once"); return nil })
				if !errors.Is(err, context.DeadlineExceeded) || fault.Of(err) != fault.Unavailable {
					t.Errorf("got %v, want unavailable: deadline exceeded", err)
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
