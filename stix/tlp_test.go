package stix_test

import (
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

func TestTLP(t *testing.T) {
	levels := []struct {
		tlp          stix.TLP
		name, label  string
		one, another string // ids of TLP 1 and 2.0
	}{
		{stix.TLPClear, "clear", "TLP:CLEAR", "613f2e26-407d-48c7-9eca-b8e91df99dc9", "94868c89-83c2-464b-929b-a1a8aa3c8487"},
		{stix.TLPGreen, "green", "TLP:GREEN", "34098fce-860f-48ae-8e50-ebd3cc5e41da", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
		{stix.TLPAmber, "amber", "TLP:AMBER", "f88d31f6-486f-44da-b317-01333bde0b82", "55d920b0-5e8b-4f79-9ee9-91f868d9b421"},
		{stix.TLPAmberStrict, "amber+strict", "TLP:AMBER+STRICT", "", "939a9414-2ddd-4d32-a0cd-375ea402b003"},
		{stix.TLPRed, "red", "TLP:RED", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "e828b379-4e03-4974-9ac4-e53a884c97c1"},
	}
	last := stix.TLPNone
	for _, l := range levels {
		if l.tlp <= last {
			t.Errorf("%v is not stricter than %v", l.tlp, last)
		}
		last = l.tlp
		if l.tlp.String() != l.name || l.tlp.Label() != l.label {
			t.Errorf("%v, %s", l.tlp, l.tlp.Label())
		}
		for _, s := range []string{l.name, l.label, "tlp:" + l.name} {
			if got, err := stix.ParseTLP(s); err != nil || got != l.tlp {
				t.Errorf("%s: got %v, %v", s, got, err)
			}
		}
		const md = "marking-definition--"
		if stix.TLPOf(md+strings.ToUpper(l.another)) != l.tlp || l.one != "" && stix.TLPOf(md+strings.ToUpper(l.one)) != l.tlp {
			t.Errorf("%v is not known in upper case", l.tlp)
		}
		if l.one != "" && stix.TLPOf(md+l.one) != l.tlp {
			t.Errorf("TLP 1 %v is not known", l.tlp)
		}
		if stix.TLPOf(md+l.another) != l.tlp || l.tlp.MarkingID() != md+l.another {
			t.Errorf("TLP 2.0 %v is not known", l.tlp)
		}
	}
	if got, err := stix.ParseTLP("Tlp:White"); err != nil || got != stix.TLPClear {
		t.Errorf("white: %v, %v", got, err)
	}
	for _, bad := range []string{"", "tlp:", "TLP", "none", "amber strict", "amber+", " red", "tlp:tlp:red", "TLP RED"} {
		if got, err := stix.ParseTLP(bad); err == nil || got != stix.TLPNone {
			t.Errorf("%q: got %v", bad, got)
		}
	}
	for _, id := range []string{"", "613f2e26-407d-48c7-9eca-b8e91df99dc9", "identity--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"} {
		if stix.TLPOf(id) != stix.TLPNone {
			t.Errorf("%s is no marking", id)
		}
	}
	if stix.TLPNone.Label() != "" || stix.TLPNone.MarkingID() != "" || stix.TLPNone.String() != "none" || stix.TLP(9).String() != "TLP(9)" {
		t.Error("TLPNone is called something")
	}
}
