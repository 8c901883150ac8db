package account

import (
	"crypto/fips140"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vectors of RFC 6238, appendix B, with six of their eight digits.
func TestCodeVectors(t *testing.T) {
	const seed = "12345678901234567890"
	secret32 := []byte(seed + "123456789012")
	for at, want := range map[int64][2]string{
		59:          {"94287082", "46119246"},
		1111111109:  {"07081804", "68084774"},
		1111111111:  {"14050471", "67062674"},
		1234567890:  {"89005924", "91819424"},
		2000000000:  {"69279037", "90698825"},
		20000000000: {"65353130", "77737706"},
	} {
		step := stepAt(time.Unix(at, 0))
		if got := code([]byte(seed), sha1Name, step); got != want[0][2:] {
			t.Errorf("%d: %s, want %s", at, got, want[0][2:])
		}
		if got := code(secret32, sha256Name, step); got != want[1][2:] {
			t.Errorf("%d: %s, want %s", at, got, want[1][2:])
		}
	}
}

func TestNewCodeSecret(t *testing.T) {
	a, algorithm := newCodeSecret()
	b, _ := newCodeSecret()
	if string(a) == string(b) || (algorithm == sha256Name) != fips140.Enabled() || len(a) != map[string]int{sha1Name: 20, sha256Name: 32}[algorithm] {
		t.Errorf("%x, %x, %s", a, b, algorithm)
	}
}

// A code is taken within a step of its time, and once: never a step that is not after the last.
func TestLawMatch(t *testing.T) {
	secret, algorithm := newCodeSecret()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "now"), 0)
		off := rapid.Int64Range(-4, 4).Draw(t, "off")
		last := stepAt(now) + rapid.Int64Range(-5, 5).Draw(t, "last")
		at := stepAt(now) + off
		step, ok := match(secret, algorithm, code(secret, algorithm, at), now, last)
		if ok && (step <= last || step < stepAt(now)-codeDrift || step > stepAt(now)+codeDrift) {
			t.Fatalf("step %d at %d, last %d", step, stepAt(now), last)
		}
		if want := off >= -codeDrift && off <= codeDrift && at > last; want && !ok {
			t.Fatalf("refused: off by %d, last %d before", off, at-last)
		}
	})
}

func TestParseCode(t *testing.T) {
	for given, want := range map[string]string{
		"123456": "123456", "123 456": "123456", " 123-456 ": "123456", "１２３　４５６": "123456", "012345": "012345",
		"": "", "12345": "", "1234567": "", "12345a": "", "123\x00456": "", "+12345": "", "１２３４５": "", "²³4567": "234567",
	} {
		got, ok := parseCode(given)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", given, got, ok)
		}
	}
}

func TestCodeURI(t *testing.T) {
	secret := []byte("12345678901234567890")
	uri := codeURI(secret, sha1Name, "Example: Ministry", "山田 花子+1")
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Example  Ministry:山田 花子+1" || q.Get("issuer") != "Example  Ministry" ||
		q.Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || q.Get("algorithm") != "SHA1" || q.Get("digits") != "6" || q.Get("period") != "30" {
		t.Errorf("%s: %+v", uri, u)
	}
	if strings.Contains(strings.SplitN(uri, "?", 2)[1], "+") {
		t.Errorf("an app would show the plus: %s", uri)
	}
	if len(fmt.Sprint(uri)) > 300 {
		t.Errorf("%d characters are much for a QR code", len(uri))
	}
}
