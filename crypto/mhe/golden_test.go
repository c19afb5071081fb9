package mhe

import (
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// golden are the first bytes of the state hashes of a run at toy parameters with fixed seeds. A change means that two versions of tacet
// cannot take part in the same run: raise the version in frame.go with it.
var golden = map[string][]string{
	"toy":      {"76b2e7b9dfa891b4", "bd6a1def36b6eab9", "76fdb436e76e9b91", "f69f9e35ca18a12b", "d98fbfff93d7db4e", "b407987e00857f12", "505d965c3e608940"},
	"toy-wide": {"d123e8d1a6385c99", "e574466e23bf4ff8", "b33debad5e4f8db6", "6e89497d52f6bc86", "415b08bee4d9541a", "28610ab38d5bf717", "e15b09ef439d6781"},
}

// goldenRun walks through every operation. The inputs are constant vectors: those survive the float64 transform exactly on every machine,
// and masks, encoded with integers only, put the variety in.
func goldenRun(t *testing.T, set string, e func(*network) *Evaluator) []string {
	n := newNetwork(t, set, 3, Rotation{1, 10}, Rotation{2, 10})
	n.key()
	var out []string
	note := func(ct *Ciphertext, err error) *Ciphertext {
		t.Helper()
		must(t, err)
		h := ct.Hash()
		out = append(out, hex.EncodeToString(h[:8]))
		return ct
	}
	ev := e(n)
	half := make([]float64, n.c.set.Slots())
	for i := range half {
		half[i] = 0.25
	}
	ct := note(n.input([][]float64{half, half, half}), nil)
	mask := make([]int64, len(half))
	for i := range mask {
		mask[i] = int64(i*i%3) - 1
	}
	m, err := n.c.NewMask(mask, ct.Level(), false)
	must(t, err)
	ct = note(ev.MulMask(ct, m))
	p, err := NewPolynomial([]string{"0", "1.2", "0", "-0.31", "0", "0.11"})
	must(t, err)
	ct = note(ev.Evaluate(ct, p))
	r, err := ev.Rotate(ct, 1)
	must(t, err)
	many, err := ev.RotateMany(ct, []int{1, 2})
	must(t, err)
	ct, err = ev.Mul(ct, r)
	must(t, err)
	ct, err = ev.Sub(ct, many[1])
	if err == nil {
		t.Fatal("operands of different scales were subtracted")
	}
	ct = note(ev.Add(many[0], many[1]))
	ct = note(n.refresh(ct, false), nil)
	ct, err = ev.DropLevel(ct, n.c.RefreshLevel(true))
	must(t, err)
	ct = note(n.refresh(ct, true), nil)
	ct, err = ev.Evaluate(ct, p.Half())
	must(t, err)
	ct, err = ev.AddConst(ct, 1, 2)
	must(t, err)
	note(ev.Mul(ct, ct))
	return out
}

// TestGolden: the same bits at GOMAXPROCS 1 and 2, with as many runs side by side, on an evaluator and on its copy.
func TestGolden(t *testing.T) {
	for _, set := range []string{"toy", "toy-wide"} {
		for _, procs := range []int{1, 2} {
			old := runtime.GOMAXPROCS(procs)
			t.Run(fmt.Sprint(set, procs), func(t *testing.T) {
				for g := range procs {
					t.Run(fmt.Sprint(g), func(t *testing.T) {
						t.Parallel()
						got := goldenRun(t, set, func(n *network) *Evaluator {
							if g == 0 {
								return n.e
							}
							return n.e.ShallowCopy()
						})
						if !slices.Equal(got, golden[set]) {
							t.Errorf("state hashes\n%q, want\n%q", got, golden[set])
						}
					})
				}
			})
			runtime.GOMAXPROCS(old)
		}
	}
}
