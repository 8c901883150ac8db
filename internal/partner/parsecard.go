package partner

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// MaxCard bounds the text in which ParseCard looks for a card, in bytes. A card itself has about 2,500.
const MaxCard = 16 << 10

// ParseCard reads a card and verifies its signature. It tolerates what mail does to text: CRLF, blanks at the end of lines,
// text before and after, and quoting with "> ". The card itself must be exactly what [Card.Text] writes. What is not is
// fault.Invalid; a wrong signature is fault.Denied.
func ParseCard(text []byte) (Card, error) {
	c, err := parseCard(text)
	if err != nil {
		return Card{}, fault.New(fault.Invalid, "card: %w", err)
	}
	if !ed25519.Verify(c.Sign, c.signedText(), c.Signature) {
		return Card{}, fault.New(fault.Denied, "card of %s: the signature is wrong: it was altered on its way", c.label())
	}
	return c, nil
}

func parseCard(text []byte) (c Card, err error) {
	if len(text) > MaxCard {
		return c, fmt.Errorf("%d bytes of text are more than %d", len(text), MaxCard)
	}
	lines, err := cardLines(string(text))
	if err != nil {
		return c, err
	}
	fields, err := readFields(lines)
	if err != nil {
		return c, err
	}
	if err := c.fill(fields); err != nil {
		return c, err
	}
	if canonical := strings.Split(string(c.Text()), "\n"); strings.Join(canonical[1:len(canonical)-2], "\n") != strings.Join(lines, "\n") {
		return c, fmt.Errorf("not in canonical form: lines were broken or values rewritten on its way")
	}
	return c, nil
}

// cardLines returns the lines between begin and end, without quoting and trailing blanks.
func cardLines(text string) ([]string, error) {
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	begin, end := -1, -1
	quote := ""
	for i, line := range lines {
		switch {
		case strings.TrimLeft(line, "> \t") == cardBegin:
			if begin >= 0 {
				return nil, fmt.Errorf("more than one card in the text: give one at a time")
			}
			begin, quote = i, strings.TrimSuffix(line, cardBegin)
		case begin >= 0 && end < 0 && line == quote+cardEnd:
			end = i
		}
	}
	switch {
	case begin < 0:
		return nil, fmt.Errorf("no line %q in the text", cardBegin)
	case end < 0:
		return nil, fmt.Errorf("no line %q: the text was cut short", cardEnd)
	}
	lines = lines[begin+1 : end]
	for i, line := range lines {
		var ok bool
		if lines[i], ok = strings.CutPrefix(line, quote); !ok {
			return nil, fmt.Errorf("line %d of the card is not quoted like the others", i+1)
		}
	}
	return lines, nil
}

// fieldKeys in the order in which they stand.
var fieldKeys = []string{"version", "name", "nation", "party", "created", "sign", "kem", "tls", "recovery", "signature"}

// readFields joins continuation lines and insists on exactly the fields of this version, in order.
func readFields(lines []string) (map[string]string, error) {
	var fields []field
	for i, line := range lines {
		if tail, ok := strings.CutPrefix(line, " "); ok && len(fields) > 0 {
			fields[len(fields)-1].value += tail
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("line %d is not \"key: value\"", i+1)
		}
		fields = append(fields, field{key, strings.TrimPrefix(value, " ")})
	}
	byKey := make(map[string]string)
	for i, f := range fields {
		if f.key == "version" && i == 0 && f.value != cardVersion {
			return nil, fmt.Errorf("version %q: this node reads version %s; it may be too old", f.value, cardVersion)
		}
		if i >= len(fieldKeys) || f.key != fieldKeys[i] {
			return nil, fmt.Errorf("field %q is unknown, repeated or out of order", f.key)
		}
		byKey[f.key] = f.value
	}
	if len(fields) < len(fieldKeys) {
		return nil, fmt.Errorf("field %q is missing", fieldKeys[len(fields)])
	}
	return byKey, nil
}

// fill sets every field of c and checks it.
func (c *Card) fill(fields map[string]string) (err error) {
	c.Name, c.Nation, c.Party = fields["name"], fields["nation"], store.Party(fields["party"])
	if err := checkName(c.Name); err != nil {
		return err
	}
	if err := checkNation(c.Nation); err != nil {
		return err
	}
	if !partyShape.MatchString(string(c.Party)) {
		return fmt.Errorf("party %q: want identity--UUID in small letters", c.Party)
	}
	c.Created, err = time.Parse("2006-01-02T15:04:05Z", fields["created"])
	if err != nil {
		return fmt.Errorf("created: %w", err)
	}
	var sign, recovery, kem, tls []byte
	for _, f := range []struct {
		key  string
		size int
		to   *[]byte
	}{
		{"sign", ed25519.PublicKeySize, &sign},
		{"recovery", ed25519.PublicKeySize, &recovery},
		{"kem", -1, &kem},
		{"tls", len(c.TLS), &tls},
		{"signature", ed25519.SignatureSize, &c.Signature},
	} {
		if *f.to, err = base64.StdEncoding.Strict().DecodeString(fields[f.key]); err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
		if f.size >= 0 && len(*f.to) != f.size {
			return fmt.Errorf("%s: %d bytes; want %d", f.key, len(*f.to), f.size)
		}
	}
	if bytes.Equal(sign, recovery) {
		return fmt.Errorf("recovery: it is the signing key; a recovery key must be another one, kept offline")
	}
	c.Sign, c.Recovery, c.TLS = sign, recovery, store.Hash(tls)
	if c.KEM, err = hpke.MLKEM768P256().NewPublicKey(kem); err != nil {
		return fmt.Errorf("kem: %w", err)
	}
	return nil
}
