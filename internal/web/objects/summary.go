package objects

import (
	"time"

	"github.com/wagasa/wagasa/internal/locale/outline"
	"github.com/wagasa/wagasa/internal/reference"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// line is a label and a value of the summary, or what is within it.
type line struct {
	Name  string // what STIX calls it; "" where it knows no such name
	Label string
	Of    *named // what the label is, where it is the id of an object
	Text  string
	Ours  bool // the text is ours
	Ref   *named
	Time  time.Time
	Bytes int // of the whole text, where Text is its beginning
	Lines []line
	List  bool
	More  int
	Empty bool // it holds nothing
}

// The bounds of the summary.
const (
	shownItems = 400
	shownBytes = 64 << 10
)

// apart are the properties that the page shows elsewhere.
var apart = map[string]bool{
	"type": true, "id": true, "spec_version": true, "created": true, "modified": true, "created_by_ref": true, "revoked": true,
	"object_marking_refs": true, "granular_markings": true,
}

// summary makes lines of the object's properties.
func (s *subject) summary(tx store.Tx) error {
	items, more := outline.Labels{Lang: s.lang}.Members(s.object.Raw, s.Type, shownItems, func(name string) bool { return !apart[name] })
	var ids []string
	if s.Variant.Creator != "" {
		ids = append(ids, s.Variant.Creator)
	}
	list, _ := reference.In(s.object.Raw, shownItems)
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	if err := s.learn(tx, ids); err != nil {
		return err
	}
	if s.Variant.Creator != "" {
		creator := s.name(s.Variant.Creator)
		s.Creator = &creator
	}
	w := writer{s.reading, shownBytes}
	s.Lines, s.More = w.lines(items), more
	s.More = s.More || w.left < 0
	return nil
}

// writer makes lines of items, up to so many bytes.
type writer struct {
	*reading
	left int
}

func (w *writer) lines(items []outline.Item) (all []line) {
	for i := range items {
		if w.left < 0 {
			return all
		}
		all = append(all, w.line(&items[i]))
	}
	return all
}

func (w *writer) line(i *outline.Item) line {
	w.left -= len(i.Label) + len(i.Text)
	l := line{Label: w.show(i.Label), Bytes: i.Bytes, More: i.More, List: i.Kind == outline.List}
	if i.Info != nil && i.Label != i.Name {
		l.Name = i.Name
	}
	if i.Names() {
		of := w.name(i.Label)
		l.Of = &of
	}
	switch i.Kind {
	case outline.Reference:
		ref := w.name(i.Text)
		l.Ref = &ref
	case outline.Object, outline.List:
		l.Lines = w.lines(i.Items)
		l.Empty = len(l.Lines) == 0
	case outline.Word:
		l.Text, l.Ours = i.Text, true
	default:
		l.Text = w.show(i.Text)
		if i.Info != nil && i.Info.Kind == "timestamp" {
			if t, err := stix.ParseTimestamp(i.Text); err == nil {
				l.Time = t.Time()
			}
		}
	}
	return l
}
