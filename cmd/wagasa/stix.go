package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

type stixCommand struct {
	Validate stixValidate `cmd:"" help:"Judge files against STIX 2.1: one line a finding."`
	Upgrade  stixUpgrade  `cmd:"" help:"Make STIX 2.1 of STIX 2.0 and say what changed."`
	ID       stixID       `cmd:"" name:"id" help:"Print the id that follows from a cyber-observable's properties."`
	Show     stixShow     `cmd:"" help:"Show the objects of a file, or one of the node's, for people."`
}

// newValidator judges patterns too.
func newValidator() *stix.Validator { return stix.NewValidator(stix.Patterns(pattern.NewChecker(nil))) }

// stixFile is an input of STIX while it is read.
type stixFile struct {
	name string
	in   io.ReadCloser
	bar  *progressbar.ProgressBar
}

// openSTIX opens a file, - for standard input. Whoever reads it sees its progress on a terminal, unless the output goes there too, and
// ends when env does; before waits is called each time when more is to be read.
func openSTIX(env *environment, name string, waits func() error) (*stixFile, error) {
	in, size, err := openInput(env, name)
	if err != nil {
		var at *os.PathError
		if errors.As(err, &at) {
			err = at.Err // the line begins with the file
		}
		return nil, err
	}
	bar := progressbar.DefaultBytesSilent(size)
	if o, ok := env.out.(*output); !ok || !term.IsTerminal(int(o.Fd())) {
		bar = newBar(env, name, size)
	}
	read := func(p []byte) (int, error) {
		if err := errors.Join(env.Err(), waits()); err != nil {
			return 0, err
		}
		n, err := in.Read(p)
		_ = bar.Add(n)
		return n, err
	}
	return &stixFile{name: name, in: readCloser{readFunc(read), in}, bar: bar}, nil
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

type readCloser struct {
	io.Reader
	io.Closer
}

// close ends it.
func (f *stixFile) close() {
	_ = f.bar.Clear()
	f.in.Close()
}

// lines is buffered output that is written before anybody waits for input.
func lines(env *environment) *bufio.Writer { return bufio.NewWriterSize(env.out, 64<<10) }

// unreadable says why a file could not be read, or not to its end.
func unreadable(env *environment, file string, err error) {
	fmt.Fprintf(env.err, "%s: %s\n", source(file), safe(err.Error()))
}

// source is a file as messages name it.
func source(file string) string {
	if file == "-" {
		return "standard input"
	}
	return safe(file)
}

// ending is the exit status of a command that goes through files.
func ending(env *environment, broken, unread bool) error {
	switch {
	case env.Err() != nil:
		return env.Err()
	case unread:
		return exit(2)
	case broken:
		return exit(1)
	}
	return nil
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// safe makes foreign text harmless on a terminal: what would move the cursor, change the direction of writing or not be seen is
// escaped, as is what is no UTF-8.
func safe(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 || !strings.ContainsFunc(s, unsafe) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unsafe(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		s = s[n:]
	}
	return b.String()
}

// unsafe is for control and format characters, and for separators other than the space.
func unsafe(r rune) bool {
	return r != ' ' && !unicode.IsGraphic(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Cf)
}

// refusal is the finding that an error of a Reader comes to where its bytes are not there to be judged.
func refusal(err *stix.ObjectError) stix.Finding {
	f := stix.Finding{Level: stix.Must, Code: "limit", Value: err.Err.Error()}
	for code, known := range map[stix.Code]error{"syntax": stix.ErrSyntax, "not-object": stix.ErrNotObject} {
		if errors.Is(err, known) {
			f.Code, f.Value = code, strings.TrimPrefix(f.Value, known.Error()+": ") // which the code says
		}
	}
	return f
}

// closer judges the bytes that a Reader refuses: there may be more to say than its first fault.
func closer(v *stix.Validator, raw []byte, err *stix.ObjectError) []stix.Finding {
	if errors.Is(err, stix.ErrNotObject) && err.Type == "bundle" { // it may be a good one, in the wrong place
		return []stix.Finding{refusal(err)}
	}
	return v.ValidateBytes(raw)
}

// oneLine is an object without the line feeds that may stand between its parts.
func oneLine(raw []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, raw)
}
