package identity

import (
	"crypto/hkdf"
	"crypto/sha256"
)

// ResetKey is a secret that stays the same over restarts, from which the link
// makes QUIC stateless reset tokens (RFC 9000, 10.3). It is derived from the
// link key's seed and tells nothing about it.
func (k *Keys) ResetKey() [32]byte {
	b, err := hkdf.Key(sha256.New, k.seeds.TLS, nil, "tacet/stateless-reset/v1", 32)
	if err != nil {
		panic("identity: deriving the reset key: " + err.Error()) // only for a length over 255 hashes
	}
	return [32]byte(b)
}
