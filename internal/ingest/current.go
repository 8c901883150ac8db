package ingest

import (
	"cmp"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

// judge sets Standing and Current of the variants of one id that are not quarantined, from nothing but these variants, who writes for whom,
// and the clock (exchange.md, "Ownership").
func judge(variants []*store.Variant, self store.Party, writers map[store.Party]bool, now time.Time) {
	writer := func(creator string) (store.Party, bool) {
		p := store.Party(creator)
		if p == self {
			return store.Self, true
		}
		return p, writers[p]
	}
	if len(variants) == 0 {
		return
	}
	owner, owned := ownerOf(variants, writer)
	horizon := now.Add(Ahead).UnixNano()
	newest := map[store.Party]*store.Variant{} // by origin: only these meet, or three variants could each lose to another
	for _, v := range variants {
		v.Current = false
		v.Standing = standing(v, owner, owned, writer)
		if v.Modified > horizon {
			v.Standing = store.Held
		}
		if v.Standing != store.Open && v.Standing != store.Authoritative {
			continue
		}
		if n := newest[v.Origin]; n == nil || byVersion(v, n) > 0 {
			newest[v.Origin] = v
		}
	}
	var winner *store.Variant
	for _, v := range newest {
		if winner == nil || wins(v, winner) {
			winner = v
		}
	}
	if winner != nil {
		winner.Current = true
	}
}

// nobody owns what two partners both claim: no node has this party, so all versions are claims.
const nobody = store.Party("nobody")

// ownerOf finds the node that writes an object; owned is false when none here does.
//
// An identity object belongs to the party that it names. Another object belongs to the node that sent a version naming a creator for
// whom it writes: this node before partners. What this node imported under a creator that nobody writes for stays its own, so that no
// partner takes it by naming itself. Where two partners each name themselves, neither the order of arrival nor an id may decide.
func ownerOf(variants []*store.Variant, writer func(string) (store.Party, bool)) (owner store.Party, owned bool) {
	if w, ok := writer(variants[0].ID); ok {
		return w, true
	}
	claimants := map[store.Party]bool{}
	ours := false
	for _, v := range variants {
		w, written := writer(v.Creator)
		if written && w == v.Origin {
			claimants[w] = true
			owner = w
		}
		ours = ours || !written && v.Origin == store.Self
	}
	switch {
	case claimants[store.Self]:
		return store.Self, true
	case ours || len(claimants) == 0:
		return store.Self, false
	case len(claimants) > 1:
		return nobody, true
	}
	return owner, true
}

func standing(v *store.Variant, owner store.Party, owned bool, writer func(string) (store.Party, bool)) store.Standing {
	if owned {
		if v.Origin == owner {
			return store.Authoritative
		}
		return store.Claim
	}
	if _, written := writer(v.Creator); written {
		return store.Claim // its writer has not sent it
	}
	return store.Open
}

// wins says whether a comes before b, each the newest of its origin: authority, own import, modified, lowest digest.
func wins(a, b *store.Variant) bool {
	return cmp.Or(
		compareBool(a.Standing == store.Authoritative, b.Standing == store.Authoritative),
		compareBool(a.Origin == store.Self, b.Origin == store.Self),
		cmp.Compare(a.Modified, b.Modified),
		cmp.Compare(string(b.Digest[:]), string(a.Digest[:])),
		cmp.Compare(b.Origin, a.Origin),
	) > 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
