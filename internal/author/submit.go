package author

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
)

// Submission is what became of a draft.
type Submission struct {
	Main  string    // the id of the report, or of the single object
	IDs   []string  // of all objects
	Time  time.Time // when they were taken in
	Again bool      // it had been submitted before: this is what was submitted then
}

// kindSubmission is the kind of the records of submissions. Key: that of the draft; term: the digest of its content.
const kindSubmission = "author-submission"

// Twice is for how long the same content under another key is taken for a submission by accident.
const Twice = 24 * time.Hour

// submission is a Submission as kept.
type submission struct {
	Main    string    `json:"main"`
	IDs     []string  `json:"ids"`
	Time    time.Time `json:"time"`
	Content string    `json:"content"`
}

// Submit takes a draft in as the node's own objects, all in one transaction or none. A draft whose key was submitted before, or whose content
// was within [Twice] and still stands, is not taken in again: Again is true then. Other content under a key that was used is fault.Conflict.
func (a *Author) Submit(ctx context.Context, d *Draft) (s Submission, err error) {
	err = a.Store.Update(ctx, func(tx store.Tx) (err error) {
		if s, err = a.before(tx, d); err != nil || s.Again {
			return err
		}
		if err := a.take(tx, d); err != nil {
			return err
		}
		s = Submission{Main: d.Main, Time: a.Now().UTC()}
		for i := range d.Objects {
			s.IDs = append(s.IDs, d.Objects[i].ID)
		}
		return remember(tx, d, &s)
	})
	return s, err
}

// before finds an earlier submission of a draft.
func (a *Author) before(tx store.Tx, d *Draft) (Submission, error) {
	r, ok, err := tx.Records().Get(kindSubmission, d.key)
	if err != nil {
		return Submission{}, fmt.Errorf("draft %s: %w", d.Main, err)
	}
	if ok {
		kept, err := read(r)
		if err == nil && kept.Content != d.content {
			err = refuse(fault.Conflict, "author.used-key", kept.Main)
		}
		return Submission{kept.Main, kept.IDs, kept.Time, true}, err
	}
	const page = 100
	for after := ""; ; {
		found, err := tx.Records().Find(kindSubmission, d.content, after, page)
		if err != nil {
			return Submission{}, fmt.Errorf("draft %s: %w", d.Main, err)
		}
		for _, r := range found {
			kept, err := read(r)
			if err != nil {
				return Submission{}, err
			}
			stands, err := standing(tx, kept.Main)
			if err != nil || stands && a.Now().Sub(kept.Time).Abs() < Twice {
				return Submission{kept.Main, kept.IDs, kept.Time, true}, err
			}
		}
		if len(found) < page {
			return Submission{}, nil
		}
		after = found[len(found)-1].Key
	}
}

// standing says whether an object is current and not revoked.
func standing(tx store.Tx, id string) (bool, error) {
	found, err := tx.Objects().Variants([]string{id})
	for i := range found {
		if v := &found[i]; v.Current {
			return !v.Revoked, nil
		}
	}
	return false, err
}

func read(r store.Record) (kept submission, err error) {
	if err := json.Unmarshal(r.Value, &kept); err != nil {
		return kept, fault.New(fault.Internal, "submission %s: %w", r.Key, err)
	}
	return kept, nil
}

func remember(tx store.Tx, d *Draft, s *Submission) error {
	value, err := json.Marshal(submission{s.Main, s.IDs, s.Time, d.content})
	if err == nil {
		err = tx.Records().Put(store.Record{Kind: kindSubmission, Key: d.key, Value: value, Terms: []string{d.content}})
	}
	if err != nil {
		return fmt.Errorf("draft %s: %w", d.Main, err)
	}
	return nil
}

// take takes the objects of a draft in. All of them must become current: else somebody else writes one, or it is not valid.
func (a *Author) take(tx store.Tx, d *Draft) error {
	if err := d.follows(tx); err != nil {
		return err
	}
	results, err := a.Ingest.Take(tx, a.Now(), d.arrivals)
	if err != nil {
		return fmt.Errorf("draft %s: %w", d.Main, err)
	}
	for i, r := range results {
		switch id := d.Objects[i].ID; r {
		case ingest.New, ingest.Known, ingest.Variant:
		case ingest.Refused:
			return refuse(fault.Conflict, "author.too-many-versions", id)
		default:
			return fault.New(fault.Internal, "draft %s: %s was not taken in as ours (result %d)", d.Main, id, r)
		}
	}
	return nil
}
