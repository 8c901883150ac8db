package release_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

const (
	jpn = store.Party("identity--00000001-0000-4000-8000-000000000001")
	usa = store.Party("identity--00000002-0000-4000-8000-000000000002")
)

// toUSA is a paired partner with a ceiling of amber.
func toUSA() release.Receiver {
	return release.Receiver{Party: usa, Name: "Harbour Desk", Nation: "USA", Ceiling: stix.TLPAmber, Paired: true}
}

func TestDecide(t *testing.T) {
	green := release.Facts{TLP: stix.TLPGreen}
	with := func(change func(*release.Facts)) release.Facts {
		f := green
		change(&f)
		return f
	}
	obstacle := func(code string) release.Facts {
		return with(func(f *release.Facts) { f.Obstacle = &release.Obstacle{Code: code, Arg: "x"} })
	}
	for _, tt := range []struct {
		law   string
		facts release.Facts
		to    release.Receiver
		code  string
	}{
		{"nothing goes to nobody", release.Facts{}, release.Receiver{}, "deny.paired"},
		{"nothing goes to nobody, even what is clear", release.Facts{TLP: stix.TLPClear}, release.Receiver{}, "deny.paired"},
		{"facts that say nothing go nowhere", release.Facts{}, toUSA(), "deny.no-tlp"},
		{"a level that does not exist goes nowhere", release.Facts{TLP: stix.TLPRed + 1}, toUSA(), "deny.ceiling"},
		{"a receiver without a party is no partner", green, release.Receiver{Paired: true, Ceiling: stix.TLPAmber}, "deny.origin"},
		{"a receiver without a ceiling gets nothing", green, release.Receiver{Party: usa, Paired: true}, "deny.ceiling"},
		{"before both confirmed nothing flows", green, release.Receiver{Party: usa, Ceiling: stix.TLPAmber}, "deny.paired"},
		{"a rehearsal asks no confirmation", green, release.Receiver{Party: usa, Ceiling: stix.TLPAmber}.Rehearse(), "permit.ceiling"},
		{"within the ceiling", green, toUSA(), "permit.ceiling"},
		{"at the ceiling", release.Facts{TLP: stix.TLPAmber}, toUSA(), "permit.ceiling"},
		{"above the ceiling", release.Facts{TLP: stix.TLPAmberStrict}, toUSA(), "deny.ceiling"},
		{"red never", release.Facts{TLP: stix.TLPRed}, release.Receiver{Party: usa, Ceiling: stix.TLPRed, Paired: true}, "deny.red"},
		{"never back to its origin", with(func(f *release.Facts) { f.Origin = usa }), toUSA(), "deny.origin"},
		{"received, not onward", release.Facts{TLP: stix.TLPClear, Origin: jpn}, toUSA(), "deny.received"},
		{"not among the nations", with(func(f *release.Facts) { f.Limited, f.Nations = true, []string{"EST", "JPN"} }), toUSA(), "deny.nationality"},
		{"among the nations", with(func(f *release.Facts) { f.Limited, f.Nations = true, []string{"JPN", "USA"} }), toUSA(), "permit.ceiling"},
		{"nobody is among no nations", with(func(f *release.Facts) { f.Limited = true }), toUSA(), "deny.no-nation"},
		{"nation is compared exactly", with(func(f *release.Facts) { f.Limited, f.Nations = true, []string{"usa"} }), toUSA(), "deny.nationality"},
		{"a receiver of no nation is in none", with(func(f *release.Facts) { f.Limited, f.Nations = true, []string{"USA"} }), release.Receiver{Party: usa, Paired: true, Ceiling: stix.TLPAmber}, "deny.nationality"},
		{"contradiction", obstacle("deny.contradiction"), toUSA(), "deny.contradiction"},
		{"unknown marking", obstacle("deny.unknown-marking"), toUSA(), "deny.unknown-marking"},
		{"unresolved marking", obstacle("deny.unresolved-marking"), toUSA(), "deny.unresolved-marking"},
		{"classification", obstacle("deny.classification"), toUSA(), "deny.classification"},
		{"another control", obstacle("deny.control"), toUSA(), "deny.control"},
		{"a definition that is built in", release.Facts{Marking: true, Obstacle: &release.Obstacle{Code: "deny.builtin"}}, toUSA(), "deny.builtin"},
		{"a definition could travel", release.Facts{Marking: true}, toUSA(), "permit.travels"},
		{"a received definition does not", release.Facts{Marking: true, Origin: jpn}, toUSA(), "deny.received"},
	} {
		t.Run(tt.law, func(t *testing.T) {
			d := release.Decide(tt.facts, tt.to)
			if d.Reason.Code != tt.code {
				t.Fatalf("%s, want %s", d.Reason.Code, tt.code)
			}
			if d.Permit != strings.HasPrefix(tt.code, "permit.") {
				t.Fatalf("permit is %v with reason %s", d.Permit, d.Reason.Code)
			}
			readable(t, d.Reason)
		})
	}
}

var leftover = regexp.MustCompile(`\{[^}]*\}|\b(deny|permit)\.`)

// readable fails if a reason is not words in every language.
func readable(t *testing.T, r locale.Reason) {
	t.Helper()
	english := r.In(locale.English)
	for _, lang := range locale.Langs {
		text := r.In(lang)
		if text == "" || leftover.MatchString(text) {
			t.Errorf("%s in %s: %q", r.Code, lang, text)
		}
		if lang != locale.English && text == english {
			t.Errorf("%s in %s is English: %q", r.Code, lang, text)
		}
	}
}
