package room_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/silence"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/room"
	"github.com/tacet-health/tacet/protocol/sum"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hub = "hub"

var names = []string{"alder", "birch", "cedar", "elder"}

// scene is a convener and its members on loopback.
type scene struct {
	t       *testing.T
	members map[string]identity.Public
	host    *sum.Host
	payers  map[string]*link.Payer
	dir     string
}

func newScene(t *testing.T) *scene {
	s := &scene{t: t, members: loopback.Public(append(slices.Clone(names), hub)...), dir: t.TempDir()}
	h, payers := loopback.Connect(t, hub, names...)
	s.payers = payers
	for _, p := range payers {
		must(t, p.WaitConnected(t.Context()))
	}
	s.host = sum.NewHost(h)
	t.Cleanup(s.host.Close)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *scene) config(name string, id byte) room.Config {
	return room.Config{
		Sitting: silence.Sitting{ID: [32]byte{id}, Members: names, MaxText: 128}, Keys: loopback.Keys(name), Members: s.members,
		Dir: filepath.Join(s.dir, fmt.Sprint(id), name),
	}
}

// wire records what a member sends: the sizes of its writes, stream by stream.
type wire struct {
	link.Endpoint
	mu      sync.Mutex
	streams [][]int
}

type recorded struct {
	link.Conn
	w  *wire
	at int
}

func (w *wire) Dial(ctx context.Context, member, service string) (link.Conn, error) {
	c, err := w.Endpoint.Dial(ctx, member, service)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.streams = append(w.streams, nil)
	return recorded{c, w, len(w.streams) - 1}, nil
}

func (r recorded) Write(b []byte) (int, error) {
	n, err := r.Conn.Write(b)
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	r.w.streams[r.at] = append(r.w.streams[r.at], n)
	return n, err
}

// shape is what was sent in streams that came to something: one for which the convener was not there yet is said hello to and no more.
func (w *wire) shape() (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.streams {
		if len(s) > 1 {
			out = append(out, fmt.Sprint(s))
		}
	}
	return out
}

type end struct {
	res *room.Result
	err error
}

// hold holds a sitting. change may change a member's part; members for which it says false do not come.
func (s *scene) hold(ctx context.Context, id byte, say map[string]string, change func(*room.Part, string) bool) (map[string]end, map[string]*wire) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	ends, wires := map[string]end{}, map[string]*wire{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	put := func(name string, res *room.Result, err error) {
		mu.Lock()
		defer mu.Unlock()
		ends[name] = end{res, err}
	}
	wg.Go(func() {
		res, err := room.Hold(ctx, room.Hosting{Config: s.config(hub, id), Host: s.host, Deadline: 3 * time.Second, Accept: func(res *room.Result, member string, word []byte) error {
			if string(word) != fmt.Sprintf("%s %x", member, res.Transcript) {
				return errors.New("another word")
			}
			return nil
		}})
		put(hub, res, err)
	})
	for _, n := range names {
		w := &wire{Endpoint: s.payers[n]}
		p := room.Part{Config: s.config(n, id), Endpoint: w, Convener: hub, Text: say[n], Word: func(res *room.Result) []byte { return fmt.Appendf(nil, "%s %x", n, res.Transcript) }}
		if change != nil && !change(&p, n) {
			continue
		}
		wires[n] = w
		wg.Go(func() {
			res, err := room.Take(ctx, p)
			put(n, res, err)
		})
	}
	wg.Wait()
	return ends, wires
}

// TestSitting: everybody reads the same, whoever says something, and has said so to the convener.
func TestSitting(t *testing.T) {
	s := newScene(t)
	ends, _ := s.hold(t.Context(), 1, map[string]string{"cedar": "the exclusion for hospice is too narrow", "alder": "so is the age band"}, nil)
	want := []string{"so is the age band", "the exclusion for hospice is too narrow"}
	for n, e := range ends {
		if e.err != nil || !slices.Equal(e.res.Texts, want) || e.res.Spoiled != 0 || e.res.Transcript != ends[hub].res.Transcript {
			t.Fatalf("%s: %+v, %v", n, e.res, e.err)
		}
	}
	if len(ends) != len(names)+1 || len(ends[hub].res.Words) != len(names) {
		t.Errorf("%d ends, %d words", len(ends), len(ends[hub].res.Words))
	}
}

// TestShapeOnTheWire: at the sockets, a member that speaks and one that does not have sent the same number of bytes in the same writes, in every sitting,
// whoever speaks and however much.
func TestShapeOnTheWire(t *testing.T) {
	s := newScene(t)
	shapes := map[string][]string{}
	for i, say := range []map[string]string{{}, {"birch": "x"}, {"birch": strings.Repeat("y", 128), "elder": "z"}} {
		ends, wires := s.hold(t.Context(), byte(10+i), say, nil)
		for n, e := range ends {
			if e.err != nil {
				t.Fatal(n, e.err)
			}
		}
		for n, w := range wires {
			shape := w.shape()
			if len(shape) < 2 {
				t.Fatalf("%s has sent in %d streams", n, len(shape))
			}
			if !slices.Equal(shape, wires["alder"].shape()) {
				t.Errorf("sitting %d: %s sends %v, alder %v", i, n, shape, wires["alder"].shape())
			}
			shapes[shape[len(shape)-1]] = append(shapes[shape[len(shape)-1]], n) // of the round in which they speak
			for _, reserve := range shape[:len(shape)-1] {
				if reserve != shape[0] {
					t.Errorf("%s: two first rounds of different shape", n)
				}
			}
		}
	}
	if len(shapes) != 1 {
		t.Errorf("%d shapes", len(shapes))
	}
}

// TestOneIsMissing: nothing is opened, at nobody, and the sitting is over for all.
func TestOneIsMissing(t *testing.T) {
	s := newScene(t)
	opened := make(chan string, 10)
	ends, _ := s.hold(t.Context(), 20, map[string]string{"birch": "said again later"}, func(p *room.Part, n string) bool {
		p.Opening = func() error { opened <- n; return nil }
		return n != "elder"
	})
	for n, e := range ends {
		if e.err == nil {
			t.Errorf("%s has a result", n)
		}
	}
	if len(opened) != 0 {
		t.Errorf("%d members were about to open", len(opened))
	}
}

// TestCrashBeforeOpening: a member that dies when it is about to open takes the sitting with it; the others learn nothing, and those who have opened know it.
func TestCrashBeforeOpening(t *testing.T) {
	s := newScene(t)
	crash := errors.New("a disk that is full")
	ends, _ := s.hold(t.Context(), 30, map[string]string{"birch": "half said"}, func(p *room.Part, n string) bool {
		if n == "cedar" {
			p.Opening = func() error { return crash }
		}
		return true
	})
	for n, e := range ends {
		if e.err == nil {
			t.Errorf("%s has a result without cedar", n)
		}
		if n == "cedar" && !errors.Is(e.err, crash) {
			t.Error(e.err)
		}
	}
	// The same members hold another one.
	ends, _ = s.hold(t.Context(), 31, map[string]string{"birch": "half said"}, nil)
	if e := ends["cedar"]; e.err != nil || !slices.Equal(e.res.Texts, []string{"half said"}) {
		t.Error(e)
	}
}

// TestVote: a sealed vote is counted from the same sums.
func TestVote(t *testing.T) {
	s := newScene(t)
	v := silence.Vote{Sitting: s.config(hub, 40).Sitting, Options: 2}
	say := map[string]string{}
	for i, option := range []int{0, 1, silence.Abstain, 0} {
		text, err := v.Ballot(option)
		must(t, err)
		say[names[i]] = text
	}
	ends, _ := s.hold(t.Context(), 40, say, nil)
	for n, e := range ends {
		must(t, e.err)
		tally, err := v.Tally(e.res.Keys, e.res.Sum)
		if err != nil || !slices.Equal(tally.Counts, []int{2, 1}) || tally.Abstained != 1 || tally.Present != 4 {
			t.Errorf("%s: %+v %v", n, tally, err)
		}
	}
}
