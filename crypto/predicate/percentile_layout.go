package predicate

import "math"

// gateMask is 1 at the home of every block of a benchmark's cells in an input ciphertext that it shares with others.
func (r *ranked) gateMask(ciphertext, benchmark int) []int64 {
	v := make([]int64, r.in.set.Slots())
	from, to := r.in.cellsOf(ciphertext)
	for b := range r.in.cellsPerCiphertext() {
		cell := from + b
		if cell < to && r.ranges[benchmark][0] <= cell && cell < r.ranges[benchmark][1] {
			v[b*BlockSlots+homeSlot] = 1
		}
	}
	return v
}

// thresholdsOf is the number of thresholds of a benchmark's cells.
func (r *ranked) thresholdsOf(benchmark int) int {
	return int(r.in.block(r.ranges[benchmark][0]).thresholds)
}

// weights are what the sums of a benchmark are multiplied by, in the blocks of its percentiles: 2F + 1 = Σ reach·a − pass·b + constants.
func (r *ranked) weights(benchmark int) (a, b []int64) {
	a, b = make([]int64, r.in.set.Slots()), make([]int64, r.in.set.Slots())
	for j, p := range Percentiles {
		home, k := r.homeOf(benchmark, j), rankOf(p, r.benchmarks[benchmark].Lower)
		b[home] = -2
		for _, at := range thresholdSlots[:r.thresholdsOf(benchmark)] {
			a[home-homeSlot+at], b[home-homeSlot+at] = 2*k.a, 2*k.b
		}
	}
	return a, b
}

// constants of the forms of a group, over span; a slot without a form is false.
func (r *ranked) constants(group int) []int64 {
	v := make([]int64, r.in.set.Slots())
	for i := range v {
		v[i] = -r.span / 2
	}
	for m := group * r.perGroup(); m < min((group+1)*r.perGroup(), len(r.benchmarks)); m++ {
		x := &r.benchmarks[m]
		for j, p := range Percentiles {
			home, k := r.homeOf(m, j), rankOf(p, x.Lower)
			v[home] = 1 - 2*x.MinCells
			for _, at := range thresholdSlots[:r.thresholdsOf(m)] {
				v[home-homeSlot+at] = 1 - 2*k.c
			}
		}
	}
	return v
}

// decode reads the opened results: the percentiles of every benchmark in order. Every slot is checked; the percentiles of a benchmark
// are all there or none, in order.
func (r *ranked) decode(slots [][]float64) ([]Value, error) {
	out := make([]Value, len(r.benchmarks)*len(Percentiles))
	at := make([]map[int]int, len(slots)) // slot → place in out
	for m := range r.benchmarks {
		g := m / r.perGroup()
		if at[g] == nil {
			at[g] = map[int]int{}
		}
		for j := range Percentiles {
			at[g][r.homeOf(m, j)] = m*len(Percentiles) + j
		}
	}
	for g, v := range slots {
		if len(v) != r.in.set.Slots() {
			return nil, errSlots(g, len(v), r.in.set.Slots())
		}
		for i, x := range v {
			place, used := at[g][i]
			if !used {
				if !(math.Abs(x) <= tolerance) { // also catches NaN
					return nil, ErrSpoiled
				}
				continue
			}
			m := place / len(Percentiles)
			whole := math.RoundToEven(x)
			if !(math.Abs(x-whole) <= tolerance) || whole < 0 || whole > float64(r.thresholdsOf(m)+1) {
				return nil, ErrSpoiled
			}
			if n := int64(whole); n > 0 {
				out[place] = Value{Released: true, Steps: r.in.cells[r.ranges[m][0]].Lo + n - 1}
			}
		}
	}
	for m, b := range r.benchmarks {
		four := out[m*len(Percentiles) : (m+1)*len(Percentiles)]
		for j := 1; j < len(four); j++ {
			x, y := four[j-1], four[j]
			if b.Lower {
				x, y = y, x
			}
			if x.Released != y.Released || x.Steps > y.Steps {
				return nil, ErrSpoiled
			}
		}
	}
	return out, nil
}
