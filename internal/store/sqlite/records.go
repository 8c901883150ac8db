package sqlite

import (
	"database/sql/driver"

	"github.com/wagasa/wagasa/internal/store"
)

type records tx

func (r *records) tx() *tx { return (*tx)(r) }

const recordColumns = "r.kind, r.key, r.terms, r.value"

// record decodes recordColumns.
func record(r *row) store.Record {
	record := store.Record{Kind: r.text(), Key: r.text()}
	terms := r.text()
	record.Value = r.blob()
	if r.err == nil {
		record.Terms, r.err = unpack(terms)
	}
	return record
}

func (r *records) Put(record store.Record) error {
	t := r.tx()
	if err := t.write(); err != nil {
		return err
	}
	var (
		num   int64
		terms string
	)
	err := t.query("SELECT num, terms FROM record WHERE kind = ? AND key = ?", []driver.Value{record.Kind, record.Key},
		func(r *row) { num, terms = r.int(), r.text() })
	if err != nil {
		return err
	}
	packed := pack(record.Terms)
	if num == 0 {
		if _, err := t.exec("INSERT INTO record (kind, key, terms, value) VALUES (?, ?, ?, ?)",
			record.Kind, record.Key, packed, optional(record.Value)); err != nil {
			return err
		}
		return r.index(record)
	}
	if terms == packed {
		_, err := t.exec("UPDATE record SET value = ? WHERE num = ?", optional(record.Value), num)
		return err
	}
	if err := r.forget(record.Kind, record.Key, terms); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE record SET terms = ?, value = ? WHERE num = ?", packed, optional(record.Value), num); err != nil {
		return err
	}
	return r.index(record)
}

// index writes the terms of a record.
func (r *records) index(record store.Record) error {
	for _, term := range record.Terms {
		if _, err := r.tx().exec("INSERT OR IGNORE INTO term (kind, term, key) VALUES (?, ?, ?)", record.Kind, term, record.Key); err != nil {
			return err
		}
	}
	return nil
}

// forget removes the packed terms of a record.
func (r *records) forget(kind, key, packed string) error {
	terms, err := unpack(packed)
	if err != nil {
		return err
	}
	for _, term := range terms {
		if _, err := r.tx().exec("DELETE FROM term WHERE kind = ? AND term = ? AND key = ?", kind, term, key); err != nil {
			return err
		}
	}
	return nil
}

func (r *records) Get(kind, key string) (found store.Record, ok bool, err error) {
	err = r.tx().query("SELECT "+recordColumns+" FROM record r WHERE r.kind = ? AND r.key = ?", []driver.Value{kind, key},
		func(r *row) { found, ok = record(r), true })
	return found, ok, err
}

func (r *records) Delete(kind, key string) error {
	t := r.tx()
	if err := t.write(); err != nil {
		return err
	}
	var (
		num   int64
		terms string
	)
	err := t.query("SELECT num, terms FROM record WHERE kind = ? AND key = ?", []driver.Value{kind, key},
		func(r *row) { num, terms = r.int(), r.text() })
	if err != nil || num == 0 {
		return err
	}
	if err := r.forget(kind, key, terms); err != nil {
		return err
	}
	_, err = t.exec("DELETE FROM record WHERE num = ?", num)
	return err
}

func (r *records) List(kind, after string, limit int) ([]store.Record, error) {
	return r.list("SELECT "+recordColumns+" FROM record r WHERE r.kind = ? AND r.key > ? ORDER BY r.key LIMIT ?",
		kind, after, int64(max(limit, 0)))
}

func (r *records) Find(kind, term, after string, limit int) ([]store.Record, error) {
	return r.list("SELECT "+recordColumns+` FROM term t CROSS JOIN record r ON r.kind = t.kind AND r.key = t.key
		WHERE t.kind = ? AND t.term = ? AND t.key > ? ORDER BY t.key LIMIT ?`,
		kind, term, after, int64(max(limit, 0)))
}

func (r *records) list(query string, args ...driver.Value) (found []store.Record, err error) {
	err = r.tx().query(query, args, func(r *row) { found = append(found, record(r)) })
	return found, err
}
