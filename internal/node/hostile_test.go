package node_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/channel/https"
	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/frame"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

// one is the id of tool(1).
const one = "tool--00000000-0000-4000-8000-000000000001"

// Two nodes; usa serves, jpn's part is played by hand with jpn's keys.
func scene(t *testing.T) (jpn *serving, usa *serving, c *http.Client) {
	noLeaks(t)
	j, u := newNode(t, "JPN"), newNode(t, "USA")
	trusts(t, j, u)
	trusts(t, u, j)
	take(t, j, tool(1), tool(2))
	return &serving{Node: j}, serve(t, u), client(t, j.Identity.TLS)
}

func TestEnvelopeWithABitFlipped(t *testing.T) {
	jpn, usa, c := scene(t)
	sealed := numbered(t, jpn.Node, usa.Node, 1, one)
	before := stateOf(t, usa.Node, jpn.Node)
	flip := func(b []byte, at int) []byte {
		b = slices.Clone(b)
		b[at] ^= 0x10
		return b
	}
	for _, at := range []int{0, 3, 4, 6, 15, frame.HeaderSize, frame.HeaderSize + 100} { // found before anything is opened
		if status := post(t, c, usa, flip(wrap(sealed), at)); status != http.StatusBadRequest {
			t.Errorf("byte %d of the frame: status %d", at, status)
		}
	}
	for i := range 40 { // in an envelope whose frame is as it should be: head, encapsulated key, content, tag
		at := i * (len(sealed) - 1) / 39
		status := post(t, c, usa, wrap(flip(sealed, at)))
		if status != http.StatusBadRequest && status != http.StatusForbidden {
			t.Errorf("byte %d of the envelope: status %d", at, status)
		}
	}
	for _, cut := range []int{0, 1, 40, 1200, len(sealed) - 1} {
		if status := post(t, c, usa, wrap(sealed[:cut])); status != http.StatusBadRequest {
			t.Errorf("cut to %d bytes: status %d", cut, status)
		}
		if status := post(t, c, usa, wrap(sealed)[:cut]); status != http.StatusBadRequest {
			t.Errorf("frame cut to %d bytes: status %d", cut, status)
		}
	}
	if after := stateOf(t, usa.Node, jpn.Node); after != before {
		t.Errorf("refused envelopes left something behind: %+v, before %+v", after, before)
	}
	if status := post(t, c, usa, wrap(sealed)); status != http.StatusNoContent {
		t.Errorf("the envelope itself: status %d\n%s", status, usa.log)
	}
	if after := stateOf(t, usa.Node, jpn.Node); after.objects != before.objects+1 || after.entries == before.entries {
		t.Errorf("it was not taken: %+v, before %+v", after, before)
	}
}

func TestEnvelopeReplayed(t *testing.T) {
	jpn, usa, c := scene(t)
	f := wrap(numbered(t, jpn.Node, usa.Node, 1, one))
	if status := post(t, c, usa, f); status != http.StatusNoContent {
		t.Fatalf("status %d\n%s", status, usa.log)
	}
	taken := stateOf(t, usa.Node, jpn.Node)
	for range 5 {
		if status := post(t, c, usa, f); status != http.StatusNoContent { // it is receipted again
			t.Errorf("status %d\n%s", status, usa.log)
		}
	}
	if after := stateOf(t, usa.Node, jpn.Node); after != taken {
		t.Errorf("a repetition changed something: %+v, before %+v", after, taken)
	}

	// Another content under the same number is noted, once, and not taken.
	if status := post(t, c, usa, wrap(numbered(t, jpn.Node, usa.Node, 1, "tool--00000000-0000-4000-8000-000000000002"))); status != http.StatusNoContent {
		t.Errorf("status %d\n%s", status, usa.log)
	}
	after := stateOf(t, usa.Node, jpn.Node)
	if after.objects != taken.objects || after.entries != taken.entries+1 {
		t.Errorf("another content under one number: %+v, before %+v", after, taken)
	}

	// A number far beyond what came is not believed.
	if status := post(t, c, usa, wrap(numbered(t, jpn.Node, usa.Node, 1<<40, one))); status != http.StatusBadRequest {
		t.Errorf("a number far beyond: status %d", status)
	}
}

func TestEnvelopeForAnother(t *testing.T) {
	jpn, usa, c := scene(t)
	est := newNode(t, "EST")
	trusts(t, jpn.Node, est)
	before := stateOf(t, usa.Node, jpn.Node)
	if status := post(t, c, usa, wrap(numbered(t, jpn.Node, est, 1, one))); status != http.StatusForbidden {
		t.Errorf("sealed for another: status %d", status)
	}
	// Sealed for usa what was signed for est: somebody passes on what he was told.
	if status := post(t, c, usa, wrap(seal(t, jpn.Node, usa.Node, envelope.Header{Recipient: est.Identity.Card.Party}, nil))); status != http.StatusBadRequest {
		t.Errorf("signed for another: status %d", status)
	}
	if after := stateOf(t, usa.Node, jpn.Node); after != before {
		t.Errorf("it left something behind: %+v, before %+v", after, before)
	}
}

func TestEnvelopeFromWhoIsNotConfirmed(t *testing.T) {
	_, usa, c := scene(t)
	est, lva := newNode(t, "EST"), newNode(t, "LVA")
	trusts(t, est, usa.Node)
	trusts(t, lva, usa.Node)
	take(t, est, tool(3))
	knows(t, usa.Node, est)
	before := stateOf(t, usa.Node, est)
	for _, f := range [][]byte{
		wrap(numbered(t, est, usa.Node, 1, "tool--00000000-0000-4000-8000-000000000003")),
		wrap(seal(t, est, usa.Node, envelope.Header{}, nil)),
	} {
		if status := post(t, client(t, est.Identity.TLS), usa, f); status != http.StatusForbidden {
			t.Errorf("from a partner that is not confirmed: status %d", status)
		}
	}
	if after := stateOf(t, usa.Node, est); after != before || after.heard {
		t.Errorf("it left something behind: %+v, before %+v", after, before)
	}
	if !strings.Contains(usa.log.String(), "its sender is not confirmed here") || !strings.Contains(usa.log.String(), "EST Node") {
		t.Errorf("the log does not say why:\n%s", usa.log)
	}

	// Brought by a partner, from somebody who is none.
	if status := post(t, c, usa, wrap(seal(t, lva, usa.Node, envelope.Header{}, nil))); status != http.StatusForbidden {
		t.Errorf("from no partner: status %d", status)
	}
	if !strings.Contains(usa.log.String(), "is no partner of this node") {
		t.Errorf("the log does not say why:\n%s", usa.log)
	}
}

func TestEnvelopeUnderAFalseName(t *testing.T) {
	jpn, usa, c := scene(t)
	est := newNode(t, "EST")
	trusts(t, usa.Node, est)
	before := stateOf(t, usa.Node, est)
	if status := post(t, c, usa, wrap(seal(t, jpn.Node, usa.Node, envelope.Header{Sender: est.Identity.Card.Party}, nil))); status != http.StatusBadRequest {
		t.Errorf("under a false name: status %d", status)
	}
	if after := stateOf(t, usa.Node, est); after != before {
		t.Errorf("it left something behind: %+v, before %+v", after, before)
	}
	// Who brings it does not matter: a channel is not trusted, and needs not be.
	if status := post(t, client(t, est.Identity.TLS), usa, wrap(numbered(t, jpn.Node, usa.Node, 1, one))); status != http.StatusNoContent {
		t.Errorf("brought by another partner: status %d\n%s", status, usa.log)
	}
}

// Strangers do not get through the handshake: the parser never sees a byte of theirs.
func TestStrangers(t *testing.T) {
	jpn, usa, _ := scene(t)
	est := newNode(t, "EST")
	trusts(t, est, usa.Node)
	f := wrap(seal(t, est, usa.Node, envelope.Header{}, nil))
	for name, shown := range map[string][]tls.Certificate{"an unknown key": {est.Identity.TLS}, "no key": nil} {
		conn, err := tls.Dial("tcp", usa.address, &tls.Config{InsecureSkipVerify: true, Certificates: shown})
		if err == nil { // in TLS 1.3 the client is ready before it is judged
			_, err = conn.Read(make([]byte, 1))
			conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "remote error: tls: ") {
			t.Errorf("%s: %v", name, err)
		}
		if status, err := postBody(client(t, shown...), usa, bytes.NewReader(f)); err == nil || status != 0 {
			t.Errorf("%s: status %d, %v", name, status, err)
		}
	}
	old := &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{jpn.Identity.TLS}, MaxVersion: tls.VersionTLS12}
	if conn, err := tls.Dial("tcp", usa.address, old); err == nil {
		conn.Close()
		t.Error("TLS 1.2 is spoken")
	}
	if r, err := http.Get("http://" + usa.address + https.Path); err == nil {
		r.Body.Close()
		if r.StatusCode < 400 {
			t.Errorf("without TLS: status %d", r.StatusCode)
		}
	}

	// One that is a partner from now on gets in, without a restart.
	trusts(t, usa.Node, est)
	if status := post(t, client(t, est.Identity.TLS), usa, f); status != http.StatusNoContent {
		t.Errorf("after it was confirmed: status %d\n%s", status, usa.log)
	}
}

// A node does not talk to somebody who has its partner's address and not its key.
func TestSomebodyElseAtTheAddress(t *testing.T) {
	noLeaks(t)
	jpn, usa, est := newNode(t, "JPN"), newNode(t, "USA"), newNode(t, "EST")
	trusts(t, jpn, usa)
	trusts(t, est, jpn)
	impostor := serve(t, est)
	url := "https://" + impostor.address
	update(t, jpn, func(tx store.Tx) error {
		_, err := partner.Set(tx, usa.Identity.Card.Party, partner.Settings{URL: &url}, time.Now())
		return err
	})
	s := serve(t, jpn)
	eventually(t, "the log names it", func() bool {
		return strings.Contains(s.log.String(), "the other side does not show the key of the partner's card")
	})
	if log := impostor.log.String(); strings.Contains(log, "envelope") {
		t.Errorf("it got an envelope:\n%s", log)
	}
}

func TestWhatIsNoFrame(t *testing.T) {
	jpn, usa, c := scene(t)
	at := "https://" + usa.address
	for _, request := range []struct {
		method, path, media string
		want                int
	}{
		{"GET", https.Path, "", http.StatusMethodNotAllowed},
		{"POST", "/", "application/vnd.wagasa.frame", http.StatusNotFound},
		{"POST", "/../etc/passwd", "application/vnd.wagasa.frame", http.StatusNotFound},
		{"POST", https.Path, "application/json", http.StatusUnsupportedMediaType},
		{"POST", https.Path, "application/vnd.wagasa.frame", http.StatusBadRequest},
	} {
		r, err := http.NewRequestWithContext(t.Context(), request.method, at+request.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", request.media)
		answer, err := c.Do(r)
		if err != nil {
			t.Error(request, err)
			continue
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != request.want {
			t.Errorf("%v: status %d %s", request, answer.StatusCode, text)
		}
	}

	// A body without end is given up at the bound of a frame.
	endless := io.LimitReader(zeros{}, 1<<30)
	if status, err := postBody(c, usa, endless); err == nil && status != http.StatusRequestEntityTooLarge {
		t.Errorf("1 GiB: status %d", status)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", at+https.Path, io.LimitReader(zeros{}, frame.MaxSize+1))
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = frame.MaxSize + 1
	r.Header.Set("Content-Type", "application/vnd.wagasa.frame")
	if answer, err := c.Do(r); err == nil {
		answer.Body.Close()
		if answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("one byte too many: status %d", answer.StatusCode)
		}
	}
	if status := post(t, client(t, jpn.Identity.TLS), usa, wrap(numbered(t, jpn.Node, usa.Node, 1, one))); status != http.StatusNoContent {
		t.Errorf("the node does not go on: status %d\n%s", status, usa.log)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// Partners that send their frames slowly, or stop in the middle, hold up nobody else, and not the end.
func TestSlowClients(t *testing.T) {
	jpn, usa, c := scene(t)
	f := wrap(numbered(t, jpn.Node, usa.Node, 1, one))
	for i := range 40 {
		conn, err := tls.Dial("tcp", usa.address, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{jpn.Identity.TLS}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x.example\r\nContent-Type: application/vnd.wagasa.frame\r\nContent-Length: %d\r\n", https.Path, len(f))
		if i%2 == 0 { // the head is there, the body stops half-way
			head += "\r\n" + string(f[:len(f)/2])
		}
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
	}
	if status := post(t, c, usa, f); status != http.StatusNoContent {
		t.Errorf("status %d\n%s", status, usa.log)
	}
	usa.stop()
}

// Many partners' envelopes at once: each is taken, or turned away to come again; nothing is lost or doubled.
func TestManyAtOnce(t *testing.T) {
	jpn, usa, c := scene(t)
	const number = 60
	ended := make(chan error, number)
	for i := range number {
		id := fmt.Sprintf("tool--00000000-0000-4000-8000-%012d", 100+i)
		take(t, jpn.Node, tool(100+i))
		f := wrap(numbered(t, jpn.Node, usa.Node, uint64(i+1), id))
		go func() {
			for range 400 {
				status, err := postBody(c, usa, bytes.NewReader(f))
				switch {
				case err != nil:
					ended <- err
					return
				case status == http.StatusNoContent:
					ended <- nil
					return
				case status != http.StatusServiceUnavailable:
					ended <- fmt.Errorf("status %d", status)
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			ended <- fmt.Errorf("turned away again and again")
		}()
	}
	for range number {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if s := stateOf(t, usa.Node, jpn.Node); s.objects != 1+number {
		t.Errorf("%+v", s)
	}
}

// Pairing over the wire: nothing but the confirmation of both opens the way, and a node that was off hears of it later.
func TestPairingOverTheWire(t *testing.T) {
	noLeaks(t)
	jpn, usa := newNode(t, "JPN"), newNode(t, "USA")
	take(t, jpn, tool(1))
	knows(t, jpn, usa)
	knows(t, usa, jpn)
	j, u := serve(t, jpn), serve(t, usa)
	reaches(t, jpn, u)
	reaches(t, usa, j)
	confirm := func(n, other *node.Node) {
		t.Helper()
		if err := n.Confirm(t.Context(), other.Identity.Card.Party, other.Identity.Card.Digest()); err != nil {
			t.Fatal(err)
		}
	}
	confirm(jpn, usa)
	time.Sleep(300 * time.Millisecond)
	if s := stateOf(t, usa, jpn); s.objects != 1 || s.heard || s.entries != 0 {
		t.Errorf("one side confirmed: %+v", s)
	}
	u.stop()
	confirm(usa, jpn)
	u = serve(t, usa)
	reaches(t, jpn, u)
	eventually(t, "everything arrives at USA", func() bool { return stateOf(t, usa, jpn).objects == 3 })
	eventually(t, "and at JPN", func() bool { return stateOf(t, jpn, usa).objects == 3 })
	for _, n := range []*node.Node{jpn, usa} {
		err := n.Store.View(t.Context(), func(tx store.Tx) error {
			report, err := ledger.Verify(tx, n.Identity.Card.Sign, nil)
			if err == nil && !report.OK() {
				err = fmt.Errorf("%+v", report)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
