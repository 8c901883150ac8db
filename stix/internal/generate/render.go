package generate

import (
	"fmt"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
)

// render writes a value as JSON: as short as can be if plain, otherwise in one of several styles.
func (g *Generator) render(v any, plain bool) []byte {
	p := printer{g: g, b: make([]byte, 0, 1024)}
	if !plain {
		p.style = g.n(6)
		p.escape = g.chance(0.2)
	}
	p.value(v, 1)
	return p.b
}

// The styles: 1 has a blank after commas and colons, 2 is indented, 3 has white space anywhere, all others none.
type printer struct {
	g      *Generator
	b      []byte
	style  int
	escape bool
}

func (p *printer) value(v any, depth int) {
	switch v := v.(type) {
	case string:
		p.text(v)
	case raw:
		p.b = append(p.b, v...)
	case list:
		p.b = append(p.b, '[')
		for i, item := range v {
			p.comma(i, depth)
			p.value(item, depth+1)
		}
		p.end(']', len(v), depth)
	case *object:
		p.b = append(p.b, '{')
		for i, m := range v.members {
			p.comma(i, depth)
			p.text(m.name)
			if p.style == 3 {
				p.space()
			}
			p.b = append(p.b, ':')
			if p.style == 1 || p.style == 2 {
				p.b = append(p.b, ' ')
			}
			if p.style == 3 {
				p.space()
			}
			p.value(m.value, depth+1)
		}
		p.end('}', len(v.members), depth)
	default:
		panic(fmt.Sprintf("generate: %T is no value", v))
	}
}

func (p *printer) comma(i, depth int) {
	if p.style == 3 {
		p.space()
	}
	if i > 0 {
		p.b = append(p.b, ',')
	}
	switch p.style {
	case 1:
		if i > 0 {
			p.b = append(p.b, ' ')
		}
	case 2:
		p.line(depth)
	case 3:
		p.space()
	}
}

func (p *printer) end(c byte, n, depth int) {
	if p.style == 2 && n > 0 {
		p.line(depth - 1)
	}
	if p.style == 3 {
		p.space()
	}
	p.b = append(p.b, c)
}

func (p *printer) line(depth int) {
	p.b = append(p.b, '\n')
	for range depth {
		p.b = append(p.b, ' ', ' ')
	}
}

func (p *printer) space() {
	for range p.g.n(3) {
		p.b = append(p.b, " \t\r\n"[p.g.n(4)])
	}
}

// text writes a string, some of its characters as \u escapes.
func (p *printer) text(s string) {
	if !p.escape || p.g.chance(0.7) {
		p.b, _ = jsontext.AppendQuote(p.b, s)
		return
	}
	p.b = append(p.b, '"')
	for _, r := range s {
		switch {
		case r == '/' && p.g.chance(0.5):
			p.b = append(p.b, '\\', '/')
		case r > 0xffff && p.g.chance(0.5):
			hi, lo := utf16.EncodeRune(r)
			p.b = fmt.Appendf(p.b, `\u%04x\u%04X`, hi, lo)
		case r <= 0xffff && p.g.chance(0.15):
			p.b = fmt.Appendf(p.b, `\u%04x`, r)
		default:
			q, _ := jsontext.AppendQuote(nil, string(r))
			p.b = append(p.b, q[1:len(q)-1]...)
		}
	}
	p.b = append(p.b, '"')
}
