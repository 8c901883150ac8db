package memory

import (
	"slices"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

type log tx

func (l *log) tx() *tx { return (*tx)(l) }

func (l *log) Size(tree string) (int64, error) {
	if err := l.tx().read(); err != nil {
		return 0, err
	}
	size, _ := l.data.trees.get(tree)
	return size, nil
}

func (l *log) Append(tree string, leaf store.Leaf, first int64, hashes []store.Hash) error {
	if err := l.tx().write(); err != nil {
		return err
	}
	size, _ := l.data.trees.get(tree)
	if leaf.Index != size {
		return fault.New(fault.Conflict, "tree %q: leaf %d does not follow on size %d", tree, leaf.Index, size)
	}
	for i := range hashes {
		if _, ok := l.data.hashes.get(leafKey{tree, first + int64(i)}); ok {
			return fault.New(fault.Conflict, "tree %q: hash %d is already stored", tree, first+int64(i))
		}
	}
	for i, h := range hashes {
		l.data.hashes.set(l.undo, leafKey{tree, first + int64(i)}, h)
	}
	leaf.Data, leaf.Detail = clone(leaf.Data), clone(leaf.Detail)
	l.data.leaves.set(l.undo, leafKey{tree, leaf.Index}, leaf)
	l.data.trees.set(l.undo, tree, size+1)
	return nil
}

func (l *log) Leaves(tree string, from int64, limit int) ([]store.Leaf, error) {
	if err := l.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Leaf
	for k := range l.data.leaves.from(leafKey{tree, from}) {
		if k.tree != tree || len(found) >= limit {
			break
		}
		leaf := l.data.leaves.rows[k]
		leaf.Data, leaf.Detail = clone(leaf.Data), clone(leaf.Detail)
		found = append(found, leaf)
	}
	return found, nil
}

func (l *log) Hashes(tree string, indexes []int64) ([]store.Hash, error) {
	if err := l.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Hash
	for _, i := range indexes {
		h, ok := l.data.hashes.get(leafKey{tree, i})
		if !ok {
			return nil, fault.New(fault.NotFound, "tree %q: no hash %d", tree, i)
		}
		found = append(found, h)
	}
	return found, nil
}

func (l *log) Trees() ([]string, error) {
	if err := l.tx().read(); err != nil {
		return nil, err
	}
	return slices.Collect(l.data.trees.all()), nil
}
