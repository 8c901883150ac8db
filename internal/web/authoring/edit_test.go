package authoring_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

const indicatorID = "indicator--22222222-2222-4222-8222-222222222222"

// indicator is one of ours, with everything that a form shows and some that none does.
func (w *world) indicator() string {
	return `{"type":"indicator","spec_version":"2.1","id":"` + indicatorID + `","created_by_ref":"` + string(w.self.Card.Party) + `","created":"2026-01-01T00:00:00.000Z",` +
		`"modified":"2026-01-01T00:00:00.123Z" , "name":"198.51.100.9",  "description":"Command server,\r\nfound twice.\u202e","indicator_types":["malicious-activity","x-own"],` +
		`"pattern":"[ipv4-addr:value = '198.51.100.9']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00.5Z","kill_chain_phases":[{"kill_chain_name":"example","phase_name":"one","x_more":1}],` +
		`"external_references":[{"source_name":"Example CERT","hashes":{"MD5":"098f6bcd4621d373cade4e832627b4f6"},"url":"https://cert.example/7"},{"source_name":"b","external_id":"2"}],` +
		`"labels":["energy"],"confidence":60,"object_marking_refs":["` + stix.TLPGreen.MarkingID() + `"],"x_custom":{"kept":  [1,2]}}`
}

// edit opens the form of a new version.
func (p *person) edit(id string) url.Values {
	p.Helper()
	a := p.get("/author/edit?object=" + id)
	if a.status != http.StatusOK {
		p.Fatalf("status %d: %s", a.status, a.body)
	}
	return p.page(a).form("edit")
}

func TestEditChangesOnlyWhatWasChanged(t *testing.T) {
	w := newWorld(t)
	w.put(store.Self, w.indicator())
	for _, lang := range locale.Langs {
		p := w.person(analysts[lang])
		before := w.raw(indicatorID)
		form := p.edit(indicatorID)

		form.Set("do", "save")
		a := p.post("/author/edit", form)
		if page := p.page(a); a.status != http.StatusBadRequest || !slices.Contains(page.wrong(), locale.Text(lang, "author.no-change")) || w.raw(indicatorID) != before {
			t.Fatalf("nothing was changed: status %d, %q", a.status, page.wrong())
		}

		form.Set("name", "Beacon ("+string(lang)+")")
		id, at := p.submit("/author/edit", form, "save")
		if id != indicatorID || !strings.Contains(at, "one=1") {
			t.Errorf("%s at %s", id, at)
		}
		after := w.raw(indicatorID)
		want := strings.Replace(before, w.property(before, "name"), `"Beacon (`+string(lang)+`)"`, 1)
		want = strings.Replace(want, w.property(before, "modified"), w.property(after, "modified"), 1)
		if after != want {
			t.Errorf("%s\nwant\n%s", after, want)
		}
	}
}

// property is a string property as written.
func (w *world) property(raw, name string) string {
	w.Helper()
	_, rest, ok := strings.Cut(raw, `"`+name+`":`)
	end := strings.IndexByte(rest[1:], '"')
	if !ok || end < 0 {
		w.Fatalf("no %s in %s", name, raw)
	}
	return rest[:end+2]
}

func TestEditOfEachKindOfProperty(t *testing.T) {
	w := newWorld(t)
	w.put(store.Self, w.indicator())
	p := w.person("分析官")
	for _, tt := range []struct {
		name   string
		values url.Values
		want   string // in the object
		gone   string
	}{
		{"text", url.Values{"description": {"一行目\r\n二行目"}}, `"description":"一行目\n二行目"`, "found twice"},
		{"text removed", url.Values{"description": {" "}}, `"name"`, `"description"`},
		{"some of a vocabulary", url.Values{"indicator_types": {"anonymization", "benign"}}, `"indicator_types":["anonymization","benign","x-own"]`, ""},
		{"others", url.Values{"indicator_types.other": {"x-own\r\n x-second \r\n\r\nx-own"}}, `"indicator_types":["anonymization","benign","x-own","x-second"]`, ""},
		{"none of a vocabulary", url.Values{"indicator_types": {}, "indicator_types.other": {""}}, `"name"`, "indicator_types"},
		{"list", url.Values{"labels.other": {"energy\r\n電力"}}, `"labels":["energy","電力"]`, ""},
		{"time, in Japan's zone", url.Values{"valid_until": {"2027-02-03T09:30"}}, `"valid_until":"2027-02-03T00:30:00`, ""},
		{"number", url.Values{"confidence": {"85"}}, `"confidence":85`, ""},
		{"number removed", url.Values{"confidence": {""}}, `"name"`, `"confidence"`},
		{"language", url.Values{"lang": {"ja"}}, `"lang":"ja"`, ""},
		{"pattern", url.Values{"pattern": {"[ipv4-addr:value = '198.51.100.10']"}}, `'198.51.100.10'`, ""},
		{"a part changed", url.Values{"kill_chain_phases.0.phase_name": {"two"}}, `{"kill_chain_name":"example","phase_name":"two","x_more":1}`, ""},
		{"a part added", url.Values{"kill_chain_phases.1.kill_chain_name": {"other"}, "kill_chain_phases.1.phase_name": {"first"}}, `"phase_name":"first"`, ""},
		{"a part emptied", url.Values{"kill_chain_phases.0.phase_name": {""}, "kill_chain_phases.0.kill_chain_name": {""}}, `"phase_name":"first"`, `"phase_name":"two"`},
		{"a reference; what the form does not show stays", url.Values{"external_references.0.description": {"seventh <b>"}}, `"MD5":"098f6bcd4621d373cade4e832627b4f6"`, ""},
		{"TLP", url.Values{"tlp": {"amber"}}, stix.TLPAmber.MarkingID(), stix.TLPGreen.MarkingID()},
	} {
		form := p.edit(indicatorID)
		for name, values := range tt.values {
			if len(values) == 0 {
				form.Del(name)
				continue
			}
			form[name] = values
		}
		p.submit("/author/edit", form, "save")
		raw := w.raw(indicatorID)
		if !strings.Contains(raw, tt.want) || tt.gone != "" && strings.Contains(raw, tt.gone) {
			t.Errorf("%s: want %s, not %q, in %s", tt.name, tt.want, tt.gone, raw)
		}
		if !strings.Contains(raw, `"x_custom":{"kept":  [1,2]}`) || !strings.Contains(raw, `"valid_from":"2026-01-01T00:00:00.5Z"`) || !strings.Contains(raw, `"pattern_type":"stix"`) {
			t.Errorf("%s: what was not touched is changed: %s", tt.name, raw)
		}
		page := p.page(p.get("/author/edit?object=" + indicatorID))
		page.harmless()
		for name, values := range tt.values { // the form shows what was written
			got := page.form("edit")[name]
			if name != "indicator_types.other" && len(values) > 0 && !strings.HasPrefix(name, "kill") && name != "valid_until" && strings.TrimSpace(values[0]) != "" && !slices.Equal(got, values) {
				t.Errorf("%s: the form shows %q of %s, want %q", tt.name, got, name, values)
			}
		}
	}
}

func TestEditSaysWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	w.put(store.Self, w.indicator())
	for _, lang := range locale.Langs {
		p := w.person(analysts[lang])
		for _, tt := range []struct {
			name, value, want string
		}{
			{"pattern", "[ipv4-addr:value = ", ""},
			{"pattern", "", locale.Text(lang, "authoring.wrong-required")},
			{"valid_until", "2025-12-31T00:00", ""},
			{"valid_until", "tomorrow", locale.Text(lang, "authoring.wrong-time")},
			{"confidence", "1000", ""},
			{"confidence", "a lot", locale.Text(lang, "authoring.wrong-number")},
			{"lang", "no language", ""},
		} {
			form := p.edit(indicatorID)
			form.Set("name", "typed <i>before</i>")
			form.Set(tt.name, tt.value)
			form.Set("do", "save")
			a := p.post("/author/edit", form)
			page := p.page(a)
			beside := page.all("p", "id", "f-"+tt.name+"-wrong")
			if a.status != http.StatusBadRequest || len(beside) != 1 || tt.want != "" && words(beside[0]) != tt.want {
				t.Errorf("%s = %q: status %d, %q", tt.name, tt.value, a.status, page.wrong())
				continue
			}
			if lang == locale.Japanese && !strings.ContainsFunc(words(beside[0]), func(r rune) bool { return r >= 'ぁ' && r <= 'ヿ' }) {
				t.Errorf("%s = %q: %q is no Japanese", tt.name, tt.value, words(beside[0]))
			}
			after := page.form("edit")
			if after.Get(tt.name) != tt.value && tt.name != "valid_until" || after.Get("name") != "typed <i>before</i>" {
				t.Errorf("%s = %q: typed was lost: %q, %q", tt.name, tt.value, after.Get(tt.name), after.Get("name"))
			}
		}
	}
}

func TestEditOfWhatChangedMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.put(store.Self, w.indicator())
	one, other := w.person("analyst"), w.person("分析官")
	mine, theirs := one.edit(indicatorID), other.edit(indicatorID)
	theirs.Set("name", "Theirs")
	theirs.Set("confidence", "10")
	other.submit("/author/edit", theirs, "save")
	mine.Set("name", "Mine")
	mine.Set("labels.other", "mine")
	mine.Set("do", "save")
	a := one.post("/author/edit", mine)
	page := one.page(a)
	if a.status != http.StatusConflict || !strings.Contains(words(page.root), "It now says: Theirs") {
		t.Fatalf("status %d, %q", a.status, page.wrong())
	}
	form := page.form("edit")
	if form.Get("name") != "Mine" || form.Get("labels.other") != "mine" || form.Get("confidence") != "10" {
		t.Errorf("the form holds %q, %q and %q", form.Get("name"), form.Get("labels.other"), form.Get("confidence"))
	}
	one.submit("/author/edit", form, "save")
	if raw := w.raw(indicatorID); !strings.Contains(raw, `"Mine"`) || !strings.Contains(raw, `"labels":["mine"]`) || !strings.Contains(raw, `"confidence":10`) {
		t.Error(raw)
	}
}

func TestANewVersionIsSubmittedOnce(t *testing.T) {
	w := newWorld(t)
	w.put(store.Self, w.indicator())
	p := w.person("analyst")
	for name, value := range map[string]string{
		"name": "Once", "tlp": "amber", "kill_chain_phases.0.phase_name": "once", "indicator_types.other": "x-once", "valid_until": "2030-01-01T00:00", "confidence": "7",
	} {
		form := p.edit(indicatorID)
		form.Set(name, value)
		p.submit("/author/edit", form, "save")
		versions := w.versions(indicatorID)
		if _, at := p.submit("/author/edit", form, "save"); !strings.Contains(at, "again=1") || w.versions(indicatorID) != versions {
			t.Errorf("%s: %s, %d versions instead of %d", name, at, w.versions(indicatorID), versions)
		}
	}
}

// versions is how many there are of an object.
func (w *world) versions(id string) (n int) {
	w.Helper()
	w.must(w.store.View(w.Context(), func(tx store.Tx) error {
		found, err := tx.Objects().Variants([]string{id})
		n = len(found)
		return err
	}))
	return n
}

func TestNarrowingSaysWhoWouldStillGetIt(t *testing.T) {
	w := newWorld(t)
	usa, est := w.partner("Example DoD", "USA", stix.TLPAmber), w.partner("Example CERT", "EST", stix.TLPGreen)
	w.put(store.Self, w.indicator())
	p := w.person("analyst")
	form := p.edit(indicatorID)
	form.Set("tlp", "amber")
	said := p.page(p.part("/author/edit/reach", form)).receivers()
	if said[string(usa)] != 1 || said[string(est)] != 0 || len(said) != 2 {
		t.Errorf("%v", said)
	}
	if w.versions(indicatorID) != 1 {
		t.Error("looking made a version")
	}
	form.Set("do", "look") // without a script
	page := p.page(p.post("/author/edit", form))
	if fmt.Sprint(page.receivers()) != fmt.Sprint(said) || w.versions(indicatorID) != 1 {
		t.Errorf("by the button: %v", page.receivers())
	}
	_, at := p.submit("/author/edit", page.form("edit"), "save")
	if got := p.page(p.get(at)).receivers(); fmt.Sprint(got) != fmt.Sprint(said) {
		t.Errorf("after: %v", got)
	}
	p.deskAgrees(usa, []string{indicatorID}, true)
	p.deskAgrees(est, []string{indicatorID}, false)
}

func TestRevoke(t *testing.T) {
	w := newWorld(t)
	usa := w.partner("Example DoD", "USA", stix.TLPAmber)
	w.put(store.Self, w.indicator())
	p := w.person("分析官")
	form := p.edit(indicatorID)
	form.Set("do", "revoke")
	a := p.post("/author/edit", form)
	page := p.page(a)
	if a.status != http.StatusOK || page.receivers()[string(usa)] != 1 || strings.Contains(w.raw(indicatorID), `"revoked":true`) {
		t.Fatalf("status %d: nothing is revoked before one is sure", a.status)
	}
	if page.one("h1", "", "") != "このオブジェクトを失効させますか" {
		t.Error(page.one("h1", "", ""))
	}
	sure := url.Values{"do": {"revoke-sure"}}
	for _, input := range page.all("input", "type", "hidden") {
		sure.Set(attribute(input, "name"), attribute(input, "value"))
	}
	sure.Set("precedence", "Z")
	if a := p.post("/author/edit", sure); a.status != http.StatusSeeOther {
		t.Fatalf("status %d", a.status)
	}
	if v := w.one(indicatorID); !v.Revoked || v.Precedence != store.Flash {
		t.Errorf("%+v", v)
	}
	if body := p.get("/author/edit?object=" + indicatorID).body; !strings.Contains(body, "失効しており") || strings.Contains(body, `id="edit"`) {
		t.Error("a revoked object can be edited")
	}
	if a := p.post("/author/edit", form); a.status != http.StatusOK || w.versions(indicatorID) != 2 {
		t.Errorf("status %d, %d versions", a.status, w.versions(indicatorID))
	}
}

func TestAnothersObject(t *testing.T) {
	w := newWorld(t)
	usa := w.partner("Example DoD <b>", "USA", stix.TLPAmber)
	const id = "malware--33333333-3333-4333-8333-333333333333"
	theirs := strings.Replace(w.malware(id, "KITSUNE"), string(w.self.Card.Party), string(usa), 1)
	w.put(usa, theirs)
	for _, lang := range locale.Langs {
		p := w.person(analysts[lang])
		a := p.get("/author/edit?object=" + id)
		page := p.page(a)
		page.harmless()
		if a.status != http.StatusOK || !strings.Contains(words(page.root), "Example DoD <b>") || len(page.all("form", "id", "edit")) != 0 ||
			len(page.all("a", "href", "/author/answer?object="+id)) != 1 {
			t.Errorf("status %d: %s", a.status, words(page.root))
		}
		for _, do := range []string{"save", "revoke", "revoke-sure", "look"} {
			form := url.Values{"object": {id}, "name": {"Ours"}, "has.name": {"1"}, "do": {do}, "key": {"0123456789abcdef0123"}, "tlp": {"clear"}, "precedence": {"R"}}
			if a := p.post("/author/edit", form); a.status == http.StatusSeeOther || w.raw(id) != theirs || w.versions(id) != 1 {
				t.Errorf("%s: status %d, %s", do, a.status, w.raw(id))
			}
		}
	}
	if a := w.person("analyst").get("/author/edit?object=malware--99999999-9999-4999-8999-999999999999"); a.status != http.StatusNotFound {
		t.Errorf("an object that is not here: status %d", a.status)
	}
	w.put(store.Self, `{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","value":"198.51.100.3"}`)
	if body := w.person("analyst").get("/author/edit?object=ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd").body; !strings.Contains(body, "has no versions") {
		t.Error("a cyber-observable can be edited")
	}
}

// TestAFormThatNobodyTouchedChangesNothing, whatever the object says: it goes through the page and back.
func TestAFormThatNobodyTouchedChangesNothing(t *testing.T) {
	w := newWorld(t)
	p := w.person("analyst")
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\r\n\t \u0000\u202e<>&\"'\u200b\ufeff\u2028"))))
		some := rapid.SliceOfN(text, 1, 4)
		id := fmt.Sprintf("threat-actor--%08x-0000-4000-8000-000000000000", n)
		object := map[string]any{
			"type": "threat-actor", "spec_version": "2.1", "id": id, "created_by_ref": w.self.Card.Party, "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
			"name": text.Draw(rt, "name"), "description": text.Draw(rt, "description"), "aliases": some.Draw(rt, "aliases"), "goals": some.Draw(rt, "goals"),
			"roles": some.Draw(rt, "roles"), "resource_level": text.Draw(rt, "level"), "first_seen": "2026-01-02T03:04:05.678901Z", "labels": some.Draw(rt, "labels"),
			"external_references": []any{map[string]any{"source_name": text.Draw(rt, "source"), "description": text.Draw(rt, "more")}}, "confidence": rapid.IntRange(0, 100).Draw(rt, "confidence"),
		}
		raw, err := json.Marshal(object)
		w.must(err)
		o, err := stix.Parse(raw)
		if err != nil {
			rt.Skip("no object")
		}
		a, err := ingest.Prepare(o, w.ingest.Validator())
		if err != nil || a.Broken() {
			rt.Skip("not valid")
		}
		w.put(store.Self, string(raw))
		form := p.edit(id)
		form.Set("do", "save")
		answer := p.post("/author/edit", form)
		if page := p.page(answer); answer.status != http.StatusBadRequest || !slices.Contains(page.wrong(), locale.Text(locale.English, "author.no-change")) {
			rt.Fatalf("status %d, %q: %s became %s", answer.status, page.wrong(), raw, w.raw(id))
		}
	})
}
