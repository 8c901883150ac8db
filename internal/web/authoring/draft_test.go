package authoring_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// analysts are those who read a language.
var analysts = map[locale.Lang]string{locale.English: "analyst", locale.Japanese: "分析官"}

func advisory(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("testdata/advisory.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// look pastes a text and returns the form that comes back.
func (p *person) look(text string) (*pageOf, url.Values) {
	p.Helper()
	form := p.page(p.get("/author")).form("draft")
	form.Set("text", strings.ReplaceAll(text, "\n", "\r\n"))
	form.Set("rehearsal", "1")
	form.Set("do", "look")
	a := p.post("/author", form)
	if a.status != http.StatusOK {
		p.Fatalf("status %d: %s", a.status, a.body)
	}
	page := p.page(a)
	return page, page.form("draft")
}

// submit sends the form with the button to submit, and returns where that leads.
func (p *person) submit(path string, form url.Values, do string) (object string, at string) {
	p.Helper()
	form.Set("do", do)
	a := p.post(path, form)
	if a.status != http.StatusSeeOther {
		p.Fatalf("status %d: %s", a.status, strings.Join(p.page(a).wrong(), "; "))
	}
	at = a.header.Get("Location")
	u, err := url.Parse(at)
	p.must(err)
	return u.Query().Get("object"), at
}

// wrong is what the page says is wrong.
func (p *pageOf) wrong() (list []string) {
	for _, n := range p.all("p", "role", "alert") {
		list = append(list, words(n))
	}
	return list
}

// box is the checkbox of a candidate.
func (p *pageOf) box(value string) *html.Node {
	p.Helper()
	for _, code := range p.all("code", "class", "value") {
		if words(code) == value {
			for n := code.Parent; n != nil; n = n.Parent {
				for input := range n.Descendants() {
					if input.Data == "input" {
						return input
					}
				}
			}
		}
	}
	p.Fatalf("%s is not listed", value)
	return nil
}

func without(form url.Values, name, value string) url.Values {
	form[name] = slices.DeleteFunc(slices.Clone(form[name]), func(v string) bool { return v == value })
	return form
}

// receivers is what a page says of each partner: how many objects it would get.
func (p *pageOf) receivers() map[string]int {
	all := map[string]int{}
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && has(n, "data-party") && has(n, "data-get") {
			all[attribute(n, "data-party")], _ = strconv.Atoi(attribute(n, "data-get"))
		}
	}
	return all
}

func TestADraftFromTextToPartner(t *testing.T) {
	w := newWorld(t)
	usa, est := w.partner("Example DoD", "USA", stix.TLPAmber), w.partner("Example CERT", "EST", stix.TLPClear)
	w.put(store.Self, w.malware("malware--11111111-1111-4111-8111-111111111111", "KAKASHI"))
	texts := map[locale.Lang][]string{
		locale.English: {
			"many systems ask this address", "IPv4 address", "Who would get this", "gets all", "TLP:GREEN is above the ceiling TLP:CLEAR agreed with Example CERT",
			"gets nothing", "Submitted", "wait to be sent",
		},
		locale.Japanese: {
			"多くのシステムが通常の動作で問い合わせる", "IPv4 アドレス", "提供先と、提供されない理由", "すべてが届きます", "TLP:GREEN は「Example CERT」との間で定めた上限 TLP:CLEAR を超えています",
			"何も届きません", "登録しました", "件は送信待ち",
		},
	}
	for _, lang := range locale.Langs {
		t.Run(string(lang), func(t *testing.T) {
			p := w.person(analysts[lang])
			text := strings.Replace(advisory(t), "KAKASHI backdoor used", "KAKASHI backdoor used ("+string(lang)+")", 1)
			page, form := p.look(text)
			page.harmless()
			for value, on := range map[string]bool{
				"203.0.113[.]7": true, "hxxps://update-check[.]example/api/v2/beacon?id=7f3a": true, "billing[@]invoice-portal.example": true, "8.8.8[.]8": false,
				"192.168.14[.]20": false, "CVE-2026-21412": true, "KAKASHI": true,
			} {
				if got := has(page.box(value), "checked"); got != on {
					t.Errorf("%s: checked %v", value, got)
				}
			}
			if line := words(page.all("p", "id", "s-"+attribute(page.box("198.51.100[.]24"), "value"))[0]); line != "11 198.51.100[.]24" {
				t.Errorf("the source line is %q", line)
			}
			if form.Get("title") != "KAKASHI backdoor used ("+string(lang)+") against power companies" || form.Get("tlp") != "green" || form.Get("lang") != "en" {
				t.Errorf("suggested: %q, %q, %q", form.Get("title"), form.Get("tlp"), form.Get("lang"))
			}
			body := words(page.root)
			for _, want := range texts[lang][:6] {
				if !strings.Contains(body, want) {
					t.Errorf("the page does not say %q", want)
				}
			}

			without(form, "on", attribute(page.box("198.51.100[.]24"), "value"))
			form.Set("confidence", "85")
			form.Set("labels", "energy, backdoor")
			form.Set("precedence", "P")
			form.Add("indicates", "malware--11111111-1111-4111-8111-111111111111")
			said := p.page(p.part("/author/reach", form)).receivers()
			report, at := p.submit("/author", form, "submit")
			done := p.page(p.get(at))
			done.harmless()
			body = words(done.root)
			for _, want := range texts[lang][3:] {
				if !strings.Contains(body, want) {
					t.Errorf("the result does not say %q", want)
				}
			}
			if got := done.receivers(); fmt.Sprint(got) != fmt.Sprint(said) || got[string(usa)] == 0 || got[string(est)] != 0 {
				t.Errorf("before: %v, after: %v", said, got)
			}

			var linked []string
			for _, a := range done.all("a", "", "") {
				if id, ok := strings.CutPrefix(attribute(a, "href"), "/objects/"); ok {
					linked = append(linked, id)
				}
			}
			made := w.madeBy(report)
			slices.Sort(linked)
			if !slices.Equal(linked, made) {
				t.Errorf("the result lists %v, the store has %v", linked, made)
			}
			if said[string(usa)] != len(made) {
				t.Errorf("%d were made, USA was said to get %d", len(made), said[string(usa)])
			}
			w.checkDraft(report, made, lang)
			p.deskAgrees(usa, made, true)
			p.deskAgrees(est, made, false)
		})
	}
}

// part asks for a part of a page, as htmx does.
func (p *person) part(path string, form url.Values) answer {
	p.Helper()
	r := request(path, form)
	r.Header.Set("HX-Request", "true")
	a := p.do(r)
	if a.status != http.StatusOK || strings.Contains(a.body, "<html") {
		p.Fatalf("status %d: %s", a.status, a.body)
	}
	return a
}

// madeBy are the objects of ours that a report speaks of and that were made with it, and itself.
func (w *world) madeBy(report string) (ids []string) {
	w.Helper()
	for _, v := range w.current("") {
		if v.Type != "malware" && (v.ID == report || strings.Contains(w.raw(report), v.ID)) {
			ids = append(ids, v.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// checkDraft looks at what was made.
func (w *world) checkDraft(report string, made []string, lang locale.Lang) {
	w.Helper()
	of := map[string]int{}
	for _, id := range made {
		raw := w.raw(id)
		of[stix.TypeOf(id)]++
		if !strings.Contains(raw, `"labels":["energy","backdoor"]`) || !strings.Contains(raw, `"confidence":85`) || !strings.Contains(raw, stix.TLPGreen.MarkingID()) {
			w.Errorf("%s", raw)
		}
		if strings.Contains(raw, "198.51.100.24") || strings.Contains(raw, "8.8.8.8") {
			w.Errorf("what was not selected was made: %s", raw)
		}
		if v := w.one(id); v.Precedence != store.Priority {
			w.Errorf("%s has precedence %s", id, v.Precedence)
		}
	}
	if of["report"] != 1 || of["indicator"] != 13 || of["relationship"] != 13 || of["vulnerability"] != 1 {
		w.Errorf("made: %v", of)
	}
	if raw := w.raw(report); !strings.Contains(raw, "KAKASHI backdoor used ("+string(lang)+")") || !strings.Contains(raw, "malware--11111111") {
		w.Errorf("%s", raw)
	}
}

// deskAgrees demands that the release desk says of all objects what was said before they were submitted.
func (p *person) deskAgrees(party store.Party, ids []string, want bool) {
	p.Helper()
	said := map[string]bool{}
	for at := "/desk/" + string(party); at != ""; {
		page := p.page(p.get(at))
		for _, row := range page.all("tr", "", "") {
			for n := range row.Descendants() {
				if id := attribute(row, "data-id"); id != "" && n.Data == "b" && !strings.Contains(attribute(n, "class"), "tag") {
					said[id] = attribute(n, "class") == "good"
					break
				}
			}
		}
		next := page.all("a", "rel", "next")
		if at = ""; len(next) == 1 {
			at = "/desk/" + string(party) + attribute(next[0], "href")
		}
	}
	for _, id := range ids {
		if got, ok := said[id]; !ok || got != want {
			p.Errorf("%s to %s: the release desk says %v (listed: %v), the author's page said %v", id, party, got, ok, want)
		}
	}
}

func TestADraftIsSubmittedOnce(t *testing.T) {
	w := newWorld(t)
	p := w.person("analyst")
	_, form := p.look(advisory(t))
	report, at := p.submit("/author", form, "submit")
	count := len(w.current(""))
	if strings.Contains(at, "again") {
		t.Errorf("the first time: %s", at)
	}

	again, at := p.submit("/author", form, "submit")
	if again != report || len(w.current("")) != count || !strings.Contains(at, "again=1") {
		t.Errorf("the button pressed twice: %s, then %s with %d objects instead of %d", report, again, len(w.current("")), count)
	}
	if body := p.get(at).body; !strings.Contains(body, "Nothing new was made") {
		t.Error("nobody is told")
	}

	_, other := p.look(advisory(t)) // pasted anew, with another key
	if other.Get("key") == form.Get("key") {
		t.Fatal("two forms have one key")
	}
	if again, _ := p.submit("/author", other, "submit"); again != report || len(w.current("")) != count {
		t.Errorf("pasted twice: %s, then %s with %d objects instead of %d", report, again, len(w.current("")), count)
	}

	// Somebody goes back, changes something, and submits again: that is another draft, and it is said so.
	form.Set("title", "Another title")
	form.Set("do", "submit")
	a := p.post("/author", form)
	page := p.page(a)
	if a.status != http.StatusBadRequest && a.status != http.StatusConflict || len(page.all("a", "href", "/author/done?object="+report)) != 1 {
		t.Errorf("changed after it was submitted: status %d", a.status)
	}
	next := page.form("draft")
	if next.Get("key") == form.Get("key") || next.Get("title") != "Another title" {
		t.Errorf("what was changed: key %s, title %q", next.Get("key"), next.Get("title"))
	}
	if third, _ := p.submit("/author", next, "submit"); third == report || len(w.current("")) != 2*count {
		t.Errorf("submitted as another draft: %s, %d objects", third, len(w.current("")))
	}
}

func TestNothingIsSubmittedThatWasNotSeen(t *testing.T) {
	w := newWorld(t)
	p := w.person("analyst")
	page, form := p.look(advisory(t))
	without(form, "on", attribute(page.box("update-check[.]example"), "value"))
	form.Set("text", form.Get("text")+"\r\nNew: 203.0.113[.]99 and 8.8.4[.]4")
	form.Set("do", "submit")
	a := p.post("/author", form)
	if n := len(w.current("")); n != 0 || a.status != http.StatusOK {
		t.Fatalf("status %d, %d objects", a.status, n)
	}
	page = p.page(a)
	if !slices.Contains(page.wrong(), "The text has changed: 2 candidates are new here. Look at them, then go on.") {
		t.Errorf("%q", page.wrong())
	}
	if !has(page.box("203.0.113[.]99"), "checked") || has(page.box("8.8.4[.]4"), "checked") {
		t.Error("what is new is not as it is suggested")
	}
	if has(page.box("update-check[.]example"), "checked") || !has(page.box("203.0.113[.]7"), "checked") {
		t.Error("what was chosen before is lost")
	}
	p.submit("/author", page.form("draft"), "submit")
	if all := fmt.Sprint(w.raws()); !strings.Contains(all, "203.0.113.99") || strings.Contains(all, "8.8.4.4") || strings.Contains(all, "'update-check.example'") {
		t.Error(all)
	}

	// A form that was never listed, such as one that a program made up, is only shown.
	form = url.Values{"key": {"0123456789abcdef0123"}, "text": {"203.0.113[.]50"}, "do": {"submit"}, "title": {"x"}, "tlp": {"clear"}, "precedence": {"R"}}
	count := len(w.current(""))
	if a := p.post("/author", form); a.status != http.StatusOK || len(w.current("")) != count {
		t.Errorf("status %d, %d objects", a.status, len(w.current("")))
	}
}

func TestWithoutAScript(t *testing.T) {
	w := newWorld(t)
	w.partner("Example DoD", "USA", stix.TLPClear)
	p := w.person("analyst")
	page, _ := p.look(advisory(t))
	if len(page.receivers()) != 1 {
		t.Error("the page does not say who would get it")
	}
	press := func(name, value string) {
		t.Helper()
		form := page.form("draft")
		form.Set(name, value)
		page = p.page(p.post("/author", form))
	}
	press("none", "ipv4")
	if has(page.box("203.0.113[.]7"), "checked") || !has(page.box("update-check[.]example"), "checked") {
		t.Error("none of one kind")
	}
	press("all", "ipv4")
	if !has(page.box("203.0.113[.]7"), "checked") || !has(page.box("8.8.8[.]8"), "checked") {
		t.Error("all of one kind")
	}
	form := page.form("draft")
	form.Set("tlp", "clear")
	form.Set("do", "look")
	for party, n := range p.page(p.post("/author", form)).receivers() {
		if n == 0 {
			t.Errorf("at TLP:CLEAR %s would get nothing", party)
		}
	}
}

func TestWhatIsWrongStandsBesideItsField(t *testing.T) {
	w := newWorld(t)
	for _, lang := range locale.Langs {
		p := w.person(analysts[lang])
		_, good := p.look(advisory(t))
		for _, tt := range []struct {
			field, value, place, code string
			args                      []any
		}{
			{"title", "", "title-wrong", "author.bad-title", []any{500}},
			{"title", strings.Repeat("長", 200), "title-wrong", "author.bad-title", []any{500}},
			{"tlp", "", "", "author.no-tlp", nil},
			{"tlp", "ultra", "", "author.no-tlp", nil},
			{"precedence", "X", "", "author.bad-precedence", nil},
			{"confidence", "101", "confidence-wrong", "author.bad-confidence", nil},
			{"confidence", "much", "confidence-wrong", "author.bad-confidence", nil},
			{"days", "-3", "days-wrong", "author.bad-days", []any{36500}},
			{"until", "1999-01-01", "days-wrong", "author.bad-validity", nil},
			{"until", "soon", "days-wrong", "author.bad-days", []any{36500}},
			{"labels", strings.Repeat("x", 600), "labels-wrong", "author.bad-labels", []any{50}},
			{"lang", "no language", "lang-wrong", "author.bad-language", []any{"no language"}},
			{"other", "Nobody", "other-wrong", "authoring.no-such-name", []any{"Nobody"}},
			{"indicates", "malware--99999999-9999-4999-8999-999999999999", "other-wrong", "author.not-here", []any{"malware--99999999-9999-4999-8999-999999999999"}},
			{"on", "", "candidates-wrong", "author.nothing", nil},
		} {
			form := url.Values{}
			for name, values := range good {
				form[name] = values
			}
			form[tt.field] = []string{tt.value}
			form.Set("do", "submit")
			a := p.post("/author", form)
			page := p.page(a)
			want := locale.Text(lang, tt.code, tt.args...)
			if a.status < 400 || a.status >= 500 || !slices.Contains(page.wrong(), want) {
				t.Errorf("%s = %.20q: status %d, the page says %q, want %q", tt.field, tt.value, a.status, page.wrong(), want)
				continue
			}
			if tt.place != "" && page.one("p", "id", tt.place) != want {
				t.Errorf("%s = %.20q: beside it stands %q", tt.field, tt.value, page.one("p", "id", tt.place))
			}
			after := page.form("draft")
			for name := range good { // what was typed is kept; a choice of what there is no such is none
				if name != tt.field && name != "do" && !slices.Equal(after[name], form[name]) {
					t.Errorf("%s = %.20q: %s was %q, is %q", tt.field, tt.value, name, form[name], after[name])
				}
			}
			if typed := map[string]bool{"title": true, "labels": true, "lang": true, "other": true, "until": true}; typed[tt.field] && after.Get(tt.field) != tt.value {
				t.Errorf("%s = %.20q is %.20q", tt.field, tt.value, after.Get(tt.field))
			}
		}
	}
	if n := len(w.current("")); n != 0 {
		t.Errorf("%d objects were made", n)
	}
}

func TestAnActorIsFoundByName(t *testing.T) {
	w := newWorld(t)
	const one, other, third = "malware--11111111-1111-4111-8111-111111111111", "malware--22222222-2222-4222-8222-222222222222", "malware--33333333-3333-4333-8333-333333333333"
	w.put(store.Self, w.malware(one, "Twin"), w.malware(other, "twin"), w.malware(third, "Only \u003cscript\u003e"))
	p := w.person("analyst")
	_, form := p.look("203.0.113[.]7")
	for name, want := range map[string]string{"only <SCRIPT>": third, "Twin (Malware 22222222)": "", "twin (Malware 22222222)": other, one: one} {
		form.Set("other", name)
		page := p.page(p.post("/author", form))
		page.harmless()
		if got := page.form("draft")["indicates"]; (want == "") != (len(got) == 0) || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
	form.Set("other", "TWIN")
	if page := p.page(p.post("/author", form)); !slices.Contains(page.wrong(), "Several objects are named TWIN: choose one of the suggestions") {
		t.Errorf("%q", page.wrong())
	}
}
