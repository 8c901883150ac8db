package search

import (
	"slices"
	"testing"
)

func TestWordsInBothLanguages(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		h.take(
			object("report", 1, props{"name": "電力会社への攻撃について", "description": "国内の電力会社に対する標的型攻撃を確認した。通信は198.51.100.7宛て。"}),
			object("report", 2, props{"name": "Attack on a power company", "description": "和傘exchangeで共有。CVE-2026-12345 was used; see T1059.001 and a.example."}),
			object("malware", 3, props{"name": "ｶﾞｽﾄ ＲＡＴ", "is_family": true, "aliases": []string{"Ghost-Rat"}}),
			object("indicator", 4, props{"pattern": "[file:hashes.'SHA-256' = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']", "pattern_type": "stix", "valid_from": day(0)}),
			object("report", 5, props{"name": "会社の電力", "description": "電力。会社ではない。力電 社会 198.51.100.70"}),
			props{"type": "domain-name", "spec_version": "2.1", "id": id("domain-name", 6), "value": "xn--fiq.evil.example"},
			object("autonomous-system", 7, props{"created": nil, "modified": nil, "number": 64500}),
		)
		h.catchUp()
		for query, want := range map[string][]int{
			"攻撃":               {1},
			"電力":               {1, 5},
			"通信":               {1},
			"電力会社":             {1},
			"会社":               {1, 5},
			"力会":               {1},
			"標的型攻撃":            {1},
			"攻":                {1},
			"社":                {1, 5},
			"傘":                {2},
			"和傘":               {2},
			"和傘exchange":       {2},
			"ＥＸＣＨＡＮＧＥ":         {2},
			"exchangeで共有":      {2},
			"198.51.100.7":     {1},
			"198[.]51[.]100.7": {1},
			"51.100":           {1, 5},
			"198.51.100.*":     {1, 5},
			"198.51.100.7*":    {1, 5},
			"cve-2026-12345":   {2},
			"CVE":              {2},
			"12345":            {2},
			"T1059.001":        {2},
			"t1059":            {2},
			"a.example":        {2},
			"example":          {2, 6},
			"evil.example":     {6},
			"ガスト":              {3},
			"ｶﾞｽﾄ":             {3},
			"ガスト rat":          {3},
			"ghost":            {3},
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": {4},
			"E3B0C442*":                {4},
			"power comp*":              {2},
			`"power company"`:          {2},
			`"company power"`:          {},
			"company power":            {2},
			"電力 -国内":                   {5},
			"電力 -\"電力会社\"":             {5},
			"AS64500":                  {7},
			"64500":                    {7},
			id("malware", 3):           {3},
			"malware--00000003":        {3},
			"type:report 電力":           {1, 5},
			"type:malware":             {3},
			"-type:report,indicator":   {3, 6, 7},
			"type:report -type:report": {},
			"power　company":            {2},
			"type：report　電力":           {1, 5},
		} {
			var got []int
			for _, h := range h.search(query).Hits {
				for n := 1; n <= 7; n++ {
					if id(h.Type, n) == h.ID {
						got = append(got, n)
					}
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: found %v, want %v", query, got, want)
			}
		}
	})
}
