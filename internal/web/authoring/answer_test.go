package authoring_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

const kitsuneID = "malware--33333333-3333-4333-8333-333333333333"

// kitsune is an object of a partner.
func (w *world) kitsune(party store.Party) {
	w.Helper()
	w.put(party, `{"type":"malware","spec_version":"2.1","id":"`+kitsuneID+`","created_by_ref":"`+string(party)+`","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",`+
		`"name":"KITSUNE","description":"A loader <b>.","aliases":["Fox","Foxtail"],"is_family":true,"lang":"en"}`)
}

func (p *person) answerForm(id, kind string) (*pageOf, url.Values) {
	p.Helper()
	a := p.get("/author/answer?object=" + id + "&kind=" + kind)
	if a.status != http.StatusOK {
		p.Fatalf("status %d: %s", a.status, a.body)
	}
	page := p.page(a)
	page.harmless()
	form := page.form("answer")
	if form.Get("kind") != kind {
		p.Fatalf("the form is for a %s", form.Get("kind"))
	}
	return page, form
}

func TestAnswers(t *testing.T) {
	for _, lang := range locale.Langs {
		w := newWorld(t)
		usa, est := w.partner("Example DoD", "USA", stix.TLPAmber), w.partner("Example CERT", "EST", stix.TLPClear)
		w.kitsune(usa)
		p := w.person(analysts[lang])
		for _, tt := range []struct {
			kind   string
			values url.Values
			want   []string
			gone   string
		}{
			{"note", url.Values{"abstract": {"In short"}, "content": {"We saw <script>\r\nit too.</script>"}, "labels": {"a、b"}, "confidence": {"50"}}, []string{`"abstract":"In short"`, `it too.`, `"labels":["a","b"]`, `"confidence":50`, `"object_refs":["` + kitsuneID + `"]`}, "\r"},
			{"opinion", url.Values{"opinion": {"strongly-disagree"}, "explanation": {"It is a tool."}}, []string{`"opinion":"strongly-disagree"`, `"explanation":"It is a tool."`}, ""},
			{"sighting", url.Values{"first": {"2026-02-03T09:00"}, "last": {"2026-02-03T10:00:30"}, "count": {"3"}, "description": {"twice at noon"}}, []string{`"count":3`, `"sighting_of_ref":"` + kitsuneID + `"`, map[locale.Lang]string{locale.English: `"first_seen":"2026-02-03T09:00:00.000Z"`, locale.Japanese: `"first_seen":"2026-02-03T00:00:00.000Z"`}[lang]}, ""},
			{"sighting", url.Values{"seen": {"no"}, "count": {"3"}, "last": {"2026-02-03T10:00"}}, []string{`"count":0`}, "first_seen"},
			{"translation", url.Values{"text.name": {"狐"}, "text.aliases": {"きつね\r\n尾"}, "lang": {"ja"}}, []string{`"object_ref":"` + kitsuneID + `"`, `"ja":{`, `"name":"狐"`, `"aliases":["きつね","尾"]`, stix.TLPRed.MarkingID()}, "description"},
		} {
			_, form := p.answerForm(kitsuneID, tt.kind)
			for name, values := range tt.values {
				form[name] = values
			}
			said := p.page(p.part("/author/answer/reach", form)).receivers()
			if want := map[bool]int{true: 0, false: 1}[tt.kind == "translation"]; said[string(usa)] != want || said[string(est)] != 0 || len(said) != 2 {
				t.Errorf("%s: who would get it: %v", tt.kind, said)
			}
			id, at := p.submit("/author/answer", form, "save")
			raw := w.raw(id)
			for _, want := range tt.want {
				if !strings.Contains(raw, want) {
					t.Errorf("%s: no %s in %s", tt.kind, want, raw)
				}
			}
			if tt.gone != "" && strings.Contains(raw, tt.gone) {
				t.Errorf("%s: %q in %s", tt.kind, tt.gone, raw)
			}
			if got := p.page(p.get(at)).receivers(); fmt.Sprint(got) != fmt.Sprint(said) {
				t.Errorf("%s: before %v, after %v", tt.kind, said, got)
			}
			p.deskAgrees(usa, []string{id}, said[string(usa)] == 1)
			count := len(w.current(""))
			if again, at := p.submit("/author/answer", form, "save"); again != id || !strings.Contains(at, "again=1") || len(w.current("")) != count {
				t.Errorf("%s: pressed twice: %s, then %s", tt.kind, id, again)
			}
			form.Set("labels", "changed")
			form.Set("do", "save")
			page := p.page(p.post("/author/answer", form))
			if next := page.form("answer"); next.Get("key") == form.Get("key") || len(w.current("")) != count { // somebody went back: that is another answer
				t.Errorf("%s: changed after it was submitted: %q", tt.kind, page.wrong())
			} else if other, _ := p.submit("/author/answer", next, "save"); other == id || len(w.current("")) != count+1 {
				t.Errorf("%s: submitted as another one: %s, then %s", tt.kind, id, other)
			}
		}
	}
}

func TestAnswersSayWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	usa := w.partner("Example DoD", "USA", stix.TLPAmber)
	w.kitsune(usa)
	count := len(w.current(""))
	for _, lang := range locale.Langs {
		p := w.person(analysts[lang])
		for _, tt := range []struct {
			kind, field, value string
			code               string
			args               []any
		}{
			{"note", "content", "", "author.bad-content", []any{100 << 10}},
			{"note", "tlp", "", "author.no-tlp", nil},
			{"note", "confidence", "200", "author.bad-confidence", nil},
			{"opinion", "opinion", "perhaps", "author.bad-opinion", nil},
			{"sighting", "count", "0", "author.bad-count", nil},
			{"sighting", "count", "often", "author.bad-count", nil},
			{"sighting", "first", "yesterday", "authoring.wrong-time", nil},
			{"translation", "text.name", "", "author.no-texts", []any{50}},
			{"translation", "tlp", "green", "author.translation-stays", []any{"Example DoD"}},
		} {
			_, form := p.answerForm(kitsuneID, tt.kind)
			switch tt.kind {
			case "note":
				form.Set("content", "kept\r\n as typed")
			case "opinion":
				form.Set("explanation", "kept\r\n as typed")
			case "sighting":
				form.Set("description", "kept\r\n as typed")
			case "translation":
				form.Set("text.name", "狐")
			}
			form.Set(tt.field, tt.value)
			form.Set("do", "save")
			a := p.post("/author/answer", form)
			page := p.page(a)
			want := locale.Text(lang, tt.code, tt.args...)
			if a.status < 400 || a.status >= 500 || !slices.Contains(page.wrong(), want) {
				t.Errorf("%s with %s = %q: status %d, the page says %q, want %q", tt.kind, tt.field, tt.value, a.status, page.wrong(), want)
			}
			after := page.form("answer")
			for _, name := range []string{"content", "explanation", "description", "text.name", "key", "version"} {
				if after.Get(name) != form.Get(name) {
					t.Errorf("%s with %s = %q: %s is %q", tt.kind, tt.field, tt.value, name, after.Get(name))
				}
			}
		}
	}
	if n := len(w.current("")); n != count {
		t.Errorf("%d objects were made", n-count)
	}
}

func TestWhatCanBeAnsweredHow(t *testing.T) {
	w := newWorld(t)
	const address = "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd"
	w.put(store.Self, `{"type":"ipv4-addr","spec_version":"2.1","id":"`+address+`","value":"198.51.100.3"}`, w.malware("malware--11111111-1111-4111-8111-111111111111", "Ours"))
	p := w.person("watch")
	kinds := func(id string) (list []string) {
		for _, a := range p.page(p.get("/author/answer?object="+id)).all("a", "", "") {
			if _, kind, ok := strings.Cut(attribute(a, "href"), "&kind="); ok {
				list = append(list, kind)
			}
		}
		return list
	}
	if got := kinds(address); !slices.Equal(got, []string{"note", "opinion"}) {
		t.Errorf("of an address: %v", got)
	}
	if got := kinds("malware--11111111-1111-4111-8111-111111111111"); !slices.Equal(got, []string{"note", "opinion", "sighting", "translation"}) {
		t.Errorf("of malware: %v", got)
	}
	if a := p.get("/author/answer?object=malware--99999999-9999-4999-8999-999999999999"); a.status != http.StatusNotFound {
		t.Errorf("of what is not here: status %d", a.status)
	}
	if a := p.post("/author/answer", url.Values{"object": {address}, "kind": {"joke"}, "tlp": {"clear"}, "precedence": {"R"}}); a.status != http.StatusBadRequest {
		t.Errorf("an answer that there is not: status %d", a.status)
	}
}
