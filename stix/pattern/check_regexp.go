package pattern

import (
	"errors"
	"regexp/syntax"
	"strings"

	"github.com/wagasa/wagasa/stix"
)

// What is looked at of the regular expressions of a pattern. Classes of characters make them larger in memory than they are
// as text.
const (
	mostRegexp  = 4 << 10 // bytes of one
	mostRegexps = 16 << 10
)

// regexp judges the constant of MATCHES: a regular expression of PCRE (section 9.6.1). What RE2 takes, PCRE takes too.
func (k *checking) regexp(c *Constant) {
	if c.Kind != String {
		return
	}
	if k.regexps -= len(c.Text); len(c.Text) > mostRegexp || k.regexps < 0 {
		k.report(stix.Policy, c, "the regular expression is too long to be judged")
		return
	}
	_, err := syntax.Parse(c.Text, syntax.Perl)
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return
	}
	if feature := beyondRE2(c.Text); feature != "" {
		k.report(stix.Policy, c, "the regular expression needs PCRE, for %s", feature)
	} else if isWrongInPCRE(bad) {
		k.report(stix.Must, c, "the regular expression is wrong: %s %s", bad.Code, quoted(bad.Expr))
	} else {
		k.report(stix.Policy, c, "RE2 does not take the regular expression: %s %s", bad.Code, quoted(bad.Expr))
	}
}

// isWrongInPCRE reports faults that are such in every dialect.
func isWrongInPCRE(e *syntax.Error) bool {
	switch e.Code {
	case syntax.ErrMissingBracket, syntax.ErrMissingParen, syntax.ErrUnexpectedParen, syntax.ErrTrailingBackslash, syntax.ErrMissingRepeatArgument:
		return true
	case syntax.ErrInvalidCharRange:
		return !strings.HasPrefix(e.Expr, `\`)
	}
	return false
}

// groups are what may follow a parenthesis in PCRE and not in RE2.
var groups = []struct{ start, name string }{
	{"?=", "lookahead"},
	{"?!", "lookahead"},
	{"?<=", "lookbehind"},
	{"?<!", "lookbehind"},
	{"?>", "an atomic group"},
	{"?|", "a branch reset"},
	{"?#", "a comment"},
	{"?(", "a conditional"},
	{"?R", "recursion"},
	{"?&", "recursion"},
	{"?P>", "recursion"},
	{"?P=", "a back reference"},
	{"?x", "free spacing"},
	{"?'", "a name in quotes"},
	{"*", "a verb"},
}

// escapes are letters after a backslash that have a meaning in PCRE and none in RE2.
var escapes = map[byte]string{
	'g': "a back reference", 'k': "a back reference", 'K': `\K`, 'G': `\G`, 'Z': `\Z`, 'R': `\R`, 'X': `\X`, 'h': `\h`, 'H': `\H`,
	'V': `\V`, 'N': `\N`, 'e': `\e`, 'c': `\c`, 'o': `\o`,
}

// beyondRE2 names something that PCRE has and RE2 has not, "" if there is nothing.
func beyondRE2(s string) string {
	class := false // within brackets
	quantified := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		before := quantified
		quantified = false
		switch {
		case c == '\\':
			i++
			if i == len(s) {
				return ""
			}
			if name := escape(s[i], class); name != "" {
				return name
			}
			if s[i] == 'Q' {
				n := strings.Index(s[i:], `\E`)
				if n < 0 {
					return ""
				}
				i += n + 1
			}
		case class:
			class = c != ']'
		case c == '[':
			class = true
			if strings.HasPrefix(s[i+1:], "^") {
				i++
			}
			if strings.HasPrefix(s[i+1:], "]") {
				i++
			}
		case c == '(':
			for _, g := range groups {
				if strings.HasPrefix(s[i+1:], g.start) {
					return g.name
				}
			}
		case before && c == '+':
			return "a possessive quantifier"
		case c == '*' || c == '+' || c == '?' || c == '}':
			quantified = !before
		}
	}
	return ""
}

func escape(c byte, class bool) string {
	if '1' <= c && c <= '9' && !class {
		return "a back reference"
	}
	return escapes[c]
}
