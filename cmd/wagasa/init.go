package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/stix"
)

type initCommand struct {
	nodeDir
	Name        string `required:"" help:"Name of the organisation, as partners shall see it."`
	Nation      string `required:"" placeholder:"JPN" help:"Nation: three capital letters of ISO 3166-1 (GENC)."`
	DefaultTLP  string `name:"default-tlp" default:"amber" placeholder:"TLP" help:"TLP of objects that name none (amber)."`
	RecoveryOut string `placeholder:"FILE" help:"Write the recovery key to FILE instead of showing it."`
}

func (*initCommand) Help() string {
	return `The folder gets the node's identity, its keys (readable by you alone) and its contact card. The recovery key is shown
once: write it down and keep it away from this machine. It alone can revoke the node's keys.

Example:
  wagasa init --dir /srv/wagasa --name "Example Ministry of Defence" --nation JPN`
}

// Run makes the node.
func (c *initCommand) Run(env *environment) error {
	tlp, err := stix.ParseTLP(c.DefaultTLP)
	if err != nil {
		return badUsage{err}
	}
	if c.RecoveryOut != "" { // before anything is made: a recovery key that cannot be written is lost
		if _, err := os.Stat(c.RecoveryOut); err == nil {
			return fmt.Errorf("%s exists; choose another --recovery-out", c.RecoveryOut)
		}
		if info, err := os.Stat(filepath.Dir(c.RecoveryOut)); err != nil || !info.IsDir() {
			return fmt.Errorf("--recovery-out %s: its folder does not exist", c.RecoveryOut)
		}
	}
	n, err := node.Init(env, c.Dir, partner.Params{
		Name: c.Name, Nation: c.Nation, Now: time.Now(),
		Recovered: func(r partner.Recovery) error { return c.handOut(env, r) },
	}, tlp)
	if err != nil {
		return err
	}
	defer n.Close()
	card := n.Identity.Card
	fmt.Fprintf(env.out, "made     %s (%s), %s\nin       %s\ncard     %s\n", card.Name, card.Nation, card.Party, c.Dir, filepath.Join(c.Dir, "card.txt"))
	return nil
}

// handOut shows or writes the recovery key, before there is anything to recover.
func (c *initCommand) handOut(env *environment, r partner.Recovery) error {
	if c.RecoveryOut != "" {
		if err := r.Write(c.RecoveryOut); err != nil {
			return err
		}
		fmt.Fprintf(env.out, "recovery %s: take it off this machine\n", c.RecoveryOut)
		return nil
	}
	_, err := fmt.Fprintf(env.out, "recovery key, shown only now; write it down and keep it away from this machine:\n  %s\n", r)
	return err
}
