package testnet

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/testnet/synthetic"
)

// TestObservedOverExpected: the members fit a model of readmissions, and release the index of each practice over what it expects, as the oracle does from
// the files; the evidence of all of it verifies.
func TestObservedOverExpected(t *testing.T) {
	o, out := small(t)
	o.Measures, o.Synthetic = []string{"qu-read@2"}, synthetic.Options{People: 9000, Practices: 12}
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"risk-readmission over", "the same integers as the pooled fit", "all 12 cells equal"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q", want)
		}
	}
	raw, err := os.ReadFile(filepath.Join(o.Out, "release.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]bool{}
	released := 0
	for _, r := range rows[1:] {
		if strings.Contains(strings.Join(r, ","), ",released,") {
			released++
			values[strings.Join(r[3:], ",")] = true
		}
	}
	if released < 6 || len(values) < 4 {
		t.Errorf("%d of 12 practices released, %d values:\n%s", released, len(values), raw)
	}
}
