package ingest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// Policy says what becomes of an object that breaks what STIX demands.
type Policy uint8

// The policies.
const (
	Quarantine Policy = iota // it is kept, shown, and takes part in nothing until a person lifts it
	Reject                   // it is not kept
)

// ParsePolicy reads the name of a policy; the empty one is Quarantine. Other names are fault.Invalid.
func ParsePolicy(s string) (Policy, error) {
	switch s {
	case "", "quarantine":
		return Quarantine, nil
	case "reject":
		return Reject, nil
	}
	return 0, fault.New(fault.Invalid, `%q: want "quarantine" or "reject"`, s)
}

// Lift is a person's decision that a content takes part though it breaks what STIX demands. It holds for the content, by its digest:
// for every variant of it, from whatever origin and whenever it arrives.
type Lift struct {
	ID       string    `json:"id"`
	Modified int64     `json:"modified"` // ns since 1970
	Reason   string    `json:"reason"`
	Time     time.Time `json:"time"`
}

const kindLift = "quarantine-lift" // key: digest in hexadecimal; term: id

// MaxReason bounds the reason of a Lift, in bytes.
const MaxReason = 1000

// Lift lifts one quarantined content of an object and decides about the object again. A second lift of one content changes nothing and
// returns the first. No variant with this content is fault.NotFound; one that is not broken is fault.Conflict.
func (in *Ingest) Lift(tx store.Tx, now time.Time, id string, digest store.Hash, reason string) (l Lift, fresh bool, err error) {
	if reason == "" || len(reason) > MaxReason || strings.ContainsFunc(reason, unicode.IsControl) || !utf8.ValidString(reason) {
		return l, false, fault.New(fault.Invalid, "lift %s: a reason is one line of 1 to %d bytes, without control characters", id, MaxReason)
	}
	variants, err := tx.Objects().Variants([]string{id})
	if err != nil {
		return l, false, fmt.Errorf("lift %s: %w", id, err)
	}
	found, isBroken := false, false
	for i := range variants {
		if v := &variants[i]; v.Digest == digest {
			found, isBroken = true, isBroken || v.Broken
			l = Lift{id, v.Modified, reason, now.UTC()}
		}
	}
	switch {
	case !found:
		return l, false, fault.New(fault.NotFound, "lift %s: no version of it has the content %x", id, digest[:8])
	case !isBroken:
		return l, false, fault.New(fault.Conflict, "lift %s: the content %x is not quarantined", id, digest[:8])
	}
	if earlier, ok, err := LiftOf(tx, digest); err != nil || ok {
		return earlier, false, err
	}
	value, err := json.Marshal(l)
	if err != nil {
		return l, false, fmt.Errorf("lift %s: %w", id, err)
	}
	if err := tx.Records().Put(store.Record{Kind: kindLift, Key: hex.EncodeToString(digest[:]), Value: value, Terms: []string{id}}); err != nil {
		return l, false, fmt.Errorf("lift %s: %w", id, err)
	}
	return l, true, in.Settle(tx, now, []string{id})
}

// LiftOf returns the lift of a content; ok is false when there is none.
func LiftOf(tx store.Tx, digest store.Hash) (l Lift, ok bool, err error) {
	r, ok, err := tx.Records().Get(kindLift, hex.EncodeToString(digest[:]))
	if err != nil || !ok {
		return l, false, err
	}
	if err := json.Unmarshal(r.Value, &l); err != nil {
		return l, false, fmt.Errorf("lift of %x: %w", digest[:8], err)
	}
	return l, true, nil
}

// liftsOf finds the contents of an object that were lifted, once in this transaction. One look-up for all of them, or an object with many
// broken versions would cost as many at each arrival.
func (w *work) liftsOf(id string) (map[store.Hash]bool, error) {
	if lifted, ok := w.lifted[id]; ok {
		return lifted, nil
	}
	lifted := map[store.Hash]bool{}
	for after := ""; ; {
		records, err := w.tx.Records().Find(kindLift, id, after, page)
		if err != nil {
			return nil, fmt.Errorf("ingest: lifts of %s: %w", id, err)
		}
		for _, r := range records {
			var digest store.Hash
			if n, err := hex.Decode(digest[:], []byte(r.Key)); err != nil || n != len(digest) {
				return nil, fault.New(fault.Internal, "ingest: lifts of %s: %q is no digest", id, r.Key)
			}
			lifted[digest] = true
		}
		if len(records) < page {
			w.lifted[id] = lifted
			return lifted, nil
		}
		after = records[len(records)-1].Key
	}
}

// quarantine sets aside what is broken and not lifted, and returns the rest. What is quarantined is to the rest as if it had not come:
// it takes no ownership and puts nothing aside.
func (w *work) quarantine(variants []store.Variant) (rest []*store.Variant, err error) {
	rest = make([]*store.Variant, 0, len(variants))
	for i := range variants {
		v := &variants[i]
		if v.Broken {
			lifted, err := w.liftsOf(v.ID)
			if err != nil {
				return nil, err
			}
			if !lifted[v.Digest] {
				v.Standing, v.Current = store.Quarantined, false
				continue
			}
		}
		rest = append(rest, v)
	}
	return rest, nil
}
