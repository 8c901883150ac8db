package authoring

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/locale"
)

// group is the candidates of one kind, as the page lists them.
type group struct {
	Kind     author.Kind
	Rows     []row
	Selected int // of all, also of those that are not listed
	Total    int
	Wide     bool // values are long: the source stands below, not beside
	Rest     bool // those that are not listed are taken too
}

// Hidden is how many are not listed.
func (g *group) Hidden() int { return g.Total - len(g.Rows) }

// row is one candidate.
type row struct {
	ID      string // names it in the form
	Value   string // so that nobody clicks on it
	Ports   []uint16
	Refs    []author.Ref
	On      bool
	Why     locale.Reason
	Source  source
	Line    int
	Further int // places beside the one that is shown
}

// source is the line on which a candidate was found, in pieces: far ones are shown when somebody looks closer.
type source struct {
	Far, Near, Match, After string
	Before                  bool // the line begins earlier
	Cut                     bool // it goes on
}

// wide are the kinds whose values take a line of their own.
var wide = map[author.Kind]bool{author.URL: true, author.SHA256: true, author.SHA512: true, author.SSDeep: true, author.Path: true, author.Registry: true}

// near is how many characters of the line stand before a match at once: so many that the match is always in sight.
const near = 28

// nameOf names a candidate in the form: short, and the same whatever else the text holds. 128 bits, so that nobody writes a text in which two
// candidates are one.
func nameOf(c *author.Candidate) string {
	sum := sha256.Sum256([]byte(string(c.Kind) + "\x00" + c.Value))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

const nameLength = 22 // characters of nameOf

// Groups lists the candidates by kind.
func (d *draft) Groups() (list []*group) {
	of := map[author.Kind]*group{}
	for i := range d.found.Candidates {
		c := &d.found.Candidates[i]
		g := of[c.Kind]
		if g == nil {
			g = &group{Kind: c.Kind, Wide: wide[c.Kind], Rest: d.rest[c.Kind]}
			of[c.Kind] = g
		}
		g.Total++
		on := d.takes(i)
		if on {
			g.Selected++
		}
		if d.listed[i] {
			g.Rows = append(g.Rows, d.row(c, d.names[i], on))
		}
	}
	for _, kind := range author.Kinds {
		if g := of[kind]; g != nil {
			list = append(list, g)
		}
	}
	return list
}

func (d *draft) row(c *author.Candidate, name string, on bool) row {
	return row{
		ID: name, Value: defang(c.Kind, c.Value), Ports: c.Ports, Refs: c.Refs, On: on, Why: c.Why,
		Source: sourceOf(d.found.Source(c.Places[0])), Line: c.Places[0].Line, Further: len(c.Places) - 1,
	}
}

func sourceOf(e author.Excerpt) (s source) {
	before := e.Text[:e.From]
	s.Match, s.After, s.Cut = e.Text[e.From:e.To], e.Text[e.To:], e.Cut
	cut := len(before)
	for n := 0; n < near && cut > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(before[:cut])
		cut -= size
	}
	s.Far, s.Near, s.Before = strings.TrimLeft(before[:cut], " \t"), before[cut:], cut > 0
	if !s.Before {
		s.Near = strings.TrimLeft(s.Near, " \t")
	}
	s.After = strings.TrimRight(s.After, " \t\n")
	return s
}

// defang writes a value so that neither a person nor a program takes it for something to click on.
func defang(kind author.Kind, value string) string {
	switch kind {
	case author.IPv4, author.Domain, author.CIDR:
		if i := strings.LastIndexByte(value, '.'); i >= 0 {
			return value[:i] + "[.]" + value[i+1:]
		}
		return strings.Replace(value, ":", "[:]", 1)
	case author.IPv6:
		return strings.Replace(value, ":", "[:]", 1)
	case author.Email:
		return strings.Replace(value, "@", "[@]", 1)
	case author.URL:
		scheme, rest, ok := strings.Cut(value, "://")
		if scheme += "://"; !ok {
			scheme, rest = "", value
		}
		host, path := rest, ""
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			host, path = rest[:i], rest[i:]
		}
		if i := strings.LastIndexByte(host, '.'); i >= 0 {
			host = host[:i] + "[.]" + host[i+1:]
		}
		return strings.Replace(scheme, "tt", "xx", 1) + host + path
	}
	return value
}
