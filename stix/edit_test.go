package stix_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wagasa/wagasa/stix"
)

func TestEdit(t *testing.T) {
	at := time.Date(2026, 4, 1, 9, 0, 0, 123456789, time.FixedZone("", 9*3600))
	stamp, _ := stix.ParseTimestamp("2026-04-01T00:00:00.5Z")
	head := `{ "type":"x-note","id":"x-note--` + uuid + `"`
	for name, tt := range map[string]struct {
		before string
		edits  []stix.Edit
		after  string
	}{
		"new":                 {`}`, []stix.Edit{stix.Set("/name", "a\"攻")}, `,"name":"a\"攻"}`},
		"new after the last":  {`, "a":1 }`, []stix.Edit{stix.Set("/b/~1", 1), stix.Set("/b", 2)}, ``},
		"replace":             {`, "a" :  1 , "b":2}`, []stix.Edit{stix.Set("/a", []string{"x", "y"})}, `, "a" :  ["x","y"] , "b":2}`},
		"replace escaped":     {`,"\u0061":1}`, []stix.Edit{stix.Set("/a", 2)}, `,"\u0061":2}`},
		"as it is":            {`}`, []stix.Edit{stix.Set("/a", jsontext.Value(`{ "x" :1.0}`))}, `,"a":{ "x" :1.0}}`},
		"sorted":              {`}`, []stix.Edit{stix.Set("/a", map[string]any{"b": 1.5, "a": true})}, `,"a":{"a":true,"b":1.5}}`},
		"times":               {`}`, []stix.Edit{stix.Set("/a", at), stix.Set("/b", []any{stamp})}, `,"a":"2026-04-01T00:00:00.123Z","b":["2026-04-01T00:00:00.5Z"]}`},
		"within":              {`,"a":{"b":[1,{"c":2}]}}`, []stix.Edit{stix.Set("/a/b/1/c", 3), stix.Set("/a/b/1/d", 4)}, `,"a":{"b":[1,{"c":3,"d":4}]}}`},
		"into empty":          {`,"a":{ }}`, []stix.Edit{stix.Set("/a/b", 3)}, `,"a":{"b":3 }}`},
		"element":             {`,"a":[1, 2]}`, []stix.Edit{stix.Set("/a/0", 3), stix.Set("/a/-", 4)}, `,"a":[3, 2,4]}`},
		"escapes":             {`,"a":{"x/y":1,"~":2}}`, []stix.Edit{stix.Set("/a/x~1y", 3), stix.Remove("/a/~0")}, `,"a":{"x/y":3}}`},
		"remove":              {`, "a":1 , "b":2}`, []stix.Edit{stix.Remove("/b")}, `, "a":1}`},
		"remove in between":   {`, "a":1 , "b":2}`, []stix.Edit{stix.Remove("/a")}, ` , "b":2}`},
		"remove elements":     {`,"a":[1, 2 ,3]}`, []stix.Edit{stix.Remove("/a/0"), stix.Remove("/a/1")}, `,"a":[2]}`},
		"remove the only one": {`,"a":[ 1 ]}`, []stix.Edit{stix.Remove("/a/0")}, `,"a":[  ]}`},
		"digits as a name":    {`,"a":{"0":{"b":[1,2]}},"granular_markings":[{"lang":"ja","selectors":["a.0.b.[0]"]}]}`, []stix.Edit{stix.Remove("/a/0/b/1")}, `,"a":{"0":{"b":[1]}},"granular_markings":[{"lang":"ja","selectors":["a.0.b.[0]"]}]}`},
		"no index":            {`,"a":{"[0]":[1,2]},"granular_markings":[{"lang":"ja","selectors":["a.[0].[1]","a"]}]}`, []stix.Edit{stix.Remove("/a/[0]/0")}, `,"a":{"[0]":[2]},"granular_markings":[{"lang":"ja","selectors":["a.[0].[1]","a"]}]}`},
		"another list":        {`,"a":[[1,2],[3,4]],"granular_markings":[{"lang":"ja","selectors":["a.[1].[1]"]}]}`, []stix.Edit{stix.Remove("/a/0/0")}, `,"a":[[2],[3,4]],"granular_markings":[{"lang":"ja","selectors":["a.[1].[1]"]}]}`},
		"before its marking":  {`,"a":[1,2],"granular_markings":[{"lang":"ja","selectors":["a.[0]","a"]}]}`, []stix.Edit{stix.Remove("/a/1")}, `,"a":[1],"granular_markings":[{"lang":"ja","selectors":["a.[0]","a"]}]}`},
		"with its marking": {
			`,"a":[1,2],"granular_markings":[{"lang":"ja","selectors":["a"]}]}`,
			[]stix.Edit{stix.Remove("/a"), stix.SetLanguage("a", "")},
			`}`,
		},
	} {
		o := parse(t, head+tt.before)
		got, err := o.Apply(tt.edits...)
		if tt.after == "" {
			if !errors.Is(err, stix.ErrPointer) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || string(got.Raw) != head+tt.after {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got.Raw, head+tt.after)
		}
	}
}

func TestEditErrors(t *testing.T) {
	marked := `,"lists":[[1],[1,2]],"granular_markings":[{"marking_ref":"` + m1 + `","selectors":["labels.[1]","name","lists.[1].[1]","refs.[0].hashes.SHA-256"]}]`
	for name, tt := range map[string]struct {
		edit stix.Edit
		want error
	}{
		"no pointer":          {stix.Set("name", 1), stix.ErrPointer},
		"the whole":           {stix.Set("", 1), stix.ErrPointer},
		"bad escape":          {stix.Set("/~2", 1), stix.ErrPointer},
		"no parent":           {stix.Set("/a/b", 1), stix.ErrPointer},
		"into a string":       {stix.Set("/name/b", 1), stix.ErrPointer},
		"no element":          {stix.Set("/labels/3", "x"), stix.ErrPointer},
		"no index":            {stix.Set("/labels/01", "x"), stix.ErrPointer},
		"remove nothing":      {stix.Remove("/gone"), stix.ErrPointer},
		"remove no element":   {stix.Remove("/labels/-"), stix.ErrPointer},
		"too deep":            {stix.Set(strings.Repeat("/a", 200), 1), stix.ErrPointer},
		"name not UTF-8":      {stix.Set("/a\xff", 1), stix.ErrPointer},
		"null":                {stix.Set("/a", nil), stix.ErrValue},
		"null in JSON":        {stix.Set("/a", jsontext.Value("null")), stix.ErrValue},
		"no JSON":             {stix.Set("/a", jsontext.Value(`1,"b":2`)), stix.ErrValue},
		"twice in JSON":       {stix.Set("/a", jsontext.Value(`{"b":1,"b":2}`)), stix.ErrValue},
		"text not UTF-8":      {stix.Set("/a", "\xff"), stix.ErrValue},
		"a function":          {stix.Set("/a", func() {}), stix.ErrValue},
		"no timestamp":        {stix.Set("/a", stix.Timestamp{}), stix.ErrValue},
		"no such year":        {stix.Set("/a", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), stix.ErrValue},
		"another type":        {stix.Set("/type", "x-memo"), stix.ErrID},
		"no type":             {stix.Remove("/type"), stix.ErrNotObject},
		"a bad property":      {stix.Set("/labels", 1), stix.ErrProperty},
		"too many levels":     {stix.Set("/a", jsontext.Value(strings.Repeat("[", 100)+strings.Repeat("]", 100))), stix.ErrTooDeep},
		"what is marked":      {stix.Remove("/name"), stix.ErrSelector},
		"what it is in":       {stix.Remove("/refs"), stix.ErrSelector},
		"by another":          {stix.Set("/refs", []string{"x"}), stix.ErrSelector},
		"an element":          {stix.Remove("/labels/1"), stix.ErrSelector},
		"one before":          {stix.Remove("/labels/0"), stix.ErrSelector},
		"in a list of lists":  {stix.Remove("/lists/1/0"), stix.ErrSelector},
		"what it goes across": {stix.Remove("/refs/0"), stix.ErrSelector},
	} {
		o := parse(t, note(marked))
		got, err := o.Apply(tt.edit)
		var oe *stix.ObjectError
		if !errors.Is(err, tt.want) || !errors.As(err, &oe) || oe.ID != o.ID || got.Raw != nil {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	// An Object that was not made by Parse.
	for _, raw := range []string{"", "{", "[]", "{\"a\"", `{"type":1,}`} {
		o := stix.Object{Raw: []byte(raw)}
		for _, e := range []stix.Edit{{}, stix.Set("/a", 1), stix.Remove("/a"), stix.AddMarkings("", m1), stix.ClearMarkings("a"), stix.SetLanguage("", "")} {
			if _, err := o.Apply(e); err == nil {
				t.Errorf("%q was changed", raw)
			}
		}
	}
}
