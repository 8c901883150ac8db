package typed

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// TestNestedDictionaries: what the table may demand some day, and what lists and dictionaries of them do.
func TestNestedDictionaries(t *testing.T) {
	raw, err := appendEntries[string](appendEntries[string](appendList(appendInteger)))(nil, map[string]map[string][]int64{
		"b": {"d": {3}, "c": {1, 2}}, "a": {"e": {-4}},
	})
	if err != nil || string(raw) != `{"a":{"e":[-4]},"b":{"c":[1,2],"d":[3]}}` {
		t.Fatalf("%s, %v", raw, err)
	}
	inner := maps.Collect(entries[string](raw, entriesOf[string](listOf(integer))))
	if got := maps.Collect(inner["b"])["c"]; !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("b.c is %v", got)
	}
	n := 0
	for list := range sequence([]byte(`[["a"],"b",["c","d"]]`), sequenceOf(text[string])) {
		n += len(slices.Collect(list))
	}
	if n != 3 {
		t.Errorf("there are %d strings in lists", n)
	}
	for _, v := range []map[string][]int64{{"a": nil}, {"a": {}}} {
		if _, err := appendEntries[string](appendList(appendInteger))(nil, v); !errors.Is(err, errNothing) {
			t.Errorf("%v: %v", v, err)
		}
	}
	if _, err := appendList(appendTimestamp)(nil, []stix.Timestamp{{}}); !errors.Is(err, errNothing) {
		t.Errorf("the zero timestamp in a list: %v", err)
	}
}

func TestTopLevelProperties(t *testing.T) {
	const key = "extension-definition--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01"
	b := NewTool().Name("a")
	putTop(&b.builder, key, "rank", 5, appendInteger)
	putTop(&b.builder, key, "note", "b", appendText)
	putTop(&b.builder, key, "rank", 6, appendInteger)
	raw, err := b.complete()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"extensions":{"` + key + `":{"extension_type":"toplevel-property-extension"}}`, `"note":"b","rank":6}`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s is not in %s", want, raw)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, f := range []float64{0, -1, 0.1, 1e-7, 123456789.125, 1e20, 1e21, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		raw, err := appendFloat(nil, f)
		if got, ok := float(raw); err != nil || !ok || got != f {
			t.Errorf("%v is %s, read as %v, %v", f, raw, got, err)
		}
	}
	for s, want := range map[string]int64{"0": 0, "-5": -5, "1.0": 1, "1e3": 1000, "9007199254740991": 1<<53 - 1} {
		if n, ok := integer([]byte(s)); !ok || n != want {
			t.Errorf("%s is %d, %t", s, n, ok)
		}
	}
	for _, s := range []string{"", "1.5", "1e300", "+1", "true", `"1"`, "null", "NaN", "Inf", "0x10", "1_0"} {
		if n, ok := integer([]byte(s)); ok {
			t.Errorf("%q is %d", s, n)
		}
	}
	for _, s := range []string{"", "NaN", "Inf", "true", `"1"`, "+1"} {
		if n, ok := float([]byte(s)); ok {
			t.Errorf("%q is %v", s, n)
		}
	}
}

// TestAnyValue: timestamps and parts have their own form wherever they stand.
func TestAnyValue(t *testing.T) {
	ts, err := stix.ParseTimestamp("2026-04-01T09:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := appendAnything(nil, map[string]any{"b": ts, "a": []any{NewKillChainPhase().PhaseName("x"), 1}})
	if err != nil || string(raw) != `{"a":[{"phase_name":"x"},1],"b":"2026-04-01T09:00:00Z"}` {
		t.Errorf("%s, %v", raw, err)
	}
	if _, err := appendAnything(nil, NewKillChainPhase().PhaseName("\xff")); err == nil {
		t.Error("the fault of a part is lost")
	}
}
