package main

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/wagasa/wagasa/stix"
)

type stixUpgrade struct {
	Lines   bool   `help:"Write JSON lines instead of a bundle."`
	Changes bool   `help:"Say each change on standard error, instead of how many there are."`
	JSON    bool   `name:"json" help:"Say each change as a JSON object on standard error."`
	File    string `arg:"" optional:"" default:"-" name:"FILE" help:"A bundle, array, single object or JSON lines, gzip or not; - is standard input."`
}

func (*stixUpgrade) Help() string {
	return `Writes STIX 2.1 to standard output. What an observed-data of STIX 2.0 contained follows it as objects of its own. Objects of STIX 2.1
pass as they are. Nothing is judged: that is for "wagasa stix validate". Exit status: 0 all, 1 some objects were refused and left out, 2 the
file could not be read to its end.

Examples:
  wagasa stix upgrade old.json > new.json
  wagasa stix upgrade --lines --changes < old.jsonl > new.jsonl 2> changes.txt`
}

// keptExtracted is how many extracted objects are remembered, so that what several contained is written once.
const keptExtracted = 1 << 16

// upgrader goes through a file.
type upgrader struct {
	*stixUpgrade
	env     *environment
	write   func(raw []byte) error
	reader  *stix.Reader
	seen    map[[sha256.Size]byte]struct{}
	counts  map[string]int
	objects int // written
	changed int
	refused int
}

// Run upgrades.
func (c *stixUpgrade) Run(env *environment) error {
	out := lines(env)
	u := &upgrader{stixUpgrade: c, env: env, seen: map[[sha256.Size]byte]struct{}{}, counts: map[string]int{}}
	end := out.Flush
	if u.write = line(out); !c.Lines {
		b := stix.NewBundleWriter(out, stix.NewID("bundle"))
		u.write, end = b.Write, func() error { return errors.Join(b.Close(), out.Flush()) }
	}
	flush := out.Flush
	if !c.Lines { // a bundle is of use once it is whole
		flush = func() error { return nil }
	}
	f, err := openSTIX(env, c.File, flush)
	if err != nil {
		unreadable(env, c.File, err)
		return exit(2)
	}
	defer f.close()
	u.reader = stix.NewReader(f.in)
	err = u.all()
	if errEnd := end(); errEnd != nil {
		return errEnd
	}
	var unread *unreadError
	switch {
	case errors.As(err, &unread) && env.Err() == nil:
		unreadable(env, c.File, unread.error)
	case err != nil:
		return err
	}
	u.summary()
	return ending(env, u.refused > 0, err != nil)
}

// unreadError is what ends an input before its end.
type unreadError struct{ error }

func line(out *bufio.Writer) func([]byte) error {
	return func(raw []byte) error {
		_, err := out.Write(oneLine(raw))
		if err == nil {
			err = out.WriteByte('\n')
		}
		return err
	}
}

func (u *upgrader) all() error {
	for {
		o, err := u.reader.Next()
		var bad *stix.ObjectError
		switch {
		case err == nil:
			if err := u.one(&o); err != nil {
				return err
			}
		case errors.As(err, &bad):
			u.refuse(err)
		case err != io.EOF:
			return &unreadError{err}
		case u.reader.Count() == 0:
			return &unreadError{errors.New("no STIX object in it")}
		default:
			return nil
		}
	}
}

func (u *upgrader) refuse(err error) {
	u.refused++
	fmt.Fprintf(u.env.err, "%s: left out: %s\n", source(u.File), safe(err.Error()))
}

func (u *upgrader) one(o *stix.Object) error {
	up, err := stix.Upgrade(o)
	if err != nil {
		u.refuse(err)
		return nil
	}
	if len(up.Changes) > 0 {
		u.changed++
	}
	for i := range up.Changes {
		u.change(o.ID, &up.Changes[i])
	}
	u.objects++
	if err := u.write(up.Object.Raw); err != nil {
		return err
	}
	for i := range up.Extracted {
		if u.again(up.Extracted[i].Raw) {
			continue
		}
		u.objects++
		if err := u.write(up.Extracted[i].Raw); err != nil {
			return err
		}
	}
	return nil
}

// again reports whether these bytes were written a short while ago.
func (u *upgrader) again(raw []byte) bool {
	sum := sha256.Sum256(raw)
	if _, ok := u.seen[sum]; ok {
		return true
	}
	if len(u.seen) >= keptExtracted {
		clear(u.seen)
	}
	u.seen[sum] = struct{}{}
	return false
}

func (u *upgrader) change(id string, c *stix.Change) {
	u.counts[c.Code]++
	switch {
	case u.JSON:
		writeJSON(u.env.err, struct {
			File    string `json:"file"`
			Index   int    `json:"index"`
			ID      string `json:"id"`
			Code    string `json:"code"`
			Pointer string `json:"pointer"`
			Message string `json:"message"`
		}{u.File, u.reader.Count() - 1, id, c.Code, c.Pointer, c.Text})
	case u.Changes:
		fmt.Fprintf(u.env.err, "%s\t%d\t%s\t%s\t%s\t%s\n", safe(u.File), u.reader.Count()-1, safe(id), c.Code, safe(cmp.Or(c.Pointer, "-")), safe(c.Text))
	}
}

func (u *upgrader) summary() {
	if u.JSON {
		return
	}
	fmt.Fprintf(u.env.err, "%s: %s read, %d of them changed, %d refused, %d written\n", source(u.File), counted(u.reader.Count(), "object"), u.changed, u.refused, u.objects)
	if u.Changes {
		return
	}
	meaning := map[string]string{}
	for _, c := range stix.ChangeCodes() {
		meaning[c.Code] = c.Text
	}
	for _, code := range slices.Sorted(maps.Keys(u.counts)) {
		fmt.Fprintf(u.env.err, "%8d %s: %s\n", u.counts[code], code, meaning[code])
	}
}
