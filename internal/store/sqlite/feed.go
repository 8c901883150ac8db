package sqlite

import (
	"database/sql/driver"

	"github.com/wagasa/wagasa/internal/store"
)

type feed tx

func (f *feed) tx() *tx { return (*tx)(f) }

func (f *feed) Append(now int64, kind store.Kind, key string) error {
	t := f.tx()
	if err := t.write(); err != nil {
		return err
	}
	t.feed = append(t.feed, store.Entry{Time: now, Kind: kind, Key: key})
	return nil
}

// flushFeed gives the entries their positions, last before commit.
func (t *tx) flushFeed() error {
	if len(t.feed) == 0 {
		return nil
	}
	position, err := (*feed)(t).Head()
	if err != nil {
		return err
	}
	rows := make([]driver.Value, 0, 4*len(t.feed))
	for _, e := range t.feed {
		position++
		rows = append(rows, position, e.Time, string(e.Kind), e.Key)
	}
	t.feed = nil
	return t.insert("INSERT INTO feed (position, time, kind, key) VALUES", 4, rows)
}

func (f *feed) After(position int64, limit int) (found []store.Entry, err error) {
	err = f.tx().query("SELECT position, time, kind, key FROM feed WHERE position > ? ORDER BY position LIMIT ?",
		[]driver.Value{position, int64(max(limit, 0))}, func(r *row) {
			found = append(found, store.Entry{Position: r.int(), Time: r.int(), Kind: store.Kind(r.text()), Key: r.text()})
		})
	return found, err
}

func (f *feed) Head() (int64, error) {
	head, _, err := f.tx().number("SELECT coalesce(max(position), 0) FROM feed")
	return head, err
}

func (f *feed) Cursor(consumer string) (int64, error) {
	position, _, err := f.tx().number("SELECT position FROM cursor WHERE consumer = ?", consumer)
	return position, err
}

func (f *feed) SetCursor(consumer string, position int64) error {
	_, err := f.tx().exec("INSERT INTO cursor (consumer, position) VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position",
		consumer, position)
	return err
}
