package author

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
	"github.com/wagasa/wagasa/stix/typed"
	"pgregory.net/rapid"
)

var background = context.Background()

// pasted is what an author pastes.
const pasted = advisory + "紙熊（APT X1）がLanternLoaderを用い、CVE-2026-11111も悪用しています。\n"

// selected are the candidates that are suggested in an exercise.
func selected(t interface{ Fatal(...any) }, text string, k *Known) (list []Candidate) {
	e, err := Extract(text, k, Options{Rehearsal: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range e.Candidates {
		if c.Selected {
			list = append(list, c)
		}
	}
	return list
}

// TestFromPasteToStore is the whole way on a real store: an advisory is pasted, drafted, said who would get it, submitted, and is what it was said to be.
func TestFromPasteToStore(t *testing.T) {
	onEngines(t, func(w *world) {
		w.put(store.Self, bear, loader, phish, hole)
		c := choices()
		c.Indicates = []string{bearID, loaderID}
		d, err := w.Draft(background, selected(w, pasted, w.known()), c)
		w.must(err)
		// url, ipv4, domain, digest, e-mail; each indicates two; one vulnerability that is new; the report.
		count := map[string]int{}
		for _, o := range d.Objects {
			count[o.Type]++
			if o.CreatedByRef != w.self() || !slices.Equal(o.ObjectMarkingRefs, []string{stix.TLPGreen.MarkingID()}) || !slices.Equal(o.Labels, c.Labels) {
				t.Errorf("%s: %+v", o.ID, o.Header)
			}
			if found := w.Ingest.Validator().Validate(&o); len(found) > 0 {
				t.Errorf("%s: %v", o.ID, found)
			}
		}
		if count["indicator"] != 5 || count["relationship"] != 10 || count["vulnerability"] != 1 || count["report"] != 1 || len(d.Objects) != 17 {
			t.Errorf("%v", count)
		}
		report, err := typed.ReportOf(&d.Objects[len(d.Objects)-1])
		w.must(err)
		if report.Name() != c.Title || d.Main != d.Objects[16].ID || d.Objects[16].Lang != "ja" {
			t.Errorf("%s", d.Objects[16].Raw)
		}
		refs := report.ObjectRefs()
		for _, id := range []string{bearID, loaderID, phishID, holeID} {
			if !slices.Contains(refs, id) {
				t.Errorf("the report does not refer to %s", id)
			}
		}
		if len(refs) != 16+4 {
			t.Errorf("%d references", len(refs))
		}
		for _, o := range d.Objects {
			if o.Type != "indicator" {
				continue
			}
			i, err := typed.IndicatorOf(&o)
			w.must(err)
			if i.ValidUntil().Time() != start.AddDate(0, 0, 30) || i.Confidence() != 80 {
				t.Errorf("%s", o.Raw)
			}
		}
		before := map[store.Party]map[string]Why{}
		reach, err := w.Reach(background, d)
		w.must(err)
		for _, r := range reach {
			before[r.Party] = r.byID()
		}
		if found := w.stored(d.Main); found != 0 {
			t.Fatalf("asking who would get it stored %d versions", found)
		}
		s := w.submit(d, nil)
		if s.Main != d.Main || s.Again || len(s.IDs) != 17 {
			t.Errorf("%+v", s)
		}
		for _, id := range s.IDs {
			if _, v := w.current(id); v.Precedence != store.Priority || v.Standing != store.Authoritative || v.Origin != store.Self {
				t.Errorf("%s: %+v", id, v)
			}
		}
		for _, party := range []store.Party{w.usa, w.est} {
			after := w.preview(party)
			for _, id := range s.IDs {
				if b, a := before[party][id], after[id]; b.Permit != a.Permit || !same(b.Reason, a.Reason) {
					t.Errorf("%s to %s: said %v, is %v", id, party, b, a)
				}
			}
		}
	})
}

// byID spreads reasons over objects.
func (r *Reach) byID() map[string]Why {
	all := map[string]Why{}
	for _, y := range r.Why {
		for _, id := range y.IDs {
			all[id] = y
		}
	}
	return all
}

// stored counts the versions of an id.
func (w *world) stored(id string) (n int) {
	w.view(func(tx store.Tx) error {
		found, err := tx.Objects().Variants([]string{id})
		n = len(found)
		return err
	})
	return n
}

// TestWhatIsSaidBeforeIsWhatIsDecidedAfter: whatever the markings, the ceilings and the pairing, for new objects and for new versions.
func TestWhatIsSaidBeforeIsWhatIsDecidedAfter(t *testing.T) {
	levels := []stix.TLP{stix.TLPClear, stix.TLPGreen, stix.TLPAmber, stix.TLPAmberStrict, stix.TLPRed}
	for _, tlp := range levels {
		w := inMemory(t)
		c := Choices{Key: NewKey(), Title: "-", TLP: tlp, Confidence: NoConfidence} // as little as may be said
		d, err := w.Draft(background, []Candidate{{Kind: IPv4, Value: "198.51.100.7"}}, c)
		w.must(err)
		w.holds(d)
		for _, next := range levels {
			w.now = w.now.Add(time.Hour)
			marked, err := w.Mark(background, NewKey(), Version{ID: d.Main}, next, store.Flash)
			w.must(err)
			w.holds(marked)
		}
	}
}

// holds submits a draft, and compares what was said before with what the preview says after.
func (w *world) holds(d *Draft) {
	w.Helper()
	reach, err := w.Reach(background, d)
	w.must(err)
	if len(reach) != 2 { // nobody has confirmed the third
		w.Fatalf("%d partners", len(reach))
	}
	s := w.submit(d, nil)
	for _, r := range reach {
		after := w.preview(r.Party)
		said := r.byID()
		get := 0
		for _, id := range s.IDs {
			if said[id].Permit != after[id].Permit || !same(said[id].Reason, after[id].Reason) {
				w.Errorf("%s to %s: said %v, is %v", id, r.Name, said[id], after[id])
			}
			if after[id].Permit {
				get++
			}
		}
		if get != r.Get || r.Get+r.Keep != len(s.IDs) || r.Gets() != (get > 0) || r.Open != (r.Party == w.usa) {
			w.Errorf("%s: %+v, gets %d", r.Name, r, get)
		}
	}
}

func TestReachGivesTheReasons(t *testing.T) {
	w := inMemory(t)
	c := choices()
	c.TLP = stix.TLPAmber
	d, err := w.Draft(background, []Candidate{{Kind: IPv4, Value: "198.51.100.7"}}, c)
	w.must(err)
	reach, err := w.Reach(background, d)
	w.must(err)
	if r := reach[0]; r.Name != "Harbour Desk" || r.Nation != "USA" || r.Gets() || r.Why[0].Reason.Code != "deny.ceiling" || r.Why[0].Count != 2 {
		t.Errorf("%+v", r)
	}
	if r := reach[1]; r.Name != "Lantern Desk" || !r.Gets() || r.Open || r.Why[0].Reason.Code != "permit.ceiling" {
		t.Errorf("%+v", r)
	}
}

func TestPatterns(t *testing.T) {
	for _, tt := range []struct {
		c     Candidate
		ports bool
		want  string
	}{
		{Candidate{Kind: IPv4, Value: "198.51.100.7"}, false, "[ipv4-addr:value = '198.51.100.7']"},
		{Candidate{Kind: IPv4, Value: "198.51.100.7", Ports: []uint16{80, 443}}, true, "[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port IN (80, 443)]"},
		{Candidate{Kind: IPv4, Value: "198.51.100.7", Ports: []uint16{80}}, false, "[ipv4-addr:value = '198.51.100.7']"},
		{Candidate{Kind: IPv6, Value: "2001:db8::1"}, false, "[ipv6-addr:value = '2001:db8::1']"},
		{Candidate{Kind: CIDR, Value: "198.51.100.0/24"}, false, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"},
		{Candidate{Kind: CIDR, Value: "2001:db8::/32"}, false, "[ipv6-addr:value ISSUBSET '2001:db8::/32']"},
		{Candidate{Kind: Domain, Value: "c2.example"}, false, "[domain-name:value = 'c2.example']"},
		{Candidate{Kind: URL, Value: "http://c2.example/a'b\\c"}, false, `[url:value = 'http://c2.example/a\'b\\c']`},
		{Candidate{Kind: URL, Value: "c2.example/x"}, false, "[url:value = 'http://c2.example/x' OR url:value = 'https://c2.example/x']"},
		{Candidate{Kind: Email, Value: "a@c2.example"}, false, "[email-addr:value = 'a@c2.example']"},
		{Candidate{Kind: MD5, Value: aMd5}, false, "[file:hashes.MD5 = '" + aMd5 + "']"},
		{Candidate{Kind: SHA1, Value: aSha1}, false, "[file:hashes.'SHA-1' = '" + aSha1 + "']"},
		{Candidate{Kind: SHA256, Value: aSha256}, false, "[file:hashes.'SHA-256' = '" + aSha256 + "']"},
		{Candidate{Kind: SHA512, Value: aSha256 + aSha256}, false, "[file:hashes.'SHA-512' = '" + aSha256 + aSha256 + "']"},
		{Candidate{Kind: SSDeep, Value: "3:abcdef:abcdef"}, false, "[file:hashes.SSDEEP = '3:abcdef:abcdef']"},
		{Candidate{Kind: FileName, Value: "請求書.exe"}, false, "[file:name = '請求書.exe']"},
		{Candidate{Kind: Path, Value: `C:\Temp\a.exe`}, false, `[file:name = 'a.exe' AND file:parent_directory_ref.path = 'C:\\Temp']`},
		{Candidate{Kind: Path, Value: `C:\a.exe`}, false, `[file:name = 'a.exe' AND file:parent_directory_ref.path = 'C:\\']`},
		{Candidate{Kind: Path, Value: `C:\Temp\x`}, false, `[directory:path = 'C:\\Temp\\x']`},
		{Candidate{Kind: Path, Value: "/tmp/a.sh"}, false, "[file:name = 'a.sh' AND file:parent_directory_ref.path = '/tmp']"},
		{Candidate{Kind: Registry, Value: `HKEY_LOCAL_MACHINE\SOFTWARE\x`}, false, `[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\x']`},
	} {
		got := patternOf(&tt.c, tt.ports)
		if got != tt.want {
			t.Errorf("%s %q:\n got %s\nwant %s", tt.c.Kind, tt.c.Value, got, tt.want)
		}
		if faults := pattern.NewChecker(nil).CheckPattern("stix", "2.1", got); len(faults) > 0 {
			t.Errorf("%s: %v", got, faults)
		}
	}
}

// TestAnyValueIsOneConstant: nothing that a text may hold ends the quotes of a pattern.
func TestAnyValueIsOneConstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Candidate{Kind: FileName, Value: rapid.String().Draw(t, "value")}
		p, err := pattern.Parse(patternOf(&c, false))
		if err != nil {
			t.Fatal(err)
		}
		test, ok := p.Expr.(*pattern.Observation).Expr.(*pattern.Test)
		if !ok || test.Value.Text != c.Value {
			t.Fatalf("%q became %q", c.Value, p)
		}
	})
}

func TestWhatIsSubmittedTwiceIsThereOnce(t *testing.T) {
	onEngines(t, func(w *world) {
		list := []Candidate{{Kind: IPv4, Value: "198.51.100.7"}, {Kind: CVE, Value: "CVE-2026-22222"}}
		c := choices()
		first := w.submit(w.Draft(background, list, c))
		w.now = w.now.Add(time.Minute)
		again := w.submit(w.Draft(background, list, c)) // the button was pressed twice
		if !again.Again || again.Main != first.Main || !again.Time.Equal(first.Time) || w.stored(first.Main) != 1 {
			t.Errorf("%+v, then %+v", first, again)
		}
		c.Key = NewKey() // the page was loaded anew
		if other := w.submit(w.Draft(background, list, c)); !other.Again || other.Main != first.Main {
			t.Errorf("%+v", other)
		}
		c.Title = "another"
		if other := w.submit(w.Draft(background, list, c)); other.Again || other.Main == first.Main {
			t.Errorf("%+v", other)
		}
		d, err := w.Draft(background, list[:1], c)
		w.must(err)
		_, err = w.Submit(background, d)
		w.refused(err, "author.used-key")
		if fault.Of(err) != fault.Conflict {
			t.Error(err)
		}
	})
}

func TestTheSameContentLaterIsMeant(t *testing.T) {
	w := inMemory(t)
	list := []Candidate{{Kind: IPv4, Value: "198.51.100.7"}}
	c := choices()
	first := w.submit(w.Draft(background, list, c))
	c.Key, w.now = NewKey(), w.now.Add(Twice)
	if second := w.submit(w.Draft(background, list, c)); second.Again {
		t.Error("a day later it is meant")
	}
	w.now = w.now.Add(Twice)
	c.Key = NewKey()
	third := w.submit(w.Draft(background, list, c))
	w.submit(w.Revoke(background, NewKey(), Version{ID: third.Main}, store.Routine))
	c.Key = NewKey()
	if fourth := w.submit(w.Draft(background, list, c)); fourth.Again || fourth.Main == first.Main {
		t.Error("what was revoked may be said again")
	}
}

// TestIDsTellNothing: they follow from the key, not from the value, which somebody could guess.
func TestIDsTellNothing(t *testing.T) {
	w := inMemory(t)
	list := []Candidate{{Kind: IPv4, Value: "198.51.100.7"}}
	c := choices()
	one, err := w.Draft(background, list, c)
	w.must(err)
	w.now = w.now.Add(time.Hour)
	two, err := w.Draft(background, list, c)
	w.must(err)
	c.Key = NewKey()
	three, err := w.Draft(background, list, c)
	w.must(err)
	if one.Main != two.Main || one.Objects[0].ID != two.Objects[0].ID || one.Objects[0].ID == three.Objects[0].ID || !stix.ValidID(one.Main) {
		t.Errorf("%s %s %s", one.Main, two.Main, three.Main)
	}
}

func TestWhatCannotBeDrafted(t *testing.T) {
	w := inMemory(t)
	w.put(store.Self, bear, course)
	ip := []Candidate{{Kind: IPv4, Value: "198.51.100.7"}}
	many := make([]Candidate, MaxObjects)
	for i := range many {
		many[i] = Candidate{Kind: IPv4, Value: "198.51.100.7"}
	}
	for code, tt := range map[string]struct {
		list   []Candidate
		change func(*Choices)
	}{
		"author.nothing":          {nil, nil},
		"author.bad-key":          {ip, func(c *Choices) { c.Key = "short" }},
		"author.bad-title":        {ip, func(c *Choices) { c.Title = " \t" }},
		"author.bad-description":  {ip, func(c *Choices) { c.Description = strings.Repeat("x", MaxDescription+1) }},
		"author.no-tlp":           {ip, func(c *Choices) { c.TLP = stix.TLPNone }},
		"author.bad-precedence":   {ip, func(c *Choices) { c.Precedence = 9 }},
		"author.bad-confidence":   {ip, func(c *Choices) { c.Confidence = 101 }},
		"author.bad-days":         {ip, func(c *Choices) { c.Days = -1 }},
		"author.bad-validity":     {ip, func(c *Choices) { c.Days, c.ValidUntil = 0, start }},
		"author.bad-labels":       {ip, func(c *Choices) { c.Labels = []string{"a", "a"} }},
		"author.bad-language":     {ip, func(c *Choices) { c.Lang = "not a language" }},
		"author.too-many-targets": {ip, func(c *Choices) { c.Indicates = make([]string, MaxIndicates+1) }},
		"author.not-here":         {ip, func(c *Choices) { c.Indicates = []string{loaderID} }},
		"author.not-indicated":    {ip, func(c *Choices) { c.Indicates = []string{courseID} }},
		"author.too-many":         {many, nil},
		"author.bad-candidate":    {[]Candidate{{Kind: "poem", Value: "x"}}, nil},
	} {
		c := choices()
		if tt.change != nil {
			tt.change(&c)
		}
		_, err := w.Draft(background, tt.list, c)
		w.refused(err, code)
	}
	for _, bad := range []Candidate{{Kind: IPv4}, {Kind: CVE, Value: "CVE-1"}, {Kind: CVE, Value: "cve-2026-1234"}, {Kind: FileName, Value: "a\nb"}, {Kind: FileName, Value: "a\xff"}} {
		_, err := w.Draft(background, []Candidate{bad}, choices())
		w.refused(err, "author.bad-candidate", "1")
	}
}

// TestAllOrNothing: all objects of a draft or none.
func TestAllOrNothing(t *testing.T) {
	w := inMemory(t)
	d, err := w.Draft(background, []Candidate{{Kind: IPv4, Value: "198.51.100.7"}, {Kind: IPv4, Value: "198.51.100.8"}}, choices())
	w.must(err)
	w.Store.(interface{ FailCommits(int) }).FailCommits(1)
	if _, err := w.Submit(background, d); fault.Of(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	if w.stored(d.Main) != 0 || w.stored(d.Objects[0].ID) != 0 {
		t.Error("something is stored")
	}
	if s := w.submit(d, nil); s.Again || w.stored(d.Main) != 1 {
		t.Errorf("%+v", s)
	}
}

func BenchmarkDraftAndReach(b *testing.B) {
	disk, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "wagasa.db"), sqlite.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer disk.Close()
	for name, s := range map[string]store.Store{"memory": memory.New(), "sqlite": disk} {
		w := newWorld(b, s)
		var list []Candidate
		for i := range 1000 {
			list = append(list, Candidate{Kind: Domain, Value: "c" + strconv.Itoa(i) + ".example"})
		}
		for _, n := range []int{20, 1000} {
			b.Run(name+"/"+strconv.Itoa(n), func(b *testing.B) {
				for b.Loop() {
					d, err := w.Draft(background, list[:n], choices())
					w.must(err)
					_, err = w.Reach(background, d)
					w.must(err)
				}
			})
		}
	}
}
