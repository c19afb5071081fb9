package bounded

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/vdaf/prio3/arith/fp128"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// Transcript is everything that was said in a round, by step and member. It is public: it gives the sum and nothing else.
type Transcript map[secagg.Kind]map[string][]byte

// ErrShare: somebody's share of the sum is not what it was dealt. Nobody can tell whose; there is no sum.
var ErrShare = errors.New("bounded: a share of the sum is not what its holder was dealt: there is no sum")

// Recover verifies a round and gives its sum. Anybody can; every member does.
func Recover(r Round, s secagg.Signing, t Transcript) ([]int64, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	p, err := newProver(r)
	if err != nil {
		return nil, fmt.Errorf("bounded: %w", err)
	}
	base := r.Base()
	id := base.ID()
	all := map[secagg.Kind][]*secagg.Message{}
	var hash [32]byte
	var rho fp128.Vec
	for _, k := range steps[1:] {
		if all[k], hash, err = collect(r, base, p, s, k, t[k], hash); err != nil {
			return nil, err
		}
		if k == secagg.KindCommit {
			rho = coefficients(id, hash, r.Length)
		}
	}
	for author := range r.Members {
		if _, err := verified(r, p, all[secagg.KindPrep], author); err != nil {
			return nil, err
		}
	}
	sum := make(fp128.Vec, r.Length+1)
	for i, msg := range all[secagg.KindOpen] {
		h := sha256.Sum256(msg.Body[32:])
		if !bytes.Equal(h[:], all[secagg.KindCommit][i].Body[32:]) {
			return nil, fmt.Errorf("bounded: %s opens something else than it is bound to", msg.Member)
		}
		v, err := decode(msg.Body[32:])
		if err != nil {
			return nil, fmt.Errorf("bounded: %s opens no field elements", msg.Member)
		}
		sum.AddAssign(v)
	}
	var tags fp128.Fp
	for _, msg := range all[secagg.KindTags] {
		v, err := decode(msg.Body[32:])
		if err != nil {
			return nil, fmt.Errorf("bounded: the tags of %s are no field elements", msg.Member)
		}
		for i := range v {
			tags.AddAssign(&v[i])
		}
	}
	if got := inner(rho, sum); !got.IsEqual(&tags) {
		return nil, ErrShare
	}
	n := int64(len(r.Members))
	out := make([]int64, r.Length)
	for i := range out {
		v, err := sum[i].GetUint64()
		if limit := uint64(n * (r.high() - r.Low)); err != nil || v > limit {
			return nil, fmt.Errorf("bounded: element %d of the sum is beyond what %d vectors in range can make: members are in collusion; the sum is not used", i, n)
		}
		out[i] = int64(v) + n*r.Low
	}
	return out, nil
}
