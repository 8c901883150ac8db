package demo

import (
	"io"
	"net"
	"sync"
	"time"
)

// relay passes TCP connections on to one target until it is cut: then it ends those that are open and every new one at once. It stands
// where the network would, so a node cannot tell the difference. Its methods may be called by many goroutines.
type relay struct {
	listener net.Listener
	target   string
	work     sync.WaitGroup // the listening goroutine and one a connection

	mu     sync.Mutex
	open   map[net.Conn]bool
	down   bool
	turned int // connections turned away while down
}

// relayed bounds the connections that are open at a time.
const relayed = 64

// newRelay listens on a free port of the loopback. Close it.
func newRelay(target string) (*relay, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{listener: l, target: target, open: map[net.Conn]bool{}}
	r.work.Go(r.accept)
	return r, nil
}

func (r *relay) url() string { return "https://" + r.listener.Addr().String() }

func (r *relay) accept() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		if !r.admit(c) {
			c.Close()
			continue
		}
		r.work.Go(func() { r.pass(c) })
	}
}

// admit notes a connection, unless the link is down or full.
func (r *relay) admit(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		r.turned++
		return false
	}
	if len(r.open) >= relayed {
		return false
	}
	r.open[c] = true
	return true
}

// pass carries a connection both ways; it ends when either side does, or the link is cut.
func (r *relay) pass(near net.Conn) {
	defer r.drop(near)
	far, err := net.DialTimeout("tcp", r.target, 5*time.Second)
	if err != nil {
		return
	}
	defer far.Close()
	var back sync.WaitGroup
	back.Go(func() {
		io.Copy(near, far) // an error is an end
		near.Close()
	})
	io.Copy(far, near)
	far.Close()
	back.Wait()
}

func (r *relay) drop(c net.Conn) {
	c.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, c)
}

// cut ends every connection and takes no more.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = true
	for c := range r.open {
		c.Close()
	}
}

// mend takes connections again and returns how many were turned away meanwhile.
func (r *relay) mend() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.turned
	r.down, r.turned = false, 0
	return n
}

// close cuts the link for good and waits for its goroutines.
func (r *relay) close() {
	r.listener.Close()
	r.cut()
	r.work.Wait()
}
