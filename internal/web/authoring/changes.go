package authoring

import (
	stdjson "encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

// changes are what the form says otherwise than the fields. What was not touched is no change, so that its bytes stay as they are. Wrong fields
// are marked, and what was typed is kept in them.
func changes(fields []field, form url.Values, lang locale.Lang) (list []author.Change, ok bool, err error) {
	ok = true
	zone := form.Get("zone")
	for i := range fields {
		f := &fields[i]
		if !form.Has("has."+f.Name) && f.Input != inputParts {
			continue // the form did not show it
		}
		value, touched, fine := f.read(form, zone)
		switch {
		case !fine:
			f.Wrong = locale.Text(lang, f.broken)
			ok = false
		case touched && value == nil && f.Required:
			f.Wrong = locale.Text(lang, "authoring.wrong-required")
			ok = false
		case touched:
			c := author.Change{Pointer: "/" + f.Name}
			if value != nil {
				if c.Value, err = encode(value); err != nil {
					return nil, false, fmt.Errorf("%s: %w", f.Name, err)
				}
			}
			list = append(list, c)
			f.touched = true
		}
	}
	return list, ok, nil
}

// encode writes a value as JSON.
func encode(value any) (jsontext.Value, error) {
	switch v := value.(type) {
	case jsontext.Value:
		return v, nil
	case stix.Timestamp:
		value = v.String()
	}
	return json.Marshal(value)
}

// text is what the field says, for people.
func (f *field) text() string {
	switch {
	case f.Input == inputParts:
		var lines []string
		for _, p := range f.Parts {
			var values []string
			for _, m := range p.Members {
				if m.Value != "" {
					values = append(values, m.Value)
				}
			}
			if len(values) > 0 {
				lines = append(lines, strings.Join(values, " · "))
			}
		}
		return strings.Join(lines, "\n")
	case f.info.List:
		return strings.Join(f.list(), "\n")
	case f.Input == inputTime:
		return f.Local("UTC")
	}
	for _, o := range f.Options {
		if o.On {
			return o.Label
		}
	}
	return f.Value
}

// read reads what the form says of the field; touched says that it says something else than before.
func (f *field) read(form url.Values, zone string) (value any, touched, fine bool) {
	given := plain(form.Get(f.Name))
	switch f.Input {
	case inputParts:
		return f.readParts(form)
	case inputMany, inputLines, inputRefs:
		return f.readList(form)
	case inputTime:
		return f.readTime(given, zone)
	case inputNumber:
		return f.readNumber(strings.TrimSpace(given))
	case inputYesNo:
		touched = given != f.Value
		f.Value = given
		if given == "" {
			return nil, touched, true
		}
		return given == "true", touched, true
	}
	if f.Input != inputText {
		given = strings.TrimSpace(given)
	}
	touched = given != f.Value && strings.TrimSpace(given) != strings.TrimSpace(f.Value)
	f.Value = given
	for i := range f.Options {
		f.Options[i].On = f.Options[i].Value == given
	}
	if strings.TrimSpace(given) == "" {
		return nil, touched, true
	}
	return given, touched, true
}

// readList reads what is checked, then what is written, one a line.
func (f *field) readList(form url.Values) (value any, touched, fine bool) {
	was := f.list()
	checked := form[f.Name]
	for i := range f.Options {
		f.Options[i].On = slices.Contains(checked, f.Options[i].Value)
	}
	f.Value = plain(form.Get(f.Name + ".other"))
	now := f.list()
	if slices.Equal(was, now) {
		return nil, false, true
	}
	if len(now) == 0 {
		return nil, true, true
	}
	return now, true, true
}

// list is the values of a list as the field has them, each once.
func (f *field) list() (list []string) {
	for _, o := range f.Options {
		if o.On {
			list = append(list, o.Value)
		}
	}
	for line := range strings.SplitSeq(f.Value, "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	return list
}

func (f *field) readTime(given, zone string) (value any, touched, fine bool) {
	if zones[zone] == nil {
		zone = "UTC"
	}
	if given == f.Local(zone) || given+":00" == f.Local(zone) {
		return nil, false, true
	}
	if given == "" {
		f.Value = ""
		return nil, true, true
	}
	t, err := timeIn(given, zone)
	if err != nil {
		f.broken = "authoring.wrong-time"
		return nil, false, false
	}
	f.Value = t.Format(time.RFC3339)
	return stix.TimestampOf(t), true, true
}

func (f *field) readNumber(given string) (value any, touched, fine bool) {
	touched = given != f.Value
	f.Value = given
	if given == "" {
		return nil, touched, true
	}
	if f.info.Kind == "integer" {
		n, err := strconv.ParseInt(given, 10, 64)
		if err != nil {
			f.broken = "authoring.wrong-number"
		}
		return n, touched, err == nil
	}
	n, err := strconv.ParseFloat(given, 64)
	if err != nil || n-n != 0 { // infinite, or no number
		f.broken = "authoring.wrong-number"
		return nil, touched, false
	}
	return n, touched, true
}

// readParts reads small objects. One of which nothing is left goes; what a form does not show of one stays.
func (f *field) readParts(form url.Values) (value any, touched, fine bool) {
	var list []any
	for i := range f.Parts {
		p := &f.Parts[i]
		members := map[string]any{}
		if p.raw != nil {
			if stdjson.Unmarshal(p.raw, &members) != nil {
				return nil, false, true
			}
		}
		changed, empty := false, true
		for k := range p.Members {
			m := &p.Members[k]
			if !form.Has(m.Name) {
				empty = false
				continue
			}
			given := strings.TrimSpace(plain(form.Get(m.Name)))
			changed = changed || given != strings.TrimSpace(m.Value)
			m.Value = given
			if name := m.info.Name; given == "" {
				delete(members, name)
			} else {
				members[name], empty = given, false
			}
		}
		touched = touched || changed
		switch {
		case p.raw == nil && !changed, empty:
		case !changed:
			list = append(list, p.raw)
		default:
			list = append(list, members)
		}
	}
	if len(list) == 0 || !touched {
		return nil, touched, true
	}
	b, err := stdjson.Marshal(list) // of maps, in a fixed order
	return jsontext.Value(b), touched, err == nil
}
