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

// TestToy runs the whole measurement on toy rings: every case and shape, both precisions, more than one run and ciphertext.
func TestToy(t *testing.T) {
	var progress bytes.Buffer
	o := Options{Cells: 72, Seed: 7, Payers: []int{3, 5}, Sets: []string{"toy", "toy-wide"}, RunCells: 10, Progress: &progress}
	all, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 4 {
		t.Fatalf("%d settings", len(all))
	}
	for _, f := range all {
		var b bytes.Buffer
		f.Print(&b)
		t.Log(b.String())
		if f.Cells != 18 || f.Runs != 2 || f.Released == 0 || f.Released == f.Cells || f.Wrong != 0 {
			t.Errorf("%+v", f)
		}
		for _, s := range steps {
			if f.Sent[s] <= 0 {
				t.Errorf("%s: nothing sent", s)
			}
		}
		if f.CoreSeconds <= 0 || f.Core["evaluation"] <= 0 || f.PeakRSS <= 0 {
			t.Errorf("nothing measured: %+v", f)
		}
	}
	if lines := strings.Count(progress.String(), "\n"); lines < 40 {
		t.Errorf("%d lines of progress", lines)
	}
}

// TestMismatchIsFound: a wrong value, and an oracle that is wrong together with the circuit, are both mismatches.
func TestMismatchIsFound(t *testing.T) {
	p, err := newProblem("toy", 3, 16, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	r := &run{p: p, cost: map[string]*cost{}}
	for _, s := range steps {
		r.cost[s] = &cost{}
	}
	truth := p.plan.Oracle(p.num, p.den)
	f := &Figures{Payers: 3, Sent: map[string]int64{}, Core: map[string]float64{}}
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
			p, err := newProblem(set, payers, 1500, r)
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
				if n := released[kind]; n == 1500/cases || n == 0 && kind != 0 {
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
		p, err := newProblem("toy", 3, 40, rand.New(rand.NewPCG(seed, 3)))
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
	for _, o := range []Options{{Sets: []string{"huge"}}, {Payers: []int{2}}, {Payers: []int{16}}, {Cells: 1}, {RunCells: -1}} {
		_, err := Run(context.Background(), o)
		if _, ok := errors.AsType[*UsageError](err); !ok {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
