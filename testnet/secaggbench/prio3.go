package secaggbench

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/cloudflare/circl/vdaf/prio3/sumvec"
)

// Prio3 is what one payer does and sends for a vector whose range it proves, with every payer an aggregator (draft-irtf-cfrg-vdaf,
// Prio3SumVec).
type Prio3 struct {
	Elements int     `json:"elements"`
	Bits     int     `json:"bits"`
	CPU      float64 `json:"payer_cpu_ms"` // one Shard, and the preparation of everybody's report as one aggregator
	Sent     int     `json:"payer_sent_bytes"`
}

// prio3 plays all payers, one after the other, and measures the first.
func prio3(payers, elements, bits int) (Prio3, error) {
	out := Prio3{Elements: elements, Bits: bits}
	s, err := sumvec.New(uint8(payers), uint(elements), uint(bits), 128, []byte("tacet/bench"))
	if err != nil {
		return out, err
	}
	params := s.Params()
	var key sumvec.VerifyKey
	rand.Read(key[:])
	agg := make([]sumvec.AggShare, payers)
	for i := range agg {
		agg[i] = s.AggregateInit()
	}
	var spent time.Duration // of payer 0
	timed := func(payer int, f func() error) error {
		begin := threadTime()
		err := f()
		if payer == 0 {
			spent += threadTime() - begin
		}
		return err
	}
	for p := range payers {
		x := make([]uint64, elements)
		for i := range x {
			x[i] = uint64(p + i%7)
		}
		var nonce sumvec.Nonce
		rand.Read(nonce[:])
		coins := make([]byte, params.RandSize())
		rand.Read(coins)
		var public sumvec.PublicShare
		var inputs []sumvec.InputShare
		if err := timed(p, func() (err error) { public, inputs, err = s.Shard(x, &nonce, coins); return }); err != nil {
			return out, err
		}
		if p == 0 {
			for i := range inputs[1:] {
				b, err := inputs[1+i].MarshalBinary()
				if err != nil {
					return out, err
				}
				out.Sent += len(b) + len(public)
			}
		}
		states, shares := make([]*sumvec.PrepState, payers), make([]sumvec.PrepShare, payers)
		for a := range payers {
			err := timed(a, func() error {
				st, sh, err := s.PrepInit(&key, &nonce, uint8(a), public, inputs[a])
				if err == nil {
					states[a], shares[a] = st, *sh
				}
				return err
			})
			if err != nil {
				return out, err
			}
		}
		for a := range payers {
			err := timed(a, func() error {
				msg, err := s.PrepSharesToPrep(shares)
				if err != nil {
					return err
				}
				o, err := s.PrepNext(states[a], msg)
				if err == nil {
					s.AggregateUpdate(&agg[a], o)
				}
				return err
			})
			if err != nil {
				return out, err
			}
		}
		b, err := shares[0].MarshalBinary()
		if err != nil {
			return out, err
		}
		out.Sent += len(b) * (payers - 1)
	}
	sum, err := s.Unshard(agg, uint(payers))
	if err != nil {
		return out, err
	}
	for i, v := range *sum {
		if want := uint64(payers*(payers-1)/2 + payers*(i%7)); v != want {
			return out, fmt.Errorf("prio3: element %d differs from the plain sum", i)
		}
	}
	out.CPU = float64(spent.Microseconds()) / 1000
	return out, nil
}
