package authoring

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/web/page"
)

// begin is the empty form.
func (p *Pages) begin(r *page.Request) error {
	return r.Render("authoring/draft", newDraft(r.Site.Demo, r.Lang))
}

// look reads the form and shows what it says now. With the button to submit it submits.
func (p *Pages) look(r *page.Request) error {
	d, err := p.draft(r)
	if err != nil || d.wrong["text"] != "" {
		return d.answer(r, err)
	}
	switch form := r.PostForm; {
	case form.Has("all"):
		d.setAll(author.Kind(form.Get("all")), true)
	case form.Has("none"):
		d.setAll(author.Kind(form.Get("none")), false)
	case form.Get("do") == "submit" && d.seen != nil && d.Changed() == 0: // nothing is submitted that was not before the author's eyes
		return p.submit(r, d)
	}
	return d.answer(r, p.fillReach(r, d))
}

// draft reads the form, and the text in it.
func (p *Pages) draft(r *page.Request) (*draft, error) {
	d := readDraft(r.PostForm, r.Lang)
	if r.PostForm.Get("do") == "more" {
		d.Most = min(4*d.Most, mostEver)
	}
	known, err := p.known.load(r.Context(), p.Store, p.Now())
	if err != nil {
		return d, err
	}
	if err := d.extract(known); err != nil {
		return d, d.refuse(err)
	}
	if d.seen == nil {
		d.Choices.suggest(d.Text)
	}
	d.resolve()
	return d, nil
}

// submit takes the draft in, and goes on to what became of it.
func (p *Pages) submit(r *page.Request, d *draft) error {
	if len(d.wrong) > 0 {
		return d.answer(r, p.fillReach(r, d))
	}
	drafted, err := p.Author.Draft(r.Context(), d.chosen(), d.Choices.read(d.Key))
	if err == nil {
		var s author.Submission
		if s, err = p.Author.Submit(r.Context(), drafted); err == nil {
			return r.Redirect(donePath(s))
		}
	}
	if err := d.refuse(err); err != nil {
		return err
	}
	return d.answer(r, p.fillReach(r, d))
}

// refuse puts why something was not taken beside its field. What is for the operator alone comes back.
func (d *draft) refuse(err error) error {
	reason, ok := author.ReasonOf(err)
	if !ok {
		return err
	}
	if reason.Code == "author.used-key" && len(reason.Args) > 0 {
		d.Earlier, d.Key = reason.Args[0], author.NewKey() // what was changed since is another draft
	}
	d.is(fieldOfReason[reason.Code], fault.Of(err), reason)
	return nil
}

// is notes what is wrong with a field.
func (d *draft) is(field string, kind fault.Kind, reason locale.Reason) {
	d.wrong[field] = reason.In(d.lang)
	d.refused = page.Refusal(kind, reason.Code, reason.Args...)
}

// answer shows the form again: as refused if something is wrong with it.
func (d *draft) answer(r *page.Request, err error) error {
	switch {
	case err != nil:
		return err
	case d.refused != nil:
		return r.Refuse(d.refused, "authoring/draft", d)
	}
	return r.Render("authoring/draft", d)
}

// resolve finds the object that is named beside those that stand to choose, and chooses it.
func (d *draft) resolve() {
	c := &d.Choices
	if c.Other == "" {
		return
	}
	var found []author.Ref
	for _, a := range d.known.actors {
		switch c.Other {
		case a.ID, label(a, d.lang):
			found = []author.Ref{a}
		default:
			if strings.EqualFold(a.Name, c.Other) {
				found = append(found, a)
			}
			continue
		}
		break
	}
	switch len(found) {
	case 1:
		if !slices.Contains(c.Indicates, found[0].ID) {
			c.Indicates = append(c.Indicates, found[0].ID)
		}
		c.Other = ""
	case 0:
		d.is("indicates", fault.Invalid, locale.Because("authoring.no-such-name", c.Other))
	default:
		d.is("indicates", fault.Invalid, locale.Because("authoring.many-such-names", c.Other))
	}
}

// label tells an object from others of the same name.
func label(a author.Ref, lang locale.Lang) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(a.ID, a.Type+"--"), "-")
	return a.Name + " (" + lang.Type(a.Type) + " " + id + ")"
}

// target is what indicators may indicate.
type target struct {
	author.Ref
	On bool
}

// Targets are what stands to choose: what the text names, and what was chosen.
func (d *draft) Targets() (list []target) {
	seen := map[string]bool{}
	add := func(a author.Ref) {
		if !seen[a.ID] {
			seen[a.ID] = true
			list = append(list, target{a, slices.Contains(d.Choices.Indicates, a.ID)})
		}
	}
	for i := range d.found.Candidates {
		for _, a := range d.found.Candidates[i].Refs {
			if slices.Contains(actorTypes, a.Type) && len(list) < mostTargets {
				add(a)
			}
		}
	}
	for _, id := range d.Choices.Indicates {
		if seen[id] {
			continue
		}
		a := author.Ref{ID: id, Name: id}
		if i := slices.IndexFunc(d.known.actors, func(a author.Ref) bool { return a.ID == id }); i >= 0 {
			a = d.known.actors[i]
		}
		add(a)
	}
	return list
}

const (
	mostTargets = 40  // that are listed of what the text names
	mostNames   = 400 // that are suggested
)

// Names are those that may be entered.
func (d *draft) Names() (list []string) {
	for _, a := range d.known.actors[:min(len(d.known.actors), mostNames)] {
		list = append(list, label(a, d.lang))
	}
	return list
}

// Confidences are those that one may choose, with their words' codes.
func (c choices) Confidences() (list []option) {
	for _, o := range confidences {
		v := strconv.Itoa(o.value)
		list = append(list, option{v, o.text, v == c.Confidence})
	}
	if n, err := strconv.Atoi(c.Confidence); err == nil && !slices.ContainsFunc(list, func(o option) bool { return o.On }) {
		list = append(list, option{strconv.Itoa(n), "authoring.confidence-exact", true})
	}
	return list
}

// Durations are for how many days indicators may be valid.
func (c choices) Durations() (list []option) {
	for _, n := range days {
		v := strconv.Itoa(n)
		list = append(list, option{v, v, v == cmp.Or(c.Days, "0")})
	}
	return list
}
