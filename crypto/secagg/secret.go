package secagg

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/kem/xwing"
	"github.com/cloudflare/circl/secretsharing"
)

// Secrets are scalars of Ristretto255, so that circl's Shamir sharing takes them; everything else is derived from their encodings by HKDF.
var field = group.Ristretto255

const scalarSize = 32

// secret is one of a member's two: the seed of its key pair or the seed of its own mask.
type secret struct{ scalar group.Scalar }

// newSecret is the scalar that follows from a key. (circl's RandomScalar of this group draws from the system whatever it is given.)
func newSecret(key []byte) secret { return secret{scalarOf(key, 0)} }

func scalarOf(key []byte, i byte) group.Scalar {
	return field.HashToScalar(append([]byte{i}, key...), []byte("tacet/secagg/scalar"))
}

func (s secret) bytes() []byte {
	b, err := s.scalar.MarshalBinary()
	if err != nil {
		panic("secagg: encoding a scalar") // a scalar always encodes; the error's text is not quoted
	}
	return b
}

// share splits the secret: any threshold of the n shares give it back, fewer say nothing (Shamir 1979): values of a polynomial with coefficients from
// the key at 1 to n. Share i belongs to member i.
func (s secret) share(key []byte, threshold, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		x, y := field.NewScalar().SetUint64(uint64(i+1)), field.NewScalar()
		for c := threshold - 1; c > 0; c-- { // Horner
			y.Add(y, scalarOf(key, byte(c)))
			y.Mul(y, x)
		}
		out[i] = secret{y.Add(y, s.scalar)}.bytes()
	}
	return out
}

// combine recovers a secret from the shares of members, by index.
func combine(threshold int, shares map[int][]byte) (secret, error) {
	var all []secretsharing.Share
	for i, b := range shares {
		v := field.NewScalar()
		if err := v.UnmarshalBinary(b); err != nil {
			return secret{}, fmt.Errorf("secagg: share of member %d is no scalar", i)
		}
		all = append(all, secretsharing.Share{ID: field.NewScalar().SetUint64(uint64(i + 1)), Value: v})
	}
	v, err := secretsharing.Recover(uint(threshold-1), all)
	if err != nil {
		return secret{}, fmt.Errorf("secagg: %w", err)
	}
	return secret{v}, nil
}

// derive is HKDF-SHA-256 of a secret for one purpose in one round.
func derive(ikm []byte, round [32]byte, purpose string, n int, about ...byte) []byte {
	out, err := hkdf.Key(sha256.New, ikm, round[:], "tacet/secagg/"+purpose+"/"+string(about), n)
	if err != nil {
		panic("secagg: hkdf: " + err.Error()) // only for lengths that are never asked for
	}
	return out
}

// keyPair is the member's X-Wing pair (X25519 and ML-KEM-768), derived from its seed so that a reconstructed seed can be checked against the
// published key.
func keyPair(seed secret, round [32]byte) (private, public []byte) {
	return xwing.DeriveKeyPairPacked(derive(seed.bytes(), round, "key-pair", 32))
}

// encapsulate is what the member with this seed sends to member to; it is derived, so that it can be made again from the seed.
func encapsulate(seed secret, round [32]byte, to int, public []byte) (shared, ciphertext []byte, err error) {
	return xwing.Encapsulate(public, derive(seed.bytes(), round, "encapsulation", xwing.EncapsulationSeedSize, byte(to)))
}

// maskKey is the key of the mask that members a < b share: both encapsulations go into it.
func maskKey(round [32]byte, a, b int, aToB, bToA []byte) []byte {
	return derive(append(append([]byte{}, aToB...), bToA...), round, "pair-mask", 32, byte(a), byte(b))
}

// ownMaskKey is the key of the mask that a member adds for itself.
func ownMaskKey(s secret, round [32]byte) []byte { return derive(s.bytes(), round, "own-mask", 32) }

// commitment binds a member to a secret or a share before it is opened.
func commitment(round [32]byte, purpose string, member int, b []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte("tacet/secagg/commit/" + purpose))
	h.Write(round[:])
	h.Write([]byte{byte(member)})
	h.Write(b)
	return [32]byte(h.Sum(nil))
}

// box seals the two shares that member from gives to member to. The key is used once: the nonce is fixed.
func box(shared []byte, round [32]byte, from, to int) cipher.AEAD {
	b, err := aes.NewCipher(derive(shared, round, "share-box", 32, byte(from), byte(to)))
	if err != nil {
		panic("secagg: aes: " + err.Error())
	}
	g, err := cipher.NewGCM(b)
	if err != nil {
		panic("secagg: gcm: " + err.Error())
	}
	return g
}

var nonce = make([]byte, 12)

const boxSize = 2*scalarSize + 16

// apply adds (or subtracts) the key stream of a mask to v: AES-256-CTR, little-endian words, at memory speed.
func apply(v []uint64, key []byte, subtract bool) {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic("secagg: aes: " + err.Error())
	}
	const chunk = 4096
	stream := cipher.NewCTR(b, make([]byte, aes.BlockSize))
	var zero, out [8 * chunk]byte
	for len(v) > 0 {
		n := min(chunk, len(v))
		stream.XORKeyStream(out[:8*n], zero[:8*n])
		if subtract {
			for i := range v[:n] {
				v[i] -= binary.LittleEndian.Uint64(out[8*i:])
			}
		} else {
			for i := range v[:n] {
				v[i] += binary.LittleEndian.Uint64(out[8*i:])
			}
		}
		v = v[n:]
	}
}
