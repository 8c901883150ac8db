package authoring

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/locale"
)

// draft is what the form holds, and all that there is of a draft before it is submitted: the text, what of it is chosen, and how it shall be
// shared. The node remembers nothing of it.
type draft struct {
	Key       string // names the draft, so that it is submitted once
	Text      string
	Own       string // domains of ours or of the writer's
	Rehearsal bool
	Most      int // candidates of a kind that are listed
	Choices   choices
	Reach     reach
	Earlier   string // what was submitted under the same key

	found   author.Extraction
	names   []string // of the candidates, in the same order
	listed  []bool
	on      map[string]bool
	rest    map[author.Kind]bool // kinds of which those that are not listed are taken too
	seen    map[string]bool      // what was listed when the form was sent; nil if nothing was
	wrong   map[string]string    // in the reader's words, by field
	refused error
	lang    locale.Lang
	known   *names
}

// Bounds of the form.
const (
	mostDraft  = 8 << 20 // bytes: a text of 1 MiB, in which every byte may take six, and what is chosen of it
	mostSingle = 4 << 20 // bytes of the form of a single object
	mostListed = 200     // candidates of a kind that are listed at first
	mostEver   = 3200    // and when more were asked for
	mostRows   = 6000    // of all kinds: a form has at most 10,000 fields
)

// newDraft is the empty form.
func newDraft(rehearsal bool, lang locale.Lang) *draft {
	return &draft{Key: author.NewKey(), Rehearsal: rehearsal, Choices: newChoices(), lang: lang}
}

// readDraft reads the form. Nothing is refused here: what is wrong is said where it is used.
func readDraft(form url.Values, lang locale.Lang) *draft {
	d := &draft{
		Key: form.Get("key"), Text: plain(form.Get("text")), Own: line(form, "own"), Rehearsal: form.Get("rehearsal") != "", Most: mostListed,
		Choices: readChoices(form), on: map[string]bool{}, rest: map[author.Kind]bool{}, wrong: map[string]string{}, lang: lang,
	}
	if n, err := strconv.Atoi(form.Get("most")); err == nil {
		d.Most = min(max(n, mostListed), mostEver)
	}
	for _, name := range form["on"] {
		d.on[name] = true
	}
	for _, kind := range form["rest"] {
		d.rest[author.Kind(kind)] = true
	}
	if seen := form.Get("seen"); seen != "" {
		d.seen = map[string]bool{}
		for ; len(seen) >= nameLength; seen = seen[nameLength:] {
			d.seen[seen[:nameLength]] = true
		}
	}
	return d
}

// line is a field other than the text, without blanks around it. The package that takes it bounds it; here it only must not be without end.
func line(form url.Values, name string) string {
	v := plain(form.Get(name))
	return strings.ToValidUTF8(strings.TrimSpace(v[:min(len(v), mostField)]), "")
}

const mostField = 128 << 10 // bytes

// plain is text as it was before a browser sent it: lines end with a line feed, and what is no UTF-8 is a character that says so.
func plain(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\uFFFD")
}

// extract finds the candidates, and settles what is chosen of them: of what was listed what the form says, of the rest what is suggested.
func (d *draft) extract(known *names) error {
	d.known = known
	found, err := author.Extract(d.Text, known.Known, author.Options{Own: strings.FieldsFunc(d.Own, separates), Rehearsal: d.Rehearsal})
	if err != nil {
		return err
	}
	d.found, d.names, d.listed = found, make([]string, len(found.Candidates)), make([]bool, len(found.Candidates))
	of, rows := map[author.Kind]int{}, 0
	for i := range found.Candidates {
		c := &found.Candidates[i]
		name := nameOf(c)
		if of[c.Kind] < d.Most && rows < mostRows {
			of[c.Kind]++
			rows++
			d.listed[i] = true
		}
		if d.names[i] = name; !d.seen[name] {
			d.on[name] = c.Selected
		}
	}
	return nil
}

func separates(r rune) bool {
	return r == ',' || r == '、' || r == ' ' || r == '\n' || r == '\t' || r == '　'
}

// takes says whether a candidate is taken: what is listed if it is checked, the rest of a kind together.
func (d *draft) takes(i int) bool {
	if d.listed[i] {
		return d.on[d.names[i]]
	}
	return d.rest[d.found.Candidates[i].Kind]
}

// chosen are the candidates that are taken.
func (d *draft) chosen() (list []author.Candidate) {
	for i := range d.found.Candidates {
		if d.takes(i) {
			list = append(list, d.found.Candidates[i])
		}
	}
	return list
}

// setAll checks or unchecks all of a kind.
func (d *draft) setAll(kind author.Kind, on bool) {
	for i := range d.found.Candidates {
		if d.found.Candidates[i].Kind == kind {
			d.on[d.names[i]] = on
		}
	}
	d.rest[kind] = on
}

// Wrong is what is wrong with a field, "" if nothing is.
func (d *draft) Wrong(field string) string { return d.wrong[field] }
