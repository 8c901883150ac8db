package memory

import (
	"math"

	"github.com/wagasa/wagasa/internal/store"
)

type feed tx

func (f *feed) tx() *tx { return (*tx)(f) }

func (f *feed) Append(now int64, kind store.Kind, key string) error {
	if err := f.tx().write(); err != nil {
		return err
	}
	f.feed = append(f.feed, store.Entry{Time: now, Kind: kind, Key: key})
	return nil
}

// flushFeed gives the entries their positions, last before commit.
func (t *tx) flushFeed() {
	last, _ := t.data.feed.last(math.MaxInt64)
	for _, e := range t.feed {
		last++
		e.Position = last
		t.data.feed.set(t.undo, last, e)
	}
}

func (f *feed) After(position int64, limit int) ([]store.Entry, error) {
	if err := f.tx().read(); err != nil {
		return nil, err
	}
	if position == math.MaxInt64 {
		return nil, nil
	}
	var found []store.Entry
	for k := range f.data.feed.from(position + 1) {
		if len(found) >= limit {
			break
		}
		found = append(found, f.data.feed.rows[k])
	}
	return found, nil
}

func (f *feed) Head() (int64, error) {
	if err := f.tx().read(); err != nil {
		return 0, err
	}
	last, _ := f.data.feed.last(math.MaxInt64)
	return last, nil
}

func (f *feed) Cursor(consumer string) (int64, error) {
	if err := f.tx().read(); err != nil {
		return 0, err
	}
	p, _ := f.data.cursors.get(consumer)
	return p, nil
}

func (f *feed) SetCursor(consumer string, position int64) error {
	if err := f.tx().write(); err != nil {
		return err
	}
	f.data.cursors.set(f.undo, consumer, position)
	return nil
}
