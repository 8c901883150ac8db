package page

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
)

// policy is the content security policy: only what this site serves, nothing inline, nowhere else. Styles are files too.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Handler answers all routes, each only to whom its action is allowed.
func (s *Site) Handler(routes []Route) http.Handler {
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.Handle(route.Method+" "+route.Path, s.route(route))
	}
	mux.Handle("/", s.route(Route{Handle: func(*Request) error { return Refusal(fault.NotFound, "problem.no-page") }}))
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(s.route(Route{Handle: func(*Request) error { return Refusal(fault.Denied, "problem.cross-origin") }}))
	return headers(s.here(own.Handler(mux)), s.Secure)
}

// here answers only who asks for this node by a name that it has. A page elsewhere whose name was made to lead here (DNS rebinding) would
// otherwise be the same origin to a browser.
func (s *Site) here(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.knows(r.Host) {
			http.Error(w, locale.Text(s.language(r), "problem.misdirected"), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// knows reports whether a Host header names this node.
func (s *Site) knows(header string) bool {
	host := hostOf("//" + header)
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	return host != "" && (host == hostOf(s.Origin) || s.Known != nil && s.Known(host))
}

// hostOf is the host of an address, without its port, in lower case; "" where there is none, or where it is not written plainly.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || strings.Contains(u.Host, "%") || strings.Count(u.Host, ":") > 1 && u.Host[0] != '[' {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// headers are those of every answer.
func headers(next http.Handler, secure bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Site) route(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		most := route.Most
		if most == 0 {
			most = MostForm
		}
		hr.Body = http.MaxBytesReader(w, hr.Body, most)
		r := &Request{Request: hr, ResponseWriter: w, Site: s}
		err := s.admit(r, route.Action)
		if err == nil {
			err = r.readForm()
		}
		if err == nil {
			err = route.Handle(r)
		}
		if err != nil {
			s.fail(r, err)
		}
	})
}

// readForm reads a form that was sent, so that one that is too large or broken is not taken for an empty one.
func (r *Request) readForm() error {
	kind, _, _ := mime.ParseMediaType(r.Request.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" {
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", Refusal(fault.Invalid, "problem.form"), err)
	}
	return nil
}

// admit finds the session and holds it against what the route demands.
func (s *Site) admit(r *Request, action account.Action) error {
	r.Lang = s.language(r.Request)
	if c, err := r.Cookie(s.cookieName()); err == nil {
		session, err := s.Accounts.Session(r.Context(), c.Value)
		switch {
		case err == nil:
			r.Session = session
			if lang := session.Account.Lang; lang == locale.English || lang == locale.Japanese {
				r.Lang = lang
			}
		case fault.Of(err) != fault.Denied && fault.Of(err) != fault.NotFound:
			return err
		}
	}
	switch {
	case r.May(action):
		return nil
	case r.Session == nil:
		return errSignIn
	case r.Session.Enrolling():
		return errEnrol
	}
	return Refusal(fault.Denied, "problem.may-not")
}

// languageCookie is the language that a reader chose before signing in.
const languageCookie = "lang"

// language is that of a reader who is not signed in.
func (s *Site) language(r *http.Request) locale.Lang {
	if c, err := r.Cookie(languageCookie); err == nil && (c.Value == string(locale.English) || c.Value == string(locale.Japanese)) {
		return locale.Lang(c.Value)
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch tag, _, _ := strings.Cut(strings.TrimSpace(part), ";"); {
		case strings.HasPrefix(tag, "ja"):
			return locale.Japanese
		case strings.HasPrefix(tag, "en"):
			return locale.English
		}
	}
	return locale.English
}

// Render answers with a page: the template of that name within the frame of all pages, or by itself where a part was asked for.
func (r *Request) Render(name string, data any) error { return r.render(http.StatusOK, name, data) }

func (r *Request) render(code int, name string, data any) error {
	var out bytes.Buffer
	if err := r.Site.Renderer.render(&out, r, name, data); err != nil {
		if code == http.StatusOK {
			return err
		}
		http.Error(r.ResponseWriter, http.StatusText(code), code)
		return err
	}
	r.ResponseWriter.Header().Set("Content-Type", "text/html; charset=utf-8")
	return r.write(code, out.Bytes())
}

// RawJSON answers a script of ours with JSON that was made elsewhere.
func (r *Request) RawJSON(code int, body []byte) error {
	r.ResponseWriter.Header().Set("Content-Type", "application/json")
	return r.write(code, body)
}

// File answers with something to keep. The name is a plain one of our own.
func (r *Request) File(name, kind string, body []byte) error {
	h := r.ResponseWriter.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return r.write(http.StatusOK, body)
}

// JSON answers with data for a script of ours. What the data says is foreign text: the script must not make markup of it.
func (r *Request) JSON(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	r.ResponseWriter.Header().Set("Content-Type", "application/json; charset=utf-8")
	return r.write(http.StatusOK, body)
}

const leastPacked = 1024 // bytes below which packing gains nothing

// write writes an answer, packed where the reader takes that.
func (r *Request) write(code int, body []byte) error {
	h := r.ResponseWriter.Header()
	h.Add("Vary", "Accept-Encoding, HX-Request, Cookie")
	if len(body) < leastPacked || !strings.Contains(r.Request.Header.Get("Accept-Encoding"), "gzip") {
		r.WriteHeader(code)
		_, err := r.ResponseWriter.Write(body)
		return ignoreGone(r, err)
	}
	h.Set("Content-Encoding", "gzip")
	r.WriteHeader(code)
	z, _ := gzip.NewWriterLevel(r.ResponseWriter, gzip.BestSpeed) // a known level: no error
	_, err := z.Write(body)
	return ignoreGone(r, errors.Join(err, z.Close()))
}

// ignoreGone drops the error of an answer that nobody reads any more; after its head was written nothing else can be answered.
func ignoreGone(r *Request, err error) error {
	if err != nil {
		r.Site.Log.Debug("web: the reader is gone", "path", r.URL.Path, "error", err)
	}
	return nil
}
