package sum

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run/objects"
)

// helloTimeout is how long a stream may be without its hello.
const helloTimeout = 30 * time.Second

// serve is the life of a member's stream.
func (h *Host) serve(ctx context.Context, from string, conn link.Conn) {
	defer conn.Close()
	h.mu.Lock()
	if h.life.Err() != nil {
		h.mu.Unlock()
		return
	}
	h.wg.Add(1)
	h.mu.Unlock()
	defer h.wg.Done()
	defer context.AfterFunc(h.life, func() { conn.Close() })()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	conn.SetReadDeadline(time.Now().Add(helloTimeout))
	f, err := readFrame(conn, nil, secagg.Round{})
	if err != nil || f.t != tHello || len(f.payload) != helloSize {
		return
	}
	h.mu.Lock()
	e := h.held[[32]byte(f.payload[:32])]
	var a *attempt
	if e != nil {
		a = e.at
	}
	h.mu.Unlock()
	if a == nil || !slices.Contains(a.round.Members, from) {
		writeFrame(conn, refusal(false, "no such round is held here now"))
		conn.CloseWrite()
		return
	}
	if writeFrame(conn, hello(a.round.Manifest, a.round.Number, a.begun)) != nil {
		return
	}
	conn.SetReadDeadline(time.Time{})
	var wg sync.WaitGroup
	defer wg.Wait()
	read, spoken := make(chan struct{}), false
	wg.Go(func() {
		defer close(read)
		err := error(nil)
		if spoken, err = a.read(e.c, from, conn); err != nil {
			e.c.Log.Warn("round: stream ended", "member", from, "why", err)
		}
	})
	defer conn.Close() // ends the reader
	for sent := 0; ; {
		more, over, grown := a.from(sent)
		for _, f := range more {
			if writeFrame(conn, f) != nil {
				return
			}
		}
		if sent += len(more); over {
			conn.CloseWrite()
			select { // what was written arrives before the stream goes
			case <-read:
			case <-time.After(time.Second):
			}
			return
		}
		if len(more) > 0 {
			continue
		}
		select {
		case <-grown:
		case <-read:
			if spoken && writeFrame(conn, frame{t: tWord}) == nil && conn.CloseWrite() == nil {
				a.took(from)
			}
			return
		}
	}
}

// read takes a member's frames until its word, or one that is out of place.
func (a *attempt) read(c *Holding, from string, conn link.Conn) (spoken bool, err error) {
	for {
		f, err := readFrame(conn, a.scheme, a.round)
		if err != nil {
			return false, nil // it has left
		}
		switch f.t {
		case tMessage:
			err = a.message(from, f.kind, f.payload)
		case tVector:
			err = a.vector(from, f.payload)
		case tWord:
			err = a.word(c, from, f.payload)
			return err == nil, err
		default:
			err = fmt.Errorf("frame of type %d out of place", f.t)
		}
		if err != nil {
			return false, err
		}
	}
}

// word takes what a member says about the outcome. It may come before the convener has computed the sum.
func (a *attempt) word(c *Holding, from string, word []byte) error {
	a.mu.Lock()
	for a.outcome == nil {
		if grown := a.grown; a.finished || !a.fixed[a.steps()[len(a.steps())-1]] {
			a.mu.Unlock()
			return fmt.Errorf("%s speaks of a sum that is not there", from)
		} else {
			a.mu.Unlock()
			select {
			case <-grown:
			case <-time.After(time.Minute):
				return fmt.Errorf("%s speaks of a sum that is not there", from)
			}
		}
		a.mu.Lock()
	}
	out := a.outcome
	a.mu.Unlock()
	if c.Accept != nil {
		if err := c.Accept(out, from, word); err != nil {
			return err
		}
	}
	if err := objects.Replace(filepath.Join(a.dir, "word."+from), word); err != nil {
		return fmt.Errorf("round: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.words[from] = word
	return nil
}

// took notes that a member has the end.
func (a *attempt) took(member string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.done[member] = true
	a.changed()
}

// heard reads the words that an earlier life took.
func (a *attempt) heard(c *Holding, out *Outcome) {
	for _, n := range a.round.Members {
		b, err := os.ReadFile(filepath.Join(a.dir, "word."+n))
		if err == nil && (c.Accept == nil || c.Accept(out, n, b) == nil) {
			a.mu.Lock()
			a.words[n] = b
			a.mu.Unlock()
		}
	}
}
