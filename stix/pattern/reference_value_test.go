package pattern_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/wagasa/wagasa/stix/pattern"
)

// satisfies reports whether an object satisfies a comparison expression.
func satisfies(c pattern.ComparisonExpr, object map[string]any, scope map[string]map[string]any) bool {
	switch c := c.(type) {
	case *pattern.ComparisonOp:
		for _, o := range c.Operands {
			if satisfies(o, object, scope) == (c.Op == pattern.Or) {
				return c.Op == pattern.Or
			}
		}
		return c.Op == pattern.And
	case *pattern.Exists:
		return object["type"] == c.Path.Type && (len(valuesAt(&c.Path, object, scope)) > 0) != c.Negated
	case *pattern.Test:
		for _, v := range valuesAt(&c.Path, object, scope) {
			if holds(c, v) {
				return true
			}
		}
		return false
	}
	panic("an unknown comparison")
}

// found is a value at a path.
type found struct {
	value any
	key   string // the last key on the way to it
	hash  bool   // that key is one of a dictionary of hashes, and not SSDEEP
}

// isRef reports whether the value is a reference, or a list of them.
func (f found) isRef() bool {
	return strings.HasSuffix(f.key, "_ref") || strings.HasSuffix(f.key, "_refs")
}

// valuesAt are the values at a path in an object, none if the object has another type.
func valuesAt(p *pattern.Path, object map[string]any, scope map[string]map[string]any) []found {
	if object["type"] != p.Type {
		return nil
	}
	list := []found{{value: object}}
	for i := range p.Steps {
		var next []found
		for _, f := range list {
			for _, v := range enter(f, &p.Steps[i], scope) {
				if v.value != nil { // JSON null
					next = append(next, v)
				}
			}
		}
		list = next
	}
	return list
}

// enter is where a step leads from a value.
func enter(f found, step *pattern.Step, scope map[string]map[string]any) []found {
	if step.Kind == pattern.Key {
		return enterKey(f, step.Key, scope)
	}
	items, _ := f.value.([]any)
	var list []found
	for i, v := range items {
		if step.Kind == pattern.Any || int64(i) == step.Index {
			list = append(list, found{v, f.key, f.hash}) // items are what the key of the list says
		}
	}
	return list
}

func enterKey(f found, key string, scope map[string]map[string]any) []found {
	m, inside := f.value.(map[string]any)
	if f.isRef() {
		id, _ := f.value.(string)
		m, inside = scope[id], false
	}
	v, ok := m[key]
	if !ok {
		return nil
	}
	hashes := inside && (f.key == "hashes" || strings.HasSuffix(f.key, "_hashes"))
	return []found{{v, key, hashes && !strings.EqualFold(key, "SSDEEP")}}
}

// holds reports whether one value satisfies a test. With what cannot be compared nothing is satisfied, NOT or not.
func holds(t *pattern.Test, f found) bool {
	if t.Op == pattern.In {
		return holdsIn(t, f)
	}
	yes, can := compares(t.Op, f, &t.Value)
	return can && yes != t.Negated
}

func holdsIn(t *pattern.Test, f found) bool {
	anyEqual, anyCan := false, false
	for i := range t.Set {
		yes, can := compares(pattern.Equal, f, &t.Set[i])
		anyCan = anyCan || can
		anyEqual = anyEqual || can && yes
	}
	switch {
	case !t.Negated:
		return anyEqual
	case len(t.Set) == 0:
		return isGood(f)
	}
	return anyCan && !anyEqual
}

// isGood reports whether a value is neither bad data nor a list or dictionary.
func isGood(f found) bool {
	switch v := f.value.(type) {
	case bool:
		return true
	case json.Number:
		_, good := number(string(v))
		return good
	case string:
		_, good := decode(f.key, v)
		return good || !encoded(f)
	}
	return false
}

// compares is what an operator without NOT says of a value and a constant, and whether they can be compared.
func compares(op pattern.Operator, f found, c *pattern.Constant) (yes, can bool) {
	switch op {
	case pattern.Equal:
		return equals(f, c)
	case pattern.NotEqual:
		yes, can = equals(f, c)
		return !yes, can
	case pattern.Like:
		s, constant, can := characters(f, c)
		return like([]rune(norm.NFC.String(constant)), []rune(s)), can
	case pattern.Matches:
		s, _, can := characters(found{f.value, f.key, false}, c) // in its own case: (?i) is for hashes
		return can && matches(norm.NFC.String(c.Text), s, f.hash), can
	case pattern.IsSubset, pattern.IsSuperset:
		s, _ := f.value.(string)
		if encoded(f) {
			s = "" // it is octets, or bad data
		}
		a, ok1 := block(s)
		b, ok2 := block(c.Text)
		if op == pattern.IsSuperset {
			a, b = b, a
		}
		return ok1 && ok2 && within(a, b), ok1 && ok2 && c.Kind == pattern.String
	}
	if c.Kind == pattern.Boolean {
		return false, false
	}
	n, can := order(f, c)
	switch op {
	case pattern.Less:
		return n < 0, can
	case pattern.LessEqual:
		return n <= 0, can
	case pattern.Greater:
		return n > 0, can
	case pattern.GreaterEqual:
		return n >= 0, can
	}
	panic("an unknown operator")
}

func equals(f found, c *pattern.Constant) (yes, can bool) {
	if b, ok := f.value.(bool); ok {
		return b == c.True(), c.Kind == pattern.Boolean
	}
	s, text := f.value.(string)
	if !text || c.Kind != pattern.String || !encoded(f) {
		n, can := order(f, c)
		return n == 0, can
	}
	octets, can := decode(f.key, s)
	if !can {
		return false, false
	}
	// The constant is encoded as the value is, or its characters are the octets.
	if meant, ok := decode(f.key, c.Text); ok && bytes.Equal(meant, octets) {
		return true, true
	}
	return latin1(octets) == c.Text, true
}

// order is below, equal to or above zero as a value is to a constant.
func order(f found, c *pattern.Constant) (n int, can bool) {
	switch v := f.value.(type) {
	case json.Number:
		return orderNumber(string(v), c)
	case string:
		switch c.Kind {
		case pattern.String:
			s, constant, can := characters(f, c)
			return strings.Compare(s, constant), can
		case pattern.Hex, pattern.Binary:
			octets, can := octetsOf(f, v)
			return bytes.Compare(octets, []byte(c.Text)), can
		case pattern.Timestamp:
			if encoded(f) {
				return 0, false // it is octets, or bad data
			}
			t, ok1 := (&pattern.Constant{Kind: pattern.Timestamp, Text: v}).Time()
			u, ok2 := c.Time()
			return t.Compare(u), ok1 && ok2
		}
	}
	return 0, false
}

func orderNumber(s string, c *pattern.Constant) (n int, can bool) {
	constant := new(big.Rat)
	switch c.Kind {
	case pattern.Integer:
		constant.SetInt64(c.Int)
	case pattern.Float:
		constant.SetFloat64(c.Float)
	default:
		return 0, false
	}
	value, can := number(s)
	if !can {
		return 0, false
	}
	return value.Cmp(constant), true
}

// number is a number of JSON: an integer of 64 bits, or the nearest float, if there is one.
func number(s string) (*big.Rat, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return new(big.Rat).SetInt64(n), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, false
	}
	return new(big.Rat).SetFloat64(f), true
}

// characters are a string value and a string constant as they are compared by characters. The case of a hash does not count.
func characters(f found, c *pattern.Constant) (value, constant string, can bool) {
	s, ok := f.value.(string)
	if !ok || c.Kind != pattern.String {
		return "", "", false
	}
	if encoded(f) {
		octets, can := decode(f.key, s)
		return latin1(octets), c.Text, can
	}
	value, constant = norm.NFC.String(s), norm.NFC.String(c.Text)
	if f.hash {
		return strings.ToLower(value), strings.ToLower(constant), true
	}
	return value, constant, true
}

// octetsOf are what a string is compared with octets as.
func octetsOf(f found, s string) ([]byte, bool) {
	switch {
	case f.hash:
		octets, err := hex.DecodeString(s)
		return octets, err == nil
	case encoded(f):
		return decode(f.key, s)
	}
	return []byte(s), true
}

func encoded(f found) bool {
	return !f.hash && (strings.HasSuffix(f.key, "_hex") || strings.HasSuffix(f.key, "_bin"))
}

// decode decodes what stands under a key that ends in _hex or _bin.
func decode(key, s string) ([]byte, bool) {
	if strings.HasSuffix(key, "_hex") {
		octets, err := hex.DecodeString(s)
		return octets, err == nil
	}
	if strings.ContainsAny(s, "\r\n") { // which the package would pass over
		return nil, false
	}
	octets, err := base64.StdEncoding.DecodeString(s)
	return octets, err == nil
}

func latin1(octets []byte) string {
	var b strings.Builder
	for _, o := range octets {
		b.WriteRune(rune(o))
	}
	return b.String()
}

// like holds the whole of a string against a pattern of % and _: character by character it keeps which beginnings of the string match.
func like(p, s []rune) bool {
	ends := make([]bool, len(s)+1)
	ends[0] = true
	for _, c := range p {
		next := make([]bool, len(s)+1)
		for i := range next {
			if c == '%' {
				next[i] = ends[i] || i > 0 && next[i-1]
			} else {
				next[i] = i > 0 && ends[i-1] && (c == '_' || c == s[i-1])
			}
		}
		ends = next
	}
	return ends[len(s)]
}

// matches looks for a regular expression in a string. The reference has those of RE2 only.
func matches(expression, s string, anyCase bool) bool {
	flags := "(?s)"
	if anyCase {
		flags = "(?si)"
	}
	re, err := regexp.Compile(flags + expression)
	return err == nil && re.MatchString(s)
}

// block is the bits that the addresses of a block begin with, as text, after the version of IP.
func block(s string) (bits string, ok bool) {
	text, length, slash := strings.Cut(s, "/")
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return "", false
	}
	n := a.BitLen()
	if slash {
		n, err = strconv.Atoi(length)
		if err != nil || n > a.BitLen() || strconv.Itoa(n) != length || n < 0 {
			return "", false
		}
	}
	var b strings.Builder
	for _, o := range a.AsSlice() {
		octet := strconv.FormatInt(int64(o)+256, 2)
		b.WriteString(octet[1:])
	}
	return strconv.Itoa(a.BitLen()) + ":" + b.String()[:n], true
}

// within reports whether all addresses of block a are in block b.
func within(a, b string) bool { return strings.HasPrefix(a, b) }
