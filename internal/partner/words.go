package partner

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"unicode"

	"github.com/tyler-smith/go-bip39/wordlists"
	"golang.org/x/text/unicode/norm"
)

// Words stand for a card when people compare it by voice: the same six numbers in two languages.
type Words struct{ English, Japanese [6]string }

const (
	wordsSalt = "wagasa card words v1"
	wordsWork = 1_000_000 // so that making a second card with the same 66 bits costs 2^66 times a third of a second
)

// Words derives the words from the whole card. It takes about a third of a second.
func (c Card) Words() Words {
	bits, err := pbkdf2.Key(sha256.New, string(c.Text()), []byte(wordsSalt), wordsWork, sha256.Size)
	if err != nil {
		panic(err) // only for parameters that are not allowed, and these are constant
	}
	var w Words
	var pool, have uint
	for i := range w.English {
		for have < 11 {
			pool, bits, have = pool<<8|uint(bits[0]), bits[1:], have+8
		}
		have -= 11
		index := pool >> have & (1<<11 - 1)
		w.English[i] = wordlists.English[index]
		w.Japanese[i] = norm.NFC.String(wordlists.Japanese[index])
	}
	return w
}

// Match says whether typed is the words in either language, with any spacing, case and normal form.
func (w Words) Match(typed string) bool {
	got := fold(typed)
	english := subtle.ConstantTimeCompare(got[:], sum(w.English))
	japanese := subtle.ConstantTimeCompare(got[:], sum(w.Japanese))
	return english|japanese == 1
}

func sum(words [6]string) []byte {
	s := fold(strings.Join(words[:], " "))
	return s[:]
}

// fold hashes text without its spaces, case and normal form, so that comparing takes the same time whatever was typed.
func fold(text string) [sha256.Size]byte {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return sha256.Sum256([]byte(text))
}
