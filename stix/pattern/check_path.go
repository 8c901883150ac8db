package pattern

import (
	"slices"
	"strings"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// value is what a path may lead to.
type value struct {
	prop  *spec.Property
	owner *spec.Struct // that has the property, nil for an entry of a dictionary
	list  bool         // all of a list, none of its items
	hash  string       // the algorithm, of an entry of hashes
}

// maxOwners bounds the structs that a reference may lead to. The standard names at most four.
const maxOwners = 32

// resolve follows a path through the table. It returns nothing where the table does not reach: there all is allowed. A path
// that leads nowhere is reported.
func (k *checking) resolve(p *Path) []value { return k.follow(p, true) }

// isSingle reports whether a path leads to one value as far as is known.
func (k *checking) isSingle(p *Path) bool {
	values := k.follow(p, false)
	return len(values) > 0 && !slices.ContainsFunc(values, func(v value) bool { return v.list || v.prop.Kind == spec.Any })
}

func (k *checking) follow(p *Path, tell bool) []value {
	report := func(n Node, format string, args ...any) {
		if tell {
			k.report(stix.Should, n, format, args...)
		}
	}
	row, ok := spec.Standard.Lookup(p.Type)
	switch {
	case !ok && (strings.HasPrefix(p.Type, "x-") || k.custom.hasType(p.Type)):
		k.customProperty(p, report)
		return nil
	case !ok:
		report(p, "%s is no type of object that is known", quoted(p.Type))
		return nil
	case row.Class != spec.Observable:
		report(p, "%s is no cyber-observable", quoted(p.Type))
		return nil
	}
	owners := []*spec.Struct{row}
	var values []value
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Kind != Key {
			if s.Kind == Index && s.Index < 0 {
				report(s, "no item of a list has a negative index")
				return nil
			}
			if !items(values) {
				report(s, "%s is no list", stepName(p, i-1))
				return nil
			}
			continue
		}
		if i > 0 {
			var why string
			owners, values, why = k.parts(values, s.Key)
			if why != "" {
				report(s, why, stepName(p, i-1))
			}
			if len(owners) == 0 && len(values) == 0 {
				return nil
			}
			if len(owners) == 0 {
				continue
			}
		}
		if values = find(owners, s.Key); len(values) == 0 {
			if !k.isCustom(owners, s.Key, i == 0) {
				report(s, "%s is no property that is known of %s", quoted(s.Key), ownerNames(owners))
			}
			return nil
		}
	}
	if len(p.Steps) > 0 {
		k.hashKey(&p.Steps[len(p.Steps)-1], values, report)
	}
	return values
}

// customProperty judges the first step within a type that a registry knows.
func (k *checking) customProperty(p *Path, report func(Node, string, ...any)) {
	names := k.custom.types[p.Type]
	if len(p.Steps) == 0 || names == nil {
		return
	}
	if s := &p.Steps[0]; !names[s.Key] && !isCustomKey(s.Key) && !k.custom.types[""][s.Key] {
		report(s, "%s is no property that is known of %s", quoted(s.Key), p.Type)
	}
}

// stepName is the last key at or before a step.
func stepName(p *Path, i int) string {
	for i > 0 && p.Steps[i].Kind != Key {
		i--
	}
	return quoted(p.Steps[max(i, 0)].Key)
}

// items makes lists their items. It reports false if no value is a list.
func items(values []value) bool {
	lists := false
	for i := range values {
		v := &values[i]
		lists = lists || v.list || v.prop.Kind == spec.Any
		v.list = false
	}
	return lists || len(values) == 0
}

const (
	needsItem = "%s is a list: [*] says that any item may be meant"
	noParts   = "%s has no parts"
)

// parts are the structs in which a key is looked for, or what the key leads to where it is that of a dictionary. Nothing at all means
// that anything may stand there, or that why says what is wrong.
func (k *checking) parts(values []value, key string) (owners []*spec.Struct, next []value, why string) {
	problem := noParts
	for _, v := range values {
		if v.list {
			why = needsItem
		}
		switch v.prop.Kind {
		case spec.Nested:
			owners = append(owners, v.prop.Struct)
		case spec.Identifier:
			if !isRef(v.prop.Name) {
				continue
			}
			list := referred(v.prop)
			if list == nil {
				return nil, nil, why
			}
			owners = append(owners, list...)
		case spec.Hashes:
			next = append(next, value{prop: hashProperty, hash: key})
		case spec.Dictionary:
			if v.prop.Value == nil || v.prop.Value.Kind == spec.Any {
				return nil, nil, why
			}
			// Those of STIX 2.0 have strings where STIX 2.1 has lists of them.
			next = append(next, value{prop: v.prop.Value, list: v.prop.Value.List && !k.older})
		case spec.Extensions:
			s, no := extension(key, v.owner)
			if s == nil && no == "" {
				return nil, nil, why
			}
			if problem = no; s != nil {
				next = append(next, value{prop: &spec.Property{Kind: spec.Nested, Struct: s}})
			}
		case spec.Any:
			return nil, nil, why
		}
	}
	if len(owners) == 0 && len(next) == 0 {
		return nil, nil, problem
	}
	slices.SortFunc(owners, func(a, b *spec.Struct) int { return int(a.ID) - int(b.ID) })
	owners = slices.Compact(owners)
	if len(owners) > maxOwners {
		return nil, nil, why
	}
	return owners, next, why
}

// hashProperty is an entry of hashes.
var hashProperty = &spec.Property{Kind: spec.String}

// referred are the types that a reference may refer to, nil if they are too many to say.
func referred(p *spec.Property) (list []*spec.Struct) {
	if p.Refs == nil || len(p.Refs.Classes) > 0 {
		return nil
	}
	for _, name := range p.Refs.Types {
		if row, ok := spec.Standard.Lookup(name); ok {
			list = append(list, row)
		}
	}
	return list
}

// extension is the members of an extension, nil if they are not known. It says so if the type has no such extension.
func extension(key string, row *spec.Struct) (members *spec.Struct, why string) {
	e := spec.Standard.Extension(key)
	switch {
	case e == nil && strings.HasSuffix(key, "-ext") && !strings.HasPrefix(key, "x-"):
		return nil, "no such extension is known that %s could have"
	case e == nil || e.Opaque:
		return nil, ""
	case e.Extends != nil && !slices.Contains(e.Extends, row.Name):
		return nil, "%s of this type of object have no such extension"
	}
	return e.Members, ""
}

// find looks for a property in structs.
func find(owners []*spec.Struct, key string) (values []value) {
	for _, o := range owners {
		if p := o.Property(key); p != nil {
			values = append(values, value{prop: p, owner: o, list: p.List})
		}
	}
	return values
}

func ownerNames(owners []*spec.Struct) string {
	var names []string
	for _, o := range owners {
		names = append(names, o.Name)
	}
	return strings.Join(names, ", ")
}

// isCustomKey reports a name that is kept free for custom properties.
func isCustomKey(key string) bool { return strings.HasPrefix(key, "x_") }

// isCustom reports whether a property may be there although the table does not have it.
func (k *checking) isCustom(owners []*spec.Struct, key string, top bool) bool {
	if isCustomKey(key) || top && (k.custom.types[""][key] || k.custom.types[owners[0].Name][key]) {
		return true
	}
	return k.older && slices.ContainsFunc(owners, func(o *spec.Struct) bool { return slices.Contains(names20[o.Name], key) })
}

// names20 are properties of STIX 2.0 that STIX 2.1 calls otherwise or does not have.
var names20 = map[string][]string{
	"directory":            {"created", "modified", "accessed"},
	"file":                 {"created", "modified", "accessed", "is_encrypted", "encryption_algorithm", "decryption_key"},
	"process":              {"created", "binary_ref", "name", "arguments"},
	"user-account":         {"password_last_changed"},
	"windows-registry-key": {"modified"},
	"archive-ext":          {"version"},
	"raster-image-ext":     {"image_compression_algorithm"},
	"socket-ext":           {"protocol_family"},
}

// customNames are the names that a registry adds to the table: the properties of each type, "" for those that any type may have.
type customNames struct {
	types map[string]map[string]bool
}

func (c customNames) hasType(name string) bool { return c.types[name] != nil }

func namesOf(r *stix.Registry) customNames {
	c := customNames{types: map[string]map[string]bool{}}
	if r == nil {
		return c
	}
	add := func(name string, t *stix.TypeInfo) {
		if c.types[name] == nil {
			c.types[name] = map[string]bool{}
		}
		for _, p := range t.Properties {
			c.types[name][p.Name] = true
		}
	}
	for t := range r.Types() {
		switch {
		case t.Class == "part" || t.Class == "extension" && len(t.Extensions) > 0:
		case t.Class != "extension":
			if _, ok := spec.Standard.Lookup(t.Name); !ok {
				add(t.Name, &t)
			}
		case len(t.Extends) == 0:
			add("", &t)
		default:
			for _, name := range t.Extends {
				add(name, &t)
			}
		}
	}
	return c
}
