package stix

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

const (
	// MaxDepth is how deep objects and lists may nest in one object, itself included.
	MaxDepth = 100
	// MaxList bounds labels, object_marking_refs, granular_markings and all selectors together.
	MaxList = 10_000
	// MaxMarkings bounds the distinct ids in object_marking_refs and granular_markings together.
	MaxMarkings = 256
	// maxSpecVersion is how many bytes spec_version may have.
	maxSpecVersion = 16
)

// Object is one version of a STIX object: its bytes as they came, and what was read from them.
type Object struct {
	// Raw belongs to the Object and is never changed by this package: from the opening to the closing brace.
	Raw []byte
	Header
}

// Header holds the common properties (STIX 2.1 section 3.2) that decide what becomes of an object.
type Header struct {
	Type              string
	ID                string
	SpecVersion       string // as written, "" when absent
	CreatedByRef      string
	Created, Modified Timestamp // zero when absent
	Revoked           bool
	Lang              string
	Labels            []string
	ObjectMarkingRefs []string
	GranularMarkings  []GranularMarking
}

// GranularMarking marks parts of an object, or gives their language (STIX 2.1 section 7.2.3).
type GranularMarking struct {
	MarkingRef, Lang string
	Selectors        []string
}

// Version identifies the version: the nanoseconds since 1970 of modified, of a marking-definition those of created.
// It is 0 for objects that have no versions: without modified, and cyber-observables always, whatever they carry and
// whichever spec_version they claim (STIX 2.1 sections 3.6 and 6).
func (o *Object) Version() int64 {
	switch {
	case o.Type == "marking-definition":
		return o.Created.UnixNano()
	case o.IsSCO():
		return 0
	}
	return o.Modified.UnixNano()
}

// canonicalLimit keeps one huge object from pinning its buffers in the pool.
const canonicalLimit = 1 << 20

var canonicalPool = sync.Pool{New: func() any { return new(jsontext.Value) }}

// Digest is the SHA-256 of the canonical form (RFC 8785): equal for objects that differ only in white space, order of
// members and notation. As that form does, it takes numbers for IEEE 754 doubles. It fails if Raw is not valid JSON.
func (o *Object) Digest() ([32]byte, error) {
	v := canonicalPool.Get().(*jsontext.Value)
	defer func() {
		if cap(*v) <= canonicalLimit {
			canonicalPool.Put(v)
		}
	}()
	*v = append((*v)[:0], o.Raw...)
	if err := v.Canonicalize(); err != nil {
		return [32]byte{}, &ObjectError{Index: -1, ID: o.ID, Type: o.Type, Err: syntaxError(err)}
	}
	return sha256.Sum256(*v), nil
}

// Known reports whether this library knows the object's type in its spec_version. An object without one is STIX 2.0,
// unless it is a cyber-observable (STIX 2.1 section 3.2).
func (o *Object) Known() bool {
	t, ok := spec.Standard.Lookup(o.Type)
	if !ok {
		return false
	}
	switch o.SpecVersion {
	case "2.1":
		return true
	case "2.0":
		return t.V20
	case "":
		return t.V20 || t.Class == spec.Observable
	}
	return false
}

// IsSCO reports whether the type is one of the 18 STIX 2.1 cyber-observables (section 6).
func (h *Header) IsSCO() bool {
	t, ok := spec.Standard.Lookup(h.Type)
	return ok && t.Class == spec.Observable
}

// HasCanonicalID reports whether the id is in lower case. UUIDs that differ in case alone are the same (RFC 9562 section
// 4), ids that do are different text; [Parse] accepts them, who needs one id for one thing may not.
func (h *Header) HasCanonicalID() bool {
	return h.ID == strings.ToLower(h.ID)
}

// Parse reads one object and nothing else: no white space around it. It checks the syntax of the whole object (UTF-8,
// no name twice in one object, at most [MaxDepth] deep), the kinds of the [Header] properties and that its references are
// ids ([ValidID]). Its errors are [*ObjectError]. The object keeps a copy of raw.
//
// Parse does not limit the size; a [Reader] does.
func Parse(raw []byte) (Object, error) {
	if err := framed(raw); err != nil {
		oe := &ObjectError{Index: -1, Err: err}
		oe.Type, oe.ID = findID(raw)
		return Object{}, oe
	}
	p := parserPool.Get().(*parser)
	defer parserPool.Put(p)
	o, err := p.parse(bytes.Clone(raw))
	p.release()
	if err != nil {
		err.Index = -1
		return Object{}, err
	}
	return o, nil
}

var parserPool = sync.Pool{New: func() any { return newParser() }}

// framed checks what [Parse] leaves to the framing of a [Reader]: extent and depth.
func framed(raw []byte) error {
	if len(raw) == 0 || raw[0] != '{' {
		return fmt.Errorf("%w: it does not begin with {", ErrNotObject)
	}
	s := scanner{}
	n, done := s.scan(raw)
	switch {
	case s.tooDeep:
		return depthError()
	case s.broken:
		return fmt.Errorf("%w: brackets do not match at byte %d", ErrSyntax, n)
	case !done:
		return fmt.Errorf("%w: the object has no end", ErrSyntax)
	case n != len(raw):
		return fmt.Errorf("%w: something follows the object at byte %d", ErrSyntax, n)
	}
	return nil
}

func depthError() error {
	return fmt.Errorf("%w: more than %d levels", ErrTooDeep, MaxDepth)
}
