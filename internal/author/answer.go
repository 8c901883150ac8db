package author

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
	"github.com/wagasa/wagasa/stix/vocab"
)

// Answer is what all answers have: which object they are about, and how they are shared. The object may be anybody's.
type Answer struct {
	Key        string // as of Choices
	About      Version
	TLP        stix.TLP
	Precedence store.Precedence
	Confidence int // NoConfidence if nothing is said
	Lang       string
	Labels     []string
}

// Note is what an author has to say about an object.
type Note struct {
	Answer
	Abstract string
	Content  string
}

// Opinion is whether an author agrees.
type Opinion struct {
	Answer
	Opinion     vocab.Opinion
	Explanation string
}

// Sighting is that an object was seen, or that it was looked for and not seen.
type Sighting struct {
	Answer
	Seen        bool
	Count       int64     // how often, where that is known; of Seen alone
	First, Last time.Time // when it was seen, or from when until when it was looked for; zero where that is not known
	Description string
}

// Translation is what properties of an object say in another language, by their names: a text, or a list of texts. Answer.Lang is the language.
type Translation struct {
	Answer
	Texts map[string]any
}

// maxAnswer bounds the texts of an answer, in bytes.
const maxAnswer = 100 << 10

func checkSingle(key string, p store.Precedence) error {
	c := Choices{Key: key, Title: "-", TLP: stix.TLPRed, Confidence: NoConfidence, Precedence: p}
	return c.check(time.Unix(0, 0))
}

func (a *Answer) check() error {
	c := Choices{Key: a.Key, Title: "-", TLP: a.TLP, Confidence: a.Confidence, Precedence: a.Precedence, Lang: a.Lang, Labels: a.Labels}
	return c.check(time.Unix(0, 0))
}

// answer drafts one object about another. build makes it.
func answer[B domainBuilder[B]](a *Author, ctx context.Context, of *Answer, typ string, what any, build func(about *store.Variant, b B) (stix.Object, error), fresh func() B) (*Draft, error) {
	if err := of.check(); err != nil {
		return nil, err
	}
	about, err := a.current(ctx, of.About, false)
	if err != nil {
		return nil, err
	}
	validator := a.Ingest.Validator()
	d := &drafter{
		choices: Choices{Key: of.Key, TLP: of.TLP, Confidence: of.Confidence, Labels: of.Labels},
		self:    a.self(), now: stix.TimestampOf(a.Now().UTC().Truncate(time.Millisecond)), validator: validator,
	}
	o, err := build(about, common(d, fresh(), d.id(typ, of.About.ID)))
	if err != nil {
		return nil, invalid(err)
	}
	draft, err := prepare([]stix.Object{o}, validator, of.TLP, of.Precedence)
	if err != nil {
		return nil, err
	}
	draft.key, draft.content = of.Key, digest(what)
	return draft, nil
}

// digest tells the content of one submission from that of another.
func digest(what ...any) string {
	text, err := json.Marshal(what)
	if err != nil {
		panic(err) // our own plain structs
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// keyless is an answer without what names its submission.
func (a Answer) keyless() Answer {
	a.Key = ""
	return a
}

// Note drafts a note.
func (a *Author) Note(ctx context.Context, n Note) (*Draft, error) {
	if err := text("author.bad-content", n.Content, 1, maxAnswer); err != nil {
		return nil, err
	}
	if err := text("author.bad-abstract", n.Abstract, 0, MaxTitle); err != nil {
		return nil, err
	}
	what := n
	what.Answer = n.keyless()
	return answer(a, ctx, &n.Answer, "note", what, func(about *store.Variant, b *typed.NoteBuilder) (stix.Object, error) {
		said(n.Abstract, b.Abstract)
		said(n.Lang, b.Lang)
		return b.Content(n.Content).ObjectRefs(about.ID).Build()
	}, typed.NewNote)
}

// Opinion drafts an opinion.
func (a *Author) Opinion(ctx context.Context, o Opinion) (*Draft, error) {
	if !slices.Contains(vocab.Opinion("").Values(), o.Opinion) {
		return nil, refuse(fault.Invalid, "author.bad-opinion")
	}
	if err := text("author.bad-explanation", o.Explanation, 0, maxAnswer); err != nil {
		return nil, err
	}
	what := o
	what.Answer = o.keyless()
	return answer(a, ctx, &o.Answer, "opinion", what, func(about *store.Variant, b *typed.OpinionBuilder) (stix.Object, error) {
		said(o.Explanation, b.Explanation)
		said(o.Lang, b.Lang)
		return b.Opinion(o.Opinion).ObjectRefs(about.ID).Build()
	}, typed.NewOpinion)
}

// notSeen are the types of which STIX has no sightings beside cyber-observables (STIX 2.1 section 5.2).
var notSeen = set("relationship sighting marking-definition language-content extension-definition bundle")

// Sighting drafts a sighting by this node. What was looked for and not seen is a sighting with the count 0.
func (a *Author) Sighting(ctx context.Context, s Sighting) (*Draft, error) {
	switch {
	case s.Count < 0 || s.Count > 999_999_999 || !s.Seen && s.Count > 0:
		return nil, refuse(fault.Invalid, "author.bad-count")
	case !s.First.IsZero() && !s.Last.IsZero() && s.Last.Before(s.First):
		return nil, refuse(fault.Invalid, "author.bad-period")
	}
	if err := text("author.bad-description", s.Description, 0, MaxDescription); err != nil {
		return nil, err
	}
	what := s
	what.Answer = s.keyless()
	return answer(a, ctx, &s.Answer, "sighting", what, func(about *store.Variant, b *typed.SightingBuilder) (stix.Object, error) {
		if h := (stix.Header{Type: about.Type, ID: about.ID}); h.IsSCO() || notSeen[about.Type] {
			return stix.Object{}, refuse(fault.Invalid, "author.not-sightable", about.Type)
		}
		b.SightingOfRef(about.ID).WhereSightedRefs(a.self())
		said(s.Description, b.Description)
		said(s.Lang, b.Lang)
		if !s.First.IsZero() {
			b.FirstSeen(stix.TimestampOf(s.First))
		}
		if !s.Last.IsZero() {
			b.LastSeen(stix.TimestampOf(s.Last))
		}
		if s.Count > 0 || !s.Seen {
			b.Count(s.Count)
		}
		return b.Build()
	}, typed.NewSighting)
}

const maxTexts = 50 // of a translation

// Translation drafts a translation of an object's texts. It holds the object's own words, so it goes no further than they do: it bears the object's
// markings and at least its TLP. What a partner gave goes to nobody else, and so its translation stays on this node, as TLP:RED.
func (a *Author) Translation(ctx context.Context, t Translation) (*Draft, error) {
	if t.Lang == "" {
		return nil, refuse(fault.Invalid, "author.bad-language", "")
	}
	if len(t.Texts) == 0 || len(t.Texts) > maxTexts {
		return nil, refuse(fault.Invalid, "author.no-texts", strconv.Itoa(maxTexts))
	}
	size := 0
	for name, v := range t.Texts {
		if size += len(name) + len(fmt.Sprint(v)); size > 2*maxAnswer {
			return nil, refuse(fault.Invalid, "author.bad-content", strconv.Itoa(2*maxAnswer))
		}
	}
	what := t
	what.Answer = t.keyless()
	return answer(a, ctx, &t.Answer, "language-content", what, func(about *store.Variant, b *typed.LanguageContentBuilder) (stix.Object, error) {
		target, err := stix.Parse(about.Raw)
		if err != nil {
			return stix.Object{}, fmt.Errorf("%s: %w", about.ID, err)
		}
		markings, err := a.bears(ctx, about, &target, t.TLP)
		if err != nil {
			return stix.Object{}, err
		}
		b.ObjectRef(about.ID).ObjectMarkingRefs(markings...).Contents(map[string]map[string]any{t.Lang: t.Texts})
		if about.Modified != 0 && !target.Modified.IsZero() {
			b.ObjectModified(target.Modified)
		}
		o, err := b.Build()
		if err != nil {
			return o, err
		}
		if found := stix.ValidateTranslation(&o, &target); len(found) > 0 {
			return o, notValid(found)
		}
		return o, nil
	}, typed.NewLanguageContent)
}

// bears are the markings that a translation at a TLP must have, so that it goes to nobody who may not have the object.
func (a *Author) bears(ctx context.Context, about *store.Variant, o *stix.Object, tlp stix.TLP) ([]string, error) {
	if about.Origin != store.Self {
		if tlp != stix.TLPRed {
			name := ""
			err := a.Store.View(ctx, func(tx store.Tx) (err error) {
				name, err = nameOf(tx, string(about.Origin))
				return err
			})
			if err != nil {
				return nil, err
			}
			return nil, refuse(fault.Denied, "author.translation-stays", name)
		}
		return []string{tlp.MarkingID()}, nil
	}
	var facts release.Facts
	err := a.Store.View(ctx, func(tx store.Tx) error {
		classes, err := tx.Objects().Classes()
		if err != nil {
			return err
		}
		facts, err = release.ParseFacts(classes[about.Class])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: its markings: %w", about.ID, err)
	}
	if tlp < facts.TLP {
		return nil, refuse(fault.Denied, "author.translation-tlp", facts.TLP.Label())
	}
	return append([]string{tlp.MarkingID()}, release.MarkingRefs(&o.Header)...), nil
}
