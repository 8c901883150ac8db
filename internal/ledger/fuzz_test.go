package ledger

import (
	"bytes"
	"testing"

	"github.com/wagasa/wagasa/internal/store/memory"
	"golang.org/x/mod/sumdb/note"
)

func FuzzOpenCheckpoint(f *testing.F) {
	s := memory.New()
	tree := PartnerTree(them)
	grow(f, s, tree, 5, seeded(1))
	good := checkpoint(f, s, tree, ourKey, us, start)
	f.Add(good)
	f.Add(good[:bytes.Index(good, []byte("\n\n"))+1])
	f.Add([]byte(Origin(us, tree) + "\n9223372036854775807\n\n"))
	signer, err := newSigner(Origin(us, tree), ourKey)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		open := func(c []byte) {
			head, err := Open(c, public(ourKey), us, tree)
			if err != nil {
				return
			}
			if head.Size < 0 || head.Size > maxSize || head.Origin != Origin(us, tree) {
				t.Fatalf("%+v", head)
			}
			again, err := sign(head, ourKey)
			if err != nil {
				t.Fatal(err)
			}
			same, err := Open(again, public(ourKey), us, tree)
			if err != nil || same != head {
				t.Fatalf("%+v is not %+v: %v", same, head, err)
			}
		}
		open(data)
		// The same as text that the partner did sign: the parser, not only the signature, must stand.
		if c, err := note.Sign(&note.Note{Text: string(data) + "\n"}, signer); err == nil {
			open(c)
		}
	})
}

func FuzzDetail(f *testing.F) {
	leaf, err := seal(entry(1), seeded(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(leaf.Detail)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, detail []byte) {
		o, err := parseDetail(detail)
		if err != nil {
			return
		}
		again, err := o.detail()
		if err != nil || !bytes.Equal(detail, again) {
			t.Fatalf("%x is written as %x: %v", detail, again, err)
		}
		if _, err := o.data(); err != nil {
			t.Fatal(err)
		}
	})
}
