package authoring

import (
	"cmp"
	"slices"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/web/page"
)

// reach is who would get a draft, and why not the others.
type reach struct {
	Partners []author.Reach
	Objects  int    // of the draft
	Words    string // why nothing can be said yet
}

// reach answers with that part of the page alone.
func (p *Pages) reach(r *page.Request) error {
	d, err := p.draft(r)
	if err == nil {
		err = p.fillReach(r, d)
	}
	if err != nil {
		return err
	}
	return r.Render("authoring/reach", d.Reach)
}

// fillReach asks who would get the draft as it stands. What is still missing is said in its place; what is wrong stands beside its field when it
// is submitted.
func (p *Pages) fillReach(r *page.Request, d *draft) error {
	if d.wrong["text"] != "" {
		d.Reach.Words = d.wrong["text"]
		return nil
	}
	choices := d.Choices.read(d.Key)
	choices.Title = cmp.Or(choices.Title, "-") // it does not matter to whom it goes
	drafted, err := p.Author.Draft(r.Context(), d.chosen(), choices)
	if err == nil {
		d.Reach, err = p.reachOf(r, drafted)
	}
	if reason, ok := author.ReasonOf(err); ok {
		d.Reach.Words = reason.In(r.Lang)
		return nil
	}
	return err
}

// reachOf asks who would get what was drafted, those who would first.
func (p *Pages) reachOf(r *page.Request, drafted *author.Draft) (reach, error) {
	list, err := p.Author.Reach(r.Context(), drafted)
	if err != nil {
		return reach{}, err
	}
	slices.SortStableFunc(list, func(a, b author.Reach) int { return cmp.Compare(b.Get, a.Get) })
	names := map[string]string{}
	for i := range list {
		names[string(list[i].Party)] = list[i].Name
	}
	for i := range list {
		for k := range list[i].Why {
			why := &list[i].Why[k]
			why.Reason.Args = slices.Clone(why.Reason.Args)
			for n, arg := range why.Reason.Args {
				why.Reason.Args[n] = cmp.Or(names[arg], arg) // a partner is read by name
			}
		}
	}
	return reach{Partners: list, Objects: len(drafted.Objects)}, nil
}
