package author

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wagasa/wagasa/internal/store"
)

func entity(id, typ, name string, aliases ...string) Entity {
	return Entity{Ref: Ref{typ + "--" + id, typ, name}, Aliases: aliases}
}

// people is what a store may know.
func people() *Known {
	technique := entity("9", "attack-pattern", "Phishing")
	technique.External = []string{"T1566.001"}
	return NewKnown(slices.Values([]Entity{
		entity("1", "intrusion-set", "Example Bear", "APT-X1", "紙熊", "エグザンプル・ベア"),
		entity("2", "malware", "LanternLoader", "ランタン"),
		entity("3", "malware", "Play"),
		entity("4", "intrusion-set", "Sofa", "Paper Bear"),
		entity("5", "malware", "Sofa"),
		entity("6", "tool", "Net"),
		entity("7", "intrusion-set", "蝉"),
		entity("8", "malware", "ABK"),
		entity("1", "intrusion-set", "a second object of the same id"),
		technique,
	}))
}

func TestNamesThatTheStoreKnows(t *testing.T) {
	k := people()
	for _, tt := range []struct{ text, want string }{
		{"The actor Example Bear came back.", "Example Bear"},
		{"example bear, EXAMPLE-BEAR and Example\nBear", "Example Bear"},
		{"APT X1, APTX1, apt-x1", "Example Bear"},
		{"APT X12, XAPT X1, Example Bears, Example. Bear, ExampleBear7", ""},
		{"攻撃者グループ紙熊による活動", "Example Bear"},
		{"マルウェア「LanternLoader」とランタンを使用", "LanternLoader"},
		{"LanternLoaderは", "LanternLoader"},
		{"ランタンフェスティバル", ""},
		{"エグザンプル・ベアが", "Example Bear"},
		{"エグザンプルベアは", "Example Bear"},
		{"They play games; Play ransomware", "Play"},
		{"the net result, Net", "Net"},
		{"抗蝉剤", ""},
		{"蝉による攻撃", "蝉"},
		{"abk ABK", "ABK"},
		{"Sofa and Paper Bear", "Sofa|Sofa"},
		{"Phishing", ""},
		{"lanternloader.exe http://evil.com/LanternLoader @LanternLoader", ""},
		{"lanternloader_dropped", "LanternLoader"},
		{"T1566.001", "T1566.001"},
	} {
		e, err := Extract(tt.text, k, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range e.Candidates {
			if c.Kind == Name || c.Kind == ATTACK {
				got = append(got, c.Value)
			}
		}
		if strings.Join(got, "|") != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
		check(t, tt.text, &e)
	}
}

func TestOneNameOfTwoIsOneCandidateWithBoth(t *testing.T) {
	e, err := Extract("Sofa, then Paper Bear and sofa, and Play, T1566.001, T1027", people(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		refs, places int
		why          string
	}{{2, 2, ""}, {1, 1, ""}, {1, 1, "author.why-common"}, {1, 1, ""}, {0, 1, "author.why-not-known"}}
	if len(e.Candidates) != len(want) {
		t.Fatalf("%+v", e.Candidates)
	}
	for i, c := range e.Candidates {
		if len(c.Refs) != want[i].refs || len(c.Places) != want[i].places || c.Why.Code != want[i].why || c.Selected != (want[i].why == "") {
			t.Errorf("%+v, want %+v", c, want[i])
		}
	}
}

func TestKnownComesFromTheStore(t *testing.T) {
	onEngines(t, func(w *world) {
		w.put(store.Self, bear, loader, phish, hole, course, vendor,
			`{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-0000000000b1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"GoneWorm","is_family":true,"revoked":true}`,
			`{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-0000000000b2","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"TwinWorm","is_family":true,"x_mitre_aliases":["ZwillingsWurm"]}`)
		w.theirs()
		e, err := Extract("紙熊 LanternLoader HarbourWorm GoneWorm ZwillingsWurm Example Vendor T1566.001 CVE-2026-11111 CVE-2026-22222", w.known(), Options{})
		w.must(err)
		want := map[string]string{
			"Example Bear": bearID, "LanternLoader": loaderID, "HarbourWorm": "malware--00000000-0000-4000-8000-0000000000aa",
			"TwinWorm": "malware--00000000-0000-4000-8000-0000000000b2", "T1566.001": phishID, "CVE-2026-11111": holeID, "CVE-2026-22222": "",
		}
		if len(e.Candidates) != len(want) {
			t.Errorf("%+v", e.Candidates)
		}
		for _, c := range e.Candidates {
			id, in := want[c.Value]
			if !in || (id == "") != (len(c.Refs) == 0) || id != "" && c.Refs[0].ID != id {
				t.Errorf("%s: %+v", c.Value, c.Refs)
			}
		}
	})
}

// TestManyNames: as many as a store may hold are learnt and looked for in little time.
func TestManyNames(t *testing.T) {
	k := NewKnown(func(yield func(Entity) bool) {
		for i := range 20_000 {
			if !yield(entity(strconv.Itoa(i), "malware", "Operation Worm"+strconv.Itoa(i))) {
				return
			}
		}
	})
	e, err := Extract("Operation Worm19999, operation worm7.", k, Options{})
	if err != nil || len(e.Candidates) != 2 {
		t.Errorf("%+v, %v", e.Candidates, err)
	}
}

// BenchmarkNames reads with the names of ATT&CK, if it is there.
func BenchmarkNames(b *testing.B) {
	f, err := os.Open("../../../shared/data/stix/attack/enterprise-stix20-objects.jsonl")
	if err != nil {
		b.Skipf("ATT&CK is not there: %v", err)
	}
	defer f.Close()
	var list []Entity
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<22)
	for s.Scan() {
		var head struct{ ID, Type string }
		if json.Unmarshal(s.Bytes(), &head) == nil {
			if e, ok := entityOf(&store.Variant{ID: head.ID, Type: head.Type, Raw: slices.Clone(s.Bytes())}); ok {
				list = append(list, e)
			}
		}
	}
	b.Run("learn", func(b *testing.B) {
		for b.Loop() {
			NewKnown(slices.Values(list))
		}
	})
	k := NewKnown(slices.Values(list))
	text := strings.Repeat(advisory, 1+MaxText/len(advisory))[:MaxText]
	b.Run("extract", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := Extract(text, k, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
