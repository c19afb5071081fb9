package logbench

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestFigures runs the measurement in the small: it is its own check that replicas agree and that the bundle verifies.
func TestFigures(t *testing.T) {
	f, err := Run(t.Context(), Options{Members: 3, Duration: time.Second, Entries: 600, Short: true, Dir: t.TempDir()})
	if err != nil && !errors.Is(err, ErrMissed) { // a loaded machine, or the race detector, may miss a goal
		t.Fatal(err)
	}
	if f.Written < 32 || f.Samples < 10 || f.Agreed < uint64(f.Written+f.Samples) || f.P99 < f.P50 || f.AuditPerSecond <= 0 || f.LedgerBytes < 600*4000 {
		t.Errorf("%+v", f)
	}
	var out strings.Builder
	f.Print(&out)
	if !strings.Contains(out.String(), "audited entries/s") { // whether it is met depends on the build: the race detector is slow
		t.Error(out.String())
	}
	if _, err := Run(t.Context(), Options{Members: 2, Duration: time.Second, Entries: 600}); err == nil {
		t.Error("two members")
	}
}

// TestGoals: each goal is missed by a figure just beyond it, and the sizes are those of 100,000 entries.
func TestGoals(t *testing.T) {
	good := Figures{PerSecond: 300, P99: 100, AuditPerSecond: 5000, Entries: 10_000, LedgerBytes: 90 << 20, RaftBytes: 124 << 20, ReplicaHeap: 25 << 20, AuditHeap: 25 << 20}
	if err := good.missed(); err != nil || len(good.goals()) != 6 {
		t.Fatal(err)
	}
	for name, worse := range map[string]func(*Figures){
		"sustained": func(f *Figures) { f.PerSecond-- }, "p99": func(f *Figures) { f.P99++ }, "audited": func(f *Figures) { f.AuditPerSecond-- },
		"disk": func(f *Figures) { f.LedgerBytes += 1 << 20 }, "replica's memory": func(f *Figures) { f.ReplicaHeap += 1 << 20 }, "auditor's memory": func(f *Figures) { f.AuditHeap += 1 << 20 },
	} {
		f := good
		worse(&f)
		if err := f.missed(); !errors.Is(err, ErrMissed) || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := Figures{Short: true, CPUPerEntry: 6.66, AuditPerCPU: 2500, P99: 1e6}
	if err := short.missed(); err != nil {
		t.Error(err)
	}
	short.CPUPerEntry = 6.7
	if err := short.missed(); !errors.Is(err, ErrMissed) {
		t.Error("too much processor time")
	}
}
