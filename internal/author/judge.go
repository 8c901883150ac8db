package author

import (
	"net/netip"
	"path"
	"strings"

	"github.com/wagasa/wagasa/internal/locale"
	"golang.org/x/net/publicsuffix"
)

// judge suggests which candidates to share. It only suggests: everything is offered.
type judge struct {
	o      Options
	own    map[string]bool
	fanged bool // the text defangs what is dangerous: its links are links
	known  bool // the store was asked
}

func newJudge(o Options, known bool, found []Candidate) *judge {
	j := &judge{o: o, own: map[string]bool{}, known: known}
	for _, d := range o.Own {
		j.own[strings.ToLower(strings.Trim(d, "."))] = true
	}
	for i := range found {
		switch found[i].Kind {
		case URL, Domain, IPv4, IPv6, CIDR, Email:
			j.fanged = j.fanged || found[i].Defanged
		}
	}
	return j
}

func (j *judge) all(found []Candidate) {
	for i := range found {
		c := &found[i]
		if code := j.why(c); code != "" {
			c.Why = locale.Because(code)
		}
		c.Selected = c.Why.Code == ""
	}
}

// why is the code of the reason against a candidate, "" if there is none.
func (j *judge) why(c *Candidate) string {
	switch c.Kind {
	case IPv4, IPv6, CIDR:
		if code := j.address(c.Value); code != "" {
			return code
		}
		switch {
		case c.odd == len(c.Places):
			return "author.why-version"
		case c.inside == len(c.Places):
			return "author.why-in-url"
		}
	case Domain:
		if code := j.domain(c.Value); code != "" {
			return code
		}
		if c.inside == len(c.Places) {
			return "author.why-in-url"
		}
	case URL, Email:
		return j.link(c)
	case MD5, SHA1, SHA256, SHA512:
		switch {
		case empty[c.Value]:
			return "author.why-empty"
		case c.odd == len(c.Places):
			return "author.why-not-a-file"
		}
	case FileName:
		return "author.why-weak"
	case Path:
		return folder(c.Value)
	case ATTACK:
		if j.known && len(c.Refs) == 0 {
			return "author.why-not-known"
		}
	case Name:
		if c.odd == len(c.Places) {
			return "author.why-common"
		}
	}
	return ""
}

// link judges what has a host in it.
func (j *judge) link(c *Candidate) string {
	host := hostIn(c)
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		if code := j.address(addr.String()); code != "" {
			return code
		}
	}
	code := j.domain(host)
	switch {
	case code == "author.why-known-site" && c.Defanged && c.Kind == URL: // the writer made it unclickable: it is what the site was misused for
		return ""
	case code != "":
		return code
	case j.fanged && !c.Defanged:
		return "author.why-link"
	}
	return ""
}

// hostIn is the host of a URL or of an address of mail.
func hostIn(c *Candidate) string {
	v := c.Value
	if i := strings.Index(v, "://"); i >= 0 {
		v = v[i+3:]
	}
	if c.Kind == URL {
		if i := strings.IndexAny(v, "/?#"); i >= 0 {
			v = v[:i]
		}
	}
	v = v[strings.LastIndexByte(v, '@')+1:]
	if i := strings.LastIndexByte(v, ':'); i >= 0 && !strings.HasSuffix(v, "]") && c.Kind == URL {
		v = v[:i]
	}
	return v
}

func prefixes(list ...string) (p []netip.Prefix) {
	for _, s := range list {
		p = append(p, netip.MustParsePrefix(s))
	}
	return p
}

var (
	documentation = prefixes("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
	notPublic     = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15",
		"224.0.0.0/3", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8", "::/128")
	// resolvers are addresses that many hosts ask and nobody attacks from.
	resolvers = map[string]bool{
		"1.1.1.1": true, "1.0.0.1": true, "8.8.8.8": true, "8.8.4.4": true, "9.9.9.9": true, "149.112.112.112": true, "208.67.222.222": true, "208.67.220.220": true,
		"4.2.2.1": true, "4.2.2.2": true, "2001:4860:4860::8888": true, "2001:4860:4860::8844": true, "2606:4700:4700::1111": true, "2620:fe::fe": true,
	}
)

func (j *judge) address(value string) string {
	prefix, err := netip.ParsePrefix(value)
	if err != nil {
		addr, err := netip.ParseAddr(value)
		if err != nil {
			return ""
		}
		prefix = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
	}
	within := func(list []netip.Prefix) bool {
		for _, p := range list {
			if p.Bits() <= prefix.Bits() && p.Contains(prefix.Addr()) {
				return true
			}
		}
		return false
	}
	switch {
	case within(documentation):
		if j.o.Rehearsal {
			return ""
		}
		return "author.why-documentation"
	case within(notPublic):
		return "author.why-private"
	case prefix.Bits() < 8 || prefix.Addr().Is6() && prefix.Bits() < 16:
		return "author.why-too-wide"
	case resolvers[value]:
		return "author.why-resolver"
	}
	return ""
}

func (j *judge) domain(host string) string {
	for d := host; d != ""; {
		if j.own[d] {
			return "author.why-own"
		}
		_, d, _ = strings.Cut(d, ".")
	}
	tld := host[strings.LastIndexByte(host, '.')+1:]
	registered, err := publicsuffix.EffectiveTLDPlusOne(host)
	switch {
	case tld == "example" || tld == "test" || tld == "invalid" || strings.HasPrefix(registered, "example."):
		if j.o.Rehearsal {
			return ""
		}
		return "author.why-example"
	case tld == "localhost" || tld == "local" || tld == "internal" || tld == "lan" || tld == "corp" || tld == "home" || tld == "localdomain" || strings.HasSuffix(host, ".arpa"):
		return "author.why-private"
	case err == nil && sites[registered]:
		return "author.why-known-site"
	}
	return ""
}

// sites are registered domains that advisories refer to, or that so many use that an indicator would hit everybody.
var sites = set(`eset.com welivesecurity.com virustotal.com github.com githubusercontent.com gitlab.com bitbucket.org microsoft.com windows.com windowsupdate.com
	live.com office.com office365.com google.com googleapis.com gstatic.com youtube.com goo.gl apple.com icloud.com amazon.com cloudflare.com akamai.com
	adobe.com oracle.com mozilla.org mitre.org nist.gov cisa.gov us-cert.gov fbi.gov nsa.gov ic3.gov jpcert.or.jp ipa.go.jp nisc.go.jp cyber.go.jp npa.go.jp
	mod.go.jp ncsc.gov.uk cyber.gov.au cyber.gc.ca enisa.europa.eu cert.europa.eu first.org kaspersky.com securelist.com trendmicro.com trendmicro.co.jp symantec.com
	broadcom.com security.com mandiant.com fireeye.com crowdstrike.com paloaltonetworks.com unit42.com talosintelligence.com cisco.com fortinet.com fortiguard.com
	checkpoint.com sophos.com mcafee.com trellix.com proofpoint.com recordedfuture.com sentinelone.com secureworks.com rapid7.com f-secure.com withsecure.com
	bitdefender.com malwarebytes.com avast.com avast.io gdatasoftware.com volexity.com dragos.com huntress.com any.run hybrid-analysis.com joesandbox.com
	urlhaus.abuse.ch abuse.ch shodan.io censys.io wikipedia.org twitter.com x.com facebook.com linkedin.com instagram.com reddit.com medium.com telegram.org t.me
	discord.com discordapp.com slack.com dropbox.com pastebin.com mega.nz archive.org bit.ly tinyurl.com w3.org ietf.org oasis-open.org lac.co.jp nttsecurity.com
	iij.ad.jp macnica.co.jp itochuci.co.jp yahoo.com yahoo.co.jp exploit-db.com zerodayinitiative.com tenable.com sans.org`)

// empty are the digests of no bytes at all.
var empty = map[string]bool{
	"d41d8cd98f00b204e9800998ecf8427e": true, "da39a3ee5e6b4b0d3255bfef95601890afd80709": true,
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855":                                                                 true,
	"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e": true,
}

// folder is the reason against a path that is no file: everybody may have such a folder. Paths of a build are of the one who built.
func folder(value string) string {
	name := path.Base(strings.ReplaceAll(value, `\`, "/"))
	switch {
	case strings.HasSuffix(strings.ToLower(name), ".pdb"):
		return "author.why-build"
	case strings.ContainsAny(value, "<["):
		return "author.why-placeholder"
	case !strings.Contains(name, "."):
		return "author.why-folder"
	}
	return ""
}

// commonName holds names that are words of prose or commands that every system has.
var commonName = set(`agenda akira anchor apostle arp at attrib aurora avenger axiom backspace biscuit bitter bookworm bumblebee calendar calisto cannon canopy carbon certutil chaos
	chimera chromium cicada cleaver cmd confucius covenant crimson crutch cuba curium denis disco donut dragonfly dsquery electrum elise embargo emissary
	empire epic equation esentutl expand explosive flame flamer forfiles ftp gazer gold havoc hexane honeybee ifconfig inception iridium ipconfig james kevin leviathan
	lucifer lurid machete manganese mango mantis mercury meteor milan mirage monsoon mosquito mythic nbtstat net netsh netstat nickel ninja nltest octopus orz page pandora
	patchwork photo ping platinum play plead polonium pony potassium prestige proton pwdump radium raindrop reaper reg reptile responder route rover royal ruler samurai
	schtasks scorpion shark silence silicon skid snake soldier solar spaceship spark strider strontium sunspot supernova tasklist tick tor trinity vermin viper
	wevtutil wiper zinc`)
