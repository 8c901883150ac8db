package search

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/stix"
)

func TestParse(t *testing.T) {
	yes, no := true, false
	for text, want := range map[string]Query{
		"":                             {},
		"電力 攻撃":                        {Text: "電力 攻撃"},
		"type:indicator":               {Filters: Filters{Types: []string{"indicator"}}},
		"Type：indicator，malware":       {Filters: Filters{Types: []string{"indicator", "malware"}}},
		"tlp:AMBER+strict,ＲＥＤ":         {Filters: Filters{TLP: []stix.TLP{stix.TLPAmberStrict, stix.TLPRed}}},
		"tlp:none -tlp:tlp:red":        {Filters: Filters{TLP: []stix.TLP{stix.TLPNone}}, Not: Filters{TLP: []stix.TLP{stix.TLPRed}}},
		`label:"two words",警戒 x`:       {Text: "x", Filters: Filters{Labels: []string{"two words", "警戒"}}},
		`"power company" -not begin*`:  {Text: `"power company" -not begin*`},
		"“電力　会社”":                      {Text: `"電力　会社"`},
		"－攻撃":                          {Text: "-攻撃"},
		"攻撃＊":                          {Text: "攻撃*"},
		"https://a.example/x 12:30":    {Text: "https://a.example/x 12:30"},
		`"type:indicator"`:             {Text: `"type:indicator"`},
		"revoked:no":                   {Revoked: &no},
		"revoked:はい":                   {Revoked: &yes},
		"since:2026-01-31":             {Since: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)},
		"until:2026-01-31":             {Until: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)},
		"since:２０２６-01-31T09:00+09:00": {Since: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)},
		"sort:relevance power":         {Text: "power", Sort: Relevance},
		"creator:" + id("identity", 1): {Filters: Filters{Creators: []string{id("identity", 1)}}},
		"origin:own lang:ja sector:energy phase:impact": {Filters: Filters{Origins: []string{"own"}, Languages: []string{"ja"}, Sectors: []string{"energy"}, Phases: []string{"impact"}}},
		"origin:own origin:own":                         {Filters: Filters{Origins: []string{"own"}}},
		"--x":                                           {Text: "--x"},
		`say ""hi""`:                                    {Text: `say "" hi ""`},
	} {
		got, err := Parse(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestParseExplains(t *testing.T) {
	for text, want := range map[string]struct{ code, en string }{
		"type:":                                  {"search.value", "type"},
		"type:indicator,":                        {"search.value", "type"},
		"tlp:purple":                             {"search.tlp", "purple"},
		"since:yesterday":                        {"search.date", "yesterday"},
		"until:0000-01-01":                       {"search.date", "0000"},
		"since:9999-99-99":                       {"search.date", "9999-99-99"},
		"revoked:maybe":                          {"search.revoked", "maybe"},
		"sort:size":                              {"search.sort", "size"},
		"-since:2026-01-01":                      {"search.not", "since"},
		`"power`:                                 {"search.quote", ""},
		`label:"power`:                           {"search.quote", ""},
		"po*":                                    {"search.prefix", "3"},
		"*":                                      {"search.nothing", "*"},
		"。。。":                                    {"search.nothing", "。。。"},
		strings.Repeat("a", 2001):                {"search.long", "2,000"},
		strings.Repeat("a ", 65):                 {"search.many", "64"},
		strings.Repeat("あ", 300):                 {"search.many", "200"},
		"type:" + strings.Repeat("a,", 65) + "a": {"search.many", "64"},
	} {
		_, err := Parse(text)
		why, ok := Why(err)
		if !ok || why.Code != want.code || fault.Of(err) != fault.Invalid {
			t.Errorf("%.30s: %v, want %s", text, err, want.code)
			continue
		}
		en, ja := why.In(locale.English), why.In(locale.Japanese)
		if !strings.Contains(en, want.en) || en == ja || strings.Contains(en, want.code) {
			t.Errorf("%.30s: %q, %q", text, en, ja)
		}
	}
}

// FuzzParse: what is parsed and written again is the same query, and whatever is wrong is explained.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`type:indicator tlp:amber label:x "exact phrase" -not words`, "電力 －攻撃 “標的 型”", `label:"a""b",c`, "since:2026-01-31 until:2026-02-01T10:00Z revoked:yes sort:relevance",
		"-- -\" \"\" *", "a\xff: b：c", "type：x，y、z", `-"a*" a"b"c* "type:x"`, "-label:＂x＂＂y＂",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			if why, ok := Why(err); !ok || why.In(locale.English) == why.In(locale.Japanese) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		again, err := Parse(q.String())
		if err != nil {
			if why, _ := Why(err); why.Code == "search.long" { // quotes make it longer
				return
			}
			t.Fatalf("%q became %q: %v", text, q.String(), err)
		}
		if !reflect.DeepEqual(again, q) {
			t.Fatalf("%q: %+v became %q: %+v", text, q, q.String(), again)
		}
	})
}
