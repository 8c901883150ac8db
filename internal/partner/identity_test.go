package partner

import (
	"bytes"
	"crypto/hpke"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
)

func params(seed int) Params {
	return Params{Name: "Amagasa Agency", Nation: "AMA", Now: start, Rand: seeded(seed)}
}

func create(t *testing.T, dir string) (*Identity, Recovery) {
	t.Helper()
	id, r, err := Create(dir, params(1))
	if err != nil {
		t.Fatal(err)
	}
	return id, r
}

func TestCreatedIdentityLoads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "node")
	id, r, err := Create(dir, Params{Name: " 雨傘庁 ", Nation: "AMA", Now: start})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Card.Equal(id.Card) || !got.Sign.Equal(id.Sign) || got.Card.Name != "雨傘庁" || !got.Card.Recovery.Equal(public(r.Key())) {
		t.Errorf("loaded %v, created %v", got, id)
	}
	if !bytes.Equal(got.TLS.Certificate[0], id.TLS.Certificate[0]) {
		t.Error("another certificate")
	}
	sealed, err := hpke.Seal(id.Card.KEM, hpke.HKDFSHA256(), hpke.AES256GCM(), nil, []byte("ame"))
	if err != nil {
		t.Fatal(err)
	}
	if open, err := hpke.Open(got.KEM, hpke.HKDFSHA256(), hpke.AES256GCM(), nil, sealed); err != nil || string(open) != "ame" {
		t.Errorf("the loaded KEM key does not open what the card seals: %v", err)
	}
}

func TestFileModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	_, r := create(t, dir)
	words := filepath.Join(t.TempDir(), "recovery.txt")
	if err := r.Write(words); err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(dir, keysDir)
	for path, want := range map[string]fs.FileMode{
		keys:                          fs.ModeDir | 0o700,
		filepath.Join(keys, signFile): 0o600,
		filepath.Join(keys, kemFile):  0o600,
		filepath.Join(keys, tlsFile):  0o600,
		words:                         0o600,
	} {
		info, err := os.Stat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, want %v; %v", path, info.Mode(), want, err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder has %v; want %s and %s", entries, cardFile, keysDir)
	}
}

func TestLoadRefusesKeysOfOthers(t *testing.T) {
	for name, mode := range map[string]fs.FileMode{
		"": 0o750, signFile: 0o640, kemFile: 0o604, tlsFile: 0o660,
	} {
		dir := t.TempDir()
		create(t, dir)
		if err := os.Chmod(filepath.Join(dir, keysDir, name), mode); err != nil {
			t.Fatal(err)
		}
		_, err := Load(dir)
		if fault.Of(err) != fault.Denied || !strings.Contains(err.Error(), "chmod") {
			t.Errorf("%q with mode %o: %v", name, mode, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	if _, err := Load(t.TempDir()); fault.Of(err) != fault.NotFound {
		t.Errorf("no identity: %v", err)
	}
	other := t.TempDir()
	if _, _, err := Create(other, params(2)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{signFile, kemFile, tlsFile} {
		for what, test := range map[string]struct {
			change func(path string) error
			want   fault.Kind
		}{
			"of another": {func(path string) error {
				return os.Rename(filepath.Join(other, keysDir, name), path)
			}, fault.Conflict},
			"damaged": {func(path string) error { return os.WriteFile(path, []byte("-----BEGIN PRIVATE KEY-----\n"), 0o600) }, fault.Invalid},
			"endless": {func(path string) error { return os.WriteFile(path, make([]byte, maxKeyFile+1), 0o600) }, fault.Invalid},
			"missing": {os.Remove, fault.Internal},
		} {
			dir := t.TempDir()
			create(t, dir)
			path := filepath.Join(dir, keysDir, name)
			if err := test.change(path); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(dir); err == nil || fault.Of(err) != test.want || !strings.Contains(err.Error(), name) {
				t.Errorf("%s %s: %v", name, what, err)
			}
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	id, _ := create(t, dir)
	if _, _, err := Create(dir, params(2)); fault.Of(err) != fault.Conflict {
		t.Errorf("a second identity: %v", err)
	}
	if got, err := Load(dir); err != nil || !got.Card.Equal(id.Card) {
		t.Errorf("the first identity was touched: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, cardFile)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Create(dir, params(2)); fault.Of(err) != fault.Conflict {
		t.Errorf("keys whose card was lost: %v", err)
	}
	for _, p := range []Params{
		{Name: "", Nation: "AMA", Now: start},
		{Name: "two\nlines", Nation: "AMA", Now: start},
		{Name: strings.Repeat("傘", 101), Nation: "AMA", Now: start},
		{Name: "a", Nation: "am", Now: start},
		{Name: "a", Nation: "AM1", Now: start},
		{Name: "a", Nation: "AMA"},
	} {
		dir := filepath.Join(t.TempDir(), "refused")
		if _, _, err := Create(dir, p); fault.Of(err) != fault.Invalid {
			t.Errorf("%+v: %v", p, err)
		}
		if exists(dir) {
			t.Errorf("%+v left a folder", p)
		}
	}
}

// Whatever a crash leaves, there is a whole identity or a folder in which Create can be run again.
func TestCreateAfterACrash(t *testing.T) {
	steps := []func(id *Identity, dir string) error{
		func(_ *Identity, dir string) error { return os.Mkdir(filepath.Join(dir, keysPending), 0o700) },
		func(_ *Identity, dir string) error {
			return os.WriteFile(filepath.Join(dir, keysPending, signFile), []byte("half"), 0o600)
		},
		func(id *Identity, dir string) error {
			return os.WriteFile(filepath.Join(dir, cardPending), id.Card.Text()[:100], 0o600)
		},
		func(id *Identity, dir string) error {
			return os.WriteFile(filepath.Join(dir, cardPending), id.Card.Text(), 0o600)
		},
		func(_ *Identity, dir string) error {
			return os.Rename(filepath.Join(dir, keysPending), filepath.Join(dir, keysDir))
		},
	}
	for crash := range steps {
		dir := t.TempDir()
		for _, step := range steps[:crash+1] {
			if err := step(node(t, 9, "Lost", "LST"), dir); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Load(dir); fault.Of(err) != fault.NotFound {
			t.Errorf("after step %d there is an identity: %v", crash, err)
		}
		create(t, dir)
		if got, err := Load(dir); err != nil || got.Card.Name != "Amagasa Agency" {
			t.Errorf("after step %d: %v", crash, err)
		}
	}
}

func TestCertificate(t *testing.T) {
	id := node(t, 1, strings.Repeat("傘", 100), "AMA")
	leaf := id.TLS.Leaf
	if SPKI(leaf) != id.Card.TLS || leaf.NotAfter.Year() != 9999 || leaf.NotBefore.After(start) {
		t.Errorf("certificate %v to %v", leaf.NotBefore, leaf.NotAfter)
	}
	if err := leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature); err != nil {
		t.Error(err)
	}
	if _, err := tls.X509KeyPair(pemOf(t, id, tlsFile), pemOf(t, id, tlsFile)); err != nil {
		t.Errorf("other tools cannot use tls.key: %v", err)
	}
}

func pemOf(t *testing.T, id *Identity, name string) []byte {
	t.Helper()
	files, err := id.keyFiles()
	if err != nil {
		t.Fatal(err)
	}
	return files[name]
}

func TestRecoveryReadsBack(t *testing.T) {
	_, r := create(t, t.TempDir())
	words := r.String()
	if n := len(strings.Fields(words)); n != 24 {
		t.Fatalf("%d words", n)
	}
	for _, typed := range []string{words, "  " + strings.ToUpper(words) + "\n", strings.ReplaceAll(words, " ", "\u3000\n")} {
		key, err := ParseRecovery(typed)
		if err != nil || !key.Equal(r.Key()) {
			t.Errorf("%v", err)
		}
	}
	path := filepath.Join(t.TempDir(), "recovery.txt")
	if err := r.Write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := ParseRecovery(string(text)); err != nil || !key.Equal(r.Key()) {
		t.Errorf("from the file: %v", err)
	}
	if err := r.Write(path); fault.Of(err) != fault.Conflict {
		t.Errorf("written over: %v", err)
	}
}

func TestParseRecoveryRefuses(t *testing.T) {
	_, r := create(t, t.TempDir())
	words := strings.Fields(r.String())
	first := words[0]
	words[0], words[1] = words[1], words[0]
	for _, typed := range []string{
		"", first, strings.Join(words[:23], " "), strings.Join(append(words, "zoo"), " "),
		strings.Replace(r.String(), first, "wagasa", 1),
	} {
		_, err := ParseRecovery(typed)
		if fault.Of(err) != fault.Invalid {
			t.Errorf("%v", err)
			continue
		}
		for _, w := range append(words, "wagasa") {
			if len(w) > 5 && strings.Contains(err.Error(), w) {
				t.Errorf("the error tells %q", w)
			}
		}
	}
}

// A secret that somebody prints or logs by mistake does not show.
func TestSecretsDoNotShow(t *testing.T) {
	dir := t.TempDir()
	id, r := create(t, dir)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("created", "id", id, "recovery", r)
	shown := log.String() + fmt.Sprintf("%v %+v %#v %v %+v %#v %#v", id, id, id, *id, *id, *id, r)
	seed := r.Key().Seed()
	for _, secret := range []string{
		r.String(), fmt.Sprint(seed), fmt.Sprintf("%x", seed), fmt.Sprintf("%#v", seed), fmt.Sprint([]byte(id.Sign)), fmt.Sprintf("%#v", id.Sign),
	} {
		if strings.Contains(shown, secret) {
			t.Errorf("a secret shows in %s", shown)
		}
	}
}

func TestBrokenRandomness(t *testing.T) {
	for _, n := range []int{0, 20, 100, 130} {
		p := params(1)
		p.Rand = bytes.NewReader(make([]byte, n))
		if _, _, err := Create(t.TempDir(), p); err == nil {
			t.Errorf("an identity from %d bytes", n)
		}
	}
	p := params(1)
	p.Rand = zero{}
	if _, _, err := Create(t.TempDir(), p); err == nil {
		t.Error("an identity from zeros")
	}
}

type zero struct{}

func (zero) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestWriteNewReportsFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "such", "folder")
	if err := writeNew(path, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func BenchmarkCreate(b *testing.B) {
	for b.Loop() {
		if _, _, err := generate(Params{Name: "a", Nation: "AMA", Now: time.Now(), Rand: seeded(1)}); err != nil {
			b.Fatal(err)
		}
	}
}
