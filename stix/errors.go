package stix

import (
	"errors"
	"fmt"
)

// What can be wrong with one object. They arrive wrapped in an [*ObjectError].
var (
	ErrSyntax    = errors.New("not valid JSON")
	ErrNotObject = errors.New("no STIX object")
	ErrTooLarge  = errors.New("too large")
	ErrTooDeep   = errors.New("nested too deeply")
	ErrID        = errors.New("bad id")
	ErrProperty  = errors.New("bad property")
	ErrTooMany   = errors.New("too many") // ids that [Object.Observables] finds
)

// What can be wrong with an [Edit] or a new version. They arrive wrapped in an [*ObjectError].
var (
	ErrSelector = errors.New("bad selector")     // of a granular marking: malformed, or it selects nothing
	ErrPointer  = errors.New("bad pointer")      // RFC 6901: malformed, or nothing is there
	ErrValue    = errors.New("bad value")        // it has no form in JSON, or none that is allowed
	ErrVersion  = errors.New("no valid version") // STIX 2.1 section 3.6
)

// errMalformed is of bytes that were taken for valid.
var errMalformed = fmt.Errorf("%w: malformed", ErrSyntax)

// ErrTimestamp is wrapped by every error of [ParseTimestamp].
var ErrTimestamp = errors.New("bad timestamp")

// ErrNoDeterministicID is wrapped by the errors of [DeterministicID] for objects whose id cannot follow from their content.
var ErrNoDeterministicID = errors.New("no deterministic id")

// ObjectError says which object is bad and why. The objects around it are not concerned.
type ObjectError struct {
	Index  int    // counts the objects of the stream from 0; -1 outside of a [Reader]
	ID     string // as written, "" if it could not be found
	Type   string // as written, "" if it could not be found
	Offset int64  // of the object's first byte in the (decompressed) stream
	Err    error
}

func (e *ObjectError) Error() string {
	switch {
	case e.ID != "" && e.Index >= 0:
		return fmt.Sprintf("%s (at byte %d): %v", printable(e.ID), e.Offset, e.Err)
	case e.ID != "":
		return fmt.Sprintf("%s: %v", printable(e.ID), e.Err)
	case e.Index >= 0:
		return fmt.Sprintf("object %d (at byte %d): %v", e.Index+1, e.Offset, e.Err)
	}
	return "object: " + e.Err.Error()
}

func (e *ObjectError) Unwrap() error { return e.Err }

// printable keeps foreign text in messages short and harmless on a terminal.
func printable(s string) string {
	const most = 300
	cut := ""
	if len(s) > most {
		s, cut = s[:most], "…"
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			return fmt.Sprintf("%q", s) + cut
		}
	}
	return s + cut
}

func (o *Object) fault(err error) error {
	return &ObjectError{Index: -1, ID: o.ID, Type: o.Type, Err: err}
}
