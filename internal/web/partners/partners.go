// Package partners is the pages about partners: who they are, how far the pairing is, how the exchange with each stands, and this node's own
// card. It shows what internal/partner and internal/exchange say, and adds, confirms and sets partners.
package partners

import (
	"context"
	"embed"
	"strings"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// Templates are those of these pages.
//
//go:embed *.html
var Templates embed.FS

// Config is what the pages need of a node.
type Config struct {
	Store   store.Store
	Self    partner.Card
	Confirm func(ctx context.Context, party store.Party, card store.Hash) error // with all that follows from it
	Now     func() time.Time
}

// Pages are the pages of one node.
type Pages struct {
	Config
	words func() partner.Words // this node's: computing them takes a third of a second
}

// New makes the pages.
func New(c Config) *Pages { return &Pages{c, sync.OnceValue(c.Self.Words)} }

// Routes are what they answer.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Method: "GET", Path: "/partners", Action: account.PartnerView, Handle: p.list},
		{Method: "GET", Path: "/partners/card.txt", Action: account.PartnerView, Handle: p.card},
		{Method: "POST", Path: "/partners", Action: account.PartnerManage, Handle: p.add},
		{Method: "GET", Path: "/partners/{party}", Action: account.PartnerView, Handle: p.show},
		{Method: "GET", Path: "/partners/{party}/now", Action: account.PartnerView, Handle: p.now},
		{Method: "POST", Path: "/partners/{party}/confirm", Action: account.Pairing, Handle: p.pair},
		{Method: "POST", Path: "/partners/{party}/address", Action: account.PartnerManage, Handle: p.address},
		{Method: "POST", Path: "/partners/{party}/ceiling", Action: account.PartnerCeiling, Handle: p.ceiling},
	}
}

// overview is the list of partners and this node's own card.
type overview struct {
	Self     partner.Card
	Words    partner.Words
	Partners []standing
}

// standing is a partner, and how the exchange with it stands.
type standing struct {
	*partner.Partner
	exchange.Status
}

// Queue is how much waits for the partner.
func (s standing) Queue() (n int) {
	for _, q := range s.Queued {
		n += q
	}
	return n
}

func (p *Pages) list(r *page.Request) error {
	o := overview{Self: p.Self, Words: p.words()}
	err := p.Store.View(r.Context(), func(tx store.Tx) error {
		counts, err := tx.Objects().Counts()
		if err != nil {
			return err
		}
		list, err := partner.List(tx)
		if err != nil {
			return err
		}
		for _, other := range list {
			s, err := exchange.StatusOf(tx, other, counts)
			if err != nil {
				return err
			}
			o.Partners = append(o.Partners, standing{other, s})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.Render("partners/list", o)
}

// card is this node's card, as a file.
func (p *Pages) card(r *page.Request) error {
	return r.File("wagasa.card", "text/plain; charset=utf-8", p.Self.Text())
}

func (p *Pages) add(r *page.Request) error {
	var added *partner.Partner
	err := p.Store.Update(r.Context(), func(tx store.Tx) (err error) {
		added, err = partner.Add(tx, p.Self, []byte(strings.ReplaceAll(r.PostFormValue("card"), "\r\n", "\n")), p.Now())
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect("/partners/" + string(added.Party()))
}

// detail is a partner's page.
type detail struct {
	standing
	Self     partner.Card
	OurWords partner.Words
	Flow     flow
	TLPs     []stix.TLP
}

func (p *Pages) detail(r *page.Request) (d detail, err error) {
	d.Self, d.OurWords = p.Self, p.words()
	d.TLPs = []stix.TLP{stix.TLPClear, stix.TLPGreen, stix.TLPAmber, stix.TLPAmberStrict}
	err = p.Store.View(r.Context(), func(tx store.Tx) error {
		other, err := partner.Get(tx, store.Party(r.PathValue("party")))
		if err != nil {
			return err
		}
		counts, err := tx.Objects().Counts()
		if err != nil {
			return err
		}
		s, err := exchange.StatusOf(tx, other, counts)
		if err != nil {
			return err
		}
		d.standing = standing{other, s}
		d.Flow, err = flowOf(tx, other.Party(), p.Now())
		return err
	})
	return d, err
}

func (p *Pages) show(r *page.Request) error {
	d, err := p.detail(r)
	if err != nil {
		return err
	}
	return r.Render("partners/show", d)
}

func (p *Pages) now(r *page.Request) error {
	d, err := p.detail(r)
	if err != nil {
		return err
	}
	return r.Render("partners/now", d)
}

// pair compares the words that the partner read with those of its card. The comparison takes a third of a second on purpose.
func (p *Pages) pair(r *page.Request) error {
	party := store.Party(r.PathValue("party"))
	var other *partner.Partner
	err := p.Store.View(r.Context(), func(tx store.Tx) (err error) {
		other, err = partner.Get(tx, party)
		return err
	})
	if err != nil {
		return err
	}
	if err := other.Check(r.PostFormValue("words")); err != nil {
		return err
	}
	if err := p.Config.Confirm(r.Context(), party, other.Card.Digest()); err != nil {
		return err
	}
	return r.Redirect("/partners/" + string(party))
}

func (p *Pages) address(r *page.Request) error {
	url := strings.TrimSpace(r.PostFormValue("url"))
	return p.set(r, partner.Settings{URL: &url})
}

func (p *Pages) ceiling(r *page.Request) error {
	tlp, err := stix.ParseTLP(r.PostFormValue("tlp"))
	if err != nil {
		return fault.New(fault.Invalid, "%w", err)
	}
	return p.set(r, partner.Settings{MaxTLP: &tlp})
}

func (p *Pages) set(r *page.Request, s partner.Settings) error {
	party := store.Party(r.PathValue("party"))
	err := p.Store.Update(r.Context(), func(tx store.Tx) error {
		_, err := partner.Set(tx, party, s, p.Now())
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect("/partners/" + string(party))
}
