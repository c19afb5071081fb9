package predicate

import (
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"
)

func mustPlan(t *testing.T, payers int, toy bool, cells ...Cell) *Plan {
	t.Helper()
	p, err := NewPlan(cells, payers, toy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSetFollowsCaps(t *testing.T) {
	for _, tc := range []struct {
		payers int
		cap    int64
		toy    bool
		want   string
	}{
		{5, 1000, false, "standard"}, {5, 1000, true, "toy"}, {15, 369, false, "standard"}, {15, 370, false, "wide"},
		{5, 30000, false, "wide"}, {5, 30000, true, "toy-wide"},
	} {
		p := mustPlan(t, tc.payers, tc.toy, qualityRate(tc.cap).cell("m/p"))
		if p.Set().Name != tc.want {
			t.Errorf("%d payers, cap %d: set %s, want %s", tc.payers, tc.cap, p.Set().Name, tc.want)
		}
	}
	_, err := NewPlan([]Cell{qualityRate(100).cell("small/p"), qualityRate(80000).cell("large/p")}, 5, false)
	for _, want := range []string{`cell "large/p": threshold`, "200·num − ", "caps num 80000, den 80000 for each of 5 payers", "has 26", "lower the caps 2.3-fold"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("refusal %v lacks %q", err, want)
		}
	}
}

// TestSpreadIsExact: the bound is reached by an allowed input, and never passed (brute force over small caps).
func TestSpreadIsExact(t *testing.T) {
	forms := []Form{{Num: 200, Den: -145}, {Num: 3, Den: -7, Has: 5, Const: -4}, {Num: -2, Den: 1, Own: -5, Has: -3, Const: 6}, {Den: 3, Own: -5}, {Has: 1, Const: -3}, {Const: -9}}
	for _, proportion := range []bool{false, true} {
		for _, caps := range [][2]int64{{3, 4}, {4, 2}, {0, 3}} {
			c := Cell{CapNum: caps[0], CapDen: caps[1], Proportion: proportion}
			for _, f := range forms {
				var most int64
				for a := range (caps[0] + 1) * (caps[1] + 1) {
					for b := range (caps[0] + 1) * (caps[1] + 1) {
						n, d := [2]int64{a % (caps[0] + 1), b % (caps[0] + 1)}, [2]int64{a / (caps[0] + 1), b / (caps[0] + 1)}
						if proportion && (n[0] > d[0] || n[1] > d[1]) {
							continue
						}
						x := f.Num*(n[0]+n[1]) + f.Den*(d[0]+d[1]) + f.Has*(min(d[0], 1)+min(d[1], 1)) + f.Own*d[0] + f.Const
						most = max(most, max(2*x+1, -2*x-1))
					}
				}
				if got := c.spread(f, 2); !got.IsInt64() || got.Int64() != most {
					t.Errorf("proportion %v, caps %v, %v: spread %v, want %d", proportion, caps, f, got, most)
				}
			}
		}
	}
}

func TestCheckNamesTheCellNotTheValue(t *testing.T) {
	p := mustPlan(t, 3, true, qualityRate(700).cell("qp-crc/practice-1"), priceLike(900, 700, 1, 7, 40).cell("cost/practice-2"))
	ok := func(n0, d0, n1, d1 int64) ([]int64, []int64) { return []int64{n0, n1}, []int64{d0, d1} }
	for _, tc := range []struct {
		n0, d0, n1, d1 int64
		want           string
	}{
		{-7, 5, 0, 0, `cell "qp-crc/practice-1": negative numerator`},
		{0, -5, 0, 0, `cell "qp-crc/practice-1": negative denominator`},
		{618, 617, 0, 0, `cell "qp-crc/practice-1": numerator above the denominator`},
		{617, 701, 0, 0, `cell "qp-crc/practice-1": denominator above its cap of 700`},
		{0, 0, 901, 1, `cell "cost/practice-2": numerator above its cap of 900`},
	} {
		num, den := ok(tc.n0, tc.d0, tc.n1, tc.d1)
		err := p.Check(num, den)
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "61") {
			t.Errorf("got %v, want %q", err, tc.want)
		}
		if _, err := p.Encode(0, 0, num, den); err == nil {
			t.Error("encoded what Check refuses")
		}
	}
	num, den := ok(700, 700, 900, 0)
	if err := p.Check(num, den); err != nil {
		t.Error(err)
	}
	if err := p.Check(num[:1], den); err == nil {
		t.Error("a short vector passed")
	}
	for _, bad := range [][2]int{{3, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		if _, err := p.Encode(bad[0], bad[1], num, den); err == nil {
			t.Errorf("encoded payer %d ciphertext %d", bad[0], bad[1])
		}
	}
}

func TestHashCoversEverything(t *testing.T) {
	base := func() ([]Cell, int, bool) {
		return []Cell{qualityRate(300).cell("a/1"), priceLike(300, 300, 1, 7, 40).cell("b/1")}, 4, true
	}
	cells, payers, toy := base()
	first := mustPlan(t, payers, toy, cells...)
	if first.Hash() != mustPlan(t, payers, toy, first.Cells()...).Hash() {
		t.Fatal("equal plans hash differently")
	}
	const golden = "ee3f285bc7074c4e2364fd3bba64f707fb0816f99f661c10baf88f7c26a063a5" // changes only together with version
	if got := first.Hash(); hex.EncodeToString(got[:]) != golden {
		t.Errorf("canonical hash %x", got)
	}
	seen := map[[32]byte]string{first.Hash(): "base"}
	for name, change := range map[string]func(c []Cell, payers *int, toy *bool) []Cell{
		"payers":     func(c []Cell, n *int, _ *bool) []Cell { *n++; return c },
		"set":        func(c []Cell, _ *int, toy *bool) []Cell { *toy = false; return c },
		"order":      func(c []Cell, _ *int, _ *bool) []Cell { return []Cell{c[1], c[0]} },
		"name":       func(c []Cell, _ *int, _ *bool) []Cell { c[0].Name = "a/2"; return c },
		"one less":   func(c []Cell, _ *int, _ *bool) []Cell { return c[:1] },
		"cap":        func(c []Cell, _ *int, _ *bool) []Cell { c[1].CapNum++; return c },
		"proportion": func(c []Cell, _ *int, _ *bool) []Cell { c[1].Proportion = true; return c },
		"range":      func(c []Cell, _ *int, _ *bool) []Cell { c[1].Hi--; return c },
		"scale":      func(c []Cell, _ *int, _ *bool) []Cell { c[1].ScaleNum++; return c },
		"rule":       func(c []Cell, _ *int, _ *bool) []Cell { c[0].Rules[0].AnyOf[0].Const--; return c },
		"rule name":  func(c []Cell, _ *int, _ *bool) []Cell { c[0].Rules[0].Name = "x"; return c },
	} {
		cells, payers, toy := base()
		cells = change(cells, &payers, &toy)
		h := mustPlan(t, payers, toy, cells...).Hash()
		if other, dup := seen[h]; dup {
			t.Errorf("%s hashes like %s", name, other)
		}
		seen[h] = name
	}
}

func TestDecodeSpoiled(t *testing.T) {
	p := mustPlan(t, 3, true, qualityRate(300).cell("a/1"), priceLike(300, 300, 1, 7, 40).cell("b/1"))
	good := func() []float64 {
		v := make([]float64, p.Set().Slots())
		v[homeSlot], v[BlockSlots+homeSlot] = 91.2, 0.1
		return v
	}
	got, err := p.Decode([][]float64{good()})
	if err != nil || got[0] != (Value{true, 95}) || got[1] != (Value{}) {
		t.Fatalf("got %v, %v", got, err)
	}
	for name, spoil := range map[string]func(v []float64){
		"not whole":         func(v []float64) { v[0] = 40.4 },
		"above":             func(v []float64) { v[0] = 92 },
		"above its own":     func(v []float64) { v[BlockSlots] = 42 },
		"negative":          func(v []float64) { v[0] = -1 },
		"not a number":      func(v []float64) { v[0] = math.NaN() },
		"infinite":          func(v []float64) { v[0] = math.Inf(1) },
		"garbage elsewhere": func(v []float64) { v[77] = 1 },
		"empty block":       func(v []float64) { v[2*BlockSlots] = 1 },
		"nan elsewhere":     func(v []float64) { v[5] = math.NaN() },
	} {
		v := good()
		spoil(v)
		if _, err := p.Decode([][]float64{v}); !errors.Is(err, ErrSpoiled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := p.Decode(nil); err == nil || errors.Is(err, ErrSpoiled) {
		t.Errorf("missing ciphertext: %v", err)
	}
	if _, err := p.Decode([][]float64{make([]float64, 5)}); err == nil || errors.Is(err, ErrSpoiled) {
		t.Errorf("short ciphertext: %v", err)
	}
}

func TestDescribe(t *testing.T) {
	p := mustPlan(t, 5, false, qualityRate(1000).cell("qp-crc/practice-1"), qualityRate(1000).cell("qp-crc/practice-2"))
	got := p.Describe()
	for _, want := range []string{"parameter set standard", "5 payers, 2 cells, 1 ciphertexts", `2 cells like "qp-crc/practice-1"`, "to spare", "share (each payer): 3·den − 5·own den ≥ 0", "numerator: num − 11 ≥ 0 or −num ≥ 0"} {
		if !strings.Contains(got, want) {
			t.Errorf("description lacks %q:\n%s", want, got)
		}
	}
	t.Log("\n" + got)
}
