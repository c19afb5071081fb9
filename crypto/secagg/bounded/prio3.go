package bounded

import (
	"math"

	"github.com/cloudflare/circl/vdaf/prio3/arith/fp128"
	"github.com/cloudflare/circl/vdaf/prio3/histogram"
	"github.com/cloudflare/circl/vdaf/prio3/sumvec"
)

type (
	publicShare = sumvec.PublicShare
	inputShare  = sumvec.InputShare
)

// system is what both forms have in common.
type system interface {
	PrepInit(*sumvec.VerifyKey, *sumvec.Nonce, uint8, publicShare, sumvec.InputShare) (*sumvec.PrepState, *sumvec.PrepShare, error)
	PrepSharesToPrep([]sumvec.PrepShare) (*sumvec.PrepMessage, error)
	PrepNext(*sumvec.PrepState, *sumvec.PrepMessage) (*sumvec.OutShare, error)
}

// prover is Prio3 for a round: with one aggregator fewer than members.
type prover struct {
	system
	newShare   func(aggregator int) *sumvec.InputShare // to decode into
	newPrep    func() *sumvec.PrepShare
	shard      func(x []int64, nonce *sumvec.Nonce, key []byte) (publicShare, []inputShare, error)
	length     int
	publicSize int
	shareSize  [2]int // of the first aggregator, of the others
	prepSize   int
}

const fieldSize = fp128.Size

func newProver(r Round) (*prover, error) {
	id := r.Base().ID()
	shares := uint8(len(r.Members) - 1)
	chunk := uint(math.Sqrt(float64(r.Length * max(1, r.Bits)))) // near the square root the proof is shortest
	p := &prover{length: r.Length, publicSize: 32 * int(shares)}
	switch r.Form {
	case Histogram:
		h, err := histogram.New(shares, uint(r.Length), max(1, chunk), id[:])
		if err != nil {
			return nil, err
		}
		params := h.Params()
		p.system = h
		p.newShare = func(a int) *sumvec.InputShare { return new(sumvec.InputShare).New(&params, uint(a)) }
		p.newPrep = func() *sumvec.PrepShare { return new(sumvec.PrepShare).New(&params) }
		p.shard = func(x []int64, nonce *sumvec.Nonce, key []byte) (publicShare, []inputShare, error) {
			bucket := uint64(0)
			for i, v := range x {
				bucket += uint64(i) * uint64(v)
			}
			return h.Shard(bucket, nonce, stream(key, params.RandSize()))
		}
	default:
		s, err := sumvec.New(shares, uint(r.Length), uint(r.Bits), max(1, chunk), id[:])
		if err != nil {
			return nil, err
		}
		params := s.Params()
		p.system = s
		p.newShare = func(a int) *sumvec.InputShare { return new(sumvec.InputShare).New(&params, uint(a)) }
		p.newPrep = func() *sumvec.PrepShare { return new(sumvec.PrepShare).New(&params) }
		p.shard = func(x []int64, nonce *sumvec.Nonce, key []byte) (publicShare, []inputShare, error) {
			shifted := make([]uint64, len(x))
			for i, v := range x {
				shifted[i] = uint64(v - r.Low)
			}
			return s.Shard(shifted, nonce, stream(key, params.RandSize()))
		}
	}
	for a := range p.shareSize {
		b, err := p.newShare(a).MarshalBinary()
		if err != nil {
			return nil, err
		}
		p.shareSize[a] = len(b)
	}
	b, err := p.newPrep().MarshalBinary()
	p.prepSize = len(b)
	return p, err
}

// part is one aggregator's part in the verification of one report.
type part struct {
	state *sumvec.PrepState
	prep  []byte    // what it sends
	out   fp128.Vec // its share of the vector; used once every proof holds
}

func (p *prover) begin(key *sumvec.VerifyKey, nonce *sumvec.Nonce, aggregator int, public, share []byte) (out part, err error) {
	in := p.newShare(aggregator)
	if err := in.UnmarshalBinary(share); err != nil {
		return out, err
	}
	state, prep, err := p.PrepInit(key, nonce, uint8(aggregator), public, *in)
	if err != nil {
		return out, err
	}
	if out.prep, err = prep.MarshalBinary(); err != nil {
		return out, err
	}
	encoded, err := state.MarshalBinary()
	if err != nil {
		return out, err
	}
	out.state, out.out = state, make(fp128.Vec, p.length)
	return out, out.out.UnmarshalBinary(encoded[:p.length*fieldSize])
}

// verify decides over a report from all its aggregators' parts, in their order.
func (p *prover) verify(preps [][]byte) (*sumvec.PrepMessage, error) {
	all := make([]sumvec.PrepShare, len(preps))
	for i, b := range preps {
		s := p.newPrep()
		if err := s.UnmarshalBinary(b); err != nil {
			return nil, err
		}
		all[i] = *s
	}
	return p.PrepSharesToPrep(all)
}
