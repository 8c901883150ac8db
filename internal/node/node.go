// Package node puts a node together: the only package that knows all the others. A folder holds one node: its keys, its card, its
// configuration and its store. [Init] makes one, [Open] opens it for a command, [Node.Serve] runs it.
package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/store/sqlite"
	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/pattern"
)

// Config is a node's wagasa.toml. Unknown keys are errors.
type Config struct {
	DefaultTLP string         `toml:"default_tlp" comment:"TLP of an object that names none: clear, green, amber, amber+strict or red"`
	Ingest     IngestConfig   `toml:"ingest"`
	Store      sqlite.Config  `toml:"store"`
	Accounts   account.Config `toml:"accounts"`
}

// IngestConfig says how what comes in is judged.
type IngestConfig struct {
	Must string `toml:"must" comment:"what becomes of an object that breaks what STIX demands: quarantine or reject"`
}

const (
	configFile = "wagasa.toml"
	storeFile  = "store.db"
	cardFile   = "card.txt"
)

// Node is an open folder. Its methods may be called by many goroutines.
type Node struct {
	Dir        string
	DefaultTLP stix.TLP
	Identity   *partner.Identity
	Store      store.Store
	Ingest     *ingest.Ingest
	Search     *search.Index
	config     Config
}

// Init makes a node in dir, which it creates. A folder that holds a node already is fault.Conflict. The recovery key goes to p.Recovered.
func Init(ctx context.Context, dir string, p partner.Params, defaultTLP stix.TLP) (*Node, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := prepare(ctx, dir, defaultTLP); err != nil {
		return nil, err
	}
	if _, _, err := partner.Create(dir, p); err != nil {
		return nil, err
	}
	return Open(ctx, dir)
}

// prepare makes configuration and store, before the identity: what dies half-way may be begun again.
func prepare(ctx context.Context, dir string, defaultTLP stix.TLP) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.New(fault.Unavailable, "init: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, cardFile)); err == nil {
		return fault.New(fault.Conflict, "%s holds a node already", dir)
	}
	text, err := toml.Marshal(Config{DefaultTLP: defaultTLP.String(), Ingest: IngestConfig{Must: "quarantine"}})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, configFile), text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	s, err := sqlite.Open(ctx, filepath.Join(dir, storeFile), sqlite.Config{})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.View(ctx, func(tx store.Tx) error {
		head, err := tx.Feed().Head()
		if err == nil && head > 0 {
			err = fault.New(fault.Conflict, "%s has the store of a node, but not its card: put card and keys back, or use another folder", dir)
		}
		return err
	})
}

// introduce stores the identity object and begins the national ledger, unless that was done before. It is part of every Open, since an init may
// die behind the identity.
func (n *Node) introduce(ctx context.Context) error {
	known := false
	err := n.Store.View(ctx, func(tx store.Tx) error {
		found, err := tx.Objects().Current([]string{string(n.Identity.Card.Party)})
		known = len(found) > 0
		return err
	})
	if err != nil || known {
		return err
	}
	now := time.Now()
	raw, err := identityObject(n.Identity.Card)
	if err != nil {
		return err
	}
	o, err := stix.Parse(raw)
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	a, err := ingest.Prepare(o, n.Ingest.Validator())
	if err != nil {
		return err
	}
	if a.Broken() {
		return fmt.Errorf("identity: %w", &ingest.BrokenError{ID: o.ID, Findings: a.Findings})
	}
	a.TLP = stix.TLPClear // partners need it to read who made an object
	return n.Store.Update(ctx, func(tx store.Tx) error {
		if _, err := n.Ingest.Take(tx, now, []ingest.Arrival{a}); err != nil {
			return err
		}
		return ledger.Append(tx, ledger.National, ledger.Entry{Kind: ledger.Created, Time: now, Subject: string(n.Identity.Card.Party)}, nil)
	})
}

// identityObject is the STIX identity that a card's party names; it is its own creator.
func identityObject(c partner.Card) ([]byte, error) {
	created := c.Created.UTC().Format("2006-01-02T15:04:05.000Z")
	return json.Marshal(struct {
		Type          string      `json:"type"`
		SpecVersion   string      `json:"spec_version"`
		ID            store.Party `json:"id"`
		CreatedByRef  store.Party `json:"created_by_ref"`
		Created       string      `json:"created"`
		Modified      string      `json:"modified"`
		Name          string      `json:"name"`
		IdentityClass string      `json:"identity_class"`
	}{"identity", "2.1", c.Party, c.Party, created, created, c.Name, "organization"})
}

// Open opens the node in dir. Close it.
func Open(ctx context.Context, dir string) (*Node, error) {
	if _, err := os.Stat(filepath.Join(dir, configFile)); errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "%s holds no node: make one with wagasa init --dir %s --name NAME --nation JPN", dir, dir)
	}
	c, err := readConfig(filepath.Join(dir, configFile))
	if err != nil {
		return nil, err
	}
	tlp, err := stix.ParseTLP(c.DefaultTLP)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: default_tlp: %w", configFile, err)
	}
	must, err := ingest.ParsePolicy(c.Ingest.Must)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: ingest.must: %w", configFile, err)
	}
	id, err := partner.Load(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, storeFile)
	if _, err := os.Stat(path); err != nil { // never a new one in place of what was lost
		return nil, fault.New(fault.NotFound, "the store is missing: %w: put it back from a backup", err)
	}
	s, err := sqlite.Open(ctx, path, c.Store)
	if err != nil {
		return nil, err
	}
	n := &Node{dir, tlp, id, s, &ingest.Ingest{Self: id.Card.Party, Must: must, Validation: []stix.ValidatorOption{stix.Patterns(pattern.NewChecker(nil))}}, search.New(s), c}
	if err := n.introduce(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return n, nil
}

func readConfig(path string) (c Config, err error) {
	f, err := os.Open(path)
	if err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	if err := toml.NewDecoder(f).DisallowUnknownFields().Decode(&c); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return c, fault.New(fault.Invalid, "%s: unknown setting\n%s", path, strict.String())
		}
		return c, fault.New(fault.Invalid, "%s: %w", path, err)
	}
	return c, nil
}

// Close closes the store.
func (n *Node) Close() error { return n.Store.Close() }

// Confirm makes a partner trusted after its words were compared, and decides again about everything that it writes.
func (n *Node) Confirm(ctx context.Context, party store.Party, card store.Hash) error {
	return n.Store.Update(ctx, func(tx store.Tx) error {
		now := time.Now()
		if _, err := partner.Confirm(tx, party, card, now); err != nil {
			return err
		}
		return n.Ingest.SettleCreator(tx, now, party)
	})
}

// Lift lets a quarantined content of an object take part, because a person decided so, and logs it in the national ledger. A second lift of
// one content changes nothing; fresh is false then, and the first is returned.
func (n *Node) Lift(ctx context.Context, id string, digest store.Hash, reason string) (l ingest.Lift, fresh bool, err error) {
	err = n.Store.Update(ctx, func(tx store.Tx) (err error) {
		now := time.Now()
		if l, fresh, err = n.Ingest.Lift(tx, now, id, digest, reason); err != nil || !fresh {
			return err
		}
		what := fmt.Appendf(nil, "%s %d %x", id, l.Modified, digest)
		return ledger.Append(tx, ledger.National, ledger.Entry{Kind: ledger.Lifted, Time: now, Subject: id, Items: [][]byte{what, []byte(reason)}}, nil)
	})
	return l, fresh, err
}
