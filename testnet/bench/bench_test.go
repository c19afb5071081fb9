package bench

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// TestToy runs the whole matrix on toy rings: every case, shape and strategy, both precisions; and a setting of several runs.
func TestToy(t *testing.T) {
	var progress bytes.Buffer
	o := Options{Cells: 72, Seed: 7, Payers: []int{3}, Sets: []string{"toy", "toy-wide"}, Progress: &progress}
	all, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Cells, o.Payers, o.Sets, o.Strategies, o.RunCells = 6, []int{5}, []string{"toy"}, []string{"direct"}, 2
	more, err := Run(context.Background(), o)
	if err != nil || len(more) != 1 || more[0].Runs != 3 || more[0].Cells != 6 || more[0].Wrong != 0 {
		t.Fatalf("%+v %v", more, err)
	}
	if len(all) != 6 {
		t.Fatalf("%d settings", len(all))
	}
	cells := 0
	for i, f := range all {
		var b bytes.Buffer
		f.Print(&b)
		t.Log(b.String())
		cells += f.Cells
		if f.Strategy != []string{"direct", "radix", "binary"}[i%3] || f.Cells < 3 || f.Runs != 1 || f.Wrong != 0 {
			t.Errorf("%+v", f)
		}
		if f.Cells > 10 && (f.Released == 0 || f.Released == f.Cells || len(f.Classes) < 8) {
			t.Errorf("%d of %d released, %d kinds", f.Released, f.Cells, len(f.Classes))
		}
		for _, s := range steps {
			if f.Sent[s] <= 0 {
				t.Errorf("%s: nothing sent", s)
			}
		}
		if f.CoreSeconds <= 0 || f.Core["evaluation"] <= 0 || f.PeakRSS <= 0 || f.CPUSeconds <= 0 || f.Predicted.Bytes <= 0 {
			t.Errorf("nothing measured: %+v", f)
		}
	}
	if cells != 72 {
		t.Errorf("%d cells", cells)
	}
	if lines := strings.Count(progress.String(), "\n"); lines < 100 {
		t.Errorf("%d lines of progress", lines)
	}
	var b bytes.Buffer
	PrintMatrix(&b, all)
	t.Log(b.String())
	for _, want := range []string{"\n72 cells, 0 mismatches\n", "INSECURE", "tie −1 ", "largest share", "toy-wide       3  binary"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the matrix lacks %q", want)
		}
	}
}

// TestCompare: the first version's figures at a size are those of its two ciphertexts, the keys but once.
func TestCompare(t *testing.T) {
	all, err := Compare(context.Background(), Options{Seed: 3, Payers: []int{5}, Sets: []string{"toy"}}, []int{60})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	PrintComparison(&b, all)
	t.Log(b.String())
	c := all[0]
	if c.Now.Released != 60 || c.First.Released != 60 || c.Taken >= 60 || c.Now.Strategy != "planner" || c.First.Strategy != "direct" {
		t.Fatalf("%+v", c)
	}
	if c.Speed <= 0 || c.Bytes <= 0 || c.Memory <= 0 || !strings.Contains(b.String(), "INSECURE") {
		t.Errorf("%+v", c)
	}
	if want := c.First.Predicted.Bytes; c.First.SentTotal < want*9/10 || c.First.SentTotal > want*11/10 {
		t.Errorf("the first version sends %d bytes, the plan of all its cells predicts %d", c.First.SentTotal, want)
	}
}

// TestMismatchIsFound: a wrong value, and an oracle that is wrong together with the circuit, are both mismatches.
func TestMismatchIsFound(t *testing.T) {
	p, err := newProblem("toy", predicate.Cheapest, 3, 16, inTurn, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	r := &run{p: p, cost: map[string]*cost{}}
	for _, s := range steps {
		r.cost[s] = &cost{}
	}
	truth := p.plan.Oracle(p.num, p.den)
	f := newFigures(setting{set: "toy", payers: 3}, 1)
	f.add(r, truth)
	if f.Wrong != 0 {
		t.Fatalf("the truth has %d mismatches: %v", f.Wrong, f.Mismatches)
	}
	got := append([]predicate.Value(nil), truth...)
	got[3].Steps++
	f.add(r, got)
	if f.Wrong != 1 || len(f.Mismatches) != 1 {
		t.Errorf("a wrong value: %d mismatches", f.Wrong)
	}
	p.want[5].Released = !p.want[5].Released
	f.add(r, truth)
	if f.Wrong != 2 {
		t.Errorf("an oracle that differs from first principles: %d mismatches", f.Wrong)
	}
}

// TestDrawnCells: each edge is met on both sides, within the caps, and the two exact computations agree on every cell.
func TestDrawnCells(t *testing.T) {
	for _, set := range []string{"toy", "toy-wide"} {
		for _, payers := range []int{3, 5, 8, 15} {
			r := rand.New(rand.NewPCG(3, uint64(payers)))
			p, err := newProblem(set, predicate.Cheapest, payers, 1500, inTurn, r)
			if err != nil {
				t.Fatal(err)
			}
			oracle := p.plan.Oracle(p.num, p.den)
			released := map[int]int{}
			values := map[int64]bool{}
			for i := range oracle {
				if oracle[i] != p.want[i] {
					t.Fatalf("%s, %d payers, cell %d, case %d: oracle %v, exact %v", set, payers, i, p.cases[i], oracle[i], p.want[i])
				}
				if oracle[i].Released {
					released[p.cases[i]]++
					values[oracle[i].Steps] = true
				}
			}
			for kind := range cases {
				all := kind == 4 || kind == 10 // far from every rule, beside the rounding
				if n := released[kind]; (n == 1500/cases) != all || n == 0 && kind != 0 {
					t.Errorf("%s, %d payers: case %d releases %d of about %d", set, payers, kind, n, 1500/cases)
				}
			}
			if len(values) < 60 {
				t.Errorf("%s, %d payers: only %d different values", set, payers, len(values))
			}
		}
	}
}

func TestSameSeedSameCells(t *testing.T) {
	var hashes [3][32]byte
	for i, seed := range []uint64{1, 1, 2} {
		p, err := newProblem("toy", predicate.Cheapest, 3, 40, inTurn, rand.New(rand.NewPCG(seed, 3)))
		if err != nil {
			t.Fatal(err)
		}
		hashes[i] = p.plan.Hash()
		hashes[i][0] = byte(sum(p.num[0]) + 3*sum(p.den[1]) + 5*sum(p.den[2]))
	}
	if hashes[0] != hashes[1] || hashes[0] == hashes[2] {
		t.Error("cells do not follow the seed")
	}
}

func TestUsage(t *testing.T) {
	for _, o := range []Options{{Sets: []string{"huge"}}, {Payers: []int{2}}, {Payers: []int{16}}, {Cells: 1}, {RunCells: -1}, {Strategies: []string{"guess"}}} {
		_, err := Run(context.Background(), o)
		if _, ok := errors.AsType[*UsageError](err); !ok {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
