package secagg

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestExact: random vectors, members that drop at every step in every number: the sum of those present, or an error, never a wrong sum.
// TACET_SECAGG_ROUNDS=10000 plays that many.
func TestExact(t *testing.T) {
	rounds := 60
	if n, err := strconv.Atoi(os.Getenv("TACET_SECAGG_ROUNDS")); err == nil {
		rounds = n
	}
	r := rand.New(rand.NewPCG(1, 2))
	ended, aborted := 0, 0
	for range rounds {
		n := 3 + r.IntN(6)
		s := newScene(n, n/2+1+r.IntN(n-n/2), 1+r.IntN(20))
		s.fill(r)
		for range r.IntN(n) {
			s.stops[s.round.Members[r.IntN(n)]] = Kind(1 + r.IntN(4))
		}
		counts := map[Kind]int{}
		for _, m := range s.round.Members {
			last, ok := s.stops[m]
			for k := KindKeys; k <= KindReveal && (!ok || k <= last); k++ {
				counts[k]++
			}
		}
		sum, err := s.play()
		enough := true
		for k := KindShares; k <= KindReveal; k++ {
			enough = enough && counts[k] >= s.round.Threshold
		}
		switch {
		case enough && err != nil:
			t.Fatalf("%d members, threshold %d, stops %v: %v", n, s.round.Threshold, s.stops, err)
		case !enough && err == nil:
			t.Fatalf("%d members, threshold %d, stops %v: a sum with too few", n, s.round.Threshold, s.stops)
		case err != nil:
			aborted++
		default:
			ended++
			if len(sum.Present) != counts[KindMasked] || len(sum.Dropped) != counts[KindShares]-counts[KindMasked] {
				t.Fatalf("present %v, dropped %v; %v did the steps", sum.Present, sum.Dropped, counts)
			}
			s.check(t, sum)
		}
	}
	if ended == 0 || aborted == 0 {
		t.Fatalf("%d rounds ended, %d were aborted: one side is not shown", ended, aborted)
	}
	t.Logf("%d rounds ended with the plain sum, %d were aborted", ended, aborted)
}

// TestEveryDropout goes through every number of dropouts at every step.
func TestEveryDropout(t *testing.T) {
	const n, threshold = 5, 3
	r := rand.New(rand.NewPCG(3, 4))
	for after := KindKeys; after < KindReveal; after++ {
		for drops := 0; drops <= n; drops++ {
			s := newScene(n, threshold, 7)
			s.fill(r)
			for i := range drops {
				s.stops[s.round.Members[n-1-i]] = after
			}
			sum, err := s.play()
			if (err == nil) != (n-drops >= threshold) {
				t.Errorf("%d drop after %s: %v", drops, after, err)
			} else if err == nil {
				s.check(t, sum)
			}
		}
	}
}

func TestRoundRefused(t *testing.T) {
	good := newScene(5, 3, 4).round
	for want, f := range map[string]func(*Round){
		"more than half":  func(r *Round) { r.Threshold = 2 },
		"threshold 6":     func(r *Round) { r.Threshold = 6 },
		"want 3 to":       func(r *Round) { r.Members = r.Members[:2] },
		"sorted":          func(r *Round) { r.Members = []string{"b", "a", "c"} },
		"63 bits":         func(r *Round) { r.Cap = 1 << 62 },
		"elements, want":  func(r *Round) { r.Length = 0 },
		"a name has 1 to": func(r *Round) { r.Members = []string{"", "a", "c"} },
	} {
		r := good
		f(&r)
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if r.ID() == good.ID() {
			t.Errorf("%s: the ID does not tell the difference", want)
		}
	}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
}

// TestBeyondCap: a vector that does not fit is refused by the honest member, and the sum that it would have spoiled by everybody else.
func TestBeyondCap(t *testing.T) {
	s := newScene(3, 3, 2)
	s.round.Cap = 10
	s.fill(rand.New(rand.NewPCG(5, 6)))
	s.x["m01"][1] = 11
	if _, err := s.play(); err == nil || !strings.Contains(err.Error(), "element 1 ") || strings.Contains(err.Error(), "11") {
		t.Fatalf("an element beyond the bound: %v", err)
	}
}

func BenchmarkMasked(b *testing.B) {
	s := newScene(8, 5, 1_000_000)
	for _, n := range s.round.Members {
		s.x[n] = make([]int64, s.round.Length)
	}
	for b.Loop() {
		b.StopTimer()
		s.members, s.t.Keys, s.t.Shares = map[string]*Member{}, map[string][]byte{}, map[string][]byte{}
		for _, n := range s.round.Members {
			s.members[n], _ = New(s.round, n, s.keys.of(n))
			m, _ := s.members[n].Keys()
			s.t.Keys[n] = m.Bytes()
		}
		for _, n := range s.round.Members {
			m, err := s.members[n].Shares(s.t.Keys)
			if err != nil {
				b.Fatal(err)
			}
			s.t.Shares[n] = m.Bytes()
		}
		b.StartTimer()
		if _, _, err := s.members["m03"].Masked(s.t.Shares, s.x["m03"]); err != nil {
			b.Fatal(err)
		}
	}
}
