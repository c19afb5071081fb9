package sum_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/sum"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hub = "hub"

var names = []string{"alder", "birch", "cedar", "dogwood", "elder"}

// plain seals by turning bits round: what is sealed must not be what was given.
var plain = &objects.Sealing{Seal: turn, Open: turn}

func turn(b []byte) ([]byte, error) {
	out := slices.Clone(b)
	for i := range out {
		out[i] ^= 0x5a
	}
	return out, nil
}

type scene struct {
	t       *testing.T
	round   secagg.Round
	proven  *bounded.Round
	members map[string]identity.Public
	hub     *link.Hub
	host    *sum.Host
	payers  map[string]*link.Payer
	dir     string
	grace   time.Duration
	bound   sync.Map
}

func newScene(t *testing.T, n, threshold int) *scene {
	s := &scene{
		t: t, dir: t.TempDir(), members: loopback.Public(append(slices.Clone(names[:n]), hub)...), grace: time.Minute,
		round: secagg.Round{Manifest: [32]byte{1}, Members: names[:n], Threshold: threshold, Length: 1000, Cap: 1 << 40},
	}
	s.hub, s.payers = loopback.Connect(t, hub, s.round.Members...)
	s.host = sum.NewHost(s.hub)
	t.Cleanup(s.host.Close)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *scene) vector(name string) []int64 {
	x := make([]int64, s.round.Length)
	for i := range x {
		x[i] = int64(i*(3+slices.Index(names, name))) - 1500
	}
	return x
}

func (s *scene) holding() sum.Holding {
	return sum.Holding{
		Keys: loopback.Keys(hub), Members: s.members, Round: s.round, Proven: s.proven, Dir: filepath.Join(s.dir, hub), Grace: s.grace, Deadline: time.Minute, Linger: 10 * time.Second,
		Accept: func(out *sum.Outcome, member string, word []byte) error {
			if string(word) != fmt.Sprintf("%s %x", member, out.Transcript) {
				return errors.New("another word")
			}
			return nil
		},
	}
}

func (s *scene) part(name string) sum.Part {
	return sum.Part{
		Keys: loopback.Keys(name), Members: s.members, Endpoint: s.payers[name], Convener: hub, Round: s.round, Proven: s.proven, Dir: filepath.Join(s.dir, name), Sealing: plain,
		Vector: func(context.Context) ([]int64, error) { return s.vector(name), nil },
		Word:   func(out *sum.Outcome) []byte { return fmt.Appendf(nil, "%s %x", name, out.Transcript) },
		Bind: func(_ context.Context, list [32]byte) error {
			if before, ok := s.bound.LoadOrStore(name, list); ok && before != list {
				return sum.ErrRestored
			}
			return nil
		},
	}
}

type result struct {
	out *sum.Outcome
	err error
}

// play runs the convener and all members, each as part says, and again until it does not stop as by a crash. A nil part is a member that never comes; one
// with stays false does not come back.
func (s *scene) play(parts map[string]sum.Part, returns bool) map[string]result {
	return s.playWith(s.holding(), parts, returns)
}

func (s *scene) playWith(h sum.Holding, parts map[string]sum.Part, returns bool) map[string]result {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	out := map[string]result{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	keep := func(name string, o *sum.Outcome, err error) {
		mu.Lock()
		defer mu.Unlock()
		out[name] = result{o, err}
	}
	for name, p := range parts {
		wg.Go(func() {
			o, err := sum.Take(ctx, p)
			if errors.Is(err, sum.ErrCrashed) && returns {
				p.Crash = nil
				o, err = sum.Take(ctx, p)
			}
			if err != nil {
				s.t.Logf("%s: %v", name, err)
			}
			keep(name, o, err)
		})
	}
	o, err := s.host.Hold(ctx, h)
	keep(hub, o, err)
	wg.Wait()
	return out
}

func (s *scene) parts() map[string]sum.Part {
	out := map[string]sum.Part{}
	for _, n := range s.round.Members {
		out[n] = s.part(n)
	}
	return out
}

// holds that everybody who has a sum has the sum of those present, and the same.
func (s *scene) check(got map[string]result, present []string, with ...string) {
	s.t.Helper()
	want := make([]int64, s.round.Length)
	for _, n := range present {
		for i, v := range s.vector(n) {
			want[i] += v
		}
	}
	for _, n := range append(slices.Clone(with), hub) {
		r := got[n]
		if r.err != nil {
			s.t.Fatalf("%s: %v", n, r.err)
		}
		if !slices.Equal(r.out.Sum.Values, want) || !slices.Equal(r.out.Sum.Present, present) || r.out.Transcript != got[hub].out.Transcript {
			s.t.Errorf("%s: present %v dropped %v, or another sum", n, r.out.Sum.Present, r.out.Sum.Dropped)
		}
	}
	for _, n := range with {
		if _, err := os.Stat(filepath.Join(s.dir, n, fmt.Sprint(got[n].out.Round.Number), "record.sealed")); err == nil {
			s.t.Errorf("%s: the seed is still on the disk", n)
		}
		if len(got[hub].out.Words[n]) == 0 {
			s.t.Errorf("the word of %s is missing", n)
		}
	}
}

func TestRound(t *testing.T) {
	s := newScene(t, 5, 3)
	s.check(s.play(s.parts(), false), names, names...)
}

// TestCrash: a member dies at every point of every step and comes back; nothing is lost.
func TestCrash(t *testing.T) {
	for k := secagg.KindKeys; k <= secagg.KindReveal; k++ {
		for _, at := range sum.Points {
			t.Run(fmt.Sprintf("%s-%s", k, at), func(t *testing.T) {
				s := newScene(t, 3, 3)
				parts := s.parts()
				p := parts["birch"]
				p.Crash = func(point sum.Point, kind secagg.Kind) bool { return point == at && kind == k }
				parts["birch"] = p
				s.check(s.play(parts, true), names[:3], names[:3]...)
			})
		}
	}
}

// TestDropouts: members that go for good, before and behind their masked vector; the rest has the sum of those present.
func TestDropouts(t *testing.T) {
	s := newScene(t, 5, 3)
	s.grace = 300 * time.Millisecond
	parts := s.parts()
	stop := func(name string, k secagg.Kind) {
		p := parts[name]
		p.Crash = func(point sum.Point, kind secagg.Kind) bool { return point == sum.Entered && kind == k }
		parts[name] = p
	}
	stop("birch", secagg.KindMasked)
	stop("dogwood", secagg.KindList)
	h := s.play(parts, false)
	s.check(h, []string{"alder", "cedar", "dogwood", "elder"}, "alder", "cedar", "elder")
	if !slices.Equal(h[hub].out.Sum.Dropped, []string{"birch"}) {
		t.Error(h[hub].out.Sum.Dropped)
	}
}

// TestSecondAttempt: without a sealed record a member that comes back watches; where all are needed the round is held again with new keys.
func TestSecondAttempt(t *testing.T) { secondAttempt(newScene(t, 3, 3), secagg.KindShares) }

func secondAttempt(s *scene, gone secagg.Kind) {
	parts := s.parts()
	p := parts["cedar"]
	p.Sealing = nil
	p.Crash = func(point sum.Point, kind secagg.Kind) bool { return point == sum.Sent && kind == gone }
	parts["cedar"] = p
	h := s.holding()
	h.Deadline, h.Linger = 500*time.Millisecond, 2*time.Second
	got := s.playWith(h, parts, true)
	s.check(got, names[:3], names[:3]...)
	if o := got[hub].out; o.Round.Number < 2 {
		s.t.Errorf("attempt %d", o.Round.Number)
	}
}
