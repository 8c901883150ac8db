package typed

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
)

// FuzzView: views of any bytes do not panic and return nothing that is not in them. Of valid JSON they are made exactly if it is an object.
func FuzzView(f *testing.F) {
	at := func(name string) uint8 {
		for i := range all {
			if all[i].name == name {
				return uint8(i) //nolint:gosec // there are few
			}
		}
		return 0
	}
	f.Add(at("indicator"), []byte(`{"pattern":"a","labels":["a",1,{}],"kill_chain_phases":[{"phase_name":"a"},[]],"extensions":{"a":{"b":[1,"}"]}}}`))
	f.Add(at("file"), []byte(`{"name":"a\"b\\","hashes":{"MD5":"a"},"size":1.0,"extensions":{"archive-ext":{"contains_refs":["a"]}}}`))
	f.Add(uint8(0), []byte(`{"a":"b`))
	f.Add(uint8(0), []byte(`{"a":[[[}}}`))
	f.Fuzz(func(t *testing.T, n uint8, raw []byte) {
		typ := all[int(n)%len(all)]
		o := stix.Object{Raw: raw, Header: stix.Header{Type: typ.name, SpecVersion: "2.1"}}
		v, err := typ.view(&o)
		if json := jsontext.Value(raw); json.IsValid() && (err == nil) != (json.Kind() == '{') {
			t.Fatalf("%v", err)
		}
		if err == nil {
			visit(reflect.ValueOf(v))
		}
	})
}

// visit calls every accessor, also of what they return.
func visit(v reflect.Value) {
	switch v.Kind() {
	case reflect.Func:
		if v.Type().In(0).NumIn() == 2 {
			for _, e := range v.Seq2() {
				visit(e)
			}
			return
		}
		for e := range v.Seq() {
			visit(e)
		}
	case reflect.Struct:
		if !v.MethodByName("Property").IsValid() {
			return // a timestamp
		}
		for i := range v.NumMethod() {
			m := v.Method(i)
			if m.Type().NumIn() > 0 {
				continue
			}
			if r := m.Call(nil); len(r) == 1 || r[1].Bool() {
				visit(r[0])
			}
		}
	}
}
