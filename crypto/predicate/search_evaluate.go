package predicate

import (
	"context"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// searching is the state of a search's evaluation between its stages, for every column.
type searching struct {
	s      *search
	stages [][]work
	polys  map[*track][]*mhe.Polynomial
	cols   []columnState
}

// columnState is what a column keeps. All ciphertexts but next are at the level of their next use.
type columnState struct {
	gains []*mhe.Ciphertext // of every pass but the last, at the level of their product with the bits
	moves []*mhe.Ciphertext // what leads from the test of a pass to that of the next if no bit is true
	test  *mhe.Ciphertext   // of the present pass
	bits  []*mhe.Ciphertext // of the passes done
	count []*mhe.Ciphertext // bits of the gates, by ciphertext, until they are counted
	gate  *mhe.Ciphertext   // the bit of all gates
}

func newSearching(s *search) (*searching, error) {
	w := &searching{s: s, stages: s.stages(), polys: map[*track][]*mhe.Polynomial{}, cols: make([]columnState, s.columns)}
	tracks := []*track{&s.count}
	for i := range s.find {
		tracks = append(tracks, &s.find[i])
	}
	for i := range s.gate {
		tracks = append(tracks, &s.gate[i])
	}
	for _, t := range tracks {
		p, err := t.sign.polynomials()
		if err != nil {
			return nil, err
		}
		w.polys[t] = p
	}
	for i := range w.cols {
		w.cols[i] = columnState{bits: make([]*mhe.Ciphertext, s.passes), count: make([]*mhe.Ciphertext, s.gates)}
	}
	return w, nil
}

// run evaluates one stage; operands are the inputs or what was refreshed. It returns what to refresh next, or the results.
func (w *searching) run(e *Evaluation, ctx context.Context, operands []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	if e.stage == len(w.stages) {
		return w.finish(e, ctx, operands)
	}
	if e.stage == 0 {
		var err error
		if operands, err = w.begin(e, ctx, operands); err != nil {
			return nil, err
		}
	}
	todo := w.stages[e.stage]
	out := make([]*mhe.Ciphertext, len(todo))
	err := e.parallel(ctx, len(todo), func(c *circuit, i int) {
		ct := operands[i]
		operands[i] = nil
		out[i] = w.segment(c, todo[i], ct)
	})
	if err != nil {
		return nil, err
	}
	return w.collect(e, ctx, todo, out)
}

// begin rescales the inputs and sets aside those that no polynomial takes.
func (w *searching) begin(e *Evaluation, ctx context.Context, inputs []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	s, low := w.s, e.plan.set.RefreshLevel(e.plan.payers, false)
	n := s.inputs()
	scaled := make([]*mhe.Ciphertext, len(inputs))
	err := e.parallel(ctx, len(inputs), func(c *circuit, i int) {
		in := c.take(inputs[i])
		ct := c.do(func() (*mhe.Ciphertext, error) { return c.ops.Rescale(in) })
		inputs[i] = nil
		if k := i % n; k > 0 && k <= s.units() {
			ct = c.drop(ct, low+1)
		}
		scaled[i] = c.park(ct)
	})
	if err != nil {
		return nil, err
	}
	for _, t := range w.stages[0] {
		in := scaled[t.column*n : (t.column+1)*n]
		if t.kind == gating {
			inputs = append(inputs, in[1+s.units()+t.index])
			continue
		}
		inputs = append(inputs, in[0])
		if err := w.setUnits(&circuit{Evaluation: e, ctx: ctx, ops: e.c.NewEvaluator(nil)}, &w.cols[t.column], in[1:1+s.units()]); err != nil {
			return nil, err
		}
	}
	return inputs[len(scaled):], nil
}

// setUnits derives a column's gains and moves from its units.
func (w *searching) setUnits(c *circuit, col *columnState, units []*mhe.Ciphertext) error {
	s := w.s
	for i, u := range units {
		units[i] = c.take(u)
	}
	times := func(k int64) *mhe.Ciphertext {
		return c.do(func() (*mhe.Ciphertext, error) { return c.ops.MulConst(units[0], k) })
	}
	for j := range s.passes - 1 {
		var gain, move *mhe.Ciphertext
		switch {
		case !s.weights: // all cells are like the first shape
			steps := s.shapes[0].steps
			gain, move = times(steps[j].gains[0]), times(steps[j].gains[0]-steps[j+1].gains[0])
		case s.lanes == 1:
			gain = units[j]
			move = c.do(func() (*mhe.Ciphertext, error) { return c.ops.Sub(units[j], units[j+1]) })
		default:
			gain, move = units[2*j], units[2*j+1]
		}
		col.gains, col.moves = append(col.gains, c.park(gain)), append(col.moves, c.park(move))
	}
	return c.err
}

// segment takes a ciphertext through one segment of its track.
func (w *searching) segment(c *circuit, t work, ct *mhe.Ciphertext) *mhe.Ciphertext {
	s, track := w.s, w.s.track(t)
	seg, parts, col := track.segments[t.at], w.polys[track], &w.cols[t.column]
	ct = c.drop(c.take(ct), seg.start)
	if t.kind == finding && t.at == 0 {
		col.test = nil
		if track.factor {
			col.test = c.park(c.drop(ct, track.end()))
		}
		if f := s.factors[t.index]; f != 1 {
			ct = c.do(func() (*mhe.Ciphertext, error) { return c.ops.MulConst(ct, f) })
		}
	}
	for i := seg.from; i < seg.to; i++ {
		if track.factor && i == len(parts)-1 {
			ct = c.do(func() (*mhe.Ciphertext, error) { return c.ops.EvaluateFactor(ct, parts[i]) })
		} else {
			ct = c.polynomial(parts[i], ct)
		}
	}
	if !s.lastSegment(t) {
		return c.ask(ct)
	}
	if t.kind == gating {
		return c.park(ct)
	}
	bits := c.affine(1, ct, 1, 2)
	if t.kind == counting {
		col.gate = c.ask(bits)
		return nil
	}
	col.bits[t.index] = c.ask(c.drop(bits, c.plan.set.RefreshLevel(c.plan.payers, true)))
	if !track.factor {
		return nil
	}
	// The next test: what the true bits are worth comes off, and every lane moves to its next position.
	off := w.lanes(c, c.mul(bits, c.drop(c.take(col.gains[t.index]), bits.Level())))
	next := c.add(c.take(col.test), c.drop(c.take(col.moves[t.index]), track.end()))
	return c.ask(c.do(func() (*mhe.Ciphertext, error) { return c.ops.Sub(next, off) }))
}

// lanes adds up the lanes of a ciphertext: each lane then holds the sum.
func (w *searching) lanes(c *circuit, ct *mhe.Ciphertext) *mhe.Ciphertext {
	for by := w.s.stride; by < w.s.stride*w.s.lanes; by <<= 1 {
		ct = c.add(ct, c.rotate(ct, by))
	}
	return ct
}

// collect keeps the bits of gates until they can be counted, and lists what the next stage needs refreshed.
func (w *searching) collect(e *Evaluation, ctx context.Context, todo []work, out []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	s := w.s
	for i, t := range todo {
		if t.kind == gating && s.lastSegment(t) {
			w.cols[t.column].count[t.index], out[i] = out[i], nil
		}
	}
	counts := make([]*mhe.Ciphertext, s.columns)
	if e.stage == s.counted() {
		err := e.parallel(ctx, s.columns, func(c *circuit, i int) {
			bits := w.cols[i].count
			sum := c.take(bits[0])
			for _, b := range bits[1:] {
				sum = c.add(sum, c.take(b))
			}
			w.cols[i].count = nil
			counts[i] = c.ask(c.affine(1, w.lanes(c, sum), int64(s.gates*s.lanes-2*s.rules+1), int64(2)<<s.shift))
		})
		if err != nil {
			return nil, err
		}
	}
	var next []*mhe.Ciphertext
	for c := range s.columns {
		if e.stage == len(w.stages)-1 {
			col := &w.cols[c]
			next = append(append(next, col.bits...), col.gate)
			continue
		}
		for i, t := range todo {
			if t.column == c && out[i] != nil {
				next = append(next, out[i])
			}
		}
		if counts[c] != nil {
			next = append(next, counts[c])
		}
	}
	return next, nil
}

// finish is the last stage, at the high scale: clean all bits, weight them with their gains, and multiply
// their sum plus 1 with the gate.
func (w *searching) finish(e *Evaluation, ctx context.Context, bits []*mhe.Ciphertext) ([]*mhe.Ciphertext, error) {
	s, n, at := w.s, w.s.passes+1, w.s.combined(e.plan.set)
	err := e.parallel(ctx, len(bits), func(c *circuit, i int) {
		ct := c.affine(1, c.polynomial(c.clean, c.affine(2, c.drop(c.take(bits[i]), s.clean), -1, 1)), 1, 2)
		switch column, pass := i/n, i%n; {
		case pass == s.passes:
		case s.weights:
			ct = c.do(func() (*mhe.Ciphertext, error) {
				m, err := w.mask(e, column, pass)
				if err != nil {
					return nil, err
				}
				return c.ops.MulMask(ct, m)
			})
		default:
			ct = c.do(func() (*mhe.Ciphertext, error) { return c.ops.MulConst(ct, s.shapes[0].steps[pass].gains[0]) })
		}
		bits[i] = c.park(c.drop(ct, at))
	})
	if err != nil {
		return nil, err
	}
	out := make([]*mhe.Ciphertext, s.columns)
	err = e.parallel(ctx, s.columns, func(c *circuit, i int) {
		all := bits[i*n : (i+1)*n]
		sum := c.take(all[0])
		for _, b := range all[1 : n-1] {
			sum = c.add(sum, c.take(b))
		}
		out[i] = c.mul(c.affine(1, w.lanes(c, sum), 1, 1), c.take(all[n-1]))
	})
	return out, err
}

// mask encodes the gains of a column and pass. Each is used once, so none is kept.
func (w *searching) mask(e *Evaluation, column, pass int) (*mhe.Mask, error) {
	s := w.s
	from, to := s.cellsOf(column, len(e.plan.cells))
	v := make([]int64, e.plan.set.Slots())
	for lane := range s.asked {
		for cell := from; cell < to; cell++ {
			v[lane*s.stride+cell-from] = s.shapes[e.plan.shape[cell]].steps[pass].gains[lane]
		}
	}
	return e.c.NewMask(v, s.clean-highPrimes*cleanDepth, true)
}
