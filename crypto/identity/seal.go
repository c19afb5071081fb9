package identity

import (
	"crypto/hpke"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	encapsulatedSize = 1120 // an X-Wing ciphertext: 1088 of ML-KEM-768 and 32 of X25519
	publicKEMSize    = 1216 // 1184 of ML-KEM-768 and 32 of X25519
	tagSize          = 16   // AES-256-GCM

	// SealOverhead is how many bytes a sealed box is longer than its plaintext.
	SealOverhead = encapsulatedSize + tagSize

	sealLabel = "tacet/seal/v1"
)

var (
	kem  = hpke.MLKEM768X25519()
	kdf  = hpke.HKDFSHA256()
	aead = hpke.AES256GCM()
)

// ErrSealed is what Open's errors wrap: the box was not sealed to these keys
// with this info and aad, or it was changed.
var ErrSealed = errors.New("sealed box does not open")

// Seal encrypts plaintext to this member. info names the use and is bound into
// the key; aad is authenticated with the ciphertext. Two seals of the same
// plaintext differ.
func (p Public) Seal(info, aad, plaintext []byte) ([]byte, error) {
	pk, err := kem.NewPublicKey(p.HPKE)
	if err != nil {
		return nil, fmt.Errorf("sealing to %q: its key: %w", p.Name, err)
	}
	enc, s, err := hpke.NewSender(pk, kdf, aead, sealInfo(info))
	if err != nil {
		return nil, fmt.Errorf("sealing to %q: %w", p.Name, err)
	}
	ct, err := s.Seal(aad, plaintext)
	if err != nil {
		return nil, fmt.Errorf("sealing to %q: %w", p.Name, err)
	}
	return append(enc, ct...), nil
}

// Open decrypts a box that somebody sealed to this member with the same info
// and aad.
func (k *Keys) Open(info, aad, sealed []byte) ([]byte, error) {
	if len(sealed) < SealOverhead {
		return nil, fmt.Errorf("sealed box of %d bytes is shorter than %d: %w", len(sealed), SealOverhead, ErrSealed)
	}
	r, err := hpke.NewRecipient(sealed[:encapsulatedSize], k.hpke, kdf, aead, sealInfo(info))
	if err != nil {
		return nil, fmt.Errorf("opening as %s: encapsulated key: %w", k.Name(), ErrSealed)
	}
	plaintext, err := r.Open(aad, sealed[encapsulatedSize:])
	if err != nil {
		return nil, fmt.Errorf("opening as %s: %w", k.Name(), ErrSealed)
	}
	return plaintext, nil
}

func sealInfo(info []byte) []byte {
	b := make([]byte, 0, len(sealLabel)+8+len(info))
	b = append(b, sealLabel...)
	b = binary.BigEndian.AppendUint64(b, uint64(len(info)))
	return append(b, info...)
}
