package accounts_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
)

var b64 = base64.RawURLEncoding.EncodeToString

// provider is an identity provider on this machine, made from the standards: discovery, keys, the code flow with PKCE, signed tokens.
type provider struct {
	*httptest.Server
	t     *testing.T
	key   *ecdsa.PrivateKey
	asked url.Values // the last request
	who   string
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.reply(w, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		point, _ := p.key.PublicKey.Bytes()
		p.reply(w, map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1", "x": b64(point[1:33]), "y": b64(point[33:])}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// browse is what happens at the provider: somebody signs in there, and is sent back to where this leads.
func (p *provider) browse(address, who string) (back string) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(address, p.URL+"/authorize?") {
		p.t.Fatalf("the browser is sent to %q: %v", address, err)
	}
	p.asked, p.who = u.Query(), who
	to, err := url.Parse(p.asked.Get("redirect_uri"))
	if err != nil {
		p.t.Fatal(err)
	}
	return to.Path + "?" + url.Values{"state": {p.asked.Get("state")}, "code": {"the-code"}}.Encode()
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if r.PostFormValue("code") != "the-code" || b64(sum[:]) != p.asked.Get("code_challenge") {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	now := time.Now()
	claims, _ := json.Marshal(map[string]any{"iss": p.URL, "sub": p.who, "aud": "jpn-node", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": p.asked.Get("nonce")})
	signed := b64([]byte(`{"alg":"ES256","kid":"1"}`)) + "." + b64(claims)
	digest := sha256.Sum256([]byte(signed))
	x, y, err := ecdsa.Sign(rand.Reader, p.key, digest[:])
	if err != nil {
		p.t.Error(err)
	}
	signature := make([]byte, 64)
	x.FillBytes(signature[:32])
	y.FillBytes(signature[32:])
	p.reply(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": signed + "." + b64(signature)})
}

func (p *provider) setting() setting {
	return setting{config: func(origin string) (c account.Config) {
		c.OIDC.Issuer, c.OIDC.Client, c.OIDC.Redirect = p.URL, "jpn-node", origin+"/sign-in/identity"
		return c
	}}
}

func TestIdentity(t *testing.T) {
	p := newProvider(t)
	w := newWorld(t, p.setting())
	admin := w.administrator()
	admin.post("/accounts/people/invite", "name", "Taro", "lang", "en", "role", "analyst", "without", "yes").to("/accounts/people/" + w.id("Taro"))
	at := "/accounts/people/" + w.id("Taro")
	v := w.visitor()
	v.get("/sign-in?next=/accounts").is(200, "At the identity provider", `href="/sign-in/identity/start?next=%2faccounts"`)
	// Nobody has that identity yet.
	a := v.get("/sign-in/identity/start?next=/accounts")
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s: %s", a.Status, a.main())
	}
	v.get(p.browse(a.Header.Get("Location"), "sub-1")).is(403, "linked to no account")
	admin.post(at+"/identity", "subject", "").is(400, "1 to 255 characters")
	admin.post(at+"/identity", "subject", " sub-1 ").to(at)
	admin.get(at).is(200, "sub-1", "Unlink", "can sign in", "only at the machine itself").hasNot(`id="subject"`)
	admin.post(at+"/identity", "subject", "sub-2").is(403, "takes two administrators")    // nobody makes themselves somebody else
	admin.post("/accounts/people/"+w.id("Admin")+"/identity", "subject", "sub-2").is(403) // one's own credentials take two people
	admin.post("/accounts/people/invite", "name", "Jiro", "lang", "en", "role", "analyst", "without", "yes").to("/accounts/people/" + w.id("Jiro"))
	admin.post("/accounts/people/"+w.id("Jiro")+"/identity", "subject", "sub-1").is(409, "another account has this")

	a = v.get("/sign-in/identity/start?next=/accounts")
	kept := slices.IndexFunc(a.Cookies(), func(c *http.Cookie) bool { return c.Name == "identity" })
	if kept < 0 || !a.Cookies()[kept].HttpOnly || a.Cookies()[kept].SameSite != http.SameSiteLaxMode {
		t.Errorf("%v", a.Cookies())
	}
	back := p.browse(a.Header.Get("Location"), "sub-1")
	w.visitor().get(back).is(403) // another browser, in which it was not begun
	v.get(back).to("/accounts")
	v.get("/accounts").is(200, "Taro", "identity provider", "sub-1")
	v.get(back).is(403) // not a second time

	// Where it leads on to stays here, whatever stands in the cookie.
	for _, next := range append(destinations, "/watch") {
		eve := w.visitor()
		a := eve.get("/sign-in/identity/start?next=" + url.QueryEscape(next))
		back := p.browse(a.Header.Get("Location"), "sub-1")
		first, token, _ := strings.Cut(eve.kept("identity"), ".")
		eve.plant("identity", b64([]byte(next))+"."+token)
		got := eve.get(back)
		to := got.Header.Get("Location")
		if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
			t.Errorf("next %q leads to %s %q (kept %q)", next, got.Status, to, first)
		}
	}
	old := v.session()
	admin.post(at+"/identity/remove", "issuer", p.URL, "subject", "sub-1").to(at)
	w.dead(old)
	w.visitor().get("/sign-in/identity?error=access_denied&state=x").is(403)

	p.Close()
	fresh := newWorld(t, p.setting())
	fresh.visitor().get("/sign-in/identity/start").is(503, "the identity provider cannot be reached")
}

// kept is what a cookie of the browser holds.
func (v *visitor) kept(name string) string {
	for _, c := range v.cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}
