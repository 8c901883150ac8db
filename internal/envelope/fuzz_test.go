package envelope

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"golang.org/x/crypto/cryptobyte"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// checked fails if what was opened breaks a promise of Open.
func checked(t *testing.T, o *Opened, err error) {
	if err != nil {
		if k := fault.Of(err); o != nil || k != fault.Invalid && k != fault.Denied {
			t.Fatalf("%v: %v", k, err)
		}
		return
	}
	total := 0
	for _, c := range o.Items {
		if total += len(c.Raw); len(c.Raw) > MaxItem || len(c.ID) > maxString || c.TLP < stix.TLPClear || c.TLP > stix.TLPRed {
			t.Fatalf("out of bounds: %+v", c)
		}
	}
	if o.Sender != jpn || o.Recipient != usa || total > MaxPayload || len(o.Items) > MaxItems || (o.Number == 0) != (len(o.Items) == 0) {
		t.Fatalf("out of bounds: %+v", o.Header)
	}
}

// FuzzOpen is what comes from a channel.
func FuzzOpen(f *testing.F) {
	s := sealed(f, numbered(), Control{Ask: true}, indicators(f, 2)).Bytes
	f.Add(s)
	f.Add(s[:clearSize+encSize])
	f.Add(sealed(f, control(), Control{}, nil).Bytes)
	f.Add([]byte{version, suiteHPKE})
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := open(b)
		checked(t, o, err)
	})
}

// FuzzOpenInner is what anybody who has our card can seal: everything inside, unsigned or signed for something else.
// Run it with -fuzzminimizetime 1x: sealing takes new randomness each time, so that what is covered cannot be reproduced exactly.
func FuzzOpenInner(f *testing.F) {
	for _, s := range []Sealed{
		sealed(f, numbered(), Control{Ask: true}, indicators(f, 2)),
		sealed(f, control(), Control{Voids: []Void{{1, 2, 3}}, Recalls: []Recall{{"a", 1, 2, "b"}}}, nil),
	} {
		plain, err := decrypt(kem, s.Bytes)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, plain []byte) {
		o, err := open(closed(t, plain))
		checked(t, o, err)
	})
}

// FuzzOpenSigned is what a confirmed partner can sign: header, control, items and payload beyond the check of the signature.
func FuzzOpenSigned(f *testing.F) {
	said, _ := (&Control{Ask: true, Receipts: []Receipt{{1, []Stream{{High: 3, Ranges: []Range{{5, 6}}}}}}}).encode()
	f.Add(uint64(1), said, []byte{0, 0, 0, 0, 1, 0, 1, 0, 1, 'x', 0, 0, 0, 0, 0, 0, 0, 1}, squeezed(f, []byte("12345")))
	f.Add(uint64(0), said, []byte{0, 0, 0, 0, 0, 0, 0}, []byte{})
	f.Fuzz(func(t *testing.T, number uint64, said, items, payload []byte) {
		h := numbered()
		h.Number = number
		header := cryptobyte.NewBuilder(nil)
		addHeader(header, &h, said, sha256.Sum256(payload))
		salt := make([]byte, saltSize)
		plain := body{salt: salt, header: header.BytesOrPanic(), head: items}
		var o Opened
		var dictionary uint32
		var form uint8
		s := cryptobyte.String(items)
		if _, ok := readItems(&s, &o, &dictionary, &form); !ok {
			t.Skip()
		}
		proof := prove(salt, plain.header, o.Items)
		top, err := root(split(proof.Leaves))
		if err != nil {
			t.Fatal(err)
		}
		length := cryptobyte.NewBuilder(nil)
		length.AddUint32LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(payload) })
		plain.payload, plain.signature = length.BytesOrPanic(), ed25519.Sign(signing, signed(proof.Header, top))
		opened, err := open(closed(t, plain.bytes()))
		checked(t, opened, err)
	})
}

// FuzzControl: what decodes encodes to the same bytes.
func FuzzControl(f *testing.F) {
	said, _ := (&Control{Ask: true, Receipts: []Receipt{{1, []Stream{{High: 3, Ranges: []Range{{5, 6}}, Exceptions: []Exception{{1, "a", "b", "c"}}}}}}, Proof: []store.Hash{{1}}}).encode()
	f.Add(said)
	f.Fuzz(func(t *testing.T, b []byte) {
		var c Control
		if !c.decode(b) {
			return
		}
		again, err := c.encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%v\n%x\n%x", err, b, again)
		}
	})
}
