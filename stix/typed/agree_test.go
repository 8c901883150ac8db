package typed

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/generate"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

// TestViewsAgreeWithJSON reads random objects through views and through encoding/json.
func TestViewsAgreeWithJSON(t *testing.T) {
	const objects = 3000
	views := map[string]func(*stix.Object) (any, error){}
	for _, typ := range all {
		views[typ.name] = typ.view
	}
	seen := map[string]int{}
	g := generate.New(1, spec.Standard)
	for range objects {
		raw := g.Any()
		o := stix.Object{Raw: raw}
		var header struct {
			Type    string `json:"type"`
			Version string `json:"spec_version"`
		}
		if err := json.Unmarshal(raw, &header); err != nil {
			t.Fatal(err)
		}
		o.Type, o.SpecVersion = header.Type, header.Version
		v, err := views[o.Type](&o)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, o.Type, reflect.ValueOf(v), decode(t, raw))
		if seen[o.Type]++; t.Failed() {
			t.Fatalf("the object is %s", raw)
		}
	}
	for name := range views {
		if seen[name] == 0 {
			t.Errorf("there was no %s", name)
		}
	}
}

func decode(t *testing.T, raw []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}

// fold makes the name of a property and that of its method equal.
func fold(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// agree compares what a view says with what encoding/json made of the same bytes.
func agree(t *testing.T, path string, view reflect.Value, object any) {
	t.Helper()
	members := object.(map[string]any)
	methods := map[string]int{}
	for i := range view.NumMethod() {
		methods[fold(view.Type().Method(i).Name)] = i
	}
	property := view.MethodByName("Property")
	for name, want := range members {
		raw := property.Call([]reflect.Value{reflect.ValueOf(name)})[0]
		if !reflect.DeepEqual(decode(t, raw.Bytes()), want) {
			t.Errorf("%s.Property(%q) is %s, want %v", path, name, raw.Bytes(), want)
		}
		if i, ok := methods[fold(name)]; ok {
			equal(t, path+"."+name, view.Method(i).Call(nil), want)
			delete(methods, fold(name))
			delete(methods, "has"+fold(name))
		}
	}
	if extensions, ok := members["extensions"].(map[string]any); ok {
		for key, want := range extensions {
			if i, ok := methods[fold(key)]; ok {
				equal(t, path+"."+key, view.Method(i).Call(nil), want)
				delete(methods, fold(key))
			}
		}
	}
	for name, i := range methods {
		if m := view.Method(i); m.Type().NumIn() == 0 && m.Type().NumOut() == 1 && name != "raw" && !nothing(m.Call(nil)[0]) {
			t.Errorf("%s has %s", path, name)
		}
	}
}

// nothing reports whether a view returned what says that there is nothing.
func nothing(v reflect.Value) bool {
	if v.Kind() != reflect.Func {
		return v.IsZero()
	}
	if v.Type().In(0).NumIn() == 2 {
		for range v.Seq2() {
			return false
		}
		return true
	}
	for range v.Seq() {
		return false
	}
	return true
}

func equal(t *testing.T, path string, results []reflect.Value, want any) {
	t.Helper()
	got := results[0]
	if len(results) == 2 && !results[1].Bool() {
		t.Errorf("%s is absent", path)
		return
	}
	if got.Kind() == reflect.Slice && got.Type().Elem().Kind() == reflect.Uint8 {
		equalBytes(t, path, got, want)
		return
	}
	switch want := want.(type) {
	case []any:
		i := 0
		for v := range values(got) {
			if i < len(want) {
				equal(t, fmt.Sprintf("%s[%d]", path, i), []reflect.Value{v}, want[i])
			}
			i++
		}
		if i != len(want) {
			t.Errorf("%s has %d elements, want %d", path, i, len(want))
		}
	case map[string]any:
		if got.Kind() == reflect.Struct {
			agree(t, path, got, want)
			return
		}
		n := 0
		for k, v := range got.Seq2() {
			equal(t, path+"."+k.String(), []reflect.Value{v}, want[k.String()])
			n++
		}
		if n != len(want) {
			t.Errorf("%s has %d members, want %d", path, n, len(want))
		}
	default:
		equalScalar(t, path, got, want)
	}
}

func equalScalar(t *testing.T, path string, got reflect.Value, want any) {
	t.Helper()
	ok := fmt.Sprint(got.Interface()) == fmt.Sprint(want)
	if n, is := want.(json.Number); is && got.Kind() == reflect.Float64 {
		f, err := n.Float64()
		ok = err == nil && f == got.Float()
	} else if is && got.Kind() == reflect.Int64 {
		i, err := n.Int64()
		ok = err == nil && i == got.Int()
	}
	if !ok {
		t.Errorf("%s is %v, want %v", path, got, want)
	}
}

// equalBytes compares raw JSON, or what base64 or hexadecimal digits say.
func equalBytes(t *testing.T, path string, got reflect.Value, want any) {
	t.Helper()
	if s, ok := want.(string); ok && got.Type() == typeBytes {
		b, err := hex.DecodeString(s)
		if err == nil && bytes.Equal(b, got.Bytes()) {
			return
		}
		if b, err = base64.StdEncoding.DecodeString(s); err != nil || !bytes.Equal(b, got.Bytes()) {
			t.Errorf("%s is %x, want %s", path, got.Bytes(), s)
		}
		return
	}
	if !reflect.DeepEqual(decode(t, got.Bytes()), want) {
		t.Errorf("%s is %s, want %v", path, got.Bytes(), want)
	}
}
