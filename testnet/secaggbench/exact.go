package secaggbench

import (
	"context"
	"math/rand/v2"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// Exactness counts rounds.
type Exactness struct {
	Rounds  int `json:"rounds"`
	Summed  int `json:"plain_sum"`
	Aborted int `json:"clean_abort"`
	Wrong   int `json:"wrong"`
	Dropped int `json:"members_dropped"`
}

// exact plays rounds. A wrong sum, an abort with enough members and a sum with too few all count as wrong.
func exact(ctx context.Context, rounds int, seed uint64, say func(string, ...any)) (Exactness, error) {
	r := rand.New(rand.NewPCG(seed, 7))
	var e Exactness
	for e.Rounds < rounds && ctx.Err() == nil {
		n := 3 + r.IntN(6)
		round := secagg.Round{Manifest: [32]byte{byte(seed)}, Number: uint64(e.Rounds), Members: inprocess.Roster(n), Threshold: n/2 + 1 + r.IntN(n-n/2), Length: 1 + r.IntN(24)}
		round.Cap = 1 + r.Uint64N((1<<63-1)/uint64(n)>>r.IntN(58))
		p, err := inprocess.New(round, inprocess.Signatures)
		if err != nil {
			return e, err
		}
		x, counts := map[string][]int64{}, map[secagg.Kind]int{}
		for _, m := range round.Members {
			x[m] = make([]int64, round.Length)
			for i := range x[m] {
				x[m][i] = int64(r.Uint64N(2*round.Cap+1) - round.Cap)
			}
		}
		for range r.IntN(n) {
			p.Stops[round.Members[r.IntN(n)]] = secagg.Kind(1 + r.IntN(4))
		}
		enough := true
		for k := secagg.KindKeys; k <= secagg.KindReveal; k++ {
			for _, m := range round.Members {
				if last, ok := p.Stops[m]; !ok || k <= last {
					counts[k]++
				}
			}
			enough = enough && counts[k] >= round.Threshold
		}
		e.Rounds++
		e.Dropped += len(p.Stops)
		var sum *secagg.Sum
		if err = p.Play(secagg.KindReveal, func(m string) []int64 { return x[m] }); err == nil {
			sum, err = p.Sum()
		}
		switch {
		case (err == nil) != enough:
			e.Wrong++
			say("round %d: %d members, threshold %d, stops %v: %v", e.Rounds, n, round.Threshold, p.Stops, err)
		case err != nil:
			e.Aborted++
		case len(sum.Present) != counts[secagg.KindMasked] || !plain(sum, x):
			e.Wrong++
			say("round %d: a wrong sum", e.Rounds)
		default:
			e.Summed++
		}
	}
	return e, ctx.Err()
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
