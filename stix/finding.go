package stix

import (
	"strings"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// Code names a kind of [Finding]. It is stable. [Codes] lists all.
type Code = spec.Code

// Level says how much a [Finding] weighs: [Must], [Should] or [Policy].
type Level = spec.Level

// The levels.
const (
	Must   = spec.Must   // the standard says MUST, or MUST NOT
	Should = spec.Should // the standard says SHOULD, or calls it deprecated
	Policy = spec.Policy // the standard allows it; this library cannot or will not judge further
)

// Finding is one place where an object departs from STIX 2.1.
type Finding struct {
	Code  Code
	Level Level
	// Pointer is where (RFC 6901), in the object itself, or of STIX 2.0 in what [Upgrade] makes of it: "" is all of it. Of a place
	// whose pointer would be longer than some 1,000 bytes it is what contains it. Names in it are as they came: escape it before a
	// terminal sees it.
	Pointer string
	// Value is what was found there and Want what would be right, where the code has use for them. They are short and printable.
	Value, Want string
}

// Message is the rule in words, in English, with Value and Want filled in. Whoever writes another language renders Code, Value and Want.
func (f Finding) Message() string {
	return strings.NewReplacer("{value}", f.Value, "{want}", f.Want).Replace(spec.CodeText(f.Code))
}

// CodeInfo describes a [Code].
type CodeInfo struct {
	Code    Code
	Level   Level  // the highest level of its findings
	Section string // of STIX 2.1
	Text    string // the rule in words, with {value} and {want} to be filled in
}

// Codes lists every code that a [Finding] may have, in a fixed order.
func Codes() []CodeInfo {
	list := make([]CodeInfo, len(spec.Codes))
	for i, c := range spec.Codes {
		list[i] = CodeInfo(c)
	}
	return list
}
