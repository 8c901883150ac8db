package exchange

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
)

// The simulation: two whole nodes, but for the goroutine and the clock, on memory stores, over a network that loses, delays,
// repeats, reorders and garbles, while nodes crash between and inside transactions. All of it is drawn from one seed.

var epochStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// identities are made once: keys are random, behaviour does not depend on them.
var identities = sync.OnceValues(func() ([2]*partner.Identity, error) {
	var ids [2]*partner.Identity
	for i, nation := range []string{"JPN", "USA"} {
		dir, err := tempDir()
		if err != nil {
			return ids, err
		}
		ids[i], _, err = partner.Create(dir, partner.Params{Name: "Example " + nation, Nation: nation, Now: epochStart})
		if err != nil {
			return ids, err
		}
	}
	return ids, nil
})

type simNode struct {
	t        testing.TB
	index    int
	identity *partner.Identity
	peer     *partner.Identity
	store    *memory.Store
	ingest   *ingest.Ingest
	engine   *Engine
	life     int // counts crashes: transmissions of an earlier life are nobody's
	owned    map[string]bool
	last     map[string]string // the text of each that was imported last
	recent   map[string]int    // grows with every import
	allowed  map[string]bool   // id and digest that were once permitted for the peer
}

type packet struct {
	at   time.Time
	to   int // -1: the answer to a transmission
	data []byte

	from, life int
	sent       Transmission
	failed     bool
}

type simulation struct {
	t      testing.TB
	rng    *rand.Rand
	now    time.Time
	nodes  [2]*simNode
	wire   []packet
	calm   bool
	cut    bool // nothing gets through
	faults faults
	count  counts
}

// counts show that a simulation was worth running.
type counts struct{ sent, repeated, refused, crashed, handedOver, stale, voided int }

type faults struct{ loss, lostAnswer, repeat, garble, crash, fail float64 }

func newSimulation(t testing.TB, seed uint64) *simulation {
	ids, err := identities()
	if err != nil {
		t.Fatal(err)
	}
	s := &simulation{t: t, rng: rand.New(rand.NewPCG(seed, 7)), now: epochStart.Add(time.Hour)}
	s.faults = faults{
		loss: s.rng.Float64() * 0.4, lostAnswer: s.rng.Float64() * 0.3, repeat: s.rng.Float64() * 0.3,
		garble: s.rng.Float64() * 0.1, crash: s.rng.Float64() * 0.03, fail: s.rng.Float64() * 0.05,
	}
	for i := range s.nodes {
		n := &simNode{
			t: t, index: i, identity: ids[i], peer: ids[1-i], store: memory.New(),
			ingest: &ingest.Ingest{Self: ids[i].Card.Party}, owned: map[string]bool{}, last: map[string]string{}, recent: map[string]int{}, allowed: map[string]bool{},
		}
		s.nodes[i] = n
		n.update(func(tx store.Tx) error {
			if _, err := partner.Add(tx, n.identity.Card, n.peer.Card.Text(), s.now); err != nil {
				return err
			}
			url, ceiling := "https://peer.example", stix.TLPGreen
			_, err := partner.Set(tx, n.peer.Card.Party, partner.Settings{URL: &url, MaxTLP: &ceiling}, s.now)
			return err
		})
		s.start(n)
	}
	return s
}

func (n *simNode) update(f func(store.Tx) error) {
	n.t.Helper()
	if err := n.store.Update(context.Background(), f); err != nil {
		n.t.Fatal(err)
	}
}

// start begins a node's next life from what its store holds.
func (s *simulation) start(n *simNode) {
	var epoch uint64
	n.life++
	n.update(func(tx store.Tx) (err error) {
		epoch, err = TakeLease(tx, fmt.Sprint(n.life))
		return err
	})
	c := DefaultConfig()
	c.Items, c.Timing.Window = 3, 3
	n.engine = NewEngine(c, n.store, n.identity, n.ingest, epoch, slog.New(slog.DiscardHandler))
	n.engine.random = s.rng.Uint64
	s.launch(n)(n.engine.Start(context.Background(), s.now))
}

// launch puts transmissions on the wire, or not.
func (s *simulation) launch(n *simNode) func([]Transmission, error) {
	return func(out []Transmission, err error) {
		if err != nil && (s.calm || fault.Of(err) != fault.Unavailable) {
			s.t.Fatal(err)
		}
		for _, t := range out {
			s.checkLeaving(n, t)
			answer := packet{at: s.later(), to: -1, from: n.index, life: n.life, sent: t}
			if s.cut || s.chance(s.faults.loss) {
				answer.failed = true
			} else {
				s.wire = append(s.wire, packet{at: s.later(), to: 1 - n.index, data: s.garble(t.Frame), from: n.index, life: n.life, sent: t})
				if s.chance(s.faults.repeat) {
					s.wire = append(s.wire, packet{at: s.later().Add(time.Duration(s.rng.IntN(60)) * time.Second), to: 1 - n.index, data: t.Frame, from: -1})
				}
				continue // the answer goes when it was delivered
			}
			s.wire = append(s.wire, answer)
		}
	}
}

func (s *simulation) chance(p float64) bool { return !s.calm && s.rng.Float64() < p }

func (s *simulation) later() time.Time {
	return s.now.Add(time.Duration(1+s.rng.IntN(3000)) * time.Millisecond)
}

func (s *simulation) garble(f []byte) []byte {
	if !s.chance(s.faults.garble) {
		return f
	}
	f = bytes.Clone(f)
	f[s.rng.IntN(len(f))] ^= 1 << s.rng.IntN(8)
	return f
}

// step lets the next thing happen; false when nothing will happen any more before the deadline.
func (s *simulation) step(deadline time.Time) bool {
	next, packetIndex, node := deadline, -1, -1
	for i, p := range s.wire {
		if p.at.Before(next) {
			next, packetIndex = p.at, i
		}
	}
	for i, n := range s.nodes {
		if w := n.engine.Wake(); !w.IsZero() && w.Before(next) {
			next, packetIndex, node = w, -1, i
		}
	}
	if packetIndex < 0 && node < 0 {
		s.now = deadline
		return false
	}
	if next.After(s.now) {
		s.now = next
	}
	if node >= 0 {
		n := s.nodes[node]
		s.launch(n)(n.engine.Tick(context.Background(), s.now))
		return true
	}
	p := s.wire[packetIndex]
	s.wire = slices.Delete(s.wire, packetIndex, packetIndex+1)
	if p.to < 0 {
		s.answer(p)
	} else {
		s.deliver(p)
	}
	for _, n := range s.nodes {
		if s.chance(s.faults.crash) {
			s.count.crashed++
			s.start(n)
		}
	}
	return true
}

func (s *simulation) deliver(p packet) {
	n := s.nodes[p.to]
	if s.chance(s.faults.fail) {
		n.store.FailCommits(1 + s.rng.IntN(3))
	}
	out, err := n.engine.Receive(context.Background(), s.now, p.data)
	if err != nil && s.calm && p.from >= 0 && bytes.Equal(p.data, p.sent.Frame) && s.paired() {
		s.t.Fatalf("at rest, an envelope is refused: %v", err)
	}
	if err != nil {
		s.count.refused++
	}
	s.launch(n)(out, nil)
	if p.from >= 0 {
		s.wire = append(s.wire, packet{at: s.later(), to: -1, from: p.from, life: p.life, sent: p.sent, failed: err != nil || s.chance(s.faults.lostAnswer)})
	}
	n.store.FailCommits(0)
}

func (s *simulation) answer(p packet) {
	n := s.nodes[p.from]
	if n.life != p.life {
		return
	}
	var failure error
	if p.failed {
		failure = errors.New("lost")
	}
	s.launch(n)(n.engine.Done(context.Background(), s.now, p.sent, failure))
}

func (s *simulation) poll(n *simNode) {
	out, _, err := n.engine.Poll(context.Background(), s.now)
	s.launch(n)(out, err)
}

func (s *simulation) paired() bool {
	for _, n := range s.nodes {
		if !n.partner().Open() {
			return false
		}
	}
	return true
}

func (n *simNode) partner() (p *partner.Partner) {
	err := n.store.View(context.Background(), func(tx store.Tx) (err error) {
		p, err = partner.Get(tx, n.peer.Card.Party)
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return p
}

func (s *simulation) confirm(n *simNode) {
	n.update(func(tx store.Tx) error {
		if _, err := partner.Confirm(tx, n.peer.Card.Party, n.peer.Card.Digest(), s.now); err != nil {
			return err
		}
		return n.ingest.SettleCreator(tx, s.now, n.peer.Card.Party)
	})
}

// act does what people do: import, write a new version, change a marking or a ceiling.
func (s *simulation) act(n *simNode) {
	switch r := s.rng.IntN(10); {
	case r < 6 || len(n.owned) == 0:
		for range 1 + s.rng.IntN(4) {
			kind := []string{"malware", "malware", "ipv4-addr", "observed-data", "marking-definition"}[s.rng.IntN(5)]
			s.importObject(n, fmt.Sprintf("%s--%08x-0000-4000-8000-%012x", kind, s.rng.Uint32(), s.rng.Uint64()>>16))
		}
	case r < 8:
		s.importObject(n, s.anyOf(n, ""))
	case r < 9: // the same once more, and stricter where it names no TLP
		id := s.anyOf(n, "")
		s.take(n, n.last[id], stix.TLP(int(stix.TLPClear)+s.rng.IntN(5)))
	default:
		n.update(func(tx store.Tx) error {
			ceiling := stix.TLP(int(stix.TLPClear) + s.rng.IntN(4))
			_, err := partner.Set(tx, n.peer.Card.Party, partner.Settings{MaxTLP: &ceiling}, s.now)
			return err
		})
	}
	n.noteAllowed()
}

// anyOf draws one of the node's own objects of a type, or "".
func (s *simulation) anyOf(n *simNode, kind string) string {
	var ids []string
	for id := range n.owned {
		if strings.HasPrefix(id, kind) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(n.recent[b], n.recent[a]), cmp.Compare(a, b)) })
	return ids[s.rng.IntN(min(len(ids), 4))] // people go on with what they had in hand last
}

// importObject imports a new version of an object, or for an address other content: it has no versions. Observed data name an address.
func (s *simulation) importObject(n *simNode, id string) {
	n.owned[id] = true
	tlp := stix.TLP(int(stix.TLPClear) + s.rng.IntN(5))
	kind := stix.TypeOf(id)
	version := ""
	if kind != "ipv4-addr" {
		version = fmt.Sprintf(`"created":"2026-01-01T00:00:00.000Z","modified":%q,"created_by_ref":%q,`, s.now.UTC().Format("2006-01-02T15:04:05.000Z"), n.identity.Card.Party)
	}
	switch kind {
	case "ipv4-addr":
		version = `"value":"192.0.2.7",`
	case "malware":
		version += `"is_family":false,`
	case "observed-data":
		version += fmt.Sprintf(`"object_refs":[%q],"first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","number_observed":1,`,
			cmp.Or(s.anyOf(n, "ipv4-addr"), "ipv4-addr--00000000-0000-4000-8000-000000000000"))
	}
	marked := fmt.Sprintf(`,"object_marking_refs":[%q]`, tlp.MarkingID())
	definition := s.anyOf(n, "marking-definition")
	switch r := s.rng.IntN(4); {
	case kind == "marking-definition":
		version = `"created":"2026-01-01T00:00:00.000Z","definition_type":"statement",`
		marked = fmt.Sprintf(`,"definition":{"statement":"s%d"}`, s.rng.IntN(1e6))
	case r == 0:
		marked = "" // the import's default holds
	case r == 1 && definition != "":
		marked = fmt.Sprintf(`,"object_marking_refs":[%q,%q]`, tlp.MarkingID(), definition)
	}
	name := fmt.Sprintf(`"name":"m%d"`, s.rng.IntN(1e6))
	if kind == "marking-definition" {
		name = `"name":"m"`
	}
	raw := fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,%s%s%s}`, kind, id, version, name, marked)
	s.take(n, raw, stix.TLP(int(stix.TLPClear)+s.rng.IntN(3)))
}

// prepared is a text as ingest takes it.
func prepared(t testing.TB, text string) ingest.Arrival {
	t.Helper()
	o, err := stix.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	a, err := ingest.Prepare(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// take imports a text.
func (s *simulation) take(n *simNode, raw string, floor stix.TLP) {
	a := prepared(s.t, raw)
	id := a.Object.ID
	n.last[id], n.recent[id] = raw, len(n.recent)+n.recent[id]+1
	a.TLP, a.Precedence = floor, store.Precedence(s.rng.IntN(4))
	n.update(func(tx store.Tx) error {
		_, err := n.ingest.Take(tx, s.now, []ingest.Arrival{a})
		return err
	})
}

func contentKey(v store.Variant) string { return fmt.Sprintf("%s %x", v.ID, v.Sum) }

// current returns what n may give its peer now.
func (n *simNode) permitted() map[string]store.Variant {
	may, _ := n.decided()
	return may
}

// decided returns what may go, and which of the rest stays for what it names alone.
func (n *simNode) decided() (may map[string]store.Variant, names map[string]bool) {
	may, names = map[string]store.Variant{}, map[string]bool{}
	p := n.partner()
	err := n.store.View(context.Background(), func(tx store.Tx) error {
		return release.Preview(tx, release.To(p).Rehearse(),
			func(i release.Item) error {
				v := i.Variant()
				v.TLP = uint8(i.TLP())
				may[v.ID] = v
				return nil
			},
			func(r release.Refusal) error {
				names[r.ID] = r.Reason.Code == "deny.names-withheld"
				return nil
			})
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return may, names
}

func (n *simNode) noteAllowed() {
	for _, v := range n.permitted() {
		n.allowed[contentKey(v)] = true
	}
}

func simulate(t testing.TB, seed uint64) *simulation {
	s := newSimulation(t, seed)
	order := s.rng.IntN(2)
	for round := range 12 {
		s.cut = s.chance(0.3)
		if round == 1 {
			s.confirm(s.nodes[order])
		}
		if round == 3 {
			s.confirm(s.nodes[1-order])
		}
		for _, n := range s.nodes {
			if s.rng.IntN(2) == 0 {
				s.act(n)
			}
			s.poll(n)
		}
		until := s.now.Add(time.Duration(s.rng.IntN(20)) * time.Second)
		for s.step(until) {
		}
	}
	s.calm, s.cut = true, false
	for _, n := range s.nodes {
		n.store.FailCommits(0)
		s.poll(n)
	}
	until := s.now.Add(2 * time.Hour)
	for s.step(until) {
		for _, n := range s.nodes {
			s.poll(n)
		}
	}
	s.check()
	return s
}

func TestSeeds(t *testing.T) {
	seeds := uint64(500)
	if testing.Short() {
		seeds = 50
	}
	if *moreSeeds > 0 {
		seeds = *moreSeeds
	}
	var all counts
	for seed := range seeds {
		ok := t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { all.add(simulate(t, seed).count) })
		if !ok {
			return // one failing seed is enough to look at
		}
	}
	t.Logf("%d seeds: %+v", seeds, all)
	if all.repeated == 0 || all.refused == 0 || all.crashed == 0 || all.stale == 0 || all.voided == 0 {
		t.Error("the faults did not happen")
	}
}

func (c *counts) add(d counts) {
	c.sent += d.sent
	c.repeated += d.repeated
	c.refused += d.refused
	c.crashed += d.crashed
	c.handedOver += d.handedOver
	c.stale += d.stale
	c.voided += d.voided
}
