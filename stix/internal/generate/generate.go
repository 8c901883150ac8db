package generate

import (
	"math/rand/v2"
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// Options say what objects look like.
type Options struct {
	// Fill is the probability of a property that is not required.
	Fill float64
	// Deprecated allows deprecated properties: the objects then have findings of spec.CodeDeprecated.
	Deprecated bool
	// Custom adds properties of no standard at times: the objects then have findings of spec.CodeCustomProperty.
	Custom bool
	// MaxList bounds the items of a list and the entries of a dictionary.
	MaxList int
	// Depth is how deep objects nest unless a rule wants more.
	Depth int
	// Plain leaves out white space and escapes that JSON does not need.
	Plain bool
}

// Generator makes random objects.
type Generator struct {
	// Options may be changed between calls.
	Options Options

	table      *spec.Table
	extensions []*spec.Extension
	suited     map[*spec.Struct][]*spec.Extension
	rng        *rand.Rand
	// paths are the selectors of the object at hand.
	paths []string
}

// New returns a generator of the types of t. The same seed gives the same objects.
func New(seed uint64, t *spec.Table) *Generator {
	return &Generator{
		Options:    Options{Fill: 0.4, MaxList: 3, Depth: 3},
		table:      t,
		extensions: t.Extensions(),
		suited:     map[*spec.Struct][]*spec.Extension{},
		rng:        rand.New(rand.NewPCG(seed, 0x5354495832)),
	}
}

// Object returns a random valid object of type s as JSON. A type without a name is custom: it gets one.
func (g *Generator) Object(s *spec.Struct) []byte {
	return g.render(g.build(s, nil, 0), g.Options.Plain)
}

// Any returns a random valid object of any type of the table.
func (g *Generator) Any() []byte { return g.Object(pick(g, g.table.Objects())) }

func (g *Generator) n(n int) int { return g.rng.IntN(n) }

func (g *Generator) chance(p float64) bool { return g.rng.Float64() < p }

func pick[T any](g *Generator, from []T) T { return from[g.n(len(from))] }

// ask says what an object must be besides valid.
type ask struct {
	// have must be there, without must not.
	have, without []string
	// set are values that are given.
	set map[string]any
	// at is a property, key the extension within it, of which inner asks.
	at, key string
	inner   *ask
	// ordinary: none of those objects that are published as a whole.
	ordinary bool
}

// of is what is asked of the object in this property, nil if nothing is.
func (a *ask) of(property string) *ask {
	if a == nil || a.at != property {
		return nil
	}
	return a.inner
}

// build makes an object of type s.
func (g *Generator) build(s *spec.Struct, a *ask, depth int) *object {
	if a == nil {
		a = &ask{}
	}
	f := &frame{g: g, s: s, ask: a, depth: depth, values: make([]any, len(s.Properties))}
	f.start()
	if f.whole != nil {
		return f.whole
	}
	f.choose()
	f.fill()
	f.order()
	for _, r := range s.Rules {
		if c := counterparts[r.Check]; r.Op == spec.Call && c.finish != nil {
			c.finish(f)
		}
	}
	return f.object()
}

// object puts the parts of a frame together.
func (f *frame) object() *object {
	g, o := f.g, &object{}
	for i := range f.s.Properties {
		if f.values[i] != nil {
			o.add(f.s.Properties[i].Name, f.values[i])
		}
	}
	o.members = append(o.members, f.extra...)
	if g.Options.Custom && f.root() && g.chance(0.5) {
		o.add("x_"+g.key(), g.text())
	}
	f.late(o)
	if g.chance(0.3) {
		g.rng.Shuffle(len(o.members), func(i, j int) { o.members[i], o.members[j] = o.members[j], o.members[i] })
	}
	if f.root() {
		g.assignID(f.s, o)
	}
	return o
}

// root reports whether the object has an id.
func (f *frame) root() bool { return f.s.Class != spec.Part && f.s.Property("id") != nil }

// late makes what depends on all else: the parts that hold selectors.
func (f *frame) late(o *object) {
	for i := range f.s.Properties {
		p := &f.s.Properties[i]
		if f.in&(1<<i) == 0 || !selecting(p) {
			continue
		}
		outer := f.g.paths
		f.g.paths = selectors(o)
		o.add(p.Name, f.g.value(p, f.ask.of(p.Name), f.depth))
		f.g.paths = outer
	}
}

// selecting reports whether the objects of a property hold selectors.
func selecting(p *spec.Property) bool {
	return p.Kind == spec.Nested && slices.ContainsFunc(p.Struct.Properties, func(q spec.Property) bool { return q.Format == spec.Selector })
}
