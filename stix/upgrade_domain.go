package stix

import (
	"strconv"

	"github.com/wagasa/wagasa/stix/internal/cursor"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// definedSince are the properties that STIX 2.1 added, by type. In an object of STIX 2.0 such a name is a custom property's.
var definedSince = map[string][]string{
	"":                   {"confidence", "lang", "extensions"},
	"attack-pattern":     {"aliases"},
	"identity":           {"roles"},
	"indicator":          {"indicator_types", "pattern_type", "pattern_version"},
	"malware":            {"malware_types", "is_family", "aliases", "first_seen", "last_seen", "operating_system_refs", "architecture_execution_envs", "implementation_languages", "capabilities", "sample_refs"},
	"marking-definition": {"name"},
	"observed-data":      {"object_refs"},
	"relationship":       {"start_time", "stop_time"},
	"report":             {"report_types"},
	"sighting":           {"description"},
	"threat-actor":       {"threat_actor_types", "first_seen", "last_seen"},
	"tool":               {"tool_types", "aliases"},
}

// nowDefined reports custom properties that mean something in STIX 2.1. They stay: whoever wrote them meant just that, as a rule.
func (u *upgrade) nowDefined() {
	for _, typ := range [...]string{"", u.from.Type} {
		for _, name := range definedSince[typ] {
			if find(u.pieces, name) >= 0 {
				u.changed(ChangeDefined, "/"+name, name+" was a custom property and is one that STIX 2.1 defines")
			}
		}
	}
}

// labels moves those labels that are values of the property's vocabulary. An object that has the property already keeps both.
func (u *upgrade) labels(property string) {
	i := find(u.pieces, "labels")
	if i < 0 || find(u.pieces, property) >= 0 {
		return
	}
	list, ok := split(u.pieces[i].value)
	if !ok || len(list) == 0 {
		return
	}
	values := vocabularyOf(u.from.Type, property)
	var types, others []piece
	for j := range list {
		label, _ := cursor.Unquote(list[j].value)
		selector := "labels.[" + strconv.Itoa(j) + "]"
		if !values.Has(label) {
			u.follow(selector, "labels.["+strconv.Itoa(len(others))+"]")
			others = append(others, list[j])
			continue
		}
		u.follow(selector, property+".["+strconv.Itoa(len(types))+"]")
		u.changed(ChangeTypes, "/labels/"+strconv.Itoa(j), "the label "+printable(string(label))+" is one of "+property)
		types = append(types, list[j])
	}
	switch {
	case len(types) == 0:
		return
	case len(others) == 0:
		u.pieces[i].rename(property)
		u.follow("labels", property)
	default:
		u.pieces[i].value = joined(tidy(others, list), 0)
		u.pieces = insert(u.pieces, i, property, joined(tidy(types, list), 0))
		u.follow("labels", "labels", property)
	}
	u.labelsMoved = true
}

// tidy gives part of a list the white space that the whole had at its ends.
func tidy(part, whole []piece) []piece {
	part[0].lead = whole[0].lead
	last, end := &part[len(part)-1], &whole[len(whole)-1]
	last.trail = end.trail
	return part
}

func vocabularyOf(typ, property string) *spec.Vocabulary {
	if t, ok := spec.Standard.Lookup(typ); ok {
		if p := t.Property(property); p != nil && p.Vocab != nil {
			return p.Vocab
		}
	}
	return &spec.Vocabulary{}
}

// pattern names the language of an indicator's pattern. STIX 2.0 has one; a custom pattern_type may name another.
func (u *upgrade) pattern() {
	i := find(u.pieces, "pattern")
	if i < 0 {
		return
	}
	if j := find(u.pieces, "pattern_type"); j < 0 {
		u.pieces = insert(u.pieces, i, "pattern_type", []byte(`"stix"`))
		u.changed(ChangePattern, "/pattern", "pattern_type is stix")
		i++
	} else if s, _ := text(u.pieces[j].value); s != "stix" {
		return
	} else {
		i = j
	}
	if find(u.pieces, "pattern_version") < 0 {
		u.pieces = insert(u.pieces, i, "pattern_version", []byte(`"2.0"`))
		u.changed(ChangePattern, "/pattern", "pattern_version is 2.0")
	}
}

func (u *upgrade) family() {
	if find(u.pieces, "is_family") < 0 {
		u.pieces = insert(u.pieces, len(u.pieces)-1, "is_family", []byte("false"))
		u.changed(ChangeFamily, "", "is_family is false, which is a guess")
	}
}

// sectors spells the one sector that both versions have but spell differently.
func (u *upgrade) sectors() error {
	i := find(u.pieces, "sectors")
	if i < 0 {
		return nil
	}
	list, ok := split(u.pieces[i].value)
	if crowded(u.pieces[i].value, ok) {
		return errCrowded("sectors")
	}
	touched := false
	for j := range list {
		if s, _ := text(list[j].value); s == "defence" {
			list[j].value = []byte(`"defense"`)
			u.changed(ChangeVocabulary, "/sectors/"+strconv.Itoa(j), "the sector defence is spelt defense")
			touched = true
		}
	}
	if touched {
		u.pieces[i].value = joined(list, 0)
	}
	return nil
}

// markingName completes the four markings of TLP 1, whose content section 7.2.1.4 fixes.
func (u *upgrade) markingName() {
	names := map[string]string{"white": "TLP:WHITE", "green": "TLP:GREEN", "amber": "TLP:AMBER", "red": "TLP:RED"}
	i, j := find(u.pieces, "definition_type"), find(u.pieces, "definition")
	level := TLPOf(u.from.ID)
	if i < 0 || j < 0 || find(u.pieces, "name") >= 0 {
		return
	}
	said, _ := only(u.pieces[j].value, "tlp")
	if t, err := ParseTLP(said); err != nil || t != level || names[said] == "" {
		return
	}
	u.pieces = insert(u.pieces, i, "name", quoted(names[said]))
	u.changed(ChangeMarkingName, "", "name is "+names[said])
}
