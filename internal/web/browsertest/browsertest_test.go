package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pages are what the windows below look at.
var pages = map[string]string{
	"good": `<h1>Good</h1><label for="a">Name</label><input id="a"><button>Go on</button><img src="/dot" alt="">`,
	"bad": `<h1>One</h1><h1>Two</h1><input name="nameless"><button></button><img src="/dot"><p id="same"></p><p id="same"></p>
		<p class="faint">can hardly be read</p><div class="wide">wide</div><p style="color:red">inline</p>`,
	"moving":  `<h1>Moving</h1><a href="/good" id="on">on</a>`,
	"failing": `<h1>Failing</h1><script src="/failing.js"></script>`,
	"outside": `<h1>Outside</h1><img src="http://outside.example/x.png" alt="x">`,
}

func serve(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[strings.TrimPrefix(r.URL.Path, "/")]
		switch {
		case r.URL.Path == "/failing.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, "nothing.there()")
		case r.URL.Path == "/sheet.css":
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, ".faint { color: #999 } .wide { width: 3000px }")
		case ok:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src * data:")
			fmt.Fprintf(w, `<!DOCTYPE html><html lang="%s"><meta charset="utf-8"><title>T</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/sheet.css"><body>%s`,
				strings.Split(r.Header.Get("Accept-Language"), ",")[0], body)
		default:
			http.Error(w, "there is no such page", http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestWindow(t *testing.T) {
	browser, base := Start(t), serve(t)
	t.Run("a page without faults", func(t *testing.T) {
		t.Setenv("WAGASA_SHOTS", t.TempDir())
		w := browser.Open(t, base)
		w.Lang("ja")
		if status := w.Go("/good"); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		w.Type("#a", "和傘")
		if got := w.Value("#a"); got != "和傘" {
			t.Errorf("%q", got)
		}
		w.Shots("good")
		for _, file := range []string{"good-ja-1280.png", "good-ja-390.png", "good-dark-ja-1280.png", "good-dark-ja-390.png"} {
			if b, err := os.ReadFile(filepath.Join(os.Getenv("WAGASA_SHOTS"), file)); err != nil || !strings.HasPrefix(string(b), "\x89PNG") {
				t.Errorf("%s: %d bytes, %v", file, len(b), err)
			}
		}
		if asked := w.Asked(); !slices.Contains(asked, base+"/good") {
			t.Errorf("%v", asked)
		}
		if status := w.Go("/nothing"); status != http.StatusNotFound {
			t.Errorf("status %d", status)
		}
		if wrong := w.watch.all(); len(wrong) > 0 {
			t.Errorf("%v", wrong)
		}
	})
	t.Run("a page with all faults", func(t *testing.T) {
		w := browser.Open(t, base)
		w.Go("/bad")
		found := strings.Join(Eval[[]string](w, sound), "\n")
		for _, want := range []string{"wide in a window of", "2 headings", "a field has no name", "nobody knows", "a picture without words", "an id twice: same", "contrast 2.8", "inline: <p>"} {
			if !strings.Contains(found, want) {
				t.Errorf("%q is not found in\n%s", want, found)
			}
		}
		if wrong := w.take(); len(wrong) != 1 || !strings.Contains(wrong[0], "Content Security Policy") {
			t.Errorf("%q", wrong)
		}
	})
	t.Run("scripts that fail, and what is outside", func(t *testing.T) {
		w := browser.Open(t, base)
		w.Go("/failing")
		w.Go("/outside")
		if wrong := w.take(); len(wrong) != 2 || !strings.Contains(wrong[0], "nothing is not defined") || !strings.Contains(wrong[1], "outside.example") {
			t.Errorf("%q", wrong)
		}
	})
	t.Run("windows know nothing of each other", func(t *testing.T) {
		one, other := browser.Open(t, base), browser.Open(t, base)
		one.Go("/moving")
		other.Go("/good")
		Eval[string](one, `document.cookie = "a=b"`)
		if len(one.Cookies()) != 1 || len(other.Cookies()) != 0 {
			t.Errorf("%v, %v", one.Cookies(), other.Cookies())
		}
		if status := one.Follow("#on"); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		one.WaitPath("/good")
		if one.Text("h1") != "Good" || one.Has("#on") {
			t.Errorf("%s", one.Address())
		}
	})
}

// take returns what was noted so far, and forgets it.
func (w *Window) take() []string {
	all := w.watch.all()
	w.watch.mu.Lock()
	defer w.watch.mu.Unlock()
	w.watch.wrong = nil
	return all
}
