package generate

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

const maxInteger = 1<<53 - 1

// value makes a value of a property. a is asked of the object in it, of the first if there are several.
func (g *Generator) value(p *spec.Property, a *ask, depth int) any {
	if !p.List {
		return g.single(p, a, depth)
	}
	n := 1 + g.n(max(g.Options.MaxList, 1))
	var l list
	seen := map[string]bool{}
	for i := range n {
		if i > 0 {
			a = nil
		}
		v := g.single(p, a, depth)
		if w := word(v); w != "" && seen[w] {
			continue
		} else if w != "" {
			seen[w] = true
		}
		l = append(l, v)
	}
	return l
}

func (g *Generator) single(p *spec.Property, a *ask, depth int) any {
	switch p.Kind {
	case spec.Any:
		if p.Format == spec.IntegerOrString {
			if g.chance(0.5) {
				return g.integer(nil)
			}
			return g.text()
		}
		return g.any(depth)
	case spec.Boolean:
		if p.Fixed != "" {
			return raw(p.Fixed)
		}
		return raw(strconv.FormatBool(g.chance(0.5)))
	case spec.Integer:
		return g.integer(p.Range)
	case spec.Float:
		return g.float(p.Range)
	case spec.Timestamp:
		return g.timestamp(p)
	case spec.Identifier:
		return g.reference(pick(g, g.referable(p.Refs)))
	case spec.Hex:
		return g.hex(2 + 2*g.n(20))
	case spec.Binary:
		return base64.StdEncoding.EncodeToString([]byte(g.text()))
	case spec.Hashes:
		return g.hashes()
	case spec.Dictionary:
		return g.dictionary(p, a, depth)
	case spec.Nested:
		return g.build(p.Struct, a, depth+1)
	case spec.Objects:
		return g.contained(depth)
	case spec.Contained:
		return g.build(pick(g, g.standalone()), nil, depth+1)
	}
	return g.string(p)
}

func (g *Generator) string(p *spec.Property) string {
	switch {
	case p.Fixed != "":
		return p.Fixed
	case p.Vocab != nil:
		return pick(g, p.Vocab.Values)
	case p.Format != spec.NoFormat:
		return g.format(p.Format)
	}
	return g.text()
}

func (g *Generator) integer(r *spec.Range) any {
	low, high := -1000.0, 1000.0
	if g.chance(0.1) {
		low, high = -maxInteger, maxInteger
	}
	low, high = limit(r, low, high)
	n := int64(low) + g.rng.Int64N(int64(high)-int64(low)+1)
	if g.chance(0.05) {
		n = int64(low)
	}
	return raw(strconv.FormatInt(n, 10))
}

// limit narrows or moves an interval so that it lies in a range.
func limit(r *spec.Range, low, high float64) (float64, float64) {
	if r == nil {
		return low, high
	}
	low, high = max(low, r.Min), min(high, r.Max)
	if low > high { // they do not meet
		if low == r.Min {
			return low, min(r.Max, low+1000)
		}
		return max(r.Min, high-1000), high
	}
	return low, high
}

func (g *Generator) float(r *spec.Range) any {
	low, high := limit(r, -1e6, 1e6)
	f := low + g.rng.Float64()*(high-low)
	switch g.n(4) {
	case 0:
		f = math.Floor(f)
		if f < low {
			f = low
		}
	case 1:
		return raw(strconv.FormatFloat(f, 'e', -1, 64))
	}
	return raw(strconv.FormatFloat(f, 'f', -1, 64))
}

// any is a JSON value of any kind but null, no list or object of it empty.
func (g *Generator) any(depth int) any {
	n := 7
	if depth >= g.Options.Depth {
		n = 4
	}
	switch g.n(n) {
	case 0:
		return g.integer(nil)
	case 1:
		return g.float(nil)
	case 2:
		return raw(strconv.FormatBool(g.chance(0.5)))
	case 4:
		return list{g.any(depth + 1)}
	case 5:
		o := &object{}
		o.add(g.key(), g.any(depth+1))
		return o
	}
	return g.text()
}

// hashLength is the number of hexadecimal digits of the algorithms of hash-algorithm-ov.
var hashLength = map[string]int{"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-512": 128, "SHA3-256": 64, "SHA3-512": 128, "TLSH": 70}

func (g *Generator) hashes() *object {
	o := &object{}
	for range 1 + g.n(max(g.Options.MaxList, 1)) {
		algorithm := pick(g, spec.HashAlgorithm.Values)
		o.set(algorithm, g.hash(algorithm))
	}
	return o
}

func (g *Generator) hash(algorithm string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	if n := hashLength[algorithm]; n > 0 {
		return g.hex(n)
	}
	return fmt.Sprintf("%d:%s:%s", 3<<g.n(10), g.from(digits, 1+g.n(64)), g.from(digits, 1+g.n(32)))
}

func (g *Generator) dictionary(p *spec.Property, a *ask, depth int) *object {
	o := &object{}
	value := p.Value
	if value == nil {
		value = &spec.Property{Kind: spec.Any}
	}
	for i := range 1 + g.n(max(g.Options.MaxList, 1)) {
		if i > 0 {
			a = nil
		}
		key := g.format(keyFormat(p))
		if !o.has(key) {
			o.add(key, g.value(value, a, depth+1))
		}
	}
	return o
}

// keyFormat is the syntax of a dictionary's keys.
func keyFormat(p *spec.Property) spec.Format {
	if p.Keys == spec.NoFormat {
		return spec.DictionaryKey
	}
	return p.Keys
}

// contained is the deprecated dictionary of cyber-observables.
func (g *Generator) contained(depth int) *object {
	o := &object{}
	var types []*spec.Struct
	for _, s := range g.standalone() {
		if s.Class == spec.Observable {
			types = append(types, s)
		}
	}
	for i := range 1 + g.n(max(g.Options.MaxList, 1)) {
		o.add(strconv.Itoa(i), g.build(pick(g, types), &ask{without: []string{"object_marking_refs", "granular_markings"}}, depth+1))
	}
	return o
}

// standalone are the types that a bundle or the like may hold.
func (g *Generator) standalone() []*spec.Struct {
	var list []*spec.Struct
	for _, s := range g.table.Objects() {
		if s.Class != spec.Container {
			list = append(list, s)
		}
	}
	return list
}
