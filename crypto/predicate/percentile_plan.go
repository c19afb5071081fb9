package predicate

import (
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// parts is a run with benchmarks: the cells that are released by themselves, as a plan of their own, and the cells of which
// percentiles alone are released. Both are evaluated side by side and end with the same stage, so that their last refreshes, those
// into the high scale, are one round.
type parts struct {
	benchmarks []Benchmark
	rates      *Plan // nil: every cell belongs to a benchmark
	rateAt     []int // cells of rates, by their place in the whole plan
	ranked     *ranked
	rankedAt   []int
}

// NewPlanWith is NewPlan for a run of which some cells release benchmarks only.
func NewPlanWith(cells []Cell, benchmarks []Benchmark, payers int, toy bool) (*Plan, error) {
	if len(benchmarks) == 0 {
		return NewPlan(cells, payers, toy)
	}
	if err := checkBenchmarks(cells, benchmarks); err != nil {
		return nil, err
	}
	p, _, err := compilePlan(cells, payers, setNames(toy))
	if err != nil {
		return nil, err
	}
	p.parts = &parts{benchmarks: slices.Clone(benchmarks)}
	for i := range cells {
		if p.benchmarkAt(i) < 0 {
			p.parts.rateAt = append(p.parts.rateAt, i)
		} else {
			p.parts.rankedAt = append(p.parts.rankedAt, i)
		}
	}
	// Both parts live in one parameter set: the first that carries both.
	for _, name := range p.names {
		if err = p.parts.plan(cells, payers, name); err == nil {
			p.set, err = mhe.Lookup(name)
			return p, err
		}
	}
	return nil, err
}

func (t *parts) plan(cells []Cell, payers int, set string) (err error) {
	if t.rates = nil; len(t.rateAt) > 0 {
		if t.rates, err = newPlan(Cheapest, pick(cells, t.rateAt), payers, []string{set}); err != nil {
			return err
		}
	}
	t.ranked, err = newRanked(pick(cells, t.rankedAt), t.benchmarks, payers, set)
	return err
}

// pick is the elements at the places given.
func pick[T any](v []T, at []int) []T {
	out := make([]T, len(at))
	for i, j := range at {
		out[i] = v[j]
	}
	return out
}

// ranked is the circuit of benchmarks: see doc.go, "Benchmarks".
type ranked struct {
	in         *Plan // cells in the direct layout; it has no schedule of its own
	benchmarks []Benchmark
	ranges     [][2]int // cells of each benchmark among those of in
	span       int64    // of the forms over sums
	bits       track    // signs of the cells' forms, room left for the product of the gates
	ranks      track    // signs of the forms over sums
	sum        int      // level at which the stage between the two starts
	clean      int      // level at which the last stage starts
}

// Depths of the stage that sums: the mask on gates, their product with the bits, the weights, the division by the span.
const summingDepth = 4

// gatesDepth is what the product of all gates takes after the bits.
const gatesDepth = windowDepth + joinDepth

// rankBits is the precision of the bits of the second sign; the last cleaning takes it to its fourth power.
const rankBits = 24

func newRanked(cells []Cell, benchmarks []Benchmark, payers int, set string) (*ranked, error) {
	in, worst, err := compilePlan(cells, payers, []string{set})
	if err != nil {
		return nil, err
	}
	if in.set, err = in.pickSet(worst); err != nil {
		return nil, err
	}
	if err := in.crowded(); err != nil {
		return nil, err
	}
	r := &ranked{in: in, benchmarks: benchmarks}
	if r.perGroup() == 0 {
		return nil, fmt.Errorf("parameter set %s has too few slots for the percentiles of a benchmark", set)
	}
	at := 0
	for i := range benchmarks {
		b := &benchmarks[i]
		n := b.To - b.From
		r.ranges = append(r.ranges, [2]int{at, at + n})
		at += n
		most := max(magnitude(-b.MinCells), magnitude(int64(n)-b.MinCells))
		for _, p := range Percentiles {
			most = max(most, rankOf(p, b.Lower).spread(int64(n)))
		}
		if r.span = max(r.span, withMargin(most)); r.span > maxRankSpan {
			return nil, fmt.Errorf("benchmark %q of %d cells: ranks among so many need %.2f bits, the circuit has %.2f; divide the roster", b.Name, n, bitsOf(r.span), bitsOf(maxRankSpan))
		}
	}
	return r, r.plan()
}

// plan picks the sign polynomials and the levels. What leaves the sums is off by less than a sixteenth of the gap.
func (r *ranked) plan() (err error) {
	set, payers := r.in.set, r.in.payers
	low, high := set.RefreshLevel(payers, false), set.RefreshLevel(payers, true)
	widest := int64(0)
	for _, b := range r.in.blocks {
		widest = max(widest, b.widest)
	}
	if r.bits, err = cheapestTrack(set, payers, widest, rankBits, true, 1, low+gatesDepth, false, true); err != nil {
		return err
	}
	if r.ranks, err = cheapestTrack(set, payers, r.span*17/16, rankBits, true, 1, high, false, true); err != nil {
		return err
	}
	r.sum = low + summingDepth + cleanDepth
	r.clean = r.masked() + highPrimes*cleanDepth
	if top := set.TopLevel(); r.sum > top || r.clean > top {
		return fmt.Errorf("parameter set %s: benchmarks need levels %d and %d, a refresh gives %d", set.Name, r.sum, r.clean, top)
	}
	return nil
}

// maxRankSpan is what division by the span has precision for: about 58,000 cells.
const maxRankSpan = 1 << 20

// masked is the level at which the last sum is masked.
func (r *ranked) masked() int { return r.in.set.DecryptLevel() + highPrimes*maskedDepth }

// low is the level of refreshes at the working scale.
func (r *ranked) low() int { return r.in.set.RefreshLevel(r.in.payers, false) }

// groups is the number of ciphertexts that carry forms over sums, and of results: a benchmark takes a block for each percentile.
func (r *ranked) groups() int { return (len(r.benchmarks) + r.perGroup() - 1) / r.perGroup() }

func (r *ranked) perGroup() int { return r.in.cellsPerCiphertext() / len(Percentiles) }

// homeOf is the slot that releases one percentile of a benchmark, in the result of its group.
func (r *ranked) homeOf(benchmark, percentile int) int {
	return (benchmark%r.perGroup()*len(Percentiles)+percentile)*BlockSlots + homeSlot
}

// touches lists the benchmarks that have cells in an input ciphertext.
func (r *ranked) touches(ciphertext int) (out []int) {
	from, to := r.in.cellsOf(ciphertext)
	for m, cells := range r.ranges {
		if cells[0] < to && from < cells[1] {
			out = append(out, m)
		}
	}
	return out
}

// stageShapes are the refresh rounds: the cells' signs, the sums, the signs over sums.
func (r *ranked) stageShapes() []StageShape {
	var out []StageShape
	for range r.bits.segments {
		out = append(out, StageShape{Refreshes: r.in.blockCiphertexts()})
	}
	for range len(r.ranks.segments) + 1 {
		out = append(out, StageShape{Refreshes: r.groups()})
	}
	out[len(out)-1].High = true
	return out
}

// rotations maps each rotation to the highest level it is used at. It follows percentile_evaluate.go operation by operation.
func (r *ranked) rotations() map[int]int {
	need := map[int]int{}
	use := func(by, level int) { need[by] = max(need[by], level) }
	low, slots := r.low(), r.in.set.Slots()
	bits := low + gatesDepth
	for i, by := range windowRotations {
		use(by, bits-i)
	}
	use(windowStart, bits-windowDepth)
	use(1, bits)
	use(farPair, bits)
	use(pairStep, bits)
	use(nearPair, bits-1)
	spread := low + summingDepth - 1
	use(slots-(BlockSlots-1), spread)
	for by := 1; by < BlockSlots; by <<= 1 {
		use(by, spread)
		use(by, r.masked())
	}
	for by := BlockSlots; by < slots; by <<= 1 {
		use(by, spread-1)
	}
	return need
}

// tally counts the work of one member.
func (r *ranked) tally() *tally {
	set, low, n := r.in.set, r.low(), r.in.blockCiphertexts()
	t := &tally{set: set, inputs: n, results: r.groups(), high: r.groups(), rounds: len(r.stageShapes()), rotations: rotationList(r.rotations())}
	for _, s := range r.stageShapes() {
		if !s.High {
			t.refreshes += s.Refreshes
		}
	}
	ct := r.bits.micros + 14*mulTime(low+gatesDepth-1) + polynomialTime(cleanDepth, r.sum, 1)
	pairs, shared := int64(0), int64(0)
	for i := range n {
		m := int64(len(r.touches(i)))
		if pairs += m; m > 1 {
			shared += m
		}
	}
	columns := int64(0)
	for by := BlockSlots; by < set.Slots(); by <<= 1 {
		columns++
	}
	group := r.ranks.micros + polynomialTime(cleanDepth, r.clean, highPrimes) + 8*mulTime(r.masked()) + 2*maskTime
	t.micros = int64(n)*ct + pairs*9*mulTime(low+summingDepth-1) + shared*maskTime + int64(len(r.benchmarks))*2*(columns*mulTime(low+2)+maskTime) + int64(r.groups())*group
	return t
}
