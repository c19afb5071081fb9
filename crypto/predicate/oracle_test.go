package predicate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestOracleEqualsTextbook: exact forms against first principles, and the slots of the layout against both.
func TestOracleEqualsTextbook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payers := rapid.IntRange(3, 15).Draw(t, "payers")
		profiles := []profile{qualityRate(2700 / int64(payers)), priceLike(3000/int64(payers), 200, 1, 7, 40), priceLike(1000, 900/int64(payers), 3, 2, 100)}
		r := draw(t, payers, 9, profiles...)
		p, err := NewPlan(r.cells, payers, true)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range p.Oracle(r.num, r.den) {
			if v != r.want[i] {
				t.Fatalf("oracle: cell %d: got %v, want %v", i, v, r.want[i])
			}
		}
		got, err := p.Decode(plainCircuit(t, p, r))
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if v != r.want[i] {
				t.Fatalf("plain circuit: cell %d: got %v, want %v", i, v, r.want[i])
			}
		}
	})
}

// plainCircuit evaluates the circuit on the sum of the encoded slots without encryption, with an exact sign:
// rotations, guards, late factors and mask as in doc.go.
func plainCircuit(t interface{ Fatal(...any) }, p *Plan, r *run) [][]float64 {
	var out [][]float64
	for ct := range p.Ciphertexts() {
		sum := make([]float64, p.set.Slots())
		for j := range p.payers {
			v, err := p.Encode(j, ct, r.num[j], r.den[j])
			if err != nil {
				t.Fatal(err)
			}
			for s, x := range v {
				if math.Abs(x) > 2 {
					t.Fatal("a payer's part leaves [−2, 2]")
				}
				sum[s] += x
			}
		}
		gap := math.Exp2(-float64(p.set.Alpha))
		for s, x := range sum {
			if math.Abs(x) > 1-1.0/1024 || math.Abs(x) < gap*(1-1e-6) {
				t.Fatal("a slot leaves its range or enters the gap")
			}
			sum[s] = 0
			if x > 0 {
				sum[s] = 1
			}
		}
		out = append(out, plainFinish(sum))
	}
	return out
}

// plainFinish is the circuit after the sign.
func plainFinish(bits []float64) []float64 {
	n := len(bits)
	at := func(v []float64, s int) float64 { return v[s%n] }
	c, result := make([]float64, n), make([]float64, n)
	for s := range bits {
		g := 1.0
		for i := range windowSlots {
			g *= at(bits, s+windowStart+i)
		}
		c[s] = bits[s] + g
	}
	for s := 0; s < n; s += BlockSlots {
		sum := -float64(constantBits - 1)
		for i := range BlockSlots {
			sum += c[s+i]
		}
		result[s] = sum * c[s]
		for _, p := range pairs {
			result[s] *= c[s+p] + c[s+p+1]
		}
	}
	return result
}

func TestOracleOfHugeInputsIsExact(t *testing.T) {
	c := qualityRate(100).cell("c")
	p, err := NewPlan([]Cell{c}, 3, true)
	if err != nil {
		t.Fatal(err)
	}
	huge := int64(math.MaxInt64)
	v := p.Oracle([][]int64{{huge}, {huge}, {huge / 2}}, [][]int64{{huge}, {huge}, {huge}})
	if want := (Value{Released: true, Steps: 83}); v[0] != want {
		t.Fatalf("got %v, want %v", v[0], want)
	}
}
