package author

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
)

// Change gives a property, or a place within one, another value.
type Change struct {
	Pointer string         // RFC 6901: "/description", "/labels/0"
	Value   jsontext.Value // JSON; nil takes the place away
}

// Version names the version of an object that an author has before the eyes.
type Version struct {
	ID       string
	Modified time.Time // zero: whichever is current
}

const maxChanges = 100

// fixed are properties that are not changed by hand.
var fixed = set("/type /id /spec_version /created /created_by_ref /modified /revoked")

// Edit drafts a new version of an object of ours. Another version than the author saw is fault.Conflict, another's object fault.Denied.
func (a *Author) Edit(ctx context.Context, key string, of Version, changes []Change, p store.Precedence) (*Draft, error) {
	if len(changes) == 0 || len(changes) > maxChanges {
		return nil, refuse(fault.Invalid, "author.no-change")
	}
	edits := make([]stix.Edit, len(changes))
	for i, c := range changes {
		root := c.Pointer
		if k := strings.IndexByte(c.Pointer[min(1, len(c.Pointer)):], '/'); k >= 0 {
			root = c.Pointer[:k+1]
		}
		switch {
		case fixed[root] || root == "" || root == "/":
			return nil, refuse(fault.Invalid, "author.fixed", c.Pointer)
		case c.Value == nil:
			edits[i] = stix.Remove(c.Pointer)
		default:
			edits[i] = stix.Set(c.Pointer, c.Value)
		}
	}
	return a.successor(ctx, key, of, p, changes, func(o stix.Object, t time.Time) (stix.Object, error) { return stix.NewVersion(o, t, edits...) })
}

// Mark drafts a new version of an object of ours with another TLP, and leaves its other markings.
func (a *Author) Mark(ctx context.Context, key string, of Version, tlp stix.TLP, p store.Precedence) (*Draft, error) {
	if tlp < stix.TLPClear || tlp > stix.TLPRed {
		return nil, refuse(fault.Invalid, "author.no-tlp")
	}
	return a.successor(ctx, key, of, p, tlp, func(o stix.Object, t time.Time) (stix.Object, error) {
		ids := []string{tlp.MarkingID()}
		for _, id := range o.ObjectMarkingRefs {
			if stix.TLPOf(id) == stix.TLPNone {
				ids = append(ids, id)
			}
		}
		return stix.NewVersion(o, t, stix.SetMarkings("", ids...))
	})
}

// Revoke drafts the last version of an object of ours. It goes to those who may have the object.
func (a *Author) Revoke(ctx context.Context, key string, of Version, p store.Precedence) (*Draft, error) {
	return a.successor(ctx, key, of, p, "revoke", stix.Revoke)
}

// successor drafts the next version of an object of ours. what says what is done, so that a repetition is known.
func (a *Author) successor(ctx context.Context, key string, of Version, p store.Precedence, what any, next func(stix.Object, time.Time) (stix.Object, error)) (*Draft, error) {
	if err := checkSingle(key, p); err != nil {
		return nil, err
	}
	v, err := a.current(ctx, of, true)
	if err != nil {
		return nil, err
	}
	o, err := stix.Parse(v.Raw)
	if err != nil {
		return nil, fmt.Errorf("edit %s: %w", of.ID, err)
	}
	now := a.Now().UTC().Truncate(time.Millisecond)
	if after := time.Unix(0, v.Modified).UTC().Truncate(time.Millisecond).Add(time.Millisecond); now.Before(after) {
		now = after
	}
	n, err := next(o, now)
	if err != nil {
		return nil, refusedEdit(err)
	}
	validator := a.Ingest.Validator()
	var must []stix.Finding
	for _, f := range validator.Validate(&n) {
		if f.Level == stix.Must {
			must = append(must, f)
		}
	}
	if len(must) > 0 {
		return nil, notValid(must)
	}
	d, err := prepare([]stix.Object{n}, validator, stix.TLP(v.TLP), p)
	if err != nil {
		return nil, err
	}
	v.Raw = nil
	d.key, d.base = key, v
	d.content = digest(of.ID, v.Modified, what)
	return d, nil
}

// refusedEdit says in words what package stix refuses because of what the author asked for.
func refusedEdit(err error) error {
	for _, kind := range []error{
		stix.ErrVersion, stix.ErrSelector, stix.ErrPointer, stix.ErrValue, stix.ErrSyntax, stix.ErrNotObject, stix.ErrProperty, stix.ErrID, stix.ErrTooDeep, stix.ErrTooLarge,
	} {
		if errors.Is(err, kind) {
			return &Error{Reason: locale.Because("author.bad-change"), kind: fault.New(fault.Invalid, "%w", err)}
		}
	}
	return invalid(err)
}

// current finds the current version of an object. With ours it must be of an object that this node writes.
func (a *Author) current(ctx context.Context, of Version, ours bool) (v *store.Variant, err error) {
	err = a.Store.View(ctx, func(tx store.Tx) error {
		found, err := tx.Objects().Current([]string{of.ID})
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", of.ID, err)
		case len(found) == 0:
			return refuse(fault.NotFound, "author.not-here", of.ID)
		}
		v = &found[0]
		if ours {
			if err := a.writes(tx, v); err != nil {
				return err
			}
		}
		if !of.Modified.IsZero() && of.Modified.UnixNano() != v.Modified {
			return refuse(fault.Conflict, "author.changed", of.ID)
		}
		return nil
	})
	return v, err
}

// writes refuses objects that somebody else writes, and says who.
func (a *Author) writes(tx store.Tx, v *store.Variant) error {
	if v.Origin == store.Self && (v.Creator == "" || v.Creator == a.self()) {
		return nil
	}
	writer := v.Creator
	if v.Origin != store.Self {
		writer = string(v.Origin)
	}
	name, err := nameOf(tx, writer)
	if err != nil {
		return fmt.Errorf("%s: its writer: %w", v.ID, err)
	}
	return refuse(fault.Denied, "author.not-ours", name)
}

// nameOf is what a writer is called: as a partner, or by the identity object that the store has of it.
func nameOf(tx store.Tx, id string) (string, error) {
	if p, err := partner.Get(tx, store.Party(id)); err == nil {
		return p.Card.Name, nil
	} else if fault.Of(err) != fault.NotFound {
		return "", err
	}
	found, err := tx.Objects().Current([]string{id})
	if err != nil || len(found) == 0 {
		return id, err
	}
	o, err := stix.Parse(found[0].Raw)
	if err != nil {
		return id, nil //nolint:nilerr // it has an id
	}
	identity, err := typed.IdentityOf(&o)
	if err != nil || identity.Name() == "" {
		return id, nil //nolint:nilerr // it has an id
	}
	return identity.Name(), nil
}

// follows refuses a new version whose predecessor is not current any longer.
func (d *Draft) follows(tx store.Tx) error {
	if d.base == nil {
		return nil
	}
	found, err := tx.Objects().Variants([]string{d.base.ID})
	if err != nil {
		return fmt.Errorf("%s: %w", d.base.ID, err)
	}
	for i := range found {
		if v := &found[i]; v.Current && v.Modified == d.base.Modified && v.Digest == d.base.Digest && v.Origin == d.base.Origin {
			return nil
		}
	}
	return refuse(fault.Conflict, "author.changed", d.base.ID)
}
