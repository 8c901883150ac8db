package typed

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/cursor"
	"github.com/wagasa/wagasa/stix/pattern"
)

// InvalidError says why Build refused an object: it has findings of level [stix.Must].
type InvalidError struct {
	Type, ID string
	// Findings are those of level must, in the order of the bytes.
	Findings []stix.Finding
}

func (e *InvalidError) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "this %s is not valid", e.Type)
	for i, f := range e.Findings {
		if i == 3 {
			fmt.Fprintf(&s, "; and %d more", len(e.Findings)-i)
			break
		}
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		s.WriteString(sep)
		if f.Pointer != "" {
			s.WriteString(f.Pointer + ": ")
		}
		s.WriteString(f.Message())
	}
	return s.String()
}

// ObjectBuilder is what the builders of all object types have. B is the builder that its methods return.
type ObjectBuilder[B any] struct {
	builder
	self      B
	now       func() time.Time
	validator *stix.Validator
	notes     []stix.Finding
}

// Clock makes Build take created and modified from now instead of [time.Now].
func (b *ObjectBuilder[B]) Clock(now func() time.Time) B {
	b.now = now
	return b.self
}

// Validator makes Build judge with v, which knows more extensions than the usual one, or other patterns than those of STIX. Build uses it,
// so that the builders that have it belong to one goroutine.
func (b *ObjectBuilder[B]) Validator(v *stix.Validator) B {
	b.validator = v
	return b.self
}

// ID sets the id (STIX 2.1 section 2.9); without it Build makes one.
func (b *ObjectBuilder[B]) ID(v string) B {
	put(&b.builder, slotID, v, appendText)
	return b.self
}

// Custom sets a property that the table does not have: a custom one (STIX 2.1 section 11.1) or that of a toplevel-property-extension.
// The value is whatever package json of github.com/go-json-experiment can write, with parts and timestamps of this module; raw JSON is a
// jsontext.Value. Where the type has the property, Build fails.
func (b *ObjectBuilder[B]) Custom(name string, v any) B {
	b.setCustom(name, v)
	return b.self
}

// Extension sets a member of extensions (STIX 2.1 section 7.3) by its key. The value is as for Custom.
func (b *ObjectBuilder[B]) Extension(key string, v any) B {
	b.extensions = set(b.extensions, key, write(&b.builder, "extensions."+key, v, appendAnything))
	return b.self
}

// Findings are what the last call of Build found, of all levels: after success those of level should and policy.
func (b *ObjectBuilder[B]) Findings() []stix.Finding { return slices.Clone(b.notes) }

// Build makes the object and judges it. It fills in the type, spec_version, the id, and created and modified, unless they are set. The
// id of a cyber-observable follows from its content where it can ([stix.DeterministicID]), any other is random. Of created and modified
// one takes the value of the other.
//
// It fails with an [*InvalidError] if anything contradicts a MUST of STIX 2.1, with another error if a setter was given what JSON
// cannot say. It can be called again; what was filled in is filled in anew.
func (b *ObjectBuilder[B]) Build() (stix.Object, error) {
	b.notes = nil
	if b.err != nil {
		return stix.Object{}, b.err
	}
	raw, err := b.complete()
	if err != nil {
		return stix.Object{}, err
	}
	v := b.validator
	if v == nil {
		v = validators.Get().(*stix.Validator)
		defer validators.Put(v)
	}
	b.notes = cloneFindings(v.ValidateBytes(raw))
	if must := only(b.notes, stix.Must); must != nil {
		return stix.Object{}, &InvalidError{Type: b.shape.name, ID: idOf(raw), Findings: must}
	}
	if b.shape.container {
		return stix.Object{Raw: raw, Header: stix.Header{Type: b.shape.name, ID: idOf(raw)}}, nil // Parse takes no bundle
	}
	return stix.Parse(raw)
}

var validators = sync.Pool{New: func() any { return stix.NewValidator(stix.Patterns(pattern.NewChecker(nil))) }}

// cloneFindings copies what the validator will use again.
func cloneFindings(list []stix.Finding) []stix.Finding {
	list = slices.Clone(list)
	for i := range list {
		f := &list[i]
		f.Pointer, f.Value, f.Want = strings.Clone(f.Pointer), strings.Clone(f.Value), strings.Clone(f.Want)
	}
	return list
}

func only(list []stix.Finding, level stix.Level) (found []stix.Finding) {
	for _, f := range list {
		if f.Level == level {
			found = append(found, f)
		}
	}
	return found
}

func idOf(raw []byte) string {
	for name, v := range cursor.Members(raw) {
		if string(name) == "id" {
			return one(v, text[string])
		}
	}
	return ""
}

// complete is the object with what is filled in; the builder stays as it was.
func (b *ObjectBuilder[B]) complete() ([]byte, error) {
	was := b.builder
	defer func() { b.builder = was }()
	b.at = slices.Clone(b.at)
	b.extensions = slices.Clone(b.extensions)
	b.fill()
	if b.at[slotID].to == 0 {
		id, err := b.newID()
		if err != nil {
			return nil, err
		}
		b.ID(id)
	}
	return b.append(make([]byte, 0, len(b.buf)+32*len(b.at)), b.at), b.err
}

func (b *ObjectBuilder[B]) fill() {
	put(&b.builder, slotType, b.shape.name, appendText)
	if b.shape.names[slotSpecVersion] != "" {
		put(&b.builder, slotSpecVersion, "2.1", appendText)
	}
	if key := b.shape.defKey; key != "" && !slices.ContainsFunc(b.extensions, func(n named) bool { return n.name == key }) {
		b.Extension(key, map[string]string{"extension_type": b.shape.defAs})
	}
	if b.shape.names[slotCreated] == "" {
		return
	}
	created, modified := b.at[slotCreated], b.at[slotModified]
	if created.to == 0 {
		if created = modified; created.to == 0 {
			now := b.now
			if now == nil {
				now = time.Now
			}
			created = write(&b.builder, "created", stix.TimestampOf(now()), appendMillis)
		}
	}
	b.at[slotCreated] = created
	if b.shape.names[slotModified] != "" && modified.to == 0 {
		b.at[slotModified] = created
	}
}

func (b *ObjectBuilder[B]) newID() (string, error) {
	if b.shape.bare {
		id, err := stix.DeterministicID(b.append(nil, b.at))
		if !errors.Is(err, stix.ErrNoDeterministicID) {
			return id, err
		}
	}
	return stix.NewID(b.shape.name), nil
}

// PartBuilder is what the builders of objects within objects have. B is the builder that its methods return.
type PartBuilder[B any] struct {
	builder
	self B
}

// Custom sets a property that the table does not have, as [ObjectBuilder.Custom] does.
func (b *PartBuilder[B]) Custom(name string, v any) B {
	b.setCustom(name, v)
	return b.self
}

func (b *PartBuilder[B]) part() *builder { return &b.builder }
