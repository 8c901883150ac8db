package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/stix"
)

// TestPasswordAtTheTerminal plays somebody with an authenticator app, who mistypes once of each.
func TestPasswordAtTheTerminal(t *testing.T) {
	const chosen = "correct horse battery staple"
	dir := filepath.Join(t.TempDir(), "jpn")
	n, err := node.Init(t.Context(), dir, partner.Params{Name: "JPN Node", Nation: "JPN", Now: time.Now()}, stix.TLPAmber)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	a, err := n.Accounts("")
	if err != nil {
		t.Fatal(err)
	}
	made, l, err := a.Invite(t.Context(), console(), account.Newcomer{Name: "Admin", Roles: []account.Role{account.Administrator}, Lang: locale.English})
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	env := &environment{context.Background(), strings.NewReader(""), &out, &errs}
	enrolment := func() (e account.Enrolment) {
		for line := range strings.Lines(errs.String()) {
			if words := strings.Fields(line); len(words) == 2 {
				switch words[0] {
				case "secret":
					e.Secret = words[1]
				case "address":
					e.URI = words[1]
				}
			}
		}
		return e
	}
	typed := []string{chosen, "mistyped", chosen, chosen}
	codes := 0
	answer := func(prompt string, hidden bool) (string, error) {
		if strings.Contains(prompt, "password") != hidden && !strings.Contains(prompt, "Once more") {
			t.Errorf("%q is hidden: %v", prompt, hidden)
		}
		if hidden {
			next := typed[0]
			typed = typed[1:]
			return next, nil
		}
		if codes++; codes == 1 {
			return "000000x", nil
		}
		return enrolment().Code(time.Now())
	}
	if err := setPassword(env, a, l, made.Name, dir, answer); err != nil {
		t.Fatal(err, errs.String())
	}
	if strings.Contains(out.String()+errs.String(), chosen) || out.String() != "Admin signs in by password and code\n" {
		t.Errorf("%s%s", &out, &errs)
	}
	d, err := a.Get(t.Context(), console(), made.ID)
	if err != nil || !d.Complete || !d.Password || !d.Codes || d.Sessions != 0 || !d.Invited.IsZero() {
		t.Errorf("%+v, %v", d, err)
	}
	next, err := enrolment().Code(time.Now().Add(30 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.SignIn(t.Context(), "admin", chosen, next, "192.0.2.1"); err != nil {
		t.Error(err)
	}

	// The last administrator who can sign in stays one, for the command too.
	for _, args := range [][]string{
		{"account", "remove", "--dir", dir, "admin"},
		{"account", "set", "--dir", dir, "admin", "--disable"},
		{"account", "set", "--dir", dir, "admin", "--role", "analyst"},
	} {
		status, _, errs := call(strings.NewReader(""), args...)
		if status != 1 || !strings.Contains(errs, "this is the last administrator who can sign in: make another one first") {
			t.Errorf("%v: %d, %s", args, status, errs)
		}
	}
	if status, out, _ := call(strings.NewReader(""), "account", "list", "--dir", dir); status != 0 || !strings.Contains(out, "signs in by: password and code\n") {
		t.Errorf("%d, %s", status, out)
	}

	// Who goes away in the middle leaves what was.
	l, err = a.Reset(t.Context(), console(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("the terminal is gone")
	err = setPassword(env, a, l, made.Name, dir, func(string, bool) (string, error) { return "", gone })
	if !errors.Is(err, gone) || !strings.Contains(err.Error(), "nothing was set: try wagasa account reset") {
		t.Error(err)
	}
	if d, err := a.Get(t.Context(), console(), made.ID); err != nil || !d.Complete || d.Sessions != 1 {
		t.Errorf("%+v, %v", d, err)
	}
}
