// Package tour is what the visitor's demo and the pages of its nodes tell each other. The demo notes in the store of each node that it is part of a
// demo: whose pages the other one has, and an advisory to paste. A visitor asks for the link to be cut or mended on a page; the demo, which holds
// the wire between the nodes, looks and does so, and notes how the link is.
//
// All of it is two Records. A node whose store has none of them is no demo, and its pages know nothing of a tour. Everything happens in the
// caller's transaction.
package tour

import (
	"encoding/json"
	"fmt"

	"github.com/wagasa/wagasa/internal/store"
)

const (
	kind   = "tour"
	keyIs  = "is"  // what the demo says
	keyAsk = "ask" // what a visitor asked for
)

// State is what the demo says.
type State struct {
	Partner  store.Party `json:"partner"`  // the other node
	Name     string      `json:"name"`     // of the other node
	Pages    string      `json:"pages"`    // where its pages are
	Advisory string      `json:"advisory"` // a text to paste
	Warning  string      `json:"warning"`  // a shorter one, for FLASH
	Narrow   string      `json:"narrow"`   // id of an object whose marking may be narrowed
	Cut      bool        `json:"cut"`      // the link is cut
}

// Tell notes what the demo says.
func Tell(tx store.Tx, s State) error { return put(tx, keyIs, s) }

// Told is what the demo said; ok is false if the node is no part of one.
func Told(tx store.Tx) (s State, ok bool, err error) {
	ok, err = get(tx, keyIs, &s)
	return s, ok, err
}

// Wish is what a visitor asks for. Number grows with each, so that the last one counts, whichever page it came from.
type Wish struct {
	Cut    bool `json:"cut"`
	Number int  `json:"number"`
}

// Ask notes a wish.
func Ask(tx store.Tx, cut bool) error {
	w, err := Asked(tx)
	if err != nil {
		return err
	}
	return put(tx, keyAsk, Wish{cut, w.Number + 1})
}

// Asked is the last wish, the zero Wish if there was none.
func Asked(tx store.Tx) (w Wish, err error) {
	_, err = get(tx, keyAsk, &w)
	return w, err
}

func put(tx store.Tx, key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("tour: %w", err)
	}
	return tx.Records().Put(store.Record{Kind: kind, Key: key, Value: b})
}

func get(tx store.Tx, key string, value any) (ok bool, err error) {
	r, ok, err := tx.Records().Get(kind, key)
	if err != nil || !ok {
		return false, err
	}
	if err := json.Unmarshal(r.Value, value); err != nil {
		return false, fmt.Errorf("tour %s: %w", key, err)
	}
	return true, nil
}
