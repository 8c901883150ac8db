package sqlite

import (
	"cmp"
	"crypto/sha256"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

type objects tx

func (o *objects) tx() *tx { return (*tx)(o) }

const variantColumns = `v.seq, v.id, v.family, v.modified, v.digest, v.sum, v.origin, v.serial, v.tlp, v.precedence, v.standing,
	v.current, v.validated, v.revoked, v.broken, v.evidence, v.leaf, v.arrived, v.size, v.names`

// variant decodes variantColumns.
func (t *tx) variant(r *row) (v store.Variant) {
	v.Seq = r.int()
	v.ID = r.text()
	family := r.int()
	v.Modified = r.int()
	v.Digest = r.hash()
	v.Sum = r.hash()
	origin := r.int()
	v.Serial = uint64(r.int())
	v.TLP = uint8(r.upTo(255))
	v.Precedence = store.Precedence(r.upTo(int64(store.Flash)))
	v.Standing = store.Standing(r.upTo(int64(store.Quarantined)))
	v.Current = r.bool()
	v.Validated = r.bool()
	v.Revoked = r.bool()
	v.Broken = r.bool()
	v.Evidence = r.int()
	v.Leaf = int(r.int())
	v.Arrived = r.int()
	v.Size = int(r.int())
	names := r.text()
	if r.err != nil {
		return v
	}
	f, err := t.familyOf(family)
	if err == nil {
		v.Type, v.SpecVersion, v.Creator, v.Class = f.typ, f.specVersion, f.creator, f.class
		v.Markings, err = unpack(f.markings)
	}
	if err == nil {
		v.Names, err = unpack(names)
	}
	if err == nil {
		v.Origin, err = t.partyNamed(origin)
	}
	if err != nil {
		r.fail("variant %d of %s: %w", v.Seq, v.ID, err)
	}
	return v
}

func (o *objects) Variants(ids []string) ([]store.Variant, error) {
	return o.lookUp("SELECT "+variantColumns+" FROM variant v WHERE v.id IN (?*)", ids, false)
}

func (o *objects) Current(ids []string) ([]store.Variant, error) {
	return o.lookUp("SELECT "+variantColumns+", raw.bytes FROM variant v JOIN raw ON raw.seq = v.seq WHERE v.id IN (?*) AND v.current = 1", ids, true)
}

// lookUp returns the variants that query finds for ids, ordered by ID then Seq.
func (o *objects) lookUp(query string, ids []string, raw bool) ([]store.Variant, error) {
	t := o.tx()
	var found []store.Variant
	err := inList(query, distinct(ids), func(query string, args []driver.Value) error {
		return t.query(query, args, func(r *row) {
			v := t.variant(r)
			if raw {
				v.Raw = r.blob()
			}
			found = append(found, v)
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b store.Variant) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Seq, b.Seq))
	})
	return found, nil
}

// bySeq returns the variants of the given numbers with Raw, in that order.
func (o *objects) bySeq(seqs []int64) ([]store.Variant, error) {
	t := o.tx()
	place := make(map[int64]int, len(seqs))
	for i, seq := range seqs {
		place[seq] = i
	}
	found := make([]store.Variant, len(seqs))
	n := 0
	err := inList("SELECT "+variantColumns+", raw.bytes FROM variant v JOIN raw ON raw.seq = v.seq WHERE v.seq IN (?*)", seqs,
		func(query string, args []driver.Value) error {
			return t.query(query, args, func(r *row) {
				v := t.variant(r)
				v.Raw = r.blob()
				found[place[v.Seq]] = v
				n++
			})
		})
	if err == nil && n != len(seqs) {
		err = fault.New(fault.Internal, "store %s: %d of %d variants are missing", t.s.path, len(seqs)-n, len(seqs))
	}
	if err != nil || n == 0 {
		return nil, err
	}
	return found, nil
}

// sameness is what makes a variant unique.
type sameness struct {
	id       string
	modified int64
	digest   store.Hash
	origin   store.Party
}

// Insert looks for conflicts before it writes, so that a Conflict leaves nothing behind; the single writer makes that safe.
func (o *objects) Insert(variants []store.Variant) error {
	t := o.tx()
	if err := t.write(); err != nil {
		return err
	}
	if len(variants) == 0 {
		return nil
	}
	clashes, err := o.compare(variants)
	if err != nil {
		return err
	}
	seq, _, err := t.number("SELECT coalesce(max(seq), 0) FROM variant")
	if err != nil {
		return err
	}
	rows := make([]driver.Value, 0, 20*len(variants))
	raws := make([]driver.Value, 0, 2*len(variants))
	var named, found []driver.Value
	var (
		last   family // most batches have long runs of one family and one origin
		origin int64
	)
	for i := range variants {
		v := &variants[i]
		f := familyFor(v, v.Type, v.Creator)
		f.num = last.num
		if i == 0 || f != last {
			if f.num, err = t.family(f); err != nil {
				return err
			}
			last = f
		}
		if i == 0 || v.Origin != variants[i-1].Origin {
			if origin, _, err = t.party(v.Origin, true); err != nil {
				return err
			}
		}
		seq++
		v.Seq, v.Size = seq, len(v.Raw)
		rows = append(rows, seq, v.ID, f.num, v.Modified, v.Digest[:], v.Sum[:], origin, int64(v.Serial), int64(v.TLP),
			int64(v.Precedence), int64(v.Standing), boolean(v.Current), boolean(v.Validated), boolean(v.Revoked),
			boolean(v.Broken), v.Evidence, int64(v.Leaf), v.Arrived, int64(v.Size), pack(v.Names))
		for _, name := range v.Names {
			named = append(named, name, v.ID)
		}
		if len(v.Findings) > 0 {
			list, err := t.findingList(v.Findings)
			if err != nil {
				return err
			}
			found = append(found, seq, list)
		}
		raws = append(raws, seq, optional(v.Raw))
		t.tally(tallyKey{f.num, origin, v.Standing, v.Current}, 1)
	}
	if err := t.insert(`INSERT INTO variant (seq, id, family, modified, digest, sum, origin, serial, tlp, precedence, standing,
		current, validated, revoked, broken, evidence, leaf, arrived, size, names) VALUES`, 20, rows); err != nil {
		return err
	}
	if err := t.insert("INSERT INTO raw (seq, bytes) VALUES", 2, raws); err != nil {
		return err
	}
	if err := t.insert("INSERT OR IGNORE INTO naming (name, id) VALUES", 2, named); err != nil {
		return err
	}
	if err := t.insert("INSERT INTO finding (seq, list) VALUES", 2, found); err != nil {
		return err
	}
	for _, id := range clashes {
		if _, err := t.exec("INSERT OR IGNORE INTO clash (id) VALUES (?)", id); err != nil {
			return err
		}
	}
	return nil
}

// compare finds out what new variants repeat or contest: it returns the ids that get a second digest under one modified.
func (o *objects) compare(variants []store.Variant) (clashes []string, err error) {
	t := o.tx()
	type version struct {
		id       string
		modified int64
	}
	known := make(map[sameness]bool, len(variants))
	digests := make(map[version]store.Hash, len(variants))
	ids := make([]string, len(variants))
	for i := range variants {
		ids[i] = variants[i].ID
	}
	err = inList("SELECT id, modified, digest, origin FROM variant WHERE id IN (?*)", distinct(ids), func(query string, args []driver.Value) error {
		return t.query(query, args, func(r *row) {
			s := sameness{id: r.text(), modified: r.int(), digest: r.hash()}
			origin := r.int()
			if r.err != nil {
				return
			}
			s.origin, r.err = t.partyNamed(origin)
			known[s] = true
			digests[version{s.id, s.modified}] = s.digest
		})
	})
	if err != nil {
		return nil, err
	}
	for i := range variants {
		v := &variants[i]
		s := sameness{v.ID, v.Modified, v.Digest, v.Origin}
		if known[s] {
			return nil, fault.New(fault.Conflict, "variant of %s modified %d from %q: already stored", v.ID, v.Modified, v.Origin)
		}
		known[s] = true
		other, ok := digests[version{v.ID, v.Modified}]
		if ok && other != v.Digest && v.Modified > 0 {
			clashes = append(clashes, v.ID)
		}
		digests[version{v.ID, v.Modified}] = v.Digest
	}
	return clashes, nil
}

func familyFor(v *store.Variant, typ, creator string) family {
	return family{class: v.Class, typ: typ, creator: creator, specVersion: v.SpecVersion, markings: pack(v.Markings)}
}

func (o *objects) Update(variants []store.Variant) error {
	t := o.tx()
	if err := t.write(); err != nil {
		return err
	}
	seqs := make([]int64, len(variants))
	for i := range variants {
		seqs[i] = variants[i].Seq
	}
	old := make(map[int64]tallyKey, len(seqs))
	err := inList("SELECT seq, family, origin, standing, current FROM variant WHERE seq IN (?*)", seqs, func(query string, args []driver.Value) error {
		return t.query(query, args, func(r *row) {
			seq := r.int()
			old[seq] = tallyKey{r.int(), r.int(), store.Standing(r.upTo(int64(store.Quarantined))), r.bool()}
		})
	})
	if err != nil {
		return err
	}
	for i := range variants {
		if _, ok := old[variants[i].Seq]; !ok {
			return fault.New(fault.NotFound, "variant %d of %s: no such variant", variants[i].Seq, variants[i].ID)
		}
	}
	for i := range variants {
		v := &variants[i]
		was := old[v.Seq]
		is, err := o.update(v, was)
		if err != nil {
			return err
		}
		if is != was {
			t.tally(was, -1)
			t.tally(is, 1)
			old[v.Seq] = is
		}
	}
	return nil
}

// update overwrites one variant. SQLite rewrites the index entries of every column that a statement sets, so what did not change is not set.
func (o *objects) update(v *store.Variant, was tallyKey) (is tallyKey, err error) {
	t := o.tx()
	old, err := t.familyOf(was.family)
	if err != nil {
		return is, err
	}
	f := familyFor(v, old.typ, old.creator)
	is = tallyKey{was.family, was.origin, v.Standing, v.Current}
	f.num = old.num
	if f != old {
		if is.family, err = t.family(f); err != nil {
			return is, err
		}
	}
	query := "UPDATE variant SET sum = ?, serial = ?, tlp = ?, precedence = ?, validated = ?, revoked = ?, broken = ?, evidence = ?, leaf = ?, arrived = ?"
	args := []driver.Value{
		v.Sum[:], int64(v.Serial), int64(v.TLP), int64(v.Precedence), boolean(v.Validated), boolean(v.Revoked),
		boolean(v.Broken), v.Evidence, int64(v.Leaf), v.Arrived,
	}
	if is.family != was.family || is.current != was.current {
		query += ", family = ?, current = ?"
		args = append(args, is.family, boolean(is.current))
	}
	if is.standing != was.standing {
		query += ", standing = ?"
		args = append(args, int64(is.standing))
	}
	if _, err := t.exec(query+" WHERE seq = ?", append(args, v.Seq)...); err != nil {
		return is, err
	}
	if v.Raw != nil {
		err = o.respell(v)
	}
	return is, err
}

// respell overwrites the bytes of a variant and what was found in them.
func (o *objects) respell(v *store.Variant) error {
	t := o.tx()
	if _, err := t.exec("UPDATE raw SET bytes = ? WHERE seq = ?", optional(v.Raw), v.Seq); err != nil {
		return err
	}
	if _, err := t.exec("UPDATE variant SET size = ? WHERE seq = ?", int64(len(v.Raw)), v.Seq); err != nil {
		return err
	}
	if len(v.Findings) == 0 {
		_, err := t.exec("DELETE FROM finding WHERE seq = ?", v.Seq)
		return err
	}
	list, err := t.findingList(v.Findings)
	if err == nil {
		_, err = t.exec("INSERT OR REPLACE INTO finding (seq, list) VALUES (?, ?)", v.Seq, list)
	}
	return err
}

// findingList is the number of a list of findings. The numbers are remembered for the transaction only: partners can make lists without end.
func (t *tx) findingList(list []byte) (int64, error) {
	sum := sha256.Sum256(list)
	if num, ok := t.lists[sum]; ok {
		return num, nil
	}
	num, ok, err := t.number("SELECT num FROM finding_list WHERE sum = ?", sum[:])
	if err != nil {
		return 0, err
	}
	if !ok {
		if num, _, err = t.number("SELECT coalesce(max(num), 0) + 1 FROM finding_list"); err != nil {
			return 0, err
		}
		if _, err := t.exec("INSERT INTO finding_list (num, sum, list) VALUES (?, ?, ?)", num, sum[:], list); err != nil {
			return 0, err
		}
	}
	if t.lists == nil {
		t.lists = map[store.Hash]int64{}
	}
	t.lists[sum] = num
	return num, nil
}

func (o *objects) Findings(seqs []int64) (map[int64][]byte, error) {
	return o.blobs("SELECT f.seq, l.list FROM finding f JOIN finding_list l ON l.num = f.list WHERE f.seq IN (?*)", seqs)
}

func (o *objects) Bytes(seqs []int64) (map[int64][]byte, error) {
	return o.blobs("SELECT seq, bytes FROM raw WHERE seq IN (?*)", seqs)
}

// blobs runs a query for numbers of variants and something of each.
func (o *objects) blobs(query string, seqs []int64) (map[int64][]byte, error) {
	found := map[int64][]byte{}
	err := inList(query, seqs, func(query string, args []driver.Value) error {
		return o.tx().query(query, args, func(r *row) {
			seq := r.int()
			found[seq] = r.blob()
		})
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

func (o *objects) HeldUntil(modified int64, limit int) ([]string, error) {
	return o.ids("SELECT DISTINCT id FROM variant INDEXED BY variant_held WHERE standing = 3 AND modified <= ? ORDER BY id LIMIT ?",
		modified, int64(max(limit, 0)))
}

func (o *objects) Contested(after string, limit int) ([]string, error) {
	n := int64(max(limit, 0))
	return o.ids(`
		SELECT id FROM (SELECT DISTINCT id FROM variant INDEXED BY variant_aside WHERE standing >= 2 AND standing = 2 AND id > ? ORDER BY id LIMIT ?)
		UNION
		SELECT id FROM (SELECT DISTINCT id FROM variant INDEXED BY variant_aside WHERE standing >= 2 AND standing = 3 AND id > ? ORDER BY id LIMIT ?)
		UNION
		SELECT id FROM (SELECT id FROM clash WHERE id > ? ORDER BY id LIMIT ?)
		ORDER BY id LIMIT ?`, after, n, after, n, after, n, n)
}

// Quarantined says standing >= 2, as Contested does, for SQLite to see that the index has it.
func (o *objects) Quarantined(after string, limit int) ([]string, error) {
	return o.ids("SELECT DISTINCT id FROM variant INDEXED BY variant_aside WHERE standing >= 2 AND standing = 4 AND id > ? ORDER BY id LIMIT ?",
		after, int64(max(limit, 0)))
}

func (o *objects) Naming(name, after string, limit int) ([]string, error) {
	return o.ids("SELECT id FROM naming WHERE name = ? AND id > ? ORDER BY id LIMIT ?", name, after, int64(max(limit, 0)))
}

// ids runs a query for one text.
func (o *objects) ids(query string, args ...driver.Value) (found []string, err error) {
	err = o.tx().search(query, args, func(r *row) { found = append(found, r.text()) })
	return found, err
}

// tallyKey is a sort of variants.
type tallyKey struct {
	family, origin int64
	standing       store.Standing
	current        bool
}

// tally remembers that there are n more of a sort.
func (t *tx) tally(k tallyKey, n int64) {
	if t.tallies == nil {
		t.tallies = map[tallyKey]int64{}
	}
	t.tallies[k] += n
}

// flushTallies comes before every reading of the table tally.
func (t *tx) flushTallies() error {
	for k, n := range t.tallies {
		if n == 0 {
			continue
		}
		if _, err := t.exec(`INSERT INTO tally (family, origin, standing, current, n) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`, k.family, k.origin, int64(k.standing), boolean(k.current), n); err != nil {
			return err
		}
	}
	clear(t.tallies)
	return nil
}

func (o *objects) Counts() (store.Counts, error) {
	t := o.tx()
	if err := errors.Join(t.usable(), t.flushTallies()); err != nil {
		return store.Counts{}, err
	}
	c := store.Counts{Received: map[store.Party]int{}}
	err := t.search("SELECT origin, standing, current, sum(n) FROM tally GROUP BY 1, 2, 3 HAVING sum(n) > 0", nil, func(r *row) {
		origin, standing, current, n := r.int(), store.Standing(r.upTo(int64(store.Quarantined))), r.bool(), int(r.int())
		c.Variants += n
		if current {
			c.Objects += n
		}
		switch standing {
		case store.Claim:
			c.Claims += n
		case store.Held:
			c.Held += n
		case store.Quarantined:
			c.Quarantined += n
		}
		if origin != 0 && r.err == nil {
			var p store.Party
			p, r.err = t.partyNamed(origin)
			c.Received[p] += n
		}
	})
	return c, err
}

// distinct returns the strings sorted, each once.
func distinct(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}
