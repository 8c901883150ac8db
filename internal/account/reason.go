package account

import (
	"errors"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
)

// text is one of the package's texts.
func text(key string, args ...string) locale.Reason { return locale.Because("account."+key, args...) }

// Label is what a role is called.
func (r Role) Label() locale.Reason { return text("role-" + string(r)) }

// Label is what a kind is called.
func (k Kind) Label() locale.Reason { return text("kind-" + string(k)) }

// Label is what a way to sign in is called.
func (m Method) Label() locale.Reason { return text("method-" + string(m)) }

// Label is what a link is for.
func (p Purpose) Label() locale.Reason { return text("purpose-" + string(p)) }

// Refusal is an error that says in both languages why something was not done.
type Refusal struct {
	reason locale.Reason
	err    error
}

// Reason is what a person reads.
func (r *Refusal) Reason() locale.Reason { return r.reason }

func (r *Refusal) Error() string { return r.err.Error() }
func (r *Refusal) Unwrap() error { return r.err }

// refuse makes a refusal; the operator reads it in English, with what it is about in front.
func refuse(kind fault.Kind, about, key string, args ...string) error {
	reason := text(key, args...)
	return &Refusal{reason, fault.New(kind, "%s: %s", about, reason.In(locale.English))}
}

// because is refuse with a cause that only the operator reads.
func because(cause error, kind fault.Kind, about, key string, args ...string) error {
	reason := text(key, args...)
	return &Refusal{reason, fault.New(kind, "%s: %s: %w", about, reason.In(locale.English), cause)}
}

// refuseSignIn is the one answer to whoever cannot prove to be somebody: whether the name, the password or the code was wrong, the account
// is disabled or sign-in is paused is not said.
func refuseSignIn() error { return refuse(fault.Denied, "sign-in", "why-sign-in") }

// waitError says when it may be tried again.
type waitError struct {
	error
	after time.Duration
}

func (e *waitError) Unwrap() error { return e.error }

// Wait returns after which time what was turned away for being too often may be tried again.
func Wait(err error) (after time.Duration, ok bool) {
	var w *waitError
	if errors.As(err, &w) {
		return w.after, true
	}
	return 0, false
}
