package objects

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/wagasa/wagasa/internal/reference"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// answers are what others, and this node, say of the object in objects of their own.
type answers struct {
	List         []answer
	Counts       []group // how many there are, by type
	More         bool    // there are more than the list has
	Translations []translation
}

// answering are the types of objects that answer others.
var answering = map[string]bool{"sighting": true, "note": true, "opinion": true, "language-content": true}

// answer is a sighting, a note or an opinion.
type answer struct {
	ID, Type    string
	Label       string // of its type
	From        string // the partner; "" is this node
	Time        time.Time
	Text        string // what it says
	Abstract    string
	Opinion     string // a word of the vocabulary
	Count       string // how often it was seen; "" if that is not said, "0" if it was looked for and not seen
	First, Last time.Time
	TLP         stix.TLP
	Revoked     bool
}

// translation is a language-content of the object.
type translation struct {
	answer
	Language string
	Parts    []translated
	More     bool
}

type translated struct{ Property, Text string }

// The bounds of what is shown of answers.
const (
	shownAnswers      = 6 // of each type
	shownTranslations = 8
	shownProperties   = 12
	longestAnswer     = 500 // characters
)

// answers reads what answers the object: the newest of each type.
func (s *subject) answers(tx store.Tx) error {
	for _, typ := range [...]string{"sighting", "opinion", "note"} {
		objects, more, err := s.from(tx, typ, shownAnswers)
		if err != nil {
			return err
		}
		if len(objects) > 0 {
			s.Answers.Counts = append(s.Answers.Counts, group{Type: typ, Label: s.lang.Type(typ), N: len(objects), Rest: more})
		}
		s.Answers.More = s.Answers.More || more
		for i := range objects {
			s.Answers.List = append(s.Answers.List, s.answer(&objects[i]))
		}
	}
	slices.SortStableFunc(s.Answers.List, func(a, b answer) int { return b.Time.Compare(a.Time) })
	objects, more, err := s.from(tx, "language-content", shownTranslations)
	s.Answers.More = s.Answers.More || more
	for i := range objects {
		s.Answers.Translations = append(s.Answers.Translations, s.translations(&objects[i])...)
	}
	return err
}

// from reads the newest objects of a type that refer to this one.
func (s *subject) from(tx store.Tx, typ string, limit int) (objects []store.Variant, more bool, err error) {
	ids, next, err := reference.From(tx, s.ID, typ, "", limit)
	if err != nil {
		return nil, false, err
	}
	objects, err = s.few(tx, ids)
	return objects, next != "", err
}

// answer makes of an object what the page shows. What has not the form that STIX gives it is left out.
func (s *subject) answer(v *store.Variant) answer {
	var o struct {
		Content, Abstract, Explanation, Opinion, Description any
		Count                                                any    `json:"count"`
		First                                                string `json:"first_seen"`
		Last                                                 string `json:"last_seen"`
	}
	_ = json.Unmarshal(v.Raw, &o)
	a := answer{ID: v.ID, Type: v.Type, Label: s.lang.Type(v.Type), Time: timeOf(v.Modified), TLP: stix.TLP(v.TLP), Revoked: v.Revoked}
	if v.Origin != store.Self {
		a.From = s.origin(v.Origin)
	}
	for _, text := range []any{o.Content, o.Explanation, o.Description} {
		if t, ok := text.(string); ok && a.Text == "" {
			a.Text = s.show(short(t, longestAnswer))
		}
	}
	if t, ok := o.Abstract.(string); ok {
		a.Abstract = s.show(short(t, longestAnswer))
	}
	if t, ok := o.Opinion.(string); ok {
		a.Opinion = s.show(s.lang.Value("opinion-enum", short(t, longestAnswer)))
	}
	if n, ok := o.Count.(float64); ok && v.Type == "sighting" {
		a.Count = strconv.FormatFloat(n, 'f', -1, 64)
	}
	a.First, a.Last = timestamp(o.First), timestamp(o.Last)
	return a
}

// timestamp is a time as STIX writes it; what is none is zero.
func timestamp(text string) time.Time {
	t, err := stix.ParseTimestamp(text)
	if err != nil {
		return time.Time{}
	}
	return t.Time()
}

// translations are the languages that a language-content has for this object.
func (s *subject) translations(v *store.Variant) (all []translation) {
	var o struct {
		Object   string                    `json:"object_ref"`
		Contents map[string]map[string]any `json:"contents"`
	}
	if json.Unmarshal(v.Raw, &o) != nil || o.Object != s.ID {
		return nil
	}
	for _, language := range slices.Sorted(maps.Keys(o.Contents)) {
		if len(all) == shownTranslations {
			break
		}
		t := translation{answer: s.answer(v), Language: s.show(short(language, 40))}
		for _, property := range slices.Sorted(maps.Keys(o.Contents[language])) {
			text, ok := o.Contents[language][property].(string)
			if !ok {
				b, _ := json.Marshal(o.Contents[language][property])
				text = string(b)
			}
			if len(t.Parts) == shownProperties {
				t.More = true
				break
			}
			t.Parts = append(t.Parts, translated{s.show(s.lang.Property(s.Type, short(property, 100))), s.show(short(text, longestAnswer))})
		}
		all = append(all, t)
	}
	return all
}
