package pattern

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// test judges a path, its constants, and whether the two fit.
func (k *checking) test(t *Test) {
	values := k.resolve(&t.Path)
	constants := t.Set
	if t.Op != In {
		constants = []Constant{t.Value}
	} else {
		k.set(t)
	}
	for i := range constants {
		k.constant(&constants[i])
	}
	switch t.Op {
	case IsSubset, IsSuperset:
		k.addresses(t, values)
		return
	case Matches:
		k.regexp(&t.Value)
	}
	if len(values) == 0 {
		return
	}
	if !slices.ContainsFunc(values, func(v value) bool { return !isWhole(v) }) {
		if values[0].list {
			k.report(stix.Should, t, "the path leads to a list: [*] says that any item may be meant")
		} else {
			k.report(stix.Should, t, "%s never holds: the path leads to an object, not to one value", t.Op)
		}
		return
	}
	if t.Op == Like || t.Op == Matches {
		if !slices.ContainsFunc(values, func(v value) bool { return fits(v, String) }) {
			k.report(stix.Must, t, "%s compares strings, not values of type %s", t.Op, kindName(values[0]))
		}
		return
	}
	for i := range constants {
		c := &constants[i]
		if !slices.ContainsFunc(values, func(v value) bool { return fits(v, c.Kind) }) {
			k.report(stix.Must, c, "a constant of type %s is compared with values of type %s", c.Kind, kindName(values[0]))
			continue
		}
		k.never(t, values, c)
	}
}

// set judges the constants of IN: they are of one type (section 9.6.1).
func (k *checking) set(t *Test) {
	if len(t.Set) == 0 {
		k.report(stix.Should, t, "IN an empty set never holds, and NOT IN it always")
		return
	}
	for i := range t.Set {
		if c := &t.Set[i]; c.Kind != t.Set[0].Kind && (!isNumber(c.Kind) || !isNumber(t.Set[0].Kind)) {
			k.report(stix.Must, c, "a constant of type %s stands in a set of type %s", c.Kind, t.Set[0].Kind)
			return
		}
	}
}

func isNumber(k Kind) bool { return k == Integer || k == Float }

const (
	largest  = 1<<53 - 1 // section 2.10
	smallest = -largest
)

// constant judges a constant for itself.
func (k *checking) constant(c *Constant) {
	switch {
	case c.Kind == Timestamp:
		k.instant(c)
	case c.Kind == Integer && !k.older && (c.Int > largest || c.Int < smallest):
		k.report(stix.Must, c, "an integer is from -2^53+1 to 2^53-1")
	}
}

func (k *checking) instant(c *Constant) (time.Time, bool) {
	t, ok := c.Time()
	if !ok {
		k.report(stix.Must, c, "there is no such day")
	}
	return t, ok
}

// isWhole reports a value that is no constant but has parts.
func isWhole(v value) bool {
	switch v.prop.Kind {
	case spec.Nested, spec.Dictionary, spec.Hashes, spec.Extensions, spec.Objects, spec.Contained:
		return true
	}
	return v.list
}

func kindName(v value) string {
	switch v.prop.Kind {
	case spec.Boolean:
		return "boolean"
	case spec.Integer:
		return "integer"
	case spec.Float:
		return "float"
	case spec.Timestamp:
		return "timestamp"
	case spec.Identifier:
		return "identifier"
	case spec.Hex:
		return "hex"
	case spec.Binary:
		return "binary"
	}
	return "string"
}

// fits reports whether a constant may be compared with a value (sections 9.6.1, 9.6.3 and 9.6.4): both are numbers, or both are strings or
// octets.
func fits(v value, k Kind) bool {
	switch v.prop.Kind {
	case spec.Any:
		return true
	case spec.Boolean:
		return k == Boolean
	case spec.Integer, spec.Float:
		return isNumber(k)
	case spec.Timestamp:
		return k == Timestamp
	case spec.String, spec.Identifier, spec.Hex, spec.Binary:
		return k == String || k == Hex || k == Binary
	}
	return false
}

var negations = map[Operator]Operator{
	Equal: NotEqual, NotEqual: Equal, Less: GreaterEqual, GreaterEqual: Less, Greater: LessEqual, LessEqual: Greater,
}

// never reports a constant for which a test holds with no value that is valid.
func (k *checking) never(t *Test, values []value, c *Constant) {
	op := t.Op
	if t.Negated {
		op = negations[op] // none for IN: NOT IN holds of nearly everything
	}
	if op == In {
		op = Equal
	}
	why := ""
	for _, v := range values {
		reason := ""
		switch {
		case op == Equal:
			reason = unequal(v, c)
		case op != 0 && op != NotEqual:
			reason = outOfOrder(v, op, c)
		}
		if reason == "" {
			return
		}
		if why == "" {
			why = reason
		}
	}
	k.report(stix.Should, c, "the comparison never holds: %s", why)
}

// unequal says why a value can never be equal to a constant, "" if it can.
func unequal(v value, c *Constant) string {
	p := v.prop
	switch c.Kind {
	case Boolean:
		if want := p.Fixed; p.Kind == spec.Boolean && want != "" && want != c.String() {
			return "it is always " + want
		}
	case Integer, Float:
		if n := number(c); p.Kind == spec.Integer && n != math.Trunc(n) {
			return "it is an integer"
		}
		return outOfOrder(v, Equal, c)
	case String:
		return unequalString(v, c.Text)
	}
	return ""
}

func unequalString(v value, s string) string {
	p := v.prop
	switch {
	case v.hash != "":
		return unequalHash(v.hash, s)
	case p.Name == "type" && v.owner != nil && v.owner.Class == spec.Observable && s != v.owner.Name:
		return "the type is " + v.owner.Name
	case p.Fixed != "" && s != p.Fixed && p.Name != "spec_version":
		return "it is always " + p.Fixed
	case p.Vocab != nil && p.Vocab.Closed && !p.Vocab.Has([]byte(s)):
		return quoted(s) + " is not in " + p.Vocab.Name
	case p.Kind == spec.Identifier && !stix.ValidID(s):
		return "it is an identifier; its parts come after it, such as .value"
	case p.Format == spec.IPv4 && !isAddress(s, true), p.Format == spec.IPv6 && !isAddress(s, false):
		return quoted(s) + " is no such address"
	case p.Format == spec.MAC && !macForm.MatchString(s):
		return "a MAC address is six pairs of lower-case digits joined by colons"
	case p.Format == spec.RegistryKey && hiveForm.MatchString(s):
		return "the hive is never abbreviated"
	}
	return ""
}

var (
	macForm  = regexp.MustCompile(`^[0-9a-f]{2}(:[0-9a-f]{2}){5}$`)
	hiveForm = regexp.MustCompile(`(?i)^(hklm|hkcu|hkcr|hku|hkcc)(\\|$)`)
)

func isHex(s string) bool {
	n, ok := hexEnd(s)
	return ok && n == len(s)
}

// isAddress reports an address or CIDR.
func isAddress(s string, v4 bool) bool {
	p, ok := address(s)
	return ok && p.Addr().Is4() == v4
}

func address(s string) (netip.Prefix, bool) {
	if strings.IndexByte(s, '/') >= 0 {
		p, err := netip.ParsePrefix(s)
		return p, err == nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

func number(c *Constant) float64 {
	if c.Kind == Integer {
		return float64(c.Int)
	}
	return c.Float
}

// outOfOrder says why no number in the range of a property is in this order to a constant, "" if one is.
func outOfOrder(v value, op Operator, c *Constant) string {
	r := v.prop.Range
	if r == nil || !isNumber(c.Kind) {
		return ""
	}
	n, never := number(c), false
	switch op {
	case Equal:
		never = n < r.Min || n > r.Max
	case Less:
		never = n <= r.Min
	case LessEqual:
		never = n < r.Min
	case Greater:
		never = n >= r.Max
	case GreaterEqual:
		never = n > r.Max
	}
	switch {
	case !never:
		return ""
	case math.IsInf(r.Max, 1):
		return fmt.Sprintf("it is at least %v", r.Min)
	}
	return fmt.Sprintf("it is from %v to %v", r.Min, r.Max)
}

// addresses judges ISSUBSET and ISSUPERSET: they compare the value of an address object with an address or CIDR (section 9.6.1).
func (k *checking) addresses(t *Test, values []value) {
	v4, v6 := len(values) == 0, len(values) == 0
	for _, v := range values {
		v4 = v4 || v.prop.Format == spec.IPv4 || v.prop.Kind == spec.Any
		v6 = v6 || v.prop.Format == spec.IPv6 || v.prop.Kind == spec.Any
	}
	if !v4 && !v6 {
		k.report(stix.Must, t, "%s compares the value of an ipv4-addr or ipv6-addr", t.Op)
		return
	}
	p, ok := address(t.Value.Text)
	switch {
	case t.Value.Kind != String || !ok:
		k.report(stix.Must, &t.Value, "%s is no IP address or CIDR", quoted(t.Value.Text))
	case p.Addr().Is4() && !v4:
		k.report(stix.Must, &t.Value, "%s is no IPv6 address or CIDR", quoted(t.Value.Text))
	case p.Addr().Is6() && !v6:
		k.report(stix.Must, &t.Value, "%s is no IPv4 address or CIDR", quoted(t.Value.Text))
	}
}

// hashDigits is how many hexadecimal digits the hash of an algorithm has. The names are in upper case and without hyphens.
var hashDigits = map[string]int{
	"MD5": 32, "MD6": 64, "RIPEMD160": 40, "SHA1": 40, "SHA224": 56, "SHA256": 64, "SHA384": 96, "SHA512": 128,
	"SHA3224": 56, "SHA3256": 64, "SHA3384": 96, "SHA3512": 128, "WHIRLPOOL": 128,
}

var hyphens = strings.NewReplacer("-", "", "_", "")

func plainAlgorithm(name string) string {
	if len(name) > 20 {
		return ""
	}
	return strings.ToUpper(hyphens.Replace(name))
}

var (
	ssdeepForm = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9+/]*:[A-Za-z0-9+/]*$`)
	tlshForm   = regexp.MustCompile(`^(T1)?[0-9A-Fa-f]{70}$`)
)

func unequalHash(algorithm, s string) string {
	plain := plainAlgorithm(algorithm)
	switch n := hashDigits[plain]; {
	case n > 0 && len(s) != n, n > 0 && !isHex(s):
		return fmt.Sprintf("a hash of %s has %d hexadecimal digits", algorithm, n)
	case plain == "SSDEEP" && !ssdeepForm.MatchString(s):
		return "an ssdeep hash has the form size:hash:hash"
	case plain == "TLSH" && !tlshForm.MatchString(s):
		return "a TLSH hash has 70 hexadecimal digits, or 72 with T1 before them"
	}
	return ""
}

// hashes20 are algorithms of STIX 2.0 that STIX 2.1 does not list.
var hashes20 = []string{"MD6", "RIPEMD-160", "SHA-224", "SHA-384", "SHA3-224", "SHA3-384", "WHIRLPOOL", "ssdeep"}

// hashKey judges the name of an algorithm.
func (k *checking) hashKey(s *Step, values []value, report func(Node, string, ...any)) {
	if len(values) == 0 || values[0].hash == "" || spec.HashAlgorithm.Has([]byte(s.Key)) || isCustomKey(s.Key) {
		return
	}
	if k.older && slices.Contains(hashes20, s.Key) {
		return
	}
	for _, name := range spec.HashAlgorithm.Values {
		if plainAlgorithm(name) == plainAlgorithm(s.Key) {
			report(s, "%s is no algorithm of %s; it is written %s", quoted(s.Key), spec.HashAlgorithm.Name, name)
			return
		}
	}
	report(s, "%s is no algorithm of %s", quoted(s.Key), spec.HashAlgorithm.Name)
}
