// Package fault sorts errors into the six kinds that a caller can act on. An error keeps its text for the operator;
// what a user reads is rendered from a locale.Reason at the edge. Nothing here may be modified concurrently, and nothing is.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what a caller can do about an error.
type Kind uint8

// The six kinds. Internal is the kind of every error that names no other.
const (
	Internal    Kind = iota // a defect, or a disk that lies: report it
	Invalid                 // the input is wrong: correct it
	Denied                  // not allowed: ask somebody who may
	NotFound                // there is no such thing
	Conflict                // somebody else was first, or two truths meet
	Unavailable             // not now: try again later
)

func (k Kind) String() string {
	return [...]string{"internal", "invalid", "denied", "not found", "conflict", "unavailable"}[k]
}

type kinded struct {
	kind Kind
	err  error
}

func (e *kinded) Error() string { return e.err.Error() }
func (e *kinded) Unwrap() error { return e.err }

// New makes an error of kind k; format and args are fmt.Errorf's, so that %w wraps.
func New(k Kind, format string, args ...any) error {
	return &kinded{k, fmt.Errorf(format, args...)}
}

// Of returns the kind of the outermost error in err's chain that has one, or Internal.
func Of(err error) Kind {
	var e *kinded
	if errors.As(err, &e) {
		return e.kind
	}
	return Internal
}
