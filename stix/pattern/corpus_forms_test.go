package pattern_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

// forReference are the observations of a group as the reference takes them.
func forReference(list []given) []seen {
	var all []seen
	for _, g := range list {
		o := seen{number: 1, scope: map[string]map[string]any{}}
		first, ok1 := (&pattern.Constant{Kind: pattern.Timestamp, Text: g.from}).Time()
		last, ok2 := (&pattern.Constant{Kind: pattern.Timestamp, Text: g.to}).Time()
		if ok1 && ok2 && !last.Before(first) {
			o.known, o.first, o.last = true, first, last
		}
		if r, ok := new(big.Rat).SetString(g.number); ok && r.IsInt() && r.Sign() > 0 {
			o.number = math.MaxInt64
			if r.Num().IsInt64() {
				o.number = r.Num().Int64()
			}
		}
		for _, t := range g.objects {
			o.scope[t.key] = t.value
			if !t.beside {
				o.objects = append(o.objects, t.value)
			}
		}
		all = append(all, o)
	}
	return all
}

// raw is what a scene takes: objects to be at hand, and observed-data.
type raw struct{ objects, observed [][]byte }

// in20 writes observations as STIX 2.0 has them, with their objects in them. There is no such form for objects that are beside.
func in20(list []given) (raw, bool) {
	var r raw
	for i, g := range list {
		objects := map[string]any{}
		for _, t := range g.objects {
			if t.beside {
				return raw{}, false
			}
			objects[t.key] = t.value
		}
		o := observedData(i, g)
		o["objects"] = objects
		r.observed = append(r.observed, encode(o))
	}
	return r, true
}

// in21 writes observations as STIX 2.1 has them: their objects have ids, and stand on their own. There is no such form for an object
// whose type can be none in an id.
func in21(list []given) (raw, bool) {
	var r raw
	for i, g := range list {
		ids := map[string]string{}
		for _, t := range g.objects {
			if ids[t.key] = thingID(i, t); !stix.ValidID(ids[t.key]) {
				return raw{}, false
			}
		}
		refs := []string{}
		for _, t := range g.objects {
			o := withIDs(t.value, func(key string) string {
				if id := ids[key]; id != "" {
					return id
				}
				return idFor("file", fmt.Sprint(i, " nowhere ", key))
			}).(map[string]any)
			o["id"] = ids[t.key]
			r.objects = append(r.objects, encode(o))
			if !t.beside {
				refs = append(refs, ids[t.key])
			}
		}
		o := observedData(i, g)
		o["spec_version"], o["object_refs"] = "2.1", refs
		r.observed = append(r.observed, encode(o))
	}
	return r, true
}

func observedData(i int, g given) map[string]any {
	o := map[string]any{
		"type": "observed-data", "id": idFor("observed-data", strconv.Itoa(i)),
		"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
	}
	if g.from != "" {
		o["first_observed"], o["last_observed"] = g.from, g.to
	}
	if g.number != "" {
		o["number_observed"] = json.Number(g.number)
	} else {
		o["number_observed"] = 1
	}
	return o
}

// thingID is the id of an object: the one that it has, or one made of its place.
func thingID(i int, t thing) string {
	if id, ok := t.value["id"].(string); ok {
		return id
	}
	if stix.ValidID(t.key) {
		return t.key
	}
	kind, _ := t.value["type"].(string)
	return idFor(kind, fmt.Sprint(i, " ", t.key))
}

// idFor is always the same id for the same name.
func idFor(kind, name string) string {
	h := fnv.New128a()
	h.Write([]byte(kind + " " + name))
	u := h.Sum(nil)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80 // a UUID of version 8: of our own making
	return fmt.Sprintf("%s--%x-%x-%x-%x-%x", kind, u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// withIDs is a copy of a value in which references name ids.
func withIDs(v any, id func(string) string) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = withIDs(v[i], id)
		}
		return list
	case map[string]any:
		m := map[string]any{}
		for key, value := range v {
			if strings.HasSuffix(key, "_ref") || strings.HasSuffix(key, "_refs") {
				m[key] = refsWithIDs(value, id)
			} else {
				m[key] = withIDs(value, id)
			}
		}
		return m
	}
	return v
}

func refsWithIDs(v any, id func(string) string) any {
	switch v := v.(type) {
	case string:
		return id(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = refsWithIDs(v[i], id)
		}
		return list
	}
	return withIDs(v, id)
}

func encode(o map[string]any) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return b
}

// scene hands objects to the matcher.
func scene(r raw) ([]pattern.Observed, error) {
	s := pattern.NewScene()
	for _, b := range r.objects {
		o, err := stix.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("%w\n\t%s", err, b)
		}
		s.Add(&o)
	}
	var list []pattern.Observed
	for _, b := range r.observed {
		o, err := stix.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("%w\n\t%s", err, b)
		}
		seen, err := s.Observe(&o)
		if err != nil {
			return nil, fmt.Errorf("%w\n\t%s", err, b)
		}
		list = append(list, seen)
	}
	return list, nil
}

// scenes are the same observations in each version of STIX that has a form for them.
func scenes(list []given) (map[string][]pattern.Observed, error) {
	forms := map[string][]pattern.Observed{}
	all := map[string]raw{}
	if r, ok := in20(list); ok {
		all["2.0"] = r
	}
	if r, ok := in21(list); ok {
		all["2.1"] = r
	}
	if len(all) == 0 {
		return nil, errors.New("there is no form for these observations in any version of STIX")
	}
	for version, r := range all {
		o, err := scene(r)
		if err != nil {
			return nil, fmt.Errorf("in STIX %s: %w", version, err)
		}
		forms[version] = o
	}
	return forms, nil
}
