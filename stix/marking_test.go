package stix_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

const (
	markingID = "marking-definition--33333333-3333-4333-8333-333333333333"
	acsExt    = "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce"
	tlpExt    = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
	iepExt    = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"
)

func markingOf(id, members string) string {
	return `{"type":"marking-definition","spec_version":"2.1","id":"` + id + `","created":"2026-01-01T00:00:00Z"` + members + `}`
}

func acsOf(members string) string {
	return markingOf(markingID, `,"extensions":{"`+acsExt+`":{`+members+`}}`)
}

// acsHead is all that is required except control_set.
const acsHead = `"extension_type":"property-extension","identifier":"isa:guide.1","create_date_time":"2026-01-01T00:00:00Z",` +
	`"responsible_entity_custodian":"USA.DHS",` +
	`"policy_reference":"urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit"`

func TestParseMarking(t *testing.T) {
	red1, red2 := "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", stix.TLPRed.MarkingID()
	statement := `,"definition_type":"statement","definition":{"statement":"Copyright"}`
	u := &stix.ACS{Classification: "U"}
	for raw, want := range map[string]stix.Marking{
		// TLP by its id, and what contradicts it.
		markingOf(red1, `,"definition_type":"tlp","definition":{"tlp":"red"},"name":"TLP:RED"`):                 {TLP: stix.TLPRed},
		markingOf(red2, `,"extensions":{"`+tlpExt+`":{"extension_type":"property-extension","tlp_2_0":"red"}}`): {TLP: stix.TLPRed},
		markingOf(red2, ``): {TLP: stix.TLPRed},
		markingOf(red1, `,"definition_type":"tlp","definition":{"tlp":"green"}`):                              {Unknown: true},
		markingOf(red1, `,"definition_type":"tlp","definition":{"tlp":"red"},"extensions":{"`+iepExt+`":{}}`): {Unknown: true},
		markingOf(red1, statement): {Unknown: true},
		markingOf(red2, `,"extensions":{"`+tlpExt+`":{"tlp_2_0":"clear"}}`):           {Unknown: true},
		markingOf(red2, `,"extensions":{"`+tlpExt+`":{"tlp_2_0":"red","more":1}}`):    {Unknown: true},
		markingOf(markingID, `,"definition_type":"tlp","definition":{"tlp":"clear"}`): {Unknown: true},
		markingOf(markingID, `,"extensions":{"`+tlpExt+`":{"tlp_2_0":"clear"}}`):      {Unknown: true},
		// Statements, with and without spec_version.
		markingOf(markingID, statement): {Statement: true},
		strings.Replace(markingOf(markingID, statement), `"spec_version":"2.1",`, "", 1):                {Statement: true},
		markingOf(markingID, statement+`,"x_domains":["a"],"created_by_ref":"`+ident+`","name":"n"`):    {Statement: true},
		markingOf(markingID, statement+`,"restriction":"none"`):                                         {Unknown: true},
		markingOf(markingID, statement+`,"extensions":{"`+iepExt+`":{}}`):                               {Unknown: true},
		markingOf(markingID, statement+`,"extensions":[]`):                                              {Unknown: true},
		markingOf(markingID, `,"definition_type":"statement","definition":{"statement":"a","tlp":"b"}`): {Unknown: true},
		markingOf(markingID, `,"definition_type":"statement","definition":{"statement":1}`):             {Unknown: true},
		markingOf(markingID, `,"definition_type":"statement","definition":"Copyright"`):                 {Unknown: true},
		markingOf(markingID, `,"definition_type":"statement"`):                                          {Unknown: true},
		markingOf(markingID, `,"definition_type":["statement"],"definition":{"statement":"a"}`):         {Unknown: true},
		markingOf(markingID, `,"definition":{"statement":"a"}`):                                         {Unknown: true},
		markingOf(markingID, `,"definition_type":"pap","definition":{"pap":"red"}`):                     {Unknown: true},
		markingOf(markingID, ``):                                {Unknown: true},
		markingOf(markingID, `,"extensions":{}`):                {Unknown: true},
		markingOf(markingID, `,"extensions":{"`+iepExt+`":{}}`): {Unknown: true},
		// ACS.
		acsOf(acsHead + `,"control_set":{"classification":"U"}`): {ACS: u},
		acsOf(acsHead + `,"control_set":{"classification":"U"},"name":"n","responsible_entity_originator":"USA.DHS",` +
			`"original_classification":{"classified_by":"x"},"derivative_classification":{},"declassification":{},"public_release":{}`): {ACS: u},
		acsOf(acsHead + `,"control_set":{"classification":"TS","permitted_nationalities":["USA","JPN"]}`): {
			ACS: &stix.ACS{Classification: "TS", PermittedNationalities: []string{"USA", "JPN"}},
		},
		acsOf(acsHead + `,"control_set":{"classification":"S","entity":[],"caveat":["FISA"],"formal_determination":["PUBREL"]},` +
			`"access_privilege":[],"further_sharing":{},"entity":1,"resource_disposition":{},"authority_reference":["urn:isa:authority:ais"]`): {
			ACS: &stix.ACS{Classification: "S", Others: []string{
				"access_privilege", "authority_reference", "caveat", "entity", "formal_determination", "further_sharing", "resource_disposition",
			}},
		},
		acsOf(strings.Replace(acsHead, "sharedefault=permit", "sharedefault=deny", 1) + `,"control_set":{"classification":"U"}`): {
			ACS: &stix.ACS{Classification: "U", Others: []string{"policy_reference"}},
		},
		acsOf(acsHead): {Unknown: true},
		acsOf(`"control_set":{"classification":"U"}`):                                                                           {Unknown: true},
		acsOf(acsHead + `,"control_set":{}`):                                                                                    {Unknown: true},
		acsOf(acsHead + `,"control_set":[]`):                                                                                    {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"u"}`):                                                                {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":["U"]}`):                                                              {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"U","caveat":null}`):                                                  {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"U","permitted_nationalities":[]}`):                                   {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"U","permitted_nationalities":"JPN"}`):                                {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"U","permitted_nationalities":null}`):                                 {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"U","permitted_nationalities":["JPN",1]}`):                            {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"U"},"access_privilege":null`):                                        {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"U"},"name":{}`):                                                      {Unknown: true},
		acsOf(acsHead + `,"control_set":{"classification":"U"},"declassification":"now"`):                                       {Unknown: true},
		acsOf(strings.Replace(acsHead, "property-", "toplevel-", 1) + `,"control_set":{"classification":"U"}`):                  {Unknown: true},
		acsOf(strings.Replace(acsHead, "2026-01-01T", "2026-13-01T", 1) + `,"control_set":{"classification":"U"}`):              {Unknown: true},
		markingOf(markingID, `,"extensions":{"`+acsExt+`":[]}`):                                                                 {Unknown: true},
		markingOf(markingID, statement+`,"extensions":{"`+acsExt+`":{`+acsHead+`,"control_set":{"classification":"U"}}}`):       {Unknown: true},
		markingOf(markingID, `,"extensions":{"`+acsExt+`":{`+acsHead+`,"control_set":{"classification":"U"}},"`+iepExt+`":{}}`): {Unknown: true},
		markingOf(red2, `,"extensions":{"`+acsExt+`":{`+acsHead+`,"control_set":{"classification":"U"}}}`):                      {Unknown: true},
	} {
		got, err := stix.ParseMarking([]byte(raw))
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		want.ID = got.ID
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n\tgot  %+v %+v\n\twant %+v %+v", raw, got, got.ACS, want, want.ACS)
		}
	}
}

func TestParseMarkingErrors(t *testing.T) {
	if _, err := stix.ParseMarking([]byte(`{"type":"tool","id":"` + tool + `"}`)); !errors.Is(err, stix.ErrNotObject) {
		t.Error(err)
	}
	if _, err := stix.ParseMarking([]byte(`{`)); !errors.Is(err, stix.ErrSyntax) {
		t.Error(err)
	}
}

// TestRealMarkings reads every marking-definition of the real data.
func TestRealMarkings(t *testing.T) {
	seen := map[string]int{}
	realFiles(t, func(name string, content []byte) {
		all, _, _ := readAll(stix.NewReader(bytes.NewReader(content)))
		for _, o := range all {
			if o.Type != "marking-definition" {
				continue
			}
			m, err := stix.ParseMarking(o.Raw)
			switch {
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case m.Unknown:
				seen["unknown"]++
				t.Logf("%s: %s is unknown", name, o.ID)
			case m.ACS != nil:
				seen["acs"]++
				t.Logf("%s: %+v", name, *m.ACS)
			case m.Statement:
				seen["statement"]++
			default:
				seen[m.TLP.Label()]++
			}
		}
	})
	t.Log(seen)
	if seen["acs"] == 0 || seen["statement"] == 0 || seen["TLP:AMBER"] == 0 {
		t.Error("too few kinds were found")
	}
}
