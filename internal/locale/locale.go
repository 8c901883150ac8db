// Package locale holds every text that people read, in English and Japanese. What happens inside is a code with arguments
// (a [Reason]); words are made of it at the edge, here. Texts draw their terms from one glossary.
//
// Texts live in en.toml and ja.toml, those of pages in text_*_en.toml and text_*_ja.toml, terms in glossary.toml. In a text, {0} is the first argument and {=key} a term.
// Everything is read-only after the first use and safe for concurrent use.
package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"github.com/wagasa/wagasa/stix"
)

//go:embed *.toml
var files embed.FS

// Lang is a language that texts are written in.
type Lang string

// The languages.
const (
	English  Lang = "en"
	Japanese Lang = "ja"
)

// Langs lists all languages.
var Langs = [...]Lang{English, Japanese}

// Default is the language that the environment asks for (LC_ALL, LC_MESSAGES, LANG), or English.
func Default() Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "ja") {
				return Japanese
			}
			break
		}
	}
	return English
}

// Reason is why something was decided: a code of the text files and its arguments, rendered where somebody reads it.
type Reason struct {
	Code string   `json:"code"`
	Args []string `json:"args,omitempty"`
}

// Because makes a Reason.
func Because(code string, args ...string) Reason { return Reason{code, args} }

// Finding says what validation found. The arguments of its text are Value and Want, in this order, as far as the rule speaks of them.
func Finding(lang Lang, f stix.Finding) string {
	rule, known := rules()[f.Code]
	value, want := f.Value, f.Want
	if f.Code == "kind" {
		value, want = kind(lang, value), kind(lang, want)
	}
	var args []any
	if !known || strings.Contains(rule, "{value}") {
		args = append(args, value)
	}
	if !known || strings.Contains(rule, "{want}") {
		args = append(args, want)
	}
	return Text(lang, "finding."+string(f.Code), args...)
}

// kind translates the name of a kind of values; one that is not known stays as it is.
func kind(lang Lang, name string) string {
	if of, ok := strings.CutPrefix(name, "a list of "); ok {
		return Text(lang, "kind.list-of", kind(lang, of))
	}
	code := "kind." + strings.ReplaceAll(name, " ", "-")
	if _, ok := texts()[lang][code]; !ok {
		return name
	}
	return Text(lang, code)
}

// rules is what the codes of findings say, with {value} and {want}.
var rules = sync.OnceValue(func() map[stix.Code]string {
	all := map[stix.Code]string{}
	for _, c := range stix.Codes() {
		all[c.Code] = c.Text
	}
	return all
})

// In renders the reason in a language.
func (r Reason) In(lang Lang) string {
	args := make([]any, len(r.Args))
	for i, a := range r.Args {
		args[i] = a
	}
	return Text(lang, r.Code, args...)
}

// Text renders the text of a code. An unknown code is shown as itself with its arguments: a missing translation must not hide a reason.
func Text(lang Lang, code string, args ...any) string {
	t, ok := texts()[lang][code]
	if !ok {
		return strings.TrimSpace(code + " " + strings.Trim(fmt.Sprintln(args...), "\n"))
	}
	var b strings.Builder
	for {
		at := strings.IndexByte(t, '{')
		if at < 0 || len(t) < at+3 {
			break
		}
		i := int(t[at+1]) - '0'
		if t[at+2] != '}' || i < 0 || i >= min(len(args), 10) { // no argument, or none that was given
			b.WriteString(t[:at+1])
			t = t[at+1:]
			continue
		}
		b.WriteString(t[:at])
		fmt.Fprint(&b, args[i])
		t = t[at+3:]
	}
	b.WriteString(t)
	return b.String()
}

var term = regexp.MustCompile(`\{=[a-z-]+\}`)

// texts is every text by language and code, its terms filled in.
var texts = sync.OnceValue(func() map[Lang]map[string]string {
	all, err := load()
	if err != nil {
		panic(err) // embedded files; TestTexts fails first
	}
	return all
})

func load() (map[Lang]map[string]string, error) {
	var glossary map[string]map[Lang]string
	if err := read("glossary.toml", &glossary); err != nil {
		return nil, err
	}
	all := map[Lang]map[string]string{}
	for _, lang := range Langs {
		parts, err := sections(lang)
		if err != nil {
			return nil, err
		}
		all[lang] = map[string]string{}
		for section, entries := range parts {
			for key, text := range entries {
				filled, err := fill(text, glossary, lang)
				if err != nil {
					return nil, fmt.Errorf("%s.toml: %s.%s: %w", lang, section, key, err)
				}
				all[lang][section+"."+key] = filled
			}
		}
	}
	return all, nil
}

// sections are the texts of a language by section: those of its own file, and of the files of the pages (text_*_en.toml). A section stands in one file.
func sections(lang Lang) (map[string]map[string]string, error) {
	names, err := fs.Glob(files, "text_*_"+string(lang)+".toml")
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]string{}
	for _, name := range append(names, string(lang)+".toml") {
		var some map[string]map[string]string
		if err := read(name, &some); err != nil {
			return nil, err
		}
		for section, entries := range some {
			if all[section] != nil {
				return nil, fmt.Errorf("%s: the section %s stands in another file too", name, section)
			}
			all[section] = entries
		}
	}
	return all, nil
}

func read(name string, into any) error {
	b, err := files.ReadFile(name)
	if err == nil {
		err = toml.Unmarshal(b, into)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// fill replaces {=key} by the glossary's term.
func fill(text string, glossary map[string]map[Lang]string, lang Lang) (string, error) {
	var missing error
	filled := term.ReplaceAllStringFunc(text, func(m string) string {
		word := glossary[m[2:len(m)-1]][lang]
		if word == "" {
			missing = fmt.Errorf("no term %s in glossary.toml", m)
		}
		return word
	})
	return filled, missing
}
