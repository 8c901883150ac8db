package demo

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// echo answers every connection with what it says, until the test ends.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

// call opens a connection through the relay and says a word; ok is whether the word came back.
func call(t *testing.T, r *relay) (c net.Conn, ok bool) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url(), "https://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, answers(c)
}

func answers(c net.Conn) bool {
	c.SetDeadline(time.Now().Add(5 * time.Second))
	io.WriteString(c, "wagasa")
	b := make([]byte, 6)
	_, err := io.ReadFull(c, b)
	return err == nil && string(b) == "wagasa"
}

func TestRelay(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) }) // first in, last out
	r, err := newRelay(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	open, ok := call(t, r)
	if !ok {
		t.Fatal("nothing passes before the link is cut")
	}
	r.cut()
	if answers(open) {
		t.Error("an open connection survived the cut")
	}
	for range 3 {
		if _, ok := call(t, r); ok {
			t.Error("a new connection passed while the link was cut")
		}
	}
	if n := r.mend(); n != 3 {
		t.Errorf("%d connections were turned away, want 3", n)
	}
	if _, ok := call(t, r); !ok {
		t.Error("nothing passes after the link was mended")
	}
	if n := r.mend(); n != 0 {
		t.Errorf("%d connections were turned away since, want 0", n)
	}
}

func TestRelayWithoutTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	r, err := newRelay(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	if _, ok := call(t, r); ok {
		t.Error("somebody answered where nobody listens")
	}
}
