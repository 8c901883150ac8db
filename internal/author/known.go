package author

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/text/unicode/norm"
)

// Entity is an object of the store that a text may speak of.
type Entity struct {
	Ref
	Aliases  []string
	External []string // its ids in ATT&CK, or of a CVE
}

// Known is what the store knows by name. It does not change.
type Known struct {
	entities []Entity
	external map[string][]int
	next     map[step]int32 // a tree of words: from a node by a word to a node
	ends     map[int32][]ending
}

type step struct {
	node int32
	word string
}

// ending is a name that is complete at a node.
type ending struct {
	entity int
	name   string
	exact  bool // it must be written just so: it is short, or a common word
	common bool // even then it is not selected
}

// The bounds of what is known by name.
const (
	maxEntities = 100_000
	maxAliases  = 200 // of one
	maxWords    = 12  // of a name
	maxWord     = 64  // bytes
)

// NewKnown makes a Known of entities. Of two with the same id the first counts.
func NewKnown(entities iter.Seq[Entity]) *Known {
	k := &Known{external: map[string][]int{}, next: map[step]int32{}, ends: map[int32][]ending{}}
	seen := map[string]bool{}
	nodes := int32(1)
	for e := range entities {
		if seen[e.ID] || len(k.entities) == maxEntities {
			continue
		}
		seen[e.ID] = true
		i := len(k.entities)
		k.entities = append(k.entities, e)
		for _, x := range e.External {
			k.external[x] = append(k.external[x], i)
		}
		if !named[e.Type] {
			continue
		}
		for n, name := range append([]string{e.Name}, e.Aliases...) {
			if n > maxAliases {
				break
			}
			nodes = k.learn(i, name, nodes)
		}
	}
	return k
}

// named are the types whose names are looked for. Those of techniques and weaknesses are words of prose: they have ids.
var named = map[string]bool{"threat-actor": true, "intrusion-set": true, "malware": true, "campaign": true, "tool": true}

// learn adds a name to the tree.
func (k *Known) learn(entity int, name string, nodes int32) int32 {
	name = norm.NFKC.String(strings.TrimSpace(name))
	var words []string
	for w := range wordsOf([]byte(name), 0) {
		words = append(words, w.text)
	}
	if len(words) == 0 || len(words) > maxWords {
		return nodes
	}
	node := int32(0)
	for _, w := range words {
		if len(w) > maxWord {
			return nodes
		}
		to, ok := k.next[step{node, w}]
		if !ok {
			to = nodes
			nodes++
			k.next[step{node, w}] = to
		}
		node = to
	}
	for _, e := range k.ends[node] {
		if e.entity == entity {
			return nodes
		}
	}
	e := ending{entity: entity, name: name, common: commonName[strings.ToLower(name)]}
	e.exact = e.common || utf8.RuneCountInString(name) < 4 && !strings.ContainsFunc(name, unspaced)
	k.ends[node] = append(k.ends[node], e)
	return nodes
}

// word is one of a text or a name: a run of letters, a run of digits, or a single character of a script without spaces.
type word struct {
	text     string // in lower case
	from, to int
	begins   bool // nothing but a word of another script touches it from before
	ends     bool
	joined   bool // between it and the word before it is nothing, a blank or a hyphen
	alone    bool // a character of a script without spaces, which is a word of its own
}

// wordsOf reads the words of a text from an offset on.
func wordsOf(text []byte, at int) iter.Seq[word] {
	return func(yield func(word) bool) {
		end := at // of the word before
		for at < len(text) {
			r, n := utf8.DecodeRune(text[at:])
			class := classOf(r)
			if class == 0 {
				at += n
				continue
			}
			from := at
			at += n
			for class != single && at < len(text) {
				r, n = utf8.DecodeRune(text[at:])
				if classOf(r) != class {
					break
				}
				at += n
			}
			w := word{
				text: strings.ToLower(string(text[from:at])), from: from, to: at,
				joined: gap(text[end:from]), begins: !latinAt(text, from, true), ends: !latinAt(text, at, false), alone: class == single,
			}
			end = at
			if !yield(w) {
				return
			}
		}
	}
}

const (
	letters = 1
	digits  = 2
	single  = 3
)

func classOf(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case isLetter(byte(r)):
			return letters
		case isDigit(byte(r)):
			return digits
		}
		return 0
	case unspaced(r):
		return single
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return letters
	case unicode.IsDigit(r):
		return digits
	}
	return 0
}

// latinAt says whether a letter or digit of a script with spaces stands before, or at, a place.
func latinAt(text []byte, i int, before bool) bool {
	var r rune
	if before {
		r, _ = utf8.DecodeLastRune(text[:i])
	} else {
		r, _ = utf8.DecodeRune(text[i:])
	}
	c := classOf(r)
	return c == letters || c == digits
}

// gap says whether the words around it may belong to one name: APT29, APT 29, APT-29.
func gap(between []byte) bool {
	if len(between) > 2 {
		return false
	}
	for _, b := range between {
		if b != ' ' && b != '-' && b != '_' && b != '\n' && b != border {
			return false
		}
	}
	return true
}

// knownTypes are those that LoadKnown reads.
var knownTypes = []string{"attack-pattern", "campaign", "course-of-action", "intrusion-set", "malware", "threat-actor", "tool", "vulnerability", "x-mitre-tactic"}

// LoadKnown reads what the store knows by name. It takes a while where there is much, and may be kept until the feed moves.
func LoadKnown(tx store.Tx) (*Known, error) {
	const page = 500
	var failed error
	k := NewKnown(func(yield func(Entity) bool) {
		for after := ""; ; {
			found, err := tx.Objects().ScanCurrent(after, knownTypes, nil, page)
			if err != nil {
				failed = fmt.Errorf("what is known by name: %w", err)
				return
			}
			for i := range found {
				if e, ok := entityOf(&found[i]); ok && !yield(e) {
					return
				}
			}
			if len(found) < page {
				return
			}
			after = found[len(found)-1].ID
		}
	})
	return k, failed
}

// entityOf reads what names an object; ok is false if it was revoked or nothing does.
func entityOf(v *store.Variant) (e Entity, ok bool) {
	var said struct {
		Name       string   `json:"name"`
		Aliases    []string `json:"aliases"`
		Mitre      []string `json:"x_mitre_aliases"`
		Deprecated bool     `json:"x_mitre_deprecated"`
		References []struct {
			Source string `json:"source_name"`
			ID     string `json:"external_id"`
		} `json:"external_references"`
	}
	if v.Revoked || json.Unmarshal(v.Raw, &said) != nil || said.Deprecated || said.Name == "" {
		return e, false
	}
	e = Entity{Ref: Ref{v.ID, v.Type, said.Name}, Aliases: append(said.Aliases, said.Mitre...)}
	for _, r := range said.References {
		if r.ID != "" && (r.Source == "cve" || strings.HasPrefix(r.Source, "mitre-") && !strings.HasPrefix(r.ID, "CAPEC")) && !slices.Contains(e.External, r.ID) {
			e.External = append(e.External, strings.ToUpper(r.ID))
		}
	}
	return e, true
}
