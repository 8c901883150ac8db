package objects_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

func id(typ string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n) }

var (
	indicator    = id("indicator", 1)
	malware      = id("malware", 2)
	relationship = id("relationship", 3)
	report       = id("report", 4)
	broken       = id("tool", 5)
	statement    = id("marking-definition", 6)
	opinion      = id("opinion", 7)
	sighting     = id("sighting", 8)
	translation  = id("language-content", 9)
	amber        = stix.TLPAmber.MarkingID()
)

const (
	first  = "2026-04-01T00:00:00.000Z"
	second = "2026-04-02T00:00:00.000Z"
)

// scene is what the tests look at: JPN has an indicator of a malware, released to USA, which answered; a report of TLP:AMBER+STRICT, which stays; and
// something broken.
func scene(t testing.TB) *world {
	w := newWorld(t)
	tell(w)
	return w
}

func tell(w *world) {
	us, them := string(w.jpn.identity.Card.Party), string(w.usa.identity.Card.Party)
	w.take(w.jpn,
		object(us, first, map[string]any{"name": "Example MoD", "identity_class": "organization"}),
		object(statement, "", map[string]any{"created": first, "definition_type": "statement", "definition": map[string]any{"statement": "For defence only."}}),
		object(indicator, first, map[string]any{
			"name": "電力会社を狙う C2", "created_by_ref": us, "indicator_types": []string{"malicious-activity"}, "pattern": "[url:value = 'http://c2.bad.example/x']", "pattern_type": "stix",
			"valid_from": first, "labels": []string{"power"}, "description": "The command server http://c2.bad.example at 198.51.100.7.",
			"granular_markings": []any{map[string]any{"marking_ref": amber, "selectors": []string{"description"}}},
		}),
		object(malware, first, map[string]any{"name": "KAKASHI", "is_family": true, "malware_types": []string{"wiper"}, "created_by_ref": us, "object_marking_refs": []string{statement}}),
		object(relationship, first, map[string]any{"relationship_type": "indicates", "source_ref": indicator, "target_ref": malware, "created_by_ref": us}),
		object(report, first, map[string]any{
			"name": "Interview", "published": first, "object_refs": []string{indicator, malware, id("tool", 99)}, "created_by_ref": us,
			"object_marking_refs": []string{stix.TLPAmberStrict.MarkingID()},
		}),
		object(broken, first, map[string]any{"created": second, "name": "Sickle of the broken"}),
	)
	w.settle()
	w.take(w.usa,
		object(them, first, map[string]any{"name": "Example DoD", "identity_class": "organization"}),
		object(sighting, second, map[string]any{"sighting_of_ref": indicator, "count": 7, "first_seen": first, "last_seen": second, "created_by_ref": them, "description": "Seen at the gateway."}),
		object(opinion, second, map[string]any{"opinion": "agree", "explanation": "We see the same.", "object_refs": []string{indicator}, "created_by_ref": them}),
		object(translation, second, map[string]any{"object_ref": indicator, "created_by_ref": them, "contents": map[string]any{"en": map[string]any{"name": "C2 against a power company"}}}),
	)
	w.settle()
}

func TestObject(t *testing.T) {
	w := scene(t)
	analyst := w.visitor(locale.English, account.Analyst)
	page := analyst.get("/objects/" + indicator)
	page.is(200,
		"電力会社を狙う C2", "Indicator", "this node", "TLP:AMBER", // a part is marked so
		"Pattern [url:value = 'http://c2.bad.example/x']", "Malicious activity", "Created by Example MoD Identity", "Only for description",
		"Example DoD USA holds this version: receipt is here", "receipted released 2026-04-10", "released TLP:AMBER is within the ceiling TLP:AMBER agreed with Example DoD", "What would go, byte for byte",
		"Sighting : seen 7 times", "Seen at the gateway.", "Opinion : Agree", "We see the same.", "C2 against a power company",
		"indicates → KAKASHI Malware", "Named by: Report 1 Interview", "Also named by Translation 1",
		"authoritative", "current", "Made or imported on this node", "Answer", "Edit",
	)
	page.lacks("Acknowledge", "not the current version", "breaks STIX")
	if n := len(page.body); n > 60_000 {
		t.Errorf("%d bytes", n)
	}

	watch := w.visitor(locale.Japanese, account.WatchOfficer)
	watch.get("/objects/"+sighting).is(200,
		"検知報告", "提供元： Example DoD", "優先度 P", "封筒番号 P1 ", "授受台帳の記載番号", "として保管", "まだ誰も確認していません。", "このオブジェクトの提供元です。",
		"検知したもの 電力会社を狙う C2", "参照しているオブジェクト（1件）",
	)
	seen := strings.Split(strings.Split(watch.get("/objects/"+sighting).body, `name="modified" value="`)[1], `"`)[0]
	watch.post("/objects/"+sighting+"/acknowledge", "modified", seen).is(303)
	watch.get("/objects/"+sighting).is(200, "確認済み：").lacks("まだ誰も確認していません")
	analyst.post("/objects/"+sighting+"/acknowledge", "modified", seen).is(403)

	analyst.get("/objects/"+report).is(200, "What it names (3)", "not here", "Example DoD USA has nothing of it", "not released TLP:AMBER+STRICT is above the ceiling")
	analyst.get("/objects/"+malware).is(200, "For defence only.", "A statement for people to read.", "given at import", "Malware types Wiper", "電力会社を狙う C2 Indicator indicates → KAKASHI")
	analyst.get("/objects/"+id("tool", 99)).is(404, "no object with this id")
	analyst.get("/objects/no-id").is(404)
	analyst.get("/objects/" + indicator + "?version=99999").is(404)
	analyst.get("/objects/" + indicator + "/bytes/99999").is(404)
}

// TestRoles: what a role may not see is not on the page, and what it may not do is refused.
func TestRoles(t *testing.T) {
	w := scene(t)
	controller := w.visitor(locale.English, account.ExerciseController)
	controller.get("/objects/"+indicator).is(200, "KAKASHI").lacks("Who holds it", "holds this version", "Edit", "byte for byte")
	controller.get("/objects/"+broken).is(200, "your roles do not show", "in quarantine").lacks("Sickle")
	analyst := w.visitor(locale.English, account.Analyst)
	page := analyst.get("/objects/" + broken)
	page.is(200, "Sickle of the broken", "not the current version", "in quarantine", "STIX does not allow this version", "/modified")
	bytes := strings.Split(strings.Split(page.body, `href="/objects/`+broken+`/bytes/`)[1], `"`)[0]
	analyst.get("/objects/"+broken+"/bytes/"+bytes).is(200, `"name":"Sickle of the broken"`)
	controller.get("/objects/" + broken + "/bytes/" + bytes).is(403).lacks("Sickle")
	controller.get("/objects/" + broken + "/bytes/" + bytes + "?file=1").is(403).lacks("Sickle")
	controller.get("/objects/" + broken + "/graph").is(200).lacks("Sickle")
	controller.get("/objects/" + broken + "/references?way=out").is(403)
	administrator := w.visitor(locale.English, account.Administrator)
	for _, path := range []string{"/objects", "/objects/" + indicator, "/objects/" + indicator + "/graph", "/objects/" + indicator + "/now", "/objects/" + indicator + "/references?way=out"} {
		administrator.get(path).is(403)
	}
}

func TestVersions(t *testing.T) {
	w := scene(t)
	usa := w.usa.identity.Card.Party
	changed := object(indicator, second, map[string]any{
		"name": "Renamed", "created_by_ref": string(w.jpn.identity.Card.Party), "pattern": "[url:value = 'http://c2.bad.example/y']", "pattern_type": "stix", "valid_from": first,
		"indicator_types": []string{"malicious-activity"},
	})
	w.take(w.jpn, changed)
	changed["name"] = "Their claim"
	raw, err := json.Marshal(changed)
	w.must(err)
	w.arrive(w.jpn, w.arrival(w.jpn, raw, usa)) // of the same version, with other content
	w.follow()
	analyst := w.visitor(locale.English, account.Analyst)
	page := analyst.get("/objects/"+indicator).is(200, "Renamed", "Versions and variants 3", "contents differ", "differs", "claim: not from who writes it", "holds another version, not this one", "version of 2026-04-01")
	page.lacks("Their claim")
	for i, want := range []string{"Their claim", "Renamed", "電力会社を狙う C2"} {
		links := strings.Split(page.body, `/bytes/`)
		seq := strings.Split(links[i+1], `"`)[0]
		analyst.get("/objects/"+indicator+"/bytes/"+seq).is(200, want)
		if i != 1 {
			analyst.get("/objects/"+indicator+"?version="+seq).is(200, want, "not the current version").lacks("Edit")
		}
		file := analyst.get("/objects/" + indicator + "/bytes/" + seq + "?file=1")
		var o struct{ Name string }
		if err := json.Unmarshal([]byte(file.body), &o); err != nil || o.Name != want || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment;") {
			t.Errorf("%s: %v", file.body, err)
		}
	}
}

func TestManyVersions(t *testing.T) {
	w := newWorld(t)
	tool := id("tool", 1)
	for i := range 45 {
		w.take(w.jpn, object(tool, time.Date(2026, 4, 1, 0, i, 0, 0, time.UTC).Format("2006-01-02T15:04:05.000Z"), map[string]any{"name": fmt.Sprint("v", i)}))
	}
	analyst := w.visitor(locale.English, account.Analyst)
	analyst.get("/objects/"+tool).is(200, "Versions and variants 45", "00:44 UTC", "00:25 UTC", "Older versions").lacks("00:24 UTC")
	analyst.get("/objects/"+tool+"?skip=20").is(200, "00:24 UTC", "00:05 UTC", "Newest versions").lacks("00:25 UTC")
	analyst.get("/objects/"+tool+"?skip=40").is(200, "00:04 UTC").lacks("Older versions")
	analyst.get("/objects/" + tool + "?skip=-1").is(400)
}

func TestReferences(t *testing.T) {
	w := newWorld(t)
	tool := id("tool", 1)
	w.take(w.jpn, object(tool, first, map[string]any{"name": "named"}))
	var refs []string
	for i := range 130 {
		w.take(w.jpn, object(id("note", i), time.Date(2026, 4, 1, i/60, i%60, 0, 0, time.UTC).Format("2006-01-02T15:04:05.000Z"), map[string]any{"abstract": fmt.Sprintf("note %03d", i), "content": "c", "object_refs": []string{tool}}))
		refs = append(refs, id("note", i))
	}
	w.take(w.jpn, object(report, first, map[string]any{"name": "Names many", "published": first, "object_refs": append(refs, tool)}))
	w.follow()
	analyst := w.visitor(locale.English, account.Analyst)
	analyst.get("/objects/"+tool).is(200, "note 129", "note 124", "Named by: Report 1", "Also named by Note 130").lacks("note 123")
	seen := map[string]int{}
	path := "/objects/" + tool + "/references?type=note"
	for pages := 0; path != ""; pages++ {
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
		page := analyst.get(path).is(200, "Named by: Note")
		for i := range 130 {
			if name := fmt.Sprintf("note %03d", i); strings.Contains(page.body, ">"+name+"<") || strings.Contains(page.text(), name) {
				seen[name]++
			}
		}
		path = ""
		if parts := strings.Split(page.body, `rel="next" href="`); len(parts) > 1 {
			path = strings.ReplaceAll(strings.Split(parts[1], `"`)[0], "&amp;", "&")
		}
	}
	if len(seen) != 130 {
		t.Errorf("%d of 130 were listed", len(seen))
	}
	analyst.get("/objects/"+report).is(200, "What it names (131)", "Show all")
	page := analyst.get("/objects/"+report+"/references?way=out").is(200, "note 000", "note 049").lacks("note 050")
	next := strings.ReplaceAll(strings.Split(strings.Split(page.body, `rel="next" href="`)[1], `"`)[0], "&amp;", "&")
	analyst.get(next).is(200, "note 050", "note 099").lacks("note 049")
	for _, bad := range []string{"?type=", "?type=a%20b", "?way=out&from=x", "?way=out&from=-1"} {
		analyst.get("/objects/" + report + "/references" + bad).is(400)
	}
	analyst.get("/objects/"+report+"/references?type=note&after=tool+1").is(200, "It names nothing")
}

func TestGraph(t *testing.T) {
	w := scene(t)
	analyst := w.visitor(locale.English, account.Analyst)
	analyst.get("/objects/"+indicator+"?view=graph").is(200, "The same in words", "電力会社を狙う C2 Indicator indicates → KAKASHI Malware", "Interview Report Contents → 電力会社を狙う C2")
	var g struct {
		Nodes []struct {
			ID, Type, Label string
			Here            bool
		}
		Edges []struct{ From, To, Label string }
		More  bool
	}
	w.must(json.Unmarshal([]byte(analyst.get("/objects/"+indicator+"/graph").is(200).body), &g))
	names := map[string]string{}
	for _, n := range g.Nodes {
		names[n.ID] = n.Label
	}
	if len(g.Nodes) != 6 || names[malware] != "KAKASHI" || names[indicator] != "電力会社を狙う C2" || len(g.Edges) != 5 || g.More {
		t.Errorf("%+v", g)
	}
	if body := analyst.get("/objects/" + broken + "/graph").is(200).body; !strings.Contains(body, `"edges":[]`) {
		t.Errorf("of an object that stands alone: %s", body)
	}
	for _, e := range g.Edges {
		if _, ok := names[e.From]; !ok {
			t.Errorf("%+v leads from nowhere", e)
		}
		if _, ok := names[e.To]; !ok {
			t.Errorf("%+v leads nowhere", e)
		}
	}
}

// TestDefang: what a reader sees is a choice, kept in that reader's browser; the bytes are always those that came.
func TestDefang(t *testing.T) {
	w := scene(t)
	analyst := w.visitor(locale.English, account.Analyst)
	const link, safe = "http://c2.bad.example", "hxxp://c2[.]bad[.]example"
	analyst.get("/objects/"+indicator).is(200, link).lacks(safe)
	analyst.get("/objects?q=command").is(200, link)
	analyst.post("/objects/reading", "defang", "yes", "next", "/objects/"+indicator).is(303)
	analyst.get("/objects/"+indicator).is(200, safe, "198[.]51[.]100[.]7").lacks(link)
	page := analyst.get("/objects?q=bad.example").is(200, safe).lacks(link)
	if !strings.Contains(page.body, "<mark>") {
		t.Error("what was looked for is not marked")
	}
	analyst.post("/objects/reading", "defang", "no").is(303)
	analyst.get("/objects/"+indicator).is(200, link)
	analyst.post("/objects/reading", "defang", "perhaps").is(400)
	if to := analyst.post("/objects/reading", "defang", "no", "next", "//evil.example").Header.Get("Location"); to != "/objects" {
		t.Errorf("it leads to %s", to)
	}
}

func TestSearch(t *testing.T) {
	w := scene(t)
	analyst := w.visitor(locale.English, account.Analyst)
	page := analyst.get("/objects").is(200, "10 found", "KAKASHI", "電力会社を狙う C2", "Interview", "Indicator 1", "this node 6", "Example DoD 4", "TLP:AMBER+STRICT 1")
	page.lacks("Sickle")
	analyst.get("/objects?q="+url.QueryEscape("電力")).is(200, "1 found", "電力会社を狙う C2").lacks("KAKASHI")
	analyst.get("/objects?q=type:malware,report").is(200, "2 found", "KAKASHI", "Interview").lacks("電力会社")
	analyst.get("/objects?q="+url.QueryEscape("C2 against")).is(200, "電力会社を狙う C2", "translation")
	analyst.get("/objects?q=nowhere-to-be-found").is(200, "Nothing was found.", "0 found")
	analyst.get("/objects?q=" + url.QueryEscape(`"open`)).is(200).lacks("KAKASHI")
	if body := analyst.get("/objects?q=tlp:mauve").is(200).body; !strings.Contains(body, `role="alert"`) {
		t.Error("what is wrong with the query is not told")
	}
	if body := w.visitor(locale.Japanese, account.Auditor).get("/objects?q=tlp:mauve").is(200).body; !strings.Contains(body, `role="alert"`) || strings.Contains(body, "want") {
		t.Error("what is wrong with the query is not told in Japanese")
	}
	part := analyst.get("/objects?q=KAKASHI", "HX-Request", "true").is(200, "KAKASHI")
	if strings.Contains(part.body, "<html") || strings.Contains(part.body, `id="q"`) || !strings.Contains(part.body, `id="found"`) {
		t.Error("a part is more than a part")
	}
}

// TestFilters: each value leads to a search with it, which finds as many as it said, and from there back.
func TestFilters(t *testing.T) {
	w := scene(t)
	analyst := w.visitor(locale.English, account.Analyst)
	body := analyst.get("/objects").body
	links := strings.Split(body, `<li><a href="/objects?`)
	if len(links) < 12 {
		t.Fatalf("%d filters", len(links)-1)
	}
	for _, l := range links[1:] {
		to := "/objects?" + strings.ReplaceAll(strings.Split(l, `"`)[0], "&amp;", "&")
		n := strings.Split(strings.Split(l, `<span class="count">`)[1], "<")[0]
		page := analyst.get(to).is(200, n+" found")
		back := strings.Split(page.body, `class="chosen"`)
		if len(back) != 2 {
			t.Errorf("%s: %d filters are chosen", to, len(back)-1)
			continue
		}
		before := back[0][strings.LastIndex(back[0], `href="`)+6:]
		if again := strings.Split(before, `"`)[0]; again != "/objects" {
			t.Errorf("%s leads back to %s", to, again)
		}
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	for i := range 45 {
		w.take(w.jpn, object(id("tool", i), time.Date(2026, 4, 1, 0, i, 0, 0, time.UTC).Format("2006-01-02T15:04:05.000Z"), map[string]any{"name": fmt.Sprintf("tool-%02d", i)}))
	}
	w.follow()
	analyst := w.visitor(locale.English, account.Analyst)
	page := analyst.get("/objects").is(200, "45 found", "tool-44", "tool-25").lacks("tool-24")
	if !strings.Contains(page.body, `hx-trigger="changed from:body`) {
		t.Error("the first page is not live")
	}
	next := func(p answer) string {
		return strings.ReplaceAll(strings.Split(strings.Split(p.body, `rel="next" href="`)[1], `"`)[0], "&amp;", "&")
	}
	page = analyst.get(next(page)).is(200, "tool-24", "tool-05", "From the beginning").lacks("tool-25")
	if strings.Contains(page.body, `hx-trigger="changed from:body`) {
		t.Error("a later page is live")
	}
	analyst.get(next(page)).is(200, "tool-04", "tool-00").lacks("tool-05", "Further")
	if body := analyst.get("/objects?after=nonsense").is(200).body; !strings.Contains(body, `role="alert"`) {
		t.Error("a bad cursor is not told")
	}
	w.take(w.jpn, object(id("tool", 99), second, map[string]any{"name": "unindexed"}))
	analyst.get("/objects").is(200, "not searchable yet: 1 changes")
}

func TestSavedSearches(t *testing.T) {
	w := scene(t)
	analyst, other := w.visitor(locale.English, account.Analyst), w.visitor(locale.English, account.Analyst, account.WatchOfficer)
	if to := analyst.post("/objects/searches", "q", "type:malware", "sort", "relevance", "name", "Mine <b>").is(303).Header.Get("Location"); to != "/objects?q=type%3Amalware+sort%3Arelevance" {
		t.Errorf("it leads to %s", to)
	}
	page := analyst.get("/objects").is(200, "Mine <b>")
	if strings.Contains(page.body, "Mine <b>") {
		t.Error("its name is markup")
	}
	run := strings.Split(strings.Split(page.body, `<ul class="chips"><li><a href="`)[1], `"`)[0]
	analyst.get(run).is(200, "1 found", "KAKASHI")
	other.get("/objects").lacks("Mine")
	other.post("/objects/searches/delete", "name", "Mine <b>").is(404)
	analyst.post("/objects/searches", "q", `"open`, "name", "x").is(400)
	analyst.post("/objects/searches", "q", "a", "name", "").is(400)
	analyst.post("/objects/searches/delete", "name", "Mine <b>", "next", "/objects?q=a").is(303)
	analyst.get("/objects").lacks("Mine")
	w.visitor(locale.English, account.Administrator).post("/objects/searches", "q", "a", "name", "x").is(403)
}

// TestEmpty: a node that holds nothing says so.
func TestEmpty(t *testing.T) {
	w := newWorld(t)
	for _, lang := range locale.Langs {
		w.visitor(lang, account.Analyst).get("/objects").is(200, locale.Text(lang, "objects.empty"))
	}
}

// TestLive: the part of the page that changes by itself.
func TestLive(t *testing.T) {
	w := scene(t)
	analyst := w.visitor(locale.English, account.Analyst)
	part := analyst.get("/objects/"+indicator+"/now", "HX-Request", "true").is(200, "holds this version", "Seen at the gateway.")
	if strings.Contains(part.body, "<html") || !strings.Contains(part.body, `hx-swap-oob="innerHTML"`) {
		t.Error("it is more than a part, or has no answers of its own")
	}
}
