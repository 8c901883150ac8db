package envelope

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"sync"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/cryptobyte"

	"github.com/wagasa/wagasa/internal/store"
)

// Senders finds the signing key of a party that may send to us. Its error ends Open and is returned as it is.
type Senders func(store.Party) (ed25519.PublicKey, error)

// Open decrypts, verifies, then decompresses. What is wrong with the bytes is fault.Invalid, what is for or from somebody else
// fault.Denied. That each item's bytes have its digest is left to the reader of the bytes.
func Open(key hpke.PrivateKey, self store.Party, senders Senders, sealed []byte) (*Opened, error) {
	plain, err := decrypt(key, sealed)
	if err != nil {
		return nil, err
	}
	s := cryptobyte.String(plain)
	var o Opened
	var salt, control, payload cryptobyte.String
	var digest store.Hash
	var dictionary uint32
	var form uint8
	ok := s.ReadBytes((*[]byte)(&salt), saltSize)
	before := s
	ok = ok && readHeader(&s, &o.Header, &control, &digest)
	if !ok {
		return nil, invalid("its header is cut short or out of bounds")
	}
	header := before[:len(before)-len(s)]
	signer, err := senders(o.Sender)
	if err != nil {
		return nil, err
	}
	lengths, ok := readItems(&s, &o, &dictionary, &form)
	ok = ok && readBytes32(&s, &payload)
	if !ok || len(s) != ed25519.SignatureSize {
		return nil, invalid("from %s: its body is cut short or out of bounds", o.Sender)
	}
	o.Proof = prove(salt, header, o.Items)
	o.Proof.Signature = s
	o.Proof.Number = store.Number{Partner: o.Sender, Incarnation: o.Incarnation, Precedence: o.Precedence, Number: o.Number}
	if err := Verify(&o.Proof, signer); err != nil {
		return nil, err
	}
	if sha256.Sum256(payload) != digest {
		return nil, invalid("from %s: its payload is not what was signed", o.Sender)
	}
	if o.Recipient != self {
		return nil, invalid("from %s: it was signed for %s", o.Sender, o.Recipient)
	}
	if (o.Number == 0) != (len(o.Items) == 0) {
		return nil, invalid("from %s: number %d with %d items", o.Sender, o.Number, len(o.Items))
	}
	if !o.Control.decode(control) {
		return nil, invalid("from %s: its control part is cut short or out of bounds", o.Sender)
	}
	if err := unpack(&o, form, dictionary, lengths, payload); err != nil {
		return nil, err
	}
	return &o, nil
}

// readItems reads what is said about the items; lengths are those of their bytes.
func readItems(s *cryptobyte.String, o *Opened, dictionary *uint32, form *uint8) (lengths []int, ok bool) {
	var n uint16
	if !s.ReadUint32(dictionary) || !s.ReadUint8(form) || !s.ReadUint16(&n) || n > MaxItems {
		return nil, false
	}
	total := 0
	for range n {
		var c Content
		var length uint32
		if !readItem(s, &c) || !s.ReadUint32(&length) || length > MaxItem {
			return nil, false
		}
		if total += int(length); total > MaxPayload {
			return nil, false
		}
		o.Items = append(o.Items, c)
		lengths = append(lengths, int(length))
	}
	return lengths, true
}

func readBytes32(s, out *cryptobyte.String) bool {
	var n uint32
	return s.ReadUint32(&n) && s.ReadBytes((*[]byte)(out), int(n))
}

// pack compresses the items' bytes.
func pack(contents []Content) (payload []byte, form uint8, err error) {
	if len(contents) == 0 {
		return nil, formPlain, nil
	}
	total := 0
	for i := range contents {
		total += len(contents[i].Raw)
	}
	plain := make([]byte, 0, total)
	for i := range contents {
		plain = append(plain, contents[i].Raw...)
	}
	z, err := compressor()
	if err != nil {
		return nil, 0, err
	}
	return z.EncodeAll(plain, make([]byte, 0, total/4+64)), formZstd, nil
}

func unpack(o *Opened, form uint8, dictionary uint32, lengths []int, payload []byte) error {
	if dictionary != 0 {
		return invalid("from %s: dictionary %d is not known here", o.Sender, dictionary)
	}
	total := 0
	for _, n := range lengths {
		total += n
	}
	switch {
	case form == formPlain && total == 0 && len(payload) == 0:
		return nil
	case form != formZstd:
		return invalid("from %s: payload form %d is not known here", o.Sender, form)
	}
	z, err := decompressor()
	if err != nil {
		return err
	}
	plain, err := z.DecodeAll(payload, make([]byte, 0, total))
	if err != nil || len(plain) != total {
		return invalid("from %s: its payload does not decompress to the %d bytes that it states", o.Sender, total)
	}
	for i, n := range lengths {
		o.Items[i].Raw, plain = plain[:n:n], plain[n:]
	}
	return nil
}

// EncodeAll and DecodeAll are safe for concurrent use.
var (
	compressor = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	})
	decompressor = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(MaxPayload))
	})
)
