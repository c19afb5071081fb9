package predicate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// Evaluation runs a plan's circuit on ciphertexts, stage by stage. Between stages stand collective refreshes,
// which are the payers' work. It has no randomness: members that start from equal inputs and keys hold
// equal stages, bit for bit, whatever their number of cores and their memory. Not safe for concurrent use; one
// call of Next uses up to GOMAXPROCS cores itself, one per ciphertext, unless Within says fewer.
type Evaluation struct {
	c     *mhe.Context
	plan  *Plan
	keys  *mhe.Keys
	sign  *composite
	clean *mhe.Polynomial
	mask  *mhe.Mask  // for the last stage
	find  *searching // of a plan that searches; nil for a direct one
	side  *side      // of a plan with benchmarks; nil without

	workers int        // goroutines at a time
	spill   *mhe.Spill // where ciphertexts wait; nil: in memory

	stage  int // the next one
	inputs []*mhe.Ciphertext
	err    error // a failed evaluation stays failed: start again from the inputs
	cpu    atomic.Int64
}

// CPU is the processor time that Next has used so far, summed over its cores, without the runtime's garbage collection and without
// whatever else ran on the machine. It is 0 on systems that do not tell.
func (e *Evaluation) CPU() time.Duration {
	sum := time.Duration(e.cpu.Load())
	if e.side != nil && e.side.rates != nil {
		sum += e.side.rates.CPU()
	}
	return sum
}

// Stage is the outcome of one call of Next: either the refreshes that the next one needs, in the order in
// which it wants their results, or the result. Digest covers all ciphertexts of the stage, the plan and the
// stage's number: it is what members compare before any of them gives a share.
type Stage struct {
	Refresh []mhe.RefreshRequest
	Result  []*mhe.Ciphertext
	Digest  [32]byte
}

// NewEvaluation prepares the evaluation of a plan. inputs are the encrypted sums, one per ciphertext of the
// plan, at the input scale; keys serve the plan's Rotations.
func NewEvaluation(c *mhe.Context, plan *Plan, keys *mhe.Keys, inputs []*mhe.Ciphertext) (*Evaluation, error) {
	switch {
	case c == nil || plan == nil || keys == nil:
		return nil, errors.New("evaluate: context, plan and keys are all needed")
	case c.Set().Name != plan.set.Name || c.Payers() != plan.payers:
		return nil, fmt.Errorf("evaluate: context of set %s and %d payers, plan of set %s and %d", c.Set().Name, c.Payers(), plan.set.Name, plan.payers)
	case len(inputs) != plan.Ciphertexts():
		return nil, fmt.Errorf("evaluate: %d input ciphertexts, the plan has %d", len(inputs), plan.Ciphertexts())
	}
	for i, ct := range inputs {
		if ct == nil || ct.High() || ct.Level() != plan.set.MaxLevel() {
			return nil, fmt.Errorf("evaluate: input ciphertext %d is not a fresh input", i)
		}
	}
	for _, r := range plan.Rotations() {
		if err := keys.Check(r.Steps, r.Level); err != nil {
			return nil, fmt.Errorf("evaluate: %w", err)
		}
	}
	sign, err := signOf(plan.set.Alpha)
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	clean, err := cleaner()
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	e := &Evaluation{c: c, plan: plan, keys: keys, sign: sign, clean: clean, workers: runtime.GOMAXPROCS(0), inputs: append([]*mhe.Ciphertext(nil), inputs...)}
	if plan.parts != nil {
		if e.side, err = newSide(e); err != nil {
			return nil, fmt.Errorf("evaluate: %w", err)
		}
	}
	if plan.search != nil {
		if e.find, err = newSearching(plan.search); err != nil {
			return nil, fmt.Errorf("evaluate: %w", err)
		}
	}
	return e, nil
}

// Within bounds the evaluation's memory: so many goroutines at a time (0: one a core), and ciphertexts that are
// not at work wait in the spill. Inputs and refreshed ciphertexts that are parked are freed when they have been
// used; those of the requests are the caller's to free. It changes no bit of any result.
func (e *Evaluation) Within(workers int, spill *mhe.Spill) *Evaluation {
	if workers > 0 {
		e.workers = min(workers, runtime.GOMAXPROCS(0))
	}
	e.spill = spill
	if e.side != nil && e.side.rates != nil {
		e.side.rates.Within(workers, spill)
	}
	return e
}

// Next evaluates one stage. The first call takes nil, every later one the refreshed ciphertexts of the stage
// before, in the order of its requests. Cancelling ctx ends it between two operations. After an error the
// Evaluation is spent: it keeps no intermediate result, and a new one reaches the same stage again.
func (e *Evaluation) Next(ctx context.Context, refreshed []*mhe.Ciphertext) (*Stage, error) {
	if e.err != nil {
		return nil, e.err
	}
	st, err := e.next(ctx, refreshed)
	if err != nil {
		e.err = fmt.Errorf("evaluate stage %d: %w", e.stage, err)
		e.inputs = nil
		return nil, e.err
	}
	e.stage++
	return st, nil
}

func (e *Evaluation) next(ctx context.Context, refreshed []*mhe.Ciphertext) (*Stage, error) {
	rounds := e.plan.Stages()
	work := e.inputs
	switch {
	case e.stage > len(rounds):
		return nil, errors.New("the result has been returned already")
	case e.stage == 0 && refreshed != nil:
		return nil, errors.New("the first stage takes no refreshed ciphertexts")
	case e.stage > 0:
		asked := rounds[e.stage-1]
		if len(refreshed) != asked.Refreshes {
			return nil, fmt.Errorf("%d refreshed ciphertexts, %d were requested", len(refreshed), asked.Refreshes)
		}
		for i, ct := range refreshed {
			if ct == nil || ct.Level() != e.plan.set.TopLevel() || ct.High() != asked.High {
				return nil, fmt.Errorf("ciphertext %d does not come from the refresh requested", i)
			}
		}
		work = append([]*mhe.Ciphertext(nil), refreshed...)
	}
	e.inputs = nil
	var out []*mhe.Ciphertext
	var err error
	if e.side != nil {
		out, err = e.side.both(e, ctx, work)
	} else if e.find != nil {
		out, err = e.find.run(e, ctx, work)
	} else {
		out, err = e.direct(ctx, work)
	}
	if err != nil {
		return nil, err
	}
	st := &Stage{Digest: e.digest(out)}
	if e.stage == len(rounds) {
		st.Result = out
		return st, nil
	}
	for i, ct := range out {
		st.Refresh = append(st.Refresh, mhe.RefreshRequest{Stage: e.stage, Index: i, Ciphertext: ct, High: rounds[e.stage].High})
	}
	return st, nil
}

// direct evaluates one stage of a plan that asks all thresholds at once: every ciphertext by itself.
func (e *Evaluation) direct(ctx context.Context, in []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	segments := e.plan.levels.segments
	last := e.stage == len(segments)
	if last && e.mask == nil {
		var err error
		if e.mask, err = e.homeMask(e.plan.levels.masked(), true); err != nil {
			return nil, err
		}
	}
	out := make([]*mhe.Ciphertext, len(in))
	err := e.parallel(ctx, len(in), func(c *circuit, i int) {
		ct := in[i]
		in[i] = nil
		if ct = c.take(ct); last {
			out[i] = c.finish(ct)
		} else {
			out[i] = c.ask(c.segment(segments[e.stage], ct, e.stage == 0))
		}
	})
	return out, err
}

// parallel runs n computations that do not meet, as many at a time as there are cores, so that their order
// leaves no trace. Each works on its own operands and drops them when it is done.
func (e *Evaluation) parallel(ctx context.Context, n int, f func(c *circuit, i int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range min(n, e.workers) {
		wg.Go(func() {
			runtime.LockOSThread() // so that the thread's time is this work's time
			defer runtime.UnlockOSThread()
			begin := threadCPU()
			defer func() { e.cpu.Add(int64(threadCPU() - begin)) }()
			c := &circuit{Evaluation: e, ctx: ctx, ops: e.c.NewEvaluator(e.keys)}
			for i := range next {
				f(c, i)
				if c.err != nil {
					cancel(fmt.Errorf("ciphertext %d: %w", i, c.err)) // the first cause stays
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// digest hashes a stage: plan, number of the stage, hash of every ciphertext in order.
func (e *Evaluation) digest(cts []*mhe.Ciphertext) [32]byte {
	h := sha256.New()
	h.Write([]byte(version + "/stage\x00"))
	plan := e.plan.Hash()
	h.Write(plan[:])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(e.stage))
	h.Write(n[:])
	for _, ct := range cts {
		d := ct.Hash()
		h.Write(d[:])
	}
	return [32]byte(h.Sum(nil))
}

// masks keeps the mask of each (set, level): encoding it to full precision takes about a second at LogN 15,
// and all members of a test network need the same one.
var masks = struct {
	sync.Mutex
	m map[string]*mhe.Mask
}{m: map[string]*mhe.Mask{}}

// homeMask is 1 at homeSlot of every block and 0 elsewhere, for sums over blocks and for gates.
func (e *Evaluation) homeMask(level int, high bool) (*mhe.Mask, error) {
	set := e.plan.set
	key := fmt.Sprintf("%s/%d/%d/%v", set.Name, set.LogN, level, high)
	masks.Lock()
	defer masks.Unlock()
	if m, ok := masks.m[key]; ok {
		return m, nil
	}
	v := make([]int64, set.Slots())
	for i := homeSlot; i < len(v); i += BlockSlots {
		v[i] = 1
	}
	m, err := e.c.NewMask(v, level, high)
	if err != nil {
		return nil, err
	}
	masks.m[key] = m
	return m, nil
}
