// Package ingest is the only writer of objects. In come objects with their origin; out go variants, what validation found in them, the
// decision which of them is current, their class of release facts, and feed entries about what changed. Any order and any repetition of the same arrivals gives
// the same state: what is kept joins, and who wins is a function of what is kept.
//
// An [Ingest] holds no state beside its configuration and may be used by many goroutines; the transactions order them.
package ingest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Ahead is how far in the future a version may claim to be modified; beyond it is held until the clock comes near.
const Ahead = 24 * time.Hour

// The bounds of what is in memory while a change ripples.
const (
	page      = 500
	pageBytes = 16 << 20
)

// Ingest writes objects for one node.
type Ingest struct {
	Self       store.Party            // the identity that this node writes for
	Must       Policy                 // what becomes of an object that breaks what STIX demands
	Validation []stix.ValidatorOption // how objects are judged
}

// Validator makes one for a goroutine that prepares objects.
func (in *Ingest) Validator() *stix.Validator { return stix.NewValidator(in.Validation...) }

// Arrival is one object version as one origin gave it.
type Arrival struct {
	Object     stix.Object
	Digest     store.Hash // RFC 8785
	Sum        store.Hash // of the bytes
	Names      []string   // observables that it names
	Origin     store.Party
	TLP        stix.TLP // own: where the object names none; received: what it was released under
	Precedence store.Precedence
	Serial     uint64 // given by the origin; 0 for own: Take gives it
	Evidence   int64
	Leaf       int
	Findings   []stix.Finding // what is kept of what validation found
}

// Broken says whether the object breaks what STIX demands.
func (a *Arrival) Broken() bool { return broken(a.Findings) }

// Fault is the code of the first finding; "" if there is none.
func (a *Arrival) Fault() stix.Code {
	if len(a.Findings) == 0 {
		return ""
	}
	return a.Findings[0].Code
}

// Prepare does the part of the work that needs no transaction. v judges the object; with nil it is not judged.
func Prepare(o stix.Object, v *stix.Validator) (Arrival, error) {
	digest, err := o.Digest()
	if err != nil {
		return Arrival{}, fmt.Errorf("%s: digest: %w", o.ID, err)
	}
	names, err := o.Observables()
	if err != nil {
		return Arrival{}, fmt.Errorf("%s: %w", o.ID, err)
	}
	if o.IsSCO() && !o.HasCanonicalID() {
		return Arrival{}, fault.New(fault.Invalid, "%s: the id of an observable is written in lower case", o.ID)
	}
	a := Arrival{Object: o, Digest: digest, Sum: sha256.Sum256(o.Raw), Names: names}
	if v != nil {
		a.Findings = keep(v.Validate(&o))
	}
	return a, nil
}

// Result is what became of an arrival.
type Result uint8

// The results. Known, New and Variant may be current; Claim, Held and Quarantined are kept aside; of Refused and Rejected nothing is stored.
const (
	Known       Result = iota // this content was there
	New                       // a version that was not there
	Variant                   // other content under an id and modified that were there
	Claim                     // a version of an object that somebody else writes
	Held                      // modified too far ahead
	Refused                   // one version more of this object than is kept
	Quarantined               // it breaks what STIX demands
	Rejected                  // it breaks what STIX demands, and this node does not keep such
)

// stored says whether there is a variant of the arrival.
func (r Result) stored() bool { return r != Refused && r != Rejected }

// The bounds of the variants that are kept of one object from one origin: all of them are looked at whenever it changes. Broken ones are
// counted apart, so that they take no place from the version that mends them.
const (
	maxVersions = 1000
	maxBroken   = 100
)

// Take takes arrivals, in their order, and returns what became of each.
func (in *Ingest) Take(tx store.Tx, now time.Time, arrivals []Arrival) ([]Result, error) {
	ids := make([]string, len(arrivals))
	for i := range arrivals {
		ids[i] = arrivals[i].Object.ID
	}
	w, err := in.load(tx, now, ids)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(arrivals))
	for i := range arrivals {
		if results[i], err = w.join(&arrivals[i], in.Must); err != nil {
			return nil, err
		}
	}
	if err := w.settle(); err != nil {
		return nil, err
	}
	for i := range arrivals {
		if !results[i].stored() {
			continue
		}
		switch w.groups[ids[i]].find(&arrivals[i]).Standing {
		case store.Claim:
			results[i] = Claim
		case store.Held:
			results[i] = Held
		case store.Quarantined:
			results[i] = Quarantined
		}
	}
	return results, nil
}

// join adds an arrival to its group, unless it is one that the node rejects.
func (w *work) join(a *Arrival, must Policy) (Result, error) {
	if must == Reject && a.Broken() {
		lifted, err := w.liftsOf(a.Object.ID)
		if err != nil {
			return 0, err
		}
		if !lifted[a.Digest] {
			return Rejected, nil
		}
	}
	return w.groups[a.Object.ID].join(a, w.now), nil
}

// Settle decides again about ids: after a partner was confirmed, or time passed.
func (in *Ingest) Settle(tx store.Tx, now time.Time, ids []string) error {
	w, err := in.load(tx, now, ids)
	if err != nil {
		return err
	}
	return w.settle()
}

// SettleCreator decides again about everything that names creator: whom it is written by has changed.
func (in *Ingest) SettleCreator(tx store.Tx, now time.Time, creator store.Party) error {
	return pages(func(after string) ([]string, error) { return tx.Objects().Created(string(creator), after, page) },
		func(ids []string) error { return in.Settle(tx, now, ids) })
}

// SettleHeld decides again about up to a page of what was held and need not be any longer. It returns how many.
func (in *Ingest) SettleHeld(tx store.Tx, now time.Time) (int, error) {
	ids, err := tx.Objects().HeldUntil(now.Add(Ahead).UnixNano(), page)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), in.Settle(tx, now, ids)
}

// pages calls do for each page of ids that next lists.
func pages(next func(after string) ([]string, error), do func([]string) error) error {
	for after := ""; ; {
		ids, err := next(after)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := do(ids); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

// work is one transaction's share of objects.
type work struct {
	tx      store.Tx
	now     time.Time
	self    store.Party
	writers map[store.Party]bool
	order   []string // ids, each once
	groups  map[string]*group
	told    map[string]bool                // keys that the feed has from this work
	lifted  map[string]map[store.Hash]bool // by id: contents; only of those that were asked for
	facts   map[int64]release.Facts        // by class; nil until asked for
}

// group is all variants of one id: those stored, then fresh ones.
type group struct {
	variants []store.Variant
	stored   []store.Variant      // as they were
	objects  map[int]*stix.Object // by index into variants: at hand in this transaction
	rewrite  map[int]bool         // by index: the bytes are to be stored
}

func (in *Ingest) load(tx store.Tx, now time.Time, ids []string) (*work, error) {
	w := &work{tx: tx, now: now, self: in.Self, groups: make(map[string]*group, len(ids)), told: map[string]bool{}, lifted: map[string]map[store.Hash]bool{}}
	var err error
	if w.writers, err = partner.Writers(tx); err != nil {
		return nil, fmt.Errorf("ingest: %w", err)
	}
	stored, err := tx.Objects().Variants(ids)
	if err != nil {
		return nil, fmt.Errorf("ingest: %w", err)
	}
	for _, id := range ids {
		if w.groups[id] == nil {
			w.groups[id] = &group{objects: map[int]*stix.Object{}, rewrite: map[int]bool{}}
			w.order = append(w.order, id)
		}
	}
	for _, v := range stored {
		g := w.groups[v.ID]
		g.variants, g.stored = append(g.variants, v), append(g.stored, v)
	}
	return w, nil
}

// join adds an arrival to its group: a new variant, or more knowledge about one that is there.
func (g *group) join(a *Arrival, now time.Time) Result {
	result := New
	version := a.Object.Version()
	like, most := 0, maxVersions // variants from the same origin
	if a.Broken() {
		most = maxBroken
	}
	for i := range g.variants {
		v := &g.variants[i]
		if v.Origin == a.Origin && v.Broken == a.Broken() {
			like++
		}
		if v.Modified != version {
			continue
		}
		if v.Digest != a.Digest {
			if result == New {
				result = Variant
			}
			continue
		}
		if result = Known; v.Origin == a.Origin {
			g.merge(i, a)
			return Known
		}
	}
	if like >= most {
		return Refused
	}
	v := variantOf(a, version, now)
	if a.Origin == store.Self {
		v.Serial = g.nextSerial(now)
	}
	g.variants = append(g.variants, v)
	g.objects[len(g.variants)-1] = &a.Object
	return result
}

// merge joins what two arrivals of one variant say: the strictest TLP, the highest serial and precedence, and of two spellings the one
// that STIX allows, else the lower. So no spelling takes away what is current.
func (g *group) merge(i int, a *Arrival) {
	v := &g.variants[i]
	v.TLP = max(v.TLP, uint8(a.TLP))
	v.Precedence = max(v.Precedence, a.Precedence)
	v.Serial = max(v.Serial, a.Serial)
	if cmp.Or(compareBool(a.Broken(), v.Broken), cmp.Compare(string(a.Sum[:]), string(v.Sum[:]))) < 0 {
		v.Sum, v.Raw = a.Sum, a.Object.Raw
		v.Evidence, v.Leaf = a.Evidence, a.Leaf
		v.Broken, v.Findings = a.Broken(), encode(a.Findings)
		g.rewrite[i] = true
	}
	g.objects[i] = &a.Object // the same content
}

// nextSerial is exchange.md's: max(previous + 1, Unix ms), per id.
func (g *group) nextSerial(now time.Time) uint64 {
	next := uint64(max(now.UnixMilli(), 0))
	for i := range g.variants {
		if v := &g.variants[i]; v.Origin == store.Self && v.Serial >= next {
			next = v.Serial + 1
		}
	}
	return next
}

func (g *group) find(a *Arrival) *store.Variant {
	for i := range g.variants {
		if v := &g.variants[i]; v.Modified == a.Object.Version() && v.Digest == a.Digest && v.Origin == a.Origin {
			return v
		}
	}
	panic("ingest: " + a.Object.ID + ": an arrival is not in its group")
}

func variantOf(a *Arrival, version int64, now time.Time) store.Variant {
	o := &a.Object
	return store.Variant{
		ID: o.ID, Type: o.Type, SpecVersion: o.SpecVersion, Modified: version, Creator: o.CreatedByRef,
		Digest: a.Digest, Sum: a.Sum, Origin: a.Origin, Serial: a.Serial, TLP: uint8(a.TLP), Precedence: a.Precedence,
		Validated: o.Known(), Revoked: o.Revoked, Markings: release.MarkingRefs(&o.Header), Names: a.Names,
		Evidence: a.Evidence, Leaf: a.Leaf, Arrived: now.UnixNano(), Raw: o.Raw,
		Broken: a.Broken(), Findings: encode(a.Findings),
	}
}

// byVersion orders variants of one origin: the later version, then the higher serial, then the lower digest is greater.
func byVersion(a, b *store.Variant) int {
	return cmp.Or(cmp.Compare(a.Modified, b.Modified), cmp.Compare(a.Serial, b.Serial), cmp.Compare(string(b.Digest[:]), string(a.Digest[:])))
}
