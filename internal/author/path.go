package author

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// roots are folders at which a path of a Unix system begins.
var roots = [...]string{
	"/tmp/", "/etc/", "/usr/", "/var/", "/opt/", "/home/", "/root/", "/bin/", "/sbin/", "/dev/", "/proc/", "/lib/", "/lib64/", "/boot/", "/mnt/",
	"/srv/", "/Library/", "/System/", "/Applications/", "/Users/", "/private/", "/sdcard/", "/data/local/", "/data/data/", "/Volumes/", "~/",
}

// root returns where the root of a path at i ends, i if there is none: a drive, a variable, a share, a folder of a Unix system.
func (f *finder) root(i int) int {
	switch b := f.v.at(i); {
	case isLetter(b):
		if f.v.at(i+1) == ':' && f.v.at(i+2) == '\\' && !isAlnum(f.v.at(i-1)) {
			return i + 3
		}
	case b == '%':
		k := i + 1
		for k < i+32 && (isAlnum(f.v.at(k)) || f.v.at(k) == '_' || f.v.at(k) == '(' || f.v.at(k) == ')') {
			k++
		}
		if k > i+2 && f.v.at(k) == '%' && f.v.at(k+1) == '\\' {
			return k + 2
		}
	case b == '\\':
		k := i + 2
		if f.v.at(i+1) != '\\' || f.v.at(i-1) == '\\' || isAlnum(f.v.at(i-1)) {
			return i
		}
		for isAlnum(f.v.at(k)) || f.v.at(k) != 0 && strings.IndexByte("-._", f.v.at(k)) >= 0 && k < i+maxHost {
			k++
		}
		if k > i+3 && f.v.at(k) == '\\' {
			return k + 1
		}
	case b == '/' || b == '~':
		if before := f.v.at(i - 1); wordly(before) && before < utf8.RuneSelf || before != 0 && strings.IndexByte("./:-)_~%}>", before) >= 0 {
			return i
		}
		for _, r := range roots {
			if bytes.HasPrefix(f.v.text[i:], []byte(r)) {
				return i + len(r)
			}
		}
	}
	return i
}

// paths finds paths of files and folders in running text.
func (f *finder) paths() {
	text := f.v.text
	for i := 0; i < len(text); i++ {
		if b := text[i]; !isLetter(b) && b != '%' && b != '\\' && b != '/' && b != '~' || f.taken[i] {
			continue
		}
		start := f.root(i)
		if start == i {
			continue
		}
		to := f.steps(i, start)
		if to > start {
			f.path(i, to)
			i = to - 1
		}
	}
}

func (f *finder) path(from, to int) {
	value := strings.TrimRight(string(f.v.text[from:to]), "\\")
	if strings.HasPrefix(value, "/") || strings.HasPrefix(value, "~") {
		value = strings.TrimRight(value, "/")
	}
	if len(value) < 4 {
		return
	}
	f.add(Path, value, from, to)
	f.take(from, to)
}

// steps finds where the path at from ends whose root ends at i.
func (f *finder) steps(from, i int) int {
	text := f.v.text
	separator := byte('\\')
	if text[from] == '/' || text[from] == '~' {
		separator = '/'
	}
	to := i
	for to < len(text) && to-from < maxPath {
		b := text[to]
		switch {
		case b == separator:
			to++
			continue
		case b == '<' || b == '[' && separator == '\\':
			end := f.placeholder(to)
			if end == 0 {
				return f.untrailed(i, to)
			}
			to = end
			continue
		case b == ' ':
			if f.goesOn(to, separator) == 0 {
				return f.untrailed(i, to)
			}
		case b < ' ' || strings.IndexByte("\"`|<>*?:;,", b) >= 0 || b == border || b == '\'' && separator == '/':
			return f.untrailed(i, to)
		case b >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(text[to:])
			if r == '」' || r == '』' || r == '”' || r == '’' || r == '、' || r == '）' || r == '】' || unspaced(r) && f.goesOn(to, separator) == 0 {
				return f.untrailed(i, to)
			}
			to += n
			continue
		}
		to++
	}
	return f.untrailed(i, to)
}

// goesOn says whether behind a blank, or a script without spaces, at i a separator comes that can only belong to the same path: soon, and with
// nothing in between that ends a path or begins another.
func (f *finder) goesOn(i int, separator byte) int {
	blanks := 0
	for k := i; k < len(f.v.text) && k < i+64; k++ {
		switch b := f.v.text[k]; {
		case b == separator:
			if isLetter(f.v.at(k-2)) && f.v.at(k-1) == ':' || separator == '/' && f.v.at(k-1) == ' ' {
				return 0 // another path begins
			}
			return k
		case b == ' ':
			if blanks++; blanks > 3 || f.v.at(k+1) == ' ' {
				return 0
			}
		case b < ' ' || b == '%' || strings.IndexByte("\"`|<>*?:;,(=", b) >= 0:
			return 0
		case b == '.' && f.v.at(k+1) == ' ':
			return 0 // a sentence ends
		}
	}
	return 0
}

// placeholder reads what stands for something that differs from place to place: <user>.
func (f *finder) placeholder(i int) int {
	open := f.v.text[i]
	for k := i + 1; k < i+40 && k < len(f.v.text); k++ {
		switch b := f.v.text[k]; {
		case b == '>' && open == '<' || b == ']' && open == '[':
			return k + 1
		case !isAlnum(b) && b != ' ' && b != '_' && b != '-' && b != '.':
			return 0
		}
	}
	return 0
}

// untrailed leaves out what ends a sentence or a bracket and not a path.
func (f *finder) untrailed(from, to int) int {
	for to > from && strings.IndexByte(" .)]}'+", f.v.text[to-1]) >= 0 {
		if b := f.v.text[to-1]; b == ']' && bytes.IndexByte(f.v.text[from:to], '[') >= 0 || b == '}' && bytes.IndexByte(f.v.text[from:to], '{') >= 0 ||
			b == ')' && bytes.IndexByte(f.v.text[from:to], '(') >= 0 {
			break
		}
		to--
	}
	return to
}

// hives are those of the registry, by what people write for them.
var hives = [...]struct{ written, hive string }{
	{"HKEY_LOCAL_MACHINE", "HKEY_LOCAL_MACHINE"},
	{"HKEY_CURRENT_USER", "HKEY_CURRENT_USER"},
	{"HKEY_CLASSES_ROOT", "HKEY_CLASSES_ROOT"},
	{"HKEY_USERS", "HKEY_USERS"},
	{"HKEY_CURRENT_CONFIG", "HKEY_CURRENT_CONFIG"},
	{"HKLM", "HKEY_LOCAL_MACHINE"},
	{"HKCU", "HKEY_CURRENT_USER"},
	{"HKCR", "HKEY_CLASSES_ROOT"},
	{"HKCC", "HKEY_CURRENT_CONFIG"},
	{"HKU", "HKEY_USERS"},
}

// registryKeys finds keys of the Windows registry.
func (f *finder) registryKeys() {
	text := f.v.text
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("HK"))
		if i < 0 {
			return
		}
		i += at
		at = i + 2
		if isAlnum(f.v.at(i - 1)) {
			continue
		}
		for _, h := range hives {
			if !bytes.HasPrefix(text[i:], []byte(h.written)) {
				continue
			}
			start := i + len(h.written)
			if f.v.at(start) == ':' {
				start++
			}
			if f.v.at(start) != '\\' {
				break
			}
			to := f.steps(i, start)
			if end := bytes.IndexByte(text[i:to], '='); end > 0 {
				to = f.untrailed(start, i+end)
			}
			key := strings.TrimRight(string(text[start:to]), "\\")
			if len(key) > 1 {
				f.add(Registry, h.hive+key, i, to)
				f.take(i, to)
				at = to
			}
			break
		}
	}
}
