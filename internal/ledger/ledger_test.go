package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

const (
	us   = store.Party("identity--0b1e6a4f-3a57-4c39-9a51-0d6a8fd7a001")
	them = store.Party("identity--7c2d9b10-5e44-4d0b-8f7e-3b6c1e55b002")
)

var (
	ourKey   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	theirKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))
	start    = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
)

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// seeded is randomness that can be repeated.
func seeded(n byte) io.Reader { return rand.NewChaCha8([32]byte{n}) }

type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func update(t tester, s store.Store, f func(tx store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func view(t tester, s store.Store, f func(tx store.Tx) error) {
	t.Helper()
	if err := s.View(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func entry(i int) Entry {
	return Entry{
		Kind: Released, Time: start.Add(time.Duration(i) * time.Second), Subject: fmt.Sprintf("FLASH %d", i),
		Items: [][]byte{fmt.Appendf(nil, "indicator--%d", i), []byte("x")},
	}
}

// grow appends entries from the tree's size up to size.
func grow(t tester, s store.Store, tree string, size int, random io.Reader) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		have, err := Size(tx, tree)
		for i := int(have); err == nil && i < size; i++ {
			err = Append(tx, tree, entry(i), random)
		}
		return err
	})
}

func checkpoint(t tester, s store.Store, tree string, key ed25519.PrivateKey, owner store.Party, now time.Time) (c []byte) {
	t.Helper()
	update(t, s, func(tx store.Tx) (err error) {
		c, err = Checkpoint(tx, tree, key, owner, now)
		return err
	})
	return c
}

func verify(t tester, s store.Store, around func(store.Tx) store.Tx) (r Report) {
	t.Helper()
	view(t, s, func(tx store.Tx) (err error) {
		if around != nil {
			tx = around(tx)
		}
		r, err = Verify(tx, public(ourKey), nil)
		return err
	})
	return r
}

func TestAppendedEntriesReadBack(t *testing.T) {
	s := memory.New()
	grow(t, s, National, 10, nil)
	view(t, s, func(tx store.Tx) error {
		got, err := Entries(tx, National, 3, 4)
		if err != nil {
			return err
		}
		if len(got) != 4 || fmt.Sprint(got[0]) != fmt.Sprint(entry(3)) {
			t.Errorf("entries from 3: %v", got)
		}
		return nil
	})
}

func TestLeavesShowNothing(t *testing.T) {
	s := memory.New()
	secret := Entry{Kind: Released, Time: start, Subject: "codeword KARAKASA", Items: [][]byte{[]byte("indicator--karakasa")}}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(Append(tx, National, secret, nil), Append(tx, National, secret, nil))
	})
	view(t, s, func(tx store.Tx) error {
		leaves, err := tx.Log().Leaves(National, 0, 2)
		if err != nil {
			return err
		}
		a, b := leaves[0].Data, leaves[1].Data
		if want := leafHead + 32; len(a) != want || len(b) != want {
			t.Errorf("leaves of %d and %d bytes, want %d", len(a), len(b), want)
		}
		if bytes.Contains(a, []byte("KARAKASA")) || bytes.Contains(a, []byte("karakasa")) {
			t.Error("the leaf shows what it is about")
		}
		for i := 1; i+8 <= len(a); i++ {
			if bytes.Equal(a[i:i+8], b[i:i+8]) {
				t.Errorf("two leaves of one entry are alike at byte %d", i)
			}
		}
		return nil
	})
}

func TestAppendRefuses(t *testing.T) {
	s := memory.New()
	good := entry(0)
	for name, c := range map[string]struct {
		tree string
		e    Entry
	}{
		"tree":       {"nations", good},
		"no partner": {PartnerTree(""), good},
		"kind":       {National, Entry{Kind: "Not this", Time: start}},
		"subject":    {National, Entry{Kind: Read, Time: start, Subject: strings.Repeat("x", MaxSubject+1)}},
		"items":      {National, Entry{Kind: Read, Time: start, Items: make([][]byte, MaxItems+1)}},
		"item":       {National, Entry{Kind: Read, Time: start, Items: [][]byte{make([]byte, MaxItem+1)}}},
		"time":       {National, Entry{Kind: Read}},
	} {
		err := s.Update(t.Context(), func(tx store.Tx) error { return Append(tx, c.tree, c.e, nil) })
		if fault.Of(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	err := s.Update(t.Context(), func(tx store.Tx) error { return Append(tx, National, good, strings.NewReader("short")) })
	if err == nil {
		t.Error("appended without randomness")
	}
	if r := verify(t, s, nil); len(r.Trees) != 0 {
		t.Errorf("refused entries left %v", r)
	}
}

func TestGreatestEntry(t *testing.T) {
	s := memory.New()
	e := Entry{Kind: Released, Time: start, Subject: strings.Repeat("x", MaxSubject), Items: make([][]byte, MaxItems)}
	e.Items[7] = bytes.Repeat([]byte("y"), MaxItem)
	update(t, s, func(tx store.Tx) error { return Append(tx, PartnerTree(them), e, nil) })
	if r := verify(t, s, nil); !r.OK() || r.Trees[0].Size != 1 {
		t.Errorf("%+v", r)
	}
}

// Whatever is appended to whatever trees, with checkpoints in between, verifies.
func TestLawAppendVerifies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := memory.New()
		sizes := map[string]int64{}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			tree := rapid.SampledFrom([]string{National, PartnerTree(us), PartnerTree(them)}).Draw(t, "tree")
			e := Entry{
				Kind:    Kind(rapid.StringMatching(`[a-z]{1,32}`).Draw(t, "kind")),
				Time:    time.Unix(0, rapid.Int64().Draw(t, "time")),
				Subject: rapid.StringN(0, 100, 400).Draw(t, "subject"),
				Items:   rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 50), 0, 5).Draw(t, "items"),
			}
			update(t, s, func(tx store.Tx) error { return Append(tx, tree, e, nil) })
			if sizes[tree]++; rapid.Bool().Draw(t, "checkpoint") {
				checkpoint(t, s, tree, ourKey, us, start)
			}
		}
		r := verify(t, s, nil)
		if !r.OK() || len(r.Trees) != len(sizes) {
			t.Fatalf("%d trees of %d: %+v", len(r.Trees), len(sizes), r)
		}
		for _, tree := range r.Trees {
			view(t, s, func(tx store.Tx) error {
				root, err := rootAt(tx, tree.Tree, tree.Size)
				if tree.Size != sizes[tree.Tree] || tree.Root != root {
					t.Fatalf("%+v: want %d entries, root %x", tree, sizes[tree.Tree], root)
				}
				return err
			})
		}
	})
}

func TestCheckpoint(t *testing.T) {
	s := memory.New()
	tree := PartnerTree(them)
	grow(t, s, tree, 5, nil)
	c := checkpoint(t, s, tree, ourKey, us, start)
	head, err := Open(c, public(ourKey), us, tree)
	if err != nil {
		t.Fatal(err)
	}
	want := "wagasa/0b1e6a4f-3a57-4c39-9a51-0d6a8fd7a001/7c2d9b10-5e44-4d0b-8f7e-3b6c1e55b002"
	if head.Origin != want || head.Size != 5 || !head.Issued.Equal(start) {
		t.Errorf("head %+v", head)
	}
	if again := checkpoint(t, s, tree, ourKey, us, start.Add(time.Hour)); !bytes.Equal(c, again) {
		t.Error("nothing was appended, but the checkpoint is another")
	}
	grow(t, s, tree, 6, nil)
	later, err := Open(checkpoint(t, s, tree, ourKey, us, start.Add(-time.Hour)), public(ourKey), us, tree)
	if err != nil || !later.Issued.After(head.Issued) {
		t.Errorf("our clock was set back: issued %v after %v, %v", later.Issued, head.Issued, err)
	}
	if r := verify(t, s, nil); !r.OK() || r.Trees[0].Signed != 6 {
		t.Errorf("%+v", r)
	}
}

// A tool that knows nothing of us but signed notes can verify our checkpoints.
func TestCheckpointIsASignedNote(t *testing.T) {
	s := memory.New()
	c := checkpoint(t, s, National, ourKey, us, start)
	vkey, err := note.NewEd25519VerifierKey(Origin(us, National), public(ourKey))
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(c, note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	empty, _ := tlog.TreeHash(0, nil)
	if want := "wagasa/0b1e6a4f-3a57-4c39-9a51-0d6a8fd7a001/national\n0\n" + empty.String() + "\n1775001600000\n"; n.Text != want {
		t.Errorf("text %q\nwant %q", n.Text, want)
	}
}

func TestOpenRefuses(t *testing.T) {
	s := memory.New()
	tree := PartnerTree(them)
	grow(t, s, tree, 5, nil)
	c := checkpoint(t, s, tree, ourKey, us, start)
	raw := func(text string) []byte {
		signer, err := newSigner(Origin(us, tree), ourKey)
		if err != nil {
			t.Fatal(err)
		}
		c, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	origin := Origin(us, tree)
	root := strings.Split(string(c), "\n")[2]
	for name, test := range map[string]struct {
		c    []byte
		key  ed25519.PrivateKey
		own  store.Party
		tree string
		want fault.Kind
	}{
		"another key":    {c, theirKey, us, tree, fault.Denied},
		"another owner":  {c, ourKey, them, tree, fault.Denied},
		"another tree":   {c, ourKey, us, National, fault.Denied},
		"altered":        {bytes.Replace(c, []byte("\n5\n"), []byte("\n6\n"), 1), ourKey, us, tree, fault.Denied},
		"too long":       {append(bytes.Clone(c), make([]byte, MaxCheckpoint)...), ourKey, us, tree, fault.Invalid},
		"no note":        {[]byte("hello\n"), ourKey, us, tree, fault.Invalid},
		"another origin": {raw("wagasa/x\n5\n" + root + "\n1\n"), ourKey, us, tree, fault.Invalid},
		"three lines":    {raw(origin + "\n5\n" + root + "\n"), ourKey, us, tree, fault.Invalid},
		"five lines":     {raw(origin + "\n5\n" + root + "\n1\nx\n"), ourKey, us, tree, fault.Invalid},
		"huge":           {raw(origin + "\n9223372036854775807\n" + root + "\n1\n"), ourKey, us, tree, fault.Invalid},
		"negative":       {raw(origin + "\n-1\n" + root + "\n1\n"), ourKey, us, tree, fault.Invalid},
		"leading zero":   {raw(origin + "\n05\n" + root + "\n1\n"), ourKey, us, tree, fault.Invalid},
		"short root":     {raw(origin + "\n5\n" + root[4:] + "\n1\n"), ourKey, us, tree, fault.Invalid},
		"time":           {raw(origin + "\n5\n" + root + "\n-1\n"), ourKey, us, tree, fault.Invalid},
	} {
		if _, err := Open(test.c, public(test.key), test.own, test.tree); err == nil || fault.Of(err) != test.want {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if _, err := Open(c, nil, us, tree); fault.Of(err) != fault.Invalid {
		t.Errorf("no key: %v", err)
	}
}

// Every pair of sizes up to 64.
func TestProofsOfAllSizes(t *testing.T) {
	const most = 64
	s := memory.New()
	tree := PartnerTree(them)
	var heads []Head
	for n := range most + 1 {
		grow(t, s, tree, n, nil)
		c := checkpoint(t, s, tree, ourKey, us, start)
		head, err := Open(c, public(ourKey), us, tree)
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, head)
	}
	view(t, s, func(tx store.Tx) error {
		for to := range heads {
			for from := range to + 1 {
				p, err := Prove(tx, tree, int64(from), int64(to))
				if err != nil {
					return err
				}
				if !p.shows(heads[from], heads[to]) {
					t.Errorf("the proof from %d to %d shows nothing", from, to)
				}
				for i := range p.Hashes {
					p.Hashes[i][3] ^= 1
					if p.shows(heads[from], heads[to]) {
						t.Errorf("the proof from %d to %d holds with hash %d altered", from, to, i)
					}
					p.Hashes[i][3] ^= 1
				}
				forked := heads[from]
				forked.Root[0] ^= 1
				if from > 0 && p.shows(forked, heads[to]) {
					t.Errorf("the proof from %d to %d holds for another beginning", from, to)
				}
			}
		}
		for _, bad := range [][2]int64{{-1, 3}, {4, 3}, {3, most + 1}} {
			if _, err := Prove(tx, tree, bad[0], bad[1]); fault.Of(err) != fault.Invalid {
				t.Errorf("proof from %d to %d: %v, want invalid", bad[0], bad[1], err)
			}
		}
		return nil
	})
}

func TestVerifyTellsProgress(t *testing.T) {
	s := memory.New()
	grow(t, s, National, 100, nil)
	grow(t, s, PartnerTree(them), 70, nil)
	var last int64
	view(t, s, func(tx store.Tx) error {
		_, err := Verify(tx, public(ourKey), func(done, total int64) {
			if done <= last || total != 170 {
				t.Errorf("%d of %d after %d", done, total, last)
			}
			last = done
		})
		return err
	})
	if last != 170 {
		t.Errorf("ended at %d", last)
	}
}
