// Package watch is the page that a watch officer has open: what needs somebody now, how the links are, what came and went last, and the notes
// from one watch to the next. It shows what internal/watch, internal/exchange and the ledger say, and takes acknowledgements and notes.
package watch

import (
	"context"
	"embed"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/internal/web/page"
)

// Templates are those of these pages.
//
//go:embed *.html
var Templates embed.FS

// Pages are the pages of one node.
type Pages struct {
	Inbox *watch.Inbox
}

// Routes are what they answer.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Method: "GET", Path: "/{$}", Action: account.WatchView, Handle: p.show},
		{Method: "GET", Path: "/watch/now", Action: account.WatchView, Handle: p.now},
		{Method: "POST", Path: "/watch/acknowledge", Action: account.Acknowledge, Most: mostSeen, Handle: p.acknowledge},
		{Method: "POST", Path: "/watch/note", Action: account.HandoverWrite, Handle: p.note},
	}
}

// What is shown at once.
const (
	shownWaiting  = 50
	shownLatest   = 15
	shownNotes    = 5
	shownPartners = 50
	mostSeen      = 256 << 10 // bytes of a form with the ids of what was seen
)

// board is what the page shows.
type board struct {
	Waiting  [4]int
	List     []arrival
	More     bool
	Partners []link
	Latest   []arrival
	Released []handedOver
	Notes    []watch.Note
	Counts   store.Counts
	Behind   int
}

// Order is the precedences as the page shows them.
func (board) Order() []store.Precedence { return store.Precedences[:] }

// Of is how many wait of a precedence.
func (b board) Of(p store.Precedence) int { return b.Waiting[p] }

// arrival is an arrival with its origin's name.
type arrival struct {
	watch.Arrival
	From string
}

// link is how it stands with a partner.
type link struct {
	Name, Nation string
	Party        store.Party
	Paired       bool
	exchange.Status
}

// Queue is how much waits for the partner.
func (l link) Queue() (n int) {
	for _, q := range l.Queued {
		n += q
	}
	return n
}

// handedOver is what one envelope took to a partner.
type handedOver struct {
	Time  time.Time
	To    string
	Items int
	Kind  ledger.Kind
}

func (p *Pages) show(r *page.Request) error {
	b, err := p.board(r.Context(), r.May(account.HandoverView))
	if err != nil {
		return err
	}
	return r.Render("watch/page", b)
}

// now is the part of the page that changes by itself.
func (p *Pages) now(r *page.Request) error {
	b, err := p.board(r.Context(), r.May(account.HandoverView))
	if err != nil {
		return err
	}
	return r.Render("watch/now", b)
}

func (p *Pages) board(ctx context.Context, notes bool) (b board, err error) {
	err = p.Inbox.Store.View(ctx, func(tx store.Tx) error {
		names := map[store.Party]string{}
		if err := b.links(tx, names); err != nil {
			return err
		}
		if err := b.arrivals(tx, names); err != nil {
			return err
		}
		if err := b.released(tx); err != nil || !notes {
			return err
		}
		b.Notes, _, err = watch.Notes(tx, "", shownNotes)
		return err
	})
	return b, err
}

func (b *board) links(tx store.Tx, names map[store.Party]string) error {
	counts, err := tx.Objects().Counts()
	if err != nil {
		return err
	}
	b.Counts = counts
	if b.Behind, err = exchange.Behind(tx, 10_000); err != nil {
		return err
	}
	partners, err := partner.List(tx)
	if err != nil {
		return err
	}
	for i, other := range partners {
		names[other.Party()] = other.Card.Name
		if i >= shownPartners {
			continue
		}
		s, err := exchange.StatusOf(tx, other, counts)
		if err != nil {
			return err
		}
		b.Partners = append(b.Partners, link{other.Card.Name, other.Card.Nation, other.Party(), other.Open(), s})
	}
	return nil
}

func (b *board) arrivals(tx store.Tx, names map[store.Party]string) error {
	var err error
	if b.Waiting, err = watch.Waiting(tx); err != nil {
		return err
	}
	list, next, err := watch.List(tx, "", shownWaiting)
	if err != nil {
		return err
	}
	b.More = next != ""
	b.List = named(list, names)
	if list, err = watch.Latest(tx, shownLatest); err != nil {
		return err
	}
	b.Latest = named(list, names)
	return nil
}

func named(list []watch.Arrival, names map[store.Party]string) (out []arrival) {
	for _, a := range list {
		from := names[a.Origin]
		if from == "" {
			from = string(a.Origin)
		}
		out = append(out, arrival{a, from})
	}
	return out
}

// released are the last envelopes that left, as the ledger tells it.
func (b *board) released(tx store.Tx) error {
	for _, l := range b.Partners {
		tree := ledger.PartnerTree(l.Party)
		size, err := ledger.Size(tx, tree)
		if err != nil {
			return err
		}
		const back = 60 // entries, among them receipts and what came
		entries, err := ledger.Entries(tx, tree, max(0, size-back), back)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Kind == ledger.Released {
				b.Released = append(b.Released, handedOver{e.Time, l.Name, len(e.Items), e.Kind})
			}
		}
	}
	slices.SortStableFunc(b.Released, func(a, c handedOver) int { return c.Time.Compare(a.Time) })
	b.Released = b.Released[:min(len(b.Released), shownLatest)]
	return nil
}

// acknowledge takes what was marked as seen. Each field is the version's time and the id.
func (p *Pages) acknowledge(r *page.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "the form cannot be read: %w", err)
	}
	var seen []watch.Seen
	for _, v := range r.PostForm["seen"] {
		modified, id, _ := strings.Cut(v, " ")
		at, err := strconv.ParseInt(modified, 10, 64)
		if err != nil || id == "" {
			return fault.New(fault.Invalid, "what was seen: %q", v)
		}
		seen = append(seen, watch.Seen{ID: id, Modified: at})
	}
	if _, err := p.Inbox.Acknowledge(r.Context(), r.Session.Account.Name, seen); err != nil {
		return err
	}
	return p.again(r)
}

func (p *Pages) note(r *page.Request) error {
	if err := p.Inbox.Write(r.Context(), r.Session.Account.Name, r.PostFormValue("text")); err != nil {
		return err
	}
	return p.again(r)
}

// again shows the page anew, or its part.
func (p *Pages) again(r *page.Request) error {
	if r.Partial() {
		return p.now(r)
	}
	return r.Redirect("/")
}

// Seen is the field that acknowledges an arrival.
func (a arrival) Seen() string { return strconv.FormatInt(a.Modified, 10) + " " + a.ID }
