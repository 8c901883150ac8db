package partner

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/text/unicode/norm"
)

// Identity is this node: its card and the private keys that belong to it. They stand in a folder as card.txt and
// keys/sign.key, keys/kem.key and keys/tls.key.
type Identity struct {
	Card Card
	Sign ed25519.PrivateKey
	KEM  hpke.PrivateKey
	TLS  tls.Certificate // self-signed, ECDSA P-256
}

// String names the identity; it keeps the keys out of texts.
func (id Identity) String() string { return id.Card.label() }

// GoString keeps the keys out of %#v.
func (id Identity) GoString() string { return "partner.Identity{" + id.Card.label() + "}" }

// LogValue keeps the keys out of logs.
func (id Identity) LogValue() slog.Value { return slog.StringValue(id.Card.label()) }

// Params of a new identity.
type Params struct {
	Name, Nation string
	Now          time.Time
	Rand         io.Reader // nil is crypto/rand
	// Recovered, if not nil, is given the recovery key before the identity exists; its error ends Create. So no crash leaves an identity
	// whose recovery key nobody has seen.
	Recovered func(Recovery) error
}

// Check says what is wrong with the parameters.
func (p *Params) Check() error {
	p.Name = norm.NFC.String(strings.TrimSpace(p.Name))
	if err := errors.Join(checkName(p.Name), checkNation(p.Nation)); err != nil {
		return fault.New(fault.Invalid, "identity: %w", err)
	}
	if y := p.Now.UTC().Year(); y < 1970 || y > 9999 {
		return fault.New(fault.Invalid, "identity: the year %d cannot be right", y)
	}
	return nil
}

const (
	cardFile = "card.txt"
	keysDir  = "keys"
	// The card waits under this name until the keys have theirs. While it exists nobody has seen the card.
	cardPending = "card.txt.new"
	keysPending = "keys.new"
)

// Create makes the keys of a new node in dir, which it creates if need be, and signs its card. An identity that exists is
// fault.Conflict and stays as it is. After a crash there is either a complete identity or none, and Create may be called
// again. The recovery key is returned and written nowhere: give it to the operator, once.
func Create(dir string, p Params) (*Identity, Recovery, error) {
	if err := p.Check(); err != nil {
		return nil, Recovery{}, err
	}
	if p.Rand == nil {
		p.Rand = rand.Reader
	}
	if err := makeFolder(dir); err != nil {
		return nil, Recovery{}, fmt.Errorf("identity: %w", err)
	}
	if err := clearUnfinished(dir); err != nil {
		return nil, Recovery{}, err
	}
	id, recovery, err := generate(p)
	if err != nil {
		return nil, Recovery{}, fmt.Errorf("identity: %w", err)
	}
	if p.Recovered != nil {
		if err := p.Recovered(recovery); err != nil {
			return nil, Recovery{}, fmt.Errorf("identity: the recovery key could not be handed out, so nothing was made: %w", err)
		}
	}
	if err := id.write(dir); err != nil {
		return nil, Recovery{}, fmt.Errorf("identity: %w", err)
	}
	return id, recovery, nil
}

// clearUnfinished refuses a folder with an identity and removes what an interrupted Create left.
func clearUnfinished(dir string) error {
	at := func(name string) string { return filepath.Join(dir, name) }
	if exists(at(cardFile)) {
		return fault.New(fault.Conflict, "identity: %s exists: this node has an identity already", at(cardFile))
	}
	if exists(at(keysDir)) && !exists(at(cardPending)) {
		return fault.New(fault.Conflict, "identity: %s exists without %s: put the card back, or move the keys away", at(keysDir), at(cardFile))
	}
	// The pending card goes last: as long as it is there, the keys are known to be nobody's.
	for _, name := range []string{keysPending, keysDir, cardPending} {
		if err := os.RemoveAll(at(name)); err != nil {
			return fmt.Errorf("identity: %w", err)
		}
	}
	return syncFolder(dir)
}

func generate(p Params) (*Identity, Recovery, error) {
	var r Recovery
	sign := make([]byte, ed25519.SeedSize)
	kem := make([]byte, 32)
	uuid := make([]byte, 16)
	for _, b := range [][]byte{sign, kem, uuid, r.seed[:]} {
		if _, err := io.ReadFull(p.Rand, b); err != nil {
			return nil, r, fmt.Errorf("randomness: %w", err)
		}
	}
	uuid[6], uuid[8] = uuid[6]&0x0f|0x40, uuid[8]&0x3f|0x80
	id := &Identity{Sign: ed25519.NewKeyFromSeed(sign)}
	var err error
	if id.KEM, err = hpke.MLKEM768P256().NewPrivateKey(kem); err != nil {
		return nil, r, fmt.Errorf("kem key: %w", err)
	}
	if id.TLS, err = newCertificate(p.Name, p.Now, p.Rand); err != nil {
		return nil, r, fmt.Errorf("tls key: %w", err)
	}
	id.Card = Card{
		Name: p.Name, Nation: p.Nation,
		Party:    store.Party(fmt.Sprintf("identity--%x-%x-%x-%x-%x", uuid[:4], uuid[4:6], uuid[6:8], uuid[8:10], uuid[10:])),
		Created:  p.Now.UTC().Truncate(time.Second),
		Sign:     public(id.Sign),
		KEM:      id.KEM.PublicKey(),
		TLS:      SPKI(id.TLS.Leaf),
		Recovery: public(r.Key()),
	}
	id.Card.Signature = ed25519.Sign(id.Sign, id.Card.signedText())
	return id, r, nil
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// write makes everything durable under names that mean nothing, then gives the keys their name and the card its, last.
func (id *Identity) write(dir string) error {
	pending := filepath.Join(dir, keysPending)
	if err := os.Mkdir(pending, 0o700); err != nil {
		return err
	}
	files, err := id.keyFiles()
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := writeNew(filepath.Join(pending, name), content); err != nil {
			return err
		}
	}
	if err := writeNew(filepath.Join(dir, cardPending), id.Card.Text()); err != nil {
		return err
	}
	for _, move := range [][2]string{{keysPending, keysDir}, {cardPending, cardFile}} {
		if err := os.Rename(filepath.Join(dir, move[0]), filepath.Join(dir, move[1])); err != nil {
			return err
		}
		if err := syncFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

// Load reads the identity in dir. None is fault.NotFound; keys that others can read are fault.Denied.
func Load(dir string) (*Identity, error) {
	card, err := loadCard(filepath.Join(dir, cardFile))
	if err != nil {
		return nil, err
	}
	keys := filepath.Join(dir, keysDir)
	info, err := os.Stat(keys)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	if err := private(keys, info); err != nil {
		return nil, err
	}
	id := &Identity{Card: card}
	if err := id.readKeys(keys); err != nil {
		return nil, err
	}
	for name, same := range map[string]bool{
		signFile: id.Card.Sign.Equal(id.Sign.Public()),
		kemFile:  string(id.Card.KEM.Bytes()) == string(id.KEM.PublicKey().Bytes()),
		tlsFile:  id.Card.TLS == SPKI(id.TLS.Leaf),
	} {
		if !same {
			return nil, fault.New(fault.Conflict, "identity: %s does not belong to the card of %s", filepath.Join(keys, name), card.label())
		}
	}
	return id, nil
}

func loadCard(path string) (Card, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Card{}, fault.New(fault.NotFound, "identity: no %s: this node has no identity yet", path)
	}
	if err != nil {
		return Card{}, fmt.Errorf("identity: %w", err)
	}
	defer f.Close()
	text, err := readBounded(f, path, MaxCard)
	if err != nil {
		return Card{}, err
	}
	card, err := ParseCard(text)
	if err != nil {
		return Card{}, fmt.Errorf("identity: %s: %w", path, err)
	}
	return card, nil
}
