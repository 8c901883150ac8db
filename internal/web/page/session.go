package page

import (
	"net/http"
	"net/url"
	"time"
)

// cookieName is the session's.
func (s *Site) cookieName() string { return s.hidden("session") }

// hidden is what a cookie is called that scripts do not see. A browser takes __Host- only by TLS, for this host alone.
// Cookies know no ports: of several nodes on one machine each has names of its own.
func (s *Site) hidden(name string) string {
	if s.Short != "" {
		name += "-" + s.Short
	}
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// SignedIn puts a session's secret into the browser. It ends with the session at the latest.
func (r *Request) SignedIn(secret string, until time.Time) { r.Keep("session", secret, until) }

// SignedOut takes it away.
func (r *Request) SignedOut() { r.Forget("session") }

// ChooseLanguage keeps the language of a reader who is not signed in.
func (r *Request) ChooseLanguage(lang string) {
	r.setCookie(languageCookie, lang, r.Site.Now().AddDate(1, 0, 0), false)
}

// Keep keeps something in this browser, out of the sight of scripts, until some time.
func (r *Request) Keep(name, value string, until time.Time) {
	r.setCookie(r.Site.hidden(name), value, until, true)
}

// Forget takes away what was kept under a name.
func (r *Request) Forget(name string) { r.setCookie(r.Site.hidden(name), "", time.Unix(1, 0), true) }

// Kept is what was kept under a name, "" if nothing was.
func (r *Request) Kept(name string) string {
	if c, err := r.Cookie(r.Site.hidden(name)); err == nil {
		return c.Value
	}
	return ""
}

func (r *Request) setCookie(name, value string, until time.Time, hidden bool) {
	http.SetCookie(r.ResponseWriter, &http.Cookie{
		Name: name, Value: value, Path: "/", Expires: until, Secure: r.Site.Secure, HttpOnly: hidden, SameSite: http.SameSiteLaxMode,
	})
}

// Secret is that of the session, "" if there is none.
func (r *Request) Secret() string { return r.Kept("session") }

func escapeQuery(s string) string { return url.QueryEscape(s) }
