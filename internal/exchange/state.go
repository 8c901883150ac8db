package exchange

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/envelope"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// What the exchange remembers beside queue and numbers, as Records.
const (
	kindOutbound = "exchange-outbound" // key party
	kindInbound  = "exchange-inbound"  // key party, incarnation, precedence; term party
	kindLink     = "exchange-link"     // key party
	kindLease    = "lease"             // key leaseName
)

// outbound is our side of the streams to a partner.
type outbound struct {
	Incarnation uint64    `json:"incarnation"`
	Next        [4]uint64 `json:"next"`  // by precedence
	Since       int64     `json:"since"` // ns since 1970
}

// inbound is one stream of one incarnation of a partner.
type inbound struct {
	Incarnation uint64               `json:"incarnation"`
	Precedence  store.Precedence     `json:"precedence"`
	Settled     numbers              `json:"settled"`
	Voided      []envelope.Range     `json:"voided,omitempty"`
	Exceptions  []envelope.Exception `json:"exceptions,omitempty"`
	Conflicts   []uint64             `json:"conflicts,omitempty"`
	Heard       int64                `json:"heard"`             // ns since 1970, last envelope of this incarnation
	Refused     int                  `json:"refused,omitempty"` // items that were not taken, for people
	Last        []envelope.Exception `json:"last,omitempty"`    // of those, the last ones
}

// Link is what is known of the way to a partner.
type Link struct {
	Up      bool      `json:"up"`
	Contact time.Time `json:"contact"` // last accepted envelope of theirs
	Failed  time.Time `json:"failed"`
	Error   string    `json:"error,omitempty"` // of the last failure, for operators
	Alarm   string    `json:"alarm,omitempty"` // what their ledger head does that it may not
}

func getRecord(tx store.Tx, kind, key string, into any) (bool, error) {
	r, ok, err := tx.Records().Get(kind, key)
	if err != nil || !ok {
		return false, err
	}
	return true, decodeRecord(r, into)
}

func decodeRecord(r store.Record, into any) error {
	if err := json.Unmarshal(r.Value, into); err != nil {
		return fmt.Errorf("record %s %s: %w", r.Kind, r.Key, err)
	}
	return nil
}

func putRecord(tx store.Tx, kind, key string, value any, terms ...string) error {
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("record %s %s: %w", kind, key, err)
	}
	return tx.Records().Put(store.Record{Kind: kind, Key: key, Value: b, Terms: terms})
}

// outboundTo returns our streams to a partner; the first call opens an incarnation.
func (e *Engine) outboundTo(tx store.Tx, party store.Party) (outbound, error) {
	var o outbound
	ok, err := getRecord(tx, kindOutbound, string(party), &o)
	if err != nil || ok {
		return o, err
	}
	return e.freshOutbound(tx, 0, party)
}

func (e *Engine) freshOutbound(tx store.Tx, now int64, party store.Party) (outbound, error) {
	o := outbound{Incarnation: e.random(), Next: [4]uint64{1, 1, 1, 1}, Since: now}
	return o, putRecord(tx, kindOutbound, string(party), o)
}

func inboundKey(party store.Party, incarnation uint64, precedence store.Precedence) string {
	return fmt.Sprintf("%s %016x %s", party, incarnation, precedence.Letter())
}

func loadInbound(tx store.Tx, n store.Number) (*inbound, error) {
	in := &inbound{Incarnation: n.Incarnation, Precedence: n.Precedence}
	_, err := getRecord(tx, kindInbound, inboundKey(n.Partner, n.Incarnation, n.Precedence), in)
	return in, err
}

func (in *inbound) save(tx store.Tx, party store.Party) error {
	return putRecord(tx, kindInbound, inboundKey(party, in.Incarnation, in.Precedence), in, string(party))
}

// keptIncarnations bounds what a partner that resets itself again and again makes us remember.
const keptIncarnations = 8

// streamsFrom returns all streams received from a partner.
func streamsFrom(tx store.Tx, party store.Party) ([]*inbound, error) {
	records, err := tx.Records().Find(kindInbound, string(party), "", 1024)
	if err != nil {
		return nil, err
	}
	streams := make([]*inbound, len(records))
	for i, r := range records {
		streams[i] = new(inbound)
		if err := decodeRecord(r, streams[i]); err != nil {
			return nil, err
		}
	}
	return streams, nil
}

// keptStreams is streamsFrom, the latest incarnation first, and forgets the streams of incarnations long replaced.
func keptStreams(tx store.Tx, party store.Party) ([]*inbound, error) {
	all, err := streamsFrom(tx, party)
	if err != nil {
		return nil, err
	}
	heard := map[uint64]int64{}
	for _, in := range all {
		heard[in.Incarnation] = max(heard[in.Incarnation], in.Heard)
	}
	latest := slices.SortedFunc(maps.Keys(heard), func(a, b uint64) int {
		return cmp.Or(cmp.Compare(heard[b], heard[a]), cmp.Compare(a, b))
	})
	if len(latest) > keptIncarnations {
		latest = latest[:keptIncarnations]
	}
	var kept []*inbound
	for _, in := range all {
		if slices.Contains(latest, in.Incarnation) {
			kept = append(kept, in)
			continue
		}
		if err := tx.Records().Delete(kindInbound, inboundKey(party, in.Incarnation, in.Precedence)); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(kept, func(a, b *inbound) int { // the latest incarnation first
		return cmp.Compare(slices.Index(latest, a.Incarnation), slices.Index(latest, b.Incarnation))
	})
	return kept, nil
}

// leaseName is the work that only one process may do.
const leaseName = "exchange"

type lease struct {
	Holder string `json:"holder"`
	Epoch  uint64 `json:"epoch"`
}

// TakeLease makes the caller the one process that runs the exchange, and returns the epoch that its writes are checked against. Whoever
// calls it owns the node's folder; an earlier holder's writes fail from now on.
func TakeLease(tx store.Tx, holder string) (uint64, error) {
	var l lease
	if _, err := getRecord(tx, kindLease, leaseName, &l); err != nil {
		return 0, err
	}
	l = lease{holder, l.Epoch + 1}
	return l.Epoch, putRecord(tx, kindLease, leaseName, l)
}

var errTakenOver = errors.New("exchange: another process took the exchange over")

func checkLease(tx store.Tx, epoch uint64) error {
	var l lease
	if _, err := getRecord(tx, kindLease, leaseName, &l); err != nil {
		return err
	}
	if l.Epoch != epoch {
		return fault.New(fault.Conflict, "%w: %s", errTakenOver, l.Holder)
	}
	return nil
}
