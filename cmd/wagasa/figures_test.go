package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/store"
)

// BenchmarkDelivery pipes 1,000 objects one by one into import and takes the time from the commit at one node to the commit at
// its partner, both seen from outside.
func BenchmarkDelivery(b *testing.B) {
	for b.Loop() {
		r := newRoad(b)
		r.pair("amber")
		r.serve(0)
		r.serve(1)
		r.rest(20 * time.Second)
		var stores [2]store.Store
		for i := range stores {
			n, err := node.Open(context.Background(), r.dirs[i])
			if err != nil {
				b.Fatal(err)
			}
			defer n.Close()
			stores[i] = n.Store
		}
		c := exec.Command("wagasa", "import", "--dir", r.dirs[0], "--default-tlp", "green", "-")
		in, err := c.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Start(); err != nil {
			b.Fatal(err)
		}
		var piped, took []time.Duration
		for i := range 1000 {
			id := fmt.Sprintf("indicator--20000000-0000-4000-8000-%012d", i)
			start := time.Now()
			fmt.Fprintf(in, `{"type":"indicator","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"[ipv4-addr:value = '192.0.2.1']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}`+"\n", id)
			committed := arrival(b, stores[0], id)
			piped = append(piped, committed.Sub(start))
			took = append(took, arrival(b, stores[1], id).Sub(committed))
		}
		in.Close()
		if err := c.Wait(); err != nil {
			b.Fatal(err)
		}
		slices.Sort(piped)
		slices.Sort(took)
		b.ReportMetric(ms(piped[500]), "ms-pipe-to-commit-median")
		b.ReportMetric(ms(took[500]), "ms-commit-to-commit-median")
		b.ReportMetric(ms(took[989]), "ms-commit-to-commit-p99")
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// arrival is when an object is seen to be current.
func arrival(b *testing.B, s store.Store, id string) time.Time {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(500 * time.Microsecond) {
		found := false
		err := s.View(context.Background(), func(tx store.Tx) error {
			v, err := tx.Objects().Current([]string{id})
			found = len(v) > 0
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		if found {
			return time.Now()
		}
	}
	b.Fatalf("%s did not arrive", id)
	return time.Time{}
}

// BenchmarkStart starts a node that holds all the real reports: until it serves, and its memory a second later.
func BenchmarkStart(b *testing.B) {
	needRealData(b)
	r := newRoad(b)
	r.load()
	for b.Loop() {
		start := time.Now()
		c := exec.Command("wagasa", "serve", "--dir", r.dirs[0], "--listen", fmt.Sprintf("127.0.0.1:%d", r.ports[0]))
		out, err := c.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Start(); err != nil {
			b.Fatal(err)
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ms(time.Since(start)), "ms-to-serving")
		time.Sleep(time.Second)
		b.ReportMetric(mostResident(c.Process.Pid), "MB-resident")
		_ = c.Process.Kill()
		_ = c.Wait()
	}
}

var vmHWM = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// mostResident is the most memory that a process has had resident so far, in MB; 0 once it has ended. (What the system says of an
// ended child includes its parent's memory at the fork.)
func mostResident(pid int) float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	found := vmHWM.FindSubmatch(status)
	if found == nil {
		return 0
	}
	kb, _ := strconv.ParseFloat(string(found[1]), 64)
	return kb / 1000
}

// watchResident looks until the process ends.
func watchResident(pid int) <-chan float64 {
	most := make(chan float64, 1)
	go func() {
		last := 0.0
		for now := mostResident(pid); now > 0; now = mostResident(pid) {
			last = now
			time.Sleep(5 * time.Millisecond)
		}
		most <- last
	}()
	return most
}

// BenchmarkImportReal imports ATT&CK in one process on one core: durable objects a second, and the most memory it had resident.
func BenchmarkImportReal(b *testing.B) {
	needRealData(b)
	files := sourceFiles(b, "attack")
	bytes := int64(0)
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			b.Fatal(err)
		}
		bytes += info.Size()
	}
	b.SetBytes(bytes)
	objects, took := 0, time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir() + "/jpn"
		wagasa(b, nil, "init", "--dir", dir, "--name", "Example", "--nation", "JPN", "--recovery-out", dir+".recovery")
		c := exec.Command("wagasa", append([]string{"import", "--dir", dir, "--json"}, files...)...)
		c.Env = append(os.Environ(), "GOMAXPROCS=1")
		b.StartTimer()
		start := time.Now()
		var out strings.Builder
		c.Stdout = &out
		if err := c.Start(); err != nil {
			b.Fatal(err)
		}
		most := watchResident(c.Process.Pid)
		if err := c.Wait(); err != nil {
			b.Fatal(err)
		}
		took += time.Since(start)
		for line := range strings.Lines(out.String()) {
			var f fileReport
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				b.Fatal(err)
			}
			objects += f.Taken()
		}
		b.ReportMetric(<-most, "MB-resident")
	}
	b.ReportMetric(float64(objects)/took.Seconds(), "objects/s")
}
