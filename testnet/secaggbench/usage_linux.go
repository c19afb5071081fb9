package secaggbench

import (
	"syscall"
	"time"
)

// threadTime is the processor time of the calling thread, which the caller has locked.
func threadTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_THREAD, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
