package search

import "unicode/utf8"

// The bounds of what one text gives.
const (
	longestTerm = 128    // bytes; the rest of a longer word does not count: a SHA-512 fits
	mostTokens  = 30_000 // of an object
)

// tokenizer parts texts into terms. It belongs to one goroutine.
//
// A word is a term at one position. Of a run of ideographs each one has a position: there is the term of it and the next one, and at the last
// one the term of it alone. So a single character is the prefix of a term wherever it stands, and what is behind a run follows it.
type tokenizer struct {
	*folder
	buf  []byte
	emit func(term []byte, pos, from, to int) bool

	pos      int
	kind     kind // of the run
	from, to int  // of the word, or of the last ideograph
	last     rune // the last ideograph
	ended    bool
}

func newTokenizer() *tokenizer { return &tokenizer{folder: newFolder()} }

// tokens calls emit for each term of a text in order, with its position, counted from pos on, and the bytes of the text that it comes from. The
// bytes of a term are good for the call. It ends early when emit returns false, and returns the next position.
func (t *tokenizer) tokens(text string, pos int, emit func(term []byte, pos, from, to int) bool) (next int) {
	t.emit, t.pos, t.kind, t.buf, t.ended = emit, pos, gap, t.buf[:0], false
	t.each(text, t.rune)
	t.end()
	return t.pos
}

func (t *tokenizer) rune(r rune, from, to int) {
	if t.ended {
		return
	}
	k := kindOf(r)
	if k == mark {
		if t.kind != word { // of an ideograph it does not count, and alone it is nothing
			return
		}
		k = word
	}
	if k != t.kind {
		t.end()
		t.kind = k
	} else if k == ideo {
		t.buf = utf8.AppendRune(utf8.AppendRune(t.buf[:0], t.last), r)
		t.put(t.from, to)
	}
	switch k {
	case ideo:
		t.last, t.from, t.to = r, from, to
	case word:
		if len(t.buf) == 0 {
			t.from = from
		}
		if t.to = to; len(t.buf)+utf8.RuneLen(r) <= longestTerm {
			t.buf = utf8.AppendRune(t.buf, r)
		}
	}
}

// end ends a run.
func (t *tokenizer) end() {
	if t.kind == ideo {
		t.buf = utf8.AppendRune(t.buf[:0], t.last)
	}
	if t.kind != gap {
		t.put(t.from, t.to)
	}
	t.buf, t.kind = t.buf[:0], gap
}

func (t *tokenizer) put(from, to int) {
	if !t.ended {
		t.ended = !t.emit(t.buf, t.pos, from, to)
		t.pos++
	}
	t.buf = t.buf[:0]
}
