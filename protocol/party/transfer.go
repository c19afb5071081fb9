package party

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// maxPosted bounds what a convener can make a payer remember: more objects than
// any run has.
const maxPosted = (wire.MaxStep + 1) * 16

// announce notes that the board holds an object.
func (s *streams) announce(h wire.Hash) {
	if ch := s.notice(h); ch != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		select {
		case <-ch:
		default:
			close(ch)
		}
	}
}

// notice returns a channel that is closed once the object is announced.
func (s *streams) notice(h wire.Hash) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, ok := s.posted[h]
	if !ok {
		if len(s.posted) >= maxPosted {
			return nil
		}
		ch = make(chan struct{})
		s.posted[h] = ch
	}
	return ch
}

// Put reveals an object from its journal file, again until the convener has it.
func (s *streams) Put(ctx context.Context, o wire.Object, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	list, size, err := objects.ListOf(path)
	if err == nil && (size != o.Size || list.Hash(size) != o.Hash) {
		err = errors.New("the file is not the object that was committed to")
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return again(ctx, func() error {
		err := s.put(ctx, o, f, list)
		if err != nil {
			s.log.Debug("reveal object", "run", o.Run, "step", o.Step, "err", err)
		}
		return err
	})
}

func (s *streams) put(ctx context.Context, o wire.Object, f *os.File, list objects.List) error {
	conn, err := s.dial(ctx, wire.ServicePut)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := wire.Write(conn, wire.Put(o)); err != nil {
		return err
	}
	kind, err := answer(conn, o, wire.KindProceed, wire.KindPosted)
	if err != nil || kind == wire.KindPosted {
		return err
	}
	_, kind, payload, err := objects.Serve(conn, f, list, o.Size)
	if err != nil {
		return err
	}
	if kind == 0 {
		return errors.New("the convener ended the stream in the middle of an object")
	}
	return verdict(kind, payload, o, wire.KindPosted)
}

// Get brings an object into path. Hash and size are checked before the file
// gets its name. A wrong object is asked for once more; then it is the board's
// last word.
func (s *streams) Get(ctx context.Context, o wire.Object, path string) (string, error) {
	if ch := s.notice(o.Hash); ch != nil {
		select {
		case <-ch:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	select {
	case s.transfer <- struct{}{}:
		defer func() { <-s.transfer }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	// What an earlier life of this process, or an earlier stream, has brought is
	// not asked for again.
	if p, err := objects.Resume(path, o.Hash, o.Size); err == nil {
		complete := p.Complete()
		p.Close()
		if complete {
			return path, nil
		}
	}
	var wrong error
	tries := 0
	err := again(ctx, func() error {
		err := s.get(ctx, o, path)
		if errors.Is(err, objects.ErrWrong) {
			if tries++; tries > 1 {
				wrong = err
				return nil
			}
		}
		if err != nil {
			s.log.Debug("fetch object", "run", o.Run, "step", o.Step, "of", o.Member, "err", err)
		}
		return err
	})
	return path, errors.Join(err, wrong)
}

func (s *streams) get(ctx context.Context, o wire.Object, path string) error {
	conn, err := s.dial(ctx, wire.ServiceGet)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := wire.Write(conn, wire.Get(o)); err != nil {
		return err
	}
	if _, err := answer(conn, o, wire.KindPosted); err != nil {
		return err
	}
	p, err := objects.Resume(path, o.Hash, o.Size)
	if err != nil {
		return err
	}
	defer p.Close()
	if _, err := p.Fill(conn); err != nil {
		return err
	}
	conn.CloseWrite()
	return p.Keep(false) // it is used and deleted by this process; one that is lost is fetched again
}

// answer reads one of the wanted frames, about exactly this object.
func answer(conn link.Conn, o wire.Object, want ...wire.Kind) (wire.Kind, error) {
	kind, payload, err := wire.ReadFrame(conn)
	if err != nil {
		return 0, fmt.Errorf("convener's answer: %w", err)
	}
	return kind, verdict(kind, payload, o, want...)
}

// verdict checks that a frame is one of the wanted, about exactly this object.
func verdict(kind wire.Kind, payload []byte, o wire.Object, want ...wire.Kind) error {
	if !slices.Contains(want, kind) {
		return refusal(kind, payload)
	}
	if got, err := wire.DecodeObject(payload); err != nil || got != o {
		return errors.Join(errors.New("the convener answers about another object"), err)
	}
	return nil
}
