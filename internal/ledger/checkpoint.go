package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// MaxCheckpoint bounds a checkpoint in bytes; a usual one has about 330.
const MaxCheckpoint = 2048

// maxSize keeps the arithmetic of tlog far from its limits.
const maxSize = 1 << 48

// Head is what a checkpoint says.
type Head struct {
	Origin string
	Size   int64
	Root   store.Hash
	Issued time.Time // of one tree's checkpoints a later one never has a smaller size: this tells delayed from gone back
}

// Origin names a tree to the world: whose it is and for whom. It is the first line of a checkpoint and the name of its key.
func Origin(owner store.Party, tree string) string {
	short := func(p store.Party) string { return strings.TrimPrefix(string(p), "identity--") }
	if partner, ok := TreePartner(tree); ok {
		tree = short(partner)
	}
	return "wagasa/" + short(owner) + "/" + tree
}

// own is the last checkpoint of one of our trees, as kept.
type own struct {
	Owner store.Party `json:"owner"`
	Note  string      `json:"note"`
}

const kindCheckpoint = "ledger-checkpoint"

// Checkpoint signs the present head of a tree: a signed note in the checkpoint format of transparency logs (origin, size,
// root) with a fourth line, the time of issue in milliseconds. It remembers the last one for [Verify]. As long as
// nothing was appended it returns that again. It refuses to sign a tree that does not contain the last one signed.
// Owner is this node's own party.
func Checkpoint(tx store.Tx, tree string, key ed25519.PrivateKey, owner store.Party, now time.Time) ([]byte, error) {
	if err := checkTree(tree); err != nil {
		return nil, err
	}
	size, err := tx.Log().Size(tree)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: size: %w", tree, err)
	}
	root, err := rootAt(tx, tree, size)
	if err != nil {
		return nil, err
	}
	head := Head{Origin: Origin(owner, tree), Size: size, Root: root, Issued: time.UnixMilli(max(0, now.UnixMilli()))}
	var kept own
	ok, err := loadJSON(tx, kindCheckpoint, tree, &kept)
	if err != nil {
		return nil, err
	}
	if ok {
		last, err := headOf(kept.Note)
		if err != nil {
			return nil, fmt.Errorf("ledger %s: last checkpoint: %w", tree, err)
		}
		if err := extends(tx, tree, head, last); err != nil {
			return nil, err
		}
		if _, err := Open([]byte(kept.Note), key.Public().(ed25519.PublicKey), owner, tree); err == nil && last.Size == size {
			return []byte(kept.Note), nil
		}
		// Our clock may be set back; what we issue must not look as if the tree had gone back.
		if !head.Issued.After(last.Issued) {
			head.Issued = last.Issued.Add(time.Millisecond)
		}
	}
	signed, err := sign(head, key)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: sign: %w", tree, err)
	}
	return signed, keepJSON(tx, store.Record{Kind: kindCheckpoint, Key: tree}, own{owner, string(signed)})
}

// extends says whether the tree as it is now contains what was signed last.
func extends(tx store.Tx, tree string, now, last Head) error {
	if now.Size < last.Size {
		return fmt.Errorf("ledger %s: it has %d entries, but %d were signed: entries are gone", tree, now.Size, last.Size)
	}
	root, err := rootAt(tx, tree, last.Size)
	if err != nil {
		return err
	}
	if root != last.Root {
		return fmt.Errorf("ledger %s: its first %d entries are not those that were signed: it was rewritten", tree, last.Size)
	}
	return nil
}

func rootAt(tx store.Tx, tree string, size int64) (store.Hash, error) {
	root, err := tlog.TreeHash(size, reader(tx.Log(), tree))
	if err != nil {
		return store.Hash{}, fmt.Errorf("ledger %s: root at %d: %w", tree, size, err)
	}
	return store.Hash(root), nil
}

func sign(h Head, key ed25519.PrivateKey) ([]byte, error) {
	s, err := newSigner(h.Origin, key)
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: h.text()}, s)
}

func (h Head) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%d\n", h.Origin, h.Size, base64.StdEncoding.EncodeToString(h.Root[:]), h.Issued.UnixMilli())
}

// Open verifies the signature of a checkpoint of owner's tree. Anything else than a well-formed checkpoint of exactly
// that tree is fault.Invalid; one that key did not sign is fault.Denied.
func Open(checkpoint []byte, key ed25519.PublicKey, owner store.Party, tree string) (Head, error) {
	origin := Origin(owner, tree)
	if len(checkpoint) > MaxCheckpoint {
		return Head{}, fault.New(fault.Invalid, "checkpoint of %s: %d bytes are more than %d", origin, len(checkpoint), MaxCheckpoint)
	}
	v, err := newVerifier(origin, key)
	if err != nil {
		return Head{}, fault.New(fault.Invalid, "checkpoint of %s: %w", origin, err)
	}
	n, err := note.Open(checkpoint, note.VerifierList(v))
	switch err.(type) {
	case nil:
	case *note.UnverifiedNoteError, *note.InvalidSignatureError:
		return Head{}, fault.New(fault.Denied, "checkpoint of %s: %w", origin, err)
	default:
		return Head{}, fault.New(fault.Invalid, "checkpoint of %s: %w", origin, err)
	}
	head, err := parseHead(n.Text)
	if err != nil {
		return Head{}, fault.New(fault.Invalid, "checkpoint of %s: %w", origin, err)
	}
	if head.Origin != origin {
		return Head{}, fault.New(fault.Invalid, "checkpoint of %s: it is of %s", origin, head.Origin)
	}
	return head, nil
}

// headOf reads a checkpoint that we verified earlier.
func headOf(checkpoint string) (Head, error) {
	text, _, _ := strings.Cut(checkpoint, "\n\n")
	return parseHead(text + "\n")
}

// parseHead accepts only what text writes.
func parseHead(text string) (Head, error) {
	lines := strings.SplitN(text, "\n", 5)
	if len(lines) != 5 || lines[4] != "" {
		return Head{}, fmt.Errorf("want four lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > maxSize {
		return Head{}, fmt.Errorf("size out of range")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(store.Hash{}) {
		return Head{}, fmt.Errorf("malformed root")
	}
	issued, err := strconv.ParseInt(lines[3], 10, 64)
	if err != nil || issued < 0 || issued > maxSize {
		return Head{}, fmt.Errorf("time of issue out of range")
	}
	head := Head{Origin: lines[0], Size: size, Root: store.Hash(root), Issued: time.UnixMilli(issued).UTC()}
	if head.text() != text {
		return Head{}, fmt.Errorf("not in canonical form")
	}
	return head, nil
}

func keepJSON(tx store.Tx, r store.Record, value any) (err error) {
	if r.Value, err = json.Marshal(value); err != nil {
		return fmt.Errorf("%s %s: %w", r.Kind, r.Key, err)
	}
	if err := tx.Records().Put(r); err != nil {
		return fmt.Errorf("%s %s: %w", r.Kind, r.Key, err)
	}
	return nil
}

func loadJSON(tx store.Tx, kind, key string, value any) (ok bool, err error) {
	r, ok, err := tx.Records().Get(kind, key)
	if err != nil || !ok {
		return false, err
	}
	if err := json.Unmarshal(r.Value, value); err != nil {
		return false, fmt.Errorf("%s %s: %w", kind, key, err)
	}
	return true, nil
}
