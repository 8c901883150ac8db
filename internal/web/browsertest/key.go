package browsertest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // what authenticator apps know
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"net/url"
	"testing"
	"time"
)

// Key is an authenticator of software, for tests that speak HTTP without a browser. It is made from the standards alone.
type Key struct {
	t      testing.TB
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte // of the account, as given at registration
	count  uint32
	origin string
}

// NewKey makes an authenticator for pages at an origin, such as http://localhost:8080.
func NewKey(t testing.TB, origin string) *Key {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id) // never fails
	return &Key{t: t, key: key, id: id, origin: origin}
}

var b64 = base64.RawURLEncoding.EncodeToString

// options is what a ceremony begins with, as far as it is needed here.
type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func (k *Key) read(b []byte) (o options) {
	k.t.Helper()
	if err := json.Unmarshal(b, &o); err != nil {
		k.t.Fatalf("%s: %v", b, err)
	}
	return o
}

// Register answers the options of a registration.
func (k *Key) Register(begun []byte) string {
	k.t.Helper()
	o := k.read(begun).PublicKey
	var err error
	if k.handle, err = base64.RawURLEncoding.DecodeString(o.User.ID); err != nil {
		k.t.Fatal(err)
	}
	point, err := k.key.PublicKey.Bytes()
	if err != nil {
		k.t.Fatal(err)
	}
	public := bytes.Join([][]byte{ // COSE: EC2, ES256, P-256
		head(5, 5), number(1), number(2), number(3), number(-7), number(-1), number(1), number(-2), binaries(point[1:33]), number(-3), binaries(point[33:]),
	}, nil)
	const attested = 0x40
	more := bytes.Join([][]byte{make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(k.id))), k.id, public}, nil)
	object := bytes.Join([][]byte{
		head(5, 3), letters("fmt"), letters("none"), letters("attStmt"), head(5, 0), letters("authData"), binaries(k.data(o.RP.ID, attested, more)),
	}, nil)
	return k.answer(map[string]any{"clientDataJSON": b64(k.client("webauthn.create", o.Challenge)), "attestationObject": b64(object), "transports": []string{"internal"}})
}

// Assert answers the options of a sign-in.
func (k *Key) Assert(begun []byte) string {
	k.t.Helper()
	o := k.read(begun).PublicKey
	k.count++
	client, data := k.client("webauthn.get", o.Challenge), k.data(o.RPID, 0, nil)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		k.t.Fatal(err)
	}
	return k.answer(map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(k.handle)})
}

func (k *Key) client(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.origin, "crossOrigin": false}) // strings
	return b
}

// data is the authenticator data: its owner is there, and was verified.
func (k *Key) data(party string, flags byte, more []byte) []byte {
	const present, verified = 0x01, 0x04
	sum := sha256.Sum256([]byte(party))
	return bytes.Join([][]byte{sum[:], {present | verified | flags}, binary.BigEndian.AppendUint32(nil, k.count), more}, nil)
}

func (k *Key) answer(response map[string]any) string {
	b, err := json.Marshal(map[string]any{
		"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{}, "response": response,
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return string(b)
}

// The few forms of CBOR that are needed.
func head(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 256:
		return []byte{major<<5 | 24, byte(n)}
	}
	return append([]byte{major<<5 | 25}, binary.BigEndian.AppendUint16(nil, uint16(n))...)
}

func number(n int) []byte {
	if n < 0 {
		return head(1, -1-n)
	}
	return head(0, n)
}

func binaries(b []byte) []byte { return append(head(2, len(b)), b...) }
func letters(s string) []byte  { return append(head(3, len(s)), s...) }

// Code is what an authenticator app shows at some time that was set up with an otpauth address (RFC 6238).
func Code(t testing.TB, address string, at time.Time) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("digits") != "6" || u.Query().Get("period") != "30" {
		t.Fatalf("%q is not what an app is set up with: %v", address, err)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil {
		t.Fatal(err)
	}
	algorithm := map[string]func() hash.Hash{"SHA1": sha1.New, "SHA256": sha256.New}[u.Query().Get("algorithm")]
	if algorithm == nil {
		t.Fatalf("%q: the algorithm", address)
	}
	mac := hmac.New(algorithm, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0xf:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}
