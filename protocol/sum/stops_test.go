package sum_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/protocol/sum"
)

// TestConvenerStops in every step and goes on.
func TestConvenerStops(t *testing.T) {
	for k := secagg.KindKeys; k <= secagg.KindReveal; k++ {
		t.Run(k.String(), func(t *testing.T) { stopsAt(newScene(t, 3, 2), k) })
	}
}

// stopsAt stops the convener when a member is about to send a message of a kind.
func stopsAt(s *scene, k secagg.Kind) {
	parts := s.parts()
	first, stop := context.WithCancel(s.t.Context())
	p := parts["alder"]
	p.Crash = func(point sum.Point, kind secagg.Kind) bool {
		if point == sum.Kept && kind == k {
			stop()
		}
		return false
	}
	parts["alder"] = p
	defer stop()
	got := map[string]result{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n, p := range parts {
		wg.Go(func() {
			o, err := sum.Take(s.t.Context(), p)
			mu.Lock()
			defer mu.Unlock()
			got[n] = result{o, err}
		})
	}
	if _, err := s.host.Hold(first, s.holding()); err == nil {
		s.t.Log("it was at its end before it stopped")
	}
	o, err := s.host.Hold(s.t.Context(), s.holding())
	wg.Wait()
	got[hub] = result{o, err}
	s.check(got, names[:3], names[:3]...)
}

// TestRestored: a folder from before is noticed, by what the convener shows.
func TestRestored(t *testing.T) {
	s := newScene(t, 3, 2)
	s.grace = 300 * time.Millisecond
	parts := s.parts()
	p := parts["alder"]
	p.Crash = func(point sum.Point, kind secagg.Kind) bool { return point == sum.Sent && kind == secagg.KindMasked }
	parts["alder"] = p
	var again result
	var wg sync.WaitGroup
	got := func() map[string]result {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		out := map[string]result{}
		var mu sync.Mutex
		for n, p := range parts {
			wg.Go(func() {
				o, err := sum.Take(ctx, p)
				if n == "alder" && errors.Is(err, sum.ErrCrashed) {
					os.RemoveAll(p.Dir)
					p.Crash = nil
					o, err = sum.Take(ctx, p)
					again = result{o, err}
				}
				mu.Lock()
				defer mu.Unlock()
				out[n] = result{o, err}
			})
		}
		h := s.holding()
		h.Linger = time.Second
		o, err := s.host.Hold(ctx, h)
		wg.Wait()
		out[hub] = result{o, err}
		return out
	}()
	s.check(got, names[:3], "birch", "cedar")
	if !errors.Is(again.err, sum.ErrRestored) {
		t.Errorf("the older folder: %v", again.err)
	}
}

// TestGivenUp: a round that ended behind its lists is over, and stays so when the convener starts again.
func TestGivenUp(t *testing.T) {
	s := newScene(t, 3, 2)
	h := s.holding()
	must(t, os.MkdirAll(filepath.Join(h.Dir, "1"), 0o700))
	for name, text := range map[string]string{"failed": "step reveal was not finished in time", "fixed.list": "\x00\x00\x00\x00\x00\x00\x00\x07"} {
		must(t, os.WriteFile(filepath.Join(h.Dir, "1", name), []byte(text), 0o600))
	}
	if _, err := s.host.Hold(t.Context(), h); !errors.Is(err, sum.ErrOver) || !strings.Contains(err.Error(), "step reveal") {
		t.Errorf("it is held again: %v", err)
	}
	if _, err := os.Stat(filepath.Join(h.Dir, "2")); err == nil {
		t.Error("there is a second attempt")
	}
}
