package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// The bounds of one transaction of an import, and of what waits for it.
const (
	batchItems  = 2000
	batchBytes  = 4 << 20
	queuedBytes = 24 << 20             // three of the largest objects
	gather      = 5 * time.Millisecond // how long a batch waits for company
)

// Source says how to judge what is imported.
type Source struct {
	TLP        stix.TLP // where an object names none
	Precedence store.Precedence
}

// Counts of an import.
type Counts struct {
	New         int `json:"new"`
	Known       int `json:"known"`
	Variants    int `json:"variants"`
	Claims      int `json:"claims"`
	Held        int `json:"held"`
	Quarantined int `json:"quarantined"`
	Rejected    int `json:"rejected"`
	Findings    int `json:"with_findings"` // of those taken
}

// Taken is how many objects are in the store now, some of them from before.
func (c Counts) Taken() int {
	return c.New + c.Known + c.Variants + c.Claims + c.Held + c.Quarantined
}

func (c *Counts) add(r Result) {
	switch r {
	case New:
		c.New++
	case Known:
		c.Known++
	case Variant:
		c.Variants++
	case Claim:
		c.Claims++
	case Held:
		c.Held++
	case Quarantined:
		c.Quarantined++
	case Refused, Rejected:
		c.Rejected++
	}
}

// Listener is told what an import cannot leave to counting. Its functions are called one after another.
type Listener struct {
	Rejected    func(error)                                // an object is not taken; a *BrokenError if STIX does not allow it
	Quarantined func(o *stix.Object, found []stix.Finding) // it is kept aside; o and found are good for the call
}

// BrokenError is why an object that breaks what STIX demands is rejected.
type BrokenError struct {
	ID       string
	Findings []stix.Finding
}

// Error names the first finding, which is one that STIX does not allow.
func (e *BrokenError) Error() string {
	f := e.Findings[0]
	text := fmt.Sprintf("%s: %s: %q: %s", e.ID, f.Code, cmp.Or(f.Pointer, "/"), f.Message()) // names are foreign text
	if n := len(e.Findings) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more findings)", n)
	}
	return text
}

// arrived is one step of the reader: an object, or why it is none.
type arrived struct {
	arrival Arrival
	weight  int64
	err     error
}

// Stream imports objects as own until the reader ends. They are durable in batches, at the latest some milliseconds after the reader
// pauses. Each object that is rejected or quarantined is told, and the next is tried. An error other than of single objects ends the
// stream; what was counted until then is durable. Memory is bounded whatever comes.
func (in *Ingest) Stream(ctx context.Context, s store.Store, r *stix.Reader, src Source, told Listener) (Counts, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	room := semaphore.NewWeighted(queuedBytes)
	queue := make(chan arrived, batchItems)
	ended := make(chan error, 1)
	go func() { ended <- read(ctx, r, in.Validator(), src, room, queue) }()

	var counts Counts
	for {
		batch, open := nextBatch(queue)
		taken, err := in.commit(ctx, s, batch, told, &counts)
		room.Release(taken)
		if err != nil {
			cancel()
			for range queue { // let the reader end
			}
			<-ended
			return counts, err
		}
		if !open {
			return counts, <-ended
		}
	}
}

// read prepares objects until the input ends; the queue is closed then.
func read(ctx context.Context, r *stix.Reader, v *stix.Validator, src Source, room *semaphore.Weighted, queue chan<- arrived) error {
	defer close(queue)
	for {
		o, err := r.Next()
		var bad *stix.ObjectError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.As(err, &bad):
			return err
		}
		step := arrived{err: err, weight: int64(len(o.Raw))}
		if err == nil {
			step.arrival, step.err = Prepare(o, v)
			step.arrival.TLP, step.arrival.Precedence = src.TLP, src.Precedence
		}
		if err := room.Acquire(ctx, step.weight); err != nil {
			return err
		}
		select {
		case queue <- step:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// nextBatch waits for one step and takes what comes close behind it; open is false once no more will come.
func nextBatch(queue <-chan arrived) (batch []arrived, open bool) {
	first, open := <-queue
	if !open {
		return nil, false
	}
	batch = append(batch, first)
	weight := first.weight
	late := time.NewTimer(gather)
	defer late.Stop()
	for len(batch) < batchItems && weight < batchBytes {
		select {
		case step, open := <-queue:
			if !open {
				return batch, false
			}
			batch = append(batch, step)
			weight += step.weight
		case <-late.C:
			return batch, true
		}
	}
	return batch, true
}

// commit takes a batch in one transaction and returns its weight.
func (in *Ingest) commit(ctx context.Context, s store.Store, batch []arrived, told Listener, counts *Counts) (weight int64, err error) {
	var arrivals []Arrival
	for _, step := range batch {
		weight += step.weight
		if step.err != nil {
			counts.Rejected++
			told.Rejected(step.err)
			continue
		}
		arrivals = append(arrivals, step.arrival)
	}
	if len(arrivals) == 0 {
		return weight, nil
	}
	var results []Result
	err = s.Update(ctx, func(tx store.Tx) (err error) {
		results, err = in.Take(tx, time.Now(), arrivals)
		return err
	})
	if err != nil {
		return weight, fmt.Errorf("from %s on: %w", arrivals[0].Object.ID, err)
	}
	for i, r := range results {
		a := &arrivals[i]
		switch r {
		case Refused:
			told.Rejected(fault.New(fault.Invalid, "%s: no more versions of it are kept: at most %d, and %d that break what STIX demands", a.Object.ID, maxVersions, maxBroken))
		case Rejected:
			told.Rejected(&BrokenError{a.Object.ID, a.Findings})
		case Quarantined:
			told.Quarantined(&a.Object, a.Findings)
		}
		if counts.add(r); r.stored() && len(a.Findings) > 0 {
			counts.Findings++
		}
	}
	return weight, nil
}

// Run settles what was held as time passes, until ctx ends. What the store refuses is tried again at the next turn.
func (in *Ingest) Run(ctx context.Context, s store.Store, log *slog.Logger) error {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := in.settleHeld(ctx, s, time.Now()); err != nil && ctx.Err() == nil {
			log.Error("ingest: what was held is not settled; it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// settleHeld works off what is due, page by page; mostly it finds nothing and writes nothing.
func (in *Ingest) settleHeld(ctx context.Context, s store.Store, now time.Time) error {
	for {
		var due []string
		err := s.View(ctx, func(tx store.Tx) (err error) {
			due, err = tx.Objects().HeldUntil(now.Add(Ahead).UnixNano(), 1)
			return err
		})
		if err != nil || len(due) == 0 {
			return err
		}
		err = s.Update(ctx, func(tx store.Tx) error {
			_, err := in.SettleHeld(tx, now)
			return err
		})
		if err != nil {
			return err
		}
	}
}
