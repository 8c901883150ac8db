package ingest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
)

// The bounds of what is kept of an object's findings.
const (
	maxFindings     = 64
	maxFindingText  = 256
	maxFindingBytes = 8 << 10 // as stored
)

// codeLimit is the code of the finding that says how many were left out.
const codeLimit stix.Code = "limit"

// keep returns what is kept of findings: those that STIX does not allow first, else in their order, within the bounds. Nothing of it is
// shared with the validator, whose memory they are.
func keep(findings []stix.Finding) []stix.Finding {
	if len(findings) == 0 {
		return nil
	}
	kept := make([]stix.Finding, 0, min(len(findings), maxFindings))
	size := 0
	for _, must := range [...]bool{true, false} {
		for _, f := range findings {
			if (f.Level == stix.Must) != must {
				continue
			}
			f = stix.Finding{Code: stix.Code(clip(string(f.Code))), Level: f.Level, Pointer: clip(f.Pointer), Value: clip(f.Value), Want: clip(f.Want)}
			size += stored(string(f.Code)) + stored(f.Pointer) + stored(f.Value) + stored(f.Want)
			if len(kept) == maxFindings || size > maxFindingBytes {
				more := strconv.Itoa(len(findings) - len(kept))
				return append(kept, stix.Finding{Code: codeLimit, Level: stix.Policy, Value: more})
			}
			kept = append(kept, f)
		}
	}
	return kept
}

// clip shortens a text, at the end of a character, and marks that it did. It always makes a copy.
func clip(s string) string {
	if len(s) <= maxFindingText {
		return strings.Clone(s)
	}
	n := maxFindingText - len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// broken says whether any of the findings is one that STIX does not allow.
func broken(findings []stix.Finding) bool {
	return slices.ContainsFunc(findings, func(f stix.Finding) bool { return f.Level == stix.Must })
}

// stored is about how many bytes a text takes where it is stored: a control character becomes six.
func stored(s string) int {
	n := len(s) + len(`,""`)
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ':
			n += 5
		case c == '"' || c == '\\':
			n++
		}
	}
	return n
}

// encode makes what is stored of findings, nil for none: a JSON list with a row for each of level, code, pointer, value and want, of which
// the empty ones at its end are left out.
func encode(findings []stix.Finding) []byte {
	if len(findings) == 0 {
		return nil
	}
	b := []byte{'['}
	for i, f := range findings {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(append(b, '['), uint64(f.Level), 10)
		texts := [...]string{string(f.Code), f.Pointer, f.Value, f.Want}
		n := len(texts)
		for n > 1 && texts[n-1] == "" {
			n--
		}
		for _, text := range texts[:n] {
			b, _ = jsontext.AppendQuote(append(b, ','), text) // what is no UTF-8 is replaced, though an object has none
		}
		b = append(b, ']')
	}
	return append(b, ']')
}

// Decode reads the Findings of a variant as the store has them.
func Decode(stored []byte) ([]stix.Finding, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	var rows [][]json.RawMessage
	if err := json.Unmarshal(stored, &rows); err != nil {
		return nil, fmt.Errorf("stored findings: %w", err)
	}
	findings := make([]stix.Finding, len(rows))
	for i, r := range rows {
		f := &findings[i]
		for j, into := range []any{&f.Level, &f.Code, &f.Pointer, &f.Value, &f.Want} {
			if j >= len(r) {
				break
			}
			if err := json.Unmarshal(r[j], into); err != nil {
				return nil, fmt.Errorf("stored findings: %w", err)
			}
		}
	}
	return findings, nil
}
