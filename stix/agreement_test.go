package stix_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/wagasa/wagasa/stix"
	"github.com/wagasa/wagasa/stix/internal/generate"
	"github.com/wagasa/wagasa/stix/internal/spec"
)

var (
	update    = flag.Bool("update", false, "write golden files and tables anew")
	agreement = flag.Int("agreement", 4000, "generated and mutated objects that are held against the JSON schemas")
)

// judges are the JSON schemas of STIX 2.1, by type.
type judges map[string]*jsonschema.Schema

func loadSchemas(t testing.TB) judges {
	files, _ := filepath.Glob(filepath.Join(realData, "json-schemas-2.1/schemas/*/*.json"))
	if len(files) == 0 {
		t.Skipf("no JSON schemas below %s", realData)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	ids := map[string]string{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		if err != nil {
			t.Fatal(file, err)
		}
		id, _ := doc.(map[string]any)["$id"].(string)
		if err := c.AddResource(id, doc); err != nil {
			t.Fatal(file, err)
		}
		ids[strings.TrimSuffix(filepath.Base(file), ".json")] = id
	}
	all := judges{}
	for name, id := range ids {
		if _, ok := spec.Standard.Lookup(name); !ok {
			continue
		}
		s, err := c.Compile(id)
		if err != nil {
			t.Fatal(name, err)
		}
		all[name] = s
	}
	return all
}

// refusals are the places where the schema of the type refuses raw; each is one failing branch of what must all hold.
func (j judges) refusals(typ string, raw []byte) []string {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return []string{"json"}
	}
	err = j[typ].Validate(doc)
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return nil
	}
	var list []string
	branches(ve, &list)
	slices.Sort(list)
	return slices.Compact(list)
}

// branches goes down through what must all hold; at a choice it stops.
func branches(e *jsonschema.ValidationError, list *[]string) {
	path := e.ErrorKind.KeywordPath()
	choice := len(path) > 0 && (path[len(path)-1] == "oneOf" || path[len(path)-1] == "anyOf" || path[len(path)-1] == "not")
	if len(e.Causes) > 0 && !choice {
		for _, c := range e.Causes {
			branches(c, list)
		}
		return
	}
	file, fragment, _ := strings.Cut(e.SchemaURL, "#")
	at := make([]string, len(e.InstanceLocation))
	for i, part := range e.InstanceLocation {
		if at[i] = part; strings.Trim(part, "0123456789") == "" {
			at[i] = "*"
		}
	}
	*list = append(*list, strings.TrimSuffix(filepath.Base(file), ".json")+fragment+"/"+strings.Join(path, "/")+" at /"+strings.Join(at, "/"))
}

// verdicts counts the outcomes of one source of objects.
type verdicts struct {
	objects, bothAccept, bothRefuse int
	explained                       map[string]int    // by explanation
	unexplained                     map[string]string // an example of each
}

func newVerdicts() *verdicts {
	return &verdicts{explained: map[string]int{}, unexplained: map[string]string{}}
}

func (v *verdicts) compare(j judges, typ string, raw []byte, findings []stix.Finding) {
	v.objects++
	var ours []string
	for _, f := range findings {
		if f.Level == stix.Must {
			ours = append(ours, string(f.Code)+" "+f.Pointer+" = "+f.Value)
		}
	}
	theirs := j.refusals(typ, raw)
	switch {
	case len(ours) == 0 && len(theirs) == 0:
		v.bothAccept++
	case len(ours) > 0 && len(theirs) > 0:
		v.bothRefuse++
	case len(ours) > 0:
		v.explain("we", typ, ours, raw)
	default:
		v.explain("they", typ, theirs, raw)
	}
}

// explain looks for an explanation of every refusal of the side that refuses.
func (v *verdicts) explain(who, typ string, refusals []string, raw []byte) {
	for _, r := range refusals {
		i := slices.IndexFunc(explanations, func(e explanation) bool { return e.who == who && e.refusal.MatchString(r) })
		if i < 0 {
			if key := "only " + who + " refuse: " + r; v.unexplained[key] == "" {
				v.unexplained[key] = fmt.Sprintf("%s\n%.2000s", typ, raw)
			}
			continue
		}
		v.explained[explanations[i].name]++
	}
}

// compared reports whether the schemas have a say: they are for objects of STIX 2.1 of types that it defines.
func (j judges) compared(o *stix.Object) bool {
	return j[o.Type] != nil && (o.SpecVersion == "2.1" || o.SpecVersion == "" && o.IsSCO())
}

// TestAgreement holds the validator against the JSON schemas of STIX 2.1, over all real data and over generated and mutated objects: where
// they disagree, docs/schema-agreement.md says why.
func TestAgreement(t *testing.T) {
	j := loadSchemas(t)
	v := stix.NewValidator()
	data := newVerdicts()
	realFiles(t, func(_ string, content []byte) {
		objects, _, _ := readAll(stix.NewReader(bytes.NewReader(content)))
		for i := range objects {
			if o := &objects[i]; j.compared(o) {
				data.compare(j, o.Type, o.Raw, v.Validate(o))
			}
		}
	})
	random := newVerdicts()
	g := generate.New(1, spec.Standard)
	mutations := generate.Mutations(spec.Standard)
	for i := 0; random.objects < *agreement; i++ {
		raw := g.Any()
		if i%2 == 1 {
			raw = mutations[i/2*stride%len(mutations)].Break(g)
		}
		if o, err := stix.Parse(raw); err == nil && j.compared(&o) {
			random.compare(j, o.Type, o.Raw, v.Validate(&o))
		}
	}
	for _, v := range []*verdicts{data, random} {
		for key, example := range v.unexplained {
			t.Errorf("%s: a %s", key, example)
		}
	}
	table := agreementTable(data, random)
	t.Log(table)
	if *update && !t.Failed() {
		if err := os.WriteFile("../docs/schema-agreement.md", []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range explanations {
		if data.explained[e.name]+random.explained[e.name] == 0 && *agreement >= 100_000 {
			t.Errorf("nothing needed the explanation %q", e.name)
		}
	}
}

// stride walks through the mutations so that a few of them are of all types. It is prime.
const stride = 7919

// explanation is one kind of disagreement.
type explanation struct {
	name    string
	who     string         // "we" or "they": who refuses
	refusal *regexp.Regexp // of refusals
	why     string
}

func agreementTable(data, random *verdicts) string {
	var b strings.Builder
	b.WriteString(agreementHead)
	for _, v := range []struct {
		name string
		*verdicts
	}{{"real data", data}, {"generated and mutated", random}} {
		refused := v.objects - v.bothAccept - v.bothRefuse
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", v.name, v.objects, v.bothAccept, v.bothRefuse, refused)
	}
	b.WriteString("\n## Disagreements\n\n| who refuses | what | real | generated | why |\n|---|---|---|---|---|\n")
	rows := slices.Clone(explanations)
	sort.SliceStable(rows, func(a, b int) bool { return rows[a].who > rows[b].who })
	for _, e := range rows {
		who := map[string]string{"we": "wagasa", "they": "schemas"}[e.who]
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %s |\n", who, e.name, data.explained[e.name], random.explained[e.name], e.why)
	}
	return b.String()
}

const agreementHead = `# The validator and the JSON schemas of STIX 2.1

The OASIS JSON schemas are a second opinion. The validator is held against them over all real data and over 100,000 generated and mutated objects
(` + "`make agreement`" + `); each disagreement has a row below, any other fails the test. Only objects that are written for STIX 2.1 and of types that it
defines are compared.

| source | objects | both accept | both refuse | disagree |
|---|---|---|---|---|
`
