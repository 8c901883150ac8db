package stix

import (
	"slices"
	"strconv"
	"strings"
)

// selectors makes the granular markings follow what has moved. One that cannot follow marks the whole object.
func (u *upgrade) selectors() {
	i := find(u.pieces, "granular_markings")
	if i < 0 || u.moved == nil && !u.labelsMoved && u.objectsMoved == nil {
		return
	}
	list, ok := split(u.pieces[i].value)
	if !ok {
		return
	}
	touched := false
	kept := make([]piece, 0, len(list))
	var widened []string
	for j := range list {
		v, whole := u.granular(list[j].value, "/granular_markings/"+strconv.Itoa(j))
		if whole != "" {
			widened = append(widened, whole)
		}
		touched = touched || whole != "" || v != nil
		switch {
		case whole != "" && v == nil: // no selector is left
			continue
		case v != nil:
			list[j].value = v
		}
		kept = append(kept, list[j])
	}
	switch {
	case !touched:
		return
	case len(kept) == 0:
		u.mark(i, widened)
		u.pieces = drop(u.pieces, find(u.pieces, "granular_markings"))
		return
	}
	u.pieces[i].value = joined(tidy(kept, list), 0)
	u.mark(i, widened)
}

// granular returns a granular marking with selectors that have followed, nil if none has to or none is left, and the id of the marking
// if it has to mark the whole object.
func (u *upgrade) granular(marking []byte, pointer string) (changed []byte, whole string) {
	members, ok := split(marking)
	i := find(members, "selectors")
	if !ok || i < 0 {
		return nil, ""
	}
	list, ok := split(members[i].value)
	if !ok || len(list) == 0 {
		return nil, ""
	}
	var ref string
	if j := find(members, "marking_ref"); j >= 0 {
		ref, _ = text(members[j].value)
	}
	seen := map[string]bool{}
	var result []piece
	touched := false
	for j := range list {
		selector, _ := text(list[j].value)
		to, how := u.followed(selector)
		at := pointer + "/selectors/" + strconv.Itoa(j)
		switch {
		case how == selectorLost && ref != "":
			whole = ref
			u.changed(ChangeMarkingWidened, at, "the marking of "+printable(selector)+" holds for the whole object")
			continue
		case how != selectorFollowed:
			seen[selector] = true
			result = append(result, list[j])
			continue
		}
		touched = true
		u.changed(ChangeSelector, at, printable(selector)+" is "+strings.Join(to, " and "))
		for _, s := range to {
			if !seen[s] {
				seen[s] = true
				p := list[j]
				p.value = quoted(s)
				result = append(result, p)
			}
		}
	}
	if !touched && whole == "" || len(result) == 0 {
		return nil, whole
	}
	members[i].value = joined(tidy(result, list), 0)
	return joined(members, 0), whole
}

type selectorFate uint8

const (
	selectorStays selectorFate = iota
	selectorFollowed
	selectorLost
)

// followed says what became of what a selector names.
func (u *upgrade) followed(selector string) ([]string, selectorFate) {
	if to, ok := u.moved[selector]; ok {
		if len(to) == 1 && to[0] == selector {
			return nil, selectorStays
		}
		return to, selectorFollowed
	}
	switch {
	case u.objectsMoved != nil && within(selector, "objects"):
		return u.objectsMoved, selectorFollowed
	case u.labelsMoved && within(selector, "labels"):
		return nil, selectorLost
	}
	return nil, selectorStays
}

// within reports whether a selector names a property or something in it.
func within(selector, property string) bool {
	rest, ok := strings.CutPrefix(selector, property)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// mark adds to object_marking_refs, which goes after the member at i if there is none.
func (u *upgrade) mark(i int, refs []string) {
	u.pieces = marked(u.pieces, refs, i)
}

// marked adds those ids to object_marking_refs that it does not have. Without one it is put after the member at i.
// One that is no list stays as it is.
func marked(list []piece, refs []string, i int) []piece {
	if len(refs) == 0 {
		return list
	}
	at := find(list, "object_marking_refs")
	var old []piece
	seen := map[string]bool{}
	if at >= 0 {
		if list[at].value[0] != '[' {
			return list
		}
		old, _ = split(list[at].value)
		for j := range old {
			s, _ := text(old[j].value)
			seen[s] = true
		}
	}
	value := slices.Clone(old)
	for _, ref := range refs {
		if seen[ref] {
			continue
		}
		seen[ref] = true
		p := piece{value: quoted(ref)}
		if n := len(value); n > 0 {
			p.lead, p.trail, value[n-1].trail = value[n-1].lead, value[n-1].trail, nil
		}
		value = append(value, p)
	}
	switch {
	case len(value) == len(old):
		return list
	case at < 0:
		return insert(list, i, "object_marking_refs", joined(value, 0))
	}
	list[at].value = joined(value, 0)
	return list
}
