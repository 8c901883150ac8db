package sqlite

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/wagasa/wagasa/internal/store"
)

// family is what many variants share.
type family struct {
	num         int64
	class       int64
	typ         string
	creator     string
	specVersion string
	markings    string // packed
}

// internLimit bounds what is kept in memory of each sort.
const internLimit = 20_000

// interns remembers rows that never change once they are committed. So a transaction keeps its own and shares them after commit.
type interns struct {
	mu       sync.RWMutex
	parties  map[store.Party]int64
	names    map[int64]store.Party
	classes  map[string]int64
	families map[family]int64 // by all but num
	numbers  map[int64]family
}

func (i *interns) reset() {
	i.parties, i.names = map[store.Party]int64{}, map[int64]store.Party{}
	i.classes = map[string]int64{}
	i.families, i.numbers = map[family]int64{}, map[int64]family{}
}

// add takes over what a committed transaction knows.
func (i *interns) add(fresh *interns) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if max(len(i.parties), len(i.classes), len(i.families)) > internLimit {
		i.reset()
	}
	for party, num := range fresh.parties {
		i.parties[party], i.names[num] = num, party
	}
	for facts, num := range fresh.classes {
		i.classes[facts] = num
	}
	for num, f := range fresh.numbers {
		i.addFamily(num, f)
	}
}

func (i *interns) addFamily(num int64, f family) {
	i.numbers[num] = f
	f.num = 0
	i.families[f] = num
}

// learn keeps what was read: for all if it is committed for certain, else for this transaction.
func (t *tx) learn(f func(*interns)) {
	if t.writes {
		f(&t.fresh)
		return
	}
	var one interns
	one.reset()
	f(&one)
	t.s.interns.add(&one)
}

// known looks in what this transaction and all know.
func known[K comparable, V any](t *tx, k K, m func(*interns) map[K]V) (V, bool) {
	if t.writes {
		if v, ok := m(&t.fresh)[k]; ok {
			return v, true
		}
	}
	t.s.interns.mu.RLock()
	defer t.s.interns.mu.RUnlock()
	v, ok := m(&t.s.interns)[k]
	return v, ok
}

// party returns the number of a party. One that was never written about has none, and gets one only if make is true.
func (t *tx) party(p store.Party, make bool) (num int64, ok bool, err error) {
	if p == store.Self {
		return 0, true, nil
	}
	if num, ok := known(t, p, func(i *interns) map[store.Party]int64 { return i.parties }); ok {
		return num, true, nil
	}
	num, ok, err = t.number("SELECT num FROM party WHERE name = ?", string(p))
	if err != nil {
		return 0, false, err
	}
	if !ok && make {
		if num, _, err = t.number("SELECT max(num) + 1 FROM party"); err != nil {
			return 0, false, err
		}
		if _, err = t.exec("INSERT INTO party (num, name) VALUES (?, ?)", num, string(p)); err != nil {
			return 0, false, err
		}
		ok = true
	}
	if ok {
		t.learn(func(i *interns) { i.parties[p], i.names[num] = num, p })
	}
	return num, ok, nil
}

// partyNamed returns the party of a number found in a row.
func (t *tx) partyNamed(num int64) (p store.Party, err error) {
	if num == 0 {
		return store.Self, nil
	}
	if p, ok := known(t, num, func(i *interns) map[int64]store.Party { return i.names }); ok {
		return p, nil
	}
	found := false
	err = t.query("SELECT name FROM party WHERE num = ?", []driver.Value{num}, func(r *row) { p, found = store.Party(r.text()), true })
	if err == nil && !found {
		err = fmt.Errorf("store %s: party %d is missing", t.s.path, num)
	}
	if err != nil {
		return "", err
	}
	t.learn(func(i *interns) { i.parties[p], i.names[num] = num, p })
	return p, nil
}

func (o *objects) Intern(facts string) (int64, error) {
	t := o.tx()
	if err := t.write(); err != nil {
		return 0, err
	}
	if num, ok := known(t, facts, func(i *interns) map[string]int64 { return i.classes }); ok {
		return num, nil
	}
	num, ok, err := t.number("SELECT num FROM class WHERE facts = ?", facts)
	if err != nil {
		return 0, err
	}
	if !ok {
		if num, _, err = t.number("SELECT coalesce(max(num), 0) + 1 FROM class"); err != nil {
			return 0, err
		}
		if _, err := t.exec("INSERT INTO class (num, facts) VALUES (?, ?)", num, facts); err != nil {
			return 0, err
		}
	}
	t.learn(func(i *interns) { i.classes[facts] = num })
	return num, nil
}

func (o *objects) Classes() (map[int64]string, error) {
	classes := map[int64]string{}
	err := o.tx().search("SELECT num, facts FROM class", nil, func(r *row) {
		num := r.int()
		classes[num] = r.text()
	})
	return classes, err
}

// family returns the number of a family, and makes it if it is new.
func (t *tx) family(f family) (num int64, err error) {
	f.num = 0
	if num, ok := known(t, f, func(i *interns) map[family]int64 { return i.families }); ok {
		return num, nil
	}
	num, ok, err := t.number("SELECT num FROM family WHERE class = ? AND type = ? AND creator = ? AND spec_version = ? AND markings = ?",
		f.class, f.typ, f.creator, f.specVersion, f.markings)
	if err != nil {
		return 0, err
	}
	if !ok {
		if num, _, err = t.number("SELECT coalesce(max(num), 0) + 1 FROM family"); err != nil {
			return 0, err
		}
		if _, err := t.exec("INSERT INTO family (num, class, type, creator, spec_version, markings) VALUES (?, ?, ?, ?, ?, ?)",
			num, f.class, f.typ, f.creator, f.specVersion, f.markings); err != nil {
			return 0, err
		}
		markings, err := unpack(f.markings)
		if err != nil {
			return 0, err
		}
		for _, m := range markings {
			if _, err := t.exec("INSERT OR IGNORE INTO family_marking (marking, family) VALUES (?, ?)", m, num); err != nil {
				return 0, err
			}
		}
	}
	f.num = num
	t.learn(func(i *interns) { i.addFamily(num, f) })
	return num, nil
}

// familyOf returns the family of a number found in a row.
func (t *tx) familyOf(num int64) (f family, err error) {
	if f, ok := known(t, num, func(i *interns) map[int64]family { return i.numbers }); ok {
		return f, nil
	}
	err = t.query("SELECT num, class, type, creator, spec_version, markings FROM family WHERE num = ?", []driver.Value{num}, func(r *row) {
		f = family{num: r.int(), class: r.int(), typ: r.text(), creator: r.text(), specVersion: r.text(), markings: r.text()}
	})
	if err == nil && f.num == 0 {
		err = fmt.Errorf("store %s: family %d is missing", t.s.path, num)
	}
	if err != nil {
		return family{}, err
	}
	t.learn(func(i *interns) { i.addFamily(num, f) })
	return f, nil
}

// pack joins strings so that unpack can tell them apart whatever they hold.
func pack(list []string) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(strconv.Itoa(len(s)))
		b.WriteByte(':')
		b.WriteString(s)
	}
	return b.String()
}

func unpack(packed string) (list []string, err error) {
	for packed != "" {
		length, rest, ok := strings.Cut(packed, ":")
		n, err := strconv.Atoi(length)
		if !ok || err != nil || n < 0 || n > len(rest) {
			return nil, fmt.Errorf("a stored list is damaged: %q", packed)
		}
		list, packed = append(list, rest[:n]), rest[n:]
	}
	return list, nil
}
