package memory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/store"
)

// undo remembers how to take back what a transaction did.
type undo struct{ steps []func() }

func (u *undo) add(f func()) { u.steps = append(u.steps, f) }

func (u *undo) rollBack() {
	for _, f := range slices.Backward(u.steps) {
		f()
	}
	u.steps = nil
}

// table is a map that is also kept in the order of its keys. Values are replaced, never modified in place.
type table[K comparable, V any] struct {
	rows    map[K]V
	keys    []K
	compare func(a, b K) int
}

func newTable[K comparable, V any](compare func(a, b K) int) *table[K, V] {
	return &table[K, V]{rows: map[K]V{}, compare: compare}
}

func (t *table[K, V]) get(k K) (V, bool) {
	v, ok := t.rows[k]
	return v, ok
}

func (t *table[K, V]) set(u *undo, k K, v V) {
	old, had := t.rows[k]
	t.rows[k] = v
	if had {
		u.add(func() { t.rows[k] = old })
		return
	}
	t.insertKey(k)
	u.add(func() { t.remove(k) })
}

func (t *table[K, V]) del(u *undo, k K) {
	old, had := t.rows[k]
	if !had {
		return
	}
	t.remove(k)
	u.add(func() {
		t.rows[k] = old
		t.insertKey(k)
	})
}

func (t *table[K, V]) insertKey(k K) {
	if n := len(t.keys); n == 0 || t.compare(t.keys[n-1], k) < 0 {
		t.keys = append(t.keys, k)
		return
	}
	i, _ := slices.BinarySearchFunc(t.keys, k, t.compare)
	t.keys = slices.Insert(t.keys, i, k)
}

func (t *table[K, V]) remove(k K) {
	delete(t.rows, k)
	i, _ := slices.BinarySearchFunc(t.keys, k, t.compare)
	t.keys = slices.Delete(t.keys, i, i+1)
}

// from returns the keys that are not less than k, in order. The result is valid until the next change.
func (t *table[K, V]) from(k K) []K {
	i, _ := slices.BinarySearchFunc(t.keys, k, t.compare)
	return t.keys[i:]
}

// last returns the greatest key less than k.
func (t *table[K, V]) last(k K) (last K, ok bool) {
	i, _ := slices.BinarySearchFunc(t.keys, k, t.compare)
	if i == 0 {
		return last, false
	}
	return t.keys[i-1], true
}

// The keys.
type (
	variantKey struct {
		id  string
		seq int64
	}
	placeKey struct {
		partner    store.Party
		precedence store.Precedence
		place      int64
	}
	queuedKey struct {
		partner store.Party
		id      string
	}
	handoverKey struct {
		partner  store.Party
		id       string
		modified int64
		digest   store.Hash
	}
	carriedKey struct {
		number store.Number
		key    handoverKey
	}
	leafKey struct {
		tree  string
		index int64
	}
	recordKey struct{ kind, key string }
	termKey   struct{ kind, term, key string }
)

func compareVariant(a, b variantKey) int {
	return cmp.Or(strings.Compare(a.id, b.id), cmp.Compare(a.seq, b.seq))
}

func comparePlace(a, b placeKey) int {
	return cmp.Or(cmp.Compare(a.partner, b.partner), cmp.Compare(a.precedence, b.precedence), cmp.Compare(a.place, b.place))
}

func compareQueued(a, b queuedKey) int {
	return cmp.Or(cmp.Compare(a.partner, b.partner), strings.Compare(a.id, b.id))
}

func compareNumber(a, b store.Number) int {
	return cmp.Or(cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Incarnation, b.Incarnation),
		cmp.Compare(a.Precedence, b.Precedence), cmp.Compare(a.Number, b.Number))
}

func compareHandover(a, b handoverKey) int {
	return cmp.Or(cmp.Compare(a.partner, b.partner), strings.Compare(a.id, b.id),
		cmp.Compare(a.modified, b.modified), slices.Compare(a.digest[:], b.digest[:]))
}

func compareCarried(a, b carriedKey) int {
	return cmp.Or(compareNumber(a.number, b.number), compareHandover(a.key, b.key))
}

func compareLeaf(a, b leafKey) int {
	return cmp.Or(strings.Compare(a.tree, b.tree), cmp.Compare(a.index, b.index))
}

func compareRecord(a, b recordKey) int {
	return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.key, b.key))
}

func compareTerm(a, b termKey) int {
	return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.term, b.term), strings.Compare(a.key, b.key))
}

// data is all that a Store holds.
type data struct {
	variants *table[variantKey, store.Variant]
	bySeq    *table[int64, string]    // id
	held     *table[variantKey, bool] // variants with Standing Held
	classes  *table[int64, string]
	byFacts  *table[string, int64]

	feed    *table[int64, store.Entry]
	cursors *table[string, int64]

	queue     *table[placeKey, string]
	queued    *table[queuedKey, placeKey]
	sent      *table[store.Number, store.Sent]
	handovers *table[handoverKey, store.Handover]
	carried   *table[carriedKey, struct{}]
	evidence  *table[store.Number, store.Evidence]

	trees  *table[string, int64] // size
	leaves *table[leafKey, store.Leaf]
	hashes *table[leafKey, store.Hash]

	records *table[recordKey, store.Record]
	terms   *table[termKey, struct{}]
}

func newData() data {
	return data{
		variants: newTable[variantKey, store.Variant](compareVariant),
		bySeq:    newTable[int64, string](cmp.Compare[int64]),
		held:     newTable[variantKey, bool](compareVariant),
		classes:  newTable[int64, string](cmp.Compare[int64]),
		byFacts:  newTable[string, int64](strings.Compare),

		feed:    newTable[int64, store.Entry](cmp.Compare[int64]),
		cursors: newTable[string, int64](strings.Compare),

		queue:     newTable[placeKey, string](comparePlace),
		queued:    newTable[queuedKey, placeKey](compareQueued),
		sent:      newTable[store.Number, store.Sent](compareNumber),
		handovers: newTable[handoverKey, store.Handover](compareHandover),
		carried:   newTable[carriedKey, struct{}](compareCarried),
		evidence:  newTable[store.Number, store.Evidence](compareNumber),

		trees:  newTable[string, int64](strings.Compare),
		leaves: newTable[leafKey, store.Leaf](compareLeaf),
		hashes: newTable[leafKey, store.Hash](compareLeaf),

		records: newTable[recordKey, store.Record](compareRecord),
		terms:   newTable[termKey, struct{}](compareTerm),
	}
}

// clone copies bytes; empty ones become nil, so that an engine cannot be told from another by them.
func clone(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return slices.Clone(b)
}

func cloneStrings(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	return slices.Clone(s)
}
