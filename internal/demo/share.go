package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// preview lets JPN take its report in with sending paused, and look at what USA would get.
func (p *play) preview(ctx context.Context) error {
	p.today("demo.preview-today")
	p.say("demo.preview-pause")
	p.busy("demo.preview-busy")
	if _, err := p.jpn.run(ctx, "partner", "set", "USA", "--url="); err != nil {
		return err
	}
	report, err := p.cast.read(reportFile)
	if err != nil {
		return err
	}
	taken, err := p.jpn.load(ctx, reportFile, report, "P")
	if err != nil {
		return err
	}
	decided, err := p.jpn.decisions(ctx, "USA", string(p.Lang))
	if err != nil {
		return err
	}
	if p.given, err = p.raw(ctx, p.jpn, "preview", "USA"); err != nil {
		return err
	}
	if err := p.claim(counts{New: len(parts())}, taken, "demo.preview-import", taken.New); err != nil {
		return err
	}
	if err := p.showDecisions(ctx, decided); err != nil {
		return err
	}
	return p.judgeDecisions(ctx, decided)
}

// raw returns the bytes of objects that a command writes as a bundle.
func (p *play) raw(ctx context.Context, s *side, args ...string) (map[string][]byte, error) {
	objects, err := s.objects(ctx, args...)
	bodies := map[string][]byte{}
	for id, o := range objects {
		bodies[id] = o.Raw
	}
	return bodies, err
}

func (p *play) showDecisions(ctx context.Context, decided map[string]decision) error {
	own, err := p.jpn.objects(ctx, "export")
	if err != nil {
		return err
	}
	var rows [][]string
	for _, part := range parts() {
		d, level := decided[part.id], own[part.id].tlp().Label()
		answer := "decision.no"
		if d.Permit {
			answer = "decision.yes"
		}
		if level == "" {
			level = "–"
		}
		rows = append(rows, []string{p.text(part.name), level, p.text(answer), d.Text})
	}
	heads := []string{p.text("demo.head-object"), "TLP", p.text("demo.head-decision"), p.text("demo.head-reason")}
	p.table(heads, rows, func(row int) string {
		if decided[parts()[row].id].Permit {
			return green
		}
		return amber
	})
	return nil
}

func (p *play) judgeDecisions(ctx context.Context, decided map[string]decision) error {
	// The identities too: JPN's own went when the pairing was complete, USA's is never sent back.
	want := map[string]bool{p.jpn.party: true, p.usa.party: false}
	goes := 0
	for _, part := range parts() {
		if want[part.id] = part.goes; decided[part.id].Permit {
			goes++
		}
	}
	p.kept = len(parts()) - goes
	wrong := []string{}
	for id, d := range decided {
		if expected, ok := want[id]; !ok || expected != d.Permit {
			wrong = append(wrong, fmt.Sprintf("%s %t", id, d.Permit))
		}
	}
	_, usa, err := p.usa.status(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		p.claim([]any{len(want), []string{}}, []any{len(decided), wrong}, "demo.preview-decided", goes, p.kept),
		p.claim(1, usa.Received, "demo.preview-nothing"))
}

// deliver lets JPN send, and compares what USA has with the preview.
func (p *play) deliver(ctx context.Context) error {
	p.busy("demo.deliver-busy")
	began := time.Now()
	if _, err := p.jpn.run(ctx, "partner", "set", "USA", "--url", p.links[1].url()); err != nil {
		return err
	}
	_, _, err := p.settled(ctx, func(jpn, usa link) bool {
		return usa.Received == len(p.given) && jpn.Receipted == len(p.given)
	})
	if err != nil {
		return err
	}
	got, err := p.raw(ctx, p.usa, "export")
	if err != nil {
		return err
	}
	delete(got, p.usa.party)
	arrived, err := p.usa.arrivals(ctx, ids(got))
	if err != nil {
		return err
	}
	last := began
	if len(arrived) > 0 {
		last = time.Unix(0, arrived[len(arrived)-1].Arrived)
	}
	delay := last.Sub(began)
	if err := p.claim(ids(p.given), ids(got), "demo.deliver-exactly", len(got)-1, delay.Milliseconds()); err != nil {
		return err
	}
	return errors.Join(p.sameBytes(got), p.noTrace())
}

func ids[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// sameBytes compares what arrived with what the preview showed.
func (p *play) sameBytes(got map[string][]byte) error {
	compared, different := 0, []string(nil)
	for id, want := range p.given {
		if compared += len(want); !bytes.Equal(want, got[id]) {
			different = append(different, id)
		}
	}
	return p.claim([]string(nil), different, "demo.deliver-bytes", compared)
}

// noTrace searches USA's folder for what must not be there, and, lest the search be blind, for what must.
func (p *play) noTrace() error {
	present, _, _, err := p.usa.search(clearID)
	if err != nil {
		return err
	}
	leaked, files, size, err := p.usa.search(redID, jpnOnlyID, nationID, "中央給電指令所", "soc@kitayama.example")
	if err != nil {
		return err
	}
	return p.claim([]int{1, 0}, []int{present, leaked}, "demo.deliver-trace", files, size>>10)
}

// answer lets USA report that it has seen the indicator.
func (p *play) answer(ctx context.Context) error {
	p.busy("demo.answer-busy")
	sighting, err := p.cast.read(sightingFile)
	if err != nil {
		return err
	}
	if _, err := p.usa.load(ctx, sightingFile, sighting, "O"); err != nil {
		return err
	}
	_, _, err = p.settled(ctx, func(jpn, usa link) bool { return jpn.Received == 2 && usa.Receipted == 2 })
	if err != nil {
		return err
	}
	here, err := p.jpn.objects(ctx, "export", "--type", "sighting")
	if err != nil {
		return err
	}
	there, err := p.raw(ctx, p.usa, "export", "--type", "sighting")
	if err != nil {
		return err
	}
	delay, err := p.delay(ctx, p.usa, p.jpn, sightingID)
	if err != nil {
		return err
	}
	s := here[sightingID]
	return errors.Join(
		p.claim(string(there[sightingID]), string(s.Raw), "demo.answer-came", delay.Milliseconds()),
		p.claim([]string{clearID, strconv.Itoa(3)}, []string{s.Sighting, strconv.Itoa(s.Count)}, "demo.answer-says", s.Count, p.text("demo.object-clear")))
}

// delay is the time between an object's arrival at one node, by import, and at the other.
func (p *play) delay(ctx context.Context, from, to *side, id string) (time.Duration, error) {
	a, err := from.arrivals(ctx, []string{id})
	if err != nil {
		return 0, err
	}
	b, err := to.arrivals(ctx, []string{id})
	if err != nil {
		return 0, err
	}
	if len(a) != 1 || len(b) != 1 {
		return 0, p.claim([]int{1, 1}, []int{len(a), len(b)}, "demo.answer-came", "–")
	}
	return time.Duration(b[0].Arrived - a[0].Arrived), nil
}
