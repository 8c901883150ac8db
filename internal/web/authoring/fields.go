package authoring

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

// input is how a property is entered.
type input string

// The inputs. What fits none, such as hashes or dictionaries, is kept as it is.
const (
	inputLine   input = "line"   // a string of one line, with suggestions if there is an open vocabulary
	inputText   input = "text"   // a string of many lines
	inputLines  input = "lines"  // a list of strings, one a line
	inputOne    input = "one"    // one of an enumeration
	inputMany   input = "many"   // some of a vocabulary; others, one a line, where it is open
	inputYesNo  input = "yes-no" // true, false, or nothing
	inputNumber input = "number"
	inputTime   input = "time"
	inputParts  input = "parts" // a list of small objects, such as kill chain phases
	inputRefs   input = "refs"  // a list of ids
)

// field is a property that people edit, as the form shows it.
type field struct {
	Name, Label string
	Input       input
	Required    bool
	Deprecated  bool
	Value       string
	Options     []option
	Closed      bool // no value beside the options
	Parts       []part
	Step        string // of a number
	Unseen      string // the value, if it holds characters that an input does not show
	Wrong       string
	Now         string // what it says by now, where somebody else changed it meanwhile

	info    stix.PropertyInfo
	broken  string // the code of why what was typed cannot be read
	touched bool   // the form says something else
}

// part is one of a list of small objects.
type part struct {
	Number  int
	Members []field
	raw     json.RawMessage // as it was; nil of a new one
}

// Bounds of what is edited.
const (
	mostLine    = 200  // characters that a line shows; longer ones get more room
	mostOptions = 60   // of a vocabulary of which several may be chosen; of a larger one they are suggested
	mostParts   = 100  // small objects of one list
	spareParts  = 2    // empty ones, to be filled
	mostRefs    = 2000 // references that are listed
)

// long are properties that are prose.
var long = map[string]bool{
	"description": true, "content": true, "explanation": true, "abstract": false, "pattern": true, "objective": true, "contact_information": true,
	"street_address": true, "schema": false, "goal": true,
}

// fixed are properties that nobody edits by hand: what names a version, who wrote it, and what has buttons of its own.
var fixed = map[string]bool{
	"type": true, "spec_version": true, "id": true, "created": true, "modified": true, "created_by_ref": true, "revoked": true, "object_marking_refs": true,
	"granular_markings": true, "extensions": true, "defanged": true, "source_ref": true, "target_ref": true, "sighting_of_ref": true, "object_ref": true,
	"object_modified": true,
}

// typeInfo is what STIX says of a type; ok is false of one that it does not know.
func typeInfo(name string) (info stix.TypeInfo, ok bool) {
	for t := range stix.Types() {
		if t.Name == name {
			return t, true
		}
	}
	return info, false
}

// fieldsOf are the fields of an object, those of its type first.
func fieldsOf(o *stix.Object, lang locale.Lang) (list []field) {
	info, ok := typeInfo(o.Type)
	if !ok {
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(o.Raw, &members) != nil {
		return nil
	}
	for _, common := range []bool{false, true} {
		for _, p := range info.Properties {
			if p.Common != common || fixed[p.Name] {
				continue
			}
			if f, ok := fieldOf(info.Name, p, members[p.Name], lang); ok {
				list = append(list, f)
			}
		}
	}
	return list
}

// fieldOf is the field of a property; ok is false if it cannot be entered by hand.
func fieldOf(typ string, p stix.PropertyInfo, raw json.RawMessage, lang locale.Lang) (f field, ok bool) {
	f = field{Name: p.Name, Label: lang.Property(typ, p.Name), Required: p.Required, Deprecated: p.Deprecated, info: p}
	words := vocabulary(p.Vocabulary)
	f.Closed = words.Closed
	switch {
	case p.Kind == "nested" && p.List && (p.Part == "kill-chain-phase" || p.Part == "external-reference"):
		f.Input = inputParts
		return f, f.parts(raw, lang)
	case p.Kind == "identifier" && p.List:
		f.Input = inputRefs
	case p.Kind == "string" && p.List && words.Name != "" && len(words.Values) <= mostOptions:
		f.Input = inputMany
	case p.Kind == "string" && p.List:
		f.Input = inputLines
	case p.List:
		return f, false
	case p.Kind == "string" && words.Closed:
		f.Input = inputOne
	case p.Kind == "string":
		f.Input = inputLine
	case p.Kind == "boolean":
		f.Input = inputYesNo
	case p.Kind == "integer":
		f.Input, f.Step = inputNumber, "1"
	case p.Kind == "float":
		f.Input, f.Step = inputNumber, "any"
	case p.Kind == "timestamp":
		f.Input = inputTime
	default:
		return f, false
	}
	return f, f.fill(raw, words, lang)
}

// fill puts the present value into the field; false if it is none of its kind, which is left alone then.
func (f *field) fill(raw json.RawMessage, words stix.VocabularyInfo, lang locale.Lang) bool {
	var values []string
	switch {
	case raw == nil:
	case f.info.List:
		if json.Unmarshal(raw, &values) != nil {
			return false
		}
	case f.Input == inputNumber || f.Input == inputYesNo:
		f.Value = string(raw)
	default:
		if json.Unmarshal(raw, &f.Value) != nil {
			return false
		}
		f.Value = shown(f.Value)
	}
	for i := range values {
		values[i] = shown(values[i])
	}
	for _, v := range words.Values {
		f.Options = append(f.Options, option{v, lang.Value(words.Name, v), slices.Contains(values, v) || !f.info.List && v == f.Value})
	}
	switch f.Input {
	case inputMany:
		values = slices.DeleteFunc(values, func(v string) bool { return slices.Contains(words.Values, v) })
		f.Value = strings.Join(values, "\n")
	case inputLines:
		f.Value = strings.Join(values, "\n")
	case inputRefs:
		if len(values) > mostRefs {
			return false
		}
		for _, v := range values {
			f.Options = append(f.Options, option{v, v, true})
		}
	case inputLine:
		if long[f.Name] || strings.Contains(f.Value, "\n") || len(f.Value) > mostLine {
			f.Input = inputText
		}
	}
	if strings.ContainsFunc(f.Value, invisible) {
		f.Unseen = f.Value
	}
	return true
}

// parts makes the fields of a list of small objects.
func (f *field) parts(raw json.RawMessage, lang locale.Lang) bool {
	var list []json.RawMessage
	if raw != nil && json.Unmarshal(raw, &list) != nil || len(list) > mostParts {
		return false
	}
	info, _ := typeInfo(f.info.Part)
	for i := range len(list) + spareParts {
		p := part{Number: i}
		var members map[string]json.RawMessage
		if i < len(list) {
			p.raw = list[i]
			if json.Unmarshal(list[i], &members) != nil {
				return false
			}
		}
		for _, m := range info.Properties {
			if m.Kind != "string" || m.List {
				continue
			}
			member, ok := fieldOf(info.Name, m, members[m.Name], lang)
			if !ok {
				return false
			}
			member.Name = f.Name + "." + strconv.Itoa(i) + "." + m.Name
			member.Required = false
			member.Input = inputLine
			p.Members = append(p.Members, member)
		}
		f.Parts = append(f.Parts, p)
	}
	return true
}

func vocabulary(name string) stix.VocabularyInfo {
	if name != "" {
		for v := range stix.Vocabularies() {
			if v.Name == name {
				return v
			}
		}
	}
	return stix.VocabularyInfo{}
}

// shown is a text as a field of a form brings it back.
func shown(s string) string { return strings.ReplaceAll(plain(s), "\x00", "\uFFFD") }

// invisible says of a character that a field does not show it, or shows other text by it.
func invisible(r rune) bool {
	return r != '\n' && r != '\t' && (r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r == 0xfeff || r == 0xad)
}

// Local is the value of a time as the form shows it, in a zone.
func (f field) Local(zone string) string {
	t, err := time.Parse(time.RFC3339Nano, f.Value)
	if err != nil {
		return ""
	}
	return t.In(zones[zone]).Format(timeForm)
}

// Height is how many lines of the field are shown at once.
func (f field) Height() int {
	return min(max(strings.Count(f.Value, "\n")+len(f.Value)/mostWidth+2, 2), 16)
}

// mostWidth is about how many characters a line of a text holds.
const mostWidth = 80
