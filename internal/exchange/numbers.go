package exchange

import (
	"cmp"
	"slices"

	"github.com/wagasa/wagasa/internal/envelope"
)

// The bounds of what a partner may make us remember of one stream.
const (
	maxAhead  = 1 << 16 // numbers beyond the highest in sequence
	maxRanges = 1024    // ranges beyond

	maxExceptions = 2048 // a window of full envelopes
	maxLast       = 3    // items that were not taken, shown to people
)

// numbers is a set of numbers from 1 on: all up to High, and ranges beyond, ascending, apart from each other.
type numbers struct {
	High   uint64           `json:"high"`
	Beyond []envelope.Range `json:"beyond,omitempty"`
}

func (s *numbers) has(n uint64) bool {
	return n <= s.High || inRanges(s.Beyond, n)
}

// add puts a number in.
func (s *numbers) add(n uint64) {
	if s.has(n) {
		return
	}
	s.Beyond = insertRange(s.Beyond, n)
	if s.Beyond[0].From == s.High+1 {
		s.High = s.Beyond[0].To
		s.Beyond = s.Beyond[1:]
	}
}

// fits says whether a number is near enough, and few enough ranges are open, to be remembered.
func (s *numbers) fits(n uint64) bool {
	return n >= 1 && n <= s.High+maxAhead && len(s.Beyond) < maxRanges
}

func inRanges(ranges []envelope.Range, n uint64) bool {
	i, found := slices.BinarySearchFunc(ranges, n, func(r envelope.Range, n uint64) int { return cmp.Compare(r.From, n) })
	return found || i > 0 && ranges[i-1].To >= n
}

// insertRange puts a number that is not there into ascending ranges.
func insertRange(ranges []envelope.Range, n uint64) []envelope.Range {
	i, _ := slices.BinarySearchFunc(ranges, n, func(r envelope.Range, n uint64) int { return cmp.Compare(r.From, n) })
	left := i > 0 && ranges[i-1].To+1 == n
	right := i < len(ranges) && ranges[i].From == n+1
	switch {
	case left && right:
		ranges[i-1].To = ranges[i].To
		return slices.Delete(ranges, i, i+1)
	case left:
		ranges[i-1].To = n
	case right:
		ranges[i].From = n
	default:
		ranges = slices.Insert(ranges, i, envelope.Range{From: n, To: n})
	}
	return ranges
}
