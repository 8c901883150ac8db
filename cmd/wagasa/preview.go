package main

import (
	"bufio"
	"fmt"
	"slices"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

type previewCommand struct {
	nodeDir
	language
	Partner string `arg:"" help:"Name, nation or id of the partner."`
	Why     bool   `help:"One line an object instead: id, decision, reason."`
	JSON    bool   `name:"json" help:"With --why: one JSON object a line."`
}

func (*previewCommand) Help() string {
	return `The same decision that seals makes the preview: what it shows is what goes out, whole objects in their original bytes.

Examples:
  wagasa preview --dir /srv/wagasa USA > what-they-get.json
  wagasa preview --dir /srv/wagasa USA --why --lang ja`
}

// Run previews.
func (c *previewCommand) Run(env *environment) error {
	n, p, err := c.openWith(env, c.Partner)
	if err != nil {
		return err
	}
	defer n.Close()
	if !p.Open() {
		fmt.Fprintf(env.err, "note: the pairing with %s is not complete (%s): nothing goes until it is\n", p.Card.Name, stateOf(p))
	}
	out := bufio.NewWriterSize(env.out, 64<<10)
	err = n.Store.View(env, func(tx store.Tx) error {
		return c.show(tx, out, release.To(p).Rehearse())
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func (c *previewCommand) show(tx store.Tx, out *bufio.Writer, to release.Receiver) error {
	if c.Why {
		names, err := partnerNames(tx)
		if err != nil {
			return err
		}
		return release.Preview(tx, to,
			func(i release.Item) error { return c.line(out, names, i.Variant().ID, true, i.Reason()) },
			func(r release.Refusal) error { return c.line(out, names, r.ID, false, r.Reason) })
	}
	bundle := stix.NewBundleWriter(out, stix.NewID("bundle"))
	err := release.Preview(tx, to,
		func(i release.Item) error { return bundle.Write(i.Variant().Raw) },
		func(release.Refusal) error { return nil })
	if err != nil {
		return err
	}
	return bundle.Close()
}

// partnerNames lets a reason name a partner instead of its id.
func partnerNames(tx store.Tx) (map[string]string, error) {
	partners, err := partner.List(tx)
	names := map[string]string{}
	for _, p := range partners {
		names[string(p.Party())] = p.Card.Name
	}
	return names, err
}

func (c *previewCommand) line(out *bufio.Writer, names map[string]string, id string, permit bool, reason locale.Reason) error {
	shown := reason
	shown.Args = slices.Clone(reason.Args)
	for i, a := range shown.Args {
		if name, ok := names[a]; ok {
			shown.Args[i] = name
		}
	}
	decision := "decision.no"
	if permit {
		decision = "decision.yes"
	}
	if c.JSON {
		writeJSON(out, struct {
			ID     string        `json:"id"`
			Permit bool          `json:"permit"`
			Reason locale.Reason `json:"reason"`
			Text   string        `json:"text"`
		}{id, permit, reason, shown.In(c.lang())})
		return nil
	}
	_, err := fmt.Fprintf(out, "%s\t%s\t%s\n", id, locale.Text(c.lang(), decision), shown.In(c.lang()))
	return err
}
