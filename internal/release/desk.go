package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Desk decides about the objects of one transaction for one receiver.
type Desk struct {
	objects   store.Objects
	to        Receiver
	facts     map[int64]Facts
	decisions map[int64]Decision
	named     map[string]naming
	travels   map[string]traveller
}

// traveller is what was decided about a marking-definition.
type traveller struct {
	decision Decision
	tlp      stix.TLP
}

// naming is what is known of an observable that something names.
type naming struct {
	denied bool     // it is here, and the receiver may not have it
	names  []string // the observables that it names itself
}

// maxNamed bounds how many observables one object may name, through others too.
const maxNamed = 10_000

// NewDesk decides every class for the receiver.
func NewDesk(tx store.Tx, to Receiver) (*Desk, error) {
	classes, err := tx.Objects().Classes()
	if err != nil {
		return nil, fmt.Errorf("decide for %s: %w", to.Name, err)
	}
	d := &Desk{tx.Objects(), to, make(map[int64]Facts, len(classes)), make(map[int64]Decision, len(classes)), map[string]naming{}, map[string]traveller{}}
	for class, text := range classes {
		f, err := ParseFacts(text)
		if err != nil {
			return nil, fmt.Errorf("class %d: %w", class, err)
		}
		d.facts[class], d.decisions[class] = f, Decide(f, to)
	}
	return d, nil
}

// Permitted lists the classes whose objects may go, ascending; marking-definitions are left out, for they go with what they mark.
// It is empty, not nil, when nothing may.
func (d *Desk) Permitted() []int64 {
	classes := []int64{}
	for _, class := range slices.Sorted(maps.Keys(d.decisions)) {
		if d.decisions[class].Permit && !d.facts[class].Marking {
			classes = append(classes, class)
		}
	}
	return classes
}

// Decide decides about a current variant.
func (d *Desk) Decide(v *store.Variant) (Decision, stix.TLP, error) {
	f, ok := d.facts[v.Class]
	if !ok {
		return Decision{}, 0, fmt.Errorf("object %s: class %d is not interned", v.ID, v.Class)
	}
	decision := d.decisions[v.Class]
	if !decision.Permit {
		if f.Obstacle != nil && f.Obstacle.Arg == "" && len(v.Markings) > 0 {
			decision.Reason.Args = []string{someOf(v.Markings)}
		}
		return decision, f.TLP, nil
	}
	withheld, err := d.withheld(v)
	if err != nil || withheld != "" {
		return deny("deny.names-withheld", withheld), f.TLP, err
	}
	if f.Marking {
		return d.travel(v.ID)
	}
	return decision, f.TLP, nil
}

// someOf names the first few of ids.
func someOf(ids []string) string {
	const few = 3
	if len(ids) > few {
		return strings.Join(ids[:few], ", ") + ", …"
	}
	return strings.Join(ids, ", ")
}

// withheld returns the id of an observable that a variant names, directly or through another, and that the receiver may not have, or
// "". Such an id is content: it can be guessed back. One that is not here says nothing that this node would have to protect.
func (d *Desk) withheld(v *store.Variant) (string, error) {
	names := slices.Clone(v.Names)
	seen := map[string]bool{}
	for i := 0; i < len(names); i++ { // names grows
		id := names[i]
		if seen[id] {
			continue
		}
		seen[id] = true
		n, err := d.naming(id)
		if err != nil || n.denied || len(seen) > maxNamed {
			return id, err
		}
		names = append(names, n.names...)
	}
	return "", nil
}

func (d *Desk) naming(id string) (naming, error) {
	if n, ok := d.named[id]; ok {
		return n, nil
	}
	var n naming
	variants, err := d.objects.Variants([]string{id})
	if err != nil {
		return n, fmt.Errorf("observable %s: %w", id, err)
	}
	own := false
	for i := range variants {
		v := &variants[i]
		switch {
		case v.Origin == store.Self && v.Current: // we know it of ourselves: our own marking holds
			own = true
			n.denied, n.names = !d.decisions[v.Class].Permit, v.Names
		case v.Origin == store.Self && v.Standing == store.Quarantined && !own: // it is protected, whatever its marking would say
			n.denied = true
		case own || v.Origin == d.to.Party: // what came from the receiver it knows
		case v.Origin != store.Self:
			n.denied = true // somebody else gave it, and has not consented
		}
	}
	d.named[id] = n
	return n, nil
}

// pageOf is how many bearers of a marking-definition are looked at a time.
const pageOf = 500

// travel decides about a marking-definition by what it marks: it goes where any of that goes, at the least strict TLP among it.
func (d *Desk) travel(id string) (Decision, stix.TLP, error) {
	if t, ok := d.travels[id]; ok {
		return t.decision, t.tlp, nil
	}
	floor, err := d.leastStrict(id)
	if err != nil {
		return Decision{}, 0, err
	}
	least := stix.TLPNone
	for after := ""; floor != stix.TLPNone && least != floor; {
		ids, err := d.objects.Marked(id, after, pageOf)
		if err != nil {
			return Decision{}, 0, fmt.Errorf("what %s marks: %w", id, err)
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
		if least, err = d.bearers(id, ids, least, floor); err != nil {
			return Decision{}, 0, err
		}
	}
	t := traveller{deny("deny.no-bearer"), least}
	if least != stix.TLPNone {
		t.decision = Decision{true, locale.Because("permit.travels", least.Label())}
	}
	d.travels[id] = t
	return t.decision, t.tlp, nil
}

// leastStrict is the lowest TLP that what a definition marks could go at, judged by class alone; TLPNone if none of it may.
func (d *Desk) leastStrict(id string) (stix.TLP, error) {
	classes, err := d.objects.MarkedClasses(id)
	if err != nil {
		return 0, fmt.Errorf("marking-definition %s: %w", id, err)
	}
	least := stix.TLPNone
	for _, class := range classes {
		if f := d.facts[class]; d.decisions[class].Permit && !f.Marking && (least == stix.TLPNone || f.TLP < least) {
			least = f.TLP
		}
	}
	return least, nil
}

// bearers lowers least to the least strict TLP among those of ids that a definition marks and that may go; floor ends the search.
func (d *Desk) bearers(marking string, ids []string, least, floor stix.TLP) (stix.TLP, error) {
	variants, err := d.objects.Variants(ids)
	if err != nil {
		return 0, fmt.Errorf("what %s marks: %w", marking, err)
	}
	for i := range variants {
		v := &variants[i]
		if f := d.facts[v.Class]; !v.Current || f.Marking || !slices.Contains(v.Markings, marking) || least != stix.TLPNone && f.TLP >= least {
			continue
		}
		decision, tlp, err := d.Decide(v)
		if err != nil {
			return 0, err
		}
		if decision.Permit {
			if least = tlp; least == floor {
				break
			}
		}
	}
	return least, nil
}

// Items decides about the current versions of ids. Items come in the order of ids, each behind the marking-definitions
// that it refers to, every object once. An id without a current version gives neither an item nor a refusal.
func (d *Desk) Items(ids []string) ([]Item, []Refusal, error) {
	variants, err := d.objects.Current(ids)
	if err != nil {
		return nil, nil, fmt.Errorf("decide for %s: %w", d.to.Name, err)
	}
	definitions, err := d.definitions(variants)
	if err != nil {
		return nil, nil, err
	}
	byID := make(map[string]*store.Variant, len(variants))
	for i := range variants {
		byID[variants[i].ID] = &variants[i]
	}
	b := batch{desk: d, definitions: definitions, done: map[string]bool{}}
	for _, id := range ids {
		if v := byID[id]; v != nil {
			if err := b.add(v); err != nil {
				return nil, nil, err
			}
		}
	}
	return b.items, b.refusals, nil
}

// definitions fetches the marking-definitions that the permitted variants refer to.
func (d *Desk) definitions(variants []store.Variant) (map[string]*store.Variant, error) {
	refs := map[string]bool{}
	for i := range variants {
		if d.decisions[variants[i].Class].Permit {
			for _, id := range variants[i].Markings {
				refs[id] = true
			}
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	found, err := d.objects.Current(slices.Sorted(maps.Keys(refs)))
	if err != nil {
		return nil, fmt.Errorf("marking-definitions for %s: %w", d.to.Name, err)
	}
	definitions := make(map[string]*store.Variant, len(found))
	for i := range found {
		definitions[found[i].ID] = &found[i]
	}
	return definitions, nil
}

type batch struct {
	desk        *Desk
	definitions map[string]*store.Variant
	done        map[string]bool
	items       []Item
	refusals    []Refusal
}

func (b *batch) add(v *store.Variant) error {
	if b.done[v.ID] {
		return nil
	}
	b.done[v.ID] = true
	decision, tlp, err := b.desk.Decide(v)
	if err != nil {
		return err
	}
	if !decision.Permit {
		b.refusals = append(b.refusals, Refusal{v.ID, v.Type, decision.Reason})
		return nil
	}
	for _, id := range v.Markings {
		// One from elsewhere has denied v already.
		if m := b.definitions[id]; m != nil && m.Origin == store.Self {
			if err := b.add(m); err != nil {
				return err
			}
		}
	}
	b.items = append(b.items, Item{*v, tlp, b.desk.to, decision.Reason})
	return nil
}
