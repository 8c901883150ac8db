package stix_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// TestUpgradeRealData upgrades all of the real data, and counts what was changed.
func TestUpgradeRealData(t *testing.T) {
	var objects, old, extracted int
	codes := map[string]int{}
	ids := map[string]bool{}
	realFiles(t, func(name string, content []byte) {
		all, _, _ := readAll(stix.NewReader(bytes.NewReader(content)))
		for i := range all {
			o := &all[i]
			u, err := stix.Upgrade(o)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			objects++
			if u.Changes == nil {
				if !bytes.Equal(u.Object.Raw, o.Raw) {
					t.Errorf("%s: %s was changed", name, o.ID)
				}
				continue
			}
			old++
			for _, c := range u.Changes {
				codes[c.Code]++
			}
			for _, e := range u.Extracted {
				extracted++
				ids[e.ID] = true
				if strings.HasPrefix(e.ID, "process--") {
					continue
				}
				if id, err := stix.DeterministicID(e.Raw); err != nil || id != e.ID {
					t.Errorf("%s: %s, want %s %v", name, e.ID, id, err)
				}
			}
			lawful(t, o, u)
		}
	})
	t.Logf("%d objects, %d of them STIX 2.0; %d extracted, %d distinct; changes %v", objects, old, extracted, len(ids), codes)
	if old < 35_000 || extracted < 3_000 {
		t.Errorf("only %d objects of STIX 2.0, %d extracted", old, extracted)
	}
}

func BenchmarkUpgrade(b *testing.B) {
	for _, name := range []string{"attack/enterprise-stix20-objects.jsonl", "unit42-playbooks/*.json", "observed-data/*.json"} {
		b.Run(filepath.Dir(name), func(b *testing.B) {
			files, _ := filepath.Glob(filepath.Join(realData, name))
			var all []stix.Object
			var size int64
			for _, f := range files {
				content, err := os.ReadFile(f)
				if err != nil {
					b.Fatal(err)
				}
				list, _, _ := readAll(stix.NewReader(bytes.NewReader(content)))
				all = append(all, slices.DeleteFunc(list, func(o stix.Object) bool { return o.SpecVersion == "2.1" })...)
			}
			if len(all) == 0 {
				b.Skip("no real data")
			}
			for i := range all {
				size += int64(len(all[i].Raw))
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				for i := range all {
					if _, err := stix.Upgrade(&all[i]); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*len(all))/b.Elapsed().Seconds(), "objects/s")
		})
	}
}
