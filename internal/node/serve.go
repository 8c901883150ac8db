package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/wagasa/wagasa/internal/channel/https"
	"github.com/wagasa/wagasa/internal/exchange"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

// Serve runs the node until ctx ends: it exchanges with partners, takes their envelopes, and shows pages. ready is called with where it listens,
// once envelopes are taken. One process at a time may serve a folder.
func (n *Node) Serve(ctx context.Context, at Addresses, log *slog.Logger, ready func(Serving)) error {
	unlock, err := n.own()
	if err != nil {
		return err
	}
	defer unlock()
	l, err := net.Listen("tcp", at.Envelopes)
	if err != nil {
		return fault.New(fault.Unavailable, "serve: %w", err)
	}
	pages, err := n.pages(at, log)
	if err != nil {
		l.Close()
		return err
	}
	var epoch uint64
	err = n.Store.Update(ctx, func(tx store.Tx) (err error) {
		epoch, err = exchange.TakeLease(tx, fmt.Sprintf("process %d", os.Getpid()))
		return err
	})
	var serving Serving
	if err == nil {
		serving, err = pages.serving(ctx, l.Addr())
	}
	if err != nil {
		l.Close()
		pages.close()
		return fmt.Errorf("serve: %w", err)
	}
	engine := exchange.NewEngine(exchange.DefaultConfig(), n.Store, n.Identity, n.Ingest, epoch, log)
	client := https.NewClient(n.Identity.TLS)
	defer client.Close()
	shell := exchange.NewShell(engine, n.Store, client, log)
	server := https.NewServer(https.Config{Certificate: n.Identity.TLS, Known: n.known, Admit: n.admit(log), Receive: shell.Receive})
	parts := []func(context.Context) error{
		func(ctx context.Context) error { return shell.Run(ctx, func() { ready(serving) }) },
		func(ctx context.Context) error { return server.Serve(ctx, l) },
		func(ctx context.Context) error { return n.Ingest.Run(ctx, n.Store, log) },
		func(ctx context.Context) error { return n.Search.Run(ctx, log) },
	}
	if pages != nil {
		parts = append(parts, pages.run)
	}
	return together(ctx, parts...)
}

// known says whether a TLS key belongs to a partner.
func (n *Node) known(ctx context.Context, pin store.Hash) bool {
	p, err := n.byTLS(ctx, pin)
	return p != nil && err == nil
}

// admit lets confirmed partners' frames in; others are not read.
func (n *Node) admit(log *slog.Logger) func(context.Context, store.Hash) error {
	return func(ctx context.Context, pin store.Hash) error {
		p, err := n.byTLS(ctx, pin)
		switch {
		case err != nil:
			return err
		case p == nil:
			return fault.New(fault.Denied, "no partner")
		case p.State != partner.Confirmed:
			log.Info("https: a frame was turned away: its sender is not confirmed here", "partner", p.Card.Name)
			return fault.New(fault.Denied, "%s is not confirmed", p.Card.Name)
		}
		return nil
	}
}

func (n *Node) byTLS(ctx context.Context, pin store.Hash) (p *partner.Partner, err error) {
	err = n.Store.View(ctx, func(tx store.Tx) (err error) {
		p, _, err = partner.ByTLS(tx, pin)
		return err
	})
	return p, err
}

// own takes the OS lock by which one process serves the folder. The system releases it when the process ends, however it ends.
func (n *Node) own() (unlock func(), err error) {
	f, err := n.lockFile()
	if err != nil {
		return nil, err
	}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK}); err != nil {
		f.Close()
		return nil, fault.New(fault.Conflict, "another process serves %s already: stop it first, or use another --dir", n.Dir)
	}
	return func() { f.Close() }, nil
}

func (n *Node) lockFile() (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(n.Dir, "serve.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	return f, nil
}

// Serving says whether a process serves the folder now.
func (n *Node) Serving() (bool, error) {
	f, err := n.lockFile()
	if err != nil {
		return false, err
	}
	defer f.Close()
	probe := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &probe); err != nil {
		return false, fmt.Errorf("serve: %w", err)
	}
	return probe.Type != unix.F_UNLCK, nil
}

// together runs parts until all have ended; the first that ends ends the others.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() {
			defer cancel()
			errs[i] = part(ctx)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
