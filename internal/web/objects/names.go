package objects

import (
	"slices"
	"strconv"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// reading is how one reader reads: the language, and whether addresses are defanged. It lasts as long as the request.
type reading struct {
	lang     locale.Lang
	Defang   bool
	partners map[store.Party]string // names of partners
	titles   map[string]string
}

func read(r *page.Request) *reading {
	return &reading{lang: r.Lang, Defang: r.Kept(defangCookie) == "yes", titles: map[string]string{}}
}

// show is a foreign text as this reader wants it.
func (r *reading) show(text string) string {
	if r.Defang {
		return defang(text)
	}
	return text
}

// named is an object that a page names.
type named struct {
	ID    string
	Type  string // its label
	Title string // "" if it has none, or is not here
	TLP   stix.TLP
	Here  bool // the node holds a current version of it
}

// The bounds of what is read for the sake of titles.
const (
	largestNamed = 1 << 20 // bytes; a larger object is named by its id
	namedBytes   = 4 << 20 // at a time
)

// learn reads what objects are called.
func (r *reading) learn(tx store.Tx, ids []string) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, known := r.titles[id]
		return known || stix.TLPOf(id) != stix.TLPNone
	})
	variants, err := tx.Objects().Variants(ids)
	if err != nil {
		return err
	}
	variants = slices.DeleteFunc(variants, func(v store.Variant) bool {
		if v.Current && v.Size > largestNamed {
			r.titles[v.ID] = ""
		}
		return v.Size > largestNamed
	})
	for portion := range store.Portions(variants, namedBytes) {
		current, err := tx.Objects().Current(portion)
		if err != nil {
			return err
		}
		for i := range current {
			r.titles[current[i].ID] = stix.Title(current[i].Raw)
		}
	}
	return nil
}

// name is an object as a page names it; what is not learned yet counts as not here.
func (r *reading) name(id string) named {
	n := named{ID: id, Type: r.lang.Type(stix.TypeOf(id)), TLP: stix.TLPOf(id)}
	if t, ok := r.titles[id]; ok {
		n.Title, n.Here = r.show(t), true
	}
	return n
}

// learnPartners reads what the partners are called.
func (r *reading) learnPartners(tx store.Tx) ([]*partner.Partner, error) {
	all, err := partner.List(tx)
	r.partners = make(map[store.Party]string, len(all))
	for _, p := range all {
		r.partners[p.Party()] = p.Card.Name
	}
	return all, err
}

// origin is a partner's name, or what stands for it; "" is this node.
func (r *reading) origin(p store.Party) string {
	if name := r.partners[p]; name != "" {
		return name
	}
	return string(p)
}

func number(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "%q is no number", text)
	}
	return n, nil
}
