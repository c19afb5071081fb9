package mhe

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/he/hefloat"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
	"github.com/tuneinsight/lattigo/v5/schemes/ckks"
)

// Evaluator computes on ciphertexts. Every operation returns a new ciphertext and is a pure function of its operands and the keys: the same
// bits on every machine, whatever the number of goroutines. An Evaluator holds buffers (about 90 MB at LogN 15) and serves one goroutine;
// ShallowCopy makes one for another.
type Evaluator struct {
	c         *Context
	keys      *Keys
	low, high *hefloat.Evaluator // share the buffers
}

// NewEvaluator prepares the evaluation under a run's keys. Without keys (nil) everything works but multiplications and rotations.
func (c *Context) NewEvaluator(keys *Keys) *Evaluator {
	var set rlwe.EvaluationKeySet
	if keys != nil {
		set = keys.set
	}
	return c.evaluator(keys, hefloat.NewEvaluator(c.low, set))
}

func (c *Context) evaluator(keys *Keys, low *hefloat.Evaluator) *Evaluator {
	// The high evaluator differs in its parameters only, which the library keeps in the encoder. No vector is ever encoded through it, so
	// the encoder is built at 53 bits and its tables stay small; scalars do not pass through it.
	c.trim(keys, low)
	high := *low
	high.Encoder = ckks.NewEncoder(c.high.Parameters, 53)
	return &Evaluator{c: c, keys: keys, low: low, high: &high}
}

// trim gives back the part of the library's buffers that is for hoisted rotations at levels and gadgets this run has no keys for.
func (c *Context) trim(keys *Keys, e *hefloat.Evaluator) {
	top := 0
	if keys != nil {
		for _, l := range keys.rot {
			top = max(top, l)
		}
	}
	buf := []ringqp.Poly{e.BuffDecompQP[0]} // the first one serves every key switch, at any level
	for range c.digits(top) - 1 {
		buf = append(buf, c.ringQP(top).NewPoly())
	}
	e.BuffDecompQP = buf
}

// ShallowCopy returns an Evaluator with its own buffers and the same keys, for another goroutine.
func (e *Evaluator) ShallowCopy() *Evaluator {
	return e.c.evaluator(e.keys, e.low.ShallowCopy())
}

func (e *Evaluator) of(ct *Ciphertext) *hefloat.Evaluator {
	if ct.high {
		return e.high
	}
	return e.low
}

func (e *Evaluator) wrap(act string, like *Ciphertext, ct *rlwe.Ciphertext, err error) (*Ciphertext, error) {
	if err != nil {
		return nil, fmt.Errorf("%s at level %d: %w", act, like.Level(), err)
	}
	return &Ciphertext{c: e.c, ct: ct, high: like.high}, nil
}

// Rescale divides by the last prime (two at the high scale) and drops as many levels. It is the first operation on an input.
func (e *Evaluator) Rescale(ct *Ciphertext) (out *Ciphertext, err error) {
	defer guard("rescale", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	n := e.of(ct).GetParameters().LevelsConsumedPerRescaling()
	if ct.Level() < n {
		return nil, fmt.Errorf("rescale: level %d is too low", ct.Level())
	}
	r := ct.ct.CopyNew()
	return e.wrap("rescale", ct, r, e.of(ct).Rescale(r, r))
}

// DropLevel brings a ciphertext down to a level without touching its scale.
func (e *Evaluator) DropLevel(ct *Ciphertext, level int) (out *Ciphertext, err error) {
	defer guard("drop level", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	if level < 0 || level > ct.Level() {
		return nil, fmt.Errorf("drop level: from %d to %d", ct.Level(), level)
	}
	r := e.c.newCiphertext(level, ct.high)
	r.ct.Scale = ct.ct.Scale
	for i := range r.ct.Value {
		for j := range r.ct.Value[i].Coeffs {
			copy(r.ct.Value[i].Coeffs[j], ct.ct.Value[i].Coeffs[j])
		}
	}
	return r, nil
}

// sameScale refuses sums of operands whose scales differ by more than 2^−40 of their size: the library would multiply the smaller one by an
// integer, silently and with a loss.
func sameScale(act string, a, b *Ciphertext) error {
	if a.high != b.high {
		return fmt.Errorf("%s: operands at the working and the high scale", act)
	}
	d := new(big.Float).Sub(&a.ct.Scale.Value, &b.ct.Scale.Value)
	if d.Sign() != 0 && a.ct.Scale.Value.MantExp(nil)-d.MantExp(nil) < 40 {
		return fmt.Errorf("%s: operands of different scales", act)
	}
	return nil
}

// Add returns a + b at the lower of the two levels.
func (e *Evaluator) Add(a, b *Ciphertext) (out *Ciphertext, err error) {
	return e.linear("add", a, b, false)
}

// Sub returns a − b at the lower of the two levels.
func (e *Evaluator) Sub(a, b *Ciphertext) (out *Ciphertext, err error) {
	return e.linear("subtract", a, b, true)
}

// linear works on the residues: scales that agree to 40 bits are taken as equal (the relative error is below 2^−40, twenty bits under the
// resolution of a bit), and the result carries the scale of a.
func (e *Evaluator) linear(act string, a, b *Ciphertext, sub bool) (out *Ciphertext, err error) {
	defer guard(act, &err)
	if a, b, err = load(a, b); err != nil {
		return nil, err
	}
	if err := sameScale(act, a, b); err != nil {
		return nil, err
	}
	level := min(a.Level(), b.Level())
	out = e.c.newCiphertext(level, a.high)
	out.ct.Scale = a.ct.Scale
	r := e.c.ringQ(level)
	for i := range out.ct.Value {
		if sub {
			r.Sub(a.ct.Value[i], b.ct.Value[i], out.ct.Value[i])
		} else {
			r.Add(a.ct.Value[i], b.ct.Value[i], out.ct.Value[i])
		}
	}
	return out, nil
}

// AddConst returns ct + num/den in every slot, den a power of two up to 2^20: exactly encoded up to half a unit of the scale.
func (e *Evaluator) AddConst(ct *Ciphertext, num, den int64) (out *Ciphertext, err error) {
	defer guard("add constant", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	if den < 1 || den > 1<<20 || den&(den-1) != 0 {
		return nil, errors.New("add constant: the denominator must be a power of two up to 2^20")
	}
	v := new(big.Float).SetPrec(128).SetInt64(num)
	v.Quo(v, new(big.Float).SetInt64(den))
	r := ct.ct.CopyNew()
	return e.wrap("add constant", ct, r, e.of(ct).Add(r, v, r))
}

// MulConst returns k·ct; it takes no level.
func (e *Evaluator) MulConst(ct *Ciphertext, k int64) (out *Ciphertext, err error) {
	defer guard("multiply by integer", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	r := ct.ct.CopyNew()
	return e.wrap("multiply by integer", ct, r, e.of(ct).Mul(r, big.NewInt(k), r))
}

// Mul returns a·b, relinearised and rescaled: one level lower (two at the high scale) than the lower of the two.
func (e *Evaluator) Mul(a, b *Ciphertext) (out *Ciphertext, err error) {
	defer guard("multiply", &err)
	if a, b, err = load(a, b); err != nil {
		return nil, err
	}
	switch {
	case e.keys == nil:
		return nil, fmt.Errorf("multiply: %w", ErrKeyMissing)
	case a.high != b.high:
		return nil, errors.New("multiply: operands at the working and the high scale")
	case min(a.Level(), b.Level()) > e.c.relinLevel():
		return nil, errors.New("multiply: an input must be rescaled first")
	}
	r, err := e.of(a).MulRelinNew(a.ct, b.ct)
	if err != nil {
		return e.wrap("multiply", a, nil, err)
	}
	return e.wrap("multiply", a, r, e.of(a).Rescale(r, r))
}

// Rotate returns ct with every slot moved by steps to the left.
func (e *Evaluator) Rotate(ct *Ciphertext, steps int) (out *Ciphertext, err error) {
	defer guard("rotate", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	if e.keys == nil {
		return nil, fmt.Errorf("rotate: %w", ErrKeyMissing)
	}
	if err := e.keys.Check(steps, ct.Level()); err != nil {
		return nil, err
	}
	r, err := e.of(ct).RotateNew(ct.ct, steps)
	return e.wrap("rotate", ct, r, err)
}

// RotateMany rotates by several steps and decomposes the ciphertext once: the results, in the order of steps, hold the values of Rotate (their noise may differ, so a plan uses one of the two).
func (e *Evaluator) RotateMany(ct *Ciphertext, steps []int) (out []*Ciphertext, err error) {
	defer guard("rotate", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	if e.keys == nil {
		return nil, fmt.Errorf("rotate: %w", ErrKeyMissing)
	}
	for _, s := range steps {
		if err := e.keys.Check(s, ct.Level()); err != nil {
			return nil, err
		}
	}
	m, err := e.of(ct).RotateHoistedNew(ct.ct, steps)
	if err != nil {
		return nil, fmt.Errorf("rotate at level %d: %w", ct.Level(), err)
	}
	for _, s := range steps {
		out = append(out, &Ciphertext{c: e.c, ct: m[s], high: ct.high})
	}
	return out, nil
}

// Evaluate returns p(ct) for slots in [−1, 1], at exactly the working scale (the high scale for a high ciphertext), p.Depth() rescalings lower.
func (e *Evaluator) Evaluate(ct *Ciphertext, p *Polynomial) (out *Ciphertext, err error) {
	defer guard("evaluate polynomial", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	params := e.c.params(ct.high)
	need := p.Depth() * params.LevelsConsumedPerRescaling()
	switch {
	case e.keys == nil:
		return nil, fmt.Errorf("evaluate polynomial: %w", ErrKeyMissing)
	case ct.Level() > e.c.relinLevel():
		return nil, errors.New("evaluate polynomial: an input must be rescaled first")
	case ct.Level() < need:
		return nil, fmt.Errorf("evaluate polynomial of degree %d: level %d, needs %d", p.Degree(), ct.Level(), need)
	}
	r, err := hefloat.NewPolynomialEvaluator(params, e.of(ct)).Evaluate(ct.ct, p.p, params.DefaultScale())
	return e.wrap("evaluate polynomial", ct, r, err)
}

// Normalise brings a ciphertext whose scale has drifted (a product's scale is a²/q) back to exactly the working or high scale, so that it can
// be added to others. It takes one level, two at the high scale.
func (e *Evaluator) Normalise(ct *Ciphertext) (out *Ciphertext, err error) {
	defer guard("normalise", &err)
	if ct, err = ct.Load(); err != nil {
		return nil, err
	}
	n := e.of(ct).GetParameters().LevelsConsumedPerRescaling()
	if ct.Level() < n {
		return nil, fmt.Errorf("normalise: level %d is too low", ct.Level())
	}
	target := e.c.params(ct.high).DefaultScale()
	factor := target.Div(ct.ct.Scale)
	for i := range n {
		factor = factor.Mul(rlwe.NewScale(e.c.set.Q[ct.Level()-i]))
	}
	k := factor.BigInt()
	if k.BitLen() < 40 {
		return nil, errors.New("normalise: the scale is too large")
	}
	r := ct.ct.CopyNew()
	if err := e.of(ct).Mul(r, k, r); err != nil {
		return e.wrap("normalise", ct, nil, err)
	}
	if err := e.of(ct).Rescale(r, r); err != nil {
		return e.wrap("normalise", ct, nil, err)
	}
	r.Scale = target // off by the rounding of the factor: at most 2^−40 of the values, 2^−46 at scales near the working one
	return &Ciphertext{c: e.c, ct: r, high: ct.high}, nil
}
