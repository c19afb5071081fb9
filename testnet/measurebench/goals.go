package measurebench

import (
	"errors"
	"fmt"
	"os"
)

// The goals, for 1,000,000 members and 50,000,000 claim lines on two processors, and for a tenth of that.
const (
	goalLoad     = 600.0 // seconds
	goalMeasures = 300.0
	goalTenth    = 30.0
	goalPeak     = 8 << 30
	goalHand     = 1.3

	fewestMembers = 50_000 // from which every measure is about somebody: a start of dialysis is rare
	slack         = 0.25   // seconds of processor time that reading and guarding a query takes, whatever the data
)

// ErrMissed says that a figure is not what it has to be.
var ErrMissed = errors.New("goal missed")

// judge holds the figures against the goals: in proportion for fewer lines, and no less than a tenth's.
func (f *Figures) judge(say func(string, ...any)) (err error) {
	size := float64(f.Lines) / 50e6
	hold := func(what string, got, want float64, unit string) {
		if got <= want {
			say("%s: %.2f%s, at most %.2f%s: met", what, got, unit, want, unit)
			return
		}
		say("%s: %.2f%s, at most %.2f%s: MISSED", what, got, unit, want, unit)
		err = errors.Join(err, fmt.Errorf("%w: %s is %.2f%s, at most %.2f%s", ErrMissed, what, got, unit, want, unit))
	}
	hold("load", f.Load, goalLoad*max(0.1, size), " s")
	hold("all measures", f.Sum, max(goalTenth, goalMeasures*size), " s")
	hold("peak memory", float64(f.Peak)/(1<<30), float64(goalPeak)/(1<<30), " GiB")
	for _, m := range f.Measures {
		if m.Den == 0 && f.Members >= fewestMembers {
			err = errors.Join(err, fmt.Errorf("%w: nobody is in the denominator of %s", ErrMissed, m.ID))
		}
	}
	for _, h := range f.Hand {
		if h.Ratio > goalHand && h.Ours-h.Hand < slack {
			continue
		}
		hold(h.ID+" to its hand-written query", h.Ratio, goalHand, "")
	}
	return err
}

// forgetPeak makes the kernel count this process's largest memory anew: generating data is not what is measured.
func forgetPeak() {
	if f, err := os.OpenFile("/proc/self/clear_refs", os.O_WRONLY, 0); err == nil {
		f.WriteString("5")
		f.Close()
	}
}
