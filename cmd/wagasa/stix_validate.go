package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

type stixValidate struct {
	language
	JSON   bool     `name:"json" help:"One JSON object a finding."`
	Strict bool     `help:"Exit status 1 for any finding, not just for what STIX does not allow."`
	Level  string   `enum:"must,should,policy" default:"policy" placeholder:"LEVEL" help:"Show only findings of this level and graver ones: must, should or policy."`
	Files  []string `arg:"" name:"FILE" help:"Bundles, arrays, single objects or JSON lines, gzip or not; - is standard input."`
}

func (*stixValidate) Help() string {
	return `A line has the file, the object's index from 0 (-1 is the bundle around the objects), id, level, code, place (RFC 6901) and
message, with a tab between. Level must is what STIX does not allow, should what it advises against, policy what is not judged further.
STIX 2.0 is judged as "wagasa stix upgrade" makes it. A language-content is held against the object that it translates, if that is in the
same file (from standard input: after it); what is found so comes last. A summary of each file goes to standard error. Exit status: 0 nothing of level must
(with --strict: nothing at all), 1 otherwise, 2 a file could not be read to its end.

Examples:
  wagasa stix validate report.json
  produce-indicators | wagasa stix validate --strict --json -`
}

// Run judges.
func (c *stixValidate) Run(env *environment) error {
	out := lines(env)
	broken, unread := false, false
	for _, file := range c.Files {
		j := &judgement{command: c, file: file, out: out, validator: newValidator(), lang: c.lang()}
		start := time.Now()
		err := j.read(env)
		if errFlush := out.Flush(); errFlush != nil {
			return errFlush
		}
		if env.Err() != nil {
			return env.Err()
		}
		if err != nil {
			unreadable(env, file, err)
			unread = true
		}
		j.summary(env, time.Since(start))
		broken = broken || j.counts[stix.Must] > 0 || c.Strict && j.counts[stix.Should]+j.counts[stix.Policy] > 0
	}
	return ending(env, broken, unread)
}

// judgement is what is found in one file.
type judgement struct {
	command   *stixValidate
	file      string
	out       *bufio.Writer
	validator *stix.Validator
	lang      locale.Lang

	translations translations
	reader       *stix.Reader
	refused      bool // the object that Next refuses has been judged
	bundles      int
	counts       [stix.Policy + 1]int
}

// read judges a file. Whatever ends it early, what was read is held against its translations.
func (j *judgement) read(env *environment) error {
	info, err := os.Stat(j.file)
	again := err == nil && info.Mode().IsRegular() // it can be read twice
	err = j.objects(env, again)
	if again && len(j.translations.contents) > 0 {
		j.targets(env)
	}
	for _, t := range j.translations.contents {
		if env.Err() != nil {
			return err
		}
		j.print(t.index, t.content.ID, j.translations.judge(t))
	}
	return err
}

// objects judges the objects of a file, and what stands around them.
func (j *judgement) objects(env *environment, again bool) error {
	f, err := openSTIX(env, j.file, j.out.Flush)
	if err != nil {
		return err
	}
	defer f.close()
	j.reader = stix.NewReader(f.in, stix.Envelopes(j.envelope), stix.Refused(j.refuse))
	for {
		o, err := j.reader.Next()
		var bad *stix.ObjectError
		switch {
		case err == nil:
			j.print(j.reader.Count()-1, o.ID, j.validator.Validate(&o))
			if !again {
				j.translations.offer(&o)
			}
			j.translations.keep(j.reader.Count()-1, &o)
		case errors.As(err, &bad):
			if !j.refused {
				j.print(bad.Index, bad.ID, []stix.Finding{refusal(bad)})
			}
			j.refused = false
		case err != io.EOF:
			return err
		case j.reader.Count()+j.bundles == 0:
			return errors.New("no STIX object in it")
		default:
			return nil
		}
	}
}

// targets goes through the file once more, for what its translations translate. What is wrong with it has been said.
func (j *judgement) targets(env *environment) {
	f, err := openSTIX(env, j.file, j.out.Flush)
	if err != nil {
		return
	}
	defer f.close()
	reader := stix.NewReader(f.in)
	for {
		o, err := reader.Next()
		var bad *stix.ObjectError
		switch {
		case err == nil:
			j.translations.offer(&o)
		case !errors.As(err, &bad):
			return
		}
	}
}

// refuse judges what the reader refuses for its content.
func (j *judgement) refuse(raw []byte, err *stix.ObjectError) {
	j.refused = true
	j.print(err.Index, err.ID, closer(j.validator, raw, err))
}

// envelope judges what stands around the objects of a bundle.
func (j *judgement) envelope(bundle stix.Object, err error) {
	j.bundles++
	var bad *stix.ObjectError
	if errors.As(err, &bad) {
		findings := []stix.Finding{refusal(bad)}
		if errors.Is(err, stix.ErrSyntax) {
			findings = closer(j.validator, bundle.Raw, bad)
		}
		j.print(-1, bundle.ID, findings)
		return
	}
	j.print(-1, bundle.ID, j.validator.Validate(&bundle))
}

// validateLine is a finding as it is written.
type validateLine struct {
	File    string `json:"file"`
	Index   int    `json:"index"`
	ID      string `json:"id"`
	Level   string `json:"level"`
	Code    string `json:"code"`
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// print writes findings; what cannot be written shows when the output is flushed.
func (j *judgement) print(index int, id string, findings []stix.Finding) {
	for i := range findings {
		f := &findings[i]
		j.counts[f.Level]++
		if f.Level > shownTo[j.command.Level] {
			continue
		}
		l := validateLine{j.file, index, id, f.Level.String(), string(f.Code), f.Pointer, locale.Finding(j.lang, *f)}
		if j.command.JSON {
			writeJSON(j.out, l)
			continue
		}
		fmt.Fprintf(j.out, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n",
			safe(l.File), l.Index, safe(cmp.Or(l.ID, "-")), l.Level, l.Code, safe(cmp.Or(l.Pointer, "-")), safe(l.Message))
	}
}

// sized is a number of bytes as people read it.
func sized(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// shownTo is the least grave level that is shown.
var shownTo = map[string]stix.Level{"must": stix.Must, "should": stix.Should, "policy": stix.Policy}

func (j *judgement) summary(env *environment, took time.Duration) {
	if j.reader == nil {
		return
	}
	fmt.Fprintf(env.err, "%s: %s, %d must, %d should, %d policy; %s in %.2f s", source(j.file), counted(j.reader.Count(), "object"),
		j.counts[stix.Must], j.counts[stix.Should], j.counts[stix.Policy], sized(j.reader.Bytes()), took.Seconds())
	if took > time.Second {
		fmt.Fprintf(env.err, " (%.0f MB/s)", float64(j.reader.Bytes())/1e6/took.Seconds())
	}
	fmt.Fprintln(env.err)
	if n := j.translations.left; n > 0 {
		fmt.Fprintf(env.err, "%s: not held against their objects, which would take too much at once: %s\n", source(j.file), counted(n, "translation"))
	}
}
