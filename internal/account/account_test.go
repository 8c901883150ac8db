package account

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
)

func TestFirstAdministrator(t *testing.T) {
	w := newWorld(t)
	old, needed, err := w.FirstLink(w.ctx())
	if err != nil || !needed {
		t.Fatal(needed, err)
	}
	l, _, err := w.FirstLink(w.ctx()) // the node starts once more
	w.must(err)
	_, _, err = w.Redeem(w.ctx(), old.Secret, "Eve", locale.English, here)
	w.refused(err, fault.NotFound, "why-link")
	info, err := w.Peek(w.ctx(), l.Secret, here)
	if err != nil || info.Purpose != First || info.Name != "" {
		t.Fatalf("%+v, %v", info, err)
	}
	admin := w.enrol(l.Secret, "  山田　花子 ")
	if admin.Name != "山田 花子" || !slices.Equal(admin.Roles, []Role{Administrator}) || admin.Kind != KindPerson || admin.Lang != locale.Japanese {
		t.Errorf("%+v", admin.Account)
	}
	_, _, err = w.Redeem(w.ctx(), l.Secret, "Eve", locale.English, here)
	w.refused(err, fault.NotFound, "why-link")
	if _, needed, err := w.FirstLink(w.ctx()); needed || err != nil {
		t.Error(needed, err)
	}
	w.signIn(admin)
	w.keptNowhere(old.Secret, l.Secret, admin.cookie, password)
	want := []What{Invited, Invited, SignInFailed, Created, LinkOpened, Enrolled, SignInFailed, SignInDone}
	if got := w.what(); !slices.Equal(got[:6], want[:6]) || w.last().What != SignInDone {
		t.Errorf("events %v, want %v", got, want)
	}
}

// Two open the first link at once: it makes one account, for who is done first.
func TestFirstLinkOpenedTwice(t *testing.T) {
	w := newWorld(t)
	l, _, err := w.FirstLink(w.ctx())
	w.must(err)
	_, s1, err := w.Redeem(w.ctx(), l.Secret, "Alice", locale.English, here)
	w.must(err)
	_, s2, err := w.Redeem(w.ctx(), l.Secret, "Bob", locale.English, there)
	w.must(err)
	if s1.Account.ID != s2.Account.ID || s2.Account.Name != "Alice" {
		t.Errorf("%+v and %+v", s1.Account, s2.Account)
	}
	_, s1, err = w.SetPassword(w.ctx(), s1.Actor(here), password)
	w.must(err)
	// The other's half-set credentials are not mixed with these.
	e, err := w.EnrolTOTP(w.ctx(), s2.Actor(there))
	w.must(err)
	_, s2, err = w.ConfirmTOTP(w.ctx(), s2.Actor(there), w.code(&person{secret: w.secretOf(e)}))
	w.must(err)
	if !s2.Enrolling() {
		t.Fatal("two halves of two sessions made one")
	}
	e, err = w.EnrolTOTP(w.ctx(), s1.Actor(here))
	w.must(err)
	_, s1, err = w.ConfirmTOTP(w.ctx(), s1.Actor(here), w.code(&person{secret: w.secretOf(e)}))
	w.must(err)
	if s1.Enrolling() {
		t.Fatal("not done")
	}
	_, _, err = w.SetPassword(w.ctx(), s2.Actor(there), password)
	w.refused(err, fault.NotFound, "why-session")
}

// Who starts and does not finish leaves nothing that would stand in the way.
func TestFirstLinkLeftHalfWay(t *testing.T) {
	w := newWorld(t)
	l, _, err := w.FirstLink(w.ctx())
	w.must(err)
	cookie, _, err := w.Redeem(w.ctx(), l.Secret, "Admin", locale.English, here)
	w.must(err)
	w.restart()
	if admin := w.administrator(); admin.Name != "Admin" {
		t.Errorf("%+v", admin.Account)
	}
	w.noSession(cookie)
	if all, err := w.List(w.ctx(), Console("test")); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestNames(t *testing.T) {
	w := newWorld(t)
	root := Console("test")
	_, err := w.Add(w.ctx(), root, Newcomer{Name: "Straße ｱﾅﾘｽﾄ", Kind: KindPerson, Roles: []Role{Analyst}, Lang: locale.English})
	w.must(err)
	for _, same := range []string{"straße アナリスト", " STRAßE  ｱﾅﾘｽﾄ", "Straße アナリスト"} {
		_, err := w.Add(w.ctx(), root, Newcomer{Name: same, Kind: KindPerson, Roles: []Role{Analyst}, Lang: locale.English})
		w.refused(err, fault.Conflict, "why-name-taken")
		if d, err := w.Resolve(w.ctx(), root, same); err != nil || d.Name != "Straße アナリスト" {
			t.Errorf("%q: %+v, %v", same, d.Account, err)
		}
	}
	for _, bad := range []string{"", " ", "a\x00b", "a\nb", "a\u202eb", "a\u200bb", "a:b", "a/b", "\xff", strings.Repeat("x", 65), strings.Repeat("x", 1<<20)} {
		_, err := w.Add(w.ctx(), root, Newcomer{Name: bad, Kind: KindPerson, Roles: []Role{Analyst}, Lang: locale.English})
		w.refused(err, fault.Invalid, "why-name")
	}
}

func TestNewcomersAreChecked(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		n   Newcomer
		key string
	}{
		{Newcomer{"a", KindPerson, nil, locale.English}, "why-no-role"},
		{Newcomer{"a", KindPerson, []Role{Service}, locale.English}, "why-role-kind"},
		{Newcomer{"a", KindService, []Role{Analyst}, locale.English}, "why-role-kind"},
		{Newcomer{"a", KindPerson, []Role{Enrolling}, locale.English}, ""},
		{Newcomer{"a", KindPerson, []Role{"root"}, locale.English}, ""},
		{Newcomer{"a", "robot", []Role{Analyst}, locale.English}, ""},
		{Newcomer{"a", KindPerson, []Role{Analyst}, "fr"}, ""},
	} {
		_, err := w.Add(w.ctx(), Console("test"), tt.n)
		w.refused(err, fault.Invalid, tt.key)
	}
	s, err := w.Add(w.ctx(), Console("test"), Newcomer{Name: "siem", Kind: KindService, Lang: locale.English})
	if err != nil || !slices.Equal(s.Roles, []Role{Service}) {
		t.Errorf("%+v, %v", s, err)
	}
	if len(w.events()) != 1 {
		t.Errorf("%v", w.what())
	}
}

// Nobody without the right does anything to accounts, whoever it is.
func TestOnlyWhoMay(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	analyst := w.invited(w.as(admin), "Analyst", Analyst)
	service, err := w.Add(w.ctx(), w.as(admin), Newcomer{Name: "siem", Kind: KindService, Lang: locale.English})
	w.must(err)
	token, _, err := w.AddToken(w.ctx(), w.as(admin), service.ID, "main", 24*time.Hour)
	w.must(err)
	robot, err := w.Token(w.ctx(), token, here)
	w.must(err)
	before := len(w.events())
	for name, by := range map[string]Actor{"nobody": {}, "an analyst": w.as(analyst), "a service": robot.Actor(here)} {
		lang, off := locale.Japanese, true
		calls := map[string]func() error{
			"Add": func() error {
				_, err := w.Add(w.ctx(), by, Newcomer{"x", KindPerson, []Role{Analyst}, lang})
				return err
			},
			"Invite": func() error {
				_, _, err := w.Invite(w.ctx(), by, Newcomer{Name: "x", Roles: []Role{Analyst}, Lang: lang})
				return err
			},
			"Set":     func() error { _, err := w.Set(w.ctx(), by, admin.ID, Changes{Lang: &lang}); return err },
			"Disable": func() error { _, err := w.Set(w.ctx(), by, admin.ID, Changes{Disabled: &off}); return err },
			"Roles": func() error {
				_, err := w.Set(w.ctx(), by, analyst.ID, Changes{Roles: []Role{Administrator}})
				return err
			},
			"Remove":         func() error { return w.Remove(w.ctx(), by, admin.ID) },
			"List":           func() error { _, err := w.List(w.ctx(), by); return err },
			"Get":            func() error { _, err := w.Get(w.ctx(), by, admin.ID); return err },
			"Resolve":        func() error { _, err := w.Resolve(w.ctx(), by, "Admin"); return err },
			"AddToken":       func() error { _, _, err := w.AddToken(w.ctx(), by, service.ID, "x", time.Hour); return err },
			"RevokeToken":    func() error { return w.RevokeToken(w.ctx(), by, service.ID, "main") },
			"Reset":          func() error { _, err := w.Reset(w.ctx(), by, admin.ID); return err },
			"Recover":        func() error { _, err := w.Recover(w.ctx(), by, admin.ID, "lost"); return err },
			"Requests":       func() error { _, err := w.Requests(w.ctx(), by); return err },
			"Approve":        func() error { _, err := w.Approve(w.ctx(), by, "x"); return err },
			"Withdraw":       func() error { return w.Withdraw(w.ctx(), by, "x") },
			"SignOut":        func() error { return w.SignOutEverywhere(w.ctx(), by, admin.ID) },
			"UnlinkIdentity": func() error { return w.UnlinkIdentity(w.ctx(), by, admin.ID, Identity{}) },
			"Audit":          func() error { _, _, err := w.Audit(w.ctx(), by, 0, 10); return err },
		}
		for call, f := range calls {
			if err := f(); err == nil || fault.Of(err) != fault.Denied {
				t.Errorf("%s by %s: %v", call, name, err)
			}
		}
	}
	if after := len(w.events()); after != before {
		t.Errorf("it left traces: %v", w.what()[before:])
	}
	if d, err := w.Get(w.ctx(), w.as(analyst), analyst.ID); err != nil || !d.Password || !d.Codes || !d.Complete {
		t.Errorf("one's own account: %+v, %v", d, err)
	}
}

func TestRightsChange(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	p := w.invited(w.as(admin), "Officer", Analyst)
	acting := w.as(p)
	account, err := w.Set(w.ctx(), w.as(admin), p.ID, Changes{Roles: []Role{ReleaseOfficer, Analyst, Analyst}})
	if err != nil || !slices.Equal(account.Roles, []Role{Analyst, ReleaseOfficer}) {
		t.Fatalf("%+v, %v", account, err)
	}
	w.noSession(p.cookie) // and a new secret at the next sign-in
	_, err = w.Sessions(w.ctx(), acting)
	w.refused(err, fault.NotFound, "why-session")
	w.signIn(p)
	if s, err := w.Session(w.ctx(), p.cookie); err != nil || !s.May(ReleaseDesk) || !s.May(Author) || s.May(AccountManage) {
		t.Errorf("%+v, %v", s, err)
	}
	if e := w.events()[len(w.events())-2]; e.What != Changed || e.By != "Admin" || e.Name != "Officer" || !strings.Contains(e.Detail, "release-officer") {
		t.Errorf("%+v", e)
	}

	// A name or language takes nothing away: the session shows it and goes on.
	name, lang := "Officer 2", locale.Japanese
	_, err = w.Set(w.ctx(), w.as(admin), p.ID, Changes{Name: &name, Lang: &lang})
	w.must(err)
	if s, err := w.Session(w.ctx(), p.cookie); err != nil || s.Account.Name != name || s.Account.Lang != lang || !s.May(ReleaseDesk) {
		t.Errorf("%+v, %v", s, err)
	}
	lang = locale.English
	_, err = w.Set(w.ctx(), w.as(p), p.ID, Changes{Lang: &lang})
	w.must(err)
	before := len(w.events())
	_, err = w.Set(w.ctx(), w.as(p), p.ID, Changes{Lang: &lang}) // nothing changes
	w.must(err)
	_, err = w.Set(w.ctx(), w.as(p), p.ID, Changes{Lang: &lang, Roles: []Role{Administrator}})
	w.refused(err, fault.Denied, "why-denied")
	if len(w.events()) != before {
		t.Errorf("%v", w.what()[before:])
	}
	taken := "admin"
	_, err = w.Set(w.ctx(), w.as(admin), p.ID, Changes{Name: &taken})
	w.refused(err, fault.Conflict, "why-name-taken")
	p.Name = name

	off := true
	_, err = w.Set(w.ctx(), w.as(admin), p.ID, Changes{Disabled: &off})
	w.must(err)
	w.noSession(p.cookie)
	w.clock.pass(time.Minute)
	_, _, err = w.SignIn(w.ctx(), p.Name, password, w.code(p), here)
	w.refused(err, fault.Denied, "why-sign-in")
	off = false
	_, err = w.Set(w.ctx(), w.as(admin), p.ID, Changes{Disabled: &off})
	w.must(err)
	w.signIn(p)

	w.must(w.Remove(w.ctx(), w.as(admin), p.ID))
	w.noSession(p.cookie)
	_, err = w.Get(w.ctx(), w.as(admin), p.ID)
	w.refused(err, fault.NotFound, "why-no-account")
	_, _, err = w.SignIn(w.ctx(), p.Name, password, w.code(p), here)
	w.refused(err, fault.Denied, "why-sign-in")
	// The name is free again, for somebody else.
	if again := w.invited(w.as(admin), p.Name, Analyst); again.ID == p.ID {
		t.Error("the same id again")
	}
}

func TestOneAdministratorRemains(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	_, err := w.Set(w.ctx(), Console("test"), admin.ID, Changes{Roles: []Role{Administrator, Analyst}})
	w.must(err)
	w.signIn(admin)
	// One that was invited and cannot sign in yet does not count.
	second, l, err := w.Invite(w.ctx(), w.as(admin), Newcomer{Name: "Second", Roles: []Role{Administrator}, Lang: locale.English})
	w.must(err)
	off := true
	for name, by := range map[string]Actor{"the web": w.as(admin), "the console": Console("test")} {
		for what, err := range map[string]error{
			"remove":  w.Remove(w.ctx(), by, admin.ID),
			"disable": second1(w.Set(w.ctx(), by, admin.ID, Changes{Disabled: &off})),
			"demote":  second1(w.Set(w.ctx(), by, admin.ID, Changes{Roles: []Role{Analyst}})),
		} {
			if r, _ := reasonOf(err); fault.Of(err) != fault.Conflict || r.Code != "account.why-last-administrator" {
				t.Errorf("%s by %s: %v", what, name, err)
			}
		}
	}
	w.must(w.Remove(w.ctx(), w.as(admin), second.ID)) // it could not sign in: nothing is lost
	_, err = w.Peek(w.ctx(), l.Secret, here)
	w.refused(err, fault.NotFound, "why-link")
	other := w.invited(w.as(admin), "Second", Administrator)
	w.must(w.Remove(w.ctx(), w.as(other), admin.ID))
	w.refused(w.Remove(w.ctx(), w.as(other), other.ID), fault.Conflict, "why-last-administrator")
}

func second1[T any](_ T, err error) error { return err }

// Two administrators remove each other at the same moment: one remains.
func TestAdministratorsRemoveEachOther(t *testing.T) {
	w := newWorld(t)
	one := w.administrator()
	two := w.invited(w.as(one), "Second", Administrator)
	acting := []Actor{w.as(one), w.as(two)}
	target := []string{two.ID, one.ID}
	var wg sync.WaitGroup
	var errs [2]error
	for i := range 2 {
		wg.Go(func() { errs[i] = w.Remove(w.ctx(), acting[i], target[i]) })
	}
	wg.Wait()
	all, err := w.List(w.ctx(), Console("test"))
	if err != nil || len(all) != 1 || (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("%d remain: %v, %v", len(all), errs, err)
	}
}

func TestNobodyGivesRolesToThemselves(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	_, err := w.Set(w.ctx(), w.as(admin), admin.ID, Changes{Roles: []Role{Administrator, ReleaseOfficer}})
	w.refused(err, fault.Denied, "why-own-rights")
	_, err = w.Set(w.ctx(), Console("test"), admin.ID, Changes{Roles: []Role{Administrator, ReleaseOfficer}})
	w.must(err)
	if e := w.last(); e.By != "test" {
		t.Errorf("%+v", e)
	}
	w.signIn(admin)
	_, err = w.Set(w.ctx(), w.as(admin), admin.ID, Changes{Roles: []Role{Administrator}}) // to give some up is free
	w.must(err)
}

// A list says of each account what is said of it alone.
func TestListAndGetAgree(t *testing.T) {
	w := newWorld(t)
	admin := w.administrator()
	w.register(admin, newAuthenticator(t), "key")
	w.invited(w.as(admin), "Analyst", Analyst)
	root := Console("test")
	_, _, err := w.Invite(w.ctx(), root, Newcomer{Name: "Invited", Roles: []Role{Auditor}, Lang: locale.English})
	w.must(err)
	service, err := w.Add(w.ctx(), root, Newcomer{Name: "siem", Kind: KindService, Lang: locale.English})
	w.must(err)
	for _, name := range []string{"b", "a"} {
		_, _, err = w.AddToken(w.ctx(), root, service.ID, name, time.Hour)
		w.must(err)
	}
	for range pauseAfter {
		_, _, err = w.SignIn(w.ctx(), "Analyst", "wrong", "", here)
		w.refused(err, fault.Denied, "why-sign-in")
	}
	_, _, err = w.SignIn(w.ctx(), "nobody", "wrong", "", there)
	w.refused(err, fault.Denied, "why-sign-in")
	all, err := w.List(w.ctx(), root)
	if err != nil || len(all) != 4 {
		t.Fatalf("%+v, %v", all, err)
	}
	var said []string
	for _, d := range all {
		one, err := w.Get(w.ctx(), root, d.ID)
		if err != nil || !reflect.DeepEqual(one, d) {
			t.Errorf("%+v, alone %+v, %v", d, one, err)
		}
		said = append(said, fmt.Sprint(d.Name, d.Complete, len(d.Passkeys), d.Password, len(d.Tokens), d.Invited.IsZero(), d.Paused.IsZero(), d.Sessions))
	}
	want := []string{"Admin true 1 true 0 true true 1", "Analyst true 0 true 0 true false 1", "Invited false 0 false 0 false true 0", "siem true 0 false 2 true true 0"}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], " ", "")
		said[i] = strings.ReplaceAll(said[i], " ", "")
	}
	if !slices.Equal(said, want) || all[3].Tokens[0].Name != "a" {
		t.Errorf("%q, want %q", said, want)
	}
}
