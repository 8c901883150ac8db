package search

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// The size of a snippet, in bytes.
const (
	snippetBefore = 90
	snippetLength = 300
	mostPlaces    = 50
)

// highlighter finds in texts what the clauses of a query ask for.
type highlighter struct {
	*tokenizer
	clauses []clause
	tokens  []token
}

// token is a term in a text.
type token struct {
	term     string
	from, to int
}

func newHighlighter(clauses []clause) *highlighter {
	return &highlighter{tokenizer: newTokenizer(), clauses: clauses}
}

// places finds where a text has what is asked for: bytes from, to, ascending and apart, and how many of the clauses it has.
func (h *highlighter) places(text string) (places [][2]int, clauses int) {
	if !positive(h.clauses) {
		return nil, 0
	}
	h.tokens = h.tokens[:0]
	h.tokenizer.tokens(text, 0, func(term []byte, _, from, to int) bool {
		h.tokens = append(h.tokens, token{string(term), from, to})
		return len(h.tokens) < mostTokens
	})
	for _, c := range h.clauses {
		if c.not {
			continue
		}
		has := false
		for i := range h.tokens {
			if to, ok := h.at(c.slots, i); ok {
				has = true
				if places = append(places, [2]int{h.tokens[i].from, to}); len(places) > 20*mostPlaces {
					break
				}
			}
		}
		if has {
			clauses++
		}
	}
	return join(places), clauses
}

// at says whether a phrase begins at a token, and where it ends.
func (h *highlighter) at(slots []slot, i int) (to int, ok bool) {
	for _, s := range slots {
		j := i + int(s.at)
		if j >= len(h.tokens) {
			return 0, false
		}
		t := &h.tokens[j]
		if t.term != s.term && !(s.begins && strings.HasPrefix(t.term, s.term)) {
			return 0, false
		}
		if to = t.to; s.begins && kindOf(firstRune(s.term)) == ideo { // of two ideographs the first
			to = t.from + firstLength(t)
		}
	}
	return to, true
}

// firstLength is how many bytes of the text the first of two ideographs takes, as near as it can be told.
func firstLength(t *token) int {
	if utf8.RuneCountInString(t.term) < 2 {
		return t.to - t.from
	}
	return min(utf8.RuneLen(firstRune(t.term)), t.to-t.from)
}

// join sorts places and brings together those that touch.
func join(places [][2]int) [][2]int {
	slices.SortFunc(places, func(a, b [2]int) int { return a[0] - b[0] })
	joined := places[:0]
	for _, p := range places {
		if n := len(joined); n > 0 && p[0] <= joined[n-1][1] {
			joined[n-1][1] = max(joined[n-1][1], p[1])
		} else {
			joined = append(joined, p)
		}
	}
	return joined[:min(len(joined), mostPlaces)]
}

// mark marks a short text.
func (h *highlighter) mark(text string) Marked {
	places, _ := h.places(text)
	return Marked{text, places}
}

// snippet chooses the field that has most of what is asked for, the title last, and cuts out the part around it. Without any it is the beginning
// of the description, or of what comes first behind the title.
func (h *highlighter) snippet(fields []field, title string) Snippet {
	var best *field
	var places [][2]int
	most := 0
	for i := range fields {
		f := &fields[i]
		if f.name == title && f.source == "" {
			continue
		}
		if p, n := h.places(f.text); n > most {
			best, places, most = f, slices.Clone(p), n
		}
	}
	if best == nil {
		if best = first(fields, title); best == nil {
			return Snippet{}
		}
	}
	return Snippet{Marked: around(best.text, places), Field: best.name, Source: best.source}
}

// first is the field to show where none has what is asked for.
func first(fields []field, title string) (found *field) {
	for i := range fields {
		f := &fields[i]
		switch {
		case f.source != "":
		case f.name == "description":
			return f
		case found == nil && f.name != title && f.name != "id":
			found = f
		}
	}
	return found
}

// around cuts out the part of a text with the most places.
func around(text string, places [][2]int) Marked {
	from, most := 0, 0
	for i, p := range places {
		n := 0
		for _, q := range places[i:] {
			if q[1] <= p[0]+snippetLength-snippetBefore {
				n++
			}
		}
		if n > most {
			from, most = p[0], n
		}
	}
	if from = max(from-snippetBefore, 0); len(text)-from < snippetLength {
		from = max(len(text)-snippetLength, 0)
	}
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	part := cut(text[from:], snippetLength)
	end := from + len(part)
	var m Marked
	if m.Text = part; from > 0 {
		m.Text = "…" + part
	}
	shift := len(m.Text) - len(part) - from
	if end < len(text) {
		m.Text += "…"
	}
	for _, p := range places {
		if p[0] >= from && p[1] <= end {
			m.Places = append(m.Places, [2]int{p[0] + shift, p[1] + shift})
		}
	}
	return m
}

// referencesOf reads what a relationship consists of.
func referencesOf(raw []byte) map[string]string {
	found := map[string]string{}
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if d.PeekKind() != '{' {
		return found
	}
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() == '"' {
		var name, value jsontext.Token
		if name, err = d.ReadToken(); err != nil {
			break
		}
		switch key := name.String(); key {
		case "source_ref", "target_ref", "relationship_type":
			if d.PeekKind() == '"' {
				value, err = d.ReadToken()
				found[key] = value.String()
				continue
			}
		}
		err = d.SkipValue()
	}
	return found
}
