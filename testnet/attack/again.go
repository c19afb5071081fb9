package attack

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tacet-health/tacet/protocol/run"
)

// lives is how often the payer is made to crash: the error of the mean, 3.2/√lives, must round to 0 in every coefficient.
const lives = 1200

// shareAfterCrash: a payer that keeps its key share on disk and no journal of what it has made: it draws fresh noise in each life. After each crash it makes its share of round
// one again: h1 = s·a + e. The mean of the e is 0, so the mean of all shares is s·a.
func shareAfterCrash(_ context.Context, s *scene) (string, error) {
	p := s.newNaive()
	q := s.plan.Set().Q[0]
	a := s.lab.Reference(reference("crash"), 0, "relinearisation", 0)
	sa := s.each(a, s.lift(p.k, 0), mul)
	first := s.each(sa, s.lift(p.drawError(), 0), add)
	mean := make([]float64, s.plan.Set().Slots())
	for range lives {
		again := s.each(sa, s.lift(p.drawError(), 0), add)
		for i, d := range s.integers(s.each(again, first, sub)) {
			mean[i] += float64(d.Int64()) / lives // e of this life minus e of the first
		}
	}
	e := make([]int8, len(mean))
	for i, m := range mean {
		e[i] = int8(math.Round(-m))
	}
	k := s.each(first, s.lift(e, 0), sub)
	for i := range k[0] {
		k[0][i] = mul(k[0][i], inverse(a[0][i], q), q)
	}
	share, err := secretOf(s.integers(k), big.NewInt(1))
	if err != nil {
		return "", err
	}
	if !slices.Equal(share, p.k) {
		return "", errors.New("another key share than the payer's")
	}
	return fmt.Sprintf("%d shares on one polynomial, noise drawn anew: all %d coefficients of the key share, exactly, no lattice reduction", lives, len(share)), nil
}

func (p *naive) drawError() []int8 { return p.s.drawError(p.r) }

// deadly are the steps in which the real member is made to die, at every point of them: the first share, one on a ciphertext, and the last.
var deadly = []run.Kind{run.KeysOne, run.Refresh, run.Release}

// shareAfterCrashRefused: the real member on its sealed journal. It dies at every point of a share's life, and what it shows afterwards is what
// it showed before; the run is as if nothing had happened.
func shareAfterCrashRefused(ctx context.Context, s *scene) (string, error) {
	n, err := s.newNetwork("crash")
	if err != nil {
		return "", err
	}
	defer n.close()
	if err := n.seal(birch); err != nil {
		return "", err
	}
	type place struct {
		run.Point
		run.Step
	}
	var died locked[map[place]bool]
	died.v = map[place]bool{}
	n.hooks[birch].Crash = func(p run.Point, at run.Step) (dies bool) {
		if p == run.Finished || !slices.Contains(deadly, at.Kind) || at.Stage > 1 {
			return false
		}
		died.do(func(m *map[place]bool) {
			dies = !(*m)[place{p, at}]
			(*m)[place{p, at}] = true
		})
		return dies
	}
	out, err := n.run(ctx)
	if err != nil {
		return "", err
	}
	if want := len(deadly) * (len(run.Points) - 1); len(died.v) != want {
		return "", fmt.Errorf("%s died in %d places instead of %d", birch, len(died.v), want)
	}
	for name, o := range out {
		if o == nil || !o.Certified() {
			return "", fmt.Errorf("%s did not certify the run", name)
		}
	}
	if !slices.Equal(out[hub].Values, s.want) {
		return "", errors.New("the table is not the oracle's")
	}
	twice := 0
	for place, shown := range n.shown {
		if len(shown) > 1 {
			twice++
		}
		if len(slices.Compact(slices.Clone(shown))) != 1 {
			return "", fmt.Errorf("%s: a second object that is not the first", place)
		}
	}
	if twice < len(deadly) {
		return "", fmt.Errorf("only %d objects were shown again: nothing is shown", twice)
	}
	return fmt.Sprintf("killed at %d points of its shares' lives, %s came back on its sealed journal each time: all %d objects that it showed again were the same bytes, the run is certified with the right table",
		len(died.v), birch, twice), nil
}
