package predicate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// What a plan with benchmarks is: its parts put together.

func (t *parts) inputs() (rates, ranked int) {
	if t.rates != nil {
		rates = t.rates.Ciphertexts()
	}
	return rates, t.ranked.in.blockCiphertexts()
}

func (t *parts) ciphertexts() int {
	a, b := t.inputs()
	return a + b
}

func (t *parts) results() int {
	if t.rates != nil {
		return t.rates.Results() + t.ranked.groups()
	}
	return t.ranked.groups()
}

// delays is by how many stages each part begins later, so that both end together.
func (t *parts) delays() (rates, ranked int) {
	if t.rates == nil {
		return 0, 0
	}
	a, b := len(t.rates.Stages()), len(t.ranked.stageShapes())
	return max(b-a, 0), max(a-b, 0)
}

func (t *parts) stageShapes() []StageShape {
	out := t.ranked.stageShapes()
	if t.rates == nil {
		return out
	}
	rates := t.rates.Stages()
	late, behind := t.delays()
	rates = append(make([]StageShape, late), rates...)
	out = append(make([]StageShape, behind), out...)
	for i := range out {
		out[i].Refreshes += rates[i].Refreshes
		out[i].High = out[i].High || rates[i].High // the last one is, of both
	}
	return out
}

func (t *parts) rotations() []mhe.Rotation {
	need := t.ranked.rotations()
	if t.rates != nil {
		for _, r := range t.rates.Rotations() {
			need[r.Steps] = max(need[r.Steps], r.Level)
		}
	}
	return rotationList(need)
}

// tally adds the work of both; they share keys and rounds.
func (t *parts) tally() *tally {
	out := t.ranked.tally()
	if t.rates != nil {
		more := t.rates.tally()
		out.micros += more.micros
		out.inputs += more.inputs
		out.refreshes += more.refreshes
		out.high += more.high
		out.results += more.results
		out.rounds = max(out.rounds, more.rounds)
		out.rotations = t.rotations()
	}
	return out
}

// encode gives a payer's slots; the inputs of rates come first.
func (t *parts) encode(payer, ciphertext int, num, den []int64) []float64 {
	rates, _ := t.inputs()
	if ciphertext < rates {
		return t.rates.encode(payer, ciphertext, pick(num, t.rateAt), pick(den, t.rateAt))
	}
	return t.ranked.in.encode(payer, ciphertext-rates, pick(num, t.rankedAt), pick(den, t.rankedAt))
}

// merge puts the values of both parts into the order of Figures.
func (p *Plan) merge(rates, benchmarks []Value) []Value {
	var out []Value
	for _, f := range p.Figures() {
		from := &rates
		if f.Cell < 0 {
			from = &benchmarks
		}
		out, *from = append(out, (*from)[0]), (*from)[1:]
	}
	return out
}

// oracle computes the values of all cells and the percentiles from them, in the order of Figures.
func (t *parts) oracle(p *Plan, cells []Value) []Value {
	var benchmarks []Value
	for i := range t.benchmarks {
		b := &t.benchmarks[i]
		benchmarks = append(benchmarks, b.percentiles(cells[b.From:b.To])...)
	}
	return p.merge(pick(cells, t.rateAt), benchmarks)
}

func (t *parts) decode(p *Plan, slots [][]float64) ([]Value, error) {
	var rates []Value
	n := 0
	if t.rates != nil {
		var err error
		n = t.rates.Results()
		if rates, err = t.rates.Decode(slots[:n]); err != nil {
			return nil, err
		}
	}
	benchmarks, err := t.ranked.decode(slots[n:])
	if err != nil {
		return nil, fmt.Errorf("decode benchmarks: %w", err)
	}
	return p.merge(rates, benchmarks), nil
}

// appendTo appends what the parts are to the bytes that Plan.Hash hashes.
func (t *parts) appendTo(b []byte) []byte {
	b = appendString(b, "benchmarks/v1")
	if t.rates != nil {
		h := t.rates.Hash()
		b = append(b, h[:]...)
	}
	b = appendInts(b, int64(len(t.benchmarks)))
	for _, x := range t.benchmarks {
		lower := int64(0)
		if x.Lower {
			lower = 1
		}
		b = appendString(b, x.Name)
		b = appendInts(b, int64(x.From), int64(x.To), lower, x.MinCells)
	}
	b = appendInts(b, t.ranked.span, int64(t.ranked.sum), int64(t.ranked.clean))
	return appendTracks(b, t.ranked.bits, t.ranked.ranks)
}

func (t *parts) describe(b *strings.Builder) {
	if t.rates != nil {
		fmt.Fprintf(b, "released by themselves: %d cells\n", len(t.rateAt))
		t.rates.describeCircuit(b)
	}
	r := t.ranked
	fmt.Fprintf(b, "released as benchmarks only: %d cells in %d ciphertexts, percentiles of %d measures, sums compared in %.2f bits\n", len(t.rankedAt), r.in.blockCiphertexts(), len(t.benchmarks), bitsOf(r.span))
	describeTrack(b, "tests of all cells", &r.bits)
	fmt.Fprintf(b, "  gates, cleaning, sums over cells: levels %d→%d\n", r.sum, r.low())
	describeTrack(b, "ranks", &r.ranks)
	for _, x := range t.benchmarks {
		order := "from the smallest value up"
		if x.Lower {
			order = "from the largest value down"
		}
		fmt.Fprintf(b, "  %s: P25, P50, P75, P90 by nearest rank %s over %d cells, suppressed when fewer than %d pass their rules\n", x.Name, order, x.To-x.From, x.MinCells)
	}
}

// rotationList sorts rotations by steps.
func rotationList(need map[int]int) []mhe.Rotation {
	out := make([]mhe.Rotation, 0, len(need))
	for by, level := range need {
		out = append(out, mhe.Rotation{Steps: by, Level: level})
	}
	slices.SortFunc(out, func(a, b mhe.Rotation) int { return a.Steps - b.Steps })
	return out
}
