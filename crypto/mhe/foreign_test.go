package mhe

import (
	"bytes"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/mhe"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
	"github.com/tuneinsight/lattigo/v5/utils/structs"
)

// TestForeignPayer: one payer of three makes its key shares of both rounds with the library's own protocols, the others with ours, and the
// keys work: both compute the same protocol.
func TestForeignPayer(t *testing.T) {
	n := newNetwork(t, "toy", 3, Rotation{5, 6})
	c, f := n.c, n.parties[2]
	sk := &rlwe.SecretKey{Value: f.s}
	k := c.NewKeySum(n.ref, n.rot)
	for _, p := range n.parties[:2] {
		var b bytes.Buffer
		must(t, p.KeyRoundOne(&b))
		must(t, k.AddRoundOne(&b))
	}
	crp := func(level int, purpose string, index ...int) structs.Matrix[ringqp.Poly] {
		var m structs.Matrix[ringqp.Poly]
		for i := range c.digits(level) {
			a := c.ringQP(level).NewPoly()
			c.publicQP(a, n.ref, level, purpose, append(index, i)...)
			m = append(m, []ringqp.Poly{a})
		}
		return m
	}

	level := c.relinLevel()
	at := rlwe.EvaluationKeyParameters{LevelQ: &level}
	rkg := mhe.NewRelinearizationKeyGenProtocol(c.low)
	eph, one, two := rkg.AllocateShare(at)
	rkg.GenShareRoundOne(sk, mhe.RelinearizationKeyGenCRP{Value: crp(level, "relinearisation")}, eph, &one)
	r := c.ringQP(level)
	for i := range k.h {
		r.Add(k.h[i][0], one.Value[i][0][0], k.h[i][0])
		r.Add(k.h[i][1], one.Value[i][0][1], k.h[i][1])
	}
	gkg := mhe.NewGaloisKeyGenProtocol(c.low)
	rotLevel := n.rot[0].Level
	rotAt := rlwe.EvaluationKeyParameters{LevelQ: &rotLevel}
	rr := c.ringQP(rotLevel)
	a := crp(rotLevel, "rotation", n.rot[0].Steps)
	for i := range a {
		rr.MForm(a[i][0], a[i][0])
	}
	gs := gkg.AllocateShare(rotAt)
	must(t, gkg.GenShare(sk, c.low.GaloisElementForRotation(5), mhe.GaloisKeyGenCRP{EvaluationKeyGenCRP: mhe.EvaluationKeyGenCRP{Value: a}}, &gs))
	for i := range k.gal[0] {
		rr.IMForm(gs.Value[i][0][0], gs.Value[i][0][0])
		rr.Add(k.gal[0][i], gs.Value[i][0][0], k.gal[0][i])
	}
	k.one.seen[[32]byte{1}] = true // the foreign share is in

	// round two
	for i := range k.h {
		one.Value[i][0][0], one.Value[i][0][1] = k.h[i][0], k.h[i][1]
	}
	rkg.GenShareRoundTwo(eph, sk, one, &two)
	var shares []bytes.Buffer
	for _, p := range n.parties[:2] {
		var b bytes.Buffer
		must(t, p.KeyRoundTwo(k, &b))
		shares = append(shares, b)
	}
	for i := range shares {
		must(t, k.AddRoundTwo(&shares[i]))
	}
	for i := range k.h {
		r.Add(k.h[i][0], two.Value[i][0][0], k.h[i][0])
		r.Add(k.h[i][0], two.Value[i][0][1], k.h[i][0])
	}
	k.two.seen[[32]byte{1}] = true
	keys, err := k.Keys()
	must(t, err)
	n.keys, n.e = keys, c.NewEvaluator(keys)

	v := n.ramp()
	ct := n.encrypt(v)
	ct, err = n.e.Mul(ct, ct)
	must(t, err)
	ct, err = n.e.DropLevel(ct, rotLevel)
	must(t, err)
	ct, err = n.e.Rotate(ct, 5)
	must(t, err)
	want := make([]float64, len(v))
	for i := range v {
		x := v[(i+5)%len(v)]
		want[i] = x * x
	}
	near(t, n.peek(ct), want, 32)
}
