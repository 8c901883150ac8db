package ingest

import (
	"cmp"
	"time"

	"github.com/wagasa/wagasa/internal/store"
)

// judge sets Standing and Current of all variants of one id, from nothing but these variants, who writes for whom, and the clock
// (exchange.md, "Ownership").
func judge(variants []store.Variant, self store.Party, writers map[store.Party]bool, now time.Time) {
	writer := func(creator string) (store.Party, bool) {
		p := store.Party(creator)
		if p == self {
			return store.Self, true
		}
		return p, writers[p]
	}
	owner, owned := ownerOf(variants, writer)
	horizon := now.Add(Ahead).UnixNano()
	newest := map[store.Party]int{} // by origin: only these meet, or three variants could each lose to another
	for i := range variants {
		v := &variants[i]
		v.Current = false
		v.Standing = standing(v, owner, owned, writer)
		if v.Modified > horizon {
			v.Standing = store.Held
		}
		if v.Standing != store.Open && v.Standing != store.Authoritative {
			continue
		}
		if n, ok := newest[v.Origin]; !ok || byVersion(v, &variants[n]) > 0 {
			newest[v.Origin] = i
		}
	}
	winner := -1
	for _, i := range newest {
		if winner < 0 || wins(&variants[i], &variants[winner]) {
			winner = i
		}
	}
	if winner >= 0 {
		variants[winner].Current = true
	}
}

// ownerOf finds the node whose object this is: it sent a version that names a creator for whom it writes. This node comes
// before partners, and what it imported under a creator that nobody here writes for is its own too: no partner can take that by naming
// itself. Two partners that both claim an id are told apart by their ids, so that every node sees the same one; the other's versions
// are claims, and shown.
func ownerOf(variants []store.Variant, writer func(string) (store.Party, bool)) (owner store.Party, owned bool) {
	for i := range variants {
		w, ok := writer(variants[i].Creator)
		if ok && w == variants[i].Origin && (!owned || w < owner) { // Self is the lowest
			owner, owned = w, true
		}
	}
	for i := range variants {
		if _, written := writer(variants[i].Creator); !written && owner != store.Self && variants[i].Origin == store.Self {
			return store.Self, false
		}
	}
	return owner, owned
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
