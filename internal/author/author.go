// Package author turns what people write into the node's own objects: it finds indicators in a pasted advisory, drafts objects of those that the
// author selected, says beforehand who would get them and why not the others, submits them in one transaction, makes new versions of what is
// ours, and answers what is another's.
//
// [Extract] reads a text, English, Japanese or mixed, undoes what was done to it so that nobody clicks on it, and returns [Candidate]s with their
// places in the text as it was pasted. It needs no store. [Known] is what it knows of the store: names of actors, malware and the like, ATT&CK
// and CVE ids; [LoadKnown] fills it. Nothing of a text is ever fetched, resolved or executed.
//
// An [Author] makes a [Draft] of what its user wants to say, asks who would get it, and submits it. [Author.Draft] makes indicators and a report of
// candidates and [Choices]; [Author.Edit] and [Author.Revoke] make a new version of an object of ours; [Author.Note], [Author.Opinion],
// [Author.Sighting] and [Author.Translation] answer any object. All are valid by construction, with ids that follow from the draft's key, so that
// what is submitted twice by accident is there once. [Author.Reach] says for each partner what would go and why not the rest: it takes the draft
// in, asks package release, and takes it back, all in one transaction that never commits. There is no second decision. [Author.Submit] takes
// the draft in through package ingest.
//
// What goes wrong for a reason that the author should read is an [Error]: a code of package locale, and a kind of package fault.
//
// An Author and a Known do not change and may be used by many goroutines; Extract may be called from any.
package author

import (
	"errors"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
)

// Error is why something was not done, for the person who asked. Its text is that of the reason in English.
type Error struct {
	Reason   locale.Reason
	Findings []stix.Finding // what is not valid, if that is the reason
	kind     error
}

func (e *Error) Error() string { return e.Reason.In(locale.English) }

// Unwrap gives the kind of package fault.
func (e *Error) Unwrap() error { return e.kind }

// refuse makes an Error. The arguments are those of the code's text.
func refuse(kind fault.Kind, code string, args ...string) error {
	return &Error{Reason: locale.Because(code, args...), kind: fault.New(kind, "%s", code)}
}

// invalid makes an Error of what the builders and editors of package stix refuse because of what the author wrote.
func invalid(err error) error {
	var bad *typed.InvalidError
	if errors.As(err, &bad) {
		return notValid(bad.Findings)
	}
	return err
}

func notValid(findings []stix.Finding) error {
	e := &Error{Reason: locale.Because("author.not-valid"), Findings: findings, kind: fault.New(fault.Invalid, "not valid")}
	if len(findings) > 0 {
		e.Reason.Args = []string{findings[0].Pointer}
	} else {
		e.Reason.Args = []string{"/"}
	}
	return e
}

// ReasonOf finds the reason of an [Error] in err's chain; ok is false when there is none, and err is for the operator alone.
func ReasonOf(err error) (r locale.Reason, ok bool) {
	var e *Error
	if !errors.As(err, &e) {
		return r, false
	}
	return e.Reason, true
}
