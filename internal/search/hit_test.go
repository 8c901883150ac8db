package search

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
)

// shown is a text with its places in brackets.
func shown(m Marked) string {
	var b strings.Builder
	last := 0
	for _, p := range m.Places {
		b.WriteString(m.Text[last:p[0]] + "[" + m.Text[p[0]:p[1]] + "]")
		last = p[1]
	}
	return b.String() + m.Text[last:]
}

func TestHits(t *testing.T) {
	h := newHouse(t, memory.New())
	long := strings.Repeat("前置きの文章。", 60)
	h.take(
		object("report", 1, props{"name": "電力会社への攻撃", "description": long + "国内の電力会社で、ｶﾞｽ会社と電力網の障害。" + long, "object_marking_refs": []string{stix.TLPAmber.MarkingID()}}),
		object("malware", 2, props{"name": "Ghost RAT", "description": "Talks to 198[.]51[.]100[.]7 and to evil.example.", "aliases": []string{"Ghost"}}),
		object("intrusion-set", 3, props{"name": "Lantern"}),
		object("relationship", 4, props{"relationship_type": "uses", "source_ref": id("intrusion-set", 3), "target_ref": id("malware", 2), "description": "Seen in 2026"}),
		object("language-content", 5, props{"object_ref": id("malware", 2), "contents": props{"ja": props{"name": "ゴースト", "description": "遠隔操作ツール"}}, "object_marking_refs": []string{stix.TLPRed.MarkingID()}}),
		object("indicator", 6, props{"pattern": "[url:value = 'https://evil.example/x']", "pattern_type": "stix"}),
		props{"type": "ipv4-addr", "spec_version": "2.1", "id": id("ipv4-addr", 7), "value": "203.0.113.9"},
	)
	h.takeFrom(other, object("tool", 8, props{"name": "Theirs", "modified": day(-1)}))
	h.catchUp()
	for query, want := range map[string][]string{ // title, field, snippet of the first hit
		"電力":                         {"[電力]会社への攻撃", "description", "電力"},
		"ガス会社":                       {"電力会社への攻撃", "description", "、[ｶﾞｽ会社]と"},
		"電":                          {"[電]力会社への攻撃", "description", "[電]力網"},
		"198.51.100.7":               {"Ghost RAT", "description", "Talks to [198[.]51[.]100[.]7] and to evil.example."},
		"ghost":                      {"[Ghost] RAT", "aliases", "[Ghost]"},
		"lantern type:intrusion-set": {"[Lantern]", "", ""},
		"uses":                       {"Lantern [uses] Ghost RAT", "relationship_type", "[uses]"},
		"2026":                       {"Lantern uses Ghost RAT", "description", "Seen in [2026]"},
		"遠隔 type:malware":            {"Ghost RAT", "description", "[遠隔]操作ツール"},
		"ゴースト type:malware":          {"Ghost RAT", "name", "[ゴースト]"},
		"evil.exam* type:indicator":  {"", "pattern", "[url:value = 'https://[evil.example]/x']"},
		"type:malware":               {"Ghost RAT", "description", "Talks to 198[.]51[.]100[.]7 and to evil.example."},
		"203.0.113.9":                {"[203.0.113.9]", "", ""},
		"-遠隔 ghost rat talks":        {"[Ghost] [RAT]", "description", "[Talks]"},
	} {
		page := h.search(query)
		if len(page.Hits) == 0 {
			if query != "-遠隔 ghost rat talks" { // its translation has it
				t.Errorf("%s: nothing found", query)
			}
			continue
		}
		hit := page.Hits[0]
		if title := shown(hit.Title); title != want[0] {
			t.Errorf("%s: title %q, want %q", query, title, want[0])
		}
		if hit.Snippet.Field != want[1] || !strings.Contains(shown(hit.Snippet.Marked), want[2]) {
			t.Errorf("%s: %s: %q, want %s: %q", query, hit.Snippet.Field, shown(hit.Snippet.Marked), want[1], want[2])
		}
		if !utf8.ValidString(hit.Snippet.Text) || len(hit.Snippet.Text) > snippetLength+10 {
			t.Errorf("%s: a snippet of %d bytes: %q", query, len(hit.Snippet.Text), hit.Snippet.Text)
		}
	}
	if s := h.search("遠隔 type:malware").Hits[0].Snippet; s.Source != id("language-content", 5) || s.TLP != stix.TLPRed {
		t.Errorf("a translation under TLP:RED is shown as %+v", s)
	}
	hit := h.search("theirs").Hits[0]
	if hit.Origin != other || hit.TLP != stix.TLPGreen || hit.Modified != now.AddDate(0, 0, -1) || hit.Arrived != now || hit.Revoked {
		t.Errorf("%+v", hit)
	}
	hit = h.search("203.0.113.9").Hits[0]
	if !hit.Modified.IsZero() || hit.Arrived != now {
		t.Errorf("what has no version: %+v", hit)
	}
	if s := h.search("ｶﾞｽ会社").Hits[0].Snippet; !strings.HasPrefix(s.Text, "…") || !strings.HasSuffix(s.Text, "…") {
		t.Errorf("%q", s.Text)
	}
}

// TestATranslationStandsInForWhatIsNotHere: as long as what it translates is not here, a language-content is found by its own text.
func TestATranslationStandsInForWhatIsNotHere(t *testing.T) {
	h := newHouse(t, memory.New())
	lc := object("language-content", 1, props{"object_ref": id("malware", 2), "contents": props{"ja": props{"name": "ゴースト"}}})
	h.take(lc)
	h.catchUp()
	found := func(want string) {
		t.Helper()
		if ids := idsOf(h.search("ゴースト")); len(ids) != 1 || ids[0] != want {
			t.Errorf("%v, want %s", ids, want)
		}
	}
	found(id("language-content", 1))
	h.take(object("malware", 2, props{"name": "Ghost"}))
	h.catchUp()
	found(id("malware", 2))
	h.remove(id("malware", 2))
	h.catchUp()
	found(id("language-content", 1))
}

// TestGoneSinceTheIndexLooked: what has no current version any more is left out of the page, and the next page is where it was.
func TestGoneSinceTheIndexLooked(t *testing.T) {
	h := newHouse(t, memory.New())
	for n := range 4 {
		h.take(object("tool", n, props{"name": "power", "modified": day(-n)}))
	}
	h.catchUp()
	h.remove(id("tool", 1))
	page := h.query(Query{Text: "power", Limit: 2})
	if ids := idsOf(page); len(ids) != 1 || ids[0] != id("tool", 0) {
		t.Errorf("%v", ids)
	}
	if ids := idsOf(h.query(Query{Text: "power", Limit: 2, After: page.Next})); len(ids) != 2 || ids[0] != id("tool", 2) {
		t.Errorf("%v", ids)
	}
}
