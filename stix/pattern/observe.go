package pattern

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// ErrNotObserved is what [Scene.Observe] says of an object that is no observed-data.
var ErrNotObserved = errors.New("it is no observed-data object")

// Scene is the cyber-observables at hand. They are added first; then observed-data objects that name them are made ready to be
// matched, by many goroutines if need be.
type Scene struct{ objects map[string]*thing }

// NewScene returns an empty Scene.
func NewScene() *Scene { return &Scene{objects: map[string]*thing{}} }

// Add adds an object. Of two with one id the later one counts. What is in it is copied.
func (s *Scene) Add(o *stix.Object) { s.objects[o.ID] = readThing(o.Raw, s.find) }

func (s *Scene) find(id string) *thing { return s.objects[id] }

// Observe makes an observed-data object ready to be matched: with the objects that object_refs names and are at hand, and with those that it
// contains (STIX 2.0). What is wrong in it is passed over. The error wraps [ErrNotObserved] and has the id.
func (s *Scene) Observe(o *stix.Object) (Observed, error) {
	if o.Type != "observed-data" {
		return Observed{}, fmt.Errorf("%s: %w", o.ID, ErrNotObserved)
	}
	observed := Observed{ID: o.ID, Number: 1}
	v := &view{}
	local := map[string]*thing{}
	for name, raw := range cursor.Members(o.Raw) {
		switch string(name) {
		case "first_observed":
			observed.First = timeOf(raw)
		case "last_observed":
			observed.Last = timeOf(raw)
		case "number_observed":
			if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
				observed.Number = max(n, 1) // one that is too large is the largest
			}
		case "object_refs":
			for _, id := range references(raw) {
				v.add(s.objects[id])
			}
		case "objects":
			for key, content := range cursor.Members(raw) {
				t := readThing(content, func(key string) *thing { return local[key] })
				local[string(key)] = t
				v.add(t)
			}
		}
	}
	if observed.Last.IsZero() { // where only one of the times is known, the span is not
		observed.First = time.Time{}
	}
	v.sort()
	observed.Event = v
	return observed, nil
}

// Missing counts the objects that an observed-data object names and that are not at hand.
func (s *Scene) Missing(o *stix.Object) (count int) {
	for name, raw := range cursor.Members(o.Raw) {
		if string(name) == "object_refs" {
			for _, id := range references(raw) {
				if s.objects[id] == nil {
					count++
				}
			}
		}
	}
	return count
}

// references are the different strings of a list in JSON, in order.
func references(raw []byte) (ids []string) {
	seen := map[string]bool{}
	for item := range cursor.Elements(raw) {
		if id, ok := cursor.Unquote(item); ok && !seen[string(id)] {
			seen[string(id)] = true
			ids = append(ids, string(id))
		}
	}
	return ids
}

// timeOf is the instant of a timestamp in JSON, zero if it is none.
func timeOf(raw []byte) time.Time {
	s, _ := cursor.Unquote(raw)
	c := Constant{Kind: Timestamp, Text: string(s)}
	t, _ := c.Time()
	return t
}

// view is an observation as an [Event].
type view struct {
	things []*thing // by type
	types  []typeRange
}

// typeRange is where the things of a type stand.
type typeRange struct {
	typ      string
	from, to int
}

func (v *view) add(t *thing) {
	if t != nil && t.typ != "" {
		v.things = append(v.things, t)
	}
}

func (v *view) sort() {
	slices.SortStableFunc(v.things, func(a, b *thing) int { return strings.Compare(a.typ, b.typ) })
	for i, t := range v.things {
		if n := len(v.types); n > 0 && v.types[n-1].typ == t.typ {
			v.types[n-1].to++
		} else {
			v.types = append(v.types, typeRange{t.typ, i, i + 1})
		}
	}
}

func (v *view) Objects(typ string) int {
	for i := range v.types {
		if r := &v.types[i]; r.typ == typ {
			return r.to - r.from
		}
	}
	return 0
}

func (v *view) Lookup(p *Path, i int, dst []Value) []Value {
	steps := int64(1) << 62
	return v.lookup(p, i, dst, &steps)
}

// lookup is Lookup, and takes from steps what it costs. When they are used up, it ends early.
func (v *view) lookup(p *Path, i int, dst []Value, steps *int64) []Value {
	for n := range v.types {
		r := &v.types[n]
		if r.typ != p.Type {
			continue
		}
		if i < 0 || r.from+i >= r.to {
			return dst
		}
		at := spot{v.things[r.from+i], 0}
		for n := range p.Steps {
			s := &p.Steps[n]
			if s.Kind == Any {
				return at.all(p.Steps[n:], dst, steps)
			}
			if at = at.step(s, steps); at.of == nil {
				return dst
			}
		}
		return at.append(dst)
	}
	return dst
}
