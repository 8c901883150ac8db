package sqlite

import (
	"bytes"
	"cmp"
	"database/sql/driver"
	"math"
	"slices"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

// numberKey returns the columns that find a number; ok is false when nothing was ever written about the partner.
func (s *streams) numberKey(n store.Number) (key []driver.Value, ok bool, err error) {
	party, ok, err := s.tx().party(n.Partner, false)
	return []driver.Value{party, ordered(n.Incarnation), int64(n.Precedence), ordered(n.Number)}, ok, err
}

// sentRow is a row of the table sent.
type sentRow struct {
	num  int64
	sent store.Sent
}

const sentColumns = "s.num, s.incarnation, s.precedence, s.number, s.state, s.out, s.time, s.items"

// sent decodes sentColumns.
func (r *row) sent(partner store.Party) sentRow {
	return sentRow{num: r.int(), sent: store.Sent{
		Number: r.number(partner),
		State:  store.State(r.upTo(int64(store.Closed))), Left: r.bool(), Time: r.int(), Items: int(r.int()),
	}}
}

func (r *row) number(partner store.Party) store.Number {
	return store.Number{
		Partner: partner, Incarnation: r.ordered(), Precedence: store.Precedence(r.upTo(int64(store.Flash))), Number: r.ordered(),
	}
}

// find returns the row of a number; ok is false when there is none.
func (s *streams) find(n store.Number) (found sentRow, ok bool, err error) {
	key, ok, err := s.numberKey(n)
	if err != nil || !ok {
		return found, false, err
	}
	ok = false
	err = s.tx().query("SELECT "+sentColumns+" FROM sent s WHERE s.partner = ? AND s.incarnation = ? AND s.precedence = ? AND s.number = ?",
		key, func(r *row) { found, ok = r.sent(n.Partner), true })
	return found, ok, err
}

func (s *streams) AddSent(sent store.Sent, items []store.Handover) error {
	t := s.tx()
	if err := t.write(); err != nil {
		return err
	}
	party, _, err := t.party(sent.Partner, true)
	if err != nil {
		return err
	}
	if _, ok, err := s.find(sent.Number); err != nil {
		return err
	} else if ok {
		return fault.New(fault.Conflict, "%s number %d to %s: already given", sent.Precedence, sent.Number.Number, sent.Partner)
	}
	carried := make(map[string]bool, len(items))
	for i := range items {
		if carried[items[i].ID] {
			return fault.New(fault.Conflict, "%s number %d to %s: carries %s twice", sent.Precedence, sent.Number.Number, sent.Partner, items[i].ID)
		}
		carried[items[i].ID] = true
	}
	num, _, err := t.number("SELECT coalesce(max(num), 0) + 1 FROM sent")
	if err != nil {
		return err
	}
	excepted := int64(0)
	rows := make([]driver.Value, 0, 9*len(items))
	for i := range items {
		h := &items[i]
		if h.Exception != "" {
			excepted++
		}
		rows = append(rows, party, h.ID, h.Modified, h.Digest[:], num, h.Sum[:], int64(h.Serial), int64(h.TLP), h.Exception)
	}
	if err := t.insert("INSERT INTO handover (partner, id, modified, digest, sent, sum, serial, tlp, exception) VALUES", 9, rows); err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO sent (num, partner, incarnation, precedence, number, state, out, time, items, live, excepted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, num, party, ordered(sent.Incarnation), int64(sent.Precedence), ordered(sent.Number.Number),
		int64(sent.State), boolean(sent.Left), sent.Time, int64(sent.Items), int64(len(items)), excepted); err != nil {
		return err
	}
	if sent.State != store.InFlight {
		return nil
	}
	_, err = t.exec("INSERT INTO sealed (num, bytes) VALUES (?, ?)", num, optional(sent.Sealed))
	return err
}

func (s *streams) Unsettled(partner store.Party) (found []store.Sent, err error) {
	t := s.tx()
	party, ok, err := t.party(partner, false)
	if err != nil || !ok {
		return nil, err
	}
	err = t.query("SELECT "+sentColumns+` FROM sent s INDEXED BY sent_unsettled WHERE s.partner = ? AND s.state IN (0, 2)
		ORDER BY s.incarnation, s.precedence, s.number`, []driver.Value{party}, func(r *row) { found = append(found, r.sent(partner).sent) })
	return found, err
}

func (s *streams) Sent(n store.Number) (store.Sent, bool, error) {
	found, ok, err := s.find(n)
	if err != nil || !ok {
		return store.Sent{}, false, err
	}
	err = s.tx().query("SELECT bytes FROM sealed WHERE num = ?", []driver.Value{found.num}, func(r *row) { found.sent.Sealed = r.blob() })
	return found.sent, true, err
}

func (s *streams) SetSent(n store.Number, state store.State, left bool) error {
	t := s.tx()
	if err := t.write(); err != nil {
		return err
	}
	found, ok, err := s.find(n)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.NotFound, "%s number %d to %s: never given", n.Precedence, n.Number, n.Partner)
	}
	if _, err := t.exec("UPDATE sent SET state = ?, out = ? WHERE num = ?", int64(state), boolean(left), found.num); err != nil {
		return err
	}
	if state == store.InFlight {
		return nil
	}
	_, err = t.exec("DELETE FROM sealed WHERE num = ?", found.num)
	return err
}

const handoverColumns = "s.incarnation, s.precedence, s.number, s.state, s.out, h.id, h.modified, h.digest, h.sum, h.serial, h.tlp, h.exception"

// handover decodes handoverColumns.
func (r *row) handover(partner store.Party) store.Handover {
	return store.Handover{
		Number: r.number(partner), State: store.State(r.upTo(int64(store.Closed))), Left: r.bool(),
		ID: r.text(), Modified: r.int(), Digest: r.hash(), Sum: r.hash(), Serial: uint64(r.int()), TLP: uint8(r.upTo(255)),
		Exception: r.text(),
	}
}

func (s *streams) handovers(partner store.Party, query string, args ...driver.Value) (found []store.Handover, err error) {
	err = s.tx().search(query, args, func(r *row) { found = append(found, r.handover(partner)) })
	return found, err
}

func (s *streams) Carried(n store.Number) ([]store.Handover, error) {
	sent, ok, err := s.find(n)
	if err != nil || !ok {
		return nil, err
	}
	found, err := s.handovers(n.Partner, "SELECT "+handoverColumns+" FROM handover h JOIN sent s ON s.num = h.sent WHERE h.sent = ?", sent.num)
	slices.SortFunc(found, compareHandovers)
	return found, err
}

func compareHandovers(a, b store.Handover) int {
	return cmp.Or(compareVersions(a, b), cmp.Compare(a.Incarnation, b.Incarnation), cmp.Compare(a.Precedence, b.Precedence),
		cmp.Compare(a.Number.Number, b.Number.Number))
}

func compareVersions(a, b store.Handover) int {
	return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.Modified, b.Modified), bytes.Compare(a.Digest[:], b.Digest[:]))
}

func (s *streams) Handovers(partner store.Party, ids []string) (found []store.Handover, err error) {
	party, ok, err := s.tx().party(partner, false)
	if err != nil || !ok {
		return nil, err
	}
	err = inList("SELECT "+handoverColumns+" FROM handover h JOIN sent s ON s.num = h.sent WHERE h.partner = ?1 AND h.id IN (?*)", distinct(ids),
		func(query string, args []driver.Value) error {
			more, err := s.handovers(partner, query, append([]driver.Value{party}, args...)...)
			found = append(found, more...)
			return err
		})
	slices.SortFunc(found, compareHandovers)
	return found, err
}

func (s *streams) SetException(n store.Number, id string, exception string) error {
	t := s.tx()
	if err := t.write(); err != nil {
		return err
	}
	sent, ok, err := s.find(n)
	if err != nil || !ok {
		return err
	}
	var old string
	ok = false
	if err := t.query("SELECT exception FROM handover WHERE sent = ? AND id = ?", []driver.Value{sent.num, id}, func(r *row) { old, ok = r.text(), true }); err != nil ||
		!ok || old == exception {
		return err
	}
	if _, err := t.exec("UPDATE handover SET exception = ? WHERE sent = ? AND id = ?", exception, sent.num, id); err != nil {
		return err
	}
	by := boolean(exception != "") - boolean(old != "")
	if by == 0 {
		return nil
	}
	_, err = t.exec("UPDATE sent SET excepted = excepted + ? WHERE num = ?", by, sent.num)
	return err
}

func (s *streams) DropHandovers(n store.Number) error {
	t := s.tx()
	if err := t.write(); err != nil {
		return err
	}
	sent, ok, err := s.find(n)
	if err != nil || !ok {
		return err
	}
	if _, err := t.exec("DELETE FROM handover WHERE sent = ?", sent.num); err != nil {
		return err
	}
	_, err = t.exec("UPDATE sent SET live = 0, excepted = 0 WHERE num = ?", sent.num)
	return err
}

func (s *streams) Holding(partner store.Party) (h store.Holding, err error) {
	t := s.tx()
	party, ok, err := t.party(partner, false)
	if err != nil || !ok {
		return h, err
	}
	err = t.search("SELECT state, out, sum(live), sum(excepted) FROM sent INDEXED BY sent_sum WHERE partner = ? GROUP BY state, out",
		[]driver.Value{party}, func(r *row) {
			state, left, live, excepted := store.State(r.upTo(int64(store.Closed))), r.bool(), int(r.int()), int(r.int())
			switch {
			case state == store.InFlight:
				h.InFlight += live
			case state == store.Receipted:
				h.Held += live - excepted
				h.Excepted += excepted
			case state == store.Void && left:
				h.Void += live
			}
		})
	h.Released = h.Held + h.Excepted + h.InFlight + h.Void
	return h, err
}

// Missing either sorts what the unsettled numbers carry or walks through all handovers, whichever is shorter.
func (s *streams) Missing(partner store.Party, limit int) ([]store.Handover, error) {
	t := s.tx()
	party, ok, err := t.party(partner, false)
	if err != nil || !ok || limit <= 0 {
		return nil, err
	}
	var inFlight, all int64
	err = t.search("SELECT coalesce(sum(live) FILTER (WHERE state = 0), 0), coalesce(sum(live), 0) FROM sent INDEXED BY sent_sum WHERE partner = ?",
		[]driver.Value{party}, func(r *row) { inFlight, all = r.int(), r.int() })
	if err != nil || inFlight == 0 {
		return nil, err
	}
	query := missingBySent
	if int64(limit)*all/inFlight < inFlight {
		query = missingByID
	}
	return s.handovers(partner, query, party, int64(limit))
}

const (
	missingBySent = "SELECT " + handoverColumns + ` FROM sent s INDEXED BY sent_unsettled CROSS JOIN handover h INDEXED BY handover_sent ON h.sent = s.num
		WHERE s.partner = ? AND s.state IN (0, 2) AND s.state = 0 ORDER BY h.id, s.incarnation, s.precedence, s.number LIMIT ?`
	missingByID = "SELECT " + handoverColumns + ` FROM handover h CROSS JOIN sent s ON s.num = h.sent
		WHERE h.partner = ? AND s.state = 0 ORDER BY h.id, s.incarnation, s.precedence, s.number LIMIT ?`
)

// mayHold tells whether the partner has, or may have, the version from the number.
func mayHold(h *store.Handover) bool {
	return h.State == store.Receipted && h.Exception == "" || h.State == store.Void && h.Left
}

// StillHeld walks through what the partner was given, a piece at a time, and asks for the class of what is current.
func (s *streams) StillHeld(partner store.Party, permitted []int64, after string, limit int) (found []store.Handover, err error) {
	t := s.tx()
	party, ok, err := t.party(partner, false)
	if err != nil || !ok || limit <= 0 {
		return nil, err
	}
	may := make(map[int64]bool, len(permitted))
	for _, class := range permitted {
		may[class] = true
	}
	const piece = 1024
	// The key of the last one seen; 33 bytes come behind all digests.
	id, modified, digest, num := after, int64(math.MaxInt64), bytes.Repeat([]byte{0xff}, 33), int64(math.MaxInt64)
	for {
		var (
			some []store.Handover
			ids  []string
		)
		if err := t.search("SELECT "+handoverColumns+`, h.sent FROM handover h CROSS JOIN sent s ON s.num = h.sent
			WHERE h.partner = ? AND (h.id, h.modified, h.digest, h.sent) > (?, ?, ?, ?) ORDER BY h.id, h.modified, h.digest, h.sent LIMIT ?`,
			[]driver.Value{party, id, modified, digest, num, int64(piece)}, func(r *row) {
				some = append(some, r.handover(partner))
				num = r.int()
			}); err != nil || len(some) == 0 {
			return found, err
		}
		last := some[len(some)-1]
		id, modified, digest = last.ID, last.Modified, last.Digest[:]
		for i := range some {
			if mayHold(&some[i]) {
				ids = append(ids, some[i].ID)
			}
		}
		permitted := make(map[string]bool, len(ids))
		err = inList("SELECT id, family FROM variant WHERE id IN (?*) AND current = 1", slices.Compact(ids), func(query string, args []driver.Value) error {
			return t.query(query, args, func(r *row) {
				id, num := r.text(), r.int()
				var f family
				if f, r.err = t.familyOf(num); may[f.class] {
					permitted[id] = true
				}
			})
		})
		if err != nil {
			return nil, err
		}
		for _, h := range some {
			n := len(found)
			same := n > 0 && compareVersions(found[n-1], h) == 0
			switch {
			case n == limit && !same: // the last one found has no more numbers
				return found, nil
			case !mayHold(&h) || permitted[h.ID]:
			case !same:
				found = append(found, h)
			case cmp.Or(cmp.Compare(h.State, found[n-1].State), compareHandovers(h, found[n-1])) < 0: // Receipted is less than Void
				found[n-1] = h
			}
		}
	}
}

func (s *streams) AddEvidence(e store.Evidence) (int64, error) {
	t := s.tx()
	if err := t.write(); err != nil {
		return 0, err
	}
	if _, ok, err := s.Evidence(e.Number); err != nil {
		return 0, err
	} else if ok {
		return 0, fault.New(fault.Conflict, "evidence of %s number %d from %s: already stored", e.Precedence, e.Number.Number, e.Partner)
	}
	party, _, err := t.party(e.Partner, true)
	if err != nil {
		return 0, err
	}
	seq, _, err := t.number("SELECT coalesce(max(seq), 0) + 1 FROM evidence")
	if err != nil {
		return 0, err
	}
	_, err = t.exec(`INSERT INTO evidence (seq, partner, incarnation, precedence, number, signature, header, salt, leaves)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, seq, party, ordered(e.Incarnation), int64(e.Precedence), ordered(e.Number.Number),
		optional(e.Signature), e.Header[:], optional(e.Salt), optional(e.Leaves))
	return seq, err
}

func (s *streams) Evidence(n store.Number) (e store.Evidence, ok bool, err error) {
	key, ok, err := s.numberKey(n)
	if err != nil || !ok {
		return e, false, err
	}
	ok = false
	err = s.tx().query(`SELECT seq, signature, header, salt, leaves FROM evidence
		WHERE partner = ? AND incarnation = ? AND precedence = ? AND number = ?`, key, func(r *row) {
		e = store.Evidence{Seq: r.int(), Number: n, Signature: r.blob(), Header: r.hash(), Salt: r.blob(), Leaves: r.blob()}
		ok = true
	})
	return e, ok, err
}
