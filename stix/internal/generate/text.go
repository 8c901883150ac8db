package generate

import "strings"

var words = []string{
	"campaign", "exfiltration", "Beacon", "loader", "stage 2", "C2", "phishing", "the", "of", "against", "utility", "operator",
	"naïve", "Größe", "État", "Ωμέγα", "угроза", "攻撃", "電力", "通信", "標的型メール", "不正アクセス", "ウイルス", "感染端末", "위협", "威胁", "تهديد", "איום",
	"🛡️", "🔥", "👩‍💻", "𠮷野家", "<b>bold</b>", "a/b", `back\slash`, `"quoted"`, "tab\there", "line\nbreak", "e\u0301", "\u200d", "\u2028", "{}", "[0]",
	"192.0.2.1", "example.example", "null", "%41", "'",
}

// text is a few words in any script.
func (g *Generator) text() string {
	n := 1 + g.n(6)
	if g.chance(0.01) {
		n = 400
	}
	list := make([]string, n)
	for i := range list {
		list[i] = pick(g, words)
	}
	return strings.Join(list, " ")
}

const lower = "abcdefghijklmnopqrstuvwxyz"

// key is a name of lower-case letters, digits and underscores, at least three long, that begins with a letter.
func (g *Generator) key() string {
	return string(lower[g.n(26)]) + g.from("abcdefghijklmnopqrstuvwxyz0123456789_", 2+g.n(10))
}

// label is words of lower-case letters joined by hyphens.
func (g *Generator) label() string {
	s := g.from(lower, 3+g.n(6))
	for range g.n(3) {
		s += "-" + g.from(lower, 1+g.n(6))
	}
	return s
}

func (g *Generator) from(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[g.n(len(alphabet))]
	}
	return string(b)
}

// hex is n hexadecimal digits, all of one case.
func (g *Generator) hex(n int) string {
	if g.chance(0.2) {
		return g.from("0123456789ABCDEF", n)
	}
	return g.from("0123456789abcdef", n)
}
