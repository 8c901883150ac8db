package account

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
)

// How often one may try to sign in. What succeeds is not counted against an address: a watch floor may stand behind one.
const (
	sourceBurst = 10
	sourceEvery = 6 * time.Second
	globalBurst = 60 // bounds what failing costs: hashing and writing
	globalEvery = 100 * time.Millisecond
	maxSources  = 4096 // addresses remembered; when there are more at once, the rest shares one allowance
)

// bucket holds how much of an allowance is used up; it drains by one each interval.
type bucket struct {
	used float64
	at   time.Time
}

func (b *bucket) drain(now time.Time, every time.Duration) {
	if passed := now.Sub(b.at); passed > 0 {
		b.used = max(0, b.used-float64(passed)/float64(every))
	}
	b.at = now
}

// wait is how long until one more fits, 0 if it fits now.
func (b *bucket) wait(burst int, every time.Duration) time.Duration {
	if over := b.used + 1 - float64(burst); over > 0 {
		return time.Duration(over * float64(every))
	}
	return 0
}

// limiter bounds how often may be tried, by source address and in all. Its memory is bounded.
type limiter struct {
	mu      sync.Mutex
	global  bucket
	rest    bucket // of the addresses for which there is no room
	sources map[netip.Prefix]*bucket
	tidied  time.Time
}

func newLimiter() *limiter { return &limiter{sources: map[netip.Prefix]*bucket{}} }

// sourceOf is what counts as one source: an IPv4 address, or the IPv6 network that one customer has. What is no address shares one allowance.
func sourceOf(from string) netip.Prefix {
	at, err := netip.ParseAddr(from)
	if err != nil {
		ap, err := netip.ParseAddrPort(from)
		if err != nil {
			return netip.Prefix{}
		}
		at = ap.Addr()
	}
	at = at.Unmap().WithZone("")
	bits := 32
	if at.Is6() {
		bits = 64
	}
	p, _ := at.Prefix(bits) // bits fit
	return p
}

// take counts an attempt from an address, or turns it away.
func (l *limiter) take(from string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.global.drain(now, globalEvery)
	wait := l.global.wait(globalBurst, globalEvery)
	var source *bucket
	if wait == 0 { // when there are too many in all, whose they are need not be looked for
		source = l.source(sourceOf(from), now)
		source.drain(now, sourceEvery)
		wait = source.wait(sourceBurst, sourceEvery)
	}
	if wait > 0 {
		wait = wait.Truncate(time.Second) + time.Second
		return &waitError{refuse(fault.Unavailable, "sign-in from "+clip(from), "why-wait", fmt.Sprint(int(wait/time.Second))), wait}
	}
	source.used++
	l.global.used++
	return nil
}

// source finds the bucket of an address, and makes room for a new one among those that are empty again.
func (l *limiter) source(p netip.Prefix, now time.Time) *bucket {
	if b := l.sources[p]; b != nil {
		return b
	}
	if len(l.sources) >= maxSources && now.Sub(l.tidied) >= sourceEvery {
		l.tidied = now
		for other, b := range l.sources {
			if b.drain(now, sourceEvery); b.used == 0 {
				delete(l.sources, other)
			}
		}
	}
	if len(l.sources) >= maxSources {
		return &l.rest
	}
	b := &bucket{at: now}
	l.sources[p] = b
	return b
}

// succeeded gives back what an attempt has taken of its source's allowance.
func (l *limiter) succeeded(from string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.sources[sourceOf(from)]; b != nil {
		b.used = max(0, b.used-1)
	}
}
