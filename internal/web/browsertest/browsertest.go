// Package browsertest lets tests look at the node's pages with a real browser: Debian's chromium, without a window, driven by the DevTools
// protocol. It starts the browser, opens windows that know nothing of each other (each has cookies and passkeys of its own), and does what a
// person does: go somewhere, type, click, wait until something is there. What goes wrong ends the test, with a picture of the page where
// pictures are wanted.
//
// Each window watches over what holds for every page: nothing is fetched from elsewhere, the content security policy is not broken, and no script
// fails. Whoever opens a window hears of that when its test ends.
//
// A test skips where there is no chromium, and fails for that where CI=true. With WAGASA_SHOTS=folder pictures are kept there.
//
// A Browser may be used by many goroutines, a [Window] by one at a time.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// patience is how long a window waits for something to come about. The machine may be busy; what takes this long is broken.
const patience = 60 * time.Second

// pollEvery is how often a page is asked.
const pollEvery = 20 * time.Millisecond

// Browser is a running browser.
type Browser struct {
	ctx context.Context
}

// names of the browser, as systems call it.
var names = [...]string{"chromium", "chromium-browser", "google-chrome"}

func find() string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Start starts a browser. It ends with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := find()
	if path == "" {
		const missing = "there is no chromium: install Debian's packages chromium and fonts-noto-cjk (make need-chromium)"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	folder, err := os.MkdirTemp("", "wagasa-browser-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(folder), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-first-run", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1"), // whatever it wants from elsewhere it does not get
	)
	if os.Geteuid() == 0 { // as in a container
		options = append(options, chromedp.NoSandbox)
	}
	allocated, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		closing, stop := context.WithTimeout(ctx, patience)
		defer stop()
		_ = chromedp.Cancel(closing) // it has done its work
		cancel()
		end()
		for range 20 { // its last processes may still write
			if os.RemoveAll(folder) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return &Browser{ctx}
}

// Window is a window of a browser, as of one person.
type Window struct {
	t       testing.TB
	base    string // address of the node, such as http://localhost:8080
	browser *Browser
	ctx     context.Context
	watch   watch
}

// Open opens a window on the pages of a node, in which nobody is signed in. Base is their address, such as http://localhost:8080.
func (b *Browser) Open(t testing.TB, base string) *Window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	w := &Window{t: t, base: base, browser: b, ctx: ctx, watch: watch{base: base}}
	if err := chromedp.Listen(ctx, w.watch.event); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		for _, wrong := range w.watch.all() {
			t.Errorf("window on %s: %s", base, wrong)
		}
	})
	w.Width(1280)
	return w
}

// do runs steps, or ends the test.
func (w *Window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.fail(what, err)
	}
}

// run is do for what has a value.
func run[T any](w *Window, what string, a chromedp.Action[T]) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		w.fail(what, err)
	}
	return v
}

func (w *Window) fail(what string, err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body ? document.body.innerText.slice(0, 2000) : ''"))
	w.keep("failed-"+filepath.Base(w.t.Name()), 0)
	w.t.Fatalf("%s at %s: %v; the page says:\n%s", what, at, err, text)
}

// Width sets how wide the window is, in pixels. 390 is a telephone.
func (w *Window) Width(pixels int) {
	w.t.Helper()
	w.do(fmt.Sprintf("width %d", pixels), chromedp.EmulateViewport(int64(pixels), 900))
}

// Dark switches to the dark colours, or back.
func (w *Window) Dark(on bool) {
	w.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	w.media("", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme})
}

// Print shows pages as they are printed, or back on the screen.
func (w *Window) Print(on bool) {
	w.t.Helper()
	medium := ""
	if on {
		medium = "print"
	}
	w.media(medium)
}

func (w *Window) media(medium string, features ...*emulation.MediaFeature) {
	w.t.Helper()
	if _, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: features}); err != nil {
		w.fail("media", err)
	}
}

// Authenticator gives the window an authenticator for passkeys, as a telephone or computer has one built in, whose owner always agrees.
func (w *Window) Authenticator() {
	w.t.Helper()
	if _, err := chromedp.Call(w.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		w.fail("authenticator", err)
	}
	_, err := chromedp.Call(w.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		w.fail("authenticator", err)
	}
}
