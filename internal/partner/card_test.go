package partner

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write testdata/card.txt anew; the words change with it")

var start = time.Date(2026, 4, 1, 9, 30, 0, 0, time.UTC)

// seeded is randomness that can be repeated.
func seeded(n int) io.Reader { return rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}) }

type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// node makes an identity without a folder.
func node(t tester, seed int, name, nation string) *Identity {
	t.Helper()
	id, _, err := generate(Params{Name: name, Nation: nation, Now: start, Rand: seeded(seed)})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func golden(t tester) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "card.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The card and its words are what people have on paper: neither may ever change for the same keys.
func TestGoldenCard(t *testing.T) {
	id := node(t, 7, "Cyber Centre of Karakasa 唐傘サイバー中央 (card.example)", "XKR")
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", "card.txt"), id.Card.Text(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := id.Card.Text(); !bytes.Equal(got, golden(t)) {
		t.Errorf("the same keys make another card:\n%s", got)
	}
	c, err := ParseCard(golden(t))
	if err != nil {
		t.Fatal(err)
	}
	want := Words{
		English:  [6]string{"indoor", "believe", "cave", "inside", "duty", "merry"},
		Japanese: [6]string{"すわる", "うしろがみ", "おどり", "せたい", "けっせき", "たとえる"},
	}
	if got := c.Words(); got != want {
		t.Errorf("words %v, want %v", got, want)
	}
}

func TestCardReadsBack(t *testing.T) {
	c := node(t, 1, "Amagasa Agency", "AMA").Card
	got, err := ParseCard(c.Text())
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(c) || got.Digest() != c.Digest() || got.Name != c.Name || !got.Created.Equal(c.Created) || got.TLS != c.TLS ||
		!got.Recovery.Equal(c.Recovery) || !got.Sign.Equal(c.Sign) || !bytes.Equal(got.KEM.Bytes(), c.KEM.Bytes()) {
		t.Errorf("%+v\nwant %+v", got, c)
	}
}

func TestCardSurvivesMail(t *testing.T) {
	c := node(t, 1, "雨傘庁　サイバー", "AMA").Card
	text := string(c.Text())
	for name, mailed := range map[string]string{
		"CRLF":            strings.ReplaceAll(text, "\n", "\r\n"),
		"trailing blanks": strings.ReplaceAll(text, "\n", " \t\n"),
		"surroundings":    "Dear colleague,\nhere is our card:\n\n" + text + "\n-- \nThe agency\n",
		"quoted":          "> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> ") + "\n",
		"quoted twice":    ">> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n>> ") + "\nYours\n",
		"byte order mark": "\ufeff" + text,
		"no last line":    strings.TrimSpace(text),
	} {
		if got, err := ParseCard([]byte(mailed)); err != nil || !got.Equal(c) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// resign makes the text of a card whose owner signed what the lines say, whatever they say.
func resign(t tester, id *Identity, change func(text string) string) []byte {
	t.Helper()
	body, _, _ := strings.Cut(strings.TrimPrefix(string(id.Card.Text()), cardBegin+"\n"), "signature:")
	body = change(body)
	signature := base64.StdEncoding.EncodeToString(ed25519.Sign(id.Sign, []byte(cardDomain+body)))
	return []byte(cardBegin + "\n" + body + "signature:\n " + signature[:64] + "\n " + signature[64:] + "\n" + cardEnd + "\n")
}

func TestParseCardRefuses(t *testing.T) {
	id := node(t, 1, "Amagasa Agency", "AMA")
	text := string(id.Card.Text())
	swap := func(old, new string) []byte {
		if !strings.Contains(text, old) {
			t.Fatalf("no %q in the card", old)
		}
		return resign(t, id, func(s string) string { return strings.Replace(s, old, new, 1) })
	}
	if _, err := ParseCard(resign(t, id, func(s string) string { return s })); err != nil {
		t.Fatalf("signed anew: %v", err)
	}
	recovery := base64.StdEncoding.EncodeToString(id.Card.Recovery)
	for name, test := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":            {nil, "no line"},
		"too long":           {append([]byte(text), make([]byte, MaxCard)...), "more than"},
		"cut":                {[]byte(text[:len(text)-40]), "cut short"},
		"two":                {[]byte(text + text), "more than one"},
		"version 2":          {swap("version: 1", "version: 2"), "may be too old"},
		"unknown field":      {swap("nation:", "colour: red\nnation:"), `"colour" is unknown`},
		"field twice":        {swap("nation: AMA\n", "nation: AMA\nnation: AMA\n"), "repeated"},
		"field missing":      {swap("nation: AMA\n", ""), "out of order"},
		"order":              {swap("name: Amagasa Agency\nnation: AMA\n", "nation: AMA\nname: Amagasa Agency\n"), "out of order"},
		"no field":           {swap("nation: AMA\n", "nation AMA\n"), "key: value"},
		"nation":             {swap("AMA", "Ama"), "three capital letters"},
		"empty name":         {swap("Amagasa Agency", ""), "1 to 100"},
		"long name":          {swap("Amagasa Agency", strings.Repeat("n", 101)), "1 to 100"},
		"invisible name":     {swap("Amagasa", "Ama\u200bgasa"), "cannot be seen"},
		"reversed name":      {swap("Amagasa", "Ama\u202egasa"), "cannot be seen"},
		"not composed":       {swap("Amagasa", "Amaga\u0301sa"), "normal form"},
		"party":              {swap("identity--", "indicator--"), "identity--UUID"},
		"local time":         {swap("2026-04-01T09:30:00Z", "2026-04-01T09:30:00+09:00"), "created"},
		"fraction of second": {swap("2026-04-01T09:30:00Z", "2026-04-01T09:30:00.5Z"), "canonical"},
		"base64":             {swap(recovery, "*"+recovery[1:]), "recovery"},
		"short key":          {swap(recovery, recovery[4:]), "recovery: 29 bytes"},
		"same recovery":      {swap(recovery, base64.StdEncoding.EncodeToString(id.Card.Sign)), "another one"},
		"blank":              {swap("nation: ", "nation:  "), "three capital letters"},
		"no blank":           {swap("nation: ", "nation:"), "canonical"},
		"kem":                {swap("kem:\n ", "kem:\n AAAA"), "kem"},
		"wrapped elsewhere":  {swap("kem:\n ", "kem:\n  "), "kem"},
		"one line":           {swap("kem:\n ", "kem: "), "canonical"},
	} {
		_, err := ParseCard(test.text)
		if err == nil || fault.Of(err) != fault.Invalid || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", name, err, test.want)
		}
	}
	for old, forged := range map[string]string{"AMA": "AMB", "Amagasa": "Amagaza", "09:30:00": "09:30:01"} {
		if _, err := ParseCard([]byte(strings.Replace(text, old, forged, 1))); err == nil || fault.Of(err) != fault.Denied {
			t.Errorf("%s altered: %v, want denied", old, err)
		}
	}
}

// Any text that is one of ours with one byte altered is refused, or is the same card.
func TestLawAlteredCardsAreRefused(t *testing.T) {
	text := node(t, 1, "Amagasa Agency", "AMA").Card.Text()
	rapid.Check(t, func(t *rapid.T) {
		altered := bytes.Clone(text)
		altered[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		if c, err := ParseCard(altered); err == nil && !bytes.Equal(c.Text(), text) {
			t.Fatalf("accepted:\n%s", altered)
		}
	})
}

func TestWordsMatch(t *testing.T) {
	w := Words{
		English:  [6]string{"abandon", "ability", "umbrella", "zoo", "zone", "rain"},
		Japanese: [6]string{"あいこくしん", "あいさつ", "がはく", "ぱそこん", "ろんぱ", "わらう"},
	}
	for _, typed := range []string{
		"abandon ability umbrella zoo zone rain",
		"  Abandon\tABILITY\numbrella\u3000zoo  zone rain \r\n",
		"あいこくしん あいさつ がはく ぱそこん ろんぱ わらう",
		"あいこくしん　あいさつ　がはく　ぱそこん　ろんぱ　わらう",
		"あいこくしんあいさつか\u3099はくは\u309aそこんろんは\u309aわらう",
		"ａｂａｎｄｏｎ ability umbrella zoo zone rain",
	} {
		if !w.Match(typed) {
			t.Errorf("%q does not match", typed)
		}
	}
	for _, typed := range []string{
		"", " ", "abandon", "abandon ability umbrella zoo zone",
		"abandon ability umbrella zoo zone rain rain",
		"ability abandon umbrella zoo zone rain",
		"abandon ability umbrella zoo zone わらう",
		"あいこくしん あいさつ かはく ぱそこん ろんぱ わらう",
	} {
		if w.Match(typed) {
			t.Errorf("%q matches", typed)
		}
	}
}

func TestWordsFollowTheWholeCard(t *testing.T) {
	id := node(t, 1, "Amagasa Agency", "AMA")
	other := id.Card
	other.Name = "Amagasa Agencx"
	other.Signature = ed25519.Sign(id.Sign, other.signedText())
	a, b := id.Card.Words(), other.Words()
	same := 0
	for i := range a.English {
		if a.English[i] == b.English[i] {
			same++
		}
	}
	if same > 1 {
		t.Errorf("%v and %v are alike", a, b)
	}
	if a.Match(strings.Join(b.English[:], " ")) || !a.Match(strings.Join(a.Japanese[:], "　")) {
		t.Error("match")
	}
}

func FuzzParseCard(f *testing.F) {
	f.Add(golden(f))
	id := node(f, 1, "Amagasa Agency", "AMA")
	f.Add(id.Card.Text())
	f.Add(resign(f, id, func(s string) string { return s + "colour: red\n" }))
	f.Add([]byte("> " + cardBegin + "\n> version: 1\n> " + cardEnd))
	f.Add([]byte(cardBegin + "\nversion: 2\n" + cardEnd))
	f.Fuzz(func(t *testing.T, text []byte) {
		stands(t, text)
		// The same lines, signed by whoever wrote them: the parser, not only the signature, must stand.
		stands(t, resign(t, id, func(string) string {
			body, _, _ := strings.Cut(strings.TrimPrefix(string(text), cardBegin+"\n"), "signature:")
			return body
		}))
	})
}

// stands checks that text is refused for its own sake, or is a card whose canonical text is the same card.
func stands(t *testing.T, text []byte) {
	c, err := ParseCard(text)
	if err != nil {
		if k := fault.Of(err); k != fault.Invalid && k != fault.Denied {
			t.Fatalf("%v is %v", err, k)
		}
		return
	}
	again, err := ParseCard(c.Text())
	if err != nil || !again.Equal(c) || again.Digest() != c.Digest() {
		t.Fatalf("the canonical text of a card is refused: %v", err)
	}
	if err := errors.Join(checkName(c.Name), checkNation(c.Nation)); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkWords(b *testing.B) {
	c := node(b, 1, "Amagasa Agency", "AMA").Card
	for b.Loop() {
		c.Words()
	}
}

func BenchmarkParseCard(b *testing.B) {
	text := node(b, 1, "Amagasa Agency", "AMA").Card.Text()
	for b.Loop() {
		if _, err := ParseCard(text); err != nil {
			b.Fatal(err)
		}
	}
}
