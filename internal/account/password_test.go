package account

import (
	"context"
	"strings"
	"testing"
)

// A password's hash follows the cost that is usual now.
func TestHashIsMadeAnew(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	for _, c := range []cost{{memory: 128, time: 1}, {fips: true, iterations: 1000}, {fips: true, iterations: 2000}, quick} {
		w.hasher.cost = c
		w.signIn(admin)
		r, _, err := recordOf(w, kindCredentials, admin.ID)
		w.must(err)
		if want := "$" + c.shape().algorithm + "$" + c.shape().parameters() + "$"; !strings.Contains(string(r.Value), want) {
			t.Errorf("no %s in %s", want, r.Value)
		}
		w.signIn(admin)
	}
}

func TestPasswords(t *testing.T) {
	for password, key := range map[string]string{
		"correct horse battery staple": "",
		"森の奥で傘を差す猫が笑う":                 "",
		"short":                        "why-password-short",
		"eleven char":                  "why-password-short",
		"aaaaaaaaaaaaaaaa":             "why-password-plain",
		"abababababababab":             "why-password-plain",
		"abcdefghijklmnop":             "why-password-plain",
		"qwertyuiopasdf":               "why-password-plain",
		"1234567890123456":             "why-password-plain",
		"my name is YAMADA":            "why-password-name",
		"with\x00null character":       "why-password-form",
		"\xff\xfe not a text at all":   "why-password-form",
		strings.Repeat("long ", 60):    "why-password-form",
	} {
		err := checkPassword(password, "Yamada")
		r, _ := reasonOf(err)
		if (err == nil) != (key == "") || key != "" && r.Code != "account."+key {
			t.Errorf("%.40q: %v, want %q", password, err, key)
		}
	}
	// However a keyboard composes it, it is the same password.
	h := newHasher()
	h.cost = quick
	kept, err := h.hash(t.Context(), "café ＆ 傘 und mehr")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := h.check(t.Context(), kept, "cafe\u0301 ＆\u3000傘 und mehr"); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, _, err := h.check(t.Context(), kept, "cafe ＆ 傘 und mehr"); ok || err != nil {
		t.Error(ok, err)
	}
}

// Hashing takes no more memory than two hashes at once, and who has gone is not hashed for.
func TestHashingIsBounded(t *testing.T) {
	h := newHasher()
	h.cost = quick
	for range maxHashAtOnce {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.hash(ctx, password); err == nil || h.made.Load() != 0 {
		t.Errorf("%v, %d hashes", err, h.made.Load())
	}
	if _, _, err := h.check(ctx, "", password); err == nil || h.made.Load() != 0 {
		t.Errorf("%v, %d hashes", err, h.made.Load())
	}
}
