package https

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/frame"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func certificate(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// bench is a server that keeps what it receives and answers as answer says.
type bench struct {
	t        *testing.T
	to       exchange.Address
	client   tls.Certificate // of a confirmed partner
	added    tls.Certificate // of one that is not
	answer   error
	mu       sync.Mutex
	received [][]byte
}

func newBench(t *testing.T) *bench {
	server := certificate(t)
	b := &bench{t: t, client: certificate(t), added: certificate(t)}
	s := NewServer(Config{
		Certificate: server,
		Known: func(_ context.Context, pin store.Hash) bool {
			return pin == partner.SPKI(b.client.Leaf) || pin == partner.SPKI(b.added.Leaf)
		},
		Admit: func(_ context.Context, pin store.Hash) error {
			if pin != partner.SPKI(b.client.Leaf) {
				return fault.New(fault.Denied, "not confirmed")
			}
			return nil
		},
		Receive: func(_ context.Context, f []byte) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.received = append(b.received, f)
			return b.answer
		},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	b.to = exchange.Address{Name: "Example", URL: "https://" + l.Addr().String(), TLS: partner.SPKI(server.Leaf)}
	return b
}

func (b *bench) send(from tls.Certificate, to exchange.Address, f []byte) error {
	c := NewClient(from)
	defer c.Close()
	return c.Send(b.t.Context(), to, f)
}

func TestAFrameArrivesAsItIs(t *testing.T) {
	b := newBench(t)
	for _, f := range [][]byte{[]byte("one"), bytes.Repeat([]byte("two"), 1<<20)} {
		if err := b.send(b.client, b.to, f); err != nil {
			t.Fatal(err)
		}
		if last := b.received[len(b.received)-1]; !bytes.Equal(last, f) {
			t.Errorf("%d bytes came, %d were sent", len(last), len(f))
		}
	}
}

func TestBothSidesArePinned(t *testing.T) {
	b := newBench(t)
	if err := b.send(certificate(t), b.to, []byte("x")); err == nil {
		t.Error("a stranger was let in")
	}
	impostor := b.to
	impostor.TLS = store.Hash{1}
	if err := b.send(b.client, impostor, []byte("x")); err == nil || !strings.Contains(err.Error(), "key of the partner's card") {
		t.Errorf("sent to another key than the card's: %v", err)
	}
	if len(b.received) > 0 {
		t.Error("something arrived all the same")
	}
}

// TestBodiesAreBounded: a partner that never finishes what it sends holds little, and leaves room for others; one that is not confirmed
// holds nothing.
func TestBodiesAreBounded(t *testing.T) {
	b := newBench(t)
	if err := b.send(b.added, b.to, []byte("x")); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("a partner that is not confirmed: %v", err)
	}
	g := newGate()
	aborted := 0
	begin := func(pin byte) *body {
		b := &body{abort: func() { aborted++ }}
		if !g.enter(store.Hash{pin}, b) {
			return nil
		}
		return b
	}
	for i := range byte(bodies) {
		if begin(i/bodiesOfAPartner) == nil {
			t.Fatalf("body %d is turned away", i)
		}
	}
	if begin(99) != nil {
		t.Error("more bodies than all may have")
	}
	if last := begin(0); last == nil || aborted != 1 {
		t.Errorf("one more of a partner: %v, %d aborted; want it in place of its oldest", last, aborted)
	} else {
		g.leave(store.Hash{0}, last)
		g.leave(store.Hash{0}, last)
	}
	if begin(99) == nil || g.all != bodies {
		t.Error("what is left is not given back, or twice")
	}
}

func TestAnswersTellTheKindAndNoMore(t *testing.T) {
	for kind, status := range map[fault.Kind]string{
		fault.Invalid: "400", fault.Denied: "403", fault.NotFound: "404", fault.Conflict: "409", fault.Unavailable: "503", fault.Internal: "500",
	} {
		b := newBench(t)
		b.answer = fault.New(kind, "secret detail")
		err := b.send(b.client, b.to, []byte("x"))
		if err == nil || !strings.Contains(err.Error(), status) || !strings.Contains(err.Error(), kind.String()) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v", kind, err)
		}
	}
}

func TestOnlyFramesAreTaken(t *testing.T) {
	b := newBench(t)
	client := NewClient(b.client).client(link{b.to.URL, b.to.TLS})
	defer client.CloseIdleConnections()
	for _, tt := range []struct {
		method, path, media string
		body                int
		want                int
	}{
		{http.MethodPost, Path, "text/plain", 1, http.StatusUnsupportedMediaType},
		{http.MethodGet, Path, mediaType, 0, http.StatusMethodNotAllowed},
		{http.MethodPost, "/", mediaType, 1, http.StatusNotFound},
		{http.MethodPost, Path, mediaType, frame.MaxSize + 1, http.StatusRequestEntityTooLarge},
		{http.MethodPost, Path, mediaType, 1, http.StatusNoContent},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, b.to.URL+tt.path, bytes.NewReader(make([]byte, tt.body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", tt.media)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != tt.want {
			t.Errorf("%+v: %d", tt, response.StatusCode)
		}
	}
	if len(b.received) != 1 {
		t.Errorf("%d frames were taken", len(b.received))
	}
}
