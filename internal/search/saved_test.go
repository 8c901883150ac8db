package search

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

func TestSavedSearches(t *testing.T) {
	onEngines(t, func(t *testing.T, h *house) {
		h.update(func(tx store.Tx) error {
			save := func(account, name, text string) {
				t.Helper()
				if err := Save(tx, now, account, name, text); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			names := func(account string) string {
				t.Helper()
				all, err := List(tx, account)
				if err != nil {
					t.Error(err)
				}
				var words []string
				for _, s := range all {
					words = append(words, s.Name+"="+s.Text)
				}
				return strings.Join(words, "; ")
			}
			save("sato", "電力", "type:report 電力")
			save("sato", " two words ", `"power company"`)
			save("sato2", "theirs", "x")
			if got, want := names("sato"), `two words="power company"; 電力=type:report 電力`; got != want {
				t.Errorf("%s, want %s", got, want)
			}
			save("sato", "電力", "通信")
			if err := Delete(tx, "sato", "two words"); err != nil {
				t.Error(err)
			}
			if err := Delete(tx, "sato", "two words"); fault.Of(err) != fault.NotFound {
				t.Error(err)
			}
			if got, want := names("sato"), "電力=通信"; got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if got := names("sato2"); got != "theirs=x" {
				t.Errorf("another account: %s", got)
			}
			for code, f := range map[string]func() error{
				"search.name":  func() error { return Save(tx, now, "sato", "", "x") },
				"search.tlp":   func() error { return Save(tx, now, "sato", "x", "tlp:purple") },
				"search.long":  func() error { return Save(tx, now, "sato", "x", strings.Repeat("x", 3000)) },
				"search.quote": func() error { return Save(tx, now, "sato", "x", `"`) },
				"search.saved": func() error {
					for i := range MostSaved - 1 {
						save("sato", fmt.Sprint("s", i), "x")
					}
					save("sato", "s1", "replaced")
					return Save(tx, now, "sato", "one more", "x")
				},
			} {
				if why, ok := Why(f()); !ok || why.Code != code {
					t.Errorf("%+v, want %s", why, code)
				}
			}
			for _, name := range []string{strings.Repeat("名", 101), "a\nb", "a\u202eb", "\xff"} {
				if why, ok := Why(Save(tx, now, "sato", name, "x")); !ok || why.Code != "search.name" {
					t.Errorf("%q: %+v", name, why)
				}
			}
			for _, account := range []string{"", "a b", "a\x00", strings.Repeat("a", 300)} {
				if _, err := List(tx, account); fault.Of(err) != fault.Invalid {
					t.Errorf("%q: %v", account, err)
				}
			}
			return nil
		})
	})
}
