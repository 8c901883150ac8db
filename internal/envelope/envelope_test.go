package envelope

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

func TestWhatIsSealedOpensEqually(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		h := Header{
			Sender: jpn, Recipient: usa, Time: time.UnixMilli(rapid.Int64Range(0, maxTime).Draw(r, "ms")), Exercise: rapid.Bool().Draw(r, "exercise"),
			Incarnation: rapid.Uint64().Draw(r, "incarnation"), Precedence: store.Precedence(rapid.IntRange(0, 3).Draw(r, "precedence")), Base: rapid.Uint64().Draw(r, "base"),
		}
		var objects []string
		for i := range rapid.IntRange(0, 5).Draw(r, "items") {
			objects = append(objects, indicator(i+1, strings.Repeat(rapid.StringMatching(`[a-z ]{0,20}`).Draw(r, "name"), rapid.IntRange(1, 50).Draw(r, "times"))))
		}
		if len(objects) > 0 {
			h.Number = rapid.Uint64Min(1).Draw(r, "number")
		}
		c := drawControl(r)
		items := released(t, forUSA(), objects...)
		s, err := Seal(signing, kem.PublicKey(), h, c, items)
		if err != nil {
			r.Fatal(err)
		}
		o, err := open(s.Bytes)
		if err != nil {
			r.Fatal(err)
		}
		if !reflect.DeepEqual(o.Header, h) || !reflect.DeepEqual(o.Control, c) || len(o.Items) != len(items) {
			r.Fatalf("sealed %+v %+v, opened %+v", h, c, o)
		}
		for i, item := range items {
			v := item.Variant()
			if want := (Content{v.ID, v.Modified, v.Digest, v.Serial, item.TLP(), v.Raw}); !reflect.DeepEqual(o.Items[i], want) {
				r.Fatalf("item %d: %+v, want %+v", i, o.Items[i], want)
			}
		}
		if !bytes.Equal(o.Proof.Signature, s.Proof.Signature) || o.Proof.Header != s.Proof.Header || !bytes.Equal(o.Proof.Salt, s.Proof.Salt) ||
			!bytes.Equal(o.Proof.Leaves, s.Proof.Leaves) || o.Proof.Number != s.Proof.Number {
			r.Fatal("sender and recipient keep different proofs")
		}
		again, err := open(s.Bytes)
		if err != nil || !reflect.DeepEqual(again, o) {
			r.Fatalf("opened again: %v", err)
		}
	})
}

func drawControl(t *rapid.T) Control {
	n := rapid.Uint64()
	text := rapid.StringN(0, 20, 60)
	number := rapid.Custom(func(t *rapid.T) store.Precedence { return store.Precedence(rapid.IntRange(0, 3).Draw(t, "precedence")) })
	ranges := rapid.Custom(func(t *rapid.T) (list []Range) {
		ends := rapid.SliceOfNDistinct(n, 0, 6, rapid.ID).Draw(t, "ends")
		slices.Sort(ends)
		for ; len(ends) > 1; ends = ends[2:] {
			list = append(list, Range{ends[0], ends[1]})
		}
		return list
	})
	stream := rapid.Custom(func(t *rapid.T) Stream {
		return Stream{
			number.Draw(t, "stream"), n.Draw(t, "high"), ranges.Draw(t, "ranges"), ranges.Draw(t, "voided"),
			few(rapid.Custom(func(t *rapid.T) Exception {
				return Exception{n.Draw(t, "number"), text.Draw(t, "id"), text.Draw(t, "kind"), text.Draw(t, "code")}
			})).Draw(t, "exceptions"), few(n).Draw(t, "conflicts"),
		}
	})
	return Control{
		Ask:      rapid.Bool().Draw(t, "ask"),
		Receipts: few(rapid.Custom(func(t *rapid.T) Receipt { return Receipt{n.Draw(t, "incarnation"), few(stream).Draw(t, "streams")} })).Draw(t, "receipts"),
		Voids: few(rapid.Custom(func(t *rapid.T) Void {
			return Void{n.Draw(t, "incarnation"), number.Draw(t, "precedence"), n.Draw(t, "number")}
		})).Draw(t, "voids"),
		Recalls: few(rapid.Custom(func(t *rapid.T) Recall {
			return Recall{text.Draw(t, "id"), rapid.Int64().Draw(t, "modified"), n.Draw(t, "serial"), text.Draw(t, "code")}
		})).Draw(t, "recalls"),
		Checkpoint: []byte(text.Draw(t, "checkpoint")),
		Proof:      few(rapid.Custom(func(t *rapid.T) store.Hash { return sha256.Sum256([]byte(text.Draw(t, "proof"))) })).Draw(t, "proof"),
		ProofFrom:  n.Draw(t, "from"), Proven: n.Draw(t, "proven"),
	}
}

// few draws up to three, nil for none, as decoding does.
func few[T any](g *rapid.Generator[T]) *rapid.Generator[[]T] {
	return rapid.Custom(func(t *rapid.T) []T {
		if list := rapid.SliceOfN(g, 0, 3).Draw(t, "list"); len(list) > 0 {
			return list
		}
		return nil
	})
}

func repeat[T any](n int, v T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// upward makes ranges in order.
func upward(n int) []Range {
	list := make([]Range, n)
	for i := range list {
		list[i] = Range{uint64(3 * i), uint64(3*i + 1)}
	}
	return list
}

// TestControlAtItsBoundsOpensAndBeyondIsNotSealed: what could not be opened must fail at the sender, where somebody can act.
func TestControlAtItsBoundsOpensAndBeyondIsNotSealed(t *testing.T) {
	text := strings.Repeat("x", maxString)
	full := Control{
		Receipts: repeat(maxReceipts, Receipt{1, repeat(4, Stream{Precedence: store.Flash, High: 1, Ranges: upward(9)})}),
		Voids:    repeat(maxList, Void{1, store.Flash, 1}), Recalls: repeat(64, Recall{text, -1, 1, text}),
		Checkpoint: bytes.Repeat([]byte{'n'}, maxNote), Proof: repeat(maxProof, store.Hash{1}),
	}
	full.Receipts[0].Streams = []Stream{{
		Ranges: upward(maxList), Voided: upward(maxList), Conflicts: repeat(maxList, uint64(9)), Exceptions: repeat(maxList, Exception{1, text, "claim", "claim"}),
	}}
	o, err := open(sealed(t, control(), full, nil).Bytes)
	if err != nil || !reflect.DeepEqual(o.Control, full) {
		t.Fatalf("at the bounds: %v", err)
	}
	stream := func(s Stream) Control { return Control{Receipts: []Receipt{{1, []Stream{s}}}} }
	long := text + "x"
	for name, c := range map[string]Control{
		"receipts":                  {Receipts: repeat(maxReceipts+1, Receipt{})},
		"streams":                   {Receipts: []Receipt{{1, repeat(5, Stream{})}}},
		"ranges":                    stream(Stream{Ranges: upward(maxList + 1)}),
		"65,536 ranges":             stream(Stream{Ranges: upward(1 << 16)}),
		"voided":                    stream(Stream{Voided: upward(maxList + 1)}),
		"conflicts":                 stream(Stream{Conflicts: repeat(maxList+1, uint64(1))}),
		"exceptions":                stream(Stream{Exceptions: repeat(maxList+1, Exception{})}),
		"a backward range":          stream(Stream{Ranges: []Range{{2, 1}}}),
		"ranges that overlap":       stream(Stream{Ranges: []Range{{2, 5}, {5, 7}}}),
		"voided out of order":       stream(Stream{Voided: []Range{{8, 9}, {2, 3}}}),
		"a precedence that is none": stream(Stream{Precedence: store.Flash + 1}),
		"exception id":              stream(Stream{Exceptions: []Exception{{ID: long}}}),
		"exception kind":            stream(Stream{Exceptions: []Exception{{Kind: long}}}),
		"exception code":            stream(Stream{Exceptions: []Exception{{Code: long}}}),
		"voids":                     {Voids: repeat(maxList+1, Void{})},
		"void of no precedence":     {Voids: []Void{{Precedence: 9}}},
		"recalls":                   {Recalls: repeat(maxList+1, Recall{})},
		"recall id":                 {Recalls: []Recall{{ID: long}}},
		"recall code":               {Recalls: []Recall{{Code: long}}},
		"recall code of 65,536":     {Recalls: []Recall{{Code: strings.Repeat("x", 1<<16)}}},
		"checkpoint":                {Checkpoint: make([]byte, maxNote+1)},
		"proof":                     {Proof: make([]store.Hash, maxProof+1)},
	} {
		if s, err := Seal(signing, kem.PublicKey(), control(), c, nil); err == nil {
			_, err := open(s.Bytes)
			t.Errorf("%s: sealed; opening says %v", name, err)
		}
	}
}

func TestAnEnvelopeTooLargeToOpenIsNotSealed(t *testing.T) {
	text := strings.Repeat("x", maxString)
	c := Control{Receipts: repeat(2, Receipt{1, repeat(4, Stream{Exceptions: repeat(maxList, Exception{1, text, "claim", "claim"})})})}
	if s, err := Seal(signing, kem.PublicKey(), control(), c, nil); err == nil {
		t.Errorf("%d bytes were sealed", len(s.Bytes))
	}
}

func TestHeadersThatCannotBeReadAreNotSealed(t *testing.T) {
	items := indicators(t, 1)
	for name, change := range map[string]func(*Header){
		"a time before 1970":        func(h *Header) { h.Time = time.Time{} },
		"a time beyond all":         func(h *Header) { h.Time = time.UnixMilli(maxTime + 1) },
		"a precedence that is none": func(h *Header) { h.Precedence = store.Flash + 1 },
		"a long sender":             func(h *Header) { h.Sender = store.Party(strings.Repeat("x", maxString+1)) },
		"no number for items":       func(h *Header) { h.Number = 0 },
		"another recipient":         func(h *Header) { h.Recipient = jpn },
	} {
		h := numbered()
		change(&h)
		if _, err := Seal(signing, kem.PublicKey(), h, Control{}, items); err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
	if _, err := Seal(signing, kem.PublicKey(), numbered(), Control{}, nil); err == nil {
		t.Error("a number without items: sealed")
	}
	if _, err := Seal(signing, kem.PublicKey(), numbered(), Control{}, repeat(MaxItems+1, items[0])); err == nil {
		t.Error("too many items: sealed")
	}
}

func TestOnlyReleasedItemsAreSealed(t *testing.T) {
	for name, items := range map[string][]release.Item{
		"an empty item":    {{}},
		"a rehearsed item": released(t, forUSA().Rehearse(), indicator(1, "a")),
	} {
		if _, err := Seal(signing, kem.PublicKey(), numbered(), Control{}, items); fault.Of(err) != fault.Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
	h := numbered()
	h.Recipient = ""
	if _, err := Seal(signing, kem.PublicKey(), h, Control{}, []release.Item{{}}); err == nil {
		t.Error("an empty item for nobody: sealed")
	}
}

func TestItemsOverTheBoundsAreNotSealed(t *testing.T) {
	half := indicator(1, strings.Repeat("x", MaxItem-1000))
	items := released(t, forUSA(), half, indicator(2, "a"))
	s := sealed(t, numbered(), Control{}, []release.Item{items[0], items[0], items[1]})
	if _, err := open(s.Bytes); err != nil {
		t.Errorf("near the bound: %v", err)
	}
	if _, err := Seal(signing, kem.PublicKey(), numbered(), Control{}, []release.Item{items[0], items[0], items[0]}); fault.Of(err) != fault.Invalid {
		t.Errorf("over the bound: %v", err)
	}
}

// TestWhatCannotBeCompressedStillFits: 16 MiB of noise and everything about it.
func TestWhatCannotBeCompressedStillFits(t *testing.T) {
	noise := rand.NewChaCha8([32]byte{1})
	var items []release.Item
	for i := range 16 {
		b := make([]byte, 1<<19-500)
		noise.Read(b)
		items = append(items, released(t, forUSA(), indicator(i+1, fmt.Sprintf("%x", b)))...)
	}
	if _, err := open(sealed(t, numbered(), Control{}, items).Bytes); err != nil {
		t.Error(err)
	}
}

func TestEachFlippedBitIsRefused(t *testing.T) {
	s := sealed(t, numbered(), Control{Ask: true}, indicators(t, 1)).Bytes
	for i := range s {
		for _, bit := range []byte{1, 0x80} {
			b := bytes.Clone(s)
			b[i] ^= bit
			o, err := open(b)
			if k := fault.Of(err); err == nil || k != fault.Invalid && k != fault.Denied || o != nil {
				t.Fatalf("byte %d: %v: %v", i, k, err)
			}
		}
	}
}

func TestTheCutAndTheLengthenedAreRefused(t *testing.T) {
	s := sealed(t, numbered(), Control{}, indicators(t, 1)).Bytes
	for n := range s {
		refused(t, s[:n], fault.Invalid, "")
	}
	refused(t, append(bytes.Clone(s), 0), fault.Invalid, "altered")
	refused(t, make([]byte, MaxSize+1), fault.Invalid, "more than")
	refused(t, nil, fault.Invalid, "too few")
}

// TestEachFlippedBitInsideTheSealIsRefused: also whoever can seal, which is everybody with the card, can change nothing
// that matters. What the signature leaves open, the lengths, is caught by each item's digest.
func TestEachFlippedBitInsideTheSealIsRefused(t *testing.T) {
	s := sealed(t, numbered(), Control{Ask: true, Voids: []Void{{1, 1, 1}}}, indicators(t, 2))
	plain, err := decrypt(kem, s.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := open(s.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for i := range plain {
		b := bytes.Clone(plain)
		b[i] ^= 1
		o, err := open(closed(t, b))
		if err != nil {
			if k := fault.Of(err); k != fault.Invalid && k != fault.Denied {
				t.Fatalf("byte %d: %v: %v", i, k, err)
			}
			continue
		}
		if !reflect.DeepEqual(o, whole) {
			t.Errorf("byte %d of the body is not covered: %+v", i, o)
		}
	}
}

// TestABorderThatWasMovedIsLeftToTheDigest: lengths are not signed. Whoever has the plaintext, which is the recipient, can move the
// border between two items of an envelope to himself; then their bytes have not the digests that were signed.
func TestABorderThatWasMovedIsLeftToTheDigest(t *testing.T) {
	s := sealed(t, numbered(), Control{}, indicators(t, 2))
	plain, err := decrypt(kem, s.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	o, err := open(s.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for i, by := range []int{1, -1} { // the length stands behind the TLP
		at := bytes.Index(plain, o.Items[i].Digest[:]) + 32 + 8 + 1
		plain[at+3] = byte(int(plain[at+3]) + by)
	}
	moved, err := open(closed(t, plain))
	if err != nil {
		t.Fatal(err)
	}
	for i := range moved.Items {
		if _, err := stix.Parse(moved.Items[i].Raw); err == nil {
			t.Errorf("item %d can still be read: %s", i, moved.Items[i].Raw)
		}
	}
}

func TestForAnotherNode(t *testing.T) {
	s := sealed(t, numbered(), Control{}, indicators(t, 1)).Bytes
	if _, err := Open(kemKey("wagasa test: somebody else's key"), usa, confirmed, s); fault.Of(err) != fault.Denied || !strings.Contains(err.Error(), "another node") {
		t.Errorf("%v", err)
	}
	// Sealed for our key, but signed for somebody else: what a recipient would forward as if it were for us.
	if _, err := Open(kem, jpn, confirmed, s); err == nil || !strings.Contains(err.Error(), "signed for "+string(usa)) {
		t.Errorf("%v", err)
	}
}

func TestSignedByAnother(t *testing.T) {
	other := ed25519.NewKeyFromSeed([]byte("wagasa test: some other key, 32."))
	s, err := Seal(other, kem.PublicKey(), numbered(), Control{}, indicators(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, s.Bytes, fault.Invalid, "signature does not fit")
	h := numbered()
	h.Sender = "identity--00000009-0000-4000-8000-000000000009"
	refused(t, sealed(t, h, Control{}, indicators(t, 1)).Bytes, fault.Denied, "no partner")
}

// parts takes the plaintext of a proper envelope apart; each test spoils one part and signs anew where a sender could have.
func parts(t *testing.T, payload []byte, form uint8, dictionary uint32, count uint16, lengths ...uint32) []byte {
	t.Helper()
	salt := bytes.Repeat([]byte{7}, saltSize)
	h := numbered()
	said, _ := (&Control{}).encode()
	header := cryptobyte.NewBuilder(nil)
	addHeader(header, &h, said, sha256.Sum256(payload))
	b := body{salt: salt, header: header.BytesOrPanic()}
	head := cryptobyte.NewBuilder(nil)
	head.AddUint32(dictionary)
	head.AddUint8(form)
	head.AddUint16(count)
	b.head = head.BytesOrPanic()
	items := cryptobyte.NewBuilder(nil)
	var contents []Content
	for i, n := range lengths {
		c := Content{ID: fmt.Sprint("indicator--", i), Modified: 1, Serial: 1, TLP: stix.TLPGreen}
		contents = append(contents, c)
		addItem(items, &c)
		items.AddUint32(n)
	}
	b.items = items.BytesOrPanic()
	length := cryptobyte.NewBuilder(nil)
	length.AddUint32LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(payload) })
	b.payload = length.BytesOrPanic()
	proof := prove(salt, b.header, contents)
	top, err := root(split(proof.Leaves))
	if err != nil {
		t.Fatal(err)
	}
	b.signature = ed25519.Sign(signing, signed(proof.Header, top))
	return closed(t, b.bytes())
}

func squeezed(t testing.TB, plain []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(plain, nil)
}

func TestSignedNonsenseIsRefusedWithAClearError(t *testing.T) {
	five := squeezed(t, []byte("12345"))
	bomb := squeezed(t, make([]byte, MaxPayload))
	many := bytes.Repeat(bomb, 9_000) // 140 GiB in some MB
	tooMany := make([]uint32, MaxItems+1)
	for name, tt := range map[string]struct {
		sealed []byte
		says   string
	}{
		"proper":                      {parts(t, five, formZstd, 0, 1, 5), ""},
		"unknown form":                {parts(t, five, 9, 0, 1, 5), "form 9 is not known"},
		"unknown dictionary":          {parts(t, five, formZstd, 3, 1, 5), "dictionary 3 is not known"},
		"more than it states":         {parts(t, five, formZstd, 0, 1, 4), "does not decompress to the 4 bytes"},
		"less than it states":         {parts(t, five, formZstd, 0, 1, 6), "does not decompress to the 6 bytes"},
		"no zstd":                     {parts(t, []byte("12345"), formZstd, 0, 1, 5), "does not decompress"},
		"plain with bytes":            {parts(t, []byte("12345"), formPlain, 0, 1, 5), "form 0 is not known"},
		"a bomb":                      {parts(t, bomb, formZstd, 0, 1, 5), "does not decompress"},
		"many bombs":                  {parts(t, many, formZstd, 0, 1, 5), "does not decompress"},
		"a bomb of many, all claimed": {parts(t, append(bytes.Clone(bomb), bomb...), formZstd, 0, 2, MaxItem, MaxItem), "does not decompress"},
		"an item over its bound":      {parts(t, five, formZstd, 0, 1, MaxItem+1), "out of bounds"},
		"items over their bound":      {parts(t, five, formZstd, 0, 3, MaxItem, MaxItem, 1), "out of bounds"},
		"more items than stated":      {parts(t, five, formZstd, 0, 1, 5, 0), "out of bounds"},
		"fewer items than stated":     {parts(t, five, formZstd, 0, 2, 5), "out of bounds"},
		"too many items":              {parts(t, five, formZstd, 0, MaxItems+1, tooMany...), "out of bounds"},
		"a number without items":      {parts(t, nil, formPlain, 0, 0), "number 7 with 0 items"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.says == "" {
				if _, err := open(tt.sealed); err != nil {
					t.Fatal(err)
				}
				return
			}
			o, err := open(tt.sealed)
			if err == nil || fault.Of(err) != fault.Invalid || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("%v", err)
			}
			if o != nil {
				t.Errorf("beside an error it returns what it could not check: %d items", len(o.Items))
			}
		})
	}
}

func TestLaterFormsAreNamedInTheError(t *testing.T) {
	s := sealed(t, control(), Control{}, nil).Bytes
	b := bytes.Clone(s)
	b[0] = 2
	refused(t, b, fault.Invalid, "version 2 is not known here: the sender runs a newer program")
	b = bytes.Clone(s)
	b[1] = 2
	refused(t, b, fault.Invalid, "suite 2 is not known here: the sender runs a newer program")
}

// TestARelayCanShowOneItem as its recipient checks it: with the sender's key, the signature, the hash of the header, one salt and one path;
// no other item becomes known by it.
func TestARelayCanShowOneItem(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 64} {
		o, err := open(sealed(t, numbered(), Control{}, indicators(t, n)).Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(&o.Proof, signing.Public().(ed25519.PublicKey)); err != nil {
			t.Fatal(err)
		}
		var stored []tlog.Hash
		reader := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, _ error) {
			for _, i := range indexes {
				found = append(found, stored[i])
			}
			return found, nil
		})
		for i, leaf := range split(o.Proof.Leaves) {
			more, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(leaf), reader)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, more...)
		}
		top, err := tlog.TreeHash(int64(n), reader)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			path, err := tlog.ProveRecord(int64(n), int64(i), reader)
			if err != nil {
				t.Fatal(err)
			}
			// What the relay hands on: header hash, signature, n, i, path, this item's salt; and the item.
			salt := derive(o.Proof.Salt, "item", i)
			b := cryptobyte.NewBuilder(salt)
			addItem(b, &o.Items[i])
			leaf := tlog.RecordHash(b.BytesOrPanic())
			if err := tlog.CheckRecord(path, int64(n), top, int64(i), leaf); err != nil {
				t.Fatalf("item %d of %d: %v", i, n, err)
			}
			if !ed25519.Verify(signing.Public().(ed25519.PublicKey), signed(o.Proof.Header, store.Hash(top)), o.Proof.Signature) {
				t.Fatal("the signature does not cover the root")
			}
			changed := o.Items[i]
			changed.TLP++
			if store.Hash(tlog.RecordHash(append(salt, 0))) == store.Hash(leaf) || ItemLeaf(o.Proof.Salt, i, &changed) == store.Hash(leaf) {
				t.Fatal("another item has the same leaf")
			}
		}
	}
}

func TestVerifyRefusesWhatWasNotSigned(t *testing.T) {
	key := signing.Public().(ed25519.PublicKey)
	proof := sealed(t, numbered(), Control{}, indicators(t, 3)).Proof
	if err := Verify(&proof, key); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*store.Evidence){
		"a leaf less":     func(e *store.Evidence) { e.Leaves = e.Leaves[:64] },
		"a leaf more":     func(e *store.Evidence) { e.Leaves = append(bytes.Clone(e.Leaves), make([]byte, 32)...) },
		"part of a leaf":  func(e *store.Evidence) { e.Leaves = append(bytes.Clone(e.Leaves), 1) },
		"another leaf":    func(e *store.Evidence) { e.Leaves = append([]byte{e.Leaves[0] ^ 1}, e.Leaves[1:]...) },
		"another header":  func(e *store.Evidence) { e.Header[0] ^= 1 },
		"no signature":    func(e *store.Evidence) { e.Signature = nil },
		"leaves in order": func(e *store.Evidence) { e.Leaves = append(bytes.Clone(e.Leaves[32:]), e.Leaves[:32]...) },
	} {
		changed := proof
		change(&changed)
		if err := Verify(&changed, key); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
}

func TestSizeOfAControlEnvelope(t *testing.T) {
	s := sealed(t, control(), Control{}, nil)
	plain, err := decrypt(kem, s.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if over := len(s.Bytes) - len(plain); over != clearSize+encSize+16 {
		t.Errorf("%d bytes over the plaintext", over)
	}
	if len(s.Bytes)-clearSize-len(plain) != 1169 {
		t.Errorf("HPKE costs %d bytes; the design says 1,169", len(s.Bytes)-clearSize-len(plain))
	}
}
