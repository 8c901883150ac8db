package main

import (
	"fmt"
	"log/slog"
	"net"
)

type serveCommand struct {
	nodeDir
	Listen string `default:"127.0.0.1:8443" placeholder:"HOST:PORT" help:"Where to take envelopes (127.0.0.1:8443)."`
}

func (*serveCommand) Help() string {
	return `Listens for envelopes of confirmed partners, and nothing else, and sends what they may have. All other commands work while it
runs. It stops on interrupt; what was under way goes on at the next start.

Example:
  wagasa serve --dir /srv/wagasa --listen 0.0.0.0:8443`
}

// Run serves.
func (c *serveCommand) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	log := slog.New(slog.NewTextHandler(env.err, nil))
	return n.Serve(env, c.Listen, log, func(a net.Addr) {
		fmt.Fprintf(env.out, "serving %s (%s) on https://%s\n", n.Identity.Card.Name, n.Identity.Card.Nation, a)
	})
}
