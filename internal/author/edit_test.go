package author

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
	"github.com/wagasa/wagasa/stix/vocab"
)

// ours submits an indicator and returns its id.
func (w *world) ours(tlp stix.TLP) string {
	w.Helper()
	c := choices()
	c.TLP = tlp
	s := w.submit(w.Draft(background, []Candidate{{Kind: IPv4, Value: "198.51.100.7"}}, c))
	return s.IDs[0]
}

// theirs takes in a malware object that the first partner wrote.
func (w *world) theirs() string {
	w.Helper()
	const id = "malware--00000000-0000-4000-8000-0000000000aa"
	w.put(w.usa, `{"type":"malware","spec_version":"2.1","id":"`+id+`","created_by_ref":"`+string(w.usa)+`","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"HarbourWorm","description":"It spreads.","is_family":true}`)
	return id
}

func TestAnEditIsANewVersion(t *testing.T) {
	onEngines(t, func(w *world) {
		id := w.ours(stix.TLPGreen)
		before, _ := w.current(id)
		w.now = w.now.Add(time.Hour)
		changes := []Change{{"/description", []byte(`"確認済み"`)}, {"/labels/-", []byte(`"confirmed"`)}, {"/confidence", []byte(`95`)}, {"/valid_until", nil}}
		d, err := w.Edit(background, NewKey(), Version{id, before.Modified.Time()}, changes, store.Immediate)
		w.must(err)
		if s := w.submit(d, nil); s.Main != id {
			t.Errorf("%+v", s)
		}
		after, v := w.current(id)
		i, err := typed.IndicatorOf(&after)
		w.must(err)
		if i.Description() != "確認済み" || i.Confidence() != 95 || !i.ValidUntil().IsZero() || len(after.Labels) != 2 || v.Precedence != store.Immediate {
			t.Errorf("%s", after.Raw)
		}
		if !after.Modified.Time().Equal(w.now) || after.Created.Compare(before.Created) != 0 || w.stored(id) != 2 {
			t.Errorf("%v", after.Modified)
		}
		if s := w.submit(d, nil); !s.Again || w.stored(id) != 2 {
			t.Errorf("%+v", s)
		}
		_, err = w.Edit(background, NewKey(), Version{id, before.Modified.Time()}, changes[:1], store.Routine)
		w.refused(err, "author.changed", id)
	})
}

func TestAnEditOfWhatChangedMeanwhileIsRefused(t *testing.T) {
	w := inMemory(t)
	id := w.ours(stix.TLPGreen)
	one, err := w.Edit(background, NewKey(), Version{ID: id}, []Change{{"/name", []byte(`"one"`)}}, store.Routine)
	w.must(err)
	two, err := w.Edit(background, NewKey(), Version{ID: id}, []Change{{"/name", []byte(`"two"`)}}, store.Routine)
	w.must(err)
	w.submit(one, nil)
	_, err = w.Submit(background, two)
	w.refused(err, "author.changed", id)
	_, err = w.Reach(background, two)
	w.refused(err, "author.changed", id)
	if fault.Of(err) != fault.Conflict {
		t.Error(err)
	}
}

// TestTwoEditsWithinAMillisecond: each is a version of its own.
func TestTwoEditsWithinAMillisecond(t *testing.T) {
	w := inMemory(t)
	id := w.ours(stix.TLPGreen)
	for _, name := range []string{`"one"`, `"two"`, `"three"`} {
		w.submit(w.Edit(background, NewKey(), Version{ID: id}, []Change{{"/name", []byte(name)}}, store.Routine))
	}
	o, v := w.current(id)
	if i, err := typed.IndicatorOf(&o); err != nil || i.Name() != "three" || w.stored(id) != 4 || v.Modified != start.Add(3*time.Millisecond).UnixNano() {
		t.Errorf("%s, %v", o.Raw, err)
	}
}

func TestRevoking(t *testing.T) {
	w := inMemory(t)
	id := w.ours(stix.TLPGreen)
	d, err := w.Revoke(background, NewKey(), Version{ID: id}, store.Flash)
	w.must(err)
	w.holds(d)
	if o, _ := w.current(id); !o.Revoked {
		t.Errorf("%s", o.Raw)
	}
	_, err = w.Edit(background, NewKey(), Version{ID: id}, []Change{{"/name", []byte(`"x"`)}}, store.Routine)
	w.refused(err, "author.bad-change")
	_, err = w.Revoke(background, NewKey(), Version{ID: id}, store.Routine)
	w.refused(err, "author.bad-change")
}

func TestWhatCannotBeEdited(t *testing.T) {
	w := inMemory(t)
	w.put(store.Self, vendors, vendor)
	id, theirs := w.ours(stix.TLPGreen), w.theirs()
	name := func(v string) []Change { return []Change{{"/name", []byte(v)}} }
	_, err := w.Edit(background, NewKey(), Version{ID: theirs}, name(`"x"`), store.Routine)
	w.refused(err, "author.not-ours", "Harbour Desk")
	if fault.Of(err) != fault.Denied || !strings.Contains(err.Error(), "Harbour Desk writes this object") {
		t.Error(err)
	}
	_, err = w.Revoke(background, NewKey(), Version{ID: theirs}, store.Routine)
	w.refused(err, "author.not-ours", "Harbour Desk")
	_, err = w.Mark(background, NewKey(), Version{ID: vendorsID}, stix.TLPRed, store.Routine)
	w.refused(err, "author.not-ours", "Example Vendor")
	_, err = w.Edit(background, NewKey(), Version{ID: bearID}, name(`"x"`), store.Routine)
	w.refused(err, "author.not-here", bearID)
	for _, pointer := range []string{"/id", "/type", "/created", "/modified", "/created_by_ref", "/revoked", "/spec_version", "", "/"} {
		_, err = w.Edit(background, NewKey(), Version{ID: id}, []Change{{pointer, []byte(`"x"`)}}, store.Routine)
		w.refused(err, "author.fixed", pointer)
	}
	_, err = w.Edit(background, NewKey(), Version{ID: id}, nil, store.Routine)
	w.refused(err, "author.no-change")
	_, err = w.Edit(background, "short", Version{ID: id}, name(`"x"`), store.Routine)
	w.refused(err, "author.bad-key")
	for _, c := range []Change{{"/nowhere/0", []byte(`1`)}, {"/name", []byte(`nothing`)}, {"name", []byte(`"x"`)}, {"/absent", nil}, {"/labels/7", []byte(`"x"`)}} {
		_, err = w.Edit(background, NewKey(), Version{ID: id}, []Change{c}, store.Routine)
		w.refused(err, "author.bad-change")
	}
	_, err = w.Edit(background, NewKey(), Version{ID: id}, []Change{{"/confidence", []byte(`101`)}}, store.Routine)
	w.refused(err, "author.not-valid", "/confidence")
	if e := err.(*Error); len(e.Findings) != 1 || e.Findings[0].Code != "range" { //nolint:errorlint // refused held that it is one
		t.Errorf("%+v", e.Findings)
	}
	_, err = w.Edit(background, NewKey(), Version{ID: id}, []Change{{"/pattern", []byte(`"[ipv4-addr:value"`)}}, store.Routine)
	w.refused(err, "author.not-valid", "/pattern")
	if w.stored(id) != 1 {
		t.Error("something was stored")
	}
}

func TestMarkKeepsOtherMarkings(t *testing.T) {
	w := inMemory(t)
	const statement = "marking-definition--00000000-0000-4000-8000-000000000060"
	w.put(store.Self, `{"type":"marking-definition","spec_version":"2.1","id":"`+statement+`","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"c"}}`)
	id := w.ours(stix.TLPGreen)
	w.submit(w.Edit(background, NewKey(), Version{ID: id}, []Change{{"/object_marking_refs/-", []byte(`"` + statement + `"`)}}, store.Routine))
	d, err := w.Mark(background, NewKey(), Version{ID: id}, stix.TLPRed, store.Routine)
	w.must(err)
	w.holds(d)
	o, _ := w.current(id)
	if len(o.ObjectMarkingRefs) != 2 || !slices.Contains(o.ObjectMarkingRefs, stix.TLPRed.MarkingID()) || !slices.Contains(o.ObjectMarkingRefs, statement) {
		t.Errorf("%v", o.ObjectMarkingRefs)
	}
}

func answerTo(id string) Answer {
	return Answer{Key: NewKey(), About: Version{ID: id}, TLP: stix.TLPGreen, Precedence: store.Immediate, Confidence: NoConfidence}
}

func TestAnswers(t *testing.T) {
	onEngines(t, func(w *world) {
		id := w.theirs()
		a := answerTo(id)
		a.Lang, a.Labels, a.Confidence = "ja", []string{"seen"}, 50
		note, err := w.Note(background, Note{Answer: a, Abstract: "要約", Content: "国内でも確認した。"})
		w.must(err)
		w.holds(note)
		o, v := w.current(note.Main)
		n, err := typed.NoteOf(&o)
		w.must(err)
		if n.Content() != "国内でも確認した。" || n.Abstract() != "要約" || n.ObjectRefs()[0] != id || o.Lang != "ja" || n.Confidence() != 50 || v.Precedence != store.Immediate || o.CreatedByRef != w.self() {
			t.Errorf("%s", o.Raw)
		}
		opinion, err := w.Opinion(background, Opinion{Answer: answerTo(id), Opinion: vocab.OpinionStronglyAgree, Explanation: "同じ検体"})
		w.must(err)
		w.holds(opinion)
		o, _ = w.current(opinion.Main)
		if p, err := typed.OpinionOf(&o); err != nil || p.Opinion() != vocab.OpinionStronglyAgree || p.Explanation() != "同じ検体" || p.ObjectRefs()[0] != id {
			t.Errorf("%s, %v", o.Raw, err)
		}
		first := start.Add(-time.Hour)
		seen, err := w.Sighting(background, Sighting{Answer: answerTo(id), Seen: true, Count: 3, First: first, Last: start, Description: "proxy"})
		w.must(err)
		w.holds(seen)
		o, _ = w.current(seen.Main)
		if s, err := typed.SightingOf(&o); err != nil || s.Count() != 3 || !s.FirstSeen().Time().Equal(first) || s.SightingOfRef() != id || s.WhereSightedRefs()[0] != w.self() {
			t.Errorf("%s, %v", o.Raw, err)
		}
		not, err := w.Sighting(background, Sighting{Answer: answerTo(id), First: first, Last: start})
		w.must(err)
		w.holds(not)
		o, _ = w.current(not.Main)
		if s, err := typed.SightingOf(&o); err != nil || !s.HasCount() || s.Count() != 0 {
			t.Errorf("looked, not seen: %s, %v", o.Raw, err)
		}
		if s := w.submit(not, nil); !s.Again {
			t.Error("twice")
		}
	})
}

func TestAnswersThatCannotBe(t *testing.T) {
	w := inMemory(t)
	id := w.theirs()
	a := answerTo(id)
	_, err := w.Note(background, Note{Answer: a, Content: " "})
	w.refused(err, "author.bad-content")
	_, err = w.Note(background, Note{Answer: a, Content: "x", Abstract: strings.Repeat("x", MaxTitle+1)})
	w.refused(err, "author.bad-abstract")
	_, err = w.Note(background, Note{Answer: answerTo(bearID), Content: "x"})
	w.refused(err, "author.not-here", bearID)
	_, err = w.Opinion(background, Opinion{Answer: a, Opinion: "perhaps"})
	w.refused(err, "author.bad-opinion")
	_, err = w.Opinion(background, Opinion{Answer: a, Opinion: vocab.OpinionAgree, Explanation: "\xff"})
	w.refused(err, "author.bad-explanation")
	_, err = w.Sighting(background, Sighting{Answer: a, Count: 1})
	w.refused(err, "author.bad-count")
	_, err = w.Sighting(background, Sighting{Answer: a, Seen: true, First: start, Last: start.Add(-time.Second)})
	w.refused(err, "author.bad-period")
	note := w.submit(w.Note(background, Note{Answer: a, Content: "x"}))
	rel := w.submit(w.Sighting(background, Sighting{Answer: answerTo(id), Seen: true}))
	_, err = w.Sighting(background, Sighting{Answer: answerTo(rel.Main), Seen: true})
	w.refused(err, "author.not-sightable", "sighting")
	for _, change := range []func(*Answer){func(a *Answer) { a.TLP = 0 }, func(a *Answer) { a.Key = "" }, func(a *Answer) { a.Precedence = 7 }, func(a *Answer) { a.Lang = "?" }, func(a *Answer) { a.Confidence = 101 }} {
		b := answerTo(note.Main)
		change(&b)
		if _, err := w.Note(background, Note{Answer: b, Content: "x"}); fault.Of(err) != fault.Invalid {
			t.Errorf("%+v: %v", b, err)
		}
	}
}

func TestTranslations(t *testing.T) {
	w := inMemory(t)
	id := w.ours(stix.TLPAmber)
	a := answerTo(id)
	a.Lang = "en"
	texts := map[string]any{"name": "The address of the beacon"}
	_, err := w.Translation(background, Translation{a, texts})
	w.refused(err, "author.translation-tlp", "TLP:AMBER")
	a.TLP = stix.TLPAmber
	d, err := w.Translation(background, Translation{a, texts})
	w.must(err)
	w.holds(d)
	o, _ := w.current(d.Main)
	lc, err := typed.LanguageContentOf(&o)
	w.must(err)
	target, _ := w.current(id)
	if lc.ObjectRef() != id || lc.ObjectModified().Compare(target.Modified) != 0 || !strings.Contains(string(o.Raw), `"en":{"name":"The address of the beacon"}`) {
		t.Errorf("%s", o.Raw)
	}
	a.Key = NewKey()
	_, err = w.Translation(background, Translation{a, map[string]any{"description": "there is none"}})
	w.refused(err, "author.not-valid")
	_, err = w.Translation(background, Translation{a, nil})
	w.refused(err, "author.no-texts")
	a.Lang = ""
	_, err = w.Translation(background, Translation{a, texts})
	w.refused(err, "author.bad-language")
}

// TestATranslationOfAPartnersWordsStays: they must not go to a third party by being translated.
func TestATranslationOfAPartnersWordsStays(t *testing.T) {
	w := inMemory(t)
	a := answerTo(w.theirs())
	a.Lang, a.TLP = "ja", stix.TLPAmberStrict
	texts := map[string]any{"description": "拡散する。"}
	_, err := w.Translation(background, Translation{a, texts})
	w.refused(err, "author.translation-stays", "Harbour Desk")
	a.TLP = stix.TLPRed
	d, err := w.Translation(background, Translation{a, texts})
	w.must(err)
	reach, err := w.Reach(background, d)
	w.must(err)
	for _, r := range reach {
		if r.Gets() {
			t.Errorf("%+v", r)
		}
	}
	w.submit(d, nil)
}

// TestATranslationBearsTheObjectsMarkings: what restricts the object restricts its words.
func TestATranslationBearsTheObjectsMarkings(t *testing.T) {
	w := inMemory(t)
	const acs = "marking-definition--00000000-0000-4000-8000-000000000061"
	w.put(store.Self, `{"type":"marking-definition","spec_version":"2.1","id":"`+acs+`","created":"2026-01-01T00:00:00.000Z","name":"EST only","extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{"extension_type":"property-extension","identifier":"isa:guide.19001.ACS3-00000000-0000-4000-8000-000000000061","create_date_time":"2026-01-01T00:00:00Z","responsible_entity_custodian":"EST","policy_reference":"urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit","control_set":{"classification":"U","permitted_nationalities":["EST"]}}}}`)
	id := w.ours(stix.TLPClear)
	w.submit(w.Edit(background, NewKey(), Version{ID: id}, []Change{{"/object_marking_refs/-", []byte(`"` + acs + `"`)}}, store.Routine))
	a := answerTo(id)
	a.Lang = "en"
	d, err := w.Translation(background, Translation{a, map[string]any{"name": "x"}})
	w.must(err)
	reach, err := w.Reach(background, d)
	w.must(err)
	if reach[0].Gets() || reach[0].Why[0].Reason.Code != "deny.nationality" || !reach[1].Gets() {
		t.Errorf("%+v", reach)
	}
	w.holds(d)
}
