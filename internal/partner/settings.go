package partner

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Settings are what this node decides about a partner; nil leaves one as it is.
type Settings struct {
	MaxTLP *stix.TLP // clear to amber+strict
	URL    *string   // an https address without user, query and fragment; empty removes it
}

const maxURL = 2048

// Set changes settings of a partner. A value that is not allowed is fault.Invalid, TLP:RED fault.Denied, and nothing changes.
func Set(tx store.Tx, party store.Party, s Settings, now time.Time) (*Partner, error) {
	p, err := Get(tx, party)
	if err != nil {
		return nil, err
	}
	if s.MaxTLP != nil {
		if err := checkCeiling(p, *s.MaxTLP); err != nil {
			return nil, err
		}
	}
	if s.URL != nil {
		if err := checkURL(*s.URL); err != nil {
			return nil, fault.New(fault.Invalid, "partner %s: %w", p.Card.label(), err)
		}
	}
	if s.MaxTLP != nil && *s.MaxTLP != p.MaxTLP {
		p.MaxTLP = *s.MaxTLP
		if err := p.decided(tx, now, store.KindPolicy, "policy max_tlp="+p.MaxTLP.String()); err != nil {
			return nil, err
		}
	}
	if s.URL != nil && *s.URL != p.URL {
		p.URL = *s.URL
		if err := p.decided(tx, now, store.KindPartner, "url="+strconv.Quote(p.URL)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func checkCeiling(p *Partner, t stix.TLP) error {
	switch {
	case t == stix.TLPRed:
		return fault.New(fault.Denied, "partner %s: TLP:RED is for the persons it was given to and for nobody else; a ceiling of red would give it to a whole node; the highest is amber+strict",
			p.Card.label())
	case t < stix.TLPClear || t > stix.TLPRed:
		return fault.New(fault.Invalid, "partner %s: a ceiling is clear, green, amber or amber+strict, not %v", p.Card.label(), t)
	}
	return nil
}

func checkURL(text string) error {
	if text == "" {
		return nil
	}
	if len(text) > maxURL {
		return fmt.Errorf("URL: %d bytes are more than %d", len(text), maxURL)
	}
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("URL cannot be read") // the parser's error would repeat a password in it
	}
	switch port := u.Port(); {
	case u.Scheme != "https":
		return fmt.Errorf("URL: begins with %q; want https", u.Scheme)
	case u.User != nil:
		return fmt.Errorf("URL: has a user; partners are known by their keys")
	case u.Hostname() == "":
		return fmt.Errorf("URL: has no host")
	case strings.ContainsAny(text, "?#"):
		return fmt.Errorf("URL: has a query or a fragment")
	case strings.HasSuffix(u.Host, ":"), port != "" && !validPort(port):
		return fmt.Errorf("URL: has no port from 1 to 65535")
	}
	return nil
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
