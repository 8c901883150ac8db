package stix_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/wagasa/wagasa/stix"
)

const harbour = `{"type": "campaign", "spec_version": "2.1", "id": "campaign--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a03",
 "created": "2026-04-01T09:00:00.000Z", "modified": "2026-04-01T09:00:00.000Z",
 "name": "Harbour", "description": "Phishing of port authorities", "aliases": ["Quay", "Pier"]}`

func ExampleAddMarkings() {
	o, _ := stix.Parse([]byte(harbour))
	o, err := o.Apply(
		stix.AddMarkings("", stix.TLPGreen.MarkingID()),
		stix.AddMarkings("description", stix.TLPAmber.MarkingID()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	direct, _ := o.Markings("description")
	all, _ := o.Markings("description", stix.Inherited)
	fmt.Println(len(direct), len(all))

	_, err = o.Apply(stix.AddMarkings("aliases.[2]", stix.TLPRed.MarkingID()))
	fmt.Println(errors.Is(err, stix.ErrSelector))
	// Output:
	// 1 2
	// true
}

func ExampleNewVersion() {
	o, _ := stix.Parse([]byte(harbour))
	next, err := stix.NewVersion(o, time.Date(2026, 4, 2, 9, 0, 0, 0, time.UTC),
		stix.Set("/aliases/-", "Jetty"),
		stix.Set("/first_seen", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)),
		stix.SetMarkings("", stix.TLPGreen.MarkingID()))
	fmt.Println(string(next.Raw), err)

	last, _ := stix.Revoke(next, next.Modified.Time().Add(time.Hour))
	_, err = stix.NewVersion(last, last.Modified.Time().Add(time.Hour))
	fmt.Println(last.Revoked, err)
	// Output:
	// {"type": "campaign", "spec_version": "2.1", "id": "campaign--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a03",
	//  "created": "2026-04-01T09:00:00.000Z", "modified": "2026-04-02T09:00:00.000Z",
	//  "name": "Harbour", "description": "Phishing of port authorities", "aliases": ["Quay", "Pier","Jetty"],"first_seen":"2026-03-01T00:00:00.000Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]} <nil>
	// true campaign--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a03: no valid version: the object is revoked
}

func ExampleObject_Effective() {
	o, _ := stix.Parse([]byte(harbour))
	o, _ = o.Apply(
		stix.AddMarkings("", stix.TLPGreen.MarkingID()),
		stix.AddMarkings("aliases", stix.TLPAmber.MarkingID(), stix.TLPRed.MarkingID()),
	)
	e := o.Effective(nil)
	for _, selector := range []string{"", "name", "aliases.[0]"} {
		f, _ := e.At(selector)
		fmt.Printf("%q %s %v\n", selector, f.TLP.Label(), f.Contradiction)
	}
	fmt.Println(e.Anywhere().TLP.Label())
	// Output:
	// "" TLP:GREEN []
	// "name" TLP:GREEN []
	// "aliases.[0]" TLP:RED [amber red]
	// TLP:RED
}

func ExampleHeader_Language() {
	o, _ := stix.Parse([]byte(harbour))
	o, _ = o.Apply(stix.SetLanguage("", "en"), stix.SetLanguage("aliases.[1]", "fr"))
	for _, selector := range []string{"name", "aliases", "aliases.[1]"} {
		lang, _ := o.Language(selector)
		fmt.Println(selector, lang)
	}
	// Output:
	// name en
	// aliases en
	// aliases.[1] fr
}
