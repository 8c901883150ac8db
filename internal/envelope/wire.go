package envelope

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Header of an envelope; all of it is sealed.
type Header struct {
	Sender      store.Party
	Recipient   store.Party
	Time        time.Time // when sealed, to the millisecond
	Exercise    bool
	Incarnation uint64           // of the sender
	Precedence  store.Precedence // of the stream
	Number      uint64           // from 1; 0 = no number: a control envelope
	Base        uint64           // every lower number of the stream is settled for the sender
}

// Content is one item of an opened envelope.
type Content struct {
	ID       string
	Modified int64 // ns since 1970
	Digest   store.Hash
	Serial   uint64
	TLP      stix.TLP // effective, as released
	Raw      []byte
}

func addHeader(b *cryptobyte.Builder, h *Header, control []byte, payload store.Hash) {
	addString(b, string(h.Sender))
	addString(b, string(h.Recipient))
	ms := h.Time.UnixMilli()
	if ms < 0 || ms > maxTime {
		b.SetError(invalid("the time %v cannot be written", h.Time))
	}
	b.AddUint64(uint64(ms))
	addBool(b, h.Exercise)
	b.AddUint64(h.Incarnation)
	addPrecedence(b, h.Precedence)
	b.AddUint64(h.Number)
	b.AddUint64(h.Base)
	b.AddUint32LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(control) })
	b.AddBytes(payload[:])
}

func readHeader(s *cryptobyte.String, h *Header, control *cryptobyte.String, payload *store.Hash) bool {
	var sender, recipient string
	var ms uint64
	var precedence uint8
	var length uint32
	ok := readString(s, &sender) && readString(s, &recipient) && s.ReadUint64(&ms) && readBool(s, &h.Exercise) &&
		s.ReadUint64(&h.Incarnation) && s.ReadUint8(&precedence) && s.ReadUint64(&h.Number) && s.ReadUint64(&h.Base) &&
		s.ReadUint32(&length) && s.ReadBytes((*[]byte)(control), int(length)) && s.CopyBytes(payload[:])
	if !ok || precedence > uint8(store.Flash) || ms > maxTime {
		return false
	}
	h.Sender, h.Recipient = store.Party(sender), store.Party(recipient)
	h.Time, h.Precedence = time.UnixMilli(int64(ms)), store.Precedence(precedence)
	return true
}

// addItem writes what the signature says about an item: docs/protocol/envelope.md, "Item".
func addItem(b *cryptobyte.Builder, c *Content) {
	addString(b, c.ID)
	b.AddUint64(uint64(c.Modified))
	b.AddBytes(c.Digest[:])
	b.AddUint64(c.Serial)
	b.AddUint8(uint8(c.TLP))
}

func readItem(s *cryptobyte.String, c *Content) bool {
	var modified uint64
	var tlp uint8
	if !readString(s, &c.ID) || !s.ReadUint64(&modified) || !s.CopyBytes(c.Digest[:]) || !s.ReadUint64(&c.Serial) || !s.ReadUint8(&tlp) {
		return false
	}
	c.Modified, c.TLP = int64(modified), stix.TLP(tlp)
	return c.TLP >= stix.TLPClear && c.TLP <= stix.TLPRed
}

// headerHash is the salted hash of recipient and header.
func headerHash(salt, header []byte) store.Hash {
	h := sha256.New()
	h.Write([]byte("wagasa header v1\x00"))
	h.Write(derive(salt, "header", 0))
	h.Write(header)
	return store.Hash(h.Sum(nil))
}

// ItemLeaf is the RFC 6962 leaf hash of item i: salted on its own, so that a relay can show one item and no other.
func ItemLeaf(salt []byte, i int, c *Content) store.Hash {
	b := cryptobyte.NewBuilder(derive(salt, "item", i))
	addItem(b, c)
	return store.Hash(tlog.RecordHash(b.BytesOrPanic()))
}

func derive(salt []byte, label string, i int) []byte {
	m := hmac.New(sha256.New, salt)
	m.Write([]byte(label))
	m.Write(binary.BigEndian.AppendUint32(nil, uint32(i)))
	return m.Sum(nil)[:saltSize]
}

// root is the RFC 6962 tree hash over leaves.
func root(leaves []store.Hash) (store.Hash, error) {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			hashes[i] = stored[x]
		}
		return hashes, nil
	})
	for i, leaf := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(leaf), read)
		if err != nil {
			return store.Hash{}, err
		}
		stored = append(stored, more...)
	}
	h, err := tlog.TreeHash(int64(len(leaves)), read)
	return store.Hash(h), err
}

func signed(header, root store.Hash) []byte {
	m := append([]byte("wagasa envelope v1\x00"), header[:]...)
	return append(m, root[:]...)
}

func addString(b *cryptobyte.Builder, s string) { addText(b, s, maxString) }

func addText(b *cryptobyte.Builder, s string, limit int) {
	if len(s) > limit {
		b.SetError(invalid("a text of %d bytes is longer than %d", len(s), limit))
		return
	}
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
}

func readString(s *cryptobyte.String, out *string) bool {
	var v cryptobyte.String
	if !s.ReadUint16LengthPrefixed(&v) || len(v) > maxString {
		return false
	}
	*out = string(v)
	return true
}

func addBool(b *cryptobyte.Builder, v bool) {
	if v {
		b.AddUint8(1)
	} else {
		b.AddUint8(0)
	}
}

func readBool(s *cryptobyte.String, out *bool) bool {
	var v uint8
	if !s.ReadUint8(&v) || v > 1 {
		return false
	}
	*out = v == 1
	return true
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "envelope: "+format, args...)
}
