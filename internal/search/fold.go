package search

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// folder folds texts. It belongs to one goroutine.
type folder struct{ caser cases.Caser }

func newFolder() *folder { return &folder{cases.Fold()} }

// each yields the folded runes of a text, in order, each with the bytes of the text that it comes from. Several may come from the same
// bytes: folding works on one character with its combining marks at a time.
func (f *folder) each(text string, yield func(r rune, from, to int)) {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf && (i+1 == len(text) || text[i+1] < utf8.RuneSelf) {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			yield(rune(c), i, i+1)
			i++
			continue
		}
		n := norm.NFKC.NextBoundaryInString(text[i:], true)
		if n <= 0 {
			n = len(text) - i
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size <= 1: // bytes that are no text
			n = max(size, 1)
			yield(' ', i, i+n)
		case size == n && folded(r):
			yield(r, i, i+n)
		default:
			for _, r := range f.fold(text[i : i+n]) {
				if !ignorable(r) {
					yield(r, i, i+n)
				}
			}
		}
		i += n
	}
}

// fold folds one character with its marks.
func (f *folder) fold(s string) string {
	return norm.NFKC.String(f.caser.String(norm.NFKC.String(s)))
}

// foldAll folds a whole text.
func (f *folder) foldAll(text string) string {
	b := make([]byte, 0, len(text))
	f.each(text, func(r rune, _, _ int) { b = utf8.AppendRune(b, r) })
	return string(b)
}

// folded says of most of what is written in Japanese and Korean that folding leaves it as it is; and of Cherokee capitals, which Unicode folds
// small letters to and package cases the other way round.
func folded(r rune) bool {
	return 0x13A0 <= r && r <= 0x13F5 || 0x3041 <= r && r <= 0x3096 || 0x30A1 <= r && r <= 0x30FE || 0x3001 <= r && r <= 0x3007 || 0x4E00 <= r && r <= 0x9FFF || 0xAC00 <= r && r <= 0xD7A3
}

// ignorable says of characters that nobody sees that they do not part what they stand in.
func ignorable(r rune) bool {
	return r >= 0xAD && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == 0x034F)
}

// kind is what a folded rune is to the tokenizer.
type kind uint8

const (
	gap  kind = iota // parts words
	word             // part of a word
	ideo             // a character of a script whose words nobody parts
	mark             // belongs to the word that it stands in
)

func kindOf(r rune) kind {
	if r < utf8.RuneSelf {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' {
			return word
		}
		return gap
	}
	switch {
	case ideographic(r):
		return ideo
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return word
	case unicode.IsMark(r):
		return mark
	}
	return gap
}

func ideographic(r rune) bool {
	switch {
	case 0x3041 <= r && r <= 0x3096, 0x4E00 <= r && r <= 0x9FFF, 0xAC00 <= r && r <= 0xD7A3:
		return true
	case r < 0x1100:
		return false
	case 0x30A1 <= r && r <= 0x30FF: // ー is of no script; ・ parts words
		return r != 0x30FB
	}
	return r == 0x3006 || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo)
}
