package account

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
)

// three administrators, or two and somebody who has lost the phone.
func (w *world) three() (one, two, lost *person) {
	w.Helper()
	one = w.administrator()
	two = w.invited(w.as(one), "Second", Administrator)
	lost = w.invited(w.as(one), "Lost", WatchOfficer)
	return one, two, lost
}

func TestRecovery(t *testing.T) {
	w := newWorld(t)
	one, two, lost := w.three()
	_, err := w.Reset(w.ctx(), w.as(one), lost.ID)
	w.refused(err, fault.Denied, "why-two-people")
	r, err := w.Recover(w.ctx(), w.as(one), lost.ID, "phone lost on the train")
	w.must(err)
	_, err = w.Approve(w.ctx(), w.as(one), r.ID)
	w.refused(err, fault.Denied, "why-own-request")
	_, err = w.Approve(w.ctx(), w.as(lost), r.ID)
	w.refused(err, fault.Denied, "why-denied")
	_, err = w.Approve(w.ctx(), Console("test"), r.ID) // the console has a way of its own
	w.refused(err, fault.Denied, "why-denied")
	waiting, err := w.Requests(w.ctx(), w.as(two))
	if err != nil || len(waiting) != 1 || waiting[0].ByName != "Admin" || waiting[0].Name != "Lost" || waiting[0].Reason != "phone lost on the train" {
		t.Fatalf("%+v, %v", waiting, err)
	}
	l, err := w.Approve(w.ctx(), w.as(two), r.ID)
	w.must(err)
	if got := w.what(); !slices.Equal(got[len(got)-3:], []What{RecoveryAsked, Invited, RecoveryApproved}) {
		t.Errorf("%v", got)
	}
	if e := w.last(); e.By != "Second" || !strings.Contains(e.Detail, "asked by Admin") || e.Account != lost.ID {
		t.Errorf("%+v", e)
	}
	w.keptNowhere(l.Secret)

	// Until the link is used up the old credentials hold; then they are worth nothing, and all sessions are over.
	w.signIn(lost)
	old := *lost
	found := w.enrol(l.Secret, "")
	if found.ID != lost.ID || !slices.Equal(found.Roles, lost.Roles) || found.Name != "Lost" {
		t.Errorf("%+v", found.Account)
	}
	w.noSession(old.cookie)
	w.clock.pass(time.Minute)
	_, _, err = w.SignIn(w.ctx(), old.Name, password, w.code(&old), here)
	w.refused(err, fault.Denied, "why-sign-in")
	w.signIn(found)
	_, _, err = w.Redeem(w.ctx(), l.Secret, "", locale.English, here)
	w.refused(err, fault.NotFound, "why-link")
	_, err = w.Approve(w.ctx(), w.as(two), r.ID)
	w.refused(err, fault.NotFound, "why-request")
}

// Of two who approve at the same moment one gets a link.
func TestTwoApproveAtOnce(t *testing.T) {
	w := newWorld(t)
	one, two, lost := w.three()
	three := w.invited(w.as(one), "Third", Administrator)
	for range 10 {
		r, err := w.Recover(w.ctx(), w.as(one), lost.ID, "phone lost")
		w.must(err)
		acting := []Actor{w.as(two), w.as(three), w.as(two), w.as(three)}
		links := make([]Link, len(acting))
		errs := make([]error, len(acting))
		var wg sync.WaitGroup
		for i := range acting {
			wg.Go(func() { links[i], errs[i] = w.Approve(w.ctx(), acting[i], r.ID) })
		}
		wg.Wait()
		got := 0
		for i := range errs {
			switch {
			case errs[i] == nil:
				got++
				if info, err := w.Peek(w.ctx(), links[i].Secret, here); err != nil || info.Purpose != Recovery || info.Name != "Lost" {
					t.Errorf("%+v, %v", info, err)
				}
			case fault.Of(errs[i]) != fault.NotFound || links[i].Secret != "":
				t.Errorf("%v, %+v", errs[i], links[i])
			}
		}
		if got != 1 {
			t.Fatalf("%d links", got)
		}
	}
}

func TestRecoveryRefused(t *testing.T) {
	w := newWorld(t)
	one, two, lost := w.three()
	for _, reason := range []string{"", "two\nlines", "\xff", strings.Repeat("x", maxReason+1)} {
		_, err := w.Recover(w.ctx(), w.as(one), lost.ID, reason)
		w.refused(err, fault.Invalid, "why-reason")
	}
	_, err := w.Recover(w.ctx(), w.as(one), one.ID, "for me")
	w.refused(err, fault.Denied, "why-own-recovery")
	_, err = w.Recover(w.ctx(), w.as(one), "nobody", "x")
	w.refused(err, fault.NotFound, "why-no-account")
	_, err = w.Recover(w.ctx(), Console("test"), lost.ID, "x")
	w.refused(err, fault.Denied, "why-denied")

	// Whom it is for does not approve it, being an administrator.
	r, err := w.Recover(w.ctx(), w.as(one), two.ID, "x")
	w.must(err)
	_, err = w.Approve(w.ctx(), w.as(two), r.ID)
	w.refused(err, fault.Denied, "why-own-request")
	w.must(w.Withdraw(w.ctx(), w.as(two), r.ID))
	w.refused(w.Withdraw(w.ctx(), w.as(two), r.ID), fault.NotFound, "why-request")

	// A later request takes the place of an earlier one; it is over after a day.
	r, err = w.Recover(w.ctx(), w.as(one), lost.ID, "x")
	w.must(err)
	r2, err := w.Recover(w.ctx(), w.as(one), lost.ID, "y")
	w.must(err)
	_, err = w.Approve(w.ctx(), w.as(two), r.ID)
	w.refused(err, fault.NotFound, "why-request")
	w.clock.pass(requestTime)
	w.signIn(two)
	_, err = w.Approve(w.ctx(), w.as(two), r2.ID)
	w.refused(err, fault.NotFound, "why-request")
	w.must(w.Sweep(w.ctx()))
	if _, ok, err := recordOf(w, kindRecovery, r2.ID); ok || err != nil {
		t.Error("it is kept")
	}

	// Who is no administrator any more has asked for nothing.
	w.signIn(one)
	r, err = w.Recover(w.ctx(), w.as(one), lost.ID, "x")
	w.must(err)
	_, err = w.Set(w.ctx(), w.as(two), one.ID, Changes{Roles: []Role{Analyst}})
	w.must(err)
	_, err = w.Approve(w.ctx(), w.as(two), r.ID)
	w.refused(err, fault.Denied, "why-asker")
	off := true
	_, err = w.Set(w.ctx(), w.as(two), lost.ID, Changes{Disabled: &off})
	w.must(err)
	_, err = w.Recover(w.ctx(), w.as(two), lost.ID, "x")
	w.refused(err, fault.Conflict, "why-disabled")
}

func TestLinks(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	account, l, err := w.Invite(w.ctx(), w.as(admin), Newcomer{Name: "New", Roles: []Role{Analyst}, Lang: locale.Japanese})
	w.must(err)
	info, err := w.Peek(w.ctx(), l.Secret, here)
	if err != nil || info.Name != "New" || info.Lang != locale.Japanese || info.Purpose != Invitation || !info.Expires.Equal(w.clock.now().Add(invitationTime)) {
		t.Errorf("%+v, %v", info, err)
	}
	d, err := w.Get(w.ctx(), w.as(admin), account.ID)
	if err != nil || d.Complete || !d.Invited.Equal(info.Expires) {
		t.Errorf("%+v, %v", d, err)
	}
	half, _, err := w.Redeem(w.ctx(), l.Secret, "Eve", locale.English, here)
	w.must(err)

	// Another link ends the first, and what was begun by it.
	again, err := w.Reset(w.ctx(), w.as(admin), account.ID) // it never had credentials: one administrator is enough
	w.must(err)
	w.noSession(half)
	_, err = w.Peek(w.ctx(), l.Secret, here)
	w.refused(err, fault.NotFound, "why-link")

	// An opened link stays good until it is used up, and its session is short.
	half, s, err := w.Redeem(w.ctx(), again.Secret, "", "", here)
	w.must(err)
	if s.Account.Name != "New" || s.Account.Lang != locale.Japanese {
		t.Errorf("%+v", s.Account)
	}
	w.clock.pass(enrolmentTime)
	w.noSession(half)
	late, s, err := w.Redeem(w.ctx(), again.Secret, "", "", here)
	w.must(err)
	w.clock.pass(invitationTime)
	w.noSession(late)
	_, _, err = w.SetPassword(w.ctx(), s.Actor(here), password)
	w.refused(err, fault.NotFound, "why-session")
	_, _, err = w.Redeem(w.ctx(), again.Secret, "", "", here)
	w.refused(err, fault.NotFound, "why-link")
	w.must(w.Sweep(w.ctx()))

	for _, bad := range []string{"", "x", newSecret(), strings.Repeat("A", 1<<20)} {
		w.clock.pass(time.Hour)
		_, err := w.Peek(w.ctx(), bad, here)
		w.refused(err, fault.NotFound, "why-link")
		_, _, err = w.Redeem(w.ctx(), bad, "x", locale.English, here)
		w.refused(err, fault.NotFound, "why-link")
	}
	service, err := w.Add(w.ctx(), Console("test"), Newcomer{Name: "siem", Kind: KindService, Lang: locale.English})
	w.must(err)
	_, err = w.Reset(w.ctx(), Console("test"), service.ID)
	w.refused(err, fault.Invalid, "why-service")
}

// A link of an account that was disabled in between opens nothing, and what it had opened completes nothing.
func TestLinkOfADisabledAccount(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	account, l, err := w.Invite(w.ctx(), w.as(admin), Newcomer{Name: "New", Roles: []Role{Analyst}, Lang: locale.Japanese})
	w.must(err)
	_, s, err := w.Redeem(w.ctx(), l.Secret, "", "", here)
	w.must(err)
	off := true
	_, err = w.Set(w.ctx(), w.as(admin), account.ID, Changes{Disabled: &off})
	w.must(err)
	_, _, err = w.Redeem(w.ctx(), l.Secret, "", "", here)
	w.refused(err, fault.NotFound, "why-link")
	_, _, err = w.SetPassword(w.ctx(), s.Actor(here), password)
	w.refused(err, fault.NotFound, "why-session")
}

// The console resets without a second person, and ends a pause.
func TestConsoleReset(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	w.clock.pass(time.Hour)
	for range pauseAfter {
		_, _, err := w.SignIn(w.ctx(), admin.Name, "wrong", "000000", here)
		w.refused(err, fault.Denied, "why-sign-in")
	}
	l, err := w.Reset(w.ctx(), Console("test"), admin.ID)
	w.must(err)
	if e := w.last(); e.What != Invited || e.By != "test" || e.Detail != string(Recovery) {
		t.Errorf("%+v", e)
	}
	w.signIn(admin) // the pause is over, and the old credentials hold until the link is used up
	again := w.enrol(l.Secret, "")
	if again.ID != admin.ID {
		t.Errorf("%+v", again)
	}
}
