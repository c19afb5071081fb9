package sum

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/protocol/link"
)

// speak sends this member's message of a step, or its objection. It is made once in a life, journalled before it leaves, and sent again on every stream.
func (p *part) speak(ctx context.Context, conn link.Conn, k secagg.Kind) error {
	if p.said[k] == nil && p.fault == nil {
		if p.member == nil {
			return nil
		}
		if err := p.dies(Entered, k); err != nil {
			return err
		}
		if err := p.make(ctx, k); errors.Is(err, errWatches) {
			p.member = nil
			return nil
		} else if err != nil {
			if ctx.Err() != nil {
				return err
			}
			return fatal{p.blame(err)}
		}
		if err := p.dies(Kept, k); err != nil {
			return err
		}
	}
	if p.said[k] == nil { // it objects; the convener ends the round, or does not
		k = secagg.KindObjection
		conn.SetReadDeadline(p.since.Add(farewell))
	}
	i := byte(slices.Index(p.round.Members, p.Keys.Name()))
	if err := writeFrame(conn, frame{tMessage, k, i, p.said[k]}); err != nil {
		return err
	}
	if k == secagg.KindMasked {
		if err := writeFrame(conn, frame{tVector, 0, i, p.masked}); err != nil {
			return err
		}
	}
	return p.dies(Sent, k)
}

// make computes a step and makes it durable. A message that opens the sum is bound to outside before, and remembered. Where the step cannot be done since
// somebody has not kept to the protocol, it is an objection instead, and what this member was shown is evidence.
func (p *part) make(ctx context.Context, k secagg.Kind) error {
	m, vector, err := p.member.say(p, k)
	if f, ok := errors.AsType[*bounded.Fault](err); ok {
		if convener := p.blame(err); errors.Is(convener, ErrConvicted) {
			return convener // no objection is worth anything before it
		}
		if err := p.journal.refused(p.round.Number, &p.sets); err != nil {
			return err
		}
		b, err := p.journal.say(p.member.object(f), nil, p.scheme, p.round, p.sign)
		if err == nil {
			p.said[secagg.KindObjection], p.fault, p.since = b, f, time.Now()
		}
		return err
	}
	if err != nil {
		return err
	}
	if p.member != nil {
		if what, ok := p.member.bound(p, k, m); ok {
			if p.Bind != nil {
				if err := p.Bind(ctx, transcript(p.round, what)); err != nil {
					return err
				}
			}
			if err := p.journal.remember(past{Last: p.round.Number, Opened: true}); err != nil {
				return err
			}
		}
	}
	b, err := p.journal.say(m, vector, p.scheme, p.round, p.sign)
	if err != nil {
		return err
	}
	if p.said[k] = b; vector != nil {
		p.masked = vector
	}
	return nil
}
