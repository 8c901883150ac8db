package authoring_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/browsertest"
	"github.com/wagasa/wagasa/stix"
)

// writer is somebody with a browser, whose clicks are counted.
type writer struct {
	*browsertest.Window
	t      *testing.T
	clicks int
}

// opens opens a window for somebody of the world.
func (p *person) opens(b *browsertest.Browser) *writer {
	p.Helper()
	s := httptest.NewServer(p.handler)
	p.Cleanup(s.Close)
	w := &writer{Window: b.Open(p.T, s.URL), t: p.T}
	w.Go("/static/licences.txt")
	browsertest.Eval[string](w.Window, `document.cookie = "session=`+p.cookie.Value+`; path=/"`)
	return w
}

func (w *writer) click(css string) {
	w.t.Helper()
	w.clicks++
	w.Click(css)
}

func (w *writer) follow(css string) {
	w.t.Helper()
	w.clicks++
	w.Follow(css)
}

// paste puts a text where the focus is, as from the clipboard.
func (w *writer) paste(text string) {
	w.t.Helper()
	w.Until(`document.activeElement.id === "text"`)
	b, _ := json.Marshal(text) // a string
	if !browsertest.Eval[bool](w.Window, `document.execCommand("insertText", false, `+string(b)+`)`) {
		w.t.Fatal("nothing has the focus")
	}
}

// box is the selector of a candidate's checkbox.
func (w *writer) box(value string) string {
	w.t.Helper()
	b, _ := json.Marshal(value) // a string
	id := browsertest.Eval[string](w.Window, `[...document.querySelectorAll(".kind li")].find(li => li.querySelector(".value").textContent === `+string(b)+`)?.querySelector("input").value || ""`)
	if id == "" {
		w.t.Fatalf("%s is not listed", value)
	}
	return `input[value="` + id + `"]`
}

func (w *writer) checked(css string) bool {
	w.t.Helper()
	return browsertest.Eval[bool](w.Window, `document.querySelector('`+css+`').checked`)
}

func (w *writer) gets(party store.Party, n int) {
	w.t.Helper()
	w.Until(fmt.Sprintf(`document.querySelector('[data-party="%s"]')?.dataset.get === "%d"`, party, n))
}

// TestInABrowser is all that needs a real one.
func TestInABrowser(t *testing.T) {
	b := browsertest.Start(t)
	for _, lang := range locale.Langs {
		t.Run("from the text to the object in "+string(lang), func(t *testing.T) { fromTextToObject(t, b, lang) })
		t.Run("every page in "+string(lang), func(t *testing.T) { everyPage(t, b, lang) })
	}
	t.Run("a long list by keyboard", func(t *testing.T) { aLongListByKeyboard(t, b) })
	t.Run("nothing typed is lost", func(t *testing.T) { nothingTypedIsLost(t, b) })
}

// fromTextToObject goes from an advisory to the object's page, as somebody does it, and counts.
func fromTextToObject(t *testing.T, b *browsertest.Browser, lang locale.Lang) {
	w := newWorld(t)
	usa, est := w.partner("Example DoD", "USA", stix.TLPAmber), w.partner("Example CERT", "EST", stix.TLPClear)
	w.put(store.Self, w.malware("malware--11111111-1111-4111-8111-111111111111", "KAKASHI"))
	w.kitsune(usa)
	me := w.person(analysts[lang]).opens(b)
	begun := time.Now()
	me.Go("/author")
	me.paste(strings.NewReplacer("[.]example", "[.]com", ".example", ".com", "TLP:GREEN", "TLP:AMBER").Replace(advisory(t))) // as outside of an exercise
	me.follow("#find")
	me.Wait("#found-head")
	me.click(me.box("update-check[.]com"))
	total := browsertest.Eval[string](me.Window, `document.querySelector("[data-total]").textContent`)
	me.click(`input[name=indicates]`)
	me.gets(est, 0)
	me.click(`input[name=tlp][value=clear]`)
	n := 2*7 + 2 // indicators, what they indicate, a vulnerability, the report
	me.Until(fmt.Sprintf(`document.querySelector('[data-party="%s"]').dataset.get !== "0"`, est))
	me.click(`input[name=tlp][value=green]`)
	me.gets(est, 0)
	me.follow(`button[value=submit]`)
	me.WaitPath("/author/done")
	me.gets(est, 0)
	count := browsertest.Eval[int](me.Window, `document.querySelectorAll("ul.made li").length`)
	me.gets(usa, count)
	me.follow("ul.made a")
	me.Wait("h1")
	t.Logf("%d clicks, %.1f s; %s candidates selected, %d objects (%d expected at least)", me.clicks, time.Since(begun).Seconds(), total, count, n)
	if !strings.Contains(me.Text("h1"), "KAKASHI") || !strings.Contains(me.Address(), "/objects/report--") {
		t.Errorf("at %s: %s", me.Address(), me.Text("h1"))
	}
	if me.clicks > 8 || count < n {
		t.Errorf("%d clicks, %d objects", me.clicks, count)
	}
}

// everyPage looks at every page.
func everyPage(t *testing.T, b *browsertest.Browser, lang locale.Lang) {
	w := newWorld(t)
	usa := w.partner("Example DoD", "USA", stix.TLPAmber)
	w.partner("Example CERT", "EST", stix.TLPClear)
	w.put(store.Self, w.malware("malware--11111111-1111-4111-8111-111111111111", "KAKASHI"), w.indicator())
	w.kitsune(usa)
	me := w.person(analysts[lang]).opens(b)
	me.Go("/author")
	me.Shots("author-paste")
	me.paste(advisory(t))
	me.click("details.options summary")
	me.click("input[name=rehearsal]")
	me.follow("#find")
	me.Wait("#found-head")
	me.click("details.more summary")
	browsertest.Eval[string](me.Window, `window.scrollTo(0, 0), ""`)
	me.Shots("author-candidates")
	me.follow(`button[value=submit]`)
	me.WaitPath("/author/done")
	me.Shots("author-done")
	me.Go("/author/edit?object=" + indicatorID)
	me.Type("#f-confidence", "61\t")
	me.Wait("#reach .reach")
	browsertest.Eval[string](me.Window, `window.scrollTo(0, 0), ""`)
	me.Shots("author-edit")
	me.Follow("button.danger")
	me.Shots("author-revoke")
	me.Go("/author/edit?object=" + kitsuneID)
	me.Shots("author-not-ours")
	for _, kind := range []string{"note", "opinion", "sighting", "translation"} {
		me.Go("/author/answer?kind=" + kind + "&object=" + kitsuneID)
		me.Wait("#reach .reach")
		me.Shots("author-" + kind)
	}
}

// many is a text with some hundred candidates.
func many() string {
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, "%d: host%d[.]bad%d[.]com resolved to 198.18.%d[.]%d as of 3 November\n", i, i, i%7, i%19, i%250+1)
	}
	return b.String()
}

// aLongListByKeyboard: one stop of the tab key, arrows within, shift for ranges, a filter.
func aLongListByKeyboard(t *testing.T, b *browsertest.Browser) {
	w := newWorld(t)
	me := w.person("analyst").opens(b)
	me.Go("/author")
	me.paste(many())
	me.follow("#find")
	me.Wait("#found-head")
	me.Shot("author-many")
	focus := func() string {
		t.Helper()
		return browsertest.Eval[string](me.Window, `document.activeElement.closest("li")?.querySelector(".value").textContent || document.activeElement.name || document.activeElement.id`)
	}
	state := func() string {
		t.Helper()
		return browsertest.Eval[string](me.Window, `[...document.querySelectorAll("#kind-domain input[name=on]")].slice(0, 6).map(b => b.checked ? "x" : "-").join("")`)
	}
	if n := browsertest.Eval[int](me.Window, `document.querySelectorAll("input[name=on][tabindex='0']").length`); n != 1 {
		t.Errorf("the list has %d stops", n)
	}
	const first = "#kind-domain li input"
	browsertest.Eval[string](me.Window, `document.querySelector("`+first+`").focus(), ""`)
	me.Keys(" ")
	const down, up, home, end = kb.ArrowDown, kb.ArrowUp, kb.Home, kb.End
	me.Keys(down)
	if focus() != "host1.bad1[.]com" || state() != "-xxxxx" {
		t.Errorf("at %s, %s", focus(), state())
	}
	me.Keys(down + " ")
	if focus() != "host2.bad2[.]com" || state() != "-x-xxx" {
		t.Errorf("at %s, %s", focus(), state())
	}
	me.Keys(up + end)
	last := focus()
	me.Keys(home)
	if one := focus(); one == last || one == "" {
		t.Errorf("from %q to %q", last, one)
	}
	before := browsertest.Eval[string](me.Window, `document.querySelector("[data-total]").textContent`)
	me.click("#kind-domain button[name=none]")
	if state() != "------" || me.Has("#kind-domain input[name=on]:checked") || browsertest.Eval[string](me.Window, `document.querySelector("[data-total]").textContent`) == before {
		t.Error("none of a kind")
	}
	me.Type(".filter", "host7. bad0")
	if n := browsertest.Eval[int](me.Window, `[...document.querySelectorAll(".kind li")].filter(e => e.getClientRects().length).length`); n < 1 || n > 3 {
		t.Errorf("the filter shows %d rows", n)
	}
	me.click("#kind-domain button[name=all]")
	me.Until(`document.querySelectorAll("#kind-domain input[name=on]:checked").length < 4`)
	me.click(".filter")
	me.Keys(kb.Escape)
	browsertest.Eval[string](me.Window, `(() => { const [a, , , d] = document.querySelectorAll("#kind-domain input[name=on]"); a.click(); d.dispatchEvent(new MouseEvent("click", {shiftKey: true, bubbles: true})); return "" })()`)
	if state() != "xxxx--" {
		t.Errorf("with shift: %s", state())
	}
}

// nothingTypedIsLost: by a reload, by going away and coming back; but when somebody signs out.
func nothingTypedIsLost(t *testing.T, b *browsertest.Browser) {
	w := newWorld(t)
	w.put(store.Self, w.indicator())
	p := w.person("analyst")
	me := p.opens(b)
	me.Go("/author")
	me.paste(many())
	me.Go("/partners")
	me.Go("/author")
	if got := me.Value("#text"); !strings.HasPrefix(got, "0: host0[.]bad0[.]com") {
		t.Fatalf("%.50q is left of the text", got)
	}
	me.Wait("[data-restored]")
	me.follow("#find")
	me.Wait("#found-head")
	one := me.box("host3.bad3[.]com")
	me.click(one)
	me.Type("#title", "Typed")
	me.click(`input[name=tlp][value=amber]`)
	key := browsertest.Eval[string](me.Window, `document.querySelector("[name=key]").value`)
	me.Go("/partners")
	me.Go("/author")
	me.follow("#find")
	me.Wait("#found-head")
	if me.checked(one) || me.Value("#title") != "Typed" || !me.checked(`input[name=tlp][value=amber]`) {
		t.Errorf("checked: %v, title %q", me.checked(one), me.Value("#title"))
	}
	if got := browsertest.Eval[string](me.Window, `document.querySelector("[name=key]").value`); got != key {
		t.Error("it is another draft")
	}
	browsertest.Eval[string](me.Window, `location.reload(), ""`)
	me.Until(`document.readyState === "complete" && document.querySelector("#title")?.value === "Typed"`)

	me.Go("/author/edit?object=" + indicatorID)
	me.Type("#f-name", "Unfinished")
	me.Go("/author/edit?object=" + indicatorID)
	if got := me.Value("#f-name"); got != "Unfinished" {
		t.Errorf("the new version: %q", got)
	}
	me.follow(`button[value=save]`)
	me.WaitPath("/author/done")
	me.Go("/author/edit?object=" + indicatorID)
	if me.Has("[data-restored]:not([hidden])") {
		t.Error("what was submitted is kept")
	}

	me.Go("/author")
	me.paste("198.18.0[.]1")
	me.follow(`form[action="/sign-out"] button`)
	if n := browsertest.Eval[int](me.Window, `Object.keys(sessionStorage).filter(k => k.startsWith("keep ")).length`); n != 0 {
		t.Errorf("%d things are kept after signing out", n)
	}
}
