package envelope

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

// vectors are what docs/protocol promises to a second implementation. All bytes are hex. The keys are for tests alone.
type vectors struct {
	Note     string          `json:"note"`
	Envelope envelopeVectors `json:"envelope"`
	Frame    string          `json:"frame"`
	Card     cardVectors     `json:"card"`
	Ledger   ledgerVectors   `json:"ledger"`
}

type envelopeVectors struct {
	SignSeed  string        `json:"sign_seed"` // Ed25519, of the sender
	SignKey   string        `json:"sign_key"`
	KEMSeed   string        `json:"kem_private"` // MLKEM768-P256 in the form of RFC 9180, of the recipient
	Sender    string        `json:"sender"`
	Recipient string        `json:"recipient"`
	TimeMS    uint64        `json:"time_ms"`
	Number    uint64        `json:"number"`
	Salt      string        `json:"salt"`
	Header    string        `json:"header"`
	HeaderSum string        `json:"header_hash"`
	Items     []itemVectors `json:"items"`
	Root      string        `json:"root"`
	Signed    string        `json:"signed"`
	Signature string        `json:"signature"`
	Plain     string        `json:"plaintext"`
	Sealed    string        `json:"sealed"`
}

type itemVectors struct {
	ID       string `json:"id"`
	Modified int64  `json:"modified_ns"`
	Digest   string `json:"digest"`
	Serial   uint64 `json:"serial"`
	TLP      string `json:"tlp"`
	Raw      string `json:"raw"` // text
	Salt     string `json:"item_salt"`
	Leaf     string `json:"leaf"`
}

type cardVectors struct {
	Text    string   `json:"text"`
	Digest  string   `json:"digest"`
	Indexes []uint16 `json:"word_indexes"`
	English string   `json:"words_en"`
	Native  string   `json:"words_ja"`
}

type ledgerVectors struct {
	SignSeed   string   `json:"sign_seed"`
	Owner      string   `json:"owner"`
	Partner    string   `json:"partner"`
	Leaves     []string `json:"leaves"`
	Details    []string `json:"details"`
	Root       string   `json:"root"`
	Checkpoint string   `json:"checkpoint"`
}

// TestVectors makes everything anew that does not depend on chance and compares; then it reads the vectors as a second implementation
// would, with nothing of ours but docs/protocol.
func TestVectors(t *testing.T) {
	const file = "testdata/vectors.json"
	if *update {
		b, err := json.MarshalIndent(makeVectors(t, ""), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(kept, &v); err != nil {
		t.Fatal(err)
	}
	again, err := json.MarshalIndent(makeVectors(t, v.Envelope.Sealed), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(append(again, '\n'), kept) {
		t.Errorf("%s no longer matches: the wire form has changed. That needs a new version in docs/protocol, or a correction.", file)
	}
	t.Run("envelope", func(t *testing.T) { second{t}.envelope(v.Envelope) })
	t.Run("frame", func(t *testing.T) { second{t}.frame(v.Frame, v.Envelope.Sealed) })
	t.Run("card", func(t *testing.T) { second{t}.card(v.Card) })
	t.Run("ledger", func(t *testing.T) { second{t}.ledger(v.Ledger) })
}

func makeVectors(t *testing.T, kept string) vectors {
	v := vectors{Note: "Test vectors of docs/protocol. Keys are for tests alone."}
	e := &v.Envelope
	b, err := hex.DecodeString(kept)
	if err != nil {
		t.Fatal(err)
	}
	if kept == "" { // sealing takes new randomness
		c := Control{
			Ask: true, Receipts: []Receipt{{0x1112131415161718, []Stream{{
				Precedence: store.Routine, High: 41, Ranges: []Range{{43, 44}}, Voided: []Range{{40, 40}},
				Exceptions: []Exception{{44, "indicator--00000009-0000-4000-8000-000000000009", "claim", "claim"}},
			}}}},
			Voids: []Void{{0x0102030405060708, store.Flash, 2}}, Proven: 5,
		}
		b = sealed(t, numbered(), c, indicators(t, 3)).Bytes
	}
	o, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := decrypt(kem, b)
	if err != nil {
		t.Fatal(err)
	}
	private, err := kem.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	top, err := root(split(o.Proof.Leaves))
	if err != nil {
		t.Fatal(err)
	}
	length := len(plain) - saltSize // of the header: it ends with the hash of the payload
	for n := range length {
		if headerHash(plain[:saltSize], plain[saltSize:saltSize+n]) == o.Proof.Header {
			length = n
			break
		}
	}
	*e = envelopeVectors{
		SignSeed: hexOf(signing.Seed()), SignKey: hexOf(signing.Public().(ed25519.PublicKey)), KEMSeed: hexOf(private),
		Sender: string(o.Sender), Recipient: string(o.Recipient), TimeMS: uint64(o.Time.UnixMilli()), Number: o.Number,
		Salt: hexOf(o.Proof.Salt), Header: hexOf(plain[saltSize : saltSize+length]), HeaderSum: hexOf(o.Proof.Header[:]),
		Root: hexOf(top[:]), Signed: hexOf(signed(o.Proof.Header, top)), Signature: hexOf(ed25519.Sign(signing, signed(o.Proof.Header, top))),
		Plain: hexOf(plain), Sealed: hexOf(b),
	}
	for i, c := range o.Items {
		leaf := ItemLeaf(o.Proof.Salt, i, &c)
		e.Items = append(e.Items, itemVectors{
			c.ID, c.Modified, hexOf(c.Digest[:]), c.Serial, c.TLP.String(), string(c.Raw), hexOf(derive(o.Proof.Salt, "item", i)), hexOf(leaf[:]),
		})
	}
	sum := sha256.Sum256(b)
	v.Frame = "57475301" + "00" + hexOf(sum[:8]) + fmt.Sprintf("%08x", len(b)) + e.Sealed
	v.Card, v.Ledger = makeCard(t), makeLedger(t)
	return v
}

func makeCard(t *testing.T) cardVectors {
	identity, _, err := partner.Create(t.TempDir(), partner.Params{
		Name: "和傘 演習局", Nation: "JPN", Now: noon, Rand: rand.NewChaCha8([32]byte([]byte("wagasa test: an identity's keys."))),
	})
	if err != nil {
		t.Fatal(err)
	}
	digest, words := identity.Card.Digest(), identity.Card.Words()
	return cardVectors{
		string(identity.Card.Text()), hexOf(digest[:]), indexes(t, identity.Card.Text()),
		strings.Join(words.English[:], " "), strings.Join(words.Japanese[:], " "),
	}
}

func makeLedger(t *testing.T) ledgerVectors {
	v := ledgerVectors{SignSeed: hexOf(signing.Seed()), Owner: string(jpn), Partner: string(usa)}
	tree := ledger.PartnerTree(usa)
	random := rand.NewChaCha8([32]byte([]byte("wagasa test: salts of a ledger..")))
	err := memory.New().Update(context.Background(), func(tx store.Tx) error {
		for _, e := range []ledger.Entry{
			{Kind: ledger.Released, Time: noon, Subject: "P7", Items: [][]byte{[]byte("first"), []byte("second")}},
			{Kind: ledger.Receipted, Time: noon.Add(time.Second), Subject: "receipt"},
			{Kind: ledger.Received, Time: noon.Add(2 * time.Second), Subject: "R1", Items: [][]byte{nil}},
		} {
			if err := ledger.Append(tx, tree, e, random); err != nil {
				return err
			}
		}
		leaves, err := tx.Log().Leaves(tree, 0, 10)
		if err != nil {
			return err
		}
		for _, leaf := range leaves {
			v.Leaves, v.Details = append(v.Leaves, hexOf(leaf.Data)), append(v.Details, hexOf(leaf.Detail))
		}
		note, err := ledger.Checkpoint(tx, tree, signing, jpn, noon)
		if err != nil {
			return err
		}
		head, err := ledger.Open(note, signing.Public().(ed25519.PublicKey), jpn, tree)
		v.Checkpoint, v.Root = string(note), hexOf(head.Root[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// indexes of the words of a card: pairing.md.
func indexes(t *testing.T, card []byte) (found []uint16) {
	bits, err := pbkdf2.Key(sha256.New, string(card), []byte("wagasa card words v1"), 1_000_000, 32)
	if err != nil {
		t.Fatal(err)
	}
	first := binary.BigEndian.Uint64(bits)
	for i := range 5 {
		found = append(found, uint16(first>>(53-11*i)&2047))
	}
	return append(found, uint16(first&511)<<2|uint16(bits[8]>>6))
}

// second is a second implementation: it reads as docs/protocol says.
type second struct{ *testing.T }

func (s second) bytes(text string) []byte {
	s.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		s.Fatal(err)
	}
	return b
}

func (s second) same(what string, got []byte, want string) {
	s.Helper()
	if hexOf(got) != want {
		s.Errorf("%s is %x, want %s", what, got, want)
	}
}

// input is read from the front.
type input struct {
	second
	rest []byte
}

func (in *input) take(n int) []byte {
	in.Helper()
	if n > len(in.rest) {
		in.Fatalf("%d bytes are left, not %d", len(in.rest), n)
	}
	b := in.rest[:n]
	in.rest = in.rest[n:]
	return b
}

func (in *input) number(size int) (n uint64) {
	for _, b := range in.take(size) {
		n = n<<8 | uint64(b)
	}
	return n
}

func (in *input) text() string { return string(in.take(int(in.number(2)))) }

func (s second) envelope(v envelopeVectors) {
	b := s.bytes(v.Sealed)
	if b[0] != 1 || b[1] != 1 {
		s.Fatalf("version %d, suite %d", b[0], b[1])
	}
	public := kem.PublicKey().Bytes()
	hash := sha256.New()
	hash.Write([]byte("wagasa hint v1\x00"))
	hash.Write(b[:10])
	hash.Write(public)
	s.same("hint", b[18:26], hexOf(hash.Sum(nil)[:8]))

	in := &input{s, s.bytes(v.Plain)}
	salt := in.take(16)
	s.same("salt", salt, v.Salt)
	before := in.rest
	sender, recipient, ms, exercise := in.text(), in.text(), in.number(8), in.number(1)
	incarnation, precedence, number, base := in.number(8), in.number(1), in.number(8), in.number(8)
	in.take(int(in.number(4))) // control
	payloadSum := in.take(32)
	header := before[:len(before)-len(in.rest)]
	s.same("header", header, v.Header)
	if sender != v.Sender || recipient != v.Recipient || ms != v.TimeMS || exercise != 0 || incarnation != 0x0102030405060708 || precedence != 1 || number != v.Number || base != 3 {
		s.Errorf("header: %s %s %d %d %x %d %d %d", sender, recipient, ms, exercise, incarnation, precedence, number, base)
	}
	if dictionary, form, items := in.number(4), in.number(1), in.number(2); dictionary != 0 || form != 1 || int(items) != len(v.Items) {
		s.Fatalf("dictionary %d, form %d, %d items", dictionary, form, items)
	}
	derived := func(label string, i uint32) []byte {
		m := hmac.New(sha256.New, salt)
		m.Write(binary.BigEndian.AppendUint32([]byte(label), i))
		return m.Sum(nil)[:16]
	}
	var leaves [][]byte
	var lengths []int
	for i, want := range v.Items {
		start := in.rest
		id, modified, digest, serial, tlp := in.text(), int64(in.number(8)), in.take(32), in.number(8), in.number(1)
		item := start[:len(start)-len(in.rest)]
		lengths = append(lengths, int(in.number(4)))
		if id != want.ID || modified != want.Modified || serial != want.Serial || stix.TLP(tlp).String() != want.TLP {
			s.Errorf("item %d: %s %d %d %d", i, id, modified, serial, tlp)
		}
		s.same("digest", digest, want.Digest)
		s.same("item salt", derived("item", uint32(i)), want.Salt)
		leaf := sha256.Sum256(append(append([]byte{0}, derived("item", uint32(i))...), item...))
		s.same("leaf", leaf[:], want.Leaf)
		leaves = append(leaves, leaf[:])
	}
	payload := in.take(int(in.number(4)))
	signature := in.take(64)
	if len(in.rest) != 0 {
		s.Errorf("%d bytes are left", len(in.rest))
	}
	sum := sha256.Sum256(payload)
	s.same("hash of the payload", sum[:], hexOf(payloadSum))
	headerSum := sha256.Sum256(append(append([]byte("wagasa header v1\x00"), derived("header", 0)...), header...))
	s.same("header hash", headerSum[:], v.HeaderSum)
	top := merkle(leaves)
	s.same("root", top, v.Root)
	signed := append(append([]byte("wagasa envelope v1\x00"), headerSum[:]...), top...)
	s.same("what is signed", signed, v.Signed)
	s.same("signature", signature, v.Signature)
	if !ed25519.Verify(s.bytes(v.SignKey), signed, signature) {
		s.Error("the signature does not verify")
	}
	z, err := zstd.NewReader(nil)
	if err != nil {
		s.Fatal(err)
	}
	defer z.Close()
	plain, err := z.DecodeAll(payload, nil)
	if err != nil {
		s.Fatal(err)
	}
	for i, n := range lengths {
		if string(plain[:n]) != v.Items[i].Raw {
			s.Errorf("item %d: %s", i, plain[:n])
		}
		plain = plain[n:]
	}
}

// merkle is the tree hash of RFC 6962.
func merkle(leaves [][]byte) []byte {
	switch len(leaves) {
	case 0:
		sum := sha256.Sum256(nil)
		return sum[:]
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	sum := sha256.Sum256(append(append([]byte{1}, merkle(leaves[:k])...), merkle(leaves[k:])...))
	return sum[:]
}

func (s second) frame(frame, sealed string) {
	in := &input{s, s.bytes(frame)}
	if magic := in.take(3); string(magic) != "WGS" {
		s.Errorf("magic %q", magic)
	}
	if version, kind := in.number(1), in.number(1); version != 1 || kind != 0 {
		s.Errorf("version %d, kind %d", version, kind)
	}
	id := in.take(8)
	if n := in.number(4); int(n) != len(in.rest) {
		s.Errorf("length %d, %d are left", n, len(in.rest))
	}
	sum := sha256.Sum256(in.rest)
	s.same("id", id, hexOf(sum[:8]))
	s.same("envelope", in.rest, sealed)
}

func (s second) card(v cardVectors) {
	sum := sha256.Sum256([]byte(v.Text))
	s.same("digest", sum[:], v.Digest)
	lines := strings.Split(v.Text, "\n")
	fields := map[string]string{}
	order, key := []string{}, ""
	for _, line := range lines[1 : len(lines)-2] {
		if tail, ok := strings.CutPrefix(line, " "); ok {
			fields[key] += tail
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		key = name
		order, fields[key] = append(order, name), strings.TrimPrefix(value, " ")
	}
	if got := strings.Join(order, " "); got != "version name nation party created sign kem tls recovery signature" {
		s.Errorf("fields: %s", got)
	}
	body := v.Text[len("-----BEGIN WAGASA CARD-----\n"):strings.Index(v.Text, "signature:")]
	binary := func(key string, size int) []byte {
		b, err := base64.StdEncoding.Strict().DecodeString(fields[key])
		if err != nil || len(b) != size {
			s.Errorf("%s: %d bytes: %v", key, len(b), err)
		}
		return b
	}
	binary("kem", 1184+65)
	binary("tls", 32)
	binary("recovery", 32)
	if !ed25519.Verify(binary("sign", 32), []byte("wagasa card v1\n"+body), binary("signature", 64)) {
		s.Error("the signature does not verify")
	}
	if got := indexes(s.T, []byte(v.Text)); fmt.Sprint(got) != fmt.Sprint(v.Indexes) {
		s.Errorf("words %v", got)
	}
}

func (s second) ledger(v ledgerVectors) {
	var leaves [][]byte
	for i := range v.Leaves {
		in := &input{s, s.bytes(v.Details[i])}
		version, nonce, secret := in.take(1), in.take(16), in.take(32)
		before := in.rest
		in.take(int(in.number(1))) // kind
		in.number(8)               // time
		in.text()                  // subject
		count := int(in.number(2))
		parts := [][]byte{before[:len(before)-len(in.rest)]}
		for range count {
			parts = append(parts, []byte(in.text()))
		}
		leaf := append(bytes.Clone(version), nonce...)
		for k, part := range parts {
			m := hmac.New(sha256.New, secret)
			m.Write(binary.BigEndian.AppendUint32(nil, uint32(k)))
			sum := sha256.Sum256(append(m.Sum(nil), part...))
			leaf = append(leaf, sum[:]...)
		}
		s.same("leaf", leaf, v.Leaves[i])
		sum := sha256.Sum256(append([]byte{0}, leaf...))
		leaves = append(leaves, sum[:])
	}
	top := merkle(leaves)
	s.same("root", top, v.Root)
	name := "wagasa/" + strings.TrimPrefix(v.Owner, "identity--") + "/" + strings.TrimPrefix(v.Partner, "identity--")
	text := fmt.Sprintf("%s\n%d\n%s\n%d\n", name, len(leaves), base64.StdEncoding.EncodeToString(top), noon.UnixMilli())
	key := ed25519.NewKeyFromSeed(s.bytes(v.SignSeed))
	hash := sha256.Sum256(append([]byte(name+"\n\x01"), key.Public().(ed25519.PublicKey)...))
	signature := base64.StdEncoding.EncodeToString(append(hash[:4:4], ed25519.Sign(key, []byte(text))...))
	if want := text + "\n— " + name + " " + signature + "\n"; v.Checkpoint != want {
		s.Errorf("checkpoint\n%s\nwant\n%s", v.Checkpoint, want)
	}
}
