package account

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store/memory"
)

// provided is a world with an identity provider.
func provided(t *testing.T) (*world, *provider) {
	w := newWorld(t)
	p := newProvider(t, w.clock.now)
	w.open(w.store, p.config())
	t.Cleanup(w.provider.Close)
	return w, p
}

// through signs in at the provider and comes back.
func (w *world) through(p *provider, subject string) (string, *Session, error) {
	w.Helper()
	address, ceremony, err := w.StartOIDC(w.ctx())
	w.must(err)
	state, code := p.browse(address, subject)
	return w.FinishOIDC(w.ctx(), ceremony, state, code, there)
}

func TestIdentity(t *testing.T) {
	w, p := provided(t)
	admin := w.administrator()
	_, _, err := w.through(p, "u-1")
	w.refused(err, fault.Denied, "why-not-linked") // that the provider knows somebody is not enough
	account, err := w.Add(w.ctx(), w.as(admin), Newcomer{Name: "Analyst", Kind: KindPerson, Roles: []Role{Analyst}, Lang: locale.English})
	w.must(err)
	w.must(w.LinkIdentity(w.ctx(), w.as(admin), account.ID, "u-1"))
	if e := w.last(); e.What != IdentityLinked || e.By != "Admin" || e.Detail != p.URL+" u-1" {
		t.Errorf("%+v", e)
	}
	w.must(w.LinkIdentity(w.ctx(), Console("test"), account.ID, "u-1")) // once more changes nothing
	w.refused(w.LinkIdentity(w.ctx(), Console("test"), admin.ID, "u-1"), fault.Conflict, "why-taken")
	w.refused(w.LinkIdentity(w.ctx(), w.as(admin), account.ID, "u-9"), fault.Denied, "why-two-people") // nobody alone becomes somebody else
	w.refused(w.LinkIdentity(w.ctx(), w.as(admin), admin.ID, ""), fault.Invalid, "why-subject")
	secret, s, err := w.through(p, "u-1")
	w.must(err)
	if s.Account.ID != account.ID || s.Method != ByIdentity || s.From != there || !s.May(Author) || s.May(AccountManage) {
		t.Errorf("%+v", s)
	}
	if e := w.last(); e.What != SignInDone || e.Method != ByIdentity {
		t.Errorf("%+v", e)
	}
	asked := p.asked
	_, err = w.Accounts.Session(w.ctx(), secret) // the provider is not asked again
	w.must(err)
	if p.asked != asked {
		t.Error("a page asked the provider")
	}

	off := true
	_, err = w.Set(w.ctx(), w.as(admin), account.ID, Changes{Disabled: &off})
	w.must(err)
	_, _, err = w.through(p, "u-1")
	w.refused(err, fault.Denied, "why-not-linked")
	off = false
	_, err = w.Set(w.ctx(), w.as(admin), account.ID, Changes{Disabled: &off})
	w.must(err)
	secret, _, err = w.through(p, "u-1")
	w.must(err)
	w.must(w.UnlinkIdentity(w.ctx(), w.as(admin), account.ID, Identity{p.URL, "u-1"}))
	w.noSession(secret)
	_, _, err = w.through(p, "u-1")
	w.refused(err, fault.Denied, "why-not-linked")

	// An administrator who signs in there alone counts as one, and remains.
	boss, err := w.Add(w.ctx(), w.as(admin), Newcomer{Name: "Boss", Kind: KindPerson, Roles: []Role{Administrator}, Lang: locale.English})
	w.must(err)
	w.must(w.LinkIdentity(w.ctx(), w.as(admin), boss.ID, "u-2"))
	w.must(w.Remove(w.ctx(), w.as(admin), admin.ID))
	w.refused(w.UnlinkIdentity(w.ctx(), Console("test"), boss.ID, Identity{p.URL, "u-2"}), fault.Conflict, "why-last-administrator")
	_, s, err = w.through(p, "u-2")
	w.must(err)
	if s.Account.Name != "Boss" {
		t.Errorf("%+v", s)
	}
	service, err := w.Add(w.ctx(), Console("test"), Newcomer{Name: "siem", Kind: KindService, Lang: locale.English})
	w.must(err)
	w.refused(w.LinkIdentity(w.ctx(), Console("test"), service.ID, "u-3"), fault.Invalid, "why-service")
}

// Credentials that are set anew do not take away what an administrator has linked.
func TestIdentityAfterReset(t *testing.T) {
	w, p := provided(t)
	admin := w.administrator()
	w.must(w.LinkIdentity(w.ctx(), Console("test"), admin.ID, "u-1"))
	l, err := w.Reset(w.ctx(), Console("test"), admin.ID)
	w.must(err)
	w.enrol(l.Secret, "")
	_, s, err := w.through(p, "u-1")
	w.must(err)
	if s.Account.ID != admin.ID {
		t.Errorf("%+v", s)
	}
}

// What a hostile provider, or somebody in between, answers signs nobody in.
func TestIdentityRefused(t *testing.T) {
	w, p := provided(t)
	admin := w.administrator()
	w.must(w.LinkIdentity(w.ctx(), Console("test"), admin.ID, "u-1"))
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	for name, bend := range map[string]func(){
		"another issuer":     func() { p.bend = func(c map[string]any) { c["iss"] = "https://evil.example" } },
		"for another client": func() { p.bend = func(c map[string]any) { c["aud"] = "another" } },
		"for two":            func() { p.bend = func(c map[string]any) { c["aud"] = []string{clientID, "another"} } },
		"another party":      func() { p.bend = func(c map[string]any) { c["azp"] = "another" } },
		"another nonce":      func() { p.bend = func(c map[string]any) { c["nonce"] = "x" } },
		"no nonce":           func() { p.bend = func(c map[string]any) { delete(c, "nonce") } },
		"expired":            func() { p.bend = func(c map[string]any) { c["exp"] = w.clock.now().Add(-time.Second).Unix() } },
		"not yet":            func() { p.bend = func(c map[string]any) { c["nbf"] = w.clock.now().Add(time.Hour).Unix() } },
		"nobody":             func() { p.bend = func(c map[string]any) { delete(c, "sub") } },
		"a long name":        func() { p.bend = func(c map[string]any) { c["sub"] = strings.Repeat("x", 256) } },
		"a wrong kind":       func() { p.bend = func(c map[string]any) { c["sub"] = 7 } },
		"another key":        func() { p.sign = other },
		"no signature":       func() { p.alg = "none" },
		"another algorithm":  func() { p.alg = "HS256" },
	} {
		w.clock.pass(time.Hour)
		p.mu.Lock()
		p.bend, p.sign, p.alg = nil, nil, ""
		bend()
		p.mu.Unlock()
		before := len(w.events())
		_, s, err := w.through(p, "u-1")
		if r, _ := reasonOf(err); s != nil || fault.Of(err) != fault.Denied || r.Code != "account.why-sign-in" {
			t.Errorf("%s: %v", name, err)
		}
		if got := w.events()[before:]; len(got) != 1 || got[0].What != SignInFailed || got[0].Method != ByIdentity {
			t.Errorf("%s: %+v", name, got)
		}
	}
	p.mu.Lock()
	p.bend, p.sign, p.alg = func(c map[string]any) { c["aud"], c["azp"] = []string{clientID, "another"}, clientID }, nil, ""
	p.mu.Unlock()
	if _, _, err := w.through(p, "u-1"); err != nil {
		t.Errorf("for two, and said to be for this one: %v", err)
	}
}

// The browser's part: what it brings must belong to what began in it, and counts once.
func TestIdentityFlow(t *testing.T) {
	w, p := provided(t)
	admin := w.administrator()
	w.must(w.LinkIdentity(w.ctx(), Console("test"), admin.ID, "u-1"))
	begin := func() (ceremony, state, code string) {
		w.clock.pass(time.Hour)
		address, ceremony, err := w.StartOIDC(w.ctx())
		w.must(err)
		state, code = p.browse(address, "u-1")
		return ceremony, state, code
	}
	ceremony, state, code := begin()
	for name, bad := range map[string][3]string{
		"no state":      {ceremony, "", code},
		"another state": {ceremony, state + "x", code},
		"no code":       {ceremony, state, ""},
		"another code":  {ceremony, state, "x"},
		"a long code":   {ceremony, state, strings.Repeat("x", 1<<20)},
		"no ceremony":   {"", state, code},
	} {
		_, _, err := w.FinishOIDC(w.ctx(), bad[0], bad[1], bad[2], here)
		if fault.Of(err) != fault.Denied || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	other, _, _ := begin()
	ceremony, state, code = begin()
	_, _, err := w.FinishOIDC(w.ctx(), other, state, code, here) // somebody else's browser
	w.refused(err, fault.Denied, "why-ceremony")                 // an hour old
	w.clock.pass(-time.Hour)
	_, _, err = w.FinishOIDC(w.ctx(), other, state, code, here)
	w.refused(err, fault.Denied, "why-sign-in")
	w.clock.pass(time.Hour)
	_, _, err = w.FinishOIDC(w.ctx(), ceremony, state, code, here)
	w.must(err)
	_, _, err = w.FinishOIDC(w.ctx(), ceremony, state, code, here) // once more: the provider does not take the code again
	w.refused(err, fault.Denied, "why-sign-in")
	p.mu.Lock() // and if it did, the ceremony is used up
	p.codes[code] = map[string][]string{"sub": {"u-1"}}
	p.mu.Unlock()
	_, _, err = w.FinishOIDC(w.ctx(), ceremony, state, code, here)
	w.refused(err, fault.Denied, "")
	ceremony, state, code = begin()
	w.clock.pass(ceremonyTime)
	_, _, err = w.FinishOIDC(w.ctx(), ceremony, state, code, here)
	w.refused(err, fault.Denied, "why-ceremony")
}

// With every network cut everything but the provider goes on, and that one comes back when the network does.
func TestIdentityWithoutNetwork(t *testing.T) {
	w, p := provided(t)
	admin := w.administrator()
	w.must(w.LinkIdentity(w.ctx(), Console("test"), admin.ID, "u-1"))
	p.mu.Lock()
	p.answer = func(rw http.ResponseWriter, r *http.Request) bool {
		http.Error(rw, "out of order: "+r.FormValue("client_secret")+r.FormValue("code"), http.StatusBadGateway)
		return true
	}
	p.mu.Unlock()
	for range 20 { // it is not asked for each who asks us
		_, _, err := w.StartOIDC(w.ctx())
		w.refused(err, fault.Unavailable, "why-provider")
	}
	if p.asked != 1 {
		t.Errorf("the provider was asked %d times", p.asked)
	}
	w.signIn(admin)
	p.mu.Lock()
	answer := p.answer
	p.answer = nil
	p.mu.Unlock()
	_, _, err := w.through(p, "u-1")
	w.must(err)
	address, ceremony, err := w.StartOIDC(w.ctx())
	w.must(err)
	state, code := p.browse(address, "u-1")
	p.mu.Lock()
	p.answer = answer
	p.mu.Unlock()
	_, _, err = w.FinishOIDC(w.ctx(), ceremony, state, code, here)
	w.refused(err, fault.Unavailable, "why-provider")
	if strings.Contains(err.Error(), code) || strings.Contains(err.Error(), p.secret) {
		t.Errorf("a secret is in %v", err)
	}
	p.mu.Lock()
	p.answer = nil
	p.mu.Unlock()
	_, _, err = w.FinishOIDC(w.ctx(), ceremony, state, code, here) // it was not the browser's fault: the same ceremony goes on
	w.must(err)
	p.Close()
	w.open(w.store, p.config())
	_, _, err = w.StartOIDC(w.ctx())
	w.refused(err, fault.Unavailable, "why-provider")
	w.signIn(admin)
}

// Answers without end, redirections and addresses in the clear are not followed.
func TestHostileProvider(t *testing.T) {
	for name, answer := range map[string]func(p *provider) func(http.ResponseWriter, *http.Request) bool{
		"endless": func(*provider) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Content-Type", "application/json")
				for range 64 {
					if _, err := w.Write([]byte(strings.Repeat(" ", 1<<20))); err != nil {
						break
					}
				}
				return true
			}
		},
		"elsewhere": func(p *provider) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/elsewhere") {
					p.discovery(w, r)
				} else {
					http.Redirect(w, r, p.URL+"/elsewhere", http.StatusFound)
				}
				return true
			}
		},
		"another issuer": func(p *provider) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, r *http.Request) bool {
				p.reply(w, http.StatusOK, map[string]any{"issuer": "https://evil.example", "authorization_endpoint": p.URL, "token_endpoint": p.URL, "jwks_uri": p.URL})
				return true
			}
		},
	} {
		w, p := provided(t)
		p.mu.Lock()
		p.answer = answer(p)
		p.mu.Unlock()
		_, _, err := w.StartOIDC(w.ctx())
		if fault.Of(err) != fault.Unavailable || len(err.Error()) > 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}

	w, p := provided(t)
	admin := w.administrator()
	w.must(w.LinkIdentity(w.ctx(), Console("test"), admin.ID, "u-1"))
	p.mu.Lock()
	p.answer = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/.well-known/openid-configuration" {
			return false
		}
		p.reply(rw, http.StatusOK, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": "http://192.0.2.1/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
		return true
	}
	p.mu.Unlock()
	_, _, err := w.through(p, "u-1")
	w.refused(err, fault.Unavailable, "why-provider")
}

func TestProviderConfig(t *testing.T) {
	w := newWorld(t)
	good := newProvider(t, w.clock.now).config()
	for name, bend := range map[string]func(c *Config){
		"http":            func(c *Config) { c.OIDC.Issuer = "http://login.example" },
		"a user":          func(c *Config) { c.OIDC.Issuer = "https://u:p@login.example" },
		"no address":      func(c *Config) { c.OIDC.Issuer = "login" },
		"no client":       func(c *Config) { c.OIDC.Client = "" },
		"no redirect":     func(c *Config) { c.OIDC.Redirect = "" },
		"redirect http":   func(c *Config) { c.OIDC.Redirect = "http://node.example/x" },
		"no secret there": func(c *Config) { c.OIDC.SecretFile = "/nowhere/secret" },
		"no certificate":  func(c *Config) { c.OIDC.CAFile = c.OIDC.SecretFile },
	} {
		c := good
		bend(&c)
		_, err := New(Params{Store: memory.New(), Dir: t.TempDir(), Config: c})
		if err == nil || fault.Of(err) != fault.Invalid || strings.Contains(err.Error(), "u:p") || strings.Contains(err.Error(), "the client's secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := w.StartOIDC(w.ctx()) // none is configured
	w.refused(err, fault.NotFound, "why-no-provider")
	_, _, err = w.FinishOIDC(w.ctx(), "", "", "", here)
	w.refused(err, fault.NotFound, "why-no-provider")
	w.refused(w.LinkIdentity(w.ctx(), Console("test"), "x", "y"), fault.Invalid, "why-no-provider")
	if w.HasOIDC() {
		t.Error("it has one")
	}
}
