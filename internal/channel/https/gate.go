package https

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/frame"
	"github.com/wagasa/wagasa/internal/store"
)

// The bounds of what is read at once: each body is up to 17 MiB, and may never be finished.
const (
	bodies           = 8
	bodiesOfAPartner = 2
	idle             = 5 * time.Second // a body that brings nothing for so long is given up
)

// gate reads few bodies at a time. A partner that begins one more than its share ends the oldest of its own: after a link broke, what it left
// half-sent may not keep it out.
type gate struct {
	mu    sync.Mutex
	all   int
	byPin map[store.Hash][]*body // oldest first
}

// body is one that is being read.
type body struct{ abort func() }

func newGate() *gate { return &gate{byPin: map[store.Hash][]*body{}} }

var errBusy = errors.New("too many frames at once")

// read reads a frame. A frame that is too large is *http.MaxBytesError.
func (g *gate) read(w http.ResponseWriter, r *http.Request, pin store.Hash) ([]byte, error) {
	control := http.NewResponseController(w)
	b := &body{abort: func() { _ = control.SetReadDeadline(time.Unix(1, 0)) }}
	if !g.enter(pin, b) {
		return nil, errBusy
	}
	defer g.leave(pin, b)
	source := &patient{http.MaxBytesReader(w, r.Body, frame.MaxSize), func() bool { return g.extend(pin, b, control) }}
	return io.ReadAll(source)
}

// patient extends the deadline with every piece that comes.
type patient struct {
	from   io.Reader
	extend func() bool
}

func (p *patient) Read(b []byte) (int, error) {
	if !p.extend() {
		return 0, errBusy
	}
	return p.from.Read(b)
}

func (g *gate) enter(pin store.Hash, b *body) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if own := g.byPin[pin]; len(own) >= bodiesOfAPartner {
		own[0].abort()
		g.remove(pin, own[0])
	}
	if g.all >= bodies {
		return false
	}
	g.all++
	g.byPin[pin] = append(g.byPin[pin], b)
	return true
}

// extend gives a body more time; false once it was aborted.
func (g *gate) extend(pin store.Hash, b *body, control *http.ResponseController) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !slices.Contains(g.byPin[pin], b) {
		return false
	}
	_ = control.SetReadDeadline(time.Now().Add(idle))
	return true
}

func (g *gate) leave(pin store.Hash, b *body) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.remove(pin, b)
}

// remove forgets a body, once.
func (g *gate) remove(pin store.Hash, b *body) {
	own := g.byPin[pin]
	i := slices.Index(own, b)
	if i < 0 {
		return
	}
	g.all--
	if own = slices.Delete(own, i, i+1); len(own) == 0 {
		delete(g.byPin, pin)
		return
	}
	g.byPin[pin] = own
}
