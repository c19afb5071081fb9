package bench

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is the processor time of this process so far, and its largest resident memory in bytes since freshPeak.
func usage() (cpu time.Duration, peak int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	cpu, peak = time.Duration(u.Utime.Nano()+u.Stime.Nano()), u.Maxrss<<10
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return cpu, peak
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			if kb, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				peak = kb << 10
			}
		}
	}
	return cpu, peak
}

// freshPeak forgets the largest resident memory so far; where the kernel does not allow it, the peak stays that since the start (proc_pid_clear_refs(5)).
func freshPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}
