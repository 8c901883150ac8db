package page

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/stix"
)

// Renderer has all templates, once for each language.
type Renderer struct {
	sets map[locale.Lang]*template.Template
}

// NewRenderer reads all *.html of some folders. A template's name is what it defines itself as, so that names are global: each begins with
// its domain.
func NewRenderer(folders ...fs.FS) (*Renderer, error) {
	r := &Renderer{sets: map[locale.Lang]*template.Template{}}
	for _, lang := range locale.Langs {
		set := template.New("").Funcs(functions(lang))
		for _, folder := range folders {
			if _, err := set.ParseFS(folder, "*.html"); err != nil {
				return nil, fmt.Errorf("templates: %w", err)
			}
		}
		r.sets[lang] = set
	}
	return r, nil
}

// View is what a template sees: the request, and under Data what the handler gave.
type View struct {
	*Request
	Data any
	Body template.HTML // of the frame: the page in it
}

// frame is the template around all pages.
const frame = "frame"

func (r *Renderer) render(out *bytes.Buffer, req *Request, name string, data any) error {
	set := r.sets[req.Lang]
	if req.Partial() {
		return execute(set, out, name, View{Request: req, Data: data})
	}
	var body bytes.Buffer
	if err := execute(set, &body, name, View{Request: req, Data: data}); err != nil {
		return err
	}
	return execute(set, out, frame, View{Request: req, Data: data, Body: template.HTML(body.String())}) // it was escaped when it was made
}

func execute(set *template.Template, out io.Writer, name string, v View) error {
	if err := set.ExecuteTemplate(out, name, v); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	return nil
}

// Choice is an item of the menu, and whether the page is one of its own.
type Choice struct {
	MenuItem
	Here bool
}

// Menu is what the account may go to.
func (v View) Menu() (list []Choice) {
	for _, m := range v.Site.Menu {
		if v.May(m.Action) {
			at := v.URL.Path
			list = append(list, Choice{m, at == m.Path || m.Path != "/" && strings.HasPrefix(at, m.Path+"/")})
		}
	}
	return list
}

// functions are what templates may call beside the methods of what they get.
func functions(lang locale.Lang) template.FuncMap {
	return template.FuncMap{
		"t":       func(code string, args ...any) string { return locale.Text(lang, code, args...) },
		"reason":  func(r locale.Reason) string { return r.In(lang) },
		"type":    func(name string) string { return lang.Type(name) },
		"when":    func(at any) template.HTML { return when(lang, at) },
		"tlp":     tlp,
		"foreign": foreign,
		"short":   short,
		"tail":    tail,
		"number":  number,
		"letter":  func(p store.Precedence) string { return p.Letter() },
		"lang":    func() string { return string(lang) },
		"dict":    dict,
		"path":    func(s string) string { return template.URLQueryEscaper(s) },
	}
}

// dict gives a template that is called within another more than one value: names and values in turn.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d arguments", len(pairs))
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m, nil
}

var japan = time.FixedZone("JST", 9*60*60)

// when is an instant in UTC and in Japan's time. It takes a time, or nanoseconds since 1970; what is zero is shown as a dash.
func when(lang locale.Lang, at any) template.HTML {
	var t time.Time
	switch at := at.(type) {
	case time.Time:
		t = at
	case int64:
		if at != 0 {
			t = time.Unix(0, at)
		}
	}
	if t.IsZero() {
		return `<span class="when">–</span>`
	}
	const form = "2006-01-02 15:04"
	first, second := t.UTC().Format(form)+" UTC", t.In(japan).Format(form)+" JST"
	if lang == locale.Japanese {
		first, second = second, first
	}
	return template.HTML(fmt.Sprintf(`<time class="when" datetime="%s"><span>%s</span> <span class="other">%s</span></time>`, // only digits and our own words
		t.UTC().Format(time.RFC3339), first, second))
}

// tlp is a TLP label in its colours (TLP 2.0). It takes a stix.TLP, its number, or nothing known.
func tlp(v any) template.HTML {
	var t stix.TLP
	switch v := v.(type) {
	case stix.TLP:
		t = v
	case uint8:
		t = stix.TLP(v)
	}
	name := t.String()
	class := strings.ReplaceAll(name, "+", "-")
	return template.HTML(fmt.Sprintf(`<span class="tlp tlp-%s">%s</span>`, template.HTMLEscapeString(class), template.HTMLEscapeString(t.Label())))
}

// foreign is text that somebody else wrote, harmless: what controls, hides or turns text is shown as its code point. It stands in an element
// of its own, so that its direction ends with it.
func foreign(v any) template.HTML {
	s := fmt.Sprint(v)
	var b strings.Builder
	b.WriteString(`<bdi>`)
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || r == ' ':
			b.WriteRune(r)
		case Hides(r):
			fmt.Fprintf(&b, `<span class="hidden-char">U+%04X</span>`, r)
		default:
			b.WriteString(template.HTMLEscapeString(string(r)))
		}
	}
	b.WriteString(`</bdi>`)
	return template.HTML(b.String()) // all of it was escaped above
}

// Hides says of a character of a foreign text that it controls, hides or turns text, and is shown as its code point instead.
func Hides(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// short is the beginning of an id, enough for people to tell some apart.
func short(id string) string {
	if typ, uuid, ok := strings.Cut(id, "--"); ok && len(uuid) > 8 {
		return typ + "--" + uuid[:8] + "…"
	}
	return id
}

// tail is the beginning of an id's UUID, where the type is told beside it.
func tail(id string) string {
	_, uuid, _ := strings.Cut(id, "--")
	if len(uuid) > 8 {
		return uuid[:8] + "…"
	}
	return uuid
}

// number is a number with its thousands apart.
func number(n any) string {
	s := fmt.Sprint(n)
	if _, err := strconv.ParseInt(s, 10, 64); err != nil {
		return s
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
