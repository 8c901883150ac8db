package release

import (
	"fmt"

	"github.com/wagasa/wagasa/internal/store"
)

// previewPage is how many objects a preview has in memory.
const previewPage = 64

// Preview decides about everything that is current, in the order of ids: item is called for what the receiver gets, refusal for
// what it does not. It takes the same way as what is sealed. An error of either ends it.
func Preview(tx store.Tx, to Receiver, item func(Item) error, refusal func(Refusal) error) error {
	desk, err := NewDesk(tx, to)
	if err != nil {
		return err
	}
	after := ""
	for {
		page, err := tx.Objects().ScanCurrent(after, nil, nil, previewPage)
		if err != nil {
			return fmt.Errorf("preview for %s: %w", to.Name, err)
		}
		if len(page) == 0 {
			return nil
		}
		after = page[len(page)-1].ID
		if err := desk.page(page, item, refusal); err != nil {
			return err
		}
	}
}

// page decides about the variants themselves. Marking-definitions come when their own turn does, not before what they mark.
func (d *Desk) page(page []store.Variant, item func(Item) error, refusal func(Refusal) error) error {
	for i := range page {
		b := batch{desk: d, done: map[string]bool{}}
		if err := b.add(&page[i]); err != nil {
			return err
		}
		for _, it := range b.items {
			if err := item(it); err != nil {
				return err
			}
		}
		for _, r := range b.refusals {
			if err := refusal(r); err != nil {
				return err
			}
		}
	}
	return nil
}
