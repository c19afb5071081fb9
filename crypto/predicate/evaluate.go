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
// equal stages, bit for bit, whatever their number of cores. Not safe for concurrent use; one call of Next
// uses up to GOMAXPROCS cores itself, one per ciphertext.
type Evaluation struct {
	c     *mhe.Context
	plan  *Plan
	keys  *mhe.Keys
	sign  *composite
	clean *mhe.Polynomial
	mask  *mhe.Mask // for the last stage

	stage  int // the next one
	inputs []*mhe.Ciphertext
	err    error // a failed evaluation stays failed: start again from the inputs
	cpu    atomic.Int64
}

// CPU is the processor time that Next has used so far, summed over its cores, without the runtime's garbage collection and without
// whatever else ran on the machine. It is 0 on systems that do not tell.
func (e *Evaluation) CPU() time.Duration { return time.Duration(e.cpu.Load()) }

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
	return &Evaluation{c: c, plan: plan, keys: keys, sign: sign, clean: clean, inputs: append([]*mhe.Ciphertext(nil), inputs...)}, nil
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
	segments := e.plan.levels.segments
	work := e.inputs
	switch {
	case e.stage > len(segments):
		return nil, errors.New("the result has been returned already")
	case e.stage == 0 && refreshed != nil:
		return nil, errors.New("the first stage takes no refreshed ciphertexts")
	case e.stage > 0:
		if len(refreshed) != e.plan.Ciphertexts() {
			return nil, fmt.Errorf("%d refreshed ciphertexts, %d were requested", len(refreshed), e.plan.Ciphertexts())
		}
		for i, ct := range refreshed {
			if ct == nil || ct.Level() != e.plan.set.TopLevel() || ct.High() != (e.stage == len(segments)) {
				return nil, fmt.Errorf("ciphertext %d does not come from the refresh requested", i)
			}
		}
		work = append([]*mhe.Ciphertext(nil), refreshed...)
	}
	e.inputs = nil
	last := e.stage == len(segments)
	if last && e.mask == nil {
		var err error
		if e.mask, err = e.newMask(); err != nil {
			return nil, err
		}
	}
	out, err := e.each(ctx, work, func(c *circuit, ct *mhe.Ciphertext) *mhe.Ciphertext {
		if last {
			return c.finish(ct)
		}
		return c.segment(segments[e.stage], ct, e.stage == 0)
	})
	if err != nil {
		return nil, err
	}
	st := &Stage{Digest: e.digest(out)}
	if last {
		st.Result = out
		return st, nil
	}
	for i, ct := range out {
		st.Refresh = append(st.Refresh, mhe.RefreshRequest{Stage: e.stage, Index: i, Ciphertext: ct, High: segments[e.stage].gates})
	}
	return st, nil
}

// each applies one computation to all ciphertexts, as many at a time as there are cores, and drops each
// operand when it is done. Ciphertexts do not meet, so the order of completion leaves no trace.
func (e *Evaluation) each(ctx context.Context, in []*mhe.Ciphertext, f func(*circuit, *mhe.Ciphertext) *mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := make([]*mhe.Ciphertext, len(in))
	next := make(chan int, len(in))
	for i := range in {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range min(len(in), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			runtime.LockOSThread() // so that the thread's time is this work's time
			defer runtime.UnlockOSThread()
			begin := threadCPU()
			defer func() { e.cpu.Add(int64(threadCPU() - begin)) }()
			c := &circuit{Evaluation: e, ctx: ctx, ops: e.c.NewEvaluator(e.keys)}
			for i := range next {
				ct := in[i]
				in[i] = nil
				out[i] = f(c, ct)
				if c.err != nil {
					cancel(fmt.Errorf("ciphertext %d: %w", i, c.err)) // the first cause stays
					return
				}
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return out, nil
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

// newMask is 1 at homeSlot of every block and 0 elsewhere, for the sum over the block.
func (e *Evaluation) newMask() (*mhe.Mask, error) {
	set, level := e.plan.set, e.plan.levels.masked()
	key := fmt.Sprintf("%s/%d/%d", set.Name, set.LogN, level)
	masks.Lock()
	defer masks.Unlock()
	if m, ok := masks.m[key]; ok {
		return m, nil
	}
	v := make([]int64, set.Slots())
	for i := homeSlot; i < len(v); i += BlockSlots {
		v[i] = 1
	}
	m, err := e.c.NewMask(v, level, true)
	if err != nil {
		return nil, err
	}
	masks.m[key] = m
	return m, nil
}
