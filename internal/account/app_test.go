package account

import (
	"testing"
	"time"
)

// TestEnrolmentCode: the codes of RFC 6238, appendix B (the last six of eight digits), from what an app is given.
func TestEnrolmentCode(t *testing.T) {
	secret := []byte("12345678901234567890")
	e := Enrolment{Secret: codeSecretText(secret), URI: codeURI(secret, sha1Name, "Example", "Sato")}
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 2000000000: "279037"} {
		if got, err := e.Code(time.Unix(at, 0)); got != want || err != nil {
			t.Errorf("at %d: %s, %v; want %s", at, got, err, want)
		}
	}
	if _, err := (Enrolment{Secret: "1"}).Code(time.Unix(0, 0)); err == nil {
		t.Error("a secret that is none has a code")
	}
}
