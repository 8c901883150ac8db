package stix

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"time"
)

// NewVersion returns the next version of an object: with changes made ([Object.Apply]) and modified set, to the millisecond (STIX 2.1
// section 3.6). modified must lie after that of o. The changes may not touch what [CheckSuccessor] holds to stay.
//
// Only who created an object may make new versions of it: who it is that created_by_ref names. Whoever else has something to add makes an
// object of their own, such as a note, an opinion or a relationship "derived-from". NewVersion cannot know who calls it.
//
// Errors are [*ObjectError] and wrap [ErrVersion], or what Apply returns.
func NewVersion(o Object, modified time.Time, changes ...Edit) (Object, error) {
	if err := o.versioned(); err != nil {
		return Object{}, o.fault(err)
	}
	t := TimestampOf(modified)
	if t.IsZero() {
		return Object{}, o.fault(fmt.Errorf("%w: modified is out of the years 1678 to 2261", ErrVersion))
	}
	edits := append(append([]Edit(nil), changes...), Set("/modified", t))
	next, err := o.Apply(edits...)
	if err != nil {
		return Object{}, err
	}
	if err := CheckSuccessor(&o, &next); err != nil {
		return Object{}, err
	}
	return next, nil
}

// Revoke returns the last version of an object: [NewVersion] with revoked set.
func Revoke(o Object, modified time.Time) (Object, error) {
	return NewVersion(o, modified, Set("/revoked", true))
}

// CheckSuccessor tells why next cannot be a later version of previous (STIX 2.1 section 3.6), nil if it can:
//
//   - both have versions: cyber-observables and marking-definitions have none, and nothing has without created and modified;
//   - type, id, created and created_by_ref are the same;
//   - previous is not revoked;
//   - modified of next lies after that of previous, and has at least milliseconds.
//
// Versions in between do not matter. Who made next, which must be who created previous, is for the caller to ask.
// The error is an [*ObjectError] that wraps [ErrVersion].
func CheckSuccessor(previous, next *Object) error {
	if err := succeeds(previous, next); err != nil {
		return next.fault(err)
	}
	return nil
}

func succeeds(previous, next *Object) error {
	if err := previous.versioned(); err != nil {
		return err
	}
	if err := next.versioned(); err != nil {
		return err
	}
	for _, p := range [...]struct{ name, was, is string }{
		{"type", previous.Type, next.Type},
		{"id", previous.ID, next.ID},
		{"created_by_ref", previous.CreatedByRef, next.CreatedByRef},
	} {
		if p.was != p.is {
			return fmt.Errorf("%w: %s was %s and is %s, it must not change", ErrVersion, p.name, orNone(p.was), orNone(p.is))
		}
	}
	switch {
	case previous.Created.Compare(next.Created) != 0:
		return fmt.Errorf("%w: created was %s and is %s, it must not change", ErrVersion, previous.Created, next.Created)
	case previous.Revoked:
		return fmt.Errorf("%w: the object is revoked", ErrVersion)
	case next.Modified.Compare(previous.Modified) <= 0:
		return fmt.Errorf("%w: modified is %s, it must lie after %s", ErrVersion, next.Modified, previous.Modified)
	case next.Modified.digits < 3:
		return fmt.Errorf("%w: modified is %s, it must have milliseconds", ErrVersion, next.Modified)
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "absent"
	}
	return printable(s)
}

// versioned tells why an object has no versions.
func (o *Object) versioned() error {
	switch {
	case o.Type == "marking-definition":
		return fmt.Errorf("%w: marking-definitions have no versions", ErrVersion)
	case o.IsSCO():
		return fmt.Errorf("%w: cyber-observables have no versions", ErrVersion)
	case o.Created.IsZero() || o.Modified.IsZero():
		return fmt.Errorf("%w: it has no created or no modified", ErrVersion)
	}
	return nil
}

// CompareVersions orders versions of one object: negative if a is older than b, by [Object.Version]. Objects without versions are all
// equal. Two of the same version should be the [Same]; if they are not, the standard calls neither of them the right one.
func CompareVersions(a, b *Object) int { return cmp.Compare(a.Version(), b.Version()) }

// Same reports whether two objects have the same content: equal but for white space, order of members and notation, as
// [Object.Digest] has it. It fails if Raw of one is not valid JSON.
func Same(a, b *Object) (bool, error) {
	da, errA := a.Digest()
	if errA == nil && bytes.Equal(a.Raw, b.Raw) {
		return true, nil
	}
	db, errB := b.Digest()
	if err := errors.Join(errA, errB); err != nil {
		return false, err
	}
	return da == db, nil
}
