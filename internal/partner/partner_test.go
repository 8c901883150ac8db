package partner

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
)

// house is a node's store with its identity and what it heard.
type house struct {
	*testing.T
	store store.Store
	self  *Identity
}

func newHouse(t *testing.T) *house {
	return &house{t, memory.New(), node(t, 1, "Amagasa Agency", "AMA")}
}

func (h *house) update(f func(tx store.Tx) error) error {
	return h.store.Update(h.Context(), f)
}

func (h *house) must(f func(tx store.Tx) error) {
	h.Helper()
	if err := h.update(f); err != nil {
		h.Fatal(err)
	}
}

func (h *house) add(c Card) (p *Partner, err error) {
	err = h.update(func(tx store.Tx) error {
		p, err = Add(tx, h.self.Card, c.Text(), start)
		return err
	})
	return p, err
}

func (h *house) mustAdd(c Card) *Partner {
	h.Helper()
	p, err := h.add(c)
	if err != nil {
		h.Fatal(err)
	}
	return p
}

func (h *house) get(party store.Party) (p *Partner) {
	h.Helper()
	h.must(func(tx store.Tx) (err error) {
		p, err = Get(tx, party)
		return err
	})
	return p
}

func (h *house) feed() (kinds []store.Kind) {
	h.must(func(tx store.Tx) error {
		entries, err := tx.Feed().After(0, 1000)
		for _, e := range entries {
			kinds = append(kinds, e.Kind)
		}
		return err
	})
	return kinds
}

func (h *house) ledger() (lines []string) {
	h.must(func(tx store.Tx) error {
		entries, err := ledger.Entries(tx, ledger.National, 0, 1000)
		for _, e := range entries {
			what, _, _ := strings.Cut(string(e.Items[0]), " card ")
			lines = append(lines, string(e.Kind)+" "+what)
		}
		return err
	})
	return lines
}

func TestPairing(t *testing.T) {
	h := newHouse(t)
	theirs := node(t, 2, "Bangasa Command", "BAN").Card
	p := h.mustAdd(theirs)
	if p.State != Added || p.Open() || p.MaxTLP != stix.TLPClear || p.URL != "" || !p.Added.Equal(start) {
		t.Errorf("added: %+v", p)
	}
	h.mustAdd(theirs) // the same again
	if err := p.Check("abandon ability able about above absent"); fault.Of(err) != fault.Denied || !strings.Contains(err.Error(), "Bangasa") {
		t.Errorf("wrong words: %v", err)
	}
	words := theirs.Words()
	if err := p.Check(strings.Join(words.English[:], " ")); err != nil {
		t.Error(err)
	}
	for range 2 {
		h.must(func(tx store.Tx) (err error) {
			p, err = Confirm(tx, theirs.Party, theirs.Digest(), start.Add(time.Hour))
			return err
		})
	}
	if p.State != Confirmed || p.Open() || !p.Confirmed.Equal(start.Add(time.Hour)) {
		t.Errorf("confirmed: %+v", p)
	}
	for range 2 {
		h.must(func(tx store.Tx) error { return Heard(tx, theirs.Party, start) })
	}
	if p = h.get(theirs.Party); !p.Open() {
		t.Errorf("heard: %+v", p)
	}
	if got, want := h.feed(), []store.Kind{store.KindPartner, store.KindPartner, store.KindPartner}; !slices.Equal(got, want) {
		t.Errorf("feed %v, want %v", got, want)
	}
	if got, want := h.ledger(), []string{"partner added", "partner confirmed"}; !slices.Equal(got, want) {
		t.Errorf("ledger %q, want %q", got, want)
	}
}

func TestHeardBeforeConfirmed(t *testing.T) {
	h := newHouse(t)
	p := h.mustAdd(node(t, 2, "Bangasa Command", "BAN").Card)
	h.must(func(tx store.Tx) error { return Heard(tx, p.Party(), start) })
	if p = h.get(p.Party()); p.Open() || !p.Heard {
		t.Errorf("%+v", p)
	}
}

func TestConfirmRefuses(t *testing.T) {
	h := newHouse(t)
	p := h.mustAdd(node(t, 2, "Bangasa Command", "BAN").Card)
	for party, want := range map[store.Party]fault.Kind{p.Party(): fault.Conflict, "identity--none": fault.NotFound} {
		err := h.update(func(tx store.Tx) error {
			_, err := Confirm(tx, party, store.Hash{1}, start)
			return err
		})
		if fault.Of(err) != want || !strings.Contains(err.Error(), string(party)) {
			t.Errorf("%s: %v", party, err)
		}
	}
	if h.get(p.Party()).State != Added {
		t.Error("it was confirmed")
	}
}

func TestAddRefusesClaims(t *testing.T) {
	h := newHouse(t)
	known := node(t, 2, "Bangasa Command", "BAN")
	h.mustAdd(known.Card)
	fresh := node(t, 3, "Janome Office", "JAN")
	// sign makes the card that a node with this signing key would make of c.
	sign := func(c Card, id *Identity) Card {
		c.Sign = id.Card.Sign
		c.Signature = ed25519.Sign(id.Sign, c.signedText())
		return c
	}
	with := func(change func(c *Card)) Card {
		c := fresh.Card
		change(&c)
		return sign(c, fresh)
	}
	renamed := known.Card
	renamed.Name = "Bangasa Commando"
	for name, test := range map[string]struct {
		card Card
		want string
	}{
		"own card":          {h.self.Card, "our own"},
		"our party":         {with(func(c *Card) { c.Party = h.self.Card.Party }), "our own"},
		"our TLS key":       {with(func(c *Card) { c.TLS = h.self.Card.TLS }), "our own"},
		"our KEM key":       {with(func(c *Card) { c.KEM = h.self.Card.KEM }), "our own"},
		"party claimed":     {with(func(c *Card) { c.Party = known.Card.Party }), "another card of this identity"},
		"card changed":      {sign(renamed, known), "another card of this identity"},
		"TLS key claimed":   {with(func(c *Card) { c.TLS = known.Card.TLS }), "TLS key is already claimed"},
		"KEM key claimed":   {with(func(c *Card) { c.KEM = known.Card.KEM }), "KEM key is already claimed"},
		"signing key known": {sign(fresh.Card, known), "signing key is already claimed"},
	} {
		_, err := h.add(test.card)
		if fault.Of(err) != fault.Conflict || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", name, err, test.want)
		}
	}
	if len(h.feed()) != 1 || len(h.ledger()) != 1 {
		t.Error("something was kept")
	}
	h.mustAdd(fresh.Card)
	if _, err := h.add(Card{KEM: fresh.Card.KEM}); fault.Of(err) != fault.Invalid {
		t.Errorf("no card: %v", err)
	}
}

func TestSettings(t *testing.T) {
	h := newHouse(t)
	p := h.mustAdd(node(t, 2, "Bangasa Command", "BAN").Card)
	set := func(s Settings) error {
		return h.update(func(tx store.Tx) error {
			_, err := Set(tx, p.Party(), s, start)
			return err
		})
	}
	amber, address := stix.TLPAmberStrict, "https://bangasa.example:8443/wagasa"
	for range 2 {
		if err := set(Settings{MaxTLP: &amber, URL: &address}); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.get(p.Party()); got.MaxTLP != amber || got.URL != address {
		t.Errorf("%+v", got)
	}
	if got, want := h.feed(), []store.Kind{store.KindPartner, store.KindPolicy, store.KindPartner}; !slices.Equal(got, want) {
		t.Errorf("feed %v, want %v", got, want)
	}
	if got, want := h.ledger(), []string{"partner added", "partner policy max_tlp=amber+strict", `partner url="` + address + `"`}; !slices.Equal(got, want) {
		t.Errorf("ledger %q, want %q", got, want)
	}
	for tlp, want := range map[stix.TLP]fault.Kind{stix.TLPRed: fault.Denied, stix.TLPNone: fault.Invalid, 77: fault.Invalid} {
		if err := set(Settings{MaxTLP: &tlp}); fault.Of(err) != want || !strings.Contains(err.Error(), "Bangasa") {
			t.Errorf("ceiling %v: %v", tlp, err)
		}
	}
	for _, bad := range []string{
		"http://bangasa.example", "bangasa.example", "https://", "https:///path", "https://u:geheim@bangasa.example/", "https://bangasa.example/?q",
		"https://bangasa.example/#f", "https://bangasa.example/#", "https://bangasa.example:0/", "https://bangasa.example:/", "https://bangasa.example:99999/",
		"https://ban gasa.example/", "https://bangasa.example/\n", "https:bangasa.example", "https://u:geheim@bangasa.example:x/",
		"https://bangasa.example/" + strings.Repeat("x", maxURL),
	} {
		if err := set(Settings{URL: &bad}); err == nil || fault.Of(err) != fault.Invalid || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if got := h.get(p.Party()); got.MaxTLP != amber || got.URL != address {
		t.Errorf("after refusals: %+v", got)
	}
	none := ""
	if err := set(Settings{URL: &none}); err != nil || h.get(p.Party()).URL != "" {
		t.Errorf("removed: %v", err)
	}
}

func TestLookup(t *testing.T) {
	h := newHouse(t)
	var cards []Card
	for i, n := range [][2]string{{"Janome Office", "JAN"}, {"Bangasa Command", "BAN"}, {"Bangasa Police", "BAN"}, {"雨傘庁", "AMA"}, {"Janome office", "JPX"}} {
		c := node(t, 10+i, n[0], n[1]).Card
		cards = append(cards, c)
		h.mustAdd(c)
	}
	janome, bangasa, police, amagasa := cards[0], cards[1], cards[2], cards[3]
	uuid := strings.TrimPrefix(string(bangasa.Party), "identity--")
	h.must(func(tx store.Tx) error {
		for name, want := range map[string]store.Party{
			string(janome.Party): janome.Party, " bangasa COMMAND ": bangasa.Party, "雨傘庁": amagasa.Party, "ama": amagasa.Party,
			uuid[:8]: bangasa.Party, strings.ToUpper(uuid): bangasa.Party, "identity--" + uuid[:10]: bangasa.Party,
		} {
			p, err := Resolve(tx, name)
			if err != nil || p.Party() != want {
				t.Errorf("%q: %v", name, err)
			}
		}
		for name, want := range map[string]fault.Kind{
			"BAN": fault.Conflict, "Janome Office": fault.Conflict, uuid[:7]: fault.NotFound, "": fault.NotFound, "identity--": fault.NotFound, "Nobody": fault.NotFound,
		} {
			_, err := Resolve(tx, name)
			if fault.Of(err) != want || err == nil {
				t.Errorf("%q: %v, want %v", name, err, want)
			}
			if want == fault.Conflict && strings.Count(err.Error(), "identity--") != 2 || want == fault.NotFound && !strings.Contains(err.Error(), "Bangasa Police") {
				t.Errorf("%q: %v does not list the candidates", name, err)
			}
		}
		all, err := List(tx)
		if err != nil {
			return err
		}
		var names []string
		for _, p := range all {
			names = append(names, p.Card.Name)
		}
		if !slices.IsSorted(names) || len(names) != 5 {
			t.Errorf("list %q", names)
		}
		if p, ok, err := ByTLS(tx, police.TLS); !ok || err != nil || p.Party() != police.Party {
			t.Errorf("by TLS: %v %v", ok, err)
		}
		if _, ok, err := ByTLS(tx, store.Hash{1}); ok || err != nil {
			t.Errorf("by TLS of nobody: %v %v", ok, err)
		}
		if _, err := Confirm(tx, police.Party, police.Digest(), start); err != nil {
			return err
		}
		writers, err := Writers(tx)
		if len(writers) != 1 || !writers[police.Party] {
			t.Errorf("writers %v", writers)
		}
		return err
	})
}

func TestManyPartners(t *testing.T) {
	h := newHouse(t)
	h.must(func(tx store.Tx) error {
		if _, err := Resolve(tx, "x"); !strings.Contains(err.Error(), "no partners are known") {
			t.Error(err)
		}
		for i := range 300 {
			card := node(t, 100+i, fmt.Sprintf("Node %03d", i), "NOD").Card
			if _, err := Add(tx, h.self.Card, card.Text(), start); err != nil {
				return err
			}
		}
		all, err := List(tx)
		if len(all) != 300 || all[299].Card.Name != "Node 299" {
			t.Errorf("%d partners", len(all))
		}
		if _, err := Resolve(tx, "x"); !strings.Contains(err.Error(), "and 280 more") {
			t.Error(err)
		}
		return err
	})
}

func TestDamagedRecord(t *testing.T) {
	h := newHouse(t)
	p := h.mustAdd(node(t, 2, "Bangasa Command", "BAN").Card)
	for _, change := range [][2]string{{"{", "["}, {"Bangasa", "Bangaza"}, {`"clear"`, `"pink"`}, {"identity--", "identity--0"}} {
		err := h.update(func(tx store.Tx) error {
			r, _, err := tx.Records().Get(kindPartner, string(p.Party()))
			if err != nil {
				return err
			}
			r.Value = []byte(strings.Replace(string(r.Value), change[0], change[1], 1))
			if err := tx.Records().Put(r); err != nil {
				return err
			}
			_, err = Get(tx, p.Party())
			return err
		})
		if err == nil || fault.Of(err) != fault.Internal || !strings.Contains(err.Error(), string(p.Party())) {
			t.Errorf("%q: %v", change, err)
		}
	}
}
