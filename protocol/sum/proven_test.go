package sum_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/sum"
)

// newProvenScene is a scene in which bounds are proven: the vectors of the others fit into 12 bits from -1500 on.
func newProvenScene(t *testing.T, n int) *scene {
	s := newScene(t, n, n)
	s.round.Length = 40
	s.proven = &bounded.Round{Manifest: [32]byte{1}, Members: s.round.Members, Form: bounded.Vector, Length: 40, Bits: 12, Low: -1500}
	return s
}

func TestProvenRound(t *testing.T) {
	s := newProvenScene(t, 4)
	s.check(s.play(s.parts(), false), names[:4], names[:4]...)
}

// TestProvenCrash: a member dies at every point of every step and comes back with the same bytes; nothing is lost, and one attempt is enough.
func TestProvenCrash(t *testing.T) {
	for _, k := range bounded.Steps() {
		for _, at := range sum.Points {
			t.Run(fmt.Sprintf("%s-%s", k, at), func(t *testing.T) {
				s := newProvenScene(t, 3)
				parts := s.parts()
				p := parts["birch"]
				p.Crash = func(point sum.Point, kind secagg.Kind) bool { return point == at && kind == k }
				parts["birch"] = p
				got := s.play(parts, true)
				s.check(got, names[:3], names[:3]...)
				if n := got[hub].out.Round.Number; n != 1 {
					t.Errorf("attempt %d", n)
				}
			})
		}
	}
}

// TestProvenConvenerStops in every step and goes on.
func TestProvenConvenerStops(t *testing.T) {
	for _, k := range bounded.Steps() {
		t.Run(k.String(), func(t *testing.T) { stopsAt(newProvenScene(t, 3), k) })
	}
}

// TestProvenSecondAttempt: nobody may drop. A member that is gone for good before anything could be opened: the next attempt has new keys and a higher number.
func TestProvenSecondAttempt(t *testing.T) {
	s := newProvenScene(t, 3)
	secondAttempt(s, secagg.KindCommit)
}

// TestProvenOpenedOnce: once members may have opened the sum there is no other attempt under the manifest, and no other round of it either.
func TestProvenOpenedOnce(t *testing.T) {
	s := newProvenScene(t, 3)
	parts := s.parts()
	p := parts["cedar"]
	p.Crash = func(point sum.Point, kind secagg.Kind) bool { return point == sum.Entered && kind == secagg.KindOpen }
	parts["cedar"] = p
	h := s.holding()
	h.Deadline, h.Linger = 500*time.Millisecond, 100*time.Millisecond
	got := s.playWith(h, parts, false)
	for _, n := range []string{hub, "alder", "birch"} {
		if err := got[n].err; !errors.Is(err, sum.ErrOver) || !strings.Contains(err.Error(), "opening") {
			t.Errorf("%s: %v", n, err)
		}
	}
	// A convener without its folder begins again at one; and one that counts on, too.
	for _, from := range []int{1, 2} {
		dir := filepath.Join(s.dir, fmt.Sprint("again-", from))
		for i := 1; i < from; i++ {
			must(t, os.MkdirAll(filepath.Join(dir, fmt.Sprint(i)), 0o700))
			must(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i), "failed"), []byte("x"), 0o600))
		}
		h.Dir, h.Attempts = dir, from
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		var wg sync.WaitGroup
		for _, n := range []string{"alder", "birch"} {
			wg.Go(func() {
				o, err := sum.Take(ctx, s.part(n))
				if err == nil {
					t.Errorf("%s opens again: %v", n, o.Round.Number)
				}
				if from == 2 && (!errors.Is(err, secagg.ErrHistory) || !errors.Is(err, sum.ErrConvicted)) {
					t.Errorf("%s: %v", n, err)
				}
			})
		}
		if _, err := s.host.Hold(ctx, h); err == nil {
			t.Error("a second sum")
		}
		cancel()
		wg.Wait()
	}
}

// TestProvenLyingConvener: a convener that shows other reports than before, which one member in collusion has signed, has signed both sets: it is convicted by
// whoever saw both, and so is the author.
func TestProvenLyingConvener(t *testing.T) {
	s := newProvenScene(t, 3)
	first, stop := context.WithCancel(t.Context())
	defer stop()
	parts := s.parts()
	p := parts["alder"]
	p.Crash = func(point sum.Point, kind secagg.Kind) bool {
		if point == sum.Kept && kind == secagg.KindPrep { // it has seen the reports
			stop()
			return true
		}
		return false
	}
	parts["alder"] = p
	var wg sync.WaitGroup
	for _, p := range parts {
		wg.Go(func() { sum.Take(first, p) })
	}
	if _, err := s.host.Hold(first, s.holding()); err == nil {
		t.Fatal("it was not stopped")
	}
	wg.Wait()
	r := *s.proven
	r.Number = 1
	file := filepath.Join(s.dir, hub, "1", "report.birch")
	raw, err := os.ReadFile(file)
	must(t, err)
	keys := loopback.Keys("birch")
	signing := secagg.Signing{Sign: keys.Sign, Verify: func(string, string, []byte, []byte) error { return nil }}
	m, err := bounded.Open(r, signing, secagg.KindReport, "birch", raw)
	must(t, err)
	other := append([]byte{}, m.Body...)
	other[len(other)-1]++
	must(t, os.WriteFile(file, secagg.Sign(signing, secagg.KindReport, r.Base(), "birch", other).Bytes(), 0o600))

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	wg.Go(func() { s.host.Hold(ctx, s.holding()) })
	p.Crash = nil
	if _, err := sum.Take(ctx, p); !errors.Is(err, sum.ErrConvicted) || !strings.Contains(err.Error(), "hub has signed two sets of report messages") {
		t.Error("alder:", err)
	}
	cancel()
	wg.Wait()
	a, err := os.ReadFile(filepath.Join(s.dir, "alder", "evidence", "hub.attempt-1.1"))
	must(t, err)
	b, err := os.ReadFile(filepath.Join(s.dir, "alder", "evidence", "hub.attempt-1.2"))
	must(t, err)
	if what, ok := sum.ConvictsProven(*s.proven, s.verifying(), hub, a, b); !ok {
		t.Error("the evidence proves nothing:", what)
	}
	if what, ok := sum.ConvictsProven(*s.proven, s.verifying(), hub, a, a); ok {
		t.Error("one statement proves:", what)
	}
}

// verifying checks signatures as anybody can.
func (s *scene) verifying() secagg.Signing {
	return secagg.Signing{Verify: func(member, context string, msg, sig []byte) error {
		p, ok := s.members[member]
		if !ok {
			return errors.New("a stranger")
		}
		return p.Verify(context, msg, sig)
	}}
}

// TestOutOfRange: a member with a program of its own. Under masks the sum is shifted and nobody can tell; where bounds are proven everybody names it, nothing is
// opened, no other attempt follows, and what each was shown is evidence for anybody.
func TestOutOfRange(t *testing.T) {
	cheat := func(p sum.Part) sum.Part {
		p.Cheat = func(x []int64) []int64 {
			out := append([]int64{}, x...)
			out[2] += 1 << 30
			return out
		}
		return p
	}
	s := newScene(t, 4, 3)
	s.grace = 300 * time.Millisecond
	parts := s.parts()
	parts["cedar"] = cheat(parts["cedar"])
	got := s.play(parts, false)
	want := int64(1 << 30)
	for _, n := range names[:4] {
		want += s.vector(n)[2]
	}
	if r := got["alder"]; r.err != nil || r.out.Sum.Values[2] != want {
		t.Fatal("the attack does not work without the proof:", r.err)
	}

	s = newProvenScene(t, 4)
	parts = s.parts()
	parts["cedar"] = cheat(parts["cedar"])
	h := s.holding()
	h.Grace, h.Linger = 2*time.Second, 100*time.Millisecond
	got = s.playWith(h, parts, false)
	for _, n := range []string{hub, "alder", "birch", "dogwood"} {
		err := got[n].err
		if !errors.Is(err, sum.ErrOver) || !strings.Contains(err.Error(), "the report of cedar is not proven to be in range, say hub, alder, birch, dogwood") {
			t.Errorf("%s: %v", n, err)
		}
		if n == hub {
			continue
		}
		if left, _ := filepath.Glob(filepath.Join(s.dir, n, "*", "record.sealed")); len(left) > 0 {
			t.Error(n, "keeps its seed")
		}
		f, ok := errors.AsType[*bounded.Fault](judged(t, s, filepath.Join(s.dir, n, "evidence", "refused-1")))
		if !ok || f.Who != "cedar" || f.Charge != bounded.NotProven {
			t.Errorf("the evidence of %s names %+v", n, f)
		}
	}
	if _, err := os.Stat(filepath.Join(s.dir, hub, "2")); err == nil {
		t.Error("another attempt with a member that cheats")
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, "*", "1", "opening.*")); len(left) > 0 {
		t.Error("opened:", left)
	}
}

// judged reads what a member has kept of a round that it refused, as anybody can.
func judged(t *testing.T, s *scene, dir string) error {
	t.Helper()
	tr := bounded.Transcript{}
	for _, k := range bounded.Steps() {
		for _, n := range s.round.Members {
			b, err := os.ReadFile(filepath.Join(dir, k.String()+"."+n))
			if err != nil {
				continue
			}
			if tr[k] == nil {
				tr[k] = map[string][]byte{}
			}
			tr[k][n] = b
		}
	}
	r := *s.proven
	r.Number = 1
	return bounded.Judge(r, s.verifying(), tr)
}

// TestProvenRestored: a folder from before is noticed, by what the convener shows; nothing is opened with it.
func TestProvenRestored(t *testing.T) {
	s := newProvenScene(t, 3)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for _, n := range []string{"birch", "cedar"} {
		wg.Go(func() { sum.Take(ctx, s.part(n)) })
	}
	wg.Go(func() { s.host.Hold(ctx, s.holding()) })
	p := s.part("alder")
	p.Crash = func(point sum.Point, kind secagg.Kind) bool { return point == sum.Sent && kind == secagg.KindReport }
	if _, err := sum.Take(ctx, p); !errors.Is(err, sum.ErrCrashed) {
		t.Fatal(err)
	}
	must(t, os.RemoveAll(p.Dir))
	p.Crash = nil
	if _, err := sum.Take(ctx, p); !errors.Is(err, sum.ErrRestored) {
		t.Errorf("the older folder: %v", err)
	}
	cancel()
	wg.Wait()
	if left, _ := filepath.Glob(filepath.Join(s.dir, "*", "1", "opening.*")); len(left) > 0 {
		t.Error("opened:", left)
	}
}
