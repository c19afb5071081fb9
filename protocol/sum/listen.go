package sum

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/protocol/link"
)

func index(r secagg.Round, name string) int { return slices.Index(r.Members, name) }

// listen takes what the convener pushes, and does a step when the set before it is fixed.
func (p *part) listen(ctx context.Context, conn link.Conn) (*Outcome, error) {
	var pending sets
	vectors := map[string][]byte{}
	for {
		f, err := readFrame(conn, p.scheme, p.round)
		if err != nil {
			return nil, err
		}
		switch f.t {
		case tMessage:
			name := p.Convener
			if f.member != theConvener {
				name = p.round.Members[f.member]
			} else if f.kind != secagg.KindProposal {
				return nil, errors.New("the convener has a message of its own where none belongs")
			}
			if pending[f.kind] == nil {
				pending[f.kind] = map[string][]byte{}
			}
			pending[f.kind][name] = f.payload
			if f.kind != secagg.KindProposal {
				continue
			}
			if err := p.proposed(f.payload); err != nil {
				return nil, err
			}
			if p.present() {
				err = p.speak(ctx, conn, secagg.KindList)
			}
			if err != nil {
				return nil, err
			}
		case tVector:
			vectors[p.round.Members[f.member]] = f.payload
		case tFixed:
			if err := p.fix(f.kind, pending[f.kind], f.payload); err != nil {
				return nil, err
			}
			at := slices.Index(p.steps(), f.kind)
			if at == len(p.steps())-1 {
				return p.finish(conn, vectors)
			}
			if next := p.steps()[at+1]; next != secagg.KindList && p.sets[f.kind][p.Keys.Name()] != nil { // the list waits for the proposal
				if err := p.speak(ctx, conn, next); err != nil {
					return nil, err
				}
			}
		case tRefused:
			return nil, p.refused(f)
		default:
			return nil, fmt.Errorf("frame of type %d out of place", f.t)
		}
	}
}

// present says whether this member's masked vector is in the set.
func (p *part) present() bool { return p.sets[secagg.KindMasked][p.Keys.Name()] != nil }

// finish recovers the sum and tells the convener so, until it has heard.
func (p *part) finish(conn link.Conn, vectors map[string][]byte) (*Outcome, error) {
	if p.out == nil {
		out, err := p.conclude(p.sign, p.round, &p.sets, vectors)
		if err != nil {
			return nil, fatal{p.blame(err)}
		}
		p.out, p.since = out, time.Now()
	}
	f := frame{t: tWord, member: byte(index(p.round, p.Keys.Name()))}
	if p.Word != nil {
		f.payload = p.Word(p.out)
	}
	if err := writeFrame(conn, f); err != nil {
		return nil, err
	}
	if f, err := readFrame(conn, p.scheme, p.round); err != nil || f.t != tWord {
		return nil, fmt.Errorf("the convener has not heard this member's word: %v", err)
	}
	return p.out, nil
}
