package sqlite

import (
	"container/heap"
	"database/sql/driver"
	"math"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/store"
)

// A search for the variants of some families in the order of their ids merges one cursor a family over the index (family,
// id, current). A cursor reads one entry first and then ever longer pieces, so that a page costs a look per family and not much more than its
// own length, however rare or frequent its families are.
//
// That is too much once there are very many families, perhaps as many as objects. Then it walks through all variants by id, in bounded pieces,
// and looks at the family of each. If they are rare, so that a page is not full after some rows per family, it merges the rest. So a merge of
// many comes only after a walk that was longer, which no later page repeats: all pages together cost no more than the order of a walk
// through all variants, and one page no more than the order of one merge.

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

// sought tells which families a search is for.
type sought struct {
	list  func(limit int) ([]int64, error) // up to limit of them
	facts string                           // the columns of family f that fits reads
	fits  func(*row) bool
}

const (
	fewFamilies   = 128 // of so many, or fewer, nothing but a merge is tried
	rowsAFamily   = 8   // to walk through before so many families are merged; opening a cursor takes about as long
	smallestPiece = 32  // of a walk
	longestPiece  = 1024
)

// each calls f with the entries of the families sought whose id is greater than after, in the order of id, until f returns false, which
// will be after about page entries. How many families there are is found out no further than needed, since that takes time, too.
func (t *tx) each(s sought, after string, page int, f func(entry) bool) error {
	for most := fewFamilies; ; most *= 2 {
		families, err := s.list(most + 1)
		if err != nil {
			return err
		}
		if len(families) <= most {
			return t.merge(families, after, f)
		}
		var over bool
		if after, over, err = t.walk(s, after, most*rowsAFamily, page, f); err != nil || over {
			return err
		}
	}
}

// walk is each by reading all variants whose id is greater than after. It ends after so many rows, but not within an id, and returns the last
// id; over is true when f returned false or there are no more.
func (t *tx) walk(s sought, after string, rows, page int, f func(entry) bool) (last string, over bool, err error) {
	query := "SELECT v.id, v.seq, v.current, " + s.facts + ` FROM variant v INDEXED BY variant_id CROSS JOIN family f ON f.num = v.family
		WHERE (v.id, v.seq) > (?, ?) ORDER BY v.id, v.seq LIMIT ?`
	type visited struct {
		entry
		fits bool
	}
	last, seq := after, int64(math.MaxInt64)
	var piece []visited
	for size := min(max(page, smallestPiece), longestPiece); ; size = min(2*size, longestPiece) {
		piece = piece[:0]
		err := t.query(query, []driver.Value{last, seq, int64(size)}, func(r *row) {
			piece = append(piece, visited{entry{r.text(), r.int(), r.bool()}, s.fits(r)})
		})
		if err != nil {
			return "", false, err
		}
		for _, v := range piece {
			if rows <= 0 && v.id != last {
				return last, false, nil
			}
			rows--
			last, seq = v.id, v.seq
			if v.fits && !f(v.entry) {
				return last, true, nil
			}
		}
		if len(piece) < size {
			return last, true, nil
		}
	}
}

// families runs a query for family numbers.
func (t *tx) families(query string, args ...driver.Value) (found []int64, err error) {
	err = t.query(query, args, func(r *row) { found = append(found, r.int()) })
	return found, err
}

// familiesOf returns up to limit families of the classes that have one of the types; no types is all.
func (t *tx) familiesOf(classes []int64, types []string, limit int) (found []int64, err error) {
	classes = slices.Clone(classes)
	slices.Sort(classes)
	classes = slices.Compact(classes)
	search := func(where string, typed ...driver.Value) error {
		return inList("SELECT num FROM family WHERE "+where+"class IN (?*) LIMIT ?", classes, func(query string, args []driver.Value) error {
			if len(found) == limit {
				return nil
			}
			more, err := t.families(query, append(slices.Concat(typed, args), int64(limit-len(found)))...)
			found = append(found, more...)
			return err
		})
	}
	if len(types) == 0 {
		return found, search("")
	}
	for _, typ := range distinct(types) {
		if err := search("type = ? AND ", typ); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// ofTypes returns up to limit families that have one of the types.
func (t *tx) ofTypes(types []string, limit int) (found []int64, err error) {
	for _, typ := range distinct(types) {
		more, err := t.families("SELECT num FROM family WHERE type = ? LIMIT ?", typ, int64(limit-len(found)))
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// within is the search for variants of some types and classes; no types and nil classes are all.
func (t *tx) within(types []string, classes []int64) sought {
	s := sought{
		facts: "f.type, f.class",
		list:  func(limit int) ([]int64, error) { return t.familiesOf(classes, types, limit) },
	}
	if classes == nil {
		s.list = func(limit int) ([]int64, error) { return t.ofTypes(types, limit) }
	}
	var may map[int64]bool // made only for a walk
	s.fits = func(r *row) bool {
		typ, class := r.text(), r.int()
		if len(types) > 0 && !slices.Contains(types, typ) {
			return false
		}
		if classes == nil {
			return true
		}
		if may == nil {
			may = make(map[int64]bool, len(classes))
			for _, c := range classes {
				may[c] = true
			}
		}
		return may[class]
	}
	return s
}

func (o *objects) ScanCurrent(after string, types []string, classes []int64, limit int) ([]store.Variant, error) {
	t := o.tx()
	if limit <= 0 {
		return nil, t.usable()
	}
	if len(types) == 0 && classes == nil {
		return o.scanAll(after, limit)
	}
	var seqs []int64
	err := t.each(t.within(types, classes), after, limit, func(e entry) bool {
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

// idsOf returns up to limit distinct ids greater than after of variants of the families sought.
func (t *tx) idsOf(s sought, after string, limit int) (found []string, err error) {
	if limit <= 0 {
		return nil, t.usable()
	}
	err = t.each(s, after, limit, func(e entry) bool {
		if n := len(found); n == 0 || found[n-1] != e.id {
			found = append(found, e.id)
		}
		return len(found) < limit
	})
	return found, err
}

func (o *objects) Marked(marking, after string, limit int) ([]string, error) {
	t := o.tx()
	return t.idsOf(sought{
		list: func(limit int) ([]int64, error) {
			return t.families("SELECT family FROM family_marking WHERE marking = ? LIMIT ?", marking, int64(limit))
		},
		facts: "f.markings",
		fits: func(r *row) bool {
			packed := r.text()
			if !strings.Contains(packed, marking) {
				return false
			}
			markings, err := unpack(packed)
			if err != nil {
				r.fail("%w", err)
			}
			return slices.Contains(markings, marking)
		},
	}, after, limit)
}

func (o *objects) Created(creator, after string, limit int) ([]string, error) {
	t := o.tx()
	return t.idsOf(sought{
		list: func(limit int) ([]int64, error) {
			return t.families("SELECT num FROM family WHERE creator = ? LIMIT ?", creator, int64(limit))
		},
		facts: "f.creator",
		fits:  func(r *row) bool { return r.text() == creator },
	}, after, limit)
}

// MarkedClasses is a look per family, whatever they are, and has no pages.
func (o *objects) MarkedClasses(marking string) (classes []int64, err error) {
	t := o.tx()
	if err := t.flushTallies(); err != nil {
		return nil, err
	}
	err = t.search(`
		SELECT DISTINCT f.class FROM family_marking m JOIN family f ON f.num = m.family JOIN tally t ON t.family = f.num
		WHERE m.marking = ? AND t.current = 1 AND t.n > 0
		ORDER BY f.class`, []driver.Value{marking}, func(r *row) { classes = append(classes, r.int()) })
	return classes, err
}
