package ledger

import (
	"fmt"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/mod/sumdb/tlog"
)

// Proof shows that a tree, when it had From entries, was the beginning of what it was later (RFC 6962 consistency).
type Proof struct {
	From   int64
	Hashes []store.Hash
}

// maxProof is more than any proof between trees of at most maxSize entries has.
const maxProof = 2 * 48

// Prove makes the proof from one size of a tree to a later one. Sizes that the tree never had are fault.Invalid.
func Prove(tx store.Tx, tree string, from, to int64) (*Proof, error) {
	if err := checkTree(tree); err != nil {
		return nil, err
	}
	size, err := tx.Log().Size(tree)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: size: %w", tree, err)
	}
	if from < 0 || from > to || to > size {
		return nil, fault.New(fault.Invalid, "ledger %s: no proof from %d to %d in a tree of %d", tree, from, to, size)
	}
	p := &Proof{From: from}
	if from == 0 || from == to {
		return p, nil // nothing to show
	}
	hashes, err := tlog.ProveTree(to, from, reader(tx.Log(), tree))
	if err != nil {
		return nil, fmt.Errorf("ledger %s: proof from %d to %d: %w", tree, from, to, err)
	}
	p.Hashes = plain(hashes)
	return p, nil
}

// shows says whether p proves that old is the beginning of head.
func (p *Proof) shows(old, head Head) bool {
	switch {
	case p.From != old.Size || old.Size > head.Size:
		return false
	case old.Size == 0:
		return true
	case old.Size == head.Size:
		return old.Root == head.Root
	}
	hashes := make(tlog.TreeProof, len(p.Hashes))
	for i, h := range p.Hashes {
		hashes[i] = tlog.Hash(h)
	}
	return tlog.CheckTree(hashes, head.Size, tlog.Hash(head.Root), old.Size, tlog.Hash(old.Root)) == nil
}
