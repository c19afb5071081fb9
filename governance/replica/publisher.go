package replica

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/tacet-health/tacet/governance/ledger"
)

// maxPace is how long the convener lets a checkpoint gather cosignatures before it signs a newer one. It signs at once
// when all connected payers have cosigned, so the pace is only felt when one of them is slow.
const maxPace = time.Second

// publisher is the convener's side of checkpoints: it signs the log's state, sends it to the payers, gathers their cosignatures
// and sends the result round again.
type publisher struct {
	r *Replica

	mu       sync.Mutex // guards all below
	sessions map[*session]bool
	since    time.Time // when the newest checkpoint was signed in this process
}

// session is a payer's cosign stream. queue holds the newest form of each checkpoint it has not been sent; mail says that there is something. What is sent
// is what was added since the last.
type session struct {
	member string
	queue  []*ledger.Signed
	mail   chan struct{}
}

func newPublisher(r *Replica) *publisher {
	return &publisher{r: r, sessions: map[*session]bool{}}
}

// run signs checkpoints as the log grows.
func (p *publisher) run() {
	for {
		turn := p.r.turn.next()
		wait, err := p.sign()
		if err != nil {
			if errors.Is(err, ledger.ErrBroken) {
				p.r.cfg.Fatal(err)
			}
			p.r.log.Error("cannot sign a checkpoint", "error", err)
			wait = maxPace
		}
		var later <-chan time.Time
		if wait > 0 {
			later = time.After(wait)
		}
		select {
		case <-turn:
		case <-later:
		case <-p.r.ctx.Done():
			return
		}
	}
}

// sign makes a checkpoint if it is time, and returns how long to wait when it is too early.
func (p *publisher) sign() (time.Duration, error) {
	if !p.r.recovered() {
		return maxPace, nil
	}
	newest := p.r.checkpoints.get()
	if newest != nil && newest.Size == p.r.ledger.Size() && !p.first() {
		return 0, nil
	}
	if newest != nil {
		if left := maxPace - p.age(); left > 0 && !p.complete(newest) {
			return left, nil
		}
	}
	origin := p.r.cfg.Genesis.Ledger
	c, err := p.r.ledger.Checkpoint(origin)
	if err != nil {
		return 0, err
	}
	note, err := p.r.bind(func() ([]byte, error) {
		return p.r.ledger.Cosign(c, p.r.cfg.Keys.LogSigners(origin, time.Now())...)
	})
	if err != nil {
		return 0, err
	}
	s, err := p.r.openSigned(note)
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	p.since = time.Now()
	p.mu.Unlock()
	return 0, p.learn(s)
}

func (p *publisher) first() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.since.IsZero()
}

func (p *publisher) age() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.since)
}

// complete says whether all connected payers have cosigned.
func (p *publisher) complete(s *ledger.Signed) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k := range p.sessions {
		if !s.Members[k.member] && p.r.isMember(k.member) {
			return false
		}
	}
	return true
}

// learn takes signatures in and sends the newest checkpoint round when it has become better.
func (p *publisher) learn(s *ledger.Signed) error {
	added, err := p.r.checkpoints.learn(s)
	if err != nil || !added {
		return err
	}
	newest := p.r.checkpoints.get()
	p.mu.Lock()
	for k := range p.sessions {
		if p.r.isMember(k.member) {
			k.put(newest)
		}
	}
	p.mu.Unlock()
	p.r.turn.wake()
	return nil
}

// put queues a checkpoint for a payer. A newer form of the same replaces the older; different ones are all sent, so that a fully
// cosigned checkpoint is not skipped for a fresh one. p.mu is held.
func (k *session) put(s *ledger.Signed) {
	if n := len(k.queue); n > 0 && k.queue[n-1].Size == s.Size {
		k.queue[n-1] = s
	} else if k.queue = append(k.queue, s); len(k.queue) > 8 {
		k.queue = k.queue[1:]
	}
	select {
	case k.mail <- struct{}{}:
	default:
	}
}

// connected says which payers have a cosign stream.
func (p *publisher) connected() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]bool{}
	for k := range p.sessions {
		out[k.member] = true
	}
	return out
}

// serve is one payer's stream.
func (p *publisher) serve(ctx context.Context, from string, conn net.Conn) {
	if !p.r.isMember(from) {
		return
	}
	if b, err := readFrame(conn, 0); err != nil || len(b) != 0 {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	k := &session{member: from, mail: make(chan struct{}, 1)}
	p.mu.Lock()
	p.sessions[k] = true
	if s := p.r.checkpoints.get(); s != nil {
		k.put(s)
	}
	p.mu.Unlock()
	p.r.turn.wake() // the membership looks who is there
	var writer sync.WaitGroup
	defer writer.Wait()
	defer cancel()
	defer func() {
		p.mu.Lock()
		delete(p.sessions, k)
		p.mu.Unlock()
		p.r.turn.wake()
	}()
	writer.Go(func() {
		defer cancel()
		p.write(ctx, k, conn)
	})
	for {
		note, err := readFrame(conn, ledger.MaxNote)
		if err != nil {
			return
		}
		if err := p.accept(from, note); err != nil {
			p.r.log.Warn("cosignature refused", "from", from, "error", err)
			return
		}
	}
}

func (p *publisher) write(ctx context.Context, k *session, conn net.Conn) {
	var last *ledger.Signed // sent on this stream
	for {
		select {
		case <-k.mail:
		case <-ctx.Done():
			return
		}
		p.mu.Lock()
		queue := k.queue
		k.queue = nil
		p.mu.Unlock()
		for _, s := range queue {
			note, err := s.Since(last)
			if err != nil {
				return
			}
			last = s
			if note == nil {
				continue
			}
			if err := writeFrame(conn, note); err != nil {
				return
			}
		}
	}
}

// accept takes a payer's cosignature: of exactly that payer, under a checkpoint of this ledger.
func (p *publisher) accept(from string, note []byte) error {
	s, err := p.r.openSigned(note)
	if err != nil {
		return err
	}
	if s.Log || len(s.Members) != 1 || !s.Members[from] {
		return errors.New("a member sends its own cosignature alone")
	}
	root, err := p.r.ledger.RootAt(s.Size)
	if err != nil {
		return err
	}
	if root != s.Root {
		ours := ledger.Checkpoint{Origin: s.Origin, Size: s.Size, Root: root}
		p.r.proveFork(ledger.ForkProof{Kind: ledger.ForkCheckpoint, What: "member " + from + " signed another root at this size", Index: s.Size, Ours: ours.Text(), Theirs: note})
		return fmt.Errorf("size %d: %w; see %s", s.Size, ledger.ErrFork, filepath.Base(p.r.cfg.Dir))
	}
	if newest := p.r.checkpoints.get(); newest == nil || s.Size != newest.Size {
		return nil // late, and of use to nobody
	}
	return p.learn(s)
}
