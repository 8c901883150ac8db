package author

import (
	"bytes"
	"slices"
	"strings"
)

// hashKinds are the digests of files, by how many digits they have.
var hashKinds = map[int]Kind{32: MD5, 40: SHA1, 64: SHA256, 128: SHA512}

// hashes finds digests and fuzzy hashes.
func (f *finder) hashes() {
	text := f.v.text
	for i := 0; i < len(text); {
		if !isAlnum(text[i]) {
			i++
			continue
		}
		end, digits := i, 0
		hex := true
		for end < len(text) && isAlnum(text[end]) {
			hex = hex && isHex(text[end])
			if isDigit(text[end]) {
				digits++
			}
			end++
		}
		n := end - i
		switch {
		case hex && hashKinds[n] != "" && digits > 0 && digits < n:
			f.hash(hashKinds[n], i, end)
		case digits == n && f.v.at(end) == ':' && f.ssdeep(i, end):
			for end < len(text) && !isBlank(text[end]) {
				end++
			}
		}
		i = end
	}
}

func (f *finder) hash(kind Kind, from, to int) {
	if !f.free(from, to) && !f.within(from) {
		return
	}
	c := f.add(kind, strings.ToLower(string(f.v.text[from:to])), from, to)
	c.odd += f.otherDigest(from)
	f.take(from, to)
}

// within says whether a place is in the URL of a file's page, where the digest names the file.
func (f *finder) within(from int) bool {
	before := f.v.text[max(0, from-64):from]
	return bytes.HasSuffix(before, []byte("/file/")) || bytes.HasSuffix(before, []byte("/sample/")) || bytes.HasSuffix(before, []byte("/samples/"))
}

// otherDigest is 1 if words before a digest say that it is one of something else than a file.
func (f *finder) otherDigest(from int) int {
	line := f.v.text[max(0, from-80):from]
	if i := bytes.LastIndexByte(line, '\n'); i >= 0 {
		before := line[:i]
		line = line[i+1:]
		if len(bytes.TrimLeft(line, " \t`*-+")) == 0 { // alone on its line: the heading counts
			line = before
		}
	}
	if notMalware(bytes.ToLower(line)) || f.inOthers(from) {
		return 1
	}
	return 0
}

// notMalware says whether words in lower case say of a digest behind them that it is not one of a malicious file.
func notMalware(line []byte) bool {
	for _, word := range [...]string{
		"thumbprint", "imphash", "import hash", "ja3", "ja4", "jarm", "rich header", "fingerprint", "commit", "serial", "legitimate", "拇印", "フィンガープリント", "正規",
	} {
		if i := bytes.LastIndex(line, []byte(word)); i >= 0 && !anotherDigest(line[i:]) {
			return true
		}
	}
	return false
}

// inOthers says whether a place is in a column whose head says so.
func (f *finder) inOthers(at int) bool {
	i, _ := slices.BinarySearchFunc(f.others, at, func(s span, at int) int { return s.to - at })
	return i < len(f.others) && f.others[i].from <= at
}

// anotherDigest says whether a digest stands in what is left of a line: then the words before it were about that one.
func anotherDigest(line []byte) bool {
	run := 0
	for _, b := range line {
		if run++; !isHex(b) {
			run = 0
		}
		if run == 32 {
			return true
		}
	}
	return false
}

// ssdeep reads a fuzzy hash whose block size is the digits from i to end.
func (f *finder) ssdeep(from, end int) bool {
	size, _ := f.number(from, 1<<17)
	for size > 3 && size%2 == 0 {
		size /= 2
	}
	if size != 3 || !f.free(from, end) || f.v.at(from-1) == ':' {
		return false
	}
	text := f.v.text
	to := end
	for range 2 {
		start := to + 1
		if f.v.at(to) != ':' {
			return false
		}
		for to = start; to < len(text) && to-start <= 64 && (isAlnum(text[to]) || text[to] == '+' || text[to] == '/'); to++ {
		}
		if n := to - start; n < 6 || n > 64 {
			return false
		}
	}
	if !f.free(end, to) {
		return false
	}
	f.add(SSDeep, string(text[from:to]), from, to)
	f.take(from, to)
	return true
}
