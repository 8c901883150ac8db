package release_test

import (
	"testing"

	"github.com/wagasa/wagasa/internal/release"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// TestWhatIsQuarantinedGoesToNobody: neither by its id, nor in a preview, nor because another version of it was good.
func TestWhatIsQuarantinedGoesToNobody(t *testing.T) {
	clear := []string{tlp(stix.TLPClear)}
	good, bad, worse := id("indicator", 80), id("indicator", 81), id("marking-definition", 82)
	objects := []held{
		own(object(80, props{"type": "indicator", "id": good, "object_marking_refs": clear, "name": "sound"})),
		own(object(80, props{"type": "indicator", "id": good, "object_marking_refs": clear, "name": "later", "modified": "2026-04-01T12:00:00.000Z", broken: true})),
		own(object(81, props{"type": "indicator", "id": bad, "object_marking_refs": clear, broken: true})),
		own(object(82, props{"type": "marking-definition", "id": worse, "definition_type": "statement", "definition": props{"statement": "x"}, broken: true})),
		own(object(83, props{"type": "indicator", "id": id("indicator", 83), "object_marking_refs": []string{worse, tlp(stix.TLPClear)}})),
	}
	inDesk(t, objects, toUSA(), func(d *release.Desk, tx store.Tx) {
		got, refused := items(t, d, good, bad, worse, id("indicator", 83))
		if len(got) != 1 || got[0].Variant().ID != good || got[0].Variant().Broken {
			t.Errorf("got %v", idsOf(got))
		}
		if refused[id("indicator", 83)] != "deny.unresolved-marking" || len(refused) != 1 {
			t.Errorf("refused %v", refused)
		}
		err := release.Preview(tx, toUSA(), func(i release.Item) error {
			if i.Variant().ID != good || i.Variant().Broken {
				t.Errorf("previewed %s", i.Variant().Raw)
			}
			return nil
		}, func(r release.Refusal) error {
			if r.ID == bad || r.ID == worse {
				t.Errorf("%s is looked at", r.ID)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
