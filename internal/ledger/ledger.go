// Package ledger keeps the tamper-evident log of what was released, received, refused, recalled and decided: one Merkle
// tree (RFC 6962 hashing, tlog numbering) per partner and one national tree.
//
// In flow entries, appended inside the transaction that does what they tell of, and the checkpoints and proofs of
// partners. Out flow signed checkpoints of our trees, consistency proofs, and the report of [Verify].
//
// A leaf holds random bytes and salted digests only; what they are digests of stays beside it, for this node's eyes. A
// partner sees no leaf at all: it sees checkpoints (size and root of the tree that we keep about it) and consistency
// proofs, and keeps the greatest head it was shown. So neither side can later rewrite what the other has witnessed
// without that being noticed. Witnessing shows rewriting, not omission: what was never logged is missed by nobody.
//
// The package holds no state. Everything happens in the caller's transaction, which belongs to one goroutine.
package ledger

import (
	"regexp"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/mod/sumdb/tlog"
)

// Kind says what an entry tells of: one to 32 small letters.
type Kind string

// The kinds of entries.
const (
	Created   Kind = "created"   // this identity
	Released  Kind = "released"  // an envelope to a partner, with its items
	Voided    Kind = "voided"    // an envelope withdrawn before its receipt
	Receipted Kind = "receipted" // a partner's receipt for ours
	Received  Kind = "received"  // an envelope from a partner, with its items
	Refused   Kind = "refused"   // something from a partner
	Recalled  Kind = "recalled"  // by us or by a partner
	Approved  Kind = "approved"  // a release that waited for people
	Signed    Kind = "signed"    // a covenant
	Posture   Kind = "posture"   // changed
	Rotated   Kind = "rotated"   // keys
	Purged    Kind = "purged"    // destroyed here, with a tombstone
	Restored  Kind = "restored"  // this node, from a backup
	Exported  Kind = "exported"  // the owner's dump
	Lifted    Kind = "lifted"    // a quarantine, by a person, with the reason
	Read      Kind = "read"      // by an account, in batches
	Account   Kind = "account"   // made, changed, removed
	Partner   Kind = "partner"   // added, confirmed, policy changed
)

var kindShape = regexp.MustCompile(`^[a-z]{1,32}$`)

// National is the tree of what concerns no single partner.
const National = "national"

const partnerPrefix = "partner/"

// PartnerTree is the name of the tree about what passed between us and a partner.
func PartnerTree(p store.Party) string { return partnerPrefix + string(p) }

// TreePartner undoes PartnerTree; ok is false for a tree of another kind.
func TreePartner(tree string) (p store.Party, ok bool) {
	tail, ok := strings.CutPrefix(tree, partnerPrefix)
	return store.Party(tail), ok && tail != ""
}

func checkTree(tree string) error {
	if _, ok := TreePartner(tree); !ok && tree != National {
		return fault.New(fault.Invalid, "ledger tree %q: want %q or %q and a party", tree, National, partnerPrefix)
	}
	return nil
}

// Size counts the entries of a tree.
func Size(tx store.Tx, tree string) (int64, error) { return tx.Log().Size(tree) }

// reader hands a tree's stored hashes to tlog.
func reader(log store.Log, tree string) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		stored, err := log.Hashes(tree, indexes)
		if err != nil {
			return nil, err
		}
		hashes := make([]tlog.Hash, len(stored))
		for i, h := range stored {
			hashes[i] = tlog.Hash(h)
		}
		return hashes, nil
	})
}

func plain(hashes []tlog.Hash) []store.Hash {
	out := make([]store.Hash, len(hashes))
	for i, h := range hashes {
		out[i] = store.Hash(h)
	}
	return out
}
