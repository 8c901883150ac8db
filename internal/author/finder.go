package author

import (
	"slices"
	"strconv"

	"github.com/wagasa/wagasa/internal/fault"
)

// Options say what the text alone does not.
type Options struct {
	// Own are domains of ours or of the text's writer: what stands in them is offered and not selected.
	Own []string
	// Rehearsal selects documentation addresses and example names too: for exercises and demonstrations, where nothing else may be used.
	Rehearsal bool
}

// Extract finds candidates in a text. known may be nil. A text of more than MaxText bytes is fault.Invalid, everything else is read as far as it
// can be: bytes that are no UTF-8 separate. The time is linear in the bytes.
func Extract(text string, known *Known, o Options) (Extraction, error) {
	e := Extraction{text: text}
	if len(text) > MaxText {
		return e, refuse(fault.Invalid, "author.too-long", strconv.Itoa(len(text)), strconv.Itoa(MaxText))
	}
	f := &finder{v: newView(text), index: map[key]int{}}
	f.taken = make([]bool, len(f.v.text))
	e.lines = lineStarts(text)
	f.urls()
	f.emails()
	f.registryKeys()
	f.cells()
	f.paths()
	f.addresses()
	f.hashes()
	f.identifiers()
	f.domains()
	f.fileNames()
	if known != nil {
		f.names(known)
	}
	f.order(e.lines)
	if known != nil {
		f.resolve(known)
	}
	newJudge(o, known != nil, f.found).all(f.found)
	e.Candidates, e.More = f.found, f.more
	return e, nil
}

type key struct {
	kind  Kind
	value string
}

// span is a part of the view.
type span struct{ from, to int }

// finder collects candidates from a view.
type finder struct {
	v       *view
	taken   []bool // by byte of the view: it is part of a candidate already
	found   []Candidate
	index   map[key]int
	places  int
	more    bool
	columns map[int]column // of the table that is being read
	others  []span         // cells of columns that hold digests of something else, in order
}

// add notes a candidate at a part of the view. It returns where it is noted, or a spare one if there is no room.
func (f *finder) add(kind Kind, value string, from, to int) *Candidate {
	return f.note(key{kind, value}, Candidate{Kind: kind, Value: value}, from, to)
}

// note is add for a candidate that its value does not tell from others.
func (f *finder) note(k key, fresh Candidate, from, to int) *Candidate {
	i, ok := f.index[k]
	if !ok {
		if len(f.found) == MaxCandidates || f.places == MaxPlaces {
			f.more = true
			return &Candidate{}
		}
		i = len(f.found)
		f.index[k] = i
		f.found = append(f.found, fresh)
	}
	c := &f.found[i]
	if f.places == MaxPlaces {
		f.more = true
		return c
	}
	f.places++
	start, end := f.v.origin(from, to)
	c.Places = append(c.Places, Place{Start: start, End: end})
	c.Defanged = c.Defanged || f.v.disguised(from, to)
	return c
}

// take keeps a part of the view from being read again as something else.
func (f *finder) take(from, to int) {
	for i := from; i < to; i++ {
		f.taken[i] = true
	}
}

// free says whether nothing of a part is taken.
func (f *finder) free(from, to int) bool { return !slices.Contains(f.taken[from:to], true) }

// port notes a port.
func (c *Candidate) port(p uint16) {
	if at, ok := slices.BinarySearch(c.Ports, p); !ok && len(c.Ports) < maxPorts {
		c.Ports = slices.Insert(c.Ports, at, p)
	}
}

const maxPorts = 100 // of one candidate

// order sorts places, and candidates by their first, and fills in what follows from them. Candidates that begin at one place stay in the order in
// which they were found: the longer one is found first.
func (f *finder) order(lines []int) {
	for i := range f.found {
		c := &f.found[i]
		slices.SortFunc(c.Places, func(a, b Place) int { return a.Start - b.Start })
		c.Places = slices.CompactFunc(c.Places, func(a, b Place) bool { return a.Start == b.Start })
		for k := range c.Places {
			at, exact := slices.BinarySearch(lines, c.Places[k].Start)
			if exact {
				at++
			}
			c.Places[k].Line = at
		}
		c.Written = f.v.src[c.Places[0].Start:c.Places[0].End]
	}
	slices.SortStableFunc(f.found, func(a, b Candidate) int { return a.Places[0].Start - b.Places[0].Start })
}
