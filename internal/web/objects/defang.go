package objects

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// An edit of a text: at a byte, so many bytes go and others come.
type edit struct {
	at, gone int
	with     string
}

var (
	scheme  = regexp.MustCompile(`(?i)(?:(h)(tt)(ps?)|(f)(t)(ps?))://`)
	hostish = regexp.MustCompile(`[\pL\pN_-]+(?:\.[\pL\pN_-]+)+`)
	mailish = regexp.MustCompile(`@[\pL\pN_-]`)
	sixish  = regexp.MustCompile(`[0-9A-Fa-f:]*:[0-9A-Fa-f]*:[0-9A-Fa-f:]*`)
	lastOne = regexp.MustCompile(`\.\pL[\pL\pN_-]+$`)
)

// defangs are the edits that make the URLs, domains and addresses in a text such that no program takes them for that any more: hxxp, [.], [:], [@].
// A name that looks like a domain, as those of files do, is taken for one. The edits stand in order and apart.
func defangs(text string) (edits []edit) {
	add := func(at, gone int, with string) { edits = append(edits, edit{at, gone, with}) }
	for _, m := range scheme.FindAllStringSubmatchIndex(text, -1) {
		if at := m[4]; at >= 0 {
			add(at, 2, "xx")
		} else {
			add(m[10], 1, "x")
		}
	}
	for _, m := range sixish.FindAllStringIndex(text, -1) {
		if a, err := netip.ParseAddr(text[m[0]:m[1]]); err == nil && a.Is6() {
			for i := m[0]; i < m[1]; i++ {
				if text[i] == ':' {
					add(i, 1, "[:]")
				}
			}
		}
	}
	for _, m := range hostish.FindAllStringIndex(text, -1) {
		name := text[m[0]:m[1]]
		if _, err := netip.ParseAddr(name); err != nil && !lastOne.MatchString(name) {
			continue
		}
		for i := m[0]; i < m[1]; i++ {
			if text[i] == '.' {
				add(i, 1, "[.]")
			}
		}
	}
	for _, m := range mailish.FindAllStringIndex(text, -1) {
		add(m[0], 1, "[@]")
	}
	slices.SortFunc(edits, func(a, b edit) int { return a.at - b.at })
	return edits
}

// defang is the text with all of that done.
func defang(text string) string {
	edits := defangs(text)
	if len(edits) == 0 {
		return text
	}
	var b strings.Builder
	from := 0
	for _, e := range edits {
		b.WriteString(text[from:e.at])
		b.WriteString(e.with)
		from = e.at + e.gone
	}
	b.WriteString(text[from:])
	return b.String()
}

// moved is where a place of the text is after the edits.
func moved(edits []edit, at int) int {
	by := 0
	for _, e := range edits {
		if e.at >= at {
			break
		}
		by += len(e.with) - e.gone
	}
	return at + by
}
