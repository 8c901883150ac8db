package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/node"
)

type accountCommand struct {
	Add    accountAdd    `cmd:"" help:"Make an account of a person or a service."`
	List   accountList   `cmd:"" help:"List accounts: what each may do and signs in by."`
	Set    accountSet    `cmd:"" help:"Change an account: its roles, name, language, identities, or whether it may sign in."`
	Remove accountRemove `cmd:"" help:"Remove an account with all that it has. The ledger keeps telling of it."`
	Reset  accountReset  `cmd:"" help:"Let a person set all credentials anew, by a one-time link."`
	Token  accountToken  `cmd:"" help:"Make or revoke a token of a service."`
}

// openAccounts opens the node's accounts; the caller closes the node.
func (d nodeDir) openAccounts(env *environment) (*node.Node, *account.Accounts, error) {
	n, err := d.open(env)
	if err != nil {
		return nil, nil, err
	}
	a, err := n.Accounts("")
	if err != nil {
		n.Close()
		return nil, nil, err
	}
	return n, a, nil
}

// console is who uses the command, for the ledger.
func console() account.Actor { return account.Console(fmt.Sprintf("console, user %d", os.Getuid())) }

// meant opens the node's accounts and finds the one that somebody means, by name or id; the caller closes the node.
func (d nodeDir) meant(env *environment, name string) (*node.Node, *account.Accounts, account.Details, error) {
	n, a, err := d.openAccounts(env)
	if err != nil {
		return nil, nil, account.Details{}, err
	}
	found, err := a.Resolve(env, console(), name)
	if err != nil {
		n.Close()
		return nil, nil, account.Details{}, err
	}
	return n, a, found, nil
}

func parseRoles(names []string) (roles []account.Role, err error) {
	for _, name := range names {
		r, err := account.ParseRole(name)
		if err != nil {
			return nil, badUsage{err}
		}
		roles = append(roles, r)
	}
	return roles, nil
}

// labels are roles as people read them.
func labels(roles []account.Role, lang locale.Lang) string {
	var words []string
	for _, r := range roles {
		words = append(words, r.Label().In(lang))
	}
	return strings.Join(words, map[locale.Lang]string{locale.English: ", ", locale.Japanese: "、"}[lang])
}

// showLink shows a one-time link, this once.
func showLink(env *environment, a *account.Accounts, l account.Link) {
	fmt.Fprintf(env.out, "one-time link, shown only now, good until %s; hand it over on a way that you trust:\n  %s/welcome#%s\n",
		l.Expires.Format(time.RFC3339), a.URL(), l.Secret)
	if a.URL() == "" {
		fmt.Fprintln(env.out, "put the address of this node's pages in front of it, as wagasa serve --web shows it (or set url under [accounts] in wagasa.toml)")
	}
}

type accountAdd struct {
	nodeDir
	language
	Name     string   `arg:"" help:"Name to sign in by, in any script."`
	Role     []string `placeholder:"ROLE" help:"What the account may do; may be given more than once: analyst, watch-officer, release-officer, covenant-signer, auditor, administrator, exercise-controller."`
	Service  bool     `help:"It is a service: it gets tokens, and has no other role."`
	Language string   `enum:"en,ja," default:"" placeholder:"en|ja" help:"Language of the account's pages; by default that of --lang."`
	Password bool     `help:"Ask for a password and set up an authenticator app now, on this terminal, instead of giving out a link."`
}

func (*accountAdd) Help() string {
	return `A person gets a one-time link, which is shown only now: whoever opens it on this node's pages sets a passkey, or a password and an
authenticator app. A service gets tokens by wagasa account token. No secret is ever an argument of a command.

Examples:
  wagasa account add --dir /srv/wagasa "Sato Hanako" --role analyst --role watch-officer --language ja
  wagasa account add --dir /srv/wagasa siem --service`
}

// Run adds.
func (c *accountAdd) Run(env *environment) error {
	roles, err := parseRoles(c.Role)
	if err != nil {
		return err
	}
	switch {
	case c.Service && (len(roles) > 0 || c.Password):
		return badUsage{errors.New("a service has neither other roles nor a password: leave out --role and --password")}
	case !c.Service && len(roles) == 0:
		return badUsage{errors.New("say what the account may do: --role analyst, for example, or --service")}
	}
	ask, err := asker(env, c.Password)
	if err != nil {
		return err
	}
	n, a, err := c.openAccounts(env)
	if err != nil {
		return err
	}
	defer n.Close()
	lang := c.lang()
	if c.Language != "" {
		lang = locale.Lang(c.Language)
	}
	if c.Service {
		made, err := a.Add(env, console(), account.Newcomer{Name: c.Name, Kind: account.KindService, Lang: lang})
		if err != nil {
			return err
		}
		fmt.Fprintf(env.out, "added %s (%s), %s\nnext: wagasa account token --dir %s %q\n", made.Name, labels(made.Roles, c.lang()), made.ID, c.Dir, made.Name)
		return nil
	}
	made, l, err := a.Invite(env, console(), account.Newcomer{Name: c.Name, Roles: roles, Lang: lang})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "added %s (%s), %s\n", made.Name, labels(made.Roles, c.lang()), made.ID)
	if c.Password {
		return setPassword(env, a, l, made.Name, c.Dir, ask)
	}
	showLink(env, a, l)
	return nil
}

type accountSet struct {
	nodeDir
	language
	Name       string   `arg:"" help:"Name or id of the account."`
	Rename     string   `placeholder:"NAME" help:"Another name."`
	Role       []string `placeholder:"ROLE" help:"All roles from now on, instead of the present ones; may be given more than once."`
	Language   string   `enum:"en,ja," default:"" placeholder:"en|ja" help:"Language of the account's pages."`
	Disable    bool     `xor:"state" help:"It may not sign in any more; all its sessions end, its tokens are refused."`
	Enable     bool     `xor:"state" help:"It may sign in again."`
	Identity   string   `placeholder:"SUBJECT" help:"Let this identity at the identity provider sign in as the account."`
	NoIdentity string   `placeholder:"SUBJECT" help:"Take that back."`
}

func (*accountSet) Help() string {
	return `Whoever gets or loses roles has to sign in anew. The last administrator who can sign in stays one. The identity provider is the one in
wagasa.toml, under [accounts.oidc].

Example:
  wagasa account set --dir /srv/wagasa "Sato Hanako" --role release-officer`
}

// Run sets.
func (c *accountSet) Run(env *environment) error {
	roles, err := parseRoles(c.Role)
	if err != nil {
		return err
	}
	changes := account.Changes{Roles: roles}
	if c.Rename != "" {
		changes.Name = &c.Rename
	}
	if c.Language != "" {
		lang := locale.Lang(c.Language)
		changes.Lang = &lang
	}
	if c.Disable || c.Enable {
		changes.Disabled = &c.Disable
	}
	if roles == nil && c.Rename == "" && c.Language == "" && changes.Disabled == nil && c.Identity == "" && c.NoIdentity == "" {
		return badUsage{errors.New("nothing to set: give --role, --rename, --language, --disable, --enable, --identity or --no-identity")}
	}
	n, a, found, err := c.meant(env, c.Name)
	if err != nil {
		return err
	}
	defer n.Close()
	if c.Identity != "" {
		if err := a.LinkIdentity(env, console(), found.ID, c.Identity); err != nil {
			return err
		}
	}
	if c.NoIdentity != "" {
		if err := c.unlink(env, a, found); err != nil {
			return err
		}
	}
	after, err := a.Set(env, console(), found.ID, changes)
	if err != nil {
		return err
	}
	state := ""
	if after.Disabled {
		state = ", disabled"
	}
	fmt.Fprintf(env.out, "%s: %s%s\n", after.Name, labels(after.Roles, c.lang()), state)
	return nil
}

// unlink takes away an identity that the account has, whichever provider it is of: that one may not be in the configuration any more.
func (c *accountSet) unlink(env *environment, a *account.Accounts, found account.Details) error {
	for _, i := range found.Identities {
		if i.Subject == c.NoIdentity {
			return a.UnlinkIdentity(env, console(), found.ID, i)
		}
	}
	return fmt.Errorf("%s has no identity %q", found.Name, c.NoIdentity)
}

type accountRemove struct {
	nodeDir
	Name string `arg:"" help:"Name or id of the account."`
}

func (*accountRemove) Help() string {
	return `Sessions and tokens end at once. The last administrator who can sign in cannot be removed. To keep somebody out for a while:
wagasa account set NAME --disable.

Example:
  wagasa account remove --dir /srv/wagasa "Sato Hanako"`
}

// Run removes.
func (c *accountRemove) Run(env *environment) error {
	n, a, found, err := c.meant(env, c.Name)
	if err != nil {
		return err
	}
	defer n.Close()
	if err := a.Remove(env, console(), found.ID); err != nil {
		return err
	}
	fmt.Fprintf(env.out, "removed %s, %s\n", found.Name, found.ID)
	return nil
}

type accountReset struct {
	nodeDir
	Name     string `arg:"" help:"Name or id of the account."`
	Password bool   `help:"Ask for a password and set up an authenticator app now, on this terminal, instead of giving out a link."`
}

func (*accountReset) Help() string {
	return `For who has lost a device, or all administrators have. The link is shown only now; the earlier credentials hold until it was used, and are
then worth nothing. A pause after repeated failures ends at once. On the pages the same takes two administrators.

Example:
  wagasa account reset --dir /srv/wagasa "Sato Hanako"`
}

// Run resets.
func (c *accountReset) Run(env *environment) error {
	ask, err := asker(env, c.Password)
	if err != nil {
		return err
	}
	n, a, found, err := c.meant(env, c.Name)
	if err != nil {
		return err
	}
	defer n.Close()
	l, err := a.Reset(env, console(), found.ID)
	if err != nil {
		return err
	}
	if c.Password {
		return setPassword(env, a, l, found.Name, c.Dir, ask)
	}
	showLink(env, a, l)
	return nil
}

type accountToken struct {
	nodeDir
	Name   string `arg:"" help:"Name or id of the service."`
	Token  string `default:"main" placeholder:"NAME" help:"What the token is called (main)."`
	Days   int    `default:"365" placeholder:"N" help:"How long it is good (365)."`
	Revoke bool   `help:"Revoke the token instead of making one."`
}

func (*accountToken) Help() string {
	return `The token is shown only now. Put it into a file of the service that nobody else can read. To replace one, make a second one, let the service
use it, and revoke the first.

Examples:
  wagasa account token --dir /srv/wagasa siem --token 2026 --days 365
  wagasa account token --dir /srv/wagasa siem --token 2026 --revoke`
}

// Run makes or revokes.
func (c *accountToken) Run(env *environment) error {
	if c.Days < 1 || c.Days > 1000 {
		return badUsage{fmt.Errorf("--days %d: want 1 to 730", c.Days)}
	}
	n, a, found, err := c.meant(env, c.Name)
	if err != nil {
		return err
	}
	defer n.Close()
	if c.Revoke {
		if err := a.RevokeToken(env, console(), found.ID, c.Token); err != nil {
			return err
		}
		fmt.Fprintf(env.out, "revoked the token %s of %s\n", c.Token, found.Name)
		return nil
	}
	secret, t, err := a.AddToken(env, console(), found.ID, c.Token, time.Duration(c.Days)*24*time.Hour)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "token %s of %s, shown only now, good until %s:\n  %s\n", t.Name, found.Name, t.Expires.Format(time.RFC3339), secret)
	return nil
}
