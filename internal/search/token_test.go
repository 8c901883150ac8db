package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func terms(text string) (all []string) {
	newTokenizer().tokens(text, 0, func(term []byte, _, _, _ int) bool {
		all = append(all, string(term))
		return true
	})
	return all
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"Power grid":                   "power grid",
		"198.51.100.7":                 "198 51 100 7",
		"CVE-2026-12345":               "cve 2026 12345",
		"T1059.001":                    "t1059 001",
		"電力":                           "電力 力",
		"電力への攻撃":                       "電力 力へ への の攻 攻撃 撃",
		"電":                            "電",
		"和傘exchange":                   "和傘 傘 exchange",
		"exchange和傘2":                  "exchange 和傘 傘 2",
		"ｶﾞｽ":                          "ガス ス",
		"ガス":                           "ガス ス",
		"か\u3099す":                     "がす す",
		"サーバー":                         "サー ーバ バー ー",
		"電力・通信":                        "電力 力 通信 信",
		"電力･通信":                        "電力 力 通信 信",
		"ＡＢＣ１２３":                       "abc123",
		"①㈱":                           "1 株",
		"Straße STRASSE":               "strasse strasse",
		"İstanbul":                     "i\u0307stanbul",
		"ОБОРОНА":                      "оборона",
		"e\u0301te\u0301":              "\u00e9t\u00e9",
		"po\u00adwer po\u200bwer":      "power power",
		"葛\U000E0100飾":                 "葛飾 飾",
		"漢\u093e字":                     "漢字 字",
		"한국어 전력":                       "한국 국어 어 전력 력",
		"a_b":                          "a b",
		"人\xff人":                       "人 人",
		"don't":                        "don t",
		"々〆ヶ月":                         "々〆 〆ヶ ヶ月 月",
		strings.Repeat("a", 200):       strings.Repeat("a", 128),
		"x" + strings.Repeat("é", 100): "x" + strings.Repeat("é", 63),
	} {
		if got := terms(text); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzTokens: every word of a text, and every part of it from word to word, finds the text where it stands.
func FuzzTokens(f *testing.F) {
	for _, text := range []string{
		"電力会社への攻撃 198.51.100.7", "和傘exchange", "ｶﾞｽﾄ ＲＡＴ", "e\u0301\u200b ß İ", "ͅα ᾳ ﷺ", "漢\u093eी字", "\xff\xfeab", "각 각", "a\u034fb",
		strings.Repeat("長", 200) + strings.Repeat("w", 200),
	} {
		f.Add(text, uint(0), uint(3))
	}
	f.Fuzz(func(t *testing.T, text string, i, n uint) {
		if len(text) > longestText {
			return
		}
		var all []token
		last := 0
		next := newTokenizer().tokens(text, 7, func(term []byte, pos, from, to int) bool {
			if pos != 7+len(all) || from < last || from >= to || to > len(text) {
				t.Fatalf("%q: term %q at %d is from %d to %d, after %d", text, term, pos, from, to, last)
			}
			if len(term) == 0 || len(term) > longestTerm || !utf8.Valid(term) || term[0] <= ' ' {
				t.Fatalf("%q: term %q", text, term)
			}
			all = append(all, token{string(term), from, to})
			last = from
			return true
		})
		if next != 7+len(all) {
			t.Fatalf("%q: %d terms, next is %d", text, len(all), next)
		}
		if len(all) == 0 {
			return
		}
		from := int(i % uint(len(all)))
		to := min(from+int(n%10), len(all)-1)
		for from > 0 && (all[from-1].from == all[from].from || all[from-1].to > all[from].from && kindOf(firstRune(all[from-1].term)) == word) {
			from-- // one character may be several terms
		}
		for to+1 < len(all) && all[to+1].from < all[to].to && kindOf(firstRune(all[to+1].term)) == word {
			to++
		}
		part := text[all[from].from:all[to].to]
		h := newHighlighter(nil)
		slots := h.slots(part)
		h.tokens = all
		if _, tail := idTail(part); tail {
			return
		}
		if end, ok := h.at(slots, from); !ok || end > all[to].to {
			t.Fatalf("%q does not find itself in %q: %+v in %+v at %d", part, text, slots, all, from)
		}
		if folded := h.foldAll(text); len(folded) <= longestText && !slices.Equal(terms(folded), terms(text)) {
			t.Fatalf("%q: folded %q is %q, not %q", text, folded, terms(folded), terms(text))
		}
	})
}
