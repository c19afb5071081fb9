package bounded

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"

	"github.com/cloudflare/circl/vdaf/prio3/arith/fp128"
)

// derive is HKDF-SHA-256 of a secret, or of a public hash, for one purpose in one round.
func derive(from []byte, round [32]byte, purpose string) []byte {
	b, err := hkdf.Key(sha256.New, from, round[:], "tacet/secagg/bounded/"+purpose, 32)
	if err != nil {
		panic("bounded: hkdf: " + err.Error()) // only for lengths that are never asked for
	}
	return b
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// keystream is AES-256-CTR under a key.
func keystream(key []byte) cipher.StreamReader {
	c, err := aes.NewCipher(key)
	if err != nil {
		panic("bounded: aes: " + err.Error())
	}
	return cipher.StreamReader{S: cipher.NewCTR(c, make([]byte, aes.BlockSize)), R: zeros{}}
}

// stream draws n bytes from a key.
func stream(key []byte, n uint) []byte {
	b := make([]byte, n)
	keystream(key).Read(b) // never fails: zeros do not
	return b
}

// expand draws n field elements from a key, with rejection of what is beyond the modulus.
func expand(key []byte, n int) fp128.Vec {
	v := make(fp128.Vec, n)
	if err := v.Random(keystream(key)); err != nil {
		panic("bounded: drawing field elements: " + err.Error()) // a rejection has probability 2^-60
	}
	return v
}

func encode(v fp128.Vec) []byte {
	b, err := v.MarshalBinary()
	if err != nil {
		panic("bounded: encoding field elements")
	}
	return b
}

func decode(b []byte) (fp128.Vec, error) {
	v := make(fp128.Vec, len(b)/fieldSize)
	return v, v.UnmarshalBinary(b)
}

// inner is ⟨rho, v⟩ plus the element after them: the tag of a share with its tag key at the end.
func inner(rho, v fp128.Vec) fp128.Fp {
	out := v[len(rho)]
	for i := range rho {
		var x fp128.Fp
		x.Mul(&rho[i], &v[i])
		out.AddAssign(&x)
	}
	return out
}
