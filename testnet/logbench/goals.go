package logbench

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// The goals of the figures.
const (
	GoalSustained = 300                    // entries a second
	GoalLatency   = 100 * time.Millisecond // 99th percentile at Rate
	GoalAudit     = 5000                   // entries a second on two processors
	GoalDisk      = 1 << 30                // bytes at GoalEntries
	GoalMemory    = 500 << 20
	GoalEntries   = 100_000
	Rate          = 50 // entries a second at which the latency is measured

	processors = 2    // that the goals are stated for
	fewest     = 4096 // entries from which sizes are extrapolated: below, what is there once would count as often as there are entries
)

// ErrMissed is wrapped by Run when a figure is not what it has to be.
var ErrMissed = errors.New("goal missed")

// goal is one figure beside what it has to be. got is in the goal's unit.
type goal struct {
	name      string
	got, want float64
	least     bool // want is the least, not the most
	unit      string
	note      string
}

func (g goal) met() bool {
	if g.least {
		return g.got >= g.want
	}
	return g.got <= g.want
}

func (g goal) String() string {
	most := "at most"
	if g.least {
		most = "at least"
	}
	return fmt.Sprintf("%s: %.0f%s, %s %.0f%s", g.name, g.got, g.unit, most, g.want, g.unit)
}

// goals are the figures that are judged. A short measurement is judged by processor time and not by the clock: on a machine that others use,
// only that says something.
func (f *Figures) goals() (out []goal) {
	if f.Short {
		if f.CPUPerEntry > 0 {
			out = append(out, goal{"signed entries/s, sustained", processors * 1000 / f.CPUPerEntry, GoalSustained, true, "", "by processor time, two of them"})
		}
		if f.AuditPerCPU > 0 {
			out = append(out, goal{"audited entries/s", processors * f.AuditPerCPU, GoalAudit, true, "", "by processor time, two of them"})
		}
	} else {
		out = append(out,
			goal{"signed entries/s, sustained", f.PerSecond, GoalSustained, true, "", ""},
			goal{fmt.Sprintf("p99 at %d entries/s", Rate), f.P99, float64(GoalLatency.Milliseconds()), false, " ms", ""},
			goal{"audited entries/s", f.AuditPerSecond, GoalAudit, true, "", "on 2 processors"})
	}
	if f.Entries >= fewest {
		scale := float64(GoalEntries) / float64(f.Entries)
		at := fmt.Sprintf("at %d entries", GoalEntries)
		out = append(out,
			goal{"disk", scale*mib(f.LedgerBytes) + mib(f.RaftBytes), mib(GoalDisk), false, " MiB", at + ": ledger and raft's file"},
			goal{"a replica's memory", 2 * scale * mib(f.ReplicaHeap), mib(GoalMemory), false, " MiB", at + ": twice the live heap"},
			goal{"the auditor's memory", 2 * scale * mib(f.AuditHeap), mib(GoalMemory), false, " MiB", at + ": twice the live heap at its most"})
	}
	return out
}

// missed is an error for each goal that is missed.
func (f *Figures) missed() error {
	var errs []error
	for _, g := range f.goals() {
		if !g.met() {
			errs = append(errs, fmt.Errorf("%w: %s", ErrMissed, g))
		}
	}
	return errors.Join(errs...)
}

// Print writes the figures, and those that are judged beside their goals.
func (f *Figures) Print(w io.Writer) {
	line := func(name, format string, a ...any) {
		fmt.Fprintf(w, "%-34s %s\n", name, fmt.Sprintf(format, a...))
	}
	line("replicas", "%d", f.Members)
	line("signed entries/s, sustained", "%.0f", f.PerSecond)
	line("  processor time of all per entry", "%.2f ms", f.CPUPerEntry)
	line("  entries; convener's folder", "%d; %.1f MiB", f.Written, mib(f.ReplicaBytes))
	line(fmt.Sprintf("p50 / p99 / worst at %d/s", f.Rate), "%.0f / %.0f / %.0f ms", f.P50, f.P99, f.Worst)
	line("one root on all replicas at", "%d", f.Agreed)
	line("generated log, entries", "%d", f.Entries)
	line("  ledger on disk", "%.1f MiB", mib(f.LedgerBytes))
	line("  replica's heap, replayed", "%.1f MiB", mib(f.ReplicaHeap))
	line("  replayed at a start, entries/s", "%.0f", f.ReplayPerSec)
	line("audited entries/s", "%.0f; %.0f per processor second", f.AuditPerSecond, f.AuditPerCPU)
	line("  auditor's heap; bundle", "%.1f; %.1f MiB", mib(f.AuditHeap), mib(f.BundleBytes))
	fmt.Fprintln(w, "\ngoals")
	for _, g := range f.goals() {
		verdict := "met"
		if !g.met() {
			verdict = "MISSED"
		}
		note := g.note
		if note != "" {
			note = " (" + note + ")"
		}
		fmt.Fprintf(w, "%-7s %s%s\n", verdict, g, note)
	}
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }
