package authoring

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

func TestWhatATextSaysOfItself(t *testing.T) {
	for _, tt := range []struct {
		text  string
		tlp   stix.TLP // none: it names none
		title string
		lang  locale.Lang
	}{
		{"", stix.TLPNone, "", locale.English},
		{"TLP:GREEN\n\n# Beacon at a power company\n", stix.TLPGreen, "Beacon at a power company", locale.English},
		{"Mostly tlp: green, but part 3 is TLP:AMBER+STRICT.", stix.TLPAmberStrict, "Mostly tlp: green, but part 3 is TLP:AMBER+STRICT.", locale.English},
		{"TLP：AMBER + STRICT", stix.TLPAmberStrict, "", locale.English},
		{"TLP:WHITE\n---\n1234 5678\n【注意喚起】電力会社への攻撃について\n本文です。", stix.TLPClear, "【注意喚起】電力会社への攻撃について", locale.Japanese},
		{"TLP:REDACTED and NOTLP:RED", stix.TLPNone, "TLP:REDACTED and NOTLP:RED", locale.English},
		{strings.Repeat("長", 400), stix.TLPNone, strings.Repeat("長", 150) + "…", locale.English},
		{strings.Repeat("\n", 100) + "Too far below", stix.TLPNone, "", locale.English},
	} {
		tlp, _ := tlpIn(tt.text)
		if title := titleIn(tt.text); tlp != tt.tlp || title != tt.title || languageOf(tt.text) != tt.lang {
			t.Errorf("%.40q: %s, %q, %s", tt.text, tlp, title, languageOf(tt.text))
		}
	}
}

func TestDefang(t *testing.T) {
	for _, tt := range []struct {
		kind        author.Kind
		value, want string
	}{
		{author.IPv4, "203.0.113.7", "203.0.113[.]7"},
		{author.CIDR, "203.0.113.0/24", "203.0.113[.]0/24"},
		{author.CIDR, "2001:db8::/32", "2001[:]db8::/32"},
		{author.IPv6, "2001:db8::1", "2001[:]db8::1"},
		{author.Domain, "a.bad.example", "a.bad[.]example"},
		{author.URL, "https://a.bad.example/x.y?z=http://c.example", "hxxps://a.bad[.]example/x.y?z=http://c.example"},
		{author.URL, "a.bad.example/x.exe", "a.bad[.]example/x.exe"},
		{author.URL, "http://[2001:db8::1]/x.y", "hxxp://[2001:db8::1]/x.y"},
		{author.Email, "a@bad.example", "a[@]bad.example"},
		{author.MD5, "098f6bcd4621d373cade4e832627b4f6", "098f6bcd4621d373cade4e832627b4f6"},
		{author.Path, `C:\a.b`, `C:\a.b`},
	} {
		if got := defang(tt.kind, tt.value); got != tt.want {
			t.Errorf("%s %s: %s", tt.kind, tt.value, got)
		}
	}
}

func TestTheSourceIsTheLineAsItWasWritten(t *testing.T) {
	text := "first\n  \t" + strings.Repeat("語 ", 30) + "at 203[.]0[.]113[.]7, and on\r\nlast"
	found, err := author.Extract(text, nil, author.Options{Rehearsal: true})
	if err != nil || len(found.Candidates) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	s := sourceOf(found.Source(found.Candidates[0].Places[0]))
	if whole := s.Far + s.Near + s.Match + s.After; whole != strings.TrimSpace(strings.Split(text, "\n")[1]) || s.Match != "203[.]0[.]113[.]7" || !s.Before || s.Cut {
		t.Errorf("%+v", s)
	}
	if n := utf8.RuneCountInString(s.Near); n != near {
		t.Errorf("%d characters stand before the match", n)
	}
}

// TestNamesOfCandidates: two candidates of one text never have one name.
func TestNamesOfCandidates(t *testing.T) {
	one, other := author.Candidate{Kind: author.Domain, Value: "x"}, author.Candidate{Kind: author.Name, Value: "x"}
	if nameOf(&one) == nameOf(&other) || len(nameOf(&one)) != nameLength || nameOf(&one) != nameOf(&author.Candidate{Kind: author.Domain, Value: "x", Written: "X"}) {
		t.Errorf("%s, %s", nameOf(&one), nameOf(&other))
	}
}

// FuzzForm: whatever a form holds, what is shown of it can be shown, and what is listed comes back.
func FuzzForm(f *testing.F) {
	f.Add("text=203.0.113%5B.%5D7+and+bad%5B.%5Dexample&title=x&on=abc&seen=abcdefghijklmnopqrstuvwxyz&most=9&rest=url&own=a,b")
	f.Add("text=%ff%fe%00hxxp%3A%2F%2Fx%5B.%5Dexample%2F%0d%0a%0d&until=2026-01-01&zone=JST&days=-1&confidence=%E2%80%AE")
	f.Add("text=TLP%3ARED+CVE-2026-1&do=more&precedence=Z&labels=,%2C%E3%80%81&tlp=red&lang=ja")
	known := &names{Known: author.NewKnown(func(func(author.Entity) bool) {})}
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		d := readDraft(form, locale.Japanese)
		if err := d.extract(known); err != nil {
			if d.refuse(err) != nil {
				t.Fatal(err)
			}
			return
		}
		if d.seen == nil {
			d.Choices.suggest(d.Text)
		}
		d.resolve()
		c := d.Choices.read(d.Key)
		for _, s := range []string{d.Text, d.Own, c.Title, c.Description, c.Lang, d.Choices.Other} {
			if !utf8.ValidString(s) {
				t.Fatalf("%q is no text", s)
			}
		}
		for _, g := range d.Groups() {
			for _, r := range g.Rows {
				if !utf8.ValidString(r.Source.Far+r.Source.Near+r.Source.Match+r.Source.After) || r.Source.Match == "" {
					t.Fatalf("%+v", r)
				}
			}
		}
		again := url.Values{"text": {d.Text}, "own": {d.Own}, "seen": {d.Listed()}, "most": {form.Get("most")}}
		if d.Rehearsal {
			again.Set("rehearsal", "1")
		}
		for name, on := range d.on {
			if on {
				again.Add("on", name)
			}
		}
		e := readDraft(again, locale.Japanese)
		if err := e.extract(known); err != nil {
			t.Fatal(err)
		}
		e.rest = d.rest
		if e.Changed() != 0 || e.Selected() != d.Selected() || e.Listed() != d.Listed() {
			t.Fatalf("%d new, %d selected instead of %d", e.Changed(), e.Selected(), d.Selected())
		}
	})
}
