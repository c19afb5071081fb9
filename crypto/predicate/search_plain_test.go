package predicate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// plainSearch evaluates a search on the sums of the encoded slots without encryption, with an exact sign, and
// holds every slot that enters a sign to the range and the gap that its polynomials are chosen for.
func plainSearch(t interface{ Fatalf(string, ...any) }, p *Plan, r *run) [][]float64 {
	s := p.search
	input := func(column, k int) []float64 {
		sum := make([]float64, p.set.Slots())
		for j := range p.payers {
			v, err := p.Encode(j, column*s.inputs()+k, r.num[j], r.den[j])
			if err != nil {
				t.Fatalf("%v", err)
			}
			for i, x := range v {
				if math.Abs(x) > 2 {
					t.Fatalf("input %d: a payer's part leaves [−2, 2]", k)
				}
				sum[i] += x
			}
		}
		return sum
	}
	sign := func(what string, x float64, tr *track) float64 {
		span := chains[tr.sign.chain].spans[tr.sign.from]
		if math.Abs(x) > 1-1.0/1024 || math.Abs(x) < 1/float64(span) {
			t.Fatalf("%s: a slot leaves its range or enters the gap: %v of span %d", what, x, span)
		}
		if x > 0 {
			return 1
		}
		return 0
	}
	lanes := func(v []float64) []float64 {
		out := make([]float64, len(v))
		for i := range v {
			for l := range s.lanes {
				out[i] += v[(i+l*s.stride)%len(v)]
			}
		}
		return out
	}
	var out [][]float64
	for column := range s.columns {
		from, to := s.cellsOf(column, len(p.cells))
		test, value := input(column, 0), make([]float64, p.set.Slots())
		for pass := range s.passes {
			worth, move := make([]float64, len(test)), make([]float64, len(test))
			if pass < s.passes-1 {
				if !s.weights {
					unit := input(column, 1)
					for i, x := range unit {
						g := s.shapes[0].steps
						worth[i], move[i] = x*float64(g[pass].gains[0]), x*float64(g[pass].gains[0]-g[pass+1].gains[0])
					}
				} else if s.lanes == 1 {
					worth, move = input(column, 1+pass), input(column, 2+pass) // gains of this pass and the next
					for i := range move {
						move[i] = worth[i] - move[i]
					}
				} else {
					worth, move = input(column, 1+2*pass), input(column, 2+2*pass)
				}
			}
			bits := make([]float64, len(test))
			for i, x := range test {
				bits[i] = sign("test", x*float64(s.factors[pass]), &s.find[pass])
				worth[i] *= bits[i]
				if lane, cell := i/s.stride, from+i%s.stride; lane < s.asked && cell < to {
					bits[i] *= float64(s.shapes[p.shape[cell]].steps[pass].gains[lane])
				} else {
					bits[i] = 0
				}
			}
			off := lanes(worth)
			for i, x := range lanes(bits) {
				value[i] += x
				test[i] += move[i] - off[i]
			}
		}
		count := make([]float64, len(test))
		for g := range s.gates {
			for i, x := range input(column, 1+s.units()+g) {
				count[i] += sign("gate", x, &s.gate[g])
			}
		}
		for i, n := range lanes(count) {
			value[i] = (value[i] + 1) * sign("count", (n-float64(s.rules)+0.5)/float64(int64(1)<<s.shift)*(1-1.0/512), &s.count)
		}
		out = append(out, value)
	}
	return out
}

// TestSearchEqualsTextbook: for 3 to 15 payers, measures of several ranges, any number of lanes and any
// radix, with one column and with two.
func TestSearchEqualsTextbook(t *testing.T) {
	tried := 0
	rapid.Check(t, func(t *rapid.T) {
		payers := rapid.IntRange(3, 15).Draw(t, "payers")
		profiles := []profile{qualityRate(2500 / int64(payers)), priceLike(3000/int64(payers), 200, 1, 7, 40), priceLike(900, 800/int64(payers), 3, 2, 100)}
		r := draw(t, payers, 30, profiles[:rapid.IntRange(1, 3).Draw(t, "measures")]...)
		p, err := NewPlan(r.cells, payers, true)
		if err != nil {
			t.Fatal(err)
		}
		lanes := 1 << rapid.IntRange(0, 6).Draw(t, "lanes")
		q := *p
		q.search, err = newSearch(p, p.set.Slots()/lanes, rapid.IntRange(1, min(lanes, 20)).Draw(t, "asked"))
		if err != nil {
			t.Fatal(err)
		}
		tried++
		got, err := q.Decode(plainSearch(t, &q, r))
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range q.Oracle(r.num, r.den) {
			if got[i] != v || r.want[i] != v {
				t.Fatalf("%v: cell %d: got %v, oracle %v, want %v", q.search, i, got[i], v, r.want[i])
			}
		}
	})
	t.Logf("%d searches", tried)
}
