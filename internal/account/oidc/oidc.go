// Package oidc lets somebody sign in at an identity provider (OpenID Connect): the code flow with PKCE, state and nonce. Out goes the address to
// send a browser to; in comes the code that the browser brings back; out goes who that is. Nothing is decided here about what that one may do,
// and nothing is kept.
//
// A Provider asks for the provider's metadata when it is needed first, so that a node starts with the network cut. It may be used by many
// goroutines.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/wagasa/wagasa/internal/fault"
)

// Config is the node's section about an identity provider. An empty Issuer means that there is none.
type Config struct {
	Issuer     string `toml:"issuer" comment:"address of the identity provider, such as https://login.example; empty: none"`
	Client     string `toml:"client" comment:"what this node is called there"`
	SecretFile string `toml:"secret_file" comment:"file with the secret that the provider gave to this node, mode 0600; empty: none, PKCE alone"`
	Redirect   string `toml:"redirect" comment:"where the provider sends people back to, such as https://node.example/sign-in/identity"`
	CAFile     string `toml:"ca_file" comment:"file with certificates (PEM) to trust for the provider; empty: those of the system"`
}

// Bounds of what the provider is and says.
const (
	timeout    = 10 * time.Second
	maxAnswer  = 1 << 20
	maxSecret  = 4096
	maxCode    = 4096
	maxSubject = 255 // as the standard says
)

// Provider is one identity provider.
type Provider struct {
	config Config
	secret string
	client *http.Client
	now    func() time.Time

	turn   chan struct{} // held by whom asks for the metadata, or looks at what follows
	known  *oidc.Provider
	failed error     // the last time it was asked for
	when   time.Time // that was
}

// restFor is how long a provider that could not be reached is left alone: whoever knocks at our door does not make us knock at its.
const restFor = 5 * time.Second

// New makes a Provider, or nil where the configuration has none. It reaches nobody.
func New(c Config, now func() time.Time) (*Provider, error) {
	if c.Issuer == "" {
		return nil, nil
	}
	for name, address := range map[string]string{"issuer": c.Issuer, "redirect": c.Redirect} {
		if err := checkAddress(address); err != nil {
			return nil, fault.New(fault.Invalid, "identity provider: %s: %w", name, err)
		}
	}
	if c.Client == "" {
		return nil, fault.New(fault.Invalid, "identity provider: client: it is missing")
	}
	p := &Provider{config: c, now: now, turn: make(chan struct{}, 1)}
	trust, err := readTrust(c.CAFile)
	if err != nil {
		return nil, fault.New(fault.Invalid, "identity provider: ca_file: %w", err)
	}
	if p.secret, err = readSecret(c.SecretFile); err != nil {
		return nil, fault.New(fault.Invalid, "identity provider: secret_file: %w", err)
	}
	p.client = &http.Client{
		Timeout: timeout,
		Transport: bounded{&http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout, MaxResponseHeaderBytes: 64 << 10, IdleConnTimeout: time.Minute, MaxIdleConns: 4,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the provider answers with another address: give that one")
		},
	}
	return p, nil
}

// checkAddress takes https, and http on this machine.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("it cannot be read")
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return errors.New("want an https address without user and fragment")
	}
	return nil
}

func readTrust(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return pool, nil
}

func readSecret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return "", fmt.Errorf("%s can be used by others than its owner (mode %04o): run chmod 600 %s", path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" || len(text) > maxSecret {
		return "", fmt.Errorf("%s is empty or too long", path)
	}
	return secret, nil
}

// bounded cuts answers that are too long, and asks nobody in the clear but this machine.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := checkAddress(r.URL.String()); err != nil {
		return nil, fmt.Errorf("%s: %w", r.URL.Host, err)
	}
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

// Issuer names the provider.
func (p *Provider) Issuer() string { return p.config.Issuer }

// State is what has to be remembered between Start and Finish, and to be shown to nobody but the browser that it began in.
type State struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Start returns where to send the browser. A provider that cannot be reached is fault.Unavailable.
func (p *Provider) Start(ctx context.Context) (address string, s State, err error) {
	known, err := p.reach(ctx)
	if err != nil {
		return "", s, err
	}
	s = State{rand.Text(), rand.Text(), oauth2.GenerateVerifier()}
	return p.flow(known).AuthCodeURL(s.State, oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier)), s, nil
}

// Finish takes what the browser brings back, and returns who it is there. What was not begun here, or is not signed as it must be, is fault.Denied.
func (p *Provider) Finish(ctx context.Context, s State, state, code string) (subject string, err error) {
	if s.State == "" || subtle.ConstantTimeCompare([]byte(s.State), []byte(state)) != 1 {
		return "", fault.New(fault.Denied, "identity provider: the answer belongs to another beginning")
	}
	if code == "" || len(code) > maxCode {
		return "", fault.New(fault.Denied, "identity provider: there is no code in the answer")
	}
	known, err := p.reach(ctx)
	if err != nil {
		return "", err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.flow(known).Exchange(ctx, code, oauth2.VerifierOption(s.Verifier))
	if err != nil {
		return "", exchangeFault(err)
	}
	raw, _ := token.Extra("id_token").(string)
	claims, err := known.VerifierContext(ctx, &oidc.Config{ClientID: p.config.Client, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return "", fault.New(fault.Denied, "identity provider: %s", brief(err))
	}
	return p.subject(claims, s.Nonce)
}

// exchangeFault tells a code that the provider does not take from a provider that is not there. Its answer may repeat what it was sent, so only
// its code is passed on.
func exchangeFault(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError {
		return fault.New(fault.Denied, "identity provider: it does not take the code: %.40q", refused.ErrorCode)
	}
	return fault.New(fault.Unavailable, "identity provider: it does not answer as it should")
}

// subject returns whom claims are about, once they are about this sign-in.
func (p *Provider) subject(claims *oidc.IDToken, nonce string) (string, error) {
	var more struct {
		Party string `json:"azp"`
	}
	if err := claims.Claims(&more); err != nil {
		return "", fault.New(fault.Denied, "identity provider: %s", brief(err))
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(nonce)) != 1:
		return "", fault.New(fault.Denied, "identity provider: the answer is of another sign-in")
	case len(claims.Audience) > 1 && more.Party != p.config.Client, more.Party != "" && more.Party != p.config.Client:
		return "", fault.New(fault.Denied, "identity provider: the answer is for somebody else")
	case claims.Subject == "" || len(claims.Subject) > maxSubject:
		return "", fault.New(fault.Denied, "identity provider: the answer names nobody")
	}
	return claims.Subject, nil
}

// reach asks the provider for its metadata, once; one asks at a time.
func (p *Provider) reach(ctx context.Context) (*oidc.Provider, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "identity provider %s: %w", p.config.Issuer, context.Cause(ctx))
	}
	if p.known != nil {
		return p.known, nil
	}
	now := p.now()
	if passed := now.Sub(p.when); p.failed != nil && passed >= 0 && passed < restFor {
		return nil, p.failed
	}
	known, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		p.failed, p.when = fault.New(fault.Unavailable, "identity provider %s: %s", p.config.Issuer, brief(err)), now
		return nil, p.failed
	}
	p.known = known
	return known, nil
}

func (p *Provider) flow(known *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.Client, ClientSecret: p.secret, Endpoint: known.Endpoint(), RedirectURL: p.config.Redirect, Scopes: []string{oidc.ScopeOpenID},
	}
}

// brief keeps what a provider answers from filling a log.
func brief(err error) string { return fmt.Sprintf("%.200q", err.Error()) }

// Close lets go of connections.
func (p *Provider) Close() {
	if p != nil {
		p.client.CloseIdleConnections()
	}
}
