package ledger

import (
	"crypto/rand"
	"fmt"
	"io"

	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/mod/sumdb/tlog"
)

// Append adds an entry to a tree, in the caller's transaction. Random defaults to crypto/rand. An entry out of bounds is
// fault.Invalid.
func Append(tx store.Tx, tree string, e Entry, random io.Reader) error {
	if err := checkTree(tree); err != nil {
		return err
	}
	if err := e.check(); err != nil {
		return err
	}
	leaf, err := seal(e, random)
	if err != nil {
		return fmt.Errorf("ledger %s: %w", tree, err)
	}
	log := tx.Log()
	if leaf.Index, err = log.Size(tree); err != nil {
		return fmt.Errorf("ledger %s: size: %w", tree, err)
	}
	hashes, err := tlog.StoredHashesForRecordHash(leaf.Index, tlog.RecordHash(leaf.Data), reader(log, tree))
	if err != nil {
		return fmt.Errorf("ledger %s, entry %d: hashes: %w", tree, leaf.Index, err)
	}
	if err := log.Append(tree, leaf, tlog.StoredHashIndex(0, leaf.Index), plain(hashes)); err != nil {
		return fmt.Errorf("ledger %s, entry %d: %w", tree, leaf.Index, err)
	}
	return nil
}

// seal makes the leaf of an entry, all but its index.
func seal(e Entry, random io.Reader) (leaf store.Leaf, err error) {
	if random == nil {
		random = rand.Reader
	}
	o := &opening{entry: e}
	if _, err := io.ReadFull(random, o.nonce[:]); err != nil {
		return leaf, fmt.Errorf("randomness: %w", err)
	}
	if _, err := io.ReadFull(random, o.secret[:]); err != nil {
		return leaf, fmt.Errorf("randomness: %w", err)
	}
	if leaf.Data, err = o.data(); err != nil {
		return leaf, err
	}
	leaf.Detail, err = o.detail()
	return leaf, err
}
