package predicate

import (
	"fmt"
	"math"
	"math/big"
	"testing"
)

// TestChains re-derives the tables of chain.go in 200-bit arithmetic: every tail of a chain separates the span
// stated for it with the error stated, and its first member leaves at most the next tail's span.
func TestChains(t *testing.T) {
	for i, c := range chains {
		m, err := chainCache[i]()
		must(t, err)
		degrees := ""
		for _, p := range m.parts {
			degrees += fmt.Sprint(" ", p.Degree())
			if _, ok := multiplications[p.Depth()]; !ok || p.Degree() != 1<<p.Depth()-1 {
				t.Errorf("%s: no cost known for degree %d", c.file, p.Degree())
			}
		}
		for from, span := range c.spans {
			whole := &composite{}
			whole.parts, err = separator{chain: i, from: from, to: len(m.parts), shift: 1}.polynomials()
			must(t, err)
			grid := spanGrid(span, 500)
			worst, largest := worstError(whole, grid)
			if worst > -float64(c.bits) || largest > 1.001 {
				t.Errorf("%s from %d: error of a bit 2^%.2f, members reach %v", c.file, from, worst, largest)
			}
			// a span 64 times as wide must be too much, or the table understates
			if wide, _ := worstError(whole, spanGrid(64*span, 1)); wide < -float64(c.bits) {
				t.Errorf("%s from %d: separates 64 times its span as well", c.file, from)
			}
			if from == 0 {
				t.Logf("%s: degrees%s, error of a bit 2^%.2f", c.file, degrees, worst)
			}
			if from < len(c.spans)-1 {
				least := 1.0
				for _, x := range grid {
					f, _ := m.parts[from].At(x).Float64()
					least = math.Min(least, f)
				}
				if least*float64(c.spans[from+1]) > 1.2 || least*float64(c.spans[from+1]+1) < 0.99 {
					t.Errorf("%s: member %d leaves 1/%v, the table says %d", c.file, from, 1/least, c.spans[from+1])
				}
			}
			if i == looseChain {
				whole.parts, err = separator{chain: i, from: from, to: len(m.parts) - 1, shift: 1}.polynomials()
				must(t, err)
				if worst, _ := worstError(whole, grid); math.Exp2(worst) > looseError/1024.0 {
					t.Errorf("%s from %d without its last member: error of a bit 2^%.2f", c.file, from, worst)
				}
			}
		}
	}
}

// spanGrid is dense on a logarithmic scale over [1/span, 1], ends included.
func spanGrid(span int64, points int) []*big.Float {
	var out []*big.Float
	for i := range points + 1 {
		out = append(out, big.NewFloat(math.Pow(float64(span), -float64(points-i)/float64(points))))
	}
	return out
}
