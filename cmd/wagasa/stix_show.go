package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/locale/outline"
	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

type stixShow struct {
	Dir string `env:"WAGASA_DIR" placeholder:"DIR" help:"The node's folder: for an id, and for the names of what objects refer to."`
	language
	JSON  bool   `name:"json" help:"One JSON object an object, with its findings."`
	Names bool   `help:"The names that STIX has for types, properties and values too, after their labels."`
	Raw   bool   `help:"The original bytes too."`
	What  string `arg:"" name:"FILE|ID" help:"A file as for validate, - for standard input, or the id of an object that the node holds."`
}

func (*stixShow) Help() string {
	return `Shows each object in words, with its versions, markings and properties, and at its end what validation finds in it. What STIX has no
name for keeps its own. Of a long list or text the beginning is shown. References have the name of their object if it is in the file
(from standard input: before them) or in the node's store. The current version of an id comes from the node's store. Exit status: 0 done,
1 an object was refused or is not there, 2 the file could not be read to its end.

Examples:
  wagasa stix show report.json
  wagasa stix show --dir /srv/wagasa --lang ja identity--00000000-0000-4000-8000-000000000001`
}

// shower shows objects.
type shower struct {
	*stixShow
	out       *bufio.Writer
	validator *stix.Validator
	names     names
	shown     int
}

// Run shows.
func (c *stixShow) Run(env *environment) error {
	s := &shower{stixShow: c, out: lines(env), validator: newValidator()}
	info, err := os.Stat(c.What)
	if err != nil && stix.ValidID(c.What) {
		return s.stored(env)
	}
	if !c.JSON {
		defer s.prepare(env, err == nil && info.Mode().IsRegular())()
	}
	refused, err := s.file(env)
	if errFlush := s.out.Flush(); errFlush != nil {
		return errFlush
	}
	if env.Err() == nil && err != nil {
		unreadable(env, c.What, err)
	}
	return ending(env, refused, err != nil)
}

// prepare makes ready what names the objects that a file refers to. The caller calls what comes back at its end.
func (s *shower) prepare(env *environment, again bool) (end func()) {
	if again { // it can be read twice
		s.readNames(env)
	}
	if s.Dir == "" {
		return func() {}
	}
	n, err := node.Open(env, s.Dir)
	if err != nil { // the file can be shown nevertheless
		fmt.Fprintf(env.err, "note: no names from %s: %v\n", safe(s.Dir), err)
		return func() {}
	}
	s.names.lookup = func(id string) (title string) {
		_ = n.Store.View(env, func(tx store.Tx) error {
			title = currentTitle(tx, id)
			return nil
		})
		return title
	}
	return func() { n.Close() }
}

// currentTitle is the title of the current version of an id, "" if there is none.
func currentTitle(tx store.Tx, id string) string {
	found, err := tx.Objects().Current([]string{id})
	if err != nil || len(found) == 0 {
		return "" // the id alone is shown
	}
	return stix.Title(found[0].Raw)
}

// readNames goes through the file for what its objects are called. What is wrong with the file shows when it is read for its content.
func (s *shower) readNames(env *environment) {
	f, err := openSTIX(env, s.What, func() error { return nil })
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
			s.names.add(&o)
		case !errors.As(err, &bad):
			return
		}
	}
}

// stored shows an object of the node.
func (s *shower) stored(env *environment) error {
	if s.Dir == "" {
		return badUsage{fmt.Errorf("%s is no file; for an object of a node say --dir", s.What)}
	}
	n, err := node.Open(env, s.Dir)
	if err != nil {
		return err
	}
	defer n.Close()
	return n.Store.View(env, func(tx store.Tx) error {
		found, err := tx.Objects().Current([]string{s.What})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return s.absent(tx)
		}
		o, err := stix.Parse(found[0].Raw)
		if err != nil {
			return err
		}
		s.names.lookup = func(id string) string { return currentTitle(tx, id) }
		if err := s.show(&o, s.validator.Validate(&o)); err != nil {
			return err
		}
		return s.out.Flush()
	})
}

// absent says why there is nothing to be shown of an id.
func (s *shower) absent(tx store.Tx) error {
	kept, err := tx.Objects().Variants([]string{s.What})
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		return fmt.Errorf("the node has no object %s", s.What)
	}
	standing := kept[len(kept)-1].Standing
	where := "conflicts"
	if standing == store.Quarantined {
		where = "quarantine show " + s.What
	}
	return fmt.Errorf("%s has no current version: what the node has of it is %s; see wagasa %s", s.What, standing, where)
}

// file shows the objects of a file.
func (s *shower) file(env *environment) (refused bool, err error) {
	f, err := openSTIX(env, s.What, s.out.Flush)
	if err != nil {
		return false, err
	}
	defer f.close()
	var raw []byte
	reader := stix.NewReader(f.in, stix.Refused(func(b []byte, _ *stix.ObjectError) { raw = b }))
	for {
		o, err := reader.Next()
		var bad *stix.ObjectError
		switch {
		case err == nil:
			if err := s.show(&o, s.validator.Validate(&o)); err != nil {
				return refused, nil // the output, which remembers
			}
		case errors.As(err, &bad):
			refused = true
			s.refuse(bad, raw)
			raw = nil
		case err != io.EOF:
			return refused, err
		case reader.Count() == 0:
			return refused, errors.New("no STIX object in it")
		default:
			return refused, nil
		}
	}
}

// refuse shows what the reader does not take for an object.
func (s *shower) refuse(bad *stix.ObjectError, raw []byte) {
	findings := []stix.Finding{refusal(bad)}
	if raw != nil {
		findings = closer(s.validator, raw, bad)
	}
	_ = s.show(&stix.Object{Header: stix.Header{Type: bad.Type, ID: bad.ID}}, findings)
}

// shownMarking is a marking as shown.
type shownMarking struct {
	ID  string `json:"id"`
	TLP string `json:"tlp,omitempty"`
}

func markingsOf(o *stix.Object) []shownMarking {
	list := make([]shownMarking, len(o.ObjectMarkingRefs))
	for i, id := range o.ObjectMarkingRefs {
		list[i] = shownMarking{id, stix.TLPOf(id).Label()}
	}
	return list
}

func (s *shower) show(o *stix.Object, findings []stix.Finding) error {
	if s.JSON {
		return s.asJSON(o, findings)
	}
	if s.shown++; s.shown > 1 {
		fmt.Fprintln(s.out)
	}
	s.names.add(o)
	v := view{out: s.out, labels: outline.Labels{Lang: s.lang(), Names: s.Names}, named: s.names.of}
	v.object(o)
	if s.Raw && o.Raw != nil {
		v.line(1, v.text("show.raw"), "")
		fmt.Fprintf(s.out, "%s\n", o.Raw)
	}
	v.findings(findings)
	return v.err
}

func (s *shower) asJSON(o *stix.Object, findings []stix.Finding) error {
	line := struct {
		Type     string          `json:"type"`
		ID       string          `json:"id"`
		Creator  string          `json:"creator,omitempty"`
		Markings []shownMarking  `json:"markings"`
		Findings []findingLine   `json:"findings"`
		Object   json.RawMessage `json:"object,omitempty"` // its original bytes but for white space
	}{o.Type, o.ID, o.CreatedByRef, markingsOf(o), make([]findingLine, len(findings)), o.Raw}
	for i, f := range findings {
		line.Findings[i] = findingLine{f.Level.String(), string(f.Code), f.Pointer, locale.Finding(s.lang(), f)}
	}
	writeJSON(s.out, line)
	return nil
}
