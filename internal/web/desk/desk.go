// Package desk is the release desk: for each partner what it gets and what it does not, why in words, the exact bytes that would go, and what a
// wider or narrower ceiling would change. Every answer is release's own decision; nothing is decided here.
package desk

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
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
		{Method: "GET", Path: "/desk", Action: account.ReleaseDesk, Handle: p.list},
		{Method: "GET", Path: "/desk/{party}", Action: account.ReleaseDesk, Handle: p.show},
		{Method: "GET", Path: "/desk/{party}/object/{id}", Action: account.Preview, Handle: p.object},
	}
}

type summary struct {
	*partner.Partner
	exchange.Status
}

func (p *Pages) list(r *page.Request) error {
	var all []summary
	err := p.Store.View(r.Context(), func(tx store.Tx) error {
		counts, err := tx.Objects().Counts()
		if err != nil {
			return err
		}
		partners, err := partner.List(tx)
		if err != nil {
			return err
		}
		for _, other := range partners {
			s, err := exchange.StatusOf(tx, other, counts)
			if err != nil {
				return err
			}
			all = append(all, summary{other, s})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.Render("desk/list", all)
}

// decisions is a page of objects with what is decided about them.
type decisions struct {
	*partner.Partner
	Rows    []decided
	Only    string // "", yes, no or changed
	Ceiling string // another one that is tried, "" if none is
	After   string // the last id of this page, "" if it is the last one
	From    string // the id behind which this page begins
	TLPs    []stix.TLP
	Looked  int // objects that were decided about for this page
}

// decided is the decision about one object.
type decided struct {
	ID, Type, Title string
	Modified        int64
	Yes             bool
	TLP             stix.TLP
	Reason          locale.Reason
	Was             *decided // by the ceiling that is in force, where another is tried and changes the answer
}

// What a page shows, and how many objects are decided about for it at most: a partner may get one in ten thousand.
const (
	shown      = 50
	mostLooked = 5000
)

func (p *Pages) show(r *page.Request) error {
	d := decisions{Only: r.FormValue("only"), Ceiling: r.FormValue("ceiling"), From: r.FormValue("after")}
	d.TLPs = []stix.TLP{stix.TLPClear, stix.TLPGreen, stix.TLPAmber, stix.TLPAmberStrict}
	if !slices.Contains([]string{"", "yes", "no", "changed"}, d.Only) {
		return fault.New(fault.Invalid, "only %q: want yes, no or changed", d.Only)
	}
	err := p.Store.View(r.Context(), func(tx store.Tx) (err error) {
		if d.Partner, err = partner.Get(tx, store.Party(r.PathValue("party"))); err != nil {
			return err
		}
		return d.fill(tx)
	})
	if err != nil {
		return err
	}
	return r.Render("desk/show", &d)
}

// fill goes over the current versions until the page is full.
func (d *decisions) fill(tx store.Tx) error {
	receiver := release.To(d.Partner).Rehearse()
	var before *release.Desk
	if d.Ceiling != "" {
		tlp, err := stix.ParseTLP(d.Ceiling)
		if err != nil || tlp >= stix.TLPRed {
			return fault.New(fault.Invalid, "ceiling %q: want clear, green, amber or amber+strict", d.Ceiling)
		}
		if before, err = release.NewDesk(tx, receiver); err != nil {
			return err
		}
		receiver.Ceiling = tlp
	}
	desk, err := release.NewDesk(tx, receiver)
	if err != nil {
		return err
	}
	names, err := partnerNames(tx)
	if err != nil {
		return err
	}
	after := d.From
	for d.Looked < mostLooked && len(d.Rows) < shown {
		objects, err := tx.Objects().ScanCurrent(after, nil, nil, shown)
		if err != nil {
			return err
		}
		if len(objects) == 0 {
			return nil
		}
		for i := range objects {
			if len(d.Rows) == shown {
				break
			}
			after = objects[i].ID
			d.Looked++
			if err := d.add(desk, before, &objects[i], names); err != nil {
				return err
			}
		}
	}
	d.After = after
	return nil
}

// add decides about an object and shows it if it is asked for.
func (d *decisions) add(desk, before *release.Desk, v *store.Variant, names map[string]string) error {
	now, err := decide(desk, v, names)
	if err != nil {
		return err
	}
	if before != nil {
		was, err := decide(before, v, names)
		if err != nil {
			return err
		}
		if was.Yes != now.Yes {
			now.Was = &was
		}
	}
	if d.Only == "" || d.Only == "yes" && now.Yes || d.Only == "no" && !now.Yes || d.Only == "changed" && now.Was != nil {
		d.Rows = append(d.Rows, now)
	}
	return nil
}

// decide asks the desk about one object. What travels with it, its marking-definitions, has a row of its own.
func decide(desk *release.Desk, v *store.Variant, names map[string]string) (decided, error) {
	d := decided{ID: v.ID, Type: v.Type, Title: stix.Title(v.Raw), Modified: v.Modified}
	items, refusals, err := desk.Items([]string{v.ID})
	if err != nil {
		return d, err
	}
	for _, i := range items {
		if i.Variant().ID == v.ID {
			d.Yes, d.TLP, d.Reason = true, i.TLP(), named(i.Reason(), names)
			return d, nil
		}
	}
	for _, f := range refusals {
		if f.ID == v.ID {
			d.Reason = named(f.Reason, names)
		}
	}
	return d, nil
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

func named(r locale.Reason, names map[string]string) locale.Reason {
	r.Args = slices.Clone(r.Args)
	for i, a := range r.Args {
		r.Args[i] = cmp.Or(names[a], a)
	}
	return r
}

// exact is what goes to a partner for one object: the bytes, and those of what travels with it.
type exact struct {
	*partner.Partner
	decided
	Items []piece
}

type piece struct {
	ID, Type string
	TLP      stix.TLP
	Raw      string
}

// object shows the exact bytes, or gives them as a file.
func (p *Pages) object(r *page.Request) error {
	var e exact
	err := p.Store.View(r.Context(), func(tx store.Tx) (err error) {
		if e.Partner, err = partner.Get(tx, store.Party(r.PathValue("party"))); err != nil {
			return err
		}
		current, err := tx.Objects().Current([]string{r.PathValue("id")})
		if err != nil {
			return err
		}
		if len(current) == 0 {
			return fault.New(fault.NotFound, "%s: there is no such object here", r.PathValue("id"))
		}
		desk, err := release.NewDesk(tx, release.To(e.Partner).Rehearse())
		if err != nil {
			return err
		}
		names, err := partnerNames(tx)
		if err != nil {
			return err
		}
		if e.decided, err = decide(desk, &current[0], names); err != nil || !e.Yes {
			return err
		}
		items, _, err := desk.Items([]string{current[0].ID})
		for _, i := range items {
			v := i.Variant()
			e.Items = append(e.Items, piece{v.ID, v.Type, i.TLP(), string(v.Raw)})
		}
		return err
	})
	if err != nil {
		return err
	}
	if r.FormValue("file") == "" {
		return r.Render("desk/object", &e)
	}
	return e.file(r)
}

func (e *exact) file(r *page.Request) error {
	if !e.Yes {
		return fault.New(fault.Denied, "%s does not go to %s", e.ID, e.Card.Name)
	}
	var out bytes.Buffer
	bundle := stix.NewBundleWriter(&out, stix.NewID("bundle"))
	for _, i := range e.Items {
		if err := bundle.Write([]byte(i.Raw)); err != nil {
			return fmt.Errorf("%s: %w", i.ID, err)
		}
	}
	if err := bundle.Close(); err != nil {
		return err
	}
	name := strings.Map(func(c rune) rune {
		if c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
			return c
		}
		return -1
	}, e.ID)
	return r.File(name+".json", "application/json", out.Bytes())
}
