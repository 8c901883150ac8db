package objects

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDefang(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"plain words, no more.", "plain words, no more."},
		{"198.51.100.7", "198[.]51[.]100[.]7"},
		{"2001:db8::7", "2001[:]db8[:][:]7"},
		{"www.bad.example", "www[.]bad[.]example"},
		{"HTTPS://www.bad.example:8080/a/evil.php?x=1.2", "HxxPS://www[.]bad[.]example:8080/a/evil[.]php?x=1.2"},
		{"ftp://198.51.100.7/x", "fxp://198[.]51[.]100[.]7/x"},
		{"somebody@bad.example", "somebody[@]bad[.]example"},
		{"日本語.例 と bad.xn--p1ai", "日本語.例 と bad[.]xn--p1ai"},
		{"[domain-name:value = 'bad.example'] AND [ipv6-addr:value = '2001:db8::1']", "[domain-name:value = 'bad[.]example'] AND [ipv6-addr:value = '2001[:]db8[:][:]1']"},
		{"version 1.2.3 at 10:30:00", "version 1.2.3 at 10:30:00"},
		{`C:\Windows\evil.exe`, `C:\Windows\evil[.]exe`},
		{"http://a.example http://b.example", "hxxp://a[.]example hxxp://b[.]example"},
	} {
		if got := defang(tt.text); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// fanged is what a program would make a link of.
var fanged = regexp.MustCompile(`(?i)https?://|ftps?://|[a-z0-9-]\.(example|com|net)\b|[a-z]@[a-z]`)

// TestLawDefanged: no address stands in a defanged text, to defang it again changes nothing, and what was put in can be taken out again. Places
// move along.
func TestLawDefanged(t *testing.T) {
	piece := rapid.OneOf(rapid.SampledFrom([]string{
		"http://", "https://", "FTP://", "bad.example", "www.bad.com", "198.51.100.7", "2001:db8::7", "a@b.net", " ", ".", "@", ":", "/", "傘", "umbrella", "[.]", "hxxp://",
	}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " ", "、"}).Draw(t, "between"))
		got := defang(text)
		if m := fanged.FindString(got); m != "" {
			t.Fatalf("%q is in %q, of %q", m, got, text)
		}
		if again := defang(got); again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
		edits := defangs(text)
		back := got
		for i := len(edits) - 1; i >= 0; i-- {
			e := edits[i]
			at := moved(edits, e.at)
			if !strings.HasPrefix(back[at:], e.with) {
				t.Fatalf("%q: %+v is not at %d of %q", text, e, at, got)
			}
			back = back[:at] + text[e.at:e.at+e.gone] + back[at+len(e.with):]
		}
		if back != text {
			t.Fatalf("%q comes back as %q", text, back)
		}
	})
}

func TestLawAddressesAreDefanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes")
		a, _ := netip.AddrFromSlice(n[:rapid.SampledFrom([]int{4, 16}).Draw(t, "length")])
		text := rapid.SampledFrom([]string{"", "at ", "'", "（", "//"}).Draw(t, "before") + a.String()
		got := defang(text)
		if strings.Contains(got, a.String()) {
			t.Fatalf("%q becomes %q", text, got)
		}
	})
}
