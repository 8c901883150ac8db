package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/stix"
)

// The oracle decides once more, and naively, what a partner may have: encoding/json and maps, none of the node's own code, but for
// what is broken: that it takes from package stix.

// given is an object as the oracle knows it.
type given struct {
	raw      []byte
	content  string // canonical enough: decoded and encoded again
	modified time.Time
	tlp      int // strictest default that it was imported with, 1 clear to 5 red
	fields   map[string]any
	order    int // of the imports
}

// oracle holds the newest own version of every object.
type oracle struct {
	newest map[string]*given
	seen   map[string]*given // id, modified and content
	broken map[string]int    // quarantined versions, by id
	aside  map[string][]*given
	taken  int
}

func newOracle() *oracle {
	return &oracle{newest: map[string]*given{}, seen: map[string]*given{}, broken: map[string]int{}, aside: map[string][]*given{}}
}

// isBroken says whether an object will be quarantined.
func isBroken(raw []byte) bool {
	o, err := stix.Parse(raw)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(newValidator().Validate(&o), func(f stix.Finding) bool { return f.Level == stix.Must })
}

var idShape = regexp.MustCompile(`^([a-z0-9-]+)--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// file takes all objects of a file in, imported with a default TLP.
func (o *oracle) file(path string, tlp int) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	for {
		var value json.RawMessage
		if err := d.Decode(&value); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var list []json.RawMessage
		var bundle struct{ Objects []json.RawMessage }
		if json.Unmarshal(value, &list) != nil {
			if json.Unmarshal(value, &bundle) == nil && bundle.Objects != nil {
				list = bundle.Objects
			} else {
				list = []json.RawMessage{value}
			}
		}
		for _, raw := range list {
			o.object(raw, tlp)
		}
	}
}

func (o *oracle) object(raw []byte, tlp int) {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&fields) != nil {
		return
	}
	id, _ := fields["id"].(string)
	kind, _ := fields["type"].(string)
	if m := idShape.FindStringSubmatch(id); m == nil || m[1] != kind {
		return
	}
	g := &given{raw: raw, tlp: tlp, fields: fields}
	for _, name := range []string{"created", "modified"} {
		text, ok := fields[name].(string)
		if !ok {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return
		}
		if name == "modified" || kind == "marking-definition" {
			g.modified = at
		}
	}
	canonical, err := json.Marshal(fields)
	if err != nil {
		return
	}
	g.content = string(canonical)
	o.taken++
	key := id + " " + g.modified.UTC().Format(time.RFC3339Nano) + " " + g.content
	if before := o.seen[key]; before != nil { // the same again: the strictest default, the lower spelling
		before.tlp = max(before.tlp, tlp)
		if a, b := sha256.Sum256(raw), sha256.Sum256(before.raw); bytes.Compare(a[:], b[:]) < 0 {
			before.raw = raw
		}
		return
	}
	o.seen[key], g.order = g, o.taken
	if isBroken(raw) {
		o.broken[id]++
		o.aside[id] = append(o.aside[id], g)
		return
	}
	if now := o.newest[id]; now == nil || !g.modified.Before(now.modified) { // of one version the last import
		o.newest[id] = g
	}
}

var tlpIDs = map[string]int{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": 1, "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": 1,
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": 2, "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": 2,
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": 3, "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": 3,
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": 4,
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": 5, "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": 5,
}

func texts(v any) (list []string) {
	values, _ := v.([]any)
	for _, x := range values {
		if s, ok := x.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// may says what nation may have of everything, up to a TLP: id to bytes.
func (o *oracle) may(nation string, ceiling int) map[string][]byte {
	out := map[string][]byte{}
	for id, g := range o.newest {
		refs, ok := o.permit(g, nation, ceiling)
		if !ok || o.namesWithheld(g, nation, ceiling, map[*given]bool{g: true}) || g.fields["type"] == "marking-definition" {
			continue
		}
		out[id] = g.raw
		for _, ref := range refs {
			if m := o.newest[ref]; m != nil && tlpIDs[ref] == 0 {
				out[ref] = m.raw
			}
		}
	}
	return out
}

// marks returns the ids of what marks an object, and its strictest TLP.
func (g *given) marks() (ids []string, level int) {
	level = g.tlp
	for i, ref := range texts(g.fields["object_marking_refs"]) {
		if ids = append(ids, ref); tlpIDs[ref] > 0 && (i == 0 || level < tlpIDs[ref] || level == g.tlp) {
			level = tlpIDs[ref]
		}
	}
	granular, _ := g.fields["granular_markings"].([]any)
	for _, m := range granular {
		fields, _ := m.(map[string]any)
		if ref, ok := fields["marking_ref"].(string); ok {
			ids = append(ids, ref)
			level = max(level, tlpIDs[ref])
		}
	}
	return ids, level
}

// keptBack says whether a later version that was to go to fewer is quarantined.
func (o *oracle) keptBack(g *given) bool {
	id, _ := g.fields["id"].(string)
	ids, level := g.marks()
	for _, b := range o.aside[id] {
		if b.modified.Before(g.modified) || b.modified.Equal(g.modified) && b.order < g.order {
			continue
		}
		more, stricter := b.marks()
		if b.fields["revoked"] == true && g.fields["revoked"] != true || stricter > level {
			return true
		}
		for _, ref := range more {
			if tlpIDs[ref] == 0 && !slices.Contains(ids, ref) {
				return true
			}
		}
	}
	return false
}

// permit decides about one object, and returns what marks it.
func (o *oracle) permit(g *given, nation string, ceiling int) (refs []string, ok bool) {
	if o.keptBack(g) {
		return nil, false
	}
	objectLevel := texts(g.fields["object_marking_refs"])
	granular, _ := g.fields["granular_markings"].([]any)
	refs = objectLevel
	for _, m := range granular {
		fields, _ := m.(map[string]any)
		if ref, ok := fields["marking_ref"].(string); ok {
			refs = append(refs, ref)
		}
	}
	own, tlp := 0, 0
	for i, ref := range refs {
		level := tlpIDs[ref]
		if i < len(objectLevel) && level > 0 {
			if own > 0 && own != level {
				return nil, false
			}
			own = level
		}
		tlp = max(tlp, level)
		if level == 0 && !o.marking(ref, nation) {
			return nil, false
		}
	}
	if own == 0 {
		tlp = max(tlp, g.tlp)
	}
	return refs, tlp <= ceiling && tlp < 5
}

// observable is the id of an SCO: the types of STIX 2.1, section 6.
var observable = regexp.MustCompile(`^(artifact|autonomous-system|directory|domain-name|email-addr|email-message|file|ipv4-addr|ipv6-addr|mac-addr|mutex|network-traffic|process|software|url|user-account|windows-registry-key|x509-certificate)--`)

// namesWithheld says whether an object names an observable that is here and may not go, directly or through others.
func (o *oracle) namesWithheld(g *given, nation string, ceiling int, seen map[*given]bool) bool {
	withheld := false
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, x := range v {
				look(x)
			}
		case []any:
			for _, x := range v {
				look(x)
			}
		case string:
			named := o.newest[v]
			if named == nil && o.broken[v] > 0 && observable.MatchString(v) {
				withheld = true
			}
			if named == nil || seen[named] || !idShape.MatchString(v) || !observable.MatchString(v) {
				return
			}
			seen[named] = true
			_, ok := o.permit(named, nation, ceiling)
			withheld = withheld || !ok || o.namesWithheld(named, nation, ceiling, seen)
		}
	}
	look(g.fields)
	return withheld
}

// marking says whether a marking other than TLP's lets an object go to nation.
func (o *oracle) marking(id, nation string) bool {
	m := o.newest[id]
	if m == nil {
		return false
	}
	if m.fields["definition_type"] == "statement" {
		return m.fields["extensions"] == nil
	}
	extensions, _ := m.fields["extensions"].(map[string]any)
	acs, _ := extensions["extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce"].(map[string]any)
	if acs == nil || len(extensions) != 1 {
		return false
	}
	for name := range acs {
		switch name {
		case "access_privilege", "further_sharing", "authority_reference", "resource_disposition":
			return false
		}
	}
	control, _ := acs["control_set"].(map[string]any)
	for name := range control {
		if name != "classification" && name != "permitted_nationalities" {
			return false
		}
	}
	if control["classification"] != "U" {
		return false
	}
	nations, limited := control["permitted_nationalities"]
	return !limited || strings.Contains(" "+strings.Join(texts(nations), " ")+" ", " "+nation+" ")
}
