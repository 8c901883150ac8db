package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch notes what no page may do.
type watch struct {
	base  string
	mu    sync.Mutex
	wrong []string
	asked []string // addresses that were asked for
}

// event takes what the browser tells. It is called for one event after the other.
func (w *watch) event(ev any) {
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		w.request(ev.Request.URL)
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if e := ev.ExceptionDetails.Exception; e != nil {
			text += " " + e.Description
		}
		w.note("a script failed: " + text)
	case *cdplog.EventEntryAdded:
		if e := ev.Entry; e.Level == cdplog.EntryLevelError && e.Source != cdplog.EntrySourceNetwork { // what has a status is the test's affair
			w.note(fmt.Sprintf("%s: %s", e.Source, e.Text))
		}
	}
}

// request notes what is asked of somebody else.
func (w *watch) request(url string) {
	w.mu.Lock()
	w.asked = append(w.asked, url)
	w.mu.Unlock()
	for _, inside := range []string{w.base + "/", "data:", "about:", "blob:"} {
		if strings.HasPrefix(url, inside) {
			return
		}
	}
	w.note("it asks elsewhere: " + url)
}

func (w *watch) note(wrong string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.wrong) < 20 {
		w.wrong = append(w.wrong, wrong)
	}
}

func (w *watch) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.wrong)
}

// Asked is every address that the window has asked for so far, in this order.
func (w *Window) Asked() []string {
	w.watch.mu.Lock()
	defer w.watch.mu.Unlock()
	return slices.Clone(w.watch.asked)
}
