package predicate

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// worstError evaluates a composite on points x (200 bits) and returns log₂ of the largest |p(x) − ½| and the
// largest magnitude any member takes.
func worstError(c *composite, points []*big.Float) (worst, largest float64) {
	half := big.NewFloat(0.5)
	for _, x := range points {
		y := new(big.Float).SetPrec(200).Set(x)
		for _, p := range c.parts {
			y = p.At(y)
			f, _ := y.Float64()
			largest = math.Max(largest, math.Abs(f))
		}
		f, _ := new(big.Float).Sub(y, half).Float64()
		worst = math.Max(worst, math.Abs(f))
	}
	return math.Log2(worst), largest
}

// logGrid is dense on a logarithmic scale over [2^−alpha, 1], ends included.
func logGrid(alpha, points int) []*big.Float {
	var out []*big.Float
	for i := range points + 1 {
		out = append(out, big.NewFloat(math.Exp2(-float64(alpha)*float64(points-i)/float64(points))))
	}
	return out
}

// TestSignErrors re-derives what doc.go claims of the data, in 200-bit arithmetic.
func TestSignErrors(t *testing.T) {
	for _, tc := range []struct {
		alpha   int
		degrees string
		worst   float64
	}{
		{21, "[15 31 31 31 31 7]", -25.8},
		{26, "[31 31 31 31 31 31 7]", -36.5},
	} {
		c, err := signOf(tc.alpha)
		must(t, err)
		var degrees []int
		for _, p := range c.parts {
			degrees = append(degrees, p.Degree())
		}
		if got := fmt.Sprint(degrees); got != tc.degrees {
			t.Errorf("alpha %d: degrees %s", tc.alpha, got)
		}
		worst, largest := worstError(c, logGrid(tc.alpha, 3000))
		t.Logf("alpha %d: bit error 2^%.2f, members reach %.6f", tc.alpha, worst, largest)
		if worst > tc.worst {
			t.Errorf("alpha %d: worst error of a bit 2^%.2f, claimed 2^%.2f", tc.alpha, worst, tc.worst)
		}
		// What is left after the last stage's cleaning must hide behind the flooding (doc.go, "Noise").
		p, err := cleaner()
		must(t, err)
		x := new(big.Float).SetPrec(200).Sub(big.NewFloat(1), big.NewFloat(2*math.Exp2(worst)))
		left, _ := new(big.Float).Sub(p.At(x), big.NewFloat(0.5)).Float64()
		if got := math.Log2(math.Abs(left)); got > -90 {
			t.Errorf("alpha %d: 2^%.1f is left of a bit's error after the last cleaning", tc.alpha, got)
		}
		// Members may pass 1 by their own error, which the next one is made for; ciphertexts hold far more.
		if largest > 1.01 {
			t.Errorf("alpha %d: a member reaches %v", tc.alpha, largest)
		}
		// Below the gap the composite must fail: the claimed precision is not an understatement by luck.
		if below, _ := worstError(c, []*big.Float{big.NewFloat(math.Exp2(-float64(tc.alpha) - 6))}); below < -10 {
			t.Errorf("alpha %d: separates 2^-%d as well", tc.alpha, tc.alpha+6)
		}
	}
	if math.Exp2(-marginBits) < 1e-6 {
		t.Error("the margin at ±1 is thinner than what the noise of a fresh input may be")
	}
	if _, err := signOf(22); err == nil {
		t.Error("a polynomial for 22 bits appeared")
	}
}

// TestCleaner compares the coefficients with the closed form and states the error it leaves.
func TestCleaner(t *testing.T) {
	p, err := cleaner()
	must(t, err)
	for i := -40; i <= 40; i++ {
		x := float64(i) / 40
		got, _ := p.At(big.NewFloat(x)).Float64()
		if want := x * (35 - 35*x*x + 21*x*x*x*x - 5*x*x*x*x*x*x) / 32; math.Abs(got-want) > 1e-15 {
			t.Fatalf("at %v: got %v, want %v", x, got, want)
		}
	}
	for _, off := range []float64{-20, -12} { // 2·(bit error) of 2^−21 and 2^−13
		x := new(big.Float).SetPrec(200).Add(big.NewFloat(1), big.NewFloat(math.Exp2(off)))
		f, _ := new(big.Float).Sub(p.At(x), big.NewFloat(0.5)).Float64()
		if got := math.Log2(math.Abs(f)); got > 4*off+2 {
			t.Errorf("error 2^%v leaves 2^%.1f", off, got)
		}
	}
}

func TestParseCompositeRefuses(t *testing.T) {
	for _, raw := range []string{``, `[]`, `[["0","1"]] x`, `[["0","1"]][]`, `[["1","1"]]`, `[["0","one"]]`, `[["0"]]`, `[["0","1","0","0"]]`, `{}`} {
		if _, err := parseComposite([]byte(raw)); err == nil {
			t.Errorf("accepted %q", raw)
		}
	}
	c, err := parseComposite([]byte(`[["0","0.5"],["0","1"]]`))
	must(t, err)
	var _ *mhe.Polynomial = c.parts[1]
	if f, _ := c.parts[1].At(big.NewFloat(1)).Float64(); f != 0.5 {
		t.Errorf("the last member is not halved: %v", f)
	}
}
