package account

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constants are the values of the constants of a type in a file.
func constants(t *testing.T, name, of string) (values []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Type == nil || len(v.Values) != 1 {
			return true
		}
		kind, named := v.Type.(*ast.Ident)
		literal, basic := v.Values[0].(*ast.BasicLit)
		if named && basic && kind.Name == of {
			value, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	return values
}

var why = regexp.MustCompile(`"(why-[a-z-]+)"`)

// whys are the keys of all reasons in this package.
func whys(t *testing.T) (keys []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		b, err := os.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range why.FindAllStringSubmatch(string(b), -1) {
			keys = append(keys, m[1])
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// TestTextsAreUsed: what the package cannot say needs no words.
func TestTextsAreUsed(t *testing.T) {
	b, err := os.ReadFile("../locale/text_account_en.toml")
	if err != nil {
		t.Fatal(err)
	}
	used := whys(t)
	for _, what := range constants(t, "audit.go", "What") {
		used = append(used, "event-"+what)
	}
	for _, m := range regexp.MustCompile(`(?m)^((?:why|event)-[a-z-]+) =`).FindAllStringSubmatch(string(b), -1) {
		if !slices.Contains(used, m[1]) {
			t.Errorf("%s is used nowhere", m[1])
		}
	}
}
