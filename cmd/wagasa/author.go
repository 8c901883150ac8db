package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/store"
)

type authorCommand struct {
	Extract authorExtract `cmd:"" help:"Find indicators in an advisory, refanged, each with the line it stands on. It needs no node."`
}

type authorExtract struct {
	Dir string `env:"WAGASA_DIR" placeholder:"DIR" help:"The node's folder: for the names of actors, malware and techniques that it knows."`
	language
	JSON      bool     `name:"json" help:"One JSON object a candidate."`
	Own       []string `placeholder:"DOMAIN" help:"Domains of ours or of the text's writer: offered, not selected."`
	Rehearsal bool     `help:"Select documentation addresses and example names too."`
	File      string   `arg:"" name:"FILE" help:"A text in UTF-8 of up to 1 MiB; - is standard input."`
}

func (*authorExtract) Help() string {
	return `Reads a text in English, Japanese or both, undoes what was done to it so that nobody clicks on it (hxxp, [.], full width and the like), and
lists what may be shared: a mark whether it is suggested, the kind, the value, the lines, and why it is not suggested. Nothing is fetched or resolved,
and nothing is stored. Exit status: 0 done, 2 the file could not be read.

Examples:
  wagasa author extract advisory.txt
  wagasa author extract --dir /srv/wagasa --json --lang ja - < advisory.txt`
}

// candidateLine is a candidate as shown.
type candidateLine struct {
	Kind     author.Kind    `json:"kind"`
	Value    string         `json:"value"`
	Written  string         `json:"written"`
	Selected bool           `json:"selected"`
	Why      *locale.Reason `json:"why,omitempty"`
	Text     string         `json:"text,omitempty"` // of Why
	Defanged bool           `json:"defanged"`
	Ports    []uint16       `json:"ports,omitempty"`
	Refs     []string       `json:"refs,omitempty"`
	Places   []placeLine    `json:"places"`
}

type placeLine struct {
	Line   int    `json:"line"`
	Start  int    `json:"start"` // bytes
	End    int    `json:"end"`
	Source string `json:"source"` // the line, or the part around the place
}

// Run extracts.
func (c *authorExtract) Run(env *environment) error {
	text, err := c.read(env)
	if err != nil {
		unreadable(env, c.File, err)
		return exit(2)
	}
	e, err := author.Extract(text, c.known(env), author.Options{Own: c.Own, Rehearsal: c.Rehearsal})
	if err != nil {
		if reason, ok := author.ReasonOf(err); ok {
			err = fault.New(fault.Of(err), "%s", reason.In(c.lang()))
		}
		unreadable(env, c.File, err)
		return exit(2)
	}
	out := bufio.NewWriterSize(env.out, 64<<10)
	for i := range e.Candidates {
		line := c.line(&e, &e.Candidates[i])
		if c.JSON {
			writeJSON(out, line)
		} else {
			fmt.Fprintln(out, line.text(c.lang()))
		}
	}
	if e.More {
		fmt.Fprintln(env.err, locale.Text(c.lang(), "author.more"))
	}
	return out.Flush()
}

// read reads the text, one byte more than is allowed so that Extract can say so.
func (c *authorExtract) read(env *environment) (string, error) {
	in, _, err := openInput(env, c.File)
	if err != nil {
		return "", err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, author.MaxText+1))
	return string(text), err
}

// known is what the node knows by name, nil without one.
func (c *authorExtract) known(env *environment) (k *author.Known) {
	if c.Dir == "" {
		return nil
	}
	n, err := node.Open(env, c.Dir)
	if err == nil {
		defer n.Close()
		err = n.Store.View(env, func(tx store.Tx) (err error) {
			k, err = author.LoadKnown(tx)
			return err
		})
	}
	if err != nil { // the text can be read nevertheless
		fmt.Fprintf(env.err, "note: no names from %s: %v\n", safe(c.Dir), err)
		return nil
	}
	return k
}

func (c *authorExtract) line(e *author.Extraction, found *author.Candidate) candidateLine {
	l := candidateLine{
		Kind: found.Kind, Value: found.Value, Written: found.Written, Selected: found.Selected, Defanged: found.Defanged, Ports: found.Ports,
	}
	if found.Why.Code != "" {
		l.Why, l.Text = &found.Why, found.Why.In(c.lang())
	}
	for _, r := range found.Refs {
		l.Refs = append(l.Refs, r.ID)
	}
	for _, p := range found.Places {
		l.Places = append(l.Places, placeLine{p.Line, p.Start, p.End, e.Source(p).Text})
	}
	return l
}

const maxLines = 5 // that are named of a candidate

// text is the line for people.
func (l *candidateLine) text(lang locale.Lang) string {
	mark := "-"
	if l.Selected {
		mark = "+"
	}
	var at []string
	last := 0
	for _, p := range l.Places {
		if p.Line == last {
			continue
		}
		if last = p.Line; len(at) == maxLines {
			at = append(at, "…")
			break
		}
		at = append(at, fmt.Sprint(p.Line))
	}
	value := l.Value
	if len(l.Ports) > 0 {
		value += fmt.Sprintf(" %v", l.Ports)
	}
	columns := []string{mark, locale.Text(lang, "candidate."+string(l.Kind)), safe(value), strings.Join(at, ",")}
	if l.Text != "" {
		columns = append(columns, l.Text)
	}
	return strings.Join(columns, "\t")
}
