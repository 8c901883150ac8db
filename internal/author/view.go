package author

import "unicode/utf8"

// view is a text as a reader means it: full width made narrow, what is not seen left out, defanging undone. Each byte knows which bytes of the
// original it stands for. All recognisers look at a view, so that none of them knows how something was disguised.
type view struct {
	src      string
	text     []byte
	from, to []int32 // by byte of text
	other    []bool  // by byte of text: it was written otherwise
}

const (
	softDot = 0x01 // 。 and ・, until it is known whether it stands for a dot
	border  = 0x02 // separates; nothing reaches across it
)

// newView makes the view of a text of at most MaxText bytes.
func newView(src string) *view {
	n := len(src)
	v := &view{src, make([]byte, 0, n), make([]int32, 0, n), make([]int32, 0, n), make([]bool, 0, n)}
	v.fold()
	refang(v)
	return v
}

func (v *view) put(b byte, from, to int, other bool) {
	v.text = append(v.text, b)
	v.from = append(v.from, int32(from)) //nolint:gosec // MaxText bounds it
	v.to = append(v.to, int32(to))       //nolint:gosec // MaxText bounds it
	v.other = append(v.other, other)
}

// fold copies the original, with characters that look alike made one.
func (v *view) fold() {
	for i := 0; i < len(v.src); {
		c := v.src[i]
		if c < utf8.RuneSelf {
			if c <= border && c > 0 {
				c = 0 // ours
			}
			v.put(c, i, i+1, false)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(v.src[i:])
		to, how := folded(r, n)
		switch how {
		case dropped:
		case replaced:
			v.put(to, i, i+n, true)
		case spaced:
			v.put(to, i, i+n, false)
		default:
			for k := range n {
				v.put(v.src[i+k], i, i+n, false)
			}
		}
		i += n
	}
}

type folding uint8

const (
	kept     folding = iota
	dropped          // it is not seen
	replaced         // a disguise
	spaced           // as good as a space or a hyphen; no disguise
)

// folded says what a character of n bytes beyond ASCII stands for.
func folded(r rune, n int) (byte, folding) {
	switch {
	case r == utf8.RuneError && n == 1:
		return border, spaced // no UTF-8
	case r >= '！' && r <= '～':
		return byte(r - '！' + '!'), replaced
	}
	switch r {
	case 0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF:
		return 0, dropped
	case '　', 0x00A0, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x202F:
		return ' ', spaced
	case 0x2028, 0x2029, 0x0085:
		return border, spaced
	case '。', '｡', '・', '･':
		return softDot, replaced
	case 0x2024, 0xFE52:
		return '.', replaced
	case 0x2236, 0xFE55, 0xFE13:
		return ':', replaced
	case 0x2044, 0x2215:
		return '/', replaced
	case 0xFE6B:
		return '@', replaced
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹣':
		return '-', spaced
	}
	return 0, kept
}

// origin is where a part of the view begins and ends in the original.
func (v *view) origin(from, to int) (start, end int) { return int(v.from[from]), int(v.to[to-1]) }

// disguised says whether a part of the view was written otherwise.
func (v *view) disguised(from, to int) bool {
	for _, o := range v.other[from:to] {
		if o {
			return true
		}
	}
	return false
}

// at is a byte of the view, 0 beyond its ends.
func (v *view) at(i int) byte {
	if i < 0 || i >= len(v.text) {
		return 0
	}
	return v.text[i]
}
