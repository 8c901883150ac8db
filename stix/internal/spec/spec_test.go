package spec

import "testing"

func TestTable(t *testing.T) {
	count := map[Class]int{}
	v20 := 0
	Names(func(r Type) {
		count[r.Class]++
		if r.V20 {
			v20++
		}
		if got, ok := LookupBytes([]byte(r.Name)); !ok || got.Name != r.Name {
			t.Errorf("%s is not found", r.Name)
		}
		if (len(r.IDProperties) > 0) != (r.Class == Observable && r.Name != "process") {
			t.Errorf("%s: ids from %v", r.Name, r.IDProperties)
		}
	})
	// STIX 2.1 section 1.3, STIX 2.0 part 2.
	if count[Domain] != 19 || count[Relationship] != 2 || count[Meta] != 3 || count[Observable] != 18 || v20 != 15 {
		t.Errorf("%v, %d of 2.0", count, v20)
	}
	if _, ok := Lookup("x-thing"); ok {
		t.Error("a custom type is in the table")
	}
}
