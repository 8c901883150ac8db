package main

type cardCommand struct {
	nodeDir
}

func (*cardCommand) Help() string {
	return `The card is text; it may travel by any road, for what it says is secured by six words that people read to each other
(wagasa partner confirm).

Example:
  wagasa card --dir /srv/wagasa > example-mod.card`
}

// Run prints the card.
func (c *cardCommand) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	_, err = env.out.Write(n.Identity.Card.Text())
	return err
}
