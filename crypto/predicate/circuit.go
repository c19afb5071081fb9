package predicate

import (
	"context"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// circuit evaluates one ciphertext at a time. Its operations do nothing once one has failed or the context
// has ended, so that the circuit below reads as arithmetic; err is looked at in the end. One goroutine.
type circuit struct {
	*Evaluation
	ctx context.Context
	ops *mhe.Evaluator
	err error
}

// do runs one operation unless something has failed before.
func (c *circuit) do(op func() (*mhe.Ciphertext, error)) *mhe.Ciphertext {
	if c.err == nil {
		c.err = context.Cause(c.ctx)
	}
	if c.err != nil {
		return nil
	}
	out, err := op()
	c.err = err
	return out
}

// take loads a ciphertext that waited; nobody else needs it.
func (c *circuit) take(ct *mhe.Ciphertext) *mhe.Ciphertext {
	out := c.do(ct.Load)
	ct.Free()
	return out
}

// park lets a ciphertext wait.
func (c *circuit) park(ct *mhe.Ciphertext) *mhe.Ciphertext {
	return c.do(func() (*mhe.Ciphertext, error) { return c.spill.Park(ct) })
}

// ask lets a ciphertext wait for its refresh, for which everybody will want its hash.
func (c *circuit) ask(ct *mhe.Ciphertext) *mhe.Ciphertext {
	if ct == nil {
		return nil
	}
	ct.Hash()
	return c.park(ct)
}

func (c *circuit) add(a, b *mhe.Ciphertext) *mhe.Ciphertext {
	return c.do(func() (*mhe.Ciphertext, error) { return c.ops.Add(a, b) })
}

func (c *circuit) mul(a, b *mhe.Ciphertext) *mhe.Ciphertext {
	return c.do(func() (*mhe.Ciphertext, error) { return c.ops.Mul(a, b) })
}

func (c *circuit) rotate(a *mhe.Ciphertext, by int) *mhe.Ciphertext {
	return c.do(func() (*mhe.Ciphertext, error) { return c.ops.Rotate(a, by) })
}

func (c *circuit) drop(a *mhe.Ciphertext, level int) *mhe.Ciphertext {
	return c.do(func() (*mhe.Ciphertext, error) { return c.ops.DropLevel(a, level) })
}

// affine is a·x + num/den.
func (c *circuit) affine(a int64, x *mhe.Ciphertext, num, den int64) *mhe.Ciphertext {
	if a != 1 {
		x = c.do(func() (*mhe.Ciphertext, error) { return c.ops.MulConst(x, a) })
	}
	return c.do(func() (*mhe.Ciphertext, error) { return c.ops.AddConst(x, num, den) })
}

func (c *circuit) polynomial(p *mhe.Polynomial, x *mhe.Ciphertext) *mhe.Ciphertext {
	return c.do(func() (*mhe.Ciphertext, error) { return c.ops.Evaluate(x, p) })
}

// segment is one stage at the working scale; input says that ct is a fresh input, at the input scale.
func (c *circuit) segment(s segment, ct *mhe.Ciphertext, input bool) *mhe.Ciphertext {
	if input {
		ct = c.do(func() (*mhe.Ciphertext, error) { return c.ops.Rescale(ct) })
	}
	ct = c.drop(ct, s.start)
	for i := s.from; i < s.to; i++ {
		ct = c.polynomial(c.sign.parts[i], ct)
		if i == len(c.sign.parts)-1 {
			ct = c.affine(1, ct, 1, 2)
		}
	}
	if s.gates {
		ct = c.gates(ct, s.end, c.plan.levels.early)
	}
	return ct
}

// gates adds to the bits the product of their window, at homeSlot. Elsewhere that product vanishes: every
// other run of bits contains a guard. The sum stays a vector of bits, so one refresh and one cleaning serve
// both. early joins the late factors too.
func (c *circuit) gates(bits *mhe.Ciphertext, end int, early bool) *mhe.Ciphertext {
	g := bits
	for _, by := range windowRotations {
		g = c.mul(g, c.rotate(g, by))
	}
	g = c.rotate(g, windowStart)
	if early {
		t := c.add(bits, c.rotate(bits, 1))
		near := c.rotate(c.mul(t, c.rotate(t, pairStep)), nearPair)
		g = c.mul(g, c.mul(near, c.rotate(t, farPair)))
	}
	bits, g = c.drop(bits, end), c.drop(g, end)
	// Four squarings leave the product's scale 2^−22 off; the cleaning takes the fourth power of that.
	g = c.do(func() (*mhe.Ciphertext, error) { return c.ops.AtScaleOf(g, bits) })
	return c.add(bits, g)
}

// finish is the last stage, at the high scale: clean the bits, join the late factors, and multiply the gates
// with the masked sum of the block.
func (c *circuit) finish(ct *mhe.Ciphertext) *mhe.Ciphertext {
	l := &c.plan.levels
	bits := c.affine(1, c.polynomial(c.clean, c.affine(2, c.drop(ct, l.clean), -1, 1)), 1, 2)
	t := c.add(bits, c.rotate(bits, 1))
	gates := bits
	if !l.early {
		near := c.rotate(c.mul(t, c.rotate(t, pairStep)), nearPair)
		gates = c.mul(c.mul(gates, c.rotate(t, farPair)), near)
	}
	sum := c.drop(t, l.masked())
	for by := 2; by < BlockSlots; by <<= 1 {
		sum = c.add(sum, c.rotate(sum, by))
	}
	sum = c.affine(1, sum, int64(1-constantBits), 1)
	sum = c.do(func() (*mhe.Ciphertext, error) { return c.ops.MulMask(sum, c.mask) })
	return c.drop(c.mul(sum, gates), l.result)
}
