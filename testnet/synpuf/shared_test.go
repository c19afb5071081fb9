package synpuf

import (
	"os"
	"path/filepath"
	"testing"
)

// sharedData finds ../shared/data/synpuf beside the project root.
func sharedData(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skip("no go.mod above the test")
		}
		dir = up
	}
	data := filepath.Join(dir, "..", "shared", "data", "synpuf")
	if _, err := os.Stat(data); err != nil {
		t.Skip("the DE-SynPUF files are not here: ../shared/data/synpuf is absent")
	}
	return data
}
