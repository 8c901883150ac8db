package exchange

import (
	"cmp"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

// Timing of the machine.
type Timing struct {
	Window    int           // unreceipted numbers per partner and precedence
	Room      int           // transmissions at once per partner
	RetryMin  time.Duration // after the first failed transmission; doubles
	RetryMax  time.Duration
	RepeatMin time.Duration // until an unreceipted number is sent again; doubles
	RepeatMax time.Duration
}

// DefaultTiming suits links from a loopback to a slow satellite.
func DefaultTiming() Timing {
	return Timing{
		Window: 8, Room: 2,
		RetryMin: 100 * time.Millisecond, RetryMax: 10 * time.Second,
		RepeatMin: 3 * time.Second, RepeatMax: time.Minute,
	}
}

// Machine decides what is sealed and sent when. It is pure: no clock, no I/O, no goroutine, no randomness; the same events at the
// same times give the same actions. What it knows it can be told again from the store, so a crash costs it nothing.
type Machine struct {
	timing Timing
	peers  []*peer // by party
}

// NewMachine makes a machine that knows nobody.
func NewMachine(t Timing) *Machine { return &Machine{timing: t} }

// Event is something that happened.
type Event interface{ event() }

// The events.
type (
	// Tick: time passed.
	Tick struct{}
	// PeerChanged: what a partner may have, or how it is reached, changed. One that was not known, or not reached, is asked what it has
	// before it gets a new number: this node may be a copy that was restored, whose numbers the partner has seen with other content.
	PeerChanged struct {
		Party     store.Party
		Confirmed bool // by us
		Open      bool // by both: numbered envelopes may go
		Reachable bool
	}
	// Loaded: a number from an earlier run is unsettled.
	Loaded struct {
		Party store.Party
		Slot  Slot
		Void  bool
	}
	// Queued: how much waits.
	Queued struct {
		Party  store.Party
		Depths [4]int
	}
	// Sealed: a Seal action made a number.
	Sealed struct {
		Party store.Party
		Slot  Slot
	}
	// Emptied: a Seal action found nothing to send.
	Emptied struct {
		Party      store.Party
		Precedence store.Precedence
	}
	// Stalled: an action failed here, at our store; try later.
	Stalled struct {
		Party  store.Party
		Action Action
	}
	// Done: a transmission ended.
	Done struct {
		Party  store.Party
		Action Action // the Send or SendControl
		OK     bool
	}
	// Settled: receipts for numbers came, or their voids were acknowledged.
	Settled struct {
		Party store.Party
		Slots []Slot
	}
	// Withdrawn: a number was voided; the partner has to be told until it settles.
	Withdrawn struct {
		Party   store.Party
		Slot    Slot
		Instead bool // it answers a Send
	}
	// Arrived: an envelope of the partner was accepted.
	Arrived struct {
		Party  store.Party
		Answer bool // it had a number, or asked
		Spoken bool // it was a control envelope: what the partner has of ours is known now
	}
	// Reset: our incarnation towards the partner is a new one; its old numbers are no longer repeated.
	Reset struct{ Party store.Party }
)

// Slot is a number in a stream of the current incarnation.
type Slot struct {
	Precedence store.Precedence
	Number     uint64
}

// Action is something to do.
type Action interface{ action() }

// The actions.
type (
	// Seal the next envelope of a stream: answer with Sealed, Emptied or Stalled.
	Seal struct {
		Party      store.Party
		Precedence store.Precedence
	}
	// Send a sealed number: answer with Done, Stalled or Withdrawn. Again: decide about its items once more before.
	Send struct {
		Party store.Party
		Slot  Slot
		Again bool
	}
	// SendControl: receipts, voids, ledger head: answer with Done or Stalled.
	SendControl struct {
		Party store.Party
		Ask   bool
	}
)

func (Tick) event()        {}
func (PeerChanged) event() {}
func (Loaded) event()      {}
func (Queued) event()      {}
func (Sealed) event()      {}
func (Emptied) event()     {}
func (Stalled) event()     {}
func (Done) event()        {}
func (Settled) event()     {}
func (Withdrawn) event()   {}
func (Arrived) event()     {}
func (Reset) event()       {}

func (Seal) action()        {}
func (Send) action()        {}
func (SendControl) action() {}

// peer is what the machine knows of a partner.
type peer struct {
	party                      store.Party
	confirmed, open, reachable bool
	depths                     [4]int
	flights                    [4][]*flight // ascending numbers
	sealing                    [4]bool
	sealAfter                  [4]time.Time // the store failed us: nothing is sealed before
	busy                       int          // actions that occupy the link

	owe      bool // a receipt
	ask      bool // for what the partner has, until it says so: no new number before
	askTries int
	askDue   time.Time

	fails int
	retry time.Time // nothing is sent before
}

// flight is an unsettled number.
type flight struct {
	number  uint64
	void    bool
	sending bool
	tries   int
	due     time.Time
}

// Step takes an event and returns what to do, most urgent first.
func (m *Machine) Step(now time.Time, event Event) []Action {
	var p *peer
	switch e := event.(type) {
	case PeerChanged:
		p = m.changed(e)
	case Loaded:
		p = m.peer(e.Party)
		p.insert(&flight{number: e.Slot.Number, void: e.Void, tries: 1}, e.Slot.Precedence)
	case Queued:
		p = m.peer(e.Party)
		p.depths = e.Depths
	case Sealed:
		p = m.peer(e.Party)
		p.unseal(e.Slot.Precedence)
		p.insert(&flight{number: e.Slot.Number}, e.Slot.Precedence)
	case Emptied:
		p = m.peer(e.Party)
		p.unseal(e.Precedence)
		p.depths[e.Precedence] = 0
	case Stalled:
		p = m.peer(e.Party)
		m.stalled(now, p, e.Action)
	case Done:
		p = m.peer(e.Party)
		if e.OK {
			m.sent(now, p, e.Action)
		} else {
			m.failed(now, p, e.Action)
		}
	case Settled:
		p = m.peer(e.Party)
		for _, s := range e.Slots {
			p.remove(s)
		}
	case Withdrawn:
		p = m.peer(e.Party)
		p.withdraw(now, e.Slot, e.Instead)
	case Arrived:
		p = m.peer(e.Party)
		p.arrived(e)
	case Reset:
		p = m.peer(e.Party)
		p.flights = [4][]*flight{}
	case Tick:
		return m.tick(now)
	}
	return m.schedule(now, p)
}

func (m *Machine) tick(now time.Time) (actions []Action) {
	for _, p := range m.peers {
		actions = append(actions, m.schedule(now, p)...)
	}
	return actions
}

func (m *Machine) peer(party store.Party) *peer {
	i, ok := slices.BinarySearchFunc(m.peers, party, func(p *peer, party store.Party) int { return cmp.Compare(p.party, party) })
	if !ok {
		m.peers = slices.Insert(m.peers, i, &peer{party: party})
	}
	return m.peers[i]
}

func (m *Machine) changed(e PeerChanged) *peer {
	p := m.peer(e.Party)
	if e.Confirmed && !p.confirmed || e.Reachable && !p.reachable {
		p.ask, p.askTries, p.askDue = true, 0, time.Time{}
		p.fails, p.retry = 0, time.Time{}
	}
	p.confirmed, p.open, p.reachable = e.Confirmed, e.Open, e.Reachable
	return p
}

// schedule fills the room of a partner's link.
func (m *Machine) schedule(now time.Time, p *peer) (actions []Action) {
	if !p.confirmed || !p.reachable || now.Before(p.retry) {
		return nil
	}
	for p.busy < m.room(p) {
		a := m.next(now, p)
		if a == nil {
			break
		}
		p.busy++
		actions = append(actions, a)
	}
	return actions
}

// room is how many transmissions a link may have at once; one that failed is only probed.
func (m *Machine) room(p *peer) int {
	if p.fails > 0 {
		return 1
	}
	return m.timing.Room
}

// next chooses what the link carries next: receipts and voids, then by precedence what is due again before what is new.
func (m *Machine) next(now time.Time, p *peer) Action {
	if a := p.control(now); a != nil {
		return a
	}
	if !p.open {
		return nil
	}
	for _, precedence := range store.Precedences {
		unsettled := 0
		for _, f := range p.flights[precedence] {
			if f.void {
				continue
			}
			unsettled++
			if !f.sending && !now.Before(f.due) {
				f.sending = true
				return Send{p.party, Slot{precedence, f.number}, f.tries > 0}
			}
		}
		if !p.ask && p.depths[precedence] > 0 && !p.sealing[precedence] && unsettled < m.timing.Window && !now.Before(p.sealAfter[precedence]) {
			p.sealing[precedence] = true
			return Seal{p.party, precedence}
		}
	}
	return nil
}

// control sends a receipt that is owed, a question that is due, or a void that is due.
func (p *peer) control(now time.Time) Action {
	ask := p.ask && !now.Before(p.askDue)
	due := p.owe || ask
	for _, flights := range p.flights {
		for _, f := range flights {
			if f.void && !f.sending && !now.Before(f.due) {
				f.sending, due, ask = true, true, true
			}
		}
	}
	if !due {
		return nil
	}
	p.owe = false
	if ask {
		p.askDue = now.Add(time.Hour) // until Done says more
	}
	return SendControl{p.party, ask}
}

// sent notes a transmission that the link took.
func (m *Machine) sent(now time.Time, p *peer, a Action) {
	p.busy--
	p.fails, p.retry = 0, time.Time{}
	switch a := a.(type) {
	case Send:
		if f := p.find(a.Slot); f != nil && !f.void {
			f.sending = false
			f.tries++
			f.due = now.Add(double(m.timing.RepeatMin, m.timing.RepeatMax, f.tries))
		}
	case SendControl:
		if a.Ask {
			p.askTries++
			p.askDue = now.Add(double(m.timing.RepeatMin, m.timing.RepeatMax, p.askTries))
		}
		p.voids(func(f *flight) {
			if f.sending {
				f.sending = false
				f.tries++
				f.due = now.Add(double(m.timing.RepeatMin, m.timing.RepeatMax, f.tries))
			}
		})
	}
}

// failed notes an action that came to nothing; it is due again when the link is tried again.
func (m *Machine) failed(now time.Time, p *peer, a Action) {
	p.busy--
	p.fails++
	p.retry = now.Add(double(m.timing.RetryMin, m.timing.RetryMax, p.fails))
	switch a := a.(type) {
	case Send:
		if f := p.find(a.Slot); f != nil && !f.void {
			f.sending, f.due = false, now
			f.tries++ // it may have arrived: decide again before it is repeated
		}
	case SendControl:
		p.owe = true
		if a.Ask {
			p.askDue = now
		}
		p.voids(func(f *flight) { f.sending, f.due = false, now })
	}
}

// stalled notes an action that failed here, not on the link.
func (m *Machine) stalled(now time.Time, p *peer, a Action) {
	if s, ok := a.(Seal); ok {
		p.unseal(s.Precedence)
		p.sealAfter[s.Precedence] = now.Add(m.timing.RetryMax)
		return
	}
	m.failed(now, p, a)
}

func (p *peer) unseal(precedence store.Precedence) {
	p.sealing[precedence] = false
	p.busy--
}

// arrived notes that the partner is there: what waits for its link is tried at once.
func (p *peer) arrived(e Arrived) {
	p.owe = p.owe || e.Answer
	if e.Spoken {
		p.ask, p.askTries = false, 0
	}
	if p.fails > 0 {
		p.fails, p.retry = 0, time.Time{}
	}
}

func (p *peer) withdraw(now time.Time, s Slot, instead bool) {
	if instead {
		p.busy--
	}
	if f := p.find(s); f != nil {
		f.void, f.sending, f.tries, f.due = true, false, 0, now
	}
}

func (p *peer) insert(f *flight, precedence store.Precedence) {
	flights := p.flights[precedence]
	i, found := slices.BinarySearchFunc(flights, f.number, func(f *flight, n uint64) int { return cmp.Compare(f.number, n) })
	if !found {
		p.flights[precedence] = slices.Insert(flights, i, f)
	}
}

func (p *peer) find(s Slot) *flight {
	for _, f := range p.flights[s.Precedence] {
		if f.number == s.Number {
			return f
		}
	}
	return nil
}

func (p *peer) remove(s Slot) {
	p.flights[s.Precedence] = slices.DeleteFunc(p.flights[s.Precedence], func(f *flight) bool { return f.number == s.Number })
}

func (p *peer) voids(do func(*flight)) {
	for _, flights := range p.flights {
		for _, f := range flights {
			if f.void {
				do(f)
			}
		}
	}
}

// Wake is when the machine wants a Tick, the zero time if never: a link whose room is taken wakes it by its Done.
func (m *Machine) Wake() (wake time.Time) {
	for _, p := range m.peers {
		if !p.confirmed || !p.reachable || p.busy >= m.room(p) {
			continue
		}
		due, any := p.due(m.timing.Window)
		if !any {
			continue
		}
		if due.Before(p.retry) {
			due = p.retry
		}
		if wake.IsZero() || due.Before(wake) {
			wake = due
		}
	}
	return wake
}

// due is when the first of what a partner's link has to do is due; any is false when there is nothing.
func (p *peer) due(window int) (due time.Time, any bool) {
	sooner := func(t time.Time) {
		if !any || t.Before(due) {
			due, any = t, true
		}
	}
	if p.owe {
		sooner(p.retry)
	}
	if p.ask {
		sooner(p.askDue)
	}
	for precedence, flights := range p.flights {
		unsettled := 0
		for _, f := range flights {
			if !f.void {
				unsettled++
			}
			if !f.sending && (p.open || f.void) {
				sooner(f.due)
			}
		}
		if p.open && !p.ask && p.depths[precedence] > 0 && !p.sealing[precedence] && unsettled < window {
			sooner(p.sealAfter[precedence])
		}
	}
	return due, any
}

// double is min doubled with each try after the first, at most max.
func double(least, most time.Duration, tries int) time.Duration {
	d := least
	for range tries - 1 {
		if d >= most {
			break
		}
		d *= 2
	}
	return min(d, most)
}
