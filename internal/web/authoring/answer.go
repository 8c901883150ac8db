package authoring

import (
	stdjson "encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/vocab"
)

// answered is what the form of an answer holds.
type answered struct {
	subject
	Kind    string // note, opinion, sighting or translation
	Key     string
	Zone    string
	Choices choices
	Said    map[string]string // by field
	Texts   []translated
	Reach   reach
	Wrong   map[string]string
}

// translated is a property in both languages.
type translated struct {
	Name, Label, Original, Text string
	List                        bool
	Height                      int
}

// kinds of answers, in the order in which the page offers them.
var kinds = []string{"note", "opinion", "sighting", "translation"}

// prose are the properties that are translated.
var prose = []string{
	"name", "description", "abstract", "content", "explanation", "objective", "goal", "goals", "aliases", "labels", "contact_information", "street_address", "city",
	"administrative_area",
}

// said are the fields of answers that are no choices of how it is shared.
var said = []string{"abstract", "content", "opinion", "explanation", "seen", "count", "first", "last", "description"}

// Kinds are the answers that the object can have.
func (a *answered) Kinds() []string {
	h := stix.Header{Type: a.Type, ID: a.ID}
	return slices.DeleteFunc(slices.Clone(kinds), func(k string) bool {
		return k == "sighting" && h.IsSCO() || k == "translation" && len(a.Texts) == 0
	})
}

// Opinions are how far one may agree.
func (a *answered) Opinions(lang string) (list []option) {
	for _, v := range vocab.Opinion("").Values() {
		list = append(list, option{string(v), locale.Lang(lang).Value("opinion-enum", string(v)), string(v) == a.Said["opinion"]})
	}
	return list
}

// answer is the form of an answer.
func (p *Pages) answer(r *page.Request) error {
	s, err := p.subject(r, r.FormValue("object"))
	if err != nil {
		return err
	}
	a := &answered{subject: s, Kind: r.FormValue("kind"), Key: author.NewKey(), Zone: zoneOf(r.Lang), Said: map[string]string{"seen": "yes"}, Wrong: map[string]string{}}
	a.Texts = textsOf(&s.object, r.Lang)
	if !slices.Contains(a.Kinds(), a.Kind) {
		a.Kind = kinds[0]
	}
	a.Choices = choices{TLP: s.TLP.String(), Precedence: "R", Lang: string(r.Lang)}
	if a.Kind == "translation" {
		if a.object.Lang == string(r.Lang) && r.Lang == locale.Japanese {
			a.Choices.Lang = string(locale.English)
		}
		if !a.Ours {
			a.Choices.TLP = stix.TLPRed.String()
		}
	}
	return r.Render("authoring/answer", a)
}

// textsOf are the texts of an object that can be translated.
func textsOf(o *stix.Object, lang locale.Lang) (list []translated) {
	var members map[string]stdjson.RawMessage
	if stdjson.Unmarshal(o.Raw, &members) != nil {
		return nil
	}
	for _, name := range prose {
		raw, ok := members[name]
		if !ok {
			continue
		}
		t := translated{Name: name, Label: lang.Property(o.Type, name)}
		var lines []string
		switch {
		case stdjson.Unmarshal(raw, &t.Original) == nil:
		case stdjson.Unmarshal(raw, &lines) == nil:
			t.List, t.Original = true, strings.Join(lines, "\n")
		default:
			continue
		}
		t.Height = min(max(strings.Count(t.Original, "\n")+len(t.Original)/mostWidth+2, 2), 24)
		list = append(list, t)
	}
	return list
}

// readAnswer reads the form, and drafts what it says.
func (p *Pages) readAnswer(r *page.Request) (a *answered, drafted *author.Draft, err error) {
	s, err := p.subject(r, r.PostForm.Get("object"))
	if err != nil {
		return nil, nil, err
	}
	a = &answered{
		subject: s, Kind: r.PostForm.Get("kind"), Key: r.PostForm.Get("key"), Zone: r.PostForm.Get("zone"), Choices: readChoices(r.PostForm),
		Said: map[string]string{}, Texts: textsOf(&s.object, r.Lang), Wrong: map[string]string{},
	}
	for _, name := range said {
		a.Said[name] = line(r.PostForm, name)
	}
	for i := range a.Texts {
		a.Texts[i].Text = line(r.PostForm, "text."+a.Texts[i].Name)
	}
	drafted, err = p.draftAnswer(r, a)
	return a, drafted, err
}

func (p *Pages) draftAnswer(r *page.Request, a *answered) (*author.Draft, error) {
	c := &a.Choices
	common := author.Answer{
		Key: a.Key, About: a.version(r.PostForm), TLP: c.tlp(), Precedence: c.precedence(), Confidence: c.confidence(), Lang: c.Lang, Labels: c.labels(),
	}
	switch a.Kind {
	case "note":
		return p.Author.Note(r.Context(), author.Note{Answer: common, Abstract: a.Said["abstract"], Content: a.Said["content"]})
	case "opinion":
		return p.Author.Opinion(r.Context(), author.Opinion{Answer: common, Opinion: vocab.Opinion(a.Said["opinion"]), Explanation: a.Said["explanation"]})
	case "sighting":
		return p.sighting(r, a, common)
	case "translation":
		return p.Author.Translation(r.Context(), author.Translation{Answer: common, Texts: a.texts()})
	}
	return nil, fault.New(fault.Invalid, "answer %q: want one of %v", a.Kind, kinds)
}

func (p *Pages) sighting(r *page.Request, a *answered, common author.Answer) (*author.Draft, error) {
	s := author.Sighting{Answer: common, Seen: a.Said["seen"] == "yes", Description: a.Said["description"]}
	for field, to := range map[string]*time.Time{"first": &s.First, "last": &s.Last} {
		if a.Said[field] == "" {
			continue
		}
		t, err := timeIn(a.Said[field], a.Zone)
		if err != nil {
			a.Wrong[field] = r.Text("authoring.wrong-time")
			return nil, page.Refusal(fault.Invalid, "authoring.wrong-fields")
		}
		*to = t
	}
	if given := a.Said["count"]; given != "" && s.Seen {
		n, err := strconv.ParseInt(given, 10, 64)
		if err != nil || n < 1 {
			n = -1
		}
		s.Count = n
	}
	return p.Author.Sighting(r.Context(), s)
}

// texts are those that were translated.
func (a *answered) texts() map[string]any {
	all := map[string]any{}
	for _, t := range a.Texts {
		switch {
		case t.Text == "":
		case t.List:
			var lines []string
			for l := range strings.SplitSeq(t.Text, "\n") {
				lines = append(lines, strings.TrimSpace(l))
			}
			all[t.Name] = lines
		default:
			all[t.Name] = t.Text
		}
	}
	return all
}

// say takes an answer in.
func (p *Pages) say(r *page.Request) error {
	a, drafted, err := p.readAnswer(r)
	if a == nil {
		return err
	}
	look := r.PostForm.Get("do") == "look"
	if err == nil && !look {
		return p.submitOne(r, drafted, func(err error) error { return refuseAnswer(r, a, err) })
	}
	if err == nil {
		a.Reach, err = p.reachOf(r, drafted)
	}
	if err != nil {
		return refuseAnswer(r, a, err)
	}
	return r.Render("authoring/answer", a)
}

// refuseAnswer shows the form again, with why it was not taken.
func refuseAnswer(r *page.Request, a *answered, err error) error {
	words, err := explain(r, err)
	if words == nil {
		return err
	}
	if words.code == "author.used-key" { // what was changed since is another answer
		a.Key = author.NewKey()
	}
	for _, f := range words.findings {
		a.Wrong["texts"] = fmt.Sprintf("%s: %s", f.Pointer, locale.Finding(r.Lang, f))
	}
	if words.field != "" {
		a.Wrong[words.field] = words.text
	}
	return r.Refuse(err, "authoring/answer", a)
}

// answerReach answers with who would get the answer.
func (p *Pages) answerReach(r *page.Request) error {
	a, drafted, err := p.readAnswer(r)
	if a == nil {
		return err
	}
	return p.partReach(r, drafted, err)
}
