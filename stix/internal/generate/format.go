package generate

import (
	"fmt"
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// syntax is what is known of a format: valid strings, strings that are not, and the code of those.
type syntax struct {
	code spec.Code
	good []string
	// make is a random valid string, where a list is not enough.
	make func(g *Generator) string
	bad  []string
}

var long = strings.Repeat("a", 251)

// uris is the syntax of RFC 3986, with the code that tells how much it weighs.
func uris(code spec.Code) syntax {
	return syntax{
		code: code,
		good: []string{
			"https://www.example.com/", "http://192.0.2.1:8080/a/b?c=d#e", "https://[2001:db8::1]/", "ftp://files.example/x.zip",
			"urn:example:a:1", "mailto:a@mail.example", "https://a.example/%E6%94%BB%E6%92%83", "x+y-1.z:opaque",
		},
		make: func(g *Generator) string { return "https://" + g.label() + ".example/" + g.key() + "?q=" + g.hex(4) },
		bad:  []string{"", "no uri", "/relative/path", "1http://a.example", "http://a.example/%zz", "http://a.example/a b", "www.example.com"},
	}
}

var syntaxes = map[spec.Format]syntax{
	spec.Language: {
		code: spec.CodeLanguage,
		good: []string{"en", "ja", "fr", "de-CH", "zh-Hant-TW", "en-US", "sr-Latn-RS", "es-419", "pt-BR", "tlh"},
		bad:  []string{"", "e", "en_US", "abcdefghij", "日本語", "en--us", "en us"},
	},
	spec.URI:  uris(spec.CodeURI),
	spec.Link: uris(spec.CodeLink),
	spec.IPv4: {
		code: spec.CodeIPv4,
		good: []string{"192.0.2.0/24", "198.51.100.7/32", "203.0.113.255"},
		make: func(g *Generator) string { return fmt.Sprintf("198.51.100.%d", g.n(256)) },
		bad:  []string{"", "256.0.2.1", "192.0.2", "192.0.2.0/33", "192.0.2.1.1", "2001:db8::1", "192.0.2.x", "192.0.2.1/"},
	},
	spec.IPv6: {
		code: spec.CodeIPv6,
		good: []string{"2001:db8::/32", "2001:db8:0:0:0:0:0:1", "2001:DB8::A", "2001:db8::192.0.2.1"},
		make: func(g *Generator) string { return "2001:db8::" + g.hex(4) },
		bad:  []string{"", "2001:db8::g", "2001:db8::1::2", "2001:db8::/129", "192.0.2.1", "2001:db8:12345::"},
	},
	spec.MAC: {
		code: spec.CodeMAC,
		make: func(g *Generator) string {
			s := g.from("0123456789abcdef", 12)
			return s[:2] + ":" + s[2:4] + ":" + s[4:6] + ":" + s[6:8] + ":" + s[8:10] + ":" + s[10:]
		},
		bad: []string{"", "d2:fb:49:24:37", "D2:FB:49:24:37:18", "d2-fb-49-24-37-18", "d2:fb:49:24:37:1g", "d2:fb:49:24:37:18:00"},
	},
	spec.DomainName: {
		code: spec.CodeDomainName,
		good: []string{"example.com", "a.b.c.example", "xn--r8jz45g.example", "例え.example", "x1.example"},
		make: func(g *Generator) string { return g.label() + "." + g.from(lower, 4) + ".example" },
		bad:  []string{"", "-a.example", "a..example", "a b.example", long[:64] + ".example", strings.Repeat("abc.", 64) + "example", "a!.example"},
	},
	spec.Email: {
		code: spec.CodeEmail,
		good: []string{"a@mail.example", "first.last+tag@mail.example"},
		make: func(g *Generator) string { return g.label() + "@" + g.from(lower, 5) + ".example" },
		bad:  []string{"", "a.example", "@mail.example", "a@", "a b@mail.example", "A <a@mail.example>"},
	},
	spec.CPE: {
		code: spec.CodeCPE,
		good: []string{
			"cpe:2.3:a:example:product:1.0:*:*:*:*:*:*:*", "cpe:2.3:o:example:os_10:-:sp1:*:*:*:*:x64:*",
			`cpe:2.3:h:example:box\:pro\!:2.1\/a:*:*:*:*:*:*:*`,
		},
		bad: []string{"", "cpe:/a:example:product:1.0", "cpe:2.3:a:example:product:1.0", "cpe:2.3:q:example:product:1.0:*:*:*:*:*:*:*"},
	},
	spec.SemVer: {
		code: spec.CodeSemVer,
		good: []string{"1.0.0", "0.1.0-alpha.1", "2.10.3+build.5", "1.2.3-rc.1+20260101"},
		make: func(g *Generator) string { return fmt.Sprintf("%d.%d.%d", g.n(20), g.n(20), g.n(20)) },
		bad:  []string{"", "1.0", "01.0.0", "v1.0.0", "1.0.0-", "1.0.0.0"},
	},
	spec.PropertyName: {
		code: spec.CodeName,
		make: (*Generator).key,
		bad:  []string{"Upper", "with-hyphen", "日本", long},
	},
	spec.TypeName: {
		code: spec.CodeTypeName,
		make: func(g *Generator) string { return "x-" + g.label() },
		bad:  []string{"", "ab", "Upper-case", "under_score", "two--hyphens", long},
	},
	spec.DictionaryKey: {
		code: spec.CodeKey,
		make: func(g *Generator) string {
			if g.chance(0.5) {
				return g.key()
			}
			return g.from("abcxyzABCXYZ0189-_", 1+g.n(12))
		},
		bad: []string{"", "with blank", "日本", "a.b", long},
	},
	spec.Selector: {
		code: spec.CodeSelector,
		make: func(g *Generator) string {
			if len(g.paths) == 0 {
				return "id"
			}
			return pick(g, g.paths)
		},
		bad: []string{"", "type..id", "[0]", "type.", "type.[x]", "type.[-1]", ".type", "type id"},
	},
	spec.MIMEType: {
		code: spec.CodeMIMEType,
		good: []string{"text/plain", "text/html; charset=utf-8", "application/octet-stream", "image/svg+xml", "application/vnd.ms-excel"},
		bad:  []string{"", "text", "text/", "/plain", "te xt/plain"},
	},
	spec.Country: {
		code: spec.CodeCountry,
		good: []string{"JP", "US", "DE", "FR", "AU", "GB", "CA", "KR", "NZ"},
		bad:  []string{"", "JPN", "Japan", "1A", "J"},
	},
	spec.LowerHyphen: {
		code: spec.CodeLowerCase,
		make: (*Generator).label,
		bad:  []string{"Upper", "with blank", "under_score"},
	},
	spec.RelationshipName: {
		code: spec.CodeRelationshipName,
		make: (*Generator).label,
		bad:  []string{"Uses", "uses_it", "two words", "使う"},
	},
	spec.RegistryKey: {
		code: spec.CodeRegistryKey,
		good: []string{`HKEY_LOCAL_MACHINE\Software\Example`, `HKEY_USERS\S-1-5-18\例`, `hkey_current_user\software`},
		bad:  []string{`HKLM\Software\Example`, `HKCU\Software`, `hkcr\x`},
	},
	spec.HTTPMethodLower: {
		code: spec.CodeLowerCase,
		good: []string{"get", "post", "head", "options"},
		bad:  []string{"GET", "Post"},
	},
	spec.Charset: {
		code: spec.CodeCharset,
		good: []string{"utf-8", "Shift_JIS", "ISO-8859-1", "EUC-JP", "windows-1252"},
		bad:  []string{"", "no such set", "日本", "a/b"},
	},
}

// format is a valid string of a format.
func (g *Generator) format(f spec.Format) string {
	s, ok := syntaxes[f]
	if !ok {
		return g.text()
	}
	if s.make != nil && (len(s.good) == 0 || g.chance(0.6)) {
		return s.make(g)
	}
	return pick(g, s.good)
}
