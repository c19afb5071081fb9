package bench

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
)

// cost is what one step takes one member.
type cost struct {
	own, all time.Duration // processor time of its own shares; of aggregating all shares and of evaluating
	sent     int64         // bytes of its objects
}

// run is one run of a problem in this process.
type run struct {
	p      *problem
	c      *mhe.Context
	ref    mhe.Reference
	payers []payer
	dir    string // for objects on their way, and what waits
	say    func(format string, a ...any)
	memory predicate.Memory // of the member
	spill  *mhe.Spill

	cost       map[string]*cost
	evaluation time.Duration // processor time inside Evaluation
}

// steps are the steps in which a payer sends something, in order.
var steps = []string{"keys-1", "keys-2", "input", "refresh", "release"}

func newRun(p *problem, name string, say func(string, ...any)) (*run, error) {
	c, err := mhe.NewContext(p.plan.Set(), p.plan.Payers())
	if err != nil {
		return nil, err
	}
	r := &run{p: p, c: c, ref: mhe.NewReference(p.plan.Hash(), sha256.Sum256([]byte(name))), say: say, cost: map[string]*cost{}}
	for _, s := range steps {
		r.cost[s] = &cost{}
	}
	return r, nil
}

// values runs everything and returns what the recipients read.
func (r *run) values(ctx context.Context) ([]predicate.Value, error) {
	dir, err := os.MkdirTemp("", "tacet-bench-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(dir)
	r.dir = dir
	if r.memory.Budget > 0 {
		if r.spill, err = mhe.NewSpill(filepath.Join(dir, "spill"), r.memory.Waiting); err != nil {
			return nil, err
		}
	}
	keys, err := r.keys(ctx)
	if err != nil {
		return nil, err
	}
	inputs, err := r.inputs(ctx)
	if err != nil {
		return nil, err
	}
	result, err := r.evaluate(ctx, keys, inputs)
	if err != nil {
		return nil, err
	}
	return r.open(ctx, result)
}

func (r *run) keys(ctx context.Context) (keys *mhe.Keys, err error) {
	if err := r.drawKeys(); err != nil {
		return nil, err
	}
	k := r.c.NewKeySum(r.ref, r.p.plan.Rotations())
	if err := r.exchange("keys-1", func(_ int, p *mhe.Party, w io.Writer) error { return p.KeyRoundOne(w) }, k.AddRoundOne); err != nil {
		return nil, err
	}
	r.say("keys-1 added up")
	// every payer answers on the sum of round one, which the first answer added destroys
	for i := range r.payers {
		if err := r.reveal("keys-2", i, func(p *mhe.Party, w io.Writer) error { return p.KeyRoundTwo(k, w) }); err != nil {
			return nil, err
		}
	}
	for i := range r.payers {
		if err := r.absorb("keys-2", i, k.AddRoundTwo); err != nil {
			return nil, err
		}
	}
	err = timed(&r.cost["keys-2"].all, func() (err error) { keys, err = k.Keys(); return err })
	r.say("keys-2 added up")
	return keys, errors.Join(err, ctx.Err())
}

func (r *run) inputs(ctx context.Context) (cts []*mhe.Ciphertext, err error) {
	n := r.p.plan.Ciphertexts()
	sum := r.c.NewInputSum(r.ref, n).Within(r.spill)
	err = r.exchange("input", func(j int, p *mhe.Party, w io.Writer) error {
		for i := range n {
			slots, err := r.p.plan.Encode(j, i, r.p.num[j], r.p.den[j])
			if err == nil {
				err = p.Input(i, slots, w)
			}
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
		}
		return nil
	}, func(b io.Reader) error {
		for i := range n {
			if err := sum.Add(i, io.LimitReader(b, r.c.InputSize())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.say("%d inputs of each payer", n)
	err = timed(&r.cost["input"].all, func() (err error) { cts, err = sum.Ciphertexts(); return err })
	return cts, err
}

func (r *run) evaluate(ctx context.Context, keys *mhe.Keys, inputs []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	e, err := predicate.NewEvaluation(r.c, r.p.plan, keys, inputs)
	if err != nil {
		return nil, err
	}
	e.Within(r.memory.Workers, r.spill)
	clear(inputs) // the evaluation has its own list, and drops what it has used
	defer func() { r.evaluation += e.CPU() }()
	var refreshed []*mhe.Ciphertext
	for stage := 1; ; stage++ {
		st, err := e.Next(ctx, refreshed)
		if err != nil {
			return nil, err
		}
		if st.Result != nil {
			r.say("result evaluated")
			return st.Result, nil
		}
		if refreshed, err = r.refresh(ctx, st.Refresh); err != nil {
			return nil, err
		}
		r.say("stage %d of %d evaluated and refreshed", stage, len(r.p.plan.Stages()))
	}
}

// refresh answers the requests of a stage, payer by payer.
func (r *run) refresh(ctx context.Context, requests []mhe.RefreshRequest) (out []*mhe.Ciphertext, err error) {
	sums := make([]*mhe.RefreshSum, len(requests))
	for i, q := range requests {
		sums[i] = r.c.NewRefreshSum(r.ref, q).Within(r.spill)
	}
	err = r.exchange("refresh", func(_ int, p *mhe.Party, w io.Writer) error {
		for _, q := range requests {
			if err := errors.Join(p.Refresh(q, w), ctx.Err()); err != nil {
				return err
			}
		}
		return nil
	}, func(b io.Reader) error {
		for i, sum := range sums {
			if err := sum.Add(io.LimitReader(b, r.c.RefreshSize(requests[i].High))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = timed(&r.cost["refresh"].all, func() error {
		for i, sum := range sums {
			ct, err := sum.Finish()
			if err != nil {
				return err
			}
			out = append(out, ct)
			requests[i].Ciphertext.Free()
			sums[i], requests[i].Ciphertext = nil, nil
		}
		return nil
	})
	return out, err
}

func (r *run) open(ctx context.Context, result []*mhe.Ciphertext) ([]predicate.Value, error) {
	var sums []*mhe.DecryptSum
	for _, ct := range result {
		sums = append(sums, r.c.NewDecryptSum(ct))
	}
	err := r.exchange("release", func(_ int, p *mhe.Party, w io.Writer) error {
		for i, ct := range result {
			if err := errors.Join(p.Decrypt(i, ct, w), ctx.Err()); err != nil {
				return err
			}
		}
		return nil
	}, func(b io.Reader) error {
		for _, sum := range sums {
			if err := sum.Add(io.LimitReader(b, r.c.DecryptSize())); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var slots [][]float64
	err = timed(&r.cost["release"].all, func() error {
		for _, sum := range sums {
			v, err := sum.Slots()
			if err != nil {
				return err
			}
			slots = append(slots, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.p.plan.Decode(slots)
}
