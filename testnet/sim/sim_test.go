package sim

import (
	"strings"
	"testing"

	"github.com/tacet-health/tacet/protocol/run"
)

// TestSeeds plays a few scenarios, some of them twice. `tacet testnet sim --seeds 1000` plays many.
func TestSeeds(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4, 8, 12}
	if testing.Short() {
		seeds = seeds[:3]
	}
	sum, err := Run(t.Context(), Options{Seeds: seeds, Again: 3, Each: func(r Result) {
		t.Logf("%s  %s, %d packets %s", r.Trace, r.Virtual, r.Packets, r.Reason)
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range sum.Broken {
		t.Errorf("seed %d: %s", r.Seed, strings.Join(r.Violations, "\n"))
	}
	if sum.Certified == 0 || sum.Void == 0 {
		t.Errorf("%d certified, %d void: the seeds show one side only", sum.Certified, sum.Void)
	}
}

// TestDraw: a seed is a scenario for ever, and everything that can happen does happen.
func TestDraw(t *testing.T) {
	steps := run.Sequence(4)
	var crash, gone, oneWay, cut, loss, state, object, disk int
	for seed := range uint64(500) {
		s := Draw(seed, steps)
		if s.String() != Draw(seed, steps).String() {
			t.Fatalf("seed %d is drawn differently a second time", seed)
		}
		for _, c := range s.Crashes {
			if crash++; c.Down == 0 {
				gone++
			}
		}
		for _, c := range s.Cuts {
			if cut++; !c.In || !c.Out {
				oneWay++
			}
		}
		if s.Loss > 0 {
			loss++
		}
		if s.Disk != nil {
			disk++
		}
		if s.Liar != nil && s.Liar.How == "state" {
			state++
		} else if s.Liar != nil {
			object++
		}
	}
	for name, n := range map[string]int{"crash": crash, "gone": gone, "cut": cut, "one-way": oneWay, "loss": loss, "state": state, "object": object, "disk": disk} {
		if n < 10 {
			t.Errorf("%s: %d of 500 seeds", name, n)
		}
	}
}
