package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/locale/outline"
	"github.com/wagasa/wagasa/stix"
)

const shownLines = 2_000 // of an object

// view writes one object for people. All of it is foreign text: everything goes through safe, and is bounded.
type view struct {
	out    io.Writer
	labels outline.Labels
	named  func(id string) string // the title of the object of an id, "" if it is not known
	lines  int
	dash   int // how many elements the next line begins
	err    error
}

// text is a text of the command itself.
func (v *view) text(code string, args ...any) string {
	return locale.Text(v.labels.Lang, code, args...)
}

// line writes a label and a value.
func (v *view) line(depth int, label, value string) {
	dash := v.dash
	v.dash = 0
	if v.lines++; v.lines > shownLines {
		return
	}
	text := strings.Repeat("  ", depth-dash) + strings.Repeat("- ", dash)
	if label != "" {
		text += safe(label) + ":"
	}
	if label != "" && value != "" {
		text += " "
	}
	if _, err := fmt.Fprintln(v.out, text+value); err != nil && v.err == nil {
		v.err = err
	}
}

// object writes what it is, whose and how marked, and then every other property in its order.
func (v *view) object(o *stix.Object) {
	heading := v.text("show.untyped")
	if o.Type != "" {
		heading = safe(v.labels.Type(o.Type))
	}
	if title := stix.Title(o.Raw); title != "" {
		heading += " " + quoted(title)
	}
	v.line(0, "", heading)
	if o.ID != "" {
		v.line(1, v.labels.Property(o.Type, "id"), safe(o.ID))
	}
	first := map[string]bool{"created": true, "modified": true, "created_by_ref": true, "revoked": true}
	v.top(o, func(name string) bool { return first[name] })
	for _, m := range markingsOf(o) {
		v.line(1, v.text("show.marking"), cmp.Or(m.TLP, v.reference(m.ID)))
	}
	v.top(o, func(name string) bool {
		return !first[name] && name != "type" && name != "id" && name != "object_marking_refs"
	})
	if v.lines > shownLines {
		v.lines = 0
		v.line(1, "", v.text("show.more-lines", shownLines))
	}
}

// top writes the members of the object itself that are wanted.
func (v *view) top(o *stix.Object, wanted func(name string) bool) {
	items, more := v.labels.Members(o.Raw, o.Type, 2*shownLines, wanted) // more than there will be lines
	for i := range items {
		v.item(1, &items[i])
	}
	if more {
		v.lines = shownLines + 1
	}
}

// item writes a member, or an element of a list, with all that is in it.
func (v *view) item(depth int, i *outline.Item) {
	label := i.Label
	if i.Names() {
		label = v.reference(label)
	}
	switch {
	case i.Kind != outline.Object && i.Kind != outline.List:
		v.line(depth, label, v.scalar(i))
		return
	case len(i.Items) == 0 && i.More == 0:
		v.line(depth, label, map[outline.Kind]string{outline.Object: "{}", outline.List: "[]"}[i.Kind])
		return
	}
	if label != "" {
		v.line(depth, label, "")
		depth++
	}
	for j := range i.Items {
		if i.Kind == outline.List {
			v.dash++
			v.item(depth+1, &i.Items[j])
		} else {
			v.item(depth, &i.Items[j])
		}
	}
	if i.More > 0 {
		v.line(depth, "", v.text("show.more", i.More))
	}
}

// scalar is a text, number or name as shown.
func (v *view) scalar(i *outline.Item) string {
	switch {
	case i.Kind == outline.Reference:
		return v.reference(i.Text)
	case i.Bytes > 0:
		return safe(i.Text) + v.text("show.cut", i.Bytes)
	}
	return safe(i.Text)
}

// reference is an id with what it refers to.
func (v *view) reference(id string) string {
	if tlp := stix.TLPOf(id).Label(); tlp != "" {
		return tlp + " (" + id + ")"
	}
	text := "→ " + safe(v.labels.Type(stix.TypeOf(id)))
	if title := v.named(id); title != "" {
		return text + " " + quoted(title) + " (" + id + ")"
	}
	return text + " " + id
}

func (v *view) findings(findings []stix.Finding) {
	v.lines = 0
	if len(findings) == 0 {
		v.line(1, v.text("show.findings"), v.text("show.none"))
		return
	}
	v.line(1, v.text("show.findings"), "")
	for _, f := range findings {
		level := v.text("level." + f.Level.String())
		v.line(2, "", fmt.Sprintf("%s  %s  %s: %s", level, f.Code, safe(cmp.Or(f.Pointer, "/")), safe(locale.Finding(v.labels.Lang, f))))
	}
}
