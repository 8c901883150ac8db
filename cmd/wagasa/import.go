package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

type importCommand struct {
	nodeDir
	DefaultTLP string   `name:"default-tlp" placeholder:"TLP" help:"TLP of objects that name none; by default the node's."`
	Precedence string   `default:"R" placeholder:"R|P|O|Z" help:"Precedence of what partners get of it: routine, priority, immediate or flash."`
	JSON       bool     `name:"json" help:"One JSON object a file, and one a rejected object."`
	Files      []string `arg:"" name:"FILE" help:"Bundles, arrays, single objects or JSON lines, gzip or not; - is standard input."`
}

func (*importCommand) Help() string {
	return `Each file is reported with how many objects were new, known (the same content was there), variants (other content under
the same version) and rejected, with id and reason. Objects that a partner writes are kept aside as claims, objects that break
what STIX demands are quarantined (see wagasa quarantine), or rejected if the node's settings say so. Standard input is
committed within 20 ms of a pause. Exit status: 0 all taken, 1 some rejected, 2 nothing readable.

Examples:
  wagasa import --dir /srv/wagasa --default-tlp green report.json
  produce-indicators | wagasa import --dir /srv/wagasa --precedence Z -`
}

// fileReport is what import says of a file.
type fileReport struct {
	File string `json:"file"`
	ingest.Counts
	Broken  []brokenLine `json:"quarantined_objects,omitempty"` // the first of them
	Seconds float64      `json:"seconds"`
	Error   string       `json:"error,omitempty"` // why the rest of it was not read

	unopened bool
}

// Run imports.
func (c *importCommand) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	source := ingest.Source{TLP: n.DefaultTLP}
	if c.DefaultTLP != "" {
		if source.TLP, err = stix.ParseTLP(c.DefaultTLP); err != nil {
			return badUsage{err}
		}
	}
	if source.Precedence, err = store.ParsePrecedence(c.Precedence); err != nil {
		return badUsage{err}
	}
	taken, bad := 0, 0
	for _, file := range c.Files {
		report := c.file(env, n, file, source)
		taken += report.Taken()
		if bad += report.Rejected; report.Error != "" {
			bad++
		}
		c.print(env, report)
		if env.Err() != nil {
			return env.Err()
		}
	}
	switch {
	case bad > 0 && taken == 0:
		return exit(2)
	case bad > 0:
		return exit(1)
	}
	return nil
}

func (c *importCommand) file(env *environment, n *node.Node, file string, source ingest.Source) fileReport {
	report := fileReport{File: file}
	start := time.Now()
	in, size, err := openInput(env, file)
	if err != nil {
		var at *os.PathError
		if errors.As(err, &at) {
			err = at.Err // the line begins with the file
		}
		report.Error, report.unopened = err.Error(), true
		return report
	}
	defer in.Close()
	reader := stix.NewReader(in)
	bar := newBar(env, file, size)
	told := ingest.Listener{
		Rejected: func(err error) {
			bar.Clear()
			c.reject(env, file, err)
		},
		Quarantined: func(o *stix.Object, found []stix.Finding) {
			if len(report.Broken) < maxNamed {
				report.Broken = append(report.Broken, brokenLine{o.ID, firstLine(found)})
			}
		},
	}
	done := make(chan struct{})
	go func() { // owned by this call: ends before it returns
		defer close(done)
		report.Counts, err = n.Ingest.Stream(env, n.Store, reader, source, told)
	}()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-tick.C:
			bar.Set64(reader.Bytes())
		}
	}
	bar.Clear()
	report.Seconds = time.Since(start).Seconds()
	if err == nil && report.Taken()+report.Rejected == 0 {
		err = errors.New("no STIX object in it")
	}
	if err != nil {
		report.Error = err.Error()
	}
	return report
}

func openInput(env *environment, file string) (io.ReadCloser, int64, error) {
	if file == "-" {
		return piped(env), -1, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder: name the files in it")
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// piped is standard input, and ends when env does: a read that waits for a pipe or a terminal cannot be interrupted, so that the
// goroutine may stay in its last one until the process ends.
func piped(env *environment) io.ReadCloser {
	r, w := io.Pipe()
	context.AfterFunc(env, func() { w.CloseWithError(env.Err()) })
	go func() {
		_, err := io.Copy(w, env.in)
		w.CloseWithError(err)
	}()
	return r
}

// newBar shows progress on a terminal and nowhere else.
func newBar(env *environment, file string, size int64) *progressbar.ProgressBar {
	f, ok := env.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progressbar.DefaultBytesSilent(size)
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetDescription(file), progressbar.OptionShowBytes(true),
		progressbar.OptionSetWriter(env.err), progressbar.OptionThrottle(100*time.Millisecond))
}

func (c *importCommand) reject(env *environment, file string, err error) {
	if !c.JSON {
		fmt.Fprintf(env.err, "%s: rejected: %s\n", file, safe(err.Error()))
		return
	}
	line := struct {
		File     string        `json:"file"`
		Rejected string        `json:"rejected"`
		ID       string        `json:"id,omitempty"`
		Index    *int          `json:"index,omitempty"`
		Findings []findingLine `json:"findings,omitempty"`
	}{File: file, Rejected: err.Error()}
	var bad *stix.ObjectError
	var broken *ingest.BrokenError
	switch {
	case errors.As(err, &bad):
		line.ID, line.Index = bad.ID, &bad.Index
	case errors.As(err, &broken):
		line.ID, line.Findings = broken.ID, findingLines(broken.Findings, locale.English)
	}
	writeJSON(env.out, line)
}

// maxNamed is how many quarantined objects of a file are named.
const maxNamed = 10

// brokenLine is a quarantined object with the first thing that STIX does not allow about it.
type brokenLine struct {
	ID string `json:"id"`
	findingLine
}

func (c *importCommand) print(env *environment, r fileReport) {
	if c.JSON {
		writeJSON(env.out, r)
		return
	}
	if r.unopened {
		fmt.Fprintf(env.err, "%s: %s\n", r.File, r.Error)
		return
	}
	for _, b := range r.Broken {
		fmt.Fprintf(env.err, "%s: quarantined: %s: %s\n", r.File, b.ID, b.text())
	}
	if more := r.Quarantined - len(r.Broken); more > 0 {
		fmt.Fprintf(env.err, "%s: quarantined: %d more\n", r.File, more)
	}
	fmt.Fprintf(env.out, "%s: %d new, %d known, %d variants, %d rejected", r.File, r.New, r.Known, r.Variants, r.Rejected)
	if r.Claims > 0 {
		fmt.Fprintf(env.out, ", %d claims (a partner writes them; see wagasa conflicts)", r.Claims)
	}
	if r.Held > 0 {
		fmt.Fprintf(env.out, ", %d held (modified in the future)", r.Held)
	}
	if r.Quarantined > 0 {
		fmt.Fprintf(env.out, ", %d quarantined (see wagasa quarantine list)", r.Quarantined)
	}
	if noted := r.Findings - r.Quarantined; noted > 0 {
		fmt.Fprintf(env.out, ", %d taken with findings", noted)
	}
	if rate := float64(r.Taken()) / r.Seconds; r.Seconds > 1 {
		fmt.Fprintf(env.out, " (%.1f s, %.0f objects/s)", r.Seconds, rate)
	}
	fmt.Fprintln(env.out)
	if r.Error != "" {
		fmt.Fprintf(env.err, "%s: %s\n", r.File, r.Error)
	}
}

// writeJSON writes one line.
func writeJSON(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // our own plain structs; what cannot be written the output remembers
}

// firstLine is the first of findings, if there are any.
func firstLine(found []stix.Finding) (l findingLine) {
	if len(found) > 0 {
		l = findingLines(found[:1], locale.English)[0]
	}
	return l
}
