package page

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzLocal: what is let through leads nowhere else, also in the eyes of a browser, which drops tabs and line ends and takes backslashes for slashes.
func FuzzLocal(f *testing.F) {
	for _, s := range []string{"/", "/objects?q=a#b", "//evil.example", `/\evil.example`, "/\t/evil.example", "https://evil.example", "/%2f/evil.example", "/.//evil.example", "/a//b"} {
		f.Add(s)
	}
	base := &url.URL{Scheme: "https", Host: "node.example", Path: "/sign-in"}
	f.Fuzz(func(t *testing.T, path string) {
		if !Local(path) {
			return
		}
		seen := strings.ReplaceAll(strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(strings.TrimFunc(path, func(r rune) bool { return r <= ' ' })), `\`, "/")
		if !strings.HasPrefix(seen, "/") || strings.HasPrefix(seen, "//") {
			t.Fatalf("%q is %q to a browser", path, seen)
		}
		if to, err := base.Parse(seen); err == nil && (to.Host != base.Host || to.Scheme != base.Scheme) {
			t.Fatalf("%q leads to %s", path, to)
		}
	})
}

// FuzzKnows: no name is known but those that were said.
func FuzzKnows(f *testing.F) {
	for _, s := range []string{"localhost", "localhost:8080", "127.0.0.1:1", "[::1]:1", "node.example", "evil.example", "node.example@evil.example", "node.example.", "node.example:x", "[::1%25lo]:1"} {
		f.Add(s)
	}
	s := &Site{Origin: "https://node.example"}
	f.Fuzz(func(t *testing.T, header string) {
		if !s.knows(header) {
			return
		}
		lower := strings.ToLower(header)
		if host, _, found := strings.Cut(lower, "]"); found {
			lower = host
		} else {
			lower, _, _ = strings.Cut(lower, ":")
		}
		for _, name := range []string{"localhost", "node.example", "127.", "[::1", "[0", "[::ffff:"} {
			if strings.HasPrefix(lower, name) {
				return
			}
		}
		t.Fatalf("%q is known", header)
	})
}
