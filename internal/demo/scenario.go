package demo

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/stix"
)

// The objects of the play. {JPN} and {USA} stand for the parties that the nodes' init made, {-90m} for a time so long before the
// play, {amber} for the marking-definition of a TLP level.
//
//go:embed scenario/*.json
var scenario embed.FS

const (
	reportFile   = "report.json"
	sightingFile = "sighting.json"
	flashFile    = "flash.json"
	narrowedFile = "narrowed.json"
)

// The objects that steps look at one by one.
const (
	statementID = "marking-definition--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b01"
	nationID    = "marking-definition--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b02"
	clearID     = "indicator--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b03"
	amberID     = "malware--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b04"
	linkID      = "relationship--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b05"
	redID       = "incident--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b06"
	jpnOnlyID   = "course-of-action--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b07"
	sightingID  = "sighting--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b08"
	flashID     = "indicator--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e1b09"
)

// part is an object of the report: how people call it, and whether it may go to USA.
type part struct {
	id   string
	name string // code of a text
	goes bool
}

// parts lists the report in the order in which it is shown.
func parts() []part {
	return []part{
		{clearID, "demo.object-clear", true},
		{amberID, "demo.object-amber", true},
		{linkID, "demo.object-link", true},
		{statementID, "demo.object-statement", true},
		{redID, "demo.object-red", false},
		{jpnOnlyID, "demo.object-jpn", false},
		{nationID, "demo.object-nation", false},
	}
}

// cast is what the scenario is filled in with.
type cast struct {
	jpn, usa string // ids of the identities
	now      time.Time
}

var ago = regexp.MustCompile(`\{-([0-9]{1,3})m\}`)

// read returns a file of the scenario, filled in.
func (c cast) read(file string) ([]byte, error) {
	b, err := scenario.ReadFile("scenario/" + file)
	if err != nil {
		return nil, err
	}
	return []byte(c.fill(string(b))), nil
}

func (c cast) fill(text string) string {
	text = strings.NewReplacer("{JPN}", c.jpn, "{USA}", c.usa,
		"{clear}", stix.TLPClear.MarkingID(), "{green}", stix.TLPGreen.MarkingID(),
		"{amber}", stix.TLPAmber.MarkingID(), "{red}", stix.TLPRed.MarkingID()).Replace(text)
	return ago.ReplaceAllStringFunc(text, func(m string) string {
		minutes, _ := strconv.Atoi(m[2 : len(m)-2]) // digits, as the expression says
		return c.ago(minutes)
	})
}

func (c cast) ago(minutes int) string {
	return c.now.Add(-time.Duration(minutes) * time.Minute).UTC().Format("2006-01-02T15:04:05.000Z")
}

// indicator is an address that the play makes by number.
type indicator struct {
	Type        string   `json:"type"`
	SpecVersion string   `json:"spec_version"`
	ID          string   `json:"id"`
	Creator     string   `json:"created_by_ref"`
	Created     string   `json:"created"`
	Modified    string   `json:"modified"`
	Name        string   `json:"name"`
	Pattern     string   `json:"pattern"`
	PatternType string   `json:"pattern_type"`
	ValidFrom   string   `json:"valid_from"`
	Markings    []string `json:"object_marking_refs"`
}

// addresses makes indicators number first to last, as JSON lines, and returns their ids.
func (c cast) addresses(first, last int) (lines []byte, ids []string, err error) {
	for n := first; n <= last; n++ {
		address := fmt.Sprintf("198.51.100.%d", n)
		i := indicator{
			Type: "indicator", SpecVersion: "2.1", ID: fmt.Sprintf("indicator--7c3f1d02-5a61-4b0e-9d3c-0c6a2f8e2%03x", n),
			Creator: c.jpn, Created: c.ago(60), Modified: c.ago(60), Name: address,
			Pattern: "[ipv4-addr:value = '" + address + "']", PatternType: "stix", ValidFrom: c.ago(60),
			Markings: []string{stix.TLPGreen.MarkingID()},
		}
		line, err := json.Marshal(i)
		if err != nil {
			return nil, nil, err
		}
		lines, ids = append(append(lines, line...), '\n'), append(ids, i.ID)
	}
	return lines, ids, nil
}

// object is an object as far as the play reads it.
type object struct {
	stix.Object
	Name     string `json:"name"`
	Count    int    `json:"count"`
	Sighting string `json:"sighting_of_ref"`
}

// parse reads objects in any shape, by id.
func parse(r io.Reader) (map[string]object, error) {
	objects := map[string]object{}
	for reader := stix.NewReader(r); ; {
		o, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		found := object{Object: o}
		var told struct {
			Name     string `json:"name"`
			Count    int    `json:"count"`
			Sighting string `json:"sighting_of_ref"`
		}
		if err := json.Unmarshal(o.Raw, &told); err != nil {
			return nil, fmt.Errorf("%s: %w", o.ID, err)
		}
		found.Name, found.Count, found.Sighting = told.Name, told.Count, told.Sighting
		objects[o.ID] = found
	}
}

// tlp is the strictest TLP that an object names, or TLPNone.
func (o object) tlp() (level stix.TLP) {
	for _, id := range o.ObjectMarkingRefs {
		level = max(level, stix.TLPOf(id))
	}
	return level
}
