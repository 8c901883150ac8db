package stix_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wagasa/wagasa/stix"
)

// ob is a small object with a number in its id.
func ob(n int) string {
	return fmt.Sprintf(`{"type":"tool","id":"tool--00000000-0000-4000-8000-%012d"}`, n)
}

func pack(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}

// outcome is all that a reader says, as text.
func outcome(r *stix.Reader) string {
	objects, faults, final := readAll(r)
	var b strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&b, "%s\n", o.Raw)
	}
	for _, f := range faults {
		fmt.Fprintf(&b, "%d %s %s %d %v\n", f.Index, f.ID, f.Type, f.Offset, f)
	}
	fmt.Fprintf(&b, "%v", final)
	return b.String()
}

var both = ob(1) + "\n" + ob(2) + "\nEOF"

func TestReaderShapes(t *testing.T) {
	list := "[" + ob(1) + "," + ob(2) + "]"
	observed := `{"type":"observed-data","id":"observed-data--` + uuid + `","objects":{"0":{"type":"file"}}}`
	odd := `{"type":"x-thing","id":"x-thing--` + uuid + `","objects":[1,"}",{"a":[]}]}`
	for name, c := range map[string]struct{ in, want string }{
		"nothing":          {"", "EOF"},
		"white space":      {" \r\n\t", "EOF"},
		"bundle":           {`{"type":"bundle","id":"bundle--` + uuid + `","objects":` + list + `}`, both},
		"objects first":    {`{"objects":` + list + `,"id":"b","x":{"objects":[{}]},"type":"bundle"}`, both},
		"id first":         {`{"id":"b","x":[{"objects":[]}],"objects":` + list + `}`, both},
		"escaped names":    {`{"t\u0079pe":"bund\u006ce","\u006fbjects":` + list + `}`, both},
		"objects alone":    {` { "objects" : ` + list + ` } `, both},
		"spec_version":     {`{"type":"bundle","spec_version":"2.0","objects":` + list + `}`, both},
		"empty bundle":     {`{"type":"bundle","objects":[]}`, "EOF"},
		"no objects":       {`{"type":"bundle","id":"b"}`, "EOF"},
		"list":             {list, both},
		"empty list":       {"[]", "EOF"},
		"one":              {ob(1), ob(1) + "\nEOF"},
		"lines":            {ob(1) + "\n" + ob(2) + "\n", both},
		"lines, CRLF":      {ob(1) + "\r\n\r\n" + ob(2), both},
		"concatenated":     {ob(1) + ob(2), both},
		"bundles":          {`{"objects":[` + ob(1) + `]}{"type":"bundle","objects":[` + ob(2) + `]}`, both},
		"mixed":            {"[" + ob(1) + "]" + `{"objects":[]}[]` + ob(2), both},
		"byte order mark":  {"\xEF\xBB\xBF" + ob(1) + "\n\xEF\xBB\xBF" + ob(2), both},
		"only a mark":      {"\xEF\xBB\xBF", "EOF"},
		"gzip":             {pack(list), both},
		"gzip members":     {pack(ob(1)) + pack(ob(2)), both},
		"gzip with mark":   {pack("\xEF\xBB\xBF" + list), both},
		"observed-data":    {observed, observed + "\nEOF"},
		"objects, no type": {strings.Replace(observed, `"type":"observed-data",`, "", 1), ""},
		"no bundle":        {odd, odd + "\nEOF"},
		"type of a member": {`{"x":{"type":"tool"},"objects":` + list + `}`, both},
		"strings":          {`{"x":"\\\"}]\\","type":"bundle","objects":` + list + `}`, both},
	} {
		got := outcome(stix.NewReader(strings.NewReader(c.in)))
		if c.want != "" && got != c.want {
			t.Errorf("%s: got\n%s", name, got)
		}
		if bit := outcome(stix.NewReader(iotest.OneByteReader(strings.NewReader(c.in)))); bit != got {
			t.Errorf("%s: byte by byte it reads\n%s", name, bit)
		}
	}
}

// TestReaderFaults: what is bad, what is said of it, and what is read nevertheless.
func TestReaderFaults(t *testing.T) {
	long := `{"type":"tool","id":"` + tool + `","name":"` + strings.Repeat("x", 3000) + `"}`
	deep := `{"type":"tool","id":"` + tool + `","x":` + strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 201)
	flat := strings.Repeat("[", 300) + strings.Repeat("]", 300)
	twice := `{"type":"tool","id":"` + tool + `","a":1,"a":2}`
	list := func(between string) string { return "[" + ob(1) + "," + between + "," + ob(2) + "]" }
	for name, c := range map[string]struct {
		in   string
		want error
		says string
	}{
		"number":              {list("-1.5e3"), stix.ErrNotObject, "object 2 (at byte 67): no STIX object: a number"},
		"string":              {list(`"\"}"`), stix.ErrNotObject, "a string"},
		"null":                {list("null"), stix.ErrNotObject, "null"},
		"list in a list":      {list(`[{"a":[]}]`), stix.ErrNotObject, "a list"},
		"word":                {list("nul"), stix.ErrSyntax, "unexpected"},
		"python":              {list("None"), stix.ErrSyntax, "unexpected"},
		"missing comma":       {"[" + ob(1) + ob(2) + "]", stix.ErrSyntax, "comma is missing"},
		"two commas":          {"[" + ob(1) + ",," + ob(2) + "]", stix.ErrSyntax, "comma too many"},
		"last comma":          {"[" + ob(1) + "," + ob(2) + ",]", stix.ErrSyntax, "comma too many"},
		"first comma":         {"[," + ob(1) + "," + ob(2) + "]", stix.ErrSyntax, "comma too many"},
		"name twice":          {list(twice), stix.ErrSyntax, tool + " (at byte 67): not valid JSON: a name occurs twice"},
		"bad UTF-8":           {list(`{"id":"` + tool + `","a":"` + "\xff" + `"}`), stix.ErrSyntax, tool + " (at byte 67)"},
		"no type":             {list(`{"id":"` + tool + `"}`), stix.ErrNotObject, "no type"},
		"nested bundle":       {list(`{"type":"bundle","id":"bundle--` + uuid + `","objects":[]}`), stix.ErrNotObject, "a bundle within"},
		"large":               {list(long), stix.ErrTooLarge, tool + " (at byte 67): too large: more than 2000 bytes"},
		"large line":          {ob(1) + "\n" + long + "\n" + ob(2), stix.ErrTooLarge, tool},
		"deep":                {list(deep), stix.ErrTooDeep, tool},
		"deep line":           {ob(1) + "\n" + deep + "\n" + ob(2), stix.ErrTooDeep, "more than"},
		"deep before type":    {ob(1) + `{"x":` + flat + "}" + ob(2), stix.ErrTooDeep, "more than"},
		"sloppy line":         {ob(1) + `{"type" "tool", "id":"` + tool + `"}` + ob(2), stix.ErrSyntax, "at byte"},
		"sloppy member":       {ob(1) + `{"a":1 "b":2}` + ob(2), stix.ErrSyntax, "at byte"},
		"no value":            {ob(1) + `{"a":,"b":[]}` + ob(2), stix.ErrSyntax, "at byte"},
		"no name":             {ob(1) + `{1:[]}` + ob(2), stix.ErrSyntax, "at byte"},
		"line feed":           {ob(1) + "{\"id\":\"" + tool + "\",\"a\":\"x\ny\"}" + ob(2), stix.ErrSyntax, tool},
		"scalar line":         {ob(1) + "\n12\n" + ob(2), stix.ErrNotObject, "a number"},
		"garbage line":        {ob(1) + "\n# {}\n" + ob(2), stix.ErrSyntax, "unexpected"},
		"garbage word":        {ob(1) + "\nfoo {}\n" + ob(2), stix.ErrSyntax, "unexpected"},
		"comma between":       {ob(1) + ",\n" + ob(2), stix.ErrSyntax, "unexpected"},
		"brace too many":      {ob(1) + "}" + ob(2), stix.ErrSyntax, "unexpected"},
		"objects twice":       {`{"objects":[` + ob(1) + "," + ob(2) + `],"objects":[` + ob(3) + "]}", stix.ErrSyntax, "objects twice"},
		"objects no list":     {ob(1) + `{"type":"bundle","objects":{}}` + ob(2), stix.ErrNotObject, "no list"},
		"no bundle after":     {`{"objects":[` + ob(1) + "," + ob(2) + `],"type":"grouping"}`, stix.ErrNotObject, "no bundle"},
		"line cut short":      {ob(1) + "\n{\"type\":\"tool\",\"id\":\"" + tool + "\"\n" + ob(2), stix.ErrSyntax, tool + " (at byte 66): not valid JSON: it is cut short"},
		"cut in a string":     {ob(1) + "\n{\"type\":\"tool\",\"id\":\"" + tool + "\",\"a\":\"b\n" + ob(2), stix.ErrSyntax, "cut short"},
		"cut in a name":       {ob(1) + "\n{\"ty\n" + ob(2), stix.ErrSyntax, "cut short"},
		"cut after a comma":   {ob(1) + "\n{\"type\":\"tool\",\n" + ob(2), stix.ErrSyntax, "cut short"},
		"cut after an object": {ob(1) + "\n{\"type\":\"tool\",\"x\":{\"a\":[{}\n" + ob(2), stix.ErrSyntax, "cut short"},
		"cut after a colon":   {ob(1) + "\n{\"type\":\n" + ob(3) + "\n" + ob(2), stix.ErrSyntax, "cut short"},
		"brackets":            {ob(1) + "\n{\"id\":\"" + tool + "\",\"a\":[}\n" + ob(2), stix.ErrSyntax, tool},
		"brackets, then [":    {ob(1) + "\n{\"a\":[1}\n[\n" + ob(2), stix.ErrSyntax, "do not match"},
	} {
		objects, faults, final := readAll(stix.NewReader(strings.NewReader(c.in), stix.MaxObject(2000)))
		if len(objects) != 2 || string(objects[0].Raw) != ob(1) || string(objects[1].Raw) != ob(2) || final != io.EOF {
			t.Errorf("%s: %d objects, %v, %v", name, len(objects), faults, final)
		}
		if len(faults) != 1 || !errors.Is(faults[0], c.want) || !strings.Contains(faults[0].Error(), c.says) {
			t.Errorf("%s: got %v, want %v: %s", name, faults, c.want, c.says)
		}
		whole := outcome(stix.NewReader(strings.NewReader(c.in), stix.MaxObject(2000)))
		if bit := outcome(stix.NewReader(iotest.OneByteReader(strings.NewReader(c.in)), stix.MaxObject(2000))); bit != whole {
			t.Errorf("%s: byte by byte it reads\n%s\nat once\n%s", name, bit, whole)
		}
	}
}

// TestReaderFinal: what ends the stream, after n objects.
func TestReaderFinal(t *testing.T) {
	packed := pack("[" + ob(1) + "," + ob(2) + "]")
	for name, c := range map[string]struct {
		in   string
		n    int
		want error
		says string
	}{
		"no JSON":             {"<html>", 0, stix.ErrSyntax, `begins with "<"`},
		"text":                {"this is text", 0, stix.ErrSyntax, "begins with"},
		"UTF-16":              {"\xFF\xFE{\x00}\x00", 0, stix.ErrSyntax, "UTF-16"},
		"half a mark":         {"\xEF\xBB{}", 0, stix.ErrSyntax, "begins with"},
		"cut bundle":          {`{"type":"bundle","objects":[` + ob(1) + "," + ob(2) + "," + ob(3)[:30], 2, io.ErrUnexpectedEOF, "at byte 190"},
		"cut after an object": {`{"type":"bundle","objects":[` + ob(1), 1, io.ErrUnexpectedEOF, "cut short at byte 93"},
		"cut after the list":  {`{"type":"bundle","objects":[` + ob(1) + "]", 1, io.ErrUnexpectedEOF, "cut short"},
		"cut line":            {ob(1) + "\n" + ob(2)[:40], 1, io.ErrUnexpectedEOF, "cut short"},
		"cut member":          {ob(1) + `{"objects"`, 1, io.ErrUnexpectedEOF, "cut short"},
		"cut scalar":          {"[" + ob(1) + ",tru", 1, io.ErrUnexpectedEOF, "cut short"},
		"cut gzip":            {packed[:len(packed)-9], 0, io.ErrUnexpectedEOF, "cut short"},
		"cut gzip header":     {packed[:5], 0, io.ErrUnexpectedEOF, "cut short"},
		"no gzip":             {"\x1fabcdefghijkl", 0, gzip.ErrHeader, "gzip"},
		"gzip, then not":      {packed + "{}........................", 2, gzip.ErrHeader, "gzip"},
		"brackets":            {`{"objects":[` + ob(1) + `,{"a":[}, ` + ob(2) + "]}", 1, stix.ErrSyntax, "do not match"},
		"bracket":             {"[" + ob(1) + "}" + ob(2), 1, stix.ErrSyntax, "unexpected"},
		"malformed bundle":    {ob(1) + `{"type":"bundle" "objects":[` + ob(2) + `]}`, 1, stix.ErrSyntax, "malformed bundle"},
		"no more lines":       {ob(1) + "\n{\"a\":[}" + ob(2), 1, stix.ErrSyntax, "do not match"},
	} {
		r := stix.NewReader(strings.NewReader(c.in))
		objects, faults, final := readAll(r)
		if name != "cut gzip" && len(objects) != c.n {
			t.Errorf("%s: %d objects, %v", name, len(objects), faults)
		}
		var oe *stix.ObjectError
		if !errors.Is(final, c.want) || !strings.Contains(final.Error(), c.says) || errors.As(final, &oe) {
			t.Errorf("%s: got %v, want %v: %s", name, final, c.want, c.says)
		}
		if _, again := r.Next(); again != final {
			t.Errorf("%s: then %v", name, again)
		}
		whole := outcome(stix.NewReader(strings.NewReader(c.in)))
		if bit := outcome(stix.NewReader(iotest.OneByteReader(strings.NewReader(c.in)))); bit != whole {
			t.Errorf("%s: byte by byte it reads\n%s\nat once\n%s", name, bit, whole)
		}
	}
}

func TestReaderPassesErrors(t *testing.T) {
	broken := errors.New("the line is down")
	r := stix.NewReader(io.MultiReader(strings.NewReader(ob(1)+"\n"+ob(2)[:9]), iotest.ErrReader(broken)))
	objects, _, final := readAll(r)
	if len(objects) != 1 || !errors.Is(final, broken) {
		t.Errorf("%d objects, %v", len(objects), final)
	}
	_, _, final = readAll(stix.NewReader(iotest.ErrReader(broken)))
	if !errors.Is(final, broken) {
		t.Error(final)
	}
	objects, _, final = readAll(stix.NewReader(iotest.DataErrReader(strings.NewReader(ob(1)))))
	if len(objects) != 1 || final != io.EOF {
		t.Errorf("%d objects, %v", len(objects), final)
	}
}

func TestMaxInput(t *testing.T) {
	in := pack("[" + ob(1) + "," + ob(2) + strings.Repeat(" ", 1<<20) + "]")
	objects, _, final := readAll(stix.NewReader(strings.NewReader(in), stix.MaxInput(1<<10)))
	if len(objects) != 2 || !errors.Is(final, stix.ErrTooLarge) {
		t.Errorf("%d objects, %v", len(objects), final)
	}
	if _, _, final = readAll(stix.NewReader(strings.NewReader(in), stix.MaxInput(2<<20))); final != io.EOF {
		t.Error(final)
	}
}

// TestReaderDoesNotWait: an object comes back before another byte is asked for, also through gzip once it is flushed.
func TestReaderDoesNotWait(t *testing.T) {
	for _, shape := range []string{"%s", "[%s", `{"type":"bundle","objects":[%s`, `{"objects":[ 1, %s`} {
		for _, zip := range []bool{false, true} {
			pr, pw := io.Pipe()
			go func() {
				if zip {
					w := gzip.NewWriter(pw)
					_, _ = fmt.Fprintf(w, shape, ob(1))
					_ = w.Flush()
				} else {
					_, _ = fmt.Fprintf(pw, shape, ob(1))
				}
			}()
			r := stix.NewReader(pr)
			o, err := r.Next()
			if errors.Is(err, stix.ErrNotObject) {
				o, err = r.Next()
			}
			if err != nil || string(o.Raw) != ob(1) {
				t.Errorf("%s: %s, %v", shape, o.Raw, err)
			}
			_ = pr.Close()
		}
	}
}

func TestReaderBytes(t *testing.T) {
	in := pack(strings.Repeat(ob(1)+"\n", 1000))
	r := stix.NewReader(strings.NewReader(in))
	if r.Bytes() != 0 {
		t.Error("bytes were taken before any were asked for")
	}
	if _, _, final := readAll(r); final != io.EOF || r.Bytes() != int64(len(in)) {
		t.Errorf("%d of %d bytes, %v", r.Bytes(), len(in), final)
	}
}
