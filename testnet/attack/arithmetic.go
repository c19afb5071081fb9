package attack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"

	"github.com/tacet-health/tacet/crypto/predicate"
)

// headerSize is that of crypto/mhe's frames: what follows are residues, modulus by modulus, little-endian in as many bytes as the modulus has.
const headerSize = 56

func width(q uint64) int { return (bits.Len64(q-1) + 7) / 8 }

// vector reads one residue vector of an object's bytes and returns what is behind it.
func vector(b []byte, q uint64, n int) ([]uint64, []byte) {
	w := width(q)
	out := make([]uint64, n)
	for i := range out {
		var word [8]byte
		copy(word[:], b[i*w:(i+1)*w])
		out[i] = binary.LittleEndian.Uint64(word[:])
	}
	return out, b[n*w:]
}

// replace writes one residue vector over the first one in b.
func replace(b []byte, q uint64, v []uint64) {
	w := width(q)
	for i, x := range v {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], x)
		copy(b[i*w:(i+1)*w], word[:w])
	}
}

// polynomial reads the first polynomial of an object modulo Q[0]…Q[level].
func (s *scene) polynomial(object []byte, level int) [][]uint64 {
	b := object[headerSize:]
	set := s.plan.Set()
	var p [][]uint64
	for j := range level + 1 {
		var v []uint64
		v, b = vector(b, set.Q[j], set.Slots())
		p = append(p, v)
	}
	return p
}

func mul(a, b, q uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, r := bits.Div64(hi%q, lo, q)
	return r
}

func add(a, b, q uint64) uint64 {
	if a += b; a >= q {
		a -= q
	}
	return a
}

func sub(a, b, q uint64) uint64 { return add(a, q-b, q) }

// inverse of a modulo the prime q; 0 for 0.
func inverse(a, q uint64) uint64 {
	r := uint64(1)
	for e := q - 2; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = mul(r, a, q)
		}
		a = mul(a, a, q)
	}
	return r
}

// each combines two polynomials residue by residue.
func (s *scene) each(a, b [][]uint64, op func(a, b, q uint64) uint64) [][]uint64 {
	out := make([][]uint64, min(len(a), len(b)))
	for j := range out {
		out[j] = make([]uint64, len(a[j]))
		for i := range out[j] {
			out[j][i] = op(a[j][i], b[j][i], s.plan.Set().Q[j])
		}
	}
	return out
}

// constant is the polynomial k modulo Q[0]…Q[level]; transformed and not, it is the same in every slot.
func (s *scene) constant(k *big.Int, level int) [][]uint64 {
	out := make([][]uint64, level+1)
	for j := range out {
		r := new(big.Int).Mod(k, new(big.Int).SetUint64(s.plan.Set().Q[j])).Uint64()
		out[j] = make([]uint64, s.plan.Set().Slots())
		for i := range out[j] {
			out[j][i] = r
		}
	}
	return out
}

func (s *scene) modulus(level int) *big.Int {
	q := big.NewInt(1)
	for _, x := range s.plan.Set().Q[:level+1] {
		q.Mul(q, new(big.Int).SetUint64(x))
	}
	return q
}

// integers lifts a transformed polynomial to its coefficients in (−Q/2, Q/2].
func (s *scene) integers(p [][]uint64) []*big.Int {
	level := len(p) - 1
	q := s.modulus(level)
	basis := make([]*big.Int, len(p))
	plain := make([][]uint64, len(p))
	for j := range p {
		qj := new(big.Int).SetUint64(s.plan.Set().Q[j])
		m := new(big.Int).Quo(q, qj)
		basis[j] = new(big.Int).Mul(m, new(big.Int).ModInverse(m, qj))
		plain[j] = append([]uint64(nil), p[j]...)
		s.lab.Inverse(j, plain[j])
	}
	half := new(big.Int).Rsh(q, 1)
	out := make([]*big.Int, len(p[0]))
	t := new(big.Int)
	for i := range out {
		x := new(big.Int)
		for j := range p {
			x.Add(x, t.Mul(basis[j], t.SetUint64(plain[j][i])))
		}
		if x.Mod(x, q); x.Cmp(half) > 0 {
			x.Sub(x, q)
		}
		out[i] = x
	}
	return out
}

// secret is a key share: ternary coefficients.
type secret []int8

// errNoSecret: what was computed is no ternary polynomial.
var errNoSecret = errors.New("the result is no ternary polynomial")

// secretOf rounds coefficients to multiples of unit.
func secretOf(x []*big.Int, unit *big.Int) (secret, error) {
	out := make(secret, len(x))
	zeros := 0
	for i := range x {
		f := new(big.Rat).SetFrac(x[i], unit)
		v, _ := f.Float64()
		r := math.RoundToEven(v)
		if math.Abs(v-r) > 0.3 || math.Abs(r) > 1 {
			return nil, errNoSecret
		}
		out[i] = int8(r)
		if r == 0 {
			zeros++
		}
	}
	if zeros == 0 || zeros == len(x) {
		return nil, errNoSecret
	}
	return out, nil
}

// drawSecret is the key share of a member that is modelled here.
func (s *scene) drawSecret(r *rand.Rand) secret {
	out := make(secret, s.plan.Set().Slots())
	for i := range out {
		out[i] = int8(r.IntN(3)) - 1
	}
	return out
}

// small integers as a transformed polynomial modulo Q[0]…Q[level].
func (s *scene) lift(e []int8, level int) [][]uint64 {
	out := make([][]uint64, level+1)
	for j := range out {
		q := s.plan.Set().Q[j]
		out[j] = make([]uint64, len(e))
		for i, x := range e {
			if out[j][i] = uint64(x); x < 0 {
				out[j][i] = q - uint64(-x)
			}
		}
		s.lab.Transform(j, out[j])
	}
	return out
}

// drawError is an error polynomial of the standard width.
func (s *scene) drawError(r *rand.Rand) []int8 {
	e := make([]int8, s.plan.Set().Slots())
	for i := range e {
		e[i] = int8(math.Round(max(-19, min(19, 3.2*r.NormFloat64()))))
	}
	return e
}

// input opens a payer's input object with its key share and reads its private figures.
func (n *session) input(k secret) (num, den []int64, err error) {
	level := n.plan.Set().MaxLevel()
	c0 := n.polynomial(n.inputs[victim], level)
	a := n.lab.Reference(n.ref, level, "input", 0)
	slots, err := n.lab.Slots(n.each(c0, n.each(a, n.lift(k, level), mul), add), n.lab.InputScale())
	if err != nil {
		return nil, nil, err
	}
	return n.read(victim, slots)
}

// read solves one payer's slots for its figures. Who knows the plan knows what every slot carries.
func (s *scene) read(payer int, slots []float64) (num, den []int64, err error) {
	probe := func(n, d int64) ([]float64, error) {
		num, den := make([]int64, len(s.num[0])), make([]int64, len(s.den[0]))
		for i := range num {
			num[i], den[i] = n, d
		}
		return s.plan.Encode(payer, 0, num, den)
	}
	var base, d1, d2, n1 []float64
	for _, p := range []struct {
		to   *[]float64
		n, d int64
	}{{&base, 0, 0}, {&d1, 0, 1}, {&d2, 0, 2}, {&n1, 1, 2}} {
		if *p.to, err = probe(p.n, p.d); err != nil {
			return nil, nil, err
		}
	}
	num, den = make([]int64, len(s.num[0])), make([]int64, len(s.den[0]))
	for i := range num {
		for at := i * predicate.BlockSlots; at < (i+1)*predicate.BlockSlots; at++ {
			perDen, perNum := d2[at]-d1[at], n1[at]-d2[at]
			switch {
			case perDen != 0 && math.Abs(perNum) < 1e-12 && math.Abs(d1[at]-base[at]-perDen) < 1e-12:
				den[i] = int64(math.Round((slots[at] - base[at]) / perDen))
			case perNum != 0 && math.Abs(perDen) < 1e-12 && d1[at] == base[at]:
				num[i] = int64(math.Round((slots[at] - base[at]) / perNum))
			}
		}
	}
	return num, den, nil
}

// isVictims demands that figures are birch's own.
func (s *scene) isVictims(num, den []int64) error {
	for i := range den {
		if num[i] != s.num[victim][i] || den[i] != s.den[victim][i] {
			return fmt.Errorf("cell %d: these are not the payer's figures", i)
		}
	}
	return nil
}
