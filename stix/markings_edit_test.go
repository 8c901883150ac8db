package stix_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

const (
	m1 = "marking-definition--11111111-1111-4111-8111-111111111111"
	m2 = "marking-definition--22222222-2222-4222-8222-222222222222"
)

// note is an object with these members beside what it needs.
func note(members string) string {
	return `{"type":"x-note","id":"x-note--` + uuid + `","name" : "n","labels":["a", "b","c"],"refs":[{"url":"u","hashes":{"SHA-256":"00"}}]` + members + ` }`
}

func parse(t testing.TB, raw string) stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatalf("%.300s: %v", raw, err)
	}
	return o
}

func TestMarkingEdits(t *testing.T) {
	one := `,"object_marking_refs": [ "` + m1 + `" ]`
	two := `,"object_marking_refs":["` + m1 + `" , "` + m2 + `"]`
	gm := func(entries string) string { return `,"granular_markings": [` + entries + `]` }
	of := func(id, sels string) string { return `{"marking_ref":"` + id + `","selectors":[` + sels + `]}` }
	ja := `{"lang":"ja","selectors":["name"]}`
	for name, tt := range map[string]struct {
		before string
		edit   stix.Edit
		after  string
	}{
		"nothing":                       {one, stix.Edit{}, one},
		"the first":                     {``, stix.AddMarkings("", m1), `,"object_marking_refs":["` + m1 + `"]`},
		"one more":                      {one, stix.AddMarkings("", m2), `,"object_marking_refs": [ "` + m1 + `","` + m2 + `" ]`},
		"there already":                 {one, stix.AddMarkings("", m1, m1), one},
		"none":                          {``, stix.AddMarkings(""), ``},
		"twice the same":                {``, stix.AddMarkings("", m1, m1), `,"object_marking_refs":["` + m1 + `"]`},
		"an empty list":                 {`,"object_marking_refs":[ ]`, stix.AddMarkings("", m1), `,"object_marking_refs":["` + m1 + `" ]`},
		"take the first":                {two, stix.RemoveMarkings("", m1), `,"object_marking_refs":["` + m2 + `"]`},
		"take the last":                 {two, stix.RemoveMarkings("", m2), `,"object_marking_refs":["` + m1 + `"]`},
		"take the only one":             {one, stix.RemoveMarkings("", m1), ``},
		"take what is not there":        {one, stix.RemoveMarkings("", m2), one},
		"take from nothing":             {``, stix.RemoveMarkings("", m2), ``},
		"clear":                         {two, stix.ClearMarkings(""), ``},
		"set":                           {one, stix.SetMarkings("", m2), `,"object_marking_refs": [ "` + m2 + `" ]`},
		"set some":                      {two, stix.SetMarkings("", m2), `,"object_marking_refs":["` + m2 + `"]`},
		"set none":                      {two, stix.SetMarkings(""), ``},
		"escaped name":                  {`,"object_\u006darking_refs":["` + m1 + `"]`, stix.ClearMarkings(""), ``},
		"the first of a part":           {``, stix.AddMarkings("name", m1), `,"granular_markings":[` + of(m1, `"name"`) + `]`},
		"one more of a part":            {gm(of(m1, `"name" `)), stix.AddMarkings("labels.[1]", m1), gm(of(m1, `"name","labels.[1]" `))},
		"another of a part":             {gm(of(m1, `"name"`)), stix.AddMarkings("name", m2), gm(of(m1, `"name"`) + "," + of(m2, `"name"`))},
		"two of a part":                 {gm(of(m1, `"name"`)), stix.AddMarkings("labels", m1, m2), gm(of(m1, `"name","labels"`) + "," + of(m2, `"labels"`))},
		"not into what says more":       {gm(`{"x":1,` + of(m1, `"name"`)[1:]), stix.AddMarkings("labels", m1), gm(`{"x":1,` + of(m1, `"name"`)[1:] + "," + of(m1, `"labels"`))},
		"there in another notation":     {gm(of(m1, `"labels.[01]"`)), stix.AddMarkings("labels.[1]", m1), gm(of(m1, `"labels.[01]"`))},
		"inherited does not count":      {gm(of(m1, `"labels"`)), stix.AddMarkings("labels.[1]", m1), gm(of(m1, `"labels","labels.[1]"`))},
		"take a part's":                 {gm(of(m1, `"name", "labels"`)), stix.RemoveMarkings("name", m1), gm(of(m1, `"labels"`))},
		"take an entry":                 {gm(ja + " , " + of(m1, `"name"`)), stix.RemoveMarkings("name", m1), gm(ja)},
		"take the first entry":          {gm(of(m1, `"name"`) + " , " + ja), stix.RemoveMarkings("name", m1), gm(ja)},
		"take the last entry":           {gm(of(m1, `"name"`)), stix.RemoveMarkings("name", m1), ``},
		"take in each entry":            {gm(of(m1, `"name"`) + "," + of(m1, `"name","name","labels"`)), stix.RemoveMarkings("name", m1), gm(of(m1, `"labels"`))},
		"take at the very place":        {gm(of(m1, `"labels"`)), stix.RemoveMarkings("labels.[0]", m1), gm(of(m1, `"labels"`))},
		"clear a part":                  {gm(of(m1, `"name"`) + "," + of(m2, `"name","labels"`) + "," + ja), stix.ClearMarkings("name"), gm(of(m2, `"labels"`) + "," + ja)},
		"clear a part and below":        {gm(of(m1, `"labels.[0]","name","labels.[1]"`) + "," + of(m2, `"labels"`)), stix.ClearAllMarkings("labels"), gm(of(m1, `"name"`))},
		"clear the object alone":        {one + gm(of(m1, `"name"`)), stix.ClearMarkings(""), gm(of(m1, `"name"`))},
		"clear everything":              {one + gm(of(m1, `"name"`)+","+ja), stix.ClearAllMarkings(""), gm(ja)},
		"set a part's":                  {gm(of(m1, `"name"`) + "," + of(m2, `"labels"`)), stix.SetMarkings("name", m2), gm(of(m2, `"labels","name"`))},
		"set a part's only one":         {gm(of(m1, `"name"`)), stix.SetMarkings("name", m2), gm(of(m2, `"name"`))},
		"what selects nothing can go":   {gm(of(m1, `"gone","name"`)), stix.RemoveMarkings("gone", m1), gm(of(m1, `"name"`))},
		"what selects nothing can stay": {gm(of(m1, `"gone","??"`)), stix.AddMarkings("name", m1), gm(of(m1, `"gone","??","name"`))},
		"language":                      {``, stix.SetLanguage("", "ja"), `,"lang":"ja"`},
		"another language":              {`,"lang": "ja"`, stix.SetLanguage("", "en"), `,"lang": "en"`},
		"no language":                   {`,"lang": "ja"`, stix.SetLanguage("", ""), ``},
		"no language without one":       {``, stix.SetLanguage("", ""), ``},
		"language of a part":            {``, stix.SetLanguage("name", "ja"), `,"granular_markings":[` + ja + `]`},
		"the same of another part":      {gm(ja), stix.SetLanguage("labels", "ja"), gm(`{"lang":"ja","selectors":["name","labels"]}`)},
		"the same language again":       {gm(ja), stix.SetLanguage("name", "ja"), gm(ja)},
		"another language of a part":    {gm(ja + "," + of(m1, `"name"`)), stix.SetLanguage("name", "de-CH"), gm(of(m1, `"name"`) + `,{"lang":"de-CH","selectors":["name"]}`)},
		"no language of a part":         {gm(ja + "," + of(m1, `"name"`)), stix.SetLanguage("name", ""), gm(of(m1, `"name"`))},
	} {
		t.Run(name, func(t *testing.T) {
			before := parse(t, note(tt.before))
			got, err := before.Apply(tt.edit)
			if err != nil || string(got.Raw) != note(tt.after) {
				t.Errorf("%v\n got %s\nwant %s", err, got.Raw, note(tt.after))
			}
			if string(before.Raw) != note(tt.before) {
				t.Error("the object itself changed")
			}
			if want := parse(t, string(got.Raw)); !reflect.DeepEqual(got, want) {
				t.Errorf("the header is %+v", got.Header)
			}
		})
	}
}

func TestMarkingEditErrors(t *testing.T) {
	both := `,"granular_markings":[{"lang":"ja","marking_ref":"` + m1 + `","selectors":["name"]}]`
	many := strings.Repeat(`"name",`, stix.MaxList-7) + `"name"`
	for name, tt := range map[string]struct {
		before string
		edit   stix.Edit
		want   error
	}{
		"no such place":          {``, stix.AddMarkings("gone", m1), stix.ErrSelector},
		"no such element":        {``, stix.AddMarkings("labels.[3]", m1), stix.ErrSelector},
		"no selector":            {``, stix.AddMarkings("name.", m1), stix.ErrSelector},
		"no selector to clear":   {``, stix.ClearAllMarkings("."), stix.ErrSelector},
		"no selector to take":    {``, stix.RemoveMarkings("[0]", m1), stix.ErrSelector},
		"no selector in words":   {``, stix.SetLanguage("a b", "ja"), stix.ErrSelector},
		"no such place to tell":  {``, stix.SetLanguage("gone", "ja"), stix.ErrSelector},
		"no marking":             {``, stix.AddMarkings("name", "tlp:red"), stix.ErrValue},
		"no marking's id":        {``, stix.SetMarkings("", ident), stix.ErrValue},
		"no language":            {``, stix.SetLanguage("name", "日本語"), stix.ErrValue},
		"two things in one":      {both, stix.ClearMarkings("name"), stix.ErrProperty},
		"two things in one, too": {both, stix.SetLanguage("name", ""), stix.ErrProperty},
		"too many":               {`,"granular_markings":[{"marking_ref":"` + m1 + `","selectors":[` + many + `]}]`, stix.AddMarkings("labels", m1), stix.ErrTooLarge},
	} {
		before := parse(t, note(tt.before))
		got, err := before.Apply(tt.edit)
		var oe *stix.ObjectError
		if !errors.Is(err, tt.want) || !errors.As(err, &oe) || oe.ID != before.ID || got.Raw != nil {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestMarkings(t *testing.T) {
	red := stix.TLPRed.MarkingID()
	o := parse(t, note(`,"lang":"en","object_marking_refs":["`+red+`"],"granular_markings":[{"marking_ref":"`+m1+`","selectors":["labels","??"]},
		{"marking_ref":"`+m2+`","selectors":["labels.[1]","name"]},{"lang":"ja","selectors":["labels.[1]"]},{"lang":"fr","selectors":["labels"]},
		{"marking_ref":"`+m2+`","selectors":["refs.[0].hashes.SHA-256"]}]`))
	const i, d = stix.Inherited, stix.Descendants
	for _, tt := range []struct {
		sel   string
		scope stix.Scope
		want  string
		langs string
	}{
		{"", 0, red, "en"},
		{"", i, red, "en"},
		{"", d, m1 + " " + m2 + " " + red, "en fr ja"},
		{"name", 0, m2, ""},
		{"name", i, m2 + " " + red, "en"},
		{"labels", 0, m1, "fr"},
		{"labels", d, m1 + " " + m2, "fr ja"},
		{"labels.[1]", 0, m2, "ja"},
		{"labels.[01]", 0, m2, "ja"},
		{"labels.[1]", i, m1 + " " + m2 + " " + red, "en fr ja"},
		{"labels.[0]", 0, "", ""},
		{"labels.[0]", i | d, m1 + " " + red, "en fr"},
		{"refs", d, m2, ""},
		{"refs.[0].hashes", d | i, m2 + " " + red, "en"},
		{"refs.[0].hashes.SHA-256.x", i, m2 + " " + red, "en"},
		{"gone", 0, "", ""},
	} {
		got, err := o.Markings(tt.sel, tt.scope)
		langs, err2 := o.Languages(tt.sel, tt.scope&i, tt.scope&d)
		if err != nil || err2 != nil || strings.Join(got, " ") != tt.want || strings.Join(langs, " ") != tt.langs {
			t.Errorf("%q with %d: %v, %v; %v, %v", tt.sel, tt.scope, got, langs, err, err2)
		}
		for _, id := range []string{"", red, m1, m2} {
			is, err := o.IsMarked(tt.sel, id, tt.scope)
			if want := strings.Contains(tt.want, id) && tt.want != ""; is != want || err != nil {
				t.Errorf("%q is marked %q: %v, %v", tt.sel, id, is, err)
			}
		}
	}
	for sel, want := range map[string]string{"": "en", "name": "en", "labels": "fr", "labels.[0]": "fr", "labels.[1]": "ja", "refs.[0]": "en"} {
		if got, err := o.Language(sel); got != want || err != nil {
			t.Errorf("language of %q: %s, %v", sel, got, err)
		}
	}
	_, err1 := o.Markings("??")
	_, err2 := o.IsMarked("a.", "")
	_, err3 := o.Language("[1]")
	for _, err := range []error{err1, err2, err3} {
		if !errors.Is(err, stix.ErrSelector) {
			t.Errorf("malformed selector: %v", err)
		}
	}
}
