package author

import (
	"net/netip"
	"strings"

	"github.com/wagasa/wagasa/stix/pattern"
)

// patternOf is the STIX pattern of an observable candidate. It is made as a tree and printed, so that nothing in a value can end its quotes.
func patternOf(c *Candidate, ports bool) string {
	p := pattern.Pattern{Expr: &pattern.Observation{Expr: comparison(c, ports)}}
	return p.String()
}

// comparison is what an observation must satisfy.
func comparison(c *Candidate, ports bool) pattern.ComparisonExpr {
	if ports && len(c.Ports) > 0 {
		return and(equal(c.Value, "network-traffic", "dst_ref", "value"), portIn(c.Ports))
	}
	switch c.Kind {
	case IPv4:
		return equal(c.Value, "ipv4-addr", "value")
	case IPv6:
		return equal(c.Value, "ipv6-addr", "value")
	case CIDR:
		t := equal(c.Value, "ipv4-addr", "value")
		if p, err := netip.ParsePrefix(c.Value); err == nil && p.Addr().Is6() {
			t = equal(c.Value, "ipv6-addr", "value")
		}
		t.Op = pattern.IsSubset
		return t
	case Domain:
		return equal(c.Value, "domain-name", "value")
	case URL:
		if !strings.Contains(c.Value, "://") {
			return &pattern.ComparisonOp{Op: pattern.Or, Operands: []pattern.ComparisonExpr{equal("http://"+c.Value, "url", "value"), equal("https://"+c.Value, "url", "value")}}
		}
		return equal(c.Value, "url", "value")
	case Email:
		return equal(c.Value, "email-addr", "value")
	case MD5:
		return equal(c.Value, "file", "hashes", "MD5")
	case SHA1:
		return equal(c.Value, "file", "hashes", "SHA-1")
	case SHA256:
		return equal(c.Value, "file", "hashes", "SHA-256")
	case SHA512:
		return equal(c.Value, "file", "hashes", "SHA-512")
	case SSDeep:
		return equal(c.Value, "file", "hashes", "SSDEEP")
	case Path:
		return pathComparison(c.Value)
	case Registry:
		return equal(c.Value, "windows-registry-key", "key")
	}
	return equal(c.Value, "file", "name")
}

// pathComparison asks for a file in its folder, or for the folder where the last part has no ending.
func pathComparison(value string) pattern.ComparisonExpr {
	at := strings.LastIndexAny(value, `\/`)
	name, folder := value[at+1:], value[:max(at, 0)]
	if !strings.Contains(name, ".") || folder == "" {
		return equal(value, "directory", "path")
	}
	if strings.HasSuffix(folder, ":") {
		folder += `\`
	}
	return and(equal(name, "file", "name"), equal(folder, "file", "parent_directory_ref", "path"))
}

func and(operands ...pattern.ComparisonExpr) pattern.ComparisonExpr {
	return &pattern.ComparisonOp{Op: pattern.And, Operands: operands}
}

// equal compares the value at a path with a string.
func equal(value, typ string, keys ...string) *pattern.Test {
	return &pattern.Test{Path: pathTo(typ, keys...), Op: pattern.Equal, Value: pattern.Constant{Kind: pattern.String, Text: value}}
}

func portIn(ports []uint16) *pattern.Test {
	t := &pattern.Test{Path: pathTo("network-traffic", "dst_port"), Op: pattern.In}
	for _, p := range ports {
		t.Set = append(t.Set, pattern.Constant{Kind: pattern.Integer, Int: int64(p)})
	}
	return t
}

func pathTo(typ string, keys ...string) pattern.Path {
	p := pattern.Path{Type: typ}
	for _, k := range keys {
		p.Steps = append(p.Steps, pattern.Step{Kind: pattern.Key, Key: k})
	}
	return p
}
