package sim

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Options of a simulation.
type Options struct {
	Seeds   []uint64
	Workers int    // scenarios at a time; 0: two for each processor
	Dir     string // for the members' directories; "": in memory where the system has such a folder (a process that dies loses no write there)
	// Again plays every so many-th seed a second time and compares the traces; 0: none.
	Again int
	// Each is called with every result, from one goroutine at a time.
	Each func(Result)
}

// Summary counts what the scenarios ended as.
type Summary struct {
	Scenarios int            `json:"scenarios"`
	Certified int            `json:"certified"`
	Void      int            `json:"void"`
	Open      int            `json:"open"` // nobody was left who could come to a verdict
	Again     int            `json:"again"`
	Reasons   map[string]int `json:"void_reasons"`
	Virtual   time.Duration  `json:"virtual"`
	Packets   int            `json:"packets"`
	PeakHeap  uint64         `json:"peak_heap_bytes"`
	Broken    []Result       `json:"broken"` // scenarios with violations
	Wall      time.Duration  `json:"wall"`
}

// heapLimit is the most live heap that a scenario's members together may leave behind; what grows from scenario to scenario is a leak.
const heapLimit = 1 << 30

// Run plays all seeds. The error is of the simulation itself; broken invariants are in the summary.
func Run(ctx context.Context, o Options) (sum Summary, err error) {
	start := time.Now()
	if o.Workers <= 0 {
		o.Workers = 2 * runtime.GOMAXPROCS(0) // a scenario waits for the disk now and then
	}
	root, err := scratch(o.Dir)
	if err != nil {
		return sum, err
	}
	defer os.RemoveAll(root)
	sum.Reasons = map[string]int{}
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // many short lives: collecting less often is cheaper, and the heap stays small
	var mu sync.Mutex
	note := func(r Result, again bool) {
		mu.Lock()
		defer mu.Unlock()
		sum.note(r, again)
		if o.Each != nil && !again {
			o.Each(r)
		}
	}
	inTest(o.Workers, func(t *testing.T) {
		founded := map[int]founding{}
		for _, payers := range []int{3, 4} {
			founded[payers] = found(t, filepath.Join(root, "founded-"+strconv.Itoa(payers)), payers)
		}
		for i, seed := range o.Seeds {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				if ctx.Err() != nil {
					return
				}
				s := Draw(seed, founded[3].steps) // points are drawn among the steps of three payers
				once := func() Result {
					dir := filepath.Join(root, strconv.Itoa(i))
					defer os.RemoveAll(dir)
					return play(t, s, founded[s.Payers], dir)
				}
				first := once()
				if o.Again > 0 && i%o.Again == 0 {
					second := once()
					if second.Trace != first.Trace {
						first.Violations = append(first.Violations, "played again, the trace is another:\n"+second.Trace)
					}
					note(second, true)
				}
				note(first, false)
			})
		}
	})
	sum.Wall = time.Since(start)
	slices.SortFunc(sum.Broken, func(a, b Result) int { return int(int64(a.Seed) - int64(b.Seed)) })
	if ctx.Err() == nil && sum.Scenarios != len(o.Seeds) {
		err = fmt.Errorf("%d of %d scenarios ended", sum.Scenarios, len(o.Seeds))
	}
	return sum, errors.Join(err, ctx.Err())
}

// memory is Linux's folder in memory.
const memory = "/dev/shm"

// scratch makes the folder of a simulation.
func scratch(dir string) (string, error) {
	if dir == "" {
		if root, err := os.MkdirTemp(memory, "tacet-sim-"); err == nil {
			return root, nil
		}
	}
	return os.MkdirTemp(dir, "tacet-sim-")
}

func (s *Summary) note(r Result, again bool) {
	s.Virtual += r.Virtual
	s.Packets += r.Packets
	s.PeakHeap = max(s.PeakHeap, r.Heap)
	if again {
		s.Again++
		return
	}
	s.Scenarios++
	switch r.Verdict {
	case "certified":
		s.Certified++
	case "void":
		s.Void++
		s.Reasons[r.Code]++
	default:
		s.Open++
	}
	if len(r.Violations) > 0 {
		s.Broken = append(s.Broken, r)
	}
}

// inTest runs f as a test: virtual time exists in tests only (testing/synctest). Outside of one, testing.Main makes one; it would end the
// process behind f, so its goroutine is left waiting there. f's own parallel subtests have ended by then.
func inTest(workers int, f func(*testing.T)) {
	done := make(chan struct{})
	tests := []testing.InternalTest{{Name: "simulation", F: func(t *testing.T) {
		t.Run("seeds", f)
		close(done)
		if !testing.Testing() {
			select {}
		}
	}}}
	match := func(string, string) (bool, error) { return true, nil }
	if testing.Testing() {
		testing.RunTests(match, tests)
		return
	}
	testing.Init()
	flag.Set("test.parallel", strconv.Itoa(workers))
	go testing.Main(match, tests, nil, nil)
	<-done
}
