package oidc

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
)

// The flows stand in the tests of package account, with a provider on this machine; here is what needs none.

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNothingGoesOutInTheClear(t *testing.T) {
	asked := 0
	b := bounded{roundTrip(func(*http.Request) (*http.Response, error) {
		asked++
		return &http.Response{Body: io.NopCloser(strings.NewReader(strings.Repeat("x", 2*maxAnswer)))}, nil
	})}
	for address, want := range map[string]bool{
		"https://login.example/token": true, "http://127.0.0.1:8080/token": true, "http://localhost/token": true, "http://[::1]:8080/": true,
		"http://login.example/token": false, "http://192.0.2.1/token": false, "ftp://login.example/": false, "http://localhost.example/": false,
	} {
		r, err := http.NewRequest("POST", address, nil)
		if err != nil {
			t.Fatal(err)
		}
		before := asked
		answer, err := b.RoundTrip(r)
		if (err == nil) != want || (asked > before) != want {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil {
			continue
		}
		if text, err := io.ReadAll(answer.Body); err != nil || len(text) != maxAnswer {
			t.Errorf("%s: %d bytes, %v", address, len(text), err)
		}
		answer.Body.Close()
	}
	b.next = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("cut") })
	if r, err := http.NewRequest("GET", "https://login.example", nil); err != nil {
		t.Fatal(err)
	} else if _, err := b.RoundTrip(r); err == nil {
		t.Error("no error")
	}
}

func TestSecretFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	write := func(text string, mode os.FileMode) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(" s3cret \n", 0o600)
	if got, err := readSecret(path); got != "s3cret" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for name, do := range map[string]func(){
		"for others": func() { write("s3cret", 0o644) },
		"empty":      func() { write("\n", 0o600) },
		"long":       func() { write(strings.Repeat("s3cret", maxSecret), 0o600) },
		"missing":    func() { os.Remove(path) },
	} {
		do()
		if got, err := readSecret(path); err == nil || got != "" || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := readSecret(""); got != "" || err != nil {
		t.Errorf("none: %q, %v", got, err)
	}
}

func TestNone(t *testing.T) {
	p, err := New(Config{}, time.Now)
	if p != nil || err != nil {
		t.Errorf("%v, %v", p, err)
	}
	p.Close()
	if _, err := New(Config{Issuer: "http://login.example", Redirect: "https://node.example"}, time.Now); fault.Of(err) != fault.Invalid || err == nil {
		t.Error(err)
	}
}
