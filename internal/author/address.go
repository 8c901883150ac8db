package author

import (
	"bytes"
	"net/netip"
	"strings"
)

const maxLocal = 64 // RFC 5321

// emails finds addresses of mail.
func (f *finder) emails() {
	text := f.v.text
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '@')
		if i < 0 {
			return
		}
		i += at
		at = i + 1
		if f.taken[i] {
			continue
		}
		from := i
		for from > 0 && i-from < maxLocal && (isAlnum(text[from-1]) || strings.IndexByte("._%+-", text[from-1]) >= 0) {
			from--
		}
		for from < i && !isAlnum(text[from]) {
			from++
		}
		to := i + 1
		for to < len(text) && to-i <= maxHost && (isAlnum(text[to]) || strings.IndexByte("-._", text[to]) >= 0) {
			to++
		}
		for to > i+1 && !isAlnum(text[to-1]) {
			to--
		}
		if from == i || !f.free(from, to) || bytes.Contains(text[from:i], []byte("..")) || text[i-1] == '.' {
			continue
		}
		host, ok := toHost(string(text[i+1:to]), clear)
		if !ok {
			continue
		}
		f.add(Email, string(text[from:i])+"@"+host, from, to)
		f.take(from, to)
		at = to
	}
}

// addresses finds IPv4 and IPv6 addresses and blocks of them.
func (f *finder) addresses() {
	text := f.v.text
	for i := 0; i < len(text); {
		if !isHex(text[i]) && text[i] != ':' {
			i++
			continue
		}
		end, colons, dots := i, 0, 0
		for end < len(text) && (isHex(text[end]) || text[end] == ':' || text[end] == '.') {
			switch text[end] {
			case ':':
				colons++
			case '.':
				dots++
			}
			end++
		}
		next := end
		for next < len(text) && isAlnum(text[next]) { // no address ends within a word
			next++
		}
		switch {
		case next > end && dots < 3:
		case colons >= 2 && end-i <= maxIPv6+2 && f.ipv6(i, end):
		case dots >= 3:
			f.ipv4s(i, end)
		}
		i = max(next, i+1)
	}
}

const maxIPv6 = 45

// ipv6 reads one address that fills a run.
func (f *finder) ipv6(from, to int) bool {
	text := f.v.text
	for to > from && (text[to-1] == '.' || text[to-1] == ':' && f.v.at(to-2) != ':') {
		to--
	}
	if text[from] == ':' && f.v.at(from+1) != ':' {
		from++
	}
	name := string(text[from:to])
	addr, err := netip.ParseAddr(name)
	if err != nil || !addr.Is6() || !f.free(from, to) || isAlnum(f.v.at(from-1)) || isAlnum(f.v.at(to)) {
		return false
	}
	// A::B names a member of a class, not a host.
	if first, _, _ := strings.Cut(name, ":"); addr.IsUnspecified() || !strings.ContainsAny(name, "0123456789") || first != "" && len(first) < 3 && strings.Count(name, ":") < 7 {
		return false
	}
	if bits, end := f.bits(to, 128); end > 0 {
		f.block(netip.PrefixFrom(addr, bits), from, end)
		return true
	}
	c := f.add(IPv6, addr.String(), from, to)
	f.take(from, to)
	if f.v.at(from-1) == '[' && f.v.at(to) == ']' && f.v.at(to+1) == ':' {
		if p, end := f.number(to+2, 65535); p > 0 && !isAlnum(f.v.at(end)) {
			c.port(uint16(p)) //nolint:gosec // at most 65535
		}
	}
	return true
}

// ipv4s reads addresses in a run of hexadecimal digits, dots and colons.
func (f *finder) ipv4s(from, to int) {
	text := f.v.text
	for i := from; i < to; {
		end := i
		for end < to && (isDigit(text[end]) || text[end] == '.') {
			end++
		}
		if end > i {
			f.ipv4(i, end)
		}
		i = max(end, i+1)
	}
}

// ipv4 reads one address that fills a run of digits and dots.
func (f *finder) ipv4(from, to int) {
	text := f.v.text
	for to > from && text[to-1] == '.' {
		to--
	}
	for from < to && text[from] == '.' {
		from++
	}
	addr, err := netip.ParseAddr(string(text[from:to]))
	before, after := f.v.at(from-1), f.v.at(to)
	switch {
	case err != nil || !addr.Is4() || !f.free(from, to):
		return
	case isAlnum(before) || before == '.' || before == '_' || isAlnum(after) || after == '_' || after == '.' && isAlnum(f.v.at(to+1)):
		return
	case after == '-' && isLetter(f.v.at(to+1)) || before == '-' && isAlnum(f.v.at(from-2)): // a part of a name
		return
	}
	if bits, end := f.bits(to, 32); end > 0 {
		f.block(netip.PrefixFrom(addr, bits), from, end)
		return
	}
	c := f.add(IPv4, addr.String(), from, to)
	c.odd += f.version(c, from, to)
	f.take(from, to)
	f.portOf(c, to)
}

// portOf notes the port behind a host that ends at to: ":443", " port 443", "（ポート443".
func (f *finder) portOf(c *Candidate, to int) {
	i := to
	if f.v.at(i) == ':' {
		i++
	} else {
		for i < to+3 && strings.IndexByte(" ,(", f.v.at(i)) >= 0 && f.v.at(i) != 0 {
			i++
		}
		switch {
		case hasFold(f.v.text[i:], "port "):
			i += len("port ")
		case hasFold(f.v.text[i:], "ポート"):
			i += len("ポート")
		case hasFold(f.v.text[i:], "tcp/"), hasFold(f.v.text[i:], "udp/"):
			i += len("tcp/")
		default:
			return
		}
	}
	if p, end := f.number(i, 65535); p > 0 && !isAlnum(f.v.at(end)) && (f.v.at(end) != '.' || !isDigit(f.v.at(end+1))) {
		c.port(uint16(p)) //nolint:gosec // at most 65535
	}
}

// bits reads the length of a prefix; end is 0 if there is none.
func (f *finder) bits(i, most int) (n, end int) {
	if f.v.at(i) != '/' || !isDigit(f.v.at(i+1)) {
		return 0, 0
	}
	n, end = f.number(i+1, most)
	if after := f.v.at(end); isAlnum(after) || after == '/' || after == '.' && isAlnum(f.v.at(end+1)) || n == 0 && f.v.text[i+1] != '0' {
		return 0, 0
	}
	return n, end
}

func (f *finder) block(p netip.Prefix, from, to int) {
	f.add(CIDR, p.Masked().String(), from, to)
	f.take(from, to)
}

// version is 1 if what looks like an address is rather the version of a program: small numbers, or a word before it says so.
func (f *finder) version(c *Candidate, from, to int) int {
	text := f.v.text
	if f.v.disguised(from, to) {
		return 0
	}
	if b := f.v.at(from - 1); b == '/' && isLetter(f.v.at(from-2)) { // Chrome/80.0.0.1
		return 1
	}
	small := true
	for _, p := range strings.Split(c.Value, ".") {
		small = small && len(p) == 1
	}
	if small && !resolvers[c.Value] {
		return 1
	}
	before := bytes.TrimRight(text[max(0, from-24):from], " :.")
	for _, word := range [...]string{"version", "ver", "build", "release", "firmware", "バージョン", "ファームウェア"} {
		if len(before) >= len(word) && hasFold(before[len(before)-len(word):], word) {
			return 1
		}
	}
	return 0
}
