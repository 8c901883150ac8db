package search

import (
	"errors"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

// Query is what is searched for. The zero Query finds everything, the newest first.
type Query struct {
	// Text are words, all of which have to be there: a word alone, "words in quotes" next to each other and in this order, begin* for words that
	// begin so, and -word for one that must not be there.
	Text    string
	Filters         // of each that is not empty, one value must be the object's
	Not     Filters // none of these may be the object's
	Since   time.Time
	Until   time.Time // exclusive
	Revoked *bool
	Sort    Sort
	After   string // Next of the page before, of the same search
	Limit   int    // of hits; 0 is DefaultLimit, and there is a MostLimit
}

// Filters are values of facets.
type Filters struct {
	Types     []string
	Origins   []string // "own", or of a partner its party, name or nation
	TLP       []stix.TLP
	Labels    []string
	Creators  []string // ids of identities
	Languages []string
	Sectors   []string
	Phases    []string
}

// Sort is an order of hits.
type Sort uint8

// The orders.
const (
	Newest    Sort = iota // modified last; of what has no version: arrived last
	Relevance             // where the words are in the title, often, or most of the text
)

func (s Sort) String() string { return [...]string{"newest", "relevance"}[s&1] }

// The bounds of a query.
const (
	DefaultLimit = 20
	MostLimit    = 200
	longestText  = 2000 // bytes
	mostAtoms    = 64   // words, quoted phrases and filters
	mostSlots    = 200  // terms
	shortestStem = 3    // characters before *
)

// wrong is an error in what was asked for.
type wrong struct{ reason locale.Reason }

func (w *wrong) Error() string { return w.reason.In(locale.English) }

func because(code string, args ...string) error {
	return fault.New(fault.Invalid, "search: %w", &wrong{locale.Because(code, args...)})
}

// Why is the reason, for people, of an error of this package about what they asked for; ok is false for other errors.
func Why(err error) (reason locale.Reason, ok bool) {
	var w *wrong
	if errors.As(err, &w) {
		return w.reason, true
	}
	return locale.Reason{}, false
}

// field names of the text form, and the facets that they are.
var keys = map[string]Facet{
	"type": FacetType, "origin": FacetOrigin, "tlp": FacetTLP, "label": FacetLabel, "creator": FacetCreator,
	"lang": FacetLanguage, "sector": FacetSector, "phase": FacetPhase,
	"revoked": FacetRevoked, "since": "", "until": "", "sort": "",
}

// list is the values of one facet, apart from TLP.
func (f *Filters) list(facet Facet) *[]string {
	switch facet {
	case FacetType:
		return &f.Types
	case FacetOrigin:
		return &f.Origins
	case FacetLabel:
		return &f.Labels
	case FacetCreator:
		return &f.Creators
	case FacetLanguage:
		return &f.Languages
	case FacetSector:
		return &f.Sectors
	case FacetPhase:
		return &f.Phases
	}
	return nil
}

// String is the query as somebody would type it: Parse makes the same of it. After and Limit are left out.
func (q Query) String() string {
	var words []string
	words = q.Filters.words(words, "")
	words = q.Not.words(words, "-")
	if q.Revoked != nil {
		words = append(words, "revoked:"+map[bool]string{true: "yes", false: "no"}[*q.Revoked])
	}
	for _, t := range []struct {
		key string
		at  time.Time
	}{{"since:", q.Since}, {"until:", q.Until}} {
		if !t.at.IsZero() {
			words = append(words, t.key+t.at.UTC().Format(time.RFC3339Nano))
		}
	}
	if q.Sort != Newest {
		words = append(words, "sort:"+q.Sort.String())
	}
	if atoms, err := lex(q.Text, false); err == nil {
		for _, a := range atoms {
			words = append(words, a.String())
		}
	} else {
		words = append(words, q.Text)
	}
	return strings.Join(words, " ")
}

// words are the filters as typed.
func (f *Filters) words(words []string, sign string) []string {
	for _, facet := range Facets {
		list := f.list(facet)
		if facet == FacetTLP {
			for _, t := range f.TLP {
				words = append(words, sign+"tlp:"+t.String())
			}
		}
		if list == nil {
			continue
		}
		for _, v := range *list {
			words = append(words, sign+string(facet)+":"+quote(v, true))
		}
	}
	return words
}
