package stix

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// piece is one member of an object or one element of a list, as it is written: joined pieces are the bytes that were split.
type piece struct {
	lead, name, colon, value, trail []byte // white space; the name with its quotes; the colon with white space; the value; white space
	was                             string // the name that it had, if it was renamed
	done                            bool   // references in it are ids already
}

// is reports whether the member has this name.
func (p *piece) is(name string) bool {
	if bytes.IndexByte(p.name, '\\') < 0 {
		return len(p.name) == len(name)+2 && string(p.name[1:len(p.name)-1]) == name
	}
	return p.key() == name
}

// key is the name of the member.
func (p *piece) key() string {
	if len(p.name) < 2 {
		return ""
	}
	b, err := unquoted(p.name)
	if err != nil {
		return ""
	}
	return string(b)
}

// origin is the name that the member had.
func (p *piece) origin() string {
	if p.was != "" {
		return p.was
	}
	return p.key()
}

func (p *piece) rename(to string) {
	if p.was == "" {
		p.was = p.key()
	}
	p.name = quoted(to)
}

// maxPieces is how many members or elements split takes apart.
const maxPieces = 100_000

// split takes apart an object or a list that is valid JSON. It reports false for any other value and for one of too many pieces, and
// notices most that is not valid.
func split(raw []byte) ([]piece, bool) {
	if len(raw) < 2 || raw[0] != '{' && raw[0] != '[' {
		return nil, false
	}
	object, end := raw[0] == '{', raw[0]+2
	list := make([]piece, 0, 8)
	for i := 1; ; {
		var p piece
		p.lead, i = blank(raw, i)
		if i < len(raw) && raw[i] == end && len(list) == 0 {
			return nil, i == len(raw)-1
		}
		if object {
			from := i
			if i = afterString(raw, i); i < 0 {
				return nil, false
			}
			p.name = raw[from:i]
			from = i
			if _, i = blank(raw, i); i >= len(raw) || raw[i] != ':' {
				return nil, false
			}
			_, i = blank(raw, i+1)
			p.colon = raw[from:i]
		}
		from := i
		if i = afterValue(raw, i); i < 0 {
			return nil, false
		}
		p.value = raw[from:i]
		p.trail, i = blank(raw, i)
		list = append(list, p)
		switch {
		case i >= len(raw):
			return nil, false
		case raw[i] == end:
			return list, i == len(raw)-1
		case raw[i] != ',' || len(list) == maxPieces:
			return nil, false
		}
		i++
	}
}

// crowded reports whether split refused a value because it has too many pieces, as it does nothing else that is valid JSON.
func crowded(v []byte, ok bool) bool { return !ok && len(v) > 0 && (v[0] == '{' || v[0] == '[') }

func errCrowded(where string) error {
	return fmt.Errorf("%w: %s has more than %d members or elements", ErrTooMany, where, maxPieces)
}

// blank is the white space from i, and where it ends.
func blank(raw []byte, i int) ([]byte, int) {
	from := i
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return raw[from:i:i], i
}

// afterString is where the string at i ends, -1 if there is none.
func afterString(raw []byte, i int) int {
	if i >= len(raw) || raw[i] != '"' {
		return -1
	}
	for i++; ; {
		n := bytes.IndexByte(raw[i:], '"')
		if n < 0 {
			return -1
		}
		part := raw[i : i+n]
		i += n + 1
		if run := len(part) - len(bytes.TrimRight(part, `\`)); run%2 == 0 {
			return i
		}
	}
}

// afterValue is where the value at i ends, -1 if there is none.
func afterValue(raw []byte, i int) int {
	if i >= len(raw) {
		return -1
	}
	switch raw[i] {
	case '"':
		return afterString(raw, i)
	case '{', '[':
		return afterBrackets(raw, i)
	}
	from := i
	for i < len(raw) && raw[i] != ',' && raw[i] != '}' && raw[i] != ']' && raw[i] > ' ' {
		i++
	}
	if i == from {
		return -1
	}
	return i
}

func afterBrackets(raw []byte, i int) int {
	for depth := 0; i < len(raw); {
		switch raw[i] {
		case '"':
			if i = afterString(raw, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// joined writes pieces, of which there is at least one: an object if they have names, a list otherwise.
func joined(list []piece, size int) []byte {
	if size == 0 {
		for i := range list {
			p := &list[i]
			size += len(p.lead) + len(p.name) + len(p.colon) + len(p.value) + len(p.trail) + 1
		}
		size++
	}
	b := append(make([]byte, 0, size), '[')
	if list[0].name != nil {
		b[0] = '{'
	}
	for i := range list {
		p := &list[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, p.lead...)
		b = append(b, p.name...)
		b = append(b, p.colon...)
		b = append(b, p.value...)
		b = append(b, p.trail...)
	}
	return append(b, b[0]+2)
}

// find is the place of a member, -1 if there is none.
func find(list []piece, name string) int {
	for i := range list {
		if list[i].is(name) {
			return i
		}
	}
	return -1
}

// insert puts a member after the one at i, written as those around it.
func insert(list []piece, i int, name string, value []byte) []piece {
	p := piece{lead: list[i].lead, colon: list[i].colon, value: value, name: quoted(name)}
	if i+1 < len(list) {
		p.lead = list[i+1].lead
	} else {
		p.trail, list[i].trail = list[i].trail, nil
	}
	return slices.Insert(list, i+1, p)
}

// drop takes out the piece at i.
func drop(list []piece, i int) []piece {
	if i > 0 && i == len(list)-1 {
		list[i-1].trail = list[i].trail
	}
	return slices.Delete(list, i, i+1)
}

// freeName is base, or base with a number after it if a member has that name.
func freeName(list []piece, base string) string {
	if find(list, base) < 0 {
		return base
	}
	names := make(map[string]struct{}, len(list))
	for i := range list {
		names[list[i].key()] = struct{}{}
	}
	for n := 2; ; n++ {
		name := base + "_" + strconv.Itoa(n)
		if _, ok := names[name]; !ok {
			return name
		}
	}
}

func quoted(s string) []byte {
	b, _ := jsontext.AppendQuote(make([]byte, 0, len(s)+2), s)
	return b
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// escaped is a name as part of a JSON pointer.
func escaped(name string) string { return pointerEscapes.Replace(name) }

// hashNames are the algorithms by their name in upper case, without hyphens and underscores.
var hashNames = map[string]string{
	"MD5": "MD5", "MD6": "MD6", "RIPEMD160": "RIPEMD-160", "SHA1": "SHA-1", "SHA224": "SHA-224", "SHA256": "SHA-256", "SHA384": "SHA-384",
	"SHA512": "SHA-512", "SHA3224": "SHA3-224", "SHA3256": "SHA3-256", "SHA3384": "SHA3-384", "SHA3512": "SHA3-512", "SSDEEP": "SSDEEP",
	"TLSH": "TLSH", "WHIRLPOOL": "WHIRLPOOL",
}

// hashName is the name of a hash in STIX 2.1, its own if it is of no algorithm that either version lists.
func hashName(name string) string {
	if len(name) > 16 {
		return name
	}
	plain := make([]byte, 0, 16)
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_':
		case 'a' <= c && c <= 'z':
			plain = append(plain, c-'a'+'A')
		default:
			plain = append(plain, c)
		}
	}
	if to, ok := hashNames[string(plain)]; ok {
		return to
	}
	return name
}

// renamedHashes is an object of hashes with the names of STIX 2.1, nil if it has them already. A name that is taken is left to the one
// that has it. It reports false for too many hashes.
func renamedHashes(v []byte, renamed func(from, to string)) ([]byte, bool) {
	list, ok := split(v)
	if !ok || len(list) == 0 || list[0].name == nil {
		return nil, !crowded(v, ok)
	}
	touched := false
	var taken map[string]bool
	for i := range list {
		from := list[i].key()
		to := hashName(from)
		if from == to {
			continue
		}
		if taken == nil {
			taken = make(map[string]bool, len(list))
			for j := range list {
				taken[list[j].key()] = true
			}
		}
		if !taken[to] {
			taken[to], touched = true, true
			list[i].rename(to)
			renamed(from, to)
		}
	}
	if !touched {
		return nil, true
	}
	return joined(list, 0), true
}
