package account

import (
	"slices"

	"github.com/wagasa/wagasa/internal/fault"
)

// Role is what somebody is here. What a role may do stands in one table, [Allowed].
type Role string

// The roles. A person has any of them but [Service]; a service has that one. [Enrolling] is nobody's for long: it is what a session has that
// began with a one-time link, until there are credentials.
const (
	Analyst            Role = "analyst"
	WatchOfficer       Role = "watch-officer"
	ReleaseOfficer     Role = "release-officer"
	CovenantSigner     Role = "covenant-signer"
	Auditor            Role = "auditor"
	Administrator      Role = "administrator"
	ExerciseController Role = "exercise-controller"
	Service            Role = "service"
	Enrolling          Role = "enrolling"
)

// Roles are those that an account may have, in the order in which they are shown.
var Roles = [...]Role{Analyst, WatchOfficer, ReleaseOfficer, CovenantSigner, Auditor, Administrator, ExerciseController, Service}

// ParseRole reads the name of a role that an account may have. Others are fault.Invalid.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles[:], r) {
		return r, nil
	}
	return "", fault.New(fault.Invalid, "role %q: want one of %v", s, Roles)
}

// Action is something that one must be allowed to do. Routes of the web and commands name the one they need.
type Action string

// The actions.
const (
	SignedIn        Action = "signed-in" // what is for everybody who is signed in, whatever the role
	WatchView       Action = "watch-view"
	ViewObjects     Action = "view-objects"
	Search          Action = "search"
	SavedSearch     Action = "saved-search"
	Acknowledge     Action = "acknowledge"
	HandoverView    Action = "handover-view"
	HandoverWrite   Action = "handover-write"
	Author          Action = "author" // make, change and revoke own objects
	Answer          Action = "answer" // notes, opinions, sightings and translations of others' objects
	Import          Action = "import"
	Export          Action = "export" // the owner's dump
	Preview         Action = "preview"
	ReleaseDesk     Action = "release-desk"   // see what is held and released, and why
	ReleaseDecide   Action = "release-decide" // decide what waits for a person
	PartnerView     Action = "partner-view"
	PartnerManage   Action = "partner-manage"  // cards, addresses, contacts
	PartnerCeiling  Action = "partner-ceiling" // up to which TLP a partner may have
	Pairing         Action = "pairing"         // confirm a partner after its words were compared
	CovenantSign    Action = "covenant-sign"
	QuarantineView  Action = "quarantine-view"
	QuarantineLift  Action = "quarantine-lift"
	LedgerVerify    Action = "ledger-verify"
	AuditRead       Action = "audit-read"
	ExerciseControl Action = "exercise-control"
	AccountView     Action = "account-view"
	AccountManage   Action = "account-manage"
	RecoverAsk      Action = "recover-ask"
	RecoverApprove  Action = "recover-approve"
	OwnCredentials  Action = "own-credentials"
	OwnLanguage     Action = "own-language"
	OwnSessions     Action = "own-sessions"
)

// Actions are all of them.
var Actions = [...]Action{
	SignedIn, WatchView, ViewObjects, Search, SavedSearch, Acknowledge, HandoverView, HandoverWrite, Author, Answer, Import,
	Export, Preview, ReleaseDesk, ReleaseDecide, PartnerView, PartnerManage, PartnerCeiling, Pairing, CovenantSign, QuarantineView,
	QuarantineLift, LedgerVerify, AuditRead, ExerciseControl, AccountView, AccountManage, RecoverAsk, RecoverApprove, OwnCredentials, OwnLanguage,
	OwnSessions,
}

// The groups by which the table is written.
var (
	readers = []Role{Analyst, WatchOfficer, ReleaseOfficer, CovenantSigner, Auditor, ExerciseController}
	people  = append(slices.Clone(readers), Administrator)
)

// allowed is the one table: who may do what. What does not stand in it is denied.
//
// An administrator keeps the node and its accounts and does not see what is shared; an auditor sees everything and changes nothing; who writes
// does not decide what is released. Somebody who needs more has more roles, and the ledger tells who gave them.
var allowed = map[Action][]Role{
	SignedIn:        people,
	WatchView:       people,
	ViewObjects:     append(slices.Clone(readers), Service),
	Search:          append(slices.Clone(readers), Service),
	SavedSearch:     readers,
	Acknowledge:     {WatchOfficer},
	HandoverView:    readers,
	HandoverWrite:   {WatchOfficer},
	Author:          {Analyst, WatchOfficer},
	Answer:          {Analyst, WatchOfficer, Service},
	Import:          {Analyst, WatchOfficer, Service},
	Export:          {ReleaseOfficer},
	Preview:         {Analyst, WatchOfficer, ReleaseOfficer, CovenantSigner, Auditor},
	ReleaseDesk:     {Analyst, WatchOfficer, ReleaseOfficer, CovenantSigner, Auditor},
	ReleaseDecide:   {ReleaseOfficer},
	PartnerView:     people,
	PartnerManage:   {Administrator},
	PartnerCeiling:  {ReleaseOfficer},
	Pairing:         {Administrator},
	CovenantSign:    {CovenantSigner},
	QuarantineView:  {Analyst, WatchOfficer, ReleaseOfficer, Auditor},
	QuarantineLift:  {WatchOfficer, ReleaseOfficer},
	LedgerVerify:    {ReleaseOfficer, Auditor, Administrator},
	AuditRead:       {Auditor, Administrator},
	ExerciseControl: {ExerciseController},
	AccountView:     {Auditor, Administrator},
	AccountManage:   {Administrator},
	RecoverAsk:      {Administrator},
	RecoverApprove:  {Administrator},
	OwnCredentials:  append(slices.Clone(people), Enrolling),
	OwnLanguage:     append(slices.Clone(people), Enrolling),
	OwnSessions:     people,
}

// Allowed says whether any of the roles may do something. What the table does not know is denied.
func Allowed(roles []Role, action Action) bool {
	may := allowed[action]
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(may, r) })
}
