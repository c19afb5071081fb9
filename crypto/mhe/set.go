package mhe

import (
	"fmt"
	"math/big"
	"math/bits"
)

// Set is one parameter set, as data. Sets are values; treat the slices as read-only.
type Set struct {
	Name     string
	Insecure bool // a small ring for tests: no security at all
	Alpha    int  // |F+½|/M ≥ 2^−Alpha: the span of forms that the sign polynomials of this set separate
	LogN     int  // degree of the ring; every coefficient carries one real slot
	Q, P     []uint64
	LogScale int // scale of a working ciphertext, and size of Q[1…]
	LogHigh  int // scale of the last stage: two primes a level

	id           byte // in every header: never reuse a number
	logMeanNoise int  // see flooding.go
}

// The moduli are listed and not generated, so that no arithmetic of a library can ever move them; a test derives them again.
var sets = []Set{
	{
		Name: "standard", id: 1, Alpha: 21, LogN: 15, LogScale: 47, LogHigh: 94, logMeanNoise: 17,
		Q: []uint64{
			0x10000000060001, 0x800000020001, 0x7ffffff00001, 0x7fffffe40001, 0x7fffffda0001, 0x800000280001, 0x7fffffc80001, 0x7fffffbc0001,
			0x800000520001, 0x7fffffae0001, 0x7fffff9c0001, 0x7fffff860001, 0x800000aa0001, 0x800000f80001, 0x7fffff060001, 0x1fc0001,
		},
		P: []uint64{0x40000000120001, 0x3fffffffd60001},
	},
	{
		Name: "wide", id: 2, Alpha: 26, LogN: 15, LogScale: 52, LogHigh: 104, logMeanNoise: 27,
		Q: []uint64{
			0x40000000120001, 0x10000000060001, 0xffffffff00001, 0x10000000180001, 0xfffffffe40001, 0x10000000200001, 0xfffffffe20001, 0x100000003e0001,
			0xfffffffbe0001, 0x10000000500001, 0xfffffffa60001, 0x100000006e0001, 0x100000007e0001, 0xfffffff820001, 0x1fc0001,
		},
		P: []uint64{0x3fffffffd60001, 0x400000002c0001},
	},
	{
		Name: "toy", id: 3, Insecure: true, Alpha: 21, LogN: 10, LogScale: 47, LogHigh: 94, logMeanNoise: 17,
	},
	{
		Name: "toy-wide", id: 4, Insecure: true, Alpha: 26, LogN: 10, LogScale: 52, LogHigh: 104, logMeanNoise: 27,
	},
	{ // for simulations of many runs: two cells a ciphertext, and special primes enough for two digits, which makes keys a third as large
		Name: "toy-tiny", id: 5, Insecure: true, Alpha: 21, LogN: 8, LogScale: 47, LogHigh: 94, logMeanNoise: 17,
		P: []uint64{
			0x80000000080001, 0x80000000440001, 0x7fffffffba0001, 0x80000000500001, 0x7fffffffaa0001, 0x800000005e0001, 0x7fffffff7e0001, 0x80000000ca0001,
		},
	},
}

// The toy sets use the moduli of their big brothers: a prime that splits in the large ring splits in the small one.
func init() {
	sets[2].Q, sets[2].P = sets[0].Q, sets[0].P
	sets[3].Q, sets[3].P = sets[1].Q, sets[1].P
	sets[4].Q = sets[0].Q
}

// Lookup finds a set by name: "standard", "wide", "toy", "toy-wide", "toy-tiny".
func Lookup(name string) (Set, error) {
	for _, s := range sets {
		if s.Name == name {
			return s, nil
		}
	}
	return Set{}, fmt.Errorf("unknown parameter set %q: use standard, wide, toy, toy-wide or toy-tiny", name)
}

// Slots is the number of real values in one ciphertext.
func (s Set) Slots() int { return 1 << s.LogN }

// MaxLevel is the level of a fresh input; the first rescaling leaves MaxLevel−1, which is also the level of every refreshed ciphertext.
func (s Set) MaxLevel() int { return len(s.Q) - 1 }

// TopLevel is the level after the first rescaling and after a refresh: where the evaluation starts.
func (s Set) TopLevel() int { return s.MaxLevel() - 1 }

// DecryptLevel is the level at which decryption shares are made: the lowest that holds a value of 14 bits at the high scale.
func (s Set) DecryptLevel() int {
	for l := range s.Q {
		if s.modulus(l).BitLen() > s.LogHigh+16 {
			return l
		}
	}
	panic("mhe: no level holds the result scale of set " + s.Name)
}

// LogQP is the size in bits of the largest modulus an adversary sees, rounded up.
func (s Set) LogQP() int {
	m := s.modulus(s.MaxLevel())
	for _, p := range s.P {
		m.Mul(m, new(big.Int).SetUint64(p))
	}
	return m.BitLen()
}

// modulus is Q[0]·…·Q[level].
func (s Set) modulus(level int) *big.Int {
	m := big.NewInt(1)
	for _, q := range s.Q[:level+1] {
		m.Mul(m, new(big.Int).SetUint64(q))
	}
	return m
}

// width is the number of bytes that carry one residue of q on the wire.
func width(q uint64) int { return (bits.Len64(q-1) + 7) / 8 }
