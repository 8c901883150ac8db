package pattern

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"
)

// instant is a point in time in whole nanoseconds, over all the years that a timestamp may name. It is smaller than a time.Time, and has
// two infinite values.
type instant struct {
	sec int64 // since 1970
	ns  int64 // 0 to 999,999,999
}

const second = 1_000_000_000 // nanoseconds

var (
	always = instant{sec: math.MinInt64} // before all others
	never  = instant{sec: math.MaxInt64} // after all others
)

func instantOf(t time.Time) instant { return instant{t.Unix(), int64(t.Nanosecond())} }

func (a instant) compare(b instant) int {
	if a.sec != b.sec {
		return cmp.Compare(a.sec, b.sec)
	}
	return cmp.Compare(a.ns, b.ns)
}

func (a instant) after(b instant) bool { return a.sec > b.sec || a.sec == b.sec && a.ns > b.ns }

func later(a, b instant) instant {
	if a.after(b) {
		return a
	}
	return b
}

func earlier(a, b instant) instant {
	if a.after(b) {
		return b
	}
	return a
}

// longest is the whole seconds of a length beyond which it is endless: longer than all the years together.
const longest = 1 << 50

// length is the seconds of WITHIN as a distance of instants. It is exact for what was written in decimals, of which the float is the nearest.
func length(seconds float64) instant {
	if !(seconds < longest) {
		return never
	}
	whole, part, _ := strings.Cut(strconv.FormatFloat(seconds, 'f', -1, 64), ".")
	sec, _ := strconv.ParseInt(whole, 10, 64)
	ns, _ := strconv.ParseInt((part + "000000000")[:9], 10, 64)
	return instant{sec, ns}
}

// plus is the instant so much later. What is infinite stays so.
func (a instant) plus(d instant) instant {
	switch {
	case a == always || a == never:
		return a
	case d == never:
		return never
	}
	s := instant{a.sec + d.sec, a.ns + d.ns}
	if s.ns >= second {
		s.sec, s.ns = s.sec+1, s.ns-second
	}
	return s
}

// previous is the last instant before a.
func (a instant) previous() instant {
	if a.ns == 0 {
		return instant{a.sec - 1, second - 1}
	}
	return instant{a.sec, a.ns - 1}
}

// span is the time in which the instant of an observation lies, or may lie.
type span struct{ first, last instant }

var (
	anytime = span{always, never}
	untimed = span{never, always} // nothing that asks for an instant is satisfied by it
)

// spanOf is the span of an observation.
func spanOf(o *Observed) span {
	last := o.Last
	if last.IsZero() {
		last = o.First
	}
	if o.First.IsZero() || last.Before(o.First) {
		return untimed
	}
	return span{instantOf(o.First), instantOf(last)}
}

// within is what of a span lies in another one.
func (s span) within(t span) (span, bool) {
	c := span{later(s.first, t.first), earlier(s.last, t.last)}
	return c, t == anytime || !c.first.after(c.last)
}
