package attack

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// The textbook's first protocol: every pair shares a mask, added at one end and subtracted at the other, and who drops has its masks opened by the others. Nobody
// has a mask of its own, and nobody compares what it was shown.

// pairwise is the mask of two members, as seen by the first.
func pairwise(i, j, length int) []int64 {
	key := sha256.Sum256(fmt.Appendf(nil, "a secret of %d and %d", min(i, j), max(i, j)))
	block, _ := aes.NewCipher(key[:]) // 32 bytes are a key
	stream := make([]byte, 8*length)
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(stream, stream)
	out := make([]int64, length)
	for k := range out {
		if out[k] = int64(binary.LittleEndian.Uint64(stream[8*k:])); i > j {
			out[k] = -out[k]
		}
	}
	return out
}

// textbook is member i's masked vector, when it was shown these others.
func textbook(i int, others []int) []int64 {
	out := slices.Clone(inputs(fmt.Sprintf("m%02d", i)))
	for _, j := range others {
		if j != i {
			plus(out, pairwise(i, j, len(out)), 1)
		}
	}
	return out
}

func plus(to, x []int64, sign int64) {
	for k := range to {
		to[k] += sign * x[k]
	}
}

var five = []int{0, 1, 2, 3, 4}

// lateVector: m00's vector comes when the others have opened its masks, because the list has it dropped. Nothing covers it any more.
func lateVector(context.Context, *scene) (string, error) {
	late := textbook(0, five)
	for _, j := range five[1:] {
		plus(late, pairwise(0, j, len(late)), -1)
	}
	if !slices.Equal(late, prize) {
		return "", errors.New("the late vector is covered")
	}
	return "members with pairwise masks alone: the masks of m00, which the list has dropped, are open; its vector comes late and lies bare", nil
}

// lateVectorRefused: real members; everybody but m00 lays its part open to the convener, which also has what the reveals open: the key of m00's pairwise masks.
// What it then holds of the late vector is the prize under m00's own mask.
func lateVectorRefused(context.Context, *scene) (string, error) {
	p, err := sumUpTo(5, 4, secagg.KindMasked)
	if err != nil {
		return "", err
	}
	late := p.T.Vectors["m00"]
	helpers := map[string]*secagg.Member{}
	for _, n := range p.Round.Members[1:] {
		helpers[n] = p.Members[n]
	}
	less, err := opened(p, without(p.T.Masked), helpers)
	if err != nil {
		return "", err
	}
	if !slices.Equal(less.Dropped, []string{"m00"}) {
		return "", errors.New("m00 is not dropped")
	}
	// Σ over all five masked vectors = Σ of vectors and own masks: pairwise masks cancel. The own masks of the other four are open; they are what the
	// four's vectors hold besides in a round of the same seeds in which m00 never was.
	bare := make([]int64, len(prize))
	plus(bare, unwords(late), 1)
	for _, n := range p.Round.Members[1:] {
		plus(bare, unwords(p.T.Vectors[n]), 1)
	}
	shares := without(p.T.Shares)
	for _, n := range p.Round.Members[1:] {
		m, err := secagg.Resume(p.Round, n, inprocess.Signatures(n), p.Members[n].Seed())
		if err != nil {
			return "", err
		}
		if _, err := m.Keys(); err != nil {
			return "", err
		}
		if _, err := m.Shares(p.T.Keys); err != nil {
			return "", err
		}
		_, v, err := m.Masked(shares, inputs(n))
		if err != nil {
			return "", err
		}
		plus(bare, unwords(v), -1)
	}
	for i, v := range bare {
		if d := v - prize[i]; d > -1<<20 && d < 1<<20 { // under 64 random bits once in 2^43
			return "", fmt.Errorf("element %d of the late vector lies bare", i)
		}
	}
	with := p.T.Masked
	_, err = helpers["m01"].Cosign(inprocess.Convener, proposalOf(p, with), with)
	text, err := refused(err, secagg.ErrOrder)
	return fmt.Sprintf("with its pairwise masks taken off, all %d elements of the late vector are under m00's own mask, whose shares come for one list alone: %q", len(bare), text), err
}

func proposalOf(p *inprocess.Room, masked map[string][]byte) []byte {
	m, err := p.Propose(masked)
	if err != nil {
		return nil
	}
	return m.Bytes()
}

func unwords(b []byte) []int64 {
	out := make([]int64, len(b)/8)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return out
}

// differentSets: m04 is hidden from m00 alone. The sum that everybody reads is wrong, by a mask that nobody knows of.
func differentSets(context.Context, *scene) (string, error) {
	sum, want := make([]int64, len(prize)), make([]int64, len(prize))
	for _, i := range five {
		others := five
		if i == 0 {
			others = five[:4]
		}
		plus(sum, textbook(i, others), 1)
		plus(want, inputs(fmt.Sprintf("m%02d", i)), 1)
	}
	for i := range sum {
		if sum[i] == want[i] {
			return "", errors.New("the sum is right")
		}
	}
	return "m00 is not shown m04: everybody ends with a sum, and all its elements are wrong", nil
}

// differentSetsRefused, over the link: nobody signs the list, and two members' folders convict the convener.
func differentSetsRefused(ctx context.Context, _ *scene) (string, error) {
	l, err := newLinks(sumRound(5, 3))
	if err != nil {
		return "", err
	}
	defer l.close()
	all := l.round.Members
	f := l.live(ctx, nil, all...)
	defer f.kill()
	x := l.lies(ctx)
	if err := x.pass(secagg.KindKeys, secagg.KindKeys, all...); err != nil {
		return "", err
	}
	shares, err := x.await(secagg.KindShares, all...)
	if err != nil {
		return "", err
	}
	hidden := map[string][]byte{}
	for _, n := range all[:4] {
		hidden[n] = shares[n]
	}
	x.show(secagg.KindShares, hidden, "m00")
	x.show(secagg.KindShares, shares, all[1:]...)
	if err := x.pass(secagg.KindMasked, secagg.KindMasked, all...); err != nil {
		return "", err
	}
	text := ""
	for n, err := range f.wait() {
		if text, err = refused(err, nil); err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
	}
	text, err = refused(f.errs.v["m01"], nil)
	if err != nil {
		return "", err
	}
	a, err1 := l.shown("m00", "1/shares.set")
	b, err2 := l.shown("m01", "1/shares.set")
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	what, err := l.judged(a, b)
	return fmt.Sprintf("%q; m00's folder beside m01's: %s", text, what), err
}
