package stix_test

import (
	"fmt"

	"github.com/wagasa/wagasa/stix"
)

func ExampleUpgrade() {
	o, err := stix.Parse([]byte(`{"type":"malware","id":"malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061",` +
		`"created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","name":"Cryptolocker","labels":["ransomware","cl"]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	u, err := stix.Upgrade(&o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(u.Object.Raw))
	for _, c := range u.Changes {
		fmt.Printf("%s %q: %s\n", c.Code, c.Pointer, c.Text)
	}
	// Output:
	// {"type":"malware","spec_version":"2.1","id":"malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061","created":"2016-05-12T08:17:27.000Z","modified":"2016-05-12T08:17:27.000Z","name":"Cryptolocker","labels":["cl"],"malware_types":["ransomware"],"is_family":false}
	// spec-version "": spec_version is 2.1
	// labels-to-types "/labels/0": the label ransomware is one of malware_types
	// family-guessed "": is_family is false, which is a guess
}
