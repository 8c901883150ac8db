package demo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

// What the play reads back from a node, as the commands' JSON has it.
type (
	status struct {
		Party    string
		Serving  bool
		Objects  int
		Variants int
		Behind   int
		Partners []link
	}
	link struct {
		State     string
		Queued    map[string]int
		InFlight  int `json:"in_flight"`
		Released  int
		Receipted int
		Excepted  int
		Missing   []string
		StillHeld []struct {
			ID       string
			Modified int64
			Sure     bool
		} `json:"still_held"`
		Received int
		Gaps     []string
		Up       bool
	}
	decision struct {
		ID     string
		Permit bool
		Reason struct{ Args []string }
		Text   string
	}
	counts struct{ New, Known, Variants, Claims, Held, Rejected int }
	ledger struct{ Trees []tree }
	tree   struct {
		Tree      string
		Size      int64
		OK        bool
		Witnessed *struct{ Proven, Shown, Contradictions int64 }
	}
)

// decode runs a command and decodes the first JSON value that it writes.
func (s *side) decode(ctx context.Context, into any, args ...string) error {
	out, err := s.run(ctx, append(args, "--json")...)
	if err != nil {
		return err
	}
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(into); err != nil {
		return fmt.Errorf("wagasa %s: %w", args[0], err)
	}
	return nil
}

// status returns the node's status and, for convenience, its only partner's.
func (s *side) status(ctx context.Context) (st status, l link, err error) {
	if err = s.decode(ctx, &st, "status"); err == nil && len(st.Partners) > 0 {
		l = st.Partners[0]
	}
	return st, l, err
}

// card returns the node's contact card, as text and read.
func (s *side) card(ctx context.Context) (text []byte, c partner.Card, err error) {
	if text, err = s.run(ctx, "card"); err == nil {
		c, err = partner.ParseCard(text)
	}
	return text, c, err
}

// objects returns what a command writes as a bundle, by id.
func (s *side) objects(ctx context.Context, args ...string) (map[string]object, error) {
	out, err := s.run(ctx, args...)
	if err != nil {
		return nil, err
	}
	found, err := parse(bytes.NewReader(out))
	if err != nil {
		return nil, fmt.Errorf("wagasa %s: %w", args[0], err)
	}
	return found, nil
}

// decisions returns what the preview says of each object.
func (s *side) decisions(ctx context.Context, to, lang string) (map[string]decision, error) {
	out, err := s.run(ctx, "preview", to, "--why", "--json", "--lang", lang)
	found := map[string]decision{}
	for d := json.NewDecoder(bytes.NewReader(out)); err == nil && d.More(); {
		var one decision
		if err = d.Decode(&one); err == nil {
			found[one.ID] = one
		}
	}
	return found, err
}

// load imports objects, left in a file beside the node's folder for whoever wants to look.
func (s *side) load(ctx context.Context, file string, content []byte, precedence string) (c counts, err error) {
	path := filepath.Join(filepath.Dir(s.dir), file)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return c, err
	}
	return c, s.decode(ctx, &c, "import", "--precedence", precedence, path)
}

// arrivals opens the store and returns the versions of ids in the order in which they were stored.
func (s *side) arrivals(ctx context.Context, ids []string) (found []store.Variant, err error) {
	n, err := node.Open(ctx, s.dir)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	err = n.Store.View(ctx, func(tx store.Tx) error {
		found, err = tx.Objects().Variants(ids)
		return err
	})
	slices.SortFunc(found, func(a, b store.Variant) int { return cmp.Compare(a.Seq, b.Seq) })
	return found, err
}

// search looks for texts in every file of the node's folder and counts those that occur.
func (s *side) search(texts ...string) (found, files int, size int64, err error) {
	seen := map[string]bool{}
	err = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the store's own files come and go
		}
		files, size = files+1, size+int64(len(b))
		for _, t := range texts {
			if bytes.Contains(b, []byte(t)) {
				seen[t] = true
			}
		}
		return err
	})
	return len(seen), files, size, err
}

// await polls until ok or the deadline. What was found by then is judged by the claims that follow.
func await(ctx context.Context, ok func() (bool, error)) error {
	end := time.Now().Add(deadline)
	for {
		done, err := ok()
		if err != nil || done || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollGap):
		}
	}
}
