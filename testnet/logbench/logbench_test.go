package logbench

import (
	"strings"
	"testing"
	"time"
)

// TestFigures runs the measurement in the small: it is its own check that replicas agree and that the bundle verifies.
func TestFigures(t *testing.T) {
	f, err := Run(t.Context(), Options{Members: 3, Duration: time.Second, Entries: 600, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if f.Written < 32 || f.Samples < 10 || f.Agreed < uint64(f.Written+f.Samples) || f.P99 < f.P50 || f.AuditPerSecond <= 0 || f.LedgerBytes < 600*4000 {
		t.Errorf("%+v", f)
	}
	var out strings.Builder
	f.Print(&out)
	if !strings.Contains(out.String(), "audited entries/s") {
		t.Error(out.String())
	}
	if _, err := Run(t.Context(), Options{Members: 2, Duration: time.Second, Entries: 600}); err == nil {
		t.Error("two members")
	}
}
