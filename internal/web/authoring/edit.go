package authoring

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// subject is the object that is edited or answered.
type subject struct {
	ID, Type, Title string
	Version         string // which one was before the author's eyes: nanoseconds since 1970
	Modified        int64
	TLP             stix.TLP
	Precedence      store.Precedence
	Ours            bool
	Writer          string // who writes it, if that is somebody else
	Revoked         bool
	Versions        bool // it can have new versions

	object stix.Object
}

// edited is what the form of a new version holds.
type edited struct {
	subject
	Key     string
	Zone    string
	Choices choices
	Fields  []field
	Reach   reach
	Wrong   map[string]string

	marked bool // the form says another TLP
}

// subject reads the current version of an object.
func (p *Pages) subject(r *page.Request, id string) (s subject, err error) {
	var v store.Variant
	err = p.Store.View(r.Context(), func(tx store.Tx) error {
		found, err := tx.Objects().Current([]string{id})
		if err == nil && len(found) == 0 {
			return page.Refusal(fault.NotFound, "author.not-here", id)
		}
		if err == nil {
			v = found[0]
		}
		return err
	})
	if err != nil {
		return s, err
	}
	if s.object, err = stix.Parse(v.Raw); err != nil {
		return s, err
	}
	s.ID, s.Type, s.Title, s.Modified, s.Precedence, s.Revoked = v.ID, v.Type, stix.Title(v.Raw), v.Modified, v.Precedence, v.Revoked
	s.Version, s.Versions = strconv.FormatInt(v.Modified, 10), !s.object.Modified.IsZero()
	if s.TLP = tlpOf(&s.object); s.TLP == stix.TLPNone {
		s.TLP = stix.TLP(v.TLP)
	}
	return s, p.writer(r, &s)
}

// writer finds out whether the object is ours: package author says so, of a draft that is not submitted.
func (p *Pages) writer(r *page.Request, s *subject) error {
	_, err := p.Author.Revoke(r.Context(), author.NewKey(), author.Version{ID: s.ID}, store.Routine)
	reason, refused := author.ReasonOf(err)
	switch {
	case err == nil || refused && reason.Code != "author.not-ours":
		s.Ours = true
		return nil
	case refused:
		s.Writer = strings.Join(reason.Args, " ")
		return nil
	}
	return err
}

// tlpOf is the TLP that an object names for all of it.
func tlpOf(o *stix.Object) stix.TLP {
	for _, id := range o.ObjectMarkingRefs {
		if t := stix.TLPOf(id); t != stix.TLPNone {
			return t
		}
	}
	return stix.TLPNone
}

// version is that which the form is about.
func (s *subject) version(form url.Values) author.Version {
	v := author.Version{ID: s.ID}
	if n, err := strconv.ParseInt(form.Get("version"), 10, 64); err == nil {
		v.Modified = time.Unix(0, n)
	}
	return v
}

// edit is the form of a new version.
func (p *Pages) edit(r *page.Request) error {
	s, err := p.subject(r, r.FormValue("object"))
	if err != nil {
		return err
	}
	e := &edited{subject: s, Key: author.NewKey(), Zone: zoneOf(r.Lang), Wrong: map[string]string{}}
	e.Choices = choices{TLP: s.TLP.String(), Precedence: s.Precedence.Letter()}
	return p.showEdit(r, e, nil)
}

// showEdit shows the form, or why there is none.
func (p *Pages) showEdit(r *page.Request, e *edited, wrong error) error {
	switch {
	case !e.Ours:
		return r.Render("authoring/not-ours", e)
	case e.Revoked || !e.Versions:
		return r.Render("authoring/no-version", e)
	}
	if e.Fields == nil {
		fields, err := p.fieldsOf(r, &e.object)
		if err != nil {
			return err
		}
		e.Fields = fields
	}
	if wrong != nil {
		return r.Refuse(wrong, "authoring/edit", e)
	}
	return r.Render("authoring/edit", e)
}

// base is the version that the form was made of, so that it is known what the author has changed; the current one if it is gone.
func (p *Pages) base(r *page.Request, s *subject) *stix.Object {
	seen := s.version(r.PostForm)
	if seen.Modified.IsZero() || seen.Modified.UnixNano() == s.Modified {
		return &s.object
	}
	var o stix.Object
	err := p.Store.View(r.Context(), func(tx store.Tx) error {
		found, err := tx.Objects().Variants([]string{s.ID})
		if err != nil {
			return err
		}
		i := slices.IndexFunc(found, func(v store.Variant) bool { return v.Modified == seen.Modified.UnixNano() && v.Origin == store.Self })
		if i < 0 {
			return fault.New(fault.NotFound, "%s: that version is not here", s.ID)
		}
		raw, err := tx.Objects().Bytes([]int64{found[i].Seq})
		if err == nil {
			o, err = stix.Parse(raw[found[i].Seq])
		}
		return err
	})
	if err != nil {
		return &s.object
	}
	return &o
}

// fieldsOf are the fields of an object, with names for what it refers to.
func (p *Pages) fieldsOf(r *page.Request, o *stix.Object) ([]field, error) {
	fields := fieldsOf(o, r.Lang)
	var ids []string
	for i := range fields {
		if fields[i].Input == inputRefs {
			ids = append(ids, fields[i].list()...)
		}
	}
	if len(ids) == 0 {
		return fields, nil
	}
	titles := map[string]string{}
	err := p.Store.View(r.Context(), func(tx store.Tx) error {
		found, err := tx.Objects().Current(ids)
		for i := range found {
			titles[found[i].ID] = stix.Title(found[i].Raw)
		}
		return err
	})
	for i := range fields {
		for k := range fields[i].Options {
			if o := &fields[i].Options[k]; titles[o.Value] != "" {
				o.Label = titles[o.Value] + " (" + r.Lang.Type(stix.TypeOf(o.Value)) + ")"
			}
		}
	}
	return fields, err
}

// read reads the form of a new version.
func (p *Pages) readEdit(r *page.Request) (e *edited, list []author.Change, err error) {
	s, err := p.subject(r, r.PostForm.Get("object"))
	if err != nil {
		return nil, nil, err
	}
	e = &edited{subject: s, Key: r.PostForm.Get("key"), Choices: readChoices(r.PostForm), Wrong: map[string]string{}}
	if e.Zone = r.PostForm.Get("zone"); zones[e.Zone] == nil {
		e.Zone = zoneOf(r.Lang)
	}
	base := p.base(r, &s)
	if e.Fields, err = p.fieldsOf(r, base); err != nil {
		return nil, nil, err
	}
	list, ok, err := changes(e.Fields, r.PostForm, r.Lang)
	if err != nil {
		return nil, nil, err
	}
	if tlp := e.Choices.tlp(); tlp != cmp.Or(tlpOf(base), e.TLP) && tlp != stix.TLPNone {
		e.marked = true
		ids := []string{tlp.MarkingID()}
		for _, id := range e.object.ObjectMarkingRefs {
			if stix.TLPOf(id) == stix.TLPNone {
				ids = append(ids, id)
			}
		}
		value, err := encode(ids)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, author.Change{Pointer: "/object_marking_refs", Value: value})
	}
	if !ok {
		err = page.Refusal(fault.Invalid, "authoring.wrong-fields")
	}
	return e, list, err
}

// save takes a new version in.
func (p *Pages) save(r *page.Request) error {
	e, list, err := p.readEdit(r)
	switch {
	case e == nil:
		return err
	case !e.Ours || e.Revoked || !e.Versions:
		return p.showEdit(r, e, nil)
	case r.PostForm.Get("do") == "revoke" || r.PostForm.Get("do") == "revoke-sure":
		return p.revoke(r, e)
	}
	var drafted *author.Draft
	if err == nil {
		drafted, err = p.Author.Edit(r.Context(), e.Key, e.version(r.PostForm), list, e.Choices.precedence())
	}
	if err == nil && r.PostForm.Get("do") != "look" {
		return p.submitOne(r, drafted, func(err error) error { return p.refuseEdit(r, e, err) })
	}
	if err == nil {
		if e.Reach, err = p.reachOf(r, drafted); err == nil {
			return p.showEdit(r, e, nil)
		}
	}
	return p.refuseEdit(r, e, err)
}

// submitOne takes a single object in and goes on to what became of it.
func (p *Pages) submitOne(r *page.Request, drafted *author.Draft, refuse func(error) error) error {
	s, err := p.Author.Submit(r.Context(), drafted)
	if err != nil {
		return refuse(err)
	}
	return r.Redirect(donePath(s) + "&one=1")
}

// refuseEdit shows the form again, with why it was not taken.
func (p *Pages) refuseEdit(r *page.Request, e *edited, err error) error {
	words, err := explain(r, err)
	if words == nil {
		return err
	}
	if words.code == "author.changed" {
		lost, err := p.rebase(r, e)
		if err != nil {
			return err
		}
		if !lost { // it was saved already: the button was pressed twice
			return r.Redirect(donePath(author.Submission{Main: e.ID, Again: true}) + "&one=1")
		}
	}
	if words.code == "author.used-key" { // what was changed since is another version
		e.Key = author.NewKey()
	}
	for _, f := range words.findings {
		name, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		i := slices.IndexFunc(e.Fields, func(f field) bool { return f.Name == name })
		if i < 0 {
			e.Wrong[""] = locale.Finding(r.Lang, f)
			continue
		}
		e.Fields[i].Wrong = locale.Finding(r.Lang, f)
	}
	if words.field != "" {
		e.Wrong[words.field] = words.text
	}
	return p.showEdit(r, e, err)
}

// rebase puts what the author has typed onto the version that somebody else made meanwhile, and says what stands there now. Nothing is lost if
// that is what was typed.
func (p *Pages) rebase(r *page.Request, e *edited) (lost bool, err error) {
	fields, err := p.fieldsOf(r, &e.object)
	if err != nil {
		return false, err
	}
	for i := range fields {
		k := slices.IndexFunc(e.Fields, func(f field) bool { return f.Name == fields[i].Name })
		if k < 0 || !e.Fields[k].touched {
			continue
		}
		if now := fields[i].text(); now != e.Fields[k].text() {
			lost = true
			fields[i] = e.Fields[k]
			fields[i].Now = cmp.Or(now, r.Text("authoring.nothing"))
		}
	}
	e.Fields = fields
	return lost || e.marked && e.Choices.tlp() != e.TLP, nil
}

// explained is why something was not taken, in the reader's words.
type explained struct {
	code, field, text string
	findings          []stix.Finding
}

// explain finds words for an error; nil if it is for the operator alone. The error that comes back is that for the page.
func explain(r *page.Request, err error) (*explained, error) {
	var e *author.Error
	if !errors.As(err, &e) {
		var told interface{ Reason() locale.Reason }
		if errors.As(err, &told) {
			return &explained{code: told.Reason().Code}, err
		}
		return nil, err
	}
	return &explained{e.Reason.Code, fieldOfReason[e.Reason.Code], e.Reason.In(r.Lang), e.Findings}, page.Refusal(fault.Of(err), e.Reason.Code, e.Reason.Args...)
}

// revoke asks whether the author is sure, and who will hear of it; then it takes the last version in.
func (p *Pages) revoke(r *page.Request, e *edited) error {
	drafted, err := p.Author.Revoke(r.Context(), e.Key, e.version(r.PostForm), e.Choices.precedence())
	if err != nil {
		return p.refuseEdit(r, e, err)
	}
	if r.PostForm.Get("do") == "revoke-sure" {
		return p.submitOne(r, drafted, func(err error) error { return p.refuseEdit(r, e, err) })
	}
	if e.Reach, err = p.reachOf(r, drafted); err != nil {
		return p.refuseEdit(r, e, err)
	}
	return r.Render("authoring/revoke", e)
}

// editReach answers with who would get the new version.
func (p *Pages) editReach(r *page.Request) error {
	e, list, err := p.readEdit(r)
	if e == nil {
		return err
	}
	var drafted *author.Draft
	if err == nil {
		drafted, err = p.Author.Edit(r.Context(), e.Key, e.version(r.PostForm), list, e.Choices.precedence())
	}
	return p.partReach(r, drafted, err)
}

// partReach answers with who would get a single object that is drafted, or why it cannot be said.
func (p *Pages) partReach(r *page.Request, drafted *author.Draft, err error) error {
	var out reach
	if err == nil {
		out, err = p.reachOf(r, drafted)
	}
	if err != nil {
		words, told := explain(r, err)
		if words == nil {
			return told
		}
		text, _ := r.Words(told)
		out.Words = text
	}
	return r.Render("authoring/reach", out)
}
