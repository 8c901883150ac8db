package author

import (
	"bytes"
	"strings"
)

// refang undoes defanging in a folded view: what stands in brackets for a dot, a colon, an at sign or slashes, dots written out, escapes. It
// works in place, for nothing gets longer. Each step looks at a bounded number of bytes, so that it is linear.
func refang(v *view) {
	r := &refanger{view: v}
	for i := 0; i < len(v.text); {
		i = r.step(i)
	}
	v.text, v.from, v.to, v.other = v.text[:r.n], v.from[:r.n], v.to[:r.n], v.other[:r.n]
}

type refanger struct {
	*view
	n       int  // bytes that are written
	hard    bool // the host that is being written has a dot that is certainly one
	slashes bool // since the last blank there was a backslash
	escaped bool // since the last blank there was :\/\/
}

// emit writes a byte that stands for those from i to end.
func (r *refanger) emit(b byte, i, end int, other bool) {
	from, to := r.from[i], r.to[end-1]
	r.text[r.n], r.from[r.n], r.to[r.n], r.other[r.n] = b, from, to, other
	r.n++
	switch {
	case b == '.':
		r.hard = r.hard || r.src[from] < 0x80
	case b == '\\':
		r.slashes = true
	case isBlank(b):
		r.slashes, r.escaped, r.hard = false, false, false
	case !wordly(b) && b != '-' && b != '_':
		r.hard = false
	}
}

// last is the k-th byte written from the end, 0 if there is none.
func (r *refanger) last(k int) byte {
	if r.n < k {
		return 0
	}
	return r.text[r.n-k]
}

// step reads at i and returns where to read on.
func (r *refanger) step(i int) int {
	switch c := r.text[i]; c {
	case '[', '(', '{', '<':
		if end := r.bracket(i); end > 0 {
			return end
		}
		if c == '[' && r.at(i+1) == '.' && wordly(r.last(1)) && wordly(r.at(i+2)) { // evil[.com
			r.emit('.', i, i+2, true)
			return i + 2
		}
	case '.':
		if r.at(i+1) == ']' && wordly(r.last(1)) && wordly(r.at(i+2)) { // evil.]com
			r.emit('.', i, i+2, true)
			return i + 2
		}
	case softDot:
		if wordly(r.last(1)) && !r.hard && isAlnum(r.last(1)) && isAlnum(r.at(i+1)) {
			r.emit('.', i, i+1, true)
		} else {
			r.emit(border, i, i+1, false)
		}
		return i + 1
	case '\\':
		if end := r.escape(i); end > 0 {
			return end
		}
	case ' ':
		if end := r.spelt(i); end > 0 {
			return end
		}
	}
	r.emit(r.text[i], i, i+1, r.other[i])
	return i + 1
}

// tokens are what stands in brackets, and for what.
var tokens = []struct{ word, means string }{
	{"://", "://"},
	{"//", "//"},
	{"/", "/"},
	{":", ":"},
	{".", "."},
	{string(rune(softDot)), "."},
	{"dot", "."},
	{"ドット", "."},
	{"@", "@"},
	{"at", "@"},
	{"アットマーク", "@"},
	{"アット", "@"},
	{"tt", "tt"},
	{"-", "-"},
}

// bracket reads a token in brackets at i; it returns where it ends, 0 if there is none.
func (r *refanger) bracket(i int) int {
	at := r.spaces(i+1, 2)
	for _, t := range tokens {
		if !hasFold(r.text[at:], t.word) {
			continue
		}
		end := r.spaces(at+len(t.word), 2)
		if r.at(end) == '\\' {
			end++
		}
		switch r.at(end) {
		case ']', ')', '}', '>':
			return r.token(i, end+1, t.means)
		}
	}
	return 0
}

// spaces passes over up to limit spaces.
func (r *refanger) spaces(i, limit int) int {
	for limit > 0 && r.at(i) == ' ' {
		i++
		limit--
	}
	return i
}

// token writes what a token from i to end means, if its neighbours are such as it joins. With spaces around it they are left out.
func (r *refanger) token(i, end int, means string) int {
	before, spare := r.last(1), 0
	if before == ' ' && means != "/" && means != "-" {
		before, spare = r.last(2), 1
	}
	next := end
	if means == "." || means == "@" {
		next = r.spaces(end, 1)
		if means == "." && next == end { // the line was broken behind it
			next = r.lineBreak(end)
		}
	}
	after := r.at(next)
	ok := false
	switch means {
	case ".":
		ok = (wordly(before) || before == '-' || before == '_') && (wordly(after) || after == '_')
	case "@":
		ok = (isAlnum(before) || strings.IndexByte("._-+", before) >= 0 && before != 0) && wordly(after)
	case ":":
		ok = (isAlnum(before) || before == ':') && (isAlnum(after) || strings.IndexByte(":/[\\", after) >= 0 && after != 0)
	case "tt":
		ok = lower(before) == 'h' && lower(after) == 'p'
	case "-":
		ok = isAlnum(before) && isAlnum(after)
	default:
		ok = before != 0 && !isBlank(before) && after != 0
	}
	if !ok {
		return 0
	}
	r.n -= spare
	for _, b := range []byte(means) {
		r.emit(b, i, end, true)
	}
	return next
}

// lineBreak passes over one line break with a little space around it, if a name goes on behind it.
func (r *refanger) lineBreak(i int) int {
	at := r.spaces(i, 2)
	if r.at(at) == '\r' {
		at++
	}
	if r.at(at) != '\n' {
		return i
	}
	if at = r.spaces(at+1, 4); !isAlnum(r.at(at)) {
		return i
	}
	return at
}

// escape reads what begins with a backslash: brackets as Markdown escapes them, dots as regular expressions do, slashes as JSON does.
func (r *refanger) escape(i int) int {
	next := r.at(i + 1)
	switch {
	case next == '[' || next == '(':
		return r.bracket(i + 1)
	case next == '.' && !r.slashes && isAlnum(r.last(1)) && isAlnum(r.at(i+2)):
		r.emit('.', i, i+2, true)
		return i + 2
	case next == '/' && r.last(1) == ':' && r.at(i+2) == '\\' && r.at(i+3) == '/':
		r.emit('/', i, i+2, true)
		r.emit('/', i+2, i+4, true)
		r.escaped = true
		return i + 4
	case next == '/' && r.escaped:
		r.emit('/', i, i+2, true)
		return i + 2
	}
	return 0
}

// The bounds of a name whose dots are written out.
const (
	maxSpelt = 8  // dots
	maxLabel = 63 // RFC 1035
)

// spelt reads " dot " and " at " where the words make a name: it must end in a top-level domain that is no common word.
func (r *refanger) spelt(i int) int {
	if !isAlnum(r.last(1)) {
		return 0
	}
	switch {
	case hasFold(r.text[i:], " dot ") && r.ends(i+1):
		r.emit('.', i, i+5, true)
		return i + 5
	case hasFold(r.text[i:], " at "):
		k := i + 4
		for isAlnum(r.at(k)) && k-i < maxLabel {
			k++
		}
		if hasFold(r.text[k:], " dot ") && r.ends(k+1) {
			r.emit('@', i, i+4, true)
			return i + 4
		}
	}
	return 0
}

// ends says whether "dot WORD dot WORD …" at i ends in a top-level domain.
func (r *refanger) ends(i int) bool {
	for range maxSpelt {
		if !hasFold(r.text[i:], "dot ") {
			return false
		}
		i += len("dot ")
		k := i
		for (isAlnum(r.at(k)) || r.at(k) == '-') && k-i < maxLabel {
			k++
		}
		if k == i {
			return false
		}
		if r.at(k) == ' ' && hasFold(r.text[k+1:], "dot ") {
			i = k + 1
			continue
		}
		word := string(bytes.ToLower(r.text[i:k]))
		return !wordly(r.at(k)) && knownTLD(word) && !commonWord[word]
	}
	return false
}

// commonWord holds top-level domains that are words of English prose.
var commonWord = map[string]bool{
	"in": true, "is": true, "it": true, "at": true, "to": true, "so": true, "no": true, "me": true, "my": true, "be": true, "as": true, "am": true,
	"do": true, "us": true, "by": true, "hat": true, "here": true, "how": true, "one": true, "now": true, "plus": true, "total": true, "name": true,
}
