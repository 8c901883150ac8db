package typed_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/typed"
	"github.com/wagasa/wagasa/stix/vocab"
)

func ExampleIndicatorOf() {
	o, err := stix.Parse([]byte(`{"type":"indicator","spec_version":"2.1","id":"indicator--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01",
		"created":"2026-04-01T09:00:00.000Z","modified":"2026-04-02T09:00:00.000Z","indicator_types":["malicious-activity"],
		"pattern":"[domain-name:value = 'c2.example']","pattern_type":"stix","valid_from":"2026-04-01T00:00:00Z",
		"kill_chain_phases":[{"kill_chain_name":"example-chain","phase_name":"command-and-control"}],"x_score":7}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	i, err := typed.IndicatorOf(&o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(i.Pattern(), i.PatternType() == vocab.PatternTypeSTIX, i.ValidFrom())
	fmt.Println(i.IndicatorTypes(), i.Description() == "", i.HasConfidence())
	for phase := range i.KillChainPhases() {
		fmt.Println(phase.KillChainName(), phase.PhaseName())
	}
	fmt.Println(i.Property("x_score"))

	_, err = typed.MalwareOf(&o)
	fmt.Println(err)
	// Output:
	// [domain-name:value = 'c2.example'] true 2026-04-01T00:00:00Z
	// [malicious-activity] true false
	// example-chain command-and-control
	// 7
	// no such view of this object: indicator--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01 is no malware
}

func ExampleNewIndicator() {
	now := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	o, err := typed.NewIndicator().
		ID("indicator--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01"). // otherwise a random one
		Clock(func() time.Time { return now }).
		Name("Beacon").
		Pattern("[domain-name:value = 'c2.example']").
		PatternType(vocab.PatternTypeSTIX).
		ValidFrom(stix.TimestampOf(now)).
		KillChainPhases(typed.NewKillChainPhase().KillChainName("example-chain").PhaseName("command-and-control")).
		Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(o.Raw))
	// Output:
	// {"type":"indicator","spec_version":"2.1","id":"indicator--5a9d1d2c-3a0e-4c55-9b30-0a6c8d4a7a01","created":"2026-04-01T09:00:00.000Z","modified":"2026-04-01T09:00:00.000Z","name":"Beacon","pattern":"[domain-name:value = 'c2.example']","pattern_type":"stix","valid_from":"2026-04-01T09:00:00.000Z","kill_chain_phases":[{"kill_chain_name":"example-chain","phase_name":"command-and-control"}]}
}

func ExampleInvalidError() {
	_, err := typed.NewMalware().Name("Example").Build()
	var invalid *typed.InvalidError
	if errors.As(err, &invalid) {
		for _, f := range invalid.Findings {
			fmt.Println(f.Code, f.Message())
		}
	}
	// Output: required the property is_family is required and missing
}

func ExampleNewFile() {
	inner, err := typed.NewFile().Name("inner.bin").Hashes(map[vocab.HashAlgorithm]string{
		vocab.HashAlgorithmSHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}).Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := typed.NewFile().Name("outer.zip").ArchiveExt(typed.NewArchiveExt().ContainsRefs(inner.ID)).Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	f, _ := typed.FileOf(&o)
	archive, ok := f.ArchiveExt()
	fmt.Println(f.ID())
	fmt.Println(ok, archive.ContainsRefs()[0] == inner.ID)
	// Output:
	// file--19df194a-095a-597f-889a-363a7e53858c
	// true true
}
