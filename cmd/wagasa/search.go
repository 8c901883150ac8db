package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

type searchCommand struct {
	nodeDir
	language
	Limit int      `default:"20" help:"Show at most so many objects; 0 is all."`
	JSON  bool     `name:"json" help:"One JSON object an object found."`
	Query []string `arg:"" optional:"" name:"QUERY" help:"What to search for."`
}

func (*searchCommand) Help() string {
	return `Finds objects of which the current version has all the words, in Latin script or Japanese. The newest come first; with sort:relevance those do that
are most about the words. Addresses, names and numbers such as CVE-2026-12345 are found whole and by their parts.

  word          the word; of Japanese any part of it
  "two words"   next to each other, in this order
  begin*        words that begin so, from three letters on
  -word         not those with the word
  type:malware  of the type; also tlp: label: origin:own|PARTNER creator:ID lang:
                sector: phase:, with values parted by commas, or a minus in front;
                and revoked:yes|no since:DATE until:DATE sort:relevance

While no node serves, what is not in the index yet is indexed first, which after a large import takes a while.

Examples:
  wagasa search --dir /srv/wagasa 電力 攻撃 type:report,indicator
  wagasa search --dir /srv/wagasa -- '"power company"' -exercise tlp:amber`
}

// hitLine is what was found, as listed.
type hitLine struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Title    string   `json:"title"`
	Places   [][2]int `json:"title_places,omitempty"` // bytes: from, to
	Snippet  *snippet `json:"snippet,omitempty"`
	Modified string   `json:"modified,omitempty"`
	TLP      string   `json:"tlp"`
	Origin   string   `json:"origin"`
	Revoked  bool     `json:"revoked,omitempty"`
}

type snippet struct {
	Text   string   `json:"text"`
	Places [][2]int `json:"places,omitempty"`
	Field  string   `json:"field"`
	Source string   `json:"source,omitempty"` // the translation that it is from, and
	TLP    string   `json:"tlp,omitempty"`    // how that is marked
}

// Run searches.
func (c *searchCommand) Run(env *environment) error {
	q, err := search.Parse(strings.Join(c.Query, " "))
	if err != nil {
		return c.explained(err)
	}
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	if err := c.follow(env, n); err != nil {
		return err
	}
	var names map[string]string
	err = n.Store.View(env, func(tx store.Tx) (err error) {
		names, err = partnerNames(tx)
		return err
	})
	if err != nil {
		return err
	}
	page, shown := search.Page{}, 0
	for {
		q.Limit = search.MostLimit
		if c.Limit > 0 {
			q.Limit = min(q.Limit, c.Limit-shown)
		}
		if page, err = n.Search.Search(env, q); err != nil {
			return c.explained(err)
		}
		for i := range page.Hits {
			c.print(env, &page.Hits[i], names)
		}
		shown += len(page.Hits)
		if q.After = page.Next; q.After == "" || c.Limit > 0 && shown >= c.Limit {
			break
		}
	}
	total := fmt.Sprint(page.Total)
	if page.More {
		total = "more than " + total
	}
	if page.Next != "" {
		fmt.Fprintf(env.err, "the first %d of %s; see all of them with --limit 0\n", shown, total)
	} else if !c.JSON {
		fmt.Fprintf(env.out, "%s found\n", total)
	}
	return nil
}

// explained says what is wrong with a search, in the reader's language.
func (c *searchCommand) explained(err error) error {
	if why, ok := search.Why(err); ok {
		return badUsage{errors.New(safe(why.In(c.lang())))}
	}
	return err
}

// patient is how long the command waits for a serving node to index what came last.
const patient = 2 * time.Second

// follow sees to it that the index is as new as it can be, and says so if it is not.
func (c *searchCommand) follow(env *environment, n *node.Node) error {
	serving, err := n.Serving()
	if err == nil && !serving {
		err = n.Search.CatchUp(env, nil)
	}
	if err != nil {
		return err
	}
	for end := time.Now().Add(patient); ; {
		behind, err := n.Search.Behind(env)
		if err != nil || behind == 0 {
			return err
		}
		if time.Now().After(end) {
			code := "search.behind"
			if behind >= search.BehindLimit {
				code = "search.behind-most"
			}
			fmt.Fprintln(env.err, locale.Text(c.lang(), code, behind))
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-env.Done():
			return env.Err()
		}
	}
}

func (c *searchCommand) print(env *environment, h *search.Hit, names map[string]string) {
	l := hitLine{ID: h.ID, Type: h.Type, Title: h.Title.Text, Places: h.Title.Places, TLP: h.TLP.String(), Origin: "own", Revoked: h.Revoked}
	if h.Origin != store.Self {
		l.Origin = cmp.Or(names[string(h.Origin)], string(h.Origin))
	}
	if !h.Modified.IsZero() {
		l.Modified = h.Modified.Format(time.RFC3339Nano)
	}
	if s := h.Snippet; s.Text != "" {
		l.Snippet = &snippet{s.Text, s.Places, s.Field, s.Source, ""}
		if s.Source != "" {
			l.Snippet.TLP = s.TLP.String()
		}
	}
	if c.JSON {
		writeJSON(env.out, l)
		return
	}
	fmt.Fprintf(env.out, "%s  %s  %s  %s\n", l.ID, cmp.Or(l.Modified, "no version"), tlpLabel(h.TLP), safe(l.Origin))
	if l.Title != "" {
		fmt.Fprintf(env.out, "  %s\n", safe(l.Title))
	}
	if s := l.Snippet; s != nil {
		from := ""
		if s.Source != "" {
			from = " [" + s.Source + ", " + tlpLabel(h.Snippet.TLP) + "]"
		}
		fmt.Fprintf(env.out, "  %s: %s%s\n", safe(s.Field), safe(s.Text), from)
	}
}

// tlpLabel is a level as people write it.
func tlpLabel(t stix.TLP) string { return cmp.Or(t.Label(), "no TLP") }
