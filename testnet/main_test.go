package testnet

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestMain builds the tacet binary that a network of processes runs.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "tacet-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		exe := filepath.Join(dir, "tacet")
		if out, err := exec.Command("go", "build", "-o", exe, "github.com/tacet-health/tacet/cmd/tacet").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build tacet: %v\n%s", err, out)
			return 1
		}
		os.Setenv("TACET_TEST_BINARY", exe)
		return m.Run()
	}())
}
