// Package https is the default channel: frames as POST requests over TLS 1.3, both sides pinned to their cards. No certificate
// authority is asked. The channel trusts nothing that it carries: an envelope protects itself; TLS keeps strangers away from the parser.
//
// A [Client] sends, a [Server] receives; both may be used by many goroutines.
package https

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

// Path is where frames are posted.
const Path = "/wagasa/v1/frames"

const (
	mediaType = "application/vnd.wagasa.frame"
	timeout   = time.Minute
)

// Client sends frames to partners.
type Client struct {
	certificate tls.Certificate

	mu    sync.Mutex
	links map[link]*http.Client
}

type link struct {
	url string
	pin store.Hash
}

// NewClient makes a client that shows certificate.
func NewClient(certificate tls.Certificate) *Client {
	return &Client{certificate: certificate, links: map[link]*http.Client{}}
}

// Send posts a frame and returns nil once the partner has stored its content. An answer that is no success is an error with its text.
func (c *Client) Send(ctx context.Context, to exchange.Address, f []byte) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(to.URL, "/")+Path, bytes.NewReader(f))
	if err != nil {
		return fmt.Errorf("%s: %w", to.Name, err)
	}
	request.Header.Set("Content-Type", mediaType)
	response, err := c.client(link{to.URL, to.TLS}).Do(request)
	if err != nil {
		return fmt.Errorf("%s: %w", to.Name, err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 512))
	if response.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s answered %d: %q", to.Name, response.StatusCode, bytes.TrimSpace(text))
	}
	return nil
}

// Close closes idle connections.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.links {
		h.CloseIdleConnections()
	}
}

func (c *Client) client(l link) *http.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.links[l]
	if h == nil {
		h = &http.Client{
			Transport: &http.Transport{
				TLSClientConfig: &tls.Config{
					MinVersion:         tls.VersionTLS13,
					Certificates:       []tls.Certificate{c.certificate},
					InsecureSkipVerify: true, // no authority: VerifyConnection pins the key instead
					VerifyConnection: func(s tls.ConnectionState) error {
						if pin, ok := peerPin(s); !ok || pin != l.pin {
							return errors.New("the other side does not show the key of the partner's card")
						}
						return nil
					},
				},
				ForceAttemptHTTP2:   true,
				TLSHandshakeTimeout: 10 * time.Second,
				IdleConnTimeout:     time.Minute,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		c.links[l] = h
	}
	return h
}

// peerPin is the SHA-256 of the other side's public key. TLS has proven that it holds the private one.
func peerPin(s tls.ConnectionState) (store.Hash, bool) {
	if len(s.PeerCertificates) == 0 {
		return store.Hash{}, false
	}
	return partner.SPKI(s.PeerCertificates[0]), true
}

// Server takes frames from partners.
type Server struct {
	server *http.Server
}

// Config of a Server.
type Config struct {
	Certificate tls.Certificate
	// Known says whether a key belongs to a partner; others fail in the handshake.
	Known func(ctx context.Context, pin store.Hash) bool
	// Admit says whether that partner's frames are read at all; else they are answered with the kind of its error.
	Admit func(ctx context.Context, pin store.Hash) error
	// Receive takes a frame and returns nil once its content is stored.
	Receive func(ctx context.Context, frame []byte) error
}

// NewServer makes a server; Serve runs it.
func NewServer(c Config) *Server {
	mux := http.NewServeMux()
	h := handler{c, newGate()}
	mux.HandleFunc("POST "+Path, h.post)
	return &Server{&http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       timeout,
		WriteTimeout:      timeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 2 * bodiesOfAPartner},
		ErrorLog:          quiet(),
		TLSConfig: &tls.Config{
			MinVersion:   tls.VersionTLS13,
			Certificates: []tls.Certificate{c.Certificate},
			ClientAuth:   tls.RequireAnyClientCert,
			VerifyConnection: func(s tls.ConnectionState) error {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				if pin, ok := peerPin(s); !ok || !c.Known(ctx, pin) {
					return errors.New("the key belongs to no partner")
				}
				return nil
			},
		},
	}}
}

type handler struct {
	Config
	gate *gate
}

func (h handler) post(w http.ResponseWriter, r *http.Request) {
	pin, _ := peerPin(*r.TLS) // the handshake has seen it
	if err := h.Admit(r.Context(), pin); err != nil {
		refuse(w, err)
		return
	}
	if r.Header.Get("Content-Type") != mediaType {
		http.Error(w, "want "+mediaType, http.StatusUnsupportedMediaType)
		return
	}
	f, err := h.gate.read(w, r, pin)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "the frame is too large", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		refuse(w, fault.New(fault.Unavailable, "https: %w", err))
		return
	}
	if err := h.Receive(r.Context(), f); err != nil {
		refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// refuse tells the kind of an error and not the detail: that is for this side's log.
func refuse(w http.ResponseWriter, err error) {
	kind := fault.Of(err)
	http.Error(w, kind.String(), statusOf(kind))
}

func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Denied:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
