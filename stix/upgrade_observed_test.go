package stix_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// addr3 is the id of 198.51.100.3 that other implementations compute too.
const (
	addr3         = "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
	sinceModified = `,"modified":"2026-01-01T00:00:00.000Z"`
)

// upgradedObserved upgrades an observed-data with these objects.
func upgradedObserved(t *testing.T, objects, more string) stix.Upgraded {
	t.Helper()
	return upgradedFrom(t, made20("observed-data", sinceModified+`,"objects":{`+objects+`}`+more))
}

// extractedOf are the objects without spec_version and id, and their ids.
func extractedOf(u stix.Upgraded) (raws, ids []string) {
	for _, o := range u.Extracted {
		raws = append(raws, strings.Replace(string(o.Raw), `,"spec_version":"2.1","id":"`+o.ID+`"`, "", 1))
		ids = append(ids, o.ID)
	}
	return raws, ids
}

func TestUpgradeObserved(t *testing.T) {
	u := upgradedObserved(t, `"a":{"type":"network-traffic","src_ref":"b","protocols":["tcp"]},"b":{"type":"ipv4-addr","value":"198.51.100.3"}`, "")
	if len(u.Extracted) != 2 {
		t.Fatalf("%d extracted", len(u.Extracted))
	}
	traffic, addr := u.Extracted[0], u.Extracted[1]
	if want := `{"type":"ipv4-addr","spec_version":"2.1","id":"` + addr3 + `","value":"198.51.100.3"}`; string(addr.Raw) != want {
		t.Errorf("got %s", addr.Raw)
	}
	id, err := stix.DeterministicID([]byte(`{"type":"network-traffic","src_ref":"` + addr3 + `","protocols":["tcp"]}`))
	if err != nil || traffic.ID != id {
		t.Errorf("id %s, want %s %v", traffic.ID, id, err)
	}
	if want := made21("observed-data", sinceModified+`,"object_refs":["`+id+`","`+addr3+`"]`); string(u.Object.Raw) != want {
		t.Errorf("got %s\nwant %s", u.Object.Raw, want)
	}
	want := []string{versionChange, "extracted /objects/a", "reference /objects/a/src_ref", "extracted /objects/b", "objects-to-refs /objects"}
	if got := changesOf(u); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestUpgradeObservables: what each cyber-observable becomes, and its changes beside its extraction.
func TestUpgradeObservables(t *testing.T) {
	for _, c := range []struct {
		from, to string
		changes  string
	}{
		{`{"type":"directory","path":"/","created":"a","modified":"b","accessed":"c"}`, `{"type":"directory","path":"/","ctime":"a","mtime":"b","atime":"c"}`, "renamed created, renamed modified, renamed accessed"},
		{`{"type":"directory","path":"/","accessed":"a","atime":"b"}`, `{"type":"directory","path":"/","x_stix20_accessed":"a","atime":"b"}`, "made-custom accessed"},
		{
			`{"type":"file","name":"a","created":"a","modified":"b","accessed":"c","is_encrypted":true,"encryption_algorithm":"RSA","decryption_key":"k","x_stix20_decryption_key":1}`,
			`{"type":"file","name":"a","ctime":"a","mtime":"b","atime":"c","x_stix20_is_encrypted":true,"x_stix20_encryption_algorithm":"RSA","x_stix20_decryption_key_2":"k","x_stix20_decryption_key":1}`,
			"renamed created, renamed modified, renamed accessed, made-custom is_encrypted, made-custom encryption_algorithm, made-custom decryption_key",
		},
		{
			`{"type":"file","hashes":{"SHA256":"00"},"extensions":{"archive-ext":{"version":"1","comment":"a"},"raster-image-ext":{"image_compression_algorithm":"z"},"ntfs-ext":{"alternate_data_streams":[{"name":"a","hashes":{"ssdeep":"a"}}]},"windows-pebinary-ext":{"file_header_hashes":{"sha1":"11"}},"pdf-ext":{"version":"1"}}}`,
			`{"type":"file","hashes":{"SHA-256":"00"},"extensions":{"archive-ext":{"x_stix20_version":"1","comment":"a"},"raster-image-ext":{"x_stix20_image_compression_algorithm":"z"},"ntfs-ext":{"alternate_data_streams":[{"name":"a","hashes":{"SSDEEP":"a"}}]},"windows-pebinary-ext":{"file_header_hashes":{"SHA-1":"11"}},"pdf-ext":{"version":"1"}}}`,
			"made-custom extensions/archive-ext/version, made-custom extensions/raster-image-ext/image_compression_algorithm, hash-name hashes/SHA256, hash-name extensions/ntfs-ext/alternate_data_streams/0/hashes/ssdeep, hash-name extensions/windows-pebinary-ext/file_header_hashes/sha1",
		},
		{
			`{"type":"process","pid":1.0,"name":"a","created":"a","arguments":["b"],"binary_ref":"ip"}`,
			`{"type":"process","pid":1.0,"x_stix20_name":"a","created_time":"a","x_stix20_arguments":["b"],"image_ref":"` + addr3 + `"}`,
			"renamed created, renamed binary_ref, made-custom name, made-custom arguments, id-derived , reference binary_ref",
		},
		{`{"type":"user-account","user_id":"1","password_last_changed":"a"}`, `{"type":"user-account","user_id":"1","credential_last_changed":"a"}`, "renamed password_last_changed"},
		{`{"type":"windows-registry-key","key":"a","modified":"b"}`, `{"type":"windows-registry-key","key":"a","modified_time":"b"}`, "renamed modified"},
		{
			`{"type":"network-traffic","protocols":["tcp"],"extensions":{"socket-ext":{"protocol_family":"PF_INET"},"http-request-ext":{"request_header":{"A":"b","C/D":["e"],"F_ref":"ip"},"message_body_data_ref":"ip"}}}`,
			`{"type":"network-traffic","protocols":["tcp"],"extensions":{"socket-ext":{"x_stix20_protocol_family":"PF_INET"},"http-request-ext":{"request_header":{"A":["b"],"C/D":["e"],"F_ref":["ip"]},"message_body_data_ref":"` + addr3 + `"}}}`,
			"made-custom extensions/socket-ext/protocol_family, made-list extensions/http-request-ext/request_header/A, made-list extensions/http-request-ext/request_header/F_ref, reference extensions/http-request-ext/message_body_data_ref",
		},
		{
			`{"type":"email-message","subject":"a","additional_header_fields":{"X/Y":"b"},"body_multipart":[{"body":"ip"},{"body_raw_ref":"ip"}],"to_refs":["ip","7","` + addr3 + `"]}`,
			`{"type":"email-message","subject":"a","additional_header_fields":{"X/Y":["b"]},"body_multipart":[{"body":"ip"},{"body_raw_ref":"` + addr3 + `"}],"to_refs":["` + addr3 + `","7","` + addr3 + `"]}`,
			"made-list additional_header_fields/X~1Y, reference body_multipart/1/body_raw_ref, reference to_refs/0, reference-dangling to_refs/1",
		},
		{`{"type":"mutex","name":"a","id":"0","spec_version":2}`, `{"type":"mutex","name":"a","x_stix20_id":"0","x_stix20_spec_version":2}`, "made-custom id, made-custom spec_version"},
		{`{"x_a":1e400,"type":"x-acme","environment_variables":{"a_ref":"ip"},"a_ref":"ip"}`, `{"x_a":1e400,"type":"x-acme","environment_variables":{"a_ref":"ip"},"a_ref":"` + addr3 + `"}`, "id-derived , reference a_ref"},
		{`{"type":"mutex"}`, `{"type":"mutex"}`, "id-derived "},
	} {
		u := upgradedObserved(t, `"ip":{"type":"ipv4-addr","value":"198.51.100.3"},"0":`+c.from, "")
		raws, ids := extractedOf(u)
		if len(raws) != 2 || raws[1] != c.to {
			t.Errorf("%s\n got %q\nwant %s", c.from, raws, c.to)
			continue
		}
		var changes []string
		for _, s := range changesOf(u)[3 : len(u.Changes)-1] {
			code, pointer, _ := strings.Cut(s, " ")
			pointer = strings.TrimPrefix(pointer, "/objects/0")
			changes = append(changes, code+" "+strings.TrimPrefix(pointer, "/"))
		}
		if got := strings.Join(changes, ", "); got != c.changes {
			t.Errorf("%s\n got %s\nwant %s", c.from, got, c.changes)
		}
		if want, err := stix.DeterministicID([]byte(c.to)); err == nil && ids[1] != want {
			t.Errorf("%s: id %s, want %s", c.from, ids[1], want)
		}
	}
}

// TestUpgradeDerivedID: the id is a function of the observed-data, its version and the key, as documented.
func TestUpgradeDerivedID(t *testing.T) {
	const process = `{"type":"process","pid":1}`
	u := upgradedObserved(t, `"0":`+process+`,"1":`+process, "")
	_, ids := extractedOf(u)
	if want := []string{"process--ce92243a-f50a-5869-be9c-76a5112861b4", "process--73500e42-b7c3-5377-a479-e1730c7707d0"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("got %q", ids)
	}
	later := strings.Replace(made20("observed-data", sinceModified+`,"objects":{"0":`+process+`}`), "2026", "2027", 1)
	if _, other := extractedOf(upgradedFrom(t, later)); other[0] == ids[0] {
		t.Error("another version has the same id")
	}
	same := strings.Replace(made20("observed-data", sinceModified+`,"objects":{"0":`+process+`}`), "00.000Z", "00Z", 1)
	if _, other := extractedOf(upgradedFrom(t, same)); other[0] != ids[0] {
		t.Error("the same instant has another id")
	}
}

// TestUpgradeCircle: objects that rest on each other have derived ids, those that rest on them deterministic ones.
func TestUpgradeCircle(t *testing.T) {
	in := func(name, of string) string {
		return `{"type":"file","name":"` + name + `","extensions":{"archive-ext":{"contains_refs":["` + of + `"]}}}`
	}
	u := upgradedObserved(t, `"last":`+in("z", "top")+`,"top":`+in("a", "b")+`,"b":`+in("b", "c")+`,"c":`+in("c", "b")+`,"self":`+in("d", "self"), "")
	derived := map[string]bool{}
	for _, c := range u.Changes {
		if c.Code == "id-derived" {
			derived[c.Pointer] = true
		}
	}
	if want := map[string]bool{"/objects/b": true, "/objects/c": true, "/objects/self": true}; !reflect.DeepEqual(derived, want) {
		t.Errorf("derived: %v", derived)
	}
	raws, ids := extractedOf(u)
	if want := in("z", ids[1]); raws[0] != want {
		t.Errorf("got %s, want %s", raws[0], want)
	}
	if id, _ := stix.DeterministicID([]byte(raws[1])); id != ids[1] || raws[1] != in("a", ids[2]) {
		t.Errorf("%s: id %s, want %s", raws[1], ids[1], id)
	}
	if raws[2] != in("b", ids[3]) || raws[3] != in("c", ids[2]) || raws[4] != in("d", ids[4]) {
		t.Errorf("got %q", raws[2:])
	}
}

// TestUpgradeTwins: equal objects are one; different ones never share an id.
func TestUpgradeTwins(t *testing.T) {
	u := upgradedObserved(t, `"0":{"type":"mutex","name":"a"},"1":{"name":"\u0061", "type":"mutex"},"2":{"type":"mutex","name":"a","x_b":1},"3":{"type":"x-a","a_refs":["0","1","2"]}`, "")
	raws, ids := extractedOf(u)
	if len(ids) != 3 || raws[0] != `{"type":"mutex","name":"a"}` || raws[1] != `{"type":"mutex","name":"a","x_b":1}` || ids[0] == ids[1] {
		t.Fatalf("got %q %q", raws, ids)
	}
	if want := `{"type":"x-a","a_refs":["` + ids[0] + `","` + ids[0] + `","` + ids[1] + `"]}`; raws[2] != want {
		t.Errorf("got %s", raws[2])
	}
	if want := `"object_refs":["` + strings.Join(ids, `","`) + `"]`; !strings.Contains(string(u.Object.Raw), want) {
		t.Errorf("got %s", u.Object.Raw)
	}
}

// TestUpgradeLeft: what cannot be an object of its own stays.
func TestUpgradeLeft(t *testing.T) {
	good := `"g":{"type":"ipv4-addr","value":"198.51.100.3"}`
	for _, bad := range []string{
		`1`, `{}`, `[]`, `"a"`, `[{"type":"mutex"}]`, `{"value":"a"}`, `{"type":1}`, `{"type":"A B"}`, `{"type":"bundle"}`, `{"type":"malware","name":"a"}`,
		`{"type":"mutex","lang":1}`, `{"type":"mutex","created":"yesterday"}`, `{"type":"mutex","created_by_ref":"g"}`,
		`{"type":"mutex","object_marking_refs":1}`, `{"type":"mutex","object_marking_refs":["g"]}`,
	} {
		u := upgradedObserved(t, `"b": `+bad+` ,`+good, "")
		want := made21("observed-data", sinceModified+`,"object_refs":["`+addr3+`"],"x_stix20_objects":{"b": `+bad+` }`)
		if string(u.Object.Raw) != want {
			t.Errorf("got %s\nwant %s", u.Object.Raw, want)
		}
		if got := changesOf(u)[1]; got != "not-extracted /objects/b" {
			t.Errorf("got %q", changesOf(u))
		}
		marks := `,"object_marking_refs":["` + markingID + `"]`
		if got := changesOf(upgradedObserved(t, `"b": `+bad+` ,`+good, marks))[2]; got != "not-extracted /objects/b" {
			t.Errorf("%s: got %q", bad, got)
		}
		u = upgradedObserved(t, `"b": `+bad, "")
		if want := made21("observed-data", sinceModified+`,"objects":{"b": `+bad+`}`); string(u.Object.Raw) != want || len(u.Extracted) != 0 {
			t.Errorf("got %s\nwant %s", u.Object.Raw, want)
		}
	}
	for _, c := range [][2]string{
		{`,"objects":{ }`, `,"objects":{ }`},
		{`,"objects":[1]`, `,"objects":[1]`},
		{`,"objects":{` + good + `},"object_refs":["` + addr3 + `","x"]`, `,"object_refs":["` + addr3 + `","x"]`},
		{`,"objects":{"b":1,` + good + `},"object_refs":["x"]`, `,"x_stix20_objects":{"b":1},"object_refs":["x","` + addr3 + `"]`},
		{`,"objects":{` + good + `},"object_refs":{},"x_stix20_objects":1`, `,"object_refs":["` + addr3 + `"],"x_stix20_object_refs":{},"x_stix20_objects":1`},
	} {
		if got, want := string(upgradedFrom(t, made20("observed-data", c[0])).Object.Raw), made21("observed-data", c[1]); got != want {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, want)
		}
	}
}

// TestUpgradeMarkings: what is extracted is marked no weaker than it was.
func TestUpgradeMarkings(t *testing.T) {
	const (
		red   = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
		green = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
		four  = `"a":{"type":"ipv4-addr","value":"198.51.100.3"},"t":{"type":"network-traffic","src_ref":"a","protocols":["tcp"]},"m":{"type":"mutex","name":"a","object_marking_refs":["` + green + `"]},"a2":{"value":"198.51.100.3","type":"ipv4-addr"}`
	)
	marks := func(o stix.Object) string { return strings.Join(o.ObjectMarkingRefs, " ") }
	for _, c := range []struct{ selector, addr, traffic, mutex string }{
		{"objects.a.value", markingID + " " + red, markingID + " " + red, green + " " + markingID},
		{"objects.a2", markingID + " " + red, markingID + " " + red, green + " " + markingID},
		{"objects.t", markingID, markingID + " " + red, green + " " + markingID},
		{"objects", markingID + " " + red, markingID + " " + red, green + " " + markingID + " " + red},
		{"objects.[0]", markingID + " " + red, markingID + " " + red, green + " " + markingID + " " + red},
		{"name", markingID, markingID, green + " " + markingID},
	} {
		u := upgradedObserved(t, four, `,"object_marking_refs":["`+markingID+`"],"granular_markings":[{"marking_ref":"`+red+`","selectors":["`+c.selector+`"]}]`)
		if len(u.Extracted) != 3 || marks(u.Extracted[0]) != c.addr || marks(u.Extracted[1]) != c.traffic || marks(u.Extracted[2]) != c.mutex {
			t.Errorf("%s: %v", c.selector, u.Extracted)
		}
		want := "object_refs"
		if c.selector == "name" {
			want = "name"
		}
		if g := u.Object.GranularMarkings; len(g) != 1 || g[0].MarkingRef != red || !reflect.DeepEqual(g[0].Selectors, []string{want}) {
			t.Errorf("%s: %v", c.selector, g)
		}
	}
	u := upgradedObserved(t, four+`,"t2":{"type":"network-traffic","dst_ref":"a2","protocols":["udp"]}`, `,"granular_markings":[{"marking_ref":"`+red+`","selectors":["objects.a"]}]`)
	if len(u.Extracted) != 4 || marks(u.Extracted[3]) != red {
		t.Errorf("what names the equal of what is marked: %v", u.Extracted)
	}
	u = upgradedObserved(t, four+`,"a.t":{"type":"mutex","name":"b"}`, `,"granular_markings":[{"marking_ref":"`+red+`","selectors":["objects.a.t"]}]`)
	if got := marks(u.Extracted[3]); got != red {
		t.Errorf("a key with a dot: marked %q", got)
	}
	u = upgradedObserved(t, four+`,"x":1`, `,"granular_markings":[{"marking_ref":"`+red+`","selectors":["objects.x"]}]`)
	if got := u.Object.GranularMarkings[0].Selectors; !reflect.DeepEqual(got, []string{"object_refs", "x_stix20_objects"}) {
		t.Errorf("got %q", got)
	}
}
