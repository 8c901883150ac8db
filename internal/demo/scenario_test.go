package demo

import (
	"bytes"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix"
)

var testCast = cast{
	jpn: "identity--00000001-0000-4000-8000-000000000001", usa: "identity--00000002-0000-4000-8000-000000000002",
	now: time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC),
}

// everything returns all objects of the scenario, the narrowed version apart.
func everything(t *testing.T) map[string]object {
	t.Helper()
	all, _, err := testCast.addresses(1, before+after)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{reportFile, sightingFile, flashFile} {
		b, err := testCast.read(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, b...), '\n')
	}
	objects, err := parse(bytes.NewReader(all))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func TestScenario(t *testing.T) {
	objects := everything(t)
	if want := len(parts()) + before + after + 2; len(objects) != want {
		t.Errorf("%d objects, want %d", len(objects), want)
	}
	for id, want := range map[string]stix.TLP{
		clearID: stix.TLPClear, amberID: stix.TLPAmber, linkID: stix.TLPAmber, redID: stix.TLPRed, jpnOnlyID: stix.TLPAmber,
		flashID: stix.TLPAmber, sightingID: stix.TLPGreen, statementID: stix.TLPNone, nationID: stix.TLPNone,
	} {
		if got := objects[id].tlp(); got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	for id, o := range objects {
		if strings.ContainsAny(string(o.Raw), "{}") && regexp.MustCompile(`\{[A-Za-z-][^"}:]*\}`).Match(o.Raw) {
			t.Errorf("%s has a place that nobody filled in", id)
		}
		want := testCast.jpn
		if id == sightingID {
			want = testCast.usa
		}
		if o.CreatedByRef != want {
			t.Errorf("%s was created by %q, want %q", id, o.CreatedByRef, want)
		}
		if !o.Known() || !o.Modified.Time().IsZero() && o.Modified.Time().After(testCast.now) {
			t.Errorf("%s: unknown type, or modified after the play", id)
		}
	}
}

func TestMarkings(t *testing.T) {
	objects := everything(t)
	statement, err := stix.ParseMarking(objects[statementID].Raw)
	if err != nil || !statement.Statement {
		t.Errorf("%s is %+v (%v), want a statement", statementID, statement, err)
	}
	nation, err := stix.ParseMarking(objects[nationID].Raw)
	if err != nil || nation.ACS == nil {
		t.Fatalf("%s is %+v (%v), want ACS", nationID, nation, err)
	}
	if a := nation.ACS; a.Classification != "U" || !slices.Equal(a.PermittedNationalities, []string{"JPN"}) || len(a.Others) > 0 {
		t.Errorf("%s says %+v, want U for JPN alone", nationID, a)
	}
	for marking, marked := range map[string][]string{statementID: {amberID, linkID}, nationID: {jpnOnlyID}} {
		for id, o := range objects {
			if got := slices.Contains(o.ObjectMarkingRefs, marking); got != slices.Contains(marked, id) {
				t.Errorf("%s marks %s: %t", marking, id, got)
			}
		}
	}
}

// The narrowed object is a later version of the one that was shared.
func TestNarrowed(t *testing.T) {
	b, err := testCast.read(narrowedFile)
	if err != nil {
		t.Fatal(err)
	}
	narrowed, err := parse(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	o, shared := narrowed[amberID], everything(t)[amberID]
	if o.Version() <= shared.Version() || o.tlp() != stix.TLPRed || o.Created != shared.Created {
		t.Errorf("the narrowed version is of %v, %s", o.Modified, o.tlp())
	}
}

// Only what is set aside for documentation (RFC 5737, 3849 and 2606) may occur.
func TestDocumentationNames(t *testing.T) {
	var prefixes []netip.Prefix
	for _, p := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"} {
		prefixes = append(prefixes, netip.MustParsePrefix(p))
	}
	addresses := regexp.MustCompile(`'([0-9a-f.:]+)'`)
	names := regexp.MustCompile(`[@'. ]([a-z0-9-]+\.)+([a-z]{2,})\b`)
	found := 0
	for id, o := range everything(t) {
		for _, m := range addresses.FindAllStringSubmatch(string(o.Raw), -1) {
			a, err := netip.ParseAddr(m[1])
			if err != nil || !slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) }) {
				t.Errorf("%s names %s", id, m[1])
			}
			found++
		}
		for _, m := range names.FindAllStringSubmatch(string(o.Raw), -1) {
			if m[2] != "example" {
				t.Errorf("%s names %s", id, m[0])
			}
			found++
		}
	}
	if want := 2 + 1 + before + after + 3; found != want {
		t.Errorf("%d addresses and names were found, want %d", found, want)
	}
}
