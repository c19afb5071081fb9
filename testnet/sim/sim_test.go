package sim

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/protocol/run"
)

// TestSeeds plays a few scenarios, some of them twice. `tacet testnet sim --seeds 1000` plays many.
func TestSeeds(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4, 8, 12, 296} // in 296 a payer dies for good behind its last word: certified, and the release is held
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

// TestHeldRelease: a payer dies behind its last word and stays away for longer than the deadline. The others say that the run is certified and its release
// held; when it is back, everybody has the table.
func TestHeldRelease(t *testing.T) {
	s := Scenario{Seed: 1, Payers: 3, Delay: map[string]time.Duration{}}
	for _, n := range s.Names()[1:] {
		s.Delay[n] = 20 * time.Millisecond
	}
	s.Crashes = []Crash{{Member: "payer-1", Step: "certify", Point: run.Revealed, Down: 2 * deadline}}
	f := found(t, t.TempDir(), 3)
	r := play(t, s, f, filepath.Join(t.TempDir(), "played"))
	if len(r.Violations) > 0 || r.Verdict != "certified" || strings.Count(r.Trace, "certified, table") != 4 || r.Virtual < 2*deadline {
		t.Errorf("%s\n%s\n%v", r.Virtual, r.Trace, r.Violations)
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
