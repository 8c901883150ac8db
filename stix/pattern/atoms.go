package pattern

import (
	"math"
	"net/netip"
	"strconv"
)

// Atom is a look-up: it hits an observation that has a certain value at a path, or an address in a network.
type Atom struct {
	Path *Path
	// Key is what [Value.Key] makes of such a value; "" if the atom is a network.
	Key     string
	Network netip.Prefix
}

// Atoms returns look-ups of which at least one hits one of the observations, whenever the pattern matches. So many patterns can be put into an
// index by (type, path, key), and be evaluated only on a hit. Where there is a choice, it is the fewest.
//
// It is false if the pattern has none, because it may match by something else: those patterns have to be evaluated always. A pattern that
// never matches has no atoms, and it is true.
func (m *Matcher) Atoms() (list []Atom, ok bool) {
	a := atoms{certain: true}
	for _, p := range m.alternatives {
		a = a.or(m.atoms(p))
	}
	return a.list, a.certain
}

// atoms are look-ups of which one is certain to hit; if certain is false they are none.
type atoms struct {
	list    []Atom
	certain bool
}

// or joins them. The list of a is used for the result.
func (a atoms) or(b atoms) atoms {
	if !a.certain || !b.certain {
		return atoms{}
	}
	return atoms{append(a.list, b.list...), true}
}

// and is the better one: what both need, one of them needs.
func (a atoms) and(b atoms) atoms {
	if !a.certain || b.certain && (len(b.list) < len(a.list) || len(b.list) == len(a.list) && b.networks() < a.networks()) {
		return b
	}
	return a
}

func (a atoms) networks() (n int) {
	for i := range a.list {
		if a.list[i].Key == "" {
			n++
		}
	}
	return n
}

func (m *Matcher) atoms(p *plan) (a atoms) {
	switch p.kind {
	case planUnit:
		a.certain = true
		for _, b := range m.units[p.unit].brackets {
			a = a.or(m.brackets[b].condition.atoms())
		}
	case planChoice:
		a.certain = true
		for _, kid := range p.kids {
			a = a.or(m.atoms(kid))
		}
	default:
		for _, kid := range p.kids {
			a = a.and(m.atoms(kid))
		}
	}
	return a
}

func (c *condition) atoms() (a atoms) {
	switch c.op {
	case And:
		for _, o := range c.operands {
			a = a.and(o.atoms())
		}
	case Or:
		a.certain = true
		for _, o := range c.operands {
			a = a.or(o.atoms())
		}
	default:
		return c.test.atoms()
	}
	return a
}

func (t *test) atoms() atoms {
	if t.exists || t.negated != (t.op == NotEqual) {
		return atoms{}
	}
	switch t.op {
	case Equal, NotEqual, In:
	case IsSubset:
		if t.broken {
			return atoms{certain: true}
		}
		return atoms{[]Atom{{Path: t.path, Network: t.network.Masked()}}, true}
	default:
		return atoms{}
	}
	a := atoms{certain: true}
	for i := range t.operands {
		keys, ok := t.place.keys(&t.operands[i])
		if !ok {
			return atoms{}
		}
		for _, key := range keys {
			a.list = append(a.list, Atom{Path: t.path, Key: key})
		}
	}
	return a
}

// Key is the Key of the atoms that the value hits if a path leads to it, "" for a value that hits none. It tells nothing to people.
func (v Value) Key(p *Path) string {
	switch v.Kind {
	case String, Timestamp:
		return "s" + placeOf(p).text(v.Text)
	case Integer:
		return numberKey(float64(v.Int))
	case Float:
		return numberKey(v.Float)
	case Boolean:
		return "b" + strconv.FormatBool(v.Int != 0)
	case Hex, Binary:
		return "o" + v.Text
	}
	return ""
}

// numberKey is the same for numbers that are equal. Others may share it: a hit is not yet a match.
func numberKey(f float64) string {
	if f == 0 {
		f = 0 // no sign
	}
	return "n" + strconv.FormatUint(math.Float64bits(f), 36)
}

// keys are those of all values that are equal to a constant, false if they cannot be told.
func (p place) keys(o *operand) (list []string, ok bool) {
	switch {
	case o.broken:
		return nil, true
	case o.kind == Integer:
		return []string{numberKey(float64(o.int))}, true
	case o.kind == Float:
		return []string{numberKey(o.float)}, true
	case o.kind == Boolean:
		return []string{"b" + strconv.FormatBool(o.int != 0)}, true
	case o.kind == String:
		list = []string{"s" + o.text}
		if octets, ok := octetsOf(o.raw); ok && p.isOctets() {
			list = append(list, "o"+octets)
		}
		if o.coded && p.isOctets() {
			list = append(list, "o"+o.octets)
		}
		return list, true
	}
	return nil, false
}

// octetsOf are the octets that stand for the characters U+0000 to U+00FF, false if there are others.
func octetsOf(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return "", false
		}
		b = append(b, byte(r))
	}
	return string(b), true
}

// Hits reports whether the atom hits a value at its path.
func (a *Atom) Hits(v Value) bool {
	if a.Key != "" {
		return v.Key(a.Path) == a.Key
	}
	p, ok := address(v.Text)
	return v.Kind == String && ok && a.Network.Overlaps(p)
}
