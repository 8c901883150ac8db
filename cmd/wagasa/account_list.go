package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
)

type accountList struct {
	nodeDir
	language
	JSON bool `name:"json" help:"One JSON object a line."`
}

func (*accountList) Help() string {
	return `Shows accounts by name: roles, what each signs in by, and whether it can.

Example:
  wagasa account list --dir /srv/wagasa --lang ja`
}

// accountLine is an account as listed.
type accountLine struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Kind        account.Kind   `json:"kind"`
	Roles       []account.Role `json:"roles"`
	Language    locale.Lang    `json:"language"`
	Disabled    bool           `json:"disabled"`
	Complete    bool           `json:"complete"` // it has what it needs to sign in
	Created     time.Time      `json:"created"`
	Passkeys    int            `json:"passkeys"`
	Password    bool           `json:"password"` // with an authenticator app
	Identities  []string       `json:"identities,omitempty"`
	Tokens      []tokenLine    `json:"tokens,omitempty"`
	Sessions    int            `json:"sessions"`
	LinkUntil   time.Time      `json:"link_until,omitzero"`
	PausedUntil time.Time      `json:"paused_until,omitzero"`
}

type tokenLine struct {
	Name    string    `json:"name"`
	Expires time.Time `json:"expires"`
	Used    time.Time `json:"used,omitzero"`
}

func accountLineOf(d account.Details) accountLine {
	l := accountLine{
		ID: d.ID, Name: d.Name, Kind: d.Kind, Roles: d.Roles, Language: d.Lang, Disabled: d.Disabled, Complete: d.Complete, Created: d.Created,
		Passkeys: len(d.Passkeys), Password: d.Password && d.Codes, Sessions: d.Sessions, LinkUntil: d.Invited, PausedUntil: d.Paused,
	}
	for _, i := range d.Identities {
		l.Identities = append(l.Identities, i.Issuer+" "+i.Subject)
	}
	for _, t := range d.Tokens {
		l.Tokens = append(l.Tokens, tokenLine{t.Name, t.Expires, t.Used})
	}
	return l
}

// Run lists.
func (c *accountList) Run(env *environment) error {
	n, a, err := c.openAccounts(env)
	if err != nil {
		return err
	}
	defer n.Close()
	all, err := a.List(env, console())
	if err != nil {
		return err
	}
	for _, d := range all {
		if c.JSON {
			writeJSON(env.out, accountLineOf(d))
			continue
		}
		fmt.Fprintf(env.out, "%s (%s) %s\n  %s: %s\n", safe(d.Name), labels(d.Roles, c.lang()), d.ID, locale.Text(c.lang(), "account.list-by"), c.ways(accountLineOf(d)))
		if state := c.state(d); state != "" {
			fmt.Fprintf(env.out, "  %s\n", state)
		}
	}
	if !c.JSON {
		fmt.Fprintln(env.out, locale.Text(c.lang(), "account.list-count", len(all)))
	}
	return nil
}

// ways says what an account signs in by.
func (c *accountList) ways(l accountLine) string {
	var ways []string
	add := func(m account.Method, more string) { ways = append(ways, m.Label().In(c.lang())+more) }
	if l.Passkeys > 0 {
		add(account.ByPasskey, fmt.Sprintf(" × %d", l.Passkeys))
	}
	if l.Password {
		add(account.ByPassword, "")
	}
	for _, i := range l.Identities {
		add(account.ByIdentity, " "+safe(i))
	}
	for _, t := range l.Tokens {
		add(account.ByToken, fmt.Sprintf(" %s (%s)", safe(t.Name), locale.Text(c.lang(), "account.list-until", t.Expires.Format(time.DateOnly))))
	}
	if len(ways) == 0 {
		return locale.Text(c.lang(), "account.list-nothing")
	}
	return strings.Join(ways, "; ")
}

// state says what keeps an account from signing in, or will let it.
func (c *accountList) state(d account.Details) string {
	var states []string
	add := func(code string, args ...any) { states = append(states, locale.Text(c.lang(), code, args...)) }
	if d.Disabled {
		add("account.list-disabled")
	}
	if !d.Invited.IsZero() {
		add("account.list-link", d.Invited.Format(time.RFC3339))
	}
	if !d.Paused.IsZero() {
		add("account.list-paused", d.Failures, d.Paused.Format(time.RFC3339))
	}
	return strings.Join(states, "; ")
}
