package main

import (
	"crypto/ed25519"
	"fmt"

	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/store"
)

type ledgerCommand struct {
	Verify ledgerVerify `cmd:"" help:"Recompute every entry, hash and root and compare with what was signed and witnessed."`
}

type ledgerVerify struct {
	nodeDir
	JSON bool `name:"json" help:"The report as JSON."`
}

func (*ledgerVerify) Help() string {
	return `Finds rewriting, not omission: what was never logged is missed by nobody. Exit status 1 if anything is wrong.

Example:
  wagasa ledger verify --dir /srv/wagasa`
}

// Run verifies.
func (c *ledgerVerify) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	var report ledger.Report
	var names map[string]string
	err = n.Store.View(env, func(tx store.Tx) (err error) {
		if names, err = partnerNames(tx); err != nil {
			return err
		}
		report, err = ledger.Verify(tx, n.Identity.Sign.Public().(ed25519.PublicKey), nil)
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		writeJSON(env.out, report)
	} else {
		for _, t := range report.Trees {
			printTree(env, t, names)
		}
	}
	if !report.OK() {
		return exit(1)
	}
	return nil
}

func printTree(env *environment, t ledger.TreeReport, names map[string]string) {
	name, verdict := t.Tree, "verified"
	if p, ok := ledger.TreePartner(t.Tree); ok {
		if name = names[string(p)]; name == "" {
			name = string(p)
		}
	}
	if !t.OK {
		verdict = fmt.Sprintf("%d PROBLEMS", t.Found)
	}
	fmt.Fprintf(env.out, "%s: %s, %d entries, root %x\n", name, verdict, t.Size, t.Root[:8])
	for _, p := range t.Problems {
		if p.Index < 0 {
			fmt.Fprintf(env.out, "  %s\n", p.What)
		} else {
			fmt.Fprintf(env.out, "  entry %d: %s\n", p.Index, p.What)
		}
	}
	if w := t.Witnessed; w != nil {
		fmt.Fprintf(env.out, "  their ledger: proven up to %d of %d entries shown", w.Proven, w.Latest)
		if w.Alarms > 0 {
			fmt.Fprintf(env.out, ", %d CONTRADICTIONS kept as evidence", w.Alarms)
		}
		fmt.Fprintln(env.out)
	}
}
