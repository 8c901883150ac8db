package stix_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/wagasa/wagasa/stix"
)

var (
	placesOfNote = []string{
		"name", "labels", "labels.[0]", "labels.[1]", "labels.[2]", "refs", "refs.[0]", "refs.[0].url",
		"refs.[0].hashes", "refs.[0].hashes.SHA-256", "type", "id",
	}
	markingIDs = []string{
		m1, m2, markingID, stix.TLPGreen.MarkingID(), stix.TLPAmber.MarkingID(), stix.TLPRed.MarkingID(),
		"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
	}
)

func some(t *rapid.T, of []string, least int, name string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(of), least, 4, rapid.ID[string]).Draw(t, name)
}

// markedNote is an object with random markings and languages, and white space anywhere.
func markedNote(t *rapid.T) stix.Object {
	list := func(elements []string) string {
		return "[" + space(t) + strings.Join(elements, space(t)+","+space(t)) + space(t) + "]"
	}
	quoted := func(texts []string) (out []string) {
		for _, s := range texts {
			out = append(out, `"`+s+`"`)
		}
		return out
	}
	members := []string{
		`"type":"x-note"`, `"id" : "x-note--` + uuid + `"`, `"name":` + str(t), `"labels":["a", "b","c"]`,
		`"refs":[{"url":"u", "hashes":{"SHA-256":"00"}}]`, `"other":` + value(t, 3),
	}
	if rapid.Bool().Draw(t, "object marked") {
		members = append(members, `"object_marking_refs"`+space(t)+":"+list(quoted(some(t, markingIDs, 1, "refs"))))
	}
	var entries []string
	for range rapid.IntRange(0, 4).Draw(t, "entries") {
		what := `"marking_ref":"` + rapid.SampledFrom(markingIDs).Draw(t, "id") + `"`
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			what = `"lang":"` + rapid.SampledFrom([]string{"ja", "en", "de-CH"}).Draw(t, "lang") + `"`
		}
		parts := []string{what, `"selectors":` + list(quoted(some(t, placesOfNote, 1, "selectors")))}
		if rapid.IntRange(0, 5).Draw(t, "more") == 0 {
			parts = append(parts, `"x":1`)
		}
		entries = append(entries, "{"+strings.Join(rapid.Permutation(parts).Draw(t, "order"), space(t)+",")+space(t)+"}")
	}
	if entries != nil {
		members = append(members, `"granular_markings":`+list(entries))
	}
	raw := "{" + space(t) + strings.Join(rapid.Permutation(members).Draw(t, "order"), space(t)+","+space(t)) + space(t) + "}"
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return o
}

// member is a top-level member as it is written.
type member struct{ name, value string }

func membersBut(raw []byte, but ...string) (list []member) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	_, _ = d.ReadToken()
	for d.PeekKind() == '"' {
		tok, _ := d.ReadToken()
		name := tok.String()
		v, _ := d.ReadValue()
		if !slices.Contains(but, name) {
			list = append(list, member{name, string(v)})
		}
	}
	return list
}

func direct(t *rapid.T, o *stix.Object, sel string) []string {
	ids, err := o.Markings(sel)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestLawMarkings: an edit does what it says at its place, and nothing anywhere else.
func TestLawMarkings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := markedNote(t)
		places := append([]string{""}, placesOfNote...)
		sel := rapid.SampledFrom(places).Draw(t, "place")
		ids := some(t, markingIDs, 0, "ids")
		old := direct(t, &o, sel)
		var edit stix.Edit
		var want []string
		below := false
		switch rapid.IntRange(0, 4).Draw(t, "edit") {
		case 0:
			edit, want = stix.AddMarkings(sel, ids...), append(slices.Clone(old), ids...)
		case 1:
			edit, want = stix.SetMarkings(sel, ids...), ids
		case 2:
			edit = stix.RemoveMarkings(sel, ids...)
			want = slices.DeleteFunc(slices.Clone(old), func(id string) bool { return slices.Contains(ids, id) })
		case 3:
			edit = stix.ClearMarkings(sel)
		case 4:
			edit, below = stix.ClearAllMarkings(sel), true
		}
		got, err := o.Apply(edit)
		if err != nil {
			t.Fatal(err)
		}
		want = slices.Compact(slices.Sorted(slices.Values(want)))
		for _, p := range places {
			expect := direct(t, &o, p)
			if p == sel {
				expect = want
			} else if below && (sel == "" || strings.HasPrefix(p, sel+".")) {
				expect = nil
			}
			if is := direct(t, &got, p); !slices.Equal(is, expect) {
				t.Fatalf("%q is marked %v, want %v\n%s\n%s", p, is, expect, o.Raw, got.Raw)
			}
			before, _ := o.Languages(p)
			if after, _ := got.Languages(p); !slices.Equal(before, after) {
				t.Fatalf("languages of %q", p)
			}
		}
		touched := []string{"object_marking_refs", "granular_markings"}
		if !slices.Equal(membersBut(o.Raw, touched...), membersBut(got.Raw, touched...)) {
			t.Fatalf("something else changed\n%s\n%s", o.Raw, got.Raw)
		}
		if slices.Equal(old, want) && !below && !bytes.Equal(o.Raw, got.Raw) {
			t.Fatal("nothing was to change")
		}
	})
}

// TestLawAddRemove: what is added and taken away again leaves no trace; nor does a language.
func TestLawAddRemove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := markedNote(t)
		sel := rapid.SampledFrom(append([]string{""}, placesOfNote...)).Draw(t, "place")
		ids := slices.DeleteFunc(some(t, markingIDs, 1, "ids"), func(id string) bool { return slices.Contains(direct(t, &o, sel), id) })
		added, err := o.Apply(stix.AddMarkings(sel, ids...))
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if is, err := added.IsMarked(sel, id); !is || err != nil {
				t.Fatalf("%s is not there: %v", id, err)
			}
		}
		back, err := added.Apply(stix.RemoveMarkings(sel, ids...))
		if err != nil || !bytes.Equal(back.Raw, o.Raw) {
			t.Fatalf("%v\n%s\n%s", err, o.Raw, back.Raw)
		}
		if langs, _ := o.Languages(sel); len(langs) > 0 {
			return
		}
		told, err := o.Apply(stix.SetLanguage(sel, "fr"))
		if lang, _ := told.Language(sel); err != nil || lang != "fr" {
			t.Fatalf("it is in %q: %v", lang, err)
		}
		if back, err = told.Apply(stix.SetLanguage(sel, "")); err != nil || !bytes.Equal(back.Raw, o.Raw) {
			t.Fatalf("%v\n%s\n%s", err, o.Raw, back.Raw)
		}
	})
}

// TestLawEffective: what is in force at a place is what it inherits; nothing that applies is stricter than what is reported; another
// marking weakens nothing.
func TestLawEffective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := markedNote(t)
		e := o.Effective(nil)
		all := e.Anywhere()
		for _, p := range append([]string{"", "gone"}, placesOfNote...) {
			f, err := e.At(p)
			inherited, err2 := o.Markings(p, stix.Inherited)
			if err != nil || err2 != nil || !slices.Equal(f.Markings, inherited) {
				t.Fatalf("%q: %v, %v; %v, %v", p, f.Markings, inherited, err, err2)
			}
			for _, id := range direct(t, &o, p) {
				if !slices.Contains(inherited, id) {
					t.Fatalf("%q does not inherit its own %s", p, id)
				}
			}
			for _, id := range inherited {
				if stix.TLPOf(id) > f.TLP || stix.TLPOf(id) == stix.TLPNone != slices.Contains(f.Unknown, id) {
					t.Fatalf("%q: %s is in force, not %v", p, id, f)
				}
			}
			if f.TLP > all.TLP || len(f.Contradiction) > len(all.Contradiction) {
				t.Fatalf("%q: %v, anywhere %v", p, f, all)
			}
		}
		everything, _ := o.Markings("", stix.Descendants)
		if !slices.Equal(all.Markings, everything) {
			t.Fatalf("anywhere: %v, %v", all.Markings, everything)
		}
		place := rapid.SampledFrom(placesOfNote).Draw(t, "place")
		more, err := o.Apply(stix.AddMarkings(rapid.SampledFrom([]string{"", place}).Draw(t, "at"), some(t, markingIDs, 0, "ids")...))
		if err != nil {
			t.Fatal(err)
		}
		was, _ := e.At(place)
		if is, _ := more.Effective(nil).At(place); is.TLP < was.TLP || more.Effective(nil).Anywhere().TLP < all.TLP {
			t.Fatalf("%v became %v", was, is)
		}
	})
}

// FuzzEdit: whatever is asked of an object, it fails or makes an object that is read alike and that differs nowhere else.
func FuzzEdit(f *testing.F) {
	for i, s := range seeds {
		f.Add([]byte(s), "/name", `"x"`, "name", byte(i))
	}
	gm := note(`,"object_marking_refs":["` + m1 + `"],"granular_markings":[{"marking_ref":"` + m1 + `","selectors":["labels.[1]","name"]}, {"lang":"ja","selectors":["name"]}]`)
	for op := range byte(7) {
		f.Add([]byte(gm), "/labels/0", `["x"]`, "labels.[1]", op)
		f.Add([]byte(gm), "/refs/0/hashes/MD5", `{"a":1}`, "refs.[0].hashes", op)
		f.Add([]byte(gm), "/labels/-", `true`, "", op)
	}
	f.Fuzz(func(t *testing.T, raw []byte, pointer, value, sel string, op byte) {
		o, err := stix.Parse(raw)
		if err != nil {
			o = stix.Object{Raw: raw}
		}
		top, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
		touched := []string{strings.NewReplacer("~1", "/", "~0", "~").Replace(top)}
		edit := stix.Set(pointer, jsontext.Value(value))
		if op%7 == 1 {
			edit = stix.Remove(pointer)
		}
		if op%7 >= 2 {
			touched = []string{"object_marking_refs", "granular_markings", "lang"}
			edit = [...]stix.Edit{
				stix.AddMarkings(sel, m1, m2), stix.RemoveMarkings(sel, m1), stix.SetMarkings(sel, m2),
				stix.ClearAllMarkings(sel), stix.SetLanguage(sel, "fr"),
			}[op%7-2]
		}
		before := string(raw)
		got, err := o.Apply(edit)
		if string(raw) != before {
			t.Fatal("the input was changed")
		}
		var oe *stix.ObjectError
		if err != nil {
			if !errors.As(err, &oe) || got.Raw != nil {
				t.Fatalf("%v", err)
			}
			return
		}
		if again, err := stix.Parse(got.Raw); err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("%+v, %v", again, err)
		}
		if !slices.Equal(membersBut(raw, touched...), membersBut(got.Raw, touched...)) {
			t.Fatalf("%s %s %s\n%s\n%s", pointer, value, sel, raw, got.Raw)
		}
	})
}
