package predicate

import (
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"testing"
)

// problem makes equal cells.
type problem struct {
	count  int
	prefix string
}

func (p problem) cells(f profile) []Cell {
	out := make([]Cell, p.count)
	for i := range out {
		out[i] = f.cell(fmt.Sprintf("%s/practice-%d", p.prefix, i))
	}
	return out
}

// released is the value that gives a profile's cell of 1,000 people over all payers exactly this rate, passing every rule.
func (r *run) released(f profile, payers int, percent int64) {
	r.add(f, payers, 10*percent, 1000)
}

// failed is a cell one person short of the smallest denominator.
func (r *run) failed(f profile, payers int) { r.add(f, payers, 15, f.minDen-1) }

func (r *run) add(f profile, payers int, num, den int64) {
	if r.num == nil {
		r.num, r.den = make([][]int64, payers), make([][]int64, payers)
	}
	n := int64(payers)
	for j := range n {
		d := den/n + min(1, max(0, den%n-j))
		x := min(d, (num+n-1-j)/n)
		r.num[j], r.den[j] = append(r.num[j], x), append(r.den[j], d)
	}
	r.cells = append(r.cells, f.cell(fmt.Sprintf("practice-%d", len(r.cells))))
}

// values are what the cells added hold, by first principles.
func (r *run) values(f profile) []Value {
	var out []Value
	for i := range r.cells {
		num, den := make([]int64, len(r.num)), make([]int64, len(r.num))
		for j := range r.num {
			num[j], den[j] = r.num[j][i], r.den[j][i]
		}
		out = append(out, f.textbook(num, den))
	}
	return out
}

// nearestRank is the definition in words: the smallest value that at least p percent of the values do not exceed (of mirrored values
// when the smaller is the better).
func nearestRank(values []Value, p int64, lower bool) Value {
	var v []int64
	for _, x := range values {
		if x.Released {
			v = append(v, x.Steps)
		}
	}
	sign := int64(1)
	if lower {
		sign = -1
	}
	best, found := int64(0), false
	for _, x := range v {
		n := 0
		for _, y := range v {
			if sign*y <= sign*x {
				n++
			}
		}
		if int64(100*n) >= p*int64(len(v)) && (!found || sign*x < sign*best) {
			best, found = x, true
		}
	}
	return Value{found, best}
}

// wanted are the percentiles that must come out.
func wanted(values []Value, b Benchmark) []Value {
	passing := int64(0)
	for _, v := range values {
		if v.Released {
			passing++
		}
	}
	out := make([]Value, len(Percentiles))
	if passing < b.MinCells {
		return out
	}
	for i, p := range Percentiles {
		out[i] = nearestRank(values, p, b.Lower)
	}
	return out
}

// measured runs a plan end to end and holds its percentiles against want, the oracle against both, and every slot of what is opened
// that is not a percentile's against 0; at toy parameters without the flooding, so that nothing hides in it.
func (r *run) measured(t *testing.T, p *Plan, want []Value) {
	t.Helper()
	if got := p.Oracle(r.num, r.den); !slices.Equal(got, want) {
		t.Fatalf("the oracle says %v, want %v", got, want)
	}
	n := newNetwork(t, p)
	inputs := n.contribute(r.num, r.den, nil)
	debug.FreeOSMemory()
	result, _ := n.evaluate(inputs)
	slots := n.open(result)
	rates := 0
	if p.parts.rates != nil {
		rates = p.parts.rates.Results()
	}
	if len(slots) != rates+p.parts.ranked.groups() {
		t.Fatalf("%d results", len(slots))
	}
	worst := 0.0
	for g, v := range slots[rates:] {
		limit := tolerance
		if p.Set().Insecure {
			var err error
			if v, err = n.c.Rehearse(n.parties, result[rates+g]); err != nil { // the same without the flooding
				t.Fatal(err)
			}
			limit = math.Exp2(-40)
		}
		for i, x := range v {
			off := math.Abs(x)
			if i%BlockSlots == homeSlot && i/BlockSlots < 4*(len(p.parts.benchmarks)-g*p.parts.ranked.perGroup()) {
				off = math.Abs(x - math.Round(x))
			}
			if worst = max(worst, off); off > limit {
				t.Fatalf("slot %d of result %d is %.12f", i, g, x)
			}
		}
	}
	t.Logf("no slot is further than 2^%.1f from what it must be", math.Log2(worst))
	got, err := p.Decode(slots)
	must(t, err)
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// TestBenchmarks runs adversarial rosters under lattices: values on both sides of every rank, none, one too few and just enough cells
// that pass, all equal, the ends of the range, cells over several ciphertexts, two measures in one, 3 and 5 payers.
func TestBenchmarks(t *testing.T) {
	f := qualityRate(500)
	cases := []struct {
		name   string
		lower  bool
		rates  []int64 // 0: a cell that fails
		enough int64
	}{
		{"ranks", false, []int64{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21}, 10}, // P25 at rank 3 exactly, P90 at 10.8
		{"lower", true, []int64{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21}, 10},
		{"ties", false, []int64{10, 10, 10, 40, 40, 40, 40, 40, 40, 80, 80, 80, 0}, 10},
		{"beside", true, []int64{10, 10, 0, 40, 40, 40, 0, 40, 40, 80, 80, 80, 80}, 10},
		{"equal", false, []int64{50, 50, 50, 50, 50, 50, 50, 50, 50, 50}, 10},
		{"ends", true, []int64{1, 2, 3, 4, 97, 98, 99, 99, 96, 97, 2}, 10},
		{"enough", false, []int64{0, 20, 30, 40, 50, 60, 70, 80, 90, 0, 25, 35}, 10},
		{"too few", true, []int64{0, 20, 30, 40, 50, 60, 70, 80, 90, 0, 25, 0}, 10},
		{"nothing", false, make([]int64, 11), 10},
		{"one", true, []int64{0, 0, 33, 0}, 1},
	}
	for _, payers := range []int{3, 5} {
		t.Run(name(payers), func(t *testing.T) {
			r := &run{}
			var list []Benchmark
			var want []Value
			for i, c := range cases {
				if payers == 5 && i%3 != 1 {
					continue
				}
				from := len(r.cells)
				for _, x := range c.rates {
					if x == 0 {
						r.failed(f, payers)
					} else {
						r.released(f, payers, x)
					}
				}
				b := Benchmark{Name: name(c.name, i), From: from, To: len(r.cells), Lower: c.lower, MinCells: c.enough}
				list = append(list, b)
				want = append(want, wanted(r.values(f)[from:], b)...)
			}
			p, err := NewPlanWith(r.cells, list, payers, true)
			must(t, err)
			if payers == 5 { // with the precision that the largest roster needs
				p.parts.ranked.span = withMargin(rankOf(90, true).spread(32768))
				must(t, p.parts.ranked.plan())
			}
			r.measured(t, p, want)
		})
	}
}

// TestBenchmarksBesideRates: cells of other measures before, between and after, released by themselves, in both strategies and both
// precisions.
func TestBenchmarksBesideRates(t *testing.T) {
	for _, tc := range []struct {
		set string
		cap int64
	}{{"toy", 900}, {"toy-wide", 50000}} {
		t.Run(tc.set, func(t *testing.T) {
			f, g := qualityRate(tc.cap), priceLike(3*tc.cap, tc.cap/3, 1, 7, 40)
			r := example(3, 60, 1, f, g) // cells of the two take turns
			order := make([]int, 0, 60)
			for i := range 10 {
				order = append(order, 2*i) // by themselves
			}
			for i := range 20 {
				order = append(order, 20+2*i) // benchmark of f
			}
			for i := range 30 {
				order = append(order, 1+2*i) // ten by themselves, then the benchmark of g
			}
			s := &run{cells: pick(r.cells, order), want: pick(r.want, order)}
			for j := range r.num {
				s.num, s.den = append(s.num, pick(r.num[j], order)), append(s.den, pick(r.den[j], order))
			}
			list := []Benchmark{{Name: "f", From: 10, To: 30, MinCells: 3}, {Name: "g", From: 40, To: 60, MinCells: 3, Lower: true}}
			want := slices.Concat(s.want[:10], wanted(s.want[10:30], list[0]), s.want[30:40], wanted(s.want[40:], list[1]))
			p, err := NewPlanWith(s.cells, list, 3, true)
			must(t, err)
			if p.Set().Name != tc.set {
				t.Fatalf("set %s: adjust the cap", p.Set().Name)
			}
			s.measured(t, p, want)
		})
	}
}

// TestBenchmarkAt128Bits is a benchmark over two ciphertexts and one in what is left of the second, at the real parameters.
func TestBenchmarkAt128Bits(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real rings: about two minutes")
	}
	f := qualityRate(1800)
	r := example(3, 320, 5, f)
	list := []Benchmark{{Name: "large", From: 0, To: 300, MinCells: 10}, {Name: "small", From: 300, To: 320, MinCells: 10, Lower: true}}
	p, err := NewPlanWith(r.cells, list, 3, false)
	must(t, err)
	if p.Set().Name != "standard" || p.Ciphertexts() != 2 {
		t.Fatalf("adjust the cap\n%s", p.Describe())
	}
	want := append(wanted(r.want[:300], list[0]), wanted(r.want[300:], list[1])...)
	t.Logf("%v\n%s", want, p.Describe())
	r.measured(t, p, want)
	t.Log(peak())
}
