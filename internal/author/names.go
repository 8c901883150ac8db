package author

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// names finds what the store knows by name: in Latin script as whole words, in Japanese also amid other characters.
func (f *finder) names(k *Known) {
	var ring [maxWords]word // the words from the one at which a name may begin
	n := 0
	read := func() {
		for at := 0; at < n; {
			if to := f.name(k, ring[at:n]); to > 0 {
				at += to
				continue
			}
			at++
		}
	}
	// A name is looked for at each word among those that follow; the words are read once.
	for w := range wordsOf(f.v.text, 0) {
		if n == maxWords {
			to := max(f.name(k, ring[:n]), 1)
			copy(ring[:], ring[to:n])
			n -= to
		}
		ring[n] = w
		n++
	}
	read()
}

// name reads the longest name that begins with the first of words. It returns how many it has, 0 if there is none.
func (f *finder) name(k *Known, words []word) int {
	if !words[0].begins && !words[0].alone {
		return 0
	}
	node, best := int32(0), 0
	var found []ending
	for i := range words {
		if i > 0 && !words[i].joined {
			break
		}
		to, ok := k.next[step{node, words[i].text}]
		if !ok {
			break
		}
		if node = to; !words[i].ends && !words[i].alone {
			continue
		}
		if ends := f.fitting(k.ends[node], words[0].from, words[i].to); len(ends) > 0 {
			best, found = i+1, ends
		}
	}
	if best == 0 {
		return 0
	}
	from, to := words[0].from, words[best-1].to
	f.nameAt(k, found, from, to)
	return best
}

// fitting are the endings that a part of the view may mean.
func (f *finder) fitting(ends []ending, from, to int) (fit []ending) {
	if len(ends) == 0 || !f.nameable(from, to) {
		return nil
	}
	for _, e := range ends {
		if e.exact && e.name != string(f.v.text[from:to]) {
			continue
		}
		fit = append(fit, e)
	}
	return fit
}

// nameable says whether a name may stand at a part of the view: not in what is something else, and not within a longer word of its script.
func (f *finder) nameable(from, to int) bool {
	if !f.free(from, to) {
		return false
	}
	first, _ := utf8.DecodeRune(f.v.text[from:])
	last, _ := utf8.DecodeLastRune(f.v.text[:to])
	before, _ := utf8.DecodeLastRune(f.v.text[:from])
	after, _ := utf8.DecodeRune(f.v.text[to:])
	if katakana(first) && katakana(before) || katakana(last) && katakana(after) {
		return false
	}
	if short := to-from <= 2*3; short && unspaced(first) && (han(first) && han(before) || han(last) && han(after)) {
		return false
	}
	switch before {
	case '@', '.', '/', '\\':
		return false
	}
	return after != '@' && after != '\\'
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

func katakana(r rune) bool { return unicode.Is(unicode.Katakana, r) || r == 'ー' }

// nameAt notes the entities that were found, as one candidate: several may have the name.
func (f *finder) nameAt(k *Known, found []ending, from, to int) {
	refs := make([]Ref, 0, len(found))
	common := true
	for _, e := range found {
		refs = append(refs, k.entities[e.entity].Ref)
		common = common && e.common
	}
	value := refs[0].Name
	slices.SortFunc(refs, func(a, b Ref) int { return strings.Compare(a.ID, b.ID) })
	ids := make([]string, len(refs))
	for i, r := range refs {
		ids[i] = r.ID
	}
	c := f.note(key{Name, strings.Join(ids, " ")}, Candidate{Kind: Name, Value: value, Refs: refs}, from, to)
	if common {
		c.odd++
	}
}

// resolve gives CVE and ATT&CK ids what the store has of them.
func (f *finder) resolve(k *Known) {
	for i := range f.found {
		c := &f.found[i]
		if c.Kind != CVE && c.Kind != ATTACK {
			continue
		}
		for _, e := range k.external[c.Value] {
			c.Refs = append(c.Refs, k.entities[e].Ref)
		}
	}
}
