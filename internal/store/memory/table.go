package memory

import (
	"cmp"
	"iter"
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

// table is a map that is also kept in the order of its keys, in blocks, so that an insertion moves few of them. Values are replaced, never
// modified in place.
type table[K comparable, V any] struct {
	rows    map[K]V
	blocks  [][]K // none is empty
	compare func(a, b K) int
}

const largestBlock = 512

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

// find returns the place of the first key that is not less than k: a block, which may be one behind the last, and an index in it.
func (t *table[K, V]) find(k K) (block, index int) {
	block, _ = slices.BinarySearchFunc(t.blocks, k, func(keys []K, k K) int { return t.compare(keys[len(keys)-1], k) })
	if block < len(t.blocks) {
		index, _ = slices.BinarySearchFunc(t.blocks[block], k, t.compare)
	}
	return block, index
}

func (t *table[K, V]) insertKey(k K) {
	b, i := t.find(k)
	switch n := len(t.blocks); {
	case b < n:
	case n == 0 || len(t.blocks[n-1]) == largestBlock: // ascending keys fill their blocks
		t.blocks = append(t.blocks, []K{k})
		return
	default:
		b, i = n-1, len(t.blocks[n-1])
	}
	keys := slices.Insert(t.blocks[b], i, k)
	if len(keys) > largestBlock {
		half := len(keys) / 2
		t.blocks = slices.Insert(t.blocks, b+1, slices.Clone(keys[half:]))
		keys = slices.Delete(keys, half, len(keys))
	}
	t.blocks[b] = keys
}

func (t *table[K, V]) remove(k K) {
	delete(t.rows, k)
	b, i := t.find(k)
	if t.blocks[b] = slices.Delete(t.blocks[b], i, i+1); len(t.blocks[b]) == 0 {
		t.blocks = slices.Delete(t.blocks, b, b+1)
	}
}

// from yields the keys that are not less than k, in order. The table must not change meanwhile.
func (t *table[K, V]) from(k K) iter.Seq[K] {
	return func(yield func(K) bool) {
		b, i := t.find(k)
		for ; b < len(t.blocks); b, i = b+1, 0 {
			for _, k := range t.blocks[b][i:] {
				if !yield(k) {
					return
				}
			}
		}
	}
}

// all yields all keys in order.
func (t *table[K, V]) all() iter.Seq[K] {
	return func(yield func(K) bool) {
		for _, keys := range t.blocks {
			for _, k := range keys {
				if !yield(k) {
					return
				}
			}
		}
	}
}

// rank counts the keys less than k.
func (t *table[K, V]) rank(k K) (n int) {
	b, i := t.find(k)
	for _, keys := range t.blocks[:b] {
		n += len(keys)
	}
	return n + i
}

// last returns the greatest key less than k.
func (t *table[K, V]) last(k K) (last K, ok bool) {
	b, i := t.find(k)
	switch {
	case i > 0:
		return t.blocks[b][i-1], true
	case b > 0:
		return t.blocks[b-1][len(t.blocks[b-1])-1], true
	}
	return last, false
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
		number   store.Number
	}
	carriedKey struct {
		number store.Number
		id     string
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

func (k handoverKey) sameVersion(as handoverKey) bool {
	return k.partner == as.partner && k.id == as.id && k.modified == as.modified && k.digest == as.digest
}

func compareHandover(a, b handoverKey) int {
	return cmp.Or(cmp.Compare(a.partner, b.partner), strings.Compare(a.id, b.id),
		cmp.Compare(a.modified, b.modified), slices.Compare(a.digest[:], b.digest[:]), compareNumber(a.number, b.number))
}

func compareCarried(a, b carriedKey) int {
	return cmp.Or(compareNumber(a.number, b.number), strings.Compare(a.id, b.id))
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
	variants    *table[variantKey, store.Variant]
	bySeq       *table[int64, string]    // id
	held        *table[variantKey, bool] // variants with Standing Held
	quarantined *table[variantKey, bool] // variants with Standing Quarantined
	classes     *table[int64, string]
	byFacts     *table[string, int64]

	feed    *table[int64, store.Entry]
	cursors *table[string, int64]

	queue     *table[placeKey, string]
	queued    *table[queuedKey, placeKey]
	sent      *table[store.Number, store.Sent]
	handovers *table[handoverKey, store.Handover]
	carried   *table[carriedKey, handoverKey]
	evidence  *table[store.Number, store.Evidence]

	trees  *table[string, int64] // size
	leaves *table[leafKey, store.Leaf]
	hashes *table[leafKey, store.Hash]

	records *table[recordKey, store.Record]
	terms   *table[termKey, struct{}]
}

func newData() data {
	return data{
		variants:    newTable[variantKey, store.Variant](compareVariant),
		bySeq:       newTable[int64, string](cmp.Compare[int64]),
		held:        newTable[variantKey, bool](compareVariant),
		quarantined: newTable[variantKey, bool](compareVariant),
		classes:     newTable[int64, string](cmp.Compare[int64]),
		byFacts:     newTable[string, int64](strings.Compare),

		feed:    newTable[int64, store.Entry](cmp.Compare[int64]),
		cursors: newTable[string, int64](strings.Compare),

		queue:     newTable[placeKey, string](comparePlace),
		queued:    newTable[queuedKey, placeKey](compareQueued),
		sent:      newTable[store.Number, store.Sent](compareNumber),
		handovers: newTable[handoverKey, store.Handover](compareHandover),
		carried:   newTable[carriedKey, handoverKey](compareCarried),
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
