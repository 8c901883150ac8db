package page

import (
	"net/http"
	"net/url"
	"time"
)

// cookieName is the session's. A browser takes __Host- only by TLS, for this host alone.
func (s *Site) cookieName() string {
	if s.Secure {
		return "__Host-session"
	}
	return "session"
}

// SignedIn puts a session's secret into the browser. It ends with the session at the latest.
func (r *Request) SignedIn(secret string, until time.Time) {
	r.setCookie(r.Site.cookieName(), secret, until, true)
}

// SignedOut takes it away.
func (r *Request) SignedOut() { r.setCookie(r.Site.cookieName(), "", time.Unix(1, 0), true) }

// ChooseLanguage keeps the language of a reader who is not signed in.
func (r *Request) ChooseLanguage(lang string) {
	r.setCookie(languageCookie, lang, r.Site.Now().AddDate(1, 0, 0), false)
}

func (r *Request) setCookie(name, value string, until time.Time, hidden bool) {
	http.SetCookie(r.ResponseWriter, &http.Cookie{
		Name: name, Value: value, Path: "/", Expires: until, Secure: r.Site.Secure, HttpOnly: hidden, SameSite: http.SameSiteLaxMode,
	})
}

// Secret is that of the session, "" if there is none.
func (r *Request) Secret() string {
	if c, err := r.Cookie(r.Site.cookieName()); err == nil {
		return c.Value
	}
	return ""
}

func escapeQuery(s string) string { return url.QueryEscape(s) }
