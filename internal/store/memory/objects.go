package memory

import (
	"maps"
	"math"
	"slices"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

type objects tx

func (o *objects) tx() *tx { return (*tx)(o) }

func (o *objects) Variants(ids []string) ([]store.Variant, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Variant
	for _, id := range distinct(ids) {
		for _, v := range o.of(id) {
			found = append(found, export(v, false))
		}
	}
	return found, nil
}

// of returns the variants of one id by Seq, sharing their memory.
func (o *objects) of(id string) []store.Variant {
	var found []store.Variant
	for k := range o.data.variants.from(variantKey{id, math.MinInt64}) {
		if k.id != id {
			break
		}
		found = append(found, o.data.variants.rows[k])
	}
	return found
}

func (o *objects) Insert(variants []store.Variant) error {
	if err := o.tx().write(); err != nil {
		return err
	}
	for i := range variants {
		v := &variants[i]
		same := func(w store.Variant) bool {
			return w.ID == v.ID && w.Modified == v.Modified && w.Digest == v.Digest && w.Origin == v.Origin
		}
		if slices.ContainsFunc(o.of(v.ID), same) || slices.ContainsFunc(variants[:i], same) {
			return fault.New(fault.Conflict, "variant of %s modified %d from %q: already stored", v.ID, v.Modified, v.Origin)
		}
	}
	last, _ := o.data.bySeq.last(math.MaxInt64)
	for i := range variants {
		v := &variants[i]
		last++
		v.Seq, v.Size = last, len(v.Raw)
		o.data.bySeq.set(o.undo, v.Seq, v.ID)
		o.put(*v)
	}
	return nil
}

// put stores a copy of v under its ID and Seq.
func (o *objects) put(v store.Variant) {
	v.Raw, v.Findings, v.Markings, v.Names = clone(v.Raw), clone(v.Findings), cloneStrings(v.Markings), cloneStrings(v.Names)
	v.Size = len(v.Raw)
	k := variantKey{v.ID, v.Seq}
	o.data.variants.set(o.undo, k, v)
	mark := func(t *table[variantKey, bool], is bool) {
		if is {
			t.set(o.undo, k, true)
		} else {
			t.del(o.undo, k)
		}
	}
	mark(o.data.held, v.Standing == store.Held)
	mark(o.data.quarantined, v.Standing == store.Quarantined)
}

func (o *objects) Update(variants []store.Variant) error {
	if err := o.tx().write(); err != nil {
		return err
	}
	for _, v := range variants {
		if _, ok := o.data.bySeq.get(v.Seq); !ok {
			return fault.New(fault.NotFound, "variant %d of %s: no such variant", v.Seq, v.ID)
		}
	}
	for _, v := range variants {
		id, _ := o.data.bySeq.get(v.Seq)
		old, _ := o.data.variants.get(variantKey{id, v.Seq})
		v.ID, v.Type, v.Modified, v.Digest, v.Origin, v.Creator = old.ID, old.Type, old.Modified, old.Digest, old.Origin, old.Creator
		v.Names = old.Names
		if v.Raw == nil {
			v.Raw, v.Findings = old.Raw, old.Findings
		}
		o.put(v)
	}
	return nil
}

func (o *objects) Current(ids []string) ([]store.Variant, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Variant
	for _, id := range distinct(ids) {
		for _, v := range o.of(id) {
			if v.Current {
				found = append(found, export(v, true))
			}
		}
	}
	return found, nil
}

func (o *objects) ScanCurrent(after string, types []string, classes []int64, limit int) ([]store.Variant, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Variant
	for k := range o.data.variants.from(variantKey{after, math.MaxInt64}) {
		if len(found) >= limit {
			break
		}
		v := o.data.variants.rows[k]
		if v.Current && (len(types) == 0 || slices.Contains(types, v.Type)) && (classes == nil || slices.Contains(classes, v.Class)) {
			found = append(found, export(v, true))
		}
	}
	return found, nil
}

// ids returns up to limit distinct ids greater than after that have a variant for which want holds.
func (o *objects) ids(after string, limit int, want func(store.Variant) bool) ([]string, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	var found []string
	for k := range o.data.variants.from(variantKey{after, math.MaxInt64}) {
		if len(found) >= limit {
			break
		}
		if (len(found) == 0 || found[len(found)-1] != k.id) && want(o.data.variants.rows[k]) {
			found = append(found, k.id)
		}
	}
	return found, nil
}

func (o *objects) Marked(marking, after string, limit int) ([]string, error) {
	return o.ids(after, limit, func(v store.Variant) bool { return slices.Contains(v.Markings, marking) })
}

func (o *objects) Naming(name, after string, limit int) ([]string, error) {
	return o.ids(after, limit, func(v store.Variant) bool { return slices.Contains(v.Names, name) })
}

func (o *objects) MarkedClasses(marking string) ([]int64, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	classes := map[int64]bool{}
	for _, v := range o.data.variants.rows {
		if v.Current && slices.Contains(v.Markings, marking) {
			classes[v.Class] = true
		}
	}
	if len(classes) == 0 {
		return nil, nil
	}
	return slices.Sorted(maps.Keys(classes)), nil
}

func (o *objects) Created(creator, after string, limit int) ([]string, error) {
	return o.ids(after, limit, func(v store.Variant) bool { return v.Creator == creator })
}

func (o *objects) HeldUntil(modified int64, limit int) ([]string, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	var found []string
	for k := range o.data.held.all() {
		if len(found) >= limit {
			break
		}
		if (len(found) == 0 || found[len(found)-1] != k.id) && o.data.variants.rows[k].Modified <= modified {
			found = append(found, k.id)
		}
	}
	return found, nil
}

func (o *objects) Quarantined(after string, limit int) ([]string, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	var found []string
	for k := range o.data.quarantined.from(variantKey{after, math.MaxInt64}) {
		if len(found) >= limit {
			break
		}
		if len(found) == 0 || found[len(found)-1] != k.id {
			found = append(found, k.id)
		}
	}
	return found, nil
}

func (o *objects) Findings(seqs []int64) (map[int64][]byte, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	found := map[int64][]byte{}
	for _, seq := range seqs {
		id, _ := o.data.bySeq.get(seq)
		if v, ok := o.data.variants.get(variantKey{id, seq}); ok && len(v.Findings) > 0 {
			found[seq] = clone(v.Findings)
		}
	}
	return found, nil
}

func (o *objects) Bytes(seqs []int64) (map[int64][]byte, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	found := map[int64][]byte{}
	for _, seq := range seqs {
		id, _ := o.data.bySeq.get(seq)
		if v, ok := o.data.variants.get(variantKey{id, seq}); ok {
			found[seq] = clone(v.Raw)
		}
	}
	return found, nil
}

func (o *objects) Contested(after string, limit int) ([]string, error) {
	return o.ids(after, limit, func(v store.Variant) bool {
		return v.Standing == store.Claim || v.Standing == store.Held ||
			v.Modified > 0 && slices.ContainsFunc(o.of(v.ID), func(w store.Variant) bool {
				return w.Modified == v.Modified && w.Digest != v.Digest
			})
	})
}

func (o *objects) Counts() (store.Counts, error) {
	if err := o.tx().read(); err != nil {
		return store.Counts{}, err
	}
	c := store.Counts{Received: map[store.Party]int{}}
	last := ""
	for k := range o.data.variants.all() {
		v := o.data.variants.rows[k]
		c.Variants++
		if v.Current && (c.Objects == 0 || last != v.ID) {
			c.Objects++
			last = v.ID
		}
		switch v.Standing {
		case store.Claim:
			c.Claims++
		case store.Held:
			c.Held++
		case store.Quarantined:
			c.Quarantined++
		}
		if v.Origin != store.Self {
			c.Received[v.Origin]++
		}
	}
	return c, nil
}

func (o *objects) Intern(facts string) (int64, error) {
	if err := o.tx().write(); err != nil {
		return 0, err
	}
	if n, ok := o.data.byFacts.get(facts); ok {
		return n, nil
	}
	last, _ := o.data.classes.last(math.MaxInt64)
	o.data.classes.set(o.undo, last+1, facts)
	o.data.byFacts.set(o.undo, facts, last+1)
	return last + 1, nil
}

func (o *objects) Classes() (map[int64]string, error) {
	if err := o.tx().read(); err != nil {
		return nil, err
	}
	return maps.Clone(o.data.classes.rows), nil
}

func export(v store.Variant, raw bool) store.Variant {
	v.Findings, v.Markings, v.Names = nil, cloneStrings(v.Markings), cloneStrings(v.Names)
	if raw {
		v.Raw = clone(v.Raw)
	} else {
		v.Raw = nil
	}
	return v
}

// distinct returns the strings sorted, each once.
func distinct(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}
