package search

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// format counts the ways in which texts are taken, parted and kept. An index of another format is made anew.
const format = 1

// The kinds of records beside kindSegment. No term is ever used of segments: they are found by key.
const (
	kindManifest    = "search-manifest"    // one: what the index consists of
	kindTranslation = "search-translation" // by the id of a language-content; term: what it translates
	manifestKey     = "manifest"
)

// consumer is the name of the index's cursor in the feed.
const consumer = "search"

// manifest is what the index consists of. Whoever changes the index does so from one manifest to the next: Generation grows, and what was
// prepared for another one does not count.
type manifest struct {
	Format     int           `json:"format"`
	Generation int64         `json:"generation"`
	Next       int64         `json:"next"` // number of the next segment
	Segments   []segmentInfo `json:"segments"`
	Pending    int64         `json:"pending,omitempty"` // a segment that a merge is writing
	Garbage    []int64       `json:"garbage,omitempty"` // segments whose records are to be deleted
	Wiping     bool          `json:"wiping,omitempty"`  // all of the index is to be deleted, then made anew
}

// segmentInfo is one segment of the manifest.
type segmentInfo struct {
	Number int64 `json:"n"`
	Docs   int   `json:"docs"`
	Dead   int   `json:"dead,omitempty"` // so many of them do not count
	Bytes  int   `json:"bytes"`
}

// loadManifest reads the manifest; ok is false if the index has to be made anew.
func loadManifest(tx store.Tx) (m manifest, ok bool, err error) {
	r, found, err := tx.Records().Get(kindManifest, manifestKey)
	if err != nil {
		return m, false, fmt.Errorf("search: %w", err)
	}
	if !found {
		cursor, err := tx.Feed().Cursor(consumer)
		return manifest{Format: format, Next: 1}, cursor == 0, err
	}
	if json.Unmarshal(r.Value, &m) != nil || m.Format != format {
		return manifest{Generation: m.Generation}, false, nil
	}
	return m, true, nil
}

// save replaces the manifest.
func (m *manifest) save(tx store.Tx) error {
	m.Generation++
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return tx.Records().Put(store.Record{Kind: kindManifest, Key: manifestKey, Value: b})
}

// errOvertaken says that somebody else changed the index meanwhile: what was prepared does not fit any more.
var errOvertaken = fault.New(fault.Conflict, "search: another process indexes, too")

// unchanged makes sure that the manifest is still the one that something was prepared for.
func (m *manifest) unchanged(tx store.Tx) error {
	now, ok, err := loadManifest(tx)
	if err == nil && (!ok || now.Generation != m.Generation) {
		err = errOvertaken
	}
	return err
}

// clone copies what save and merges change.
func (m manifest) clone() manifest {
	m.Segments, m.Garbage = slices.Clone(m.Segments), slices.Clone(m.Garbage)
	return m
}

// deadSet says which documents of a segment do not count.
type deadSet []byte

func (d deadSet) has(n int) bool { return n/8 < len(d) && d[n/8]&(1<<(n%8)) != 0 }

func loadDead(r reader, s segmentInfo) (deadSet, error) {
	if s.Dead == 0 {
		return nil, nil
	}
	set, ok, err := r.Get(kindSegment, partKey(s.Number, 'x', 0))
	if err == nil && (!ok || len(set.Value) != (s.Docs+7)/8) {
		err = fmt.Errorf("%w: dead documents of segment %d", errCorrupt, s.Number)
	}
	return set.Value, err
}
