package pattern_test

import (
	"fmt"

	"github.com/wagasa/wagasa/stix/pattern"
)

func ExampleParse() {
	p, err := pattern.Parse("([file:name='a.exe'AND(file:size>5)] FOLLOWEDBY [url:value LIKE 'https://%.example/%']) WITHIN 60 SECONDS // soon")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	// Output:
	// ([file:name = 'a.exe' AND file:size > 5] FOLLOWEDBY [url:value LIKE 'https://%.example/%']) WITHIN 60 SECONDS
}

func ExampleSyntaxError() {
	_, err := pattern.Parse("[file:hashes.SHA-256 = 'x']")
	fmt.Println(err)
	_, err = pattern.Parse(`[directory:path = 'C:\Temp']`)
	fmt.Println(err)
	// Output:
	// line 1, column 14: found "SHA-256", expected a property without hyphens, or in quotes
	// line 1, column 22: found "\\T", expected \\ or \' in a string
}

func ExampleWalk() {
	p, err := pattern.Parse("[domain-name:value IN ('a.example', 'b.example')] OR [ipv4-addr:value ISSUBSET '192.0.2.0/24']")
	if err != nil {
		fmt.Println(err)
		return
	}
	pattern.Walk(p, func(n pattern.Node) bool {
		if t, ok := n.(*pattern.Test); ok {
			fmt.Println(t.Pos(), &t.Path, t.Op)
		}
		return true
	})
	// Output:
	// 1 domain-name:value IN
	// 54 ipv4-addr:value ISSUBSET
}

func ExampleChecker() {
	c := pattern.NewChecker(nil)
	for _, f := range c.CheckPattern("stix", "2.1", "[network-traffic:dst_port = '80' AND network-traffic:source_port > 70000]") {
		fmt.Println(f.Level, f.Offset, f.Text)
	}
	// Output:
	// must 28 a constant of type string is compared with values of type integer
	// should 53 "source_port" is no property that is known of network-traffic
}
