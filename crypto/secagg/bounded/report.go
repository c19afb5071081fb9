package bounded

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/kem/xwing"
	"github.com/cloudflare/circl/vdaf/prio3/sumvec"

	"github.com/tacet-health/tacet/crypto/secagg"
)

const (
	seedSize     = 32
	sealOverhead = xwing.CiphertextSize + 16 // encapsulated key, authentication tag
)

func boxSize(p *prover, first int) int { return sealOverhead + 2*seedSize + p.shareSize[first] }

// sealer is the cipher of one box, bound to the round, to all keys, and to who deals it to whom. Its key is used once: the nonce is fixed.
func (m *Member) sealer(shared []byte, keys [32]byte, from, to int) cipher.AEAD {
	b, err := aes.NewCipher(derive(shared, m.id, fmt.Sprintf("box/%x/%d/%d", keys, from, to)))
	if err != nil {
		panic("bounded: aes: " + err.Error())
	}
	g, err := cipher.NewGCM(b)
	if err != nil {
		panic("bounded: gcm: " + err.Error())
	}
	return g
}

var nonce = make([]byte, 12)

func nonceOf(id, keys [32]byte, author int) sumvec.Nonce {
	h := sha256.Sum256(slices.Concat([]byte("tacet/secagg/bounded/nonce"), id[:], keys[:], []byte{byte(author)}))
	return sumvec.Nonce(h[:16])
}

// Report is the second step: the member's vector in shares with its proof. The vector must be in range; the error names the element and not its value.
func (m *Member) Report(keys map[string][]byte, x []int64) (*secagg.Message, error) {
	if err := m.round.inRange(x); err != nil {
		return nil, err
	}
	msgs, err := m.shown(keys)
	if err != nil {
		return nil, err
	}
	return m.report(msgs, x, func(key []byte) (publicShare, []inputShare, error) {
		return m.prover.shard(x, &m.nonce[m.self], key)
	})
}

// shown takes everybody's keys, and the member's own among them.
func (m *Member) shown(keys map[string][]byte) ([]*secagg.Message, error) {
	msgs, err := m.take(secagg.KindReport, keys)
	if err == nil && !bytes.Equal(msgs[m.self].Body, m.public) {
		return nil, fmt.Errorf("bounded: the key that is shown as this member's is not its own")
	}
	return msgs, err
}

// coins is the key of what this member draws for its report of x. It binds to the keys that it was shown and to x: two reports of one seed that differ have
// nothing in common.
func (m *Member) coins(x []int64) []byte {
	h := sha256.New()
	h.Write(m.hash[:])
	for _, v := range x {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(v)))
	}
	return derive(m.seed[:], m.id, fmt.Sprintf("report/%d/%x", m.self, h.Sum(nil)))
}

// report deals what shard makes of the member's vector.
func (m *Member) report(keys []*secagg.Message, x []int64, shard func(key []byte) (publicShare, []inputShare, error)) (*secagg.Message, error) {
	n := len(m.round.Members)
	m.nonce = make([]sumvec.Nonce, n)
	for p := range n {
		m.nonce[p] = nonceOf(m.id, m.hash, p)
	}
	coins := m.coins(x)
	draw := func(purpose string, to int) []byte { return derive(coins, m.id, fmt.Sprintf("%s/%d", purpose, to)) }
	public, shares, err := shard(draw("shard", 0))
	if err != nil {
		return nil, fmt.Errorf("bounded: %w", err)
	}
	out := [][]byte{m.hash[:], public}
	m.dealt = make([]dealt, n)
	for a, in := range shares {
		j := (m.self + 1 + a) % n
		share, err := in.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("bounded: %w", err)
		}
		shared, ciphertext, err := xwing.Encapsulate(keys[j].Body, stream(draw("encapsulation", j), xwing.EncapsulationSeedSize))
		if err != nil {
			return nil, fmt.Errorf("bounded: key of %s: %w", m.round.Members[j], err)
		}
		m.dealt[j] = dealt{draw("mask", j), draw("tag", j), share}
		plain := slices.Concat(m.dealt[j].mask, m.dealt[j].tag, m.dealt[j].share)
		out = append(out, ciphertext, m.sealer(shared, m.hash, m.self, j).Seal(nil, nonce, plain, nil))
	}
	return m.message(secagg.KindReport, out...), nil
}

// Prep is the third step: this member's part in the verification of every other member's report. A box that does not open, or a share that is not the
// one the report is bound to, ends the round and names its dealer.
func (m *Member) Prep(reports map[string][]byte) (*secagg.Message, error) {
	keys := m.hash
	msgs, err := m.take(secagg.KindPrep, reports)
	if err != nil {
		return nil, err
	}
	n := len(m.round.Members)
	key := sumvec.VerifyKey(derive(m.hash[:], m.id, "verify"))
	m.got, m.parts, m.mine = make([]dealt, n), make([]part, n), make([]part, n)
	out := [][]byte{m.hash[:]}
	for p, msg := range msgs {
		public := msg.Body[32:][:m.prover.publicSize]
		if p == m.self {
			for j := range n {
				if j == p {
					continue
				}
				// What is wrong with this member's own report, the others say; a part that cannot be made matches nobody's.
				m.mine[j], _ = m.prover.begin(&key, &m.nonce[p], m.round.aggregator(p, j), public, m.dealt[j].share)
			}
			continue
		}
		a, at, size := m.round.aggregator(p, m.self), 32+m.prover.publicSize, boxSize(m.prover, 0)
		if a > 0 {
			at, size = at+size+(a-1)*boxSize(m.prover, 1), boxSize(m.prover, 1)
		}
		box := msg.Body[at:][:size]
		shared := xwing.Decapsulate(box[:xwing.CiphertextSize], m.private)
		plain, err := m.sealer(shared, keys, p, m.self).Open(nil, nonce, box[xwing.CiphertextSize:], nil)
		if err != nil {
			return nil, &Fault{msg.Member, BadBox, err}
		}
		m.got[p] = dealt{plain[:seedSize], plain[seedSize : 2*seedSize], plain[2*seedSize:]}
		if m.parts[p], err = m.prover.begin(&key, &m.nonce[p], a, public, m.got[p].share); err != nil {
			return nil, &Fault{msg.Member, NotProven, err}
		}
		out = append(out, m.parts[p].prep)
	}
	return m.message(secagg.KindPrep, out...), nil
}
