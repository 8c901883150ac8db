package typed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// These tests go through all builders and views by reflection. They do not ask whether the objects are valid.

// part is what a part was built with, by method.
type part map[string]any

// samples makes values for setters: the argument, and what the view is to return for it.
type samples struct {
	n     int
	depth int
}

var (
	typeTimestamp = reflect.TypeFor[stix.Timestamp]()
	typeObject    = reflect.TypeFor[stix.Object]()
	typeBytes     = reflect.TypeFor[[]byte]()
)

func (s *samples) value(t reflect.Type) (arg reflect.Value, want any) {
	s.n++
	switch {
	case t == typeTimestamp:
		ts, err := stix.ParseTimestamp(fmt.Sprintf("2026-03-04T05:06:07.%04dZ", s.n%10_000))
		if err != nil {
			panic(err)
		}
		return reflect.ValueOf(ts), ts.String()
	case t == typeObject:
		raw := fmt.Sprintf(`{"n":%d}`, s.n)
		return reflect.ValueOf(stix.Object{Raw: []byte(raw)}), raw
	case t == typeBytes:
		b := fmt.Appendf(nil, "bytes %d", s.n)
		return reflect.ValueOf(b), string(b)
	case t.Kind() == reflect.Interface:
		return reflect.ValueOf([]any{s.n, "any"}), fmt.Sprintf(`[%d,"any"]`, s.n)
	}
	arg = reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.String:
		arg.SetString(fmt.Sprintf("text \"%d\" 文\\n", s.n))
		return arg, arg.String()
	case reflect.Bool:
		arg.SetBool(true)
		return arg, "true"
	case reflect.Int64:
		arg.SetInt(int64(s.n) - 20)
		return arg, fmt.Sprint(s.n - 20)
	case reflect.Float64:
		arg.SetFloat(float64(s.n) + 0.5)
		return arg, fmt.Sprint(float64(s.n) + 0.5)
	case reflect.Slice:
		list := []any{}
		for range 2 {
			v, w := s.value(t.Elem())
			arg, list = reflect.Append(arg, v), append(list, w)
		}
		return arg, list
	case reflect.Map:
		arg.Set(reflect.MakeMap(t))
		m := map[string]any{}
		for i := range 2 {
			v, w := s.value(t.Elem())
			key := fmt.Sprintf("key-%d", i)
			arg.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), v)
			m[key] = w
		}
		return arg, m
	case reflect.Pointer:
		b := parts[strings.TrimSuffix(t.Elem().Name(), "Builder")]()
		return reflect.ValueOf(b), s.fill(b)
	}
	panic("no sample of " + t.String())
}

// skipped are methods of builders that set no property of the table.
var skipped = []string{"Build", "Findings", "Clock", "Validator", "Custom", "Extension", "ID"}

// fill calls every setter of a builder.
func (s *samples) fill(b any) part {
	s.depth++
	defer func() { s.depth-- }()
	if s.depth > 8 {
		panic("parts nest without end")
	}
	v := reflect.ValueOf(b)
	all := part{}
	for i := range v.NumMethod() {
		name := v.Type().Method(i).Name
		m := v.Method(i)
		if slices.Contains(skipped, name) {
			continue
		}
		arg, want := s.value(m.Type().In(0))
		if m.Type().IsVariadic() {
			m.CallSlice([]reflect.Value{arg})
		} else {
			m.Call([]reflect.Value{arg})
		}
		all[name] = want
	}
	return all
}

// same compares what a view returns with what the builder was given.
func same(t *testing.T, path string, got reflect.Value, want any) {
	t.Helper()
	switch want := want.(type) {
	case part:
		for name, w := range want {
			results := got.MethodByName(name).Call(nil)
			if len(results) == 2 && !results[1].Bool() {
				t.Errorf("%s.%s is absent", path, name)
				continue
			}
			if h := got.MethodByName("Has" + name); h.IsValid() && !h.Call(nil)[0].Bool() {
				t.Errorf("%s.Has%s is false", path, name)
			}
			same(t, path+"."+name, results[0], w)
		}
	case []any:
		i := 0
		for v := range values(got) {
			if i < len(want) {
				same(t, fmt.Sprintf("%s[%d]", path, i), v, want[i])
			}
			i++
		}
		if i != len(want) {
			t.Errorf("%s has %d elements, want %d", path, i, len(want))
		}
	case map[string]any:
		n := 0
		for k, v := range got.Seq2() {
			n++
			same(t, path+"."+k.String(), v, want[k.String()])
		}
		if n != len(want) {
			t.Errorf("%s has %d members, want %d", path, n, len(want))
		}
	default:
		s := fmt.Sprint(got.Interface())
		if got.Kind() == reflect.Slice {
			s = string(got.Bytes())
		}
		if s != want {
			t.Errorf("%s is %q, want %q", path, s, want)
		}
	}
}

// values ranges over a slice or a sequence.
func values(v reflect.Value) iter.Seq[reflect.Value] {
	if v.Kind() == reflect.Slice {
		return func(yield func(reflect.Value) bool) {
			for i := range v.Len() {
				if !yield(v.Index(i)) {
					return
				}
			}
		}
	}
	return v.Seq()
}

type completer interface {
	complete() ([]byte, error)
	base() *builder
}

func (b *builder) base() *builder { return b }

func TestEveryPropertyReadsBack(t *testing.T) {
	if len(all) < 40 {
		t.Errorf("there are only %d types", len(all))
	}
	for _, typ := range all {
		t.Run(typ.name, func(t *testing.T) {
			b := typ.new().(completer)
			want := (&samples{}).fill(b)
			raw, err := b.complete()
			if err != nil {
				t.Fatal(err)
			}
			names := order(t, raw)
			var table []string
			for _, name := range b.base().shape.names {
				if name != "" && (name != "extensions" || len(b.base().extensions) > 0 || b.base().shape.defKey != "") {
					table = append(table, name)
				}
			}
			if !slices.Equal(names, table) {
				t.Errorf("the properties are\n%q, want\n%q", names, table)
			}
			o := stix.Object{Raw: raw, Header: stix.Header{Type: typ.name, ID: "the id", SpecVersion: "2.1"}}
			v, err := typ.view(&o)
			if err != nil {
				t.Fatal(err)
			}
			same(t, typ.name, reflect.ValueOf(v), want)
		})
	}
}

// order is the names of the members of an object.
func order(t *testing.T, raw []byte) (names []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
	}
	return names
}

// TestAbsent: views of objects without properties, of objects in which each has the wrong kind, and zero views return zero values.
func TestAbsent(t *testing.T) {
	for _, typ := range all {
		empty := fmt.Sprintf(`{"type":%q,"id":"x"}`, typ.name)
		wrong := `{`
		for _, name := range typ.new().(completer).base().shape.names {
			wrong += fmt.Sprintf(`%q:null,`, name)
		}
		wrong = wrong[:len(wrong)-1] + "}"
		for _, raw := range []string{empty, wrong} {
			v, err := typ.view(&stix.Object{Raw: []byte(raw), Header: stix.Header{Type: typ.name, SpecVersion: "2.1"}})
			if err != nil {
				t.Fatal(err)
			}
			absent(t, typ.name, reflect.ValueOf(v))
			absent(t, typ.name, reflect.Zero(reflect.TypeOf(v)))
		}
	}
}

func absent(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	for i := range v.NumMethod() {
		name := v.Type().Method(i).Name
		m := v.Method(i)
		if m.Type().NumIn() > 0 || slices.Contains([]string{"Raw", "Type", "ID"}, name) {
			continue
		}
		results := m.Call(nil)
		got := results[0]
		switch {
		case len(results) == 2:
			if results[1].Bool() {
				t.Errorf("%s.%s is there", path, name)
			}
		case got.Kind() == reflect.Func && got.Type().NumIn() == 1 && got.Type().In(0).NumIn() == 2:
			for k := range got.Seq2() {
				t.Errorf("%s.%s has a member %v", path, name, k)
			}
		case got.Kind() == reflect.Func:
			for range got.Seq() {
				t.Errorf("%s.%s has an element", path, name)
			}
		case !got.IsZero() && fmt.Sprint(got.Interface()) != "null": // null is a JSON value, which a property of any kind returns
			t.Errorf("%s.%s is %v", path, name, got)
		}
	}
}
