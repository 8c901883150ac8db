package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the command: scripts run it as wagasa.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"wagasa": main})
}

// TestScripts runs testdata/script/*.txtar, each in a folder of its own. What is not a command of the testscript package is one of
// commands, or wagasa itself.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                commands,
		Condition:           condition,
		Setup: func(e *testscript.Env) error {
			e.Values[stageKey{}] = &stage{running: map[string]*process{}}
			e.Vars = append(e.Vars, "LC_ALL=C.UTF-8")
			return nil
		},
	})
}

// condition knows [tty] and [procfs]: what a script may need and not every machine has. With CI=true they are there, or it fails.
func condition(name string) (bool, error) {
	switch name {
	case "tty":
		return present("/dev/ptmx")
	case "procfs":
		return present("/proc/self/status")
	}
	return false, os.ErrInvalid
}

func present(path string) (bool, error) {
	_, err := os.Stat(path)
	if err != nil && os.Getenv("CI") == "true" {
		return false, err
	}
	return err == nil, nil
}

// call runs the command in this process; helpers look at nodes by it, scripts run the real one.
func call(in io.Reader, args ...string) (status int, out, errs string) {
	var stdout, stderr bytes.Buffer
	status = run(&environment{context.Background(), in, &stdout, &stderr}, args)
	return status, stdout.String(), stderr.String()
}

// TestHelp walks all sub-commands: each explains itself, with an example that names it, and every flag and argument has its text.
func TestHelp(t *testing.T) {
	var c cli
	parser, err := kong.New(&c, kong.Name("wagasa"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, leaf := range parser.Model.Leaves(false) {
		seen++
		path := strings.TrimPrefix(leaf.FullPath(), "wagasa ")
		t.Run(path, func(t *testing.T) {
			if leaf.Help == "" {
				t.Error("it has no help text")
			}
			for _, v := range leaf.Positional {
				if v.Help == "" {
					t.Errorf("argument %s has no help text", v.Name)
				}
			}
			for _, f := range leaf.Flags {
				if f.Help == "" {
					t.Errorf("--%s has no help text", f.Name)
				}
			}
			words := strings.Fields(path)
			status, out, errs := call(strings.NewReader(""), append(words, "--help")...)
			if status != 0 || errs != "" {
				t.Errorf("--help: status %d, %s", status, errs)
			}
			_, example, found := strings.Cut(out, "Example")
			if !found || !strings.Contains(example, "wagasa "+path) {
				t.Errorf("--help shows no example of %q:\n%s", path, out)
			}
			for _, line := range strings.Split(out, "\n") {
				if len(line) > 100 && !strings.HasPrefix(line, "    wagasa ") { // examples are not wrapped
					t.Errorf("a line of %d characters: %s", len(line), line)
				}
				if a, b, twice := strings.Cut(line, "($WAGASA_DIR)"); twice && strings.Contains(a+b, "$WAGASA_DIR") {
					t.Errorf("it says twice what it says once: %s", line)
				}
			}
		})
	}
	if seen < 13 {
		t.Errorf("only %d sub-commands were found", seen)
	}
}

// TestScriptsUseEverySubCommand in both states: while a node serves, and while none does.
func TestScriptsUseEverySubCommand(t *testing.T) {
	files, err := os.ReadDir("testdata/script")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile("testdata/script/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	both, err := os.ReadFile("testdata/script/states.txtar")
	if err != nil {
		t.Fatal(err)
	}
	resting, serving, ok := strings.Cut(string(both), "\nserve jpn")
	if !ok {
		t.Fatal("states.txtar never serves")
	}
	var c cli
	parser, err := kong.New(&c, kong.Name("wagasa"))
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		path := leaf.FullPath()
		switch path {
		case "wagasa demo": // has a test of its own
			continue
		case "wagasa serve":
			if !strings.Contains(all.String(), path) {
				t.Errorf("no script runs %q", path)
			}
			continue
		}
		if !strings.Contains(resting, path) {
			t.Errorf("states.txtar does not run %q while no node serves", path)
		}
		if !strings.Contains(serving, path) {
			t.Errorf("states.txtar does not run %q while a node serves", path)
		}
	}
}

// TestCommandsAreOurs holds that no helper has the name of a command of the testscript package, which would run instead of it.
func TestCommandsAreOurs(t *testing.T) {
	for _, name := range strings.Fields("cd chmod cmp cmpenv cp env exec exists grep kill mkdir mv rm skip stderr stdin stdout stop symlink ttyin ttyout unquote wait") {
		if commands[name] != nil {
			t.Errorf("%s is taken", name)
		}
	}
}
