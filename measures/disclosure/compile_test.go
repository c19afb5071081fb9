package disclosure

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
)

func spec(kind measures.Type, profile string, r measures.Release) *measures.Spec {
	r.Profile = profile
	return &measures.Spec{
		ID: "t-one", Version: "1.0.0", Title: "Test", Type: kind, Direction: measures.Higher, Grain: "county", Inputs: []string{"t"}, SQL: "x",
		Cap: measures.Cap{Num: 1000, Den: 1000}, Release: r, Rationale: "r", Source: "s", Licence: "l",
	}
}

var percent = measures.Release{Unit: "percent", Scale: measures.Scale{Num: 100, Den: 1}, Step: 1, Range: [2]int64{0, 100}}

// textbook evaluates the table of 5-measures word for word on the payers'
// parts, with fractions cross-multiplied and no form in sight.
func textbook(p Profile, s *measures.Spec, num, den []int64) (released bool, value int64) {
	var sumNum, sumDen, contributors int64
	for i := range den {
		sumNum, sumDen = sumNum+num[i], sumDen+den[i]
		if den[i] >= 1 {
			contributors++
		}
	}
	if contributors < p.MinContributors || sumDen < p.MinDen || sumDen < s.Release.MinDen {
		return false, 0
	}
	for i := range den {
		if 100*den[i] > p.MaxSharePercent*sumDen || sumDen-den[i] < p.MinResidual {
			return false, 0
		}
	}
	if p.ExactTotals && s.Type == measures.Proportion {
		for i := range den {
			if sumNum-num[i] < p.MinNumerator || (sumDen-den[i])-(sumNum-num[i]) < p.MinComplement {
				return false, 0
			}
		}
	} else if s.Type == measures.Proportion {
		if sumNum != 0 && sumNum < p.MinNumerator || sumDen-sumNum != 0 && sumDen-sumNum < p.MinComplement {
			return false, 0
		}
	}
	// Half up by search: the largest v with v − ½ ≤ scale·num/den.
	var v int64
	for 2*s.Release.Scale.Num*sumNum >= (2*v+1)*s.Release.Scale.Den*sumDen {
		v++
	}
	v *= s.Release.Step
	lo, hi := s.Release.Range[0], s.Release.Range[1]
	if s.Release.Unit == "percent" && (p.PercentLo > 0 || p.PercentHi < 100) {
		lo, hi = p.PercentLo, p.PercentHi
	}
	return true, min(max(v, lo), hi)
}

// evaluate runs a compiled program in plain integers.
func evaluate(prog Program, num, den []int64) (released bool, value int64) {
	var f Form
	for i := range den {
		f.Num, f.Den = f.Num+num[i], f.Den+den[i]
		if den[i] >= 1 {
			f.Has++
		}
	}
	holds := func(r Rule, own, ownNum int64) bool {
		met := 0
		for _, g := range r.AnyOf {
			if g.Num*f.Num+g.Den*f.Den+g.Has*f.Has+g.Own*own+g.OwnNum*ownNum+g.Const >= 0 {
				met++
			}
		}
		if met > 1 {
			panic("the forms of " + r.Name + " do not exclude each other")
		}
		return met == 1
	}
	for _, r := range prog.Rules {
		if !r.PerPayer && !holds(r, 0, 0) {
			return false, 0
		}
		for i := range den {
			if r.PerPayer && !holds(r, den[i], num[i]) {
				return false, 0
			}
		}
	}
	v := (2*prog.ScaleNum*f.Num + prog.ScaleDen*f.Den) / (2 * prog.ScaleDen * f.Den)
	return true, min(max(v, prog.Lo), prog.Hi) * prog.Step
}

// TestCompileAgainstTextbook compares on cells near every limit. The residual
// rule is in the textbook and not in the program: that is the proof, tested.
func TestCompileAgainstTextbook(t *testing.T) {
	strict := QualityRate()
	strict.Name, strict.MinContributors, strict.MaxSharePercent, strict.MinDen, strict.MinNumerator = "strict", 4, 37, 41, 13
	cases := []struct {
		p Profile
		s *measures.Spec
	}{
		{QualityRate(), spec(measures.Proportion, "quality-rate", percent)},
		{withTotals(), spec(measures.Proportion, "totals", percent)},
		{strict, spec(measures.Proportion, "strict", measures.Release{Unit: "percent", Scale: measures.Scale{Num: 20, Den: 1}, Step: 5, Range: [2]int64{0, 100}, MinDen: 35})},
		{QualityRate(), spec(measures.Ratio, "quality-rate", measures.Release{Unit: "tenths of a day", Scale: measures.Scale{Num: 10, Den: 1}, Step: 1, Range: [2]int64{0, 100}})},
		{QualityRate(), spec(measures.Rate, "quality-rate", measures.Release{Unit: "per 100 member-years", Scale: measures.Scale{Num: 1200, Den: 1}, Step: 1, Range: [2]int64{0, 100}, MinDen: 60})},
		{PriceLike(), spec(measures.PMPM, "price-like", measures.Release{Unit: "dollars", Scale: measures.Scale{Num: 1, Den: 2}, Step: 20, Range: [2]int64{0, 1000}, MinDen: 60})},
	}
	for _, c := range cases {
		prog, err := Compile(c.p, c.s)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		seen := map[bool]int{}
		for range 60_000 {
			n := 1 + rng.IntN(10)
			num, den := make([]int64, n), make([]int64, n)
			for i := range den {
				den[i] = rng.Int64N(12 + 6*int64(rng.IntN(4)))
				if rng.IntN(4) == 0 {
					den[i] = rng.Int64N(3)
				}
				num[i] = den[i]
				if rate := rng.IntN(5); rate > 0 {
					num[i] = rng.Int64N(den[i]*int64(rate)/4 + 1)
				}
			}
			gotOK, got := evaluate(prog, num, den)
			wantOK, want := textbook(c.p, c.s, num, den)
			if gotOK != wantOK || got != want {
				t.Fatalf("%s: num %v den %v: program %v %d, textbook %v %d", c.s.Type, num, den, gotOK, got, wantOK, want)
			}
			seen[gotOK]++
		}
		if seen[true] < 1000 || seen[false] < 1000 {
			t.Errorf("%s: too one-sided to mean anything: %v", c.s.Type, seen)
		}
	}
}

func TestCompileForms(t *testing.T) {
	prog, err := Compile(QualityRate(), spec(measures.Proportion, "quality-rate", percent))
	if err != nil {
		t.Fatal(err)
	}
	if prog.Lo != 5 || prog.Hi != 95 || !prog.Coded || prog.Bound(5) != "le" || prog.Bound(95) != "ge" || prog.Bound(6) != "" || prog.CapDen != 1000 {
		t.Errorf("%+v", prog)
	}
	if share := prog.Rules[1]; !share.PerPayer || share.AnyOf[0] != (Form{Den: 3, Own: -5}) {
		t.Errorf("%+v", share)
	}
	for _, r := range prog.Rules {
		for _, f := range r.AnyOf {
			if (f.Own != 0 || f.OwnNum != 0) != r.PerPayer {
				t.Errorf("%s: own part and per-payer disagree", r.Name)
			}
		}
	}
	price, err := Compile(PriceLike(), spec(measures.PMPM, "price-like", measures.Release{Unit: "dollars", Scale: measures.Scale{Num: 1, Den: 2}, Step: 20, Range: [2]int64{0, 1000}, MinDen: 600}))
	if err != nil {
		t.Fatal(err)
	}
	if len(price.Rules) != 3 || price.Lo != 0 || price.Hi != 50 || price.Coded || price.Bound(0) != "" || price.Rules[2].AnyOf[0].Const != -600 {
		t.Errorf("%+v", price)
	}
}

func TestCompileRefuses(t *testing.T) {
	dollars := measures.Release{Unit: "dollars", Scale: measures.Scale{Num: 1, Den: 1}, Step: 1, Range: [2]int64{0, 100}}
	residual := QualityRate()
	residual.MinResidual = 13
	loose := QualityRate()
	loose.MinContributors = 2
	step := percent
	step.Step, step.Scale.Num = 2, 50
	above := percent
	above.Range = [2]int64{96, 100}
	for _, c := range []struct {
		p    Profile
		s    *measures.Spec
		want string
	}{
		{residual, spec(measures.Proportion, "quality-rate", percent), "leaves no more than 60/5 without the largest payer, below the residual of 13"},
		{loose, spec(measures.Proportion, "quality-rate", percent), "min_contributors is 2, but the floor of quality-rate requires at least 3"},
		{QualityRate(), spec(measures.Proportion, "price-like", percent), "asks for profile price-like"},
		{QualityRate(), spec(measures.PMPM, "quality-rate", dollars), "needs a profile of class price-like"},
		{PriceLike(), spec(measures.Proportion, "price-like", percent), "a proportion needs min_numerator"},
		{QualityRate(), spec(measures.Proportion, "quality-rate", step), "5…95 is not divisible by the step 2"},
		{QualityRate(), spec(measures.Proportion, "quality-rate", above), "no two values in common"},
		{QualityRate(), spec("odd", "quality-rate", dollars), "type"},
	} {
		if _, err := Compile(c.p, c.s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v\n  want %s", err, c.want)
		}
	}
	residual.MinDen = 33 // 2·33 ≥ 5·13
	if _, err := Compile(residual, spec(measures.Proportion, "quality-rate", percent)); err != nil {
		t.Error(err)
	}
}

// TestCompileBenchmark: the same rules and values, and what is released of them.
func TestCompileBenchmark(t *testing.T) {
	s := spec(measures.Proportion, "quality-rate", measures.Release{Unit: "percent", Scale: measures.Scale{Num: 100, Den: 1}, Step: 1, Range: [2]int64{0, 100}})
	plain, err := Compile(QualityRate(), s)
	if err != nil || plain.Benchmark != nil {
		t.Fatal(err)
	}
	s.Release.Kind, s.Direction = measures.BenchmarkOnly, measures.Lower
	p := QualityRate()
	p.MinBenchmarkPractices = 12
	only, err := Compile(p, s)
	if err != nil || only.Benchmark == nil || *only.Benchmark != (Benchmark{MinPractices: 12, Lower: true}) {
		t.Fatalf("%+v, %v", only.Benchmark, err)
	}
	only.Benchmark = nil
	if !reflect.DeepEqual(only, plain) {
		t.Errorf("a benchmark-only measure has other rules: %+v", only)
	}
}
