package oracle

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tacet-health/tacet/testnet/synpuf"
)

// sharedSample names the files of one DE-SynPUF sample in ../shared/data/synpuf beside the project root.
func sharedSample(t *testing.T, number, period int) synpuf.Sample {
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
	return synpuf.Sample{Number: number, Period: period, Beneficiary: filepath.Join(data, fmt.Sprintf("b_%d_%d.csv.gz", period, number)),
		Inpatient: filepath.Join(data, fmt.Sprintf("ip_%d.csv.gz", number))}
}

var five = []string{"sp-read", "sp-los", "sp-diab", "sp-adm", "sp-pmpm"}

// With the five payers of 2008 most cells of the quality measures can be released; prices, with a share of at most 25 %, fewer.
func TestReleasedPart(t *testing.T) {
	var samples []synpuf.Sample
	for n := 1; n <= 5; n++ {
		samples = append(samples, sharedSample(t, n, 2008))
	}
	counts, err := SynPUF(samples, 2008, five)
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
