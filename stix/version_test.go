package stix_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix"
)

const toolText = `{"type": "tool", "id": "tool--` + uuid + `", "created_by_ref": "` + ident + `", "spec_version": "2.1",
  "created": "2026-01-01T00:00:00.000Z",
  "modified": "2026-01-01T00:00:00.0005Z", "name": "a"}`

func TestNewVersion(t *testing.T) {
	o := parse(t, toolText)
	at := time.Date(2026, 1, 1, 0, 0, 0, 1_999_999, time.UTC)
	got, err := stix.NewVersion(o, at, stix.Set("/name", "b"), stix.AddMarkings("name", m1))
	want := strings.NewReplacer("00.0005Z", "00.001Z", `"a"`, `"b","granular_markings":[{"marking_ref":"`+m1+`","selectors":["name"]}]`).Replace(toolText)
	if err != nil || string(got.Raw) != want {
		t.Fatalf("%v\n got %s\nwant %s", err, got.Raw, want)
	}
	if string(o.Raw) != toolText || stix.CheckSuccessor(&o, &got) != nil || stix.CompareVersions(&o, &got) >= 0 || stix.CompareVersions(&got, &o) <= 0 {
		t.Error("it does not come after the other")
	}
	last, err := stix.Revoke(got, at.Add(time.Millisecond))
	if err != nil || !last.Revoked || last.Modified.String() != "2026-01-01T00:00:00.002Z" || !strings.Contains(string(last.Raw), `,"revoked":true}`) {
		t.Fatalf("%s, %v", last.Raw, err)
	}
	for name, f := range map[string]func() (stix.Object, error){
		"revoked":           func() (stix.Object, error) { return stix.NewVersion(last, at.Add(time.Hour)) },
		"revoked and again": func() (stix.Object, error) { return stix.Revoke(last, at.Add(time.Hour)) },
		"revoked and revived": func() (stix.Object, error) {
			return stix.NewVersion(last, at.Add(time.Hour), stix.Set("/revoked", false))
		},
		"the same time":  func() (stix.Object, error) { return stix.NewVersion(got, at) },
		"before":         func() (stix.Object, error) { return stix.NewVersion(o, at.Add(-time.Millisecond)) },
		"the year 9999":  func() (stix.Object, error) { return stix.NewVersion(o, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)) },
		"created":        func() (stix.Object, error) { return stix.NewVersion(o, at, stix.Set("/created", at)) },
		"no created":     func() (stix.Object, error) { return stix.NewVersion(o, at, stix.Remove("/created")) },
		"created_by_ref": func() (stix.Object, error) { return stix.NewVersion(o, at, stix.Remove("/created_by_ref")) },
		"id":             func() (stix.Object, error) { return stix.NewVersion(o, at, stix.Set("/id", "tool--"+uuid[:35]+"2")) },
		"type": func() (stix.Object, error) {
			return stix.NewVersion(o, at, stix.Set("/id", "malware--"+uuid), stix.Set("/type", "malware"))
		},
		"marking": func() (stix.Object, error) { return stix.NewVersion(parse(t, markingOf(m1, "")), at) },
		"observable": func() (stix.Object, error) {
			return stix.NewVersion(parse(t, strings.NewReplacer("tool", "file", "created_by_ref", "x").Replace(toolText)), at)
		},
		"no modified": func() (stix.Object, error) {
			return stix.NewVersion(parse(t, strings.Replace(toolText, "modified", "changed", 1)), at)
		},
	} {
		got, err := f()
		var oe *stix.ObjectError
		if !errors.Is(err, stix.ErrVersion) || !errors.As(err, &oe) || oe.ID == "" || got.Raw != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := stix.NewVersion(o, at, stix.Set("name", 1)); !errors.Is(err, stix.ErrPointer) {
		t.Error(err)
	}
}

func TestCheckSuccessor(t *testing.T) {
	was := parse(t, toolText)
	for text, want := range map[string]bool{
		strings.Replace(toolText, "00.0005Z", "00.000501Z", 1):                                                                true,
		strings.Replace(toolText, "00.0005Z", "00.00050Z", 1):                                                                 false,
		strings.Replace(toolText, "00.0005Z", "01.00Z", 1):                                                                    false,
		strings.Replace(strings.Replace(toolText, "00.0005Z", "01.000Z", 1), "00.000Z", "00Z", 1):                             true, // the same instant
		strings.Replace(strings.Replace(toolText, "00.0005Z", "01.000Z", 1), "00.000Z", "00.001Z", 1):                         false,
		strings.Replace(strings.Replace(toolText, "00.0005Z", "01.000Z", 1), "created_by_ref", "x", 1):                        false,
		strings.Replace(strings.Replace(toolText, "00.0005Z", "01.000Z", 1), `"tool"`, `"tool","revoked":true`, 1):            true,
		strings.ReplaceAll(strings.Replace(toolText, "00.0005Z", "01.000Z", 1), "tool", "malware"):                            false,
		strings.ReplaceAll(strings.Replace(toolText, "00.0005Z", "01.000Z", 1), uuid, "22222222-2222-4222-8222-22222222a222"): false,
	} {
		next := parse(t, text)
		if err := stix.CheckSuccessor(&was, &next); (err == nil) != want || err != nil && !errors.Is(err, stix.ErrVersion) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSame(t *testing.T) {
	a := parse(t, `{"type":"tool","id":"tool--`+uuid+`","n":1.0,"s":"\u0061"}`)
	for text, want := range map[string]bool{
		string(a.Raw): true,
		`{"id":"tool--` + uuid + `","type" : "tool","s":"a","n":1}`:   true,
		`{"id":"tool--` + uuid + `","type" : "tool","s":"a","n":1.1}`: false,
		`{"id":"tool--` + uuid + `","type":"tool","s":"a"}`:           false,
	} {
		b := parse(t, text)
		if got, err := stix.Same(&a, &b); got != want || err != nil {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	bad := stix.Object{Raw: []byte("{")}
	for _, pair := range [][2]*stix.Object{{&a, &bad}, {&bad, &a}, {&bad, &bad}} {
		if got, err := stix.Same(pair[0], pair[1]); got || !errors.Is(err, stix.ErrSyntax) {
			t.Errorf("%v, %v", got, err)
		}
	}
}
