package objects

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
)

// road is how the version came here.
type road struct {
	From     string // the partner; "" is this node
	Party    store.Party
	Arrived  time.Time
	Envelope string // its precedence and number, such as R12; "" if that is not kept
	Entry    int64  // of the ledger, counted from 1; 0 if there is none
	Item     int    // of the envelope, counted from 1
	Items    int
	Proof    int64 // number of the evidence that the sender's signature is kept as; 0 if there is none
}

// road finds where the version came from, and what is kept of that.
func (s *subject) road(tx store.Tx) error {
	v := s.Variant
	s.Road = &road{From: s.Whom, Party: v.Origin, Arrived: timeOf(v.Arrived), Proof: v.Evidence}
	if v.Origin == store.Self {
		return nil
	}
	tree := ledger.PartnerTree(v.Origin)
	e, at, ok, err := entryOf(tx, tree, ledger.Received, v)
	if err != nil || !ok {
		return err
	}
	s.Road.Envelope, s.Road.Entry, s.Road.Items = envelope(e.Subject), at+1, len(e.Items)
	s.Road.Item = 1 + slices.IndexFunc(e.Items, func(item []byte) bool { return bytes.HasPrefix(item, []byte(v.ID+" ")) })
	return nil
}

// envelope is the precedence and number within the subject of an entry, such as R12.
func envelope(subject string) string {
	name, _, _ := strings.Cut(subject, " of ")
	return name
}

// mostAtOnce is how many entries of one instant are looked at.
const mostAtOnce = 16

// entryOf finds the entry that tells of a version's arrival. Entries stand in the order of time but for a clock that went back, so that it is
// searched for; what is not found that way is not looked for otherwise.
func entryOf(tx store.Tx, tree string, kind ledger.Kind, v *store.Variant) (found ledger.Entry, at int64, ok bool, err error) {
	size, err := ledger.Size(tx, tree)
	if err != nil {
		return found, 0, false, err
	}
	first := sort.Search(int(size), func(i int) bool {
		entries, errEntry := ledger.Entries(tx, tree, int64(i), 1)
		if errEntry != nil || len(entries) == 0 {
			err = cmp.Or(err, errEntry)
			return true
		}
		return entries[0].Time.UnixNano() >= v.Arrived
	})
	if err != nil {
		return found, 0, false, err
	}
	entries, err := ledger.Entries(tx, tree, int64(first), mostAtOnce)
	for i, e := range entries {
		if e.Time.UnixNano() != v.Arrived {
			break
		}
		if e.Kind == kind && slices.ContainsFunc(e.Items, func(item []byte) bool { return bytes.HasPrefix(item, []byte(v.ID+" ")) }) {
			return e, int64(first + i), true, err
		}
	}
	return found, 0, false, err
}

// holder is a partner, and what it has of the object.
type holder struct {
	Name, Nation string
	Party        store.Party
	Gave         bool   // it came from there
	Has          string // a code of the texts: what it has
	Good, Bad    bool
	Handovers    []handover
	More         int
	Yes          bool           // the current version may go there
	Why          *locale.Reason // nil where that is not asked
}

// handover is one version that was released, under one number.
type handover struct {
	store.Handover
	Envelope string
	State    string // a code of the texts
	Refusal  string // a code of the texts, "" if nothing was said against it
	Current  bool
	Time     time.Time // zero while it is on the way
}

// states are the texts of what became of a number.
var states = map[store.State]string{
	store.InFlight: "objects.in-flight", store.Receipted: "objects.receipted", store.Void: "objects.void", store.Closed: "objects.closed",
}

// refusals are the texts of what a partner may say against a version.
var refusals = map[string]string{
	"claim": "objects.refused-claim", "held": "objects.refused-held", "quarantined": "objects.refused-quarantined", "refused": "objects.refused",
}

// The bounds of what is shown of a partner, and of the observables that a decision is asked about here.
const (
	shownHandovers = 5
	mostNamed      = 200
)

// holders tells of each partner what was released to it, whether it holds that, and whether the current version may go there.
func (s *subject) holders(tx store.Tx, partners []*partner.Partner) error {
	s.Others = max(0, len(partners)-shownPartners)
	for _, p := range partners[:len(partners)-s.Others] {
		h := holder{Name: p.Card.Name, Nation: p.Card.Nation, Party: p.Party(), Gave: s.Origin == p.Party()}
		all, err := tx.Streams().Handovers(p.Party(), []string{s.ID})
		if err != nil {
			return err
		}
		slices.SortFunc(all, func(a, b store.Handover) int {
			return cmp.Or(cmp.Compare(b.Modified, a.Modified), cmp.Compare(b.Incarnation, a.Incarnation), cmp.Compare(b.Number.Number, a.Number.Number))
		})
		h.sum(all, s.Variant)
		h.More = max(0, len(all)-shownHandovers)
		for _, one := range all[:len(all)-h.More] {
			shown, err := s.handover(tx, one)
			if err != nil {
				return err
			}
			h.Handovers = append(h.Handovers, shown)
		}
		if err := s.decide(tx, p, &h); err != nil {
			return err
		}
		s.Holders = append(s.Holders, h)
	}
	return nil
}

// sum says in one word what the partner has.
func (h *holder) sum(all []store.Handover, v *store.Variant) {
	held := func(of store.Handover) bool { return of.State == store.Receipted && of.Exception == "" }
	this := func(of store.Handover) bool { return of.Modified == v.Modified && of.Digest == v.Digest }
	any := func(fits ...func(store.Handover) bool) bool {
		return slices.ContainsFunc(all, func(of store.Handover) bool {
			return !slices.ContainsFunc(fits, func(fit func(store.Handover) bool) bool { return !fit(of) })
		})
	}
	state := func(s store.State) func(store.Handover) bool {
		return func(of store.Handover) bool { return of.State == s }
	}
	switch {
	case h.Gave:
		h.Has, h.Good = "objects.gave", true
	case any(held, this):
		h.Has, h.Good = "objects.has-this", true
	case any(state(store.InFlight), this):
		h.Has = "objects.has-soon"
	case any(held):
		h.Has, h.Bad = "objects.has-other", true
	case any(state(store.Receipted)):
		h.Has, h.Bad = "objects.has-refused", true
	case any(state(store.Void)):
		h.Has, h.Bad = "objects.has-perhaps", true
	default:
		h.Has = "objects.has-none"
	}
}

func (s *subject) handover(tx store.Tx, of store.Handover) (handover, error) {
	h := handover{
		Handover: of, Envelope: fmt.Sprintf("%s%d", of.Precedence.Letter(), of.Number.Number), State: states[of.State], Refusal: refusals[of.Exception],
		Current: of.Modified == s.Modified && of.Digest == s.Digest,
	}
	if of.Exception != "" && h.Refusal == "" {
		h.Refusal = "objects.refused"
	}
	if of.State == store.InFlight { // its bytes would be read with it
		return h, nil
	}
	sent, ok, err := tx.Streams().Sent(of.Number)
	if ok {
		h.Time = timeOf(sent.Time)
	}
	return h, err
}

// decide asks release about the current version. Of a marking-definition, and of what names very many observables, the release desk tells.
func (s *subject) decide(tx store.Tx, p *partner.Partner, h *holder) error {
	v := s.Variant
	if !v.Current || v.Type == "marking-definition" || len(v.Names) > mostNamed {
		return nil
	}
	desk, err := release.NewDesk(tx, release.To(p))
	if err != nil {
		return err
	}
	decision, _, err := desk.Decide(v)
	if err != nil {
		return err
	}
	reason := decision.Reason
	reason.Args = slices.Clone(reason.Args)
	for i, a := range reason.Args {
		reason.Args[i] = cmp.Or(s.partners[store.Party(a)], a)
	}
	h.Yes, h.Why = decision.Permit, &reason
	return nil
}
