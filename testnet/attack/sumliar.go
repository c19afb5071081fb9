package attack

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/sum"
)

// liar is a convener in place of sum.Host, with its real key: it takes what members send, and shows each of them what it likes, under its good signature.
type liar struct {
	l     *links
	round secagg.Round // with the number of the attempt it says is at hand
	ctx   context.Context

	mu      sync.Mutex // guards the rest
	grown   chan struct{}
	got     map[secagg.Kind]map[string][]byte
	vectors map[string][]byte
	push    map[string][][]byte // frames, by member
}

func (l *links) lies(ctx context.Context) *liar {
	x := &liar{l: l, round: l.round, ctx: ctx, grown: make(chan struct{}), vectors: map[string][]byte{}}
	x.begin(1)
	l.hub.Handle(sum.Service, x.serve)
	return x
}

// begin says that another attempt is at hand. Nothing is shown of the one before.
func (x *liar) begin(number uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.round.Number = number
	x.got, x.push = map[secagg.Kind]map[string][]byte{}, map[string][][]byte{}
	for k := secagg.KindKeys; k <= secagg.KindReveal; k++ {
		x.got[k] = map[string][]byte{}
	}
	x.changed()
}

// again shows nothing of what was shown, and forgets what was said from a kind on.
func (x *liar) again(from secagg.Kind) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.push = map[string][][]byte{}
	for k := from; k <= secagg.KindReveal; k++ {
		x.got[k] = map[string][]byte{}
	}
}

func (x *liar) changed() {
	close(x.grown)
	x.grown = make(chan struct{})
}

// Frames, as package sum documents them.
func frameOf(t, kind, member byte, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{t, kind, member}, uint32(len(payload))), payload...)
}

func frameFrom(r io.Reader) (t, kind byte, payload []byte, err error) {
	var h [7]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return 0, 0, nil, err
	}
	payload = make([]byte, binary.BigEndian.Uint32(h[3:]))
	_, err = io.ReadFull(r, payload)
	return h[0], h[1], payload, err
}

const (
	frameHello, frameMessage, frameVector, frameFixed, frameWord = 1, 2, 3, 4, 6

	byConvener = 255
)

// statement signs what the liar likes.
func (x *liar) statement(k secagg.Kind, set map[string][]byte) []byte {
	id := x.round.ID()
	b := binary.BigEndian.AppendUint64([]byte("tss1"), x.round.Number)
	b = append(append(b, id[:]...), byte(k))
	for _, n := range x.round.Members {
		var h [32]byte
		if set[n] != nil {
			h = sha256.Sum256(set[n])
		}
		b = append(b, h[:]...)
	}
	return append(b, x.l.keys[hub].Sign("tacet/sum/set/v1", b)...)
}

func (x *liar) serve(ctx context.Context, from string, conn link.Conn) {
	defer conn.Close()
	defer context.AfterFunc(x.ctx, func() { conn.Close() })()
	if t, _, _, err := frameFrom(conn); err != nil || t != frameHello {
		return
	}
	x.mu.Lock()
	hello := append(binary.BigEndian.AppendUint64(slices.Clone(x.round.Manifest[:]), x.round.Number), x.statement(0, nil)...)
	x.mu.Unlock()
	conn.Write(frameOf(frameHello, 0, 0, hello))
	left := make(chan struct{})
	go func() {
		defer close(left)
		for {
			t, k, payload, err := frameFrom(conn)
			if err != nil {
				return
			}
			x.mu.Lock()
			switch t {
			case frameMessage:
				x.got[secagg.Kind(k)][from] = payload
			case frameVector:
				x.vectors[from] = payload
			case frameWord:
				conn.Write(frameOf(frameWord, 0, 0, nil))
			}
			x.changed()
			x.mu.Unlock()
		}
	}()
	for sent := 0; ; {
		x.mu.Lock()
		more, grown := x.push[from][min(sent, len(x.push[from])):], x.grown
		x.mu.Unlock()
		for _, b := range more {
			if _, err := conn.Write(b); err != nil {
				return
			}
		}
		sent += len(more)
		select {
		case <-grown:
		case <-left:
			return
		case <-ctx.Done():
			return
		}
	}
}

// have is what has come of a kind.
func (x *liar) have(k secagg.Kind) map[string][]byte {
	x.mu.Lock()
	defer x.mu.Unlock()
	return maps.Clone(x.got[k])
}

// await waits until these members have sent a message of a kind, and gives all that have come.
func (x *liar) await(k secagg.Kind, names ...string) (map[string][]byte, error) {
	late := time.NewTimer(20 * time.Second)
	defer late.Stop()
	for {
		x.mu.Lock()
		set, grown := maps.Clone(x.got[k]), x.grown
		missing := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return set[n] != nil && (k != secagg.KindMasked || x.vectors[n] != nil) })
		x.mu.Unlock()
		if len(missing) == 0 {
			return set, nil
		}
		select {
		case <-grown:
		case <-late.C:
			return nil, fmt.Errorf("no %s message of %v comes", k, missing)
		case <-x.ctx.Done():
			return nil, x.ctx.Err()
		}
	}
}

// show shows members a set.
func (x *liar) show(k secagg.Kind, set map[string][]byte, to ...string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	stated := x.statement(k, set)
	for _, name := range to {
		for i, n := range x.round.Members {
			if set[n] != nil {
				x.push[name] = append(x.push[name], frameOf(frameMessage, byte(k), byte(i), set[n]))
			}
		}
		if k == secagg.KindReveal {
			for i, n := range x.round.Members {
				if x.got[secagg.KindMasked][n] != nil {
					x.push[name] = append(x.push[name], frameOf(frameVector, 0, byte(i), x.vectors[n]))
				}
			}
		}
		x.push[name] = append(x.push[name], frameOf(frameFixed, byte(k), 0, stated))
	}
	x.changed()
}

// propose shows members a list of these masked messages.
func (x *liar) propose(masked map[string][]byte, to ...string) error {
	p, err := secagg.Propose(x.round, x.l.signing(hub), hub, x.have(secagg.KindShares), masked)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, name := range to {
		x.push[name] = append(x.push[name], frameOf(frameMessage, byte(secagg.KindProposal), byConvener, p.Bytes()))
	}
	x.changed()
	return nil
}

// pass passes the steps from one kind to another on to these members as it should, when all of them have done them.
func (x *liar) pass(from, to secagg.Kind, names ...string) error {
	for k := from; k <= to; k++ {
		set, err := x.await(k, names...)
		if err != nil {
			return err
		}
		x.show(k, set, names...)
		if k == secagg.KindMasked {
			if err := x.propose(set, names...); err != nil {
				return err
			}
		}
	}
	return nil
}

// opens is the sum that the convener itself gets of a history.
func (x *liar) opens(masked, lists, reveals map[string][]byte) (*secagg.Sum, error) {
	x.mu.Lock()
	vectors := maps.Clone(x.vectors)
	x.mu.Unlock()
	return secagg.Recover(x.round, x.l.signing(hub), secagg.Transcript{
		Keys: x.have(secagg.KindKeys), Shares: x.have(secagg.KindShares), Masked: masked, Lists: lists, Reveals: reveals, Vectors: vectors,
	})
}

// put is a message of a member that the convener plays itself.
func (x *liar) put(k secagg.Kind, name string, m *secagg.Message, err error, vector ...[]byte) error {
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.got[k][name] = m.Bytes()
	for _, v := range vector {
		x.vectors[name] = v
	}
	x.changed()
	return nil
}
