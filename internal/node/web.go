package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/reference"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/tour"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/internal/web"
	"github.com/wagasa/wagasa/internal/web/accounts"
	"github.com/wagasa/wagasa/internal/web/authoring"
	"github.com/wagasa/wagasa/internal/web/desk"
	"github.com/wagasa/wagasa/internal/web/objects"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/internal/web/partners"
	tourpages "github.com/wagasa/wagasa/internal/web/tour"
	watchpages "github.com/wagasa/wagasa/internal/web/watch"
)

// Addresses are where a node listens.
type Addresses struct {
	Envelopes string // of partners
	Web       string // of browsers; "" for no pages
	Cert, Key string // files of the certificate for browsers, both or none; without them Web is this machine only
}

// Serving is where a node listens in fact.
type Serving struct {
	Envelopes net.Addr
	Pages     string // the address for browsers, "" if there is none
	// Welcome is the address that makes the first administrator, once; "" if there is one. Its secret is behind the #, which browsers keep to themselves.
	Welcome string
}

// Accounts are who may use the node. Origin is where browsers reach the pages, "" if that is not known.
func (n *Node) Accounts(origin string) (*account.Accounts, error) {
	return account.New(account.Params{Store: n.Store, Dir: n.Dir, Node: n.Identity.Card.Name, Origin: origin, Config: n.config.Accounts})
}

// pages is the web of the node, nil if there are none to be served.
type pages struct {
	listener net.Listener
	server   *web.Server
	accounts *account.Accounts
	inbox    *watch.Inbox
	index    *search.Index
	named    *reference.Index // what names what
	origin   string
	log      *slog.Logger
}

func (n *Node) pages(a Addresses, log *slog.Logger) (p *pages, err error) {
	if a.Web == "" {
		return nil, nil
	}
	var certificate *tls.Certificate
	scheme := "http"
	switch {
	case (a.Cert == "") != (a.Key == ""):
		return nil, fault.New(fault.Invalid, "web: --web-cert and --web-key go together")
	case a.Cert != "":
		c, err := tls.LoadX509KeyPair(a.Cert, a.Key)
		if err != nil {
			return nil, fault.New(fault.Invalid, "web: %w", err)
		}
		certificate, scheme = &c, "https"
	}
	p = &pages{log: log, inbox: &watch.Inbox{Store: n.Store, Now: time.Now}}
	if p.listener, err = web.Listen(a.Web, certificate); err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(a.Web) // Listen has read it
	_, port, _ := net.SplitHostPort(p.listener.Addr().String())
	if ip := net.ParseIP(host); host == "" || ip != nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost" // by which browsers know this machine; passkeys want a name
	}
	p.origin = scheme + "://" + net.JoinHostPort(host, port)
	if url := strings.TrimRight(n.config.Accounts.URL, "/"); url != "" {
		p.origin = url
	}
	if err := p.build(n, certificate); err != nil {
		p.listener.Close()
		return nil, err
	}
	return p, nil
}

func (p *pages) build(n *Node, certificate *tls.Certificate) (err error) {
	if p.accounts, err = n.Accounts(p.origin); err != nil {
		return err
	}
	card := n.Identity.Card
	site := &page.Site{
		Accounts: p.accounts, Log: p.log, Secure: strings.HasPrefix(p.origin, "https://"), Origin: p.origin, Node: card.Name, Nation: card.Nation, Short: shortParty(card.Party), Now: time.Now,
	}
	if certificate != nil {
		site.Known = func(host string) bool { return certificate.Leaf.VerifyHostname(host) == nil }
	}
	err = n.Store.View(context.Background(), func(tx store.Tx) (err error) {
		_, site.Demo, err = tour.Told(tx)
		return err
	})
	if err != nil {
		return err
	}
	floor := &watchpages.Pages{Inbox: p.inbox}
	release := &desk.Pages{Store: n.Store}
	others := partners.New(partners.Config{Store: n.Store, Self: card, Confirm: n.Confirm, Now: time.Now})
	people := &accounts.Pages{Accounts: p.accounts, Now: time.Now}
	writing := authoring.New(authoring.Config{Store: n.Store, Author: &author.Author{Store: n.Store, Ingest: n.Ingest, Now: time.Now}, Now: time.Now})
	p.index, p.named = search.New(n.Store), &reference.Index{Store: n.Store}
	about := objects.New(objects.Config{Store: n.Store, Index: p.index, Inbox: p.inbox, Self: card.Party, Now: time.Now})
	p.server, err = web.New(site, page.NewLive(n.Store),
		web.Domain{Routes: floor.Routes(), Templates: watchpages.Templates},
		web.Domain{Routes: about.Routes(), Templates: objects.Templates},
		web.Domain{Routes: release.Routes(), Templates: desk.Templates},
		web.Domain{Routes: others.Routes(), Templates: partners.Templates},
		web.Domain{Routes: people.Routes(), Templates: accounts.Templates},
		web.Domain{Routes: writing.Routes(), Templates: authoring.Templates},
		web.Domain{Routes: (&tourpages.Pages{Store: n.Store}).Routes(), Templates: tourpages.Templates},
	)
	return err
}

// shortParty is the beginning of a party's UUID.
func shortParty(p store.Party) string {
	_, uuid, _ := strings.Cut(string(p), "--")
	return uuid[:min(8, len(uuid))]
}

// welcome is the address that makes the first administrator, "" if there is one.
func (p *pages) welcome(ctx context.Context) (string, error) {
	link, needed, err := p.accounts.FirstLink(ctx)
	if err != nil || !needed {
		return "", err
	}
	return p.origin + "/welcome#" + link.Secret, nil
}

// close gives the address back, where nothing was served.
func (p *pages) close() {
	if p != nil {
		p.listener.Close()
	}
}

// run serves until ctx ends.
func (p *pages) run(ctx context.Context) error {
	return together(ctx,
		func(ctx context.Context) error { return p.server.Serve(ctx, p.listener) },
		func(ctx context.Context) error { return p.inbox.Run(ctx, p.log) },
		func(ctx context.Context) error { return p.index.Run(ctx, p.log) },
		func(ctx context.Context) error { return p.named.Run(ctx, p.log) },
		func(ctx context.Context) error { return p.accounts.Run(ctx, p.log) },
	)
}

// serving says where the node listens.
func (p *pages) serving(ctx context.Context, envelopes net.Addr) (s Serving, err error) {
	s.Envelopes = envelopes
	if p == nil {
		return s, nil
	}
	s.Pages = p.origin
	if s.Welcome, err = p.welcome(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return s, fmt.Errorf("web: %w", err)
	}
	return s, nil
}
