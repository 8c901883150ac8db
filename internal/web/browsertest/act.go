package browsertest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Lang says which language the window's owner reads, "en" or "ja", as a browser tells it.
func (w *Window) Lang(lang string) {
	w.t.Helper()
	headers := map[string]any{"Accept-Language": lang}
	if _, err := chromedp.Call(w.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers}); err != nil {
		w.fail("language "+lang, err)
	}
}

// Go opens a page of the node, by its path, and returns the status of the answer.
func (w *Window) Go(path string) int {
	w.t.Helper()
	return w.status("go to "+path, chromedp.Navigate(w.base+path))
}

// Follow clicks on what leads to another page, such as a link or the button of a form, and returns the status of the answer.
func (w *Window) Follow(css string) int {
	w.t.Helper()
	return w.status("follow "+css, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
}

func (w *Window) status(what string, step chromedp.Action[chromedp.Void]) int {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		w.fail(what, err)
	}
	if answer == nil {
		return 0
	}
	return int(answer.Status)
}

// Click clicks on what leads nowhere else.
func (w *Window) Click(css string) {
	w.t.Helper()
	w.do("click on "+css, chromedp.Click(chromedp.CSS(css), chromedp.NodeVisible))
}

// Type types into a field, in place of what it held.
func (w *Window) Type(css, text string) {
	w.t.Helper()
	w.do("type into "+css, chromedp.Clear(chromedp.CSS(css), chromedp.NodeVisible), chromedp.SendKeys(chromedp.CSS(css), text))
}

// Choose chooses a value of a list.
func (w *Window) Choose(css, value string) {
	w.t.Helper()
	w.do("choose in "+css, chromedp.SetValue(chromedp.CSS(css), value))
}

// Keys presses keys, wherever the focus is; "\t" goes on to what has it next.
func (w *Window) Keys(keys string) {
	w.t.Helper()
	w.do("press keys", chromedp.KeyEvent(keys))
}

// Wait waits until something can be seen.
func (w *Window) Wait(css string) {
	w.t.Helper()
	w.do("wait for "+css, chromedp.WaitVisible(chromedp.CSS(css)))
}

// WaitPath waits until the window is at a page, by its path, and the page is there.
func (w *Window) WaitPath(path string) {
	w.t.Helper()
	want, _ := json.Marshal(path) // a string
	w.Until(`location.pathname === ` + string(want) + ` && document.readyState === "complete"`)
}

// Until waits until an expression of JavaScript holds, on whichever page the window is then.
func (w *Window) Until(expression string) {
	w.t.Helper()
	w.do("wait until "+expression, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for {
			ok, err := chromedp.Evaluate[bool](expression)(ctx, t)
			if err == nil && ok {
				return nil
			}
			if _, err := chromedp.Sleep(pollEvery)(ctx, t); err != nil { // a page that goes away answers with an error, and the next one is asked
				return err
			}
		}
	}))
}

// Text is what can be read in an element. It waits for it.
func (w *Window) Text(css string) string {
	w.t.Helper()
	return strings.TrimSpace(run(w, "read "+css, chromedp.Text(chromedp.CSS(css), chromedp.NodeVisible)))
}

// Value is what a field holds.
func (w *Window) Value(css string) string {
	w.t.Helper()
	return run(w, "value of "+css, chromedp.Value(chromedp.CSS(css)))
}

// Has reports whether the page has something now.
func (w *Window) Has(css string) bool {
	w.t.Helper()
	selector, _ := json.Marshal(css) // a string
	return Eval[bool](w, "document.querySelector("+string(selector)+") !== null")
}

// Eval is what an expression of JavaScript is on the page.
func Eval[T any](w *Window, expression string) T {
	w.t.Helper()
	return run(w, "evaluate "+expression, chromedp.Evaluate[T](expression))
}

// Address is where the window is.
func (w *Window) Address() string {
	w.t.Helper()
	return run(w, "address", chromedp.Location())
}

// Cookies are those of the window, by name.
func (w *Window) Cookies() map[string]*network.Cookie {
	w.t.Helper()
	result, err := chromedp.Call(w.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		w.fail("cookies", err)
	}
	all := map[string]*network.Cookie{}
	for _, c := range result.Cookies {
		all[c.Name] = c
	}
	return all
}
