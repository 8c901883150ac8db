package author

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
	"github.com/wagasa/wagasa/stix/vocab"
)

// Author writes objects of one node.
type Author struct {
	Store  store.Store
	Ingest *ingest.Ingest
	Now    func() time.Time
}

// self is the identity that is named as the creator.
func (a *Author) self() string { return string(a.Ingest.Self) }

// Draft is objects that could be submitted. It does not change.
type Draft struct {
	Objects    []stix.Object // indicators, vulnerabilities and relationships, then the report that refers to all; or a single object
	Main       string        // the id of the report, or of the single object
	TLP        stix.TLP
	Precedence store.Precedence

	key, content string
	arrivals     []ingest.Arrival
	base         *store.Variant // the version that it follows on, of a new version
}

// Draft makes objects of candidates, selected or not: an indicator of each that can be observed, a vulnerability of each CVE id that the store does not
// have, a relationship from each indicator to each of Choices.Indicates, and a report that refers to all of it and to what the store has of
// the names and ids among the candidates.
func (a *Author) Draft(ctx context.Context, selected []Candidate, c Choices) (*Draft, error) {
	now := a.Now().UTC().Truncate(time.Millisecond)
	if err := c.check(now); err != nil {
		return nil, err
	}
	if err := checkCandidates(selected); err != nil {
		return nil, err
	}
	c.Indicates = slices.Compact(slices.Sorted(slices.Values(c.Indicates)))
	d := &drafter{choices: c, self: a.self(), now: stix.TimestampOf(now), validator: a.Ingest.Validator(), seen: map[string]bool{}}
	err := a.Store.View(ctx, func(tx store.Tx) error { return d.check(tx, selected) })
	if err != nil {
		return nil, err
	}
	if err := d.draft(selected); err != nil {
		return nil, err
	}
	return d.finish(selected)
}

// drafter makes one draft.
type drafter struct {
	choices   Choices
	self      string
	now       stix.Timestamp
	validator *stix.Validator
	objects   []stix.Object
	refs      []string // of the report
	seen      map[string]bool
	indicated bool
}

// indicated says what an indicator may indicate (STIX 2.1 section 4.7.3).
var indicates = map[string]bool{
	"attack-pattern": true, "campaign": true, "infrastructure": true, "intrusion-set": true, "malware": true, "threat-actor": true, "tool": true,
}

// checkCandidates refuses what no text can have given: a caller may have made candidates of what a browser sent.
func checkCandidates(selected []Candidate) error {
	for i := range selected {
		c := &selected[i]
		switch {
		case !slices.Contains(Kinds[:], c.Kind), c.Value == "", len(c.Value) > 2*maxURL, strings.ContainsFunc(c.Value, unprintable):
		case c.Kind == CVE && !isCVE(c.Value):
		default:
			continue
		}
		return refuse(fault.Invalid, "author.bad-candidate", strconv.Itoa(i+1))
	}
	return nil
}

func isCVE(value string) bool {
	found, _ := (&finder{v: newView(value)}).cveAt(0)
	return found == value
}

// check refuses references to what the store does not hold, and drafts that would be too large.
func (d *drafter) check(tx store.Tx, selected []Candidate) error {
	count := 1
	for i := range selected {
		count++
		if selected[i].Kind.Observable() {
			count += len(d.choices.Indicates)
		}
	}
	if count > MaxObjects {
		return refuse(fault.Invalid, "author.too-many", strconv.Itoa(count), strconv.Itoa(MaxObjects))
	}
	wanted := slices.Clone(d.choices.Indicates)
	for i := range selected {
		for _, r := range selected[i].Refs {
			wanted = append(wanted, r.ID)
		}
	}
	found, err := tx.Objects().Variants(wanted)
	if err != nil {
		return fmt.Errorf("what the draft refers to: %w", err)
	}
	types := map[string]string{}
	for i := range found {
		if v := &found[i]; v.Current && !v.Revoked {
			types[v.ID] = v.Type
		}
	}
	for _, id := range wanted {
		if types[id] == "" {
			return refuse(fault.NotFound, "author.not-here", id)
		}
	}
	for _, id := range d.choices.Indicates {
		if !indicates[types[id]] {
			return refuse(fault.Invalid, "author.not-indicated", id)
		}
	}
	return nil
}

// id is that of an object of the draft. It is a digest of the draft's key, which is random: so it is as good as random, and the same each time.
func (d *drafter) id(typ, what string) string {
	return idOf(typ, d.self, d.choices.Key, what)
}

func idOf(typ string, parts ...string) string {
	h := sha256.New()
	for _, p := range append([]string{"wagasa author", typ}, parts...) {
		fmt.Fprintf(h, "%d %s\n", len(p), p)
	}
	sum := h.Sum(nil)
	sum[6], sum[8] = sum[6]&0x0F|0x40, sum[8]&0x3F|0x80 // RFC 9562: random
	x := hex.EncodeToString(sum[:16])
	return typ + "--" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

func (d *drafter) draft(selected []Candidate) error {
	for i := range selected {
		c := &selected[i]
		if err := d.candidate(c); err != nil {
			return fmt.Errorf("draft of %s %q: %w", c.Kind, c.Value, err)
		}
	}
	if len(d.refs) == 0 {
		return refuse(fault.Invalid, "author.nothing")
	}
	for _, id := range d.choices.Indicates {
		d.refer(id)
	}
	if err := d.report(); err != nil {
		return fmt.Errorf("draft of the report: %w", err)
	}
	return nil
}

func (d *drafter) refer(id string) {
	if !d.seen[id] {
		d.seen[id] = true
		d.refs = append(d.refs, id)
	}
}

// candidate adds what is made of one.
func (d *drafter) candidate(c *Candidate) error {
	switch {
	case c.Kind.Observable():
		return d.indicator(c)
	case c.Kind == CVE && len(c.Refs) == 0:
		return d.vulnerability(c)
	}
	for _, r := range c.Refs {
		d.refer(r.ID)
	}
	return nil
}

// add takes a built object, unless it is there. What is not valid is a defect of this package.
func (d *drafter) add(o stix.Object, err error) error {
	if err != nil {
		return err
	}
	if !d.seen[o.ID] {
		d.objects = append(d.objects, o)
		d.refer(o.ID)
	}
	return nil
}

// domainBuilder is what builders of domain objects and relationships have in common.
type domainBuilder[B any] interface {
	ID(string) B
	CreatedByRef(string) B
	Created(stix.Timestamp) B
	Modified(stix.Timestamp) B
	ObjectMarkingRefs(...string) B
	Labels(...string) B
	Confidence(int64) B
	Validator(*stix.Validator) B
}

// common sets what all objects of a draft have in common.
func common[B domainBuilder[B]](d *drafter, b B, id string) B {
	b.ID(id).CreatedByRef(d.self).Created(d.now).Modified(d.now).ObjectMarkingRefs(d.choices.TLP.MarkingID()).Validator(d.validator)
	if d.choices.Confidence != NoConfidence {
		b.Confidence(int64(d.choices.Confidence))
	}
	return b.Labels(d.choices.Labels...)
}

func (d *drafter) indicator(c *Candidate) error {
	from, until := d.choices.span(d.now.Time())
	id := d.id("indicator", string(c.Kind)+" "+c.Value)
	if d.seen[id] {
		return nil
	}
	b := common(d, typed.NewIndicator(), id).Name(c.Value).IndicatorTypes(vocab.IndicatorTypeMaliciousActivity).
		Pattern(patternOf(c, d.choices.Ports)).PatternType(vocab.PatternTypeSTIX).PatternVersion("2.1").ValidFrom(stix.TimestampOf(from))
	if !until.IsZero() {
		b.ValidUntil(stix.TimestampOf(until))
	}
	if err := d.add(b.Build()); err != nil {
		return err
	}
	d.indicated = true
	for _, target := range d.choices.Indicates {
		r := common(d, typed.NewRelationship(), d.id("relationship", id+" "+target)).RelationshipType("indicates").SourceRef(id).TargetRef(target)
		if err := d.add(r.Build()); err != nil {
			return err
		}
	}
	return nil
}

func (d *drafter) vulnerability(c *Candidate) error {
	ref := typed.NewExternalReference().SourceName("cve").ExternalID(c.Value)
	return d.add(common(d, typed.NewVulnerability(), d.id("vulnerability", c.Value)).Name(c.Value).ExternalReferences(ref).Build())
}

// said sets a property that need not be there: an empty one would say something.
func said[B any](text string, set func(string) B) {
	if text != "" {
		set(text)
	}
}

func (d *drafter) report() error {
	b := common(d, typed.NewReport(), d.id("report", "")).Name(d.choices.Title).Published(d.now).ObjectRefs(d.refs...)
	said(d.choices.Description, b.Description)
	said(d.choices.Lang, b.Lang)
	if d.indicated {
		b.ReportTypes(vocab.ReportTypeIndicator)
	} else {
		b.ReportTypes(vocab.ReportTypeThreatReport)
	}
	return d.add(b.Build())
}

// finish prepares what was drafted to be taken in.
func (d *drafter) finish(selected []Candidate) (*Draft, error) {
	draft, err := prepare(d.objects, d.validator, d.choices.TLP, d.choices.Precedence)
	if err != nil {
		return nil, err
	}
	draft.key, draft.content = d.choices.Key, content(selected, d.choices)
	return draft, nil
}

// prepare makes a draft of objects; the last is the main one.
func prepare(objects []stix.Object, v *stix.Validator, tlp stix.TLP, precedence store.Precedence) (*Draft, error) {
	draft := &Draft{Objects: objects, Main: objects[len(objects)-1].ID, TLP: tlp, Precedence: precedence}
	for i := range objects {
		a, err := ingest.Prepare(objects[i], v)
		if err != nil {
			return nil, fmt.Errorf("draft: %w", err)
		}
		if a.Broken() {
			return nil, fmt.Errorf("draft: %w", &ingest.BrokenError{ID: objects[i].ID, Findings: a.Findings})
		}
		a.TLP, a.Precedence = tlp, precedence
		draft.arrivals = append(draft.arrivals, a)
	}
	return draft, nil
}

// content is a digest of what is drafted and how, without the key: by it a second submission by accident is known.
func content(selected []Candidate, c Choices) string {
	type item struct {
		Kind  Kind
		Value string
		Refs  []Ref
		Ports []uint16
	}
	c.Key = ""
	var items []item
	for i := range selected {
		items = append(items, item{selected[i].Kind, selected[i].Value, selected[i].Refs, selected[i].Ports})
	}
	text, err := json.Marshal(struct {
		Choices Choices
		Items   []item
	}{c, items})
	if err != nil {
		panic(err) // our own plain structs
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
