package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix"
)

var kills = flag.Int("kills", 20, "how often TestRoad kills a node")

// realData is where real reports lie beside the project.
const realData = "../../../shared/data/stix"

// sources are the folders of real reports, each with a default TLP of its own, 1 clear to 4 amber+strict.
var sources = []struct {
	folder string
	tlp    int
}{
	{"attack", 2},
	{"unit42-reports", 3},
	{"unit42-playbooks", 1},
	{"oasis-examples", 2},
	{"python-stix2-data", 4},
	{"observed-data", 1},
	{"common-objects", 2},
}

var tlpNames = []string{"", "clear", "green", "amber", "amber+strict", "red"}

func needRealData(tb testing.TB) {
	if _, err := os.Stat(realData); err != nil {
		tb.Skipf("SKIPPED: the real reports are not at %s", realData)
	}
}

// sourceFiles lists the JSON files of a folder; those of ATT&CK for ICS sort by version.
func sourceFiles(tb testing.TB, folder string) (files []string) {
	err := filepath.WalkDir(filepath.Join(realData, folder), func(path string, d os.DirEntry, err error) error {
		if strings.Contains(path, ".json") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	slices.Sort(files)
	return files
}

// wagasa runs the command and returns its standard output; status 1 of an import is fine.
func wagasa(tb testing.TB, in io.Reader, args ...string) string {
	tb.Helper()
	c := exec.Command("wagasa", args...)
	c.Stdin = in
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil && (args[0] != "import" || c.ProcessState.ExitCode() != 1) {
		tb.Fatalf("wagasa %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

// road is two nodes and the way between them.
type road struct {
	tb    testing.TB
	dirs  [2]string // JPN, USA
	ports [2]int
	run   [2]*exec.Cmd
	logs  [2]*os.File
}

func newRoad(tb testing.TB) *road {
	r := &road{tb: tb}
	for i, nation := range []string{"JPN", "USA"} {
		r.dirs[i] = filepath.Join(tb.TempDir(), nation)
		wagasa(tb, nil, "init", "--dir", r.dirs[i], "--name", "Example "+nation, "--nation", nation, "--recovery-out", r.dirs[i]+".recovery")
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		r.ports[i] = l.Addr().(*net.TCPAddr).Port
		l.Close()
	}
	tb.Cleanup(func() {
		for i := range r.run {
			r.kill(i)
		}
	})
	return r
}

// pair lets both confirm each other.
func (r *road) pair(maxTLP string) {
	for i := range r.dirs {
		other := 1 - i
		card := wagasa(r.tb, nil, "card", "--dir", r.dirs[other])
		wagasa(r.tb, strings.NewReader(card), "partner", "add", "--dir", r.dirs[i], "-")
	}
	for i, nation := range []string{"USA", "JPN"} {
		other := 1 - i
		_, words, _ := strings.Cut(wagasa(r.tb, nil, "partner", "list", "--dir", r.dirs[other]), "six words: ")
		words, _, _ = strings.Cut(words, "\n")
		wagasa(r.tb, nil, "partner", "confirm", "--dir", r.dirs[i], nation, "--words", words)
		wagasa(r.tb, nil, "partner", "set", "--dir", r.dirs[i], nation, "--max-tlp", maxTLP, "--url", fmt.Sprintf("https://127.0.0.1:%d", r.ports[other]))
	}
}

func (r *road) serve(i int) {
	r.tb.Helper()
	log, err := os.OpenFile(r.dirs[i]+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		r.tb.Fatal(err)
	}
	c := exec.Command("wagasa", "serve", "--dir", r.dirs[i], "--listen", fmt.Sprintf("127.0.0.1:%d", r.ports[i]))
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		r.tb.Fatal(err)
	}
	r.run[i], r.logs[i] = c, log
}

// kill is kill -9 of the process that serve started.
func (r *road) kill(i int) {
	if r.run[i] == nil {
		return
	}
	_ = r.run[i].Process.Kill()
	_ = r.run[i].Wait()
	r.logs[i].Close()
	r.run[i] = nil
}

func (r *road) status(i int) (s statusReport) {
	r.tb.Helper()
	if err := json.Unmarshal([]byte(wagasa(r.tb, nil, "status", "--json", "--dir", r.dirs[i])), &s); err != nil {
		r.tb.Fatal(err)
	}
	return s
}

// rest waits until nothing is queued or under way at JPN.
func (r *road) rest(limit time.Duration) statusReport {
	r.tb.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		s := r.status(0)
		p := s.Partners[0]
		if s.Behind == 0 && total(p.Queued) == 0 && p.InFlight == 0 && p.Released > 0 {
			return s
		}
		if time.Now().After(deadline) {
			logs, _ := os.ReadFile(r.dirs[0] + ".log")
			r.tb.Fatalf("still not at rest: %+v\n%s", p, logs)
		}
	}
}

// generated makes 2,000 objects over all combinations of TLP and nationality, with the markings that they need.
func generated() []byte {
	var b bytes.Buffer
	nations := [][]string{nil, {"JPN"}, {"USA"}, {"JPN", "USA"}, {"AUS"}, {}}
	var markings []string
	for i, list := range nations {
		id := fmt.Sprintf("marking-definition--00000000-0000-4000-8000-%012d", i)
		control := `{"classification":"U"}`
		if list != nil {
			permitted, _ := json.Marshal(list)
			control = fmt.Sprintf(`{"classification":"U","permitted_nationalities":%s}`, permitted)
		}
		fmt.Fprintf(&b, `{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{"extension_type":"property-extension","identifier":"isa:guide.19001.ACS3-%d","create_date_time":"2026-01-01T00:00:00Z","responsible_entity_custodian":"ORG.EXAMPLE","policy_reference":"urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit","control_set":%s}}}`+"\n", id, i, control)
		markings = append(markings, id)
	}
	levels := slices.Sorted(maps.Keys(tlpIDs))
	for n := range 2000 {
		var refs []string
		if t := n % (len(levels) + 1); t > 0 {
			refs = append(refs, levels[t-1])
		}
		if m := n / (len(levels) + 1) % (len(markings) + 1); m > 0 {
			refs = append(refs, markings[m-1])
		}
		marked := ""
		if refs != nil {
			list, _ := json.Marshal(refs)
			marked = fmt.Sprintf(`,"object_marking_refs":%s`, list)
		}
		fmt.Fprintf(&b, `{"type":"indicator","spec_version":"2.1","id":"indicator--10000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"generated %d","pattern":"[ipv4-addr:value = '192.0.2.%d']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"%s}`+"\n", n, n, n%256, marked)
	}
	return b.Bytes()
}

// load imports everything at JPN and tells the oracle.
func (r *road) load() *oracle {
	o := newOracle()
	for _, s := range sources {
		files := sourceFiles(r.tb, s.folder)
		out := wagasa(r.tb, nil, append([]string{"import", "--json", "--dir", r.dirs[0], "--default-tlp", tlpNames[s.tlp]}, files...)...)
		var sum fileReport
		for line := range strings.Lines(out) {
			var f struct {
				fileReport
				Rejected json.RawMessage `json:"rejected"`
			}
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				r.tb.Fatalf("%s: %v", line, err)
			}
			sum.New, sum.Known, sum.Variants = sum.New+f.New, sum.Known+f.Known, sum.Variants+f.Variants
			sum.Quarantined, sum.Findings = sum.Quarantined+f.Quarantined, sum.Findings+f.Findings
			if f.Rejected[0] == '"' {
				sum.Rejected++
			}
		}
		r.tb.Logf("%s (%s): %d files, %d new, %d known, %d variants, %d rejected, %d quarantined, %d with findings",
			s.folder, tlpNames[s.tlp], len(files), sum.New, sum.Known, sum.Variants, sum.Rejected, sum.Quarantined, sum.Findings)
		for _, f := range files {
			if err := o.file(f, s.tlp); err != nil {
				r.tb.Fatalf("%s: %v", f, err)
			}
		}
	}
	more := filepath.Join(r.tb.TempDir(), "generated.jsonl")
	if err := os.WriteFile(more, generated(), 0o600); err != nil {
		r.tb.Fatal(err)
	}
	r.tb.Logf("%s", wagasa(r.tb, nil, "import", "--dir", r.dirs[0], "--default-tlp", "green", more))
	if err := o.file(more, 2); err != nil {
		r.tb.Fatal(err)
	}
	return o
}

// holds returns what a node exports, but for the two identities that init made.
func (r *road) holds(i int) map[string][]byte {
	held := map[string][]byte{}
	reader := stix.NewReader(strings.NewReader(wagasa(r.tb, nil, "export", "--dir", r.dirs[i])))
	parties := []string{string(r.status(0).Party), string(r.status(1).Party)}
	for {
		o, err := reader.Next()
		if err == io.EOF {
			return held
		}
		if err != nil {
			r.tb.Fatal(err)
		}
		if !slices.Contains(parties, o.ID) {
			held[o.ID] = o.Raw
		}
	}
}

// compare holds the receiver against the oracle.
func (r *road) compare(want map[string][]byte) {
	r.tb.Helper()
	got := r.holds(1)
	lacks, differs, more := 0, 0, 0
	for id, raw := range want {
		switch have, ok := got[id]; {
		case !ok:
			lacks++
			r.tb.Errorf("USA lacks %s", id)
		case !bytes.Equal(have, raw):
			differs++
			r.tb.Errorf("USA has %s in other bytes", id)
		}
		if lacks+differs > 5 {
			r.tb.FailNow()
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			if more++; more < 5 {
				r.tb.Errorf("USA has %s, which it may not have", id)
			}
		}
	}
	for i := range r.dirs {
		s := r.status(i)
		if p := s.Partners[0]; len(p.Gaps) > 0 || p.Alarm != "" || p.Excepted > 0 || p.Receipted != p.Released || len(p.StillHeld) > 0 {
			r.tb.Errorf("node %d: %+v", i, p)
		}
		wagasa(r.tb, nil, "ledger", "verify", "--dir", r.dirs[i])
	}
}

// TestRoad is the main job: real reports from one nation to another, exactly what the decision allows; then the same once more with
// twenty kills -9 of either node on the way.
func TestRoad(t *testing.T) {
	needRealData(t)
	r := newRoad(t)
	o := r.load()
	want := o.may("USA", 3)
	broken := 0
	for _, n := range o.broken {
		broken += n
	}
	if s := r.status(0); s.Quarantined != broken {
		t.Errorf("%d versions are quarantined, want %d", s.Quarantined, broken)
	}
	t.Logf("JPN took %d objects in, %d current, %d versions quarantined; the decision allows USA %d", o.taken, len(o.newest), broken, len(want))
	r.pair("amber")
	var before [2]string // both nodes, paired, nothing sent
	for i := range r.dirs {
		before[i] = filepath.Join(t.TempDir(), "before")
		if err := os.CopyFS(before[i], os.DirFS(r.dirs[i])); err != nil {
			t.Fatal(err)
		}
		private(t, before[i])
	}
	t.Run("undisturbed", func(t *testing.T) {
		r.tb = t
		start := time.Now()
		r.serve(0)
		r.serve(1)
		s := r.rest(2 * time.Minute)
		t.Logf("delivered %d versions in %v", s.Partners[0].Receipted, time.Since(start).Round(time.Millisecond))
		r.compare(want)
		r.kill(0)
		r.kill(1)
	})
	t.Run("killed", func(t *testing.T) {
		r.tb = t
		r.dirs = before
		r.killed(*kills)
		s := r.rest(2 * time.Minute)
		t.Logf("delivered %d versions", s.Partners[0].Receipted)
		r.compare(want)
		r.kill(0)
		r.kill(1)
	})
	r.tb = t
}

// killed ends one of the nodes with kill -9 so many times, at random moments of the transfer.
func (r *road) killed(times int) {
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	r.serve(0)
	r.serve(1)
	during := 0
	for range times {
		time.Sleep(time.Duration(30+rng.IntN(200)) * time.Millisecond)
		i := rng.IntN(2)
		r.kill(i)
		if p := r.status(0).Partners[0]; total(p.Queued)+p.InFlight > 0 || p.Released == 0 {
			during++
		}
		r.serve(i)
	}
	r.tb.Logf("%d of %d kills came while something was queued or under way", during, times)
	if during == 0 {
		r.tb.Error("no kill came during the transfer")
	}
}

// private gives a copied folder the modes that a node insists on.
func private(tb testing.TB, dir string) {
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := os.FileMode(0o600)
		if d.IsDir() {
			mode = 0o700
		}
		return os.Chmod(path, mode)
	})
	if err != nil {
		tb.Fatal(err)
	}
}
