package sqlite

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// turnstile lets processes begin writing in turn. SQLite's own waiting sleeps up to a tenth of a second between attempts
// and loses every time against a writer that commits back to back. Here whoever waits for SQLite's write lock holds an
// operating system's lock on a file beside the store; the busy writer needs that lock too before it begins again, and so waits behind the
// one that waited for it. Nobody sleeps while nobody waits, and a killed process leaves nothing locked.
type turnstile struct{ f *os.File }

func newTurnstile(path string) (*turnstile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &turnstile{f}, nil
}

// enter waits for the turnstile; leave opens it for the next.
func (t *turnstile) enter(ctx context.Context) (leave func(), err error) {
	fd := int(t.f.Fd())
	for pause := new(pause); ; {
		switch err := syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			return func() { _ = syscall.Flock(fd, syscall.LOCK_UN) }, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			if err := pause.sleep(ctx); err != nil {
				return nil, err
			}
		case !errors.Is(err, syscall.EINTR):
			return nil, err
		}
	}
}

func (t *turnstile) close() error { return t.f.Close() }
