package author

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// special are top-level domains that are in no root zone, and whether they count where the text does not make clear that a host is meant.
var special = map[string]bool{
	"onion": true, "example": true, "test": false, "invalid": false, "localhost": false, "local": false, "internal": false, "lan": false,
	"corp": false, "home": false, "localdomain": false, "i2p": false,
}

// knownTLD says whether a label in lower case and ASCII is a top-level domain of the root zone.
func knownTLD(label string) bool {
	_, icann := publicsuffix.PublicSuffix("a." + label) // of some only what is below them is listed
	return icann
}

// fileTLD are top-level domains that are endings of files too.
var fileTLD = map[string]bool{
	"zip": true, "mov": true, "sh": true, "py": true, "pl": true, "rs": true, "so": true, "md": true, "ps": true, "cab": true, "cat": true,
	"pub": true, "ws": true, "app": true, "bz": true, "lnk": true, "inc": true, "java": true, "ai": true, "mm": true, "cc": true, "hm": true,
}

// clarity is how sure the text makes it that a host is meant.
type clarity uint8

const (
	bare  clarity = iota // it may be anything with a dot
	clear                // it was defanged, or stands in a URL or an address of mail
)

const maxHost = 253 // RFC 1035

// toHost makes the canonical form of a name: lower case, ASCII, without a dot at its end. ok is false if it is no name of a host in a domain
// that there is.
func toHost(name string, c clarity) (host string, ok bool) {
	name = strings.TrimSuffix(name, ".")
	if len(name) < 4 || len(name) > 4*maxHost {
		return "", false
	}
	host = strings.ToLower(name)
	if strings.IndexFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		ascii, err := hosts.ToASCII(host)
		if err != nil {
			return "", false
		}
		host = ascii
	}
	labels := strings.Split(host, ".")
	if len(host) > maxHost || len(labels) < 2 {
		return "", false
	}
	for _, l := range labels {
		if !validLabel(l) {
			return "", false
		}
	}
	tld := labels[len(labels)-1]
	if certain, is := special[tld]; is {
		return host, certain || c == clear
	}
	if !knownTLD(tld) {
		return "", false
	}
	if suffix, icann := publicsuffix.PublicSuffix(host); icann && suffix == host {
		return "", false // co.jp is nobody's
	}
	return host, c == clear || !fileLike(name, labels)
}

// hosts converts as browsers do. Underscores are no concern of it.
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

func validLabel(l string) bool {
	if l == "" || len(l) > maxLabel || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for i := range len(l) {
		if c := l[i]; !isAlnum(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// fileLike says whether a bare name looks rather like a file, a class or a detection than like a host.
func fileLike(name string, labels []string) bool {
	first, last := labels[0], labels[len(labels)-1]
	if fileTLD[last] && (len(labels) == 2 || extensions[labels[len(labels)-2]]) {
		return true
	}
	for _, l := range labels[:len(labels)-1] {
		if detection[l] {
			return true
		}
	}
	if len(labels) > 2 && reversed[first] && !reversed[last] { // com.example.app is the name of a program
		return true
	}
	end := name[len(name)-len(last):]
	if strings.HasPrefix(last, "xn--") || end == last {
		return false
	}
	return strings.ToUpper(name) != name || last == "net" // System.IO, ASP.NET
}

var (
	// detection are words of which products make names of malware.
	detection = map[string]bool{
		"trojan": true, "backdoor": true, "win32": true, "win64": true, "w32": true, "w64": true, "msil": true, "worm": true, "heur": true,
		"generic": true, "agent": true, "downloader": true, "exploit": true, "ransom": true, "linux": true, "android": true, "osx": true,
	}
	reversed = map[string]bool{"com": true, "org": true, "net": true, "io": true, "jp": true, "gov": true, "edu": true}
)
