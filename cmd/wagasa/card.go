package main

import (
	"fmt"
	"strings"
)

type cardCommand struct {
	nodeDir
	Words bool `help:"Print the six words of the card instead, in English and Japanese: what you read to a partner."`
}

func (*cardCommand) Help() string {
	return `The card is text; it may travel by any road, for what it says is secured by six words that people read to each other
(wagasa partner confirm).

Examples:
  wagasa card --dir /srv/wagasa > example-mod.card
  wagasa card --dir /srv/wagasa --words`
}

// Run prints the card.
func (c *cardCommand) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	if c.Words {
		words := n.Identity.Card.Words()
		fmt.Fprintf(env.out, "%s\n%s\n", strings.Join(words.English[:], " "), strings.Join(words.Japanese[:], " "))
		return nil
	}
	_, err = env.out.Write(n.Identity.Card.Text())
	return err
}
