package account

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// provider is an identity provider on this machine, made from the standards: discovery, keys, the code flow with PKCE, signed tokens. Its
// fields can be bent, to answer as a broken or hostile one would.
type provider struct {
	*httptest.Server
	t      *testing.T
	key    *ecdsa.PrivateKey
	now    func() time.Time
	secret string // of the client, "" for none

	mu     sync.Mutex
	codes  map[string]url.Values // what each code was given for
	bend   func(claims map[string]any)
	sign   *ecdsa.PrivateKey // other than key
	alg    string            // other than ES256
	asked  int
	answer func(w http.ResponseWriter, r *http.Request) bool // instead of its own
}

const (
	clientID = "jpn-node"
	redirect = origin + "/sign-in/identity"
)

func newProvider(t *testing.T, now func() time.Time) *provider {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, now: now, secret: "the client's secret", codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked++
		answer := p.answer
		p.mu.Unlock()
		if answer == nil || !answer(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

// config is what a node is told about it.
func (p *provider) config() (c Config) {
	dir := p.t.TempDir()
	secret, ca := filepath.Join(dir, "client"), filepath.Join(dir, "ca.pem")
	for name, text := range map[string][]byte{
		secret: []byte(p.secret + "\n"),
		ca:     pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw}),
	} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	c.OIDC.Issuer, c.OIDC.Client, c.OIDC.SecretFile, c.OIDC.Redirect, c.OIDC.CAFile = p.URL, clientID, secret, redirect, ca
	return c
}

func (p *provider) reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

func (p *provider) discovery(w http.ResponseWriter, _ *http.Request) {
	p.reply(w, http.StatusOK, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256"},
	})
}

func (p *provider) keys(w http.ResponseWriter, _ *http.Request) {
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		p.t.Error(err)
	}
	p.reply(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1", "x": b64(point[1:33]), "y": b64(point[33:]),
	}}})
}

// browse is what happens at the provider: somebody signs in there and is sent back. It returns what the browser brings.
func (p *provider) browse(address, subject string) (state, code string) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if u.Scheme+"://"+u.Host != p.URL || u.Path != "/authorize" || q.Get("client_id") != clientID || q.Get("redirect_uri") != redirect ||
		q.Get("response_type") != "code" || q.Get("scope") != "openid" || q.Get("code_challenge_method") != "S256" ||
		len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 26 || len(q.Get("nonce")) < 26 {
		p.t.Fatalf("the browser is sent to %s", address)
	}
	code = rand.Text()
	q.Set("sub", subject)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = q
	return q.Get("state"), code
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.Form.Get("client_id"), r.Form.Get("client_secret")
	} else {
		secret, _ = url.QueryUnescape(secret)
	}
	p.mu.Lock()
	given, ok := p.codes[r.Form.Get("code")]
	delete(p.codes, r.Form.Get("code")) // a code is good once
	bend, sign, alg := p.bend, p.sign, p.alg
	p.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	switch {
	case id != clientID || subtle.ConstantTimeCompare([]byte(secret), []byte(p.secret)) != 1:
		p.reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	case !ok || r.Form.Get("grant_type") != "authorization_code" || r.Form.Get("redirect_uri") != redirect || b64(challenge[:]) != given.Get("code_challenge"):
		p.reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	now := p.now()
	claims := map[string]any{
		"iss": p.URL, "sub": given.Get("sub"), "aud": clientID, "exp": now.Add(5 * time.Minute).Unix(), "iat": now.Unix(), "nonce": given.Get("nonce"),
	}
	if bend != nil {
		bend(claims)
	}
	key := p.key
	if sign != nil {
		key = sign
	}
	p.reply(w, http.StatusOK, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": p.signed(key, alg, claims)})
}

// signed is a JSON web token.
func (p *provider) signed(key *ecdsa.PrivateKey, alg string, claims map[string]any) string {
	if alg == "" {
		alg = "ES256"
	}
	head, err := json.Marshal(map[string]any{"alg": alg, "kid": "1", "typ": "JWT"})
	if err != nil {
		p.t.Error(err)
	}
	body, err := json.Marshal(maps.Clone(claims))
	if err != nil {
		p.t.Error(err)
	}
	text := b64(head) + "." + b64(body)
	if alg == "none" {
		return text + "."
	}
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		p.t.Error(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + b64(signature)
}
