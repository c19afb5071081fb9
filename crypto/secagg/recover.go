package secagg

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/cloudflare/circl/kem/xwing"
)

// Transcript is everything that was said in a round, by member. It is public: it gives the sum and nothing else.
type Transcript struct {
	Keys, Shares, Masked, Lists, Reveals map[string][]byte
	Vectors                              map[string][]byte // masked
}

// Sum is the sum of the vectors of those present.
type Sum struct {
	Values  []int64
	Present []string
	Dropped []string // their vectors are not in it
}

// Recover computes the sum from a transcript. Anybody can; every member does. It returns an error and never a wrong sum when anything in the
// transcript does not fit: a signature, a hash, a share that is not the one its holder got, a secret that is not the one its owner is bound to.
func Recover(r Round, s Signing, t Transcript) (*Sum, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	n, id := len(r.Members), r.ID()
	keys, err := collect(s, r, KindKeys, t.Keys, func(int) int { return keysSize }, true)
	if err != nil {
		return nil, err
	}
	shares, err := collect(s, r, KindShares, t.Shares, sharesSize, false)
	if err != nil {
		return nil, err
	}
	if err := sameKeys(hashOf(keys), shares); err != nil {
		return nil, err
	}
	masked, err := collect(s, r, KindMasked, t.Masked, maskedSize, false)
	if err != nil {
		return nil, err
	}
	var body []byte
	for _, raw := range t.Lists {
		l, err := open(s, KindList, r, raw, listSize(r, n))
		if err != nil {
			return nil, err
		}
		body = l.Body
		break // checkCosignatures compares all with it
	}
	statuses, err := checkList(r, body, hashOf(shares), func(i int) bool { return shares[i] != nil }, masked)
	if err != nil {
		return nil, err
	}
	if err := checkCosignatures(s, r, t.Lists, body, statuses); err != nil {
		return nil, err
	}
	reveals, err := collect(s, r, KindReveal, t.Reveals, revealSize, false)
	if err != nil {
		return nil, err
	}
	out := &Sum{}
	sum := make([]uint64, r.Length)
	for j, st := range statuses {
		if st == absent {
			continue
		}
		secret, err := reconstruct(r, id, body, reveals, shares[j], j, st)
		if err != nil {
			return nil, err
		}
		if st == dropped {
			out.Dropped = append(out.Dropped, r.Members[j])
			if err := removePairs(sum, id, secret, keys, shares, statuses, j); err != nil {
				return nil, err
			}
			continue
		}
		out.Present = append(out.Present, r.Members[j])
		if c := commitment(id, "own-mask", j, secret.bytes()); !bytes.Equal(c[:], ownCommitOf(keys[j])) {
			return nil, fmt.Errorf("secagg: %s has dealt shares of another mask than it is bound to", r.Members[j])
		}
		v := t.Vectors[r.Members[j]]
		if h := sha256.Sum256(v); len(v) != 8*r.Length || !bytes.Equal(h[:], masked[j].Body[32:]) {
			return nil, fmt.Errorf("secagg: the masked vector of %s is not the one it signed", r.Members[j])
		}
		for i := range sum {
			sum[i] += binary.LittleEndian.Uint64(v[8*i:])
		}
		apply(sum, ownMaskKey(secret, id), true)
	}
	out.Values = make([]int64, len(sum))
	bound := int64(r.Cap) * int64(len(out.Present))
	for i, v := range sum {
		if out.Values[i] = int64(v); int64(v) > bound || int64(v) < -bound {
			return nil, fmt.Errorf("secagg: element %d of the sum is beyond what %d honest vectors can make: somebody's vector was out of bound; the sum is not used", i, len(out.Present))
		}
	}
	return out, nil
}

// reconstruct gives the secret of member j that the list calls for. Shares that are not those their holders were dealt are passed over; there must be a
// threshold of good ones.
func reconstruct(r Round, id [32]byte, list []byte, reveals []*Message, dealing *Message, j int, st status) (secret, error) {
	good := map[int][]byte{}
	h := listHash(id, list)
	for i, msg := range reveals {
		if msg == nil || len(good) == r.Threshold || !bytes.Equal(msg.Body[:32], h[:]) {
			continue
		}
		share := msg.Body[32+j*scalarSize:][:scalarSize]
		d := dealt{keyShare: share}
		if st == present {
			d = dealt{maskShare: share}
		}
		if entryOf(dealing.Body, i).holds(id, j, i, d) {
			good[i] = share
		}
	}
	if len(good) < r.Threshold {
		return secret{}, fmt.Errorf("secagg: %d of %d shares of %s: the sum cannot be opened, nothing is", len(good), r.Threshold, r.Members[j])
	}
	return combine(r.Threshold, good)
}

// removePairs takes the masks that those present share with dropped member j out of the sum. The reconstructed seed must give j's public key and every
// encapsulation that j sent.
func removePairs(sum []uint64, id [32]byte, seed secret, keys, shares []*Message, statuses []status, j int) error {
	private, public := keyPair(seed, id)
	name := keys[j].Member
	if !bytes.Equal(public, maskKeyOf(keys[j])) {
		return fmt.Errorf("secagg: %s has dealt shares of another key than its own", name)
	}
	for i, st := range statuses {
		if st != present {
			continue
		}
		fromJ, ct, err := encapsulate(seed, id, i, maskKeyOf(keys[i]))
		if err != nil || !bytes.Equal(ct, entryOf(shares[j].Body, i).ciphertext) {
			return fmt.Errorf("secagg: %s has not made its encapsulation for %s as the protocol says", name, keys[i].Member)
		}
		toJ := xwing.Decapsulate(entryOf(shares[i].Body, j).ciphertext, private)
		// Member i added the mask when it is the lower one, subtracted it when it is the higher one.
		if i < j {
			apply(sum, maskKey(id, i, j, toJ, fromJ), true)
		} else {
			apply(sum, maskKey(id, j, i, fromJ, toJ), false)
		}
	}
	return nil
}
