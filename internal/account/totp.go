package account

import (
	"crypto/fips140"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // what authenticator apps understand; HMAC-SHA1 is not broken
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Codes of RFC 6238: six digits that change every thirty seconds.
const (
	codeDigits = 6
	codeStep   = 30 // seconds
	codeDrift  = 1  // steps by which a clock may be off

	sha1Name   = "SHA1"
	sha256Name = "SHA256" // in FIPS mode
)

// totp is where codes come from.
type totp struct {
	Sealed    []byte `json:"sealed"` // the secret, sealed for this account
	Algorithm string `json:"algorithm"`
	Last      int64  `json:"last"` // step of the last code that was used; none before it counts
}

// newCodeSecret is as long as the output of its algorithm.
func newCodeSecret() (secret []byte, algorithm string) {
	secret, algorithm = make([]byte, sha1.Size), sha1Name
	if fips140.Enabled() {
		secret, algorithm = make([]byte, sha256.Size), sha256Name
	}
	_, _ = rand.Read(secret) // never fails
	return secret, algorithm
}

func stepAt(t time.Time) int64 { return t.Unix() / codeStep }

// code is the code of a step.
func code(secret []byte, algorithm string, step int64) string {
	sum := codeSum(secret, algorithm, step)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, n%1_000_000)
}

// codeSum is the hash that a code is cut from. Secrets from before FIPS mode was switched on are of the older algorithm: they stay good, or
// nobody could sign in to set new ones.
func codeSum(secret []byte, algorithm string, step int64) (sum []byte) {
	counter := binary.BigEndian.AppendUint64(nil, uint64(step))
	if algorithm == sha256Name {
		mac := hmac.New(sha256.New, secret)
		mac.Write(counter)
		return mac.Sum(nil)
	}
	fips140.WithoutEnforcement(func() {
		mac := hmac.New(sha1.New, secret)
		mac.Write(counter)
		sum = mac.Sum(nil)
	})
	return sum
}

// match finds the step whose code this is, near now and after the last one that was used. Every step is looked at, whichever fits.
func match(secret []byte, algorithm, given string, now time.Time, last int64) (step int64, ok bool) {
	for d := int64(-codeDrift); d <= codeDrift; d++ {
		at := stepAt(now) + d
		fits := subtle.ConstantTimeCompare([]byte(code(secret, algorithm, at)), []byte(given)) == 1
		if fits && at > last && !ok {
			step, ok = at, true
		}
	}
	return step, ok
}

// parseCode reads a code as people type it: with spaces or a hyphen, in digits of any width.
func parseCode(s string) (given string, ok bool) {
	if len(s) > 64 {
		return "", false
	}
	digits := make([]byte, 0, codeDigits)
	for _, r := range norm.NFKC.String(s) {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, byte(r))
		case r == ' ' || r == '-':
		default:
			return "", false
		}
	}
	return string(digits), len(digits) == codeDigits
}

// codeURI is what an authenticator app reads from a QR code.
func codeURI(secret []byte, algorithm, issuer, name string) string {
	issuer = strings.ReplaceAll(issuer, ":", " ")
	q := url.Values{
		"secret": {codeSecretText(secret)}, "issuer": {issuer}, "algorithm": {algorithm},
		"digits": {fmt.Sprint(codeDigits)}, "period": {fmt.Sprint(codeStep)},
	}
	label := url.PathEscape(issuer) + ":" + url.PathEscape(name)
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20") // some apps show the plus
}

func codeSecretText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}
