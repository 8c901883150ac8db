package page

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// Live tells browsers that something was committed (server-sent events), so that they ask again for what they show. One goroutine looks; all
// streams wait for it.
type Live struct {
	store   store.Store
	mu      sync.Mutex
	changed chan struct{} // closed at the next change, and replaced
	streams chan struct{} // as many as may be open
}

// The pace: changes within one pause are one event.
const (
	pause       = 250 * time.Millisecond
	heartbeat   = 15 * time.Second
	mostStreams = 1000
)

// NewLive returns a Live of a store.
func NewLive(s store.Store) *Live {
	return &Live{store: s, changed: make(chan struct{}), streams: make(chan struct{}, mostStreams)}
}

// Run looks for changes until ctx ends.
func (l *Live) Run(ctx context.Context) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var last int64
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		version, err := l.store.Version(ctx)
		if err != nil || version == last {
			continue // what reads the store says what is wrong with it
		}
		last = version
		l.mu.Lock()
		close(l.changed)
		l.changed = make(chan struct{})
		l.mu.Unlock()
	}
}

func (l *Live) next() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// Stream is the handler of the events. It ends when the reader goes, and when the session does.
func (l *Live) Stream(r *Request) error {
	select {
	case l.streams <- struct{}{}:
		defer func() { <-l.streams }()
	default:
		return fault.New(fault.Unavailable, "%d live pages are open", mostStreams)
	}
	control := http.NewResponseController(r.ResponseWriter)
	_ = control.SetWriteDeadline(time.Time{})
	h := r.ResponseWriter.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for event := "event: open\ndata: \n\n"; ; {
		changed := l.next() // before it is told what was: no change falls between
		if _, err := fmt.Fprint(r.ResponseWriter, event); err != nil || control.Flush() != nil {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-changed:
			event = "event: changed\ndata: \n\n"
		case <-beat.C:
			if _, err := r.Site.Accounts.Session(r.Context(), r.Secret()); err != nil {
				return nil
			}
			event = ": still here\n\n"
		}
	}
}
