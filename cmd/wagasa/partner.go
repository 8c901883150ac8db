package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

type partnerCommand struct {
	Add     partnerAdd     `cmd:"" help:"Add a partner by its contact card."`
	Confirm partnerConfirm `cmd:"" help:"Confirm a partner after its six words were read to you."`
	List    partnerList    `cmd:"" help:"List partners."`
	Set     partnerSet     `cmd:"" help:"Set what a partner may have and where it is reached."`
}

// maxCard bounds what is read as a card.
const maxCard = 64 << 10

type partnerAdd struct {
	nodeDir
	File string `arg:"" help:"The card; - is standard input."`
}

func (*partnerAdd) Help() string {
	return `Nothing flows until both sides have confirmed each other.

Example:
  wagasa partner add --dir /srv/wagasa example-mod.card`
}

// Run adds.
func (c *partnerAdd) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	in, _, err := openInput(env, c.File)
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxCard))
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	var p *partner.Partner
	err = n.Store.Update(env, func(tx store.Tx) (err error) {
		p, err = partner.Add(tx, n.Identity.Card, text, time.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	fmt.Fprintf(env.out, "added %s (%s), %s\n", p.Card.Name, p.Card.Nation, p.Party())
	if p.State != partner.Confirmed {
		fmt.Fprintf(env.out, "next: let %s read the six words of its card to you, then: wagasa partner confirm --dir %s %q\n", p.Card.Name, c.Dir, p.Card.Name)
	}
	return nil
}

type partnerConfirm struct {
	nodeDir
	Partner string `arg:"" help:"Name, nation or id of the partner."`
	Words   string `help:"The six words of the partner's card, in English or Japanese, as the partner reads them to you."`
}

func (*partnerConfirm) Help() string {
	return `Call the partner on a line that you trust and let them read the six words of their card: wagasa partner list shows them
yours, to read to them. If the words fit, the card is theirs.

Example:
  wagasa partner confirm --dir /srv/wagasa "Example Department of Defense" --words "one two three four five six"`
}

// Run confirms.
func (c *partnerConfirm) Run(env *environment) error {
	n, p, err := c.openWith(env, c.Partner)
	if err != nil {
		return err
	}
	defer n.Close()
	words := c.Words
	if words == "" {
		if words, err = askWords(env, p); err != nil {
			return err
		}
	}
	if err := p.Check(words); err != nil {
		return err
	}
	if err := n.Confirm(env, p.Party(), p.Card.Digest()); err != nil {
		return err
	}
	fmt.Fprintf(env.out, "confirmed %s (%s)\n", p.Card.Name, p.Card.Nation)
	if !p.Heard {
		fmt.Fprintf(env.out, "objects flow once %s has confirmed this node too\n", p.Card.Name)
	}
	return nil
}

// askWords asks on a terminal; without one it is an error, so that no script confirms by accident.
func askWords(env *environment, p *partner.Partner) (string, error) {
	f, ok := env.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return "", errors.New(`the six words are missing: give --words "…", or run this on a terminal`)
	}
	fmt.Fprintf(env.err, "The six words that %s reads to you: ", p.Card.Name)
	line, err := bufio.NewReader(io.LimitReader(f, 4096)).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("words: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// openWith opens the node and finds a partner by what somebody calls it; the caller closes the node.
func (d nodeDir) openWith(env *environment, name string) (n *node.Node, p *partner.Partner, err error) {
	if n, err = d.open(env); err != nil {
		return nil, nil, err
	}
	err = n.Store.View(env, func(tx store.Tx) (err error) {
		p, err = partner.Resolve(tx, name)
		return err
	})
	if err != nil {
		n.Close()
		return nil, nil, err
	}
	return n, p, nil
}

type partnerList struct {
	nodeDir
	JSON bool `name:"json" help:"One JSON object a line."`
}

func (*partnerList) Help() string {
	return `Shows this node's six words, to read to partners, and each partner.

Example:
  wagasa partner list --dir /srv/wagasa`
}

// partnerLine is a partner as listed.
type partnerLine struct {
	Party  store.Party `json:"party"`
	Name   string      `json:"name"`
	Nation string      `json:"nation"`
	State  string      `json:"state"`
	MaxTLP string      `json:"max_tlp"`
	URL    string      `json:"url,omitempty"`
}

// stateOf says how far the pairing is.
func stateOf(p *partner.Partner) string {
	switch {
	case p.Open():
		return "paired"
	case p.State == partner.Confirmed:
		return "waiting for their confirmation"
	}
	return "not confirmed"
}

// Run lists.
func (c *partnerList) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	var partners []*partner.Partner
	err = n.Store.View(env, func(tx store.Tx) (err error) {
		partners, err = partner.List(tx)
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		for _, p := range partners {
			writeJSON(env.out, partnerLine{p.Party(), p.Card.Name, p.Card.Nation, stateOf(p), p.MaxTLP.String(), p.URL})
		}
		return nil
	}
	words := n.Identity.Card.Words()
	fmt.Fprintf(env.out, "this node: %s (%s)\n  its six words: %s\n                 %s\n", n.Identity.Card.Name, n.Identity.Card.Nation,
		strings.Join(words.English[:], " "), strings.Join(words.Japanese[:], " "))
	for _, p := range partners {
		url := p.URL
		if url == "" {
			url = "not set"
		}
		fmt.Fprintf(env.out, "%s (%s) %s\n  pairing: %s\n  up to:   %s\n  url:     %s\n", p.Card.Name, p.Card.Nation, p.Party(), stateOf(p), p.MaxTLP.Label(), url)
	}
	return nil
}

type partnerSet struct {
	nodeDir
	Partner string  `arg:"" help:"Name, nation or id of the partner."`
	MaxTLP  string  `name:"max-tlp" placeholder:"TLP" help:"Release own objects up to this TLP: clear, green, amber or amber+strict; never red."`
	URL     *string `name:"url" placeholder:"https://…" help:"Where the partner's node takes envelopes; empty stops sending."`
}

func (*partnerSet) Help() string {
	return `A lower ceiling withdraws at once what is under way; what the partner holds already is listed by wagasa status.

Example:
  wagasa partner set --dir /srv/wagasa USA --max-tlp amber --url https://node.example:8443`
}

// Run sets.
func (c *partnerSet) Run(env *environment) error {
	s := partner.Settings{URL: c.URL}
	if c.MaxTLP != "" {
		t, err := stix.ParseTLP(c.MaxTLP)
		if err != nil {
			return badUsage{err}
		}
		s.MaxTLP = &t
	}
	if s.MaxTLP == nil && s.URL == nil {
		return badUsage{errors.New("nothing to set: give --max-tlp, --url or both")}
	}
	n, p, err := c.openWith(env, c.Partner)
	if err != nil {
		return err
	}
	defer n.Close()
	err = n.Store.Update(env, func(tx store.Tx) (err error) {
		p, err = partner.Set(tx, p.Party(), s, time.Now())
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "%s (%s): up to %s, url %s\n", p.Card.Name, p.Card.Nation, p.MaxTLP.Label(), p.URL)
	return nil
}
