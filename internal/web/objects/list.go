package objects

import (
	"cmp"
	"net/url"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// found is the page of a search.
type found struct {
	*reading
	Text    string // as typed
	Sort    string
	Problem *locale.Reason // what is wrong with the query
	Query   search.Query
	Hits    []hit
	Total   int
	AtLeast bool // there are more than Total
	Facets  []facet
	Further []facet // facets that are asked for less often
	Here    string  // where the first page is
	Next    string  // where the next page is, "" if there is none
	First   string  // where the first page is, "" if this is it
	Behind  int     // changes that the index has not seen
	Most    bool    // Behind is only as far as was counted
	Saved   []saved
}

// hit is an object that was found.
type hit struct {
	ID, Type, Property, Origin, Creator string
	Title, Snippet                      []piece
	TLP, SnippetTLP                     stix.TLP
	Modified, Arrived                   time.Time
	Revoked, Translated                 bool
}

// piece is a part of a text, and whether it was looked for.
type piece struct {
	Text string
	Hit  bool
}

// saved is a search that the reader saved.
type saved struct{ Name, Link string }

func (p *Pages) list(r *page.Request) error {
	f := found{reading: read(r), Text: r.FormValue("q"), Sort: r.FormValue("sort")}
	if err := p.find(r, &f); err != nil {
		return err
	}
	if r.Partial() {
		return r.Render("objects/found", &f)
	}
	if err := p.saved(r, &f); err != nil {
		return err
	}
	return r.Render("objects/list", &f)
}

// find answers the query, or says what is wrong with it.
func (p *Pages) find(r *page.Request, f *found) error {
	q, err := f.query(r.FormValue("after"))
	var answer search.Page
	if err == nil {
		answer, err = p.Index.Search(r.Context(), q)
	}
	if reason, ok := search.Why(err); ok {
		f.Problem = &reason
		return nil
	} else if err != nil {
		return err
	}
	if f.Behind, err = p.Index.Behind(r.Context()); err != nil {
		return err
	}
	f.Most = f.Behind >= search.BehindLimit
	f.Total, f.AtLeast, f.Here = answer.Total, answer.More, link(q, "")
	if q.After != "" {
		f.First = f.Here
	}
	if answer.Next != "" {
		f.Next = link(q, answer.Next)
	}
	return p.Store.View(r.Context(), func(tx store.Tx) error { return f.fill(tx, &answer, p.Self) })
}

// query is what was typed. A sort that was chosen counts more than one that was typed.
func (f *found) query(after string) (search.Query, error) {
	q, err := search.Parse(f.Text)
	if err != nil {
		return q, err
	}
	switch f.Sort {
	case search.Newest.String():
		q.Sort = search.Newest
	case search.Relevance.String():
		q.Sort = search.Relevance
	}
	f.Sort = q.Sort.String()
	q.After = after
	f.Query = q
	return q, nil
}

// link is the address of a page of a search.
func link(q search.Query, after string) string {
	v := url.Values{}
	if text := q.String(); text != "" {
		v.Set("q", text)
	}
	if after != "" {
		v.Set("after", after)
	}
	if len(v) == 0 {
		return "/objects"
	}
	return "/objects?" + v.Encode()
}

// fill makes of the answer what is shown.
func (f *found) fill(tx store.Tx, answer *search.Page, self store.Party) error {
	if _, err := f.learnPartners(tx); err != nil {
		return err
	}
	var ids []string
	for i := range answer.Hits {
		if id := answer.Hits[i].Creator; id != "" {
			ids = append(ids, id)
		}
	}
	for _, c := range answer.Facets[search.FacetCreator] {
		ids = append(ids, c.Value)
	}
	if err := f.learn(tx, ids); err != nil {
		return err
	}
	for i := range answer.Hits {
		f.Hits = append(f.Hits, f.hit(&answer.Hits[i], self))
	}
	f.Facets, f.Further = f.facets(answer.Facets)
	return nil
}

func (f *found) hit(h *search.Hit, self store.Party) hit {
	out := hit{
		ID: h.ID, Type: f.lang.Type(h.Type), Title: f.pieces(h.Title), Snippet: f.pieces(h.Snippet.Marked), TLP: h.TLP, SnippetTLP: h.Snippet.TLP,
		Modified: h.Modified, Arrived: h.Arrived, Revoked: h.Revoked, Translated: h.Snippet.Source != "",
	}
	if h.Snippet.Text != "" {
		out.Property = f.lang.Property(h.Type, h.Snippet.Field)
	}
	if h.Origin != store.Self {
		out.Origin = f.origin(h.Origin)
	}
	if from := cmp.Or(h.Origin, self); h.Creator != "" && h.Creator != string(from) { // else it is told already
		out.Creator = cmp.Or(f.name(h.Creator).Title, h.Creator)
	}
	return out
}

// pieces parts a text where what was looked for begins and ends. The places move along when addresses are defanged.
func (r *reading) pieces(m search.Marked) (all []piece) {
	var edits []edit
	text := m.Text
	if r.Defang {
		edits, text = defangs(text), defang(text)
	}
	add := func(from, to int, hit bool) {
		if from < to {
			all = append(all, piece{text[from:to], hit})
		}
	}
	from := 0
	for _, place := range m.Places {
		begin, end := moved(edits, place[0]), moved(edits, place[1])
		add(from, begin, false)
		add(begin, end, true)
		from = end
	}
	add(from, len(text), false)
	return all
}

// saved reads the searches that the reader saved.
func (p *Pages) saved(r *page.Request, f *found) error {
	if !r.May(account.SavedSearch) {
		return nil
	}
	return p.Store.View(r.Context(), func(tx store.Tx) error {
		all, err := search.List(tx, r.Session.Account.ID)
		for _, s := range all {
			f.Saved = append(f.Saved, saved{s.Name, "/objects?" + url.Values{"q": {s.Text}}.Encode()})
		}
		return err
	})
}

// save saves the search that stands in the form.
func (p *Pages) save(r *page.Request) error {
	f := found{Text: r.PostFormValue("q"), Sort: r.PostFormValue("sort")}
	q, err := f.query("")
	if err == nil {
		err = p.Store.Update(r.Context(), func(tx store.Tx) error {
			return search.Save(tx, p.Now(), r.Session.Account.ID, r.PostFormValue("name"), q.String())
		})
	}
	if err != nil {
		return inWords(err)
	}
	return r.Redirect(link(q, ""))
}

// forget forgets a saved search.
func (p *Pages) forget(r *page.Request) error {
	err := p.Store.Update(r.Context(), func(tx store.Tx) error {
		return search.Delete(tx, r.Session.Account.ID, r.PostFormValue("name"))
	})
	if err != nil {
		return inWords(err)
	}
	return r.Redirect(r.Return("/objects"))
}

// inWords gives an error about a search the words that it has for people.
func inWords(err error) error {
	if reason, ok := search.Why(err); ok {
		return page.Refusal(fault.Of(err), reason.Code, reason.Args...)
	}
	return err
}
