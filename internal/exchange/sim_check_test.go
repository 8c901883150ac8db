package exchange

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"

	"github.com/wagasa/wagasa/internal/ledger"
	"github.com/wagasa/wagasa/internal/partner"
	"github.com/wagasa/wagasa/internal/store"
)

// checkLeaving holds at every moment: what goes on the wire may go now, also when it is repeated.
func (s *simulation) checkLeaving(n *simNode, t Transmission) {
	a, ok := t.action.(Send)
	if !ok {
		return
	}
	s.count.sent++
	if a.Again {
		s.count.repeated++
	}
	may := n.permitted()
	err := n.store.View(context.Background(), func(tx store.Tx) error {
		var out outbound
		if _, err := getRecord(tx, kindOutbound, string(a.Party), &out); err != nil {
			return err
		}
		number := store.Number{Partner: a.Party, Incarnation: out.Incarnation, Precedence: a.Slot.Precedence, Number: a.Slot.Number}
		sent, _, err := tx.Streams().Sent(number)
		if err != nil {
			return err
		}
		carried, err := tx.Streams().Carried(number)
		if len(carried) != sent.Items {
			return fmt.Errorf("%v leaves with %d items, of which %d are accounted for", a.Slot, sent.Items, len(carried))
		}
		for _, h := range carried {
			switch v, ok := may[h.ID]; {
			case !ok:
				return fmt.Errorf("%s leaves, though it may not", h.ID)
			case v.Sum != h.Sum:
				return fmt.Errorf("%s leaves in bytes that are not current", h.ID)
			case v.TLP > h.TLP:
				return fmt.Errorf("%s leaves at TLP %d, and may only at %d", h.ID, h.TLP, v.TLP)
			}
		}
		return err
	})
	if err != nil {
		s.t.Errorf("node %d: %v", n.index, err)
	}
}

// check holds once everything has come to rest.
func (s *simulation) check() {
	for i, n := range s.nodes {
		s.checkHandover(n, s.nodes[1-i])
	}
}

func (s *simulation) checkHandover(giver, receiver *simNode) {
	t := s.t
	may, names := giver.decided()
	here := map[string][]store.Variant{}
	ctx := context.Background()
	err := receiver.store.View(ctx, func(tx store.Tx) error {
		for after := ""; ; {
			page, err := tx.Objects().ScanCurrent(after, nil, nil, 100)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, v := range page {
				after = v.ID
				if v.Origin == giver.identity.Card.Party {
					here[v.ID] = append(here[v.ID], v)
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, v := range may {
		got := here[id]
		if len(got) != 1 || !bytes.Equal(got[0].Raw, v.Raw) {
			t.Errorf("node %d: %s did not arrive in its newest version", receiver.index, id)
		}
	}
	stale := map[string]bool{}
	s.count.handedOver += len(here)
	for id, got := range here {
		for _, v := range got {
			if !giver.allowed[contentKey(v)] {
				t.Errorf("node %d holds %s, which it may never have had", receiver.index, id)
			}
		}
		// Status lists the address that was narrowed, not what names it.
		if _, ok := may[id]; !ok && !names[id] && !strings.HasPrefix(id, "marking-definition") {
			stale[id] = true
			s.count.stale++
		}
	}
	entries := 0
	err = giver.store.View(ctx, func(tx store.Tx) error {
		all, err := ledger.Entries(tx, ledger.PartnerTree(receiver.identity.Card.Party), 0, 10000)
		for _, e := range all {
			if e.Kind == ledger.Voided {
				entries++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.count.voided += entries
	err = giver.store.View(ctx, func(tx store.Tx) error { return giver.atRest(tx, stale) })
	if err != nil {
		t.Errorf("node %d: %v", giver.index, err)
	}
}

// atRest says what is not settled at the giver.
func (n *simNode) atRest(tx store.Tx, stale map[string]bool) error {
	party := n.peer.Card.Party
	counts, err := tx.Objects().Counts()
	if err != nil {
		return err
	}
	p, err := partner.Get(tx, party)
	if err != nil {
		return err
	}
	status, err := StatusOf(tx, p, counts)
	if err != nil {
		return err
	}
	if len(status.Gaps) > 0 || len(status.Queued) > 0 || status.Holding.InFlight > 0 || len(status.Missing) > 0 {
		return fmt.Errorf("not at rest: %+v", status)
	}
	unsettled, err := tx.Streams().Unsettled(party)
	if err != nil || len(unsettled) > 0 {
		return fmt.Errorf("unsettled numbers %+v, %w", unsettled, err)
	}
	listedIDs := map[string]bool{}
	for _, h := range status.StillHeld {
		listedIDs[h.ID] = true
	}
	for id := range stale {
		if !listedIDs[id] && len(status.StillHeld) < listed {
			return fmt.Errorf("the partner holds %s, status does not say so: %+v", id, status.StillHeld)
		}
	}
	for id := range listedIDs {
		if !stale[id] {
			return fmt.Errorf("status says that the partner holds %s; it does not", id)
		}
	}
	report, err := ledger.Verify(tx, n.identity.Sign.Public().(ed25519.PublicKey), nil)
	if err != nil || !report.OK() {
		return fmt.Errorf("ledger %+v, %w", report, err)
	}
	if status.Link.Alarm != "" {
		return errors.New(status.Link.Alarm)
	}
	return nil
}
