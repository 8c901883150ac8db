// Package web is the node's pages: the watch floor, objects, the release desk, partners, authoring and accounts, in English and Japanese. It puts
// together what its folders give, one a domain, and serves it. What comes in are requests of browsers; what goes out are pages, made of what
// the domains' own packages say. No decision is taken here.
//
// A Server is made by New, serves until the context of Serve ends, and answers any number of requests at once.
package web

import (
	"context"
	"crypto/tls"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/page"
)

//go:embed static
var static embed.FS

//go:embed templates/*.html
var templates embed.FS

// Domain is what one folder gives.
type Domain struct {
	Routes    []page.Route
	Templates fs.FS // nil if it has none
}

// menu is where one may go, in this order.
var menu = []page.MenuItem{
	{Path: "/", Text: "web.watch", Action: account.WatchView},
	{Path: "/objects", Text: "web.objects", Action: account.ViewObjects},
	{Path: "/desk", Text: "web.desk", Action: account.ReleaseDesk},
	{Path: "/partners", Text: "web.partners", Action: account.PartnerView},
	{Path: "/author", Text: "web.author", Action: account.Author},
	{Path: "/accounts", Text: "web.accounts", Action: account.SignedIn},
}

// Server is the web of one node.
type Server struct {
	handler http.Handler
	routes  []page.Route
	live    *page.Live
	log     *slog.Logger
}

// New puts the pages together. The site's Renderer is made here.
func New(site *page.Site, live *page.Live, domains ...Domain) (*Server, error) {
	site.Menu = menu
	files, err := fs.Sub(static, "static")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	site.Assets, err = page.NewAssets(files)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	folder, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	folders := []fs.FS{folder}
	routes := []page.Route{
		{Method: "GET", Path: "/static/", Handle: site.Assets.Serve},
		{Method: "POST", Path: "/language", Handle: language},
		{Method: "GET", Path: "/live", Action: account.SignedIn, Handle: live.Stream},
	}
	for _, d := range domains {
		routes = append(routes, d.Routes...)
		if d.Templates != nil {
			folders = append(folders, d.Templates)
		}
	}
	if site.Renderer, err = page.NewRenderer(folders...); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return &Server{site.Handler(routes), routes, live, site.Log}, nil
}

// Routes are all that the server answers, each with what one must be allowed to do.
func (s *Server) Routes() []page.Route { return slices.Clone(s.routes) }

// language keeps the language that a reader chose: in the account, where somebody is signed in, and in the browser for when nobody is.
func language(r *page.Request) error {
	lang := locale.Lang(r.PostFormValue("lang"))
	if !slices.Contains(locale.Langs[:], lang) {
		return fault.New(fault.Invalid, "language %q: want en or ja", lang)
	}
	if r.Session != nil && r.May(account.OwnLanguage) {
		if _, err := r.Site.Accounts.Set(r.Context(), r.Actor(), r.Session.Account.ID, account.Changes{Lang: &lang}); err != nil {
			return err
		}
	}
	r.ChooseLanguage(string(lang))
	return r.Redirect(r.Return("/"))
}

// Bounds of a connection.
const (
	headTime  = 10 * time.Second
	bodyTime  = 60 * time.Second
	idleTime  = 2 * time.Minute
	mostHeads = 16 << 10
	grace     = 5 * time.Second
)

// Handler is what the server answers with.
func (s *Server) Handler() http.Handler { return s.handler }

// Listen opens the address at which browsers are answered. Without a certificate that is this machine only.
func Listen(address string, certificate *tls.Certificate) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fault.New(fault.Invalid, "web: %w", err)
	}
	if ip := net.ParseIP(host); certificate == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fault.New(fault.Denied, "web: %s is not this machine alone: give a certificate with --web-cert and --web-key, or listen on 127.0.0.1", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "web: %w", err)
	}
	if certificate != nil {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}})
	}
	return l, nil
}

// Serve answers until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headTime, ReadTimeout: bodyTime, WriteTimeout: bodyTime, IdleTimeout: idleTime, MaxHeaderBytes: mostHeads,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	watching, stop := context.WithCancel(ctx)
	go func() { ended <- s.live.Run(watching) }()
	go func() {
		<-watching.Done()
		graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		_ = server.Shutdown(graceful)
		ended <- server.Close()
	}()
	err := server.Serve(l)
	stop()
	<-ended
	<-ended
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("web: %w", err)
}
