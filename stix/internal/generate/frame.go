package generate

import (
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// frame is an object in the making: which properties it has, and those values that are decided.
type frame struct {
	g     *Generator
	s     *spec.Struct
	ask   *ask
	depth int
	// Sets of positions in s.Properties: those chosen, those that cannot go, those that cannot come.
	in, must, barred uint64
	values           []any
	// extra are the properties that an extension puts beside those of the type.
	extra []member
	// whole is the object, if a check gives all of it.
	whole *object
}

func (f *frame) bit(name string) uint64 {
	if i := f.s.Find([]byte(name)); i >= 0 {
		return 1 << i
	}
	return 0
}

func (f *frame) has(name string) bool { return f.in&f.bit(name) != 0 }

// require and forbid are for checks, before properties are chosen.
func (f *frame) require(names ...string) {
	for _, name := range names {
		f.must |= f.bit(name)
	}
}

func (f *frame) forbid(names ...string) {
	for _, name := range names {
		if b := f.bit(name); f.must&b == 0 {
			f.barred |= b
		}
	}
}

// asked reports whether the property is among those that must be there.
func (f *frame) asked(name string) bool { return f.must&f.bit(name) != 0 }

func (f *frame) get(name string) any {
	if i := f.s.Find([]byte(name)); i >= 0 {
		return f.values[i]
	}
	return nil
}

// put decides a value, unless it was given. The property is there from then on.
func (f *frame) put(name string, v any) {
	i := f.s.Find([]byte(name))
	if i < 0 || f.ask.set[name] != nil {
		return
	}
	f.values[i] = v
	f.in |= 1 << i
}

// start settles what must and what cannot be there.
func (f *frame) start() {
	for i := range f.s.Properties {
		p := &f.s.Properties[i]
		if p.Required || f.s.Definition != "" && p.Kind == spec.Extensions {
			f.must |= 1 << i
		}
	}
	f.require(f.ask.have...)
	f.require(f.ask.at)
	for name, v := range f.ask.set {
		f.require(name)
		if i := f.s.Find([]byte(name)); i >= 0 {
			f.values[i] = v
		}
	}
	for i := range f.s.Properties {
		if f.must&(1<<i) == 0 && !f.possible(&f.s.Properties[i]) {
			f.barred |= 1 << i
		}
	}
	f.forbid(f.ask.without...)
	for _, r := range f.s.Rules {
		if c := counterparts[r.Check]; r.Op == spec.Call && c.prepare != nil {
			c.prepare(f)
		}
	}
}

func (f *frame) possible(p *spec.Property) bool {
	switch {
	case p.Deprecated || p.Kind == spec.Objects:
		return f.g.Options.Deprecated
	case p.Kind == spec.Extensions:
		return len(f.g.suitable(f.s)) > 0
	}
	return true
}

// choose decides which properties there are, so that the rules about presence hold.
func (f *frame) choose() {
	f.in = f.must
	fill := f.g.Options.Fill
	for i := range f.s.Properties {
		deep := f.depth >= f.g.Options.Depth && f.s.Properties[i].Kind == spec.Nested
		if f.barred&(1<<i) == 0 && !deep && f.g.chance(fill) {
			f.in |= 1 << i
		}
	}
	for range 100 {
		r := f.violated()
		if r == nil {
			break
		}
		f.mend(r)
	}
	if f.in == 0 {
		var names []string
		for i := range f.s.Properties {
			names = append(names, f.s.Properties[i].Name)
		}
		f.addOne(names)
	}
}

func (f *frame) violated() *spec.Rule {
	for i := range f.s.Rules {
		if r := &f.s.Rules[i]; presence(r, f.has) && f.when(r.When) {
			return r
		}
	}
	return nil
}

// presence reports whether a rule about presence is broken, whatever its condition.
func presence(r *spec.Rule, has func(string) bool) bool {
	n := 0
	for _, name := range r.Props {
		if has(name) {
			n++
		}
	}
	switch r.Op {
	case spec.AtLeastOne:
		return n == 0
	case spec.ExactlyOne:
		return n != 1
	case spec.AtMostOne:
		return n > 1
	case spec.Requires:
		return has(r.Props[0]) && n < len(r.Props)
	case spec.Forbids:
		return has(r.Props[0]) && n > 1
	}
	return false
}

// when reports whether a condition holds. It decides the value that the condition asks for, if that is open.
func (f *frame) when(w *spec.When) bool {
	if w == nil {
		return true
	}
	i := f.s.Find([]byte(w.Prop))
	if f.in&(1<<i) == 0 {
		return false
	}
	if f.values[i] == nil {
		p := &f.s.Properties[i]
		if f.values[i] = f.g.value(p, nil, f.depth); p.Fixed == "" && f.g.chance(0.5) {
			f.values[i] = literal(p, w.Value)
		}
	}
	return word(f.values[i]) == w.Value
}

// literal is a value that the table names.
func literal(p *spec.Property, value string) any {
	if p.Kind == spec.String {
		return value
	}
	return raw(value)
}

// mend changes what is chosen so that a rule holds, as far as it goes.
func (f *frame) mend(r *spec.Rule) {
	p, rest := r.Props[0], r.Props[1:]
	ok := false
	switch r.Op {
	case spec.AtLeastOne:
		ok = f.addOne(r.Props)
	case spec.ExactlyOne, spec.AtMostOne:
		if slices.ContainsFunc(r.Props, f.has) {
			ok = f.keepOne(r.Props)
		} else {
			ok = f.addOne(r.Props)
		}
	case spec.Requires:
		ok = f.addAll(rest) || f.drop(p)
	case spec.Forbids:
		ok = f.g.chance(0.5) && f.drop(p) || f.drop(rest...) || f.drop(p)
	}
	if !ok && r.When != nil {
		f.flip(r.When)
	}
}

func (f *frame) addOne(names []string) bool {
	var free []string
	for _, name := range names {
		if f.barred&f.bit(name) == 0 {
			free = append(free, name)
		}
	}
	return len(free) > 0 && f.addAll([]string{pick(f.g, free)})
}

func (f *frame) addAll(names []string) bool {
	var all uint64
	for _, name := range names {
		all |= f.bit(name)
	}
	if f.barred&all != 0 {
		return false
	}
	f.in |= all
	return true
}

// keepOne drops all but one of those that are there; one that must stay is kept.
func (f *frame) keepOne(names []string) bool {
	var there []string
	for _, name := range names {
		if f.has(name) {
			there = append(there, name)
		}
	}
	keep := pick(f.g, there)
	if i := slices.IndexFunc(there, f.asked); i >= 0 {
		keep = there[i]
	}
	return f.drop(slices.DeleteFunc(there, func(name string) bool { return name == keep })...)
}

// drop takes properties out. Nothing changes if one of them must stay.
func (f *frame) drop(names ...string) bool {
	var all uint64
	for _, name := range names {
		all |= f.bit(name)
	}
	if f.must&all != 0 {
		return false
	}
	f.in &^= all
	return true
}

// flip makes a condition not hold.
func (f *frame) flip(w *spec.When) {
	if f.ask.set[w.Prop] != nil || f.drop(w.Prop) {
		return
	}
	i := f.s.Find([]byte(w.Prop))
	p := &f.s.Properties[i]
	if p.Kind == spec.Boolean {
		f.values[i] = raw(map[bool]string{true: "false", false: "true"}[w.Value == "true"])
		return
	}
	f.values[i] = f.g.value(p, nil, f.depth)
}

// fill makes the values that are not decided, but for those that depend on all others.
func (f *frame) fill() {
	for i := range f.s.Properties {
		p := &f.s.Properties[i]
		if f.in&(1<<i) == 0 {
			f.values[i] = nil
			continue
		}
		if f.values[i] != nil || selecting(p) {
			continue
		}
		switch {
		case p.Kind == spec.Extensions:
			f.extend(i)
		case p.ID == idType && f.root():
			f.values[i] = f.g.typeName(f.s)
		default:
			f.values[i] = f.g.value(p, f.ask.of(p.Name), f.depth)
		}
	}
}

// The numbers of the common properties that everything hangs on.
const (
	idType        = 1
	idSpecVersion = 2
	idID          = 3
)
