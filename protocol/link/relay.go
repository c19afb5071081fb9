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
func (h *Hub) relay(p *peer, q stream, hd header) {
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
	// Not open: a payer without free streams must not hold others'.
	leg, err := to.conn.tryOpen()
	if err != nil {
		h.refuse(q, p.name, err)
		return
	}
	leg.meet(h.opt.Name, to.name)
	leg.urgency(hd.urgency)
	leg.SetWriteDeadline(time.Now().Add(h.opt.HeaderTimeout))
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
	h.splice(q, leg, p.conn.Context(), to.conn.Context())
}

var spliceBuffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// splice passes bytes between two payers' streams until both directions have
// ended, each on its own: a payer may finish sending and still receive. It
// returns early, resetting both streams, when one of the connections is lost.
// A slow reader holds its writer back: nothing is read from one before the
// other took what was there, so at most two flow-control windows wait.
func (h *Hub) splice(a, b stream, ca, cb context.Context) {
	abort := func() {
		a.abort()
		b.abort()
	}
	stopA, stopB := context.AfterFunc(ca, abort), context.AfterFunc(cb, abort)
	defer stopA()
	defer stopB()
	var wg sync.WaitGroup
	wg.Go(func() { h.pass(b, a) })
	h.pass(a, b)
	wg.Wait()
}

// pass copies one direction and carries its end over: EOF as EOF, a reset as a
// reset, and a reader that stopped reading as a writer that must stop.
func (h *Hub) pass(dst, src stream) {
	// A reader that left shows on the sending side first: tell the writer now,
	// not when it sends again.
	defer context.AfterFunc(dst.left(), func() {
		var reset *quic.StreamError
		if cause := context.Cause(dst.left()); errors.As(cause, &reset) || errors.Is(cause, errPeerReset) {
			src.stopReading()
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
				src.stopReading()
				return
			}
		}
		switch {
		case err == io.EOF:
			dst.CloseWrite()
			return
		case err != nil:
			dst.stopWriting()
			return
		}
	}
}
