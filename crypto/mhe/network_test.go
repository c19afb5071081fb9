package mhe

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/tuneinsight/lattigo/v5/he/hefloat"
	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// network is a whole run in one process: all payers with seeds from a name, one aggregate of everything.
type network struct {
	t       testing.TB
	c       *Context
	ref     Reference
	rot     []Rotation
	parties []*Party
	keys    *Keys
	e       *Evaluator
	labels  int
}

func seed(name string, i int) [32]byte { return sha256.Sum256(fmt.Appendf(nil, "%s/%d", name, i)) }

func newNetwork(t testing.TB, set string, payers int, rot ...Rotation) *network {
	t.Helper()
	s, err := Lookup(set)
	must(t, err)
	c, err := NewContext(s, payers)
	must(t, err)
	n := &network{t: t, c: c, ref: NewReference(seed("manifest", 0), seed("checkpoint", 0)), rot: rot}
	for i := range payers {
		p, err := c.newParty(n.ref, rot, seed("payer", i))
		must(t, err)
		n.parties = append(n.parties, p)
	}
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// each collects what every payer writes, and checks the announced size.
func (n *network) each(size int64, f func(p *Party, w *bytes.Buffer) error) [][]byte {
	n.t.Helper()
	out := make([][]byte, len(n.parties))
	for i, p := range n.parties {
		var b bytes.Buffer
		must(n.t, f(p, &b))
		if int64(b.Len()) != size {
			n.t.Fatalf("payer %d wrote %d bytes, announced %d", i, b.Len(), size)
		}
		out[i] = b.Bytes()
	}
	return out
}

// key runs both rounds.
func (n *network) key() *network {
	n.t.Helper()
	one := n.each(n.c.RoundOneSize(n.rot), func(p *Party, w *bytes.Buffer) error { return p.KeyRoundOne(w) })
	k := n.c.NewKeySum(n.ref, n.rot)
	for _, b := range one {
		must(n.t, k.AddRoundOne(bytes.NewReader(b)))
	}
	two := n.each(n.c.RoundTwoSize(), func(p *Party, w *bytes.Buffer) error { return p.KeyRoundTwo(k, w) })
	for _, b := range two {
		must(n.t, k.AddRoundTwo(bytes.NewReader(b)))
	}
	keys, err := k.Keys()
	must(n.t, err)
	n.keys, n.e = keys, n.c.NewEvaluator(keys)
	return n
}

// input encrypts the sum of the payers' vectors and does the first rescaling.
func (n *network) input(values [][]float64) *Ciphertext {
	n.t.Helper()
	i := n.labels
	n.labels++
	sum := n.c.NewInputSum(n.ref, i+1)
	for k, p := range n.parties {
		var b bytes.Buffer
		must(n.t, p.Input(i, values[k], &b))
		must(n.t, sum.Add(i, &b))
	}
	for j := range i { // the other aggregates of this run were finished before
		sum.sum[j] = sum.sum[i]
	}
	cts, err := sum.Ciphertexts()
	must(n.t, err)
	ct, err := n.c.NewEvaluator(nil).Rescale(cts[i])
	must(n.t, err)
	return ct
}

// encrypt splits v at random among the payers.
func (n *network) encrypt(v []float64) *Ciphertext {
	n.t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(n.labels)))
	parts := make([][]float64, len(n.parties))
	left := append([]float64(nil), v...)
	for k := range parts {
		parts[k] = make([]float64, len(v))
		for s := range v {
			x := left[s]
			if k < len(parts)-1 {
				x = (rng.Float64() - 0.5) / float64(len(parts))
			}
			parts[k][s] = x
			left[s] -= x
		}
	}
	return n.input(parts)
}

func (n *network) refresh(ct *Ciphertext, high bool) *Ciphertext {
	n.t.Helper()
	q := RefreshRequest{Stage: 7, Index: n.labels, Ciphertext: ct, High: high}
	n.labels++
	sum := n.c.NewRefreshSum(n.ref, q)
	for _, b := range n.each(n.c.RefreshSize(high), func(p *Party, w *bytes.Buffer) error { return p.Refresh(q, w) }) {
		must(n.t, sum.Add(bytes.NewReader(b)))
	}
	out, err := sum.Finish()
	must(n.t, err)
	return out
}

func (n *network) decrypt(ct *Ciphertext) []float64 {
	n.t.Helper()
	i := n.labels
	n.labels++
	sum := n.c.NewDecryptSum(ct)
	for _, b := range n.each(n.c.DecryptSize(), func(p *Party, w *bytes.Buffer) error { return p.Decrypt(i, ct, w) }) {
		must(n.t, sum.Add(bytes.NewReader(b)))
	}
	v, err := sum.Slots()
	must(n.t, err)
	return v
}

// secret is the sum of the key shares, which no member ever has.
func (n *network) secret() ringqp.Poly {
	r := n.c.ringQP(n.c.set.MaxLevel())
	s := r.NewPoly()
	for _, p := range n.parties {
		r.Add(s, p.s, s)
	}
	return s
}

// peek decrypts without flooding, with the secret.
func (n *network) peek(ct *Ciphertext) []float64 {
	n.t.Helper()
	v, err := n.c.decode(n.times(ct), ct)
	must(n.t, err)
	return v
}

func (n *network) times(ct *Ciphertext) ring.Poly {
	r := n.c.ringQ(ct.Level())
	cs := r.NewPoly()
	r.MulCoeffsMontgomery(ct.ct.Value[1], n.secret().Q, cs)
	return cs
}

// noise returns log2 of the mean absolute error of the coefficients against exact small integers in the slots.
func (n *network) noise(ct *Ciphertext, exact []int64) float64 {
	n.t.Helper()
	r := n.c.ringQ(ct.Level())
	d := n.times(ct)
	r.Add(d, ct.ct.Value[0], d)
	v := make([]*big.Float, len(exact))
	for i, x := range exact {
		v[i] = new(big.Float).SetPrec(maskPrec).SetInt64(x)
	}
	n.c.mask.Lock()
	defer n.c.mask.Unlock()
	want := hefloat.NewPlaintext(n.c.params(ct.high), ct.Level())
	want.Scale = ct.ct.Scale
	if n.c.mask.e == nil {
		n.c.mask.e = maskEncoderOf(n.c)
	}
	must(n.t, n.c.mask.e.Encode(v, want))
	r.Sub(d, want.Value, d)
	r.INTT(d, d)
	c := make([]*big.Int, r.N())
	for i := range c {
		c[i] = new(big.Int)
	}
	r.PolyToBigintCentered(d, 1, c)
	sum := new(big.Int)
	for _, x := range c {
		sum.Add(sum, x.Abs(x))
	}
	f, _ := new(big.Float).SetInt(sum).Float64()
	return math.Log2(f/float64(r.N()) + 1e-300)
}

// ramp is a vector of values in (−1, 1), all different.
func (n *network) ramp() []float64 {
	v := make([]float64, n.c.set.Slots())
	for i := range v {
		v[i] = 1.9*float64(i)/float64(len(v)) - 0.95
	}
	return v
}

// near fails unless two vectors agree to 2^−bits.
func near(t testing.TB, got, want []float64, bits float64) {
	t.Helper()
	worst, at := 0.0, 0
	for i := range want {
		if d := math.Abs(got[i] - want[i]); d > worst || math.IsNaN(d) {
			worst, at = d, i
		}
	}
	if !(worst <= math.Exp2(-bits)) {
		t.Fatalf("slot %d: got %v, want %v (error 2^%.1f, allowed 2^-%v)", at, got[at], want[at], math.Log2(worst), bits)
	}
	t.Logf("worst error 2^%.1f", math.Log2(worst))
}
