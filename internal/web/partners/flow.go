package partners

import (
	"time"

	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/store"
)

// flow is how many objects went and came in each of the last hours, as the ledger tells it.
type flow struct {
	Hours []hour // the earliest first
	Most  int    // of any bar, at least 1
}

type hour struct {
	Start     time.Time
	Out, In   int
	X         int // where the bars stand in the picture, in its units
	OutHeight int
	InHeight  int
}

const (
	shownHours  = 24
	mostEntries = 2000 // that are read of the ledger
	barHeight   = 40
	barWidth    = 10
)

func flowOf(tx store.Tx, party store.Party, now time.Time) (f flow, err error) {
	begin := now.UTC().Truncate(time.Hour).Add(-(shownHours - 1) * time.Hour)
	for i := range shownHours {
		f.Hours = append(f.Hours, hour{Start: begin.Add(time.Duration(i) * time.Hour), X: i * barWidth})
	}
	f.Most = 1
	tree := ledger.PartnerTree(party)
	size, err := ledger.Size(tx, tree)
	if err != nil {
		return f, err
	}
	entries, err := ledger.Entries(tx, tree, max(0, size-mostEntries), mostEntries)
	if err != nil {
		return f, err
	}
	for _, e := range entries {
		i := int(e.Time.Sub(begin) / time.Hour)
		if e.Time.Before(begin) || i >= shownHours {
			continue
		}
		h := &f.Hours[i]
		switch e.Kind {
		case ledger.Released:
			h.Out += len(e.Items)
		case ledger.Received:
			h.In += len(e.Items)
		}
		f.Most = max(f.Most, h.Out, h.In)
	}
	for i := range f.Hours {
		h := &f.Hours[i]
		h.OutHeight, h.InHeight = h.Out*barHeight/f.Most, h.In*barHeight/f.Most
	}
	return f, nil
}

// Top is where the bar of what went begins: it grows upwards from the middle.
func (h hour) Top() int { return barHeight - h.OutHeight }

// Sum is how many went and came in all these hours.
func (f flow) Sum() (out, in int) {
	for _, h := range f.Hours {
		out, in = out+h.Out, in+h.In
	}
	return out, in
}

// Out is how many went.
func (f flow) Out() int { out, _ := f.Sum(); return out }

// In is how many came.
func (f flow) In() int { _, in := f.Sum(); return in }
