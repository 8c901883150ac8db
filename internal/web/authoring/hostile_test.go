package authoring_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// corpus is what ends quotes, elements and attributes, or hides.
var corpus = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</textarea><script>alert(1)</script>`, `</title><svg/onload=alert(1)>`,
	`javascript:alert(1)`, `<a href="javascript:alert(1)">x</a>`, `{{.Session}}`, `<!--<script>`, `]]><script>`, `&lt;script&gt;`, `&#60;img src=x&#62;`, `<iframe srcdoc="<script>1</script>">`,
	`<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`, "\u202Egnp.exe", "a\u200Bb", "\x00\x01\x1b[31m", "<svg><animate onbegin=alert(1)>", `" autofocus onfocus=alert(1) x="`,
	`<base href=//evil.example>`, `<meta http-equiv=refresh content=0>`, "\xff\xfe<script>", "`${alert(1)}`",
}

func TestHostileTextIsText(t *testing.T) {
	w := newWorld(t)
	w.partner(`Example <script>alert(1)</script>`, "USA", stix.TLPAmber)
	p := w.person("analyst")
	var text strings.Builder
	for i, c := range corpus {
		fmt.Fprintf(&text, "%s hxxp://h%d[.]bad[.]example/%s 203.0.113[.]%d %s\n", c, i, strings.ReplaceAll(c, " ", ""), i, c)
	}
	page, form := p.look(text.String())
	page.harmless()
	if page.one("title", "", "") == "" || !strings.Contains(words(page.root), "<script>alert(1)</script>") {
		t.Error("the text is not shown as it is")
	}
	fields := []string{"title", "description", "labels", "lang", "own", "confidence", "days", "until", "tlp", "precedence", "indicates", "other", "key", "most", "seen", "on", "rest", "zone"}
	try := func(c string, fields ...string) {
		t.Helper()
		odd := url.Values{}
		for name, values := range form {
			odd[name] = values
		}
		for _, field := range fields {
			odd[field] = []string{c}
		}
		odd.Set("do", "look")
		a := p.post("/author", odd)
		if a.status >= 500 {
			t.Errorf("%v = %q: status %d", fields, c, a.status)
		}
		p.page(a).harmless()
		p.page(p.part("/author/reach", odd)).harmless()
	}
	for _, c := range corpus {
		try(c, fields...)
		try(c, fields[:4]...) // what does not end the draft at once
	}
	for _, field := range fields {
		try(corpus[1], field)
	}
	form.Set("tlp", "green")
	form.Set("title", corpus[0]+corpus[1])
	form.Set("description", strings.Join(corpus[:16], "\r\n"))
	report, at := p.submit("/author", form, "submit")
	p.page(p.get(at)).harmless()
	for _, id := range []string{report, w.current("indicator")[0].ID} {
		for _, path := range []string{"/author/edit?object=", "/author/answer?object=", "/author/answer?kind=translation&object="} {
			a := p.get(path + id)
			p.page(a).harmless()
			if a.status != http.StatusOK {
				t.Errorf("%s%s: status %d", path, id, a.status)
			}
		}
	}
}

func TestHostilePropertiesComeBackAsTheyWere(t *testing.T) {
	w := newWorld(t)
	w.put(store.Self, w.indicator())
	p := w.person("analyst")
	for _, c := range corpus {
		form := p.edit(indicatorID)
		for _, name := range []string{"name", "description", "labels.other", "indicator_types.other", "external_references.0.url", "external_references.0.source_name", "lang", "valid_until", "confidence"} {
			form.Set(name, c)
		}
		form.Set("do", "save")
		a := p.post("/author/edit", form)
		page := p.page(a)
		page.harmless()
		if a.status != http.StatusBadRequest { // it is no language, no time, no number
			t.Errorf("%q: status %d", c, a.status)
		}
		for _, name := range []string{"lang", "valid_until", "confidence"} {
			form.Set(name, "")
		}
		form.Set("external_references.0.url", "https://cert.example/7")
		p.submit("/author/edit", form, "save")
		page = p.page(p.get("/author/edit?object=" + indicatorID))
		page.harmless()
		want := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(c, "\uFFFD"), "\x00", "\uFFFD"))
		if got := strings.ReplaceAll(page.form("edit").Get("description"), "\r\n", "\n"); got != want {
			t.Errorf("%q comes back as %q", c, got)
		}
	}
}

func TestTheLargestText(t *testing.T) {
	w := newWorld(t)
	w.partner("Example DoD", "USA", stix.TLPAmber)
	p := w.person("analyst")
	var text strings.Builder
	for i := 0; text.Len() < author.MaxText-200; i++ {
		fmt.Fprintf(&text, "%064x 攻撃\n", i*7919+1)
	}
	page, form := p.look(text.String())
	hashes := len(form["on"])
	if hashes != 200 || len(page.all("input", "name", "rest")) != 1 {
		t.Fatalf("%d candidates are listed", hashes)
	}
	for range 3 {
		form = page.form("draft")
		form.Set("do", "more")
		page = p.page(p.post("/author", form))
	}
	form = page.form("draft")
	if n := len(page.all("input", "name", "on")); n != 3200 || len(form["on"]) != 3200 || form.Get("rest") != "" {
		t.Errorf("%d candidates are listed, %d checked", n, len(form["on"]))
	}
	form.Set("rest", "sha256")
	form.Set("tlp", "green")
	form.Set("do", "look")
	a := p.post("/author", form)
	if a.status != http.StatusOK || !strings.Contains(a.body, "at most 10,000") && !strings.Contains(a.body, "at most 10000") {
		t.Errorf("status %d: too many at a time are not refused", a.status)
	}

	form.Set("text", form.Get("text")+strings.Repeat("x", 300))
	a = p.post("/author", form)
	page = p.page(a)
	if got := page.form("draft").Get("text"); a.status != http.StatusBadRequest || len(got) < author.MaxText || !strings.Contains(page.one("p", "id", "text-wrong"), strconv.Itoa(author.MaxText)) {
		t.Errorf("a text that is too long: status %d, %d bytes are kept, %q", a.status, len(got), page.wrong())
	}
	form.Set("text", strings.Repeat("\r\n", author.MaxText)) // six bytes each in the form
	if a := p.post("/author", form); a.status != http.StatusOK {
		t.Errorf("a megabyte of line ends: status %d", a.status)
	}
	form.Set("text", strings.Repeat("%", 3*author.MaxText))
	if a := p.post("/author", form); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a form without end: status %d", a.status)
	}
}

func TestTextThatIsNoUTF8(t *testing.T) {
	w := newWorld(t)
	p := w.person("analyst")
	_, form := p.look("\xff203.0.113[.]7\xfe \xe6\x94 update-check[.]example\xc0\xaf\n")
	form.Set("tlp", "clear")
	form.Set("do", "submit")
	form.Set("title", "\xffodd\xfe")
	if a := p.post("/author", form); a.status != http.StatusBadRequest || len(w.current("")) != 0 {
		t.Errorf("a title that is no text: status %d", a.status)
	}
	form.Set("title", "Odd")
	p.submit("/author", form, "submit")
	if all := strings.Join(w.raws(), "\n"); !strings.Contains(all, "'203.0.113.7'") || !strings.Contains(all, "'update-check.example'") {
		t.Error(all)
	}
}

func TestWhoMayWrite(t *testing.T) {
	w := newWorld(t)
	usa := w.partner("Example DoD", "USA", stix.TLPAmber)
	w.kitsune(usa)
	w.put(store.Self, w.indicator())
	routes := []struct {
		method, path string
		action       account.Action
	}{
		{"GET", "/author", account.Author},
		{"POST", "/author", account.Author},
		{"POST", "/author/reach", account.Author},
		{"GET", "/author/edit?object=" + indicatorID, account.Author},
		{"POST", "/author/edit", account.Author},
		{"POST", "/author/edit/reach", account.Author},
		{"GET", "/author/answer?object=" + kitsuneID, account.Answer},
		{"POST", "/author/answer", account.Answer},
		{"POST", "/author/answer/reach", account.Answer},
		{"GET", "/author/done?object=" + indicatorID, account.ViewObjects},
	}
	objects := len(w.current(""))
	for name := range w.cookies {
		p := w.person(name)
		s, err := w.accounts.Session(t.Context(), p.cookie.Value)
		w.must(err)
		for _, r := range routes {
			var a answer
			if r.method == "GET" {
				a = p.get(r.path)
			} else {
				a = p.post(r.path, url.Values{})
			}
			if may := account.Allowed(s.Account.Roles, r.action); may == (a.status == http.StatusForbidden) || a.status >= 500 {
				t.Errorf("%s (%v): %s %s: status %d", name, s.Account.Roles, r.method, r.path, a.status)
			}
		}
	}
	nobody := w.person("")
	for _, r := range routes {
		a := nobody.do(request(r.path, url.Values{}))
		if r.method == "GET" {
			a = nobody.get(r.path)
		}
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
			t.Errorf("nobody: %s %s: status %d", r.method, r.path, a.status)
		}
	}
	foreign := request("/author", url.Values{})
	foreign.Header.Set("Origin", "https://evil.example")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := w.person("analyst").do(foreign); a.status != http.StatusForbidden {
		t.Errorf("a form of another site: status %d", a.status)
	}
	if len(w.current("")) != objects {
		t.Error("something was made")
	}
}

// TestPagesAreLight: 300 candidates are a page of at most 150 KB on the wire, and nothing of it may be kept by a browser.
func TestPagesAreLight(t *testing.T) {
	w := newWorld(t)
	p := w.person("分析官")
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "%d: host%d[.]bad%d[.]example resolved to 203.0.113.%d, dropped %032x%032x\n", i, i, i%7, i%250+1, i*7919+1, i*104729+1)
	}
	form := p.page(p.get("/author")).form("draft")
	form.Set("text", text.String())
	form.Set("rehearsal", "1")
	r := request("/author", form)
	r.Header.Set("Accept-Encoding", "gzip")
	a := p.do(r)
	if a.status != http.StatusOK || a.header.Get("Content-Encoding") != "gzip" || len(a.body) > 150<<10 || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, %d bytes, %v", a.status, len(a.body), a.header)
	}
	t.Logf("%d bytes", len(a.body))
}
