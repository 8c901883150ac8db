package main

import (
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
)

// What holding translations against their objects may cost for one file.
const (
	keptContents    = 64 << 20  // bytes of the translations
	keptTargets     = 64 << 20  // bytes of what they translate
	readTranslating = 256 << 20 // bytes of both, an object counted for each of its translations
)

// translations are the language-contents of a file and, as far as they were offered, the objects that they translate.
type translations struct {
	contents []translationOf
	targets  map[edition]*target
	kept     int // bytes of contents
	held     int // bytes of targets
	read     int // bytes
	left     int // how many were not judged since it would have been too much
}

// translationOf is a language-content and what it translates.
type translationOf struct {
	index   int
	content *stix.Object
	of      edition
}

// edition is a version of an object, or its newest.
type edition struct {
	id     string
	newest bool
	at     int64 // its modified, in nanoseconds since 1970
}

// target is an object that is translated.
type target struct {
	seen   bool
	at     int64
	object *stix.Object // nil if it was too much, or is not there
}

// keep keeps an object if it is a language-content. Without object_modified it translates the newest version.
func (t *translations) keep(index int, o *stix.Object) {
	if o.Type != "language-content" {
		return
	}
	content, err := typed.LanguageContentOf(o)
	if err != nil || content.ObjectRef() == "" {
		return // judged before
	}
	of := edition{id: content.ObjectRef(), newest: true}
	if at := content.ObjectModified(); !at.IsZero() {
		of = edition{id: of.id, at: at.UnixNano()}
	}
	if t.kept += len(o.Raw); t.kept > keptContents {
		t.kept -= len(o.Raw)
		t.left++
		return
	}
	if t.targets == nil {
		t.targets = map[edition]*target{}
	}
	if t.targets[of] == nil {
		t.targets[of] = &target{}
	}
	kept := *o
	t.contents = append(t.contents, translationOf{index, &kept, of})
}

// offer keeps an object if it is translated.
func (t *translations) offer(o *stix.Object) {
	at := o.Modified.UnixNano()
	if found := t.targets[edition{id: o.ID, at: at}]; found != nil && !found.seen {
		t.take(found, o, at)
	}
	if found := t.targets[edition{id: o.ID, newest: true}]; found != nil && (!found.seen || found.at < at) {
		t.take(found, o, at)
	}
}

func (t *translations) take(found *target, o *stix.Object, at int64) {
	if found.object != nil {
		t.held -= len(found.object.Raw)
	}
	*found = target{seen: true, at: at}
	if t.held+len(o.Raw) <= keptTargets {
		t.held += len(o.Raw)
		kept := *o
		found.object = &kept
	}
}

// judge holds a language-content against what it translates, if that was offered.
func (t *translations) judge(of translationOf) []stix.Finding {
	found := t.targets[of.of]
	if !found.seen {
		return nil
	}
	if found.object == nil || t.read > readTranslating {
		t.left++
		return nil
	}
	t.read += len(of.content.Raw) + len(found.object.Raw)
	findings := stix.ValidateTranslation(of.content, found.object)
	if of.of.newest && len(findings) == 1 && findings[0].Pointer == "/object_modified" {
		return nil // it is no timestamp, which was said
	}
	return findings
}
