package predicate

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestOracleEqualsTextbook: exact forms against first principles, and the slots of the layout against both.
func TestOracleEqualsTextbook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payers := rapid.IntRange(3, 15).Draw(t, "payers")
		profiles := []profile{qualityRate(2700 / int64(payers)), priceLike(3000/int64(payers), 200, 1, 7, 40), priceLike(1000, 900/int64(payers), 3, 2, 100)}
		r := draw(t, payers, 30, profiles...)
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

// TestHostileCells: whatever numbers a proposed cell contains, planning ends with a plan or a refusal, and a
// plan's slots have the exact sign of their forms, inside the range and outside the gap; a search as well.
func TestHostileCells(t *testing.T) {
	small := rapid.Int64Range(-300, 300)
	wild := rapid.OneOf(small, rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, 1 << 40, -1 << 62, 1 << 62}))
	accepted, searched := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		number := wild
		c := Cell{Name: "c", Proportion: rapid.Bool().Draw(t, "proportion")}
		if rapid.IntRange(0, 3).Draw(t, "tame") > 0 {
			number = small
			c.ScaleNum, c.ScaleDen, c.Lo, c.Hi = 1, 3, 0, 2
			c.CapNum, c.CapDen = rapid.Int64Range(0, 9).Draw(t, "capNum"), rapid.Int64Range(1, 9).Draw(t, "capDen")
		} else {
			for _, x := range []*int64{&c.ScaleNum, &c.ScaleDen, &c.Lo, &c.Hi, &c.CapNum, &c.CapDen} {
				*x = number.Draw(t, "number")
			}
		}
		form := rapid.Custom(func(t *rapid.T) Form {
			f := Form{number.Draw(t, "num"), number.Draw(t, "den"), number.Draw(t, "has"), 0, number.Draw(t, "const"), 0}
			if c.CapDen == 1 && rapid.Bool().Draw(t, "cancel") { // huge terms that only cancel
				f.Den += 1 << 62
				f.Has -= 1 << 62
			}
			return f
		})
		own := form.Draw(t, "own")
		own.Own, own.OwnNum = number.Draw(t, "own"), number.Draw(t, "own num")
		c.Rules = []Rule{{Name: "any", AnyOf: rapid.SliceOfN(form, 1, rapid.IntRange(1, 2).Draw(t, "many")).Draw(t, "forms")}, {Name: "each", PerPayer: true, AnyOf: []Form{own}}}
		p, err := NewPlan([]Cell{c}, 3, true)
		if err != nil {
			return
		}
		accepted++
		num, den := make([][]int64, 3), make([][]int64, 3)
		sum := aggregate{own: make([]int64, 3), ownNum: make([]int64, 3)}
		slots := make([]float64, BlockSlots)
		for j := range num {
			v := rapid.SampledFrom(p.cells[0].vertices()).Draw(t, "corner")
			num[j], den[j], sum.own[j], sum.ownNum[j] = []int64{v.num}, []int64{v.den}, v.den, v.num
			sum.num.Add(&sum.num, big.NewInt(v.num))
			sum.den.Add(&sum.den, big.NewInt(v.den))
			sum.has += v.has
			s, err := p.Encode(j, 0, num[j], den[j])
			if err != nil {
				t.Fatal(err)
			}
			for i := range slots {
				slots[i] += s[i]
			}
		}
		for i, s := range p.blocks[0].slots {
			want := s.truth
			if !s.constant {
				want = sum.holds(s.form, s.owner)
			}
			if x := slots[i]; x > 0 != want || math.Abs(x) > 1-1.0/1024 || math.Abs(x) < math.Exp2(-float64(p.set.Alpha)) {
				t.Fatalf("slot %d carries %v, want %v", i, x, want)
			}
		}
		q := *p
		lanes := 1 << rapid.IntRange(0, 4).Draw(t, "lanes")
		if q.search, err = newSearch(p, p.set.Slots()/lanes, rapid.IntRange(1, lanes).Draw(t, "asked")); err != nil {
			return
		}
		searched++
		got, err := q.Decode(plainSearch(t, &q, &run{num: num, den: den}))
		if err != nil || got[0] != q.Oracle(num, den)[0] {
			t.Fatalf("%v: got %v, %v, want %v", q.search, got, err, q.Oracle(num, den))
		}
	})
	if accepted == 0 {
		t.Error("no plan was accepted: the test tests nothing")
	}
	if searched == 0 {
		t.Error("no search was accepted: the test tests nothing")
	}
	t.Logf("%d plans accepted, %d searched", accepted, searched)
}
