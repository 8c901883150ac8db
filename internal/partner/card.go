package partner

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/text/unicode/norm"
)

// Card is what a node shows of itself: its name and its public keys, signed by itself. Make one with [Create] or
// [ParseCard]; the zero Card is none.
type Card struct {
	Name      string
	Nation    string      // three capital letters
	Party     store.Party // the identity object that the node's init made
	Created   time.Time   // whole seconds, UTC
	Sign      ed25519.PublicKey
	KEM       hpke.PublicKey    // MLKEM768-P256
	TLS       store.Hash        // SHA-256 of the SubjectPublicKeyInfo of its TLS certificate
	Recovery  ed25519.PublicKey // of the offline recovery key
	Signature []byte            // by Sign, over all of the above
}

const (
	cardBegin   = "-----BEGIN WAGASA CARD-----"
	cardEnd     = "-----END WAGASA CARD-----"
	cardVersion = "1"
	// cardDomain separates signatures of cards from those of anything else.
	cardDomain = "wagasa card v1\n"
	wrapAt     = 64
)

// field is one line of a card; what is binary is base64.
type field struct{ key, value string }

func (c Card) fields() []field {
	b64 := base64.StdEncoding.EncodeToString
	return []field{
		{"version", cardVersion},
		{"name", c.Name},
		{"nation", c.Nation},
		{"party", string(c.Party)},
		{"created", c.Created.UTC().Format(time.RFC3339)},
		{"sign", b64(c.Sign)},
		{"kem", b64(c.KEM.Bytes())},
		{"tls", b64(c.TLS[:])},
		{"recovery", b64(c.Recovery)},
	}
}

// signedText is what Signature covers.
func (c Card) signedText() []byte {
	var b bytes.Buffer
	b.WriteString(cardDomain)
	writeFields(&b, c.fields())
	return b.Bytes()
}

// Text is the card in its canonical form: lines of "key: value", long values on continuation lines that begin with a space.
func (c Card) Text() []byte {
	var b bytes.Buffer
	b.WriteString(cardBegin + "\n")
	writeFields(&b, append(c.fields(), field{"signature", base64.StdEncoding.EncodeToString(c.Signature)}))
	b.WriteString(cardEnd + "\n")
	return b.Bytes()
}

func writeFields(b *bytes.Buffer, fields []field) {
	for _, f := range fields {
		b.WriteString(f.key + ":")
		if value := f.value; f.key == "name" || len(value) <= wrapAt {
			b.WriteString(" " + value + "\n")
		} else {
			for len(value) > 0 {
				n := min(wrapAt, len(value))
				b.WriteString("\n " + value[:n])
				value = value[n:]
			}
			b.WriteString("\n")
		}
	}
}

// Digest is the SHA-256 of Text.
func (c Card) Digest() store.Hash { return sha256.Sum256(c.Text()) }

// Equal says whether two cards are the same, signature included.
func (c Card) Equal(d Card) bool { return bytes.Equal(c.Text(), d.Text()) }

var (
	nationShape = regexp.MustCompile(`^[A-Z]{3}$`)
	partyShape  = regexp.MustCompile(`^identity--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

const maxName = 100

// checkName accepts what can be shown in one line and compared by eye: no invisible characters, one normal form.
func checkName(name string) error {
	n := utf8.RuneCountInString(name)
	odd := func(r rune) bool { return !unicode.IsPrint(r) && r != '\u3000' }
	switch {
	case !utf8.ValidString(name):
		return fmt.Errorf("name: not UTF-8")
	case n < 1 || n > maxName:
		return fmt.Errorf("name: %d characters; want 1 to %d", n, maxName)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("name %q: begins or ends with a space", name)
	case strings.ContainsFunc(name, odd):
		return fmt.Errorf("name %q: has a line break, a control character or one that cannot be seen", name)
	case !norm.NFC.IsNormalString(name):
		return fmt.Errorf("name %q: not in Unicode normal form C", name)
	}
	return nil
}

func checkNation(nation string) error {
	if !nationShape.MatchString(nation) {
		return fmt.Errorf("nation %q: want three capital letters (ISO 3166-1 alpha-3), such as JPN or EST", nation)
	}
	return nil
}
