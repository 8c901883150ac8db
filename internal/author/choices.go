package author

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
	"golang.org/x/text/language"
)

// Choices are how what is drafted shall be shared, and what is said of all of it.
type Choices struct {
	// Key names the draft: what is submitted twice under one key is there once. It is random, for the ids of the objects follow from it, and lives in
	// the form that the author fills in ([NewKey]).
	Key string

	Title       string
	Description string
	TLP         stix.TLP
	Precedence  store.Precedence
	Confidence  int       // 0 to 100; NoConfidence if nothing is said
	ValidFrom   time.Time // of the indicators; zero: now
	ValidUntil  time.Time // zero: as Days says
	Days        int       // until the indicators expire; 0: never
	Labels      []string
	Lang        string   // of title and description (RFC 5646); "" if nothing is said
	Indicates   []string // ids of what the indicators indicate: actors, malware, campaigns, tools, techniques that the store holds
	Ports       bool     // an address or domain that has ports is to match with them only
}

// NoConfidence says nothing about confidence.
const NoConfidence = -1

// NewKey makes the key of a draft.
func NewKey() string { return strings.TrimPrefix(stix.NewID("report"), "report--") }

// The bounds of what an author may write.
const (
	MaxTitle       = 500       // bytes
	MaxDescription = 100 << 10 // bytes
	MaxLabels      = 50
	MaxDays        = 36_500
	MaxIndicates   = 50
	MaxObjects     = 10_000 // of a draft
	maxKey         = 100
	minKey         = 16
)

// check refuses what cannot be drafted. Each reason is about one field.
func (c *Choices) check(now time.Time) error {
	if n := len(c.Key); n < minKey || n > maxKey || strings.ContainsFunc(c.Key, unprintable) {
		return refuse(fault.Invalid, "author.bad-key")
	}
	if err := text("author.bad-title", c.Title, 1, MaxTitle); err != nil {
		return err
	}
	if strings.ContainsFunc(c.Title, unprintable) {
		return refuse(fault.Invalid, "author.bad-title", strconv.Itoa(MaxTitle))
	}
	if err := text("author.bad-description", c.Description, 0, MaxDescription); err != nil {
		return err
	}
	from, until := c.span(now)
	switch {
	case c.TLP < stix.TLPClear || c.TLP > stix.TLPRed:
		return refuse(fault.Invalid, "author.no-tlp")
	case c.Precedence > store.Flash:
		return refuse(fault.Invalid, "author.bad-precedence")
	case c.Confidence < NoConfidence || c.Confidence > 100:
		return refuse(fault.Invalid, "author.bad-confidence")
	case c.Days < 0 || c.Days > MaxDays || c.Days > 0 && !c.ValidUntil.IsZero():
		return refuse(fault.Invalid, "author.bad-days", strconv.Itoa(MaxDays))
	case !until.IsZero() && !until.After(from) || stix.TimestampOf(from).IsZero() || !until.IsZero() && stix.TimestampOf(until).IsZero():
		return refuse(fault.Invalid, "author.bad-validity")
	case len(c.Indicates) > MaxIndicates:
		return refuse(fault.Invalid, "author.too-many-targets", strconv.Itoa(MaxIndicates))
	}
	if err := checkLabels(c.Labels); err != nil {
		return err
	}
	return checkLang(c.Lang)
}

func unprintable(r rune) bool { return r < ' ' || r == 0x7F || r == utf8.RuneError }

// text refuses a text that is too short, too long or no UTF-8, with a code whose text takes the most bytes.
func text(code, s string, least, most int) error {
	if n := len(strings.TrimSpace(s)); n < least || len(s) > most || !utf8.ValidString(s) {
		return refuse(fault.Invalid, code, strconv.Itoa(most))
	}
	return nil
}

func checkLabels(labels []string) error {
	bad := func() error { return refuse(fault.Invalid, "author.bad-labels", strconv.Itoa(MaxLabels)) }
	if len(labels) > MaxLabels {
		return bad()
	}
	seen := map[string]bool{}
	for _, l := range labels {
		if l == "" || len(l) > MaxTitle || strings.ContainsFunc(l, unprintable) || strings.TrimSpace(l) != l || seen[l] {
			return bad()
		}
		seen[l] = true
	}
	return nil
}

func checkLang(lang string) error {
	if lang == "" {
		return nil
	}
	if _, err := language.Parse(lang); err != nil || strings.Contains(lang, "_") {
		return refuse(fault.Invalid, "author.bad-language", lang)
	}
	return nil
}

// span is from when until when the indicators are valid; no end is zero.
func (c *Choices) span(now time.Time) (from, until time.Time) {
	if from = c.ValidFrom; from.IsZero() {
		from = now
	}
	if until = c.ValidUntil; until.IsZero() && c.Days > 0 {
		until = from.AddDate(0, 0, c.Days)
	}
	return from, until
}
