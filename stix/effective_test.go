package stix_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

func TestEffective(t *testing.T) {
	green, amber, red := stix.TLPGreen.MarkingID(), stix.TLPAmber.MarkingID(), stix.TLPRed.MarkingID()
	const green1, red1 = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "marking-definition--5E57C739-391a-4eb3-b6be-7d15ca92d5ed"
	on := func(id, sel string) string { return `{"marking_ref":"` + id + `","selectors":["` + sel + `"]}` }
	refs := func(ids ...string) string { return `,"object_marking_refs":["` + strings.Join(ids, `","`) + `"]` }
	parts := func(entries ...string) string { return `,"granular_markings":[` + strings.Join(entries, ",") + `]` }
	lookup := func(id string) (stix.Marking, bool) {
		switch id {
		case m1:
			return stix.Marking{ID: id, Statement: true}, true
		case m2:
			return stix.Marking{ID: id, Unknown: true}, true
		}
		return stix.Marking{}, false
	}
	type places map[string]string // what is in force: TLP, contradiction, number of markings, number of unknown ones
	for name, tt := range map[string]struct {
		members string
		want    places
	}{
		"nothing":             {``, places{"": "none [] 0 0", "*": "none [] 0 0", "name": "none [] 0 0"}},
		"the object":          {refs(green, m1), places{"": "green [] 2 0", "*": "green [] 2 0", "name": "green [] 2 0", "gone": "green [] 2 0"}},
		"TLP 1 is 2.0":        {refs(green1, green), places{"": "green [] 2 0", "*": "green [] 2 0"}},
		"capitals":            {refs(red1), places{"": "red [] 1 0"}},
		"two levels":          {refs(green, red1), places{"": "red [green red] 2 0", "*": "red [green red] 2 0", "name": "red [green red] 2 0"}},
		"two and a third":     {refs(green, red1) + parts(on(amber, "name")), places{"name": "red [green red] 3 0", "": "red [green red] 2 0"}},
		"a part":              {parts(on(red, "labels")), places{"": "none [] 0 0", "labels": "red [] 1 0", "labels.[1]": "red [] 1 0", "name": "none [] 0 0", "*": "red [] 1 0"}},
		"a stricter part":     {refs(green) + parts(on(red, "labels.[1]")), places{"": "green [] 1 0", "labels": "green [] 1 0", "labels.[01]": "red [] 2 0", "*": "red [] 2 0"}},
		"a looser part":       {refs(red) + parts(on(green, "name")), places{"": "red [] 1 0", "name": "red [] 2 0", "*": "red [] 2 0"}},
		"a part's two levels": {refs(green) + parts(on(red, "labels"), on(amber, "labels")), places{"": "green [] 1 0", "labels": "red [amber red] 3 0", "labels.[0]": "red [amber red] 3 0", "name": "green [] 1 0", "*": "red [amber red] 3 0"}},
		"in two notations":    {parts(on(red, "labels.[1]"), on(amber, "labels.[001]")), places{"labels.[1]": "red [amber red] 2 0", "labels.[0]": "none [] 0 0"}},
		"levels on the way":   {parts(on(red, "labels"), on(amber, "labels.[1]")), places{"labels.[1]": "red [] 2 0"}},
		"nothing selected":    {refs(green) + parts(on(red, "gone")), places{"": "red [] 2 0", "name": "red [] 2 0", "*": "red [] 2 0"}},
		"malformed":           {parts(on(red, "..")), places{"": "red [] 1 0", "name": "red [] 1 0"}},
		"unknown":             {refs(m2) + parts(on(markingID, "name"), on(m1, "name")), places{"": "none [] 1 1", "name": "none [] 3 2", "*": "none [] 3 2"}},
		"language is none":    {`,"granular_markings":[{"lang":"ja","selectors":["name"]}]`, places{"name": "none [] 0 0", "*": "none [] 0 0"}},
	} {
		o := parse(t, note(tt.members))
		e := o.Effective(lookup)
		for sel, want := range tt.want {
			f, err := e.Anywhere(), error(nil)
			if sel != "*" {
				f, err = e.At(sel)
			}
			if got := fmt.Sprint(f.TLP, f.Contradiction, len(f.Markings), len(f.Unknown)); got != want || err != nil {
				t.Errorf("%s at %q: %s, %v, want %s", name, sel, got, err, want)
			}
		}
	}
	o := parse(t, note(refs(m1, red)))
	e := o.Effective(nil)
	want := stix.Effect{Markings: []string{m1, red}, TLP: stix.TLPRed, Levels: []stix.TLP{stix.TLPRed}, Unknown: []string{m1}}
	if got, err := e.At("name"); err != nil || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(e.Anywhere(), want) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := e.At("a."); !errors.Is(err, stix.ErrSelector) {
		t.Error(err)
	}
}

// TestEffectiveForeignLevel: a level beyond the strictest is the strictest.
func TestEffectiveForeignLevel(t *testing.T) {
	o, err := stix.Parse(versioned("campaign", `"name":"n","object_marking_refs":["`+m1+`"]`))
	if err != nil {
		t.Fatal(err)
	}
	e := o.Effective(func(id string) (stix.Marking, bool) { return stix.Marking{ID: id, TLP: stix.TLPRed + 60}, true })
	if got := e.Anywhere().TLP; got != stix.TLPRed {
		t.Errorf("got %v", got)
	}
}
