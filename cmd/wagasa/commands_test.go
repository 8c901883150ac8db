package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"

	_ "modernc.org/sqlite" // for the command sql
)

// commands are what scripts have beside those of testscript.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"node":     cmdNode,     // node DIR...: init nodes named after their folders, each with a free address in $DIR
	"pair":     cmdPair,     // pair DIR DIR: each has and confirms the other, reaches it at $DIR, and gives it CLEAR
	"freeport": cmdFreeport, // freeport VAR...: an address on this machine that nobody listens on
	"words":    cmdWords,    // words DIR VAR [ja]: the six words of a node's card
	"party":    cmdParty,    // party DIR VAR: the id of a node
	"serve":    cmdServe,    // serve DIR: wagasa serve in the background, at $DIR, once it takes envelopes
	"halt":     cmdHalt,     // halt DIR|NAME: interrupt it; it has to end well, or with ! not
	"kill9":    cmdKill9,    // kill9 DIR: it gets no chance to tidy up
	"lines":    cmdLines,    // lines DIR PATTERN...: what serve has logged contains it
	"waitfor":  cmdWaitfor,  // waitfor DIR PATH=VALUE...: until status --json says so; also PATH>=N, PATH!=VALUE
	"never":    cmdNever,    // never DIR PATH=VALUE...: for a while, status --json never says so
	"field":    cmdField,    // field FILE PATH VALUE: a value in JSON, or in every line of JSON lines
	"ids":      cmdIDs,      // ids FILE [TYPE...]: the ids in a bundle, sorted, as stdout
	"same":     cmdSame,     // same FILE FILE [TYPE...]: the same ids with the same bytes
	"objects":  cmdObjects,  // objects FILE N [key=value...]: a bundle of N indicators
	"mkbig":    cmdMkbig,    // mkbig FILE string|deep|object|many SIZE: bad and large input
	"memory":   cmdMemory,   // memory MB COMMAND...: exec, and its resident memory stays below
	"pipe":     cmdPipe,     // pipe NAME COMMAND...: exec in the background with an open standard input
	"say":      cmdSay,      // say NAME FILE: write to that input
	"endpipe":  cmdEndpipe,  // endpipe NAME: close it and wait; what it said is stdout and stderr
	"sql":      cmdSQL,      // sql DIR STATEMENT: past the node, straight into its store
	"query":    cmdQuery,    // query DIR SELECT: what its store says, as stdout
	"mode":     cmdMode,     // mode PATH OCTAL: has these permissions
	"status":   cmdStatus,   // status N COMMAND...: exec, and its exit status is N
}

// stage is what a script has under way.
type stage struct {
	mu      sync.Mutex
	running map[string]*process
}

type stageKey struct{}

func onStage(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

// process is a command in the background.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	log    *watched
	errs   *watched
	exited chan struct{}
	err    error
}

// watched collects output.
type watched struct {
	mu   sync.Mutex
	text []byte
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b...)
	return len(b), nil
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}

const patience = 30 * time.Second // longer than anything should take

func launch(ts *testscript.TestScript, name string, piped bool, args ...string) *process {
	path, err := exec.LookPath(args[0])
	ts.Check(err)
	p := &process{cmd: exec.Command(path, args[1:]...), log: new(watched), errs: new(watched), exited: make(chan struct{})}
	p.cmd.Dir = ts.MkAbs(".")
	for _, v := range []string{"PATH", "HOME", "TMPDIR", "LC_ALL", "WAGASA_DIR", "GOCOVERDIR"} {
		if value := ts.Getenv(v); value != "" {
			p.cmd.Env = append(p.cmd.Env, v+"="+value)
		}
	}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.errs
	if piped {
		p.in, err = p.cmd.StdinPipe()
		ts.Check(err)
	}
	ts.Check(p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	s := onStage(ts)
	s.mu.Lock()
	s.running[name] = p
	s.mu.Unlock()
	ts.Defer(func() { // only what this script started
		select {
		case <-p.exited:
			return
		default:
		}
		ts.Logf("[%s]\n%s%s", strings.Join(args, " "), p.log, p.errs)
		_ = p.cmd.Process.Kill()
		<-p.exited
	})
	return p
}

func (s *stage) take(ts *testscript.TestScript, name string) *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.running[name]
	if p == nil {
		ts.Fatalf("%s does not run", name)
	}
	delete(s.running, name)
	return p
}

// ended waits for the process; without patience left it is killed.
func (p *process) ended(ts *testscript.TestScript) error {
	select {
	case <-p.exited:
		return p.err
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		ts.Fatalf("it did not end within %v", patience)
		return nil
	}
}

func usage(ts *testscript.TestScript, ok bool, text string) {
	if !ok {
		ts.Fatalf("usage: %s", text)
	}
}

func cmdNode(ts *testscript.TestScript, neg bool, dirs []string) {
	usage(ts, !neg && len(dirs) > 0, "node DIR...")
	for _, dir := range dirs {
		nation := strings.ToUpper(dir)
		n, err := node.Init(context.Background(), ts.MkAbs(dir), partner.Params{Name: nation + " Node", Nation: nation, Now: time.Now()}, stix.TLPAmber)
		ts.Check(err)
		ts.Check(n.Close())
	}
	cmdFreeport(ts, false, dirs)
}

// cmdPair does what pairing.txtar does by commands and words, without the second that it takes to compare the words.
func cmdPair(ts *testscript.TestScript, neg bool, dirs []string) {
	usage(ts, !neg && len(dirs) == 2, "pair DIR DIR")
	ctx := context.Background()
	var nodes [2]*node.Node
	for i, dir := range dirs {
		n, err := node.Open(ctx, ts.MkAbs(dir))
		ts.Check(err)
		defer n.Close()
		nodes[i] = n
	}
	for i, n := range nodes {
		card, url := nodes[1-i].Identity.Card, "https://"+ts.Getenv(dirs[1-i])
		ts.Check(n.Store.Update(ctx, func(tx store.Tx) error {
			if _, err := partner.Add(tx, n.Identity.Card, card.Text(), time.Now()); err != nil {
				return err
			}
			_, err := partner.Set(tx, card.Party, partner.Settings{URL: &url}, time.Now())
			return err
		}))
		ts.Check(n.Confirm(ctx, card.Party, card.Digest()))
	}
}

var ports struct {
	sync.Mutex
	given map[int]bool
}

// cmdFreeport looks below the ports that systems give to outgoing connections, so that nobody takes one while a node is down.
func cmdFreeport(ts *testscript.TestScript, neg bool, vars []string) {
	usage(ts, !neg && len(vars) > 0, "freeport VAR...")
	ports.Lock()
	defer ports.Unlock()
	if ports.given == nil {
		ports.given = map[int]bool{}
	}
	for _, v := range vars {
		for tries := 0; ; tries++ {
			port := 12000 + rand.IntN(18000)
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err == nil {
				l.Close()
			}
			if err == nil && !ports.given[port] {
				ports.given[port] = true
				ts.Setenv(v, fmt.Sprintf("127.0.0.1:%d", port))
				break
			}
			if tries == 100 {
				ts.Fatalf("no free port: %v", err)
			}
		}
	}
}

func cmdWords(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && (len(args) == 2 || len(args) == 3 && args[2] == "ja"), "words DIR VAR [ja]")
	status, out, errs := call(strings.NewReader(""), "partner", "list", "--dir", ts.MkAbs(args[0]))
	if status != 0 {
		ts.Fatalf("%s", errs)
	}
	_, rest, _ := strings.Cut(out, "its six words:")
	shown := strings.Split(rest, "\n")
	ts.Setenv(args[1], strings.TrimSpace(shown[len(args)-2]))
}

func cmdParty(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "party DIR VAR")
	party, err := statusField(ts, args[0], "party")
	ts.Check(err)
	ts.Setenv(args[1], party)
}

func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 1, "serve DIR")
	p := launch(ts, args[0], false, "wagasa", "serve", "--dir", args[0], "--listen", ts.Getenv(args[0]))
	for late := time.Now().Add(patience); !strings.Contains(p.log.String(), "serving "); time.Sleep(5 * time.Millisecond) {
		select {
		case <-p.exited:
			ts.Fatalf("%s: serve ended: %s%s", args[0], p.log, p.errs)
		default:
		}
		if time.Now().After(late) {
			ts.Fatalf("%s: serve is not ready: %s%s", args[0], p.log, p.errs)
		}
	}
}

func cmdHalt(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1, "[!] halt DIR")
	p := onStage(ts).take(ts, args[0])
	ts.Check(p.cmd.Process.Signal(os.Interrupt))
	if err := p.ended(ts); (err != nil) != neg {
		ts.Fatalf("it ended with %v:\n%s%s", err, p.log, p.errs)
	}
}

func cmdKill9(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 1, "kill9 DIR")
	p := onStage(ts).take(ts, args[0])
	ts.Check(p.cmd.Process.Signal(syscall.SIGKILL))
	_ = p.ended(ts)
}

func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 2, "[!] lines DIR TEXT")
	s := onStage(ts)
	s.mu.Lock()
	p := s.running[args[0]]
	s.mu.Unlock()
	if p == nil {
		ts.Fatalf("%s does not serve", args[0])
	}
	if found := strings.Contains(p.errs.String(), args[1]); found == neg {
		ts.Fatalf("the log of %s: contains %q is %v:\n%s", args[0], args[1], found, p.errs)
	}
}

// cmdPipe and the next two feed a command piece by piece.
func cmdPipe(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 1, "pipe NAME COMMAND...")
	launch(ts, args[0], true, args[1:]...)
}

func cmdSay(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "say NAME FILE")
	s := onStage(ts)
	s.mu.Lock()
	p := s.running[args[0]]
	s.mu.Unlock()
	if p == nil || p.in == nil {
		ts.Fatalf("%s has no open input", args[0])
	}
	_, err := io.WriteString(p.in, ts.ReadFile(args[1]))
	ts.Check(err)
}

func cmdEndpipe(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1, "[!] endpipe NAME")
	p := onStage(ts).take(ts, args[0])
	ts.Check(p.in.Close())
	err := p.ended(ts)
	io.WriteString(ts.Stdout(), p.log.String())
	io.WriteString(ts.Stderr(), p.errs.String())
	if (err != nil) != neg {
		ts.Fatalf("%v\n%s%s", err, p.log, p.errs)
	}
}

// cmdSQL changes the store as somebody with the file could.
func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "sql DIR STATEMENT")
	db, err := sql.Open("sqlite", "file:"+filepath.Join(ts.MkAbs(args[0]), "store.db")+"?_pragma=busy_timeout(10000)")
	ts.Check(err)
	defer db.Close()
	result, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("it changed nothing: %v", err)
	}
}

func cmdQuery(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "query DIR SELECT")
	db, err := sql.Open("sqlite", "file:"+filepath.Join(ts.MkAbs(args[0]), "store.db")+"?_pragma=busy_timeout(10000)")
	ts.Check(err)
	defer db.Close()
	rows, err := db.Query(args[1])
	ts.Check(err)
	defer rows.Close()
	for rows.Next() {
		var text string
		ts.Check(rows.Scan(&text))
		fmt.Fprintln(ts.Stdout(), text)
	}
	ts.Check(rows.Err())
}

func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 1, "status N COMMAND...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got, err = exit.ExitCode(), nil
	}
	ts.Check(err)
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "mode PATH OCTAL")
	want, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := info.Mode().Perm(); got != os.FileMode(want) {
		ts.Fatalf("%s has mode %04o, want %04o", args[0], got, want)
	}
}

// cmdMemory runs a command and watches the most memory it ever had resident.
func cmdMemory(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) > 1, "[!] memory MB COMMAND...")
	limit, err := strconv.Atoi(args[0])
	ts.Check(err)
	p := launch(ts, "memory", false, args[1:]...)
	defer onStage(ts).take(ts, "memory")
	peak, late := 0, time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-p.exited:
			running = false
		case <-late:
			ts.Fatalf("it did not end within %v", patience)
		case <-tick.C:
			peak = max(peak, resident(p.cmd.Process.Pid))
		}
	}
	io.WriteString(ts.Stdout(), p.log.String())
	io.WriteString(ts.Stderr(), p.errs.String())
	ts.Logf("at most %d MB resident", peak>>10)
	if peak == 0 || peak>>10 >= limit {
		ts.Fatalf("%d MB resident, want less than %d", peak>>10, limit)
	}
	if (p.err != nil) != neg {
		ts.Fatalf("%v\n%s%s", p.err, p.log, p.errs)
	}
}

// resident is VmHWM of a process in KiB. That of getrusage would include the test's own, before exec.
func resident(pid int) (kib int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(text), "VmHWM:")
	if ok {
		fmt.Sscan(rest, &kib)
	}
	return kib
}

// statusOfNode is what status --json says of a folder.
func statusOfNode(ts *testscript.TestScript, dir string) (v any, err error) {
	status, out, errs := call(strings.NewReader(""), "status", "--json", "--dir", ts.MkAbs(dir))
	if status != 0 {
		return nil, fmt.Errorf("status of %s: %s", dir, errs)
	}
	return v, json.Unmarshal([]byte(out), &v)
}

func statusField(ts *testscript.TestScript, dir, path string) (string, error) {
	v, err := statusOfNode(ts, dir)
	if err != nil {
		return "", err
	}
	return lookup(v, path), nil
}
