package memory

import "github.com/wagasa/wagasa/internal/store"

type records tx

func (r *records) tx() *tx { return (*tx)(r) }

func (r *records) Put(record store.Record) error {
	if err := r.tx().write(); err != nil {
		return err
	}
	r.drop(recordKey{record.Kind, record.Key})
	record.Value, record.Terms = clone(record.Value), cloneStrings(record.Terms)
	r.data.records.set(r.undo, recordKey{record.Kind, record.Key}, record)
	for _, term := range record.Terms {
		r.data.terms.set(r.undo, termKey{record.Kind, term, record.Key}, struct{}{})
	}
	return nil
}

// drop forgets the terms of a record.
func (r *records) drop(k recordKey) {
	old, _ := r.data.records.get(k)
	for _, term := range old.Terms {
		r.data.terms.del(r.undo, termKey{k.kind, term, k.key})
	}
}

func (r *records) Get(kind, key string) (store.Record, bool, error) {
	if err := r.tx().read(); err != nil {
		return store.Record{}, false, err
	}
	record, ok := r.data.records.get(recordKey{kind, key})
	return exportRecord(record), ok, nil
}

func (r *records) Delete(kind, key string) error {
	if err := r.tx().write(); err != nil {
		return err
	}
	r.drop(recordKey{kind, key})
	r.data.records.del(r.undo, recordKey{kind, key})
	return nil
}

func (r *records) List(kind, after string, limit int) ([]store.Record, error) {
	if err := r.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Record
	for k := range r.data.records.from(recordKey{kind, after + "\x00"}) {
		if k.kind != kind || len(found) >= limit {
			break
		}
		found = append(found, exportRecord(r.data.records.rows[k]))
	}
	return found, nil
}

func (r *records) Find(kind, term, after string, limit int) ([]store.Record, error) {
	if err := r.tx().read(); err != nil {
		return nil, err
	}
	var found []store.Record
	for k := range r.data.terms.from(termKey{kind, term, after + "\x00"}) {
		if k.kind != kind || k.term != term || len(found) >= limit {
			break
		}
		found = append(found, exportRecord(r.data.records.rows[recordKey{kind, k.key}]))
	}
	return found, nil
}

func exportRecord(r store.Record) store.Record {
	r.Value, r.Terms = clone(r.Value), cloneStrings(r.Terms)
	return r
}
