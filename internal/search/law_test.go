package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/stix"
	"pgregory.net/rapid"
)

// The texts of the laws are of few words, so that they meet, and run into each other in every way.
var (
	snippets = []string{"power", "Power", "po", "powerful", "grid", "198.51.100.7", "198.51.100.70", "T1059.001", "電力", "会社", "力電", "会", "攻", "ガス", "ｶﾞｽ", "和傘", "exchange", "ｅｘ", "한국", "é", "e\u0301", "ß", "\u200b"}
	glue     = []string{" ", "", "。", "-", "　", ", "}
	labels   = []string{"a", "A", "ａ", "b", "ab", "警戒", "two words"}
)

func text(t *rapid.T, name string, most int) string {
	var b strings.Builder
	for range rapid.IntRange(0, most).Draw(t, name) {
		b.WriteString(rapid.SampledFrom(snippets).Draw(t, "word"))
		b.WriteString(rapid.SampledFrom(glue).Draw(t, "glue"))
	}
	return b.String()
}

// drawObject draws a version of one of few objects.
func drawObject(t *rapid.T) props {
	n := rapid.IntRange(0, 5).Draw(t, "object")
	more := props{"modified": day(rapid.IntRange(-90, 0).Draw(t, "modified")), "description": text(t, "description", 6)}
	if marked := rapid.SampledFrom([]stix.TLP{stix.TLPNone, stix.TLPAmber, stix.TLPRed}).Draw(t, "tlp"); marked != stix.TLPNone {
		more["object_marking_refs"] = []string{marked.MarkingID()}
	}
	if l := rapid.SliceOfNDistinct(rapid.SampledFrom(labels), 0, 2, rapid.ID).Draw(t, "labels"); len(l) > 0 {
		more["labels"] = l
	}
	if rapid.Bool().Draw(t, "revoked") {
		more["revoked"] = true
	}
	typ := rapid.SampledFrom([]string{"report", "malware", "language-content", "domain-name"}).Draw(t, "type")
	switch typ {
	case "language-content":
		more["object_ref"] = id(rapid.SampledFrom([]string{"report", "malware", typ}).Draw(t, "translates"), rapid.IntRange(0, 5).Draw(t, "which"))
		more["contents"] = props{"ja": props{"name": text(t, "name", 2), "aliases": []string{text(t, "alias", 2)}}}
		delete(more, "description")
	case "domain-name":
		more = props{"created": nil, "modified": nil, "value": text(t, "value", 3), "labels": more["labels"]}
	default:
		more["name"] = text(t, "name", 3)
		more["lang"] = rapid.SampledFrom([]any{nil, "en", "ja"}).Draw(t, "lang")
		more["created_by_ref"] = rapid.SampledFrom([]any{nil, id("identity", 1)}).Draw(t, "creator")
	}
	return object(typ, n, more)
}

// drawQuery draws a query; some ask for what is not there.
func drawQuery(t *rapid.T) Query {
	var words []string
	for range rapid.IntRange(0, 3).Draw(t, "words") {
		w := strings.NewReplacer("　", "", " ", "", "-", "", "\u200b", "").Replace(text(t, "asked", 2))
		if len(units(w)) == 0 {
			continue
		}
		if last := units(w); rapid.IntRange(0, 4).Draw(t, "begins") == 0 && runes(last[len(last)-1].text) >= 3 {
			w += "*"
		} else if rapid.IntRange(0, 4).Draw(t, "quoted") == 0 {
			w = `"` + w + rapid.SampledFrom(append(snippets[:5:5], " ", "電力")).Draw(t, "more") + `"`
		}
		if rapid.IntRange(0, 3).Draw(t, "not") == 0 {
			w = "-" + w
		}
		words = append(words, w)
	}
	q := Query{
		Text: strings.Join(words, " "), Sort: rapid.SampledFrom([]Sort{Newest, Relevance}).Draw(t, "sort"),
		Limit: rapid.IntRange(1, 5).Draw(t, "limit"), Filters: drawFilters(t, 2),
	}
	if rapid.IntRange(0, 3).Draw(t, "excluding") == 0 {
		q.Not = drawFilters(t, 1)
	}
	if rapid.IntRange(0, 3).Draw(t, "window") == 0 {
		q.Since = now.AddDate(0, 0, rapid.IntRange(-90, -40).Draw(t, "since"))
		q.Until = now.AddDate(0, 0, rapid.IntRange(-60, 0).Draw(t, "until"))
	}
	if rapid.IntRange(0, 3).Draw(t, "by revoked") == 0 {
		yes := rapid.Bool().Draw(t, "is revoked")
		q.Revoked = &yes
	}
	return q
}

func drawFilters(t *rapid.T, most int) (f Filters) {
	for range rapid.IntRange(0, most).Draw(t, "filters") {
		switch rapid.IntRange(0, 5).Draw(t, "filter") {
		case 0:
			f.Types = append(f.Types, rapid.SampledFrom([]string{"report", "malware", "domain-name", "tool"}).Draw(t, "type"))
		case 1:
			f.Labels = append(f.Labels, rapid.SampledFrom(labels).Draw(t, "label"))
		case 2:
			f.TLP = append(f.TLP, rapid.SampledFrom([]stix.TLP{stix.TLPNone, stix.TLPGreen, stix.TLPAmber}).Draw(t, "tlp"))
		case 3:
			f.Languages = append(f.Languages, rapid.SampledFrom([]string{"en", "ja"}).Draw(t, "lang"))
		case 4:
			f.Creators = append(f.Creators, id("identity", 1))
		case 5:
			f.Origins = append(f.Origins, "own")
		}
	}
	return f
}

// agree holds a search against a scan of everything.
func (h *house) agree(all []naive, q Query) {
	h.t.Helper()
	want := naively(all, q)
	page := h.query(q)
	if page.Total != len(want.ids) || page.More {
		h.t.Fatalf("%s: total %d, want %d", q, page.Total, len(want.ids))
	}
	if got := h.all(q); !slices.Equal(got, want.ids) {
		h.t.Fatalf("%s (%v):\n got %v\nwant %v", q, q.Sort, got, want.ids)
	}
	for _, f := range Facets {
		var got, most []Count
		for _, c := range page.Facets[f] {
			if c.N > 0 {
				got = append(got, Count{casefold(c.Value), c.N})
			}
		}
		for value, n := range want.counts[f] {
			most = append(most, Count{value, n})
		}
		slices.SortFunc(most, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value)) })
		if most = most[:min(len(most), max(mostCounts, len(got)))]; len(got) < len(most) || !slices.Equal(got[:min(mostCounts, len(got))], most[:min(mostCounts, len(most))]) {
			h.t.Fatalf("%s: %s counts %v, want %v", q, f, got, most)
		}
	}
}

// live lets objects come, change, and go, and the index follow at moments of its own.
func (h *house) live(t *rapid.T) {
	h.index.bounds = bounds{rapid.IntRange(1, 12).Draw(t, "entries"), rapid.IntRange(1, 12).Draw(t, "documents"), rapid.SampledFrom([]int{1, 300, 1 << 20}).Draw(t, "text")}
	for range rapid.IntRange(1, 25).Draw(t, "events") {
		switch rapid.IntRange(0, 9).Draw(t, "event") {
		case 0, 1, 2, 3, 4:
			h.take(drawObject(t))
		case 5:
			h.takeFrom(other, drawObject(t))
		case 6:
			h.remove(drawObject(t)["id"].(string))
		case 7:
			h.update(func(tx store.Tx) error { return tx.Feed().Append(now.UnixNano(), store.KindPolicy, string(other)) })
		case 8:
			for range rapid.IntRange(1, 5).Draw(t, "steps") {
				h.step()
			}
			h.query(Query{}) // what is in memory then has to follow
		case 9:
			h.index = h.reopened()
		}
	}
}

// reopened is the index as another process sees it.
func (h *house) reopened() *Index {
	x := New(h.store)
	x.bounds = h.index.bounds
	return x
}

func (h *house) step() (did bool) {
	h.t.Helper()
	did, err := h.index.step(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return did
}

// TestLaw: whatever comes in whatever order and in whatever batches, the index finds what a scan of the store finds, in the same order, with the
// same counts; and so does one that is made anew from the feed.
func TestLaw(t *testing.T) {
	check := func(t *rapid.T, h *house) {
		h.live(t)
		h.catchUp()
		all := h.scan()
		var queries []Query
		for range 4 {
			queries = append(queries, drawQuery(t))
			h.agree(all, queries[len(queries)-1])
		}
		for h.step() { // merges, and what is to be deleted
		}
		for _, q := range queries {
			h.agree(all, q)
		}
		if err := h.index.Rebuild(context.Background()); err != nil {
			h.t.Fatal(err)
		}
		h.index.bounds = usual
		h.catchUp()
		for _, q := range queries {
			h.agree(all, q)
		}
	}
	t.Run("memory", rapid.MakeCheck(func(t *rapid.T) { check(t, newHouse(t, memory.New())) }))
	t.Run("sqlite", func(t *testing.T) {
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			if n++; n <= 5 { // each makes a file
				check(r, newHouse(r, onDisk(t)))
			}
		})
	})
}

// TestPagesStayRight: while objects arrive, change and go, the pages of a search that is under way show nothing twice that did not change, and
// miss nothing that was there all the time.
func TestPagesStayRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHouse(t, memory.New())
		h.index.bounds.entries = rapid.IntRange(1, 50).Draw(t, "entries")
		still := map[string]bool{}
		for n := range rapid.IntRange(5, 30).Draw(t, "objects") {
			h.take(object("tool", n, props{"name": fmt.Sprint("power ", n), "description": strings.Repeat("power ", n%4), "modified": day(-n % 7)}))
			still[id("tool", n)] = true
		}
		h.catchUp()
		q := Query{Text: "power", Limit: rapid.IntRange(1, 7).Draw(t, "limit"), Sort: rapid.SampledFrom([]Sort{Newest, Relevance}).Draw(t, "sort")}
		seen := map[string]int{}
		for i := 0; ; i++ {
			page := h.query(q)
			if again := h.query(q); !slices.Equal(idsOf(page), idsOf(again)) || page.Next != again.Next {
				t.Fatalf("asked again, %v became %v", idsOf(page), idsOf(again))
			}
			for _, hit := range page.Hits {
				seen[hit.ID]++
			}
			if q.After = page.Next; q.After == "" {
				break
			}
			switch rapid.IntRange(0, 3).Draw(t, "meanwhile") {
			case 0:
				h.take(object("tool", 100+i, props{"name": "power anew", "modified": day(-rapid.IntRange(0, 7).Draw(t, "modified"))}))
			case 1:
				n := rapid.IntRange(0, 30).Draw(t, "changed")
				h.take(object("tool", n, props{"name": "power changed", "modified": now.Add(time.Duration(i) * time.Minute).Format("2006-01-02T15:04:05.000Z")}))
				delete(still, id("tool", n))
			case 2:
				n := rapid.IntRange(0, 30).Draw(t, "gone")
				h.remove(id("tool", n))
				delete(still, id("tool", n))
			}
			h.catchUp()
			for rapid.Bool().Draw(t, "tidy") && h.step() {
			}
		}
		for id := range still {
			if seen[id] != 1 {
				t.Fatalf("%s did not change and was shown %d times", id, seen[id])
			}
		}
	})
}
