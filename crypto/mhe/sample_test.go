package mhe

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// exp computes e^x for x ≤ 0 by squaring and the power series.
func exp(x *big.Float) *big.Float {
	const prec, halvings = 400, 16
	y := new(big.Float).SetPrec(prec).SetMantExp(x, -halvings)
	sum, term := big.NewFloat(1).SetPrec(prec), big.NewFloat(1).SetPrec(prec)
	for k := 1; k < 60; k++ {
		term.Mul(term, y)
		term.Quo(term, new(big.Float).SetPrec(prec).SetInt64(int64(k)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// TestErrorTable derives the distribution of the errors again.
func TestErrorTable(t *testing.T) {
	w := make([]*big.Float, 20)
	total := new(big.Float).SetPrec(400)
	for k := range w {
		x := new(big.Float).SetPrec(400).SetInt64(int64(-k * k * 25)) // −k²/(2·3.2²) = −25k²/512
		x.Quo(x, new(big.Float).SetInt64(512))
		w[k] = exp(x)
		if k > 0 {
			w[k].Mul(w[k], big.NewFloat(2))
		}
		total.Add(total, w[k])
	}
	sum := new(big.Float).SetPrec(400)
	for k := range 19 {
		sum.Add(sum, w[k])
		p := new(big.Float).SetPrec(400).Quo(sum, total)
		p.SetMantExp(p, 128)
		p.Add(p, big.NewFloat(0.5))
		want, _ := p.Int(nil)
		got := new(big.Int).SetUint64(errorTail[k][0])
		got.Lsh(got, 64).Add(got, new(big.Int).SetUint64(errorTail[k][1]))
		if got.Cmp(want) != 0 {
			t.Errorf("|e| ≤ %d: %x, derived %x", k, got, want)
		}
	}
}

// TestErrorDistribution compares samples with the table: every magnitude within six standard deviations, both signs alike.
func TestErrorDistribution(t *testing.T) {
	const n = 1 << 20
	prng := newGenerator(seed("errors", 0))
	e := make([]int8, n)
	readErrors(prng, e)
	count := map[int]float64{}
	for _, x := range e {
		count[int(x)]++
	}
	before := 0.0
	for k := range 20 {
		at := (float64(errorTail[k][0])) / math.Exp2(64)
		p := at - before
		before = at
		for _, sign := range []int{-1, 1} {
			if k > 0 {
				if d := math.Abs(count[sign*k] - n*p/2); d > 6*math.Sqrt(n*p/2)+2 {
					t.Errorf("e = %d: %v times, expected %.0f", sign*k, count[sign*k], n*p/2)
				}
			}
		}
		if d := math.Abs(count[0] - n*p); k == 0 && d > 6*math.Sqrt(n*p) {
			t.Errorf("e = 0: %v times, expected %.0f", count[0], n*p)
		}
	}
	for x := range count {
		if x < -19 || x > 19 {
			t.Errorf("error %d beyond six standard deviations", x)
		}
	}
	readTernary(prng, e)
	clear(count)
	for _, x := range e {
		count[int(x)]++
	}
	for x := -1; x <= 1; x++ {
		if math.Abs(count[x]-n/3.0) > 6*math.Sqrt(n*2/9.0) {
			t.Errorf("key coefficient %d: %v times of %d", x, count[x], n)
		}
	}
	if len(count) != 3 {
		t.Errorf("key coefficients %v", count)
	}
}

// TestUniform: residues and integers agree, the range is exact, and every bit is as often set as not.
func TestUniform(t *testing.T) {
	s, _ := Lookup("toy")
	c, err := NewContext(s, 3)
	must(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.IntRange(2, 200).Draw(rt, "width")
		prng := newGenerator(seed("uniform", rapid.Int().Draw(rt, "seed")))
		r := c.ringQ(5)
		u := readUniform(prng, r.N(), width)
		p := r.NewPoly()
		u.residues(r, p)
		half := new(big.Int).Lsh(big.NewInt(1), uint(width-1))
		low := new(big.Int).Neg(half)
		x, ones := new(big.Int), make([]int, width)
		for i := range r.N() {
			u.at(i, x)
			if x.Cmp(low) < 0 || x.Cmp(half) >= 0 {
				rt.Fatalf("%v outside %d bits", x, width)
			}
			for j, q := range s.Q[:6] {
				if want := new(big.Int).Mod(x, new(big.Int).SetUint64(q)).Uint64(); p.Coeffs[j][i] != want {
					rt.Fatalf("residue %d modulo %d of %v, want %d", p.Coeffs[j][i], q, x, want)
				}
			}
			x.Add(x, half)
			for b := range ones {
				ones[b] += int(x.Bit(b))
			}
		}
		for b, k := range ones {
			if d := math.Abs(float64(k) - float64(r.N())/2); d > 7*math.Sqrt(float64(r.N()))/2 {
				rt.Fatalf("bit %d set %d times of %d", b, k, r.N())
			}
		}
		u.wipe()
		for _, v := range u.v {
			if v != 0 {
				rt.Fatal("not wiped")
			}
		}
	})
}

// TestReference: no two purposes, indices, levels, runs or numbers of payers share a public polynomial.
func TestReference(t *testing.T) {
	s, _ := Lookup("toy")
	c3, _ := NewContext(s, 3)
	c4, _ := NewContext(s, 4)
	ref := NewReference([32]byte{1}, [32]byte{2})
	other := NewReference([32]byte{2}, [32]byte{1})
	seen := map[[32]byte]string{}
	note := func(name string, h [32]byte) {
		if was, ok := seen[h]; ok {
			t.Errorf("%s and %s are the same polynomial", name, was)
		}
		seen[h] = name
	}
	for _, c := range []*Context{c3, c4} {
		for _, r := range []Reference{ref, other} {
			for _, purpose := range []string{"input", "refresh", "rotation"} {
				for _, index := range [][]int{{0}, {1}, {0, 1}, {1, 0}, {0, 0}, {256}} {
					for _, level := range []int{2, 3} {
						h := hashPoly("", c.publicQ(r, level, purpose, index...))
						note(purpose, h)
						if h != hashPoly("", c.publicQ(r, level, purpose, index...)) {
							t.Error("not reproducible")
						}
					}
				}
			}
		}
	}
}
