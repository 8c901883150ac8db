package locale

import (
	"iter"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/wagasa/wagasa/stix"
)

// latin are labels that are written in Latin letters in Japanese, too.
var latin = []string{
	"CPE", "TLP 2.0", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:CLEAR", "TLP:GREEN", "TLP:RED", "URL",
	"Facebook", "LDAP", "NIS", "OpenID", "RADIUS", "Skype", "TACACS", "Twitter", "UNIX",
}

// asTheyAre are the vocabularies, and values of others, that are proper names or code words.
var asTheyAre = []string{
	"acs-caveat-ov", "acs-classification-enum", "acs-entity-ov", "acs-formal-determination-ov", "acs-privilege-action-ov",
	"acs-sensitivity-ov", "acs-shareability-ov",
	"encryption-algorithm-enum AES-256-GCM", "encryption-algorithm-enum ChaCha20-Poly1305",
	"hash-algorithm-ov", "implementation-language-ov", "network-socket-address-family-enum", "network-socket-type-enum",
	"pattern-type-ov", "processor-architecture-ov", "windows-pebinary-type-ov", "windows-registry-datatype-enum",
	"windows-service-start-type-enum", "windows-service-status-enum", "windows-service-type-enum",
}

func inEveryLanguage(t *testing.T, f func(*testing.T, Lang, stixLabels)) {
	t.Helper()
	all, err := loadLabels()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Langs {
		t.Run(string(lang), func(t *testing.T) { f(t, lang, all[lang]) })
	}
}

// entries ranges over all labels by the name of their table and their key.
func (l stixLabels) entries() iter.Seq2[[2]string, string] {
	return func(yield func([2]string, string) bool) {
		tables := map[string]map[string]string{"type": l.Type, "vocabulary": l.Vocabulary}
		for of, table := range l.Property {
			tables["property."+of] = table
		}
		for of, table := range l.Value {
			tables["value."+of] = table
		}
		for table, labels := range tables {
			for key, label := range labels {
				if !yield([2]string{table, key}, label) {
					return
				}
			}
		}
	}
}

func TestLabelsCanBeLoaded(t *testing.T) {
	if _, err := loadLabels(); err != nil {
		t.Fatal(err)
	}
}

func TestEverythingOfTheTableHasALabelAndEveryLabelIsUsed(t *testing.T) {
	inEveryLanguage(t, func(t *testing.T, _ Lang, l stixLabels) {
		used := map[[2]string]bool{}
		look := func(kind, of, name string, lists map[string]map[string]string) {
			for _, table := range []string{of, shared} {
				if _, ok := lists[table][name]; ok {
					used[[2]string{kind + "." + table, name}] = true
					return
				}
			}
			t.Errorf("%s.%s: %s has no label", kind, of, name)
		}
		types, properties, vocabularies, values := 0, 0, 0, 0
		for typ := range stix.Types() {
			types++
			used[[2]string{"type", typ.Name}] = true
			if l.Type[typ.Name] == "" || typ.Name == shared {
				t.Errorf("the type %s has no label, or the name of the shared ones", typ.Name)
			}
			for _, p := range typ.Properties {
				properties++
				look("property", typ.Name, p.Name, l.Property)
			}
		}
		for v := range stix.Vocabularies() {
			vocabularies++
			used[[2]string{"vocabulary", v.Name}] = true
			if l.Vocabulary[v.Name] == "" || v.Name == shared {
				t.Errorf("the vocabulary %s has no label, or the name of the shared ones", v.Name)
			}
			for _, value := range v.Values {
				if slices.Contains(asTheyAre, v.Name) || slices.Contains(asTheyAre, v.Name+" "+value) {
					continue
				}
				values++
				look("value", v.Name, value, l.Value)
			}
		}
		for at := range l.entries() {
			if !used[at] {
				t.Errorf("[%s] %s is used by nothing", at[0], at[1])
			}
		}
		t.Logf("%d types, %d properties, %d vocabularies and %d values have their label, in %d entries", types, properties, vocabularies, values, len(used))
		if types < 90 || properties < 900 || vocabularies < 50 || values < 300 {
			t.Error("the table has shrunk")
		}
	})
}

func TestWhatStaysAsItIsExists(t *testing.T) {
	names := map[string]bool{}
	for v := range stix.Vocabularies() {
		names[v.Name] = true
		for _, value := range v.Values {
			names[v.Name+" "+value] = true
		}
	}
	for _, name := range asTheyAre {
		if !names[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestNoLabelIsRepeatedWithoutNeed(t *testing.T) {
	inEveryLanguage(t, func(t *testing.T, _ Lang, l stixLabels) {
		for _, lists := range []map[string]map[string]string{l.Property, l.Value} {
			for of, table := range lists {
				for key, label := range table {
					if of != shared && lists[shared][key] == label {
						t.Errorf("[%s] %s is what is said for all", of, key)
					}
				}
			}
		}
	})
}

func TestLabelsAreWellFormed(t *testing.T) {
	inEveryLanguage(t, func(t *testing.T, lang Lang, l stixLabels) {
		written := map[string]bool{}
		for at, label := range l.entries() {
			first, _ := utf8.DecodeRuneInString(label)
			switch {
			case label == "" || strings.TrimSpace(label) != label || strings.ContainsAny(label, "{}_"):
				t.Errorf("[%s] %s: %q", at[0], at[1], label)
			case lang == English && !unicode.IsUpper(first):
				t.Errorf("[%s] %s: %q does not begin with a capital", at[0], at[1], label)
			case lang == Japanese && !strings.ContainsFunc(label, japanese) && !slices.Contains(latin, label):
				t.Errorf("[%s] %s: %q is not Japanese", at[0], at[1], label)
			}
			written[label] = true
		}
		for _, label := range latin {
			if !written[label] {
				t.Errorf("%q is no label", label)
			}
		}
	})
}

// TestNothingIsCalledLikeItsNeighbour: within a list, a reader tells entries apart by their labels.
func TestNothingIsCalledLikeItsNeighbour(t *testing.T) {
	for _, lang := range Langs {
		distinct := func(list string, names []string, label func(string) string) {
			seen := map[string]string{}
			for _, name := range names {
				if other, ok := seen[label(name)]; ok {
					t.Errorf("%s: %s: %s and %s are both %q", lang, list, other, name, label(name))
				}
				seen[label(name)] = name
			}
		}
		var types, vocabularies []string
		for typ := range stix.Types() {
			types = append(types, typ.Name)
			var properties []string
			for _, p := range typ.Properties {
				properties = append(properties, p.Name)
			}
			distinct(typ.Name, properties, func(name string) string { return lang.Property(typ.Name, name) })
		}
		for v := range stix.Vocabularies() {
			vocabularies = append(vocabularies, v.Name)
			distinct(v.Name, v.Values, func(value string) string { return lang.Value(v.Name, value) })
		}
		distinct("types", types, lang.Type)
		distinct("vocabularies", vocabularies, lang.Vocabulary)
	}
}

func TestAKindOfReportIsCalledAsWhatItIsAbout(t *testing.T) {
	for _, lang := range Langs {
		for v := range stix.Vocabularies() {
			if v.Name != "report-type-ov" { // these are names of types
				continue
			}
			for _, value := range v.Values {
				if typ := lang.Type(value); typ != value && typ != lang.Value(v.Name, value) {
					t.Errorf("%s: the type %s is %q, the kind of report %q", lang, value, typ, lang.Value(v.Name, value))
				}
			}
		}
	}
}

func TestLabels(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{English.Type("indicator"), "Indicator"},
		{Japanese.Type("indicator"), "検知指標（インジケーター）"},
		{English.Type("sighting"), "Sighting"}, // a term that begins a label
		{English.Type("marking-definition"), "Marking definition"},
		{English.Property("indicator", "valid_from"), "Valid from"},
		{Japanese.Property("indicator", "valid_from"), "有効期間開始"},
		{Japanese.Property("campaign", "first_seen"), "初回確認日時"},
		{Japanese.Property("sighting", "first_seen"), "初回検知日時"}, // has its own word
		{Japanese.Property("report", "object_marking_refs"), "取扱区分表示"},
		{Japanese.Property("x-example-custom", "created"), "作成日時"},
		{Japanese.Vocabulary("malware-type-ov"), "マルウェアの種類"},
		{Japanese.Value("malware-type-ov", "wiper"), "ワイパー"},
		{Japanese.Value("malware-type-ov", "unknown"), "不明"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestAnUnknownNameComesBackAsItIs(t *testing.T) {
	const name = "x_{0}{=marking}<b>"
	for _, lang := range append(Langs[:], "xx") {
		for _, got := range []string{
			lang.Type(name), lang.Property("indicator", name), lang.Property(name, name), lang.Property("", name), lang.Vocabulary(name),
			lang.Value("malware-type-ov", name), lang.Value(name, name),
		} {
			if got != name {
				t.Errorf("%s: %q", lang, got)
			}
		}
	}
	for _, got := range []string{Japanese.Value("hash-algorithm-ov", "SHA-256"), Lang("xx").Value("", "SHA-256")} {
		if got != "SHA-256" {
			t.Errorf("%q", got)
		}
	}
	if got := Lang("xx").Property("indicator", "valid_from"); got != "valid_from" {
		t.Errorf("%q", got)
	}
}
