package main

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/wagasa/wagasa/internal/demo"
)

type demoCommand struct {
	language
	Exit  bool   `help:"Play by itself instead, check each step, and end."`
	Pages bool   `help:"Show the pages also where neither input nor output is a terminal; ends on interrupt."`
	Dir   string `placeholder:"DIR" help:"Keep the nodes' folders in DIR, which must be empty or not exist."`
}

func (*demoCommand) Help() string {
	return `Starts two nodes on free ports of this machine, JPN and USA, pairs them, and prints an address of each for your browser: there a tour of five
minutes leads from a pasted advisory to what the ally holds. Until Enter or Ctrl-C.

With --exit, or where there is no terminal, it plays by itself: it shares an intrusion at a power company as far as each part may go. Every step is
read back from the nodes; exit status 1 names the step that did not hold.

Examples:
  wagasa demo
  wagasa demo --lang ja --dir /tmp/wagasa-demo
  wagasa demo --exit`
}

// Run plays.
func (c *demoCommand) Run(env *environment) error {
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("demo: this command does not know its own file: %w", err)
	}
	terminal, columns := isTerminal(env.out) && os.Getenv("TERM") != "dumb", 0
	if f, ok := env.out.(interface{ Fd() uintptr }); ok {
		columns, _, _ = term.GetSize(int(f.Fd())) // 0 if it has none
	}
	config := demo.Config{
		Binary: binary, Dir: c.Dir, Lang: c.lang(), In: env.in, Out: env.out,
		Columns:  columns,
		Terminal: terminal,
		Colour:   terminal && os.Getenv("NO_COLOR") == "",
		Stay:     !c.Exit && isTerminal(env.out) && isTerminal(env.in),
	}
	if config.Stay || c.Pages {
		return demo.Visit(env, config, nil)
	}
	return demo.Play(env, config)
}

func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}
