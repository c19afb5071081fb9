package predicate

import (
	"context"
	"fmt"
	"sync"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// side is the evaluation of a run with benchmarks: its parts side by side, each with stages of its own.
type side struct {
	rates *Evaluation // nil if there are none
	rank  *ranking
	taken []int                // of the last stage, how many refreshes each part asked for: rates, ranked
	held  [2][]*mhe.Ciphertext // inputs of a part that begins later
}

// both evaluates one stage of the parts that have begun.
func (s *side) both(e *Evaluation, ctx context.Context, work []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	t := e.plan.parts
	late, behind := t.delays()
	first := work
	if e.stage == 0 {
		n, _ := t.inputs()
		s.held = [2][]*mhe.Ciphertext{work[:n:n], work[n:]}
	} else {
		first = work[:s.taken[0]]
		work = work[s.taken[0]:]
	}
	var out []*mhe.Ciphertext
	s.taken = []int{0, 0}
	if at := e.stage - late; t.rates != nil && at >= 0 {
		if at == 0 {
			s.rates.inputs, first, s.held[0] = s.held[0], nil, nil
		}
		st, err := s.rates.Next(ctx, first)
		if err != nil {
			return nil, err
		}
		for _, q := range st.Refresh {
			out = append(out, q.Ciphertext)
		}
		out = append(out, st.Result...)
		s.taken[0] = len(out)
	}
	if at := e.stage - behind; at >= 0 {
		if at == 0 {
			work, s.held[1] = s.held[1], nil
		}
		more, err := s.rank.run(ctx, at, work)
		if err != nil {
			return nil, fmt.Errorf("benchmarks: %w", err)
		}
		out, s.taken[1] = append(out, more...), len(more)
	}
	return out, nil
}

// ranking evaluates the circuit of benchmarks.
type ranking struct {
	e     *Evaluation // for its context, keys and cores
	r     *ranked
	bits  []*mhe.Polynomial
	ranks []*mhe.Polynomial
}

func newSide(e *Evaluation) (*side, error) {
	t := e.plan.parts
	s := &side{rank: &ranking{e: e, r: t.ranked}}
	var err error
	if s.rank.bits, err = t.ranked.bits.sign.polynomials(); err != nil {
		return nil, err
	}
	if s.rank.ranks, err = t.ranked.ranks.sign.polynomials(); err != nil {
		return nil, err
	}
	if t.rates != nil {
		n, _ := t.inputs()
		if s.rates, err = NewEvaluation(e.c, t.rates, e.keys, e.inputs[:n]); err != nil {
			return nil, err
		}
		s.rates.inputs = nil // held until the part begins
	}
	return s, nil
}

// run evaluates one stage, counted from the first of this part.
func (w *ranking) run(ctx context.Context, stage int, work []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	r := w.r
	cells := len(r.bits.segments)
	at := stage - cells - 1
	if at == -1 {
		return w.sums(ctx, work)
	}
	out := make([]*mhe.Ciphertext, len(work))
	var home *mhe.Mask
	if at == len(r.ranks.segments) {
		var err error
		if home, err = w.e.homeMask(r.masked(), true); err != nil {
			return nil, err
		}
	}
	err := w.e.parallel(ctx, len(work), func(c *circuit, i int) {
		ct := c.take(work[i])
		work[i] = nil
		switch {
		case at < 0:
			out[i] = w.segment(c, ct, &r.bits, w.bits, stage)
			if stage == cells-1 {
				out[i] = c.gates(out[i], r.low(), true)
			}
		case home == nil:
			out[i] = w.segment(c, ct, &r.ranks, w.ranks, at)
		default:
			out[i] = w.finish(c, ct, home)
			return
		}
		out[i] = c.ask(out[i])
	})
	return out, err
}

// segment is one segment of a track; the last one ends in bits.
func (w *ranking) segment(c *circuit, ct *mhe.Ciphertext, t *track, parts []*mhe.Polynomial, at int) *mhe.Ciphertext {
	if t == &w.r.bits && at == 0 {
		ct = c.do(func() (*mhe.Ciphertext, error) { return c.ops.Rescale(ct) })
	}
	s := t.segments[at]
	ct = c.drop(ct, s.start)
	for i := s.from; i < s.to; i++ {
		ct = c.polynomial(parts[i], ct)
	}
	if at == len(t.segments)-1 {
		ct = c.affine(1, ct, 1, 2)
	}
	return ct
}

// sums is the stage between the two signs: clean the bits, spread the product of each cell's gates over its block, multiply the bits
// with it, add up the cells of each benchmark, and put the forms over the sums into the blocks of the percentiles.
//
// A benchmark's sums live from its first ciphertext to its last, so few do at a time. Sums of residues are the same in any order.
func (w *ranking) sums(ctx context.Context, work []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	r, n := w.r, len(w.r.benchmarks)
	var mu sync.Mutex // guards what follows
	reach, pass, left := make([]*mhe.Ciphertext, n), make([]*mhe.Ciphertext, n), make([]int, n)
	plus, minus := make([]*mhe.Ciphertext, r.groups()), make([]*mhe.Ciphertext, r.groups())
	for i := range work {
		for _, m := range r.touches(i) {
			left[m]++
		}
	}
	err := w.e.parallel(ctx, len(work), func(c *circuit, i int) {
		ct := c.take(work[i])
		work[i] = nil
		bits := c.affine(1, c.polynomial(c.clean, c.affine(2, c.drop(ct, r.sum), -1, 1)), 1, 2)
		for _, m := range r.touches(i) {
			a, b := w.gated(c, bits, i, m)
			if c.err != nil {
				return
			}
			mu.Lock()
			c.addTo(&reach[m], a)
			c.addTo(&pass[m], b)
			left[m]--
			last := left[m] == 0
			mu.Unlock()
			if !last {
				continue
			}
			up, down := r.weights(m)
			a, b = c.masked(w.columns(c, reach[m]), up), c.masked(w.columns(c, pass[m]), down)
			reach[m], pass[m] = nil, nil // nobody else comes to m any more
			mu.Lock()
			c.addTo(&plus[m/r.perGroup()], a)
			c.addTo(&minus[m/r.perGroup()], b)
			mu.Unlock()
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([]*mhe.Ciphertext, r.groups())
	err = w.e.parallel(ctx, len(out), func(c *circuit, g int) {
		a := c.do(func() (*mhe.Ciphertext, error) { return c.ops.Shrink(plus[g], r.span) })
		b := c.do(func() (*mhe.Ciphertext, error) { return c.ops.Shrink(minus[g], r.span) })
		f := c.do(func() (*mhe.Ciphertext, error) { return c.ops.Sub(a, b) })
		out[g] = c.ask(c.do(func() (*mhe.Ciphertext, error) { return c.ops.AddVector(f, r.constants(g), r.span) }))
	})
	return out, err
}

// gated are the bits of one benchmark's cells in a ciphertext where the cell passes, and the gate of each cell in every slot of its
// block.
func (w *ranking) gated(c *circuit, bits *mhe.Ciphertext, ciphertext, benchmark int) (reach, pass *mhe.Ciphertext) {
	r := w.r
	var gate *mhe.Ciphertext
	if len(r.touches(ciphertext)) == 1 { // blocks without a cell have no gate that holds
		gate = c.do(func() (*mhe.Ciphertext, error) {
			m, err := w.e.homeMask(bits.Level(), false)
			if err != nil {
				return nil, err
			}
			return c.ops.MulMask(bits, m)
		})
	} else {
		gate = c.masked(bits, r.gateMask(ciphertext, benchmark))
	}
	gate = c.rotate(gate, r.in.set.Slots()-(BlockSlots-1))
	for by := 1; by < BlockSlots; by <<= 1 {
		gate = c.add(gate, c.rotate(gate, by))
	}
	reach = c.mul(bits, gate)
	return reach, c.drop(gate, r.low()+summingDepth-2)
}

// addTo adds to a sum that may not have begun.
func (c *circuit) addTo(sum **mhe.Ciphertext, ct *mhe.Ciphertext) {
	if *sum == nil {
		*sum = ct
	} else {
		*sum = c.add(*sum, ct)
	}
}

// columns adds up all blocks: every block then holds the sum.
func (w *ranking) columns(c *circuit, ct *mhe.Ciphertext) *mhe.Ciphertext {
	for by := BlockSlots; by < w.r.in.set.Slots(); by <<= 1 {
		ct = c.add(ct, c.rotate(ct, by))
	}
	return ct
}

// masked multiplies with a vector of integers.
func (c *circuit) masked(ct *mhe.Ciphertext, v []int64) *mhe.Ciphertext {
	return c.do(func() (*mhe.Ciphertext, error) {
		m, err := c.c.NewMask(v, ct.Level(), ct.High())
		if err != nil {
			return nil, err
		}
		return c.ops.MulMask(ct, m)
	})
}

// finish is the last stage, at the high scale. A block's home holds the bit of enough cells, its thresholds those of the percentile:
// home · Σ bits is 0, or the number of thresholds that the percentile reaches plus 1. Everything else is multiplied by 0.
func (w *ranking) finish(c *circuit, ct *mhe.Ciphertext, home *mhe.Mask) *mhe.Ciphertext {
	bits := c.affine(1, c.polynomial(c.clean, c.affine(2, c.drop(ct, w.r.clean), -1, 1)), 1, 2)
	sum := bits
	for by := 1; by < BlockSlots; by <<= 1 {
		sum = c.add(sum, c.rotate(sum, by))
	}
	sum = c.do(func() (*mhe.Ciphertext, error) { return c.ops.MulMask(sum, home) })
	return c.drop(c.mul(sum, bits), w.r.in.set.DecryptLevel())
}
