package main

import (
	"cmp"
	"crypto/ed25519"
	"encoding/hex"
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
		out := struct {
			Trees []treeReport `json:"trees"`
		}{}
		for _, t := range report.Trees {
			out.Trees = append(out.Trees, treeLine(t, names))
		}
		writeJSON(env.out, out)
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

// treeReport is a tree as told to programs.
type treeReport struct {
	Tree      string          `json:"tree"`
	Name      string          `json:"name"`
	Size      int64           `json:"size"`
	Root      string          `json:"root"`
	OK        bool            `json:"ok"`
	Problems  []ledgerProblem `json:"problems,omitempty"` // the first hundred
	Found     int             `json:"found"`              // how many problems there are
	Signed    int64           `json:"signed"`             // entries under our last checkpoint, -1 if there is none
	Witnessed *witnessed      `json:"witnessed,omitempty"`
}

// ledgerProblem is one thing that is not as it was written.
type ledgerProblem struct {
	Entry int64  `json:"entry"` // -1: the tree
	What  string `json:"what"`
}

// witnessed is what we hold of the partner's tree for us.
type witnessed struct {
	Proven         int64 `json:"proven"`
	Shown          int64 `json:"shown"`
	Contradictions int   `json:"contradictions"`
}

func treeLine(t ledger.TreeReport, names map[string]string) treeReport {
	out := treeReport{
		Tree: t.Tree, Name: treeName(t.Tree, names), Size: t.Size, Root: hex.EncodeToString(t.Root[:]), OK: t.OK, Found: t.Found, Signed: t.Signed,
	}
	for _, p := range t.Problems {
		out.Problems = append(out.Problems, ledgerProblem{p.Index, p.What})
	}
	if w := t.Witnessed; w != nil {
		out.Witnessed = &witnessed{w.Proven, w.Latest, w.Alarms}
	}
	return out
}

// treeName is the partner's name for a partner's tree.
func treeName(tree string, names map[string]string) string {
	p, ok := ledger.TreePartner(tree)
	if !ok {
		return tree
	}
	return cmp.Or(names[string(p)], string(p))
}

func printTree(env *environment, t ledger.TreeReport, names map[string]string) {
	verdict := "verified"
	if !t.OK {
		verdict = fmt.Sprintf("%d PROBLEMS", t.Found)
	}
	fmt.Fprintf(env.out, "%s: %s, %d entries, root %x\n", treeName(t.Tree, names), verdict, t.Size, t.Root[:8])
	for _, p := range t.Problems {
		if p.Index < 0 {
			fmt.Fprintf(env.out, "  %s\n", p.What)
		} else {
			fmt.Fprintf(env.out, "  entry %d: %s\n", p.Index, p.What)
		}
	}
	if w := t.Witnessed; w != nil {
		fmt.Fprintf(env.out, "  their ledger: %d entries shown, %d proven", w.Latest, w.Proven)
		if w.Proven < w.Latest {
			fmt.Fprint(env.out, "; the proof of the rest comes with a later receipt")
		}
		if w.Alarms > 0 {
			fmt.Fprintf(env.out, ", %d CONTRADICTIONS kept as evidence", w.Alarms)
		}
		fmt.Fprintln(env.out)
	}
}
