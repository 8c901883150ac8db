package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/browsertest"
)

// TestVisit is the tour in two browsers at once, one at each node: the link is cut on one page and the other page shows it, what is released
// meanwhile waits, and both pages see it arrive once the link is mended. The last step needs no reload: the pages are live.
func TestVisit(t *testing.T) {
	binary := build(t)
	browser := browsertest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	entries, ended, out := make(chan []string, 1), make(chan error, 1), new(bytes.Buffer)
	dir := t.TempDir()
	go func() {
		c := Config{Binary: binary, Dir: dir, Lang: locale.English, In: strings.NewReader(""), Out: io.Writer(out), Columns: 80}
		ended <- Visit(ctx, c, func(list []string) { entries <- list })
	}()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for _, nation := range []string{"JPN", "USA"} {
			if !strings.Contains(out.String(), nation) {
				t.Errorf("the visitor is not told of %s: %s", nation, out)
			}
		}
	}()
	var list []string
	select {
	case list = <-entries:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	case <-time.After(3 * time.Minute):
		t.Fatal("the demo does not begin")
	}
	began := time.Now()
	var windows []*browsertest.Window
	for _, entry := range list {
		u, err := url.Parse(entry)
		if err != nil {
			t.Fatal(err)
		}
		w := browser.Open(t, u.Scheme+"://"+u.Host)
		w.Go(u.Path + "#" + u.Fragment)
		w.Wait(".tour")
		if strings.Contains(w.Address(), u.Fragment) {
			t.Errorf("the key stays in the address")
		}
		windows = append(windows, w)
	}
	jpn, usa := windows[0], windows[1]
	if lang := browsertest.Eval[string](jpn, `document.documentElement.lang`); lang != "ja" {
		t.Errorf("JPN's page is in %q", lang)
	}
	jpn.Shots("tour-jpn")
	usa.Shots("tour-usa")

	jpn.Click(".tour button[value=cut]")
	for _, w := range windows {
		w.Wait(".tour button[value=mend]") // also on the page that did not ask
	}
	side := newSide(binary, dir, "JPN", "")
	var many strings.Builder
	for i := range 12 {
		fmt.Fprintf(&many, `{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z",`+
			`"modified":"2026-01-01T00:00:00.000Z","name":"kasa %d","pattern":"[ipv4-addr:value = '203.0.113.%d']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z",`+
			`"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}`+"\n", i, i, i)
	}
	if _, err := side.load(ctx, "more.jsonl", []byte(many.String()), "R"); err != nil {
		t.Fatal(err)
	}
	holds := func(w *browsertest.Window) string { return w.Text(".tour .big") }
	jpn.Until(`/\b17\b/.test(document.querySelector(".tour .big").textContent)`) // 5 that are held, and 12 that wait
	before := holds(jpn)
	waiting := browsertest.Eval[int](usa, `[...document.querySelectorAll("[data-precedence]")].reduce((n, e) => n + Number(e.textContent.replace(/,/g, "")), 0)`)
	usa.Click(".tour button[value=mend]")
	for _, w := range windows {
		w.Wait(".tour button[value=cut]")
	}
	jpn.Until(`(document.querySelector(".tour .big").textContent.match(/17/g) || []).length === 2`)
	usa.Until(fmt.Sprintf(`[...document.querySelectorAll("[data-precedence]")].reduce((n, e) => n + Number(e.textContent.replace(/,/g, "")), 0) === %d`, waiting+12))
	t.Logf("%q became %q; %d objects to acknowledge at USA became %d, on pages that nobody reloaded; %v after the doors were open",
		before, holds(jpn), waiting, waiting+12, time.Since(began).Round(100*time.Millisecond))
}
