package account

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// authenticator is a security key in software, made from the standards alone: it knows CBOR, COSE and the two ceremonies, and nothing of the
// package under test. Its fields can be bent, to answer as a broken or hostile one would.
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte // of the user, as given at registration
	count  uint32

	origin string // that the browser is at
	rpid   string // that it signs for
	flags  byte
	kind   string // of the client data; empty is the right one
}

// The flags of authenticator data.
const (
	userPresent, userVerified, attested = 0x01, 0x04, 0x40
	backupEligible, backedUp            = 0x08, 0x10
)

func newAuthenticator(t *testing.T) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &authenticator{t: t, key: key, id: id, origin: origin, rpid: "node.example", flags: userPresent | userVerified}
}

// The few forms of CBOR that are needed.
func cborHead(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 256:
		return []byte{major<<5 | 24, byte(n)}
	}
	return append([]byte{major<<5 | 25}, binary.BigEndian.AppendUint16(nil, uint16(n))...)
}

func cborInt(n int) []byte {
	if n < 0 {
		return cborHead(1, -1-n)
	}
	return cborHead(0, n)
}

func cborBytes(b []byte) []byte { return append(cborHead(2, len(b)), b...) }
func cborText(s string) []byte  { return append(cborHead(3, len(s)), s...) }

// cosePublic is the public key as COSE has it: EC2, ES256, P-256.
func (a *authenticator) cosePublic() []byte {
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	x, y := point[1:33], point[33:]
	return bytes.Join([][]byte{
		cborHead(5, 5),
		cborInt(1), cborInt(2), cborInt(3), cborInt(-7), cborInt(-1), cborInt(1), cborInt(-2), cborBytes(x), cborInt(-3), cborBytes(y),
	}, nil)
}

// data is the authenticator data.
func (a *authenticator) data(flags byte, more []byte) []byte {
	hash := sha256.Sum256([]byte(a.rpid))
	return bytes.Join([][]byte{hash[:], {flags}, binary.BigEndian.AppendUint32(nil, a.count), more}, nil)
}

func (a *authenticator) clientData(kind, challenge string) []byte {
	if a.kind != "" {
		kind = a.kind
	}
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// register answers the options of a registration.
func (a *authenticator) register(options []byte) []byte {
	var o struct {
		PublicKey struct {
			Challenge string `json:"challenge"`
			RP        struct {
				ID string `json:"id"`
			} `json:"rp"`
			User struct {
				ID string `json:"id"`
			} `json:"user"`
			Params []struct {
				Alg int `json:"alg"`
			} `json:"pubKeyCredParams"`
			Exclude []struct {
				ID string `json:"id"`
			} `json:"excludeCredentials"`
			Selection struct {
				ResidentKey      string `json:"residentKey"`
				UserVerification string `json:"userVerification"`
			} `json:"authenticatorSelection"`
			Attestation string `json:"attestation"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		a.t.Fatalf("%s: %v", options, err)
	}
	p := o.PublicKey
	if p.Selection.ResidentKey != "required" || p.Selection.UserVerification != "required" || p.Attestation != "none" || p.RP.ID != "node.example" || len(p.Params) == 0 || p.Params[0].Alg != -7 {
		a.t.Fatalf("options: %s", options)
	}
	for _, e := range p.Exclude {
		if e.ID == b64(a.id) {
			return nil // this authenticator is registered already, and says no
		}
	}
	var err error
	if a.handle, err = base64.RawURLEncoding.DecodeString(p.User.ID); err != nil {
		a.t.Fatal(err)
	}
	more := bytes.Join([][]byte{make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(a.id))), a.id, a.cosePublic()}, nil)
	object := bytes.Join([][]byte{
		cborHead(5, 3),
		cborText("fmt"), cborText("none"), cborText("attStmt"), cborHead(5, 0), cborText("authData"), cborBytes(a.data(a.flags|attested, more)),
	}, nil)
	return a.answer(map[string]any{
		"clientDataJSON": b64(a.clientData("webauthn.create", p.Challenge)), "attestationObject": b64(object), "transports": []string{"internal"},
	})
}

// assert answers the options of a sign-in.
func (a *authenticator) assert(options []byte) []byte {
	var o struct {
		PublicKey struct {
			Challenge        string `json:"challenge"`
			RPID             string `json:"rpId"`
			UserVerification string `json:"userVerification"`
			Allow            []any  `json:"allowCredentials"`
		} `json:"publicKey"`
	}
	if err := json.Unmarshal(options, &o); err != nil {
		a.t.Fatalf("%s: %v", options, err)
	}
	if o.PublicKey.UserVerification != "required" || o.PublicKey.RPID != "node.example" || len(o.PublicKey.Allow) != 0 {
		a.t.Fatalf("options: %s", options)
	}
	client := a.clientData("webauthn.get", o.PublicKey.Challenge)
	data := a.data(a.flags, nil)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(a.handle),
	})
}

func (a *authenticator) answer(response map[string]any) []byte {
	b, err := json.Marshal(map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{}, "response": response,
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}
