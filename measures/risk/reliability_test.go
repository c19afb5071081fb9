package risk

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestReliability: simulated practices of known variances; the components come out near them, and the line is where reliability passes 0.70.
func TestReliability(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	sum := make([]int64, ComponentElements)
	for range 5 {
		var cells []Cell
		for range 400 {
			p := 0.6 + 0.1*r.NormFloat64()
			c := Cell{Den: int64(20 + r.IntN(200))}
			for range c.Den {
				if r.Float64() < p {
					c.Num++
				}
			}
			cells = append(cells, c)
		}
		v, err := ComponentVector(append(cells, Cell{}))
		if err != nil {
			t.Fatal(err)
		}
		add(sum, v)
	}
	c, err := ReadComponents(sum)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := c.Between.Float64()
	w, _ := c.Within.Float64()
	if math.Abs(b-0.01) > 0.001 || math.Abs(w-0.23) > 0.005 {
		t.Errorf("between %.5f, within %.5f", b, w)
	}
	line, ok := c.Line()
	if limit := big.NewRat(7, 10); !ok || c.Reliability(line).Cmp(limit) < 0 || c.Reliability(line-1).Cmp(limit) >= 0 {
		t.Errorf("the line is %d", line)
	}
	if _, ok := (Components{new(big.Rat), big.NewRat(1, 5)}).Line(); ok {
		t.Error("a line without differences between practices")
	}
	if _, err := ComponentVector([]Cell{{5, 4}}); err == nil {
		t.Error("a numerator above its denominator")
	}
}

func BenchmarkSolve300(b *testing.B) {
	s := Default()
	s.Categories = nil
	for i := range 272 {
		c := string(rune('A'+i/26)) + string(rune('A'+i%26)) + "0"
		s.Categories = append(s.Categories, Category{c, c, c, c, "A00", 1})
	}
	l, err := NewLayout(s)
	if err != nil {
		b.Fatal(err)
	}
	sum, err := l.Equations(population(rand.New(rand.NewPCG(9, 9)), s, 30000))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := l.Solve(sum); err != nil {
			b.Fatal(err)
		}
	}
}
