package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/text/secure/precis"
)

// The kinds of records.
const (
	kindAccount     = "account"             // key: id; terms: name, roles
	kindCredentials = "account-credentials" // key: id; terms: passkeys, identities
	kindSession     = "account-session"     // key: hash of the secret; term: account
	kindToken       = "account-token"       // key: hash of the secret; term: account
	kindLink        = "account-link"        // key: hash of the secret; terms: account, purpose
	kindRecovery    = "account-recovery"    // key: id; term: account
	kindFailures    = "account-failures"    // key: id of an account, or unknown
	kindSpent       = "account-spent"       // key: id of a ceremony that has ended
)

func put(tx store.Tx, kind, key string, value any, terms ...string) error {
	b, err := json.Marshal(value)
	if err == nil {
		err = tx.Records().Put(store.Record{Kind: kind, Key: key, Value: b, Terms: terms})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

func get(tx store.Tx, kind, key string, value any) (ok bool, err error) {
	r, ok, err := tx.Records().Get(kind, key)
	if err != nil {
		return false, fmt.Errorf("%s: %w", kind, err)
	}
	if !ok {
		return false, nil
	}
	return true, decode(r, value)
}

// decode reads a record that this package wrote. What cannot be read names its kind alone: a key may be the hash of a secret.
func decode(r store.Record, value any) error {
	if err := json.Unmarshal(r.Value, value); err != nil {
		return fault.New(fault.Internal, "%s: stored record: %w", r.Kind, err)
	}
	return nil
}

func remove(tx store.Tx, kind, key string) error {
	if err := tx.Records().Delete(kind, key); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

// each calls f for every record of a kind, or for those with a term, until f says no. f may write what it was given, and delete it.
func each(tx store.Tx, kind, term string, f func(store.Record) (bool, error)) error {
	for after := ""; ; {
		var (
			found []store.Record
			err   error
		)
		if term == "" {
			found, err = tx.Records().List(kind, after, page)
		} else {
			found, err = tx.Records().Find(kind, term, after, page)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		for _, r := range found {
			if on, err := f(r); err != nil || !on {
				return err
			}
		}
		if len(found) < page {
			return nil
		}
		after = found[len(found)-1].Key
	}
}

// removeAll deletes the records of a kind that have a term.
func removeAll(tx store.Tx, kind, term string) error {
	return each(tx, kind, term, func(r store.Record) (bool, error) { return true, remove(tx, kind, r.Key) })
}

func accountTerm(id string) string { return "account:" + id }
func roleTerm(r Role) string       { return "role:" + string(r) }

// nameTerm finds an account by its name however that is written: in any case and width. What cannot be a name is "".
func nameTerm(name string) string {
	if len(name) > 4*maxName {
		return ""
	}
	key, err := precis.Nickname.CompareKey(name)
	if err != nil || key == "" {
		return ""
	}
	return "name:" + key
}

// checkName returns a name as it is kept: what the standard for nicknames (RFC 8266) makes of it.
func checkName(name string) (string, error) {
	if len(name) <= 4*maxName {
		if kept, err := precis.Nickname.String(name); err == nil && kept != "" && len([]rune(kept)) <= maxName && !strings.ContainsAny(kept, ":/\\") {
			return kept, nil
		}
	}
	return "", refuse(fault.Invalid, "account", "why-name", fmt.Sprint(maxName))
}

// newID is the id of an account or of a request: nothing can be read from it.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

const secretSize = 32

// newSecret is what proves something by being known: 256 random bits.
func newSecret() string {
	var b [secretSize]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// secretKey is under which key the thing stands that a secret proves. What is not written as a secret is has none.
func secretKey(secret string) (key string, ok bool) {
	if len(secret) != base64.RawURLEncoding.EncodedLen(secretSize) {
		return "", false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if err != nil || len(b) != secretSize { // the decoder skips line ends
		return "", false
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), true
}
