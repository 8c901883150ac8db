package ledger

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/mod/sumdb/tlog"
)

// Report is what Verify found.
type Report struct{ Trees []TreeReport }

// OK says whether nothing is wrong anywhere.
func (r Report) OK() bool {
	return !slices.ContainsFunc(r.Trees, func(t TreeReport) bool { return !t.OK })
}

// TreeReport is what Verify found in one tree, and, of a partner's, in what we witnessed of its tree for us.
type TreeReport struct {
	Tree         string
	Size         int64
	Root         store.Hash // recomputed from the entries
	OK           bool
	Problems     []Problem // the first hundred
	Found        int       // how many problems there are
	Signed       int64     // size that our last checkpoint signed, -1 if there is none
	Acknowledged int64     // size of ours that the partner says is proven to it, -1 if it says none
	Witnessed    *WitnessReport
}

// WitnessReport is what we hold of a partner's tree.
type WitnessReport struct {
	Proven int64 // size up to which it is proven
	Latest int64 // greatest size that we were shown; more than Proven means that a proof is owed
	Alarms int   // evidence kept against the partner
}

// Problem is one thing that is not as it was written.
type Problem struct {
	Index int64 // of the entry; -1 when it concerns the tree
	What  string
}

const maxProblems = 100

func (t *TreeReport) problem(index int64, format string, args ...any) {
	t.OK = false
	t.Found++
	if len(t.Problems) < maxProblems {
		t.Problems = append(t.Problems, Problem{index, fmt.Sprintf(format, args...)})
	}
}

// Verify recomputes everything: each leaf from its detail, each stored hash from the leaves, each root, and compares
// with the last checkpoint that we signed (pub is our present signing key) and with what partners acknowledged. It checks
// the signatures of the heads that we witnessed. Progress, if not nil, is called now and then with counts of entries.
//
// What is wrong stands in the report; an error means that the store could not be read. It holds one page of entries at a
// time. What was appended after the last checkpoint can be cut off without a trace, if its hashes go too.
func Verify(tx store.Tx, pub ed25519.PublicKey, progress func(done, total int64)) (Report, error) {
	trees, err := known(tx)
	if err != nil {
		return Report{}, err
	}
	var total, before int64
	sizes := make([]int64, len(trees))
	for i, tree := range trees {
		if sizes[i], err = tx.Log().Size(tree); err != nil {
			return Report{}, fmt.Errorf("ledger %s: size: %w", tree, err)
		}
		total += sizes[i]
	}
	var r Report
	for i, tree := range trees {
		v := verifier{tx: tx, report: TreeReport{Tree: tree, Size: sizes[i], OK: true, Signed: -1, Acknowledged: -1}}
		v.progress = func(done int64) {
			if progress != nil {
				progress(before+done, total)
			}
		}
		if err := v.run(pub); err != nil {
			return Report{}, fmt.Errorf("ledger %s: %w", tree, err)
		}
		before += sizes[i]
		r.Trees = append(r.Trees, v.report)
	}
	return r, nil
}

// known lists every tree that there is or that some record says there was.
func known(tx store.Tx) ([]string, error) {
	trees, err := tx.Log().Trees()
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	trees = slices.Clone(trees)
	for kind, tree := range map[string]func(key string) string{
		kindCheckpoint:   func(key string) string { return key },
		kindWitness:      func(key string) string { return PartnerTree(store.Party(key)) },
		kindAcknowledged: func(key string) string { return PartnerTree(store.Party(key)) },
	} {
		err := eachRecord(tx, kind, func(r store.Record) { trees = append(trees, tree(r.Key)) })
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(trees)
	return slices.Compact(trees), nil
}

func eachRecord(tx store.Tx, kind string, f func(store.Record)) error {
	for after := ""; ; {
		page, err := tx.Records().List(kind, after, 256)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		if len(page) == 0 {
			return nil
		}
		for _, r := range page {
			f(r)
		}
		after = page[len(page)-1].Key
	}
}

// verifier walks one tree.
type verifier struct {
	tx       store.Tx
	report   TreeReport
	progress func(done int64)
	edge     []tlog.Hash // roots of the full subtrees so far, greatest first
	signed   Head        // our last checkpoint
}

func (v *verifier) run(pub ed25519.PublicKey) error {
	if err := v.checkpoint(pub); err != nil {
		return err
	}
	v.signedRoot(0)
	for next := int64(0); next < v.report.Size; {
		n, err := v.page(next)
		if err != nil {
			return err
		}
		if n == 0 {
			v.report.problem(next, "the entry is missing, and all after it")
			break
		}
		next += int64(n)
		v.progress(next)
	}
	v.report.Root = store.Hash(v.root())
	if err := v.leftover(); err != nil {
		return err
	}
	return v.partner()
}

// checkpoint reads what we signed last.
func (v *verifier) checkpoint(pub ed25519.PublicKey) error {
	tree := v.report.Tree
	r, ok, err := v.tx.Records().Get(kindCheckpoint, tree)
	if err != nil || !ok {
		return err
	}
	var last own
	if err := json.Unmarshal(r.Value, &last); err != nil {
		v.report.problem(-1, "the last checkpoint is malformed: %v", err)
		return nil
	}
	head, err := Open([]byte(last.Note), pub, last.Owner, tree)
	if err != nil {
		v.report.problem(-1, "the last checkpoint is not ours: %v", err)
		return nil
	}
	v.signed, v.report.Signed = head, head.Size
	if head.Size > v.report.Size {
		v.report.problem(v.report.Size, "%d entries were signed, only %d are left", head.Size, v.report.Size)
	}
	return nil
}

// signedRoot compares the root when the walk has come to the size that was signed.
func (v *verifier) signedRoot(size int64) {
	if v.report.Signed == size && store.Hash(v.root()) != v.signed.Root {
		v.report.problem(-1, "the first %d entries are not those that were signed", size)
	}
}

// leftover notices hashes of entries that are gone.
func (v *verifier) leftover() error {
	_, err := v.tx.Log().Hashes(v.report.Tree, []int64{tlog.StoredHashIndex(0, v.report.Size)})
	switch {
	case err == nil:
		v.report.problem(v.report.Size, "there is a hash of this entry, but no entry")
	case fault.Of(err) != fault.NotFound:
		return err
	}
	return nil
}

const (
	pageLeaves = 64
	noLeaf     = "the leaf is not what its detail makes"
)

// page walks one page of entries and says how many it had.
func (v *verifier) page(next int64) (int, error) {
	limit := min(pageLeaves, v.report.Size-next)
	leaves, err := v.tx.Log().Leaves(v.report.Tree, next, int(limit))
	if err != nil {
		return 0, err
	}
	first := tlog.StoredHashIndex(0, next)
	stored, err := v.stored(first, tlog.StoredHashIndex(0, next+int64(len(leaves))))
	if err != nil {
		return 0, err
	}
	for i, leaf := range leaves {
		index := next + int64(i)
		if leaf.Index != index {
			v.report.problem(index, "the entry is missing: entry %d stands in its place", leaf.Index)
			return i, nil
		}
		v.leaf(leaf)
		for j, h := range v.grow(leaf) {
			at := tlog.StoredHashIndex(0, index) + int64(j) - first
			if stored[at] == nil {
				v.report.problem(index, "stored hash %d is missing", first+at)
			} else if *stored[at] != store.Hash(h) {
				v.report.problem(index, "stored hash %d is not what the entries make", first+at)
			}
		}
		v.signedRoot(index + 1)
	}
	return len(leaves), nil
}

func (v *verifier) leaf(leaf store.Leaf) {
	o, err := parseDetail(leaf.Detail)
	if err != nil {
		v.report.problem(leaf.Index, "%v", err)
		return
	}
	data, err := o.data()
	if err != nil {
		v.report.problem(leaf.Index, "%v", err)
	} else if !bytes.Equal(data, leaf.Data) {
		v.report.problem(leaf.Index, noLeaf)
	}
}

// grow adds a leaf and returns the hashes that it adds to those stored, in their order.
func (v *verifier) grow(leaf store.Leaf) []tlog.Hash {
	h := tlog.RecordHash(leaf.Data)
	added := []tlog.Hash{h}
	for n := leaf.Index; n&1 == 1; n >>= 1 {
		last := len(v.edge) - 1
		h = tlog.NodeHash(v.edge[last], h)
		v.edge = v.edge[:last]
		added = append(added, h)
	}
	v.edge = append(v.edge, h)
	return added
}

func (v *verifier) root() tlog.Hash {
	if len(v.edge) == 0 {
		empty, _ := tlog.TreeHash(0, nil)
		return empty
	}
	h := v.edge[len(v.edge)-1]
	for i := len(v.edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(v.edge[i], h)
	}
	return h
}

// stored reads the hashes at [from, to), nil for each that is missing.
func (v *verifier) stored(from, to int64) ([]*store.Hash, error) {
	indexes := make([]int64, 0, to-from)
	for i := from; i < to; i++ {
		indexes = append(indexes, i)
	}
	hashes, err := v.tx.Log().Hashes(v.report.Tree, indexes)
	found := make([]*store.Hash, len(indexes))
	if err == nil {
		for i := range hashes {
			found[i] = &hashes[i]
		}
		return found, nil
	}
	for i, index := range indexes { // one is missing: find out which
		one, err := v.tx.Log().Hashes(v.report.Tree, []int64{index})
		if err == nil {
			found[i] = &one[0]
		} else if fault.Of(err) != fault.NotFound {
			return nil, err
		}
	}
	return found, nil
}

// partner checks what the partner of this tree told us.
func (v *verifier) partner() error {
	p, ok := TreePartner(v.report.Tree)
	if !ok {
		return nil
	}
	size, ok, err := Acknowledged(v.tx, p)
	if err != nil {
		v.report.problem(-1, "what the partner acknowledged is malformed: %v", err)
	} else if ok {
		v.report.Acknowledged = size
		if size > v.report.Size {
			v.report.problem(v.report.Size, "the partner has witnessed %d entries, only %d are left", size, v.report.Size)
		}
	}
	return v.witness(p)
}

func (v *verifier) witness(p store.Party) error {
	w, ok, err := loadWitness(v.tx, p)
	if err != nil {
		v.report.problem(-1, "what we witnessed of the partner is malformed: %v", err)
		return nil
	}
	if !ok {
		return nil
	}
	against, err := Against(v.tx, p)
	if err != nil {
		v.report.problem(-1, "what we hold against the partner is malformed: %v", err)
	}
	v.report.Witnessed = &WitnessReport{Proven: w.Proven.head.Size, Latest: w.Latest.head.Size, Alarms: len(against)}
	for _, s := range []seen{w.Proven, w.Latest} {
		if _, err := Open([]byte(s.Note), s.Key, p, PartnerTree(w.Self)); err != nil {
			v.report.problem(-1, "a head that we witnessed is not the partner's: %v", err)
		}
	}
	if contradiction(w.Proven.head, w.Latest.head) != nil {
		v.report.problem(-1, "the heads that we witnessed contradict each other")
	}
	return nil
}
