package generate

import (
	"fmt"
	"slices"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// counterpart makes an object pass a check of the validator: prepare before its properties are chosen, finish when all have values.
type counterpart struct{ prepare, finish func(*frame) }

var counterparts = map[spec.Check]counterpart{
	spec.CheckMarking:             {prepareMarking, finishMarking},
	spec.CheckExtensionProperties: {finish: finishExtensionProperties},
	spec.CheckPattern:             {finish: finishPattern},
	spec.CheckRelationship:        {finish: finishRelationship},
	spec.CheckObservedRefs:        {finish: finishObservedRefs},
	spec.CheckExternalID:          {prepareCVE, finishCVE},
	spec.CheckSocketOptions:       {finish: finishSocketOptions},
	// An id follows when all else is there, see assignID.
	spec.CheckDeterministicID: {},
}

func finishExtensionProperties(f *frame) {
	types, _ := f.get("extension_types").(list)
	if f.has("extension_properties") && !slices.Contains(types, any(topLevelExtension)) {
		f.put("extension_types", append(types, topLevelExtension))
	}
}

func finishPattern(f *frame) {
	f.put("pattern", f.g.pattern(word(f.get("pattern_type"))))
	if f.has("pattern_version") {
		f.put("pattern_version", "2.1")
	}
}

// pattern is one of a pattern type.
func (g *Generator) pattern(typ string) string {
	switch typ {
	case "pcre":
		return `/evil-[0-9]{2,4}\.example/i`
	case "sigma":
		return "title: " + g.key() + "\nlogsource:\n  product: windows\ndetection:\n  selection:\n    EventID: 4688\n  condition: selection\n"
	case "snort", "suricata":
		return fmt.Sprintf(`alert tcp 192.0.2.0/24 any -> any %d (msg:"%s"; sid:%d; rev:1;)`, g.n(65536), g.key(), 1000000+g.n(1000))
	case "yara":
		return "rule " + g.key() + ` { strings: $a = "evil" condition: $a }`
	}
	one := func() string {
		switch g.n(5) {
		case 0:
			return "[ipv4-addr:value = '" + g.format(spec.IPv4) + "']"
		case 1:
			return "[file:hashes.'SHA-256' = '" + g.from("0123456789abcdef", 64) + "' OR file:name LIKE '%" + g.key() + ".exe']"
		case 2:
			return "[url:value MATCHES '^https?://" + g.key() + "' AND NOT url:value = 'https://a.example/']"
		case 3:
			return "[file:size > 1024 AND file:name IN ('攻撃.docx', 'b.exe')]"
		}
		return "[domain-name:value = '" + g.key() + ".example']"
	}
	switch g.n(4) {
	case 0:
		return one() + " FOLLOWEDBY " + one()
	case 1:
		return "(" + one() + " AND " + one() + ") WITHIN 300 SECONDS"
	case 2:
		return one() + " REPEATS 5 TIMES"
	}
	return one()
}

// anyRelationship may stand between any two objects (section 3.7).
const anyRelationship = "related-to"

func finishRelationship(f *frame) {
	g := f.g
	from, to := f.s.Property("source_ref"), f.s.Property("target_ref")
	if f.ask.set["relationship_type"] != nil || from == nil || to == nil {
		return
	}
	sources, targets := g.referable(from.Refs), g.referable(to.Refs)
	if g.chance(0.15) {
		f.put("relationship_type", anyRelationship)
		return
	}
	source, row, target := g.triple(sources, targets)
	if row == "" || g.chance(0.1) {
		source = pick(g, sources)
		row, target = pick(g, []string{"derived-from", "duplicate-of"}), source
		if !slices.Contains(targets, target) {
			row = anyRelationship
		}
	}
	f.put("relationship_type", row)
	f.put("source_ref", g.reference(source))
	f.put("target_ref", g.reference(target))
}

// triple is a relationship that the table lists, "" if it lists none.
func (g *Generator) triple(sources, targets []string) (source, row, target string) {
	for range 200 {
		s, ok := g.table.Lookup(pick(g, sources))
		if !ok || len(s.Relationships) == 0 {
			continue
		}
		r := pick(g, s.Relationships)
		if t := pick(g, r.Targets); slices.Contains(targets, t) {
			return s.Name, r.Type, t
		}
	}
	return "", "", ""
}

// observable is a reference to a cyber-observable.
func (g *Generator) observable() string {
	return g.reference(pick(g, g.referable(&spec.Refs{Classes: []spec.Class{spec.Observable}})))
}

func finishObservedRefs(f *frame) {
	if refs, ok := f.get("object_refs").(list); ok && len(refs) > 0 {
		refs[f.g.n(len(refs))] = f.g.observable()
	}
}

const cveSource = "cve"

func prepareCVE(f *frame) {
	if f.ask.set["source_name"] == nil && f.g.chance(0.2) {
		f.require("external_id")
		f.values[f.s.Find([]byte("source_name"))] = cveSource
	}
}

func finishCVE(f *frame) {
	if word(f.get("source_name")) == cveSource {
		f.put("external_id", fmt.Sprintf("CVE-%d-%04d", 1999+f.g.n(30), f.g.n(100000)))
	}
}

var socketOptions = []string{"SO_REUSEADDR", "ICMP_FILTER", "ICMP6_FILTER", "IP_TTL", "IPV6_V6ONLY", "MCAST_JOIN_GROUP", "TCP_NODELAY", "IRLMP_ENUMDEVICES"}

func finishSocketOptions(f *frame) {
	if !f.has("options") {
		return
	}
	o := &object{}
	for range 1 + f.g.n(3) {
		o.set(pick(f.g, socketOptions), f.g.integer(nil))
	}
	f.put("options", o)
}
