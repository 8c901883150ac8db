package spec

import (
	"slices"
	"strings"
	"testing"
)

// contributing are the properties that the deterministic id of an SCO is made from (section 6, "ID Contributing Properties").
var contributing = map[string]string{
	"artifact":             "hashes payload_bin",
	"autonomous-system":    "number",
	"directory":            "path",
	"domain-name":          "value",
	"email-addr":           "value",
	"email-message":        "from_ref subject body",
	"file":                 "hashes name extensions parent_directory_ref",
	"ipv4-addr":            "value",
	"ipv6-addr":            "value",
	"mac-addr":             "value",
	"mutex":                "name",
	"network-traffic":      "start end src_ref dst_ref src_port dst_port protocols extensions",
	"process":              "",
	"software":             "name cpe swid vendor version",
	"url":                  "value",
	"user-account":         "account_type user_id account_login",
	"windows-registry-key": "key values",
	"x509-certificate":     "hashes serial_number",
}

func TestContributing(t *testing.T) {
	if len(observableObjects) != 18 {
		t.Errorf("%d SCOs, the standard has 18", len(observableObjects))
	}
	for _, s := range Standard.Objects() {
		var got []string
		for _, p := range s.Properties {
			if p.Contributing {
				got = append(got, p.Name)
			}
		}
		list, ok := contributing[s.Name]
		if ok != (s.Class == Observable) {
			t.Errorf("%s is no SCO in the table, or none here", s.Name)
		}
		want := strings.Fields(list)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("the id of %s follows from %v, want %v", s.Name, got, want)
		}
	}
}

// TestObservableRows holds what all SCOs, and the structs of their extensions, have in common.
func TestObservableRows(t *testing.T) {
	for i, s := range observableObjects {
		if int(s.ID) != 61+i || i > 0 && s.Name <= observableObjects[i-1].Name || s.V20 {
			t.Errorf("%s stands at %d with the number %d", s.Name, i+1, s.ID)
		}
		for _, name := range []string{"id", "type"} {
			if p := s.Property(name); p == nil || !p.Required {
				t.Errorf("%s: %s is not required", s.Name, name)
			}
		}
		for _, name := range []string{"created", "modified", "labels", "created_by_ref"} {
			if s.Property(name) != nil {
				t.Errorf("%s: an SCO has no %s", s.Name, name)
			}
		}
		if p := s.Property("spec_version"); p.Required || p.Fixed != "2.1" {
			t.Errorf("%s: spec_version is %+v", s.Name, *p)
		}
		ownNumbers(t, s)
	}
	for i, e := range predefinedExtensions {
		if e.Members == nil || int(e.Members.ID) != 130+i || len(e.Extends) != 1 || e.Types != nil || !strings.HasSuffix(e.ID, "-ext") {
			t.Errorf("the extension %s is not as the others are: %+v", e.ID, e)
			continue
		}
		ownNumbers(t, e.Members)
	}
	if len(predefinedExtensions) != 12 {
		t.Errorf("%d predefined extensions, section 6 has 12", len(predefinedExtensions))
	}
}

// ownNumbers holds that own properties are numbered from 32 without a gap.
func ownNumbers(t *testing.T, s *Struct) {
	t.Helper()
	own := uint16(32)
	for _, p := range s.Properties {
		if p.ID < 32 {
			continue
		}
		if p.ID != own {
			t.Errorf("%s.%s has the number %d, want %d", s.Name, p.Name, p.ID, own)
		}
		own++
	}
}

// TestObservableConstraints holds rules by example: for each struct, sets of properties that break a rule of presence or do not.
func TestObservableConstraints(t *testing.T) {
	row := func(name string) *Struct {
		if e := Standard.Extension(name); e != nil {
			return e.Members
		}
		s, _ := Standard.Lookup(name)
		return s
	}
	for _, c := range []struct {
		name, has string
		ok        bool
	}{
		{"artifact", "payload_bin", true},
		{"artifact", "payload_bin hashes", true},
		{"artifact", "url hashes", true},
		{"artifact", "url", false},
		{"artifact", "payload_bin url hashes", false},
		{"artifact", "hashes", false},
		{"artifact", "payload_bin decryption_key", false},
		{"artifact", "payload_bin decryption_key encryption_algorithm", true},
		{"email-message", "is_multipart=true body_multipart", true},
		{"email-message", "is_multipart=true body", false},
		{"email-message", "is_multipart=false body", true},
		{"email-message", "is_multipart=false body_multipart", false},
		{"file", "name", true},
		{"file", "hashes", true},
		{"file", "size mime_type extensions", false},
		{"network-traffic", "src_ref", true},
		{"network-traffic", "src_port dst_port", false},
		{"network-traffic", "dst_ref is_active=true start", true},
		{"network-traffic", "dst_ref is_active=true end", false},
		{"network-traffic", "dst_ref is_active=false end", true},
		{"process", "extensions", true},
		{"process", "created_time", true},
		{"process", "defanged", false},
		{"user-account", "can_escalate_privs", true},
		{"user-account", "", false},
		{"windows-registry-key", "modified_time", true},
		{"windows-registry-key", "extensions", false},
		{"x509-certificate", "is_self_signed", true},
		{"x509-certificate", "", false},
		{"windows-pebinary-ext", "pe_type", false},
		{"windows-pebinary-ext", "pe_type sections", true},
		{"windows-process-ext", "integrity_level", true},
		{"tcp-ext", "", false},
		{"monetary-ext", "variety", true},
		{"monetary-ext", "variety min_amount currency", false},
		{"monetary-ext", "variety currency currency_actual conversion_rate conversion_time", true},
		{"monetary-ext", "variety conversion_rate conversion_time", false},
		{"confidentiality-ext", "loss_type=none", true},
		{"confidentiality-ext", "loss_type=contained", false},
		{"confidentiality-ext", "loss_type=contained information_type", true},
	} {
		s := row(c.name)
		has := map[string]string{}
		for _, word := range strings.Fields(c.has) {
			prop, value, _ := strings.Cut(word, "=")
			if has[prop] = value; s.Property(prop) == nil {
				t.Errorf("%s has no %s", c.name, prop)
			}
		}
		if got := presence(s, has); got != c.ok {
			t.Errorf("%s with %s: %t", c.name, c.has, got)
		}
	}
}

// presence reports whether the rules about presence hold for a set of properties, with the values of some.
func presence(s *Struct, has map[string]string) bool {
	for _, r := range s.Rules {
		if r.When != nil && has[r.When.Prop] != r.When.Value {
			continue
		}
		n := 0
		for _, p := range r.Props {
			if _, ok := has[p]; ok {
				n++
			}
		}
		var first bool
		if len(r.Props) > 0 {
			_, first = has[r.Props[0]]
		}
		switch {
		case r.Op == AtLeastOne && n == 0, r.Op == ExactlyOne && n != 1, r.Op == AtMostOne && n > 1:
			return false
		case r.Op == Requires && first && n < len(r.Props), r.Op == Forbids && first && n > 1:
			return false
		}
	}
	return true
}
