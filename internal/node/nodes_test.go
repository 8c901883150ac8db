package node_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wagasa/wagasa/internal/channel/https"
	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/frame"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// newNode makes a node of its own folder. When the test ends, nothing of it may still run.
func newNode(t *testing.T, nation string) *node.Node {
	t.Helper()
	n, err := node.Init(t.Context(), t.TempDir()+"/"+nation, partner.Params{Name: nation + " Node", Nation: nation, Now: time.Now()}, stix.TLPAmber)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// noLeaks checks, after every other cleanup of the test, that no goroutine is left.
func noLeaks(t *testing.T) {
	ignore := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		if err := goleak.Find(ignore); err != nil {
			t.Error(err)
		}
	})
}

func update(t *testing.T, n *node.Node, f func(store.Tx) error) {
	t.Helper()
	if err := n.Store.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// knows gives a node another's card.
func knows(t *testing.T, n, other *node.Node) {
	t.Helper()
	update(t, n, func(tx store.Tx) error {
		_, err := partner.Add(tx, n.Identity.Card, other.Identity.Card.Text(), time.Now())
		return err
	})
}

// trusts confirms it, and takes for granted that the other has confirmed too.
func trusts(t *testing.T, n, other *node.Node) {
	t.Helper()
	knows(t, n, other)
	card := other.Identity.Card
	if err := n.Confirm(t.Context(), card.Party, card.Digest()); err != nil {
		t.Fatal(err)
	}
	update(t, n, func(tx store.Tx) error { return partner.Heard(tx, card.Party, time.Now()) })
}

// serving is a node that serves.
type serving struct {
	*node.Node
	address string
	stop    func()
	log     *lines
}

type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func serve(t *testing.T, n *node.Node) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{Node: n, log: new(lines)}
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- n.Serve(ctx, node.Addresses{Envelopes: "127.0.0.1:0"}, slog.New(slog.NewTextHandler(s.log, nil)), func(at node.Serving) { ready <- at.Envelopes.String() })
	}()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve ended with %v", err)
		}
	})
	t.Cleanup(s.stop)
	select {
	case s.address = <-ready:
	case err := <-ended:
		ended <- err
		t.Fatal(err)
	}
	return s
}

// reaches tells a node where another serves.
func reaches(t *testing.T, n *node.Node, to *serving) {
	t.Helper()
	url := "https://" + to.address
	update(t, n, func(tx store.Tx) error {
		_, err := partner.Set(tx, to.Identity.Card.Party, partner.Settings{URL: &url}, time.Now())
		return err
	})
}

// tool is an object of our own that everybody may have.
func tool(i int) string {
	return fmt.Sprintf(`{"type":"tool","spec_version":"2.1","id":"tool--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"tool %d"}`, i, i)
}

func take(t *testing.T, n *node.Node, objects ...string) {
	t.Helper()
	var text string
	for _, o := range objects {
		text += o + "\n"
	}
	counts, err := n.Ingest.Stream(t.Context(), n.Store, stix.NewReader(bytes.NewReader([]byte(text))), ingest.Source{TLP: stix.TLPClear}, ingest.Listener{
		Rejected:    func(err error) { t.Error(err) },
		Quarantined: func(o *stix.Object, found []stix.Finding) { t.Errorf("%s is quarantined: %+v", o.ID, found) },
	})
	if err != nil || counts.Taken() != len(objects) {
		t.Fatal(counts, err)
	}
}

// released is what release lets go of these to a partner.
func released(t *testing.T, n, to *node.Node, ids ...string) (items []release.Item) {
	t.Helper()
	err := n.Store.View(t.Context(), func(tx store.Tx) error {
		p, err := partner.Get(tx, to.Identity.Card.Party)
		if err != nil {
			return err
		}
		desk, err := release.NewDesk(tx, release.To(p))
		if err != nil {
			return err
		}
		items, _, err = desk.Items(ids)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// numbered seals these under a number, as the node's own exchange would.
func numbered(t *testing.T, n, to *node.Node, number uint64, ids ...string) []byte {
	t.Helper()
	return seal(t, n, to, envelope.Header{Number: number, Incarnation: 7, Base: 1}, released(t, n, to, ids...))
}

// seal fills in what the header leaves open.
func seal(t *testing.T, n, to *node.Node, h envelope.Header, items []release.Item) []byte {
	t.Helper()
	if h.Sender == "" {
		h.Sender = n.Identity.Card.Party
	}
	if h.Recipient == "" {
		h.Recipient = to.Identity.Card.Party
	}
	h.Time = time.Now()
	sealed, err := envelope.Seal(n.Identity.Sign, to.Identity.Card.KEM, h, envelope.Control{}, items)
	if err != nil {
		t.Fatal(err)
	}
	return sealed.Bytes
}

// client is a caller that shows a certificate; it does not care whom it reaches.
func client(t *testing.T, certificates ...tls.Certificate) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: certificates}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// post posts a frame as a node does and returns the status of the answer; 0 is none.
func post(t *testing.T, c *http.Client, to *serving, f []byte) int {
	t.Helper()
	status, err := postBody(c, to, bytes.NewReader(f))
	if err != nil {
		t.Log(err)
	}
	return status
}

func postBody(c *http.Client, to *serving, body io.Reader) (int, error) {
	r, err := c.Post("https://"+to.address+https.Path, "application/vnd.wagasa.frame", body)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return r.StatusCode, errors.Join(err, r.Body.Close())
}

// state is what may not change when something is refused.
type state struct {
	objects, variants int
	heard             bool
	entries           int64 // in the ledger tree for the partner
}

func stateOf(t *testing.T, n, from *node.Node) (s state) {
	t.Helper()
	party := from.Identity.Card.Party
	err := n.Store.View(t.Context(), func(tx store.Tx) error {
		counts, err := tx.Objects().Counts()
		if err != nil {
			return err
		}
		s.objects, s.variants = counts.Objects, counts.Variants
		if p, err := partner.Get(tx, party); err == nil {
			s.heard = p.Heard
		}
		s.entries, err = ledger.Size(tx, ledger.PartnerTree(party))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// wrap is frame.Wrap, for short.
func wrap(sealed []byte) []byte { return frame.Wrap(sealed) }
