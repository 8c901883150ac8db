package envelope

import (
	"context"
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
)

// The two nodes of the tests, with keys from fixed seeds.
const (
	jpn = store.Party("identity--00000001-0000-4000-8000-000000000001")
	usa = store.Party("identity--00000002-0000-4000-8000-000000000002")
)

var (
	signing = ed25519.NewKeyFromSeed([]byte("wagasa test: signing key of JPN.")) // 32 bytes
	kem     = kemKey("wagasa test: sealing key of USA.")
	noon    = time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC)
)

func kemKey(seed string) hpke.PrivateKey {
	key, err := hpke.MLKEM768P256().DeriveKeyPair([]byte(seed))
	if err != nil {
		panic(err)
	}
	return key
}

// confirmed knows JPN alone.
func confirmed(p store.Party) (ed25519.PublicKey, error) {
	if p != jpn {
		return nil, fault.New(fault.Denied, "%s is no partner", p)
	}
	return signing.Public().(ed25519.PublicKey), nil
}

func indicator(n int, text string) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--%08x-0000-4000-8000-%012x",`+
		`"created":"2026-04-01T00:00:00.000Z","modified":"2026-04-01T00:00:00.000Z","name":"%s",`+
		`"pattern":"[ipv4-addr:value = '192.0.2.%d']","pattern_type":"stix","valid_from":"2026-04-01T00:00:00Z"}`, n, n, text, n%250+1)
}

// released lets release make items of objects for USA.
func released(t testing.TB, to release.Receiver, objects ...string) (items []release.Item) {
	t.Helper()
	in := ingest.Ingest{Self: jpn}
	err := memory.New().Update(context.Background(), func(tx store.Tx) error {
		var ids []string
		var arrivals []ingest.Arrival
		for _, raw := range objects {
			o, err := stix.Parse([]byte(raw))
			if err != nil {
				return err
			}
			a, err := ingest.Prepare(o, nil)
			if err != nil {
				return err
			}
			a.TLP = stix.TLPGreen
			arrivals, ids = append(arrivals, a), append(ids, o.ID)
		}
		if _, err := in.Take(tx, noon, arrivals); err != nil {
			return err
		}
		d, err := release.NewDesk(tx, to)
		if err == nil {
			items, _, err = d.Items(ids)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func forUSA() release.Receiver {
	return release.Receiver{Party: usa, Name: "Harbour Desk", Nation: "USA", Ceiling: stix.TLPAmber, Paired: true}
}

func indicators(t testing.TB, n int) []release.Item {
	objects := make([]string, n)
	for i := range objects {
		objects[i] = indicator(i+1, "beacon of the lantern group, seen at a power company")
	}
	return released(t, forUSA(), objects...)
}

// numbered is the header of an envelope with items.
func numbered() Header {
	return Header{Sender: jpn, Recipient: usa, Time: noon, Incarnation: 0x0102030405060708, Precedence: store.Priority, Number: 7, Base: 3}
}

// control is that of one without.
func control() Header {
	h := numbered()
	h.Number = 0
	return h
}

func sealed(t testing.TB, h Header, c Control, items []release.Item) Sealed {
	t.Helper()
	s, err := Seal(signing, kem.PublicKey(), h, c, items)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(b []byte) (*Opened, error) { return Open(kem, usa, confirmed, b) }

// refused checks that bytes are not opened, with the right kind of error, and that the error says what it should.
func refused(t testing.TB, b []byte, kind fault.Kind, says string) {
	t.Helper()
	o, err := open(b)
	if err == nil {
		t.Fatalf("opened: %+v", o)
	}
	if o != nil && fault.Of(err) != kind || fault.Of(err) != kind || !strings.Contains(err.Error(), says) {
		t.Fatalf("%v: %v; want %v: …%s…", fault.Of(err), err, kind, says)
	}
}

// body is a plaintext, part by part, so that a test can spoil one.
type body struct {
	salt, header, head, items, payload, signature []byte
}

func (b body) bytes() []byte {
	var all []byte
	for _, part := range [][]byte{b.salt, b.header, b.head, b.items, b.payload, b.signature} {
		all = append(all, part...)
	}
	return all
}

// closed seals a plaintext properly, whatever it says.
func closed(t testing.TB, plain []byte) []byte {
	t.Helper()
	b, err := encrypt(kem.PublicKey(), plain)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
