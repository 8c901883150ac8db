// Package store declares what a node remembers and the transaction in which it changes. The engines live in sqlite and
// memory, each with its own means; storetest is the one suite that both must pass.
//
// All truth is object versions ([Objects]); a [Feed] tells in which order it changed; [Streams] holds what is queued for,
// numbered for and received from partners; [Log] holds the leaves of the ledger; [Records] holds everything else.
//
// A [Store] may be used by many goroutines and, on SQLite, by many processes at once. There is one writer at a time.
// A [Tx] belongs to the function it was given to and to no other goroutine.
package store

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Store is one node's memory.
type Store interface {
	// Update runs f in a read-write transaction. When Update returns nil, what f wrote is durable: it survives a
	// kill and a power cut. When f or the commit fails nothing of it remains. Update waits for other writers, also of other
	// processes, until ctx ends. A full disk or store is fault.Unavailable.
	Update(ctx context.Context, f func(Tx) error) error
	// View runs f on one consistent snapshot. Writing methods of its Tx fail.
	View(ctx context.Context, f func(Tx) error) error
	// Version returns a number that differs from an earlier one if anything was committed in between, by this or any
	// other process. It is cheap enough to poll every ten milliseconds.
	Version(ctx context.Context) (int64, error)
	Close() error
}

// Tx is one transaction. Its parts are small, so that a package can ask for just what it uses.
type Tx interface {
	Objects() Objects
	Feed() Feed
	Streams() Streams
	Log() Log
	Records() Records
}

// Party names a node: the id of the identity object that its init made. The empty Party is this node itself.
type Party string

// Self is this node.
const Self Party = ""

// Hash is a SHA-256.
type Hash [32]byte

// Precedence orders what is sent (names of RFC 6477). A greater one goes first.
type Precedence uint8

// The four precedences.
const (
	Routine Precedence = iota
	Priority
	Immediate
	Flash
)

// Precedences in the order in which they are served.
var Precedences = [...]Precedence{Flash, Immediate, Priority, Routine}

func (p Precedence) String() string {
	return [...]string{"ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"}[p&3]
}

// Letter is R, P, O or Z.
func (p Precedence) Letter() string { return "RPOZ"[p&3 : p&3+1] }

// ParsePrecedence reads a letter or a name, in either case.
func ParsePrecedence(s string) (Precedence, error) {
	for _, p := range Precedences {
		if strings.EqualFold(s, p.Letter()) || strings.EqualFold(s, p.String()) {
			return p, nil
		}
	}
	return 0, fmt.Errorf("precedence %q: want R (routine), P (priority), O (immediate) or Z (flash)", s)
}

// Standing says what a variant may do: only Open and Authoritative ones can be current.
type Standing uint8

// The standings.
const (
	Open          Standing = iota // nobody here writes for the creator: a version per origin
	Authoritative                 // it comes from the node that writes for its creator
	Claim                         // it comes from anybody else: kept aside, shown, never current
	Held                          // modified too far ahead of our clock: kept aside until then
	Quarantined                   // it breaks what STIX demands: kept aside until a person lifts it
)

func (s Standing) String() string {
	names := [...]string{"open", "authoritative", "claim", "held", "quarantined"}
	if int(s) >= len(names) {
		return "unknown"
	}
	return names[s]
}

// Variant is one version of one object as one origin gave it. (ID, Modified, Digest, Origin) is unique.
type Variant struct {
	Seq         int64 // given by the store at Insert, ascending, never reused
	ID          string
	Type        string
	SpecVersion string // as written; empty where the object has none
	Modified    int64  // ns since 1970 UTC; created for marking-definitions, 0 for what has no version
	Creator     string // created_by_ref
	Digest      Hash   // of the RFC 8785 form
	Sum         Hash   // of Raw
	Origin      Party
	Serial      uint64
	TLP         uint8 // stix.TLP that holds where the object names none (own), or it was released under (received)
	Precedence  Precedence
	Standing    Standing
	Current     bool // the winner among all variants of ID
	Validated   bool // false: a type or spec_version that this node does not know
	Revoked     bool
	Broken      bool     // there is a finding that STIX does not allow
	Class       int64    // interned release facts
	Markings    []string // ids of the marking-definitions it refers to, other than TLP's; sorted
	Names       []string // ids of the observables that it names; sorted, never changed
	Size        int      // bytes of Raw; set by the store
	Evidence    int64    // Seq of the Evidence it was received under, 0 for own
	Leaf        int      // its index among the leaves of Evidence
	Arrived     int64    // ns since 1970
	Raw         []byte   // the original bytes; only where a method says so
	Findings    []byte   // what validation found in Raw, nil if nothing; only Findings returns it
}

// Objects holds every version of every object.
type Objects interface {
	// Variants returns all variants of the given ids, without Raw, ordered by ID then Seq. Duplicated ids count once.
	Variants(ids []string) ([]Variant, error)
	// Insert adds variants and sets the Seq of each in place. A second variant of one (ID, Modified, Digest, Origin) is fault.Conflict.
	Insert(variants []Variant) error
	// Update overwrites, by Seq, everything of each variant but ID, Type, Modified, Digest, Origin, Creator and Names. A nil Raw leaves the
	// bytes and the Findings.
	Update(variants []Variant) error
	// Findings returns the Findings of the variants of the given numbers that have any, by Seq.
	Findings(seqs []int64) (map[int64][]byte, error)
	// Bytes returns the original bytes of the variants of the given numbers, by Seq.
	Bytes(seqs []int64) (map[int64][]byte, error)
	// Current returns the current variants of the ids that have one, with Raw, ordered by ID.
	Current(ids []string) ([]Variant, error)
	// ScanCurrent returns up to limit current variants with Raw whose ID is greater than after, ordered by ID.
	// An empty types or a nil classes does not restrict; an empty non-nil classes matches nothing.
	ScanCurrent(after string, types []string, classes []int64, limit int) ([]Variant, error)
	// Marked returns up to limit ids greater than after, ascending and distinct, of objects any of whose variants has marking in its Markings.
	Marked(marking, after string, limit int) ([]string, error)
	// Naming returns up to limit ids greater than after, ascending and distinct, of objects any of whose variants has name in its Names.
	Naming(name, after string, limit int) ([]string, error)
	// MarkedClasses returns the distinct classes of the current variants that have marking in their Markings.
	MarkedClasses(marking string) ([]int64, error)
	// Created returns up to limit ids greater than after, ascending and distinct, of objects with a variant whose Creator is creator.
	Created(creator, after string, limit int) ([]string, error)
	// HeldUntil returns up to limit distinct ids, ascending, that have a variant with Standing Held and Modified <= modified.
	HeldUntil(modified int64, limit int) ([]string, error)
	// Quarantined returns up to limit ids greater than after, ascending, that have a Quarantined variant.
	Quarantined(after string, limit int) ([]string, error)
	// Contested returns up to limit ids greater than after, ascending, that have a Claim or Held variant, or two variants of one Modified > 0
	// that differ in Digest.
	Contested(after string, limit int) ([]string, error)
	// Counts tells how much there is.
	Counts() (Counts, error)

	// Intern returns the number of a class of facts, the same for the same facts, for ever.
	Intern(facts string) (int64, error)
	// Classes returns all classes by number.
	Classes() (map[int64]string, error)
}

// Portions splits the ids of the current ones among variants, in their order, so that the bytes of a portion come to at most limit, or to
// one variant's.
func Portions(variants []Variant, limit int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		var ids []string
		total := 0
		for i := range variants {
			v := &variants[i]
			if !v.Current {
				continue
			}
			if total += v.Size; len(ids) > 0 && total > limit {
				if !yield(ids) {
					return
				}
				ids, total = nil, v.Size
			}
			ids = append(ids, v.ID)
		}
		if len(ids) > 0 {
			yield(ids)
		}
	}
}

// Counts of object variants.
type Counts struct {
	Objects     int           // ids with a current variant
	Variants    int           // all
	Claims      int           // variants with Standing Claim
	Held        int           // variants with Standing Held
	Quarantined int           // variants with Standing Quarantined
	Received    map[Party]int // variants by origin, Self left out
}

// Kind of a feed entry.
type Kind string

// The kinds of feed entries.
const (
	KindObject   Kind = "object"   // Key = ObjectKey(id, modified): its winning variant, class or current state changed
	KindRemoval  Kind = "removal"  // Key = ObjectKey(id, modified)
	KindPartner  Kind = "partner"  // Key = party: added, confirmed, heard of
	KindPolicy   Kind = "policy"   // Key = party: what it may have changed
	KindApproval Kind = "approval" // Key = id of the approval
)

// Entry of the feed.
type Entry struct {
	Position int64 // ascending in the order of commit; gaps may occur
	Time     int64 // ns since 1970
	Kind     Kind
	Key      string
}

// ObjectKey is the key of a feed entry about an object version.
func ObjectKey(id string, modified int64) string { return id + " " + strconv.FormatInt(modified, 10) }

// SplitObjectKey undoes ObjectKey.
func SplitObjectKey(key string) (id string, modified int64, err error) {
	id, tail, ok := strings.Cut(key, " ")
	if ok {
		modified, err = strconv.ParseInt(tail, 10, 64)
	}
	if !ok || err != nil {
		return "", 0, fmt.Errorf("feed key %q: want an object id and a time in nanoseconds", key)
	}
	return id, modified, nil
}

// Feed is the order in which truth changed. A position is taken in the writing transaction, last before commit, so
// that a reader never sees a later one before an earlier one.
type Feed interface {
	Append(now int64, kind Kind, key string) error
	// After returns up to limit entries with a greater position, ascending. Entries appended in the same transaction are not seen.
	After(position int64, limit int) ([]Entry, error)
	// Head is the greatest position, 0 when empty.
	Head() (int64, error)
	// Cursor is how far the named consumer has come, 0 at first. SetCursor belongs in the transaction that writes the consumer's output.
	Cursor(consumer string) (int64, error)
	SetCursor(consumer string, position int64) error
}

// State of a number that was given to an envelope.
type State uint8

// The states of a number.
const (
	InFlight  State = iota // sealed; not yet receipted
	Receipted              // the partner has it
	Void                   // withdrawn before a receipt came; the partner is told to close the gap
	Closed                 // void, and the partner has closed the gap
)

// Number names one envelope: gap-free per partner, incarnation of the sender and precedence, starting at 1.
type Number struct {
	Partner     Party
	Incarnation uint64
	Precedence  Precedence
	Number      uint64
}

// Sent is one numbered envelope to a partner.
type Sent struct {
	Number
	State  State
	Left   bool   // its bytes were handed to a channel at least once
	Sealed []byte // nil once receipted or void; only where a method says so
	Time   int64  // ns since 1970, when sealed
	Items  int
}

// Handover is one object version released to a partner under a number. (Number, ID) is unique; the same version may be
// carried by several numbers.
type Handover struct {
	Number
	ID        string
	Modified  int64
	Digest    Hash
	Sum       Hash
	Serial    uint64
	TLP       uint8  // effective, as sealed
	Exception string // what the partner's receipt said against it: claim, held, quarantined, refused; empty = taken
	State     State  // of the number; only read
	Left      bool   // of the number; only read
}

// Holding sums up what was released to a partner. Each handover counts by the state of its number, so a version that several numbers
// carry counts for each of them. Void ones that never left do not count, nor Closed ones.
type Holding struct {
	Released int // M: Held + Excepted + InFlight + Void
	Held     int // N: receipted without exception
	Excepted int // receipted with an exception
	InFlight int // not yet receipted
	Void     int // withdrawn after they had left, unclear whether the partner has them
}

// Evidence is what proves who released a received envelope: the sender's signature over Header and the root over Leaves.
type Evidence struct {
	Seq int64 // given by the store, ascending from 1
	Number
	Signature []byte
	Header    Hash   // salted hash of recipient and header
	Salt      []byte // of the items
	Leaves    []byte // 32 bytes an item
}

// Streams holds the queue to, the numbers given to, and what was received from each partner.
type Streams interface {
	// Enqueue adds ids to a partner's queue, in order. One already queued keeps its place unless precedence is higher, then it moves to the end of that one.
	Enqueue(partner Party, precedence Precedence, ids []string) error
	// EnqueueCurrent enqueues, at its own precedence and in order of Seq, every current variant whose class is in classes and that has
	// no Handover of the same (ID, Modified, Digest, Sum) to the partner under any number that is InFlight or Receipted. It returns how many.
	EnqueueCurrent(partner Party, classes []int64) (int, error)
	// Queued returns up to limit ids in order.
	Queued(partner Party, precedence Precedence, limit int) ([]string, error)
	Dequeue(partner Party, ids []string) error
	// Depths counts the queue by Precedence.
	Depths(partner Party) ([4]int, error)

	// AddSent stores a number with its Sealed bytes and what it carries; Handovers of the same versions under other numbers stay as they are.
	// A number given twice, and an ID twice among items, is fault.Conflict.
	AddSent(s Sent, items []Handover) error
	// Unsettled returns all of the partner's numbers InFlight or Void, without Sealed, ordered by Incarnation, Precedence, Number.
	Unsettled(partner Party) ([]Sent, error)
	// Sent returns one number with Sealed; ok is false when there is none.
	Sent(n Number) (s Sent, ok bool, err error)
	// SetSent changes State and Left of a number and drops Sealed unless the new State is InFlight. Unknown numbers are fault.NotFound.
	SetSent(n Number, state State, left bool) error
	// Carried returns exactly the handovers of one number, ordered by ID.
	Carried(n Number) ([]Handover, error)
	// Handovers returns all handovers of the ids to a partner, ordered by ID, Modified, Digest, Incarnation, Precedence, Number. Duplicated ids
	// count once.
	Handovers(partner Party, ids []string) ([]Handover, error)
	// SetException records what the partner said against an item of one number; an empty exception takes it back. It does nothing where the
	// number carries no such item.
	SetException(n Number, id string, exception string) error
	// DropHandovers forgets the handovers of one number, from which the partner never had them. Those of other numbers stay.
	DropHandovers(n Number) error
	// Holding sums up what was released to the partner.
	Holding(partner Party) (Holding, error)
	// Missing returns up to limit handovers that are in flight, ordered by ID, Incarnation, Precedence, Number.
	Missing(partner Party, limit int) ([]Handover, error)
	// StillHeld returns up to limit handovers with ID greater than after that are Receipted without exception, or Void though they Left, of ids
	// whose current variant has none of the permitted classes (or that have no current variant), ordered by ID, Modified, Digest. Each
	// (ID, Modified, Digest) is returned once: as a Receipted one if there is one, of those as the first by Incarnation, Precedence, Number.
	StillHeld(partner Party, permitted []int64, after string, limit int) ([]Handover, error)

	// AddEvidence stores the proof of a received envelope and returns its Seq. Evidence finds it again.
	AddEvidence(e Evidence) (int64, error)
	Evidence(n Number) (e Evidence, ok bool, err error)
}

// Leaf of a ledger tree.
type Leaf struct {
	Index  int64
	Data   []byte // what is hashed into the tree: random bytes and salted digests
	Detail []byte // what they are digests of, for this node's eyes
}

// Log holds the leaves and the stored hashes (golang.org/x/mod/sumdb/tlog numbering) of any number of trees.
type Log interface {
	// Size counts the leaves of a tree.
	Size(tree string) (int64, error)
	// Append adds the leaf at Index, which must be Size, and the hashes that it adds, whose storage indexes begin at first.
	Append(tree string, leaf Leaf, first int64, hashes []Hash) error
	// Leaves returns up to limit leaves from an index on.
	Leaves(tree string, from int64, limit int) ([]Leaf, error)
	// Hashes returns the stored hashes at the given indexes, in that order; one that is missing is fault.NotFound.
	Hashes(tree string, indexes []int64) ([]Hash, error)
	// Trees lists all trees by name.
	Trees() ([]string, error)
}

// Record is anything else: a value under (Kind, Key), found again by its indexed Terms.
type Record struct {
	Kind, Key string
	Value     []byte
	Terms     []string
}

// Records holds records.
type Records interface {
	// Put adds or replaces a record, its terms too.
	Put(r Record) error
	// Get returns a record; ok is false when there is none.
	Get(kind, key string) (r Record, ok bool, err error)
	Delete(kind, key string) error
	// List returns up to limit records of a kind with Key greater than after, ordered by Key.
	List(kind, after string, limit int) ([]Record, error)
	// Find is List restricted to records that have the term.
	Find(kind, term, after string, limit int) ([]Record, error)
}
