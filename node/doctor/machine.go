package doctor

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	gib = 1 << 30

	diskFail, diskWarn     = 1 * gib, 20 * gib // a run's objects, the log, the store
	memoryFail, memoryWarn = 1 * gib, 4 * gib  // of an evaluation at 128-bit parameters
	filesFail, filesWarn   = 256, 4096
)

func grade(have, fail, warn uint64) State {
	switch {
	case have < fail:
		return Fail
	case have < warn:
		return Warn
	}
	return OK
}

func (r *report) disk(dir string) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		r.add("disk", Warn, "free space is not known: "+err.Error(), "look with: df -h "+dir)
		return
	}
	free := st.Bavail * uint64(st.Bsize)
	r.add("disk", grade(free, diskFail, diskWarn), fmt.Sprintf("%.1f GiB free in %s", float64(free)/gib, dir), "make room: a full disk stops the service, and a run with it")
	if st.Files > 0 && st.Ffree < 1000 {
		r.add("disk", Fail, fmt.Sprintf("%d files can still be made", st.Ffree), "make room for files (inodes)")
	}
}

func (r *report) memory() {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		r.add("memory", OK, "not known on this system", "")
		return
	}
	value := map[string]uint64{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) >= 2 {
			n, err := strconv.ParseUint(f[1], 10, 53)
			if err == nil {
				value[strings.TrimSuffix(f[0], ":")] = n << 10
			}
		}
	}
	have := value["MemAvailable"]
	r.add("memory", grade(have, memoryFail, memoryWarn), fmt.Sprintf("%.1f of %.1f GiB available", float64(have)/gib, float64(value["MemTotal"])/gib),
		"give the machine more memory, or end what else runs on it")
	if value["SwapTotal"] > 0 {
		r.add("swap", Warn, fmt.Sprintf("%.1f GiB of swap: key shares in memory can get to the disk", float64(value["SwapTotal"])/gib), "swapoff -a, encrypted swap, or MemorySwapMax=0 as in tacet node unit")
	} else {
		r.add("swap", OK, "none", "")
	}
}

func (r *report) limits() {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err == nil {
		r.add("files", grade(l.Cur, filesFail, filesWarn), fmt.Sprintf("%d files may be open", l.Cur), "ulimit -n 65536, or LimitNOFILE=65536 in the unit")
	}
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &l); err == nil {
		if l.Cur > 0 {
			r.add("core", Warn, "a crash may write memory, with keys in it, to the disk", "ulimit -c 0, or LimitCORE=0 in the unit")
		} else {
			r.add("core", OK, "no core dumps", "")
		}
	}
}
