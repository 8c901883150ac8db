package search

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wagasa/wagasa/stix"
)

// atom is a word, a quoted phrase or a filter of a query as typed.
type atom struct {
	not    bool
	key    string // of a filter
	text   string
	quoted bool
	begins bool // it ended with *
}

// String is the atom as typed.
func (a atom) String() string {
	sign, key, text := "", a.key, a.text
	if a.not {
		sign = "-"
	}
	if key != "" {
		return sign + key + ":" + quote(text, true)
	}
	if !a.quoted {
		if a.begins {
			text += "*"
		}
		if again, err := lex(sign+text, true); err == nil && len(again) == 1 && again[0] == a {
			return sign + text
		}
	}
	return sign + quote(a.text, false)
}

// The characters with a meaning, also as they come out of a Japanese keyboard.
func isQuote(r rune) bool { return r == '"' || r == '“' || r == '”' || r == '„' || r == '＂' }
func isMinus(r rune) bool { return r == '-' || r == '－' || r == '−' }
func isStar(r rune) bool  { return r == '*' || r == '＊' }
func isColon(r rune) bool { return r == ':' || r == '：' }
func isComma(r rune) bool { return r == ',' || r == '，' || r == '、' }

// quote puts a text in quotes if it needs them, or if it must have them. In quotes a quote is written twice.
func quote(text string, optional bool) string {
	special := func(r rune) bool {
		return unicode.IsSpace(r) || isQuote(r) || isMinus(r) || isStar(r) || isComma(r)
	}
	if optional && text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		if isQuote(r) {
			b.WriteRune(r)
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// lexer takes a query apart.
type lexer struct {
	rest string
	keys bool // filters are looked for
}

// lex takes a text apart; with keys filters are told from words.
func lex(text string, keys bool) (atoms []atom, err error) {
	if len(text) > longestText {
		return nil, because("search.long", "2,000")
	}
	l := lexer{strings.ToValidUTF8(text, " "), keys}
	for {
		l.rest = strings.TrimLeftFunc(l.rest, unicode.IsSpace)
		if l.rest == "" {
			return atoms, nil
		}
		found, err := l.atom()
		if err != nil {
			return nil, err
		}
		if atoms = append(atoms, found...); len(atoms) > mostAtoms {
			return nil, because("search.many", "64")
		}
	}
}

// peek returns the next rune and its length.
func (l *lexer) peek() (rune, int) { return utf8.DecodeRuneInString(l.rest) }

// atom reads what comes next; a filter with several values is several atoms.
func (l *lexer) atom() ([]atom, error) {
	var a atom
	if r, n := l.peek(); isMinus(r) {
		if next, _ := utf8.DecodeRuneInString(l.rest[n:]); len(l.rest) > n && !unicode.IsSpace(next) {
			a.not, l.rest = true, l.rest[n:]
		}
	}
	if r, _ := l.peek(); isQuote(r) {
		text, err := l.quoted()
		a.text, a.quoted = text, true
		return []atom{a}, err
	}
	end := strings.IndexFunc(l.rest, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) })
	if end < 0 {
		end = len(l.rest)
	}
	if at := strings.IndexFunc(l.rest[:end], isColon); at > 0 && l.keys {
		if key := newFolder().foldAll(l.rest[:at]); known(key) {
			_, n := utf8.DecodeRuneInString(l.rest[at:])
			a.key, l.rest = key, l.rest[at+n:]
			return l.values(a)
		}
	}
	a.text, l.rest = l.rest[:end], l.rest[end:]
	if r, n := utf8.DecodeLastRuneInString(a.text); isStar(r) {
		a.text, a.begins = a.text[:len(a.text)-n], true
	}
	return []atom{a}, nil
}

func known(key string) bool {
	_, ok := keys[key]
	return ok
}

// quoted reads up to the quote that ends what begins here.
func (l *lexer) quoted() (string, error) {
	_, n := l.peek()
	l.rest = l.rest[n:]
	var b strings.Builder
	for l.rest != "" {
		r, n := l.peek()
		l.rest = l.rest[n:]
		if isQuote(r) {
			next, n := l.peek()
			if !isQuote(next) {
				return b.String(), nil
			}
			l.rest = l.rest[n:]
		}
		b.WriteRune(r)
	}
	return "", because("search.quote")
}

// values reads what stands behind the colon of a filter: values, parted by commas.
func (l *lexer) values(a atom) (atoms []atom, err error) {
	for {
		a.text = ""
		if r, _ := l.peek(); l.rest != "" && isQuote(r) {
			if a.text, err = l.quoted(); err != nil {
				return nil, err
			}
		} else {
			end := strings.IndexFunc(l.rest, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) || isComma(r) })
			if end < 0 {
				end = len(l.rest)
			}
			a.text, l.rest = l.rest[:end], l.rest[end:]
		}
		if strings.TrimSpace(a.text) == "" {
			return nil, because("search.value", a.key)
		}
		if atoms = append(atoms, a); len(atoms) > mostAtoms {
			return nil, because("search.many", "64")
		}
		r, n := l.peek()
		if l.rest == "" || !isComma(r) {
			return atoms, nil
		}
		l.rest = l.rest[n:]
	}
}

// Parse reads what people type: words and "quoted phrases", begin*, -not, and the filters type:, origin:, tlp:, label:, creator:, lang:, sector:,
// phase:, revoked:yes, since:2026-01-31, until:2026-01-31 and sort:relevance, of which the first eight may be negated and have several values, parted by
// commas. [Why] explains its errors.
func Parse(text string) (Query, error) {
	var q Query
	atoms, err := lex(text, true)
	if err != nil {
		return Query{}, err
	}
	var words []string
	for _, a := range atoms {
		if a.key == "" {
			words = append(words, a.String())
			continue
		}
		if err := q.filter(a); err != nil {
			return Query{}, err
		}
	}
	q.Text = strings.Join(words, " ")
	if _, err := compile(q.Text); err != nil {
		return Query{}, err
	}
	return q, nil
}

// filter notes one filter.
func (q *Query) filter(a atom) (err error) {
	f := &q.Filters
	if a.not {
		f = &q.Not
	}
	if list := f.list(keys[a.key]); list != nil {
		if !slices.Contains(*list, a.text) {
			*list = append(*list, a.text)
		}
		return nil
	}
	text := newFolder().foldAll(a.text)
	if a.key == "tlp" {
		t := stix.TLPNone
		if text != t.String() {
			if t, err = stix.ParseTLP(text); err != nil {
				return because("search.tlp", a.text)
			}
		}
		if !slices.Contains(f.TLP, t) {
			f.TLP = append(f.TLP, t)
		}
		return nil
	}
	if a.not {
		return because("search.not", a.key)
	}
	switch a.key {
	case "revoked":
		yes, ok := map[string]bool{"yes": true, "true": true, "はい": true, "no": false, "false": false, "いいえ": false}[text]
		if !ok {
			return because("search.revoked", a.text)
		}
		q.Revoked = &yes
	case "since":
		q.Since, err = instant(text, 0)
	case "until":
		q.Until, err = instant(text, 1)
	case "sort":
		switch text {
		case Newest.String():
			q.Sort = Newest
		case Relevance.String():
			q.Sort = Relevance
		default:
			return because("search.sort", a.text)
		}
	}
	return err
}

// instant reads a day (UTC), of which the given number is added, or a time.
func instant(text string, days int) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err == nil {
		t = t.AddDate(0, 0, days)
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if err != nil {
			t, err = time.Parse(layout, strings.ToUpper(text))
		}
	}
	if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, because("search.date", text)
	}
	return t, nil
}
