package partner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"golang.org/x/text/unicode/norm"
)

// List returns all partners, ordered by name, then party.
func List(tx store.Tx) ([]*Partner, error) {
	var all []*Partner
	for after := ""; ; {
		page, err := tx.Records().List(kindPartner, after, 256)
		if err != nil {
			return nil, fmt.Errorf("partners: %w", err)
		}
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			p, err := fromRecord(r)
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		}
		after = page[len(page)-1].Key
	}
	slices.SortFunc(all, func(a, b *Partner) int {
		return cmp.Or(cmp.Compare(a.Card.Name, b.Card.Name), cmp.Compare(a.Party(), b.Party()))
	})
	return all, nil
}

// Writers returns the parties of confirmed partners: each writes for its own identity.
func Writers(tx store.Tx) (map[store.Party]bool, error) {
	writers := make(map[store.Party]bool)
	for after := ""; ; {
		page, err := tx.Records().Find(kindPartner, confirmedTerm, after, 256)
		if err != nil {
			return nil, fmt.Errorf("partners: %w", err)
		}
		if len(page) == 0 {
			return writers, nil
		}
		for _, r := range page {
			writers[store.Party(r.Key)] = true
		}
		after = page[len(page)-1].Key
	}
}

// ByTLS returns the partner whose card pins a TLS certificate with this [SPKI] fingerprint.
func ByTLS(tx store.Tx, spki store.Hash) (p *Partner, ok bool, err error) {
	found, err := tx.Records().Find(kindPartner, tlsTerm(spki), "", 1)
	if err != nil {
		return nil, false, fmt.Errorf("partner by TLS key: %w", err)
	}
	if len(found) == 0 {
		return nil, false, nil
	}
	p, err = fromRecord(found[0])
	return p, err == nil, err
}

const (
	minPrefix = 8  // of a UUID; a shorter one is too easily somebody else's
	maxListed = 20 // partners in the text of an error
)

// Resolve finds the partner that somebody means: by its party, its name in any case, its nation, or the beginning of its
// UUID, eight characters or more, whichever fits first. More than one is fault.Conflict, none fault.NotFound.
func Resolve(tx store.Tx, name string) (*Partner, error) {
	all, err := List(tx)
	if err != nil {
		return nil, err
	}
	name = strings.TrimSpace(name)
	fold := func(s string) string { return strings.ToLower(norm.NFKC.String(s)) }
	want := fold(name)
	prefix := "identity--" + strings.TrimPrefix(want, "identity--")
	for _, fits := range []func(p *Partner) bool{
		func(p *Partner) bool { return string(p.Party()) == name },
		func(p *Partner) bool { return fold(p.Card.Name) == want },
		func(p *Partner) bool { return fold(p.Card.Nation) == want },
		func(p *Partner) bool {
			return len(prefix) >= len("identity--")+minPrefix && strings.HasPrefix(string(p.Party()), prefix)
		},
	} {
		found := slices.DeleteFunc(slices.Clone(all), func(p *Partner) bool { return !fits(p) })
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return nil, fault.New(fault.Conflict, "partner %q may be any of: %s", name, labels(found))
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "no partner %q: no partners are known yet", name)
	}
	return nil, fault.New(fault.NotFound, "no partner %q; known are: %s", name, labels(all))
}

func labels(partners []*Partner) string {
	var texts []string
	for _, p := range partners {
		if len(texts) == maxListed {
			texts = append(texts, fmt.Sprintf("and %d more", len(partners)-maxListed))
			break
		}
		texts = append(texts, p.Card.label())
	}
	return strings.Join(texts, "; ")
}
