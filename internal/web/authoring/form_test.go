package authoring_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// pageOf is an answer as a browser reads it.
type pageOf struct {
	*testing.T
	root *html.Node
}

func (p *person) page(a answer) *pageOf {
	p.Helper()
	root, err := html.Parse(strings.NewReader(a.body))
	p.must(err)
	return &pageOf{p.T, root}
}

// all are the elements of a kind that have an attribute with a value; no attribute is any.
func (p *pageOf) all(tag, attr, value string) (list []*html.Node) {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) && (attr == "" || attribute(n, attr) == value) {
			list = append(list, n)
		}
	}
	return list
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// words is the text in an element.
func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// one is the text of the only such element.
func (p *pageOf) one(tag, attr, value string) string {
	p.Helper()
	list := p.all(tag, attr, value)
	if len(list) != 1 {
		p.Fatalf("there are %d of <%s %s=%q>", len(list), tag, attr, value)
	}
	return words(list[0])
}

// form is what the form with an id would send without any button.
func (p *pageOf) form(id string) url.Values {
	p.Helper()
	forms := p.all("form", "id", id)
	if len(forms) != 1 {
		p.Fatalf("there are %d forms %q", len(forms), id)
	}
	values := url.Values{}
	for n := range forms[0].Descendants() {
		name := attribute(n, "name")
		if n.Type != html.ElementNode || name == "" {
			continue
		}
		switch n.DataAtom {
		case atom.Input:
			kind := attribute(n, "type")
			if (kind == "checkbox" || kind == "radio") && !has(n, "checked") {
				continue
			}
			values.Add(name, attribute(n, "value"))
		case atom.Textarea:
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			values.Add(name, strings.ReplaceAll(text, "\n", "\r\n"))
		case atom.Select:
			values.Add(name, selected(n))
		}
	}
	return values
}

func selected(n *html.Node) string {
	first, found := "", false
	for o := range n.Descendants() {
		if o.DataAtom != atom.Option {
			continue
		}
		if has(o, "selected") {
			return attribute(o, "value")
		}
		if !found {
			first, found = attribute(o, "value"), true
		}
	}
	return first
}

// harmless demands that nothing on the page is run, or leads elsewhere, but what is this site's.
func (p *pageOf) harmless() {
	p.Helper()
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if !strings.HasPrefix(attribute(n, "src"), "/static/") || n.FirstChild != nil {
				p.Errorf("a script that is not ours: %v", n.Attr)
			}
		case "iframe", "object", "embed", "base", "style", "template", "math", "marquee", "video", "audio", "applet", "frameset":
			p.Errorf("<%s>", n.Data)
		case "img":
			if !strings.HasPrefix(attribute(n, "src"), "/static/") {
				p.Errorf("an image of %q", attribute(n, "src"))
			}
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc":
				p.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			case a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction" || strings.HasPrefix(a.Key, "hx-get") || strings.HasPrefix(a.Key, "hx-post"):
				if a.Val != "" && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "?") || strings.HasPrefix(a.Val, "//") {
					p.Errorf("<%s %s=%q> leads elsewhere", n.Data, a.Key, a.Val)
				}
			}
		}
	}
}
