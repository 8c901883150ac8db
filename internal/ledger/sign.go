package ledger

import (
	"crypto/ed25519"

	"golang.org/x/mod/sumdb/note"
)

// signer signs notes with a node's own Ed25519 key. Its key hash is the one that note's own verifiers compute, so that any
// tool that reads signed notes can verify ours.
type signer struct {
	verifier note.Verifier
	key      ed25519.PrivateKey
}

func newSigner(name string, key ed25519.PrivateKey) (*signer, error) {
	v, err := newVerifier(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	return &signer{v, key}, nil
}

func newVerifier(name string, key ed25519.PublicKey) (note.Verifier, error) {
	vkey, err := note.NewEd25519VerifierKey(name, key)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(vkey)
}

func (s *signer) Name() string                    { return s.verifier.Name() }
func (s *signer) KeyHash() uint32                 { return s.verifier.KeyHash() }
func (s *signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }
