package main

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

type quarantineCommand struct {
	List quarantineList `cmd:"" help:"List what is quarantined, each with the first thing that STIX does not allow about it."`
	Show quarantineShow `cmd:"" help:"Show an object's versions with everything that validation found in them."`
	Lift quarantineLift `cmd:"" help:"Let a quarantined version take part, since you have looked at it."`
}

// findingLine is a finding as shown.
type findingLine struct {
	Level   string `json:"level"`
	Code    string `json:"code"`
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

func findingLines(findings []stix.Finding, lang locale.Lang) []findingLine {
	lines := make([]findingLine, len(findings))
	for i, f := range findings {
		lines[i] = findingLine{f.Level.String(), string(f.Code), f.Pointer, locale.Finding(lang, f)}
	}
	return lines
}

// text is the line for people.
func (l findingLine) text() string {
	return safe(fmt.Sprintf("%s at %s: %s", l.Code, cmp.Or(l.Pointer, "/"), l.Message))
}

// judgedLine is a variant with what validation found in it.
type judgedLine struct {
	ID string `json:"id"`
	variantLine
	Content  string          `json:"content"` // the whole of Digest
	Findings []findingLine   `json:"findings"`
	Lifted   *ingest.Lift    `json:"lifted,omitempty"`
	Object   json.RawMessage `json:"object,omitempty"` // its original bytes but for white space, where they are asked for
	raw      []byte
}

// judgedPage is how many versions are looked at a time: each may have some kilobytes of findings.
const judgedPage = 100

// judged reads what validation found in variants, and calls f for each in their order. With bytes it reads the objects, too.
func judged(tx store.Tx, variants []store.Variant, lang locale.Lang, bytes bool, f func(judgedLine)) error {
	names, err := partnerNames(tx)
	if err != nil {
		return err
	}
	most := judgedPage
	if bytes {
		most = 1 // of up to some megabytes
	}
	for page := range slices.Chunk(variants, most) {
		lines, err := judgedLines(tx, page, lang, names, bytes)
		if err != nil {
			return err
		}
		for _, l := range lines {
			f(l)
		}
	}
	return nil
}

func judgedLines(tx store.Tx, variants []store.Variant, lang locale.Lang, names map[string]string, bytes bool) ([]judgedLine, error) {
	seqs := make([]int64, len(variants))
	for i := range variants {
		seqs[i] = variants[i].Seq
	}
	stored, err := tx.Objects().Findings(seqs)
	if err != nil {
		return nil, err
	}
	var raw map[int64][]byte
	if bytes {
		if raw, err = tx.Objects().Bytes(seqs); err != nil {
			return nil, err
		}
	}
	lines := make([]judgedLine, len(variants))
	for i := range variants {
		v := &variants[i]
		found, err := ingest.Decode(stored[v.Seq])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.ID, err)
		}
		lines[i] = judgedLine{
			ID: v.ID, variantLine: lineOf(v, names), Content: hex.EncodeToString(v.Digest[:]), Findings: findingLines(found, lang),
			Object: raw[v.Seq], raw: raw[v.Seq],
		}
		if !v.Broken {
			continue
		}
		if l, ok, err := ingest.LiftOf(tx, v.Digest); err != nil {
			return nil, err
		} else if ok {
			lines[i].Lifted = &l
		}
	}
	return lines, nil
}

type quarantineList struct {
	nodeDir
	language
	Limit int  `default:"1000" help:"List at most so many versions; 0 is all."`
	JSON  bool `name:"json" help:"One JSON object a version, with all of its findings."`
}

func (*quarantineList) Help() string {
	return `What breaks what STIX demands is kept as it came, with its evidence, and takes part in nothing: it is not exported, not
decided upon and sent to nobody. An earlier version of the object stays current. With must = "reject" under [ingest] in its
wagasa.toml a node keeps nothing of such objects.

Example:
  wagasa quarantine list --dir /srv/wagasa --lang ja`
}

// quarantinePage is how many ids are looked at a time.
const quarantinePage = 200

// Run lists.
func (c *quarantineList) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	listed, total := 0, 0
	err = n.Store.View(env, func(tx store.Tx) error {
		counts, err := tx.Objects().Counts()
		if err != nil {
			return err
		}
		total = counts.Quarantined
		for after := ""; c.Limit <= 0 || listed < c.Limit; {
			ids, err := tx.Objects().Quarantined(after, quarantinePage)
			if err != nil || len(ids) == 0 {
				return err
			}
			variants, err := tx.Objects().Variants(ids)
			if err != nil {
				return err
			}
			variants = slices.DeleteFunc(variants, func(v store.Variant) bool { return v.Standing != store.Quarantined })
			if c.Limit > 0 {
				variants = variants[:min(len(variants), c.Limit-listed)]
			}
			if err := judged(tx, variants, c.lang(), false, func(l judgedLine) { c.print(env, l) }); err != nil {
				return err
			}
			listed += len(variants)
			after = ids[len(ids)-1]
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case listed < total:
		fmt.Fprintf(env.err, "the first %d of %d; see all of them with --limit 0\n", listed, total)
	case !c.JSON:
		fmt.Fprintf(env.out, "%d quarantined\n", total)
	}
	return nil
}

func (c *quarantineList) print(env *environment, l judgedLine) {
	if c.JSON {
		writeJSON(env.out, l)
		return
	}
	first := "no findings are stored"
	if len(l.Findings) > 0 {
		first = l.Findings[0].text()
	}
	if more := len(l.Findings) - 1; more > 0 {
		first += locale.Text(c.lang(), "quarantine.more", more)
	}
	fmt.Fprintf(env.out, "%s  %s  %s  content %s\n  %s\n", l.ID, cmp.Or(l.Modified, "no version"), l.Origin, l.Digest, first)
}

type quarantineShow struct {
	nodeDir
	language
	ID   string `arg:"" name:"ID" help:"The object's id."`
	Raw  bool   `help:"The objects, too, as they came."`
	JSON bool   `name:"json" help:"One JSON object a version."`
}

func (*quarantineShow) Help() string {
	return `Shows every version of the object that validation found something in, quarantined or not. Look at the object itself, too, before
you lift it: with --raw, or as words by wagasa stix show FILE.

Example:
  wagasa quarantine show --dir /srv/wagasa --raw indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2`
}

// Run shows.
func (c *quarantineShow) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	return n.Store.View(env, func(tx store.Tx) error {
		variants, err := tx.Objects().Variants([]string{c.ID})
		if err != nil {
			return err
		}
		if len(variants) == 0 {
			return fault.New(fault.NotFound, "no object has the id %q", c.ID)
		}
		shown := 0
		err = judged(tx, variants, c.lang(), c.Raw, func(l judgedLine) {
			if len(l.Findings) > 0 {
				shown++
				c.print(env, l)
			}
		})
		if err != nil {
			return err
		}
		if shown == 0 && !c.JSON {
			fmt.Fprintf(env.out, "%s: nothing was found in its versions\n", c.ID)
		}
		return nil
	})
}

func (c *quarantineShow) print(env *environment, l judgedLine) {
	if c.JSON {
		writeJSON(env.out, l)
		return
	}
	fmt.Fprintf(env.out, "%s  %s  %s  %s  content %s\n", l.ID, cmp.Or(l.Modified, "no version"), l.Origin, l.Standing, l.Digest)
	for _, f := range l.Findings {
		fmt.Fprintf(env.out, "  %s  %s\n", locale.Text(c.lang(), "level."+f.Level), f.text())
	}
	if l.Lifted != nil {
		fmt.Fprintf(env.out, "  lifted %s: %s\n", l.Lifted.Time.UTC().Format(time.RFC3339), safe(l.Lifted.Reason))
	}
	if l.raw != nil {
		fmt.Fprintf(env.out, "  %s\n", safe(string(l.raw)))
	}
}

type quarantineLift struct {
	nodeDir
	ID      string `arg:"" name:"ID" help:"The object's id."`
	Variant string `placeholder:"TIME|CONTENT" help:"Which version, where several are quarantined: its modified, or the content as listed. What a partner gave has to be named by its content."`
	Reason  string `required:"" help:"Why, on one line, for those who look at the ledger later."`
}

func (*quarantineLift) Help() string {
	return `The version then counts as any other, and goes to partners that may have it; whether they take it is up to them. It holds for
the content: the same content from another origin, or once more, is not quarantined again. It is logged and cannot be undone.

Example:
  wagasa quarantine lift --dir /srv/wagasa indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2 --reason "times are off, content is good"`
}

// Run lifts.
func (c *quarantineLift) Run(env *environment) error {
	n, err := c.open(env)
	if err != nil {
		return err
	}
	defer n.Close()
	var variants []store.Variant
	err = n.Store.View(env, func(tx store.Tx) (err error) {
		variants, err = tx.Objects().Variants([]string{c.ID})
		return err
	})
	if err != nil {
		return err
	}
	v, err := c.choose(variants)
	if err != nil {
		return err
	}
	if !c.named() && !ours(variants, v.Digest) {
		return badUsage{fmt.Errorf("a partner gave it and may give others: name the content that you have looked at, as in\n  --variant %s", contentOf(v))}
	}
	lift, fresh, err := n.Lift(env, c.ID, v.Digest, c.Reason)
	if err != nil {
		return err
	}
	if !fresh {
		fmt.Fprintf(env.out, "%s: was lifted %s already: %s\n", c.ID, lift.Time.UTC().Format(time.RFC3339), safe(lift.Reason))
		return nil
	}
	fmt.Fprintf(env.out, "%s: lifted, content %s\n", c.ID, contentOf(v))
	return nil
}

// choose finds the one content that is meant. What was lifted already may be meant, too.
func (c *quarantineLift) choose(variants []store.Variant) (*store.Variant, error) {
	if len(variants) == 0 {
		return nil, fault.New(fault.NotFound, "no object has the id %q", c.ID)
	}
	contents := map[store.Hash]*store.Variant{}
	for i := range variants {
		if v := &variants[i]; v.Broken && (c.Variant != "" || v.Standing == store.Quarantined) && c.means(v) {
			contents[v.Digest] = v
		}
	}
	switch {
	case len(contents) == 0 && c.Variant == "":
		return nil, fault.New(fault.NotFound, "no version of %s is quarantined", c.ID)
	case len(contents) == 0:
		return nil, fault.New(fault.NotFound, "no version of %s with findings that quarantine it is %q: see wagasa quarantine show", c.ID, c.Variant)
	case len(contents) == 1:
		for _, v := range contents {
			return v, nil
		}
	}
	var lines []string
	for _, v := range contents {
		lines = append(lines, "  --variant "+hex.EncodeToString(v.Digest[:])+"  "+cmp.Or(versionOf(v), "no version"))
	}
	slices.Sort(lines)
	return nil, fault.New(fault.Conflict, "%d versions of %s may be meant: say which\n%s", len(lines), c.ID, strings.Join(lines, "\n"))
}

// shortestContent is the shortest beginning of a content that is taken for one: as much as is listed. What is shorter could be met by trying.
const shortestContent = 16

// named says whether --variant is a content.
func (c *quarantineLift) named() bool {
	_, err := time.Parse(time.RFC3339Nano, c.Variant)
	return c.Variant != "" && err != nil
}

// ours says whether this node imported a content itself.
func ours(variants []store.Variant, digest store.Hash) bool {
	return slices.ContainsFunc(variants, func(v store.Variant) bool { return v.Digest == digest && v.Origin == store.Self })
}

// means says whether --variant may mean a variant.
func (c *quarantineLift) means(v *store.Variant) bool {
	if c.Variant == "" {
		return true
	}
	if t, err := time.Parse(time.RFC3339Nano, c.Variant); err == nil {
		return v.Modified == t.UnixNano()
	}
	return len(c.Variant) >= shortestContent && strings.HasPrefix(hex.EncodeToString(v.Digest[:]), strings.ToLower(c.Variant))
}
