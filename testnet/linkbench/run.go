package linkbench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Figures are the result.
type Figures struct {
	Transfers []Transfer `json:"transfers,omitempty"`
	Services  []Service  `json:"services,omitempty"`
	Runs      *Runs      `json:"runs,omitempty"`
}

// What a figure has to be. A disturbance is compared with the looks before and behind it in the same measurement, so that a busy machine
// disturbs both.
const (
	mostLossy  = 2.0  // times the duration of a transfer without loss
	leastBulk  = 0.5  // of the undisturbed throughput
	mostAnswer = 5000 // ms, 99 of 100 answers
	mostRun    = 2.0  // times the duration of an undisturbed run
)

// Run measures everything and says whether it is as it has to be: ErrMissed.
func Run(ctx context.Context, o Options) (f Figures, err error) {
	if o.Object == 0 {
		o.Object = 32 << 20
	}
	if o.Delay == 0 {
		o.Delay = 80 * time.Millisecond
	}
	if o.Loss == 0 {
		o.Loss = 0.05
	}
	if o.Flood == 0 {
		o.Flood = 1000
	}
	if o.For == 0 {
		o.For = 3 * time.Second
	}
	if o.Rounds == 0 {
		o.Rounds = 3
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	var missed []error
	miss := func(format string, a ...any) {
		missed = append(missed, fmt.Errorf("%w: "+format, append([]any{ErrMissed}, a...)...))
	}
	part := func(name string) bool { return o.Only == "" || o.Only == name }
	if part("transfer") {
		if f.Transfers, err = transfers(ctx, o); err != nil {
			return f, err
		}
		if r := f.Transfers[len(f.Transfers)-1].Ratio; r > mostLossy {
			miss("a transfer with loss takes %.2f times as long as without", r)
		}
	}
	if part("flood") {
		if f.Services, err = services(ctx, o); err != nil {
			return f, err
		}
		for _, v := range f.Services[1:] {
			if v.P99 > mostAnswer {
				miss("during %s an answer takes %.0f ms", v.While, v.P99)
			}
			if v.Bulk < leastBulk {
				miss("during %s bulk has %.2f of its throughput", v.While, v.Bulk)
			}
		}
	}
	if part("run") {
		if f.Runs, err = floodedRuns(ctx, o); err != nil {
			return f, err
		}
		if f.Runs.Ratio > mostRun {
			miss("during a flood a run takes %.2f times as long", f.Runs.Ratio)
		}
	}
	return f, errors.Join(missed...)
}
