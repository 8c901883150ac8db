// Package demo plays a short scenario with two real nodes, JPN and USA, on this machine: an intrusion at a power company, shared as far as
// each part of it may go. The nodes are child processes of the same binary in folders of their own; the only thing between them is a
// relay of the play's own, so that the link can be cut while both nodes run on.
//
// In go a [Config]; out come words about each step, in English or Japanese. What is told is read back from the nodes, by their own
// commands or from their stores: a step holds only if what it claims was found there. Every wait has a deadline, and whatever way
// a play ends, its processes end with it.
//
// A play belongs to one goroutine; several plays may run at once.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
)

// Config of a play.
type Config struct {
	Binary   string // the wagasa command
	Dir      string // keep the folders here; "" is a temporary folder that is removed
	Lang     locale.Lang
	In       io.Reader // with Stay: a line ends the play
	Out      io.Writer
	Columns  int  // how wide Out is, 0 if that is not known
	Terminal bool // Out moves its cursor: show progress
	Colour   bool
	Stay     bool // leave the nodes running at the end until In has a line or ctx ends
}

// Timing of every wait.
const (
	deadline = 20 * time.Second
	pollGap  = 20 * time.Millisecond
)

// play is one run.
type play struct {
	Config
	*teller
	folder   string // of everything
	cast     cast
	jpn, usa *side
	began    time.Time
	links    []*relay
	given    map[string][]byte // what the preview showed
	missing  []string          // ids that cannot arrive while the link is cut
	kept     int               // objects that stay, as the preview said
}

// Play plays. It returns nil if each step held; otherwise the error names the step, what was expected and what was found.
func Play(ctx context.Context, c Config) (err error) {
	folder, remove, err := makeFolder(c.Dir)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer remove()
	p := &play{Config: c, teller: newTeller(c), folder: folder, began: time.Now()}
	p.jpn = newSide(c.Binary, folder, "JPN", p.text("demo.name-jpn"))
	p.usa = newSide(c.Binary, folder, "USA", p.text("demo.name-usa"))
	defer p.close()
	p.opening()
	for i, s := range steps() {
		p.step(i+1, len(steps()), p.text(s.title))
		if err := s.run(p, ctx); err != nil {
			return p.failed(ctx, i+1, p.text(s.title), err)
		}
	}
	return p.finish(ctx)
}

// failed explains a step that did not hold. An interrupt is passed on as such.
func (p *play) failed(ctx context.Context, number int, title string, err error) error {
	p.idle()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, s := range []*side{p.jpn, p.usa} {
		for _, line := range s.logTail() {
			p.quiet(s.nation + " │ " + line)
		}
	}
	return errors.New(p.text("demo.failed", number, title, err))
}

// close ends everything that the play started.
func (p *play) close() {
	p.idle()
	for _, l := range p.links {
		l.close()
	}
	p.jpn.stop()
	p.usa.stop()
}

// makeFolder returns the folder of the play, and what removes it if it is a temporary one.
func makeFolder(dir string) (folder string, remove func(), err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "wagasa-demo-"); err != nil {
			return "", nil, err
		}
		return dir, func() { os.RemoveAll(dir) }, nil
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", nil, err
	}
	if len(entries) > 0 {
		return "", nil, fmt.Errorf("%s is not empty: choose another --dir", dir)
	}
	return dir, func() {}, nil
}
