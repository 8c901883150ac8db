package pattern_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/stix/pattern"
)

// property is one of the properties that random objects may have.
type property struct {
	kind, name string
	values     []string // in JSON
	paths      []string // to it or into it
	constants  []pattern.Constant
}

func constants(list ...any) (all []pattern.Constant) {
	for _, v := range list {
		all = append(all, constant(v))
	}
	return all
}

func octets(list ...string) (all []pattern.Constant) {
	for i, s := range list {
		all = append(all, pattern.Constant{Kind: []pattern.Kind{pattern.Hex, pattern.Binary}[i%2], Text: s})
	}
	return all
}

var properties = []property{
	{
		"file", "name",
		[]string{`"a"`, `"a"`, `"b"`, `"A"`, `"ab"`, `"a\nb"`, `"\u00e9"`, `"e\u0301"`, `null`, `1`, `"a"`, `"b"`},
		append(slices.Repeat([]string{"name"}, 9), "name.a", "name[0]"),
		append(constants("a", "a", "b", "A", "ab", "é", "e\u0301"), octets("a", "e", "ab", "\xc3\xa9")...),
	},
	{
		"file", "size",
		[]string{`1`, `2`, `2.0`, `20e-1`, `1.5`, `0.1`, `9007199254740993`, `-1`, `1e400`, `"1"`},
		[]string{"size"},
		constants(1, 1, 2, 1.5, 0.1, 2.0, -1, 9007199254740993, 9007199254740992, 9007199254740992.0),
	},
	{
		"file", "tags",
		[]string{`[]`, `["a"]`, `["a","b"]`, `["a",2,"b"]`, `["b",null,"a"]`, `[null,1,"b"]`, `[["a"],{"a":"b"}]`, `[true,2,"ab"]`},
		[]string{"tags[*]", "tags[*]", "tags[*]", "tags[*]", "tags[0]", "tags[0]", "tags[1]", "tags[1]", "tags[-1]", "tags", "tags[*][0]", "tags[1].a"},
		constants("a", "a", "b", "b", "ab", 1, 2, true),
	},
	{
		"file", "hashes",
		[]string{`{"MD5":"0a1B"}`, `{"MD5":"0a1B","SSDEEP":"3:aB:b"}`, `{"MD5":"0A1b","SSDEEP":"3:aB:b"}`, `{"SSDEEP":"3:Ab:b"}`, `{"MD5":"x"}`, `{"ssdeep":"0a"}`, `{}`},
		[]string{"hashes.MD5", "hashes.MD5", "hashes.MD5", "hashes.MD5", "hashes.SSDEEP", "hashes.SSDEEP", "hashes.ssdeep", "hashes"},
		append(constants("0a1b", "0A1B", "0a1B", "3:aB:b", "3:AB:B", "x", "X"), octets("\x0a\x1b", "\x0a\x1b", "\x0a")...),
	},
	{
		"file", "raw_hex",
		[]string{`"61"`, `"6162"`, `"e9"`, `"E9"`, `"6"`, `"zz"`, `""`, `7`},
		[]string{"raw_hex"},
		append(constants("61", "a", "ab", "6162", "é", "E9", ""), octets("a", "a", "ab", "\xe9", "", "b")...),
	},
	{
		"file", "raw_bin",
		[]string{`"YQ=="`, `"YWI="`, `"6Q=="`, `"YQ"`, `"*"`, `""`, `["YQ=="]`},
		[]string{"raw_bin", "raw_bin", "raw_bin[0]"},
		append(constants("YQ==", "a", "ab", "YWI=", "é", ""), octets("a", "a", "ab", "\xe9", "", "b")...),
	},
	{
		"file", "seen_at",
		[]string{`"2026-01-01T00:00:00Z"`, `"2026-01-01T00:00:00.000Z"`, `"2026-01-01T00:00:00.0000000019Z"`, `"2026-01-01 00:00:00"`},
		[]string{"seen_at"},
		constants("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000001Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00"),
	},
	{
		"file", "hidden", []string{`true`, `false`, `0`}, []string{"hidden"}, constants(true, false, 0),
	},
	{
		"file", "dir_ref",
		[]string{`"0"`, `"1"`, `"1"`, `"1"`, `"2"`, `"9"`, `null`},
		[]string{"dir_ref.path", "dir_ref.path", "dir_ref.path", "dir_ref.path", "dir_ref.name", "dir_ref.name", "dir_ref.dir_ref.path", "dir_ref.file_refs[*].name", "dir_ref"},
		constants("a", "a", "b", "ab"),
	},
	{
		"file", "more_hashes",
		[]string{`{"a":{"b":["a",{"c":1}]}}`, `{"a":{"b":[]}}`, `{"a":"A"}`},
		[]string{"more_hashes.a.b[*].c", "more_hashes.a.b[1].c", "more_hashes.a.b[*]", "more_hashes.a", "more_hashes.a.b"},
		constants("a", 1, 2),
	},
	{
		"directory", "path",
		[]string{`"a"`, `"a"`, `"b"`, `"ab"`},
		[]string{"path"},
		constants("a", "b", "ab"),
	},
	{
		"directory", "file_refs",
		[]string{`["0","1"]`, `["1"]`, `["1","2"]`, `["2"]`, `["9","0"]`, `[]`, `["1",null]`},
		[]string{"file_refs[*].name", "file_refs[*].name", "file_refs[*].name", "file_refs[0].name", "file_refs[1].path", "file_refs.name", "file_refs[*].dir_ref.path"},
		constants("a", "b", "A"),
	},
	{
		"ipv4-addr", "value",
		[]string{`"10.0.0.1"`, `"10.0.0.0/8"`, `"10.1.2.3/16"`, `"010.0.0.1"`, `"::1"`, `"::ffff:10.0.0.1"`, `"a"`},
		[]string{"value"},
		constants("10.0.0.1", "10.0.0.0/8", "10.1.0.0/16", "a"),
	},
}

// likely are the properties as often as they are to come where several tests must hold together: those of files more often.
var likely = append(slices.Repeat(properties[:9], 2), properties...)

// pathTo reads a path as it is written here: keys, and what stands in square brackets.
func pathTo(kind, text string) pattern.Path {
	p := pattern.Path{Type: kind}
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(text, "[", ".["), func(r rune) bool { return r == '.' }) {
		inside, index := strings.CutPrefix(strings.TrimSuffix(part, "]"), "[")
		n, _ := strconv.ParseInt(inside, 10, 64)
		switch {
		case !index:
			p.Steps = append(p.Steps, pattern.Step{Kind: pattern.Key, Key: part})
		case inside == "*":
			p.Steps = append(p.Steps, pattern.Step{Kind: pattern.Any})
		default:
			p.Steps = append(p.Steps, pattern.Step{Kind: pattern.Index, Index: n})
		}
	}
	return p
}
