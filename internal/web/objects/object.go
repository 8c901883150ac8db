package objects

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/watch"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// subject is the page of one object.
type subject struct {
	*reading
	ID    string
	Label string // of its type
	Title string // "" if it has none
	View  string // "" or graph
	Asked int64  // number of the version that is asked for; 0 is the current one

	*store.Variant              // the version that is shown
	object         *stix.Object // nil if its content is not for this reader
	Standing       string       // a code of the texts
	Whom           string       // the partner that it came from; "" is this node
	Creator        *named
	Created        time.Time
	Lines          []line // the summary
	More           bool   // the object has more than the summary

	Versions []version
	Older    int // where the next page of versions begins; 0 if there is none
	Skipped  int // versions before this page
	All      int // versions
	Clash    bool
	Findings *judgement
	Markings []marking
	TLP      stix.TLP // in force
	Given    bool     // TLP was given at import, the object names none
	Parts    bool     // some part is marked more strictly than the whole

	Road     *road
	Done     *watch.Done
	Waits    bool // somebody has yet to acknowledge it
	Holders  []holder
	Others   int // partners beyond those
	Answers  answers
	Names    group
	NamedBy  []group
	Rest     []group // types of what names it, counted only
	Behind   int
	Picture  picture
	Ends     map[string]node // its nodes, by id
	Editable bool            // this node writes it, and it may get a new version
}

// The bounds of a page.
const (
	shownVersions = 20
	shownPartners = 20
	behindLimit   = 1000
)

func (p *Pages) show(r *page.Request) error {
	s, err := p.subject(r, true)
	if err != nil {
		return err
	}
	if s.View == "graph" {
		return r.Render("objects/graph", s)
	}
	return r.Render("objects/show", s)
}

// now is the part of the page that changes by itself.
func (p *Pages) now(r *page.Request) error {
	s, err := p.subject(r, false)
	if err != nil {
		return err
	}
	return r.Render("objects/now", s)
}

// subject reads all that the page shows; whole says whether more than the part that changes is wanted.
func (p *Pages) subject(r *page.Request, whole bool) (*subject, error) {
	id, err := idOf(r)
	if err != nil {
		return nil, err
	}
	s := &subject{reading: read(r), View: r.FormValue("view")}
	if text := r.FormValue("version"); text != "" {
		if s.Asked, err = number(text); err != nil {
			return nil, err
		}
	}
	if text := r.FormValue("skip"); text != "" {
		n, err := number(text)
		if err != nil || n < 0 || n > 1<<20 {
			return nil, fault.New(fault.Invalid, "skip %q: want how many versions", text)
		}
		s.Skipped = int(n)
	}
	err = p.Store.View(r.Context(), func(tx store.Tx) error {
		partners, err := s.learnPartners(tx)
		if err != nil {
			return err
		}
		variants, err := tx.Objects().Variants([]string{id})
		if err != nil {
			return err
		}
		if len(variants) == 0 {
			return page.Refusal(fault.NotFound, "objects.not-here")
		}
		if err := s.choose(variants); err != nil {
			return err
		}
		if err := s.open(tx, id, hidden(s.Variant, r)); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		if s.View == "graph" {
			return s.neighbours(tx)
		}
		if err := s.parts(tx, r, variants, partners, whole); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		v := s.Variant
		s.Editable = v.Current && v.Origin == store.Self && store.Party(v.Creator) == p.Self && !v.Revoked && v.Modified != 0 && v.Type != "marking-definition"
		return nil
	})
	return s, err
}

// parts reads the parts of the page.
func (s *subject) parts(tx store.Tx, r *page.Request, variants []store.Variant, partners []*partner.Partner, whole bool) error {
	steps := []func() error{
		func() error { return s.acknowledged(tx) },
		func() error { return s.answers(tx) },
	}
	if r.May(account.ReleaseDesk) {
		steps = append(steps, func() error { return s.holders(tx, partners) })
	}
	if whole {
		steps = append(steps,
			func() error { return s.versions(variants, r) },
			func() error { return s.road(tx) },
			func() error { return s.referring(tx) },
		)
	}
	if whole && s.object != nil {
		steps = append(steps,
			func() error { return s.judge(tx) },
			func() error { return s.summary(tx) },
		)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// choose finds the version that is shown: the one that is asked for, the current one, or the newest.
func (s *subject) choose(variants []store.Variant) error {
	var best *store.Variant
	for i := range variants {
		v := &variants[i]
		switch {
		case s.Asked != 0:
			if v.Seq == s.Asked {
				best = v
			}
		case best == nil, v.Current, !best.Current && (best.Standing == store.Quarantined && v.Standing != store.Quarantined ||
			v.Standing == best.Standing && v.Modified >= best.Modified):
			best = v
			if v.Current {
				s.Variant = v
				return nil
			}
		}
	}
	if best == nil {
		return page.Refusal(fault.NotFound, "objects.no-version")
	}
	s.Variant = best
	return nil
}

// hidden says whether a version's content is not for this reader.
func hidden(v *store.Variant, r *page.Request) bool {
	return v.Standing == store.Quarantined && !r.May(account.QuarantineView)
}

// open reads the version that is shown, unless its content is hidden.
func (s *subject) open(tx store.Tx, id string, hidden bool) error {
	v := s.Variant
	s.ID, s.Label = id, s.lang.Type(v.Type)
	s.Standing, s.TLP = standings[v.Standing], stix.TLP(v.TLP)
	if v.Origin != store.Self {
		s.Whom = s.origin(v.Origin)
	}
	if hidden {
		return nil
	}
	raw, err := tx.Objects().Bytes([]int64{v.Seq})
	if err != nil {
		return err
	}
	o, err := stix.Parse(raw[v.Seq])
	if err != nil {
		return err
	}
	s.object, s.Created = &o, o.Created.Time()
	s.Title = s.show(stix.Title(o.Raw))
	return s.markings(tx)
}

// Hidden says that the content of the version is not for this reader.
func (s *subject) Hidden() bool { return s.object == nil }

// acknowledged tells who has seen it, where it came from a partner.
func (s *subject) acknowledged(tx store.Tx) error {
	if s.Variant.Origin == store.Self || !s.Variant.Current {
		return nil
	}
	done, ok, err := watch.DoneWith(tx, s.ID)
	if ok {
		s.Done = &done
	}
	s.Waits = err == nil && (!ok || done.Modified < s.Variant.Modified)
	return err
}

// version is one variant as the list shows it.
type version struct {
	*store.Variant
	From     string // "" is this node
	Standing string // a code of the texts
	Differs  bool   // there is other content of the same version
	Shown    bool
	Sums     string
	Hidden   bool // its content is not for this reader
}

// standings are the texts of what a version may be.
var standings = map[store.Standing]string{
	store.Open: "objects.open", store.Authoritative: "objects.authoritative", store.Claim: "objects.claim", store.Held: "objects.held",
	store.Quarantined: "objects.quarantined",
}

// versions lists the variants, the newest first, and finds those that differ though they are of one version.
func (s *subject) versions(variants []store.Variant, r *page.Request) error {
	digests := map[int64]store.Hash{}
	clash := map[int64]bool{}
	for i := range variants {
		v := &variants[i]
		if d, ok := digests[v.Modified]; ok && d != v.Digest {
			clash[v.Modified] = true
		}
		digests[v.Modified] = v.Digest
	}
	slices.SortFunc(variants, func(a, b store.Variant) int {
		return cmp.Or(cmp.Compare(b.Modified, a.Modified), cmp.Compare(b.Seq, a.Seq))
	})
	s.All, s.Clash = len(variants), len(clash) > 0
	for i := range variants {
		v := &variants[i]
		if i < s.Skipped || i >= s.Skipped+shownVersions {
			continue
		}
		one := version{
			Variant: v, Standing: standings[v.Standing], Differs: clash[v.Modified], Shown: v.Seq == s.Variant.Seq,
			Sums: fmt.Sprintf("%x", v.Sum), Hidden: hidden(v, r),
		}
		if v.Origin != store.Self {
			one.From = s.origin(v.Origin)
		}
		s.Versions = append(s.Versions, one)
	}
	if next := s.Skipped + shownVersions; next < len(variants) {
		s.Older = next
	}
	return nil
}

// time is a timestamp as the store counts it.
func timeOf(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

// Path is where the page is.
func (s *subject) Path() string { return "/objects/" + s.ID }
