package pattern_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

// benchmark runs f over the real patterns.
func benchmark(b *testing.B, f func(text string, p *pattern.Pattern)) {
	list, _ := realPatterns(b)
	trees := make([]*pattern.Pattern, len(list))
	for i, real := range list {
		p, err := pattern.Parse(real.text)
		if err != nil {
			b.Fatal(err)
		}
		trees[i] = p
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		f(list[i].text, trees[i])
		if i++; i == len(list) {
			i = 0
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "patterns/s")
}

func BenchmarkParse(b *testing.B) {
	benchmark(b, func(text string, _ *pattern.Pattern) {
		if _, err := pattern.Parse(text); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkPrint(b *testing.B) {
	var buf []byte
	benchmark(b, func(_ string, p *pattern.Pattern) { buf = pattern.Append(buf[:0], p) })
}

func BenchmarkCheck(b *testing.B) {
	var c pattern.Checker
	benchmark(b, func(_ string, p *pattern.Pattern) { c.Check(p, "2.0") })
}

// benchmarkMatch matches patterns against observations and reports pairs.
func benchmarkMatch(b *testing.B, patterns []*pattern.Matcher, seen []pattern.Observed) {
	b.ReportAllocs()
	matched := 0
	for b.Loop() {
		matched = 0
		for _, m := range patterns {
			if m.Match(seen).Verdict == pattern.Matched {
				matched++
			}
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(patterns)*len(seen))/b.Elapsed().Seconds(), "pairs/s")
	b.ReportMetric(float64(matched), "matched")
}

const realObserved = "observed-data/stix-shifter-1000.json"

// realScene are the observations of the real data, as objects.
func realScene(b *testing.B) (list []stix.Object) {
	f, err := os.Open(filepath.Join(realFolder, realObserved))
	if err != nil {
		b.Skipf("no real data: %v", err)
	}
	defer f.Close()
	r := stix.NewReader(f)
	for {
		o, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		if o.Type == "observed-data" {
			list = append(list, o)
		}
	}
	return list
}

func observe(b *testing.B, list []stix.Object) (seen []pattern.Observed) {
	scene := pattern.NewScene()
	for i := range list {
		o, err := scene.Observe(&list[i])
		if err != nil {
			b.Fatal(err)
		}
		seen = append(seen, o)
	}
	return seen
}

// mixed are patterns of all shapes for the real observations, which are connections, files and processes.
var mixed = []string{
	"[ipv4-addr:value = '198.51.100.%d']",
	"[ipv4-addr:value ISSUBSET '203.0.113.%d/30' OR ipv6-addr:value ISSUBSET '2001:db8::/64']",
	"[network-traffic:dst_port = %d AND network-traffic:dst_ref.value = '192.0.2.1']",
	"[network-traffic:protocols[*] = 'x%d']",
	"[file:hashes.MD5 = '0123456789abcdef0123456789abc%03d' AND file:size > 5]",
	"[url:value LIKE 'https://%%.example/%d/%%']",
	"[process:command_line MATCHES '^cmd[.]exe /c (a|b)%d']",
	"[file:name IN ('a%d.exe', 'b.exe', 'c.exe')] AND [domain-name:value = 'x.example']",
	"([ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [network-traffic:dst_port = %d]) WITHIN 300 SECONDS",
	"[network-traffic:dst_port = %d] REPEATS 5 TIMES WITHIN 60 SECONDS",
}

// BenchmarkMatch is 50 patterns against 1,000 real observations, on one core.
func BenchmarkMatch(b *testing.B) {
	objects := realScene(b)
	seen := observe(b, objects)
	var shapes, real, hits []*pattern.Matcher
	for i := range 50 {
		shapes = append(shapes, compiled(b, fmt.Sprintf(mixed[i%len(mixed)], 100+i)))
	}
	for _, text := range []string{
		"[network-traffic:dst_port = 80]",
		"[network-traffic:dst_port > 1000 AND network-traffic:src_ref.value ISSUBSET '192.168.0.0/16']",
		"[network-traffic:dst_port > 0] REPEATS 20 TIMES WITHIN 600 SECONDS",
		"([network-traffic:dst_port < 1000] FOLLOWEDBY [network-traffic:dst_port > 1000]) WITHIN 60 SECONDS",
		"[ipv4-addr:value LIKE '10.%'] AND [user-account:user_id LIKE '%a%']",
	} {
		for range 10 {
			hits = append(hits, compiled(b, text))
		}
	}
	list, _ := realPatterns(b)
	for i := range 50 {
		p, err := pattern.Parse20(list[i*len(list)/50].text)
		if err != nil {
			b.Fatal(err)
		}
		m, err := pattern.Compile(p)
		if err != nil {
			b.Fatal(err)
		}
		real = append(real, m)
	}
	b.Run("shapes", func(b *testing.B) { benchmarkMatch(b, shapes, seen) })
	b.Run("real", func(b *testing.B) { benchmarkMatch(b, real, seen) })
	b.Run("hits", func(b *testing.B) { benchmarkMatch(b, hits, seen) })
	b.Run("observe", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			observe(b, objects)
		}
		b.ReportMetric(float64(b.N)*float64(len(objects))/b.Elapsed().Seconds(), "observations/s")
	})
}

// BenchmarkNoMatch is one observation that does not match a pattern of one test.
func BenchmarkNoMatch(b *testing.B) {
	m := compiled(b, "[file:hashes.'SHA-256' = '"+strings.Repeat("0a", 32)+"']")
	seen := []pattern.Observed{observed(b, 0, `{"type":"file","name":"x","hashes":{"SHA-256":"`+strings.Repeat("0B", 32)+`"}}`)}
	benchmarkMatch(b, []*pattern.Matcher{m}, seen)
}

// BenchmarkRepeats is REPEATS 20 over 1,000 observations: none of which match; all of which do, but too far apart; and in groups too few.
func BenchmarkRepeats(b *testing.B) {
	for _, bench := range []struct{ name, text, seen string }{
		{"none", "a REPEATS 20 TIMES", strings.Repeat("b", 1000)},
		{"apart", "a REPEATS 20 TIMES WITHIN 18 SECONDS", strings.Repeat("a", 1000)},
		{"sequence", "(a > b > c) REPEATS 20 TIMES", strings.Repeat("c", 300) + strings.Repeat("abcc", 19) + strings.Repeat("ab", 312)},
		{"windows", "(a & b & c) WITHIN 5 SECONDS REPEATS 20 TIMES", strings.Repeat("abc", 19) + strings.Repeat("aaabbbb", 135)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			benchmarkMatch(b, []*pattern.Matcher{compiled(b, spell(bench.text))}, letters(b, bench.seen))
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	benchmark(b, func(_ string, p *pattern.Pattern) {
		if _, err := pattern.Compile(p); err != nil {
			b.Fatal(err)
		}
	})
}
