package sqlite

import (
	"database/sql/driver"
	"math"
	"slices"

	"github.com/wagasa/wagasa/internal/store"
)

type streams tx

func (s *streams) tx() *tx { return (*tx)(s) }

// place is where an id stands in a partner's queue.
type place struct {
	precedence store.Precedence
	place      int64
}

// places looks ids up in a queue.
func (s *streams) places(party int64, ids []string) (map[string]place, error) {
	found := make(map[string]place, len(ids))
	err := inList("SELECT id, precedence, place FROM queue WHERE partner = ?1 AND id IN (?*)", ids, func(query string, args []driver.Value) error {
		return s.tx().query(query, append([]driver.Value{party}, args...), func(r *row) {
			id := r.text()
			found[id] = place{store.Precedence(r.upTo(3)), r.int()}
		})
	})
	return found, err
}

func (s *streams) Enqueue(partner store.Party, precedence store.Precedence, ids []string) error {
	t := s.tx()
	if err := t.write(); err != nil || len(ids) == 0 {
		return err
	}
	party, _, err := t.party(partner, true)
	if err != nil {
		return err
	}
	old, err := s.places(party, ids)
	if err != nil {
		return err
	}
	last, _, err := t.number("SELECT coalesce(max(place), 0) FROM queue WHERE partner = ? AND precedence = ?", party, int64(precedence))
	if err != nil {
		return err
	}
	var (
		depths [4]int64
		rows   []driver.Value
	)
	for _, id := range ids {
		p, ok := old[id]
		if ok && p.precedence >= precedence {
			continue
		}
		if ok {
			if err := s.leave(party, p); err != nil {
				return err
			}
			depths[p.precedence]--
		}
		last++
		depths[precedence]++
		old[id] = place{precedence, last}
		rows = append(rows, party, int64(precedence), last, id)
	}
	if err := t.insert("INSERT INTO queue (partner, precedence, place, id) VALUES", 4, rows); err != nil {
		return err
	}
	return s.deepen(party, depths)
}

func (s *streams) leave(party int64, p place) error {
	_, err := s.tx().exec("DELETE FROM queue WHERE partner = ? AND precedence = ? AND place = ?", party, int64(p.precedence), p.place)
	return err
}

// deepen adds to the depths of a queue.
func (s *streams) deepen(party int64, by [4]int64) error {
	for precedence, n := range by {
		if n == 0 {
			continue
		}
		if _, err := s.tx().exec("INSERT INTO depth (partner, precedence, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
			party, int64(precedence), n); err != nil {
			return err
		}
	}
	return nil
}

// EnqueueCurrent collects the numbers of the variants first, eight bytes each, then works through them in order.
func (s *streams) EnqueueCurrent(partner store.Party, classes []int64) (int, error) {
	t := s.tx()
	if err := t.write(); err != nil {
		return 0, err
	}
	party, _, err := t.party(partner, true)
	if err != nil {
		return 0, err
	}
	families, err := t.familiesOf(classes, nil, math.MaxInt)
	if err != nil {
		return 0, err
	}
	var seqs []int64
	for _, family := range families {
		err := t.search("SELECT seq FROM variant INDEXED BY variant_family WHERE family = ? AND current = 1", []driver.Value{family},
			func(r *row) { seqs = append(seqs, r.int()) })
		if err != nil {
			return 0, err
		}
	}
	slices.Sort(seqs)
	total := 0
	for piece := range slices.Chunk(seqs, 4096) {
		n, err := s.enqueueLacking(partner, party, piece)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// enqueueLacking enqueues those of the variants that the partner was not given.
func (s *streams) enqueueLacking(partner store.Party, party int64, seqs []int64) (n int, err error) {
	type lacking struct {
		seq int64
		id  string
	}
	var by [4][]lacking
	err = inList(`SELECT v.seq, v.id, v.precedence FROM variant v
		WHERE v.seq IN (?*) AND NOT EXISTS (SELECT 1 FROM handover h JOIN sent s ON s.num = h.sent
			WHERE h.partner = ? AND h.id = v.id AND h.modified = v.modified AND h.digest = v.digest
			AND h.sum = v.sum AND s.state IN (0, 1))`, seqs, func(query string, args []driver.Value) error {
		return s.tx().query(query, append(args, party), func(r *row) {
			v := lacking{r.int(), r.text()}
			p := r.upTo(3)
			by[p] = append(by[p], v)
		})
	})
	if err != nil {
		return 0, err
	}
	for p, list := range by {
		slices.SortFunc(list, func(a, b lacking) int { return int(a.seq - b.seq) })
		ids := make([]string, len(list))
		for i := range list {
			ids[i] = list[i].id
		}
		if err := s.Enqueue(partner, store.Precedence(p), ids); err != nil {
			return 0, err
		}
		n += len(ids)
	}
	return n, nil
}

func (s *streams) Queued(partner store.Party, precedence store.Precedence, limit int) (found []string, err error) {
	t := s.tx()
	party, ok, err := t.party(partner, false)
	if err != nil || !ok {
		return nil, err
	}
	err = t.query("SELECT id FROM queue WHERE partner = ? AND precedence = ? ORDER BY place LIMIT ?",
		[]driver.Value{party, int64(precedence), int64(max(limit, 0))}, func(r *row) { found = append(found, r.text()) })
	return found, err
}

func (s *streams) Dequeue(partner store.Party, ids []string) error {
	t := s.tx()
	if err := t.write(); err != nil {
		return err
	}
	party, ok, err := t.party(partner, false)
	if err != nil || !ok {
		return err
	}
	old, err := s.places(party, ids)
	if err != nil {
		return err
	}
	var depths [4]int64
	for _, id := range ids {
		p, ok := old[id]
		if !ok {
			continue
		}
		if err := s.leave(party, p); err != nil {
			return err
		}
		depths[p.precedence]--
		delete(old, id)
	}
	return s.deepen(party, depths)
}

func (s *streams) Depths(partner store.Party) (depths [4]int, err error) {
	t := s.tx()
	party, ok, err := t.party(partner, false)
	if err != nil || !ok {
		return depths, err
	}
	err = t.query("SELECT precedence, n FROM depth WHERE partner = ?", []driver.Value{party}, func(r *row) {
		p := r.upTo(3)
		depths[p] = int(r.int())
	})
	return depths, err
}
