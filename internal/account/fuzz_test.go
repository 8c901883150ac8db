package account

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
)

func FuzzCode(f *testing.F) {
	for _, s := range []string{"", "123456", "123 456", "１２３４５６", "12-34-56", "²³¹456", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		given, ok := parseCode(s)
		if !ok {
			return
		}
		if len(given) != codeDigits || strings.Trim(given, "0123456789") != "" {
			t.Fatalf("%q is taken as %q", s, given)
		}
		if again, ok := parseCode(given); !ok || again != given {
			t.Fatalf("%q, once more: %q", given, again)
		}
	})
}

// Whatever node and account are called, an app reads the same secret and the same names.
func FuzzCodeURI(f *testing.F) {
	f.Add([]byte("12345678901234567890"), "JPN Node", "山田 花子")
	f.Add([]byte{0}, "a:b", "?secret=x&#/%")
	f.Fuzz(func(t *testing.T, secret []byte, issuer, name string) {
		if !utf8.ValidString(issuer) || !utf8.ValidString(name) {
			return
		}
		u, err := url.Parse(codeURI(secret, sha1Name, issuer, name))
		if err != nil {
			t.Fatal(err)
		}
		issuer = strings.ReplaceAll(issuer, ":", " ")
		q := u.Query()
		got, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(q.Get("secret"))
		if err != nil || !bytes.Equal(got, secret) || q.Get("issuer") != issuer || u.Path != "/"+issuer+":"+name || u.Host != "totp" || len(q) != 5 {
			t.Fatalf("%s: %+v, %v", u, u, err)
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add(tokenPrefix + newSecret())
	f.Add(newSecret())
	f.Add(tokenPrefix)
	f.Add(tokenPrefix + strings.Repeat("A", 42) + "\n")
	f.Fuzz(func(t *testing.T, s string) {
		key, ok := parseToken(s)
		if ok && (len(key) != 64 || len(s) != len(tokenPrefix)+43) {
			t.Fatalf("%q: %q", s, key)
		}
		if _, session := secretKey(s); ok && session {
			t.Fatalf("%q is a token and a session", s)
		}
		if !ok {
			return
		}
		for _, other := range []string{s + "A", s[:len(s)-1], " " + s, strings.ToUpper(s)} {
			if k, ok := parseToken(other); ok && k == key && other != s {
				t.Fatalf("%q and %q are one", s, other)
			}
		}
	})
}

func FuzzHash(f *testing.F) {
	for _, c := range []cost{quick, {fips: true, iterations: 1000}, usualCost()} {
		h := c.shape()
		h.salt, h.sum = make([]byte, saltSize), make([]byte, hashSize)
		f.Add(h.String())
	}
	f.Add("$argon2id$v=19,m=999999999,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parseHash(s)
		if err != nil {
			return
		}
		if h.String() != s || h.memory > 1<<18 || h.time > 10 || h.iterations > 10_000_000 {
			t.Fatalf("%q: %+v", s, h)
		}
	})
}

// A name that is taken is safe to show, and is one name however it is written.
func FuzzName(f *testing.F) {
	for _, s := range []string{"Yamada", "山田　花子", "ｱﾅﾘｽﾄ", "Straße", "a\u202eb", "İ", "ﬁ", "\u0345", "ß"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := checkName(s)
		if err != nil {
			return
		}
		if name == "" || utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == ':' || r == '/'
		}) {
			t.Fatalf("%q is taken as %q", s, name)
		}
		again, err := checkName(name)
		if err != nil || again != name {
			t.Fatalf("%q, once more: %q, %v", name, again, err)
		}
		if nameTerm(s) != nameTerm(name) {
			t.Fatalf("%q is found as %q, %q as %q", s, nameTerm(s), name, nameTerm(name))
		}
	})
}

// Nothing that a browser hands back opens, unless this node sealed it.
func FuzzCeremony(f *testing.F) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // of this process: what others have put into the corpus is noise here
	s, err := newSealer(key)
	if err != nil {
		f.Fatal(err)
	}
	at := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	a := &Accounts{sealer: s, now: func() time.Time { return at }}
	good, err := a.begin(sealPasskey, "", "x")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(good[:len(good)-1] + "_")
	f.Fuzz(func(t *testing.T, token string) {
		var data string
		c, err := a.resume(sealPasskey, "", token, &data)
		if (err == nil) != (token == good) && err == nil {
			t.Fatalf("%q opened: %+v", token, c)
		}
		// And if it had: what is inside is read with the same care.
		sealed := b64(s.seal(sealRegister, "", []byte(token)))
		_, _ = a.resume(sealRegister, "", sealed, &data)
	})
}

// Whatever an authenticator answers, the sign-in fails in good order.
func FuzzAssertion(f *testing.F) {
	key := newAuthenticator(nil)
	f.Add(key.assert([]byte(`{"publicKey":{"challenge":"AAAA","rpId":"node.example","userVerification":"required"}}`)))
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"userHandle":"AA"}}`))
	relying, err := relyingParty(origin, "JPN Node")
	if err != nil {
		f.Fatal(err)
	}
	a := &Accounts{store: memory.New(), relying: relying, now: time.Now}
	f.Fuzz(func(t *testing.T, response []byte) {
		parsed := parseAssertion(response)
		err := a.store.Update(t.Context(), func(tx store.Tx) error {
			_, s, err := a.asserted(tx, ceremony{ID: "x"}, webauthn.SessionData{Challenge: "AAAA"}, parsed, here)
			if s != nil {
				t.Fatal("signed in")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzCreation(f *testing.F) {
	key := newAuthenticator(nil)
	f.Add(key.register([]byte(`{"publicKey":{"challenge":"AAAA","rp":{"id":"node.example"},"user":{"id":"AAAA"},"pubKeyCredParams":[{"alg":-7}],
		"authenticatorSelection":{"residentKey":"required","userVerification":"required"},"attestation":"none"}}`)))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, response []byte) {
		if _, err := parseCreation(response); err != nil {
			if _, ok := reasonOf(err); !ok {
				t.Fatal(err)
			}
		}
	})
}

func FuzzSource(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "[2001:db8::1]:80", "::ffff:192.0.2.1", "fe80::1%eth0", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := sourceOf(s)
		if p.IsValid() && (p != p.Masked() || p.Addr().Is4() != (p.Bits() == 32)) || !p.IsValid() && p != (netip.Prefix{}) {
			t.Fatalf("%q: %v", s, p)
		}
	})
}
