package ledger

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// tampered is a transaction over a store to which somebody else had access.
type tampered struct {
	store.Tx
	cut      map[string]int64 // trees shorter than they were
	noHashes bool             // of what was cut
	leaf     func(tree string, l *store.Leaf)
	hash     func(tree string, index int64, h *store.Hash) (gone bool)
	record   func(r *store.Record)
}

func (t *tampered) Log() store.Log         { return tamperedLog{t.Tx.Log(), t} }
func (t *tampered) Records() store.Records { return tamperedRecords{t.Tx.Records(), t} }

type tamperedLog struct {
	store.Log
	t *tampered
}

func (l tamperedLog) Size(tree string) (int64, error) {
	if size, ok := l.t.cut[tree]; ok {
		return size, nil
	}
	return l.Log.Size(tree)
}

func (l tamperedLog) Leaves(tree string, from int64, limit int) ([]store.Leaf, error) {
	leaves, err := l.Log.Leaves(tree, from, limit)
	for i := range leaves {
		leaves[i].Data, leaves[i].Detail = bytes.Clone(leaves[i].Data), bytes.Clone(leaves[i].Detail)
		if l.t.leaf != nil {
			l.t.leaf(tree, &leaves[i])
		}
	}
	return leaves, err
}

func (l tamperedLog) Hashes(tree string, indexes []int64) ([]store.Hash, error) {
	hashes, err := l.Log.Hashes(tree, indexes)
	for i := range hashes {
		size, cut := l.t.cut[tree]
		gone := cut && l.t.noHashes && indexes[i] >= tlog.StoredHashIndex(0, size)
		if gone || l.t.hash != nil && l.t.hash(tree, indexes[i], &hashes[i]) {
			return nil, fault.New(fault.NotFound, "no hash %d", indexes[i])
		}
	}
	return hashes, err
}

type tamperedRecords struct {
	store.Records
	t *tampered
}

func (r tamperedRecords) Get(kind, key string) (store.Record, bool, error) {
	found, ok, err := r.Records.Get(kind, key)
	found.Value = bytes.Clone(found.Value)
	if ok && r.t.record != nil {
		r.t.record(&found)
	}
	return found, ok, err
}

// names says whether some problem is about the entry.
func names(r Report, tree string, index int64) bool {
	for _, t := range r.Trees {
		for _, p := range t.Problems {
			if t.Tree == tree && p.Index == index {
				return true
			}
		}
	}
	return false
}

// Any byte of any leaf, detail or hash that is flipped is found and named.
func TestLawFlipsAreNamed(t *testing.T) {
	const size = 150 // more than two pages
	s := memory.New()
	tree := PartnerTree(them)
	grow(t, s, tree, size, nil)
	grow(t, s, National, 3, nil)
	rapid.Check(t, func(t *rapid.T) {
		flip := func(b []byte) {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		index := rapid.Int64Range(0, size-1).Draw(t, "index")
		what := rapid.SampledFrom([]string{"data", "detail", "hash", "missing hash"}).Draw(t, "what")
		stored := rapid.Int64Range(tlog.StoredHashIndex(0, index), tlog.StoredHashIndex(0, index+1)-1).Draw(t, "stored")
		done := false
		once := func(f func()) {
			if !done {
				f()
			}
			done = true
		}
		r := verify(t, s, func(tx store.Tx) store.Tx {
			return &tampered{
				Tx: tx,
				leaf: func(in string, l *store.Leaf) {
					switch {
					case in != tree || l.Index != index:
					case what == "data":
						once(func() { flip(l.Data) })
					case what == "detail":
						once(func() { flip(l.Detail) })
					}
				},
				hash: func(in string, i int64, h *store.Hash) bool {
					if in == tree && i == stored && what == "hash" {
						once(func() { flip(h[:]) })
					}
					return in == tree && i == stored && what == "missing hash"
				},
			}
		})
		if r.OK() || !names(r, tree, index) {
			t.Fatalf("%s of entry %d: %+v", what, index, r)
		}
		for _, other := range r.Trees {
			if other.Tree != tree && !other.OK {
				t.Fatalf("%s is blamed, too", other.Tree)
			}
		}
	})
}

// The last entries dropped are noticed by leftover hashes, by our last checkpoint, or by what the partner witnessed.
func TestDroppedEntriesAreNamed(t *testing.T) {
	tree := PartnerTree(them)
	for name, prepare := range map[string]func(s store.Store){
		"leftover":   func(store.Store) {},
		"checkpoint": func(s store.Store) { checkpoint(t, s, tree, ourKey, us, start) },
		"partner": func(s store.Store) {
			update(t, s, func(tx store.Tx) error { return SetAcknowledged(tx, them, 9) })
		},
	} {
		for _, left := range []int64{8, 3, 0} {
			s := memory.New()
			grow(t, s, tree, 9, nil)
			prepare(s)
			r := verify(t, s, func(tx store.Tx) store.Tx {
				return &tampered{Tx: tx, cut: map[string]int64{tree: left}, noHashes: name != "leftover"}
			})
			if r.OK() || !names(r, tree, left) {
				t.Errorf("%s, %d left: %+v", name, left, r)
			}
		}
	}
}

// A tree that was rewritten with hashes and all agrees with itself, but not with what was signed.
func TestRewrittenTreeIsNamed(t *testing.T) {
	s, other := memory.New(), memory.New()
	grow(t, s, National, 5, seeded(1))
	grow(t, other, National, 7, seeded(2))
	checkpoint(t, s, National, ourKey, us, start)
	var kept store.Record
	view(t, s, func(tx store.Tx) (err error) {
		kept, _, err = tx.Records().Get(kindCheckpoint, National)
		return err
	})
	update(t, other, func(tx store.Tx) error { return tx.Records().Put(kept) })
	r := verify(t, other, nil)
	if r.OK() || !strings.Contains(r.Trees[0].Problems[0].What, "not those that were signed") {
		t.Errorf("%+v", r)
	}
	err := other.Update(t.Context(), func(tx store.Tx) error {
		_, err := Checkpoint(tx, National, ourKey, us, start)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "rewritten") {
		t.Errorf("a rewritten tree was signed: %v", err)
	}
}

func TestCheckpointRefusesATreeCutShort(t *testing.T) {
	s := memory.New()
	grow(t, s, National, 5, nil)
	checkpoint(t, s, National, ourKey, us, start)
	err := s.Update(t.Context(), func(tx store.Tx) error {
		_, err := Checkpoint(&tampered{Tx: tx, cut: map[string]int64{National: 4}}, National, ourKey, us, start)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("a tree cut short was signed: %v", err)
	}
}

func TestTamperedRecordsAreNamed(t *testing.T) {
	s := memory.New()
	tree := PartnerTree(them)
	grow(t, s, tree, 5, nil)
	checkpoint(t, s, tree, ourKey, us, start)
	theirs := memory.New()
	grow(t, theirs, PartnerTree(us), 3, nil)
	shown := checkpoint(t, theirs, PartnerTree(us), theirKey, them, start)
	update(t, s, func(tx store.Tx) error {
		_, err := Witness(tx, us, them, shown, public(theirKey), nil)
		return err
	})
	if r := verify(t, s, nil); !r.OK() || r.Trees[0].Witnessed == nil || r.Trees[0].Witnessed.Proven != 3 {
		t.Fatalf("%+v", r)
	}
	for _, kind := range []string{kindCheckpoint, kindWitness} {
		for _, change := range [][2]string{{`\n5\n`, `\n4\n`}, {`\n3\n`, `\n2\n`}, {`{`, `[`}} {
			hit := false
			r := verify(t, s, func(tx store.Tx) store.Tx {
				return &tampered{Tx: tx, record: func(r *store.Record) {
					if r.Kind == kind {
						was := string(r.Value)
						r.Value = []byte(strings.ReplaceAll(was, change[0], change[1]))
						hit = hit || was != string(r.Value)
					}
				}}
			})
			if hit && r.OK() {
				t.Errorf("%s with %q for %q is found in order", kind, change[1], change[0])
			}
		}
	}
}
