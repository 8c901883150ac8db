package outline_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/locale/outline"
)

func all(string) bool { return true }

// lines writes a tree as text: label, kind and value, indented.
func lines(items []outline.Item, depth int) (out []string) {
	for _, i := range items {
		label := i.Label
		if i.Names() {
			label = "the object " + label
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s%s %d %s", strings.Repeat(".", depth), label, i.Kind, i.Text)))
		out = append(out, lines(i.Items, depth+1)...)
		if i.More > 0 {
			out = append(out, fmt.Sprintf("%s and %d more", strings.Repeat(".", depth+1), i.More))
		}
	}
	return out
}

func TestMembers(t *testing.T) {
	const id = "tool--00000000-0000-4000-8000-000000000001"
	const extension = "extension-definition--00000000-0000-4000-8000-000000000002"
	raw := `{"type":"malware","is_family":true,"malware_types":["wiper","umbrella"],"x":true,"sample_refs":["` + id + `"],"name":"","aliases":[],
		"kill_chain_phases":[{"phase_name":"delivery"}],"extensions":{"` + extension + `":{"ribs":8}}}`
	for _, tt := range []struct {
		labels outline.Labels
		want   string
	}{
		{outline.Labels{Lang: locale.English}, `Object type 0 Malware|Malware family 1 yes|Malware types 4|. 0 Wiper|. 0 umbrella|x 0 true|Samples 4|. 2 ` + id +
			`|Name 0 ""|Aliases 4|Kill chain phases 4|. 3|..Phase 0 delivery|Extensions 3|.the object ` + extension + ` 3|..ribs 0 8`},
		{outline.Labels{Lang: locale.Japanese, Names: true}, `オブジェクトの種別 (type) 0 マルウェア (malware)|ファミリー (is_family) 1 はい|マルウェアの種類 (malware_types) 4|` +
			`. 0 ワイパー (wiper)|. 0 umbrella|x 0 true|検体 (sample_refs) 4|. 2 ` + id + `|名称 (name) 0 ""|別名 (aliases) 4|キルチェーンの段階 (kill_chain_phases) 4|. 3|` +
			`..段階 (phase_name) 0 delivery|拡張 (extensions) 3|.the object ` + extension + ` 3|..ribs 0 8`},
	} {
		items, more := tt.labels.Members([]byte(raw), "malware", 100, all)
		if got := strings.Join(lines(items, 0), "|"); got != tt.want || more {
			t.Errorf("%+v:\n%s\nwant\n%s (more: %v)", tt.labels, got, tt.want, more)
		}
	}
}

// TestContainedObjectsAreTold: their type may come last.
func TestContainedObjectsAreTold(t *testing.T) {
	raw := `{"objects":{"0":{"value":"198.51.100.7","type":"ipv4-addr"}}}`
	items, _ := outline.Labels{Lang: locale.English}.Members([]byte(raw), "observed-data", 100, all)
	if got, want := strings.Join(lines(items, 0), "|"), "Observables (deprecated form) 3|.0 3|..IPv4 address 0 198.51.100.7|..Object type 0 IPv4 address"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestLongTextsAndListsAreCut(t *testing.T) {
	text := strings.Repeat("傘", 1000)
	raw, _ := json.Marshal(map[string]any{"name": text, "aliases": slices.Repeat([]string{"a"}, 25)})
	items, more := outline.Labels{Lang: locale.English}.Members(raw, "tool", 100, all)
	if more || len(items) != 2 {
		t.Fatalf("%v %+v", more, items)
	}
	aliases, name := items[0], items[1]
	if len(aliases.Items) != outline.MostElements || aliases.More != 5 {
		t.Errorf("%d elements and %d more", len(aliases.Items), aliases.More)
	}
	if name.Bytes != 3000 || !strings.HasPrefix(text, name.Text) || len(name.Text) < outline.MostText-2 || len(name.Text) > outline.MostText {
		t.Errorf("%d of %d bytes: %q", len(name.Text), name.Bytes, name.Text)
	}
}

// value draws a JSON value.
func value(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(rapid.String().AsAny(), rapid.Bool().AsAny(), rapid.Int().AsAny(), rapid.Just[any](nil))
	if depth == 0 {
		return leaf
	}
	inner := value(depth - 1)
	return rapid.OneOf(leaf, rapid.SliceOfN(inner, 0, 30).AsAny(), rapid.MapOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"objects", "type", "name", "extensions"})), inner, 0, 30).AsAny())
}

// TestLawATreeIsBounded: whatever an object holds, and nothing is left out without saying so.
func TestLawATreeIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(rapid.StringMatching("[a-z_]{1,12}"), value(2), 0, 10).Draw(t, "object")
		limit := rapid.IntRange(0, 50).Draw(t, "limit")
		raw, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		items, more := outline.Labels{Lang: locale.Japanese}.Members(raw, rapid.SampledFrom([]string{"tool", "observed-data", "x"}).Draw(t, "type"), limit, all)
		var count func([]outline.Item) int
		count = func(items []outline.Item) int {
			n := len(items)
			for i := range items {
				n += count(items[i].Items)
				if len(items[i].Items) > outline.MostElements {
					t.Fatalf("%d elements", len(items[i].Items))
				}
			}
			return n
		}
		if n := count(items); n > limit || more && n != limit || !more && len(items) != len(object) {
			t.Fatalf("%d items of a limit of %d, more: %v", n, limit, more)
		}
	})
}
