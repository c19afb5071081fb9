package intake

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tacet-health/tacet/node/store"
)

// shared finds test data beside the project, or skips.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
	p := filepath.Join(filepath.Dir(dir), "shared", "data", name)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("shared test data %s is not beside the project", name)
	}
	return p
}

func newStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir(), store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func count(t *testing.T, s *store.Store, want map[string]int64) {
	t.Helper()
	for table, n := range want {
		if got, err := s.Count(t.Context(), table); err != nil || got != n {
			t.Errorf("%s has %d rows (%v), want %d", table, got, err, n)
		}
	}
}

// The published files, as they are.
func TestTuva(t *testing.T) {
	s, dir := newStore(t), shared(t, "tuva")
	want := map[string]int64{"medical_claim": 2075, "pharmacy_claim": 291, "eligibility": 31, "lab_result": 1162, "immunization": 17, "provider_attribution": 2}
	for range 2 {
		_, skipped, err := Tuva(t.Context(), s, dir)
		if err != nil || skipped["files of appointment"] != 1 {
			t.Fatal(skipped, err)
		}
		count(t, s, want)
	}
}

// A Synthea export: every row of the clinical files, spans of insurance only, one line per charge; a second time changes nothing.
func TestSynthea(t *testing.T) {
	s, dir := newStore(t), shared(t, "synthea")
	want := map[string]int64{"encounter": 604, "condition": 438, "procedure": 249, "immunization": 29, "medication_request": 663,
		"medical_claim": 1545, "lab_result": 251, "observation": 739}
	r, err := Synthea(t.Context(), s, Options{}, dir)
	if err != nil || r.Already || r.Skipped["payer_transitions without insurance"] != 258 {
		t.Fatal(r, err)
	}
	count(t, s, want)
	if r, err = Synthea(t.Context(), s, Options{}, dir); err != nil || !r.Already {
		t.Fatal(r, err)
	}
	count(t, s, want)
}
