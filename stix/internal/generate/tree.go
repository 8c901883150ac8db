package generate

import (
	"slices"
	"strconv"
	"strings"
)

// A value is a string, a raw, a list or an *object.

// raw is a number, true, false or null, as it is written.
type raw string

// list is a JSON array.
type list []any

// object is a JSON object. Its names keep their order, and one may occur twice.
type object struct{ members []member }

type member struct {
	name  string
	value any
}

func (o *object) get(name string) any {
	for i := range o.members {
		if o.members[i].name == name {
			return o.members[i].value
		}
	}
	return nil
}

func (o *object) has(name string) bool { return o.get(name) != nil }

// set puts the value at its place if the name is there, otherwise at the end.
func (o *object) set(name string, v any) {
	for i := range o.members {
		if o.members[i].name == name {
			o.members[i].value = v
			return
		}
	}
	o.add(name, v)
}

func (o *object) add(name string, v any) { o.members = append(o.members, member{name, v}) }

func (o *object) remove(name string) {
	o.members = slices.DeleteFunc(o.members, func(m member) bool { return m.name == name })
}

// word is what a string or raw says, "" for all else.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case raw:
		return string(v)
	}
	return ""
}

// clone copies a value.
func clone(v any) any {
	switch v := v.(type) {
	case *object:
		c := &object{members: slices.Clone(v.members)}
		for i := range c.members {
			c.members[i].value = clone(c.members[i].value)
		}
		return c
	case list:
		c := slices.Clone(v)
		for i := range c {
			c[i] = clone(c[i])
		}
		return c
	}
	return v
}

// pointer appends a name to a JSON pointer (RFC 6901).
func pointer(to, name string) string {
	return to + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// maxPaths bounds the selectors of one object.
const maxPaths = 128

// selectors lists the selectors (STIX 2.1 section 7.2.3.1) of all that o holds.
func selectors(o *object) []string {
	var paths []string
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		switch v := v.(type) {
		case *object:
			for _, m := range v.members {
				if len(paths) < maxPaths && selectable(m.name, prefix == "") {
					path := prefix + m.name
					paths = append(paths, path)
					walk(path+".", m.value)
				}
			}
		case list:
			for i, item := range v {
				if len(paths) < maxPaths {
					path := prefix + "[" + strconv.Itoa(i) + "]"
					paths = append(paths, path)
					walk(path+".", item)
				}
			}
		}
	}
	walk("", o)
	return paths
}

// selectable reports whether a name may stand in a selector: the upper case that keys of dictionaries may have may not.
func selectable(name string, first bool) bool {
	if name == "" || first && len(name) < 3 && name != "id" {
		return false
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}
