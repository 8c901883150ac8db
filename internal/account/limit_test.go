package account

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/fault"
)

func TestLimitOfASource(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	w.clock.pass(time.Hour)
	try := func(from string) error {
		_, _, err := w.SignIn(w.ctx(), "nobody", password, "000000", from)
		return err
	}
	for range sourceBurst {
		w.refused(try(there), fault.Denied, "why-sign-in")
	}
	err := try(there)
	w.refused(err, fault.Unavailable, "why-wait")
	after, ok := Wait(err)
	if !ok || after < time.Second || after > sourceEvery+time.Second {
		t.Errorf("wait %v", after)
	}
	w.refused(try("[::ffff:"+there+"]:1234"), fault.Unavailable, "why-wait") // the same address, written otherwise
	w.refused(try(here), fault.Denied, "why-sign-in")                        // another address
	w.clock.pass(after)
	w.refused(try(there), fault.Denied, "why-sign-in")
	w.refused(try(there), fault.Unavailable, "why-wait")
	w.clock.pass(time.Hour)
	for range 5 * sourceBurst { // who succeeds is not limited
		w.signIn(admin)
	}
	_, ok = Wait(fault.New(fault.Denied, "x"))
	if ok {
		t.Error("no wait")
	}
}

func TestLimitInAll(t *testing.T) {
	l := newLimiter()
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	passed := 0
	for i := range 2 * globalBurst {
		if l.take(fmt.Sprintf("2001:db8:%x::1", i), now) == nil {
			passed++
		}
	}
	if passed != globalBurst {
		t.Errorf("%d passed at once", passed)
	}
	if err := l.take(here, now.Add(globalEvery)); err != nil {
		t.Error(err)
	}
}

func TestSources(t *testing.T) {
	for from, want := range map[string]string{
		"192.0.2.7":              "192.0.2.7/32",
		"192.0.2.7:443":          "192.0.2.7/32",
		"::ffff:192.0.2.7":       "192.0.2.7/32",
		"2001:db8:1:2:3:4:5:6":   "2001:db8:1:2::/64",
		"[2001:db8:1:2::9%x]:80": "2001:db8:1:2::/64",
		"":                       netip.Prefix{}.String(),
		"somewhere":              netip.Prefix{}.String(),
	} {
		if got := sourceOf(from).String(); got != want {
			t.Errorf("%q: %s, want %s", from, got, want)
		}
	}
}

// However many addresses there are, no more are remembered, and those that come too often are not forgotten for others.
func TestLimiterMemory(t *testing.T) {
	l := newLimiter()
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for range 2 * sourceBurst {
		_ = l.take(there, now)
	}
	for i := range 2 * maxSources {
		at := now.Add(time.Duration(i) * time.Millisecond)
		l.global = bucket{} // that bound is another one
		_ = l.take(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), at)
	}
	if len(l.sources) != maxSources {
		t.Errorf("%d addresses", len(l.sources))
	}
	now = now.Add(2 * maxSources * time.Millisecond)
	allowed := 0
	for range sourceBurst {
		l.global = bucket{}
		if l.take(there, now) == nil {
			allowed++
		}
	}
	if want := int(2 * maxSources * time.Millisecond / sourceEvery); allowed != want {
		t.Errorf("%d more, want %d: others made it forgotten", allowed, want)
	}
	now = now.Add(time.Hour)
	if err := l.take("10.255.255.255", now); err != nil || len(l.sources) != 1 {
		t.Errorf("%v, %d addresses", err, len(l.sources))
	}
}

// No source gets more than its burst and what time has given, whatever the others do.
func TestLawLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLimiter()
		start := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
		now := start
		taken := map[string]int{}
		all := 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			from := rapid.SampledFrom([]string{here, there, "2001:db8::1", "x"}).Draw(t, "from")
			if l.take(from, now) == nil {
				taken[from]++
				all++
			}
			passed := now.Sub(start)
			if most := sourceBurst + int(passed/sourceEvery) + 1; taken[from] > most {
				t.Fatalf("%s got %d, at most %d", from, taken[from], most)
			}
			if most := globalBurst + int(passed/globalEvery) + 1; all > most {
				t.Fatalf("all got %d, at most %d", all, most)
			}
		}
	})
}
