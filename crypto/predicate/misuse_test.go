package predicate

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// TestSpoiledRun: one payer leaves the range, or hits the gap, in one slot of one cell. Nothing is released.
func TestSpoiledRun(t *testing.T) {
	r := example(3, 8, 3, qualityRate(1800))
	p, err := NewPlan(r.cells, 3, true)
	must(t, err)
	cell := 0
	for i, v := range r.want {
		if v.Released {
			cell = i
		}
	}
	if !r.want[cell].Released {
		t.Fatal("no released cell: choose another seed")
	}
	at := cell*BlockSlots + thresholdSlots[40]
	sum := 0.0
	for j := range 3 {
		v, err := p.Encode(j, 0, r.num[j], r.den[j])
		must(t, err)
		sum += v[at]
	}
	for name, value := range map[string]float64{"one percent above": 1.01, "far above": 3.2, "far below": -2, "in the gap": 0} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t, p)
			result, _ := n.evaluate(n.contribute(r.num, r.den, func(payer, _ int, slots []float64) {
				if payer == 1 {
					slots[at] += value - sum
				}
			}))
			values, err := p.Decode(n.open(result))
			if !errors.Is(err, ErrSpoiled) || values != nil {
				t.Fatalf("got %v, %v", values, err)
			}
		})
	}
}

// TestEvaluationIsDeterministic: the same inputs give the same stages on one core and on several.
func TestEvaluationIsDeterministic(t *testing.T) {
	r := example(3, 24, 4, qualityRate(1800))
	p, err := NewPlan(r.cells, 3, true)
	must(t, err)
	n := newNetwork(t, p)
	inputs := n.contribute(r.num, r.den, nil)
	var refreshed [][]*mhe.Ciphertext
	var first [][32]byte
	for _, cores := range []int{1, 3} {
		before := runtime.GOMAXPROCS(cores)
		defer runtime.GOMAXPROCS(before)
		e, err := NewEvaluation(n.c, p, n.keys, inputs)
		must(t, err)
		var in []*mhe.Ciphertext
		for i := range len(p.Stages()) + 1 {
			st, err := e.Next(context.Background(), in)
			must(t, err)
			if cores == 1 {
				first = append(first, st.Digest)
				if st.Result == nil {
					refreshed = append(refreshed, n.refresh(st.Refresh)) // shares are made once
				}
			} else if st.Digest != first[i] {
				t.Fatalf("stage %d differs on %d cores", i, cores)
			}
			if st.Result == nil {
				in = refreshed[i]
			}
		}
	}
	seen := map[[32]byte]bool{}
	for _, d := range first {
		if seen[d] {
			t.Fatal("two stages with one digest")
		}
		seen[d] = true
	}
}

func TestEvaluationRefuses(t *testing.T) {
	r := example(3, 8, 4, qualityRate(1800))
	p, err := NewPlan(r.cells, 3, true)
	must(t, err)
	n := newNetwork(t, p)
	inputs := n.contribute(r.num, r.den, nil)
	ctx := context.Background()
	fails := func(name, want string, f func() error) {
		t.Helper()
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	start := func() *Evaluation {
		e, err := NewEvaluation(n.c, p, n.keys, inputs)
		must(t, err)
		return e
	}
	fails("no keys", "all needed", func() error { _, err := NewEvaluation(n.c, p, nil, inputs); return err })
	fails("missing input", "0 input ciphertexts", func() error { _, err := NewEvaluation(n.c, p, n.keys, nil); return err })
	fails("nil input", "not a fresh input", func() error { _, err := NewEvaluation(n.c, p, n.keys, []*mhe.Ciphertext{nil}); return err })
	fails("other payers", "3 payers, plan of set toy and 4", func() error {
		other, err := NewPlan([]Cell{qualityRate(100).cell("m/p")}, 4, true)
		must(t, err)
		_, err = NewEvaluation(n.c, other, n.keys, inputs)
		return err
	})
	fails("rotation missing", "rotation key missing", func() error {
		short := (&network{t: t, p: p, c: n.c, ref: n.ref}).withRotations(p.Rotations()[1:])
		_, err := NewEvaluation(n.c, p, short.keys, inputs)
		return err
	})
	fails("refreshed too early", "takes no refreshed", func() error { _, err := start().Next(ctx, inputs); return err })
	fails("cancelled", "context canceled", func() error {
		done, cancel := context.WithCancel(ctx)
		cancel()
		e := start()
		if _, err := e.Next(done, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: got %v", err)
		}
		_, err := e.Next(ctx, nil) // a spent evaluation stays spent
		return err
	})
	e := start()
	st, err := e.Next(ctx, nil)
	must(t, err)
	fails("nothing refreshed", "0 refreshed ciphertexts, 1 were requested", func() error { _, err := e.Next(ctx, nil); return err })
	e = start()
	_, err = e.Next(ctx, nil)
	must(t, err)
	fails("not refreshed", "does not come from the refresh", func() error {
		_, err := e.Next(ctx, []*mhe.Ciphertext{st.Refresh[0].Ciphertext})
		return err
	})
}
