package authoring

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// choices are how what is made shall be shared, as they stand in the form. Drafts and answers have them alike.
type choices struct {
	Title, Description, TLP, Precedence, Confidence, Days, Until, Zone, Labels, Lang string
	Ports                                                                            bool
	Indicates                                                                        []string // ids
	Other                                                                            string   // a name that the store knows
}

// newChoices are those before anything was chosen.
func newChoices() choices { return choices{Precedence: store.Routine.Letter(), Days: "90"} }

func readChoices(form url.Values) choices {
	if !form.Has("precedence") { // they were not asked for yet
		return newChoices()
	}
	return choices{
		Title: line(form, "title"), Description: line(form, "description"), TLP: line(form, "tlp"), Precedence: line(form, "precedence"),
		Confidence: line(form, "confidence"), Days: line(form, "days"), Until: line(form, "until"), Zone: line(form, "zone"),
		Labels: line(form, "labels"), Lang: line(form, "lang"), Ports: form.Get("ports") != "", Indicates: form["indicates"], Other: line(form, "other"),
	}
}

// fieldOfReason is the field of a form beside which a reason stands. What is not listed stands above all fields.
var fieldOfReason = map[string]string{
	"author.too-long": "text", "author.nothing": "candidates", "author.too-many": "candidates", "author.not-here": "indicates",
	"author.not-indicated": "indicates", "author.too-many-targets": "indicates", "author.bad-title": "title", "author.bad-description": "description",
	"author.no-tlp": "tlp", "author.bad-precedence": "precedence", "author.bad-confidence": "confidence", "author.bad-days": "days",
	"author.bad-validity": "days", "author.bad-labels": "labels", "author.bad-language": "lang", "author.bad-content": "content",
	"author.bad-abstract": "abstract", "author.bad-opinion": "opinion", "author.bad-explanation": "explanation", "author.bad-count": "count",
	"author.bad-period": "first", "author.no-texts": "texts", "author.translation-stays": "tlp", "author.translation-tlp": "tlp",
}

// wrongNumber is what is no number at all; the package that takes it says what it wants.
const wrongNumber = -2

// read makes of the form what package author takes, which checks it.
func (c *choices) read(key string) author.Choices {
	out := author.Choices{
		Key: key, Title: c.Title, Description: c.Description, TLP: c.tlp(), Precedence: c.precedence(), Confidence: c.confidence(), Labels: c.labels(),
		Lang: c.Lang, Ports: c.Ports, Indicates: c.Indicates,
	}
	if c.Until != "" {
		until, err := timeIn(c.Until, c.Zone)
		if err != nil {
			out.Days = wrongNumber
		}
		out.ValidUntil = until.AddDate(0, 0, 1) // the whole day
		return out
	}
	out.Days = number(c.Days, 0)
	return out
}

func (c *choices) tlp() stix.TLP {
	t, err := stix.ParseTLP(c.TLP)
	if err != nil {
		return stix.TLPNone
	}
	return t
}

func (c *choices) precedence() store.Precedence {
	p, err := store.ParsePrecedence(cmp.Or(c.Precedence, store.Routine.Letter()))
	if err != nil {
		return store.Flash + 1
	}
	return p
}

func (c *choices) confidence() int { return number(c.Confidence, author.NoConfidence) }

func number(s string, otherwise int) int {
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return wrongNumber
	}
	return n
}

// labels are separated by commas, each is taken once.
func (c *choices) labels() (list []string) {
	for l := range strings.FieldsFuncSeq(c.Labels, func(r rune) bool { return r == ',' || r == '、' || r == '\n' }) {
		if l = strings.TrimSpace(l); l != "" && !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}

// suggest fills what the form leaves open with what the text says of itself.
func (c *choices) suggest(text string) {
	if c.Title == "" {
		c.Title = titleIn(text)
	}
	if t, ok := tlpIn(text); ok && c.TLP == "" {
		c.TLP = t.String()
	}
	if c.Lang == "" {
		c.Lang = string(languageOf(text))
	}
}

// Times are entered in the zone that readers of a language use; the form says which it is.
var zones = map[string]*time.Location{"UTC": time.UTC, "JST": time.FixedZone("JST", 9*60*60)}

func zoneOf(lang locale.Lang) string {
	if lang == locale.Japanese {
		return "JST"
	}
	return "UTC"
}

const timeForm = "2006-01-02T15:04:05"

// timeIn reads a time that was entered in a zone.
func timeIn(value, zone string) (time.Time, error) {
	loc := zones[zone]
	if loc == nil {
		loc = time.UTC
	}
	for _, form := range []string{timeForm, "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, value, loc); err == nil {
			return t.UTC(), nil
		}
	}
	t, err := time.ParseInLocation(time.DateOnly, value, loc)
	return t.UTC(), err
}

// option is a value to choose.
type option struct {
	Value, Label string
	On           bool
}

// The confidence that words stand for: the scale None / Low / Medium / High of STIX 2.1, appendix A, at the middle of each range.
var confidences = []struct {
	value int
	text  string
}{{0, "authoring.confidence-none"}, {15, "authoring.confidence-low"}, {50, "authoring.confidence-medium"}, {85, "authoring.confidence-high"}}

// days are how long indicators may be valid, 0 is for ever.
var days = []int{7, 30, 90, 180, 365, 0}
