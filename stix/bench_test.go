package stix_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// attack is ATT&CK: four bundles, and the Enterprise objects of STIX 2.0 one a line.
func attack(b *testing.B) map[string][]byte {
	b.Helper()
	names, _ := filepath.Glob(realData + "/attack/*.json*")
	if len(names) == 0 {
		b.Skip("no real data")
	}
	files := map[string][]byte{}
	for _, n := range names {
		content, err := os.ReadFile(n)
		if err != nil {
			b.Fatal(err)
		}
		files[filepath.Base(n)] = content
	}
	return files
}

func BenchmarkReader(b *testing.B) {
	for name, content := range attack(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				r := stix.NewReader(bytes.NewReader(content))
				for {
					if _, err := r.Next(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "objects/s")
		})
	}
}

// objects are those of ATT&CK ICS 17.1.
func objects(b *testing.B) (all []stix.Object, size int64) {
	b.Helper()
	all, _, _ = readAll(stix.NewReader(bytes.NewReader(attack(b)["ics-attack-17.1.json"])))
	for _, o := range all {
		size += int64(len(o.Raw))
	}
	return all, size
}

func BenchmarkParse(b *testing.B) {
	all, size := objects(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for i := range all {
			if _, err := stix.Parse(all[i].Raw); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N*len(all)), "ns/object")
}

func BenchmarkDigest(b *testing.B) {
	all, size := objects(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for i := range all {
			if _, err := all[i].Digest(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N*len(all)), "ns/object")
}
