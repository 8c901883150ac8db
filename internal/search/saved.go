package search

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// kindSaved are saved searches. The key is the account's id, a space and the name.
const kindSaved = "search-saved"

// MostSaved is how many searches an account may save.
const MostSaved = 100

const (
	longestName    = 100 // characters
	longestAccount = 200 // bytes
)

// Saved is a search that somebody saved.
type Saved struct {
	Name  string    `json:"-"`
	Text  string    `json:"text"` // for Parse
	Saved time.Time `json:"saved"`
}

// Save saves a search of an account, in the place of one of the same name. The text is one that Parse takes.
func Save(tx store.Tx, now time.Time, account, name, text string) error {
	name = norm.NFC.String(strings.TrimSpace(name))
	if err := checkAccount(account); err != nil {
		return err
	}
	odd := func(r rune) bool { return !unicode.IsPrint(r) && r != '\u3000' }
	if n := utf8.RuneCountInString(name); n < 1 || n > longestName || !utf8.ValidString(name) || strings.ContainsFunc(name, odd) {
		return because("search.name", "100")
	}
	if _, err := Parse(text); err != nil {
		return err
	}
	_, known, err := tx.Records().Get(kindSaved, account+" "+name)
	if err == nil && !known {
		var all []Saved
		if all, err = List(tx, account); err == nil && len(all) >= MostSaved {
			return because("search.saved", "100")
		}
	}
	var b []byte
	if err == nil {
		b, err = json.Marshal(Saved{Text: text, Saved: now.UTC()})
	}
	if err == nil {
		err = tx.Records().Put(store.Record{Kind: kindSaved, Key: account + " " + name, Value: b})
	}
	if err != nil {
		return fmt.Errorf("search: save %q: %w", name, err)
	}
	return nil
}

// List returns the searches that an account saved, by name.
func List(tx store.Tx, account string) (all []Saved, err error) {
	if err := checkAccount(account); err != nil {
		return nil, err
	}
	found, err := tx.Records().List(kindSaved, account+" ", MostSaved)
	if err != nil {
		return nil, fmt.Errorf("search: saved: %w", err)
	}
	for _, r := range found {
		name, ok := strings.CutPrefix(r.Key, account+" ")
		if !ok {
			break
		}
		s := Saved{Name: name}
		if err := json.Unmarshal(r.Value, &s); err != nil {
			return nil, fmt.Errorf("search: saved %q: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// Delete forgets a saved search. One that is not there is fault.NotFound.
func Delete(tx store.Tx, account, name string) error {
	if err := checkAccount(account); err != nil {
		return err
	}
	key := account + " " + norm.NFC.String(strings.TrimSpace(name))
	_, ok, err := tx.Records().Get(kindSaved, key)
	if err == nil && !ok {
		return fault.New(fault.NotFound, "search: no saved search is called %q", name)
	}
	if err == nil {
		err = tx.Records().Delete(kindSaved, key)
	}
	if err != nil {
		return fmt.Errorf("search: delete %q: %w", name, err)
	}
	return nil
}

// checkAccount makes sure that the id of an account ends where it ends in a key.
func checkAccount(account string) error {
	if account == "" || len(account) > longestAccount || strings.ContainsFunc(account, func(r rune) bool { return r <= ' ' }) {
		return fault.New(fault.Invalid, "search: %q is no id of an account", account)
	}
	return nil
}
