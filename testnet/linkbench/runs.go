package linkbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/testnet"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

// Runs are whole runs (toy parameters, a process for every member) with and without a flood, in turn.
type Runs struct {
	Calm   []float64 `json:"calm_seconds"`
	Flood  []float64 `json:"flood_seconds"`
	PerSec float64   `json:"strangers_a_second"`
	Ratio  float64   `json:"ratio"` // of the medians
}

// floodedRuns has to see every run certified.
func floodedRuns(ctx context.Context, o Options) (r *Runs, err error) {
	dir, err := os.MkdirTemp("", "tacet-link-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	m, err := testnet.StartMembers(ctx, testnet.Options{
		Payers: 3, Synthetic: synthetic.Options{People: 3000, Practices: 12}, Practices: 12, Measures: []string{"qp-crc"},
		Out: filepath.Join(dir, "network"), Once: true, Toy: true, Executable: o.Executable, Stdout: io.Discard,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	st, err := m.Client("convener").Status(ctx)
	if err != nil {
		return nil, err
	}
	r = &Runs{}
	if _, err := oneRun(ctx, m); err != nil { // the first one warms up
		return nil, err
	}
	for range o.Rounds {
		took, err := oneRun(ctx, m)
		if err != nil {
			return nil, err
		}
		r.Calm = append(r.Calm, took.Seconds())
		took, rate, err := floodedRun(ctx, m, o.strangers(st.Address))
		if err != nil {
			return nil, err
		}
		r.Flood = append(r.Flood, took.Seconds())
		r.PerSec += rate / float64(o.Rounds)
		o.Say("a run: %.2f s; with %.0f strangers a second %.2f s", r.Calm[len(r.Calm)-1], rate, took.Seconds())
	}
	r.Ratio = mid(r.Flood) / mid(r.Calm)
	o.Say("runs, medians of %d: %.2f s, with %.0f strangers a second %.2f s, %.2f times", o.Rounds, mid(r.Calm), r.PerSec, mid(r.Flood), r.Ratio)
	return r, nil
}

func mid(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

func floodedRun(ctx context.Context, m *testnet.Members, begin disturbance) (time.Duration, float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	count, err := begin(ctx)
	if err != nil {
		return 0, 0, err
	}
	before, began := count(), time.Now()
	took, err := oneRun(ctx, m)
	return took, float64(count()-before) / time.Since(began).Seconds(), err
}

// oneRun authorises a run and waits for every member's verdict.
func oneRun(ctx context.Context, m *testnet.Members) (time.Duration, error) {
	name, authorise, err := m.Next(ctx)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	began := time.Now()
	if err := authorise(); err != nil {
		return 0, err
	}
	errs := make([]error, len(m.Names()))
	var wg sync.WaitGroup
	for i, who := range m.Names() {
		wg.Go(func() {
			run, err := m.Client(who).WaitRun(ctx, name)
			if err == nil && run.State != "certified" {
				err = fmt.Errorf("%s of %s is %s: %s", name, who, run.State, run.Reason)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return time.Since(began), errors.Join(errs...)
}
