package search

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/sqlite"
)

// babble makes texts of words as frequent as in a language, a fifth of them Japanese.
type babble struct {
	r     *rand.Rand
	words *rand.Zipf
	kanji *rand.Zipf
}

func newBabble() *babble {
	r := rand.New(rand.NewPCG(1, 2))
	return &babble{r, rand.NewZipf(r, 1.1, 3, 200_000), rand.NewZipf(r, 1.1, 3, 3000)}
}

func (b *babble) text(bytes int) string {
	var s strings.Builder
	for s.Len() < bytes {
		if b.r.IntN(5) == 0 {
			for range 2 + b.r.IntN(6) {
				s.WriteRune(0x4E00 + rune(b.kanji.Uint64()))
			}
		} else {
			n := b.words.Uint64()
			for range 2 + n%7 {
				s.WriteByte(byte('a' + n%26))
				n = n*2654435761>>3 + 7
			}
			s.WriteByte(' ')
		}
	}
	return s.String()
}

// object is like one of ATT&CK: of ten six relate, with a sentence, the others have some paragraphs.
func (b *babble) object(n int) props {
	uuid := fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", b.r.Uint32(), b.r.IntN(1<<16), b.r.IntN(1<<12), b.r.IntN(1<<12), b.r.Uint64()>>16)
	o := props{
		"spec_version": "2.1", "created": day(-n % 2000), "modified": day(-n % 2000), "created_by_ref": id("identity", n%50),
		"object_marking_refs": []string{id("marking-definition", 1)},
	}
	if n%10 < 6 {
		o["type"], o["relationship_type"] = "relationship", "uses"
		o["source_ref"], o["target_ref"] = id("malware", b.r.IntN(1000)), id("attack-pattern", b.r.IntN(1000))
		o["description"] = b.text(50 + b.r.IntN(250))
	} else {
		o["type"], o["name"] = []string{"attack-pattern", "malware", "intrusion-set", "report"}[n%4], b.text(20)
		o["description"] = b.text(200 + b.r.IntN(2000))
		o["labels"] = []string{fmt.Sprint("label", n%30)}
		o["external_references"] = []props{{"source_name": "mitre-attack", "external_id": fmt.Sprintf("T%04d.%03d", n%10000, n%7), "url": "https://attack.example/techniques/" + fmt.Sprint(n)}}
		o["kill_chain_phases"] = []props{{"kill_chain_name": "mitre-attack", "phase_name": fmt.Sprint("phase", n%14)}}
	}
	o["id"] = o["type"].(string) + "--" + uuid
	return o
}

func (h *house) fill(b *babble, from, objects int) {
	for from < objects {
		var some []props
		for ; from < objects && len(some) < 2000; from++ {
			some = append(some, b.object(from))
		}
		h.take(some...)
	}
}

const many = 100_000

// BenchmarkIndex100k indexes 100,000 objects as Run does, but without its pauses, then searches them.
func BenchmarkIndex100k(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		path := filepath.Join(dir, "wagasa.db")
		open := func() store.Store {
			s, err := sqlite.Open(context.Background(), path, sqlite.Config{})
			if err != nil {
				b.Fatal(err)
			}
			return s
		}
		size := func() float64 {
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			return float64(info.Size()) / (1 << 20)
		}
		b.StopTimer()
		s := open()
		h := newHouse(b, s)
		h.fill(newBabble(), 0, many)
		s.Close()
		before := size()
		s = open()
		h = newHouse(b, s)
		b.StartTimer()
		start := time.Now()
		longest := h.followTimed()
		took := time.Since(start)
		b.StopTimer()
		s.Close()
		b.ReportMetric(many/took.Seconds(), "objects/s")
		b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest-write")
		b.ReportMetric(before, "MB-store")
		b.ReportMetric(size()-before, "MB-index-file")
		s = open()
		h = newHouse(b, s)
		h.measure(b)
		s.Close()
		b.StartTimer()
	}
}

// followTimed brings the index up to date and returns how long the longest write transaction took.
func (h *house) followTimed() time.Duration {
	timed := &timedStore{Store: h.store}
	x := New(timed)
	for {
		did, err := x.step(context.Background())
		if err != nil {
			h.t.Fatal(err)
		}
		if !did {
			return timed.longest
		}
	}
}

type timedStore struct {
	store.Store
	longest time.Duration
}

func (s *timedStore) Update(ctx context.Context, f func(store.Tx) error) error {
	start := time.Now()
	defer func() { s.longest = max(s.longest, time.Since(start)) }()
	return s.Store.Update(ctx, f)
}

// measure searches as people do.
func (h *house) measure(b *testing.B) {
	var m manifest
	err := h.store.View(context.Background(), func(tx store.Tx) (err error) {
		m, _, err = loadManifest(tx)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	bytes := 0
	for _, s := range m.Segments {
		bytes += s.Bytes
	}
	b.ReportMetric(float64(bytes)/(1<<20), "MB-index")
	b.ReportMetric(float64(len(m.Segments)), "segments")
	start := time.Now()
	h.search("")
	b.ReportMetric(float64(time.Since(start).Microseconds())/1000, "ms-first-search")
	babble := newBabble()
	var took []time.Duration
	worst, worstQuery := time.Duration(0), ""
	for i := range 400 {
		q := h.question(babble, i)
		start := time.Now()
		h.query(q)
		d := time.Since(start)
		if d > worst {
			worst, worstQuery = d, q.String()
		}
		took = append(took, d)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-search-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-search-p99")
	b.Logf("the longest, %v: %s", worst, worstQuery)
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	b.ReportMetric(float64(mem.HeapInuse)/(1<<20), "MB-heap")
}

// question is a search of one of several kinds.
func (h *house) question(b *babble, i int) Query {
	words := strings.Fields(b.text(60))
	rune := func() string { return string(0x4E00 + rune(b.kanji.Uint64())) }
	q := Query{Sort: Sort(i / 9 % 2)}
	switch i % 9 {
	case 0:
		q.Text = words[0]
	case 1:
		q.Text = strings.Join(words[:2], " ")
	case 2:
		q.Text = rune() + rune()
	case 3:
		q.Text = rune() + rune() + rune()
	case 4:
		q.Text = fmt.Sprintf("T%04d.%03d", i, i%7)
	case 5:
		q.Types, q.Labels = []string{"malware", "report"}, []string{fmt.Sprint("label", i%30)}
	case 6:
		q.Text, q.Types = words[0], []string{"attack-pattern"}
	case 7:
		q.Text = "mit*"
	case 8: // everything
		return q
	}
	if _, err := compile(q.Text); err != nil {
		q.Text = "uses"
	}
	return q
}

// BenchmarkImport takes 20,000 objects in the batches of an import, alone and while the index follows in the same process.
func BenchmarkImport(b *testing.B) {
	for _, followed := range []bool{false, true} {
		b.Run(fmt.Sprintf("followed=%t", followed), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				h := newHouse(b, onDisk(b))
				words := newBabble()
				var batches [][]ingest.Arrival
				for n := range 10 {
					var batch []ingest.Arrival
					for i := range 2000 {
						batch = append(batch, h.arrival(store.Self, words.object(2000*n+i)))
					}
					batches = append(batches, batch)
				}
				ctx, cancel := context.WithCancel(context.Background())
				var running sync.WaitGroup
				if followed {
					running.Go(func() { _ = h.index.Run(ctx, slog.New(slog.DiscardHandler)) })
				}
				b.StartTimer()
				for _, batch := range batches {
					h.update(func(tx store.Tx) error {
						_, err := h.in.Take(tx, now, batch)
						return err
					})
				}
				b.StopTimer()
				cancel()
				running.Wait()
				b.StartTimer()
			}
			b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
		})
	}
}
