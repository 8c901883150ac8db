package pattern

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenKind is the sort of a token. Punctuation is its own character.
type tokenKind uint8

const (
	tokenFailed  tokenKind = iota // nothing follows it, and nothing expects it
	tokenUnknown                  // a character that begins nothing
	tokenEnd
	tokenName       // letters, digits and _
	tokenHyphenName // with hyphens too
	tokenString
	tokenInteger
	tokenFloat
	tokenHex
	tokenBinary
	tokenTimestamp
	tokenOperator // and NOT, EXISTS, and all keywords that follow
	tokenNot
	tokenExists
	tokenAnd
	tokenOr
	tokenFollowedBy
	tokenWithin
	tokenSeconds
	tokenRepeats
	tokenTimes
	tokenStart
	tokenStop
	tokenBoolean
	tokenPunctuation // the character is in token.char
)

type token struct {
	kind     tokenKind
	char     byte     // of punctuation
	op       Operator // of tokenOperator
	escaped  bool     // a string with escapes
	from, to int
}

type lexer struct {
	text string
	at   int // behind the token
	tok  token
	err  *SyntaxError
}

// fail keeps the first fault; from then on every token is tokenFailed.
func (l *lexer) fail(at int, found, expected string) {
	if l.err == nil {
		l.err = &SyntaxError{Offset: at, Found: found, Expected: expected}
	}
	l.tok = token{kind: tokenFailed, from: at, to: at}
}

// unexpected fails at the current token.
func (l *lexer) unexpected(expected string) {
	l.fail(l.tok.from, l.found(), expected)
}

const mostFound = 40 // bytes of a token that an error quotes

// found is the current token in words.
func (l *lexer) found() string {
	if l.tok.kind == tokenEnd {
		return "the end"
	}
	return quoted(l.text[l.tok.from:l.tok.to])
}

// quoted is a text in printable form, cut where it is long.
func quoted(s string) string {
	if len(s) > mostFound {
		n := mostFound
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		return strconv.Quote(s[:n]) + "…"
	}
	return strconv.Quote(s)
}

// next reads the next token.
func (l *lexer) next() {
	if l.tok.kind == tokenFailed && l.err != nil || !l.skip() {
		return
	}
	from := l.at
	if from == len(l.text) {
		l.tok = token{kind: tokenEnd, from: from, to: from}
		return
	}
	c := l.text[from]
	switch {
	case isLetter(c):
		l.name(from, c)
	case c == '\'':
		l.quoted(from)
	case isDigit(c), c == '-', c == '.' && from+1 < len(l.text) && isDigit(l.text[from+1]):
		l.number(from)
	case strings.IndexByte("[]():,.*", c) >= 0:
		l.at++
		l.tok = token{kind: tokenPunctuation, char: c, from: from, to: l.at}
	case strings.IndexByte("=!<>", c) >= 0:
		l.operator(from, c)
	case c == '+':
		l.fail(from, `"+"`, "a number without a plus sign")
	default:
		_, size := utf8.DecodeRuneInString(l.text[from:])
		l.at = from + size
		l.tok = token{kind: tokenUnknown, from: from, to: l.at}
	}
}

// skip passes over white space and comments. It reports false if a comment does not end.
func (l *lexer) skip() bool {
	for l.at < len(l.text) {
		c := l.text[l.at]
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
			l.at++
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(l.text[l.at:])
			if !isSpace(r) {
				return true
			}
			l.at += size
		case strings.HasPrefix(l.text[l.at:], "//"):
			if n := strings.IndexAny(l.text[l.at:], "\r\n"); n >= 0 {
				l.at += n
			} else {
				l.at = len(l.text)
			}
		case strings.HasPrefix(l.text[l.at:], "/*"):
			n := strings.Index(l.text[l.at+2:], "*/")
			if n < 0 {
				l.fail(l.at, "a comment without an end", "*/")
				return false
			}
			l.at += n + 4
		default:
			return true
		}
	}
	return true
}

// isSpace reports white space beyond ASCII, as the grammar lists it.
func isSpace(r rune) bool {
	switch r {
	case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return 0x2000 <= r && r <= 0x200A
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// name reads a name, a keyword, or a constant with a letter before its quotes.
func (l *lexer) name(from int, c byte) {
	if from+1 < len(l.text) && l.text[from+1] == '\'' {
		switch c {
		case 'h':
			l.enclosed(from, tokenHex, "an even number of hexadecimal digits and a quote", hexEnd)
			return
		case 'b':
			l.enclosed(from, tokenBinary, "base64 and a quote", base64End)
			return
		case 't':
			l.enclosed(from, tokenTimestamp, "a timestamp such as 2026-01-02T03:04:05.678Z and a quote", timestampEnd)
			return
		}
	}
	kind := tokenName
	i := from + 1
	for ; i < len(l.text); i++ {
		if c := l.text[i]; c == '-' {
			kind = tokenHyphenName
		} else if !isLetter(c) && !isDigit(c) {
			break
		}
	}
	l.at = i
	l.tok = token{kind: kind, from: from, to: i}
	if kind == tokenName {
		l.keyword(l.text[from:i])
	}
}

// keyword makes a keyword of a name that is one. Keywords are in upper case, but for true and false.
func (l *lexer) keyword(s string) {
	if len(s) < 2 || len(s) > 10 {
		return
	}
	switch s {
	case "AND":
		l.tok.kind = tokenAnd
	case "OR":
		l.tok.kind = tokenOr
	case "FOLLOWEDBY":
		l.tok.kind = tokenFollowedBy
	case "NOT":
		l.tok.kind = tokenNot
	case "EXISTS":
		l.tok.kind = tokenExists
	case "IN":
		l.tok.kind, l.tok.op = tokenOperator, In
	case "LIKE":
		l.tok.kind, l.tok.op = tokenOperator, Like
	case "MATCHES":
		l.tok.kind, l.tok.op = tokenOperator, Matches
	case "ISSUBSET":
		l.tok.kind, l.tok.op = tokenOperator, IsSubset
	case "ISSUPERSET":
		l.tok.kind, l.tok.op = tokenOperator, IsSuperset
	case "WITHIN":
		l.tok.kind = tokenWithin
	case "SECONDS":
		l.tok.kind = tokenSeconds
	case "REPEATS":
		l.tok.kind = tokenRepeats
	case "TIMES":
		l.tok.kind = tokenTimes
	case "START":
		l.tok.kind = tokenStart
	case "STOP":
		l.tok.kind = tokenStop
	case "true", "false":
		l.tok.kind = tokenBoolean
	}
}

// isKeyword reports a name that may not stand in a path without quotes.
func isKeyword(s string) bool {
	l := lexer{tok: token{kind: tokenName}}
	l.keyword(s)
	return l.tok.kind != tokenName
}

// quoted reads a string. A backslash stands before a quote or a backslash and nothing else.
func (l *lexer) quoted(from int) {
	escaped := false
	for i := from + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\'':
			l.at = i + 1
			l.tok = token{kind: tokenString, escaped: escaped, from: from, to: l.at}
			return
		case '\\':
			escaped = true
			if i++; i == len(l.text) || l.text[i] != '\'' && l.text[i] != '\\' {
				_, size := utf8.DecodeRuneInString(l.text[i:])
				l.fail(i-1, quoted(l.text[i-1:i+size]), `\\ or \' in a string`)
				return
			}
		}
	}
	l.fail(from, "a string without an end", "a quote")
}

// enclosed reads a constant with a letter before its quotes. end tells how far its content reaches, and whether it is one.
func (l *lexer) enclosed(from int, kind tokenKind, expected string, end func(string) (int, bool)) {
	start := from + 2
	n, ok := end(l.text[start:])
	if i := start + n; !ok || i == len(l.text) || l.text[i] != '\'' {
		found := "the end"
		if i < len(l.text) {
			_, size := utf8.DecodeRuneInString(l.text[i:])
			found = quoted(l.text[i : i+size])
		}
		l.fail(i, found, expected)
		return
	}
	l.at = start + n + 1
	l.tok = token{kind: kind, from: from, to: l.at}
}

// number reads an integer or a float.
func (l *lexer) number(from int) {
	i := from
	if l.text[i] == '-' {
		i++
	}
	whole := i
	for i < len(l.text) && isDigit(l.text[i]) {
		i++
	}
	digits := i - whole
	if i+1 < len(l.text) && l.text[i] == '.' && isDigit(l.text[i+1]) {
		for i++; i < len(l.text) && isDigit(l.text[i]); i++ {
		}
		l.at = i
		l.tok = token{kind: tokenFloat, from: from, to: i}
		return
	}
	switch {
	case digits == 0:
		l.fail(from, `"-"`, "a digit after it")
	case digits > 1 && l.text[whole] == '0':
		l.fail(from, quoted(l.text[from:i]), "an integer without leading zeros")
	default:
		l.at = i
		l.tok = token{kind: tokenInteger, from: from, to: i}
	}
}

// operator reads an operator that is no word.
func (l *lexer) operator(from int, c byte) {
	second := byte(0)
	if from+1 < len(l.text) {
		second = l.text[from+1]
	}
	op, size := Operator(0), 1
	switch {
	case c == '=' && second == '=':
		l.fail(from, `"=="`, "=")
		return
	case c == '<' && second == '>':
		l.fail(from, `"<>"`, "!=")
		return
	case c == '!' && second != '=':
		l.fail(from, `"!"`, "!=")
		return
	case c == '=':
		op = Equal
	case c == '!':
		op, size = NotEqual, 2
	case c == '<' && second == '=':
		op, size = LessEqual, 2
	case c == '<':
		op = Less
	case second == '=':
		op, size = GreaterEqual, 2
	default:
		op = Greater
	}
	l.at = from + size
	l.tok = token{kind: tokenOperator, op: op, from: from, to: l.at}
}

// hexEnd is how many bytes are hexadecimal digits, and whether their number is even.
func hexEnd(s string) (n int, ok bool) {
	for n < len(s) && (isDigit(s[n]) || 'a' <= s[n]|0x20 && s[n]|0x20 <= 'f') {
		n++
	}
	return n, n%2 == 0
}

// base64End is how many bytes are base64 with its padding, and whether it is whole (RFC 4648 section 4).
func base64End(s string) (n int, ok bool) {
	for n < len(s) && (isLetter(s[n]) && s[n] != '_' || isDigit(s[n]) || s[n] == '+' || s[n] == '/') {
		n++
	}
	for padding := 0; n < len(s) && s[n] == '=' && n%4 >= 2 && padding < 2; padding++ {
		n++
	}
	return n, n%4 == 0
}

// timestampEnd is how many bytes have the form of a timestamp (section 2.15), and whether it is whole. Whether the month has such a
// day is not looked at.
func timestampEnd(s string) (n int, ok bool) {
	const form = "0000-00-00T00:00:00"
	for n < len(form) {
		if n == len(s) || form[n] == '0' && !isDigit(s[n]) || form[n] != '0' && s[n] != form[n] {
			return n, false
		}
		n++
	}
	for _, part := range [...]struct{ at, least, most int }{{5, 1, 12}, {8, 1, 31}, {11, 0, 23}, {14, 0, 59}, {17, 0, 60}} {
		if v := int(s[part.at]-'0')*10 + int(s[part.at+1]-'0'); v < part.least || v > part.most {
			return part.at, false
		}
	}
	if n < len(s) && s[n] == '.' {
		n++
		digits := n
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		if n == digits {
			return n, false
		}
	}
	if n == len(s) || s[n] != 'Z' {
		return n, false
	}
	return n + 1, true
}
