package generate

import (
	"strings"
	"time"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// order moves timestamps so that the rules about them hold.
func (f *frame) order() {
	for range 16 {
		moved := false
		for i := range f.s.Rules {
			r := &f.s.Rules[i]
			if !f.when(r.When) || !disordered(r, f.get) {
				continue
			}
			q, _ := instant(f.get(r.Props[1]))
			p := f.s.Property(r.Props[0])
			f.put(p.Name, f.g.later(q, r.Op == spec.NotBefore && f.g.chance(0.2), p.Millis, f.get(r.Props[1])))
			moved = true
		}
		if !moved {
			return
		}
	}
}

// disordered reports whether a rule about the order of timestamps is broken, whatever its condition.
func disordered(r *spec.Rule, get func(string) any) bool {
	if r.Op != spec.NotBefore && r.Op != spec.After {
		return false
	}
	p, ok1 := instant(get(r.Props[0]))
	q, ok2 := instant(get(r.Props[1]))
	return ok1 && ok2 && (p.Before(q) || r.Op == spec.After && p.Equal(q))
}

func instant(v any) (time.Time, bool) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	// Package time takes an offset and a decimal comma too.
	return t, err == nil && strings.HasSuffix(s, "Z") && !strings.Contains(s, ",")
}

// later is a timestamp after q, or q as it is written.
func (g *Generator) later(q time.Time, same, millis bool, written any) any {
	if same && !millis {
		return written
	}
	return stamp(q.Add(time.Second+time.Duration(g.n(1<<16))*time.Second+time.Duration(g.n(1e9))), g.digits(millis))
}

// timestamp is a random one, at times of another century.
func (g *Generator) timestamp(p *spec.Property) string {
	millis := p.Millis
	const year = 365 * 24 * 3600
	t := time.Unix(int64((35+g.n(20))*year+g.n(year)), 0)
	if g.chance(0.02) {
		t = time.Unix(int64((g.n(400)-200)*year), 0)
	}
	if p.Format == spec.WholeSeconds {
		return stamp(t, g.n(4))
	}
	if g.chance(0.5) {
		t = t.Add(time.Duration(g.n(1e9)))
	}
	return stamp(t, g.digits(millis))
}

func (g *Generator) digits(millis bool) int {
	switch {
	case g.chance(0.6):
		return 3
	case g.chance(0.5):
		return 6
	case millis:
		return 3 + g.n(7)
	}
	return g.n(10)
}

// stamp writes an instant with so many digits of a second. Digits beyond are dropped.
func stamp(t time.Time, digits int) string {
	const form = "2006-01-02T15:04:05.000000000"
	n := len(form) - 9 + digits
	if digits == 0 {
		n--
	}
	return t.UTC().Format(form)[:n] + "Z"
}
