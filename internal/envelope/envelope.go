// Package envelope makes the one byte string that crosses every channel: signed by the sender, then sealed to the recipient. Losing,
// delaying, repeating, reordering or altering it on the way can neither leak nor corrupt anything.
//
// In go release.Items and a [Control], out comes an [Opened] at the other side, verified. docs/protocol/envelope.md is what a second
// implementation needs. Suite 1 is self-contained: HPKE (RFC 9180) with MLKEM768-P256, HKDF-SHA256 and AES-256-GCM. All functions
// are safe for concurrent use.
package envelope

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Bounds of an envelope.
const (
	MaxSize    = 17 << 20 // bytes sealed
	MaxPayload = 16 << 20 // bytes of all items, decompressed
	MaxItem    = 8 << 20  // bytes of one item
	MaxItems   = 4096

	maxString = 1024
	maxTime   = 1 << 52 // ms since 1970
	saltSize  = 16
)

const (
	version    = 1
	suiteHPKE  = 1
	epochSize  = 8
	hintSize   = 8
	clearSize  = 2 + epochSize + 8 + hintSize
	encSize    = 1088 + 65 // of MLKEM768-P256
	minSealed  = clearSize + encSize + 16
	formPlain  = 0 // nothing: no items
	formZstd   = 1 // one zstd frame over the items' bytes, one behind the other
	domainInfo = "wagasa envelope suite 1"
)

// Opened is a verified envelope.
type Opened struct {
	Header
	Control Control
	Items   []Content
	Proof   store.Evidence // Seq and Number's Partner as the caller will store them
}

// Sealed is an envelope ready for any channel.
type Sealed struct {
	Bytes []byte
	Proof store.Evidence // the same that the recipient will keep
}

// Seal signs and seals. Every item must have been released to h.Recipient; an envelope with a number has at least one.
// Whatever is over its bound is an error: nothing is sealed that cannot be opened.
func Seal(key ed25519.PrivateKey, to hpke.PublicKey, h Header, control Control, items []release.Item) (Sealed, error) {
	if (h.Number == 0) != (len(items) == 0) || len(items) > MaxItems {
		return Sealed{}, fmt.Errorf("seal for %s: number %d with %d items", h.Recipient, h.Number, len(items))
	}
	contents, err := contentsOf(items, h.Recipient)
	if err != nil {
		return Sealed{}, err
	}
	payload, form, err := pack(contents)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal number %d for %s: %w", h.Number, h.Recipient, err)
	}
	said, err := control.encode()
	if err != nil {
		return Sealed{}, fmt.Errorf("seal for %s: control: %w", h.Recipient, err)
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)

	header := cryptobyte.NewBuilder(nil)
	addHeader(header, &h, said, sha256.Sum256(payload))
	headerBytes, err := header.Bytes()
	if err != nil {
		return Sealed{}, fmt.Errorf("seal for %s: header: %w", h.Recipient, err)
	}
	proof := prove(salt, headerBytes, contents)
	top, err := root(split(proof.Leaves))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal for %s: root: %w", h.Recipient, err)
	}
	proof.Signature = ed25519.Sign(key, signed(proof.Header, top))
	proof.Number = store.Number{Partner: h.Sender, Incarnation: h.Incarnation, Precedence: h.Precedence, Number: h.Number}

	body := cryptobyte.NewBuilder(make([]byte, 0, len(headerBytes)+len(payload)+256+128*len(items)))
	body.AddBytes(salt)
	body.AddBytes(headerBytes)
	body.AddUint32(0) // dictionary: none
	body.AddUint8(form)
	body.AddUint16(uint16(len(contents)))
	for i := range contents {
		addItem(body, &contents[i])
		body.AddUint32(uint32(len(contents[i].Raw)))
	}
	body.AddUint32LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(payload) })
	body.AddBytes(proof.Signature)
	plain, err := body.Bytes()
	if err != nil {
		return Sealed{}, fmt.Errorf("seal for %s: %w", h.Recipient, err)
	}
	sealed, err := encrypt(to, plain)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal for %s: %w", h.Recipient, err)
	}
	if len(sealed) > MaxSize {
		return Sealed{}, fault.New(fault.Invalid, "seal for %s: %d bytes are too much for one envelope", h.Recipient, len(sealed))
	}
	return Sealed{sealed, proof}, nil
}

func contentsOf(items []release.Item, recipient store.Party) ([]Content, error) {
	contents := make([]Content, len(items))
	total := 0
	for i, item := range items {
		v := item.Variant()
		if to, may := item.To(); to != recipient || !may {
			return nil, fault.New(fault.Denied, "seal %s for %s: it was not released to that party", v.ID, recipient)
		}
		if total += len(v.Raw); len(v.Raw) > MaxItem || total > MaxPayload {
			return nil, fault.New(fault.Invalid, "seal %s: %d bytes are too much for one envelope", v.ID, total)
		}
		if len(v.ID) > maxString || item.TLP() < stix.TLPClear || item.TLP() > stix.TLPRed {
			return nil, fault.New(fault.Invalid, "seal %s: its id or its TLP %v cannot be written", v.ID, item.TLP())
		}
		contents[i] = Content{v.ID, v.Modified, v.Digest, v.Serial, item.TLP(), v.Raw}
	}
	return contents, nil
}

// prove computes what the signature covers.
func prove(salt, header []byte, contents []Content) store.Evidence {
	e := store.Evidence{Header: headerHash(salt, header), Salt: salt}
	for i := range contents {
		leaf := ItemLeaf(salt, i, &contents[i])
		e.Leaves = append(e.Leaves, leaf[:]...)
	}
	return e
}

func split(leaves []byte) []store.Hash {
	hashes := make([]store.Hash, 0, len(leaves)/32)
	for ; len(leaves) >= 32; leaves = leaves[32:] {
		hashes = append(hashes, store.Hash(leaves))
	}
	return hashes
}

// Verify checks that a sender signed the header and leaves of an evidence.
func Verify(e *store.Evidence, sender ed25519.PublicKey) error {
	top, err := root(split(e.Leaves))
	if err != nil {
		return fmt.Errorf("evidence %d: %w", e.Seq, err)
	}
	if len(e.Leaves)%len(store.Hash{}) != 0 || !ed25519.Verify(sender, signed(e.Header, top), e.Signature) {
		return invalid("the signature does not fit")
	}
	return nil
}

func encrypt(to hpke.PublicKey, plain []byte) ([]byte, error) {
	head := make([]byte, clearSize)
	head[0], head[1] = version, suiteHPKE
	rand.Read(head[2 : 2+epochSize])
	copy(head[clearSize-hintSize:], hint(head, to))
	enc, sender, err := hpke.NewSender(to, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(domainInfo))
	if err != nil {
		return nil, err
	}
	sealed, err := sender.Seal(head, plain)
	if err != nil {
		return nil, err
	}
	return append(append(head, enc...), sealed...), nil
}

// hint lets a recipient see whom an envelope is for; to others it is random.
func hint(head []byte, to hpke.PublicKey) []byte {
	h := sha256.New()
	h.Write([]byte("wagasa hint v1\x00"))
	h.Write(head[:2+epochSize])
	h.Write(to.Bytes())
	return h.Sum(nil)[:hintSize]
}

func decrypt(key hpke.PrivateKey, sealed []byte) ([]byte, error) {
	switch {
	case len(sealed) > MaxSize:
		return nil, invalid("%d bytes, more than %d", len(sealed), MaxSize)
	case len(sealed) < minSealed:
		return nil, invalid("%d bytes are too few", len(sealed))
	case sealed[0] != version:
		return nil, invalid("version %d is not known here: the sender runs a newer program", sealed[0])
	case sealed[1] != suiteHPKE:
		return nil, invalid("suite %d is not known here: the sender runs a newer program", sealed[1])
	}
	head, rest := sealed[:clearSize], sealed[clearSize:]
	if subtle.ConstantTimeCompare(head[clearSize-hintSize:], hint(head, key.PublicKey())) != 1 {
		return nil, fault.New(fault.Denied, "envelope: it is sealed for another node")
	}
	r, err := hpke.NewRecipient(rest[:encSize], key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(domainInfo))
	if err != nil {
		return nil, invalid("it cannot be opened: %w", err)
	}
	plain, err := r.Open(head, rest[encSize:])
	if err != nil {
		return nil, invalid("it was altered on the way, or sealed for a key that is gone: %w", err)
	}
	return plain, nil
}
