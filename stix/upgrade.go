package stix

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Change is one thing that [Upgrade] did.
type Change struct {
	Code    string // stable: what was done
	Pointer string // where in the object that was, or what contains it where the pointer would be too long (RFC 6901)
	Text    string // in words
}

// Upgraded is what became of a STIX 2.0 object.
type Upgraded struct {
	Object    Object
	Extracted []Object // the cyber-observables that an observed-data contained
	Changes   []Change

	places []string // of Extracted, in the original (RFC 6901)
}

// The codes of a [Change]. [ChangeCodes] lists them with their meaning.
const (
	ChangeSpecVersion    = "spec-version"
	ChangePrecision      = "precision"
	ChangeHashName       = "hash-name"
	ChangeDefined        = "now-defined"
	ChangeTypes          = "labels-to-types"
	ChangePattern        = "pattern-language"
	ChangeFamily         = "family-guessed"
	ChangeVocabulary     = "vocabulary"
	ChangeMarkingName    = "marking-name"
	ChangeObjects        = "objects-to-refs"
	ChangeExtracted      = "extracted"
	ChangeNotExtracted   = "not-extracted"
	ChangeDerivedID      = "id-derived"
	ChangeReference      = "reference"
	ChangeDangling       = "reference-dangling"
	ChangeRenamed        = "renamed"
	ChangeCustom         = "made-custom"
	ChangeList           = "made-list"
	ChangeSelector       = "selector"
	ChangeMarkingCopied  = "marking-copied"
	ChangeMarkingWidened = "marking-widened"
)

// ChangeInfo describes a code of a [Change].
type ChangeInfo struct{ Code, Text string }

// ChangeCodes lists every code that a [Change] may have, in a fixed order.
func ChangeCodes() []ChangeInfo { return slices.Clone(changeCodes[:]) }

var changeCodes = [...]ChangeInfo{
	{ChangeSpecVersion, "spec_version says 2.1"},
	{ChangePrecision, "created or modified has three digits of a second; the instant is the same"},
	{ChangeHashName, "a hash has the name that STIX 2.1 gives its algorithm"},
	{ChangeDefined, "a custom property has a name that STIX 2.1 defines; it was left as it is"},
	{ChangeTypes, "a label that is a value of the type's vocabulary moved to indicator_types, malware_types and the like"},
	{ChangePattern, "pattern_type or pattern_version names the language of the pattern, that of STIX 2.0"},
	{ChangeFamily, "is_family is required of malware; STIX 2.0 does not say, false is a guess"},
	{ChangeVocabulary, "a value is spelt as STIX 2.1 spells it"},
	{ChangeMarkingName, "a predefined marking of TLP 1 has the name that STIX 2.1 gives it"},
	{ChangeObjects, "object_refs names the cyber-observables that objects contained"},
	{ChangeExtracted, "a contained cyber-observable is an object of its own"},
	{ChangeNotExtracted, "what objects contained cannot be an object of its own; it was kept as it is"},
	{ChangeDerivedID, "the id of an extracted object does not follow from its content but from where it stood"},
	{ChangeReference, "a reference within objects is the id of the object"},
	{ChangeDangling, "a reference within objects names nothing there; it was left as it is"},
	{ChangeRenamed, "a property has another name in STIX 2.1"},
	{ChangeCustom, "a property has no place in STIX 2.1 and is a custom one, x_stix20_ before its name"},
	{ChangeList, "a header field is a list, as STIX 2.1 wants it"},
	{ChangeSelector, "a granular marking follows the property that it marks"},
	{ChangeMarkingCopied, "the markings of an observed-data stand on what it contained too"},
	{ChangeMarkingWidened, "a granular marking holds for a whole object, as no selector can say the same"},
}

const (
	// customPrefix goes before the name of a property that has no place in STIX 2.1.
	customPrefix = "x_stix20_"
	// maxReferences is how many references within one observed-data Upgrade follows.
	maxReferences = 100_000
	// maxChanges is how many changes it may make of what one observed-data contains.
	maxChanges = 400_000
	// maxUpgraded bounds the bytes of what is extracted from one observed-data.
	maxUpgraded = 32 << 20
)

// Upgrade converts a STIX 2.0 object to STIX 2.1. An object is one of STIX 2.0 if its spec_version says so, or if it has none and is
// no cyber-observable (STIX 2.1 section 3.2). Any other of STIX 2.1 is returned as it is, without changes.
//
// The same object always becomes the same. Whatever was done is in Changes; what is not mentioned there keeps its bytes, its order and
// the white space around it. Nothing is lost: what has no place in STIX 2.1 becomes a custom property, whose name begins with
// x_stix20_. Markings may become stricter, never weaker. Of a type that STIX 2.0 does not define, only the common properties change.
//
//   - Labels of indicator, malware, report, threat-actor and tool were their types. Those that the vocabulary of indicator_types (or
//     malware_types…) lists move there, the others stay labels.
//   - The pattern of an indicator is kept: pattern_type is stix, pattern_version 2.0.
//   - Malware is said to be no family, as a guess, unless it says something itself.
//   - Hashes get the names of section 10.4: SHA-256 for SHA256, SSDEEP for ssdeep. Algorithms that it does not list keep theirs.
//   - What the objects of an observed-data contain becomes objects of their own in Extracted, in order and each once, and object_refs
//     names them. Properties that STIX 2.1 calls otherwise are renamed (ctime, mtime, atime, created_time, modified_time, image_ref,
//     credential_last_changed), header fields become lists, references become ids. What cannot be an object of its own is kept in
//     x_stix20_objects.
//
// The ids of the extracted are deterministic ones ([DeterministicID]). An object that has none (a process, a custom type), one
// whose id would rest on itself, and a second one with the same id but other content get a version 5 UUID in the namespace
// 98e2b104-ed47-4e97-af4f-a71e28c2806e instead. Its name is the id of the observed-data, its modified in nanoseconds since 1970 and the
// key in objects, each after a line feed but the first.
//
// What is extracted carries the markings of the observed-data. A granular marking of anything in objects holds for the whole of the
// extracted object, for object_refs, and for every object that refers to it: its id tells of its content.
//
// o must come from [Parse] or a [Reader] and keeps its bytes. Errors are [*ObjectError]. They wrap [ErrProperty] for a spec_version that
// is neither 2.0 nor 2.1, [ErrTooMany] for an observed-data that contains more than [MaxNames] objects or 100,000 references or needs more than
// 400,000 changes, and for more than 100,000 members or elements in one object or list that has to be looked into, and
// [ErrTooLarge] if more than 32 MiB would be extracted. An object so near to the limits of Parse that its result lies beyond has the error of Parse.
func Upgrade(o *Object) (Upgraded, error) {
	switch {
	case o.SpecVersion == "2.1", o.SpecVersion == "" && o.IsSCO():
		return Upgraded{Object: *o}, nil
	case o.SpecVersion != "" && o.SpecVersion != "2.0":
		return Upgraded{}, o.fault(fmt.Errorf("%w: spec_version is %s, it must be 2.0 or 2.1", ErrProperty, printable(o.SpecVersion)))
	}
	u := upgrade{from: o}
	var ok bool
	switch u.pieces, ok = split(o.Raw); {
	case crowded(o.Raw, ok) && len(o.Raw) > maxPieces:
		return Upgraded{}, o.fault(errCrowded("the object"))
	case !ok || len(u.pieces) == 0 || u.pieces[0].name == nil:
		return Upgraded{}, o.fault(errMalformed)
	}
	if err := u.convert(); err != nil {
		return Upgraded{}, o.fault(err)
	}
	to, err := parseOwn(joined(u.pieces, len(o.Raw)+256))
	if err != nil {
		return Upgraded{}, o.fault(err)
	}
	return Upgraded{Object: to, Extracted: u.extracted, Changes: u.changes, places: u.places}, nil
}

// parseOwn is Parse of bytes that nobody else has, nested no deeper than an object that was parsed.
func parseOwn(raw []byte) (Object, error) {
	p := parserPool.Get().(*parser)
	defer parserPool.Put(p)
	o, err := p.parse(raw)
	p.release()
	if err != nil {
		return Object{}, err.Err
	}
	return o, nil
}

// upgrade is the conversion of one object.
type upgrade struct {
	from      *Object
	pieces    []piece // of the object, as far as it is converted
	extracted []Object
	places    []string // where they were
	changes   []Change
	// moved maps selectors to what marks the same now. What began with labels or objects and is not among them cannot be followed.
	moved        map[string][]string
	labelsMoved  bool
	objectsMoved []string // to these properties
}

func (u *upgrade) changed(code, pointer, text string) {
	if u.changes == nil {
		u.changes = make([]Change, 0, 4)
	}
	u.changes = append(u.changes, Change{code, pointer, text})
}

// follow notes that what a selector names has moved.
func (u *upgrade) follow(selector string, to ...string) {
	if len(u.from.GranularMarkings) == 0 {
		return
	}
	if u.moved == nil {
		u.moved = map[string][]string{}
	}
	u.moved[selector] = to
}

func (u *upgrade) convert() error {
	u.specVersion()
	u.precise("created", u.from.Created)
	u.precise("modified", u.from.Modified)
	if err := u.referenceHashes(); err != nil {
		return err
	}
	u.nowDefined()
	switch u.from.Type {
	case "indicator":
		u.labels("indicator_types")
		u.pattern()
	case "malware":
		u.labels("malware_types")
		u.family()
	case "report":
		u.labels("report_types")
	case "threat-actor":
		u.labels("threat_actor_types")
	case "tool":
		u.labels("tool_types")
	case "identity":
		if err := u.sectors(); err != nil {
			return err
		}
	case "marking-definition":
		u.markingName()
	case "observed-data":
		if err := u.observed(); err != nil {
			return err
		}
	}
	u.selectors()
	return nil
}

func (u *upgrade) specVersion() {
	if i := find(u.pieces, "spec_version"); i >= 0 {
		u.pieces[i].value = []byte(`"2.1"`)
		u.changed(ChangeSpecVersion, "/spec_version", "spec_version is 2.1")
		return
	}
	u.pieces = insert(u.pieces, max(0, find(u.pieces, "type")), "spec_version", []byte(`"2.1"`))
	u.changed(ChangeSpecVersion, "", "spec_version is 2.1")
}

// precise gives a timestamp the three digits of a second that both versions demand.
func (u *upgrade) precise(name string, t Timestamp) {
	if t.IsZero() || t.digits >= 3 {
		return
	}
	i := find(u.pieces, name)
	if i < 0 {
		return
	}
	s := strings.TrimSuffix(t.String(), "Z")
	if t.digits == 0 {
		s += "."
	}
	s += "000"[t.digits:] + "Z"
	u.pieces[i].value = quoted(s)
	u.changed(ChangePrecision, "/"+name, name+" is "+s)
}

// referenceHashes names the hashes in external_references as STIX 2.1 does.
func (u *upgrade) referenceHashes() error {
	i := find(u.pieces, "external_references")
	if i < 0 || !mayHold(u.pieces[i].value, "hashes") {
		return nil
	}
	list, ok := split(u.pieces[i].value)
	if crowded(u.pieces[i].value, ok) {
		return errCrowded("external_references")
	}
	touched := false
	for j := range list {
		v, err := u.referenceHash(list[j].value, strconv.Itoa(j))
		if err != nil {
			return err
		}
		if v != nil {
			list[j].value, touched = v, true
		}
	}
	if touched {
		u.pieces[i].value = joined(list, 0)
	}
	return nil
}

// referenceHash is one external reference, nil if it stays.
func (u *upgrade) referenceHash(v []byte, index string) ([]byte, error) {
	ref, ok := split(v)
	if crowded(v, ok) {
		return nil, errCrowded("external_references")
	}
	h := find(ref, "hashes")
	if h < 0 {
		return nil, nil
	}
	to, ok := renamedHashes(ref[h].value, func(from, to string) {
		at := "external_references.[" + index + "].hashes."
		u.follow(at+from, at+to)
		u.changed(ChangeHashName, "/external_references/"+index+"/hashes/"+escaped(from), "the hash "+printable(from)+" is called "+to)
	})
	switch {
	case !ok:
		return nil, errCrowded("hashes")
	case to == nil:
		return nil, nil
	}
	ref[h].value = to
	return joined(ref, 0), nil
}

// mayHold reports whether a value may contain a member of this name, however it is written.
func mayHold(value []byte, name string) bool {
	return bytes.Contains(value, []byte(name)) || bytes.Contains(value, []byte(`\u`))
}
