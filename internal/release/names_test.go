package release_test

import (
	"testing"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// TestWhatNamesAWithheldObservableStays: the id of an observable can be guessed back to its content, so it stays with it, through
// other observables and circles too. One that is not here protects nothing.
func TestWhatNamesAWithheldObservableStays(t *testing.T) {
	const here, through, absent = "ipv4-addr--00000001-0000-5000-8000-000000000001", "network-traffic--00000002-0000-5000-8000-000000000002", "url--00000003-0000-5000-8000-000000000003"
	address := func(level stix.TLP, back ...string) stix.Object {
		return object(70, props{"type": "ipv4-addr", "id": here, "value": "192.0.2.7", "object_marking_refs": []string{tlp(level)}, "x_refs": append([]string{}, back...)})
	}
	aside := func(level stix.TLP) stix.Object {
		return object(73, props{"type": "ipv4-addr", "id": here, "value": "192.0.2.7", "object_marking_refs": []string{tlp(level)}, broken: true})
	}
	traffic := object(71, props{"type": "network-traffic", "id": through, "protocols": []string{"tcp"}, "src_ref": here, "object_marking_refs": []string{tlp(stix.TLPClear)}})
	report := func(ref string) stix.Object {
		return object(72, props{"type": "observed-data", "id": id("observed-data", 72), "object_refs": []string{ref}, "object_marking_refs": []string{tlp(stix.TLPClear)}})
	}
	tests := []struct {
		name    string
		objects []held
		want    string
	}{
		{"it may go itself", []held{own(address(stix.TLPGreen)), own(report(here))}, ""},
		{"it is withheld", []held{own(address(stix.TLPRed)), own(report(here))}, "deny.names-withheld"},
		{"through another", []held{own(address(stix.TLPRed)), own(traffic), own(report(through))}, "deny.names-withheld"},
		{"in a circle", []held{own(address(stix.TLPRed, through)), own(traffic), own(report(through))}, "deny.names-withheld"},
		{"a circle that may go", []held{own(address(stix.TLPGreen, through)), own(traffic), own(report(through))}, ""},
		{"it is quarantined", []held{own(aside(stix.TLPClear)), own(report(here))}, "deny.names-withheld"},
		{"it may go and an earlier content is quarantined", []held{own(aside(stix.TLPRed)), own(address(stix.TLPGreen)), own(report(here))}, ""},
		{"it may go and a later content is quarantined", []held{own(address(stix.TLPGreen)), own(aside(stix.TLPGreen)), own(report(here))}, ""},
		{"it may go and a later and stricter content is quarantined", []held{own(address(stix.TLPGreen)), own(aside(stix.TLPRed)), own(report(here))}, "deny.names-withheld"},
		{"it is withheld and another content is quarantined", []held{own(aside(stix.TLPClear)), own(address(stix.TLPRed)), own(report(here))}, "deny.names-withheld"},
		{"it is not here", []held{own(report(absent))}, ""},
		{"it came from the receiver", []held{{usa, address(stix.TLPRed), stix.TLPRed}, own(report(here))}, ""},
		{"it came from somebody else", []held{{jpn, address(stix.TLPClear), stix.TLPClear}, own(report(here))}, "deny.names-withheld"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inDesk(t, tt.objects, toUSA(), func(d *release.Desk, _ store.Tx) {
				got, refused := items(t, d, id("observed-data", 72))
				if refused[id("observed-data", 72)] != tt.want || len(got) == 0 != (tt.want != "") {
					t.Errorf("got %v refused %v, want %q", idsOf(got), refused, tt.want)
				}
			})
		})
	}
}
