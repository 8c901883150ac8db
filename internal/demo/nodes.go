package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// side is one nation's node: its folder, and the process that serves it.
type side struct {
	binary, nation, name string
	dir, log             string
	party                string // id of its identity

	child  *exec.Cmd
	ended  chan struct{}
	listen string // host:port, once served
	web    string // where to show pages, "" for nowhere
	pages  string // where they are, once served
	ready  time.Duration
}

func newSide(binary, folder, nation, name string) *side {
	return &side{binary: binary, nation: nation, name: name, dir: filepath.Join(folder, nation), log: filepath.Join(folder, nation+".log")}
}

// exited is a command that ended with a status other than 0.
type exited struct {
	command string
	status  int
	said    string
}

func (e *exited) Error() string {
	return fmt.Sprintf("%s: exit status %d: %s", e.command, e.status, e.said)
}

// run runs a command on the folder and returns what it wrote.
func (s *side) run(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	c := exec.CommandContext(ctx, s.binary, append(args, "--dir", s.dir)...)
	c.Args[0] = "wagasa"
	c.WaitDelay = time.Second
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	err := c.Run()
	var status *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("wagasa %s: %w", strings.Join(args, " "), ctx.Err())
	case errors.As(err, &status):
		return nil, &exited{"wagasa " + strings.Join(args, " "), status.ExitCode(), strings.TrimSpace(said.String())}
	}
	return out.Bytes(), err
}

// serve starts the node and waits until it takes envelopes. Stop it.
func (s *side) serve(ctx context.Context) error {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the child has its own
	first := &firstLines{lines: make(chan []string, 1), want: 1}
	args := []string{"serve", "--dir", s.dir, "--listen", "127.0.0.1:0"}
	if s.web != "" {
		first.want = 2
		args = append(args, "--web", s.web)
	}
	c := exec.Command(s.binary, args...)
	c.Args[0] = "wagasa"
	c.Stdout, c.Stderr = first, log
	// A group of its own, so that Ctrl-C on the terminal reaches the play alone, which then ends its nodes in order.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	began, started := time.Now(), make(chan error, 1)
	s.child, s.ended = c, make(chan struct{})
	go func() { // ends when the child does
		runtime.LockOSThread() // the child dies with the thread that started it
		defer close(s.ended)
		err := c.Start()
		started <- err
		if err == nil {
			c.Wait()
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("%s: %w", s.nation, err)
	}
	select {
	case lines := <-first.lines:
		s.ready = time.Since(began)
		_, address, ok := strings.Cut(lines[0], "https://")
		if !ok {
			return fmt.Errorf("%s: wagasa serve said %q, which has no address", s.nation, lines[0])
		}
		s.listen = address
		if s.web != "" {
			s.pages = strings.TrimPrefix(lines[1], "pages on ")
		}
		return nil
	case <-s.ended:
		return fmt.Errorf("%s: wagasa serve ended at once", s.nation)
	case <-time.After(deadline):
		return fmt.Errorf("%s: wagasa serve was not ready after %v", s.nation, deadline)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the node: first politely.
func (s *side) stop() {
	if s.child == nil || s.child.Process == nil {
		return
	}
	s.child.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(3 * time.Second):
		s.child.Process.Kill()
		<-s.ended
	}
}

// memory is the resident memory of the node in bytes, 0 where the system does not tell.
func (s *side) memory() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.child.Process.Pid))
	fields := strings.Fields(string(b))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// logTail returns the last lines that the node logged.
func (s *side) logTail() []string {
	b, err := os.ReadFile(s.log)
	if err != nil {
		return nil
	}
	const last = 5
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[max(0, len(lines)-last):]
}

// firstLines hands on the first lines written to it.
type firstLines struct {
	lines chan []string // takes one
	want  int

	mu   sync.Mutex
	text []byte
	done bool
}

func (f *firstLines) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.done {
		f.text = append(f.text, b...)
		if parts := bytes.Split(f.text, []byte{'\n'}); len(parts) > f.want {
			var lines []string
			for _, l := range parts[:f.want] {
				lines = append(lines, string(l))
			}
			f.lines <- lines
			f.text, f.done = nil, true
		}
	}
	return len(b), nil
}
