package secaggbench

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// one is what one round measured.
type one struct {
	wall              time.Duration
	masking, own, sum time.Duration // the largest of the payers: the masking call, all calls, Recover
	sent              int           // largest
}

// group waits for goroutines and joins their errors.
type group struct {
	wg   sync.WaitGroup
	mu   sync.Mutex
	errs []error
}

func (g *group) Go(f func() error) {
	g.wg.Go(func() {
		if err := f(); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.errs = append(g.errs, err)
		}
	})
}

func (g *group) Wait() error {
	g.wg.Wait()
	return errors.Join(g.errs...)
}

// gather reads a frame from every payer.
func (s *scene) gather(names []string) (map[string][]byte, error) {
	got := make([][]byte, len(names))
	var g group
	for i, n := range names {
		g.Go(func() (err error) { got[i], err = readFrame(s.down[n]); return err })
	}
	err := g.Wait()
	m := map[string][]byte{}
	for i, n := range names {
		m[n] = got[i]
	}
	return m, err
}

func (s *scene) scatter(names []string, b []byte) error {
	var g group
	for _, n := range names {
		g.Go(func() error { _, err := writeFrame(s.down[n], b); return err })
	}
	return g.Wait()
}

func words(v []int64) []byte {
	b := make([]byte, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(b[8*i:], uint64(x))
	}
	return b
}

// plainRound has every payer send its vector and the convener send the sum.
func (s *scene) plainRound(names []string, x map[string][]int64) (one, []byte, error) {
	var o one
	begin := time.Now()
	var g group
	sums := make([][]byte, len(names))
	for i, n := range names {
		g.Go(func() (err error) {
			if _, err = writeFrame(s.up[i], words(x[n])); err == nil {
				sums[i], err = readFrame(s.up[i])
			}
			return err
		})
	}
	g.Go(func() error {
		all, err := s.gather(names)
		if err != nil {
			return err
		}
		sum := make([]int64, len(x[names[0]]))
		for _, b := range all {
			for i := range sum {
				sum[i] += int64(binary.LittleEndian.Uint64(b[8*i:]))
			}
		}
		return s.scatter(names, words(sum))
	})
	err := g.Wait()
	o.wall = time.Since(begin)
	return o, sums[0], err
}

// maskedRound is a round of secure aggregation over the same streams.
func (s *scene) maskedRound(r secagg.Round, sign func(string) secagg.Signing, x map[string][]int64) (one, []byte, error) {
	var g group
	per, sums := make([]one, len(r.Members)), make([][]byte, len(r.Members))
	var t secagg.Transcript
	begin := time.Now()
	for i, n := range r.Members {
		g.Go(func() error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			err := s.member(i, r, n, sign(n), x[n], &per[i], &sums[i])
			if err != nil {
				err = fmt.Errorf("%s: %w", n, err)
			}
			return err
		})
	}
	g.Go(func() (err error) { t, err = s.convene(r, sign("convener")); return err })
	err := g.Wait()
	o := one{wall: time.Since(begin)}
	if err != nil {
		return o, nil, err
	}
	for _, p := range per {
		o.masking, o.own, o.sent = max(o.masking, p.masking), max(o.own, p.own), max(o.sent, p.sent)
	}
	g.Go(func() error { // what a payer spends when it recovers the sum itself
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		at := threadTime()
		sum, err := secagg.Recover(r, sign(r.Members[0]), t)
		o.sum = threadTime() - at
		if err == nil && string(words(sum.Values)) != string(sums[0]) {
			err = errors.New("the sum the convener sends is not the one a payer recovers")
		}
		return err
	})
	return o, sums[0], g.Wait()
}

// member does one payer's part over its stream.
func (s *scene) member(i int, r secagg.Round, name string, sign secagg.Signing, x []int64, o *one, sum *[]byte) error {
	c, names := s.up[i], r.Members
	m, err := secagg.New(r, name, sign)
	if err != nil {
		return err
	}
	// step makes a message, sends it, and reads what the convener answers.
	step := func(spent *time.Duration, make func() (*secagg.Message, []byte, error)) ([]byte, error) {
		at := threadTime()
		msg, vector, err := make()
		used := threadTime() - at
		if o.own += used; spent != nil {
			*spent = used
		}
		if err != nil {
			return nil, err
		}
		n, err := writeFrame(c, binary.BigEndian.AppendUint32(nil, uint32(len(msg.Bytes()))), msg.Bytes(), vector)
		if o.sent += n; err != nil {
			return nil, err
		}
		return readFrame(c)
	}
	var set map[string][]byte
	next := func(b []byte, err error) error {
		if err == nil {
			set, err = unpack(names, b)
		}
		return err
	}
	with := func(f func() (*secagg.Message, error)) func() (*secagg.Message, []byte, error) {
		return func() (*secagg.Message, []byte, error) { msg, err := f(); return msg, nil, err }
	}
	if err := next(step(nil, with(m.Keys))); err != nil {
		return err
	}
	if err := next(step(nil, with(func() (*secagg.Message, error) { return m.Shares(set) }))); err != nil {
		return err
	}
	b, err := step(&o.masking, func() (*secagg.Message, []byte, error) { return m.Masked(set, x) })
	if err != nil {
		return err
	}
	if len(b) < 4 || len(b)-4 < int(binary.BigEndian.Uint32(b)) {
		return errors.New("no list")
	}
	proposal := b[4:][:binary.BigEndian.Uint32(b)]
	if set, err = unpack(names, b[4+len(proposal):]); err != nil {
		return err
	}
	if err := next(step(nil, with(func() (*secagg.Message, error) { return m.Cosign("convener", proposal, set) }))); err != nil {
		return err
	}
	*sum, err = step(nil, with(func() (*secagg.Message, error) { return m.Reveal(set) }))
	return err
}

// convene is the convener's part: it relays, proposes the list, recovers the sum and sends it.
func (s *scene) convene(r secagg.Round, sign secagg.Signing) (t secagg.Transcript, err error) {
	names := r.Members
	t.Vectors = map[string][]byte{}
	for _, to := range []*map[string][]byte{&t.Keys, &t.Shares, &t.Masked, &t.Lists, &t.Reveals} {
		all, err := s.gather(names)
		if err != nil {
			return t, err
		}
		*to = map[string][]byte{}
		for n, b := range all {
			if len(b) < 4 || len(b)-4 < int(binary.BigEndian.Uint32(b)) {
				return t, errors.New("a step without a message")
			}
			size := binary.BigEndian.Uint32(b)
			(*to)[n] = b[4:][:size]
			if to == &t.Masked {
				t.Vectors[n] = b[4+size:]
			}
		}
		answer := pack(names, *to)
		switch to {
		case &t.Masked:
			p, err := secagg.Propose(r, sign, "convener", t.Shares, t.Masked)
			if err != nil {
				return t, err
			}
			answer = append(append(binary.BigEndian.AppendUint32(nil, uint32(len(p.Bytes()))), p.Bytes()...), answer...)
		case &t.Reveals:
			sum, err := secagg.Recover(r, sign, t)
			if err != nil {
				return t, err
			}
			answer = words(sum.Values)
		}
		if err := s.scatter(names, answer); err != nil {
			return t, err
		}
	}
	return t, nil
}
