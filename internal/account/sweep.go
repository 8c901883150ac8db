package account

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

// sweepEvery is how often Run tidies up.
const sweepEvery = 5 * time.Minute

// Run tidies up until ctx ends: what is over is deleted, and failures that were only counted are logged.
func (a *Accounts) Run(ctx context.Context, log *slog.Logger) error {
	defer a.provider.Close()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := a.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.Error("accounts: tidying up", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Sweep tidies up once. It writes only where there is something to do.
func (a *Accounts) Sweep(ctx context.Context) error {
	for _, kind := range []string{kindSession, kindToken, kindLink, kindRecovery, kindSpent, kindFailures} {
		for after, on := "", true; on; {
			var found []store.Record
			err := a.store.View(ctx, func(tx store.Tx) (err error) {
				found, err = tx.Records().List(kind, after, page)
				return err
			})
			if err == nil {
				err = a.sweepPage(ctx, kind, found)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			if on = len(found) == page; on {
				after = found[len(found)-1].Key
			}
		}
	}
	return nil
}

func (a *Accounts) sweepPage(ctx context.Context, kind string, found []store.Record) error {
	var keys []string
	for _, r := range found {
		due, err := a.due(kind, r)
		if err != nil {
			return err
		}
		if due {
			keys = append(keys, r.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return a.store.Update(ctx, func(tx store.Tx) error {
		for _, key := range keys {
			if err := a.sweepOne(tx, kind, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// due says whether there is something to do about a record.
func (a *Accounts) due(kind string, r store.Record) (bool, error) {
	now := a.now()
	switch kind {
	case kindSession:
		var s sessionRecord
		err := decode(r, &s)
		return a.over(&s, now), err
	case kindSpent:
		var expires time.Time
		err := decode(r, &expires)
		return !now.Before(expires), err
	case kindFailures:
		var f failures
		err := decode(r, &f)
		return now.Sub(f.Window) >= failureWindow && (f.Seen > 0 || f.Count == 0 || now.Sub(f.Last) >= forgetAfter), err
	}
	var other struct { // a token, a link, a request
		Expires time.Time `json:"expires"`
	}
	err := decode(r, &other)
	expired := !now.Before(other.Expires)
	if kind == kindToken { // it stays in sight for a while, so that somebody sees why a service fails
		expired = now.Sub(other.Expires) >= expiredTokenShown
	}
	return expired, err
}

const expiredTokenShown = 30 * 24 * time.Hour

// sweepOne does what is due, if it still is.
func (a *Accounts) sweepOne(tx store.Tx, kind, key string) error {
	r, ok, err := tx.Records().Get(kind, key)
	if err != nil || !ok {
		return err
	}
	if due, err := a.due(kind, r); err != nil || !due {
		return err
	}
	if kind != kindFailures {
		return remove(tx, kind, key)
	}
	var f failures
	if err := decode(r, &f); err != nil {
		return err
	}
	gone, err := a.aged(tx, key, &f)
	if err != nil {
		return err
	}
	if gone {
		return remove(tx, kind, key)
	}
	return put(tx, kind, key, f)
}
