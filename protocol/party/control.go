package party

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/wire"
)

// streams is the payer's Board: one long control stream and short ones for
// objects.
type streams struct {
	ep       link.Endpoint
	m        *run.Manifest
	members  map[string]identity.Public
	driver   *driver.Driver
	log      *slog.Logger
	transfer chan struct{} // downloads at a time

	mu     sync.Mutex // guards the rest
	outbox []wire.Message
	ending bool
	met    bool          // a control stream was open once
	wake   chan struct{} // capacity 1: the outbox has grown
	posted map[wire.Hash]chan struct{}
}

func newStreams(ep link.Endpoint, m *run.Manifest, members map[string]identity.Public, d *driver.Driver, log *slog.Logger) *streams {
	return &streams{
		ep: ep, m: m, members: members, driver: d, log: log, transfer: make(chan struct{}, 4),
		wake: make(chan struct{}, 1), posted: map[wire.Hash]chan struct{}{},
	}
}

// Publish queues a statement for the control stream, this one and every later
// one.
func (s *streams) Publish(m wire.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outbox = append(s.outbox, m)
	s.poke()
}

// close queues the farewell.
func (s *streams) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outbox = append(s.outbox, wire.Ended{Run: s.m.Run, Manifest: s.m.Hash})
	s.ending = true
	s.poke()
}

func (s *streams) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// control keeps a control stream until the farewell is said, the convener has
// left after it was there, or ctx ends.
func (s *streams) control(ctx context.Context) {
	again(ctx, func() error {
		err := s.session(ctx)
		if err == nil {
			return nil
		}
		s.log.Debug("control stream", "run", s.m.Run, "err", err)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.ending && s.met && errors.Is(err, link.ErrUnknownService) {
			return nil // the convener's run is over, nobody listens
		}
		return err
	})
}

// session is the life of one control stream. Nil: the farewell is said.
func (s *streams) session(ctx context.Context) error {
	conn, err := s.dial(ctx, wire.ServiceCommit)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	hello := wire.Hello{Version: wire.Version, Run: s.m.Run, Manifest: s.m.Hash}
	if err := wire.Write(conn, hello); err != nil {
		return err
	}
	kind, payload, err := wire.ReadFrame(conn)
	if err != nil {
		return fmt.Errorf("convener's hello: %w", err)
	}
	if kind != wire.KindHello {
		return refusal(kind, payload)
	}
	if h, err := wire.DecodeHello(payload); err != nil || h != hello {
		return errors.New("the convener speaks of another run")
	}
	s.mu.Lock()
	s.met = true
	s.mu.Unlock()
	read := make(chan error, 1)
	go func() { read <- s.read(ctx, conn, hello) }()
	err = s.write(conn, read)
	if err != nil && err != errReader {
		// The convener no longer listens; what it said before, perhaps why, may
		// still be on its way.
		stop := time.AfterFunc(farewell, func() { conn.Close() })
		<-read
		stop.Stop()
	}
	return err
}

var errReader = errors.New("the convener closed the control stream")

// write sends the outbox from its beginning. After the farewell it waits for
// the convener to close, so that nothing is lost with the connection.
func (s *streams) write(conn link.Conn, read <-chan error) error {
	for sent := 0; ; {
		s.mu.Lock()
		queue, ending := s.outbox[sent:], s.ending
		s.mu.Unlock()
		for _, m := range queue {
			if err := wire.Write(conn, m); err != nil {
				return err
			}
		}
		sent += len(queue)
		if ending {
			<-read
			return nil
		}
		select {
		case <-s.wake:
		case err := <-read:
			s.log.Debug("control stream read", "run", s.m.Run, "err", err)
			return errReader
		}
	}
}

// read takes the convener's frames. A signed message that does not verify is
// dropped: the convener may invent messages, it must not be able to make one
// count. The second hello stands behind all that the convener knew when the
// stream began. Anything else out of place ends the stream.
func (s *streams) read(ctx context.Context, conn link.Conn, hello wire.Hello) error {
	for {
		kind, payload, err := wire.ReadFrame(conn)
		if err != nil {
			return err
		}
		switch kind {
		case wire.KindCommit, wire.KindVoid:
			e, err := driver.Open(s.members, kind, payload)
			if err != nil {
				s.log.Warn("signed message refused", "run", s.m.Run, "err", err)
				continue
			}
			s.driver.Deliver(ctx, e)
		case wire.KindHello:
			if h, err := wire.DecodeHello(payload); err != nil || h != hello {
				return errors.New("the convener speaks of another run")
			}
			s.driver.Deliver(ctx, run.Told{})
		case wire.KindPosted:
			o, err := wire.DecodeObject(payload)
			if err != nil {
				return err
			}
			if o.Run == s.m.Run && o.Manifest == s.m.Hash {
				s.announce(o.Hash)
			}
		default:
			return refusal(kind, payload)
		}
	}
}

// refusal is the error that a frame other than the expected one means.
func refusal(kind wire.Kind, payload []byte) error {
	if kind != wire.KindRefusal {
		return fmt.Errorf("the convener sent a frame of kind %d out of place", kind)
	}
	r, err := wire.DecodeRefusal(payload)
	if err != nil {
		return err
	}
	return fmt.Errorf("convener: %w", r)
}

func (s *streams) dial(ctx context.Context, service string) (link.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := s.ep.Dial(ctx, s.m.Convener, service)
	if err != nil {
		return nil, fmt.Errorf("open %s at %s: %w", service, s.m.Convener, err)
	}
	return conn, nil
}

// again repeats f, with growing pauses, until it succeeds or ctx ends.
func again(ctx context.Context, f func() error) error {
	pause := 50 * time.Millisecond
	for {
		err := f()
		if err == nil {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
		pause = min(2*pause, 2*time.Second)
	}
}
