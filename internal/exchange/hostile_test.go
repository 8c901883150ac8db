package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/frame"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
)

// stage is two paired nodes whose exchange the test drives by hand: a gives, b receives or lies.
type stage struct {
	t    *testing.T
	now  time.Time
	a, b *simNode
}

func newStage(t *testing.T) *stage {
	ids, err := identities()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, now: epochStart.Add(time.Hour)}
	for i, n := range []**simNode{&s.a, &s.b} {
		*n = &simNode{t: t, index: i, identity: ids[i], peer: ids[1-i], store: memory.New(), ingest: &ingest.Ingest{Self: ids[i].Card.Party}}
		s.begin(*n)
	}
	return s
}

// begin pairs a node and starts its engine, past the question what the partner has.
func (s *stage) begin(n *simNode) {
	var epoch uint64
	party := n.peer.Card.Party
	n.update(func(tx store.Tx) (err error) {
		if _, err := partner.Add(tx, n.identity.Card, n.peer.Card.Text(), s.now); err != nil {
			return err
		}
		if _, err := partner.Confirm(tx, party, n.peer.Card.Digest(), s.now); err != nil {
			return err
		}
		if err := partner.Heard(tx, party, s.now); err != nil {
			return err
		}
		epoch, err = TakeLease(tx, "test")
		return err
	})
	s.set(n, stix.TLPAmber)
	n.engine = NewEngine(DefaultConfig(), n.store, n.identity, n.ingest, epoch, slog.New(slog.DiscardHandler))
	asked, err := n.engine.Start(context.Background(), s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, x := range asked {
		s.done(n, x, nil)
	}
	if _, err := n.engine.steps(context.Background(), s.now, []Event{Arrived{party, false, true}}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) set(n *simNode, ceiling stix.TLP) {
	n.update(func(tx store.Tx) error {
		url := "https://peer.example"
		_, err := partner.Set(tx, n.peer.Card.Party, partner.Settings{URL: &url, MaxTLP: &ceiling}, s.now)
		return err
	})
}

func (s *stage) imports(n *simNode, floor stix.TLP, texts ...string) {
	s.t.Helper()
	var arrivals []ingest.Arrival
	for _, text := range texts {
		a := prepared(s.t, text)
		a.TLP = floor
		arrivals = append(arrivals, a)
	}
	n.update(func(tx store.Tx) error {
		_, err := n.ingest.Take(tx, s.now, arrivals)
		return err
	})
}

func (s *stage) poll(n *simNode) []Transmission {
	s.t.Helper()
	out, _, err := n.engine.Poll(context.Background(), s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *stage) done(n *simNode, x Transmission, failure error) []Transmission {
	s.t.Helper()
	out, err := n.engine.Done(context.Background(), s.now, x, failure)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// opened is what a transmission of a's tells b.
func (s *stage) opened(x Transmission) *envelope.Opened {
	s.t.Helper()
	sealed, err := frame.Unwrap(x.Frame)
	if err != nil {
		s.t.Fatal(err)
	}
	o, err := envelope.Open(s.b.identity.KEM, s.b.identity.Card.Party, s.b.engine.senders(context.Background()), sealed)
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// says is an envelope of b's, as b likes it.
func (s *stage) says(h envelope.Header, c envelope.Control, ids ...string) []byte {
	s.t.Helper()
	var items []release.Item
	err := s.b.store.View(context.Background(), func(tx store.Tx) error {
		p, err := partner.Get(tx, s.b.peer.Card.Party)
		if err != nil || len(ids) == 0 {
			return err
		}
		d, err := release.NewDesk(tx, release.To(p))
		if err != nil {
			return err
		}
		items, _, err = d.Items(ids)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	h.Sender, h.Recipient, h.Time = s.b.identity.Card.Party, s.a.identity.Card.Party, s.now
	sealed, err := envelope.Seal(s.b.identity.Sign, s.a.identity.Card.KEM, h, c, items)
	if err != nil {
		s.t.Fatal(err)
	}
	return frame.Wrap(sealed.Bytes)
}

// drain lets a's link fail and come back for some minutes and returns all that a sends meanwhile.
func (s *stage) drain(under []Transmission, failure error, minutes int) (sent []Transmission) {
	for range minutes * 6 {
		var next []Transmission
		for _, x := range under {
			next = append(next, s.done(s.a, x, failure)...)
		}
		failure = nil
		s.now = s.now.Add(10 * time.Second)
		more, err := s.a.engine.Tick(context.Background(), s.now)
		if err != nil {
			s.t.Fatal(err)
		}
		under = append(next, more...)
		sent = append(sent, under...)
	}
	return sent
}

func malware(i int, more string) string {
	return fmt.Sprintf(`{"type":"malware","spec_version":"2.1","id":"malware--40000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","is_family":false%s}`, i, more)
}

func definition(i int, text string) (id, object string) {
	id = fmt.Sprintf("marking-definition--41000000-0000-4000-8000-%012d", i)
	return id, fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":%q}}`, id, text)
}

// TestAPartnerDoesNotDefineOurMarkings: what a marking on our object means, no partner may say, least of all to get it.
func TestAPartnerDoesNotDefineOurMarkings(t *testing.T) {
	s := newStage(t)
	id, meaning := definition(1, "anything goes")
	s.imports(s.a, stix.TLPGreen, malware(1, `,"name":"SECRET","object_marking_refs":["`+id+`"]`))
	s.imports(s.b, stix.TLPClear, meaning, malware(2, `,"object_marking_refs":["`+id+`"]`))
	out, err := s.a.engine.Receive(context.Background(), s.now,
		s.says(envelope.Header{Incarnation: 1, Number: 1, Base: 1}, envelope.Control{}, "malware--40000000-0000-4000-8000-000000000002"))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range append(append(out, s.poll(s.a)...), s.drain(out, nil, 1)...) {
		if o := s.opened(x); len(o.Items) > 0 {
			t.Errorf("it released %s", o.Items[0].Raw)
		}
	}
}

// TestARepetitionIsDecidedAsWhatItIs: bytes that would not go today are not repeated because newer ones of that id may.
func TestARepetitionIsDecidedAsWhatItIs(t *testing.T) {
	const address = "ipv4-addr--00000001-0000-5000-8000-000000000001"
	secret := malware(1, `,"name":"SECRET","x_seen":"`+address+`"`)
	redacted := strings.Replace(malware(1, ""), `"modified":"2026-01-01T00:00:00.000Z"`, `"modified":"2026-01-01T00:30:00.000Z"`, 1)
	for name, narrow := range map[string]func(*stage){
		"the ceiling is lowered": func(s *stage) {
			s.imports(s.a, stix.TLPClear, redacted)
			s.set(s.a, stix.TLPClear)
		},
		"what it names is withheld": func(s *stage) {
			s.imports(s.a, stix.TLPAmber, redacted)
			s.imports(s.a, stix.TLPRed, `{"type":"ipv4-addr","spec_version":"2.1","id":"`+address+`","value":"192.0.2.7"}`)
		},
		"the same becomes stricter, then red": func(s *stage) {
			s.imports(s.a, stix.TLPAmber, secret)
			s.drain(s.poll(s.a), nil, 1)
			s.imports(s.a, stix.TLPRed, secret)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.imports(s.a, stix.TLPGreen, secret)
			lost := s.poll(s.a)
			if len(lost) == 0 || !bytes.Contains(s.opened(lost[0]).Items[0].Raw, []byte("SECRET")) {
				t.Fatal("it never went")
			}
			narrow(s)
			newer := s.poll(s.a)
			sent := append(newer, s.drain(append(lost, newer...), errors.New("lost"), 10)...)
			for _, x := range sent {
				for _, item := range s.opened(x).Items {
					if bytes.Contains(item.Raw, []byte("SECRET")) {
						t.Fatalf("%v repeats %s", x.action, item.Raw)
					}
				}
			}
		})
	}
}

// TestMoreItemsThanAnEnvelopeHas: marking-definitions without end are spread over envelopes, and what waits behind them goes too.
func TestMoreItemsThanAnEnvelopeHas(t *testing.T) {
	if testing.Short() {
		t.Skip("short: thousands of definitions on the memory store, which has no indexes")
	}
	s := newStage(t)
	s.a.engine.config.Bytes = envelope.MaxItem
	const objects, each = 35, 120
	var definitions, marked []string
	for i := range objects {
		var refs []string
		for j := range each {
			id, text := definition(each*i+j, "notice")
			definitions, refs = append(definitions, text), append(refs, `"`+id+`"`)
		}
		marked = append(marked, malware(i, `,"object_marking_refs":[`+strings.Join(refs, ",")+`]`))
	}
	s.imports(s.a, stix.TLPGreen, definitions...)
	for range len(definitions)/feedPage + 1 {
		if out := s.poll(s.a); len(out) > 0 {
			t.Fatal("definitions went without what they mark")
		}
	}
	s.imports(s.a, stix.TLPGreen, append(marked, malware(99, ""))...)
	first := s.poll(s.a)
	items := map[string]bool{}
	for _, x := range append(first, s.drain(first, nil, 1)...) {
		for _, item := range s.opened(x).Items {
			items[item.ID] = true
		}
	}
	if want := objects*(each+1) + 1; len(items) != want {
		t.Errorf("%d items were sent, want %d", len(items), want)
	}
}

// TestAForgottenIncarnationSettles: a repetition of what was taken long ago is receipted again, not refused for ever.
func TestAForgottenIncarnationSettles(t *testing.T) {
	s := newStage(t)
	s.imports(s.b, stix.TLPClear, malware(1, ""))
	var first []byte
	for i := range uint64(keptIncarnations + 2) {
		s.now = s.now.Add(time.Second)
		f := s.says(envelope.Header{Incarnation: i + 1, Number: 1, Base: 1}, envelope.Control{}, "malware--40000000-0000-4000-8000-000000000001")
		if i == 0 {
			first = f
		}
		out, err := s.a.engine.Receive(context.Background(), s.now, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range out {
			s.done(s.a, x, nil)
		}
	}
	if _, err := s.a.engine.Receive(context.Background(), s.now, first); err != nil {
		t.Error(err)
	}
}

// TestResetsAreRare: a partner that reports conflicts again and again makes us begin anew once a minute at most.
func TestResetsAreRare(t *testing.T) {
	s := newStage(t)
	s.imports(s.a, stix.TLPGreen, malware(1, ""))
	s.poll(s.a)
	incarnation := func() (o outbound) {
		err := s.a.store.View(context.Background(), func(tx store.Tx) error {
			_, err := getRecord(tx, kindOutbound, string(s.b.identity.Card.Party), &o)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	changes, last := 0, incarnation().Incarnation
	for range 120 {
		s.now = s.now.Add(time.Second)
		lie := envelope.Control{Receipts: []envelope.Receipt{{Incarnation: last, Streams: []envelope.Stream{{High: 1 << 40}}}}}
		if _, err := s.a.engine.Receive(context.Background(), s.now, s.says(envelope.Header{}, lie)); err != nil {
			t.Fatal(err)
		}
		if now := incarnation().Incarnation; now != last {
			changes, last = changes+1, now
		}
	}
	if changes == 0 || changes > 3 {
		t.Errorf("%d new incarnations in two minutes", changes)
	}
}

// TestWhatWasReceiptedIsNotForgotten: a version that the partner has stays known to be there, though it was sent again, stricter, and that
// number was withdrawn before it arrived.
func TestWhatWasReceiptedIsNotForgotten(t *testing.T) {
	s := newStage(t)
	text := malware(1, "")
	s.imports(s.a, stix.TLPGreen, text)
	s.talk(s.poll(s.a), 1)
	s.imports(s.a, stix.TLPAmber, text)
	lost := s.poll(s.a)
	s.imports(s.a, stix.TLPRed, text)
	out := s.poll(s.a)
	for _, x := range lost {
		out = append(out, s.done(s.a, x, errors.New("lost"))...)
	}
	s.talk(out, 10)
	err := s.a.store.View(context.Background(), func(tx store.Tx) error {
		p, err := partner.Get(tx, s.b.identity.Card.Party)
		if err != nil {
			return err
		}
		status, err := StatusOf(tx, p, store.Counts{})
		if len(status.StillHeld) != 1 || !status.StillHeld[0].Sure || status.Holding.InFlight+status.Holding.Void > 0 {
			t.Errorf("%+v", status)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// talk lets both sides exchange, over a link that is up, for some minutes.
func (s *stage) talk(out []Transmission, minutes int) {
	s.t.Helper()
	nodes := [2]*simNode{s.a, s.b}
	under := [2][]Transmission{out}
	for range minutes * 6 {
		for under[0] != nil || under[1] != nil {
			var next [2][]Transmission
			for i, n := range nodes {
				for _, x := range under[i] {
					answers, err := nodes[1-i].engine.Receive(context.Background(), s.now, x.Frame)
					if err != nil {
						s.t.Fatal(err)
					}
					next[1-i] = append(next[1-i], answers...)
					next[i] = append(next[i], s.done(n, x, nil)...)
				}
			}
			under = next
		}
		s.now = s.now.Add(10 * time.Second)
		for i, n := range nodes {
			more, err := n.engine.Tick(context.Background(), s.now)
			if err != nil {
				s.t.Fatal(err)
			}
			under[i] = append(under[i], append(more, s.poll(n)...)...)
		}
	}
}
