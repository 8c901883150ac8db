package main

import (
	"bufio"
	"time"

	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

type exportCommand struct {
	nodeDir
	Type []string `placeholder:"TYPE" help:"Only objects of this type; may be repeated."`
}

func (*exportCommand) Help() string {
	return `Writes the bytes as they came, whatever their marking: this is the owner's dump, not a release. The national ledger keeps
that it was made.

Example:
  wagasa export --dir /srv/wagasa --type indicator --type malware > bundle.json`
}

// exportPage is how many objects are in memory at a time.
const exportPage = 64

// Run exports.
func (c *exportCommand) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	subject := "export"
	for _, t := range c.Type {
		subject += " " + t
	}
	err = n.Store.Update(env, func(tx store.Tx) error {
		return ledger.Append(tx, ledger.National, ledger.Entry{Kind: ledger.Exported, Time: time.Now(), Subject: subject}, nil)
	})
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(env.out, 64<<10)
	bundle := stix.NewBundleWriter(out, stix.NewID("bundle"))
	err = n.Store.View(env, func(tx store.Tx) error {
		for after := ""; ; {
			page, err := tx.Objects().ScanCurrent(after, c.Type, nil, exportPage)
			if err != nil || len(page) == 0 {
				return err
			}
			for i := range page {
				if err := bundle.Write(page[i].Raw); err != nil {
					return err
				}
			}
			after = page[len(page)-1].ID
		}
	})
	if err != nil {
		return err
	}
	if err := bundle.Close(); err != nil {
		return err
	}
	return out.Flush()
}
