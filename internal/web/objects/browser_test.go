package objects_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/browsertest"
)

// enter opens a window in which the visitor is signed in.
func (v *visitor) enter(b *browsertest.Browser) *browsertest.Window {
	v.Helper()
	window := b.Open(v, v.origin)
	window.Lang(v.lang)
	window.Go("/enter/" + v.secret)
	return window
}

// TestBrowser is the search and an object as people use them: results while typing, filters, back, live, the graph.
func TestBrowser(t *testing.T) {
	browser := browsertest.Start(t)
	w := scene(t)
	for i := range 60 {
		w.take(w.jpn, object(id("tool", 100+i), fmt.Sprintf("2026-03-%02dT00:00:00.000Z", 1+i%28), map[string]any{"name": fmt.Sprintf("umbrella %d", i)}))
	}
	w.follow()
	for _, lang := range locale.Langs {
		window := w.visitor(lang, account.Analyst, account.WatchOfficer).enter(browser)
		window.WaitPath("/objects")
		window.Shots("objects")
		window.Click(".search-aids details:nth-of-type(1) summary")
		window.Click(".search-aids details:nth-of-type(2) summary")
		window.Shots("objects-aids")
		window.Type("#q", "電力会社")
		window.Until(`document.querySelectorAll("#hits tbody tr").length === 1`)
		if at := window.Address(); !strings.Contains(at, "?q=%E9%9B%BB") {
			t.Errorf("the address is %s: a reload would lose the search", at)
		}
		window.Shots("objects-search")
		browsertest.Eval[bool](window, `(q => { q.value = ""; return q.dispatchEvent(new Event("input", { bubbles: true })); })(document.getElementById("q"))`) // as the field's own × does
		window.Until(`document.querySelectorAll("#hits tbody tr").length === 20`)
		before := window.Text("#hits .big")
		w.take(w.jpn, object(id("campaign", len(lang)+int(lang[0])), fmt.Sprintf("2026-04-09T00:00:%02d.000Z", lang[0]/2), map[string]any{"name": "LIVE " + string(lang)}))
		w.follow()
		window.Until(`document.querySelector("#hits tbody tr").innerText.includes("LIVE ` + string(lang) + `")`)
		if after := window.Text("#hits .big"); after == before {
			t.Error("the count stays: ", after)
		}
		window.Go("/objects/" + indicator)
		window.Shots("object")
		said := "said in " + string(lang)
		w.take(w.jpn, object(id("note", int(lang[0])), second, map[string]any{"content": said, "object_refs": []string{indicator}}))
		w.follow()
		window.Until(`document.getElementById("answers").innerText.includes("` + said + `")`) // without loading the page anew
		window.Follow(`a[href$="?view=graph"]`)
		window.Until(`document.getElementById("graph").dataset.drawn > 5`)
		window.Shots("object-graph")
		window.Go("/objects/" + sighting)
		window.Shots("object-received")
		if lang == locale.English {
			window.Click("#now form button")
			window.Until(`!document.querySelector("#now form")`)
		}
		window.Go("/objects/" + broken)
		window.Shots("object-quarantined")
	}
}
