package pattern

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"math"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// operand is a constant, ready to be compared.
type operand struct {
	kind   Kind
	text   string // of String: in NFC, a hash in lower case; of Hex and Binary: octets
	raw    string // of String: as it was written
	octets string // of String: what it encodes, if the path leads to octets
	coded  bool   // it does encode them
	int    int64
	float  float64
	at     instant // of Timestamp
	broken bool    // a day that does not exist, or no number: nothing can be compared with it
}

// operandOf prepares a constant for values at a path.
func operandOf(c *Constant, p place) operand {
	o := operand{kind: c.Kind, raw: c.Text, text: c.Text, int: c.Int, float: c.Float}
	switch c.Kind {
	case String:
		o.text = p.text(c.Text)
		o.octets, o.coded = p.octets(c.Text)
	case Hex:
		o.kind = Binary
	case Timestamp:
		t, ok := c.Time()
		o.at, o.broken = instantOf(t), !ok
	case Float:
		o.broken = math.IsNaN(c.Float)
	}
	return o
}

// place is where a path ends: what its strings stand for.
type place uint8

const (
	anyPlace place = iota
	hexPlace       // …_hex
	binPlace       // …_bin
	hashPlace
)

func (p place) isOctets() bool { return p == hexPlace || p == binPlace }

// placeOf looks at the keys of a path (sections 3.1, 2.7): octets are told by the name, hashes by the dictionary.
func placeOf(p *Path) place {
	var key, before string
	for i := range p.Steps {
		if p.Steps[i].Kind == Key {
			before, key = key, p.Steps[i].Key
		}
	}
	last := p.Steps[len(p.Steps)-1].Kind == Key
	if octets := octetPlace(key); octets != anyPlace {
		return octets
	}
	if last && (before == "hashes" || strings.HasSuffix(before, "_hashes")) && !strings.EqualFold(key, "ssdeep") {
		return hashPlace
	}
	return anyPlace
}

// text is a string as it is compared (section 9.6.2).
func (p place) text(s string) string {
	s = nfc(s)
	if p == hashPlace {
		s = strings.ToLower(s)
	}
	return s
}

// octets are those that a string stands for, false if it stands for none (section 9.6.3).
func (p place) octets(s string) (string, bool) {
	switch p {
	case hexPlace, hashPlace:
		b, err := hex.DecodeString(s)
		return string(b), err == nil
	case binPlace:
		if n, ok := base64End(s); !ok || n != len(s) {
			return "", false
		}
		b, err := base64.StdEncoding.DecodeString(s)
		return string(b), err == nil
	}
	return "", false
}

func nfc(s string) string {
	if isASCII(s) || norm.NFC.IsNormalString(s) {
		return s
	}
	return norm.NFC.String(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// characters are octets as the characters U+0000 to U+00FF.
func characters(octets string) string {
	if isASCII(octets) {
		return octets
	}
	var b strings.Builder
	b.Grow(len(octets) + len(octets)/2)
	for i := range len(octets) {
		b.WriteRune(rune(octets[i]))
	}
	return b.String()
}

// unordered is the order of values of which neither is less: they are only equal or not.
const unordered = 2

// compare is the order of a value to a constant: -1, 0, 1 or unordered; false if they cannot be compared. If only equality is asked for,
// octets are also equal to the string that encodes them (section 9.6.4).
func (p place) compare(v *Value, o *operand, equality bool) (order int, ok bool) {
	if o.broken {
		return 0, false
	}
	switch v.Kind {
	case Integer, Float:
		return compareNumbers(v, o)
	case Boolean:
		if o.kind != Boolean {
			return 0, false
		}
		if (v.Int != 0) == (o.int != 0) {
			return 0, true
		}
		return unordered, true
	case Hex, Binary:
		if p.isOctets() {
			return compareOctets(v.Text, o, equality)
		}
	case String, Timestamp:
		return p.compareText(v.Text, o)
	}
	return 0, false
}

func compareNumbers(v *Value, o *operand) (order int, ok bool) {
	if v.Kind == Float && math.IsNaN(v.Float) {
		return 0, false
	}
	switch {
	case o.kind == Integer && v.Kind == Integer:
		return cmp.Compare(v.Int, o.int), true
	case o.kind == Integer:
		return -compareMixed(o.int, v.Float), true
	case o.kind == Float && v.Kind == Integer:
		return compareMixed(v.Int, o.float), true
	case o.kind == Float:
		return cmp.Compare(v.Float, o.float), true
	}
	return 0, false
}

// compareMixed compares without rounding.
func compareMixed(n int64, f float64) int {
	switch {
	case f >= 1<<63:
		return -1
	case f < -1<<63:
		return 1
	}
	whole, part := math.Modf(f)
	if order := cmp.Compare(n, int64(whole)); order != 0 {
		return order
	}
	return cmp.Compare(0, part)
}

func compareOctets(octets string, o *operand, equality bool) (order int, ok bool) {
	switch o.kind {
	case Binary:
		return strings.Compare(octets, o.text), true
	case String:
		if equality && o.coded && octets == o.octets {
			return 0, true
		}
		return strings.Compare(characters(octets), o.raw), true
	}
	return 0, false
}

func (p place) compareText(s string, o *operand) (order int, ok bool) {
	switch o.kind {
	case String:
		if p == hashPlace {
			return compareFold(s, o.text), true
		}
		return strings.Compare(nfc(s), o.text), true
	case Binary:
		if p == hashPlace {
			octets, ok := p.octets(s)
			return strings.Compare(octets, o.text), ok
		}
		return strings.Compare(s, o.text), true
	case Timestamp:
		c := Constant{Kind: Timestamp, Text: s}
		t, ok := c.Time()
		return instantOf(t).compare(o.at), ok
	}
	return 0, false
}

// compareFold compares the text of a hash with one that is already such. It makes no copy of what is ASCII.
func compareFold(s, text string) int {
	if !isASCII(s) {
		return strings.Compare(hashPlace.text(s), text)
	}
	for i := range min(len(s), len(text)) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != text[i] {
			return cmp.Compare(c, text[i])
		}
	}
	return cmp.Compare(len(s), len(text))
}
