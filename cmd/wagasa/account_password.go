package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/wagasa/wagasa/internal/account"
)

// ask asks somebody at the terminal; what is hidden is not shown while it is typed.
type ask func(prompt string, hidden bool) (string, error)

// asker is how to ask, where that is wanted. Without a terminal it is an error, before anything was done: a secret does not come through a pipe,
// where a script or a log would have had it.
func asker(env *environment, wanted bool) (ask, error) {
	if !wanted {
		return nil, nil
	}
	f, ok := env.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, errors.New("--password asks on a terminal, and this is none: leave it out, and a one-time link is made")
	}
	lines := bufio.NewReader(io.LimitReader(f, 64<<10))
	return func(prompt string, hidden bool) (string, error) {
		fmt.Fprint(env.err, prompt)
		if !hidden {
			line, err := lines.ReadString('\n')
			if err != nil {
				return "", fmt.Errorf("the answer: %w", err)
			}
			return strings.TrimSpace(line), nil
		}
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(env.err)
		if err != nil {
			return "", fmt.Errorf("the answer: %w", err)
		}
		return string(typed), nil
	}, nil
}

// tries is how often somebody may mistype.
const tries = 3

// setPassword sets password and authenticator app by a one-time link, at the terminal. What is not finished leaves the earlier credentials, and the
// account, as they are.
func setPassword(env *environment, a *account.Accounts, l account.Link, name, dir string, ask ask) error {
	cookie, s, err := a.Redeem(env, l.Secret, "", "", "console")
	if err != nil {
		return err
	}
	defer func() { _ = a.SignOut(env, cookie) }() // it ends by itself at the latest
	again := func(err error) error {
		return fmt.Errorf("%w; nothing was set: try wagasa account reset --dir %s %q --password", err, dir, name)
	}
	if cookie, s, err = choosePassword(env, a, s, cookie, ask); err != nil {
		return again(err)
	}
	e, err := a.EnrolTOTP(env, s.Actor("console"))
	if err != nil {
		return again(err)
	}
	fmt.Fprintf(env.err, "For the authenticator app, shown only now:\n  secret  %s\n  address %s\n", e.Secret, e.URI)
	for range tries {
		code, err := ask("The code that the app shows: ", false)
		if err != nil {
			return again(err)
		}
		var next string
		if next, _, err = a.ConfirmTOTP(env, s.Actor("console"), code); err == nil {
			cookie = next
			fmt.Fprintf(env.out, "%s signs in by password and code\n", name)
			return nil
		}
		fmt.Fprintln(env.err, err)
	}
	return again(errors.New("no code was right"))
}

// choosePassword asks for a password until one is good enough and typed twice the same.
func choosePassword(env *environment, a *account.Accounts, s *account.Session, cookie string, ask ask) (string, *account.Session, error) {
	for range tries {
		password, err := ask("A new password: ", true)
		if err != nil {
			return cookie, s, err
		}
		repeated, err := ask("Once more: ", true)
		if err != nil {
			return cookie, s, err
		}
		if password != repeated {
			fmt.Fprintln(env.err, "these are two passwords")
			continue
		}
		next, session, err := a.SetPassword(env, s.Actor("console"), password)
		if err == nil {
			return next, session, nil
		}
		fmt.Fprintln(env.err, err)
	}
	return cookie, s, errors.New("no password was good")
}
