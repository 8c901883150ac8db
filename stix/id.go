package stix

import (
	"crypto/rand"
	"fmt"
	"strings"
)

const (
	maxType = 250 // bytes of a type name (STIX 2.1 section 11.2)
	uuidLen = 36
)

// ValidID reports whether id is a STIX identifier (STIX 2.1 section 2.9): a type name, "--" and a UUID. Any version of
// UUID is accepted, in either case: what others published is theirs to name.
func ValidID(id string) bool {
	typ, ok := idType(id)
	return ok && validType(typ)
}

// NewID is a new id of a type: a random version 4 UUID, which every object but a cyber-observable should have (STIX 2.1 section 2.9).
// It does not check typ.
func NewID(typ string) string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails: it would end the program
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return fmt.Sprintf("%s--%x-%x-%x-%x-%x", typ, u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// TypeOf is the type name within an id, "" if it is no valid id.
func TypeOf(id string) string {
	if typ, ok := idType(id); ok && validType(typ) {
		return typ
	}
	return ""
}

func idType(id string) (string, bool) {
	n := len(id) - uuidLen
	if n < 3 || n > maxType+2 || id[n-2:n] != "--" || !validUUID(id[n:]) {
		return "", false
	}
	return id[:n-2], true
}

// validType checks a type name (STIX 2.1 section 11.2): 3 to 250 of a to z, 0 to 9 and single hyphens.
func validType(s string) bool {
	if len(s) < 3 || len(s) > maxType || strings.Contains(s, "--") {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func validUUID[T string | []byte](s T) bool {
	if len(s) != uuidLen {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
	}
	return true
}
