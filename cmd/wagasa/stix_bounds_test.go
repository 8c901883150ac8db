package main

import (
	"fmt"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

func parsed(t *testing.T, raw string) *stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return &o
}

const times = `"spec_version":"2.1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"`

func TestTranslationsAreBounded(t *testing.T) {
	content := parsed(t, `{"type":"language-content","id":"language-content--00000000-0000-4000-8000-000000000001",`+times+
		`,"object_ref":"campaign--00000000-0000-4000-8000-000000000002","contents":{"fr":{"objective":"rester au sec"}}}`)
	campaign := parsed(t, `{"type":"campaign","id":"campaign--00000000-0000-4000-8000-000000000002",`+times+`,"name":"umbrella"}`)
	for _, tt := range []struct {
		name           string
		before         translations
		findings, left int
	}{
		{"within", translations{}, 1, 0},
		{"contents", translations{kept: keptContents}, 0, 1},
		{"targets", translations{held: keptTargets}, 0, 1},
		{"work", translations{read: readTranslating + 1}, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, findings := tt.before, 0
			all.keep(0, content)
			all.offer(campaign)
			for _, c := range all.contents {
				findings += len(all.judge(c))
			}
			if findings != tt.findings || all.left != tt.left {
				t.Errorf("%d findings and %d left, want %d and %d", findings, all.left, tt.findings, tt.left)
			}
		})
	}
}

func TestNamesAreBounded(t *testing.T) {
	var n names
	for i := range keptNames / 200 {
		n.keep(fmt.Sprintf("tool--00000000-0000-4000-8000-%012d", i), name{title: "tool"})
	}
	if n.bytes > keptNames || n.bytes < keptNames*9/10 || len(n.known) > keptNames/200 {
		t.Errorf("%d names of %d bytes", len(n.known), n.bytes)
	}
}
