package objects_test

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/ingest"
	"github.com/wagasa/wagasa/internal/locale"
	"github.com/wagasa/wagasa/internal/search"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/browsertest"
	"github.com/wagasa/wagasa/internal/web/page"
	"github.com/wagasa/wagasa/stix"
)

// payloads are what somebody might put into an object to get into the pages of whoever looks at it. Each has a mark of its own, hostile and its number, so
// that wherever it turns up it can be held against what stands before it.
var payloads = func() []string {
	texts := []string{
		`<script>alert("#")</script>`,
		`</script><script>#()</script>`,
		`"><img src=x onerror=#()>`,
		`' onmouseover='#()`,
		`" autofocus onfocus="#()`,
		"` onfocus=`#()`",
		`javascript:#()`,
		`JaVaScRiPt&colon;#()`,
		"java\tscript:#()",
		`data:text/html,<script>#()</script>`,
		`vbscript:#`,
		`//#.example/x`,
		`https://#.example/x`,
		`<svg onload=#()>`,
		`<svg><script href="data:,#()"/></svg>`,
		`<svg><animate onbegin=#() attributeName=x dur=1s>`,
		`<math><mi xlink:href="javascript:#()">`,
		`<iframe srcdoc="<script>#()</script>">`,
		`{{"#"}}{{printf "%s" .Secret}}`,
		"${#}<%=#%>",
		`<b hx-get="/#" hx-trigger="load">`,
		`<div data-hx-on:click="#()" hx-on--load="#()">`,
		`<a href="https://#.example/">`,
		`<link rel=stylesheet href=//#.example/x.css>`,
		`<meta http-equiv=refresh content="0;url=//#.example">`,
		`<base href="//#.example/">`,
		`<style>@import "//#.example"</style>`,
		`<form action=//#.example><input name=next></form>`,
		`</textarea></title></style></pre></option><img src=//#.example/x>`,
		`<!--#--><![CDATA[`,
		`&lt;script&gt;#&lt;/script&gt;`,
		`\"><script>#</script>`,
		`'-#-'`,
		`%3Cscript%3E#%3C/script%3E`,
		`＜script＞#＜/script＞`,
		"\u202e#\u200b\u2066\ufeff\u00ad\U000e0041",
		"\u0000\u0007\u001b[31m#\u009b",
		"\r\nSet-Cookie: #=1\r\n\r\n<b>",
		`<x-# is="x">`,
		`<noscript><p title="</noscript><img src=x onerror=#()>">`,
		"\u2028#\u2029",
		strings.Repeat(`<b>"'`, 600) + "#",
		strings.Repeat("傘", 400) + "<#>",
	}
	for i, text := range texts {
		texts[i] = strings.ReplaceAll(text, "#", fmt.Sprintf("hostile%02d", i))
	}
	return texts
}()

// mark is the mark of a payload.
var mark = regexp.MustCompile(`hostile([0-9][0-9])`)

// hostile makes objects of every type that hold payloads wherever a string may stand, and in the names of what anybody may name.
type hostile struct {
	next  int
	names int
}

func (h *hostile) text() string {
	h.next++
	return payloads[h.next%len(payloads)]
}

// key is a name that anybody may choose.
func (h *hostile) key() string {
	h.names++
	return fmt.Sprintf("%s %d", h.text(), h.names)
}

// types are what package stix knows, by name.
var types = func() map[string]stix.TypeInfo {
	all := map[string]stix.TypeInfo{}
	for info := range stix.Types() {
		all[info.Name] = info
	}
	return all
}()

// object makes one of a type. What the reader of the header demands is as it must be.
func (h *hostile) object(info stix.TypeInfo, id string, targets []string) map[string]any {
	o := h.part(info, targets, 0)
	maps.Copy(o, map[string]any{
		"type": info.Name, "id": id, "spec_version": "2.1", "lang": h.text(), "labels": []string{h.text(), h.text()},
		"object_marking_refs": []string{statement}, "external_references": []any{map[string]any{"source_name": h.text(), "url": h.text(), "description": h.text(), "external_id": h.text(), "hashes": map[string]any{h.key(): h.text()}}},
		"granular_markings": []any{map[string]any{"selectors": []string{"type", h.text()}, "marking_ref": stix.TLPGreen.MarkingID()}, map[string]any{"selectors": []string{"type"}, "lang": h.text()}},
		h.key():             h.text(), h.key(): map[string]any{h.key(): []any{h.text(), map[string]any{h.key(): h.text()}}},
		"extensions": map[string]any{h.key(): map[string]any{h.key(): h.text(), "extension_type": h.text()}},
	})
	delete(o, "revoked")
	if info.Class != "observable" {
		o["created"], o["modified"] = first, first
	}
	delete(o, "created_by_ref")
	if info.Name == "language-content" {
		o["object_ref"], o["contents"] = targets[0], map[string]any{h.text(): map[string]any{"name": h.text(), h.key(): h.text()}, h.key(): map[string]any{"description": []any{h.text()}}}
	}
	return o
}

func (h *hostile) part(info stix.TypeInfo, targets []string, depth int) map[string]any {
	o := map[string]any{}
	for _, p := range info.Properties {
		if v := h.value(p, targets, depth); v != nil {
			if p.List {
				v = []any{v, h.value(p, targets, depth)}
			}
			o[p.Name] = v
		}
	}
	return o
}

func (h *hostile) value(p stix.PropertyInfo, targets []string, depth int) any {
	switch p.Kind {
	case "boolean":
		return true
	case "integer", "float":
		return 7
	case "identifier":
		h.next++
		return targets[h.next%len(targets)]
	case "hashes", "dictionary":
		return map[string]any{"SHA-256": h.text(), h.key(): h.text()}
	case "nested":
		if info, ok := types[p.Part]; ok && depth < 3 {
			return h.part(info, targets, depth+1)
		}
		return nil
	case "extensions", "objects", "contained":
		return nil
	}
	return h.text()
}

// fill takes objects of every type into the node, all of whose strings are hostile, and lifts them out of quarantine, so that they take part
// everywhere. It returns their ids.
func (w *world) fill(turns int) (ids []string) {
	w.Helper()
	now := func() (all []string) {
		for _, name := range slices.Sorted(maps.Keys(types)) {
			if c := types[name].Class; c == "domain" || c == "relationship" || c == "observable" || c == "meta" {
				all = append(all, name)
			}
		}
		return append(all, "x-umbrella")
	}()
	for turn := range turns {
		var targets []string
		for i, name := range now {
			targets = append(targets, fmt.Sprintf("%s--00000000-0000-4000-8000-%06d%06d", name, turn, i))
		}
		for i, name := range now {
			h := &hostile{next: turn*17 + i*5}
			info, ok := types[name]
			if !ok {
				info = stix.TypeInfo{Name: name, Class: "domain"}
			}
			raw := w.json(h.object(info, targets[i], targets))
			if name == "marking-definition" {
				raw = w.json(map[string]any{
					"type": name, "id": targets[i], "spec_version": "2.1", "created": first, "name": h.text(), "definition_type": "statement",
					"definition": map[string]any{"statement": h.text()}, h.key(): h.text(),
				})
			}
			o, err := stix.Parse(raw)
			if err != nil {
				w.Fatalf("%s: %v", name, err)
			}
			a, err := ingest.Prepare(o, w.jpn.ingest.Validator())
			w.must(err)
			a.TLP = stix.TLPGreen
			if turn%2 == 1 { // from the partner
				a.Origin, a.Serial = w.usa.identity.Card.Party, 1
			}
			w.arrive(w.jpn, a)
			if turn != turns-1 && a.Broken() {
				w.must(w.jpn.store.Update(w.Context(), func(tx store.Tx) error {
					_, _, err := w.jpn.ingest.Lift(tx, w.clock, targets[i], a.Digest, "a test")
					return err
				}))
			}
		}
		ids = append(ids, targets...)
	}
	w.follow()
	return ids
}

// elements and attributes are all that pages of this node consist of.
var (
	elements = strings.Fields(`html head meta title link script body p a header img span b nav ul li div form input button main footer h1 h2 h3 label select option
		section table thead tbody tr th td dl dt dd code bdi time mark details summary article blockquote pre textarea ol figure figcaption svg line rect fieldset legend i strong em small br`)
	attributes = strings.Fields(`lang charset name content href rel type src defer class id role aria-label aria-labelledby aria-current aria-hidden tabindex alt width height method action value
		maxlength placeholder autocomplete spellcheck enterkeyhint for selected hidden form formmethod formaction title scope datetime checked required rows download
		viewbox x1 x2 y1 y2 x y preserveaspectratio hx-get hx-post hx-trigger hx-target hx-swap hx-params hx-replace-url hx-sync hx-select hx-swap-oob
		data-live data-live-yes data-live-no data-id data-party data-precedence data-from data-centre data-open data-failed open`)
	addresses = strings.Fields(`href src action formaction hx-get hx-post data-from data-live`)
	// told are attributes that may say what an object says: nothing makes markup, an address or a request of them.
	told = strings.Fields(`value title aria-label content datetime`)
)

// inspect demands of a page that nothing of what is hostile became more than text.
func inspect(t testing.TB, where, body string) {
	t.Helper()
	root, err := nethtml.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	var text strings.Builder
	for n := range root.Descendants() {
		switch n.Type {
		case nethtml.TextNode:
			if n.Parent.Data == "script" || n.Parent.Data == "style" {
				t.Errorf("%s: a %s has content: %.100q", where, n.Parent.Data, n.Data)
			}
			text.WriteString(n.Data)
		case nethtml.CommentNode:
			t.Errorf("%s: a comment: %.100q", where, n.Data)
		case nethtml.ElementNode:
			if !slices.Contains(elements, n.Data) {
				t.Errorf("%s: an element %.100q", where, n.Data)
			}
			for _, a := range n.Attr {
				checkAttribute(t, where, n.Data, a)
			}
			if n.Data == "p" || n.Data == "li" || n.Data == "td" || n.Data == "dd" {
				text.WriteByte('\n')
			}
		}
	}
	checkText(t, where, text.String())
}

func checkAttribute(t testing.TB, where, element string, a nethtml.Attribute) {
	t.Helper()
	if !slices.Contains(attributes, strings.ToLower(a.Key)) {
		t.Errorf("%s: an attribute %s of %s: %.100q", where, a.Key, element, a.Val)
	}
	if slices.Contains(addresses, a.Key) {
		if u, err := url.Parse(a.Val); err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "?") {
			t.Errorf("%s: %s of %s leads to %.100q", where, a.Key, element, a.Val)
		}
		return // what is asked of this node may be a search for what is hostile
	}
	if mark.MatchString(a.Val) && !slices.Contains(told, a.Key) {
		t.Errorf("%s: %s of %s is %.100q", where, a.Key, element, a.Val)
	}
}

// checkText demands that before the mark of a payload stands what stands there in the payload: no character of it was taken for markup.
func checkText(t testing.TB, where, text string) {
	t.Helper()
	for _, at := range mark.FindAllStringSubmatchIndex(text, -1) {
		n, _ := strconv.Atoi(text[at[2]:at[3]])
		if strings.Count(payloads[n], text[at[0]:at[1]]) > 1 {
			continue
		}
		before, _, _ := strings.Cut(payloads[n], text[at[0]:at[1]])
		got := text[max(0, at[0]-6*len(before)-20):at[0]]
		if want := canonical(before); !strings.HasSuffix(canonical(got), want) && !strings.Contains(got, "…") { // else its beginning is left out
			t.Errorf("%s: before the mark of %.60q stands %.80q", where, payloads[n], got)
		}
	}
	if m := regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{feff}\x{00ad}\x{e0000}-\x{e007f}]`).FindString(text); m != "" {
		t.Errorf("%s: %q stands on the page", where, m)
	}
}

var (
	// escapes are how texts stand in JSON, in JSON pointers and in findings.
	escapes = strings.NewReplacer(`\"`, `"`, `\\`, ``, `\`, ``, "~1", "/", "～1", "/")
	// points are characters that are told by their number, and what is no matter of markup.
	points = regexp.MustCompile(`(?i)\\?[ux]\+?[0-9a-f]{4,5}|\\x[0-9a-f]{2}|\\[abfnrtv]|[^a-z<>"'&=:;({$]+`)
)

// canonical is a text with all taken away that differs by how it is written and is no matter of markup.
func canonical(text string) string {
	return points.ReplaceAllString(escapes.Replace(points.ReplaceAllString(strings.ToLower(norm.NFKC.String(visible(text))), "")), "")
}

// visible is a text as pages show it.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if page.Hides(r) {
			fmt.Fprintf(&b, "U+%04X", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// TestNothingHostileBecomesMarkup: every string of every type, on every page that shows objects.
func TestNothingHostileBecomesMarkup(t *testing.T) {
	w := newWorld(t)
	w.take(w.jpn, object(statement, "", map[string]any{"created": first, "definition_type": "statement", "definition": map[string]any{"statement": payloads[0]}}))
	ids := w.fill(3)
	marks := map[string]bool{}
	for _, lang := range locale.Langs {
		reader := w.visitor(lang, account.Analyst, account.WatchOfficer)
		paths := []string{"/", "/watch/now", "/desk", "/desk/" + string(w.usa.identity.Card.Party), "/partners", "/partners/" + string(w.usa.identity.Card.Party), "/objects"}
		for i, id := range ids {
			if lang == locale.Japanese && i%7 != 0 {
				continue
			}
			paths = append(paths, "/objects/"+id)
			if i%3 == 0 {
				paths = append(paths, "/objects/"+id+"?view=graph", "/objects/"+id+"/now", "/objects/"+id+"/references?way=out", "/objects/"+id+"/references?type=note", "/desk/"+string(w.usa.identity.Card.Party)+"/object/"+id)
			}
		}
		for _, p := range payloads {
			if len(p) < 500 {
				paths = append(paths, "/objects?q="+url.QueryEscape(p), "/objects/"+url.PathEscape(p), "/objects?after="+url.QueryEscape(p), "/objects?sort="+url.QueryEscape(p), "/nowhere/"+url.PathEscape(p))
			}
		}
		for _, q := range []string{"hostile*", "script", "sort:relevance alert", "type:note", "revoked:no"} {
			paths = append(paths, "/objects?q="+url.QueryEscape(q))
		}
		for _, path := range paths {
			a := reader.get(path)
			if a.StatusCode >= 500 {
				t.Errorf("%s: %s", path, a.Status)
			}
			for key, values := range a.Header {
				if key != "Location" && strings.Contains(fmt.Sprint(values), "hostile") {
					t.Errorf("%s: the header %s is %q", path, key, values)
				}
			}
			inspect(t, path, a.body)
			for _, m := range mark.FindAllString(a.body, -1) {
				marks[m] = true
			}
		}
		for i, id := range ids {
			if i%5 == 0 {
				checkGraph(t, reader, id)
			}
		}
		bytesOf(t, reader, ids)
	}
	if len(marks) != len(payloads) {
		t.Errorf("only %d of %d payloads were seen on the pages", len(marks), len(payloads))
	}
}

// checkGraph demands that a drawing's data is data.
func checkGraph(t *testing.T, reader *visitor, id string) {
	t.Helper()
	a := reader.get("/objects/" + id + "/graph").is(200)
	if kind := a.Header.Get("Content-Type"); kind != "application/json; charset=utf-8" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: %s", id, kind)
	}
	var data any
	if err := json.Unmarshal([]byte(a.body), &data); err != nil || strings.ContainsAny(a.body, "<>\u202e\u200b") {
		t.Errorf("%s: %v: %.200s", id, err, a.body)
	}
}

// bytesOf looks at the original bytes, as a page and as a file.
func bytesOf(t *testing.T, reader *visitor, ids []string) {
	t.Helper()
	for i, id := range ids {
		if i%6 != 0 {
			continue
		}
		link := regexp.MustCompile(`/objects/[^"?]*/bytes/[0-9]+`).FindString(reader.get("/objects/" + id).body)
		inspect(t, link, reader.get(link).is(200).body)
		file := reader.get(link + "?file=1").is(200)
		if file.Header.Get("Content-Type") != "application/json" || !regexp.MustCompile(`^attachment; filename="[a-z0-9-]+\.json"$`).MatchString(file.Header.Get("Content-Disposition")) {
			t.Errorf("%s: %v", link, file.Header)
		}
	}
}

// TestHostileSearches: what a reader saves, under whatever name.
func TestHostileSearches(t *testing.T) {
	w := newWorld(t)
	reader := w.visitor(locale.English, account.Analyst)
	for _, p := range payloads {
		reader.post("/objects/searches", "q", p, "name", short(p), "next", p)
		reader.post("/objects/reading", "defang", "no", "next", p)
	}
	w.must(w.jpn.store.View(t.Context(), func(tx store.Tx) error { _, err := search.List(tx, "x"); return err }))
	a := reader.get("/objects").is(200)
	if !strings.Contains(html.UnescapeString(a.body), "hostile") {
		t.Error("nothing was saved")
	}
	inspect(t, "saved searches", a.body)
	for _, p := range payloads {
		for _, path := range []string{"/objects/reading", "/objects/searches/delete"} {
			if to := reader.post(path, "defang", "no", "name", short(p), "next", p).Header.Get("Location"); to != "" && !strings.HasPrefix(to, "/objects") {
				t.Errorf("%q leads to %q", p, to)
			}
		}
	}
}

func short(p string) string { return string([]rune(p)[:min(90, len([]rune(p)))]) }

// TestHostileInABrowser: no script runs, nothing is asked of anybody else, no dialog opens, and the content security policy has nothing to do. Windows
// watch for that by themselves.
func TestHostileInABrowser(t *testing.T) {
	browser := browsertest.Start(t)
	w := newWorld(t)
	w.take(w.jpn, object(statement, "", map[string]any{"created": first, "definition_type": "statement", "definition": map[string]any{"statement": payloads[0]}}))
	ids := w.fill(2)
	window := w.visitor(locale.English, account.Analyst, account.WatchOfficer).enter(browser)
	for i, id := range ids {
		if i >= len(ids)/2 && i%9 != 0 { // those in quarantine
			continue
		}
		window.Go("/objects/" + id)
		if i%9 == 0 {
			window.Go("/objects/" + id + "?view=graph")
			window.Until(`document.getElementById("graph").dataset.drawn > 0`)
		}
	}
	for _, path := range []string{"/", "/objects?q=hostile*", "/desk/" + string(w.usa.identity.Card.Party)} {
		window.Go(path)
	}
	window.Go("/objects")
	for _, p := range []string{payloads[0], payloads[2], payloads[20]} {
		window.Type("#q", p)
		window.Until(`new URLSearchParams(location.search).get("q") === document.getElementById("q").value`)
	}
	for _, asked := range window.Asked() {
		if mark.MatchString(asked) && !strings.Contains(asked, "/objects?q=") {
			t.Errorf("it asks for %s", asked)
		}
	}
}

// seen counts what an inspection finds.
type seen struct {
	testing.TB
	n int
}

func (s *seen) Errorf(string, ...any) { s.n++ }
func (s *seen) Helper()               {}

// TestTheInspectionSees: what it demands can be broken.
func TestTheInspectionSees(t *testing.T) {
	for _, body := range []string{
		`<p>` + payloads[0] + `</p>`,
		`<p>` + payloads[2] + `</p>`,
		`<p title="` + payloads[4] + `">x</p>`,
		`<p onclick="x">x</p>`,
		`<a href="javascript:x">x</a>`, `<a href="//x.example">x</a>`, `<a href="https://x.example">x</a>`,
		`<form action="https://x.example"></form>`,
		`<p style="color:red">x</p>`, `<iframe></iframe>`, `<object></object>`, `<script>x</script>`, `<!-- x -->`,
		`<p class="hostile01">x</p>`,
		`<p><b>` + `hostile33` + `</b></p>`, // of '-…-' the beginning is gone
		"<p>a\u202eb</p>", "<p>a\u200bb</p>",
	} {
		s := &seen{TB: t}
		inspect(s, "x", body)
		if s.n == 0 {
			t.Errorf("nothing is found in %q", body)
		}
	}
	for _, body := range []string{
		`<p>` + html.EscapeString(payloads[0]) + `</p>`, `<a href="/objects?q=hostile01">x</a>`, `<p title="` + html.EscapeString(payloads[4]) + `">x</p>`,
	} {
		s := &seen{TB: t}
		inspect(s, "x", body)
		if s.n > 0 {
			t.Errorf("%d faults are found in %q", s.n, body)
		}
	}
}
