package matrix

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tacet-health/tacet/protocol/run"
)

// variable of the environment that makes a member's process obey the disturb file.
const variable = "TACET_MATRIX"

const (
	runFile     = "matrix.run"   // the name of the run at hand
	disturbFile = "disturb"      // "STEP POINT ACTION"; the process removes it when it obeys
	shownFile   = "matrix.shown" // "RUN KIND STEP HASH": what the process has shown to others, one line each time
)

// Actions at a point.
const (
	Kill = "kill" // SIGKILL
	Stop = "stop" // SIGSTOP
	Disk = "disk" // from here on no write succeeds
	// From here on the process reads its wall clock three years ahead; its monotonic clock goes on, as it does when a system's clock is set.
	Clock = "clock"
)

const leap = 3 * 365 * 24 * time.Hour

// Hooks are the hooks of a member's process with that data directory: none outside of a matrix.
func Hooks(dir string) run.Hooks {
	if os.Getenv(variable) == "" {
		return run.Hooks{}
	}
	h := hooks{dir}
	return run.Hooks{Reveal: h.reveal, Crash: h.crash}
}

// Now is the wall clock of a member's process: nil, the system's, outside of a matrix.
func Now() func() time.Time {
	if os.Getenv(variable) == "" {
		return nil
	}
	return func() time.Time {
		t := time.Now()
		if jumped.Load() {
			t = t.Add(leap)
		}
		return t
	}
}

var jumped atomic.Bool // this process's clock

type hooks struct{ dir string }

// crash never says true: the process is gone, or goes on disturbed.
func (h hooks) crash(p run.Point, s run.Step) bool {
	if p == run.Sent {
		h.note("commit", s)
	}
	path := filepath.Join(h.dir, disturbFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	at := strings.Fields(string(b))
	if len(at) != 3 || at[0] != s.String() || at[1] != string(p) || os.Remove(path) != nil {
		return false
	}
	switch at[2] {
	case Kill:
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // not one instruction more of this member
	case Stop:
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case Clock:
		jumped.Store(true)
	case Disk:
		signal.Ignore(syscall.SIGXFSZ) // the write fails with EFBIG instead
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{}); err != nil {
			panic("matrix: " + err.Error())
		}
	}
	return false
}

// reveal is called before the object leaves.
func (h hooks) reveal(s run.Step) { h.note("object", s) }

// note writes down the hash of what is about to be shown. What cannot be written down (a full disk) is missed in the check.
func (h hooks) note(kind string, s run.Step) {
	name, err := os.ReadFile(filepath.Join(h.dir, runFile))
	if err != nil {
		return
	}
	b, err := os.ReadFile(filepath.Join(h.dir, "runs", string(name), s.String()+"."+kind))
	if err != nil {
		return
	}
	f, err := os.OpenFile(filepath.Join(h.dir, shownFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintf(f, "%s %s %s %x\n", name, kind, s, sha256.Sum256(b))
}
