package stix_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/wagasa/wagasa/stix"
)

func ExampleReader() {
	stream := `{"type":"bundle","id":"bundle--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01","objects":[
{"type":"ipv4-addr","id":"ipv4-addr--8dded90c-40c0-545a-8027-5b212bb37e8e","value":"192.0.2.1"},
{"type":"tool","id":"tool--1","name":"an id that is none"},
{"type":"domain-name","id":"domain-name--4f0f5a5e-4ad5-4a5c-9d42-4b1b2b0f5a6d","value":"a.example"}
]}`
	r := stix.NewReader(strings.NewReader(stream))
	for {
		o, err := r.Next()
		if err == io.EOF {
			break
		}
		var bad *stix.ObjectError
		if errors.As(err, &bad) {
			fmt.Println("skipped:", bad)
			continue
		}
		if err != nil {
			fmt.Println("final:", err)
			break
		}
		fmt.Println(o.ID, len(o.Raw), "bytes")
	}
	// Output:
	// ipv4-addr--8dded90c-40c0-545a-8027-5b212bb37e8e 95 bytes
	// skipped: tool--1 (at byte 178): bad id: want tool--<UUID>
	// domain-name--4f0f5a5e-4ad5-4a5c-9d42-4b1b2b0f5a6d 99 bytes
}

func ExampleParse() {
	o, err := stix.Parse([]byte(`{"type":"malware","id":"malware--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01","spec_version":"2.1",
		"created":"2026-04-01T09:00:00.000Z","modified":"2026-04-02T09:00:00.000Z",
		"object_marking_refs":["marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"],"is_family":false}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o.Type, o.Modified, o.Known(), stix.TLPOf(o.ObjectMarkingRefs[0]).Label())
	// Output: malware 2026-04-02T09:00:00.000Z true TLP:AMBER+STRICT
}

func ExampleDeterministicID() {
	id, err := stix.DeterministicID([]byte(`{"type":"ipv4-addr","spec_version":"2.1","value":"192.0.2.1"}`))
	fmt.Println(id, err)
	_, err = stix.DeterministicID([]byte(`{"type":"process","pid":1}`))
	fmt.Println(errors.Is(err, stix.ErrNoDeterministicID))
	// Output:
	// ipv4-addr--8dded90c-40c0-545a-8027-5b212bb37e8e <nil>
	// true
}

func ExampleParseTLP() {
	tlp, _ := stix.ParseTLP("TLP:White")
	fmt.Println(tlp, tlp.Label(), tlp < stix.TLPRed)
	// Output: clear TLP:CLEAR true
}

func ExampleBundleWriter() {
	w := stix.NewBundleWriter(os.Stdout, "bundle--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01")
	_ = w.Write([]byte(`{"type":"tool",  "id":"tool--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a02", "name":"as it came"}`))
	if err := w.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"type":"bundle","id":"bundle--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01","objects":[
	// {"type":"tool",  "id":"tool--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a02", "name":"as it came"}
	// ]}
}
