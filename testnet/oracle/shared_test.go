package oracle

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tacet-health/tacet/testnet/synpuf"
)

// samples finds ../shared/data/synpuf beside the project root and selects from it.
func samples(t *testing.T, payers, period int) []synpuf.Sample {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above the test")
		}
	}
	data := filepath.Join(dir, "..", "shared", "data", "synpuf")
	if _, err := os.Stat(data); err != nil {
		t.Skip("the DE-SynPUF files are not here: ../shared/data/synpuf is absent")
	}
	found, err := synpuf.Find(data, payers, period)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var five = []string{"sp-read", "sp-los", "sp-diab", "sp-adm", "sp-pmpm"}

// With the five payers of 2008 most cells of the quality measures can be released; prices, with a share of at most 25 %, fewer.
func TestReleasedPart(t *testing.T) {
	counts, err := SynPUF(samples(t, 5, 2008), 2008, five)
	if err != nil {
		t.Fatal(err)
	}
	roster, err := Roster(counts, 48)
	if err != nil {
		t.Fatal(err)
	}
	cells, err := Expect(counts, roster, Profiles())
	if err != nil || len(cells) != 24*5 {
		t.Fatalf("%d cells, %v", len(cells), err)
	}
	released := map[string]int{}
	for _, c := range cells {
		if c.Status == Released {
			released[c.Measure]++
		}
	}
	t.Logf("released of 24 each: %v", released)
	if part := released["sp-read"] + released["sp-los"] + released["sp-diab"]; part*100 < 60*72 {
		t.Errorf("%d of 72 cells of sp-read, sp-los and sp-diab are released, want 60 %%", part)
	}
}
