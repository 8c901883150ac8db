package pattern_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

var (
	md5    = strings.Repeat("0a", 16)
	sha256 = strings.Repeat("0a", 32)
)

// judged are patterns with their faults: level, offset, and a part of the text of each. Those without faults are right.
var judged = []struct {
	section, version, text string
	want                   []string
}{
	// What is right.
	{"9.7", "", `[file:name = 'x' AND file:size > 5 AND file:parent_directory_ref.path = '/tmp']`, nil},
	{"9.7", "", `[x-example:anything[*].at_all = 5 AND x-example:other LIKE 'x']`, nil},
	{"9.7", "", `[file:x_custom = 5]`, nil},
	{"9.7.3", "", `[file:extensions.'x-example-ext'.a.b = 5]`, nil},
	{"9.7.3", "", `[file:extensions.'extension-definition--11111111-1111-4111-8111-111111111111'.rank = 5]`, nil},
	{"9.7.3", "", `[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0]`, nil},
	{"9.7.3", "", `[file:extensions.'windows-pebinary-ext'.sections[0].hashes.MD5 = '` + md5 + `']`, nil},
	{"9.7.3", "", `[network-traffic:ipfix.minimumIpTotalLength = 32]`, nil},
	{"9.7.3", "", `[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'[*] = 'x']`, nil},
	{"9.7.4", "", `[network-traffic:dst_ref.value ISSUBSET '192.0.2.0/24']`, nil},
	{"9.7.4", "", `[network-traffic:dst_ref.value ISSUBSET '2001:db8::/32']`, nil},
	{"9.7.4", "", `[network-traffic:dst_ref.type = 'ipv4-addr']`, nil},
	{"9.7.4", "", `[process:parent_ref.image_ref.hashes.'SHA-256' = '` + sha256 + `']`, nil},
	{"9.7.4", "", `[domain-name:resolves_to_refs[*].value = '192.0.2.1']`, nil},
	{"9.7.4", "", `[file:content_ref.url = 'https://www.example/']`, nil},
	{"9.7.4", "", `[network-traffic:dst_ref = 'ipv4-addr--11111111-1111-4111-8111-111111111111']`, nil},
	{"9.6.1", "", `[EXISTS file:hashes AND EXISTS file:extensions.'archive-ext' AND EXISTS file:contains_refs]`, nil},
	{"9.6.1", "", `[NOT EXISTS network-traffic:dst_port]`, nil},
	{"9.6.1", "", `[network-traffic:dst_port IN (80, 443) AND network-traffic:protocols[*] = 'tcp']`, nil},
	{"9.6.1", "", `[file:size > 1.5]`, nil},
	{"9.6.1", "", `[x-example:a IN (1, 2.5)]`, nil},
	{"9.6.1", "", `[file:ctime > t'2026-01-01T00:00:00Z']`, nil},
	{"9.6.1", "", `[ipv4-addr:value ISSUPERSET '192.0.2.1' OR ipv6-addr:value ISSUPERSET '2001:db8::1']`, nil},
	{"9.6.1", "", `[x-example:address ISSUBSET '2001:db8::/32']`, nil},
	{"9.6.1", "", `[file:name MATCHES '^[a-z]{3,8}\\.exe$']`, nil},
	{"9.6.4", "", `[artifact:payload_bin = 'Zm9v' AND artifact:payload_bin != h'00' AND artifact:payload_bin NOT = b'Zg==']`, nil},
	{"9.6.3", "", `[file:magic_number_hex = h'4d5a']`, nil},
	{"9.6.4", "", `[file:magic_number_hex = 'xyz']`, nil}, // the octets may be these characters
	{"9.6", "", `[domain-name:value = 'a.example' OR ipv4-addr:value = '192.0.2.1']`, nil},
	{"9.6", "", `[(file:name = 'a' OR directory:path = 'b') AND file:size = 1]`, nil},
	{"9.6", "", `[file:name = 'a' AND file:name = 'a']`, nil},
	{"9.6", "", `[file:name = 'a' OR file:name = 'b']`, nil},
	{"9.6", "", `[email-message:to_refs[*].value = 'a@mail.example' AND email-message:to_refs[*].value = 'b@mail.example']`, nil},
	{"9.6", "", `[file:name NOT = 'a' AND file:name != 'b' AND file:name NOT = 'c']`, nil},
	{"9.5.1", "", `[file:size = 1] REPEATS 1 TIMES WITHIN 0.1 SECONDS START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00.001Z'`, nil},
	{"9.5.1", "", `([file:size = 1] WITHIN 5 SECONDS AND [file:size = 2]) WITHIN 9 SECONDS`, nil},
	{"2.10", "2.0", `[file:size = 9007199254740992]`, nil},
	{"2.0", "2.0", `[file:size = 1] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'`, nil},
	{"2.0", "2.0", `[process:name = 'x' OR process:binary_ref.name = 'y' OR process:arguments[0] = 'z']`, nil},
	{"2.0", "2.0", `[file:hashes.'SHA-224' = '` + strings.Repeat("0", 56) + `' OR file:is_encrypted = true]`, nil},
	{"2.0", "2.0", `[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'x']`, nil},
	{"2.0", "2.0", `[file:extensions.'archive-ext'.version = '5']`, nil},
	// Syntax.
	{"9.3", "", `[file:name]`, []string{"must 10 expected an operator"}},
	{"9.2", "", `[file:name = 'C:\Temp']`, []string{`must 16 found "\\T"`}},
	{"9.5.1", "2.1", `[file:size = 1] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'`, []string{"must 22 a timestamp"}},
	{"9.5.1", "2.0", `[file:size = 1] START '2026-01-01' STOP '2026-01-02'`, []string{"must 22 a timestamp"}},
	{"9.5.1", "2.0", `[file:size = 1] START '2026-01-01T00:00:00Zx' STOP '2026-01-02T00:00:00Z'`, []string{"must 22 a timestamp"}},
	// Qualifiers.
	{"9.5.1", "", `[file:size = 1] REPEATS 0 TIMES`, []string{"must 16 at least 1"}},
	{"9.5.1", "", `[file:size = 1] WITHIN 0 SECONDS`, []string{"must 16 more than 0"}},
	{"9.5.1", "", `[file:size = 1] WITHIN 0.0 SECONDS`, []string{"must 16 more than 0"}},
	{"9.5.1", "", `[file:size = 1] WITHIN 1 SECONDS WITHIN 2 SECONDS WITHIN 3 SECONDS`, []string{"must 33 already"}},
	{"9.5.1", "", `[file:size = 1] REPEATS 1 TIMES WITHIN 1 SECONDS REPEATS 2 TIMES`, []string{"must 49 already"}},
	{"9.5.1", "", `[file:size = 1] START t'2026-01-02T00:00:00Z' STOP t'2026-01-01T00:00:00Z'`, []string{"must 16 not before"}},
	{"9.5.1", "", `[file:size = 1] START t'2026-01-02T00:00:00Z' STOP t'2026-01-02T00:00:00.000Z'`, []string{"must 16 not before"}},
	{"9.5.1", "", `[file:size = 1] START t'2026-02-30T00:00:00Z' STOP t'2026-01-02T00:00:00Z'`, []string{"must 22 no such day"}},
	{"9.5.1", "", `([file:size = 1] REPEATS 0 TIMES AND [file:size = 2]) REPEATS 0 TIMES`, []string{"must 17 at least", "must 54 at least"}},
	// Constants.
	{"9.2", "", `[file:ctime = t'2025-02-29T00:00:00Z']`, []string{"must 14 no such day"}},
	{"9.2", "", `[file:size IN (9007199254740991, 9007199254740992, -9007199254740992)]`, []string{"must 33 2^53-1", "must 51 2^53-1", "should 51 never"}},
	{"9.6.1", "", `[file:name IN ('a', 1)]`, []string{"must 20 stands in a set", "must 20 is compared"}},
	{"9.6.1", "", `[x-example:a IN (true, 'x', h'00')]`, []string{"must 23 type string stands in a set of type boolean"}},
	{"9.6.1", "", `[file:name IN ()]`, []string{"should 1 empty set"}},
	// Data types.
	{"9.6.1", "", `[file:size = '5']`, []string{"must 13 string is compared with values of type integer"}},
	{"9.6.1", "", `[file:size NOT > true]`, []string{"must 17 expected a constant that has an order"}},
	{"9.6.1", "", `[file:size = true]`, []string{"must 13 boolean"}},
	{"9.6.1", "", `[file:name = 5]`, []string{"must 13 integer is compared with values of type string"}},
	{"9.6.1", "", `[file:name != 5.5]`, []string{"must 14 float"}},
	{"9.6.1", "", `[file:ctime = '2026-01-01T00:00:00Z']`, []string{"must 14 values of type timestamp"}},
	{"9.6.1", "", `[file:name = t'2026-01-01T00:00:00Z']`, []string{"must 13 timestamp"}},
	{"9.6.1", "", `[user-account:is_disabled = 'true']`, []string{"must 28 boolean"}},
	{"9.6.1", "", `[file:magic_number_hex = 5]`, []string{"must 25 hex"}},
	{"9.6.1", "", `[artifact:payload_bin = true]`, []string{"must 24 binary"}},
	{"9.6.1", "", `[network-traffic:dst_ref = 5]`, []string{"must 27 identifier"}},
	{"9.6.1", "", `[x509-certificate:version = 'x' AND file:extensions.'windows-pebinary-ext'.sections[*].entropy = 'x']`, []string{"should 36 two types", "must 97 float"}},
	{"9.6.1", "", `[network-traffic:dst_ref.value = 5]`, []string{"must 33 string"}},
	{"9.6.1", "", `[file:size LIKE '5%']`, []string{"must 1 LIKE compares strings"}},
	{"9.6.1", "", `[file:size NOT MATCHES '5']`, []string{"must 1 MATCHES compares strings"}},
	// Addresses.
	{"9.6.1", "", `[ipv4-addr:value ISSUBSET '2001:db8::/32']`, []string{"must 26 no IPv4"}},
	{"9.6.1", "", `[ipv6-addr:value NOT ISSUPERSET '192.0.2.0/24']`, []string{"must 32 no IPv6"}},
	{"9.6.1", "", `[ipv4-addr:value ISSUBSET '192.0.2.0/33']`, []string{"must 26 no IP address"}},
	{"9.6.1", "", `[ipv4-addr:value ISSUBSET '192.0.2']`, []string{"must 26 no IP address"}},
	{"9.6.1", "", `[ipv6-addr:value ISSUBSET 'fe80::1%eth0']`, []string{"must 26 no IP address"}},
	{"9.6.1", "", `[x-example:a ISSUBSET 'www.example']`, []string{"must 22 no IP address"}},
	{"9.6.1", "", `[file:name ISSUBSET '192.0.2.0/24']`, []string{"must 1 ISSUBSET compares the value of"}},
	{"9.6.1", "", `[network-traffic:dst_ref.resolves_to_refs[*].value ISSUPERSET '192.0.2.0/24']`, nil},
	{"9.6.1", "", `[domain-name:value ISSUPERSET '192.0.2.0/24']`, []string{"must 1 ISSUPERSET compares the value of"}},
	// Regular expressions.
	{"9.6.1", "", `[file:name MATCHES '(']`, []string{"must 19 missing closing"}},
	{"9.6.1", "", `[file:name MATCHES 'a)']`, []string{"must 19 unexpected )"}},
	{"9.6.1", "", `[file:name MATCHES '[a']`, []string{"must 19 missing closing ]"}},
	{"9.6.1", "", `[file:name MATCHES '[z-a]']`, []string{"must 19 range"}},
	{"9.6.1", "", `[file:name MATCHES '*a']`, []string{"must 19 repetition"}},
	{"9.6.1", "", `[file:name MATCHES 'a\\']`, []string{"must 19 trailing backslash"}},
	{"9.6.1", "", `[file:name MATCHES 'a(?=b)']`, []string{"policy 19 lookahead"}},
	{"9.6.1", "", `[file:name MATCHES '(?<!a)b']`, []string{"policy 19 lookbehind"}},
	{"9.6.1", "", `[file:name MATCHES '(a)\\1']`, []string{"policy 19 back reference"}},
	{"9.6.1", "", `[file:name MATCHES 'a*+b']`, []string{"policy 19 possessive"}},
	{"9.6.1", "", `[file:name MATCHES '(?>a)']`, []string{"policy 19 atomic"}},
	{"9.6.1", "", `[file:name MATCHES '[\\]*+(?=]\\Q(?=\\E(?#c)']`, []string{"policy 19 a comment"}},
	{"9.6.1", "", `[file:name MATCHES 'a{1001}']`, []string{"policy 19 RE2 does not take"}},
	{"9.6.1", "", `[file:name MATCHES '\\p{Any_Thing}']`, []string{"policy 19 RE2 does not take"}},
	{"9.6.1", "", `[file:name MATCHES '` + strings.Repeat("a", 4097) + `']`, []string{"policy 19 too long"}},
	{"9.6.1", "", `[file:name MATCHES '[\\1]']`, []string{"policy 19 RE2 does not take"}},
	{
		"9.6.1", "", `[` + strings.Repeat(`file:name MATCHES '`+strings.Repeat("a", 4096)+`' OR `, 4) + `file:name MATCHES '(']`,
		[]string{fmt.Sprintf("policy %d too long", 4*len(`file:name MATCHES '' OR `)+4*4096+19)},
	},
	// Paths.
	{"9.7", "", `[fille:name = 'x']`, []string{`should 1 "fille" is no type`}},
	{"9.7", "", `[indicator:name = 'x']`, []string{`should 1 "indicator" is no cyber-observable`}},
	{"9.7", "", `[file:nam = 'x']`, []string{`should 6 "nam" is no property that is known of file`}},
	{"9.7", "", `[EXISTS file:nam]`, []string{`should 13 "nam"`}},
	{"9.7", "2.1", `[process:name = 'x']`, []string{`should 9 "name"`}},
	{"9.7.1", "", `[file:name.x = 'x']`, []string{`should 11 "name" has no parts`}},
	{"9.7.4", "", `[file:id.name = 'x']`, []string{`should 9 "id" has no parts`}},
	{"9.7.4", "", `[x-example:some_ref.name = 'x' AND EXISTS x-example:id]`, nil},
	{"9.7.2", "", `[network-traffic:protocols = 'tcp']`, []string{"should 1 leads to a list"}},
	{"9.7.2", "", `[email-message:to_refs.value = 'x']`, []string{`should 23 "to_refs" is a list`}},
	{"9.7.2", "", `[file:name[0] = 'x']`, []string{`should 10 "name" is no list`}},
	{"9.7.2", "", `[network-traffic:protocols[-1] = 'x']`, []string{"should 26 negative"}},
	{"9.7.2", "", `[network-traffic:protocols[0][0] = 'x']`, []string{`should 29 "protocols" is no list`}},
	{"9.7.3", "", `[file:hashes = 'x']`, []string{"should 1 leads to an object"}},
	{"9.7.3", "", `[file:hashes.FOO = 'x']`, []string{`should 13 "FOO" is no algorithm`}},
	{"9.7.3", "", `[file:extensions.'archive-ext'.nope = 'x']`, []string{`should 31 "nope" is no property that is known of archive-ext`}},
	{"9.7.3", "", `[file:extensions.'archiv-ext'.comment = 'x']`, []string{"should 17 no such extension is known"}},
	{"9.7.3", "", `[file:extensions.'socket-ext'.is_listening = true]`, []string{"should 17 no such extension"}},
	{"9.7.3", "", `[process:image_ref.extensions.'socket-ext'.is_listening = true]`, []string{"should 30 no such extension"}},
	{"9.7.4", "", `[network-traffic:dst_ref.nope = 'x']`, []string{`should 25 "nope" is no property that is known of domain-name, ipv4-addr, ipv6-addr, mac-addr`}},
	{"9.7.4", "", `[network-traffic:dst_ref = '192.0.2.1']`, []string{"should 27 it is an identifier"}},
	// What never holds.
	{"9.6", "", `[file:name = 'a' AND directory:path = 'b']`, []string{"should 21 no object has two types"}},
	{"9.6", "", `[(file:name = 'a' OR directory:path = 'b') AND (mutex:name = 'c' OR url:value = 'https://www.example/')]`, []string{"should 48 two types"}},
	{"9.6", "", `[file:name = 'a' AND (directory:path = 'b' OR file:name LIKE 'c') AND directory:path = 'd']`, []string{"should 70 two types"}},
	{"9.6", "", `[file:name = 'a' AND EXISTS file:size AND file:name = 'b']`, []string{`should 42 "file:name" is one value`}},
	{"9.6", "", `[file:size = '5' AND file:name = 'a' AND file:name = 'b']`, []string{"must 13 string", "should 41 is one value"}},
	{"9.6", "", `[x-example:a = 1 AND x-example:a = 2]`, nil},
	{"9.6", "", `[network-traffic:protocols = 'a' AND network-traffic:protocols = 'b']`, []string{"should 1 to a list", "should 37 to a list"}},
	{"10", "", `[file:extensions.'windows-pebinary-ext'.pe_type = 'com']`, nil},
	{"10", "", `[windows-registry-key:values[*].data_type = 'REG_NOPE']`, []string{`should 44 "REG_NOPE" is not in windows-registry-datatype-enum`}},
	{"10", "", `[windows-registry-key:values[*].data_type NOT IN ('REG_NOPE')]`, nil},
	{"10", "", `[windows-registry-key:values[*].data_type != 'REG_NOPE']`, nil},
	{"10", "", `[windows-registry-key:values[*].data_type NOT != 'REG_NOPE']`, []string{"should 49 is not in"}},
	{"6.12", "", `[network-traffic:dst_port = 65536]`, []string{"should 28 from 0 to 65535"}},
	{"6.12", "", `[network-traffic:dst_port IN (80, 70000)]`, []string{"should 34 from 0 to 65535"}},
	{"6.12", "", `[network-traffic:dst_port > 65535]`, []string{"should 28 from 0"}},
	{"6.12", "", `[network-traffic:dst_port >= 65535 AND network-traffic:dst_port <= 0]`, nil},
	{"6.12", "", `[network-traffic:dst_port >= 65536]`, []string{"should 29 from 0"}},
	{"6.12", "", `[network-traffic:dst_port < 0]`, []string{"should 28 from 0"}},
	{"6.12", "", `[network-traffic:dst_port <= -1]`, []string{"should 29 from 0"}},
	{"6.12", "", `[network-traffic:dst_port NOT > -1]`, []string{"should 32 from 0"}},
	{"6.12", "", `[network-traffic:dst_port NOT = 65536 AND network-traffic:dst_port < 70000]`, nil},
	{"6.12", "", `[network-traffic:dst_port = 80.5]`, []string{"should 28 it is an integer"}},
	{"6.12", "", `[network-traffic:dst_port = 80.0]`, nil},
	{"6.7", "", `[file:size = -1]`, []string{"should 13 at least 0"}},
	{"6.8", "", `[ipv4-addr:value = 'www.example']`, []string{"should 19 no such address"}},
	{"6.8", "", `[ipv4-addr:value = '2001:db8::1']`, []string{"should 19 no such address"}},
	{"6.8", "", `[network-traffic:dst_ref.value = 'www.example']`, nil},
	{"6.9", "", `[ipv6-addr:value = '192.0.2.1']`, []string{"should 19 no such address"}},
	{"6.10", "", `[mac-addr:value = '00:00:5E:00:53:01']`, []string{"should 18 lower-case"}},
	{"6.17", "", `[windows-registry-key:key = 'HKLM\\Software']`, []string{"should 28 hive"}},
	{"2.7", "", `[file:hashes.MD5 = '0a']`, []string{"should 19 32 hexadecimal digits"}},
	{"2.7", "", `[file:hashes.'SHA-256' IN ('` + sha256 + `', '` + md5 + `')]`, []string{"should 95 64 hexadecimal digits"}},
	{"2.7", "", `[file:hashes.MD5 = '` + strings.Repeat("g", 32) + `']`, []string{"should 19 32 hexadecimal digits"}},
	{"2.7", "", `[file:hashes.SSDEEP = 'x' OR file:hashes.TLSH = 'x']`, []string{"should 22 size:hash:hash", "should 48 TLSH"}},
	{"2.7", "", `[file:hashes.SSDEEP = '3:a+b:c/' OR file:hashes.TLSH = 'T1` + strings.Repeat("A", 70) + `']`, nil},
	{"2.7", "", `[file:hashes.md5 = '0a']`, []string{"should 13 it is written MD5", "should 19 32 hexadecimal"}},
	{"2.7", "2.1", `[file:hashes.'SHA-224' = '` + strings.Repeat("0", 56) + `']`, []string{`should 13 "SHA-224" is no algorithm`}},
	{"2.7", "", `[file:hashes.MD5 LIKE '0a%']`, nil},
	{"3.1", "", `[file:type = 'directory']`, []string{"should 13 the type is file"}},
}

func faults(list []stix.PatternFault) (out []string) {
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s %d %s", f.Level, f.Offset, f.Text))
	}
	return out
}

// agrees reports whether each fault begins and ends as it is wanted.
func agrees(got, want []string) bool {
	return slices.EqualFunc(got, want, func(g, w string) bool {
		parts := strings.SplitN(w, " ", 3)
		return strings.HasPrefix(g, parts[0]+" "+parts[1]+" ") && strings.Contains(g, parts[2])
	})
}

func TestCheck(t *testing.T) {
	var c pattern.Checker
	for _, v := range judged {
		if got := faults(c.CheckPattern("stix", v.version, v.text)); !agrees(got, v.want) {
			t.Errorf("%s: %s\n\tgot  %s\n\twant %s", v.section, v.text, strings.Join(got, "\n\t     "), strings.Join(v.want, "\n\t     "))
		}
	}
}

// TestCheckPattern: which patterns are judged, and that a validator hands them on.
func TestCheckPattern(t *testing.T) {
	var c pattern.Checker
	for _, v := range [][2]string{{"snort", ""}, {"yara", "2.1"}, {"", ""}, {"STIX", ""}, {"stix", "2.2"}, {"stix", "1.0"}} {
		if got := c.CheckPattern(v[0], v[1], "no pattern"); got != nil {
			t.Errorf("%v: %v", v, got)
		}
	}
	for _, version := range []string{"", "2.0", "2.1"} {
		got := faults(c.CheckPattern("stix", version, "no pattern"))
		if want := []string{"must 0 expected [ or ("}; !agrees(got, want) {
			t.Errorf("%s: got %v, want %v", version, got, want)
		}
	}
	o, err := stix.Parse([]byte(`{"type":"indicator","spec_version":"2.1","id":"indicator--11111111-1111-4111-8111-111111111111",` +
		`"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","indicator_types":["unknown"],"name":"x",` +
		`"pattern":"[file:name == 'x']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	got := stix.NewValidator(stix.Patterns(&c)).Validate(&o)
	if len(got) != 1 || got[0].Level != stix.Must || got[0].Pointer != "/pattern" || !strings.Contains(got[0].Message(), `expected =`) {
		t.Errorf("the validator finds %+v", got)
	}
}

// TestMaxFaults: what is not told still counts.
func TestMaxFaults(t *testing.T) {
	of := func(n int, last string) []stix.PatternFault {
		text := "[" + strings.Repeat("file:nope = 1 OR ", n) + last + "]"
		return (&pattern.Checker{}).CheckPattern("stix", "", text)
	}
	if got := of(pattern.MaxFaults-1, "file:name = 'x'"); len(got) != pattern.MaxFaults-1 {
		t.Errorf("%d faults", len(got))
	}
	for last, level := range map[string]stix.Level{"file:nope = 1": stix.Should, "file:name = 1": stix.Must} {
		got := of(pattern.MaxFaults+5, last)
		if n := len(got); n != pattern.MaxFaults || got[n-1].Level != level || !strings.Contains(got[n-1].Text, "more than 99") {
			t.Errorf("%d faults, the last is %v", n, got[n-1])
		}
	}
}

// TestRealFaults: what is wrong with real patterns is known, and little of it.
func TestRealFaults(t *testing.T) {
	list, _ := realPatterns(t)
	var c pattern.Checker
	levels := map[stix.Level]int{}
	for _, real := range list {
		for _, f := range c.CheckPattern("stix", real.version, real.text) {
			levels[f.Level]++
			if f.Level == stix.Must && !strings.Contains(f.Text, "constant of type string is compared with values of type") {
				t.Errorf("%s: %s\n\t%s", real.file, f.Text, real.text)
			}
		}
	}
	t.Logf("faults: %v", levels)
	if levels[stix.Must] != 7 {
		t.Errorf("%d must, want 7: a port and six times of certificates as strings", levels[stix.Must])
	}
}

// TestRegistry: the names of a registry are known.
func TestRegistry(t *testing.T) {
	definition := func(id int, rest string) stix.Object {
		o, err := stix.Parse(fmt.Appendf(nil, `{"type":"extension-definition","spec_version":"2.1","id":"extension-definition--00000000-0000-4000-8000-%012d",`+
			`"created_by_ref":"identity--11111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",`+
			`"name":"x","schema":"https://www.example/x.json","version":"1.0.0",%s}`, id, rest))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	top := []stix.Property{{ID: 32, Name: "rank", Kind: stix.KindInteger}}
	r, err := stix.NewRegistry(nil,
		stix.Extension{
			Definition: definition(1, `"extension_types":["new-sco"]`),
			Types: []*stix.Struct{{
				Name: "radar", Class: stix.ClassObservable, Section: "1",
				Properties: []stix.Property{{ID: 32, Name: "site", Kind: stix.KindString}},
			}},
		},
		stix.Extension{
			Definition: definition(2, `"extension_types":["toplevel-property-extension"],"extension_properties":["rank"]`),
			Top:        top, Extends: []string{"file"},
		})
	if err != nil {
		t.Fatal(err)
	}
	c := pattern.NewChecker(r)
	for text, want := range map[string][]string{
		"[radar:site = 'x' AND EXISTS radar:id]": nil,
		"[radar:sight = 'x']":                    {`should 7 "sight"`},
		"[radar:x_sight = 'x']":                  nil,
		"[file:rank = 5]":                        nil,
		"[directory:rank = 5]":                   {`should 11 "rank"`},
		"[sonar:site = 'x']":                     {`should 1 "sonar"`},
	} {
		if got := faults(c.CheckPattern("stix", "", text)); !agrees(got, want) {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
	if got := pattern.NewChecker(nil).CheckPattern("stix", "", "[radar:site = 'x']"); len(got) != 1 {
		t.Errorf("without the registry: %v", got)
	}
}
