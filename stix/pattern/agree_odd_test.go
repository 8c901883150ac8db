package pattern_test

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/stix/pattern"
)

// Strings and numbers in JSON at the edges of what can be compared.
var (
	oddStrings = []string{
		`""`, `"a"`, `"A"`, `"1"`, `"true"`, `"0a1B"`, `"0A1b"`, `"61"`, `"6G"`, `"YQ=="`, `"YR=="`, `"YQ==\n"`, `"YQ="`, `"Y Q=="`, `"-_8="`, `"+/8="`,
		`"\u00e9"`, `"e\u0301"`, `"\u00c9"`, `"\u212a"`, `"k"`, `"K"`, `"\u017f"`, `"S"`, `"\u00df"`, `"\u0130"`, `"i"`, `"\uac01"`, `"\u1100\u1161\u11a8"`,
		`"\u00ff"`, `"\u0100"`, `"\u0000"`, `"a\u0000b"`, `"\ud83d\ude00"`, `"\uffff"`, `"a%b_"`, `"\\%"`, `"a\r\nb"`, `"a\n"`,
	}
	oddTimes = []string{
		`"2026-01-01T00:00:00Z"`, `"2026-01-01T00:00:00.000000000999Z"`, `"2026-01-01T00:00:00.000000001Z"`, `"2016-12-31T23:59:60Z"`, `"2017-01-01T00:00:00Z"`,
		`"0000-01-01T00:00:00Z"`, `"1500-01-01T00:00:00Z"`, `"9999-12-31T23:59:59.999999999Z"`, `"2026-02-29T00:00:00Z"`,
		`"2026-01-01t00:00:00z"`, `"2026-01-01T00:00:00+00:00"`, `"2026-01-01T00:00:00.Z"`, `"2026-01-01T24:00:00Z"`,
	}
	oddAddresses = []string{
		`"10.0.0.1"`, `"10.0.0.0/8"`, `"10.9.9.9/8"`, `"10.0.0.0/08"`, `"10.0.0.0/33"`, `"10.0.0.0/0"`, `"10.0.0.1/32"`, `"10.0.0.01"`, `"10.0.0.1 "`, `"10.1"`,
		`"10.0.0.1/-1"`, `"10.0.0.1/+8"`, `"::"`, `"::/0"`, `"::1%eth0"`, `"fe80::1%1/64"`, `"::ffff:10.0.0.1"`, `"::ffff:10.0.0.0/104"`, `"::ffff:0a00:0001"`,
		`"2001:0DB8::/32"`, `"2001:db8:0:0::1"`, `"192.0.2.1"`,
	}
	oddNumbers = []string{
		`0`, `-0`, `0.0`, `1`, `1.0`, `1E0`, `10e-1`, `1.5`, `0.1`, `0.10`, `0.1000000000000000055511151231257827`, `0.30000000000000004`, `0.3`,
		`1e-400`, `-1e-400`, `1e400`, `1e308`, `1.7976931348623159e308`, `9007199254740992`, `9007199254740993`, `9007199254740993.0`,
		`9223372036854775807`, `9223372036854775807.0`, `9223372036854775808`, `-9223372036854775808`, `-9223372036854775809`, `18446744073709551616`,
	}
	oddOthers = []string{`true`, `false`, `null`, `[]`, `{}`}
)

// oddShapes are where a value may stand, for which there is a $, and paths to it and beside it.
var oddShapes = []struct {
	value string
	paths []string
}{
	{`$`, []string{"", "", "", "", "", "[*]", ".k"}},
	{`[null,$]`, []string{"[*]", "[1]", "[0]", ""}},
	{`{"k":$}`, []string{".k", ".k", "[0]"}},
	{`[{"k":$},$]`, []string{"[0].k", "[*].k", "[*]"}},
	{`{"MD5":$,"SSDEEP":$}`, []string{".MD5", ".MD5", ".SSDEEP"}},
	{`[{"MD5":$}]`, []string{"[*].MD5"}},
}

// odd draws a test of an odd value.
func (d draw) odd() sample {
	kind := of(d, oddStrings, oddStrings, oddTimes, oddAddresses, oddNumbers, oddNumbers, oddOthers)
	value, other := of(d, kind...), of(d, kind...)
	key, shape := of(d, "a", "a", "a_hex", "a_bin", "hashes", "a_hashes", "hashes_a"), of(d, oddShapes...)
	t := &pattern.Test{Path: pathTo("file", key+of(d, shape.paths...)), Negated: d.one(3), Op: pattern.Operator(1 + d.IntN(int(pattern.IsSuperset)))}
	t.Value = d.like(of(d, value, value, other))
	switch t.Op {
	case pattern.In:
		t.Set = []pattern.Constant{t.Value, d.like(other), d.like(of(d, oddNumbers...))}[:d.IntN(4)]
		t.Value = pattern.Constant{}
	case pattern.Like:
		t.Value = text(of(d, decoded(value), "%", "_", "a%", "%a", "A%", "\u00e9", "%\u0301", `\%`, "%\n%", "k", "%s%", "\u00df", "%%", "", "\u1100%", "_%_"))
	case pattern.Matches:
		t.Value = text(of(d, "", "a", "^a$", "A", "(?i)a", "(?-s)a.b", "(?-i)A", "a.+b", "^.$", "e\u0301", "[\u00e9]", `\xe9`, "K", "s", "\u00df", "a$",
			"(?m)a$", `\S`, "^$", "a|A", "[^a]", `\bA\b`, `\p{L}`, `\QA\E`))
	case pattern.IsSubset, pattern.IsSuperset:
		t.Value = text(decoded(of(d, value, of(d, oddAddresses...))))
	default:
		if t.Value.Kind == pattern.Boolean && t.Op > pattern.NotEqual {
			t.Op = pattern.Equal
		}
	}
	line := `@0 {"type":"file","` + key + `":` + strings.ReplaceAll(shape.value, "$", value) + "}"
	return newSample(&pattern.Observation{Expr: t}, []string{line})
}

func text(s string) pattern.Constant { return pattern.Constant{Kind: pattern.String, Text: s} }

// decoded is a string in JSON, without quotes and escapes; anything else is as it is written.
func decoded(value string) string {
	var s string
	if json.Unmarshal([]byte(value), &s) != nil {
		return value
	}
	return s
}

// like is a constant like a value in JSON.
func (d draw) like(value string) pattern.Constant {
	if value[0] == '"' {
		c := text(decoded(value))
		if _, err := pattern.Parse("[a:b = t'" + c.Text + "']"); err == nil {
			c.Kind = pattern.Timestamp
		} else if d.one(3) {
			c.Kind = of(d, pattern.Hex, pattern.Binary)
		}
		return c
	}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && d.one(2) {
		return pattern.Constant{Kind: pattern.Integer, Int: n}
	}
	if f, err := strconv.ParseFloat(value, 64); err == nil {
		return pattern.Constant{Kind: pattern.Float, Float: f}
	}
	return constant(d.one(2))
}
