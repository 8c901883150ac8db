package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

type stixID struct {
	Type string `arg:"" name:"TYPE" help:"The type of the cyber-observable, such as file or ipv4-addr."`
}

func (*stixID) Help() string {
	return `Reads the properties as one JSON object from standard input and prints the id that every producer of STIX 2.1 gives to these: a
cyber-observable with the same content has the same id everywhere. The type may be among the properties. What STIX does not allow in them
is said on standard error. Exit status: 0 done, 1 there is no such id, 2 the input is no JSON object or of another type.

Example:
  echo '{"value":"198.51.100.7"}' | wagasa stix id ipv4-addr`
}

// mostProperties bounds the input of stix id, as a Reader bounds an object.
const mostProperties = 8 << 20

// Run prints the id.
func (c *stixID) Run(env *environment) error {
	in := piped(env)
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, mostProperties+1))
	switch {
	case err != nil:
		return err
	case len(raw) > mostProperties:
		return unreadProperties(env, fmt.Errorf("more than %d bytes", mostProperties))
	}
	if raw, err = c.typed(bytes.TrimSpace(raw)); err != nil {
		return unreadProperties(env, err)
	}
	id, err := stix.DeterministicID(raw)
	switch {
	case errors.Is(err, stix.ErrNoDeterministicID):
		return fmt.Errorf("%w; give it a random (version 4) UUID", err)
	case err != nil:
		return unreadProperties(env, err)
	}
	c.warn(env, raw, id)
	fmt.Fprintln(env.out, id)
	return nil
}

func unreadProperties(env *environment, err error) error {
	fmt.Fprintf(env.err, "wagasa: the properties: %s\n", safe(err.Error()))
	return exit(2)
}

// typed is the object with its type.
func (c *stixID) typed(raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return nil, errors.New("there are none: give them as a JSON object on standard input")
	}
	if raw[0] != '{' {
		return nil, errors.New("they must be a JSON object")
	}
	var has struct {
		Type *string `json:"type"`
	}
	if err := json.Unmarshal(raw, &has); err != nil {
		return nil, fmt.Errorf("they must be a JSON object: %w", err)
	}
	switch {
	case has.Type == nil:
		return with(raw, "type", c.Type), nil
	case *has.Type != c.Type:
		return nil, fmt.Errorf("their type is %q, not %q", *has.Type, c.Type)
	}
	return raw, nil
}

// with is the object with one more member, before the others.
func with(object []byte, name, value string) []byte {
	text, _ := json.Marshal(value) // of a string: it cannot fail
	rest := bytes.TrimSpace(object[1:])
	member := fmt.Appendf(nil, `{%q:%s`, name, text)
	if rest[0] != '}' {
		member = append(member, ',')
	}
	return append(member, rest...)
}

// warn says what STIX does not allow in the properties: the id of what is wrong helps nobody.
func (c *stixID) warn(env *environment, raw []byte, id string) {
	var has map[string]json.RawMessage
	if json.Unmarshal(raw, &has) != nil {
		return
	}
	for name, value := range map[string]string{"id": id, "spec_version": "2.1"} {
		if has[name] == nil {
			raw = with(raw, name, value)
		}
	}
	for _, f := range newValidator().ValidateBytes(raw) {
		if f.Level == stix.Must {
			fmt.Fprintf(env.err, "note: %s %s: %s\n", f.Code, safe(f.Pointer), safe(locale.Finding(locale.English, f)))
		}
	}
}
