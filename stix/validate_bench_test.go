package stix_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/generate"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// attack21 is all of ATT&CK in STIX 2.1, one bundle after another.
func attack21(b *testing.B) []byte {
	b.Helper()
	var all []byte
	files := attack(b)
	for _, name := range []string{"ics-attack-15.1.json", "ics-attack-16.1.json", "ics-attack-17.1.json", "mobile-attack-14.1.json"} {
		all = append(append(all, files[name]...), '\n')
	}
	return all
}

// BenchmarkValidate judges objects that have been read: ATT&CK (with some five findings each, all of them should) and generated valid ones.
func BenchmarkValidate(b *testing.B) {
	generated := func() (all []stix.Object) {
		g := generate.New(3, spec.Standard)
		for range 3000 {
			if o, err := stix.Parse(g.Any()); err == nil {
				all = append(all, o)
			}
		}
		return all
	}
	b.Run("attack", func(b *testing.B) {
		all, _, _ := readAll(stix.NewReader(bytes.NewReader(attack21(b))))
		validateAll(b, all)
	})
	b.Run("generated", func(b *testing.B) { validateAll(b, generated()) })
}

func validateAll(b *testing.B, all []stix.Object) {
	size := 0
	for i := range all {
		size += len(all[i].Raw)
	}
	v := stix.NewValidator()
	b.SetBytes(int64(size))
	findings := 0
	var was, is runtime.MemStats
	runtime.ReadMemStats(&was)
	for b.Loop() {
		for i := range all {
			findings += len(v.Validate(&all[i]))
		}
	}
	runtime.ReadMemStats(&is)
	n := float64(b.N * len(all))
	b.ReportMetric(n/b.Elapsed().Seconds(), "objects/s")
	b.ReportMetric(float64(is.Mallocs-was.Mallocs)/n, "allocs/object")
	b.ReportMetric(float64(findings)/n, "findings/object")
}

// BenchmarkReadValidate is the whole way from a stream: framing, header, validation.
func BenchmarkReadValidate(b *testing.B) {
	all := attack21(b)
	b.SetBytes(int64(len(all)))
	n := 0
	for b.Loop() {
		r, v := stix.NewReader(bytes.NewReader(all)), stix.NewValidator()
		for {
			o, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			v.Validate(&o)
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkValidateSize shows that the time a byte does not grow with the object, whatever its shape.
func BenchmarkValidateSize(b *testing.B) {
	shapes := []struct {
		name string
		make func(size int) []byte
	}{{"report", reportOf}, {"members", membersOf}, {"contained", containedOf}}
	for _, shape := range shapes {
		for _, size := range []int{1 << 10, 32 << 10, 1 << 20, 50 << 20} {
			b.Run(fmt.Sprintf("%s/%d", shape.name, size), func(b *testing.B) {
				o, err := stix.Parse(shape.make(size))
				if err != nil {
					b.Fatal(err)
				}
				v := stix.NewValidator()
				b.SetBytes(int64(len(o.Raw)))
				for b.Loop() {
					if f := v.Validate(&o); slices.ContainsFunc(f, func(f stix.Finding) bool { return f.Level == stix.Must }) {
						b.Fatal(f)
					}
				}
			})
		}
	}
}

// membersOf is a tool with custom properties of every kind, about size bytes.
func membersOf(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"type":"tool","spec_version":"2.1","id":"tool--5a4c7b2e-0f5e-4d7a-9f0b-3c6f6c1c9a10","created":"2026-01-01T00:00:00.000Z",` +
		`"modified":"2026-01-01T00:00:00.000Z","name":"n"`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,"x_%d":[%d,"\u65e5本",{"a":true}]`, i, i)
	}
	b.WriteString("}")
	return []byte(b.String())
}

// containedOf is an observed-data with addresses in its deprecated objects, about size bytes.
func containedOf(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"type":"observed-data","spec_version":"2.1","id":"observed-data--5a4c7b2e-0f5e-4d7a-9f0b-3c6f6c1c9a10","created":"2026-01-01T00:00:00.000Z",` +
		`"modified":"2026-01-01T00:00:00.000Z","first_observed":"2026-01-01T00:00:00Z","last_observed":"2026-01-01T00:00:00Z","number_observed":1,"objects":{"k":{"type":"mutex",` +
		`"id":"mutex--5a4c7b2e-0f5e-4d7a-9f0b-3c6f6c1c9a10","name":"m"}`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,"%d":{"type":"ipv4-addr","id":"ipv4-addr--%08x-0000-5000-8000-000000000000","value":"192.0.2.%d"}`, i, i, i%256)
	}
	b.WriteString("}}")
	return []byte(b.String())
}

// reportOf is a valid report of about size bytes.
func reportOf(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"type":"report","spec_version":"2.1","id":"report--5a4c7b2e-0f5e-4d7a-9f0b-3c6f6c1c9a10","created":"2026-01-01T00:00:00.000Z",` +
		`"modified":"2026-01-01T00:00:00.000Z","name":"n","published":"2026-01-01T00:00:00Z","granular_markings":[{"lang":"ja","selectors":["name"`)
	for i := range min(size/200, 5000) {
		fmt.Fprintf(&b, `,"object_refs.[%d]"`, i)
	}
	b.WriteString(`]}],"object_refs":["identity--00000000-0000-4000-8000-000000000000"`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,"indicator--%08x-0000-4000-8000-000000000000"`, i)
	}
	b.WriteString("]}")
	return []byte(b.String())
}
