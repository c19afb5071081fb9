//go:build unix

package measurebench

import "syscall"

// processorSeconds is what this process has used so far: on a machine that others use only that says something.
func processorSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
