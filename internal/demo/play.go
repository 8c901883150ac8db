package demo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// step is one scene: what it is called, and what happens. It returns an error if something it claims does not hold.
type step struct {
	title string
	run   func(*play, context.Context) error
}

func steps() []step {
	return []step{
		{"demo.start", (*play).start},
		{"demo.pair", (*play).pair},
		{"demo.preview", (*play).preview},
		{"demo.deliver", (*play).deliver},
		{"demo.answer", (*play).answer},
		{"demo.cut", (*play).cut},
		{"demo.mend", (*play).mend},
		{"demo.narrow", (*play).narrow},
		{"demo.verify", (*play).verify},
	}
}

// start makes both nodes, serves them, and puts the link between them.
func (p *play) start(ctx context.Context) error {
	p.today("demo.start-today")
	p.busy("demo.start-busy")
	for _, s := range []*side{p.jpn, p.usa} {
		if _, err := s.run(ctx, "init", "--name", s.name, "--nation", s.nation, "--recovery-out", s.dir+".recovery"); err != nil {
			return err
		}
		if err := s.serve(ctx); err != nil {
			return err
		}
		l, err := newRelay(s.listen)
		if err != nil {
			return err
		}
		p.links = append(p.links, l)
	}
	var failures []error
	for _, s := range []*side{p.jpn, p.usa} {
		st, _, err := s.status(ctx)
		if err != nil {
			return err
		}
		s.party = st.Party
		failures = append(failures, p.claim(true, st.Serving, "demo.start-serves", s.nation, s.name, s.ready.Milliseconds(), s.memory()>>20))
	}
	p.cast = cast{p.jpn.party, p.usa.party, time.Now()}
	return errors.Join(failures...)
}

// pair exchanges cards and lets people compare words; until both have confirmed, nothing flows.
func (p *play) pair(ctx context.Context) error {
	p.busy("demo.pair-busy")
	if err := p.introduce(ctx); err != nil {
		return err
	}
	if err := p.refuse(ctx); err != nil {
		return err
	}
	if err := p.confirm(ctx, p.jpn, p.usa); err != nil {
		return err
	}
	if err := p.oneSided(ctx); err != nil {
		return err
	}
	if err := p.confirm(ctx, p.usa, p.jpn); err != nil {
		return err
	}
	return p.bothSided(ctx)
}

// introduce gives each side the other's card, its address behind the relay and a ceiling.
func (p *play) introduce(ctx context.Context) error {
	for i, s := range []*side{p.jpn, p.usa} {
		other := []*side{p.usa, p.jpn}[i]
		text, _, err := other.card(ctx)
		if err != nil {
			return err
		}
		path := filepath.Join(p.folder, other.nation+".card")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
		if _, err := s.run(ctx, "partner", "add", path); err != nil {
			return err
		}
		if _, err := s.run(ctx, "partner", "set", other.nation, "--max-tlp", "amber", "--url", p.links[1-i].url()); err != nil {
			return err
		}
	}
	p.say("demo.pair-cards")
	return nil
}

// words are what the people of a side read from its card.
func (p *play) words(ctx context.Context, s *side) ([]string, error) {
	_, card, err := s.card(ctx)
	if err != nil {
		return nil, err
	}
	words := card.Words().English
	if p.Lang == "ja" {
		words = card.Words().Japanese
	}
	return words[:], nil
}

// refuse shows that a card whose words do not fit is not confirmed.
func (p *play) refuse(ctx context.Context) error {
	w, err := p.words(ctx, p.jpn) // of another card than USA's
	if err != nil {
		return err
	}
	p.busy("demo.pair-busy")
	_, err = p.jpn.run(ctx, "partner", "confirm", "USA", "--words", strings.Join(w, " "))
	var status *exited
	if err != nil && !errors.As(err, &status) {
		return err
	}
	_, l, failure := p.jpn.status(ctx)
	if failure != nil {
		return failure
	}
	return p.claim([]any{true, "not confirmed"}, []any{status != nil, l.State}, "demo.pair-wrong")
}

// confirm lets reader read the words of its card to s.
func (p *play) confirm(ctx context.Context, s, reader *side) error {
	w, err := p.words(ctx, reader)
	if err != nil {
		return err
	}
	p.say("demo.pair-words", reader.nation, s.nation)
	p.line("        " + p.paint(bold, strings.Join(w, " ")))
	p.busy("demo.pair-busy")
	_, err = s.run(ctx, "partner", "confirm", reader.nation, "--words", strings.Join(w, " "))
	return err
}

// oneSided shows that nothing flows on one side's confirmation.
func (p *play) oneSided(ctx context.Context) error {
	var jpn, usa link
	err := await(ctx, func() (bool, error) {
		st, l, err := p.jpn.status(ctx)
		jpn = l
		return l.State == "waiting for their confirmation" && st.Behind == 0, err
	})
	if err != nil {
		return err
	}
	if _, usa, err = p.usa.status(ctx); err != nil {
		return err
	}
	return p.claim([]any{"waiting for their confirmation", 0, 0}, []any{jpn.State, jpn.Released, usa.Received}, "demo.pair-one", jpn.Released, usa.Received)
}

// bothSided shows that both identities arrive once both sides have confirmed.
func (p *play) bothSided(ctx context.Context) error {
	jpn, usa, err := p.settled(ctx, func(jpn, usa link) bool {
		return jpn.Received == 1 && usa.Received == 1 && jpn.Receipted == 1 && usa.Receipted == 1
	})
	if err != nil {
		return err
	}
	return errors.Join(
		p.claim([]string{"paired", "paired"}, []string{jpn.State, usa.State}, "demo.pair-both"),
		p.claim([]int{1, 1}, []int{jpn.Received, usa.Received}, "demo.pair-identities", jpn.Received, usa.Received))
}

// settled waits until both sides' view of the exchange is as wanted, and returns it as it is then.
func (p *play) settled(ctx context.Context, wanted func(jpn, usa link) bool) (jpn, usa link, err error) {
	err = await(ctx, func() (bool, error) {
		var err error
		if _, jpn, err = p.jpn.status(ctx); err != nil {
			return false, err
		}
		if _, usa, err = p.usa.status(ctx); err != nil {
			return false, err
		}
		return wanted(jpn, usa), nil
	})
	return jpn, usa, err
}
