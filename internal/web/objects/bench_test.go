package objects_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/memory"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/stix"
)

// benched is the version of what is generated: another one is generated anew.
const benched = 4

// hub is the object that a tenth of all others refer to.
var hub = id("malware", 1)

// BenchmarkPages measures every page that shows objects, through the handler that the node serves: when the first byte comes, and how large the page is
// as packed. The stores are made once and kept in the system's folder for temporary files.
func BenchmarkPages(b *testing.B) {
	for _, n := range []int{0, 1, 1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := benchWorld(b, n)
			reader := w.visitor(locale.Japanese, account.Analyst, account.WatchOfficer)
			usa := string(w.usa.identity.Card.Party)
			pages := []struct{ name, path string }{
				{"search-empty", "/objects"},
				{"search-word", "/objects?q=" + url.QueryEscape("電力")},
				{"search-words-relevance", "/objects?q=" + url.QueryEscape("umbrella power sort:relevance")},
				{"search-address", "/objects?q=203.0.113.7"},
				{"search-filters", "/objects?q=" + url.QueryEscape("type:indicator tlp:amber -test since:2026-01-10")},
				{"object", "/objects/" + hub},
				{"object-graph", "/objects/" + hub + "?view=graph"},
				{"object-references", "/objects/" + hub + "/references?type=relationship"},
				{"object-received", "/objects/" + indicatorAt(4)},
				{"watch", "/"},
				{"desk", "/desk"},
				{"desk-partner", "/desk/" + usa},
				{"desk-partner-no", "/desk/" + usa + "?only=no"},
				{"partners", "/partners"},
				{"partner", "/partners/" + usa},
			}
			for _, p := range pages {
				b.Run(p.name, func(b *testing.B) { measure(b, reader, p.path) })
			}
		})
	}
}

// firstByte notes when the first byte of an answer was written.
type firstByte struct {
	*httptest.ResponseRecorder
	began time.Time
	took  time.Duration
}

func (f *firstByte) WriteHeader(code int) {
	f.took = cmp.Or(f.took, time.Since(f.began))
	f.ResponseRecorder.WriteHeader(code)
}

func measure(b *testing.B, v *visitor, path string) {
	var times []time.Duration
	size := 0
	for range b.N {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, v.origin+path, nil)
		r.AddCookie(&http.Cookie{Name: "session", Value: v.secret})
		r.Header.Set("Accept-Encoding", "gzip")
		f := &firstByte{ResponseRecorder: httptest.NewRecorder(), began: time.Now()}
		v.handler.ServeHTTP(f, r)
		if f.Code != http.StatusOK && f.Code != http.StatusNotFound {
			b.Fatalf("%s: %d", path, f.Code)
		}
		times, size = append(times, f.took), f.Body.Len()
	}
	slices.Sort(times)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(size)/1024, "KiB")
}

// benchWorld opens the world of n objects, or makes it.
func benchWorld(b *testing.B, n int) *world {
	b.Helper()
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("wagasa-pages-%d-%d", benched, n))
	w := &world{TB: b, clock: time.Date(2026, 4, 10, 1, 2, 3, 0, time.UTC)}
	done := filepath.Join(dir, "done")
	_, err := os.Stat(done)
	fresh := err != nil
	if fresh {
		w.must(os.RemoveAll(dir))
		w.must(os.MkdirAll(dir, 0o700))
	}
	s, err := sqlite.Open(b.Context(), filepath.Join(dir, "store"), sqlite.Config{})
	w.must(err)
	b.Cleanup(func() { s.Close() })
	w.jpn = &node{store: s, identity: w.loaded(dir, "JPN"), ingest: &ingest.Ingest{}}
	w.jpn.ingest.Self = w.jpn.identity.Card.Party
	w.usa = &node{store: memory.New(), identity: w.loaded(dir, "USA")}
	if fresh {
		w.pair(w.jpn, w.usa)
		w.must(s.Update(b.Context(), func(tx store.Tx) error { return partner.Heard(tx, w.usa.identity.Card.Party, w.clock) }))
		w.generate(n)
	}
	w.serve(s)
	w.follow()
	if fresh {
		w.must(os.WriteFile(done, nil, 0o600))
	}
	return w
}

func (w *world) loaded(dir, nation string) *partner.Identity {
	w.Helper()
	at := filepath.Join(dir, nation)
	id, err := partner.Load(at)
	if err != nil {
		id, _, err = partner.Create(at, partner.Params{Name: "Example of " + nation, Nation: nation, Now: w.clock})
	}
	w.must(err)
	return id
}

const perBatch = 500

// generate imports n objects: of ten, four are indicators, one an address, one a relationship to the hub, two other relationships, one a report or an answer, one from the
// partner or of another type. A third of JPN's own went to USA and was receipted.
func (w *world) generate(n int) {
	w.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	v := stix.NewValidator()
	var batch []ingest.Arrival
	envelope := uint64(0)
	for i := range n {
		creator := w.jpn.identity.Card.Party
		if i%10 == 4 {
			creator = w.usa.identity.Card.Party
		}
		raw := w.json(generated(r, i, string(creator)))
		o, err := stix.Parse(raw)
		w.must(err)
		a, err := ingest.Prepare(o, v)
		w.must(err)
		if a.Broken() {
			w.Fatalf("%s: %v", raw, a.Findings)
		}
		a.TLP = stix.TLPGreen
		if i%10 == 4 {
			a.Origin, a.Serial, a.Precedence = w.usa.identity.Card.Party, 1, store.Precedence(i/10%4)
		}
		if batch = append(batch, a); len(batch) == perBatch || i == n-1 {
			envelope++
			w.batch(batch, envelope)
			batch = nil
		}
	}
}

// batch takes objects, with what the exchange would have written of it.
func (w *world) batch(batch []ingest.Arrival, envelope uint64) {
	w.Helper()
	w.clock = w.clock.Add(time.Second)
	usa := w.usa.identity.Card.Party
	w.must(w.jpn.store.Update(context.Background(), func(tx store.Tx) error {
		var received, released [][]byte
		var handovers []store.Handover
		number := store.Number{Partner: usa, Incarnation: 1, Number: envelope}
		evidence, err := tx.Streams().AddEvidence(store.Evidence{Number: number})
		if err != nil {
			return err
		}
		for i := range batch {
			a := &batch[i]
			line := fmt.Appendf(nil, "%s %d", a.Object.ID, a.Object.Version())
			if a.Origin != store.Self {
				a.Evidence, a.Leaf = evidence, len(received)
				received = append(received, line)
			} else if i%3 == 0 {
				released = append(released, line)
				handovers = append(handovers, store.Handover{Number: number, ID: a.Object.ID, Modified: a.Object.Version(), Digest: a.Digest, Sum: a.Sum, TLP: uint8(stix.TLPGreen)})
			}
		}
		if _, err := w.jpn.ingest.Take(tx, w.clock, batch); err != nil {
			return err
		}
		tree := ledger.PartnerTree(usa)
		subject := fmt.Sprintf("R%d of %016x with %s", envelope, 1, usa)
		if err := ledger.Append(tx, tree, ledger.Entry{Kind: ledger.Received, Time: w.clock, Subject: subject, Items: received}, nil); err != nil {
			return err
		}
		if err := ledger.Append(tx, tree, ledger.Entry{Kind: ledger.Released, Time: w.clock, Subject: subject, Items: released}, nil); err != nil {
			return err
		}
		if err := tx.Streams().AddSent(store.Sent{Number: number, Left: true, Time: w.clock.UnixNano(), Items: len(handovers)}, handovers); err != nil {
			return err
		}
		return tx.Streams().SetSent(number, store.Receipted, true)
	}))
}

func indicatorAt(i int) string { return id("indicator", 1_000_000+i) }

var words = [...]string{
	"umbrella", "power", "grid", "phishing", "loader", "beacon", "gateway", "scan", "wiper", "tunnel", "credential", "攻撃", "電力", "通信", "港湾", "標的型", "不審な通信", "指令サーバー",
}

func text(r *rand.Rand, n int) string {
	out := ""
	for range n {
		out += words[r.IntN(len(words))] + " "
	}
	return out
}

// generated is the i-th object.
func generated(r *rand.Rand, i int, party string) map[string]any {
	if i == 0 {
		return object(hub, first, map[string]any{"name": "KAKASHI 案山子", "is_family": true, "malware_types": []string{"wiper"}, "created_by_ref": party, "description": text(r, 40)})
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 77 * time.Second).Format("2006-01-02T15:04:05.000Z")
	if i%10 != 9 {
		at = min(at, "2026-04-09T00:00:00.000Z")
	}
	of := func(id string, members map[string]any) map[string]any {
		o := object(id, at, members)
		if at < "2026-01-01T00:00:00.000Z" {
			o["created"] = at
		}
		o["created_by_ref"] = party
		if i%7 == 0 {
			o["object_marking_refs"] = []string{stix.TLPAmber.MarkingID()}
		}
		if i%50 == 0 {
			o["object_marking_refs"] = []string{stix.TLPRed.MarkingID()}
		}
		return o
	}
	other := func() string { return indicatorAt(r.IntN(i+1)/10*10 + r.IntN(5)) }
	switch i % 10 {
	case 0, 1, 2, 3, 4:
		return of(indicatorAt(i), map[string]any{
			"name": text(r, 3) + fmt.Sprint(i), "description": text(r, 30), "pattern_type": "stix", "valid_from": first, "labels": []string{words[i%11]},
			"pattern": fmt.Sprintf("[ipv4-addr:value = '203.0.113.%d' OR domain-name:value = 'h%d.bad.example']", i%256, i),
		})
	case 5:
		raw := fmt.Sprintf(`{"type":"domain-name","value":"h%d.bad.example"}`, i)
		did, _ := stix.DeterministicID([]byte(raw)) // it has a value
		return map[string]any{"type": "domain-name", "spec_version": "2.1", "id": did, "value": fmt.Sprintf("h%d.bad.example", i)}
	case 6:
		return of(id("relationship", i), map[string]any{"relationship_type": "indicates", "source_ref": other(), "target_ref": hub})
	case 7, 8:
		return of(id("relationship", i), map[string]any{"relationship_type": "related-to", "source_ref": other(), "target_ref": other()})
	}
	switch i / 10 % 4 {
	case 0:
		refs := []string{hub}
		for range 20 {
			refs = append(refs, other())
		}
		slices.Sort(refs)
		return of(id("report", i), map[string]any{"name": text(r, 6), "description": text(r, 80), "published": first, "object_refs": slices.Compact(refs)})
	case 1:
		return of(id("sighting", i), map[string]any{"sighting_of_ref": hub, "count": 1 + i%9, "description": text(r, 10)})
	case 2:
		return of(id("note", i), map[string]any{"content": text(r, 60), "object_refs": []string{hub, other()}})
	}
	return of(id("opinion", i), map[string]any{"opinion": "agree", "explanation": text(r, 15), "object_refs": []string{other()}})
}
