package stix

import (
	"bytes"
	"errors"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/semver"
	"golang.org/x/text/language"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// format is one syntax of strings: what reports that it is broken, and the check.
type format struct {
	code spec.Code
	ok   func([]byte) bool
}

// formats by [spec.Format].
var formats = [...]format{
	spec.NoFormat:        {"", func([]byte) bool { return true }},
	spec.Language:        {spec.CodeLanguage, isLanguage},
	spec.URI:             {spec.CodeURI, isURI},
	spec.IPv4:            {spec.CodeIPv4, func(b []byte) bool { return isAddress(b, netip.Addr.Is4) }},
	spec.IPv6:            {spec.CodeIPv6, func(b []byte) bool { return isAddress(b, netip.Addr.Is6) }},
	spec.MAC:             {spec.CodeMAC, isMAC},
	spec.DomainName:      {spec.CodeDomainName, isDomainName},
	spec.Email:           {spec.CodeEmail, isEmail},
	spec.CPE:             {spec.CodeCPE, isCPE},
	spec.SemVer:          {spec.CodeSemVer, isSemVer},
	spec.PropertyName:    {spec.CodeName, isPropertyName},
	spec.TypeName:        {spec.CodeTypeName, func(b []byte) bool { return validType(string(b)) }},
	spec.DictionaryKey:   {spec.CodeKey, isDictionaryKey},
	spec.Selector:        {spec.CodeSelector, func([]byte) bool { return true }}, // the set of selectors judges
	spec.MIMEType:        {spec.CodeMIMEType, isMIMEType},
	spec.Country:         {spec.CodeCountry, isCountry},
	spec.LowerHyphen:     {spec.CodeLowerCase, isLowerHyphen},
	spec.RegistryKey:     {spec.CodeRegistryKey, isRegistryKey},
	spec.HTTPMethodLower: {spec.CodeLowerCase, isLowerHyphen},
	spec.IntegerOrString: {"", nil}, // of Any
	spec.WholeSeconds:    {"", nil}, // of Timestamp
	spec.Charset:         {spec.CodeCharset, isCharset},
	spec.Link:            {spec.CodeLink, isURI},
	spec.RelationshipName: {spec.CodeRelationshipName, func(b []byte) bool {
		return len(b) > 0 && len(b) <= maxType && hyphenChars.all(b)
	}},
}

// set is the characters that a syntax allows.
type set [256]bool

func charset(ranges string) *set {
	var s set
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := int(ranges[i]); c <= int(ranges[i+1]); c++ {
			s[c] = true
		}
	}
	return &s
}

func (s *set) all(b []byte) bool {
	for _, c := range b {
		if !s[c] {
			return false
		}
	}
	return true
}

var (
	keyChars     = charset("azAZ09--__")
	digitChars   = charset("09")
	hyphenChars  = charset("az09--")
	nameChars    = charset("az09__")
	hexChars     = charset("09afAF")
	alnumChars   = charset("azAZ09")
	base64Chars  = charset("azAZ09++//")
	tokenChars   = charset("azAZ09!!#'**++--..^`||~~") // RFC 9110 section 5.6.2
	charsetChars = charset("azAZ09--__..::++()")
	uriChars     = charset("azAZ09--..__~~::@@//??##[[]]!!$$&'()**++,,;;==%%")
)

func isDictionaryKey(b []byte) bool { return len(b) >= 1 && len(b) <= 250 && keyChars.all(b) }

// isPropertyName is for names that are not in the table: section 11.1.
func isPropertyName(b []byte) bool {
	return len(b) >= 3 && len(b) <= 250 && nameChars.all(b)
}

// isLanguage accepts what is well-formed. Whether a subtag is registered changes from year to year.
func isLanguage(b []byte) bool {
	if len(b) == 2 && 'a' <= b[0] && b[0] <= 'z' && 'a' <= b[1] && b[1] <= 'z' {
		return true
	}
	if len(b) < 2 || len(b) > 100 || bytes.IndexByte(b, '_') >= 0 {
		return false
	}
	_, err := language.Parse(string(b))
	var unknown language.ValueError
	return err == nil || errors.As(err, &unknown)
}

// isURI checks RFC 3986 as far as characters, escapes and the scheme go.
func isURI(b []byte) bool {
	colon := bytes.IndexByte(b, ':')
	if colon < 1 || !uriChars.all(b) || b[0] < 'A' || !alnumChars[b[0]] {
		return false
	}
	for _, c := range b[:colon] {
		if !alnumChars[c] && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	for i, c := range b {
		if c == '%' && (i+2 >= len(b) || !hexChars[b[i+1]] || !hexChars[b[i+2]]) {
			return false
		}
	}
	return true
}

func isAddress(b []byte, family func(netip.Addr) bool) bool {
	if len(b) > 49 { // the longest address with the longest prefix
		return false
	}
	if bytes.IndexByte(b, '/') >= 0 {
		p, err := netip.ParsePrefix(string(b))
		return err == nil && family(p.Addr())
	}
	a, err := netip.ParseAddr(string(b))
	return err == nil && family(a) && a.Zone() == ""
}

func isMAC(b []byte) bool {
	if len(b) != 17 {
		return false
	}
	for i, c := range b {
		switch {
		case i%3 == 2 && c != ':', i%3 != 2 && (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// isDomainName checks lengths and characters. An underscore is let through, for names that hosts really have, and so is every
// character beyond ASCII, which internationalised names are written with.
func isDomainName(b []byte) bool {
	b = bytes.TrimSuffix(b, []byte("."))
	if len(b) == 0 || len(b) > 253*4 || ascii(b) && len(b) > 253 {
		return false
	}
	for label := range bytes.SplitSeq(b, []byte(".")) {
		if len(label) == 0 || ascii(label) && len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range label {
			if c < 0x80 && !keyChars[c] {
				return false
			}
		}
	}
	return true
}

func isEmail(b []byte) bool {
	if len(b) > 1000 {
		return false
	}
	s := string(b)
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && s[0] != '<' && s[0] != ' ' && s[len(s)-1] != ' ' && s[len(s)-1] != ')'
}

// isCPE checks the formatted string binding of CPE 2.3: eleven components, with escapes by backslash.
func isCPE(b []byte) bool {
	rest, ok := bytes.CutPrefix(b, []byte("cpe:2.3:"))
	if !ok || len(rest) == 0 || bytes.IndexByte([]byte("aho*-"), rest[0]) < 0 {
		return false
	}
	n, length := 1, 0
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\\':
			if i++; i == len(rest) {
				return false
			}
			length++
		case c == ':':
			if length == 0 {
				return false
			}
			n, length = n+1, 0
		case c <= ' ' || c >= 0x7f:
			return false
		default:
			length++
		}
	}
	return n == 11 && length > 0
}

func isSemVer(b []byte) bool {
	core, _, _ := bytes.Cut(b, []byte("-"))
	core, _, _ = bytes.Cut(core, []byte("+"))
	return bytes.Count(core, []byte(".")) == 2 && semver.IsValid("v"+string(b))
}

func isMIMEType(b []byte) bool {
	b, _, _ = bytes.Cut(b, []byte(";"))
	kind, sub, ok := bytes.Cut(bytes.TrimRight(b, " "), []byte("/"))
	return ok && len(kind) > 0 && len(sub) > 0 && tokenChars.all(kind) && tokenChars.all(sub)
}

func isCountry(b []byte) bool {
	if len(b) != 2 {
		return false
	}
	upper := bytes.ToUpper(b)
	r, err := language.ParseRegion(string(upper))
	return err == nil && r.IsCountry() && r.String() == string(upper)
}

func isLowerHyphen(b []byte) bool {
	for _, c := range b {
		if 'A' <= c && c <= 'Z' || c == ' ' || c == '_' {
			return false
		}
	}
	return true
}

var hiveAbbreviations = []string{"HKLM", "HKCU", "HKCR", "HKU", "HKCC", "HKPD"}

func isRegistryKey(b []byte) bool {
	hive, _, _ := bytes.Cut(b, []byte(`\`))
	return !slices.ContainsFunc(hiveAbbreviations, func(short string) bool { return strings.EqualFold(short, string(hive)) })
}

func isCharset(b []byte) bool { return len(b) > 0 && len(b) <= 45 && charsetChars.all(b) }

func isHex(b []byte) bool { return len(b) > 0 && len(b)%2 == 0 && hexChars.all(b) }

func isBase64(b []byte) bool {
	if len(b)%4 != 0 {
		return false
	}
	body := bytes.TrimRight(b, "=")
	return len(b)-len(body) <= 2 && base64Chars.all(body)
}

// hashForms is the syntax of the hashes of hash-algorithm-ov, and its name for people.
var hashForms = map[string]struct {
	name string
	ok   func([]byte) bool
}{
	"MD5":      {"MD5 (32 hexadecimal digits)", hexDigits(32)},
	"SHA-1":    {"SHA-1 (40 hexadecimal digits)", hexDigits(40)},
	"SHA-256":  {"SHA-256 (64 hexadecimal digits)", hexDigits(64)},
	"SHA-512":  {"SHA-512 (128 hexadecimal digits)", hexDigits(128)},
	"SHA3-256": {"SHA3-256 (64 hexadecimal digits)", hexDigits(64)},
	"SHA3-512": {"SHA3-512 (128 hexadecimal digits)", hexDigits(128)},
	"SSDEEP":   {"ssdeep hash (size:hash:hash)", isSSDEEP},
	"TLSH":     {"TLSH hash (70 hexadecimal digits, or 72 with T1 before them)", isTLSH},
}

func hexDigits(n int) func([]byte) bool {
	return func(b []byte) bool { return len(b) == n && hexChars.all(b) }
}

func isSSDEEP(b []byte) bool {
	size, rest, ok := bytes.Cut(b, []byte(":"))
	one, two, ok2 := bytes.Cut(rest, []byte(":"))
	return ok && ok2 && len(size) > 0 && len(b) <= 200 && digitChars.all(size) && base64Chars.all(one) && base64Chars.all(two)
}

func isTLSH(b []byte) bool {
	if len(b) == 72 && b[0] == 'T' {
		b = b[2:]
	}
	return len(b) == 70 && hexChars.all(b)
}

// isTimestamp checks section 2.15: RFC 3339 in UTC. Other than [ParseTimestamp] it takes any year and a leap second.
func isTimestamp(b []byte) bool {
	if len(b) < 20 || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[len(b)-1] != 'Z' {
		return false
	}
	year, ok1 := number(b, 0, 4)
	month, ok2 := number(b, 5, 7)
	day, ok3 := number(b, 8, 10)
	hour, ok4 := number(b, 11, 13)
	minute, ok5 := number(b, 14, 16)
	second, ok6 := number(b, 17, 19)
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 60 {
		return false
	}
	if len(b) == 20 {
		return true
	}
	if b[19] != '.' || len(b) == 21 {
		return false
	}
	_, ok := number(b, 20, len(b)-1)
	return ok
}

// compareTimes orders timestamps that [isTimestamp] accepts.
func compareTimes(a, b []byte) int {
	if c := bytes.Compare(a[:19], b[:19]); c != 0 {
		return c
	}
	return bytes.Compare(timeFraction(a), timeFraction(b))
}

func timeFraction(b []byte) []byte {
	if len(b) < 22 {
		return nil
	}
	return bytes.TrimRight(b[20:len(b)-1], "0")
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
