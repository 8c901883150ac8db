package author

import (
	"unicode"
	"unicode/utf8"
)

// The classes of bytes.
const (
	letter byte = 1 << iota
	digit
	hexDigit
	upper
	blank // ends a line or separates words
)

var classes = func() (t [256]byte) {
	for c := range 256 {
		b := byte(c)
		switch {
		case b >= '0' && b <= '9':
			t[c] = digit | hexDigit
		case b >= 'a' && b <= 'z':
			t[c] = letter
		case b >= 'A' && b <= 'Z':
			t[c] = letter | upper
		case b <= ' ':
			t[c] = blank
		}
		if b|0x20 >= 'a' && b|0x20 <= 'f' && t[c]&letter != 0 {
			t[c] |= hexDigit
		}
	}
	return t
}()

func isLetter(b byte) bool { return classes[b]&letter != 0 }
func isDigit(b byte) bool  { return classes[b]&digit != 0 }
func isHex(b byte) bool    { return classes[b]&hexDigit != 0 }
func isUpper(b byte) bool  { return classes[b]&upper != 0 }
func isAlnum(b byte) bool  { return classes[b]&(letter|digit) != 0 }
func isBlank(b byte) bool  { return classes[b]&blank != 0 }

// wordly says whether a byte can be part of a host's label: also one of a character beyond ASCII.
func wordly(b byte) bool { return isAlnum(b) || b >= utf8.RuneSelf }

// wordRune says whether a character can be part of a name: a letter, a digit or a mark of any script.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// wordAt says whether such a character stands at a place.
func (v *view) wordAt(i int) bool {
	if i >= len(v.text) || v.text[i] < utf8.RuneSelf {
		return isAlnum(v.at(i))
	}
	r, _ := utf8.DecodeRune(v.text[i:])
	return wordRune(r)
}

// wordBefore says whether such a character stands before a place.
func (v *view) wordBefore(i int) bool {
	if i == 0 || v.text[i-1] < utf8.RuneSelf {
		return isAlnum(v.at(i - 1))
	}
	r, _ := utf8.DecodeLastRune(v.text[:i])
	return wordRune(r)
}

func lower(b byte) byte {
	if isUpper(b) {
		return b | 0x20
	}
	return b
}

// hasFold says whether text begins with a word in lower case, in any case.
func hasFold(text []byte, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		if lower(text[i]) != word[i] {
			return false
		}
	}
	return true
}

// unspaced says whether a character is of a script that is written without spaces, so that a word of it may touch one in Latin letters.
func unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		r == 'ー' || r == '々' || r == '〆'
}
