package stix

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// derivedNamespace is 98e2b104-ed47-4e97-af4f-a71e28c2806e: of the ids of extracted objects that do not follow from their content.
var derivedNamespace = [16]byte{
	0x98, 0xe2, 0xb1, 0x04, 0xed, 0x47, 0x4e, 0x97, 0xaf, 0x4f, 0xa7, 0x1e, 0x28, 0xc2, 0x80, 0x6e,
}

// extraction is what becomes of the objects of an observed-data.
type extraction struct {
	from    *Object
	all     []observable
	keys    map[string]int // of those that can be objects of their own
	first   map[string]int // who has an id
	refs    int
	changes int
	dots    *bool  // a key has a dot
	marks   []byte // object_marking_refs of the observed-data, each once
}

// observed takes the cyber-observables out of an observed-data.
func (u *upgrade) observed() error {
	i := find(u.pieces, "objects")
	if i < 0 || u.pieces[i].value[0] != '{' {
		return nil
	}
	entries, ok := split(u.pieces[i].value)
	switch {
	case !ok || len(entries) > MaxNames:
		return fmt.Errorf("%w: objects contains more than %d", ErrTooMany, MaxNames)
	case len(entries) == 0:
		u.changed(ChangeNotExtracted, "/objects", "it contains nothing")
		return nil
	}
	x := extraction{from: u.from, all: make([]observable, len(entries)), keys: map[string]int{}, first: map[string]int{}}
	for j := range entries {
		x.add(j, &entries[j])
	}
	if err := x.references(); err != nil {
		return err
	}
	x.identify()
	x.mark()
	if err := u.extract(&x); err != nil {
		return err
	}
	u.objectRefs(&x, i, entries)
	return nil
}

func (x *extraction) add(i int, entry *piece) {
	o := &x.all[i]
	*o = observable{key: entry.key(), source: entry.value, twin: -1}
	o.pointer = "/objects/" + escaped(o.key)
	if o.why = o.prepare(); o.why == "" && o.headed() {
		o.id, o.marks = x.derivedID(o), x.from.ObjectMarkingRefs
		if _, err := parseOwn(o.whole(nil)); err != nil {
			o.why = err.Error()
		}
		o.id, o.marks = "", nil
	}
	if o.why != "" {
		o.changes = nil
		return
	}
	x.keys[o.key] = i
}

func (x *extraction) derivedID(o *observable) string {
	name := x.from.ID + "\n" + strconv.FormatInt(x.from.Modified.UnixNano(), 10) + "\n" + o.key
	return o.typ + "--" + uuid5(derivedNamespace, []byte(name))
}

// references finds who refers to whom.
func (x *extraction) references() error {
	for i := range x.all {
		o := &x.all[i]
		if o.why != "" {
			continue
		}
		var contributing bool
		w := walk{hash: func(string, string, []string) {}, reference: func(key string, _ []string) string {
			x.refs++
			if j, ok := x.keys[key]; ok && x.refs <= maxReferences {
				o.names = append(o.names, j)
				if contributing {
					o.needs = append(o.needs, j)
				}
			}
			return ""
		}}
		for j := range o.pieces {
			p := &o.pieces[j]
			contributing = o.contributes(p)
			w.value(p.key(), p.value)
		}
		x.changes += len(o.changes)
		switch {
		case o.crowded || w.crowded:
			return errCrowded("a part of " + printable(o.pointer))
		case x.changes > maxChanges:
			return errChanges()
		case x.refs > maxReferences:
			return fmt.Errorf("%w: objects has more than %d references", ErrTooMany, maxReferences)
		}
	}
	return nil
}

func errChanges() error {
	return fmt.Errorf("%w: objects needs more than %d changes", ErrTooMany, maxChanges)
}

// identify gives each object its id, after those that it rests on.
func (x *extraction) identify() {
	waits := make([]int, len(x.all)) // for so many
	needed := make([][]int, len(x.all))
	var ready []int
	for i := range x.all {
		waits[i] = len(x.all[i].needs)
		for _, j := range x.all[i].needs {
			needed[j] = append(needed[j], i)
		}
		if waits[i] == 0 && x.all[i].why == "" {
			ready = append(ready, i)
		}
	}
	settle := func() {
		for ; len(ready) > 0; ready = ready[1:] {
			i := ready[0]
			if x.all[i].id == "" {
				x.name(i)
			}
			for _, j := range needed[i] {
				if waits[j]--; waits[j] == 0 && x.all[j].id == "" {
					ready = append(ready, j)
				}
			}
		}
	}
	settle()
	ready = x.circular(needed)
	for _, i := range ready {
		x.derive(i, "it would rest on itself")
	}
	settle()
}

// circular are those without an id that rest on themselves, or on one that does and are needed by another: those that remain when
// again and again the ones are taken away that nobody waits for.
func (x *extraction) circular(needed [][]int) (core []int) {
	wanted := make([]int, len(x.all))
	var free []int
	open := func(i int) bool { return x.all[i].id == "" && x.all[i].why == "" }
	for i := range x.all {
		if !open(i) {
			continue
		}
		for _, j := range needed[i] {
			if open(j) {
				wanted[i]++
			}
		}
		if wanted[i] == 0 {
			free = append(free, i)
		}
	}
	gone := make([]bool, len(x.all))
	for ; len(free) > 0; free = free[1:] {
		gone[free[0]] = true
		for _, j := range x.all[free[0]].needs {
			if wanted[j]--; wanted[j] == 0 && open(j) {
				free = append(free, j)
			}
		}
	}
	for i := range x.all {
		if open(i) && !gone[i] {
			core = append(core, i)
		}
	}
	return core
}

// name gives an object the id that follows from its content, if it can have that.
func (x *extraction) name(i int) {
	o := &x.all[i]
	o.resolve(true, x.idOf)
	id, err := DeterministicID(joined(o.pieces, 0))
	if err != nil {
		x.derive(i, "no property contributes to one")
		return
	}
	j, taken := x.first[id]
	switch {
	case !taken:
		o.id, x.first[id] = id, i
	case x.all[j].same(o):
		o.id, o.twin = id, j
	default:
		x.derive(i, "another object has the one that follows from its content")
	}
}

func (x *extraction) derive(i int, why string) {
	o := &x.all[i]
	o.id = x.derivedID(o)
	o.changed(ChangeDerivedID, "", "the id is derived from this place: "+why)
}

func (x *extraction) idOf(key string) string {
	if i, ok := x.keys[key]; ok {
		return x.all[i].id
	}
	return ""
}

// same reports whether two objects say the same, however they are written.
func (o *observable) same(p *observable) bool {
	if bytes.Equal(o.source, p.source) {
		return true
	}
	for _, q := range [...]*observable{o, p} {
		if q.normal == nil {
			v := jsontext.Value(slices.Clone(q.source))
			if v.Format(jsontext.ReorderRawObjects(true)) != nil {
				return false
			}
			q.normal = v
		}
	}
	return bytes.Equal(o.normal, p.normal)
}

// mark gives each object the markings that it had within the observed-data: those of all of it, and granular ones of objects, which hold
// also for what refers to the object.
func (x *extraction) mark() {
	for i := range x.all {
		x.all[i].marks = slices.Clip(x.from.ObjectMarkingRefs)
	}
	var refs []string
	seeds := map[string][]bool{}
	for _, g := range x.from.GranularMarkings {
		for _, s := range g.Selectors {
			if g.MarkingRef == "" || !within(s, "objects") {
				continue
			}
			if seeds[g.MarkingRef] == nil {
				seeds[g.MarkingRef] = make([]bool, len(x.all))
				refs = append(refs, g.MarkingRef)
			}
			x.seed(s, seeds[g.MarkingRef])
		}
	}
	if refs == nil {
		return
	}
	near := x.near()
	for _, ref := range refs {
		for _, i := range spread(seeds[ref], near) {
			x.all[i].marks = append(x.all[i].marks, ref)
		}
	}
}

// seed adds those that a selector names. One that is not understood names all.
func (x *extraction) seed(selector string, set []bool) {
	rest, ok := strings.CutPrefix(selector, "objects.")
	key, _, _ := strings.Cut(rest, ".")
	if i, found := x.keys[key]; ok && found && !x.dotted() {
		set[i] = true
		return
	}
	for i := range set {
		set[i] = true
	}
}

// dotted reports whether a key has a dot in it, so that selectors can be read in more than one way.
func (x *extraction) dotted() bool {
	if x.dots == nil {
		has := slices.ContainsFunc(x.all, func(o observable) bool { return strings.ContainsRune(o.key, '.') })
		x.dots = &has
	}
	return *x.dots
}

// near is, for each object, those that name it, and its equals.
func (x *extraction) near() [][]int {
	near := make([][]int, len(x.all))
	for i := range x.all {
		for _, j := range x.all[i].names {
			near[j] = append(near[j], i)
		}
		if j := x.all[i].twin; j >= 0 {
			near[i], near[j] = append(near[i], j), append(near[j], i)
		}
	}
	return near
}

// spread returns all that can be reached from a set, in order.
func spread(set []bool, near [][]int) (all []int) {
	var open []int
	for i, in := range set {
		if in {
			open = append(open, i)
		}
	}
	for ; len(open) > 0; open = open[1:] {
		for _, j := range near[open[0]] {
			if !set[j] {
				set[j] = true
				open = append(open, j)
			}
		}
	}
	for i, in := range set {
		if in {
			all = append(all, i)
		}
	}
	return all
}

// common is the list of an object's markings as JSON if they are those of the observed-data, nil otherwise.
func (x *extraction) common(o *observable) []byte {
	if len(o.marks) == 0 || len(o.marks) != len(x.from.ObjectMarkingRefs) {
		return nil
	}
	if x.marks == nil {
		x.marks = marked(make([]piece, 1), o.marks, 0)[1].value
	}
	return x.marks
}

// extract makes the objects.
func (u *upgrade) extract(x *extraction) error {
	if len(u.from.ObjectMarkingRefs) > 0 && len(x.keys) > 0 {
		u.changed(ChangeMarkingCopied, "/object_marking_refs", "the markings stand on what is extracted too")
	}
	for i, g := range u.from.GranularMarkings {
		if g.MarkingRef != "" && len(x.keys) > 0 && slices.ContainsFunc(g.Selectors, func(s string) bool { return within(s, "objects") }) {
			u.changed(ChangeMarkingWidened, "/granular_markings/"+strconv.Itoa(i), "the marking holds for whole extracted objects and for those that refer to them")
		}
	}
	size := 0
	for i := range x.all {
		o := &x.all[i]
		switch {
		case o.why != "":
			u.changed(ChangeNotExtracted, o.pointer, o.why)
			continue
		case o.twin >= 0:
			u.changed(ChangeExtracted, o.pointer, "it is "+o.id+" too")
			continue
		}
		u.changed(ChangeExtracted, o.pointer, "it is "+o.id)
		o.resolve(false, x.idOf)
		if u.changes = append(u.changes, o.changes...); len(u.changes) > maxChanges {
			return errChanges()
		}
		raw := o.whole(x.common(o))
		if size += len(raw); size > maxUpgraded {
			return fmt.Errorf("%w: what objects contains would take more than %d bytes", ErrTooLarge, maxUpgraded)
		}
		to, err := parseOwn(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", o.pointer, err)
		}
		u.extracted, u.places = append(u.extracted, to), append(u.places, o.pointer)
	}
	return nil
}

// objectRefs puts object_refs in the place of objects. What is left of objects gets a property of its own.
func (u *upgrade) objectRefs(x *extraction, i int, entries []piece) {
	var left, refs []piece
	seen := map[string]bool{}
	at := find(u.pieces, "object_refs")
	if at >= 0 && len(x.keys) > 0 {
		if u.pieces[at].value[0] == '[' {
			refs, _ = split(u.pieces[at].value)
			for j := range refs {
				s, _ := text(refs[j].value)
				seen[s] = true
			}
		} else {
			name := freeName(u.pieces, customPrefix+"object_refs")
			u.pieces[at].rename(name)
			u.changed(ChangeCustom, "/object_refs", "object_refs is "+name)
			at = -1
		}
	}
	for j := range x.all {
		switch o := &x.all[j]; {
		case o.why != "":
			left = append(left, entries[j])
		case !seen[o.id]:
			seen[o.id] = true
			refs = append(refs, piece{value: quoted(o.id)})
		}
	}
	if len(x.keys) == 0 {
		return // all of objects stays
	}
	u.changed(ChangeObjects, "/objects", "object_refs names what objects contained")
	u.objectsMoved = []string{"object_refs"}
	if at >= 0 {
		u.pieces[at].value = joined(refs, 0)
	} else {
		u.pieces[i].rename("object_refs")
		u.pieces[i].value = joined(refs, 0)
		at = i
	}
	name := freeName(u.pieces, customPrefix+"objects")
	switch {
	case len(left) > 0:
		u.objectsMoved = append(u.objectsMoved, name)
		u.changed(ChangeCustom, "/objects", "what is left of objects is "+name)
		if at == i {
			u.pieces = insert(u.pieces, i, name, joined(left, 0))
			return
		}
		u.pieces[i].rename(name)
		u.pieces[i].value = joined(left, 0)
	case at != i:
		u.pieces = drop(u.pieces, i)
	}
}
