package main

import "strings"

// initialisms are words that Go writes in one case, and brands with cases of their own.
var initialisms = func() map[string]string {
	m := map[string]string{
		"ipv4": "IPv4", "ipv6": "IPv6", "ddos": "DDoS", "openid": "OpenID", "powerpc": "PowerPC", "javascript": "JavaScript",
		"typescript": "TypeScript", "powershell": "PowerShell", "applescript": "AppleScript", "ids": "IDs", "pebinary": "PEBinary", "dword": "DWORD", "qword": "QWORD",
	}
	for _, w := range strings.Fields("acs af api arm bcc cc cpe cwd dns gid http https icmp id iep ioc ip ipfix ipx json ldap mac mime mips nis " +
		"ntfs os pcre pdf pe php pid rir sco sdo sid sql sro stix swid sz tacacs tcp tlp tls udp uid uri url usb vm vpn xml yara") {
		m[w] = strings.ToUpper(w)
	}
	return m
}()

// goName makes an exported name of a name or value of the table.
func goName(s string) string {
	if strings.Contains(s, "_") && s == strings.ToUpper(s) {
		s = strings.ToLower(s)
	}
	s = strings.Replace(s, "tlp-2.0", "TLP2", 1)
	s = strings.NewReplacer("+", " plus ", "#", " sharp ", "&", " and ").Replace(s)
	var b strings.Builder
	digit := false
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !letter(r) && !number(r) }) {
		if known, ok := initialisms[strings.ToLower(w)]; ok {
			w = known
		}
		if digit && number(rune(w[0])) {
			b.WriteByte('_') // 86-64 is not 8664
		}
		w = strings.ToUpper(w[:1]) + w[1:]
		b.WriteString(w)
		digit = number(rune(w[len(w)-1]))
	}
	return b.String()
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func number(r rune) bool { return r >= '0' && r <= '9' }

// vocabName is the name of a vocabulary without its ending.
func vocabName(s string) string {
	return goName(strings.TrimSuffix(strings.TrimSuffix(s, "-ov"), "-enum"))
}

// article puts a or an before a name of the table.
func article(s string) string {
	if strings.ContainsRune("aeio", rune(s[0])) || strings.HasPrefix(s, "x5") || strings.HasPrefix(s, "http-") || strings.HasPrefix(s, "ntfs-") {
		return "an " + s
	}
	return "a " + s
}
