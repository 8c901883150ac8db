package node

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wagasa/wagasa/"

// arrows says what each part may import of the project, beside what everybody may. What is not listed may import nothing.
var arrows = map[string][]string{
	"stix":                     {"stix/internal/cursor", "stix/internal/spec"},
	"stix/internal/cursor":     {},
	"stix/internal/spec":       {},
	"stix/internal/gen":        {"stix/internal/spec"},
	"stix/internal/generate":   {"stix/internal/spec"},
	"stix/pattern":             {"stix", "stix/internal/cursor", "stix/internal/spec"},
	"stix/vocab":               {},
	"stix/typed":               {"stix", "stix/internal/cursor", "stix/pattern", "stix/vocab"},
	"internal/fault":           {},
	"internal/locale":          {},
	"internal/locale/outline":  {"internal/locale"},
	"internal/store":           {},
	"internal/store/memory":    {"internal/store"},
	"internal/store/sqlite":    {"internal/store"},
	"internal/store/storetest": {"internal/store"},
	"internal/ledger":          {"internal/store"},
	"internal/partner":         {"internal/store", "internal/ledger"},
	"internal/release":         {"internal/store", "internal/partner", "internal/locale"},
	"internal/search":          {"internal/store", "internal/locale", "internal/partner", "internal/release"},
	"internal/reference":       {"internal/store"},
	"internal/watch":           {"internal/store"},
	"internal/ingest":          {"internal/store", "internal/partner", "internal/release"},
	"internal/author":          {"internal/store", "internal/partner", "internal/release", "internal/ingest", "internal/locale", "stix/pattern", "stix/typed", "stix/vocab"},
	"internal/envelope":        {"internal/store", "internal/release"},
	"internal/frame":           {"internal/envelope"},
	"internal/exchange":        {"internal/store", "internal/partner", "internal/release", "internal/ingest", "internal/ledger", "internal/envelope", "internal/frame"},
	"internal/channel/https":   {"internal/store", "internal/partner", "internal/exchange", "internal/frame"},
	"internal/web":             {"internal/account", "internal/locale", "internal/web/page"},
	"internal/web/page":        {"internal/account", "internal/locale", "internal/store"},
	"internal/web/accounts":    {"internal/account", "internal/locale", "internal/web/page"},
	"internal/web/authoring":   {"internal/account", "internal/author", "internal/locale", "internal/partner", "internal/release", "internal/store", "internal/web/page", "stix/vocab"},
	"internal/web/browsertest": {},
	"internal/web/desk":        {"internal/account", "internal/exchange", "internal/locale", "internal/partner", "internal/release", "internal/store", "internal/web/page"},
	"internal/web/objects": {
		"internal/account", "internal/ingest", "internal/ledger", "internal/locale", "internal/locale/outline", "internal/partner", "internal/reference",
		"internal/release", "internal/search", "internal/store", "internal/watch", "internal/web/page",
	},
	"internal/web/partners": {"internal/account", "internal/exchange", "internal/ledger", "internal/partner", "internal/store", "internal/web/page"},
	"internal/tour":         {"internal/store"},
	"internal/web/tour":     {"internal/account", "internal/exchange", "internal/partner", "internal/store", "internal/tour", "internal/web/page"},
	"internal/web/watch":    {"internal/account", "internal/exchange", "internal/ledger", "internal/partner", "internal/store", "internal/watch", "internal/web/page"},
	"internal/account":      {"internal/account/oidc", "internal/ledger", "internal/locale", "internal/store"},
	"internal/account/oidc": {},
	"internal/node":         {"*"},
	"internal/demo":         {"internal/account", "internal/locale", "internal/node", "internal/partner", "internal/store", "internal/tour"},
	"cmd/wagasa":            {"*"},
}

// everybody may import these: leaves that know nothing of the rest.
var everybody = []string{"internal/fault", "stix"}

func TestImportArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimPrefix(p.ImportPath, module)
		allowed, listed := arrows[from]
		if !listed {
			t.Errorf("%s is not in the list of arrows: say what it may import", from)
		}
		for _, path := range p.Imports {
			to, ours := strings.CutPrefix(path, module)
			public := from == "stix" || strings.HasPrefix(from, "stix/")
			if ours && !slices.Contains(allowed, to) && !slices.Contains(allowed, "*") && (public || !slices.Contains(everybody, to)) {
				t.Errorf("%s imports %s", from, to)
			}
			if path == "database/sql" && !strings.HasPrefix(from, "internal/store/") {
				t.Errorf("%s knows SQL", from)
			}
			if path == "net/http" && from != "internal/channel/https" && from != "internal/account/oidc" && !strings.HasPrefix(from+"/", "internal/web/") {
				t.Errorf("%s knows HTTP", from)
			}
		}
	}
}

// TestSizes: a longer file, or one child of internal more, wants a reason in an ADR, and a line here. Nobody reads generated files from end
// to end: they may be longer.
func TestSizes(t *testing.T) {
	const longest, children = 600, 24
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) > children {
		t.Errorf("internal has %d children, more than %d", len(entries), children)
	}
	err = filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		lines, generated := 0, false
		for s := bufio.NewScanner(f); s.Scan(); {
			if lines++; lines == 1 {
				generated = strings.HasPrefix(s.Text(), "// Code generated ")
			}
		}
		if lines > longest && !generated {
			t.Errorf("%s has %d lines, more than %d", path, lines, longest)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
