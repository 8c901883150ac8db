package browsertest

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

//go:embed sound.js
var sound string

// Sound demands of the page what every page has to have: that it is no wider than the window, that each field and button has a name for
// a screen reader, that texts stand out from what is behind them, and one heading of the first rank.
func (w *Window) Sound() {
	w.t.Helper()
	for _, wrong := range Eval[[]string](w, sound) {
		w.t.Errorf("%s: %s", w.Address(), wrong)
	}
}

// Shot keeps a picture of the whole page, where pictures are wanted, and demands that it is [Window.Sound].
func (w *Window) Shot(name string) {
	w.t.Helper()
	w.Sound()
	w.keep(name, 0)
}

// look is one way in which a page is read.
type look struct {
	dark  bool
	width int
}

var looks = [...]look{{false, 1280}, {true, 390}, {false, 390}, {true, 1280}}

// Shots is Shot in all the ways in which a page is read: wide and narrow, light and dark; where no pictures are wanted two suffice, which differ
// in both. It leaves the window wide and light.
func (w *Window) Shots(name string) {
	w.t.Helper()
	ways := looks[:]
	if os.Getenv("WAGASA_SHOTS") == "" {
		ways = looks[:2]
	}
	for _, l := range ways {
		w.Dark(l.dark)
		w.Width(l.width)
		w.Sound()
		colours := ""
		if l.dark {
			colours = "-dark"
		}
		w.keep(name+colours, l.width)
	}
	w.Dark(false)
	w.Width(1280)
}

// keep writes a picture, where they are wanted. Its name has the page's language in it.
func (w *Window) keep(name string, width int) {
	w.t.Helper()
	folder := os.Getenv("WAGASA_SHOTS")
	if folder == "" {
		return
	}
	lang, err := chromedp.Run(w.ctx, chromedp.Evaluate[string]("document.documentElement.lang || 'none'"))
	if err != nil {
		w.t.Logf("no picture of %s: %v", name, err)
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	file := name + "-" + lang
	if width > 0 {
		file += fmt.Sprintf("-%d", width)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(file, "/", "-")+".png"), picture, 0o644)
	}
	if err != nil {
		w.t.Logf("no picture of %s: %v", name, err)
	}
}
