package logbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// The goals of the figures.
const (
	GoalSustained = 300                    // entries a second
	GoalLatency   = 100 * time.Millisecond // 99th percentile at Rate
	GoalAudit     = 5000                   // entries a second
	GoalDisk      = 1 << 30                // bytes at GoalEntries
	GoalMemory    = 500 << 20
	GoalEntries   = 100_000
	Rate          = 50 // entries a second at which the latency is measured
)

// Options of a measurement.
type Options struct {
	Members  int           // replicas, the convener counted; at least 3
	Duration time.Duration // of each of the two measurements of replicas
	Entries  int           // of the generated log
	Dir      string        // where the replicas' disks are; empty: a temporary folder
	Progress io.Writer     // nil: none
}

// Figures are what was measured.
type Figures struct {
	Members int `json:"members"`

	Written      int     `json:"written"`
	PerSecond    float64 `json:"entries_per_second"`
	CPUPerEntry  float64 `json:"cpu_ms_per_entry"` // of all members together
	ReplicaBytes int64   `json:"replica_bytes"`    // the convener's folder afterwards, raft's own log and snapshots included

	Rate    int     `json:"rate_per_second"`
	Samples int     `json:"latency_samples"`
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Worst   float64 `json:"worst_ms"`

	Agreed uint64 `json:"agreed_entries"` // size at which all replicas have one root

	Entries        int     `json:"generated_entries"`
	LedgerBytes    int64   `json:"ledger_bytes"`
	ReplayPerSec   float64 `json:"replayed_per_second"`
	ReplicaHeap    int64   `json:"replica_heap_bytes"`
	BundleBytes    int64   `json:"bundle_bytes"`
	AuditPerSecond float64 `json:"audited_per_second"`
	AuditPerCPU    float64 `json:"audited_per_cpu_second"`
	AuditHeap      int64   `json:"audit_heap_bytes"`
}

// Run measures. It fails when the replicas differ or the bundle does not verify, and not when a goal is missed.
func Run(ctx context.Context, o Options) (f *Figures, err error) {
	if o.Members < 3 || o.Members > 15 || o.Duration < time.Second || o.Entries < 256 || o.Entries > 1_000_000 {
		return nil, errors.New("want 3 to 15 members, a second at least, 256 to 1,000,000 entries")
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	dir, err := os.MkdirTemp(o.Dir, "tacet-log-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f = &Figures{Members: o.Members, Rate: Rate, Entries: o.Entries}
	fmt.Fprintf(o.Progress, "%d replicas over QUIC on loopback\n", o.Members)
	if err := measureReplicas(ctx, o, filepath.Join(dir, "replicas"), f); err != nil {
		return f, err
	}
	fmt.Fprintf(o.Progress, "a log of %d entries\n", o.Entries)
	return f, measureLog(ctx, o, filepath.Join(dir, "generated"), f)
}

// Print writes the figures beside their goals.
func (f *Figures) Print(w io.Writer) {
	line := func(name, value string, goal string) { fmt.Fprintf(w, "%-34s %18s   %s\n", name, value, goal) }
	line("replicas", fmt.Sprint(f.Members), "")
	line("signed entries/s, sustained", fmt.Sprintf("%.0f", f.PerSecond), fmt.Sprintf("goal at least %d", GoalSustained))
	line("  cpu of all members per entry", fmt.Sprintf("%.2f ms", f.CPUPerEntry), "")
	line("  entries; convener's folder", fmt.Sprintf("%d; %.1f MiB", f.Written, mib(f.ReplicaBytes)), "")
	line(fmt.Sprintf("p50 / p99 / worst at %d/s", f.Rate), fmt.Sprintf("%.0f / %.0f / %.0f ms", f.P50, f.P99, f.Worst), fmt.Sprintf("goal p99 at most %d ms", GoalLatency.Milliseconds()))
	line("one root on all replicas at", fmt.Sprint(f.Agreed), "")
	line("generated log, entries", fmt.Sprint(f.Entries), "")
	line("  ledger on disk", fmt.Sprintf("%.1f MiB", mib(f.LedgerBytes)), fmt.Sprintf("goal at most %d MiB at %d", GoalDisk>>20, GoalEntries))
	line("  replica's heap, replayed", fmt.Sprintf("%.1f MiB", mib(f.ReplicaHeap)), fmt.Sprintf("goal at most %d MiB at %d", GoalMemory>>20, GoalEntries))
	line("  replayed at a start, entries/s", fmt.Sprintf("%.0f", f.ReplayPerSec), "")
	line("audited entries/s", fmt.Sprintf("%.0f", f.AuditPerSecond), fmt.Sprintf("goal at least %d on 2 cores", GoalAudit))
	line("  per cpu-second", fmt.Sprintf("%.0f", f.AuditPerCPU), "")
	line("  auditor's heap; bundle", fmt.Sprintf("%.1f; %.1f MiB", mib(f.AuditHeap), mib(f.BundleBytes)), fmt.Sprintf("goal at most %d MiB", GoalMemory>>20))
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// size is how many bytes the files of a folder have.
func size(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i, err := d.Info()
		if err == nil {
			n += i.Size()
		}
		return err
	})
	return n, err
}
