package demo

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/tour"
)

//go:embed scenario/*.txt
var texts embed.FS

// looking is how often the demo looks whether a visitor asked for the link to be cut or mended.
const looking = 150 * time.Millisecond

// visit is the demo that a visitor plays: the same two nodes, with pages, and nothing that happens by itself.
type visit struct {
	*play
	hosts []*host
}

// host is one side as the visitor meets it.
type host struct {
	*side
	other *side
	lang  locale.Lang
	node  *node.Node
	state tour.State
	wish  tour.Wish
	entry string // the address by which the visitor comes in
}

// Visit starts two nodes with pages and a tour, says where they are, and does what the visitor asks of the link between them, until ctx ends or,
// with Stay, In has a line. ready, if it is not nil, is called with the addresses by which one comes in, JPN's and USA's.
func Visit(ctx context.Context, c Config, ready func(entries []string)) (err error) {
	folder, remove, err := makeFolder(c.Dir)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer remove()
	told := c.Out
	c.Out = io.Discard // the steps of the play are done, not told
	p := &play{Config: c, teller: newTeller(c), folder: folder, began: time.Now()}
	p.jpn = newSide(c.Binary, folder, "JPN", p.text("demo.name-jpn"))
	p.usa = newSide(c.Binary, folder, "USA", p.text("demo.name-usa"))
	p.jpn.web, p.usa.web = "127.0.0.1:0", "127.0.0.1:0"
	v := &visit{play: p, hosts: []*host{{side: p.jpn, other: p.usa, lang: locale.Japanese}, {side: p.usa, other: p.jpn, lang: locale.English}}}
	defer v.leave()
	if err := v.prepare(ctx); err != nil {
		return err
	}
	p.out = told
	v.greet()
	if ready != nil {
		ready([]string{v.hosts[0].entry, v.hosts[1].entry})
	}
	return v.serve(ctx)
}

// prepare makes both nodes, pairs them, gives JPN its report, and opens the door for the visitor.
func (v *visit) prepare(ctx context.Context) error {
	for _, h := range v.hosts {
		if _, err := h.run(ctx, "init", "--name", h.name, "--nation", h.nation, "--recovery-out", h.dir+".recovery"); err != nil {
			return err
		}
		if err := h.open(ctx); err != nil {
			return err
		}
		if err := h.serve(ctx); err != nil {
			return err
		}
		l, err := newRelay(h.listen)
		if err != nil {
			return err
		}
		v.links = append(v.links, l)
		h.party = string(h.node.Identity.Card.Party)
	}
	v.cast = cast{v.jpn.party, v.usa.party, time.Now()}
	if err := v.meet(ctx); err != nil {
		return err
	}
	for _, h := range v.hosts {
		h.state.Partner, h.state.Name, h.state.Pages, h.state.Narrow = store.Party(h.other.party), h.other.name, h.other.pages, amberID
		if err := h.tell(ctx); err != nil {
			return err
		}
		if err := h.admit(ctx, v.text("demo.visitor")); err != nil {
			return err
		}
	}
	return nil
}

// meet pairs the nodes and lets each have something to show.
func (v *visit) meet(ctx context.Context) error {
	if err := v.introduce(ctx); err != nil {
		return err
	}
	for _, h := range v.hosts {
		w, err := v.words(ctx, h.other)
		if err != nil {
			return err
		}
		if _, err := h.run(ctx, "partner", "confirm", h.other.nation, "--words", strings.Join(w, " ")); err != nil {
			return err
		}
	}
	if err := v.bothSided(ctx); err != nil {
		return err
	}
	report, err := v.cast.read(reportFile)
	if err != nil {
		return err
	}
	_, err = v.jpn.load(ctx, reportFile, report, "P")
	return err
}

// open opens the node's store beside the process that serves it, and makes it part of a demo.
func (h *host) open(ctx context.Context) (err error) {
	if h.node, err = node.Open(ctx, h.dir); err != nil {
		return err
	}
	for into, name := range map[*string]string{&h.state.Advisory: "advisory", &h.state.Warning: "warning"} {
		b, err := texts.ReadFile("scenario/" + name + "_" + string(h.lang) + ".txt")
		if err != nil {
			return err
		}
		*into = string(b)
	}
	return h.tell(ctx)
}

func (h *host) tell(ctx context.Context) error {
	return h.node.Store.Update(ctx, func(tx store.Tx) error { return tour.Tell(tx, h.state) })
}

// admit makes an account for the visitor, with all the roles that the tour needs, and signs in to it. There is a password, which nobody
// learns, and an authenticator, which is forgotten: the visitor comes in by the session and by nothing else.
func (h *host) admit(ctx context.Context, name string) error {
	accounts, err := h.node.Accounts(h.pages)
	if err != nil {
		return err
	}
	roles := []account.Role{account.Analyst, account.WatchOfficer, account.ReleaseOfficer, account.Auditor, account.Administrator}
	_, link, err := accounts.Invite(ctx, account.Console("demo"), account.Newcomer{Name: name, Kind: account.KindPerson, Roles: roles, Lang: h.lang})
	if err != nil {
		return err
	}
	_, session, err := accounts.Redeem(ctx, link.Secret, name, h.lang, "demo")
	if err != nil {
		return err
	}
	if _, session, err = accounts.SetPassword(ctx, session.Actor("demo"), rand.Text()); err != nil {
		return err
	}
	by := session.Actor("demo")
	enrolment, err := accounts.EnrolTOTP(ctx, by)
	if err != nil {
		return err
	}
	code, err := enrolment.Code(time.Now())
	if err != nil {
		return err
	}
	secret, _, err := accounts.ConfirmTOTP(ctx, by, code)
	if err != nil {
		return err
	}
	h.entry = h.pages + "/tour/enter#" + secret
	return nil
}

// greet says where to go.
func (v *visit) greet() {
	v.line(v.paint(bold, v.text("demo.visit-title")))
	for _, l := range wrap(v.text("demo.visit-how"), v.columns) {
		v.line(l)
	}
	for _, h := range v.hosts {
		v.line("")
		v.line("  " + v.paint(bold, h.nation) + "  " + h.name)
		v.line("  " + h.entry)
	}
	v.line("")
	v.line(v.text("demo.visit-end"))
}

// serve does what visitors ask of the link until the demo ends.
func (v *visit) serve(ctx context.Context) error {
	ended := make(chan struct{})
	if v.Stay {
		go func() { // ends with the process at the latest: a read of the terminal cannot be called off
			v.wait(ctx)
			close(ended)
		}()
	}
	tick := time.NewTicker(looking)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ended:
			return nil
		case <-v.jpn.ended:
			return fault.New(fault.Internal, "the node of JPN ended: %s", strings.Join(v.jpn.logTail(), "\n"))
		case <-v.usa.ended:
			return fault.New(fault.Internal, "the node of USA ended: %s", strings.Join(v.usa.logTail(), "\n"))
		case <-tick.C:
		}
		if err := v.obey(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// obey cuts or mends the link if somebody has asked for that since.
func (v *visit) obey(ctx context.Context) error {
	for _, h := range v.hosts {
		var wish tour.Wish
		err := h.node.Store.View(ctx, func(tx store.Tx) (err error) {
			wish, err = tour.Asked(tx)
			return err
		})
		if err != nil {
			return err
		}
		if wish == h.wish {
			continue
		}
		h.wish = wish
		for _, l := range v.links {
			if wish.Cut {
				l.cut()
			} else {
				l.mend()
			}
		}
		for _, other := range v.hosts {
			other.state.Cut = wish.Cut
			if err := other.tell(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave ends everything.
func (v *visit) leave() {
	for _, h := range v.hosts {
		if h.node != nil {
			h.node.Close()
		}
	}
	v.play.close()
}
