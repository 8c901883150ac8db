package locale

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// What STIX names has labels in stix_en.toml and stix_ja.toml, the values of its vocabularies in stix_values_en.toml and
// stix_values_ja.toml. Keys are the names that [stix.Types] and [stix.Vocabularies] give. As in all texts, {=key} is a term.

// Type is the label of an object type, a part of one, or the members of an extension, by its name in [stix.Types], such as "indicator".
// A name without a label, such as that of a custom type, comes back as it is, whatever it contains.
func (l Lang) Type(name string) string { return known(labels()[l].Type, name) }

// Property is the label of a property of a type, or of a part or an extension, by the names in [stix.Types]. Where the type has no word of
// its own for the property, or is custom, what several types call by this name counts. A name without a label comes back as it is,
// whatever it contains.
func (l Lang) Property(typ, property string) string {
	return own(labels()[l].Property, typ, property)
}

// Vocabulary is the label of a vocabulary, by its name in [stix.Vocabularies], such as "malware-type-ov". A name without a label comes
// back as it is.
func (l Lang) Vocabulary(name string) string { return known(labels()[l].Vocabulary, name) }

// Value is the label of a value of a vocabulary. A value without a label comes back as it is, whatever it contains: a custom one, a
// proper name such as "powershell", a code word such as "REG_SZ".
func (l Lang) Value(vocabulary, value string) string {
	return own(labels()[l].Value, vocabulary, value)
}

// stixLabels are the labels of STIX in one language. Properties and values are listed by their type or vocabulary, and under
// shared if several have the same word for it.
type stixLabels struct {
	Type       map[string]string            `toml:"type"`
	Vocabulary map[string]string            `toml:"vocabulary"`
	Property   map[string]map[string]string `toml:"property"`
	Value      map[string]map[string]string `toml:"value"`
}

const shared = "any"

func known(labels map[string]string, name string) string {
	if label, ok := labels[name]; ok {
		return label
	}
	return name
}

func own(labels map[string]map[string]string, of, name string) string {
	if label, ok := labels[of][name]; ok {
		return label
	}
	return known(labels[shared], name)
}

// labels are the labels of every language.
var labels = sync.OnceValue(func() map[Lang]stixLabels {
	all, err := loadLabels()
	if err != nil {
		panic(err) // embedded files; TestLabelsCanBeLoaded fails first
	}
	return all
})

func loadLabels() (map[Lang]stixLabels, error) {
	var glossary map[string]map[Lang]string
	if err := read("glossary.toml", &glossary); err != nil {
		return nil, err
	}
	all := map[Lang]stixLabels{}
	for _, lang := range Langs {
		var l stixLabels
		for _, name := range []string{"stix_" + string(lang) + ".toml", "stix_values_" + string(lang) + ".toml"} {
			if err := readStrictly(name, &l); err != nil {
				return nil, err
			}
		}
		if err := l.fill(glossary, lang); err != nil {
			return nil, err
		}
		all[lang] = l
	}
	return all, nil
}

// readStrictly is [read], but a table that nothing takes is an error.
func readStrictly(name string, into any) error {
	b, err := files.ReadFile(name)
	if err == nil {
		err = toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(into)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// fill puts the terms into all labels.
func (l *stixLabels) fill(glossary map[string]map[Lang]string, lang Lang) error {
	tables := []map[string]string{l.Type, l.Vocabulary}
	for _, lists := range []map[string]map[string]string{l.Property, l.Value} {
		for _, table := range lists {
			tables = append(tables, table)
		}
	}
	for _, table := range tables {
		for key, text := range table {
			filled, err := fill(text, glossary, lang)
			if err != nil {
				return fmt.Errorf("label of %s in %s: %w", key, lang, err)
			}
			if strings.HasPrefix(text, "{=") {
				filled = capital(filled)
			}
			table[key] = filled
		}
	}
	return nil
}

// capital begins with a capital: a term stands in the glossary as it does within a sentence.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
