package locale

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/wagasa/wagasa/stix"
)

// argument is the place of one in a text.
var argument = regexp.MustCompile(`\{[0-9]\}`)

// raw is a text file as written, by code, its terms not filled in.
func raw(t *testing.T, lang Lang) map[string]string {
	t.Helper()
	parts, err := sections(lang)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for section, entries := range parts {
		for key, text := range entries {
			all[section+"."+key] = text
		}
	}
	return all
}

func glossary(t *testing.T) (terms map[string]map[Lang]string) {
	t.Helper()
	if err := read("glossary.toml", &terms); err != nil {
		t.Fatal(err)
	}
	return terms
}

func codes(texts map[string]string) []string { return slices.Sorted(maps.Keys(texts)) }

// used returns what a text takes, sorted and once each.
func used(text string, what *regexp.Regexp) []string {
	found := what.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestTextsCanBeLoaded(t *testing.T) {
	if _, err := load(); err != nil {
		t.Fatal(err)
	}
}

func TestLanguagesHaveTheSameTextsWithTheSameArguments(t *testing.T) {
	en, ja := raw(t, English), raw(t, Japanese)
	if a, b := codes(en), codes(ja); !slices.Equal(a, b) {
		t.Fatalf("en has %v\nja has %v", a, b)
	}
	for code := range en {
		a, b := used(en[code], argument), used(ja[code], argument)
		if !slices.Equal(a, b) {
			t.Errorf("%s: en takes %v, ja takes %v", code, a, b)
		}
		for i, arg := range a {
			if arg != "{"+string(rune('0'+i))+"}" {
				t.Errorf("%s: takes %v: a number is left out", code, a)
				break
			}
		}
	}
}

func TestTextsAreWellFormed(t *testing.T) {
	brace := regexp.MustCompile(`[{}]`)
	for _, lang := range Langs {
		for code, text := range raw(t, lang) {
			bare := term.ReplaceAllString(argument.ReplaceAllString(text, ""), "")
			if brace.MatchString(bare) || strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s in %s: %q", code, lang, text)
			}
			if filled := Text(lang, code); lang == Japanese && !strings.ContainsFunc(filled, japanese) {
				t.Errorf("%s in ja has no Japanese: %q", code, filled)
			}
		}
	}
}

func TestTermsExistInEveryLanguage(t *testing.T) {
	for key, words := range glossary(t) {
		if len(words) != len(Langs) {
			t.Errorf("[%s]: %v", key, words)
		}
		for _, lang := range Langs {
			if w := words[lang]; w == "" || strings.ContainsAny(w, "{}") {
				t.Errorf("[%s] %s: %q", key, lang, w)
			}
		}
	}
	for _, lang := range Langs {
		for code, text := range raw(t, lang) {
			for _, m := range used(text, term) {
				if glossary(t)[m[2:len(m)-1]] == nil {
					t.Errorf("%s in %s: no term %s", code, lang, m)
				}
			}
		}
	}
}

// literal is a code or the beginning of one in Go source; only sections that there are can be meant.
var literal = regexp.MustCompile(`"([a-z]+)\.([a-z-]*)"`)

// sources calls f for each Go file of the project that is no test, and for each template of a page.
func sources(t *testing.T, f func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != "../.." || d.Name() == "testdata"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"), strings.HasSuffix(path, ".html"):
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f(path, string(b))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryCodeInTheSourceHasATextAndEveryTextIsUsed(t *testing.T) {
	texts := raw(t, English)
	sections := map[string]bool{}
	for code := range texts {
		section, _, _ := strings.Cut(code, ".")
		sections[section] = true
	}
	seen := map[string]bool{}
	prefixes := map[string]bool{}
	files := 0
	sources(t, func(path, text string) {
		files++
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			section, key := m[1], m[2]
			switch code := section + "." + key; {
			case !sections[section]:
			case key == "": // "exception." + kind
				prefixes[code] = true
			case texts[code] == "" && !strings.Contains(path, "locale"):
				t.Errorf("%s: %q has no text", path, code)
			default:
				seen[code] = true
			}
		}
	})
	if files < 20 {
		t.Fatalf("only %d source files were found", files)
	}
	for code := range texts {
		section, _, _ := strings.Cut(code, ".")
		if !seen[code] && !prefixes[section+"."] {
			t.Errorf("%s is used nowhere", code)
		}
	}
}

// TestEveryFindingHasItsText: in English it is the rule that package stix gives, so that nobody reads two wordings of one rule.
func TestEveryFindingHasItsText(t *testing.T) {
	english, rest := raw(t, English), raw(t, Japanese)
	for _, c := range stix.Codes() {
		key := "finding." + string(c.Code)
		if english[key] == "" || rest[key] == "" {
			t.Errorf("%s has no text", key)
			continue
		}
		f := stix.Finding{Code: c.Code, Level: c.Level, Value: "{1}", Want: "{0}"} // hostile
		if got := Finding(English, f); got != f.Message() {
			t.Errorf("%s: %q, package stix says %q", key, got, f.Message())
		}
		if ja := Finding(Japanese, f); strings.Contains(f.Message(), "{1}") != strings.Contains(ja, "{1}") || strings.Contains(f.Message(), "{0}") != strings.Contains(ja, "{0}") {
			t.Errorf("%s: %q does not say what %q does", key, ja, f.Message())
		}
		delete(english, key)
		if level := "level." + c.Level.String(); english[level] == "" {
			t.Errorf("%s has no text", level)
		}
	}
	for key := range english {
		if strings.HasPrefix(key, "finding.") {
			t.Errorf("%s is the text of no code", key)
		}
	}
	for _, tt := range []struct {
		lang Lang
		f    stix.Finding
		want string
	}{
		{Japanese, stix.Finding{Code: "unheard-of", Value: "x"}, "finding.unheard-of x"},
		{Japanese, stix.Finding{Code: "kind", Value: "a string", Want: "a list of an object"}, "オブジェクトのリストであるべき箇所が文字列になっています"},
		{English, stix.Finding{Code: "kind", Value: "a string", Want: "a list of an object"}, "a string stands where a list of an object must"},
		{Japanese, stix.Finding{Code: "kind", Value: "a riddle", Want: "true or false"}, "真偽値であるべき箇所がa riddleになっています"},
	} {
		if got := Finding(tt.lang, tt.f); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestArgumentsAreFilledInOnce(t *testing.T) {
	r := Because("deny.ceiling", "{1}", "{=release}", "{0}")
	if got, want := r.In(English), "{1} is above the ceiling {=release} agreed with {0}"; got != want {
		t.Errorf("%q, want %q: an argument is not a text", got, want)
	}
	if got := Text(English, "deny.ceiling", "a"); !strings.Contains(got, "{1}") {
		t.Errorf("%q hides that an argument is missing", got)
	}
}

func TestAnUnknownCodeIsShownAsItself(t *testing.T) {
	if got := Because("deny.unheard-of", "a", "b").In(Japanese); got != "deny.unheard-of a b" {
		t.Errorf("%q", got)
	}
	if got := Because("deny.unheard-of").In("xx"); got != "deny.unheard-of" {
		t.Errorf("%q", got)
	}
}

func TestDefaultFollowsTheEnvironment(t *testing.T) {
	for _, tt := range []struct {
		all, messages, lang string
		want                Lang
	}{
		{"", "", "", English},
		{"", "", "ja_JP.UTF-8", Japanese},
		{"", "ja_JP.UTF-8", "en_US.UTF-8", Japanese},
		{"C", "ja_JP.UTF-8", "ja_JP.UTF-8", English},
		{"ja", "", "", Japanese},
		{"", "", "et_EE.UTF-8", English},
	} {
		t.Setenv("LC_ALL", tt.all)
		t.Setenv("LC_MESSAGES", tt.messages)
		t.Setenv("LANG", tt.lang)
		if got := Default(); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

func japanese(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }
