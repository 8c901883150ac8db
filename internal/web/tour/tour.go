// Package tour is the guided tour of the visitor's demo, a panel on the watch page of a node that is part of one. Each step leads to the page where
// it is done; what the panel says of a step is what the node knows, not what was clicked. On a node that is no part of a demo there is nothing.
package tour

import (
	"context"
	"embed"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/tour"
	"github.com/wagasa/wagasa/internal/web/page"
)

// Templates are those of these pages.
//
//go:embed *.html
var Templates embed.FS

// Pages are the pages of one node.
type Pages struct {
	Store store.Store
}

// Routes are what they answer.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Method: "GET", Path: "/tour", Action: account.SignedIn, Handle: p.show},
		{Method: "GET", Path: "/tour/enter", Handle: p.door},
		{Method: "POST", Path: "/tour/enter", Handle: p.enter},
		{Method: "POST", Path: "/tour/link", Action: account.SignedIn, Handle: p.link},
	}
}

// panel is what the tour shows.
type panel struct {
	tour.State
	exchange.Status
}

// Backlog is how much the other one has not got yet.
func (p panel) Backlog() (n int) {
	for _, q := range p.Queued {
		n += q
	}
	return n + p.Holding.InFlight
}

// Should is how much it will hold once nothing waits.
func (p panel) Should() int { return p.Holding.Held + p.Backlog() }

func (p *Pages) state(ctx context.Context) (s panel, ok bool, err error) {
	err = p.Store.View(ctx, func(tx store.Tx) error {
		if s.State, ok, err = tour.Told(tx); err != nil || !ok {
			return err
		}
		other, err := partner.Get(tx, s.Partner)
		if err != nil {
			return err
		}
		counts, err := tx.Objects().Counts()
		if err != nil {
			return err
		}
		s.Status, err = exchange.StatusOf(tx, other, counts)
		return err
	})
	return s, ok, err
}

// show is the panel, nothing where there is no demo.
func (p *Pages) show(r *page.Request) error {
	s, ok, err := p.state(r.Context())
	if err != nil {
		return err
	}
	if !ok {
		return r.Render("tour/none", nil)
	}
	return r.Render("tour/panel", s)
}

// link asks for the link to be cut or mended.
func (p *Pages) link(r *page.Request) error {
	cut := r.PostFormValue("link") == "cut"
	err := p.Store.Update(r.Context(), func(tx store.Tx) error {
		if _, ok, err := tour.Told(tx); err != nil || !ok {
			return orNone(err)
		}
		return tour.Ask(tx, cut)
	})
	if err != nil {
		return err
	}
	if r.Partial() {
		return p.show(r)
	}
	return r.Redirect("/")
}

func orNone(err error) error {
	if err == nil {
		err = fault.New(fault.NotFound, "this node is no part of a demo")
	}
	return err
}

// door is where a visitor comes in: the secret of a session that the demo opened stands behind the # of the address.
func (p *Pages) door(r *page.Request) error {
	if _, ok, err := p.state(r.Context()); err != nil || !ok {
		return orNone(err)
	}
	return r.Render("tour/door", nil)
}

// enter takes the secret of a session that there is.
func (p *Pages) enter(r *page.Request) error {
	if _, ok, err := p.state(r.Context()); err != nil || !ok {
		return orNone(err)
	}
	secret := r.PostFormValue("secret")
	session, err := r.Site.Accounts.Session(r.Context(), secret)
	if err != nil {
		return err
	}
	r.SignedIn(secret, session.Expires)
	return r.Redirect("/")
}
