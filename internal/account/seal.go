package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

const (
	keyFolder = "keys"
	keyFile   = "seal.key"
	keySize   = 32
	pemKey    = "WAGASA SEAL KEY"
)

// What is sealed for what: nothing opens as something else.
const (
	sealCode     = "totp secret"
	sealRegister = "passkey registration"
	sealPasskey  = "passkey sign-in"
	sealIdentity = "identity sign-in"
)

// sealer seals with a key that stands in a file beside the store: who has the store alone reads nothing of it.
type sealer struct {
	aeads map[string]cipher.AEAD
}

func newSealer(key []byte) (*sealer, error) {
	s := &sealer{map[string]cipher.AEAD{}}
	for _, purpose := range []string{sealCode, sealRegister, sealPasskey, sealIdentity} {
		k, err := hkdf.Key(sha256.New, key, nil, "wagasa account: "+purpose, keySize)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return nil, err
		}
		if s.aeads[purpose], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// seal seals for one purpose and for whom or what it is.
func (s *sealer) seal(purpose, whom string, plain []byte) []byte {
	return s.aeads[purpose].Seal(nil, nil, plain, []byte(whom))
}

func (s *sealer) open(purpose, whom string, sealed []byte) ([]byte, error) {
	return s.aeads[purpose].Open(nil, nil, sealed, []byte(whom))
}

// loadKey reads the key in the node's folder, and makes it where there is none yet.
func loadKey(dir string) ([]byte, error) {
	path := filepath.Join(dir, keyFolder, keyFile)
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = writeKey(path); err == nil {
			key, err = readKey(path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	return key, nil
}

func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return nil, fault.New(fault.Denied, "%s can be used by others than its owner (mode %04o): run chmod 600 %s, and reset the accounts if others may have read it",
			path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemKey || len(block.Bytes) != keySize {
		return nil, fault.New(fault.Invalid, "%s holds no key of this kind: put it back from a backup", path)
	}
	return block.Bytes, nil
}

// writeKey makes a key. It appears under its name complete or not at all, and where another process was first that one's stays.
func writeKey(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), keyFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = errors.Join(f.Chmod(0o600), pem.Encode(f, &pem.Block{Type: pemKey, Bytes: key}), f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), path)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ceremony is what this node has to remember between the two steps of a sign-in that somebody else takes part in. It is given, sealed, to the
// browser, so that asking for one costs the store nothing; only that it has ended well is kept, so that it does so once.
type ceremony struct {
	ID      string          `json:"id"`
	Expires time.Time       `json:"expires"`
	Session string          `json:"session,omitempty"` // key of the session that it belongs to
	Data    json.RawMessage `json:"data"`
}

const (
	ceremonyTime = 5 * time.Minute
	maxCeremony  = 8 << 10
)

// begin seals what is to be remembered.
func (a *Accounts) begin(purpose, session string, data any) (token string, err error) {
	b, err := json.Marshal(data)
	if err == nil {
		b, err = json.Marshal(ceremony{newID(), a.now().Add(ceremonyTime), session, b})
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", purpose, err)
	}
	return base64.RawURLEncoding.EncodeToString(a.sealer.seal(purpose, "", b)), nil
}

// resume opens what begin sealed, unless its time is over.
func (a *Accounts) resume(purpose, session, token string, data any) (c ceremony, err error) {
	fail := func(err error) (ceremony, error) {
		return ceremony{}, because(err, fault.Denied, purpose, "why-ceremony")
	}
	if len(token) > maxCeremony {
		return fail(errors.New("too long"))
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return fail(err)
	}
	plain, err := a.sealer.open(purpose, "", sealed)
	if err != nil {
		return fail(err)
	}
	if err := json.Unmarshal(plain, &c); err != nil {
		return fail(err)
	}
	if !a.now().Before(c.Expires) || c.Session != session {
		return fail(errors.New("its time is over, or it belongs to another session"))
	}
	if err := json.Unmarshal(c.Data, data); err != nil {
		return fail(err)
	}
	return c, nil
}

// spend notes that a ceremony has ended; a second time it is refused.
func (a *Accounts) spend(tx store.Tx, c ceremony) error {
	if _, ok, err := tx.Records().Get(kindSpent, c.ID); err != nil || ok {
		if err == nil {
			err = refuse(fault.Denied, "sign-in", "why-ceremony")
		}
		return err
	}
	return put(tx, kindSpent, c.ID, c.Expires)
}
