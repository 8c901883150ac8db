package author

import (
	"strings"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/locale"
)

// Kind says what a candidate is.
type Kind string

// The kinds of candidates. Their names are part of what `wagasa author extract --json` prints.
const (
	IPv4     Kind = "ipv4"
	IPv6     Kind = "ipv6"
	CIDR     Kind = "cidr" // a block of either
	Domain   Kind = "domain"
	URL      Kind = "url"
	Email    Kind = "email"
	MD5      Kind = "md5"
	SHA1     Kind = "sha1"
	SHA256   Kind = "sha256"
	SHA512   Kind = "sha512"
	SSDeep   Kind = "ssdeep"
	CVE      Kind = "cve"
	ATTACK   Kind = "attack" // an id of ATT&CK
	FileName Kind = "file-name"
	Path     Kind = "path"
	Registry Kind = "registry"
	Name     Kind = "name" // of something that the store knows
)

// Kinds lists all, in the order in which people look for them.
var Kinds = [...]Kind{IPv4, IPv6, CIDR, Domain, URL, Email, MD5, SHA1, SHA256, SHA512, SSDeep, CVE, ATTACK, FileName, Path, Registry, Name}

// Observable says whether an indicator can be made of such a candidate.
func (k Kind) Observable() bool {
	switch k {
	case CVE, ATTACK, Name:
		return false
	}
	return true
}

// Place is where a candidate stands in the text as it was pasted.
type Place struct {
	Start, End int // bytes
	Line       int // from 1
}

// Candidate is something that the author may want to share.
type Candidate struct {
	Kind     Kind
	Value    string        // in canonical form: refanged, hosts in lower case and ASCII, hives of the registry written out
	Written  string        // as at the first place
	Places   []Place       // all of them, in order
	Defanged bool          // at one place at least it was written so that nobody clicks on it
	Ports    []uint16      // given with an address or a domain, ascending
	Refs     []Ref         // what the store has of it: of a name, an ATT&CK or CVE id
	Selected bool          // what is suggested
	Why      locale.Reason // why it is not; the zero Reason if it is

	inside int // places that are within a URL
	odd    int // places where it is rather something else
}

// Ref is an object of the store.
type Ref struct {
	ID, Type, Name string
}

// Extraction is what was found in a text.
type Extraction struct {
	Candidates []Candidate // in the order of their first places
	More       bool        // there are more, which were left out: see MaxCandidates
	text       string
	lines      []int // where each begins
}

// The bounds of an extraction.
const (
	MaxText       = 1 << 20 // bytes of a text
	MaxCandidates = 20_000  // different ones
	MaxPlaces     = 200_000 // of all of them together
)

// Excerpt is a piece of the line that a place stands on, and where in it the place is.
type Excerpt struct {
	Text     string
	From, To int  // bytes
	Cut      bool // there is more of the line
}

// around is how much of a long line is shown before and behind a place, in bytes.
const around = 160

// Source returns the line that a place stands on, or the part around it if it is long.
func (e *Extraction) Source(p Place) Excerpt {
	start := e.lines[p.Line-1]
	end := len(e.text)
	if p.Line < len(e.lines) {
		end = e.lines[p.Line] - 1
	}
	end = max(end, p.End) // what was broken over two lines
	from, to := max(start, p.Start-around), min(end, p.End+around)
	for from > start && !utf8.RuneStart(e.text[from]) {
		from--
	}
	for to < end && !utf8.RuneStart(e.text[to]) {
		to++
	}
	text := strings.TrimRight(e.text[from:to], "\r")
	return Excerpt{text, p.Start - from, min(p.End-from, len(text)), from > start || to < end}
}

// Lines is how many lines the text has.
func (e *Extraction) Lines() int { return len(e.lines) }

// lineStarts finds where the lines of a text begin; there is always one.
func lineStarts(text string) []int {
	starts := make([]int, 1, 1+strings.Count(text, "\n"))
	for at := 0; ; {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return starts
		}
		at += i + 1
		starts = append(starts, at)
	}
}
