package author

import "strings"

// identifiers finds CVE ids and ids of ATT&CK.
func (f *finder) identifiers() {
	text := f.v.text
	for i := range text {
		if i > 0 && isAlnum(text[i-1]) {
			continue
		}
		switch text[i] | 0x20 {
		case 'c':
			if !f.cve(i) {
				f.attack(i)
			}
		case 't', 's', 'g', 'm':
			f.attack(i)
		}
	}
}

// cve notes a CVE id.
func (f *finder) cve(i int) bool {
	value, end := f.cveAt(i)
	if value == "" {
		return false
	}
	f.add(CVE, value, i, end)
	return true
}

// cveAt reads CVE-2026-12345, also with another joint.
func (f *finder) cveAt(i int) (value string, end int) {
	joint := func(b byte) bool { return b == '-' || b == '_' || b == ' ' }
	if i >= len(f.v.text) || !hasFold(f.v.text[i:], "cve") || !joint(f.v.at(i+3)) {
		return "", 0
	}
	year, end := f.digits(i+4, 4, 4)
	if year == "" || year < "1999" || year > "2099" || !joint(f.v.at(end)) {
		return "", 0
	}
	number, end := f.digits(end+1, 4, 7)
	if number == "" || isLetter(f.v.at(end)) {
		return "", 0
	}
	return "CVE-" + year + "-" + number, end
}

// digits reads between least and most digits, which no digit may follow.
func (f *finder) digits(i, least, most int) (s string, end int) {
	for end = i; end <= i+most && isDigit(f.v.at(end)); end++ {
	}
	if n := end - i; n < least || n > most {
		return "", i
	}
	return string(f.v.text[i:end]), end
}

// attackIDs says how the ids of ATT&CK begin: a prefix and the first digits that are in use.
var attackIDs = []struct {
	prefix string
	first  string
}{
	{"TA", "0"}, {"T", "01"}, {"S", "01"}, {"G", "01"}, {"M", "01"}, {"C", "0"},
}

// attack reads an id in upper case: a letter and four digits, and of techniques a part.
func (f *finder) attack(i int) {
	for _, id := range attackIDs {
		if at := i + len(id.prefix); at <= len(f.v.text) && string(f.v.text[i:at]) == id.prefix && f.v.at(at) != 0 {
			number, end := f.digits(at, 4, 4)
			if number == "" || strings.IndexByte(id.first, number[0]) < 0 || !f.free(i, end) {
				continue
			}
			value := id.prefix + number
			if id.prefix == "T" && (f.v.at(end) == '.' || f.v.at(end) == '/') {
				if part, to := f.digits(end+1, 3, 3); part != "" && !isLetter(f.v.at(to)) {
					value, end = value+"."+part, to
				}
			}
			if after := f.v.at(end); isAlnum(after) || after == '-' && isAlnum(f.v.at(end+1)) || f.v.at(i-1) == '-' {
				return
			}
			f.add(ATTACK, value, i, end)
			f.take(i, end)
			return
		}
	}
}
