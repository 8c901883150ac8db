package author

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// schemes are those of URLs, by what people write for them.
var schemes = map[string]string{
	"http": "http", "hxxp": "http", "htxp": "http", "hxtp": "http", "h**p": "http", "ttp": "http", "httx": "http", "hxxx": "http",
	"https": "https", "hxxps": "https", "htxps": "https", "hxtps": "https", "h**ps": "https", "ttps": "https", "httxs": "https",
	"ftp": "ftp", "fxp": "ftp", "ftxp": "ftp", "ftps": "ftps", "fxps": "ftps", "sftp": "sftp",
	"tcp": "tcp", "udp": "udp", "ws": "ws", "wss": "wss", "ldap": "ldap", "ldaps": "ldaps", "smb": "smb", "rtsp": "rtsp",
}

const (
	maxScheme = 5
	maxURL    = 4096
)

// urls finds what has a scheme.
func (f *finder) urls() {
	text := f.v.text
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("://"))
		if i < 0 {
			return
		}
		i += at
		at = i + 3
		from := i
		for from > 0 && i-from < maxScheme && (isLetter(text[from-1]) || text[from-1] == '*') {
			from--
		}
		written := strings.ToLower(string(text[from:i]))
		scheme := schemes[written]
		if scheme == "" || isAlnum(f.v.at(from-1)) {
			continue
		}
		if to := f.url(from, i+3, scheme, scheme != written); to > 0 {
			at = to
		}
	}
}

// url reads what is behind a scheme. It returns where the URL ends, 0 if there is none.
func (f *finder) url(from, start int, scheme string, fanged bool) int {
	text := f.v.text
	to := start
	for to < len(text) && to-from < maxURL && !endsHost(text[to]) {
		to++
	}
	userinfo := 0
	if at := bytes.LastIndexByte(text[start:to], '@'); at >= 0 {
		userinfo = at + 1
	}
	h, ok := f.authority(start+userinfo, to)
	if !ok {
		return 0
	}
	end := h.end
	if c := f.v.at(end); c == '/' || c == '?' || c == '#' {
		end = f.tail(from, end)
	}
	if f.v.at(from-1) == '+' { // AsciiDoc's passthrough
		end = max(h.end, from+len(bytes.TrimRight(text[from:end], "+")))
	}
	value := scheme + "://" + string(text[start:start+userinfo]) + h.canonical + joined.Replace(string(text[h.end:end]))
	c := f.add(URL, value, from, end)
	c.Defanged = c.Defanged || fanged
	f.hostOf(h, fanged || f.v.disguised(from, end))
	f.take(from, end)
	return end
}

// endsHost says whether a byte cannot stand in the authority of a URL.
func endsHost(b byte) bool {
	return b < utf8.RuneSelf && !isAlnum(b) && strings.IndexByte("-._~%!$&'()*+,;=:@[]", b) < 0
}

// authority is the host of a URL, with its port.
type authority struct {
	canonical string // with the port as written
	kind      Kind   // "" if it is no candidate
	value     string
	port      uint16
	from, to  int // the host itself
	end       int
}

// authority reads a host and a port between start and to.
func (f *finder) authority(start, to int) (h authority, ok bool) {
	text := f.v.text
	if f.v.at(start) == '[' {
		end := bytes.IndexByte(text[start:to], ']')
		if end < 0 {
			return h, false
		}
		addr, err := netip.ParseAddr(string(text[start+1 : start+end]))
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return h, false
		}
		h = authority{"[" + addr.String() + "]", IPv6, addr.String(), 0, start + 1, start + end, start + end + 1}
		return f.withPort(h), true
	}
	end := start
	for end < to && (wordly(text[end]) || strings.IndexByte("-._", text[end]) >= 0) {
		end++
	}
	end = f.latin(start, end)
	for end > start && strings.IndexByte("-.", text[end-1]) >= 0 {
		end--
	}
	name := string(text[start:end])
	h = authority{from: start, to: end, end: end}
	if addr, err := netip.ParseAddr(name); err == nil && addr.Is4() {
		h.canonical, h.kind, h.value = name, IPv4, name
		return f.withPort(h), true
	}
	if host, ok := toHost(name, clear); ok {
		h.canonical, h.kind, h.value = host, Domain, host
		return f.withPort(h), true
	}
	labels := strings.Split(strings.ToLower(name), ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || !isLetter(at(last, 0)) {
		return h, false
	}
	for _, l := range labels {
		if !validLabel(l) {
			return h, false
		}
	}
	h.canonical = strings.ToLower(name) // a domain of their own
	return f.withPort(h), true
}

func at(s string, i int) byte {
	if i >= len(s) {
		return 0
	}
	return s[i]
}

// latin ends a host where a script without spaces touches it from behind. A host that begins in such a script is one.
func (f *finder) latin(from, to int) int {
	for i := from; i < to; {
		r, n := utf8.DecodeRune(f.v.text[i:to])
		if unspaced(r) {
			if i > from && isAlnum(f.v.text[i-1]) && bytes.IndexByte(f.v.text[from:i], '.') >= 0 {
				return i
			}
		}
		i += n
	}
	return to
}

func (f *finder) withPort(h authority) authority {
	if f.v.at(h.end) != ':' {
		return h
	}
	if p, end := f.number(h.end+1, 65535); p > 0 && !isAlnum(f.v.at(end)) {
		h.canonical += ":" + strconv.Itoa(p)
		h.port, h.end = uint16(p), end //nolint:gosec // at most 65535
	}
	return h
}

// number reads a number of up to five digits; it is 0 if there is none or it is greater than limit.
func (f *finder) number(i, limit int) (n, end int) {
	for end = i; end < i+5 && isDigit(f.v.at(end)); end++ {
		n = n*10 + int(f.v.text[end]-'0')
	}
	if isDigit(f.v.at(end)) || n > limit {
		return 0, end
	}
	return n, end
}

// tail finds where a URL ends whose path begins at i.
func (f *finder) tail(from, i int) int {
	text := f.v.text
	open := 0
	to := i
	for to < len(text) && to-from < maxURL {
		b := text[to]
		if b == '\n' || b == '\r' {
			next, ok := f.wraps(from, to)
			if !ok {
				break
			}
			to = next
			continue
		}
		if b == '(' {
			open++
		}
		if b == ')' {
			if open == 0 {
				break
			}
			open--
		}
		if b <= ' ' || b >= 0x7F || strings.IndexByte("\"<>\\^`{|}[]", b) >= 0 {
			break
		}
		to++
	}
	for to > i && strings.IndexByte(".,;:!?'*(", text[to-1]) >= 0 {
		to--
	}
	return to
}

const wrapped = 60 // bytes of a line that may have been broken for its length

// wraps says whether a URL goes on in the next line: the line is long, ends in what joins, and what follows can only be a part of a URL.
func (f *finder) wraps(from, to int) (next int, ok bool) {
	text := f.v.text
	if strings.IndexByte("/-_?&=%", text[to-1]) < 0 {
		return 0, false
	}
	line := bytes.LastIndexByte(text[max(0, to-4*wrapped):to], '\n')
	if line >= 0 && to-max(0, to-4*wrapped)-line-1 < wrapped || line < 0 && to < wrapped {
		return 0, false
	}
	next = to + 1
	if text[to] == '\r' && f.v.at(next) == '\n' {
		next++
	}
	end := next
	for end < len(text) && end-next < maxLabel*4 && (isAlnum(text[end]) || strings.IndexByte("-._~%!$&()*+,;=:/?#", text[end]) >= 0) {
		end++
	}
	word := bytes.TrimRight(text[next:end], ".,;:!?)")
	if len(word) == 0 || !isAlnum(word[0]) || bytes.Contains(word, []byte("//")) || !bytes.ContainsAny(word, "/=%&.-_") {
		return 0, false
	}
	if _, host := toHost(string(word), bare); host {
		return 0, false
	}
	if _, err := netip.ParseAddr(string(word)); err == nil {
		return 0, false
	}
	return next, from < to
}

// hostOf offers the host of a URL or an address of its own.
func (f *finder) hostOf(h authority, fanged bool) {
	if h.kind == "" {
		return
	}
	c := f.add(h.kind, h.value, h.from, h.to)
	c.Defanged = c.Defanged || fanged
	if h.port > 0 {
		c.port(h.port)
	}
	c.inside++
}

// joined takes out line breaks.
var joined = strings.NewReplacer("\r", "", "\n", "")
