package secaggbench

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// Exactness counts rounds.
type Exactness struct {
	Rounds  int   `json:"rounds"`
	Summed  int   `json:"plain_sum"`
	Aborted int   `json:"clean_abort"`
	Wrong   int   `json:"wrong"`
	Dropped int   `json:"members_dropped"`
	Cells   int   `json:"cells"`       // members × threshold × step × dropouts that were played
	Of      int   `json:"cells_of"`    // that there are
	Lines   []Row `json:"by_dropouts"` // in order
}

// Row is what became of the rounds in which so many members dropped at one step, or at several.
type Row struct {
	Step     string `json:"step"` // the first that they do not do; "several"
	Dropouts int    `json:"dropouts"`
	Rounds   int    `json:"rounds"`
	Exact    int    `json:"exact"`
	Aborted  int    `json:"aborted"`
	Wrong    int    `json:"wrong"`
}

// sizes of rosters, each with the smallest threshold there can be and with the largest.
var sizes = []int{3, 4, 5, 8, 12}

// cell is one way to drop out.
type cell struct {
	members, threshold int
	step               secagg.Kind // the first that those who drop do not do
	dropouts           int
}

func cells() (out []cell) {
	for _, n := range sizes {
		for _, t := range []int{n/2 + 1, n} {
			for k := secagg.KindKeys; k <= secagg.KindReveal; k++ {
				for d := range n + 1 {
					out = append(out, cell{n, t, k, d})
				}
			}
		}
	}
	return out
}

const several = "several"

// exact plays rounds: three of four go through the cells, each as often as the others; the fourth has any number of members, any threshold, and members that
// drop at different steps. A wrong sum, an abort with enough members, a sum with too few and a panic all count as wrong. A round depends on seed and number alone.
func exact(ctx context.Context, rounds int, seed uint64, say func(string, ...any)) (Exactness, error) {
	all := cells()
	rand.New(rand.NewPCG(seed, 7)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] }) // few rounds are a sample
	e, rows, played := Exactness{Of: len(all)}, map[Row]*Row{}, map[cell]bool{}
	var mu sync.Mutex // guards them
	var wg sync.WaitGroup
	numbers := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range numbers {
				r := rand.New(rand.NewPCG(seed, uint64(i)+8))
				var c *cell
				if i%4 != 3 {
					c = &all[(i-i/4)%len(all)]
				}
				d := deal(r, c, uint64(i))
				end, why := d.play()
				mu.Lock()
				if c != nil {
					played[*c] = true
				}
				key := Row{Step: d.step, Dropouts: len(d.stops)}
				if rows[key] == nil {
					rows[key] = &Row{Step: d.step, Dropouts: len(d.stops)}
				}
				x := rows[key]
				e.Rounds, x.Rounds, e.Dropped = e.Rounds+1, x.Rounds+1, e.Dropped+len(d.stops)
				switch end {
				case summed:
					e.Summed, x.Exact = e.Summed+1, x.Exact+1
				case aborted:
					e.Aborted, x.Aborted = e.Aborted+1, x.Aborted+1
				default:
					e.Wrong, x.Wrong = e.Wrong+1, x.Wrong+1
					say("round %d of seed %d: %d members, threshold %d, last steps %v: %s", i, seed, len(d.round.Members), d.round.Threshold, d.stops, why)
				}
				mu.Unlock()
			}
		})
	}
	for i := 0; i < rounds && ctx.Err() == nil; i++ {
		numbers <- i
	}
	close(numbers)
	wg.Wait()
	e.Cells = len(played)
	for _, x := range rows {
		e.Lines = append(e.Lines, *x)
	}
	slices.SortFunc(e.Lines, func(a, b Row) int {
		return cmp.Or(cmp.Compare(order(a.Step), order(b.Step)), cmp.Compare(a.Dropouts, b.Dropouts))
	})
	return e, ctx.Err()
}

func order(step string) int {
	for k := secagg.KindKeys; k <= secagg.KindReveal; k++ {
		if k.String() == step {
			return int(k)
		}
	}
	return int(secagg.KindReveal) + 1
}

// print is the table.
func (e Exactness) print(say func(string, ...any)) {
	say("%-10s %9s %8s %8s %8s %6s", "drop at", "dropouts", "rounds", "exact", "aborted", "wrong")
	for _, x := range e.Lines {
		say("%-10s %9d %8d %8d %8d %6d", x.Step, x.Dropouts, x.Rounds, x.Exact, x.Aborted, x.Wrong)
	}
	say("exactness: %d rounds, %d of %d combinations of members %v, thresholds, steps and dropouts; %d members dropped: %d the plain sum, %d clean aborts, %d wrong",
		e.Rounds, e.Cells, e.Of, sizes, e.Dropped, e.Summed, e.Aborted, e.Wrong)
}

// dealt is a round to be played.
type dealt struct {
	round secagg.Round
	stops map[string]secagg.Kind // last step
	step  string
	x     map[string][]int64
}

func deal(r *rand.Rand, c *cell, number uint64) dealt {
	n := 3 + r.IntN(10)
	threshold := n/2 + 1 + r.IntN(n-n/2)
	if c != nil {
		n, threshold = c.members, c.threshold
	}
	d := dealt{stops: map[string]secagg.Kind{}, step: several, x: map[string][]int64{}}
	d.round = secagg.Round{Manifest: [32]byte{3}, Number: number, Members: inprocess.Roster(n), Threshold: threshold, Length: 1 + r.IntN(24)}
	d.round.Cap = 1 + r.Uint64N((1<<63-1)/uint64(n)>>r.IntN(58))
	for _, m := range d.round.Members {
		d.x[m] = make([]int64, d.round.Length)
		for i := range d.x[m] {
			d.x[m][i] = int64(r.Uint64N(2*d.round.Cap+1) - d.round.Cap)
		}
	}
	if c != nil {
		d.step = c.step.String()
		for _, i := range r.Perm(n)[:c.dropouts] {
			d.stops[d.round.Members[i]] = c.step - 1
		}
		return d
	}
	for range r.IntN(n) {
		d.stops[d.round.Members[r.IntN(n)]] = secagg.Kind(r.IntN(int(secagg.KindReveal)))
	}
	return d
}

// The ends of a round.
const (
	summed = iota
	aborted
	wrong
)

func (d dealt) play() (end int, why string) {
	defer func() {
		if p := recover(); p != nil {
			end, why = wrong, fmt.Sprint("panic: ", p)
		}
	}()
	p, err := inprocess.New(d.round, inprocess.Signatures)
	if err != nil {
		return wrong, err.Error()
	}
	p.Stops = d.stops
	counts, enough := map[secagg.Kind]int{}, true
	for k := secagg.KindKeys; k <= secagg.KindReveal; k++ {
		for _, m := range d.round.Members {
			if last, ok := d.stops[m]; !ok || k <= last {
				counts[k]++
			}
		}
		enough = enough && counts[k] >= d.round.Threshold
	}
	enough = enough && counts[secagg.KindKeys] == len(d.round.Members) // keys come from everybody
	var sum *secagg.Sum
	if err = p.Play(secagg.KindReveal, func(m string) []int64 { return d.x[m] }); err == nil {
		sum, err = p.Sum()
	}
	switch {
	case err != nil && enough:
		return wrong, err.Error()
	case err != nil:
		return aborted, ""
	case !enough:
		return wrong, "a sum of too few"
	case len(sum.Present) != counts[secagg.KindMasked] || !plain(sum, d.x):
		return wrong, "a wrong sum"
	}
	return summed, ""
}

func plain(sum *secagg.Sum, x map[string][]int64) bool {
	for i, got := range sum.Values {
		for _, m := range sum.Present {
			got -= x[m][i]
		}
		if got != 0 {
			return false
		}
	}
	return true
}
