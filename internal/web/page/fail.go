package page

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
)

var (
	// errSignIn leads to the page on which one signs in.
	errSignIn = errors.New("nobody is signed in")
	// errEnrol leads to the page on which one sets credentials.
	errEnrol = errors.New("there are no credentials yet")
)

// refusal is an error with words for the reader.
type refusal struct {
	error
	reason locale.Reason
}

// Reason is what a person reads.
func (r *refusal) Reason() locale.Reason { return r.reason }

func (r *refusal) Unwrap() error { return r.error }

// Refusal makes an error of which a reader is told in words: the text of a code.
func Refusal(kind fault.Kind, code string, args ...string) error {
	reason := locale.Because(code, args...)
	return &refusal{fault.New(kind, "%s", reason.In(locale.English)), reason}
}

// EnrolPath is where an account sets the credentials that it does not have yet.
const EnrolPath = "/welcome/credentials"

// problem is an error as a reader is told of it.
type problem struct {
	Kind   string // a key of the texts
	Detail string
	code   int
}

// problemOf finds words for an error. What happened inside is not among them.
func problemOf(err error, lang locale.Lang) problem {
	p := problem{Kind: strings.ReplaceAll(fault.Of(err).String(), " ", "-")}
	var tooLarge *http.MaxBytesError
	_, wait := account.Wait(err)
	switch {
	case errors.As(err, &tooLarge):
		p.Kind, p.code = "too-large", http.StatusRequestEntityTooLarge
		return p
	case wait:
		p.code = http.StatusTooManyRequests
	default:
		p.code = status(fault.Of(err))
	}
	var reasoned interface{ Reason() locale.Reason }
	switch {
	case errors.As(err, &reasoned):
		p.Detail = reasoned.Reason().In(lang)
	case p.code != http.StatusInternalServerError:
		p.Detail = err.Error()
	}
	return p
}

// status is the HTTP status of a kind of errors.
func status(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Denied:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Words are what a reader is told of an error, and the status that goes with it.
func (r *Request) Words(err error) (words string, code int) {
	p := problemOf(err, r.Lang)
	if p.Detail == "" {
		p.Detail = r.Text("problem." + p.Kind)
	}
	return p.Detail, p.code
}

// Refuse answers with the page that somebody's input came from, which shows as its Problem why that was not taken. What the reader can do nothing
// about becomes a page of its own.
func (r *Request) Refuse(err error, name string, data any) error {
	words, code := r.Words(err)
	if code == http.StatusInternalServerError || r.Partial() {
		return err
	}
	r.told(err, code)
	r.problem = words
	return r.render(code, name, data)
}

// told logs what the operator has to hear of, and tells a reader who came too often when to come again.
func (r *Request) told(err error, code int) {
	if after, ok := account.Wait(err); ok {
		r.ResponseWriter.Header().Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
		return
	}
	if code >= http.StatusInternalServerError && r.Context().Err() == nil {
		r.Site.Log.Error("web", "method", r.Method, "path", r.URL.Path, "error", err)
	}
}

// fail answers with an error, in words for the reader; what happened inside goes to the log only.
func (s *Site) fail(r *Request, err error) {
	switch {
	case errors.Is(err, errSignIn) && r.Method == http.MethodGet && !r.Partial():
		_ = r.Redirect("/sign-in?next=" + escapeQuery(r.URL.RequestURI()))
	case errors.Is(err, errSignIn):
		_ = r.Redirect("/sign-in")
	case errors.Is(err, errEnrol):
		_ = r.Redirect(EnrolPath)
	default:
		p := problemOf(err, r.Lang)
		r.told(err, p.code)
		_ = r.render(p.code, "frame/error", p)
	}
}
