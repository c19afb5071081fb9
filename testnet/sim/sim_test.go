package sim

import (
	"syscall"
	"testing"
	"time"

	"path/filepath"

	"github.com/tacet-health/tacet/protocol/run"
)

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestOne(t *testing.T) {
	root := t.TempDir()
	c0 := cpu()
	found(t, filepath.Join(root, "f3"), 3)
	t.Logf("found %v", cpu()-c0)
	for i := range 3 {
		c0, w0 := cpu(), time.Now()
		s := Scenario{Seed: uint64(i), Payers: 3, Delay: map[string]time.Duration{"payer-1": 10 * time.Millisecond, "payer-2": 20 * time.Millisecond, "payer-3": 33 * time.Millisecond}}
		if i == 2 {
			s = Draw(7, run.Sequence(3))
			s.Payers = 3
		}
		r := play(t, s, filepath.Join(root, "f3"), t.TempDir())
		t.Logf("cpu %v wall %v virtual %v packets %d\n%s%v %s", cpu()-c0, time.Since(w0), r.Virtual, r.Packets, r.Trace, r.Violations, r.Reason)
	}
}
