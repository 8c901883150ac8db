package generate

import (
	"fmt"
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// Mutation is a way to break one rule of the table in an object that is valid otherwise.
type Mutation struct {
	// Name says what is broken where and how, such as "indicator.valid_from/kind/null". It is unique.
	Name string
	// Type is the type of the whole object, "" for one that the table does not have.
	Type string
	// Code is the finding that must follow.
	Code spec.Code
	// Implied are the codes that may come along, because the table says so or because a check looks at the same property. A Case says which
	// of them must.
	Implied []spec.Code

	site *site
	edit edit
}

// Case is an object before and after a mutation.
type Case struct {
	// Valid has only findings of the codes in Before: mostly none, spec.CodeDeprecated where the mutation is about a deprecated property,
	// and spec.CodeCustomType for a custom type.
	Valid  []byte
	Before []spec.Code
	// Broken has findings of the mutation's Code and of all codes in Implied, and no others.
	Broken  []byte
	Implied []spec.Code
	// Pointer is the place of the change: the value that was altered or added, or the object that lacks something. A finding about several
	// properties may point at the object around it, or at another of them.
	Pointer string
}

// Mutations lists every way to break the objects of a table, in the order of the table.
func Mutations(t *spec.Table) []*Mutation {
	g := New(0, t)
	var list []*Mutation
	custom := &site{name: "(custom)", root: spec.UnknownDomain, s: spec.UnknownDomain}
	for _, e := range customEdits() {
		list = append(list, newMutation(custom, e))
	}
	for _, s := range g.sites() {
		for _, e := range g.edits(s) {
			list = append(list, newMutation(s, e))
		}
	}
	return list
}

func newMutation(s *site, e edit) *Mutation {
	may := slices.Clone(e.may)
	if e.rule != nil {
		may = append(may, e.rule.Implied...)
	}
	return &Mutation{Name: s.name + "/" + e.name, Type: s.root.Name, Code: e.code, Implied: implied(e.code, may), site: s, edit: e}
}

// edit is what a mutation does to the object at its site.
type edit struct {
	name string
	code spec.Code
	// may are the codes that do may put into place.also.
	may []spec.Code
	// rule is the one of the struct that is broken, if it is one.
	rule *spec.Rule
	// ask is what the object must be before, do breaks it: false if this object cannot be broken so.
	ask ask
	do  func(*place) bool
	// bytes breaks what no tree can show.
	bytes func([]byte) []byte
}

// place is where a mutation is at work.
type place struct {
	g    *Generator
	site *site
	root *object
	o    *object // the object that is broken, of site.s
	// at is the pointer to o, pointer that to the change.
	at, pointer string
	// also are codes that come along. keepID: the change is about the id.
	also   []spec.Code
	keepID bool
}

// tries bounds the objects that are made to find one in which nothing but the mutation's rule breaks.
const tries = 40

// Apply makes an object and breaks it. An error means that none was found that the mutation applies to.
func (m *Mutation) Apply(g *Generator) (Case, error) {
	options := g.Options
	defer func() { g.Options = options }()
	g.Options.Deprecated, g.Options.Custom = false, false
	var best *Case
	for i := range tries {
		c := m.attempt(g)
		if c != nil && (best == nil || len(c.Implied) < len(best.Implied)) {
			best = c
		}
		if best != nil && (len(best.Implied) == 0 || i >= enough && m.expects(best)) {
			break
		}
	}
	if best == nil {
		return Case{}, fmt.Errorf("%s: no object found that it applies to", m.Name)
	}
	return *best, nil
}

// enough is the number of tries after which it is settled that another code always comes along.
const enough = 3

// expects reports whether all that is implied may be.
func (m *Mutation) expects(c *Case) bool {
	return !slices.ContainsFunc(c.Implied, func(code spec.Code) bool { return !slices.Contains(m.Implied, code) })
}

// Break is the broken object of Apply. It panics where that has an error, which no mutation of the table has.
func (m *Mutation) Break(g *Generator) []byte {
	c, err := m.Apply(g)
	if err != nil {
		panic("generate: " + err.Error())
	}
	return c.Broken
}

// attempt makes one object and breaks it, nil if that fails.
func (m *Mutation) attempt(g *Generator) *Case {
	root := g.build(m.site.root, m.site.ask(m.edit.ask), 0)
	p := m.site.find(g, root)
	if p == nil {
		return nil
	}
	c := &Case{Before: p.deprecated()}
	if m.site.root.Class == spec.Custom {
		c.Before = []spec.Code{spec.CodeCustomType}
	}
	valid := clone(root)
	p.pointer = p.at
	if !m.edit.do(p) {
		return nil
	}
	broken := false
	for _, r := range p.violated() {
		if r == m.edit.rule {
			broken = true
		} else {
			p.also = append(p.also, ruleCode[r.Op])
		}
	}
	if m.edit.rule != nil && m.edit.rule.Op != spec.Call && !broken {
		return nil
	}
	if !p.keepID && root.has("id") && contributes(m.site.root) {
		g.assignID(m.site.root, root)
	}
	c.Implied = implied(m.Code, append(p.also, p.deprecated()...))
	c.Pointer = p.pointer
	c.Valid, c.Broken = g.render(valid, g.Options.Plain), g.render(root, g.Options.Plain)
	if m.edit.bytes != nil {
		c.Broken = m.edit.bytes(c.Broken)
	}
	return c
}

func implied(code spec.Code, also []spec.Code) []spec.Code {
	slices.Sort(also)
	return slices.DeleteFunc(slices.Compact(also), func(c spec.Code) bool { return c == code })
}

var ruleCode = map[spec.Op]spec.Code{
	spec.AtLeastOne: spec.CodeAtLeastOne, spec.ExactlyOne: spec.CodeExactlyOne, spec.AtMostOne: spec.CodeAtMostOne,
	spec.Requires: spec.CodeRequires, spec.Forbids: spec.CodeForbids, spec.NotBefore: spec.CodeNotBefore, spec.After: spec.CodeAfter,
}

// violated are the rules, but for those that are checks, that the object breaks.
func (p *place) violated() []*spec.Rule {
	var list []*spec.Rule
	for i := range p.site.s.Rules {
		r := &p.site.s.Rules[i]
		if w := r.When; w != nil && word(p.o.get(w.Prop)) != w.Value {
			continue
		}
		if presence(r, p.o.has) || disordered(r, p.o.get) {
			list = append(list, r)
		}
	}
	return list
}

// deprecated is the code for it if the object, or the way to it, is deprecated.
func (p *place) deprecated() []spec.Code {
	for _, m := range p.o.members {
		if q := p.site.property(m.name); q != nil && q.Deprecated {
			return []spec.Code{spec.CodeDeprecated}
		}
	}
	return nil
}

// fresh is a valid value of a property, nil if there is none.
func (p *place) fresh(q *spec.Property) any {
	if q.Kind == spec.Extensions {
		return nil
	}
	p.g.paths = selectors(p.o)
	defer func() { p.g.paths = nil }()
	return p.g.value(q, nil, 1)
}

// set puts a value at a property and points there.
func (p *place) set(name string, v any) {
	p.o.set(name, v)
	p.pointer = pointer(p.at, name)
}
