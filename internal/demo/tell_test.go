package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/locale"
)

var code = regexp.MustCompile(`"(demo\.[a-z-]+|decision\.[a-z]+)"`)

// Every text that the play names is there, in every language, with the same arguments.
func TestTexts(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(b), -1) {
			codes[m[1]] = true
		}
	}
	if len(codes) < 60 {
		t.Errorf("only %d texts were found", len(codes))
	}
	for c := range codes {
		said := map[locale.Lang]string{}
		for _, lang := range locale.Langs {
			if said[lang] = locale.Text(lang, c); said[lang] == c {
				t.Errorf("%s has no text in %s", c, lang)
			}
		}
		for _, argument := range []string{"{0}", "{1}", "{2}", "{3}", "{4}", "{5}"} {
			if strings.Contains(said["en"], argument) != strings.Contains(said["ja"], argument) {
				t.Errorf("%s: %s is in one language only", c, argument)
			}
		}
	}
}

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"": 0, "wagasa": 6, "和傘": 4, "（例）": 6, "TLP:RED は不可": 14, "ｶﾅ": 2} {
		if got := columnsOf(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, text := range []string{
		"one two three four five six seven", "提供しなかった情報は、USA のフォルダーに痕跡がありません（検索済み）。", "word", "",
	} {
		for most := 12; most < 40; most++ {
			lines := wrap(text, most)
			for _, l := range lines {
				if columnsOf(l) > most || strings.HasPrefix(l, "。") || strings.HasPrefix(l, "、") || strings.HasSuffix(l, "（") {
					t.Errorf("%q in %d columns has the line %q", text, most, l)
				}
			}
			if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(text, " ", "") {
				t.Errorf("%q in %d columns became %q", text, most, lines)
			}
		}
	}
}

// The columns of a table stand below each other, whatever they are written in.
func TestTable(t *testing.T) {
	var out bytes.Buffer
	tell := newTeller(Config{Out: &out, Lang: locale.Japanese, Columns: 60})
	rows := [][]string{{"和傘", "TLP:RED", "不可", "理由はこちら"}, {"umbrella", "–", "可", "because"}}
	tell.table([]string{"情報", "TLP", "可否", "理由"}, rows, func(int) string { return red })
	for i, l := range strings.Split(strings.TrimRight(out.String(), "\n"), "\n") {
		last := append([]string{"理由"}, rows[0][3], rows[1][3])[i]
		if at := columnsOf(l[:strings.LastIndex(l, last)]); at != 6+8+2+7+2+4+2 {
			t.Errorf("the last column of %q begins at %d", l, at)
		}
	}
}

// Without a terminal nothing moves the cursor, and a claim says what it wanted and found.
func TestClaim(t *testing.T) {
	var out bytes.Buffer
	tell := newTeller(Config{Out: &out, Lang: locale.English})
	tell.busy("demo.start-busy")
	if err := tell.claim(1, 1, "demo.preview-import", 1); err != nil {
		t.Error(err)
	}
	err := tell.claim(7, 6, "demo.preview-import", 6)
	if err == nil || !strings.Contains(err.Error(), "expected 7, found 6") {
		t.Errorf("the error is %v", err)
	}
	if text := out.String(); strings.ContainsAny(text, "\x1b\r") || !strings.Contains(text, "✗ 6 objects imported") {
		t.Errorf("%q", text)
	}
}
