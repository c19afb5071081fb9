package party_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tacet-health/tacet/protocol/coordinator"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/wire"
)

// convene is one life of the convener.
func (n *network) convene(dies func(run.Point, run.Step) bool) (*run.Outcome, error) {
	h := n.members[hub]
	return coordinator.Run(h.ctx, coordinator.Config{
		Keys: loopback.Keys(hub), Endpoint: h.endpoint, Authority: authority{n.manifest}, Run: n.manifest.Run, Dir: h.dir,
		Table: h.table, Hooks: run.Hooks{Crash: dies}, Linger: n.linger, Durable: true,
	})
}

// mortalHub lets live be the convener while everybody else runs.
func (n *network) mortalHub(live func() result) map[string]result {
	n.members[hub].absent = true
	var own result
	var wg sync.WaitGroup
	wg.Go(func() { own = live() })
	out := n.run()
	wg.Wait()
	out[hub] = own
	n.check(map[string]result{hub: own})
	return out
}

// lives is the convener's life until one is not cut short.
func (n *network) lives(dies func(run.Point, run.Step) bool) (lives int, r result) {
	for {
		lives++
		o, err := n.convene(dies)
		switch {
		case errors.Is(err, driver.ErrEnded):
			o, err = driver.Past(n.members[hub].dir, n.manifest.Run)
			return lives, result{o, err}
		case !errors.Is(err, driver.ErrStopped) || n.t.Failed():
			return lives, result{o, err}
		}
	}
}

// text is how a member's run ended, for people.
func (r result) text() string {
	if r.Outcome == nil {
		return fmt.Sprintf("no outcome: %v", r.err)
	}
	return fmt.Sprintf("void %q, code %q by %s, table %x: %v", r.Void, r.Code, r.By, r.TableHash[:4], r.err)
}

// The convener dies at every point of every step and comes back: the run is
// certified with the table of an undisturbed run, and no payer notices more than
// a slow convener.
func TestConvenerKilledAtEveryPoint(t *testing.T) {
	n := newNetwork(t, 3, 1)
	// Each life computes the run again from its first step: without the flag every
	// step has one of the points, and every point a step.
	due := func(p run.Point, s run.Step) bool {
		switch {
		case p == run.Recorded || p == run.Agreed && s.Kind != run.Certify || p == run.Revealed && s.Kind != run.Certify:
			return false // no secrets; no object
		case *everywhere || s.Kind == run.Certify:
			return true
		}
		return s.Index%4 == slices.Index([]run.Point{run.Entered, run.Made, run.Bound, run.Sent}, p)
	}
	type place struct {
		run.Point
		run.Step
	}
	killed := map[place]bool{}
	var mu sync.Mutex
	var lives int
	out := n.mortalHub(func() (r result) {
		lives, r = n.lives(func(p run.Point, s run.Step) bool {
			mu.Lock()
			defer mu.Unlock()
			at := place{p, s}
			if killed[at] || !due(p, s) {
				return false
			}
			killed[at] = true
			return true
		})
		return r
	})
	t.Logf("%d lives", lives)
	table, err := json.Marshal(n.manifest.Plan.Oracle(n.num, n.den))
	must(t, err)
	for who, r := range out {
		if r.Outcome == nil || r.err != nil || !r.Certified() || r.TableHash != sha256.Sum256(table) {
			t.Errorf("%s: %s", who, r.text())
		}
	}
	for _, s := range run.Sequence(len(n.manifest.Plan.Stages())) {
		for _, p := range run.Points {
			if due(p, s) && !killed[place{p, s}] && (p != run.Finished || s.Kind == run.Certify) {
				t.Errorf("it was never killed at %s of %s", p, s)
			}
		}
	}
}

// The convener and a payer die in turn, in every step.
func TestConvenerAndPayerKilled(t *testing.T) {
	if underRace {
		t.Skip("the goroutines are those of the two alone")
	}
	n := newNetwork(t, 3, 1)
	m := n.mortal(n.payers[2])
	var mu sync.Mutex
	each := func() func(run.Point, run.Step) bool {
		died := map[int]bool{}
		return func(p run.Point, s run.Step) bool {
			mu.Lock()
			defer mu.Unlock()
			if p != run.Sent || died[s.Index] || s.Index%3 != 1 && !*everywhere {
				return false
			}
			died[s.Index] = true
			return true
		}
	}
	m.dies = each()
	var own result
	var wg sync.WaitGroup
	wg.Go(func() { own = m.until() })
	out := n.mortalHub(func() result { _, r := n.lives(each()); return r })
	wg.Wait()
	m.certified(own, out)
}

// The convener is stopped and started by its operator: it says nothing.
func TestConvenerStoppedAndStarted(t *testing.T) {
	n := newNetwork(t, 3, 1)
	h := n.members[hub]
	out := n.mortalHub(func() result {
		o, err := n.convene(func(p run.Point, s run.Step) bool {
			if p == run.Sent && s.Kind == run.Input {
				h.cancel()
			}
			return false
		})
		if o != nil || !errors.Is(err, driver.ErrStopped) {
			return result{o, err}
		}
		h.ctx = t.Context()
		o, err = n.convene(nil)
		return result{o, err}
	})
	for who, r := range out {
		if r.Outcome == nil || !r.Certified() {
			t.Errorf("%s: %s", who, r.text())
		}
	}
}

// What a dead convener's disk can look like when it comes back.
func TestConvenerDisk(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, journal, board string)
		code  wire.Code // empty: certified
	}{
		"a line cut short": {func(t *testing.T, _, board string) {
			b, err := os.ReadFile(filepath.Join(board, "record"))
			must(t, err)
			must(t, os.WriteFile(filepath.Join(board, "record"), b[:len(b)-20], 0o600))
		}, ""},
		"the record lost, payers still there": {func(t *testing.T, _, board string) { must(t, os.Remove(filepath.Join(board, "record"))) }, ""},
		"a statement that is not signed so": {func(t *testing.T, _, board string) {
			b, err := os.ReadFile(filepath.Join(board, "record"))
			must(t, err)
			must(t, os.WriteFile(filepath.Join(board, "record"), []byte(strings.Replace(string(b), `"step":1`, `"step":2`, 1)), 0o600))
		}, ""},
		"the journal from before the run": {func(t *testing.T, journal, _ string) { must(t, os.RemoveAll(journal)) }, wire.Restored},
		"a statement of its own lost":     {func(t *testing.T, journal, _ string) { must(t, os.Remove(filepath.Join(journal, "keys-1.commit"))) }, wire.Restored},
	} {
		t.Run(name, func(t *testing.T) {
			if underRace {
				t.Skip("the goroutines are those of TestConvenerKilledAtEveryPoint")
			}
			n := newNetwork(t, 3, 1)
			dir := n.members[hub].dir
			out := n.mortalHub(func() result {
				if o, err := n.convene(once(run.Sent, run.Input)); !errors.Is(err, driver.ErrStopped) {
					return result{o, err}
				}
				c.spoil(t, filepath.Join(dir, n.manifest.Run), filepath.Join(dir, n.manifest.Run+".board"))
				o, err := n.convene(nil)
				return result{o, err}
			})
			for who, r := range out {
				if r.Outcome == nil || r.Code != c.code || c.code != "" && r.By != hub {
					t.Errorf("%s: %s", who, r.text())
				}
			}
		})
	}
}
