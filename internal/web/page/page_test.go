package page

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
)

// site is one without accounts: nobody is signed in.
func site(t *testing.T) *Site {
	t.Helper()
	r, err := NewRenderer(fstest.MapFS{"a.html": {Data: []byte(
		`{{define "frame"}}<html lang="{{lang}}">{{.Body}}{{end}}{{define "frame/error"}}{{t (print "problem." .Data.Kind)}}: {{.Data.Detail}}{{end}}{{define "form"}}<p>{{.Problem}}</p>{{.Data}}{{end}}`,
	)}})
	if err != nil {
		t.Fatal(err)
	}
	return &Site{Renderer: r, Log: slog.New(slog.DiscardHandler), Now: time.Now}
}

// open are routes that everybody may take.
var open = []Route{
	{Method: "GET", Path: "/", Handle: func(r *Request) error { return r.write(http.StatusOK, []byte("from "+r.From())) }},
	{Method: "POST", Path: "/", Handle: func(r *Request) error { return r.write(http.StatusOK, []byte(r.PostFormValue("a"))) }},
	{Method: "POST", Path: "/refused", Handle: func(r *Request) error {
		return r.Refuse(fault.New(fault.Conflict, "<taken>"), "form", r.PostFormValue("a"))
	}},
	{Method: "POST", Path: "/broken", Handle: func(r *Request) error {
		return r.Refuse(fmt.Errorf("inside"), "form", "")
	}},
	{Method: "GET", Path: "/go", Handle: func(r *Request) error { return r.Redirect(r.Return("/")) }},
	{Method: "GET", Path: "/inside", Action: account.WatchView, Handle: func(r *Request) error { return r.write(http.StatusOK, nil) }},
}

func answer(h http.Handler, r *http.Request) (*http.Response, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	answer := w.Result()
	b, _ := io.ReadAll(answer.Body)
	return answer, string(b)
}

func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// A page whose name was made to lead to this machine asks with that name, and gets nothing.
func TestHosts(t *testing.T) {
	s := site(t)
	s.Origin = "https://Node.example:8443"
	s.Known = func(host string) bool { return host == "other.example" }
	h := s.Handler(open)
	for _, tt := range []struct {
		host string
		code int
	}{
		{"localhost", 200},
		{"localhost:8080", 200},
		{"LOCALHOST:1", 200},
		{"127.0.0.1:8080", 200},
		{"127.8.9.1", 200},
		{"[::1]:8080", 200},
		{"[::ffff:127.0.0.1]:80", 200},
		{"node.example", 200},
		{"NODE.example:443", 200},
		{"other.example:8080", 200},
		{"", 421},
		{"evil.example", 421},
		{"evil.example:8080", 421},
		{"node.example.evil.example", 421},
		{"localhost.evil.example", 421},
		{"evilnode.example", 421},
		{"127.0.0.1.evil.example", 421},
		{"192.0.2.1", 421},
		{"[2001:db8::1]:8080", 421},
		{"localhost@evil.example", 421},
		{"evil.example@localhost", 421},
		{"evil.example/localhost", 421},
		{"evil.example#localhost", 421},
		{"localhost:port", 421},
		{"0.0.0.0", 421},
	} {
		for _, method := range []string{"GET", "POST"} {
			r := request(method, "/", "")
			r.Host = tt.host
			answer, body := answer(h, r)
			if answer.StatusCode != tt.code {
				t.Errorf("%s with host %q: status %d, want %d", method, tt.host, answer.StatusCode, tt.code)
			}
			if tt.code == 421 && strings.Contains(body, "from") {
				t.Errorf("host %q is answered: %s", tt.host, body)
			}
			if answer.Header.Get("Content-Security-Policy") == "" || answer.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("host %q: headers %v", tt.host, answer.Header)
			}
		}
	}
	r := request("GET", "/", "")
	r.Host = "evil.example"
	r.Header.Set("Accept-Language", "ja")
	if _, body := answer(h, r); !strings.Contains(body, "ホスト名") {
		t.Errorf("%q", body)
	}
	s.Origin, s.Known = "", nil
	if answer, _ := answer(s.Handler(open), r); answer.StatusCode != 421 {
		t.Errorf("a node without a name answers %s", answer.Status)
	}
}

func TestOtherSitesSendNothing(t *testing.T) {
	h := site(t).Handler(open)
	for name, tt := range map[string]struct {
		headers map[string]string
		code    int
	}{
		"from here":               {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}, 200},
		"from here, no metadata":  {map[string]string{"Origin": "http://localhost:8080"}, 200},
		"typed":                   {map[string]string{"Sec-Fetch-Site": "none"}, 200},
		"no browser":              {nil, 200},
		"another site":            {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		"a sibling":               {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:9090"}, 403},
		"another, old browser":    {map[string]string{"Origin": "https://evil.example"}, 403},
		"another port, old":       {map[string]string{"Origin": "http://localhost:9090"}, 403},
		"nowhere, old":            {map[string]string{"Origin": "null"}, 403},
		"lies about origin alone": {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8080"}, 403},
	} {
		r := request("POST", "/", "a=went-in")
		for k, v := range tt.headers {
			r.Header.Set(k, v)
		}
		answer, body := answer(h, r)
		if answer.StatusCode != tt.code || (tt.code == 403) == strings.Contains(body, "went-in") {
			t.Errorf("%s: %s %q", name, answer.Status, body)
		}
		if tt.code == 403 && !strings.Contains(body, "another site") {
			t.Errorf("%s: no words: %q", name, body)
		}
	}
}

func TestForms(t *testing.T) {
	h := site(t).Handler(open)
	for _, tt := range []struct {
		path, body string
		code       int
		want       string
	}{
		{"/", "a=%E5%92%8C", 200, "和"},
		{"/", "a=" + strings.Repeat("x", MostForm), 413, "more than is taken"},
		{"/", "a=%zz", 400, "cannot be read"},
		{"/refused", "a=<kept>", 409, "<p>&lt;taken&gt;</p>&lt;kept&gt;"},
		{"/broken", "a=b", 500, "went wrong"},
	} {
		answer, body := answer(h, request("POST", tt.path, tt.body))
		if answer.StatusCode != tt.code || !strings.Contains(body, tt.want) || strings.Contains(body, "inside") {
			t.Errorf("%s %.20s: %s %q", tt.path, tt.body, answer.Status, body)
		}
	}
}

func TestNobodyIsSentToSignIn(t *testing.T) {
	h := site(t).Handler(open)
	answer, _ := answer(h, request("GET", "/inside?a=b&c", ""))
	if at := answer.Header.Get("Location"); answer.StatusCode != 303 || at != "/sign-in?next="+url.QueryEscape("/inside?a=b&c") {
		t.Errorf("%s to %s", answer.Status, at)
	}
}

func TestFrom(t *testing.T) {
	h := site(t).Handler(open)
	for remote, want := range map[string]string{"192.0.2.7:1234": "192.0.2.7", "[2001:db8::7]:1": "2001:db8::7", "[::ffff:192.0.2.7]:1": "192.0.2.7", "@": "@"} {
		r := request("GET", "/", "")
		r.RemoteAddr = remote
		r.Header.Set("X-Forwarded-For", "198.51.100.1")
		if _, body := answer(h, r); body != "from "+want {
			t.Errorf("%s: %q", remote, body)
		}
	}
}

// TestReturn: whatever stands in next, the reader stays here.
func TestReturn(t *testing.T) {
	h := site(t).Handler(open)
	for next, want := range map[string]string{
		"/objects?q=a": "/objects?q=a", "/": "/", "": "/", "//evil.example": "/", "///evil.example": "/", `/\evil.example`: "/", `\\evil.example`: "/",
		"https://evil.example": "/", "http:evil.example": "/", "javascript:alert(1)": "/", "evil.example": "/", " //evil.example": "/", "/\t/evil.example": "/",
		"/\n/evil.example": "/", "/\r\nSet-Cookie: a=b": "/", "%2f%2fevil.example": "/", "/%2fevil.example": "/%2fevil.example", "/.//evil.example": "/evil.example",
		"/../..//evil.example": "/evil.example", "/a\x7f": "/", "/a\x00b": "/", "/" + strings.Repeat("a", 3000): "/", "/@evil.example": "/@evil.example", "/;@evil.example": "/;@evil.example",
	} {
		answer, _ := answer(h, request("GET", "/go?next="+url.QueryEscape(next), ""))
		at := answer.Header.Get("Location")
		base, _ := url.Parse("http://localhost:8080/go")
		to, err := base.Parse(at)
		if err != nil || to.Host != base.Host || to.Scheme != "http" {
			t.Errorf("next %q leads to %q", next, at)
		}
		if at != want {
			t.Errorf("next %q leads to %q, want %q", next, at, want)
		}
	}
}
