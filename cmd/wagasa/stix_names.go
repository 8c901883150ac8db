package main

import (
	"strings"

	"github.com/wagasa/wagasa/stix"
)

const (
	keptNames   = 16 << 20 // bytes of titles and ids that are kept for references
	costOfAName = 200      // bytes, with the title, beside the id
)

// quoted is a title between quotes that it cannot leave. A backslash stays single: paths have many.
func quoted(title string) string { return `"` + strings.ReplaceAll(safe(title), `"`, `\u0022`) + `"` }

// names are the titles of objects that others refer to. They are bounded: beyond that references are shown without.
type names struct {
	known  map[string]name
	bytes  int
	lookup func(id string) string // elsewhere; nil: nowhere
}

type name struct {
	title   string
	version int64
}

// add remembers the title of the newest version of an object.
func (n *names) add(o *stix.Object) {
	if o.ID == "" {
		return
	}
	if has, ok := n.known[o.ID]; !ok || has.version <= o.Version() {
		n.keep(o.ID, name{stix.Title(o.Raw), o.Version()})
	}
}

func (n *names) keep(id string, what name) {
	if _, ok := n.known[id]; !ok {
		if n.bytes+len(id)+costOfAName > keptNames {
			return
		}
		n.bytes += len(id) + costOfAName
	}
	if n.known == nil {
		n.known = map[string]name{}
	}
	n.known[id] = what
}

// of is the title of an object, "" if there is none.
func (n *names) of(id string) string {
	has, ok := n.known[id]
	if !ok && n.lookup != nil {
		has.title = n.lookup(id)
		n.keep(id, has)
	}
	return has.title
}
