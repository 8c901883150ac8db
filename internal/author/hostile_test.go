package author

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// hostile are texts that look like much at every byte.
func hostile() map[string]string {
	fill := func(s string) string { return strings.Repeat(s, MaxText/len(s)) }
	texts := map[string]string{}
	for _, s := range []string{
		".", "[", "]", "[.", ".]", "[.]", "(", "[[.]]", "a.", ".a", "a.b", "1.", "1.1.1.1", "1.1.1.1:", ":", "::", "a:", "/", "//", "://", "http://", "http://a", "a/", "\\", "C:\\",
		"C:\\a ", "\\\\a\\", "%A%\\", "@", "a@", "a@a", "a.a@a.a", " dot ", "a dot ", " at ", "a at a dot a", "`", "\"", "「", "|", "|a.exe", "HK", "HKLM\\", "HKLM\\a ", "CVE-", "CVE-2021-", "T", "T1", "T1566",
		"T1566.", "3:", "3:aaaaaa", "3:aaaaaa:", "a", "f", "0", "あ", "あ.", "・", "。", "a。", "\u200b", "．", "ａ", "\xff", "\n", "\n|", "a.exe ", "a.exe|", "<", "<a", "C:\\<a", "{.}", "h[tt]p", "\\[", "\\.",
		"commit ", "http://a.com/-\n", "http://a.com/" + strings.Repeat("a", 60) + "/\n", "http://a.com/(", "[.]\n", "APT", "APT 29 ", "安", "\x01", "\x00",
	} {
		texts[s] = fill(s)
	}
	for _, pair := range []string{"[]", "()", "{}", "<>"} { // deep nesting
		n := MaxText / 2
		texts["deep"+pair] = strings.Repeat(pair[:1], n) + strings.Repeat(pair[1:], n)
	}
	return texts
}

// hostileKnown has names that nearly match them.
func hostileKnown() *Known {
	return NewKnown(slices.Values([]Entity{
		{Ref: Ref{"intrusion-set--1", "intrusion-set", "APT 29 29 29"}, Aliases: []string{"安安安", "a a a a a a a a a a a b"}},
	}))
}

// TestHostileTexts: what takes time that is not linear takes far longer than this for a part of MaxText. BenchmarkHostile reads all of it.
func TestHostileTexts(t *testing.T) {
	const part, most = MaxText / 32, 3 * time.Second
	known := hostileKnown()
	for name, text := range hostile() {
		text = text[:part/2] + text[len(text)-part/2:]
		start := time.Now()
		e, err := Extract(text, known, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > most {
			t.Errorf("%q: %v", name, took)
		}
		check(t, text, &e)
	}
}

func BenchmarkHostile(b *testing.B) {
	texts, known := hostile(), hostileKnown()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		b.Run(strconv.Quote(name), func(b *testing.B) {
			b.SetBytes(int64(len(texts[name])))
			for b.Loop() {
				if _, err := Extract(texts[name], known, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// check holds what is true of every extraction.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string, e *Extraction,
) {
	t.Helper()
	places, last := 0, 0
	seen := map[string]bool{}
	for i := range e.Candidates {
		c := &e.Candidates[i]
		ids := ""
		for _, r := range c.Refs {
			ids += r.ID
		}
		if k := string(c.Kind) + "\n" + c.Value + "\n" + ids; seen[k] {
			t.Fatalf("%s %q is there twice", c.Kind, c.Value)
		} else {
			seen[k] = true
		}
		if len(c.Places) == 0 || c.Value == "" || c.Places[0].Start < last {
			t.Fatalf("%s %q: places %v behind %d", c.Kind, c.Value, c.Places, last)
		}
		if c.Selected == (c.Why.Code != "") {
			t.Fatalf("%s %q: selected %v, why %q", c.Kind, c.Value, c.Selected, c.Why.Code)
		}
		last = c.Places[0].Start
		places += len(c.Places)
		for n, p := range c.Places {
			if p.Start < 0 || p.Start >= p.End || p.End > len(text) || n > 0 && p.Start <= c.Places[n-1].Start {
				t.Fatalf("%s %q: place %+v of %d bytes", c.Kind, c.Value, p, len(text))
			}
			if line := 1 + strings.Count(text[:min(p.Start, 4096)], "\n"); p.Start <= 4096 && line != p.Line {
				t.Fatalf("%s %q: line %d, want %d", c.Kind, c.Value, p.Line, line)
			}
			if x := e.Source(p); x.From < 0 || x.To > len(x.Text) || x.Text[x.From:x.To] != strings.TrimRight(text[p.Start:p.End], "\r") {
				t.Fatalf("%s %q: excerpt %+v", c.Kind, c.Value, x)
			}
		}
		if c.Written != text[c.Places[0].Start:c.Places[0].End] {
			t.Fatalf("%s %q: written %q", c.Kind, c.Value, c.Written)
		}
	}
	if len(e.Candidates) > MaxCandidates || places > MaxPlaces {
		t.Fatalf("%d candidates at %d places", len(e.Candidates), places)
	}
}

func TestBoundsAreKeptAndSaid(t *testing.T) {
	var many strings.Builder
	for i := range MaxCandidates + 1 {
		many.WriteString("a" + strconv.Itoa(i) + ".com ")
	}
	e, err := Extract(many.String(), nil, Options{})
	if err != nil || len(e.Candidates) != MaxCandidates || !e.More {
		t.Errorf("%d candidates, more %v, %v", len(e.Candidates), e.More, err)
	}
	e, err = Extract(strings.Repeat("a.cc ", MaxPlaces+1), nil, Options{})
	if err != nil || len(e.Candidates) != 0 { // cc is an ending of files
		t.Errorf("%d candidates, %v", len(e.Candidates), err)
	}
	e, err = Extract(strings.Repeat("a.jp ", MaxPlaces+1), nil, Options{})
	if err != nil || len(e.Candidates) != 1 || len(e.Candidates[0].Places) != MaxPlaces || !e.More {
		t.Errorf("%d candidates, more %v, %v", len(e.Candidates), e.More, err)
	}
}

// values draws something that is found wherever it stands.
func values(t *rapid.T) (kind Kind, value string) {
	octet := rapid.IntRange(10, 255)
	label := rapid.StringMatching(`[a-z][a-z0-9]{2,10}`)
	host := func() string {
		return label.Draw(t, "label") + "." + label.Draw(t, "label") + rapid.SampledFrom([]string{".com", ".co.jp", ".example", ".onion"}).Draw(t, "tld")
	}
	switch kind = rapid.SampledFrom([]Kind{IPv4, Domain, URL, Email, SHA256, CVE}).Draw(t, "kind"); kind {
	case IPv4:
		var parts []string
		for range 4 {
			parts = append(parts, strconv.Itoa(octet.Draw(t, "octet")))
		}
		return kind, strings.Join(parts, ".")
	case Domain:
		return kind, host()
	case URL:
		return kind, rapid.SampledFrom([]string{"http://", "https://", "ftp://"}).Draw(t, "scheme") + host() + rapid.StringMatching(`(/[a-z0-9]{1,8}){1,3}(\.php)?`).Draw(t, "path")
	case Email:
		return kind, rapid.StringMatching(`[a-z][a-z0-9]{0,10}`).Draw(t, "user") + "@" + host()
	case SHA256:
		return kind, rapid.StringMatching(`[a-f]{2}[0-9]{2}[0-9a-f]{60}`).Draw(t, "digest")
	}
	return CVE, "CVE-20" + rapid.StringMatching(`[12][0-9]-[0-9]{4,6}`).Draw(t, "number")
}

// defang writes a value so that nobody clicks on it.
func defang(t *rapid.T, kind Kind, value string) string {
	if kind == CVE || kind == SHA256 {
		return rapid.SampledFrom([]string{value, strings.ToLower(value), wide(value)}).Draw(t, "form")
	}
	dot := rapid.SampledFrom([]string{".", "[.]", "(.)", "{.}", "[dot]", "(dot)", " [.] ", "．", "\u200b.", "[．]", "（ドット）", "\\[.\\]"}).Draw(t, "dot")
	scheme, rest, is := strings.Cut(value, "://")
	if !is {
		rest = value
	}
	authority, path, more := strings.Cut(rest, "/")
	authority = strings.ReplaceAll(authority, ".", dot)
	authority = strings.Replace(authority, "@", rapid.SampledFrom([]string{"@", "[at]", "＠", "(at)", " [@] "}).Draw(t, "at"), 1)
	if is {
		scheme = strings.Replace(scheme, "tt", rapid.SampledFrom([]string{"tt", "xx", "XX"}).Draw(t, "tt"), 1)
		authority = scheme + rapid.SampledFrom([]string{"://", "[:]//", "[://]", "：／／"}).Draw(t, "colon") + authority
	}
	if more {
		authority += rapid.SampledFrom([]string{"/", "[/]"}).Draw(t, "slash") + path
	}
	return authority
}

// wide writes ASCII in full width.
func wide(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
}

// TestDefangedIsFound: whatever form a value is written in, amid Japanese or English, it is found as it was, once, at its place.
func TestDefangedIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind, value := values(t)
		before := rapid.SampledFrom([]string{"", "通信先は", "接続先：", "see ", "(", "「", "- ", "|", "\n", "マルウェアの"}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", "に接続する", "、", "。次に", " and", ")", "」", "|", "\n", "である。", ", "}).Draw(t, "after")
		written := defang(t, kind, value)
		text := before + written + after
		e, err := Extract(text, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		check(t, text, &e)
		for i := range e.Candidates {
			c := &e.Candidates[i]
			if c.Kind != kind || c.Value != value {
				if kind == URL && c.inside == 1 {
					continue
				}
				t.Fatalf("%q: found %s %q", text, c.Kind, c.Value)
			}
			if len(c.Places) != 1 || c.Places[0].Start != len(before) || c.Written != written {
				t.Fatalf("%q: at %v, written %q", text, c.Places, c.Written)
			}
			return
		}
		t.Fatalf("%q: %s %q is not found", text, kind, value)
	})
}

func FuzzExtract(f *testing.F) {
	f.Add(advisory)
	for name := range hostile() {
		f.Add(name + name)
	}
	f.Add("|SHA1|Filename\n|x|My File.exe\n`a b.dll` HKLM\\a b\\c C:\\a b\\c.exe \\\\s\\t 3:aaaaaa:bbbbbb APT 29")
	known := NewKnown(slices.Values([]Entity{{Ref: Ref{"intrusion-set--1", "intrusion-set", "APT29"}, Aliases: []string{"エクサンプル", "熊"}, External: []string{"G0016"}}}))
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Extract(text, known, Options{})
		if err != nil {
			t.Skip()
		}
		check(t, text, &e)
	})
}

func BenchmarkExtract(b *testing.B) {
	for name, text := range map[string]string{
		"advisory": strings.Repeat(advisory, 1+MaxText/len(advisory))[:MaxText],
		"prose":    strings.Repeat("The quick brown fox jumps over the lazy dog, and nothing in this line is worth sharing. ", MaxText/88),
		"japanese": strings.Repeat("この文章には共有すべきものは含まれていないが、長さだけは十分にある。", MaxText/102),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Extract(text, nil, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
