package vocab_test

import (
	"fmt"
	"testing"

	"github.com/wagasa/wagasa/stix/vocab"
)

func TestValid(t *testing.T) {
	for _, v := range vocab.MalwareType("").Values() {
		if !v.Valid() {
			t.Errorf("%s is not valid", v)
		}
	}
	if vocab.MalwareType("Ransomware").Valid() || vocab.MalwareType("").Valid() {
		t.Error("what is not listed is valid")
	}
	vocab.MalwareType("").Values()[0] = "changed"
	if vocab.MalwareType("").Values()[0] == "changed" {
		t.Error("the caller changed the vocabulary")
	}
}

func ExampleMalwareType() {
	fmt.Println(vocab.MalwareTypeRansomware, vocab.MalwareTypeRansomware.Valid())
	fmt.Println(vocab.OpinionAgree.Values())
	// Output:
	// ransomware true
	// [strongly-disagree disagree neutral agree strongly-agree]
}
