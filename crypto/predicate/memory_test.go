package predicate

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// bounded is a run of one plan within a memory budget, from states that several runs start from: the same key shares, the same shares.
type bounded struct {
	*network
	states [][]byte
	spill  *mhe.Spill
	live   uint64 // the largest heap between two operations, without garbage
	sample bool
}

func (b *bounded) wake(t testing.TB) {
	b.parties = nil
	for _, s := range b.states {
		p, err := b.c.Resume(b.ref, b.p.Rotations(), s)
		must(t, err)
		b.parties = append(b.parties, p)
	}
}

func (b *bounded) look() {
	if !b.sample {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.live = max(b.live, m.HeapAlloc)
}

// run returns the digests of all stages and the hashes of the results.
func (b *bounded) run(t testing.TB, r *run, workers int) (out [][32]byte) {
	b.wake(t)
	sum := b.c.NewInputSum(b.ref, b.p.Ciphertexts()).Within(b.spill)
	for j, party := range b.parties {
		for i := range b.p.Ciphertexts() {
			slots, err := b.p.Encode(j, i, r.num[j], r.den[j])
			must(t, err)
			var o bytes.Buffer
			must(t, party.Input(i, slots, &o))
			must(t, sum.Add(i, &o))
		}
		b.look()
	}
	inputs, err := sum.Ciphertexts()
	must(t, err)
	sum = nil
	e, err := NewEvaluation(b.c, b.p, b.keys, inputs)
	must(t, err)
	clear(inputs)
	e.Within(workers, b.spill)
	var refreshed []*mhe.Ciphertext
	for {
		st, err := e.Next(context.Background(), refreshed)
		must(t, err)
		refreshed = nil
		b.look()
		out = append(out, st.Digest)
		if st.Result != nil {
			for _, ct := range st.Result {
				out = append(out, ct.Hash())
			}
			return out
		}
		sums := make([]*mhe.RefreshSum, len(st.Refresh))
		for i, q := range st.Refresh {
			sums[i] = b.c.NewRefreshSum(b.ref, q).Within(b.spill)
			for _, p := range b.parties {
				var o bytes.Buffer
				must(t, p.Refresh(q, &o))
				must(t, sums[i].Add(&o))
			}
		}
		b.look()
		for i, sum := range sums {
			ct, err := sum.Finish()
			must(t, err)
			st.Refresh[i].Ciphertext.Free()
			sums[i], st.Refresh[i].Ciphertext = nil, nil
			refreshed = append(refreshed, ct)
		}
		b.look()
	}
}

func newBounded(t testing.TB, columns int) (*bounded, *run) {
	r := example(3, columns*1024-100, 1, qualityRate(300))
	p, err := NewPlanAs(Binary, r.cells, 3, true)
	must(t, err)
	b := &bounded{network: newNetwork(t, p)}
	for _, party := range b.parties {
		s, err := party.State()
		must(t, err)
		b.states = append(b.states, s)
	}
	return b, r
}

// TestBudget: the same bits come out whether everything is in memory, everything on disk, or some of each, on one
// core or two; and what waits on disk is not in memory.
func TestBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("four runs of a circuit")
	}
	old := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(old)
	small, r := newBounded(t, 1)
	want := small.run(t, r, 2)
	dir := filepath.Join(t.TempDir(), "spill")
	for _, room := range []int64{0, small.p.needs().Most / 3} {
		var err error
		small.spill, err = mhe.NewSpill(dir, room)
		must(t, err)
		small.sample = true
		got := small.run(t, r, 1)
		if len(got) != len(want) {
			t.Fatalf("%d hashes, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("room for %d bytes: stage %d differs", room, i)
			}
		}
		most := small.p.needs().Most
		if p := small.spill.Peak(); p == 0 || p > most {
			t.Errorf("room for %d bytes: %d on disk, the plan says at most %d", room, p, most)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%d files are left after the run", len(left))
		}
	}
}

// TestBudgetHolds: with three times the cells everything that waits is three times as much, and memory is not.
func TestBudgetHolds(t *testing.T) {
	if testing.Short() {
		t.Skip("two runs of a circuit")
	}
	var live [2]uint64
	var most [2]int64
	for i, columns := range []int{1, 3} {
		b, r := newBounded(t, columns)
		var err error
		b.spill, err = mhe.NewSpill(filepath.Join(t.TempDir(), "spill"), 0)
		must(t, err)
		b.sample = true
		b.run(t, r, 1)
		cells := int64(len(b.p.cells)) * 2 * cellBytes // this test's own lists of cells and inputs among them
		live[i], most[i] = b.live-uint64(cells), b.p.needs().Most
	}
	grown, waits := int64(live[1])-int64(live[0]), most[1]-most[0]
	t.Logf("live heap %d and %d kB beside the cells; waiting %d and %d kB", live[0]>>10, live[1]>>10, most[0]>>10, most[1]>>10)
	if grown > waits/4 {
		t.Errorf("memory grows by %d kB where %d kB more wait", grown>>10, waits>>10)
	}
}

// TestBudgetRefused: a budget below the least is refused, with what would do, and the least is accepted.
func TestBudgetRefused(t *testing.T) {
	r := example(3, 3000, 1, qualityRate(300))
	p, err := NewPlan(r.cells, 3, false)
	must(t, err)
	least := p.needs().Least()
	_, err = p.Memory(least-1, 2)
	if err == nil || !strings.Contains(err.Error(), "at least "+mebi(least)+" are needed") {
		t.Fatal(err)
	}
	m, err := p.Memory(least, 2)
	if err != nil || m.Workers != 1 || m.Waiting < 0 {
		t.Fatalf("%+v, %v", m, err)
	}
	if m, err = p.Memory(8<<30, 2); err != nil || m.Workers != 2 || m.Waiting != m.Most {
		t.Fatalf("%+v, %v", m, err)
	}
}
