package frame

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/fault"
)

func TestWhatIsWrappedUnwrapsEqually(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sealed := rapid.SliceOf(rapid.Byte()).Draw(t, "envelope")
		f := Wrap(sealed)
		if len(f) != HeaderSize+len(sealed) {
			t.Fatalf("%d bytes for %d", len(f), len(sealed))
		}
		got, err := Unwrap(f)
		if err != nil || !bytes.Equal(got, sealed) {
			t.Fatalf("%x: %v", got, err)
		}
	})
	largest := make([]byte, envelope.MaxSize)
	if _, err := Unwrap(Wrap(largest)); err != nil {
		t.Error(err)
	}
}

func TestEachFlippedBitOfAFrameIsNoticed(t *testing.T) {
	f := Wrap([]byte("an envelope of 24 bytes."))
	for i := range f {
		for bit := range 8 {
			b := bytes.Clone(f)
			b[i] ^= 1 << bit
			if _, err := Unwrap(b); fault.Of(err) != fault.Invalid {
				t.Fatalf("byte %d, bit %d: %v", i, bit, err)
			}
		}
	}
}

func TestFramesThatAreNone(t *testing.T) {
	f := Wrap([]byte("an envelope"))
	at := func(i int, v byte) []byte {
		b := bytes.Clone(f)
		b[i] = v
		return b
	}
	for _, tt := range []struct {
		frame []byte
		says  string
	}{
		{nil, "no frame"},
		{f[:HeaderSize-1], "no frame"},
		{[]byte("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"), "no frame"},
		{at(3, 2), "version 2 is not known here: the sender runs a newer program"},
		{at(4, 1), "kind 1 is not known here"},
		{f[:len(f)-1], "cut short"},
		{append(bytes.Clone(f), 0), "cut short"},
		{at(len(f)-1, 'x'), "garbled"},
		{make([]byte, MaxSize+1), "more than"},
	} {
		_, err := Unwrap(tt.frame)
		if fault.Of(err) != fault.Invalid || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%.40q: %v; want …%s…", tt.frame, err, tt.says)
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	f.Add(Wrap(nil))
	f.Add(Wrap([]byte("an envelope")))
	f.Fuzz(func(t *testing.T, b []byte) {
		sealed, err := Unwrap(b)
		switch {
		case err != nil && fault.Of(err) != fault.Invalid:
			t.Fatal(err)
		case err == nil && !bytes.Equal(Wrap(sealed), b):
			t.Fatalf("%x unwraps to %x, which wraps otherwise", b, sealed)
		}
	})
}

// TestVector: the envelope's vectors hold a frame too.
func TestVector(t *testing.T) {
	var v struct {
		Frame    string
		Envelope struct{ Sealed string }
	}
	kept, err := os.ReadFile("../envelope/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(kept, &v); err != nil {
		t.Fatal(err)
	}
	sealed, err := hex.DecodeString(v.Envelope.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(Wrap(sealed)); got != v.Frame {
		t.Errorf("%s, want %s", got, v.Frame)
	}
}
