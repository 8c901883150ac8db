package objects

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/reference"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// picture is the objects around one, for the script that draws them.
type picture struct {
	Nodes []node `json:"nodes"`
	Edges []arc  `json:"edges"`
	More  bool   `json:"more"` // there are more than are drawn
}

// node is an object in the picture.
type node struct {
	ID    string `json:"id"`
	Type  string `json:"type"`  // STIX's name, by which it is coloured
	Kind  string `json:"kind"`  // in people's words
	Label string `json:"label"` // foreign text
	Here  bool   `json:"here"`
}

// arc leads from one object to another.
type arc struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label"`
}

// The bounds of a picture: more than this nobody can read.
const (
	drawnNames = 40
	drawnTypes = 12
	drawnOf    = 12 // of each type
	drawnLabel = 40 // characters
)

// graph gives the objects around one as data.
func (p *Pages) graph(r *page.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	s := &subject{reading: read(r)}
	var g picture
	err = p.Store.View(r.Context(), func(tx store.Tx) error {
		variants, err := tx.Objects().Variants([]string{id})
		if err != nil {
			return err
		}
		if len(variants) == 0 {
			return page.Refusal(fault.NotFound, "objects.not-here")
		}
		if err := s.choose(variants); err != nil {
			return err
		}
		if err := s.open(tx, id, hidden(s.Variant, r)); err != nil {
			return err
		}
		g, err = s.picture(tx)
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(g)
}

// picture draws what the object names and what names it. A relationship is an arc, if it is not what the picture is about.
func (s *subject) picture(tx store.Tx) (g picture, err error) {
	g.Edges = []arc{} // a list, also if there are none
	d := drawing{s, &g, map[string]bool{}}
	d.node(s.ID)
	var names group
	if s.object != nil {
		if err := s.names(tx, 0, drawnNames, &names); err != nil {
			return g, err
		}
	}
	g.More = names.Rest || names.More
	for _, l := range names.Links {
		d.node(l.ID)
		for _, role := range l.Roles {
			d.arc(s.ID, l.ID, role)
		}
	}
	groups, more, err := reference.Groups(tx, s.ID)
	if err != nil {
		return g, err
	}
	g.More = g.More || more || len(groups) > drawnTypes
	for _, of := range groups[:min(len(groups), drawnTypes)] {
		ids, next, err := reference.From(tx, s.ID, of.Type, "", drawnOf)
		if err != nil {
			return g, err
		}
		links, err := s.relations(tx, ids)
		if err != nil {
			return g, err
		}
		g.More = g.More || next != ""
		for _, l := range links {
			d.refers(l)
		}
	}
	d.complete()
	return g, nil
}

// drawing is a picture in the making.
type drawing struct {
	*subject
	to   *picture
	seen map[string]bool
}

// refers draws an object that refers to the one in the middle.
func (d *drawing) refers(l relation) {
	if l.From != nil {
		d.node(l.From.ID)
		d.node(l.To.ID)
		d.arc(l.From.ID, l.To.ID, l.Verb)
		return
	}
	d.node(l.ID)
	for _, role := range l.Roles {
		d.arc(l.ID, d.ID, role)
	}
}

func (d *drawing) node(id string) {
	if !d.seen[id] {
		d.seen[id] = true
		d.to.Nodes = append(d.to.Nodes, node{ID: id, Type: stix.TypeOf(id)})
	}
}

func (d *drawing) arc(from, to, label string) {
	a := arc{from, to, clean(short(label, drawnLabel))}
	if !slices.Contains(d.to.Edges, a) {
		d.to.Edges = append(d.to.Edges, a)
	}
}

// complete gives the nodes their names, which are known by now.
func (d *drawing) complete() {
	d.titles[d.ID] = stix.Title(nil)
	if d.object != nil {
		d.titles[d.ID] = stix.Title(d.object.Raw)
	}
	for i := range d.to.Nodes {
		n := &d.to.Nodes[i]
		name := d.name(n.ID)
		n.Kind, n.Label, n.Here = name.Type, clean(short(name.Title, drawnLabel)), name.Here
		if name.TLP != stix.TLPNone {
			n.Label = name.TLP.Label()
		}
	}
}

// clean is a foreign text for a drawing, in which what hides or turns text is shown as its code point.
func clean(text string) string {
	var b strings.Builder
	for _, r := range text {
		if page.Hides(r) {
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// neighbours is the picture in words, for the list beside it.
func (s *subject) neighbours(tx store.Tx) (err error) {
	s.Picture, err = s.picture(tx)
	s.Ends = map[string]node{}
	for _, n := range s.Picture.Nodes {
		s.Ends[n.ID] = n
	}
	return err
}
