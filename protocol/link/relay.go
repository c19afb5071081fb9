package link

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
)

// relay opens the second leg and splices.
func (h *Hub) relay(p *peer, q *quicStream, hd header) {
	if !h.limiter.acquire(p.name) {
		h.refuse(q, p.name, ErrBusy)
		return
	}
	defer h.limiter.release(p.name)
	to, err := h.peer(hd.member)
	if err != nil {
		h.refuse(q, p.name, err)
		return
	}
	// Not OpenStreamSync: a payer without free streams must not hold others'.
	s, err := to.conn.OpenStream()
	if err != nil {
		var limit quic.StreamLimitReachedError
		if err = ErrNotConnected; errors.As(err, &limit) {
			err = ErrBusy
		}
		h.refuse(q, p.name, err)
		return
	}
	leg := newStream(s, h.opt.Name, to.name, hd.urgency)
	leg.s.SetWriteDeadline(time.Now().Add(h.opt.HeaderTimeout))
	if err := writeHeader(leg, header{kind: kindRelay, urgency: hd.urgency, member: p.name}); err != nil {
		leg.abort()
		h.refuse(q, p.name, ErrNotConnected)
		return
	}
	if err := writeAnswer(q, nil); err != nil {
		leg.abort()
		q.abort()
		return
	}
	q.SetDeadline(time.Time{})
	leg.SetDeadline(time.Time{})
	h.splice(q.s, s, p.conn, to.conn)
}

var spliceBuffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// splice passes bytes between two payers' streams until both directions have
// ended, each on its own: a payer may finish sending and still receive. It
// returns early, resetting both streams, when one of the connections is lost.
// A slow reader holds its writer back: nothing is read from one before the
// other took what was there, so at most two flow-control windows wait.
func (h *Hub) splice(a, b *quic.Stream, ca, cb *quic.Conn) {
	abort := func() {
		for _, s := range []*quic.Stream{a, b} {
			s.CancelWrite(codeAborted)
			s.CancelRead(codeAborted)
		}
	}
	stopA, stopB := context.AfterFunc(ca.Context(), abort), context.AfterFunc(cb.Context(), abort)
	defer stopA()
	defer stopB()
	var wg sync.WaitGroup
	wg.Go(func() { h.pass(b, a) })
	h.pass(a, b)
	wg.Wait()
}

// pass copies one direction and carries its end over: EOF as EOF, a reset as a
// reset, and a reader that stopped reading as a writer that must stop.
func (h *Hub) pass(dst, src *quic.Stream) {
	// A reader that left shows on the sending side first: tell the writer now,
	// not when it sends again.
	defer context.AfterFunc(dst.Context(), func() {
		var reset *quic.StreamError
		if errors.As(context.Cause(dst.Context()), &reset) {
			src.CancelRead(codeAborted)
		}
	})()
	buf := spliceBuffers.Get().(*[bufferSize]byte)
	defer spliceBuffers.Put(buf)
	for {
		n, err := src.Read(buf[:])
		if n > 0 {
			if tap := h.tap.Load(); tap != nil {
				(*tap)(buf[:n])
			}
			h.counters.relayed.Add(int64(n))
			if _, werr := dst.Write(buf[:n]); werr != nil {
				src.CancelRead(codeAborted)
				return
			}
		}
		switch {
		case err == io.EOF:
			dst.Close()
			return
		case err != nil:
			dst.CancelWrite(codeAborted)
			return
		}
	}
}
