package main

import (
	"fmt"
	"log/slog"

	"github.com/wagasa/wagasa/internal/node"
)

type serveCommand struct {
	nodeDir
	Listen  string `default:"127.0.0.1:8443" placeholder:"HOST:PORT" help:"Where to take envelopes (127.0.0.1:8443)."`
	Web     string `placeholder:"HOST:PORT" help:"Where to show pages to browsers, such as 127.0.0.1:8080; without it there are none."`
	WebCert string `placeholder:"FILE" type:"path" help:"Certificate for browsers (PEM): needed unless --web is this machine only."`
	WebKey  string `placeholder:"FILE" type:"path" help:"Its key (PEM)."`
}

func (*serveCommand) Help() string {
	return `Listens for envelopes of confirmed partners, and nothing else, and sends what they may have. All other commands work while it
runs. It stops on interrupt; what was under way goes on at the next start.

With --web it shows the pages too. As long as there is no administrator, it prints an address that makes the first one, once.

Examples:
  wagasa serve --dir /srv/wagasa --listen 0.0.0.0:8443
  wagasa serve --dir /srv/wagasa --web 127.0.0.1:8080`
}

// Run serves.
func (c *serveCommand) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	log := slog.New(slog.NewTextHandler(env.err, nil))
	at := node.Addresses{Envelopes: c.Listen, Web: c.Web, Cert: c.WebCert, Key: c.WebKey}
	return n.Serve(env, at, log, func(at node.Serving) {
		fmt.Fprintf(env.out, "serving %s (%s) on https://%s\n", n.Identity.Card.Name, n.Identity.Card.Nation, at.Envelopes)
		if at.Pages != "" {
			fmt.Fprintf(env.out, "pages on %s\n", at.Pages)
		}
		if at.Welcome != "" {
			fmt.Fprintf(env.out, "there is no administrator yet: open %s\n", at.Welcome)
		}
	})
}
