package stix_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/generate"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// TestConcurrent: functions may be called from any goroutine, and so may the methods of an object that nobody changes.
func TestConcurrent(t *testing.T) {
	g := generate.New(13, spec.Standard)
	var objects []stix.Object
	var want [][]stix.Finding
	for i, m := range generate.Mutations(spec.Standard) {
		if i%97 != 0 {
			continue
		}
		if o, err := stix.Parse(m.Break(g)); err == nil {
			objects, want = append(objects, o), append(want, stix.Validate(&o))
		}
	}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := range objects {
				o := &objects[i]
				if got := stix.Validate(o); !slices.Equal(got, want[i]) {
					t.Errorf("%s: %v, want %v", o.ID, got, want[i])
				}
				_, _ = o.Digest()
				_, _ = o.Observables()
				_ = o.Effective(nil).Anywhere()
				_, _ = stix.Upgrade(o)
			}
		})
	}
	workers.Wait()
}
