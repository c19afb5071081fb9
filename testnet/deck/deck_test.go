package deck

import (
	"os"
	"path/filepath"
	"testing"
)

func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the shared test data is not there: %v", err)
	}
	return path
}

// The official patients of CMS2 come out as its steward expects.
func TestCMS2(t *testing.T) {
	results, err := Run(t.Context(), Options{Cases: shared(t, "ecqm/CMS2"), ValueSets: shared(t, "ecqm/CMS2-valuesets.json"), Measure: "qp-dsf", Period: 2026})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 18 {
		t.Errorf("%d cases, want 18", len(results))
	}
	for _, r := range results {
		if !r.OK {
			t.Errorf("%s: %s, want %s", r.Case, r.Got, r.Expected)
		}
	}
}
