package generate

const tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// tlp is a marking-definition that must have exactly its published content: of TLP 1 (STIX 2.1 section 7.2.1.4) or of the TLP 2.0
// extension.
type tlp struct {
	id, name, level string
	second          bool
}

var published = []tlp{
	{"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", "TLP:WHITE", "white", false},
	{"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "TLP:GREEN", "green", false},
	{"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", "TLP:AMBER", "amber", false},
	{"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "TLP:RED", "red", false},
	{"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "TLP:CLEAR", "clear", true},
	{"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "TLP:GREEN", "green", true},
	{"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "TLP:AMBER", "amber", true},
	{"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "TLP:AMBER+STRICT", "amber+strict", true},
	{"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "TLP:RED", "red", true},
}

// object is the marking as it was published.
func (t tlp) object(typ string) *object {
	o := &object{}
	o.add("type", typ)
	o.add("spec_version", "2.1")
	o.add("id", t.id)
	if t.second {
		o.add("created", "2022-10-01T00:00:00.000Z")
		o.add("name", t.name)
		o.add("extensions", &object{members: []member{{tlp2Extension, &object{members: []member{
			{"extension_type", propertyExtension}, {"tlp_2_0", t.level},
		}}}}})
		return o
	}
	o.add("created", "2017-01-20T00:00:00.000Z")
	o.add("definition_type", "tlp")
	o.add("name", t.name)
	o.add("definition", &object{members: []member{{"tlp", t.level}}})
	return o
}

// pickTLP is a published marking, of TLP 2.0 or not.
func (g *Generator) pickTLP(second bool) tlp {
	for {
		if t := pick(g, published); t.second == second {
			return t
		}
	}
}

// prepareMarking decides what a marking-definition says: a statement, a TLP level, or what an extension says.
func prepareMarking(f *frame) {
	const kind, definition, extensions = "definition_type", "definition", "extensions"
	chosen := f.asked(kind) || f.asked(definition) || f.asked(extensions)
	possible := len(f.g.suitable(f.s)) > 0
	switch {
	case f.ask.key == tlp2Extension:
		f.whole = f.g.pickTLP(true).object(f.s.Name)
	case !chosen && !f.ask.ordinary && f.g.chance(0.2):
		f.whole = pick(f.g, published).object(f.s.Name)
	case f.asked(extensions), !chosen && possible && f.g.chance(0.4):
		f.require(extensions)
		f.forbid(kind, definition)
	default:
		f.require(kind, definition)
		f.forbid(extensions)
	}
}

func finishMarking(f *frame) {
	if f.has("definition") {
		f.put("definition_type", "statement")
		f.put("definition", &object{members: []member{{"statement", f.g.text()}}})
	}
}
