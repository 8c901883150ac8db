package browsertest

import "strings"

// Enrol does what somebody does who was given a one-time link: opens it, and sets up a passkey on an authenticator of the window's own. It ends on the
// first page, signed in. The name is for the first administrator; others have theirs.
func (w *Window) Enrol(link, name string) {
	w.t.Helper()
	w.OpenLink(link, name)
	w.Authenticator()
	w.Click(`form[data-passkey="create"] button`)
	w.WaitPath("/")
}

// OpenLink opens a one-time link, and goes on to where credentials are set up.
func (w *Window) OpenLink(link, name string) {
	w.t.Helper()
	path, ok := strings.CutPrefix(link, w.base)
	if !ok {
		w.t.Fatalf("the link %s leads elsewhere than to %s", link, w.base)
	}
	w.Go(path)
	w.Wait(`form[action="/welcome/open"] button`)
	if name != "" {
		w.Type("#name", name)
	}
	w.Follow(`form[action="/welcome/open"] button`)
	w.WaitPath("/welcome/credentials")
}

// SignIn signs in with the passkey that Enrol has set up.
func (w *Window) SignIn() {
	w.t.Helper()
	w.Go("/sign-in")
	w.Click(`form[data-passkey="get"] button`)
	w.WaitPath("/")
}

// SignOut signs out.
func (w *Window) SignOut() {
	w.t.Helper()
	w.Follow(`form[action="/sign-out"] button`)
	w.WaitPath("/sign-in")
}
