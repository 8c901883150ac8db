package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/locale"
)

// How many addresses JPN takes in before and after its FLASH message.
const (
	before = 8
	after  = 5
)

// cut cuts the link while both nodes run on; what JPN takes in then waits, and JPN knows what USA lacks.
func (p *play) cut(ctx context.Context) error {
	p.today("demo.cut-today")
	_, start, err := p.jpn.status(ctx)
	if err != nil {
		return err
	}
	for _, l := range p.links {
		l.cut()
	}
	p.say("demo.cut-say", before, after)
	p.busy("demo.cut-busy")
	if err := p.loadInCrisis(ctx); err != nil {
		return err
	}
	var st status
	var jpn link
	err = await(ctx, func() (bool, error) {
		st, jpn, err = p.jpn.status(ctx)
		return jpn.InFlight == before+1 && jpn.Queued["R"] == after && !jpn.Up && st.Behind == 0, err
	})
	if err != nil {
		return err
	}
	there, usa, err := p.usa.status(ctx)
	if err != nil {
		return err
	}
	return errors.Join(
		p.claim([]bool{true, true, false}, []bool{st.Serving, there.Serving, jpn.Up}, "demo.cut-serving"),
		p.claim([]int{before + 1, after}, []int{jpn.InFlight, jpn.Queued["R"]}, "demo.cut-waiting", jpn.InFlight, jpn.Queued["R"]),
		p.claim([]int{start.Receipted, start.Released + before + 1}, []int{jpn.Receipted, jpn.Released}, "demo.cut-holds", jpn.Receipted, jpn.Released),
		p.showMissing(ctx, jpn),
		p.claim(start.Receipted, usa.Received, "demo.cut-none", usa.Received))
}

// loadInCrisis imports ROUTINE, then FLASH, then ROUTINE again, each once the exchange has looked at the one before.
func (p *play) loadInCrisis(ctx context.Context) error {
	first, firstIDs, err := p.cast.addresses(1, before)
	if err != nil {
		return err
	}
	flash, err := p.cast.read(flashFile)
	if err != nil {
		return err
	}
	more, _, err := p.cast.addresses(before+1, before+after)
	if err != nil {
		return err
	}
	p.missing = append(firstIDs, flashID)
	slices.Sort(p.missing)
	for _, load := range []struct {
		file       string
		content    []byte
		precedence string
		flying     int
	}{{"routine-1.jsonl", first, "R", before}, {flashFile, flash, "Z", before + 1}, {"routine-2.jsonl", more, "R", before + 1}} {
		if _, err := p.jpn.load(ctx, load.file, load.content, load.precedence); err != nil {
			return err
		}
		err := await(ctx, func() (bool, error) {
			st, l, err := p.jpn.status(ctx)
			return l.InFlight == load.flying && !l.Up && st.Behind == 0, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// showMissing names what USA lacks.
func (p *play) showMissing(ctx context.Context, jpn link) error {
	own, err := p.jpn.objects(ctx, "export", "--type", "indicator")
	if err != nil {
		return err
	}
	missing := slices.Sorted(slices.Values(jpn.Missing))
	var names []string
	for _, id := range missing {
		if id == flashID {
			names = append(names, p.text("demo.object-flash"))
		} else {
			names = append(names, own[id].Name)
		}
	}
	const shown = 4
	comma := ", "
	if p.Lang == locale.Japanese {
		comma = "、"
	}
	list := strings.Join(names[:min(shown, len(names))], comma)
	if rest := len(names) - shown; rest > 0 {
		list = p.text("demo.list-more", list, rest)
	}
	return p.claim(p.missing, missing, "demo.cut-missing", len(missing), list)
}

// mend closes the link again: FLASH arrives first, everything arrives once.
func (p *play) mend(ctx context.Context) error {
	p.today("demo.mend-today")
	began, knocked := time.Now(), 0
	for _, l := range p.links {
		knocked += l.mend()
	}
	p.say("demo.mend-say", knocked)
	p.busy("demo.mend-busy")
	jpn, usa, err := p.settled(ctx, func(jpn, usa link) bool {
		return jpn.Receipted == usa.Received && jpn.Receipted == jpn.Released && jpn.InFlight == 0 && len(jpn.Queued) == 0
	})
	if err != nil {
		return err
	}
	_, all, err := p.cast.addresses(1, before+after)
	if err != nil {
		return err
	}
	arrived, err := p.usa.arrivals(ctx, append(all, flashID))
	if err != nil {
		return err
	}
	if len(arrived) != before+after+1 {
		return p.claim(before+after+1, len(arrived), "demo.mend-all", jpn.Receipted, jpn.Released, "–")
	}
	took := time.Unix(0, arrived[len(arrived)-1].Arrived).Sub(began).Milliseconds()
	lead := time.Duration(arrived[1].Arrived - arrived[0].Arrived)
	want := len(p.given) + before + after + 1
	return errors.Join(
		p.claim([]int{want, want}, []int{jpn.Receipted, jpn.Released}, "demo.mend-all", jpn.Receipted, jpn.Released, took),
		p.claim([]string{flashID, "FLASH"}, []string{arrived[0].ID, arrived[0].Precedence.String()}, "demo.mend-flash", milliseconds(lead), before),
		p.claimOnce(ctx, want, usa))
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
}

// claimOnce shows that USA has nothing twice, no gap and no contradiction.
func (p *play) claimOnce(ctx context.Context, want int, usa link) error {
	st, _, err := p.usa.status(ctx)
	if err != nil {
		return err
	}
	conflicts, err := p.usa.run(ctx, "conflicts", "--json")
	if err != nil {
		return err
	}
	twice := st.Variants - st.Objects
	return p.claim([]any{want, 0, 0, ""}, []any{usa.Received, twice, len(usa.Gaps), string(conflicts)}, "demo.mend-once", usa.Received, twice, len(usa.Gaps))
}

// narrow lets JPN mark RED what it had shared as AMBER.
func (p *play) narrow(ctx context.Context) error {
	p.today("demo.narrow-today")
	p.say("demo.narrow-say", p.text("demo.object-amber"))
	p.busy("demo.narrow-busy")
	narrowed, err := p.cast.read(narrowedFile)
	if err != nil {
		return err
	}
	if _, err := p.jpn.load(ctx, narrowedFile, narrowed, "P"); err != nil {
		return err
	}
	var jpn link
	err = await(ctx, func() (bool, error) {
		var st status
		st, jpn, err = p.jpn.status(ctx)
		return len(jpn.StillHeld) > 0 && st.Behind == 0 && jpn.InFlight == 0 && len(jpn.Queued) == 0, err
	})
	if err != nil {
		return err
	}
	return p.claimHeld(ctx, jpn)
}

// claimHeld compares what JPN says that USA still holds with what USA has.
func (p *play) claimHeld(ctx context.Context, jpn link) error {
	decided, err := p.jpn.decisions(ctx, "USA", string(p.Lang))
	if err != nil {
		return err
	}
	there, err := p.usa.objects(ctx, "export", "--type", "malware")
	if err != nil {
		return err
	}
	old := there[amberID]
	if len(jpn.StillHeld) != 1 {
		return p.claim(1, len(jpn.StillHeld), "demo.narrow-holds", p.text("demo.object-amber"), "–")
	}
	held := jpn.StillHeld[0]
	version := time.Unix(0, held.Modified).UTC().Format("2006-01-02 15:04 UTC")
	return errors.Join(
		p.claim(false, decided[amberID].Permit, "demo.narrow-stays", decided[amberID].Text),
		p.claim([]any{amberID, true}, []any{held.ID, held.Sure}, "demo.narrow-holds", p.text("demo.object-amber"), version),
		p.claim([]any{held.Modified, string(p.given[amberID])}, []any{old.Version(), string(old.Raw)}, "demo.narrow-true"))
}

// verify recomputes both ledgers.
func (p *play) verify(ctx context.Context) error {
	p.busy("demo.verify-busy")
	var failures []error
	for i, s := range []*side{p.jpn, p.usa} {
		other := []*side{p.usa, p.jpn}[i]
		var report ledger
		if err := s.decode(ctx, &report, "ledger", "verify"); err != nil {
			return err
		}
		ok, sizes := true, [2]int64{}
		var proven, latest int64
		for _, t := range report.Trees {
			ok = ok && t.OK
			if t.Tree == "national" {
				sizes[0] = t.Size
			} else if sizes[1] = t.Size; t.Witnessed != nil {
				proven, latest = t.Witnessed.Proven, t.Witnessed.Shown
				ok = ok && t.Witnessed.Contradictions == 0
			}
		}
		failures = append(failures, p.claim([]any{2, true}, []any{len(report.Trees), ok}, "demo.verify-ok",
			s.nation, sizes[0], other.nation, sizes[1], proven, latest))
	}
	return errors.Join(failures...)
}
