package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wagasa/wagasa/stix"
)

// lookup follows a path such as partners.USA.queued.R. In a list a number counts from 0, length is how many, and a word means the member of that
// name, nation, party or id. What is not there is "".
func lookup(v any, path string) string {
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			v = member(at, step)
		default:
			return ""
		}
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func member(list []any, step string) any {
	if step == "length" {
		return float64(len(list))
	}
	if i, err := strconv.Atoi(step); err == nil {
		if i < len(list) {
			return list[i]
		}
		return nil
	}
	for _, m := range list {
		if o, ok := m.(map[string]any); ok && (o["name"] == step || o["nation"] == step || o["party"] == step || o["id"] == step) {
			return m
		}
	}
	return nil
}

// holds says whether all conditions hold, and what was found instead.
func holds(v any, conditions []string) (bool, string) {
	var found []string
	all := true
	for _, c := range conditions {
		at := strings.IndexAny(c, "=!>")
		if at < 0 {
			return false, "no condition: " + c
		}
		path, op := c[:at], "="
		for _, o := range []string{"!=", ">="} {
			if strings.HasPrefix(c[at:], o) {
				op = o
			}
		}
		want, got := c[at+len(op):], lookup(v, path)
		ok := got == want
		switch op {
		case "!=":
			ok = !ok
		case ">=":
			a, errA := strconv.Atoi(got)
			b, errB := strconv.Atoi(want)
			ok = errA == nil && errB == nil && a >= b
		}
		all = all && ok
		found = append(found, fmt.Sprintf("%s is %q", path, got))
	}
	return all, strings.Join(found, ", ")
}

func cmdWaitfor(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 1, "waitfor DIR PATH=VALUE...")
	for late := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		v, err := statusOfNode(ts, args[0])
		ts.Check(err)
		ok, found := holds(v, args[1:])
		if ok {
			return
		}
		if time.Now().After(late) {
			all, _ := json.MarshalIndent(v, "", "  ")
			ts.Fatalf("after %v: %s\n%s", patience, found, all)
		}
	}
}

// glance is how long never looks: some hundred times what a delivery takes on one machine.
const glance = 700 * time.Millisecond

func cmdNever(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 1, "never DIR PATH=VALUE...")
	for late := time.Now().Add(glance); time.Now().Before(late); time.Sleep(20 * time.Millisecond) {
		v, err := statusOfNode(ts, args[0])
		ts.Check(err)
		for _, c := range args[1:] {
			if ok, found := holds(v, []string{c}); ok {
				ts.Fatalf("%s", found)
			}
		}
	}
}

func cmdField(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 3, "[!] field FILE PATH VALUE")
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	var found []string
	for {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			ts.Fatalf("%s is no JSON: %v", args[0], err)
		}
		found = append(found, lookup(v, args[1]))
	}
	if ok := slices.Contains(found, args[2]); ok == neg {
		ts.Fatalf("%s: %s is %q", args[0], args[1], found)
	}
}

// bundle reads the objects of a file, id to bytes.
func bundle(ts *testscript.TestScript, file string, types []string) map[string][]byte {
	r := stix.NewReader(strings.NewReader(ts.ReadFile(file)))
	objects := map[string][]byte{}
	for {
		o, err := r.Next()
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			ts.Fatalf("%s: %v", file, err)
		}
		if len(types) > 0 && !slices.Contains(types, o.Type) {
			continue
		}
		if objects[o.ID] != nil {
			ts.Fatalf("%s: %s is in it twice", file, o.ID)
		}
		objects[o.ID] = o.Raw
	}
}

func cmdIDs(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 0, "ids FILE [TYPE...]")
	for _, id := range slices.Sorted(maps.Keys(bundle(ts, args[0], args[1:]))) {
		fmt.Fprintln(ts.Stdout(), id)
	}
}

func cmdSame(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) > 1, "[!] same FILE FILE [TYPE...]")
	a, b := bundle(ts, args[0], args[2:]), bundle(ts, args[1], args[2:])
	differs := func() string {
		for _, pair := range [...]struct {
			x, y map[string][]byte
			name string
		}{{a, b, args[1]}, {b, a, args[0]}} {
			for _, id := range slices.Sorted(maps.Keys(pair.x)) {
				if raw, ok := pair.y[id]; !ok {
					return fmt.Sprintf("%s is not in %s", id, pair.name)
				} else if !bytes.Equal(raw, pair.x[id]) {
					return fmt.Sprintf("%s has other bytes in %s", id, pair.name)
				}
			}
		}
		return ""
	}()
	if (differs == "") == neg || len(a) == 0 {
		ts.Fatalf("%d objects in %s, %d in %s: %s", len(a), args[0], len(b), args[1], differs)
	}
}

// cmdObjects writes indicators. Keys: seed (ids follow from it), modified, tlp, by (creator), size (bytes of the description), note (text),
// mix=yes (every TLP and nationality in turn).
func cmdObjects(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) >= 2, "objects FILE N [key=value...]")
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	set := map[string]string{"seed": "a", "modified": "2026-01-01T00:00:00.000Z", "size": "0"}
	for _, a := range args[2:] {
		key, value, ok := strings.Cut(a, "=")
		usage(ts, ok, "objects FILE N [key=value...]")
		set[key] = value
	}
	size, err := strconv.Atoi(set["size"])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	w := stix.NewBundleWriter(f, "bundle--"+uuid("bundle", set["seed"], 0))
	if set["mix"] != "" {
		for _, nations := range nationalities {
			if nations != nil {
				ts.Check(w.Write(nationality(nations)))
			}
		}
	}
	for i := range n {
		ts.Check(w.Write(indicator(i, set, size)))
	}
	ts.Check(w.Close())
}

// What mixed objects may be marked with, in turn.
var (
	levels        = []stix.TLP{stix.TLPNone, stix.TLPClear, stix.TLPGreen, stix.TLPAmber, stix.TLPAmberStrict, stix.TLPRed}
	nationalities = [][]string{nil, {"JPN"}, {"USA"}, {"JPN", "USA"}, {"EST", "JPN"}}
)

func uuid(kind, seed string, i int) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", kind, seed, i))
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

func nationality(nations []string) []byte {
	text, err := json.Marshal(nations)
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(nil, `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--%s","created":"2026-01-01T00:00:00.000Z",`+
		`"extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{"extension_type":"property-extension",`+
		`"identifier":"isa:guide.19001.%x","create_date_time":"2026-01-01T00:00:00.000Z","responsible_entity_custodian":"JPN.EXAMPLE",`+
		`"policy_reference":"urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit",`+
		`"control_set":{"classification":"U","permitted_nationalities":%s}}}}`, uuid("nations", string(text), 0), sha256.Sum256(text), text)
}

func indicator(i int, set map[string]string, size int) []byte {
	var markings []string
	add := func(id string) { markings = append(markings, `"`+id+`"`) }
	tlp, _ := stix.ParseTLP(set["tlp"])
	if set["mix"] != "" {
		tlp = levels[i%len(levels)]
		if nations := nationalities[i/len(levels)%len(nationalities)]; nations != nil {
			text, _ := json.Marshal(nations)
			add("marking-definition--" + uuid("nations", string(text), 0))
		}
	}
	if tlp != stix.TLPNone {
		add(tlp.MarkingID())
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":"indicator","spec_version":"2.1","id":"indicator--%s","created":"2026-01-01T00:00:00.000Z","modified":"%s",`, uuid("indicator", set["seed"], i), set["modified"])
	if set["by"] != "" {
		fmt.Fprintf(&b, `"created_by_ref":"%s",`, set["by"])
	}
	if markings != nil {
		fmt.Fprintf(&b, `"object_marking_refs":[%s],`, strings.Join(markings, ","))
	}
	if text := set["note"] + strings.Repeat("x", size); text != "" {
		fmt.Fprintf(&b, `"description":"%s",`, text)
	}
	fmt.Fprintf(&b, `"pattern":"[ipv4-addr:value = '198.51.100.%d']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00.000Z"}`, i%254+1)
	return b.Bytes()
}

// cmdMkbig writes what a node has to refuse or to bear: a string in one object, an object that is nested, one object between two
// others, or many objects; SIZE is in bytes (K, M), for deep the levels.
func cmdMkbig(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 3, "mkbig FILE string|deep|object|many SIZE")
	number, unit := strings.TrimRight(args[2], "KM"), 1
	switch args[2][len(number):] {
	case "K":
		unit = 1 << 10
	case "M":
		unit = 1 << 20
	}
	size, err := strconv.Atoi(number)
	ts.Check(err)
	size *= unit
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	set := map[string]string{"seed": "big " + args[1], "modified": "2026-01-01T00:00:00.000Z"}
	good := func(i, size int) string { return string(indicator(i, set, size)) }
	write := func(text string) {
		_, err := io.WriteString(f, text)
		ts.Check(err)
	}
	write(`{"type":"bundle","id":"bundle--` + uuid("bundle", args[1], 1) + `","objects":[` + "\n")
	switch args[1] {
	case "string":
		write(`{"type":"note","spec_version":"2.1","id":"note--` + uuid("note", "big", 0) + `","content":"`)
		chunk := strings.Repeat("a", 1<<20)
		for range size >> 20 {
			write(chunk)
		}
		write(`"}`)
	case "deep":
		write(`{"type":"note","spec_version":"2.1","id":"note--` + uuid("note", "deep", 0) + `","x_deep":` + strings.Repeat("[", size) + strings.Repeat("]", size) + `}`)
	case "object":
		write(good(0, 0) + ",\n" + good(1, size) + ",\n" + good(2, 0))
	case "many":
		for i := 0; i*4096 < size; i++ {
			if i > 0 {
				write(",\n")
			}
			write(good(i, 3700))
		}
	default:
		ts.Fatalf("no such input: %s", args[1])
	}
	write("\n]}\n")
}
