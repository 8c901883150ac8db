package pattern_test

import (
	"reflect"

	"github.com/wagasa/wagasa/stix/pattern"
)

// sameAgain prints and parses a pattern, and wants the tree that it was.
func sameAgain(t interface {
	Helper()
	Fatalf(string, ...any)
}, p *pattern.Pattern,
) {
	t.Helper()
	text := p.String()
	again, err := pattern.Parse(text)
	if err != nil {
		t.Fatalf("%s\n\tis printed, and refused: %v", text, err)
	}
	if !pattern.Same(p, again) {
		t.Fatalf("%s\n\tis printed, and is another pattern: %s", text, again)
	}
	if a, b := unplaced(p), unplaced(again); !reflect.DeepEqual(a, b) {
		t.Fatalf("%s\n\tis printed, and is another tree", text)
	}
	if second := again.String(); second != text {
		t.Fatalf("%s\n\tis printed again as %s", text, second)
	}
}

// unplaced is a copy of a tree in which all positions are zero, by reflection alone.
func unplaced(p *pattern.Pattern) any { return unplace(reflect.ValueOf(p)).Interface() }

func unplace(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		c := reflect.New(v.Type()).Elem()
		c.Set(unplace(v.Elem()))
		return c
	case reflect.Pointer:
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(unplace(v.Elem()))
		return c
	case reflect.Slice:
		if v.Len() == 0 {
			return reflect.Zero(v.Type())
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(unplace(v.Index(i)))
		}
		return c
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "At" {
				c.Field(i).Set(unplace(v.Field(i)))
			}
		}
		return c
	}
	return v
}
