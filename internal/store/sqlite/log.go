package sqlite

import (
	"database/sql/driver"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

type log tx

func (l *log) tx() *tx { return (*tx)(l) }

// tree returns the number and size of a tree; 0 is no such tree.
func (l *log) tree(name string) (num, size int64, err error) {
	err = l.tx().query("SELECT num, size FROM tree WHERE name = ?", []driver.Value{name}, func(r *row) { num, size = r.int(), r.int() })
	return num, size, err
}

func (l *log) Size(tree string) (int64, error) {
	_, size, err := l.tree(tree)
	return size, err
}

func (l *log) Append(tree string, leaf store.Leaf, first int64, hashes []store.Hash) error {
	t := l.tx()
	if err := t.write(); err != nil {
		return err
	}
	num, size, err := l.tree(tree)
	if err != nil {
		return err
	}
	if leaf.Index != size {
		return fault.New(fault.Conflict, "tree %q: leaf %d does not follow on size %d", tree, leaf.Index, size)
	}
	if num != 0 {
		taken, _, err := t.number("SELECT count(*) FROM hash WHERE tree = ? AND idx >= ? AND idx < ?", num, first, first+int64(len(hashes)))
		if err != nil {
			return err
		}
		if taken > 0 {
			return fault.New(fault.Conflict, "tree %q: %d hashes from %d on are already stored", tree, taken, first)
		}
		_, err = t.exec("UPDATE tree SET size = ? WHERE num = ?", size+1, num)
		if err != nil {
			return err
		}
	} else {
		if num, _, err = t.number("SELECT coalesce(max(num), 0) + 1 FROM tree"); err != nil {
			return err
		}
		if _, err := t.exec("INSERT INTO tree (num, name, size) VALUES (?, ?, 1)", num, tree); err != nil {
			return err
		}
	}
	if _, err := t.exec("INSERT INTO leaf (tree, idx, data, detail) VALUES (?, ?, ?, ?)",
		num, leaf.Index, optional(leaf.Data), optional(leaf.Detail)); err != nil {
		return err
	}
	rows := make([]driver.Value, 0, 3*len(hashes))
	for i := range hashes {
		rows = append(rows, num, first+int64(i), hashes[i][:])
	}
	return t.insert("INSERT INTO hash (tree, idx, hash) VALUES", 3, rows)
}

func (l *log) Leaves(tree string, from int64, limit int) (found []store.Leaf, err error) {
	num, _, err := l.tree(tree)
	if err != nil {
		return nil, err
	}
	err = l.tx().query("SELECT idx, data, detail FROM leaf WHERE tree = ? AND idx >= ? ORDER BY idx LIMIT ?",
		[]driver.Value{num, from, int64(max(limit, 0))}, func(r *row) {
			found = append(found, store.Leaf{Index: r.int(), Data: r.blob(), Detail: r.blob()})
		})
	return found, err
}

func (l *log) Hashes(tree string, indexes []int64) ([]store.Hash, error) {
	t := l.tx()
	num, _, err := l.tree(tree)
	if err != nil {
		return nil, err
	}
	var found []store.Hash
	for _, i := range indexes {
		n := len(found)
		err := t.query("SELECT hash FROM hash WHERE tree = ? AND idx = ?", []driver.Value{num, i}, func(r *row) { found = append(found, r.hash()) })
		if err != nil {
			return nil, err
		}
		if len(found) == n {
			return nil, fault.New(fault.NotFound, "tree %q: no hash %d", tree, i)
		}
	}
	return found, nil
}

func (l *log) Trees() (found []string, err error) {
	err = l.tx().query("SELECT name FROM tree ORDER BY name", nil, func(r *row) { found = append(found, r.text()) })
	return found, err
}
