package accounts_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/browsertest"
)

// TestBrowser: a new user opens the link, sets up how to sign in, signs out and in; in a real browser, in both languages.
func TestBrowser(t *testing.T) {
	browser := browsertest.Start(t)
	t.Run("passkey", func(t *testing.T) {
		w := newWorld(t)
		secret := w.link()
		b := browser.Open(t, w.origin)
		b.Enrol(w.origin+"/welcome#"+secret, "Admin")
		for _, address := range b.Asked() {
			if strings.Contains(address, secret) {
				t.Errorf("the secret went into an address: %s", address)
			}
		}
		if at := b.Address(); at != w.origin+"/" {
			t.Errorf("at %s", at)
		}
		if n := browsertest.Eval[int](b, "history.length"); n > 6 {
			t.Errorf("%d steps", n)
		}
		old := b.Cookies()["session"]
		if old == nil || !old.HTTPOnly {
			t.Fatalf("%+v", b.Cookies())
		}
		if seen := browsertest.Eval[string](b, "document.cookie"); strings.Contains(seen, "session") {
			t.Errorf("scripts see %q", seen)
		}
		b.SignOut()
		w.dead(old.Value)
		b.SignIn()
		if got := b.Text(".person"); got != "Admin" {
			t.Errorf("signed in as %q", got)
		}
		// A second passkey on the same authenticator is refused by it, in words.
		b.Go("/accounts")
		b.Click(`form[data-passkey="create"] button`)
		b.Until(`document.querySelector("[data-say]").textContent.includes("already")`)
		// One whose owner says no.
		b.Go("/sign-in")
		browsertest.Eval[bool](b, `(navigator.credentials.get = () => Promise.reject(new DOMException("no", "NotAllowedError")), true)`)
		b.Click(`form[data-passkey="get"] button`)
		b.Until(`document.querySelector("[data-say]").textContent.includes("cancelled")`)
	})
	t.Run("password, in Japanese", func(t *testing.T) {
		w := newWorld(t)
		b := browser.Open(t, w.origin)
		b.Lang("ja")
		b.OpenLink(w.origin+"/welcome#"+w.link(), "山田 花子")
		b.Type("#new-password", password)
		b.Type("#again", password)
		b.Follow(`form[action="/accounts/password"] button`)
		app := b.Value(`input[name="uri"]`)
		for _, dark := range []bool{false, true} {
			b.Dark(dark)
			if got := b.ReadQR("svg.qr"); got != app {
				t.Errorf("the code says %q, the app is set up with %q", got, app)
			}
		}
		b.Dark(false)
		b.Type("#code", "000000")
		if status := b.Follow(`form[action="/accounts/code/confirm"] button`); status != 400 || !strings.Contains(b.Text("#problem"), "一致しません") {
			t.Errorf("status %d: %s", status, b.Text("#problem"))
		}
		b.Type("#code", browsertest.Code(t, app, w.clock.now()))
		b.Follow(`form[action="/accounts/code/confirm"] button`)
		b.WaitPath("/")
		b.SignOut()
		b.Type("#name", "山田 花子")
		b.Type("#password", password)
		w.clock.pass(30 * time.Second)
		b.Type("#code", browsertest.Code(t, app, w.clock.now()))
		b.Follow(`form[action="/sign-in"] button`)
		b.WaitPath("/")
		if got := b.Text(".person"); got != "山田 花子" {
			t.Errorf("signed in as %q", got)
		}
	})
	t.Run("keyboard alone", func(t *testing.T) {
		w := newWorld(t)
		b := browser.Open(t, w.origin)
		b.Go("/sign-in")
		var order []string
		for range 14 {
			b.Keys("\t")
			order = append(order, browsertest.Eval[string](b, `(document.activeElement.id || document.activeElement.textContent.trim().slice(0, 30))`))
			if !browsertest.Eval[bool](b, `(() => { const e = document.activeElement, s = getComputedStyle(e); return e === document.body || parseFloat(s.outlineWidth) >= 2 && s.outlineStyle !== "none"; })()`) {
				t.Errorf("the focus cannot be seen on %q", order[len(order)-1])
			}
		}
		for _, want := range []string{"To the content", "日本語", "Sign in with a passkey", "name", "password", "code", "Sign in"} {
			if !strings.Contains(strings.Join(order, "|"), want) {
				t.Errorf("%q is not reached: %q", want, order)
			}
		}
	})
	t.Run("every page", func(t *testing.T) { everyPage(t, browser) })
}

// everyPage looks at each page, wide and narrow, light and dark; in both languages where pictures are wanted.
func everyPage(t *testing.T, browser *browsertest.Browser) {
	langs := locale.Langs[:]
	if os.Getenv("WAGASA_SHOTS") == "" {
		langs = []locale.Lang{locale.Japanese}
	}
	for _, lang := range langs {
		p := newProvider(t)
		w := newWorld(t, p.setting())
		b := browser.Open(t, w.origin)
		b.Lang(string(lang))
		b.Go("/welcome")
		b.Shots("welcome")
		b.Go("/sign-in")
		b.Shots("sign-in")
		b.Type("#name", "Admin")
		b.Type("#password", "wrong password here")
		b.Type("#code", "000000")
		b.Follow(`form[action="/sign-in"] button`)
		b.Shots("sign-in-failed")
		b.Go("/welcome#" + w.link())
		b.Wait("#name")
		b.Shots("welcome-first")
		b.Type("#name", map[locale.Lang]string{locale.English: "Hanako Yamada", locale.Japanese: "山田 花子"}[lang])
		b.Follow(`form[action="/welcome/open"] button`)
		b.Shots("enrol")
		b.Type("#new-password", password)
		b.Type("#again", password)
		b.Follow(`form[action="/accounts/password"] button`)
		app := b.Value(`input[name="uri"]`)
		b.Shots("code")
		b.Type("#code", browsertest.Code(t, app, w.clock.now()))
		b.Follow(`form[action="/accounts/code/confirm"] button`)
		b.WaitPath("/")
		b.Authenticator()
		b.Go("/accounts")
		b.Click(`form[data-passkey="create"] button`)
		b.Until(`document.querySelector('form[action="/accounts/passkey/remove"]') !== null`)
		other := w.visitor()
		other.key = w.somebody("Taro Suzuki (watch of the night)", account.Analyst, account.WatchOfficer, account.ReleaseOfficer, account.CovenantSigner).key
		w.somebody("鈴木 太郎", account.Administrator, account.Auditor)
		for i := range 12 {
			_, err := w.Add(t.Context(), account.Console("console"), account.Newcomer{Name: fmt.Sprint("service-", i), Kind: account.KindService, Lang: lang})
			w.must(err)
		}
		b.Go("/accounts")
		b.Shots("mine")
		b.Go("/accounts/people")
		b.Shots("people")
		b.Type("#name", "Sato")
		b.Follow(`form[action="/accounts/people/invite"] button`)
		b.Shots("people-refused")
		b.Go("/accounts/people")
		b.Type("#name", "佐藤 次郎")
		b.Click(`input[value="analyst"]`)
		b.Follow(`form[action="/accounts/people/invite"] button`)
		b.Shots("link")
		taro := w.id("Taro Suzuki (watch of the night)")
		w.must(w.LinkIdentity(t.Context(), account.Console("console"), taro, "7c9e6679-7425-40de-944b-e07fc1f90ae7"))
		b.Go("/accounts/people/" + taro)
		b.Shots("person")
		b.Type("#reason", map[locale.Lang]string{locale.English: "Lost the telephone with the passkey", locale.Japanese: "パスキーの入った端末を紛失したため"}[lang])
		b.Follow(`form[action$="/recover"] button`)
		b.Shots("recovery-own")
		b.Go("/accounts/people/" + w.id("service-3"))
		b.Type("#token-name", "siem")
		b.Follow(`form[action$="/token"] button`)
		b.Shots("token")
		b.Go("/accounts/people/" + w.id("service-3"))
		b.Shots("service")
		b.Go("/accounts/audit")
		b.Shots("audit")
		b.Go("/accounts/nothing")
		b.Shots("nothing")
	}
}
