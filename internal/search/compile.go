package search

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// slot is a term of a phrase, or the beginning of one.
type slot struct {
	at     uint32 // position behind the first one's
	term   string
	begins bool
}

// clause is a word or a phrase: its slots stand at their positions behind each other.
type clause struct {
	not   bool
	slots []slot
}

// compile turns the words of a query into clauses, by the tokenizer that the texts go through.
func compile(text string) ([]clause, error) {
	atoms, err := lex(text, false)
	if err != nil {
		return nil, err
	}
	var clauses []clause
	t, total := newTokenizer(), 0
	for _, a := range atoms {
		slots := t.slots(a.text)
		if len(slots) == 0 {
			continue
		}
		if last := &slots[len(slots)-1]; a.begins && kindOf(firstRune(last.term)) != ideo {
			if length(slots) < shortestStem {
				return nil, because("search.prefix", strconv.Itoa(shortestStem))
			}
			last.begins = true
		}
		if total += len(slots); total > mostSlots {
			return nil, because("search.many", strconv.Itoa(mostSlots))
		}
		clauses = append(clauses, clause{a.not, slots})
	}
	if len(atoms) > 0 && len(clauses) == 0 {
		return nil, because("search.nothing", text)
	}
	return clauses, nil
}

// slots are the terms of a word or phrase. Of a run of ideographs the last one has no term of its own here, since what was typed may go on in
// the text; if it is the only one it is the beginning of a term.
func (t *tokenizer) slots(text string) []slot {
	if tail, ok := idTail(text); ok {
		text = tail
	}
	var slots []slot
	first, paired := 0, false // paired: the last term was two ideographs of a run that goes on
	t.tokens(text, 0, func(term []byte, at, _, _ int) bool {
		if len(slots) == 0 {
			first = at
		}
		s := slot{at: uint32(at - first), term: string(term)}
		if t.kind != ideo {
			paired = false
		} else if utf8.RuneCount(term) > 1 {
			paired = true
		} else if paired {
			paired = false
			return true
		} else {
			s.begins = true
		}
		slots = append(slots, s)
		return len(slots) <= mostSlots
	})
	return slots
}

// idTail is the UUID, or its beginning, of a word that is an object's id: the type in front of it is no word of an object's text.
func idTail(text string) (tail string, ok bool) {
	typ, tail, ok := strings.Cut(text, "--")
	if !ok || len(tail) < 8 || typ == "" || strings.ContainsFunc(typ, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }) {
		return "", false
	}
	return tail, !strings.ContainsFunc(tail, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF-", r) })
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// length counts the characters of terms.
func length(slots []slot) (n int) {
	for _, s := range slots {
		n += utf8.RuneCountInString(s.term)
	}
	return n
}

// positive says whether anything is asked for, beside what must not be there.
func positive(clauses []clause) bool {
	return slices.ContainsFunc(clauses, func(c clause) bool { return !c.not })
}
