package objects

import (
	"fmt"
	"strings"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// original is the bytes of one version, as they came.
type original struct {
	*reading
	ID, Label, Title string
	Seq              int64
	Raw              string
	Size             int
	Cut              bool // Raw is only the beginning
	Sum, Digest      string
}

const shownRaw = 32 << 10 // bytes

// bytes shows the bytes of a version, or gives them as a file.
func (p *Pages) bytes(r *page.Request) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	seq, err := number(r.PathValue("seq"))
	if err != nil {
		return err
	}
	o := original{reading: read(r), ID: id, Seq: seq}
	var raw []byte
	err = p.Store.View(r.Context(), func(tx store.Tx) error {
		variants, err := tx.Objects().Variants([]string{id})
		if err != nil {
			return err
		}
		for i := range variants {
			v := &variants[i]
			if v.Seq != seq {
				continue
			}
			if hidden(v, r) {
				return fault.New(fault.Denied, "%s may not: %s", r.Session.Account.Name, account.QuarantineView)
			}
			all, err := tx.Objects().Bytes([]int64{seq})
			raw = all[seq]
			o.Label, o.Title, o.Sum, o.Digest = o.lang.Type(v.Type), stix.Title(raw), fmt.Sprintf("%x", v.Sum), fmt.Sprintf("%x", v.Digest)
			return err
		}
		return page.Refusal(fault.NotFound, "objects.no-version")
	})
	if err != nil {
		return err
	}
	if r.FormValue("file") != "" {
		return r.File(plain(id)+".json", "application/json", raw)
	}
	o.Raw, o.Size = string(raw[:min(len(raw), shownRaw)]), len(raw)
	o.Cut = len(raw) > shownRaw
	o.Raw = strings.ToValidUTF8(o.Raw, "")
	return r.Render("objects/bytes", &o)
}

// plain is an id as the name of a file.
func plain(id string) string {
	return strings.Map(func(c rune) rune {
		if c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
			return c
		}
		return -1
	}, id)
}
