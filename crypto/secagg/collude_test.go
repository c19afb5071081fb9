package secagg

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cloudflare/circl/kem/xwing"
)

// colluders takes off honest member h's masked vector everything that the convener and the members not in honest know at the end of a round in which
// all were present: h's own mask, which was revealed, and the masks that h shares with them.
func (s *scene) colluders(t *testing.T, h string, honest []string) []uint64 {
	t.Helper()
	r, id := s.round, s.round.ID()
	v := make([]uint64, r.Length)
	for i := range v {
		v[i] = binary.LittleEndian.Uint64(s.t.Vectors[h][8*i:])
	}
	signing := s.keys.of(convener)
	shares, _ := collect(signing, r, KindShares, s.t.Shares, sharesSize, true)
	reveals, _ := collect(signing, r, KindReveal, s.t.Reveals, revealSize, true)
	list, err := open(signing, KindList, r, s.t.Lists[h], listSize(r, len(r.Members)))
	if err != nil {
		t.Fatal(err)
	}
	i := r.index(h)
	own, err := reconstruct(r, id, list.Body, reveals, shares[i], i, present)
	if err != nil {
		t.Fatal(err)
	}
	apply(v, ownMaskKey(own, id), true)
	for j, name := range r.Members {
		if slices.Contains(honest, name) {
			continue
		}
		c := s.members[name] // in collusion: all its secrets are known
		received := xwing.Decapsulate(entryOf(shares[i].Body, j).ciphertext, c.private)
		if i < j {
			apply(v, maskKey(id, i, j, received, c.sent[i]), true)
		} else {
			apply(v, maskKey(id, j, i, c.sent[i], received), false)
		}
	}
	return v
}

// TestColludersLearnTheSum: with two honest members the rest and the convener hold each one's vector under the mask the two share, and the sum of the
// two; with one they hold its vector, which is the sum minus their own: nothing beyond it.
func TestColludersLearnTheSum(t *testing.T) {
	s := newScene(5, 5, 4096)
	s.fill(rand.New(rand.NewPCG(30, 31)))
	for _, n := range s.round.Members {
		clear(s.x[n]) // as in a silent room: zeros, and one says something
	}
	s.x["m01"][7] = 42
	sum, err := s.play()
	if err != nil {
		t.Fatal(err)
	}
	if sum.Values[7] != 42 {
		t.Fatal("the sum does not say it")
	}
	two := []string{"m01", "m03"}
	a, b := s.colluders(t, "m01", two), s.colluders(t, "m03", two)
	zeros := 0
	for i := range a {
		if a[i]+b[i] != uint64(sum.Values[i]) {
			t.Fatal("what is stripped is wrong: the two do not add up to the sum")
		}
		// Under a mask of 64 random bits an element is small once in 2^43.
		if a[i] < 1<<20 || b[i] < 1<<20 || -a[i] < 1<<20 || -b[i] < 1<<20 {
			zeros++
		}
	}
	if zeros != 0 {
		t.Errorf("%d of %d elements of an honest member lie open to the three others and the convener", zeros, len(a))
	}
	alone := s.colluders(t, "m01", []string{"m01"})
	for i := range alone {
		if alone[i] != uint64(sum.Values[i]) { // the others' vectors are zeros
			t.Fatal("four in collusion hold something else than the sum minus their own")
		}
	}
}
