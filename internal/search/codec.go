package search

import (
	"encoding/binary"
	"errors"
)

// errCorrupt is what decoding says of bytes that no encoding here wrote. The index is rebuilt then.
var errCorrupt = errors.New("search: the index is damaged")

// decoder reads what append* wrote. The first error stays.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail() {
	d.b, d.err = nil, errCorrupt
}

func (d *decoder) uint() uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 { // nearly always
		v := uint64(d.b[0])
		d.b = d.b[1:]
		return v
	}
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count is a number of things of which each takes a byte at least.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

// bytes returns the next n bytes, which stay the decoder's.
func (d *decoder) bytes(n int) []byte {
	if n > len(d.b) {
		d.fail()
		return nil
	}
	b := d.b[:n:n]
	d.b = d.b[n:]
	return b
}

// appendKey writes a key as what it has not in common with the one before it.
func appendKey(b []byte, last, key string) []byte {
	same := 0
	for same < len(last) && same < len(key) && last[same] == key[same] {
		same++
	}
	b = binary.AppendUvarint(b, uint64(same))
	b = binary.AppendUvarint(b, uint64(len(key)-same))
	return append(b, key[same:]...)
}

// key reads into buf, which holds the key before it.
func (d *decoder) key(buf []byte) []byte {
	same := d.uint()
	rest := d.bytes(d.count())
	if same > uint64(len(buf)) {
		d.fail()
		return buf[:0]
	}
	return append(buf[:same], rest...)
}

func appendKeys(b []byte, keys []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(keys)))
	last := ""
	for _, k := range keys {
		b = appendKey(b, last, k)
		last = k
	}
	return b
}

func (d *decoder) keys() []string {
	keys := make([]string, 0, min(d.count(), 1<<20))
	var buf []byte
	for range cap(keys) {
		buf = d.key(buf)
		keys = append(keys, string(buf))
	}
	return keys
}
