package stix

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// AddMarkings marks a place with marking-definitions: the whole object if selector is "", otherwise what the selector selects, which
// must be there. It touches object_marking_refs or granular_markings and nothing else. Where the place is so marked
// already, nothing changes; markings that it inherits do not count. [RemoveMarkings] undoes it byte for byte, if the place was not so
// marked before and the list was not there or not empty.
//
// An object under version control gets a new version with its markings changed: hand the edit to [NewVersion]. Cyber-observables
// and marking-definitions have no versions, their markings are changed with [Object.Apply].
func AddMarkings(selector string, ids ...string) Edit {
	return markingEdit(selector, ids, func(string) bool { return false })
}

// SetMarkings makes ids the only marking-definitions that mark a place itself. It is [AddMarkings] otherwise.
func SetMarkings(selector string, ids ...string) Edit {
	return markingEdit(selector, ids, func(id string) bool { return !slices.Contains(ids, id) })
}

// RemoveMarkings takes marking-definitions off a place. Only what marks the very place goes: what it inherits, and what marks places
// within, stays. Those that do not mark it are passed over. A list left empty goes too.
func RemoveMarkings(selector string, ids ...string) Edit {
	return markingEdit(selector, nil, func(id string) bool { return slices.Contains(ids, id) })
}

// ClearMarkings takes all marking-definitions off a place itself. It is [RemoveMarkings] otherwise.
func ClearMarkings(selector string) Edit {
	return markingEdit(selector, nil, func(string) bool { return true })
}

// ClearAllMarkings takes all marking-definitions off a place and all places within it; off the whole object and all of its parts if
// selector is "". Languages stay.
func ClearAllMarkings(selector string) Edit {
	return Edit{func(raw []byte) ([]byte, error) {
		if err := checkPlace(selector); err != nil {
			return nil, err
		}
		if selector == "" {
			var err error
			if raw, err = editRefs(raw, func(string) bool { return true }, nil); err != nil {
				return nil, err
			}
		}
		return editGranular(raw, func(e *granularEntry, sel string) bool {
			return e.ref != "" && Descendants.takes(sel, selector)
		}, nil)
	}}
}

// SetLanguage says which language a place is in (RFC 5646): the whole object by lang if selector is "", otherwise what the selector
// selects by granular_markings. With "" it says so no more.
func SetLanguage(selector, lang string) Edit {
	return Edit{func(raw []byte) ([]byte, error) {
		if err := checkPlace(selector); err != nil {
			return nil, err
		}
		if lang != "" && !isLanguage([]byte(lang)) {
			return nil, fmt.Errorf("%w: %s is no language tag", ErrValue, printable(lang))
		}
		switch {
		case selector != "":
			var add []grain
			if lang != "" {
				add = []grain{{lang: lang, selector: selector}}
			}
			return editGranular(raw, func(e *granularEntry, sel string) bool {
				return e.lang != "" && e.lang != lang && relate(sel, selector) == same
			}, add)
		case lang != "":
			return Set("/lang", lang).change(raw)
		}
		in, err := takeApart(raw, span(0, len(raw)))
		if err != nil {
			return nil, err
		}
		return in.rewrite(nil, func(i int) bool { return in.parts[i].name == "lang" }, nil).apply(raw), nil
	}}
}

// markingEdit drops ids from the place that selector names, then adds others.
func markingEdit(selector string, add []string, drop func(id string) bool) Edit {
	return Edit{func(raw []byte) ([]byte, error) {
		if err := checkPlace(selector); err != nil {
			return nil, err
		}
		var grains []grain
		for _, id := range add {
			if TypeOf(id) != "marking-definition" {
				return nil, fmt.Errorf("%w: %s is no id of a marking-definition", ErrValue, printable(id))
			}
			grains = append(grains, grain{ref: id, selector: selector})
		}
		if selector == "" {
			return editRefs(raw, drop, add)
		}
		return editGranular(raw, func(e *granularEntry, sel string) bool {
			return e.ref != "" && drop(e.ref) && relate(sel, selector) == same
		}, grains)
	}}
}

// editRefs changes object_marking_refs.
func editRefs(raw []byte, drop func(id string) bool, add []string) ([]byte, error) {
	top, list, err := topList(raw, "object_marking_refs")
	if err != nil {
		return nil, err
	}
	var present []string
	kept := 0
	if list != nil {
		if present, err = list.texts(raw); err != nil {
			return nil, err
		}
		for _, id := range present {
			if !drop(id) {
				kept++
			}
		}
	}
	var added [][]byte
	for i, id := range add {
		if !slices.Contains(present, id) && !slices.Contains(add[:i], id) {
			added = append(added, quoted(id))
		}
	}
	switch {
	case list == nil && len(added) == 0, list != nil && kept == len(present) && len(added) == 0:
		return raw, nil
	case list == nil:
		return top.rewrite(nil, nil, [][]byte{listMember("object_marking_refs", added)}).apply(raw), nil
	case kept+len(added) == 0:
		return top.without("object_marking_refs").apply(raw), nil
	}
	return list.rewrite(nil, func(i int) bool { return drop(present[i]) }, added).apply(raw), nil
}

// topList takes apart the object and the list that one of its members is; list is nil if there is no such member.
func topList(raw []byte, name string) (top, list *parts, err error) {
	if top, err = takeApart(raw, span(0, len(raw))); err != nil {
		return nil, nil, err
	}
	i := top.index(name)
	if i < 0 {
		return top, nil, nil
	}
	if list, err = takeApart(raw, top.parts[i].value); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if !list.list {
		return nil, nil, wrongKind(name, '{', '[')
	}
	return top, list, nil
}

// without is what takes a member away.
func (p *parts) without(name string) splices {
	return p.rewrite(nil, func(i int) bool { return p.parts[i].name == name }, nil)
}

// texts are the elements of a list of strings.
func (p *parts) texts(raw []byte) ([]string, error) {
	list := make([]string, len(p.parts))
	for i, e := range p.parts {
		v := jsontext.Value(e.value.Of(raw))
		var ok bool
		if list[i], ok = text(v); !ok {
			return nil, wrongKind("an element of the list", v.Kind(), '"')
		}
	}
	return list, nil
}

// listMember writes a list as a member.
func listMember(name string, elements [][]byte) []byte {
	b := append(quoted(name), ':')
	for i, e := range elements {
		b = append(append(b, "[,"[min(i, 1)]), e...)
	}
	return append(b, ']')
}
