package author

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// found extracts and lists "kind value", in order. Names and hosts of URLs are left out unless they are asked for.
func found(t *testing.T, text string, hosts bool) (list []string) {
	t.Helper()
	e, err := Extract(text, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range e.Candidates {
		c := &e.Candidates[i]
		if !hosts && c.inside == len(c.Places) {
			continue
		}
		list = append(list, string(c.Kind)+" "+c.Value)
	}
	return list
}

const (
	aMd5    = "0123456789abcdef0123456789abcdef"
	aSha1   = "0123456789abcdef0123456789abcdef01234567"
	aSha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

func TestWhatIsFound(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		// Addresses.
		{"192.0.2.1", "ipv4 192.0.2.1"},
		{"(192[.]0[.]2[.]1)", "ipv4 192.0.2.1"},
		{"192.0.2[.]1:8443, 192.0.2.2", "ipv4 192.0.2.1|ipv4 192.0.2.2"},
		{"192(.)0{.}2[dot]1", "ipv4 192.0.2.1"},
		{"192 [.] 0 [.] 2 [.] 1", "ipv4 192.0.2.1"},
		{"192\\.0\\.2\\.1", "ipv4 192.0.2.1"},
		{"192[.0[.2[.1 and 198.]51.]100.]7", "ipv4 192.0.2.1|ipv4 198.51.100.7"},
		{"１９２．０．２．１", "ipv4 192.0.2.1"},
		{"192。0。2。1", "ipv4 192.0.2.1"},
		{"192.0.2.1。192.0.2.2も", "ipv4 192.0.2.1|ipv4 192.0.2.2"},
		{"192.0\u200b.2.1", "ipv4 192.0.2.1"},
		{"192.0.2.0/24", "cidr 192.0.2.0/24"},
		{"192.0.2[.]77/24.", "cidr 192.0.2.0/24"},
		{"192.0.2.1/33 192.0.2.1/2026/01", "ipv4 192.0.2.1"},
		{"192.0.2.1-192.0.2.9", "ipv4 192.0.2.1"},
		{"192.0.2.1–192.0.2.9 192.0.2.10", "ipv4 192.0.2.1|ipv4 192.0.2.10"},
		{"192.0.2.256 1.2.3.4.5 v10.20.30.40 192.0.2.01 10.20.30.40a host-192.0.2.1", ""},
		{"2001:db8::1", "ipv6 2001:db8::1"},
		{"2001[:]db8[:][:]1", "ipv6 2001:db8::1"},
		{"[2001:DB8:0:0::1]:443", "ipv6 2001:db8::1"},
		{"2001:db8::/32", "cidr 2001:db8::/32"},
		{"::ffff:192.0.2.1", "ipv6 ::ffff:192.0.2.1"},
		{"12:30:45 aa:bb:cc:dd:ee:ff std::vector A::B :: 9D:4F:9E:38:13:E9:34:74:13:69", ""},
		// Names of hosts.
		{"evil[.]example.com", "domain evil.example.com"},
		{"c2[.]evil[.]co[.]jp", "domain c2.evil.co.jp"},
		{"EVIL.COM.", "domain evil.com"},
		{"evil dot com", "domain evil.com"},
		{"www dot evil dot co dot jp", "domain www.evil.co.jp"},
		{"the dot in the middle, the dot matrix", ""},
		{"evil[.]\ncom", "domain evil.com"},
		{"evil[.]com:8080", "domain evil.com"},
		{"_dmarc.evil.com", "domain _dmarc.evil.com"},
		{"abcdefghijklmnop.onion", "domain abcdefghijklmnop.onion"},
		{"xn--r8jz45g.jp", "domain xn--r8jz45g.jp"},
		{"bücher[.]com", "domain xn--bcher-kva.com"},
		{"例え.jp", "domain xn--r8jz45g.jp"},
		{"例え[.]jpに接続", "domain xn--r8jz45g.jp"},
		{"evil.com\u3001evil.net", "domain evil.com|domain evil.net"},
		{"evil.com.The next", "domain evil.com"},
		{"foo.exe setup.zip.js libfoo.so.1 report.zip e.g. i.e. 3.14 S.A.", "file-name foo.exe|file-name setup.zip.js|file-name report.zip"},
		{"Win32/Agent.AI JS/Spy.IO Trojan.Win32.Agent.ai ASP.NET System.IO os.path Console.In com.example.app document.write(x)", ""},
		{"co.jp com.au localhost intranet main.test", ""},
		{"evil[.]zip evil[.]py", "domain evil.zip|domain evil.py"},
		{"get.py run.sh", "file-name get.py|file-name run.sh"},
		{"mod.gov.kh", "domain mod.gov.kh"},
		// URLs.
		{"hxxp://evil[.]com/a.php?x=1", "url http://evil.com/a.php?x=1"},
		{"hXXps[:]//EVIL[.]com/Path", "url https://evil.com/Path"},
		{"h**p://evil.com/ ttps://evil.net/x", "url http://evil.com/|url https://evil.net/x"},
		{"hxxp[://]evil[.]com[/]a", "url http://evil.com/a"},
		{"h[tt]p://evil.com/x fxp://evil.com/y", "url http://evil.com/x|url ftp://evil.com/y"},
		{`"http:\/\/evil.com\/a\/b"`, "url http://evil.com/a/b"},
		{"http://192.0.2.1:8080/x", "url http://192.0.2.1:8080/x"},
		{"http://[2001:db8::1]:80/x", "url http://[2001:db8::1]:80/x"},
		{"http://user:pw@evil.com/x", "url http://user:pw@evil.com/x"},
		{"(see http://evil.com/a_(b)).", "url http://evil.com/a_(b)"},
		{"<http://evil.com/a>, `++http://evil.com/b++`", "url http://evil.com/a|url http://evil.com/b"},
		{"http://evil.com/x[link text]", "url http://evil.com/x"},
		{"http://evil.com/?id=<ID>", "url http://evil.com/?id="},
		{"evil[.]com/gate.php", "url evil.com/gate.php"},
		{"http:///x ://y http://<host>/ xhttp://evil.com", "domain evil.com"},
		{"http://intranet.corp.evil/x", "url http://intranet.corp.evil/x"},
		{"In the long report that was published last week the address hxxp://evil[.]com/first/\nsecond/third.php was named.", "url http://evil.com/first/second/third.php"},
		{"hxxp://evil[.]com/\nhxxp://evil[.]net/", "url http://evil.com/|url http://evil.net/"},
		{"攻撃者はhxxps://evil[.]com/loginに誘導する。", "url https://evil.com/login"},
		{"詳細は（https://evil.com/a）、または「https://evil.net/b」を参照。", "url https://evil.com/a|url https://evil.net/b"},
		{"通信先：https：／／evil．com／ｘ．php", "url https://evil.com/x.php"},
		{"http://例え.jp/x", "url http://xn--r8jz45g.jp/x"},
		// Mail.
		{"user[at]evil[.]com", "email user@evil.com"},
		{"User.Name@Evil.COM", "email User.Name@evil.com"},
		{"user at evil dot com", "email user@evil.com"},
		{"user＠evil．com", "email user@evil.com"},
		{"連絡先はinfo@evil.co.jpです", "email info@evil.co.jp"},
		{"user（アット）evil（ドット）com", "email user@evil.com"},
		{"/emailAddress=a1@evil.com/title=", "email a1@evil.com"},
		{"@handle a@b user@localhost .@evil.com", ""},
		{"we look at evil[.]com", "domain evil.com"},
		// Digests.
		{aMd5 + " " + strings.ToUpper(aSha1) + "," + aSha256, "md5 " + aMd5 + "|sha1 " + aSha1 + "|sha256 " + aSha256},
		{"SHA256:" + aSha256 + "のファイル", "sha256 " + aSha256},
		{aMd5 + "0 x" + aMd5 + " 11111111111111111111111111111111 0x" + aMd5, ""},
		{aSha256 + aSha256, "sha512 " + aSha256 + aSha256},
		{"96:abcdefghIJKLmnopqrst+/uv:abcdefghij, 97:abcdefghIJKL:abcdefghij", "ssdeep 96:abcdefghIJKLmnopqrst+/uv:abcdefghij"},
		// Ids.
		{"CVE-2021-44228, cve-2017-11882, ＣＶＥ－２０２１－３４４７３、CVE‑2022‑30190", "cve CVE-2021-44228|cve CVE-2017-11882|cve CVE-2021-34473|cve CVE-2022-30190"},
		{"Win32/Exploit.CVE-2017-11882.BU", "cve CVE-2017-11882"},
		{"CVE-1066-1234 CVE-2021-123 CVE-2021-12345678 XCVE-2021-44228", ""},
		{"T1566.001 (T1027), TA0001 S0154とG0007、M1036 C0001", "attack T1566.001|attack T1027|attack TA0001|attack S0154|attack G0007|attack M1036|attack C0001"},
		{"T2000 t1566 AT1566 T15661 S0154-X T1566a G9999", ""},
		// Files.
		{`C:\Windows\Temp\a.exe`, `path C:\Windows\Temp\a.exe`},
		{`C:\Program Files\Vendor\a b\c.dll and more`, `path C:\Program Files\Vendor\a b\c.dll`},
		{`%APPDATA%\x\y.js.`, `path %APPDATA%\x\y.js`},
		{`\\server\share\a.exe`, `path \\server\share\a.exe`},
		{"`C:\\Users\\Public\\my file.exe`", `path C:\Users\Public\my file.exe`},
		{`C:\Users\<user>\a.exeを作成し`, `path C:\Users\<user>\a.exe`},
		{`C:\Users\ユーザー\デスクトップ\a.exeを実行`, `path C:\Users\ユーザー\デスクトップ\a.exe`},
		{"/tmp/.x/run.sh, and /etc/cron.d/job; /checkout/pay.aspx", "path /tmp/.x/run.sh|path /etc/cron.d/job"},
		{"`20260101-Evaluation Table.xls.exe` and 「請求書 2026.pdf.exe」", "file-name 20260101-Evaluation Table.xls.exe|file-name 請求書 2026.pdf.exe"},
		{"|SHA1|Filename\n|x|My File.exe\n|y|b.dll", "file-name My File.exe|file-name b.dll"},
		{"a cmd.exe-based backdoor", "file-name cmd.exe"},
		{`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Run = "x"`, `registry HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Run`},
		{"`HKCU:\\Software\\Example\\`", `registry HKEY_CURRENT_USER\Software\Example`},
		{"", ""},
	} {
		var want []string
		if tt.want != "" {
			want = strings.Split(tt.want, "|")
		}
		if got := found(t, tt.text, false); !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", tt.text, got, want)
		}
	}
}

// advisory is in the manner of those that are published, with documentation addresses and names.
const advisory = `【注意喚起】標的型攻撃メールについて（2026年4月1日）

攻撃者グループは、件名「請求書送付のご案内」のメールを hxxps://portal[.]example[.]com/login へ誘導します。
通信先は198[.]51[.]100[.]7（ポート443）とc2．example．netです。接続先198.51.100.7は前回と同じです。
添付ファイル「請求書 4月分.pdf.exe」のSHA-256は以下のとおりです。
  0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
連絡先: report[at]example[.]jp　参考: https://www.example.org/advisory/2026-01
悪用される脆弱性はＣＶＥ－２０２６－１２３４５、手法はT1566.001です。
`

func TestAJapaneseAdvisory(t *testing.T) {
	want := []string{
		"url https://portal.example.com/login", "domain portal.example.com", "ipv4 198.51.100.7", "domain c2.example.net",
		"file-name 請求書 4月分.pdf.exe", "sha256 " + aSha256, "email report@example.jp", "url https://www.example.org/advisory/2026-01", "domain www.example.org",
		"cve CVE-2026-12345", "attack T1566.001",
	}
	if got := found(t, advisory, true); !slices.Equal(got, want) {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	e, _ := Extract(advisory, nil, Options{Rehearsal: true})
	byValue := map[string]Candidate{}
	for _, c := range e.Candidates {
		byValue[c.Value] = c
	}
	address := byValue["198.51.100.7"]
	if len(address.Places) != 2 || address.Places[0].Line != 4 || address.Written != "198[.]51[.]100[.]7" || !address.Defanged || !slices.Equal(address.Ports, []uint16{443}) {
		t.Errorf("%+v", address)
	}
	second := address.Places[1]
	if got := advisory[second.Start:second.End]; got != "198.51.100.7" {
		t.Errorf("the second place is %q", got)
	}
	if x := e.Source(second); x.Text[x.From:x.To] != "198.51.100.7" || !strings.HasPrefix(x.Text, "通信先は") || x.Cut {
		t.Errorf("%+v", x)
	}
	for value, why := range map[string]string{
		"198.51.100.7": "", "https://portal.example.com/login": "", "portal.example.com": "author.why-in-url", aSha256: "", "T1566.001": "",
		"https://www.example.org/advisory/2026-01": "author.why-link", "請求書 4月分.pdf.exe": "author.why-weak", "CVE-2026-12345": "",
	} {
		if c := byValue[value]; c.Why.Code != why || c.Selected != (why == "") {
			t.Errorf("%s: selected %v, %q", value, c.Selected, c.Why.Code)
		}
	}
}

func TestWhatIsNotSuggested(t *testing.T) {
	for _, tt := range []struct{ text, value, why string }{
		{"192.0.2.1", "192.0.2.1", "author.why-documentation"},
		{"10.20.30.40", "10.20.30.40", "author.why-private"},
		{"fe80::1ff:fe23:4567:890a", "fe80::1ff:fe23:4567:890a", "author.why-private"},
		{"8.8.8.8", "8.8.8.8", "author.why-resolver"},
		{"1.2.3.4", "1.2.3.4", "author.why-version"},
		{"version 81.20.30.40", "81.20.30.40", "author.why-version"},
		{"Chrome/81.20.30.40", "81.20.30.40", "author.why-version"},
		{"バージョン81.20.30.40", "81.20.30.40", "author.why-version"},
		{"1[.]2[.]3[.]4", "1.2.3.4", ""},
		{"81.0.0.0/7", "80.0.0.0/7", "author.why-too-wide"},
		{"c2.example", "c2.example", "author.why-example"},
		{"www.own.jp", "www.own.jp", "author.why-own"},
		{"a@own.jp", "a@own.jp", "author.why-own"},
		{"https://www.own.jp/x", "https://www.own.jp/x", "author.why-own"},
		{"notown.jp", "notown.jp", ""},
		{"www.virustotal.com", "www.virustotal.com", "author.why-known-site"},
		{"https://github.com/x", "https://github.com/x", "author.why-known-site"},
		{"hxxps://github[.]com/x", "https://github.com/x", ""},
		{"http://10.0.0.1/x", "http://10.0.0.1/x", "author.why-private"},
		{"http://evil.com/x", "http://evil.com/x", ""},
		{"http://evil.com/x evil[.]net", "http://evil.com/x", "author.why-link"},
		{"d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e", "author.why-empty"},
		{"imphash: " + aMd5, aMd5, "author.why-not-a-file"},
		{"Thumbprint\n\n" + aSha1, aSha1, "author.why-not-a-file"},
		{"imphash " + strings.Repeat("ab12", 8) + " md5 " + aMd5, aMd5, ""},
		{"|SHA-1|Legitimate SHA-1\n|" + strings.Repeat("ab", 20) + "|" + aSha1, aSha1, "author.why-not-a-file"},
		{"|SHA-1|Legitimate SHA-1\n|" + aSha1 + "|" + strings.Repeat("ab", 20), aSha1, ""},
		{`C:\build\x.pdb`, `C:\build\x.pdb`, "author.why-build"},
		{`C:\Users\<user>\x.exe`, `C:\Users\<user>\x.exe`, "author.why-placeholder"},
		{`C:\Windows\Temp`, `C:\Windows\Temp`, "author.why-folder"},
	} {
		e, err := Extract(tt.text, nil, Options{Own: []string{"own.jp"}})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(e.Candidates, func(c Candidate) bool { return c.Value == tt.value })
		if i < 0 {
			t.Errorf("%q: %s is not found", tt.text, tt.value)
			continue
		}
		if c := e.Candidates[i]; c.Why.Code != tt.why || c.Selected != (tt.why == "") {
			t.Errorf("%q: selected %v, why %q, want %q", tt.text, c.Selected, c.Why.Code, tt.why)
		}
	}
}

func TestATextThatIsTooLongIsRefused(t *testing.T) {
	_, err := Extract(strings.Repeat("x", MaxText+1), nil, Options{})
	r, ok := ReasonOf(err)
	if !ok || r.Code != "author.too-long" || r.Args[1] != fmt.Sprint(MaxText) {
		t.Errorf("%v, %v", r, err)
	}
}
