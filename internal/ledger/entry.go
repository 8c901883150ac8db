package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/crypto/cryptobyte"
)

// Entry is one line of the log.
type Entry struct {
	Kind    Kind
	Time    time.Time
	Subject string   // whom or what it is about: a party, the number of an envelope…
	Items   [][]byte // what was handed over, an opaque description each
}

// The bounds of an entry.
const (
	MaxItems   = 1<<16 - 1
	MaxItem    = 1<<16 - 1
	MaxSubject = 4096
)

const (
	leafVersion = 1
	nonceSize   = 16
	secretSize  = 32
	leafHead    = 1 + nonceSize + sha256.Size
)

// opening is what a leaf is made from. The nonce stands in the leaf, so that its hash cannot be guessed. The digests are
// salted from the secret, which does not, so that a leaf and single items can be shown to somebody without giving him
// the means to guess the others.
type opening struct {
	nonce  [nonceSize]byte
	secret [secretSize]byte
	entry  Entry
}

func (e Entry) check() error {
	switch {
	case !kindShape.MatchString(string(e.Kind)):
		return fault.New(fault.Invalid, "ledger entry %q: a kind is one to 32 small letters", e.Kind)
	case len(e.Subject) > MaxSubject:
		return fault.New(fault.Invalid, "ledger entry %s: a subject of %d bytes is longer than %d", e.Kind, len(e.Subject), MaxSubject)
	case len(e.Items) > MaxItems:
		return fault.New(fault.Invalid, "ledger entry %s %s: %d items are more than %d", e.Kind, e.Subject, len(e.Items), MaxItems)
	case e.Time.Before(time.Unix(0, -1<<63)) || e.Time.After(time.Unix(0, 1<<63-1)):
		return fault.New(fault.Invalid, "ledger entry %s %s: the time %v cannot be written", e.Kind, e.Subject, e.Time)
	}
	for i, item := range e.Items {
		if len(item) > MaxItem {
			return fault.New(fault.Invalid, "ledger entry %s %s: item %d of %d bytes is longer than %d", e.Kind, e.Subject, i, len(item), MaxItem)
		}
	}
	return nil
}

// header is the encoding of everything but the items.
func (e Entry) header() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(e.Kind)) })
	b.AddUint64(uint64(e.Time.UnixNano()))
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(e.Subject)) })
	b.AddUint16(uint16(len(e.Items)))
	return b.Bytes()
}

// data is the leaf: version ‖ nonce ‖ digest of the header ‖ digest of each item.
func (o *opening) data() ([]byte, error) {
	header, err := o.entry.header()
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, leafHead+sha256.Size*len(o.entry.Items))
	data = append(data, leafVersion)
	data = append(data, o.nonce[:]...)
	salts := hmac.New(sha256.New, o.secret[:])
	digests := sha256.New()
	add := func(index int, content []byte) {
		var salt [sha256.Size]byte
		salts.Reset()
		salts.Write(binary.BigEndian.AppendUint32(nil, uint32(index)))
		salts.Sum(salt[:0])
		digests.Reset()
		digests.Write(salt[:])
		digests.Write(content)
		data = digests.Sum(data)
	}
	add(0, header)
	for i, item := range o.entry.Items {
		add(i+1, item)
	}
	return data, nil
}

// detail is what opens the leaf.
func (o *opening) detail() ([]byte, error) {
	header, err := o.entry.header()
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddUint8(leafVersion)
	b.AddBytes(o.nonce[:])
	b.AddBytes(o.secret[:])
	b.AddBytes(header)
	for _, item := range o.entry.Items {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(item) })
	}
	return b.Bytes()
}

var errDetail = errors.New("the detail is malformed")

func parseDetail(detail []byte) (*opening, error) {
	s := cryptobyte.String(detail)
	o := new(opening)
	var version uint8
	var kind, subject cryptobyte.String
	var nanos uint64
	var count uint16
	if !s.ReadUint8(&version) || version != leafVersion {
		return nil, fmt.Errorf("%w: version %d, this node reads %d", errDetail, version, leafVersion)
	}
	if !s.CopyBytes(o.nonce[:]) || !s.CopyBytes(o.secret[:]) || !s.ReadUint8LengthPrefixed(&kind) ||
		!s.ReadUint64(&nanos) || !s.ReadUint16LengthPrefixed(&subject) || !s.ReadUint16(&count) {
		return nil, errDetail
	}
	o.entry = Entry{Kind: Kind(kind), Time: time.Unix(0, int64(nanos)).UTC(), Subject: string(subject)}
	for range count {
		var item cryptobyte.String
		if !s.ReadUint16LengthPrefixed(&item) {
			return nil, errDetail
		}
		o.entry.Items = append(o.entry.Items, []byte(item))
	}
	if !s.Empty() {
		return nil, errDetail
	}
	return o, nil
}

// Entries returns up to limit entries of a tree from an index on, as they were appended. It does not verify them.
func Entries(tx store.Tx, tree string, from int64, limit int) ([]Entry, error) {
	if err := checkTree(tree); err != nil {
		return nil, err
	}
	leaves, err := tx.Log().Leaves(tree, from, limit)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", tree, err)
	}
	entries := make([]Entry, len(leaves))
	for i, leaf := range leaves {
		o, err := parseDetail(leaf.Detail)
		if err != nil {
			return nil, fmt.Errorf("ledger %s, entry %d: %w", tree, leaf.Index, err)
		}
		entries[i] = o.entry
	}
	return entries, nil
}
