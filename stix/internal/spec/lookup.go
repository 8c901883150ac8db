package spec

import (
	"fmt"
	"maps"
	"slices"
)

// HashPreference is the order in which one hash is chosen for an id (STIX 2.1 section 2.9).
var HashPreference = [...]string{"MD5", "SHA-1", "SHA-256", "SHA-512"}

// index finds a name among few without hashing or allocating: names are spread over slots by length and end letters.
type index struct {
	slots [64][]uint8
	names []string
}

func slot[T string | []byte](name T) int {
	return (len(name)*7 + int(name[0])*31 + int(name[len(name)-1])) & 63
}

func (x *index) add(name string) {
	s := slot(name)
	x.slots[s] = append(x.slots[s], uint8(len(x.names)))
	x.names = append(x.names, name)
}

func (x *index) find(name []byte) int {
	if len(name) == 0 {
		return -1
	}
	for _, i := range x.slots[slot(name)] {
		if x.names[i] == string(name) {
			return int(i)
		}
	}
	return -1
}

// Find returns the position in Properties of a name, -1 if there is none.
func (s *Struct) Find(name []byte) int { return s.index.find(name) }

// Property returns the property of this name, nil if there is none.
func (s *Struct) Property(name string) *Property {
	if i := s.index.find([]byte(name)); i >= 0 {
		return &s.Properties[i]
	}
	return nil
}

// Has reports whether the vocabulary lists the value.
func (v *Vocabulary) Has(value []byte) bool { return v.index.find(value) >= 0 }

// Table is a set of types and extensions. It does not change once it is made.
type Table struct {
	types      index
	structs    []*Struct
	extensions map[string]*Extension
}

// NewTable checks and compiles rows. A struct, vocabulary or extension belongs to the table from then on.
func NewTable(objects []*Struct, extensions []*Extension) (*Table, error) {
	t := &Table{extensions: map[string]*Extension{}}
	return t, t.add(objects, extensions)
}

// With returns a larger table. A type or extension that is in t already is an error.
func (t *Table) With(extensions ...*Extension) (*Table, error) {
	n := &Table{extensions: maps.Clone(t.extensions), structs: slices.Clone(t.structs)}
	for _, s := range n.structs {
		n.types.add(s.Name)
	}
	return n, n.add(nil, extensions)
}

func (t *Table) add(objects []*Struct, extensions []*Extension) error {
	for _, e := range extensions {
		if t.extensions[e.ID] != nil {
			return fmt.Errorf("extension %s is defined twice", e.ID)
		}
		t.extensions[e.ID] = e
		objects = append(objects, e.Objects...)
		if e.Members != nil {
			if err := e.Members.compile(); err != nil {
				return fmt.Errorf("extension %s: %w", e.ID, err)
			}
		}
		for i := range e.Top {
			if err := e.Top[i].compile(); err != nil {
				return fmt.Errorf("extension %s: %w", e.ID, err)
			}
		}
	}
	for _, s := range objects {
		if _, ok := t.Lookup(s.Name); ok {
			return fmt.Errorf("type %s is defined twice", s.Name)
		}
		if len(t.structs) == 255 {
			return fmt.Errorf("type %s: more than 255 types", s.Name)
		}
		if err := s.compile(); err != nil {
			return err
		}
		t.types.add(s.Name)
		t.structs = append(t.structs, s)
	}
	return nil
}

// Lookup returns the row of an object type, nil and false for a type that the table does not define.
func (t *Table) Lookup(name string) (*Struct, bool) { return t.LookupBytes([]byte(name)) }

// LookupBytes is Lookup of bytes.
func (t *Table) LookupBytes(name []byte) (*Struct, bool) {
	if i := t.types.find(name); i >= 0 {
		return t.structs[i], true
	}
	return nil, false
}

// Objects are the object types in the order of the table. The list is not to be changed.
func (t *Table) Objects() []*Struct { return t.structs }

// Extension returns the extension of this key, nil if it is not known.
func (t *Table) Extension(key string) *Extension { return t.extensions[key] }

// ExtensionBytes is Extension of bytes.
func (t *Table) ExtensionBytes(key []byte) *Extension { return t.extensions[string(key)] }

// Extensions are all extensions, by key.
func (t *Table) Extensions() []*Extension {
	var list []*Extension
	for _, key := range slices.Sorted(maps.Keys(t.extensions)) {
		list = append(list, t.extensions[key])
	}
	return list
}

// compile makes the indexes of a struct and of all it is made of, and finds what does not fit together. It may be called again.
func (s *Struct) compile() error {
	if s.index.names != nil {
		return nil
	}
	if len(s.Properties) > 64 {
		return fmt.Errorf("%s: more than 64 properties", s.Name)
	}
	ids := map[uint16]bool{}
	for i := range s.Properties {
		p := &s.Properties[i]
		if p.Name == "" || s.Find([]byte(p.Name)) >= 0 || p.ID == 0 || ids[p.ID] {
			return fmt.Errorf("%s: property %q (%d) has no name or number, or another's", s.Name, p.Name, p.ID)
		}
		ids[p.ID] = true
		s.index.add(p.Name)
		if p.Required {
			s.required |= 1 << i
		}
	}
	for i := range s.Properties {
		if err := s.Properties[i].compile(); err != nil {
			return fmt.Errorf("%s.%w", s.Name, err)
		}
	}
	for i := range s.Rules {
		if err := s.compileRule(&s.Rules[i]); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

func (p *Property) compile() error {
	if p.Vocab != nil {
		if err := p.Vocab.compile(); err != nil {
			return err
		}
	}
	if (p.Kind == Nested) != (p.Struct != nil) {
		return fmt.Errorf("%s: Nested and Struct go together", p.Name)
	}
	if p.Struct != nil {
		return p.Struct.compile()
	}
	if p.Value != nil {
		return p.Value.compile()
	}
	return nil
}

func (v *Vocabulary) compile() error {
	if v.index.names != nil {
		return nil
	}
	if len(v.Values) > 255 {
		return fmt.Errorf("%s: more than 255 values", v.Name)
	}
	for _, value := range v.Values {
		if value == "" || v.Has([]byte(value)) {
			return fmt.Errorf("%s: value %q is empty or there twice", v.Name, value)
		}
		v.index.add(value)
	}
	return nil
}

func (s *Struct) compileRule(r *Rule) error {
	least := map[Op]int{AtLeastOne: 2, ExactlyOne: 2, AtMostOne: 2, Requires: 2, Forbids: 2, NotBefore: 2, After: 2}[r.Op]
	if len(r.Props) < least || (r.Op == Call) != (r.Check != NoCheck) || r.Op < AtLeastOne || r.Op > Call {
		return fmt.Errorf("rule %v %v is not complete", r.Op, r.Props)
	}
	r.At = make([]int, len(r.Props))
	for i, name := range r.Props {
		if r.At[i] = s.Find([]byte(name)); r.At[i] < 0 {
			return fmt.Errorf("a rule speaks of %s, which is no property", name)
		}
	}
	if r.When == nil {
		return nil
	}
	r.When = &When{Prop: r.When.Prop, Value: r.When.Value, At: s.Find([]byte(r.When.Prop))}
	if r.When.At < 0 {
		return fmt.Errorf("a rule speaks of %s, which is no property", r.When.Prop)
	}
	return nil
}

// Required are the properties that must be there, a bit for each position.
func (s *Struct) Required() uint64 { return s.required }
