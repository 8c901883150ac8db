package main

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

type conflictsCommand struct {
	nodeDir
	JSON bool `name:"json" help:"One JSON object a line: an id with its variants."`
}

func (*conflictsCommand) Help() string {
	return `Lists every object of which two contents stand under one version, or a version came from somebody who does not write it
(a claim), or is modified too far in the future (held). The variant marked * is the current one.

Example:
  wagasa conflicts --dir /srv/wagasa`
}

// variantLine is a variant as listed.
type variantLine struct {
	Modified string `json:"modified,omitempty"`
	Origin   string `json:"origin"`
	Standing string `json:"standing"`
	Digest   string `json:"digest"`
	Serial   uint64 `json:"serial"`
	Current  bool   `json:"current"`
}

func lineOf(v *store.Variant, names map[string]string) variantLine {
	l := variantLine{Modified: versionOf(v), Origin: "own", Standing: v.Standing.String(), Digest: contentOf(v), Serial: v.Serial, Current: v.Current}
	if v.Origin != store.Self {
		l.Origin = cmp.Or(names[string(v.Origin)], string(v.Origin))
	}
	return l
}

// versionOf is when a variant was modified, "" for what has no version.
func versionOf(v *store.Variant) string {
	if v.Modified == 0 {
		return ""
	}
	return time.Unix(0, v.Modified).UTC().Format(time.RFC3339Nano)
}

// contentOf is how a content is named to people.
func contentOf(v *store.Variant) string { return hex.EncodeToString(v.Digest[:8]) }

// conflictsPage is how many ids are looked at a time.
const conflictsPage = 500

// Run lists.
func (c *conflictsCommand) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	found := 0
	err = n.Store.View(env, func(tx store.Tx) error {
		names, err := partnerNames(tx)
		if err != nil {
			return err
		}
		for after := ""; ; {
			ids, err := tx.Objects().Contested(after, conflictsPage)
			if err != nil || len(ids) == 0 {
				return err
			}
			variants, err := tx.Objects().Variants(ids)
			if err != nil {
				return err
			}
			for _, id := range ids {
				c.print(env, id, slices.DeleteFunc(slices.Clone(variants), func(v store.Variant) bool { return v.ID != id }), names)
			}
			found += len(ids)
			after = ids[len(ids)-1]
		}
	})
	if err == nil && !c.JSON {
		fmt.Fprintf(env.out, "%d objects with conflicts\n", found)
	}
	return err
}

func (c *conflictsCommand) print(env *environment, id string, variants []store.Variant, names map[string]string) {
	slices.SortStableFunc(variants, func(a, b store.Variant) int { return cmp.Compare(b.Modified, a.Modified) })
	lines := make([]variantLine, len(variants))
	for i := range variants {
		lines[i] = lineOf(&variants[i], names)
	}
	if c.JSON {
		writeJSON(env.out, struct {
			ID       string        `json:"id"`
			Variants []variantLine `json:"variants"`
		}{id, lines})
		return
	}
	fmt.Fprintln(env.out, id)
	for _, l := range lines {
		mark := " "
		if l.Current {
			mark = "*"
		}
		fmt.Fprintf(env.out, " %s %s  %s  %s  content %s  serial %d\n", mark, cmp.Or(l.Modified, "no version"), l.Origin, l.Standing, l.Digest, l.Serial)
	}
}
