// Package frame puts an envelope into the form in which channels carry it, once for all of them. So far that is a whole envelope in one
// frame, as https takes it; fragments, error correction and armour have their place in the header. Pure functions.
package frame

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/fault"
)

// A frame is: magic (3), version (1), kind (1), id (8), length (4, big-endian), envelope.
const (
	version = 1
	whole   = 0
	idSize  = 8

	// HeaderSize is what a frame adds to an envelope.
	HeaderSize = 3 + 1 + 1 + idSize + 4
	// MaxSize is the largest frame.
	MaxSize = HeaderSize + envelope.MaxSize
)

var magic = []byte("WGS")

// Wrap puts an envelope into one frame.
func Wrap(sealed []byte) []byte {
	f := make([]byte, 0, HeaderSize+len(sealed))
	f = append(append(f, magic...), version, whole)
	f = append(f, id(sealed)...)
	f = binary.BigEndian.AppendUint32(f, uint32(len(sealed)))
	return append(f, sealed...)
}

// Unwrap returns the envelope in a frame, a part of f. Anything else is fault.Invalid: a cut or garbled frame is worth repeating.
func Unwrap(f []byte) ([]byte, error) {
	switch {
	case len(f) > MaxSize:
		return nil, fault.New(fault.Invalid, "frame: %d bytes, more than %d", len(f), MaxSize)
	case len(f) < HeaderSize || !bytes.Equal(f[:3], magic):
		return nil, fault.New(fault.Invalid, "frame: these bytes are no frame")
	case f[3] != version:
		return nil, fault.New(fault.Invalid, "frame: version %d is not known here: the sender runs a newer program", f[3])
	case f[4] != whole:
		return nil, fault.New(fault.Invalid, "frame: kind %d is not known here", f[4])
	}
	sealed := f[HeaderSize:]
	if uint64(binary.BigEndian.Uint32(f[5+idSize:])) != uint64(len(sealed)) {
		return nil, fault.New(fault.Invalid, "frame: it is cut short")
	}
	if !bytes.Equal(id(sealed), f[5:5+idSize]) {
		return nil, fault.New(fault.Invalid, "frame: it was garbled on the way")
	}
	return sealed, nil
}

// id names an envelope by its bytes; it finds accidents, not attacks: those are for the envelope.
func id(sealed []byte) []byte {
	h := sha256.Sum256(sealed)
	return h[:idSize]
}
