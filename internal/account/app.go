package account

import (
	"encoding/base32"
	"net/url"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
)

// Code is what an authenticator app that was given the enrolment shows at an instant.
func (e Enrolment) Code(at time.Time) (string, error) {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(e.Secret)
	if err != nil {
		return "", fault.New(fault.Invalid, "enrolment: the secret is no base32")
	}
	u, err := url.Parse(e.URI)
	if err != nil {
		return "", fault.New(fault.Invalid, "enrolment: the address cannot be read")
	}
	return code(secret, u.Query().Get("algorithm"), stepAt(at)), nil
}
