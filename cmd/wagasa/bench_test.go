package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/wagasa/wagasa/internal/node"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

func benchNode(b *testing.B) (*node.Node, string) {
	dir := b.TempDir() + "/jpn"
	n, err := node.Init(b.Context(), dir, partner.Params{Name: "JPN Node", Nation: "JPN", Now: time.Now()}, stix.TLPAmber)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { n.Close() })
	return n, dir
}

// BenchmarkPause measures how long an object that is piped into wagasa import - takes until it is committed, while the pipe stays open.
func BenchmarkPause(b *testing.B) {
	n, dir := benchNode(b)
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "wagasa", "import", "--dir", dir, "-")
	in, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	set := map[string]string{"seed": "pause", "modified": "2026-01-01T00:00:00.000Z"}
	held := func() (objects int) {
		err := n.Store.View(b.Context(), func(tx store.Tx) error {
			counts, err := tx.Objects().Counts()
			objects = counts.Objects
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		return objects
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		object := append(indicator(i, set, 500), '\n')
		want := held() + 1
		b.StartTimer()
		start := time.Now()
		if _, err := in.Write(object); err != nil {
			b.Fatal(err)
		}
		for held() < want {
			if ctx.Err() != nil {
				b.Fatal(ctx.Err())
			}
			time.Sleep(200 * time.Microsecond)
		}
		took = append(took, time.Since(start))
	}
	in.Close()
	if err := c.Wait(); err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

// BenchmarkImport measures the real command on 20,000 objects of half a KiB: process start, reading, committing.
func BenchmarkImport(b *testing.B) {
	var file bytes.Buffer
	w := stix.NewBundleWriter(&file, "bundle--"+uuid("bundle", "bench", 0))
	set := map[string]string{"seed": "import", "modified": "2026-01-01T00:00:00.000Z"}
	const objects = 20000
	for i := range objects {
		if err := w.Write(indicator(i, set, 300)); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		b.StopTimer()
		_, dir := benchNode(b)
		c := exec.CommandContext(b.Context(), "wagasa", "import", "--dir", dir, "-")
		c.Stdin = bytes.NewReader(file.Bytes())
		b.StartTimer()
		if out, err := c.CombinedOutput(); err != nil {
			b.Fatal(fmt.Errorf("%w: %s", err, out))
		}
	}
	b.ReportMetric(objects*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}
