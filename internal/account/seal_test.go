package account

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store/memory"
)

func ourKey() ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public().(ed25519.PublicKey)
}

func TestKeyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, keyFolder, keyFile)
	var wg sync.WaitGroup
	keys := make([][]byte, 8)
	for i := range keys { // many processes begin at once
		wg.Go(func() {
			key, err := loadKey(dir)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	wg.Wait()
	for _, k := range keys {
		if !bytes.Equal(k, keys[0]) || len(k) != keySize {
			t.Fatal("different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := loadKey(dir); fault.Of(err) != fault.Denied || err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Error(err)
	}
	for _, text := range []string{"", "x", "-----BEGIN WAGASA SEAL KEY-----\nAAAA\n-----END WAGASA SEAL KEY-----\n", strings.Repeat("x", 1<<20)} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadKey(dir); fault.Of(err) != fault.Invalid || err == nil {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if _, err := New(Params{Store: memory.New(), Dir: filepath.Join(path, "x")}); err == nil {
		t.Error("a folder that cannot be")
	}
}

// Without the key a stolen store gives no codes; with another key sign-in by code says what is wrong, and all else goes on.
func TestAnotherKey(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	key := newAuthenticator(t)
	w.register(admin, key, "key")
	r, _, err := recordOf(w, kindCredentials, admin.ID)
	w.must(err)
	if bytes.Contains(r.Value, admin.secret) || strings.Contains(string(r.Value), codeSecretText(admin.secret)) {
		t.Errorf("the secret stands in %s", r.Value)
	}
	w.must(os.Remove(filepath.Join(w.dir, keyFolder, keyFile)))
	w.restart()
	w.clock.pass(time.Minute)
	_, _, err = w.SignIn(w.ctx(), admin.Name, password, w.code(admin), here)
	if fault.Of(err) != fault.Internal || err == nil || !strings.Contains(err.Error(), "seal.key") {
		t.Error(err)
	}
	_, _, err = w.SignIn(w.ctx(), admin.Name, "wrong password", w.code(admin), here)
	w.refused(err, fault.Denied, "why-sign-in")
	cookie, _, err := w.touchKey(key, here)
	w.must(err)
	admin.cookie = cookie
	e, err := w.EnrolTOTP(w.ctx(), w.as(admin))
	w.must(err)
	admin.secret = w.secretOf(e)
	_, _, err = w.ConfirmTOTP(w.ctx(), w.as(admin), w.code(admin))
	w.must(err)
	w.signIn(admin)
}

// What is sealed opens for its purpose and its owner alone.
func TestSealed(t *testing.T) {
	w := newWorld(t)
	s := w.sealer
	sealed := s.seal(sealCode, "a", []byte("secret"))
	if plain, err := s.open(sealCode, "a", sealed); err != nil || string(plain) != "secret" {
		t.Error(string(plain), err)
	}
	if bytes.Equal(sealed, s.seal(sealCode, "a", []byte("secret"))) {
		t.Error("twice the same")
	}
	for name, open := range map[string]func() ([]byte, error){
		"another owner":   func() ([]byte, error) { return s.open(sealCode, "b", sealed) },
		"another purpose": func() ([]byte, error) { return s.open(sealPasskey, "a", sealed) },
		"cut":             func() ([]byte, error) { return s.open(sealCode, "a", sealed[:len(sealed)-1]) },
		"nothing":         func() ([]byte, error) { return s.open(sealCode, "a", nil) },
	} {
		if plain, err := open(); err == nil {
			t.Errorf("%s: %s", name, plain)
		}
	}
}
