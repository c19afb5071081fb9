package disclosure

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
)

// withTotals is quality-rate with exact totals.
func withTotals() Profile {
	p := QualityRate()
	p.Name, p.ExactTotals, p.MinTotalPractices = "totals", true, 3
	return p
}

func TestTotalsFloor(t *testing.T) {
	for want, change := range map[string]func(*Profile){
		"class quality-rate alone":  func(p *Profile) { *p = PriceLike(); p.Totals = Totals{true, 3} },
		"requires 3 to 32768":       func(p *Profile) { p.MinTotalPractices = 2 },
		"it allows no exact totals": func(p *Profile) { p.ExactTotals = false },
	} {
		p := withTotals()
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		if change(&p); p.Validate() == nil || !strings.Contains(p.Validate().Error(), want) {
			t.Errorf("%v, want %s", p.Validate(), want)
		}
	}
	p := withTotals()
	old := QualityRate()
	old.Name = p.Name
	if Stricter(p, old) != old || Stricter(old, p) != old || Stricter(p, p) != p {
		t.Error("a profile that begins to allow totals is looser")
	}
	q := p
	q.MinTotalPractices = 7
	if Stricter(p, q) != q || Stricter(q, p) != q {
		t.Error("more practices are stricter")
	}
}

func TestAllowsTotals(t *testing.T) {
	good := func() *measures.Spec { return spec(measures.Proportion, "totals", percent) }
	if err := withTotals().AllowsTotals(good()); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*measures.Spec){
		"no proportion in percent": func(s *measures.Spec) { s.Type = measures.Ratio },
		"is no proportion":         func(s *measures.Spec) { s.Release.Unit = "per 100" },
		"benchmark only":           func(s *measures.Spec) { s.Release.Kind = measures.BenchmarkOnly },
		"is by dual":               func(s *measures.Spec) { s.Stratify = "dual" },
	} {
		s := good()
		change(s)
		if err := withTotals().AllowsTotals(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := QualityRate().AllowsTotals(good()); err == nil {
		t.Error("the default profile allows totals")
	}
	// Where no total can be made, the cells keep their rules.
	s := good()
	s.Release.Kind = measures.BenchmarkOnly
	prog, err := Compile(withTotals(), s)
	if err != nil || len(prog.Rules) != 5 || prog.Rules[3].Name != "numerator" {
		t.Errorf("%+v %v", prog.Rules, err)
	}
}

// TestRulesAddUp: every rule that single practices pass is passed by their sum, with the margin of all of them; and what is left of it without any one payer is
// never a small number.
func TestRulesAddUp(t *testing.T) {
	p := withTotals()
	prog, err := Compile(p, spec(measures.Proportion, "totals", percent))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	sums, alone := 0, 0
	for range 4000 {
		n := 3 + rng.IntN(6)
		num, den := make([]int64, n), make([]int64, n)
		shown := int64(0)
		for range 3 + rng.IntN(5) {
			a, b := make([]int64, n), make([]int64, n)
			for i := range a {
				if rng.IntN(4) > 0 {
					b[i] = rng.Int64N(60)
					a[i] = rng.Int64N(b[i] + 1)
				}
			}
			if ok, _ := evaluate(prog, a, b); !ok {
				continue
			}
			shown++
			for i := range a {
				num[i], den[i] = num[i]+a[i], den[i]+b[i]
			}
		}
		if shown == 0 {
			continue
		}
		if shown == 1 {
			alone++
		}
		sums++
		if ok, _ := textbook(p, spec(measures.Proportion, "totals", percent), num, den); !ok {
			t.Fatalf("num %v den %v: shown practices, and not their sum", num, den)
		}
		var sumNum, sumDen int64
		for i := range den {
			sumNum, sumDen = sumNum+num[i], sumDen+den[i]
		}
		for i := range den {
			if sumNum-num[i] < shown*p.MinNumerator || (sumDen-den[i])-(sumNum-num[i]) < shown*p.MinComplement || sumDen < shown*p.MinDen {
				t.Fatalf("num %v den %v: %d practices leave less than their rules without payer %d", num, den, shown, i)
			}
		}
	}
	if sums < 1000 || alone < 10 {
		t.Errorf("%d sums, %d of one practice: too few to mean anything", sums, alone)
	}
}
