package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
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
	p       *problem
	c       *mhe.Context
	ref     mhe.Reference
	parties []*mhe.Party
	dir     string // for objects that would not all fit in memory
	say     func(format string, a ...any)

	cost       map[string]*cost
	evaluation time.Duration // processor time inside Evaluation
	buf        bytes.Buffer  // the object on its way
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

// timed runs f and adds its processor time to d.
func timed(d *time.Duration, f func() error) error {
	begin, _ := usage()
	err := f()
	end, _ := usage()
	*d += end - begin
	return err
}

// share makes one payer's object into w.
func (r *run) share(step string, w io.Writer, f func(io.Writer) error) error {
	c := r.cost[step]
	n := &counter{w: w}
	if err := timed(&c.own, func() error { return f(n) }); err != nil {
		return err
	}
	c.sent += n.n
	return nil
}

// exchange makes all payers' objects of one aggregate, one after the other, and adds each.
func (r *run) exchange(step string, make func(i int, p *mhe.Party, w io.Writer) error, add func(io.Reader) error) error {
	for i, p := range r.parties {
		r.buf.Reset()
		if err := r.share(step, &r.buf, func(w io.Writer) error { return make(i, p, w) }); err != nil {
			return err
		}
		if err := timed(&r.cost[step].all, func() error { return add(bytes.NewReader(r.buf.Bytes())) }); err != nil {
			return err
		}
	}
	return nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// values runs everything and returns what the recipients read.
func (r *run) values(ctx context.Context) ([]predicate.Value, error) {
	dir, err := os.MkdirTemp("", "tacet-bench-")
	if err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(dir)
	r.dir = dir
	defer func() {
		for _, p := range r.parties {
			p.Erase()
		}
	}()
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

func (r *run) keys(ctx context.Context) (*mhe.Keys, error) {
	rot := r.p.plan.Rotations()
	for range r.p.plan.Payers() {
		p, err := r.c.NewParty(r.ref, rot)
		if err != nil {
			return nil, err
		}
		r.parties = append(r.parties, p)
	}
	k := r.c.NewKeySum(r.ref, rot)
	if err := r.exchange("keys-1", func(_ int, p *mhe.Party, w io.Writer) error { return p.KeyRoundOne(w) }, k.AddRoundOne); err != nil {
		return nil, err
	}
	r.say("keys-1 added up")
	// every payer answers on the sum of round one, which the first answer added destroys
	var answers []*os.File
	defer func() {
		for _, f := range answers {
			f.Close()
		}
	}()
	for _, p := range r.parties {
		f, err := os.CreateTemp(r.dir, "keys-2-")
		if err != nil {
			return nil, err
		}
		answers = append(answers, f)
		if err := r.share("keys-2", f, func(w io.Writer) error { return p.KeyRoundTwo(k, w) }); err != nil {
			return nil, err
		}
	}
	var keys *mhe.Keys
	err := timed(&r.cost["keys-2"].all, func() error {
		for _, f := range answers {
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return err
			}
			if err := k.AddRoundTwo(f); err != nil {
				return err
			}
		}
		var err error
		keys, err = k.Keys()
		return err
	})
	r.buf = bytes.Buffer{}
	r.say("keys-2 added up")
	return keys, errors.Join(err, ctx.Err())
}

func (r *run) inputs(ctx context.Context) ([]*mhe.Ciphertext, error) {
	n := r.p.plan.Ciphertexts()
	sum := r.c.NewInputSum(r.ref, n)
	for i := range n {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := r.exchange("input", func(j int, p *mhe.Party, w io.Writer) error {
			slots, err := r.p.plan.Encode(j, i, r.p.num[j], r.p.den[j])
			if err != nil {
				return err
			}
			return p.Input(i, slots, w)
		}, func(b io.Reader) error { return sum.Add(i, b) })
		if err != nil {
			return nil, err
		}
	}
	r.say("%d inputs of each payer", n)
	var cts []*mhe.Ciphertext
	err := timed(&r.cost["input"].all, func() (err error) { cts, err = sum.Ciphertexts(); return err })
	return cts, err
}

func (r *run) evaluate(ctx context.Context, keys *mhe.Keys, inputs []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	e, err := predicate.NewEvaluation(r.c, r.p.plan, keys, inputs)
	if err != nil {
		return nil, err
	}
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
		refreshed = nil
		for i, q := range st.Refresh {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			sum := r.c.NewRefreshSum(r.ref, q)
			if err := r.exchange("refresh", func(_ int, p *mhe.Party, w io.Writer) error { return p.Refresh(q, w) }, sum.Add); err != nil {
				return nil, err
			}
			var ct *mhe.Ciphertext
			if err := timed(&r.cost["refresh"].all, func() (err error) { ct, err = sum.Finish(); return err }); err != nil {
				return nil, err
			}
			refreshed = append(refreshed, ct)
			st.Refresh[i].Ciphertext = nil
		}
		r.say("stage %d of %d evaluated and refreshed", stage, len(r.p.plan.Stages()))
	}
}

func (r *run) open(ctx context.Context, result []*mhe.Ciphertext) ([]predicate.Value, error) {
	var slots [][]float64
	for i, ct := range result {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		sum := r.c.NewDecryptSum(ct)
		if err := r.exchange("release", func(_ int, p *mhe.Party, w io.Writer) error { return p.Decrypt(i, ct, w) }, sum.Add); err != nil {
			return nil, err
		}
		if err := timed(&r.cost["release"].all, func() error {
			v, err := sum.Slots()
			slots = append(slots, v)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return r.p.plan.Decode(slots)
}
