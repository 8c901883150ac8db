package account

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
)

func TestTokens(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	service, err := w.Add(w.ctx(), w.as(admin), Newcomer{Name: "siem", Kind: KindService, Lang: locale.English})
	w.must(err)
	secret, made, err := w.AddToken(w.ctx(), w.as(admin), service.ID, "main", 24*time.Hour)
	w.must(err)
	if !strings.HasPrefix(secret, "wagasa_") || made.Name != "main" || !made.Expires.Equal(w.clock.now().Add(24*time.Hour)) {
		t.Errorf("%s, %+v", secret, made)
	}
	w.keptNowhere(secret, strings.TrimPrefix(secret, tokenPrefix))
	before := len(w.events())
	s, err := w.Token(w.ctx(), secret, there)
	w.must(err)
	if s.Account.ID != service.ID || s.Method != ByToken || !s.May(Import) || s.May(Author) || s.May(OwnCredentials) || s.Enrolling() {
		t.Errorf("%+v", s)
	}
	for range 30 { // its use is told once a day
		w.clock.pass(30 * time.Minute)
		_, err := w.Token(w.ctx(), secret, there)
		w.must(err)
	}
	if e := w.last(); len(w.events()) != before+1 || e.What != TokenUsed || e.From != there || e.Detail != "main" {
		t.Errorf("%v", w.what()[before:])
	}
	d, err := w.Get(w.ctx(), Console("test"), service.ID)
	if err != nil || len(d.Tokens) != 1 || w.clock.now().Sub(d.Tokens[0].Used) > time.Hour || !d.Complete {
		t.Errorf("%+v, %v", d, err)
	}
	_, err = w.Accounts.Session(w.ctx(), strings.TrimPrefix(secret, tokenPrefix)) // it is no session
	w.refused(err, fault.NotFound, "why-session")
	_, err = w.Token(w.ctx(), tokenPrefix+admin.cookie, here) // and a session is no token
	w.refused(err, fault.NotFound, "why-token")

	w.clock.pass(9 * time.Hour)
	_, err = w.Token(w.ctx(), secret, there)
	w.refused(err, fault.NotFound, "why-token")
	_, err = w.Export(s)
	w.refused(err, fault.NotFound, "why-session")

	root := Console("test")
	secret, _, err = w.AddToken(w.ctx(), root, service.ID, "second", 24*time.Hour)
	w.must(err)
	_, _, err = w.AddToken(w.ctx(), root, service.ID, "second", 24*time.Hour)
	w.refused(err, fault.Conflict, "why-name-taken")
	name := "siem-2"
	_, err = w.Set(w.ctx(), root, service.ID, Changes{Name: &name})
	w.must(err)
	if s, err := w.Token(w.ctx(), secret, here); err != nil || s.Account.Name != name {
		t.Errorf("%+v, %v", s, err)
	}
	off := true
	_, err = w.Set(w.ctx(), root, service.ID, Changes{Disabled: &off})
	w.must(err)
	_, err = w.Token(w.ctx(), secret, here)
	w.refused(err, fault.NotFound, "why-token")
	off = false
	_, err = w.Set(w.ctx(), root, service.ID, Changes{Disabled: &off})
	w.must(err)
	_, err = w.Token(w.ctx(), secret, here)
	w.must(err)
	w.must(w.RevokeToken(w.ctx(), root, service.ID, "second"))
	_, err = w.Token(w.ctx(), secret, here)
	w.refused(err, fault.NotFound, "why-token")
	w.refused(w.RevokeToken(w.ctx(), root, service.ID, "second"), fault.NotFound, "why-no-token")
	secret, _, err = w.AddToken(w.ctx(), root, service.ID, "third", 24*time.Hour)
	w.must(err)
	w.must(w.Remove(w.ctx(), root, service.ID))
	_, err = w.Token(w.ctx(), secret, here)
	w.refused(err, fault.NotFound, "why-token")
}

// Export stands for anything that is done in the name of a session some time after it was looked up.
func (w *world) Export(s *Session) (ok bool, err error) {
	_, err = w.Get(w.ctx(), s.Actor(here), "x")
	return err == nil, err
}

func TestTokensRefused(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	root := Console("test")
	_, _, err := w.AddToken(w.ctx(), root, admin.ID, "mine", time.Hour)
	w.refused(err, fault.Invalid, "why-person")
	service, err := w.Add(w.ctx(), root, Newcomer{Name: "siem", Kind: KindService, Lang: locale.English})
	w.must(err)
	for _, lasts := range []time.Duration{-time.Hour, 0, time.Minute, maxTokenTime + 1} {
		_, _, err := w.AddToken(w.ctx(), root, service.ID, "x", lasts)
		w.refused(err, fault.Invalid, "why-token-time")
	}
	_, _, err = w.AddToken(w.ctx(), root, service.ID, "a\nb", time.Hour)
	w.refused(err, fault.Invalid, "why-name")
	for i := range maxTokens {
		_, _, err := w.AddToken(w.ctx(), root, service.ID, fmt.Sprint("t", i), time.Hour)
		w.must(err)
	}
	_, _, err = w.AddToken(w.ctx(), root, service.ID, "one more", time.Hour)
	w.refused(err, fault.Conflict, "why-too-many")

	// Bad ones are counted, and after a while turned away without a trace.
	before := len(w.events())
	turned := 0
	for range 50 {
		_, err := w.Token(w.ctx(), tokenPrefix+newSecret(), there)
		if after, ok := Wait(err); ok {
			turned++
			if after <= 0 || fault.Of(err) != fault.Unavailable {
				t.Error(err)
			}
		}
	}
	if turned != 50-sourceBurst || len(w.events()) > before+1 {
		t.Errorf("%d turned away, %v", turned, w.what()[before:])
	}
	w.clock.pass(31 * 24 * time.Hour)
	w.must(w.Sweep(w.ctx()))
	if d, err := w.Get(w.ctx(), root, service.ID); err != nil || len(d.Tokens) != 0 {
		t.Errorf("%+v, %v", d.Tokens, err)
	}
}
