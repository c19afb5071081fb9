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

// Options of a measurement.
type Options struct {
	Members  int           // replicas, the convener counted; at least 3
	Duration time.Duration // of each of the two measurements of replicas
	Entries  int           // of the generated log
	Dir      string        // where the replicas' disks are; empty: a temporary folder
	Short    bool          // judge by processor time, not by the clock
	Progress io.Writer     // nil: none
}

// Figures are what was measured.
type Figures struct {
	Members int  `json:"members"`
	Short   bool `json:"short,omitempty"`

	Written      int     `json:"written"`
	PerSecond    float64 `json:"entries_per_second"`
	CPUPerEntry  float64 `json:"cpu_ms_per_entry"` // of all members together
	ReplicaBytes int64   `json:"replica_bytes"`    // the convener's folder afterwards
	RaftBytes    int64   `json:"raft_bytes"`       // of it what is not the ledger: raft's own log, which snapshots keep short

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

// Run measures. It fails when the replicas differ, when the bundle does not verify, and with ErrMissed and all figures when a goal is missed.
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
	f = &Figures{Members: o.Members, Short: o.Short, Rate: Rate, Entries: o.Entries}
	fmt.Fprintf(o.Progress, "%d replicas over QUIC on loopback\n", o.Members)
	if err := measureReplicas(ctx, o, filepath.Join(dir, "replicas"), f); err != nil {
		return f, err
	}
	fmt.Fprintf(o.Progress, "a log of %d entries\n", o.Entries)
	if err := measureLog(ctx, o, filepath.Join(dir, "generated"), f); err != nil {
		return f, err
	}
	return f, f.missed()
}

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
