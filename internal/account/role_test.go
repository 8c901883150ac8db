package account

import (
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/fault"
)

var columns = map[string]Role{
	"AN": Analyst, "WO": WatchOfficer, "RO": ReleaseOfficer, "CS": CovenantSigner, "AU": Auditor, "AD": Administrator, "EC": ExerciseController,
	"SV": Service, "EN": Enrolling,
}

// TestRoleTable holds every cell: what somebody may do changes here and in testdata/roles.txt, or nowhere.
func TestRoleTable(t *testing.T) {
	text, err := os.ReadFile("testdata/roles.txt")
	if err != nil {
		t.Fatal(err)
	}
	var roles []Role
	seen := map[Action]bool{}
	cells := 0
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#" || strings.HasPrefix(line, "#"):
			continue
		case roles == nil:
			for _, w := range words {
				roles = append(roles, columns[w])
			}
			if len(roles) != len(columns) || slices.Contains(roles, "") {
				t.Fatalf("columns: %v", words)
			}
			continue
		}
		action := Action(words[0])
		if seen[action] || !slices.Contains(Actions[:], action) || len(words) != len(roles)+1 {
			t.Fatalf("row %q: twice, unknown or of another length", line)
		}
		seen[action] = true
		for i, r := range roles {
			cells++
			if want := words[i+1] == "x"; Allowed([]Role{r}, action) != want || !want && words[i+1] != "." {
				t.Errorf("%s %s: allowed is %v, the matrix says %q", r, action, !want, words[i+1])
			}
		}
	}
	if len(seen) != len(Actions) || cells != len(Actions)*len(columns) {
		t.Errorf("%d rows and %d cells for %d actions and %d roles", len(seen), cells, len(Actions), len(columns))
	}
}

// TestActionsListsAllConstants: one that is missing there would be missing in the matrix.
func TestActionsListsAllConstants(t *testing.T) {
	actions, roles := constants(t, "role.go", "Action"), constants(t, "role.go", "Role")
	for _, a := range actions {
		if !slices.Contains(Actions[:], Action(a)) {
			t.Errorf("Actions lacks %s", a)
		}
	}
	for _, r := range roles {
		if Role(r) != Enrolling && !slices.Contains(Roles[:], Role(r)) {
			t.Errorf("Roles lacks %s", r)
		}
	}
	if len(actions) != len(Actions) || len(roles) != len(Roles)+1 {
		t.Errorf("%d constants of Action, %d of Role", len(actions), len(roles))
	}
}

func TestNothingElseIsAllowed(t *testing.T) {
	for _, roles := range [][]Role{nil, {}, {""}, {"root"}, {"Administrator"}, {"administrator "}} {
		for _, action := range Actions {
			if Allowed(roles, action) {
				t.Errorf("%q may %s", roles, action)
			}
		}
	}
	for _, action := range []Action{"", "everything", "Search", "search "} {
		if Allowed(Roles[:], action) {
			t.Errorf("all roles together may %q", action)
		}
	}
}

// More roles allow what each of them allows, and nothing more.
func TestLawRolesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roles := rapid.SliceOf(rapid.SampledFrom(append(Roles[:], Enrolling, "unheard-of"))).Draw(t, "roles")
		action := rapid.SampledFrom(Actions[:]).Draw(t, "action")
		want := slices.ContainsFunc(roles, func(r Role) bool { return Allowed([]Role{r}, action) })
		if got := Allowed(roles, action); got != want {
			t.Fatalf("%v %s: %v", roles, action, got)
		}
	})
}

func TestParseRole(t *testing.T) {
	for _, r := range Roles {
		if got, err := ParseRole(string(r)); err != nil || got != r {
			t.Errorf("%s: %s, %v", r, got, err)
		}
	}
	for _, s := range []string{"", "root", string(Enrolling), "Analyst"} {
		if _, err := ParseRole(s); fault.Of(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %v", s, err)
		}
	}
}
