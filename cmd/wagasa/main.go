// Command wagasa is one node of the allied cyber-defence exchange: it keeps threat information, decides what each partner may
// have of it, and exchanges it, numbered and receipted. Each sub-command is one file here.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/node"
)

// cli is the command line.
type cli struct {
	Version kong.VersionFlag `help:"Print the version and end."`

	Init       initCommand       `cmd:"" help:"Make a node: its identity, keys, card and store."`
	Serve      serveCommand      `cmd:"" help:"Run the node: exchange with its partners until interrupted."`
	Import     importCommand     `cmd:"" help:"Import STIX objects as the node's own."`
	Export     exportCommand     `cmd:"" help:"Write the current versions of all objects as a bundle. It is logged."`
	Card       cardCommand       `cmd:"" help:"Print this node's contact card, to give to partners."`
	Partner    partnerCommand    `cmd:"" help:"Add, confirm, list and set partners."`
	Preview    previewCommand    `cmd:"" help:"Show exactly what a partner gets, or why not."`
	Status     statusCommand     `cmd:"" help:"Show what the node holds and how the exchange with each partner stands."`
	Search     searchCommand     `cmd:"" help:"Find objects by words, in Latin script or Japanese, and by what they are."`
	Conflicts  conflictsCommand  `cmd:"" help:"List objects with differing content under one version, claims and held versions."`
	Quarantine quarantineCommand `cmd:"" help:"List, show and lift objects that break what STIX demands."`
	Ledger     ledgerCommand     `cmd:"" help:"Verify the tamper-evident log."`
	Stix       stixCommand       `cmd:"" name:"stix" help:"Validate, upgrade and show STIX, and compute ids. It needs no node."`
	Pattern    patternCommand    `cmd:"" help:"Judge and match STIX patterns. It needs no node."`
	Author     authorCommand     `cmd:"" help:"Find indicators in what people write."`
	Account    accountCommand    `cmd:"" help:"Add, list, set, remove and reset accounts of people and services, on this machine."`
	Demo       demoCommand       `cmd:"" help:"Play two nations' nodes on this machine: an intrusion, shared as far as each part may go."`
}

// environment is what commands run in; scripts and tests may replace its parts.
type environment struct {
	context.Context
	in       io.Reader
	out, err io.Writer
}

// output is standard output; it remembers that it could not be written, so that not every line has to ask.
type output struct {
	*os.File
	failed error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.File.Write(p)
	if err != nil && o.failed == nil {
		o.failed = err
	}
	return n, err
}

// nodeDir is the flag of every command that opens a node.
type nodeDir struct {
	Dir string `required:"" env:"WAGASA_DIR" placeholder:"DIR" help:"The node's folder."`
}

// open opens the node; the caller closes it.
func (d nodeDir) open(ctx context.Context) (*node.Node, error) { return node.Open(ctx, d.Dir) }

// language is the flag of commands that give reasons.
type language struct {
	Lang string `enum:"en,ja,auto" default:"auto" help:"Language of reasons: en or ja; by default that of the environment."`
}

func (l language) lang() locale.Lang {
	if l.Lang == "auto" {
		return locale.Default()
	}
	return locale.Lang(l.Lang)
}

// exit is an error that carries the exit status and was already explained.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(&environment{ctx, os.Stdin, &output{File: os.Stdout}, os.Stderr}, os.Args[1:]))
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "wagasa, built without version information"
	}
	text := "wagasa " + info.Main.Version + ", " + info.GoVersion
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += ", " + s.Value
		}
	}
	return text
}

// badUsage is an error in what was asked for: exit status 2.
type badUsage struct{ error }

// run is the whole command and returns its exit status: 0 done, 1 not done, 2 wrong usage or unreadable input.
func run(env *environment, args []string) int {
	var c cli
	status := -1
	parser, err := kong.New(&c,
		kong.Name("wagasa"),
		kong.Description("Wagasa shares threat information between nations and agencies over whatever channel still works.\n\n"+
			"Start with: wagasa demo"),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(env.out, env.err),
		kong.Exit(func(s int) { status = s }),
		kong.Bind(env),
		kong.Vars{"version": version()},
	)
	if err != nil {
		fmt.Fprintln(env.err, "wagasa:", err)
		return 1
	}
	parsed, err := parser.Parse(args)
	switch {
	case status >= 0: // help was printed
		return status
	case err != nil:
		fmt.Fprintf(env.err, "wagasa: %v\nTry the same with --help\n", err)
		return 2
	}
	err = parsed.Run()
	if o, ok := env.out.(*output); ok && o.failed != nil {
		fmt.Fprintln(env.err, "wagasa: standard output:", o.failed)
		return 1
	}
	var e exit
	var wrong badUsage
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintf(env.err, "wagasa: %v\nTry the same with --help\n", err)
		return 2
	case errors.As(err, &e):
		return int(e)
	case errors.Is(err, context.Canceled) && env.Err() != nil:
		fmt.Fprintln(env.err, "wagasa: interrupted")
		return 130
	case err != nil:
		fmt.Fprintln(env.err, "wagasa:", err)
		return 1
	}
	return 0
}
