package demo

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
)

// build makes the command.
func build(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("plays the whole demo")
	}
	binary := filepath.Join(t.TempDir(), "wagasa")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/wagasa/wagasa/cmd/wagasa").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// command is the demo with temporary files in a folder of its own.
func command(t *testing.T, binary string, args ...string) (c *exec.Cmd, out *bytes.Buffer, temp string) {
	t.Helper()
	temp, out = t.TempDir(), new(bytes.Buffer)
	c = exec.Command(binary, append([]string{"demo"}, args...)...)
	c.Env = append(os.Environ(), "TMPDIR="+temp)
	c.Stdout, c.Stderr = out, out
	return c, out, temp
}

func TestPlay(t *testing.T) {
	binary := build(t)
	for _, lang := range locale.Langs {
		t.Run(string(lang), func(t *testing.T) {
			c, out, temp := command(t, binary, "--exit", "--lang", string(lang))
			if err := c.Run(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			text := out.String()
			at := 0
			for _, s := range steps() {
				next := strings.Index(text[at:], locale.Text(lang, s.title))
				if next < 0 {
					t.Fatalf("%s is not told, or too early:\n%s", s.title, text)
				}
				at += next + 1
			}
			if strings.ContainsAny(text, "✗\x1b\r") || strings.Contains(text, "demo.") {
				t.Errorf("what was told:\n%s", text)
			}
			nothingIn(t, temp)
		})
	}
}

func nothingIn(t *testing.T, folder string) {
	t.Helper()
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v (%v)", left, err)
	}
}

func TestKeep(t *testing.T) {
	binary, dir := build(t), filepath.Join(t.TempDir(), "kept")
	c, out, _ := command(t, binary, "--exit", "--dir", dir)
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, nation := range []string{"JPN", "USA"} {
		if out, err := exec.Command(binary, "ledger", "verify", "--dir", filepath.Join(dir, nation)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", nation, err, out)
		}
	}
	c, out, _ = command(t, binary, "--exit", "--dir", dir)
	if err := c.Run(); err == nil || !strings.Contains(out.String(), "is not empty") {
		t.Errorf("a second play in the same folder: %v\n%s", err, out)
	}
}

// Whenever it is interrupted, it ends its nodes and leaves nothing behind.
func TestInterrupt(t *testing.T) {
	binary := build(t)
	for _, after := range []time.Duration{0, 30, 300, 900} {
		c, out, temp := command(t, binary, "--exit")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(deadline); after > 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
			if made, err := os.ReadDir(temp); err != nil || len(made) > 0 { // it plays: before that, it may not have got to listen to signals
				break
			}
		}
		time.Sleep(after * time.Millisecond)
		children := childrenOf(c.Process.Pid)
		c.Process.Signal(syscall.SIGINT)
		c.Wait()
		if after > 0 && c.ProcessState.ExitCode() != 130 {
			t.Errorf("after %d ms: %v\n%s", after, c.ProcessState, out)
		}
		nothingIn(t, temp)
		gone(t, children)
	}
}

// Its nodes end with it even if it is killed.
func TestKilled(t *testing.T) {
	c, _, _ := command(t, build(t), "--exit")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var children []string
	for end := time.Now().Add(deadline); len(children) < 2 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		children = childrenOf(c.Process.Pid)
	}
	c.Process.Kill()
	c.Wait()
	if len(children) < 2 {
		t.Fatal("no nodes were started")
	}
	gone(t, children)
}

// childrenOf lists the processes whose parent is pid.
func childrenOf(pid int) (children []string) {
	lists, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "children"))
	for _, l := range lists {
		b, _ := os.ReadFile(l)
		children = append(children, strings.Fields(string(b))...)
	}
	return children
}

func gone(t *testing.T, processes []string) {
	t.Helper()
	for _, p := range processes {
		end := time.Now().Add(5 * time.Second)
		for alive(p) {
			if time.Now().After(end) {
				t.Errorf("process %s is left", p)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// alive says whether a process runs; one that only waits to be buried does not.
func alive(pid string) bool {
	b, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	_, state, ok := strings.Cut(string(b), ") ")
	return err == nil && ok && !strings.HasPrefix(state, "Z")
}

// A command that does nothing fails the first step, by name.
func TestStepFails(t *testing.T) {
	var out bytes.Buffer
	err := Play(context.Background(), Config{Binary: "/bin/false", Dir: filepath.Join(t.TempDir(), "d"), Lang: locale.English, Out: &out})
	if err == nil || !strings.Contains(err.Error(), "step 1 (Two nodes start)") || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("%v\n%s", err, &out)
	}
}
