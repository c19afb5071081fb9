package bench

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// payer is a key share asleep: the few hundred bytes it can be drawn from again. One payer at a time is awake, so that this process holds
// what one member holds, whatever the number of payers.
type payer []byte

// awake lends a payer's key share to f.
func (r *run) awake(i int, f func(*mhe.Party) error) error {
	p, err := r.c.Resume(r.ref, r.p.plan.Rotations(), r.payers[i])
	if err != nil {
		return err
	}
	defer p.Erase()
	if err := f(p); err != nil {
		return err
	}
	clear(r.payers[i])
	r.payers[i], err = p.State()
	return err
}

// drawKeys draws all payers' key shares.
func (r *run) drawKeys() error {
	for range r.p.plan.Payers() {
		p, err := r.c.NewParty(r.ref, r.p.plan.Rotations())
		if err != nil {
			return err
		}
		state, err := p.State()
		p.Erase()
		if err != nil {
			return err
		}
		r.payers = append(r.payers, state)
	}
	return nil
}

// timed runs f and adds its processor time to d.
func timed(d *time.Duration, f func() error) error {
	begin, _ := usage()
	err := f()
	end, _ := usage()
	*d += end - begin
	return err
}

func (r *run) object(step string, i int) string {
	return filepath.Join(r.dir, fmt.Sprintf("%s.%d", step, i))
}

// reveal writes one payer's object of a step to its file.
func (r *run) reveal(step string, i int, write func(p *mhe.Party, w io.Writer) error) error {
	f, err := os.Create(r.object(step, i))
	if err != nil {
		return err
	}
	defer f.Close()
	n := &counter{w: bufio.NewWriterSize(f, 1<<18)}
	if err := r.awake(i, func(p *mhe.Party) error {
		return timed(&r.cost[step].own, func() error { return write(p, n) })
	}); err != nil {
		return err
	}
	r.cost[step].sent += n.n
	return n.w.Flush()
}

// absorb adds one payer's object of a step, and removes it.
func (r *run) absorb(step string, i int, add func(io.Reader) error) error {
	f, err := os.Open(r.object(step, i))
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	return timed(&r.cost[step].all, func() error { return add(f) })
}

// exchange is one step: every payer's object is made, added and removed, one after the other.
func (r *run) exchange(step string, write func(i int, p *mhe.Party, w io.Writer) error, add func(io.Reader) error) error {
	for i := range r.payers {
		if err := r.reveal(step, i, func(p *mhe.Party, w io.Writer) error { return write(i, p, w) }); err != nil {
			return err
		}
		if err := r.absorb(step, i, add); err != nil {
			return err
		}
	}
	return nil
}

type counter struct {
	w *bufio.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
