package authoring

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/store"
)

// names is what the store knows by name.
type names struct {
	*author.Known
	actors []author.Ref // what indicators may indicate, in the order of the store
}

// cache keeps what the store knows by name: reading it takes a while where there is much, and each look at a draft asks for it.
type cache struct {
	mu   sync.Mutex
	kept *names
	head int64 // of the feed
	at   time.Time
}

// fresh is how long what was read is good although the store has changed.
const fresh = 10 * time.Second

// load returns what is known, read anew if the store has changed and it is not fresh. Whoever comes while it is read waits for it.
func (c *cache) load(ctx context.Context, s store.Store, now time.Time) (*names, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept != nil && now.Sub(c.at) < fresh {
		return c.kept, nil
	}
	err := s.View(ctx, func(tx store.Tx) error {
		head, err := tx.Feed().Head()
		if err != nil || c.kept != nil && head == c.head {
			return err
		}
		known, err := author.LoadKnown(tx)
		if err != nil {
			return err
		}
		actors, err := actorsIn(tx)
		if err == nil {
			c.kept, c.head = &names{known, actors}, head
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	c.at = now
	return c.kept, nil
}

// actorTypes are what people say that indicators indicate.
var actorTypes = []string{"campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool"}

const mostActors = 50_000

func actorsIn(tx store.Tx) (list []author.Ref, err error) {
	const page = 500
	for after := ""; len(list) < mostActors; {
		found, err := tx.Objects().ScanCurrent(after, actorTypes, nil, page)
		if err != nil {
			return nil, err
		}
		for i := range found {
			var said struct {
				Name string `json:"name"`
			}
			if v := &found[i]; !v.Revoked && json.Unmarshal(v.Raw, &said) == nil && said.Name != "" {
				list = append(list, author.Ref{ID: v.ID, Type: v.Type, Name: said.Name})
			}
		}
		if len(found) < page {
			break
		}
		after = found[len(found)-1].ID
	}
	return list, nil
}
