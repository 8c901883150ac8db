package sqlite

import (
	"container/heap"
	"database/sql/driver"
	"slices"

	"github.com/wagasa/wagasa/internal/store"
)

// A search for the variants of some families in the order of their ids merges one cursor a family over the index (family,
// id, current). A cursor reads one entry first and then ever longer pieces, so that a page costs a look per family and not much more than its
// own length, however rare or frequent its families are.

// entry of the index variant_family.
type entry struct {
	id      string
	seq     int64
	current bool
}

// cursor walks through one family.
type cursor struct {
	family int64
	after  string
	size   int // of the next piece
	piece  []entry
	ended  bool
}

const largestPiece = 256

// fill reads the next piece if there is none left.
func (c *cursor) fill(t *tx) error {
	if len(c.piece) > 0 || c.ended {
		return nil
	}
	size := c.size
	err := t.query("SELECT id, seq, current FROM variant INDEXED BY variant_family WHERE family = ? AND id > ? ORDER BY id, current LIMIT ?",
		[]driver.Value{c.family, c.after, int64(size)}, func(r *row) {
			c.piece = append(c.piece, entry{r.text(), r.int(), r.bool()})
		})
	if err != nil {
		return err
	}
	if len(c.piece) < size {
		c.ended = true
	} else if err := c.whole(t); err != nil {
		return err
	}
	c.size = min(4*size, largestPiece)
	if n := len(c.piece); n > 0 {
		c.after = c.piece[n-1].id
	}
	return nil
}

// whole completes the piece with all that its last id has, since the next one begins behind that id.
func (c *cursor) whole(t *tx) error {
	last := c.piece[len(c.piece)-1].id
	c.piece = slices.DeleteFunc(c.piece, func(e entry) bool { return e.id == last })
	return t.query("SELECT id, seq, current FROM variant INDEXED BY variant_family WHERE family = ? AND id = ?",
		[]driver.Value{c.family, last}, func(r *row) {
			c.piece = append(c.piece, entry{r.text(), r.int(), r.bool()})
		})
}

// cursors is a heap by id.
type cursors []*cursor

func (c cursors) Len() int           { return len(c) }
func (c cursors) Less(i, j int) bool { return c[i].piece[0].id < c[j].piece[0].id }
func (c cursors) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)        { *c = append(*c, x.(*cursor)) }
func (c *cursors) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// merge calls f with the entries of the families whose id is greater than after, in the order of id, until f returns false.
func (t *tx) merge(families []int64, after string, f func(entry) bool) error {
	all := make(cursors, 0, len(families))
	for _, family := range families {
		c := &cursor{family: family, after: after, size: 1}
		if len(families) == 1 {
			c.size = 64
		}
		if err := c.fill(t); err != nil {
			return err
		}
		if len(c.piece) > 0 {
			all = append(all, c)
		}
	}
	heap.Init(&all)
	for len(all) > 0 {
		c := all[0]
		if !f(c.piece[0]) {
			return nil
		}
		c.piece = c.piece[1:]
		if err := c.fill(t); err != nil {
			return err
		}
		if len(c.piece) == 0 {
			heap.Pop(&all)
		} else {
			heap.Fix(&all, 0)
		}
	}
	return nil
}

// families runs a query for family numbers.
func (t *tx) families(query string, args ...driver.Value) (found []int64, err error) {
	err = t.query(query, args, func(r *row) { found = append(found, r.int()) })
	return found, err
}

// familiesOf returns the families of the classes that have one of the types; no types is all.
func (t *tx) familiesOf(classes []int64, types []string) (found []int64, err error) {
	classes = slices.Clone(classes)
	slices.Sort(classes)
	err = inList("SELECT num, type FROM family WHERE class IN (?*)", slices.Compact(classes), func(query string, args []driver.Value) error {
		return t.query(query, args, func(r *row) {
			if num, typ := r.int(), r.text(); len(types) == 0 || slices.Contains(types, typ) {
				found = append(found, num)
			}
		})
	})
	return found, err
}

func (o *objects) ScanCurrent(after string, types []string, classes []int64, limit int) ([]store.Variant, error) {
	t := o.tx()
	if limit <= 0 {
		return nil, t.usable()
	}
	if len(types) == 0 && classes == nil {
		return o.scanAll(after, limit)
	}
	var (
		families []int64
		err      error
	)
	if classes != nil {
		families, err = t.familiesOf(classes, types)
	} else {
		err = inList("SELECT num FROM family WHERE type IN (?*)", distinct(types), func(query string, args []driver.Value) error {
			more, err := t.families(query, args...)
			families = append(families, more...)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	var seqs []int64
	err = t.merge(families, after, func(e entry) bool {
		if e.current {
			seqs = append(seqs, e.seq)
		}
		return len(seqs) < limit
	})
	if err != nil {
		return nil, err
	}
	return o.bySeq(seqs)
}

func (o *objects) scanAll(after string, limit int) ([]store.Variant, error) {
	t := o.tx()
	var found []store.Variant
	err := t.query("SELECT "+variantColumns+`, raw.bytes FROM variant v INDEXED BY variant_id CROSS JOIN raw ON raw.seq = v.seq
		WHERE v.current = 1 AND v.id > ? ORDER BY v.id LIMIT ?`, []driver.Value{after, int64(limit)}, func(r *row) {
		v := t.variant(r)
		v.Raw = r.blob()
		found = append(found, v)
	})
	return found, err
}

// idsOf returns up to limit distinct ids greater than after of variants of the families.
func (t *tx) idsOf(families []int64, after string, limit int) (found []string, err error) {
	if limit <= 0 {
		return nil, t.usable()
	}
	err = t.merge(families, after, func(e entry) bool {
		if n := len(found); n == 0 || found[n-1] != e.id {
			found = append(found, e.id)
		}
		return len(found) < limit
	})
	return found, err
}

func (o *objects) Marked(marking, after string, limit int) ([]string, error) {
	t := o.tx()
	families, err := t.families("SELECT family FROM family_marking WHERE marking = ?", marking)
	if err != nil {
		return nil, err
	}
	return t.idsOf(families, after, limit)
}

func (o *objects) Created(creator, after string, limit int) ([]string, error) {
	t := o.tx()
	families, err := t.families("SELECT num FROM family WHERE creator = ?", creator)
	if err != nil {
		return nil, err
	}
	return t.idsOf(families, after, limit)
}

func (o *objects) MarkedClasses(marking string) (classes []int64, err error) {
	t := o.tx()
	if err := t.flushTallies(); err != nil {
		return nil, err
	}
	err = t.query(`
		SELECT DISTINCT f.class FROM family_marking m JOIN family f ON f.num = m.family JOIN tally t ON t.family = f.num
		WHERE m.marking = ? AND t.current = 1 AND t.n > 0
		ORDER BY f.class`, []driver.Value{marking}, func(r *row) { classes = append(classes, r.int()) })
	return classes, err
}
