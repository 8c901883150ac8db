package exchange

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"
)

var moreSeeds = flag.Uint64("seeds", 0, "how many seeds the simulation runs instead of 500")

var scratch string

// tempDir makes a folder that lives as long as the tests.
func tempDir() (string, error) { return os.MkdirTemp(scratch, "node") }

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "wagasa-exchange"); err != nil {
		panic(err)
	}
	flag.Parse()
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		os.RemoveAll(scratch)
		os.Exit(status)
	}))
}
