package ingest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Three tools: sound; without a name, which STIX does not allow; with a property that STIX does not know.
const threeTools = `
{"type":"tool","spec_version":"2.1","id":"tool--00000001-0000-4000-8000-000000000001","created":"2026-04-01T00:00:00.000Z","modified":"2026-04-01T00:00:00.000Z","name":"umbrella"}
{"type":"tool","spec_version":"2.1","id":"tool--00000002-0000-4000-8000-000000000002","created":"2026-04-01T00:00:00.000Z","modified":"2026-04-01T00:00:00.000Z"}
{"type":"tool","spec_version":"2.1","id":"tool--00000003-0000-4000-8000-000000000003","created":"2026-04-01T00:00:00.000Z","modified":"2026-04-01T00:00:00.000Z","name":"lantern","x_colour":"vermilion"}
`

func TestAStreamIsJudged(t *testing.T) {
	h := inMemory(t)
	for _, tt := range []struct {
		must ingest.Policy
		want ingest.Counts
	}{
		{ingest.Reject, ingest.Counts{New: 2, Rejected: 1, Findings: 1}},
		{ingest.Quarantine, ingest.Counts{Known: 2, Quarantined: 1, Findings: 2}},
	} {
		h.in.Must = tt.must
		var told []string
		judged := func(id string, found []stix.Finding) {
			if len(found) == 0 || found[0].Level != stix.Must || found[0].Code != "required" {
				t.Errorf("%s: %+v", id, found)
			}
			told = append(told, id)
		}
		counts, err := h.in.Stream(t.Context(), h.store, stix.NewReader(strings.NewReader(threeTools)), ingest.Source{TLP: stix.TLPGreen}, ingest.Listener{
			Rejected: func(err error) {
				var broken *ingest.BrokenError
				if !errors.As(err, &broken) || !strings.Contains(err.Error(), "name") {
					t.Fatalf("rejected: %v", err)
				}
				judged(broken.ID, broken.Findings)
			},
			Quarantined: func(o *stix.Object, found []stix.Finding) { judged(o.ID, found) },
		})
		if err != nil || counts != tt.want {
			t.Errorf("%+v, %v, want %+v", counts, err, tt.want)
		}
		if want := []string{"tool--00000002-0000-4000-8000-000000000002"}; !slices.Equal(told, want) {
			t.Errorf("told of %v", told)
		}
	}
	if found := h.findings(h.variants("tool--00000003-0000-4000-8000-000000000003")[0].Seq); len(found) != 1 || found[0].Level != stix.Should || !strings.Contains(found[0].Pointer, "x_colour") {
		t.Errorf("kept %+v", found)
	}
	if v := h.variants("tool--00000002-0000-4000-8000-000000000002"); len(v) != 1 || v[0].Standing != store.Quarantined {
		t.Errorf("%+v", v)
	}
}
