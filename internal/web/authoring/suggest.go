package authoring

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

// What the text itself says of how it may be shared, what it is called and what it is written in. These fill the form at first; what the author
// chooses counts.

var statedTLP = regexp.MustCompile(`(?i)\bTLP\s*[:：]\s*(CLEAR|WHITE|GREEN|AMBER\s*\+\s*STRICT|AMBER|RED)\b`)

// tlpIn is the strictest TLP that a text names; ok is false if it names none.
func tlpIn(text string) (most stix.TLP, ok bool) {
	for _, m := range statedTLP.FindAllStringSubmatch(text, mostStated) {
		name := strings.ToLower(strings.Join(strings.Fields(m[1]), ""))
		if name == "white" {
			name = "clear"
		}
		if t, err := stix.ParseTLP(name); err == nil && (!ok || t > most) {
			most, ok = t, true
		}
	}
	return most, ok
}

// Bounds of what is looked at for a suggestion.
const (
	mostStated = 100  // mentions of TLP
	titleLines = 20   // lines in which the title is looked for
	titleMost  = 150  // characters of it
	languageIn = 4000 // bytes of the beginning
)

// titleIn is the first line that reads like one.
func titleIn(text string) string {
	rest := text
	for range titleLines {
		line, after, more := strings.Cut(rest, "\n")
		rest = after
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "#*=-_>■◆●"))
		bare := statedTLP.ReplaceAllString(line, "")
		if letters := strings.Count(strings.Map(lettersOnly, bare), "x"); letters >= 4 {
			return firstRunes(line, titleMost)
		}
		if !more {
			break
		}
	}
	return ""
}

func lettersOnly(r rune) rune {
	if unicode.IsLetter(r) {
		return 'x'
	}
	return -1
}

// firstRunes is the beginning of a text, whole characters of it.
func firstRunes(s string, most int) string {
	for i := range s {
		if most == 0 {
			return strings.TrimSpace(s[:i]) + "…"
		}
		most--
	}
	return s
}

// languageOf says what a text is written in: kana are Japanese, everything else is taken for English.
func languageOf(text string) locale.Lang {
	head := text[:min(len(text), languageIn)]
	if strings.ContainsFunc(head, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }) {
		return locale.Japanese
	}
	return locale.English
}
