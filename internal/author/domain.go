package author

import (
	"strings"
	"unicode/utf8"
)

// run finds where a run of characters of names, and of others, ends that begins at i, and how many dots it has.
func (f *finder) run(i int, others string) (end, dots int, ascii bool) {
	text := f.v.text
	ascii = true
	for end = i; end < len(text) && !f.taken[end]; {
		b := text[end]
		switch {
		case b >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(text[end:])
			if !wordRune(r) {
				return end, dots, ascii
			}
			ascii = false
			end += n
			continue
		case b == '.':
			dots++
		case !isAlnum(b) && strings.IndexByte(others, b) < 0:
			return end, dots, ascii
		}
		end++
	}
	return end, dots, ascii
}

// domains finds names of hosts, and URLs whose scheme was left out.
func (f *finder) domains() {
	for i := 0; i < len(f.v.text); {
		end, dots, ascii := f.run(i, "-_")
		switch {
		case dots == 0:
		case ascii:
			f.dotted(i, end)
		case f.alone(i, end) && f.dotted(i, end) > 0: // then all of it is one name, also in a script without spaces
		default:
			f.pieces(i, end)
		}
		i = max(end, i+1)
	}
}

// alone says whether a run is the only thing between blanks, quotes and the like, and no label of it is of two scripts of which one is written without
// spaces: then a sentence would be mistaken for a name.
func (f *finder) alone(from, to int) bool {
	if f.v.wordBefore(from) || f.v.wordAt(to) {
		return false
	}
	latin, other := false, false
	for i := from; i < to; {
		r, n := utf8.DecodeRune(f.v.text[i:to])
		switch {
		case r == '.':
			latin, other = false, false
		case unspaced(r):
			other = true
		default:
			latin = true
		}
		if latin && other {
			return false
		}
		i += n
	}
	return true
}

// pieces splits a run at characters of scripts without spaces, which may touch a name in Latin letters on either side. Where the dot next to them
// was defanged they are part of the name.
func (f *finder) pieces(from, to int) {
	before := from // where the script without spaces begins that stands before a piece
	for i := from; i < to; {
		start := i
		stop := f.pass(start, to, false)
		i = f.pass(stop, to, true)
		if start == stop {
			before = stop
			continue
		}
		lo, hi := start, stop
		if f.v.text[start] == '.' && f.v.other[start] {
			lo = before
		}
		if f.v.text[stop-1] == '.' && f.v.other[stop-1] {
			hi = i
		}
		f.dotted(lo, hi)
		before = stop
	}
}

// pass goes over characters that are, or are not, of a script without spaces.
func (f *finder) pass(i, to int, want bool) int {
	for i < to {
		r, n := utf8.DecodeRune(f.v.text[i:to])
		if unspaced(r) != want {
			break
		}
		i += n
	}
	return i
}

// dotted reads the names in a run; where two dots meet, one ends. It returns how many there are.
func (f *finder) dotted(from, to int) (n int) {
	text := f.v.text
	for i := from; i < to; {
		end := i
		for end < to && (text[end] != '.' || end+1 < to && text[end+1] != '.') {
			end++
		}
		start := i
		for start < end && strings.IndexByte("-._", text[start]) >= 0 && (text[start] != '_' || !isAlnum(f.v.at(start+1))) {
			start++
		}
		stop := end
		for stop > start && strings.IndexByte("-._", text[stop-1]) >= 0 {
			stop--
		}
		if stop-start >= 4 && stop-start <= 4*maxHost && f.domain(start, stop) {
			n++
		}
		for i = end; i < to && text[i] == '.'; i++ {
		}
	}
	return n
}

// domain reads a name that fills a run.
func (f *finder) domain(from, to int) bool {
	text := f.v.text
	c := bare
	if f.fangedDot(from, to) {
		c = clear
	}
	host, ok := toHost(string(text[from:to]), c)
	if !ok { // The next sentence may touch it: evil.example.The
		dot := lastDot(text, from, to)
		if dot <= from || !isUpper(f.v.at(dot+1)) || to-dot < 3 || isUpper(f.v.at(dot+2)) {
			return false
		}
		if host, ok = toHost(string(text[from:dot]), c); !ok {
			return false
		}
		to = dot
	}
	if c == bare && f.ofSomethingElse(from, to) {
		return false
	}
	a := authority{canonical: host, kind: Domain, value: host, from: from, to: to, end: to}
	if after := f.v.at(to); after == ':' || after == '/' {
		if a = f.withPort(a); f.v.at(a.end) == '/' && (c == clear || strings.HasPrefix(host, "www.")) && f.schemeless(a) {
			return true
		}
	}
	d := f.add(Domain, host, from, to)
	if a.port > 0 {
		d.port(a.port)
	} else {
		f.portOf(d, to)
	}
	f.take(from, to)
	return true
}

// ofSomethingElse says whether the neighbours of a bare name make it a part of a path, a detection, a variable, an account or a call.
func (f *finder) ofSomethingElse(from, to int) bool {
	switch f.v.at(from - 1) {
	case '/':
		if f.v.at(from-2) != '/' || f.v.at(from-3) != ':' {
			return true
		}
	case '\\', '%', '$', '@':
		return true
	}
	switch f.v.at(to) {
	case '(':
		return isAlnum(f.v.at(to+1)) || f.v.at(to+1) == ')'
	case '\\', '@':
		return true
	}
	return false
}

// fangedDot says whether a dot of a name was written otherwise.
func (f *finder) fangedDot(from, to int) bool {
	for i := from; i < to; i++ {
		if f.v.text[i] == '.' && f.v.other[i] {
			return true
		}
	}
	return false
}

func lastDot(text []byte, from, to int) int {
	for to--; to > from && text[to] != '.'; to-- {
	}
	return to
}

// schemeless reads a URL without a scheme.
func (f *finder) schemeless(a authority) bool {
	end := f.tail(a.from, a.end)
	if f.v.at(a.from-1) == '+' {
		for end > a.end && f.v.text[end-1] == '+' {
			end--
		}
	}
	if end < a.end+2 || !isAlnum(f.v.text[a.end+1]) && f.v.text[a.end+1] != '?' {
		return false
	}
	f.add(URL, a.canonical+joined.Replace(string(f.v.text[a.end:end])), a.from, end)
	f.hostOf(a, f.v.disguised(a.from, end))
	f.take(a.from, end)
	return true
}
