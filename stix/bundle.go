package stix

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// BundleWriter writes a bundle (STIX 2.1 section 8) object by object, each verbatim and on lines of its own.
type BundleWriter struct {
	w   *bufio.Writer
	id  string
	n   int
	err error
}

// NewBundleWriter returns a writer of the bundle with this id, such as "bundle--" and a random UUID.
func NewBundleWriter(w io.Writer, id string) *BundleWriter {
	b := &BundleWriter{w: bufio.NewWriter(w), id: id}
	if TypeOf(id) != "bundle" {
		b.err = fmt.Errorf("%w %s: want bundle--<UUID>", ErrID, printable(id))
	}
	return b
}

// Write adds one object. It checks no more than that the brackets of raw match, so that no object can damage the bundle
// around it. An object it refuses is an [*ObjectError] and leaves the bundle as it was.
func (b *BundleWriter) Write(raw []byte) error {
	if b.err != nil {
		return b.err
	}
	if err := framed(raw); err != nil {
		oe := &ObjectError{Index: -1, Err: err}
		oe.Type, oe.ID = findID(raw)
		return oe
	}
	if b.n == 0 {
		b.text(`{"type":"bundle","id":"` + b.id + `","objects":[` + "\n")
	} else {
		b.text(",\n")
	}
	b.n++
	if b.err == nil {
		_, b.err = b.w.Write(raw)
	}
	return b.err
}

// Close ends the bundle and flushes it; the underlying writer stays open. A bundle without objects has no list of them
// (section 8.1). Calling it again returns an error.
func (b *BundleWriter) Close() error {
	if b.n == 0 {
		b.text(`{"type":"bundle","id":"` + b.id + `"}` + "\n")
	} else {
		b.text("\n]}\n")
	}
	if b.err == nil {
		b.err = b.w.Flush()
	}
	if b.err != nil {
		return b.err
	}
	b.err = errors.New("the bundle is closed")
	return nil
}

func (b *BundleWriter) text(s string) {
	if b.err == nil {
		_, b.err = b.w.WriteString(s)
	}
}
