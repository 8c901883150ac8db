package partner

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/tyler-smith/go-bip39"
	"github.com/wagasa/wagasa/internal/fault"
	"golang.org/x/text/unicode/norm"
)

// Recovery is the private recovery key. It is kept offline: no file of the node holds it. Only it can revoke the
// node's keys, and it can replace them.
type Recovery struct{ seed [ed25519.SeedSize]byte }

// String is the key as 24 BIP-39 words, for paper.
func (r Recovery) String() string {
	words, err := bip39.NewMnemonic(r.seed[:])
	if err != nil {
		panic(err) // only for other sizes of seed
	}
	return words
}

// GoString keeps the key out of %#v.
func (r Recovery) GoString() string { return "partner.Recovery{…}" }

// LogValue keeps the key out of logs.
func (r Recovery) LogValue() slog.Value { return slog.StringValue("(recovery key)") }

// Key is the private key itself.
func (r Recovery) Key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(r.seed[:]) }

// Write writes the words to a new file that only its owner can read.
func (r Recovery) Write(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.New(fault.Conflict, "recovery key: %s exists; it is not overwritten", path)
	}
	return writeNew(path, []byte(r.String()+"\n"))
}

// ParseRecovery reads the words, in any case and spacing. The words never stand in its errors.
func ParseRecovery(words string) (ed25519.PrivateKey, error) {
	words = strings.Join(strings.Fields(strings.ToLower(norm.NFKD.String(words))), " ")
	if n := len(strings.Fields(words)); n != 24 {
		return nil, fault.New(fault.Invalid, "recovery key: %d words; want 24", n)
	}
	known := fmt.Errorf("a word is misspelt or not in the list, or one was exchanged for another")
	seed, err := bip39.EntropyFromMnemonic(words)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fault.New(fault.Invalid, "recovery key: %w", known)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
