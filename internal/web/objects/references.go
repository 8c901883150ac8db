package objects

import (
	"encoding/json"
	"slices"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/reference"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// group are references of one kind.
type group struct {
	Type  string // of those that name the object
	Label string
	N     int
	More  bool // there are more than N
	Links []relation
	Rest  bool // there are more than Links
}

// relation is a reference: one object, and how it refers.
type relation struct {
	named
	Roles   []string // labels of the properties that refer
	Verb    string   // of a relationship
	From    *named   // of a relationship that refers: where it leads from and to
	To      *named
	Revoked bool
}

// The bounds of what is shown of references.
const (
	shownNames  = 30
	shownGroups = 8 // of which some are shown
	shownOf     = 5 // of each
	pageOf      = 50
	mostNames   = 2000
)

// referring finds what the object names, and what names it.
func (s *subject) referring(tx store.Tx) (err error) {
	if s.Behind, err = reference.Behind(tx, behindLimit); err != nil {
		return err
	}
	if s.object != nil {
		if err := s.names(tx, 0, shownNames, &s.Names); err != nil {
			return err
		}
	}
	groups, _, err := reference.Groups(tx, s.ID)
	if err != nil {
		return err
	}
	for _, g := range groups {
		one := group{Type: g.Type, Label: s.lang.Type(g.Type), N: g.N, More: g.More}
		if answering[g.Type] || len(s.NamedBy) >= shownGroups {
			s.Rest = append(s.Rest, one)
			continue
		}
		ids, _, err := reference.From(tx, s.ID, g.Type, "", shownOf)
		if err != nil {
			return err
		}
		if one.Links, err = s.relations(tx, ids); err != nil {
			return err
		}
		one.Rest = g.More || g.N > len(one.Links)
		s.NamedBy = append(s.NamedBy, one)
	}
	return nil
}

// names lists what the object names, but for who created it and what it is marked with, which stand apart.
func (s *subject) names(tx store.Tx, from, limit int, into *group) error {
	list, more := reference.In(s.object.Raw, mostNames)
	roles := map[string][]string{}
	var ids []string
	for _, r := range list {
		if r.Common() || r.ID == s.ID {
			continue
		}
		if roles[r.ID] == nil {
			ids = append(ids, r.ID)
		}
		if label := s.show(s.lang.Property(s.Type, r.Property)); !slices.Contains(roles[r.ID], label) && len(roles[r.ID]) < shownOf {
			roles[r.ID] = append(roles[r.ID], label)
		}
	}
	into.N, into.More = len(ids), more
	ids = ids[min(from, len(ids)):]
	if into.Rest = len(ids) > limit; into.Rest {
		ids = ids[:limit]
	}
	if err := s.learn(tx, ids); err != nil {
		return err
	}
	for _, id := range ids {
		into.Links = append(into.Links, relation{named: s.name(id), Roles: roles[id]})
	}
	return nil
}

// relations reads objects that refer to this one, and how they do.
func (s *subject) relations(tx store.Tx, ids []string) (all []relation, err error) {
	objects, err := s.few(tx, ids)
	if err != nil {
		return nil, err
	}
	var both []string
	links := map[string]ends{}
	for i := range objects {
		v := &objects[i]
		s.titles[v.ID] = stix.Title(v.Raw)
		if v.Type == "relationship" {
			l := endsOf(v.Raw)
			links[v.ID] = l
			both = append(both, l.source, l.target)
		}
	}
	if err := s.learn(tx, slices.DeleteFunc(both, func(id string) bool { return id == "" })); err != nil {
		return nil, err
	}
	for _, id := range ids {
		r := relation{named: s.name(id)}
		for i := range objects {
			if v := &objects[i]; v.ID == id {
				r.Revoked = v.Revoked
				r.Roles = s.roles(v)
			}
		}
		if l, ok := links[id]; ok && l.source != "" && l.target != "" {
			from, to := s.name(l.source), s.name(l.target)
			r.From, r.To, r.Verb = &from, &to, s.show(l.verb)
		}
		all = append(all, r)
	}
	return all, nil
}

// ends are what a relationship relates, and how.
type ends struct{ source, verb, target string }

func endsOf(raw []byte) ends {
	var o struct {
		Source string `json:"source_ref"`
		Verb   string `json:"relationship_type"`
		Target string `json:"target_ref"`
	}
	if json.Unmarshal(raw, &o) != nil || !stix.ValidID(o.Source) || !stix.ValidID(o.Target) {
		return ends{}
	}
	return ends{o.Source, o.Verb, o.Target}
}

// roles are the labels of the properties by which a version refers to this object.
func (s *subject) roles(v *store.Variant) (labels []string) {
	list, _ := reference.In(v.Raw, mostNames)
	for _, r := range list {
		if label := s.show(s.lang.Property(v.Type, r.Property)); r.ID == s.ID && !slices.Contains(labels, label) && len(labels) < shownOf {
			labels = append(labels, label)
		}
	}
	return labels
}

// few reads current versions that are not too large, in no order.
func (s *subject) few(tx store.Tx, ids []string) (all []store.Variant, err error) {
	variants, err := tx.Objects().Variants(ids)
	if err != nil {
		return nil, err
	}
	variants = slices.DeleteFunc(variants, func(v store.Variant) bool { return v.Size > largestNamed })
	for portion := range store.Portions(variants, namedBytes) {
		current, err := tx.Objects().Current(portion)
		if err != nil {
			return nil, err
		}
		all = append(all, current...)
	}
	return all, nil
}

// listing is the page of all references of one kind.
type listing struct {
	*subject
	Group group
	Way   string // out or in
	From  int    // of out: how many are before this page
	Next  int
	After string // of in: where the next page begins, "" if this is the last one
	First bool
}

// references lists what the object names (way=out), or what of a type names it.
func (p *Pages) references(r *page.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	l := listing{subject: &subject{reading: read(r)}, Way: "in"}
	typ, after := r.FormValue("type"), r.FormValue("after")
	if r.FormValue("way") == "out" {
		l.Way = "out"
		if text := r.FormValue("from"); text != "" {
			n, err := number(text)
			if err != nil || n < 0 || n > mostNames {
				return fault.New(fault.Invalid, "from %q: want how many references", text)
			}
			l.From = int(n)
		}
	}
	if l.Way == "in" && !stix.ValidID(typ+"--00000000-0000-4000-8000-000000000000") {
		return fault.New(fault.Invalid, "type %q: want a type of STIX", typ)
	}
	err = p.Store.View(r.Context(), func(tx store.Tx) error {
		variants, err := tx.Objects().Variants([]string{id})
		if err != nil {
			return err
		}
		if len(variants) == 0 {
			return page.Refusal(fault.NotFound, "objects.not-here")
		}
		if err := l.choose(variants); err != nil {
			return err
		}
		if err := l.open(tx, id, hidden(l.Variant, r)); err != nil {
			return err
		}
		if l.Way == "out" {
			return l.out(tx)
		}
		return l.in(tx, typ, after)
	})
	if err != nil {
		return err
	}
	return r.Render("objects/references", &l)
}

func (l *listing) out(tx store.Tx) error {
	if l.object == nil {
		return fault.New(fault.Denied, "%s may not be read: %s", l.ID, account.QuarantineView)
	}
	l.First = l.From == 0
	if err := l.names(tx, l.From, pageOf, &l.Group); err != nil {
		return err
	}
	if l.Group.Rest {
		l.Next = l.From + pageOf
	}
	return nil
}

func (l *listing) in(tx store.Tx, typ, after string) error {
	l.Group.Type, l.Group.Label, l.First = typ, l.lang.Type(typ), after == ""
	ids, next, err := reference.From(tx, l.ID, typ, after, pageOf)
	if err != nil {
		return err
	}
	l.After = next
	l.Group.Links, err = l.relations(tx, ids)
	return err
}
